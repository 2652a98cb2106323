"""The assumptions that a conclusion hangs on, and what would flip it.

Beliefs are ranked by how much of an outcome's variance goes with them over futures that were played anyway
(`analyse/screening.py`). For each, the outcome's mean among the futures in which the belief is in its lowest fifth is
held against that in its highest: where the two fall on different sides of nothing, or into different words of
probability, the conclusion hangs on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import Numbers
from playout.analyse.outcome import Outcome
from playout.analyse.screening import correlation_ratios, ends

MANY = 5
FUTURES = 20_000
"""Futures looked at; more would not change the order."""
CLEAR = 3.0
"""Standard errors by which the two ends have to differ."""

LEAST = 0.005
"""A share of the variance under which a belief is no linchpin."""

Words = Callable[[float], str]
"""The word for a probability."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a belief: its fifth of draws reaches to ``edge`` (in the belief's unit), where the outcome's mean is
    ``mean``. only: the end is that one value."""

    edge: float
    mean: float
    se: float
    only: bool = False


@dataclass(frozen=True, slots=True)
class Linchpin:
    """A belief that an outcome hangs on. share: of the variance that goes with it. flips: whether the outcome changes
    its sign, or its word of probability, between the two ends."""

    belief: str
    outcome: Outcome
    share: float
    low: End
    high: End
    flips: bool


def linchpins(
    outcomes: Sequence[tuple[Outcome, Numbers]],
    names: Sequence[str],
    beliefs: Numbers,
    word: Words,
    many: int = MANY,
    unordered: Collection[str] = (),
) -> tuple[Linchpin, ...]:
    """The beliefs that any of the outcomes hangs on most, those that flip one first, each with the outcome that goes
    with it most closely.

    outcomes: with their values [futures]; names, beliefs: labels and values [labels, futures], in their units;
    unordered: labels of those whose values have no order. Beliefs whose two ends cannot be told apart are left out.
    """
    if not outcomes:
        return ()
    found: dict[str, Linchpin] = {}

    def rank(each: Linchpin) -> tuple[bool, float]:
        """What flips something comes before what does not, then what weighs more."""
        return each.flips, each.share

    told = np.vstack([values for _, values in outcomes])
    whole = np.isfinite(told).all(axis=0)
    told, drawn = told[:, whole], beliefs[:, whole]
    for (outcome, _), f, ratios in zip(outcomes, told, correlation_ratios(told, drawn), strict=True):
        for row in np.argsort(-ratios, kind="stable")[: 3 * many].tolist():
            share = float(ratios[row])
            low, high = belief_ends(f, drawn[row], ordered=names[row] not in unordered)
            if share < LEAST or abs(high.mean - low.mean) <= CLEAR * math.hypot(low.se, high.se):
                continue
            one = Linchpin(names[row], outcome, share, low, high, _flips(outcome, low.mean, high.mean, word))
            if names[row] not in found or rank(one) > rank(found[names[row]]):
                found[names[row]] = one
    return tuple(sorted(found.values(), key=rank, reverse=True)[:many])


def belief_ends(f: Numbers, drawn: Numbers, *, ordered: bool) -> tuple[End, End]:
    """A belief's two ends: the outcome ``f`` [futures] in its lowest and in its highest fifth; where its values have no
    order, at those at which the outcome's mean is least and greatest."""
    if not ordered:
        found = [_end(f, drawn, np.flatnonzero(drawn == value), value) for value in np.unique(drawn).tolist()]
        enough = [end for end in found if math.isfinite(end.se)] or found
        return min(enough, key=lambda end: end.mean), max(enough, key=lambda end: end.mean)
    low, high = ends(f, drawn)
    return _end(f, drawn, low, float(drawn[low].max())), _end(f, drawn, high, float(drawn[high].min()))


def _end(f: Numbers, drawn: Numbers, places: NDArray[np.int64], edge: float) -> End:
    """One end. places: of its futures."""
    own = f[places]
    se = float(own.std(ddof=1)) / math.sqrt(own.size) if own.size > 1 else math.inf
    return End(edge, float(own.mean()), se, only=own.size > 1 and bool((drawn[places] == edge).all()))


def _flips(outcome: Outcome, low: float, high: float, word: Words) -> bool:
    if outcome.chance:
        return word(low) != word(high)
    return low * high < 0.0
