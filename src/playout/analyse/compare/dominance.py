"""Which of two ways is at least as good in everything, if either is.

One dominates another where, in every measure and every view, it is the same in all futures or better beyond doubt, and
better in one at least. Better beyond doubt is by more than `SURE` standard errors of the difference, over
`FEWEST_FOR_A_VIEW` futures or more: of a handful neither the error is known nor what is rare. Standard errors of
differences obey the triangle inequality, so that what dominates what dominates a third dominates the third.

Of points, where an objective was stated, there is first-order stochastic dominance too: one way is at least as likely
as the other to reach any number of points (J. Hadar and W. R. Russell, American Economic Review 59, 1969).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playout.analyse.average import FEWEST_FOR_A_VIEW, Average, Mean
from playout.analyse.compare.difference import Difference
from playout.analyse.estimate import Numbers

SURE = 2.0
"""Standard errors beyond which a difference counts as more than chance."""

Standing = Literal["dominates", "may dominate", "neither"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one way stands to another: over all measures and views, in how many it is better beyond doubt, worse beyond
    doubt, the same in every future, and in how many the difference lies within the doubt."""

    better: int
    worse: int
    same: int
    open: int

    @property
    def standing(self) -> Standing:
        if self.worse or not self.better:
            return "neither"
        return "may dominate" if self.open else "dominates"


def verdict(differences: Iterable[tuple[Difference, float]]) -> Verdict:
    """Of differences, each with which way is better: 1 where more is, -1 where less is."""
    counts = {"better": 0, "worse": 0, "same": 0, "open": 0}
    for found, better in differences:
        for mean in _means(found.mean):
            counts[_standing(mean, better)] += 1
    return Verdict(**counts)


def _means(average: Average) -> Sequence[Mean]:
    """By view, or over all where there are no views."""
    return list(average.by_view.values()) or [average.whole]


def _standing(mean: Mean, better: float) -> str:
    if mean.value == 0.0 and mean.se == 0.0:
        return "same"
    if mean.n < FEWEST_FOR_A_VIEW or not abs(mean.value) > SURE * mean.se:
        return "open"
    return "better" if mean.value * better > 0.0 else "worse"


@dataclass(frozen=True, slots=True)
class FirstOrder:
    """How two distributions of points lie. above: the most by which the first is likelier than the second to reach a
    number of points; below: the most by which it is less likely. allowed: the gap that chance explains.

    Each gap is at most 1. allowed is the one-sided 2.5% point of Kolmogorov and Smirnov for two samples of n,
    √(ln(40)/n), which is too wide for samples that share their draws, and so errs towards saying nothing.
    """

    above: float
    below: float
    allowed: float

    @property
    def standing(self) -> Standing:
        if self.above <= self.allowed or self.below > self.allowed:
            return "neither"
        return "dominates" if self.below <= 0.0 else "may dominate"


def first_order(first: Numbers, second: Numbers) -> FirstOrder:
    """Of points in each future, [futures] each, in order from the least."""
    n = len(first)
    places = np.concatenate([first, second])
    under = np.searchsorted(first, places, side="right") - np.searchsorted(second, places, side="right")
    return FirstOrder(
        above=max(0.0, float(-under.min()) / n),
        below=max(0.0, float(under.max()) / n),
        allowed=math.sqrt(math.log(40.0) / n),
    )
