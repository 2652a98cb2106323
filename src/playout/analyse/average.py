"""Means over futures, in all of them and in each view, and with every view given the same weight."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playout.analyse.estimate import Bools, Numbers

FEWEST_FOR_A_VIEW = 100
"""A view that fewer futures hold is left out of ranges: its share would be mostly chance."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over n futures, with its Monte Carlo standard error (not a number for one future)."""

    value: float
    se: float
    n: int


@dataclass(frozen=True, slots=True)
class Average:
    """A mean over all futures, each view weighing by its credence, and in each view that enough futures hold.

    left_out: whether there are views that too few hold.
    """

    whole: Mean
    by_view: Mapping[str, Mean]
    left_out: bool = False

    @property
    def ranged(self) -> bool:
        """Whether there is a range over views: of one view there is none."""
        return len(self.by_view) > 1

    @property
    def low(self) -> float:
        """The least over views; the mean itself where there is no range."""
        return min(mean.value for mean in self.by_view.values()) if self.ranged else self.whole.value

    @property
    def high(self) -> float:
        """The greatest over views."""
        return max(mean.value for mean in self.by_view.values()) if self.ranged else self.whole.value

    @property
    def equal(self) -> Mean | None:
        """The mean with equal weight on every view; None without views, and where one is left out: of the others alone
        it would be another number."""
        if not self.by_view or self.left_out:
            return None
        means = self.by_view.values()
        se = math.sqrt(sum(mean.se**2 for mean in means)) / len(means)
        return Mean(sum(mean.value for mean in means) / len(means), se, sum(mean.n for mean in means))


def average(values: Numbers, views: Mapping[str, Bools], among: Bools | None = None) -> Average | None:
    """The average of ``values`` [futures], numbers that are not finite left out, over the futures ``among``.

    views: which futures hold each view. None where no future is left.
    """
    counted = np.isfinite(values) if among is None else np.isfinite(values) & among
    if not counted.any():
        return None
    by_view = {name: _mean(values[counted & held]) for name, held in views.items()}
    told = {name: mean for name, mean in by_view.items() if mean.n >= FEWEST_FOR_A_VIEW}
    return Average(_mean(values[counted]), told, left_out=len(told) < len(by_view))


def _mean(values: Numbers) -> Mean:
    """The error is that of a share, √(p(1−p)/n), where every value is 0 or 1."""
    n = int(values.size)
    if n == 0:
        return Mean(math.nan, math.nan, 0)
    share = bool(np.isin(values, (0.0, 1.0)).all())
    se = float(values.std(ddof=0 if share else 1)) / math.sqrt(n) if n > 1 or share else math.nan
    return Mean(float(values.mean()), se, n)
