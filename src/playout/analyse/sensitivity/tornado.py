"""Tornado: an outcome's mean where a belief lies in its lowest fifth, and where it lies in its highest.

Read from futures that were played anyway. Of a belief with several members, the one that the outcome goes with most
closely is shown; of the choice of a view, the views in which the outcome is least and greatest,
among those that enough futures hold; of a belief whose
values have no order, the values at which it is.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playout.analyse.average import FEWEST_FOR_A_VIEW, Mean
from playout.analyse.estimate import Bools, Numbers
from playout.analyse.linchpins import End, belief_ends
from playout.analyse.screening import correlation_ratios
from playout.analyse.sensitivity.factors import Factor


@dataclass(frozen=True, slots=True)
class Bar:
    """One factor's bar. label: the column of `Runs.beliefs` that it is of, with its two ends' edges in that belief's
    unit; or the choice of a view, whose ends are views (low_view, high_view) and have no edge."""

    factor: Factor
    label: str
    low: End
    high: End
    low_view: str = ""
    high_view: str = ""

    @property
    def moves(self) -> float:
        """How much the outcome is greater at the high end than at the low one."""
        return self.high.mean - self.low.mean

    @property
    def se(self) -> float:
        """The standard error of `moves`."""
        return math.hypot(self.low.se, self.high.se)


def tornado(
    outcome: Numbers,
    factors: Sequence[Factor],
    beliefs: Mapping[str, Numbers],
    views: Mapping[str, Bools],
    unordered: Collection[str] = (),
) -> tuple[Bar, ...]:
    """A bar for each factor that has ends, in the order of the factors.

    outcome: [futures], not a number where a future stopped. beliefs: label → values [futures] in its unit, for every
    label of the factors. views: which futures hold each view. unordered: labels of beliefs whose values have no order.
    """
    whole = np.isfinite(outcome)
    f = outcome[whole]
    bars = []
    for factor in factors:
        if factor.kind == "belief" and f.size > 1:
            drawn = [(label, beliefs[label][whole]) for label in factor.labels]
            varying = [(label, values) for label, values in drawn if values.min() < values.max()]
            bars += _bar(factor, f, varying, unordered)
        elif factor.kind == "view":
            bars += _view_bar(factor, f, {name: held[whole] for name, held in views.items()})
    return tuple(bars)


def _bar(factor: Factor, f: Numbers, drawn: Sequence[tuple[str, Numbers]], unordered: Collection[str]) -> list[Bar]:
    """None of a belief that is one number here, because of the policy that is played."""
    if not drawn:
        return []
    best = 0
    if len(drawn) > 1:
        best = int(correlation_ratios(f[np.newaxis], np.vstack([values for _, values in drawn]))[0].argmax())
    label, values = drawn[best]
    return [Bar(factor, label, *belief_ends(f, values, ordered=label not in unordered))]


def _view_bar(factor: Factor, f: Numbers, views: Mapping[str, Bools]) -> list[Bar]:
    means = {name: _mean(f[held]) for name, held in views.items() if np.count_nonzero(held) >= FEWEST_FOR_A_VIEW}
    if len(means) < 2:
        return []
    least, most = (pick(means, key=lambda name: means[name].value) for pick in (min, max))
    low, high = (End(math.nan, means[name].value, means[name].se) for name in (least, most))
    return [Bar(factor, factor.name, low, high, low_view=least, high_view=most)]


def _mean(f: Numbers) -> Mean:
    return Mean(float(f.mean()), float(f.std(ddof=1)) / math.sqrt(f.size), f.size)
