"""What each choice would cost in the view that turns out right: regret, and the choice whose greatest regret is least.

In a view, the regret of a choice is the points of the best choice there less its own (L. J. Savage, Journal of the
American Statistical Association 46, 1951). The best is the best of those compared; which one it is is read from the
same futures, so that where two are close, regret is a little too small.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playout.analyse.average import Mean
from playout.analyse.compare.difference import Groups
from playout.analyse.estimate import Numbers


@dataclass(frozen=True, slots=True)
class Regret:
    """Of one choice, in points. by_view: in each view that enough futures hold; over all futures where there is none.

    greatest: over views, and in which. expected: each view weighing as many futures as hold it.
    """

    by_view: Mapping[str, Mean]
    greatest: Mean
    where: str
    expected: Mean


@dataclass(frozen=True, slots=True)
class Regrets:
    """Of each choice, in their order. best: by view, the choice with most points. minimax: the choice whose greatest
    regret is least, by position. margin: by how much less it is than that of the next; None for a lone choice."""

    choices: tuple[Regret, ...]
    best: Mapping[str, int]
    minimax: int
    margin: Mean | None


ALL_FUTURES = ""
"""What stands for a view's name where there are no views."""


def regrets(points: Numbers, groups: Groups) -> Regrets:
    """Regrets of choices. points: [choices, futures], in the order of the groups."""
    table = _Table.of(points, groups)
    best = table.means.argmax(axis=0)
    choices = [_regret(table, own, best) for own in range(len(points))]
    ordered = sorted(range(len(points)), key=lambda own: choices[own].greatest.value)
    margin = None
    if len(points) > 1:
        first, second = ordered[:2]
        weights = _worst(table, second, choices[second], best) - _worst(table, first, choices[first], best)
        margin = table.contrast(weights)
    names = {name: int(best[place]) for place, name in enumerate(table.names)}
    return Regrets(tuple(choices), names, ordered[0], margin)


def _regret(table: _Table, own: int, best: np.ndarray) -> Regret:
    by_view = {name: table.contrast(table.gap(own, best, place)) for place, name in enumerate(table.names)}
    where = max(by_view, key=lambda name: by_view[name].value)
    shares = table.sizes / table.sizes.sum()
    expected = sum(share * table.gap(own, best, place) for place, share in enumerate(shares))
    return Regret(by_view, by_view[where], where, table.contrast(np.asarray(expected)))


def _worst(table: _Table, own: int, regret: Regret, best: np.ndarray) -> Numbers:
    return table.gap(own, best, table.names.index(regret.where))


@dataclass(frozen=True, slots=True)
class _Table:
    """Mean points by choice and view, [choices, views], and the futures behind them."""

    points: Sequence[Numbers]
    means: Numbers
    names: tuple[str, ...]
    sizes: np.ndarray

    @classmethod
    def of(cls, points: Numbers, groups: Groups) -> _Table:
        told = groups.told
        parts = [points[:, part] for part, name in zip(groups.slices(), groups.names, strict=False) if name in told]
        parts = parts or [points]
        means = np.stack([part.mean(axis=1) for part in parts], axis=1)
        return cls(parts, means, told or (ALL_FUTURES,), np.array([part.shape[1] for part in parts]))

    def gap(self, own: int, best: np.ndarray, place: int) -> Numbers:
        """The weights of the best choice's mean points in one view less this choice's, [choices, views]."""
        weights = np.zeros_like(self.means)
        weights[best[place], place] += 1.0
        weights[own, place] -= 1.0
        return weights

    def contrast(self, weights: Numbers) -> Mean:
        """A weighted sum of mean points, with its error: views have futures of their own, choices share theirs."""
        variance = 0.0
        for place, part in enumerate(self.points):
            used = np.flatnonzero(weights[:, place])
            if len(used):
                summed = weights[used, place] @ part[used]
                variance += float(summed.var(ddof=1)) / part.shape[1]
        return Mean(float((weights * self.means).sum()), math.sqrt(variance), int(self.sizes.sum()))
