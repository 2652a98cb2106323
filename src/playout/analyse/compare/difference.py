"""Two ways of playing the same futures, held against each other future by future.

Both share their draws, so that what differs is the doing of what was changed. Had each been played under draws of its
own, the variance of a difference would be the sum of both variances; by how much it is smaller is its sureness (common
random numbers: P. Glasserman and D. D. Yao, Management Science 38(6), 1992).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.average import FEWEST_FOR_A_VIEW, Average, Mean
from playout.analyse.estimate import Bools, Numbers, Share, share_of

TIE = 1e-6
"""Two values that lie no further apart than this share of the larger are the same: single precision rounds so much."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Futures in the order in which they are compared, those of one view after those of another.

    order: their numbers. names: of the views that some of them hold, empty where none were drawn. bounds: where each
    group begins and, last, where all end; one group where there are no views. sizes: of the groups. told: the views
    that enough futures hold to be spoken of; left_out: those that too few do, or none.
    """

    order: NDArray[np.intp]
    names: tuple[str, ...]
    bounds: tuple[int, ...]
    sizes: tuple[int, ...]
    told: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, counted: Bools, views: NDArray[np.int64], names: Sequence[str], asked: Collection[str] | None = None
    ) -> Groups:
        """The futures counted, by view. views: the position of each future's among ``names``, which may be none. asked:
        the views that are to be spoken of where enough futures hold them, all by default."""
        found = np.flatnonzero(counted)
        held = views[found] if names else np.zeros(len(found), np.int64)
        counts = np.bincount(held, minlength=max(1, len(names)))
        there = [place for place, size in enumerate(counts.tolist()) if size]
        sizes = tuple(counts[there].tolist())
        own = tuple(names[place] for place in there) if names else ()
        told = tuple(name for name, size in zip(own, sizes, strict=False) if size >= FEWEST_FOR_A_VIEW)
        bounds = (0, *itertools.accumulate(sizes))
        left_out = tuple(name for name in names if name not in told and (asked is None or name in asked))
        return cls(found[np.argsort(held, kind="stable")], own, bounds, sizes, told, left_out)

    @property
    def n(self) -> int:
        """How many futures are compared."""
        return self.bounds[-1]

    def sums(self, values: NDArray[np.generic]) -> Numbers:
        """Sums of values [futures], in their order here, by group."""
        return np.asarray(np.add.reduceat(values, self.bounds[:-1], dtype=np.float64))

    def slices(self) -> list[slice]:
        """Each group's futures."""
        return [slice(low, high) for low, high in itertools.pairwise(self.bounds)]

    def average(self, values: Numbers) -> Average:
        """The mean of values [futures], over all and by view."""
        centre = float(values[: min(len(values), 4096)].mean(dtype=np.float64))
        about = np.subtract(values, centre, dtype=np.float64)
        return self.averaged(self.sums(about), self.sums(np.square(about, out=about)), centre)

    def averaged(self, sums: Numbers, squares: Numbers, centre: float = 0.0) -> Average:
        """The same from sums over each group of distances from a centre and of their squares."""
        whole = _mean(float(sums.sum()), float(squares.sum()), self.n, centre)
        by_view = {}
        for place, name in enumerate(self.names):
            if name in self.told:
                by_view[name] = _mean(float(sums[place]), float(squares[place]), self.sizes[place], centre)
        return Average(whole, by_view, left_out=bool(self.left_out))


def _mean(total: float, squares: float, n: int, centre: float) -> Mean:
    """From the sum of distances from a centre and of their squares; the error is not a number for one future."""
    se = math.sqrt(max(squares - total * total / n, 0.0) / (n - 1) / n) if n > 1 else math.nan
    return Mean(centre + total / n, se, n)


@dataclass(frozen=True, slots=True)
class Difference:
    """One outcome under one way less the same under another, future by future.

    mean: over all futures and by view. lower, higher: the share of futures in which it is less, or more, than under the
    other; in the rest it is the same (see `TIE`). sureness: the variance that the difference would have under draws of
    its own for each, over the one it has; None where the difference is the same in every future.
    """

    mean: Average
    lower: Share
    higher: Share
    sureness: float | None

    @property
    def same(self) -> Share:
        """The share of futures in which both have the same."""
        found = share_of(self.lower.n - _count(self.lower) - _count(self.higher), self.lower.n)
        assert found is not None
        return found

    def beats(self, better: float) -> Share:
        """The share of futures in which the first does better. better: 1 where more is, -1 where less is."""
        return self.higher if better > 0.0 else self.lower

    def reversed(self) -> Difference:
        """The other less this one."""
        by_view = {name: _negative(mean) for name, mean in self.mean.by_view.items()}
        return Difference(
            Average(_negative(self.mean.whole), by_view, self.mean.left_out), self.higher, self.lower, self.sureness
        )


def _count(share: Share) -> int:
    return round(share.p * share.n)


def _negative(mean: Mean) -> Mean:
    return Mean(-mean.value if mean.value else 0.0, mean.se, mean.n)


def subtracted(first: NDArray[np.floating], second: NDArray[np.floating]) -> Numbers:
    """First less second, [futures] each: 0 where they tie (see `TIE`)."""
    found: Numbers = np.subtract(first, second)
    largest = np.maximum(np.abs(first), np.abs(second))
    found[np.abs(found) <= np.multiply(largest, TIE, out=largest)] = 0.0
    return found


def difference(found: Numbers, groups: Groups, variance: float) -> Difference:
    """What `subtracted` found of one outcome, [futures]. variance: the sum of both outcomes' own."""
    lower, higher = share_of(int((found < 0.0).sum()), groups.n), share_of(int((found > 0.0).sum()), groups.n)
    assert lower is not None
    assert higher is not None
    mean = groups.averaged(groups.sums(found), groups.sums(np.square(found, dtype=np.float64)))
    own = mean.whole.se**2 * groups.n
    return Difference(mean, lower, higher, variance / own if own > TIE**2 * variance else None)
