"""Estimates from counted futures, each with its Monte Carlo standard error.

A standard error says how far an estimate may lie from what endlessly many futures would give. It says nothing on how
sure the model is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from playout.simulate.odds import standard_error

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

Numbers: TypeAlias = NDArray[np.floating[Any]]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """A probability: the share of ``n`` futures in which something holds. ``se`` is √(p(1−p)/n)."""

    p: float
    se: float
    n: int


def ratio(above: Numbers, below: Numbers) -> tuple[float, float]:
    """The ratio of two means over the same futures, [futures] each, and its standard error to first order."""
    middle = float(below.mean())
    found = float(above.mean()) / middle
    return found, float(np.std(above - found * below, ddof=1)) / math.sqrt(below.size) / middle


def share(holds: Bools, among: Bools | None = None) -> Share | None:
    """The share of the futures ``among`` (all of them by default) in which something ``holds``; None of no futures.

    holds, among: [futures].
    """
    if among is None:
        return share_of(int(np.count_nonzero(holds)), int(holds.size))
    return share_of(int(np.count_nonzero(holds & among)), int(np.count_nonzero(among)))


def share_of(count: int, n: int) -> Share | None:
    """The share of ``n`` futures that ``count`` are; None of no futures."""
    if n == 0:
        return None
    p = count / n
    return Share(p, standard_error(p, n), n)


def largest_error(n: int) -> float:
    """What the standard error of a share of ``n`` futures is at most, √(¼/n)."""
    return 0.5 / math.sqrt(max(n, 1))


@dataclass(frozen=True, slots=True)
class Signs:
    """In which share of futures something lies above zero, and below, by more than can matter; an entry a period."""

    more: tuple[float, ...]
    less: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Something over futures, period by period; each sequence has one entry a period.

    se: of the mean, from the sample's standard deviation; not a number where there is one future only. quantiles: rows
    at QUANTILES, [5][periods]; None where they were not asked for.
    """

    mean: tuple[float, ...]
    se: tuple[float, ...]
    quantiles: tuple[tuple[float, ...], ...] | None
    n: int

    def among(self, periods: slice) -> Spread:
        """That of some of the periods."""
        rows = None if self.quantiles is None else tuple(row[periods] for row in self.quantiles)
        return Spread(self.mean[periods], self.se[periods], rows, self.n)


def joined(parts: Sequence[Spread]) -> Spread:
    """Spreads over the same futures, one period after the other."""
    rows = [part.quantiles for part in parts if part.quantiles is not None]
    return Spread(
        mean=tuple(itertools.chain.from_iterable(part.mean for part in parts)),
        se=tuple(itertools.chain.from_iterable(part.se for part in parts)),
        quantiles=tuple(tuple(itertools.chain.from_iterable(row)) for row in zip(*rows, strict=True)) or None,
        n=parts[0].n,
    )


def spread(values: Numbers) -> Spread:
    """The spread of ``values`` [periods, futures], of which there is one future at least."""
    return spreads(values, [0, values.shape[1]])[0]


def spreads(values: Numbers, bounds: Sequence[int]) -> list[Spread]:
    """The spread of ``values`` [periods, futures] over all futures, and over each group of them without quantiles.

    bounds: the groups lie one after the other, from ``bounds[i]`` to ``bounds[i + 1] - 1``, each of one future at
    least, and make up all. Sums are taken in double in the order of the futures, from a centre near the mean, so that
    they lose nothing that shows. Quantiles are those of the sample, with a line between neighbours.
    """
    periods, futures = values.shape
    sums = np.empty((2, len(bounds) - 1, periods))
    quantiles = np.empty((len(QUANTILES), periods))
    centres = values[:, : min(futures, 4096)].mean(axis=1, dtype=np.float64)
    for period, row in enumerate(values):
        from_centre = np.subtract(row, centres[period], dtype=np.float64)
        sums[0, :, period] = np.add.reduceat(from_centre, bounds[:-1])
        sums[1, :, period] = np.add.reduceat(np.square(from_centre, out=from_centre), bounds[:-1])
        quantiles[:, period] = _quantiles(np.sort(row))
    rows = tuple(tuple(row) for row in quantiles.tolist())
    whole = _spread(sums.sum(axis=1), centres, futures, rows)
    return [whole, *(_spread(sums[:, k], centres, bounds[k + 1] - bounds[k]) for k in range(len(bounds) - 1))]


def _spread(sums: Numbers, centres: Numbers, n: int, quantiles: tuple[tuple[float, ...], ...] | None = None) -> Spread:
    """sums: of distances from the centres and of their squares, [2, periods]."""
    mean = centres + sums[0] / n
    se = np.full(len(mean), np.nan)
    if n > 1:
        se = np.sqrt(np.maximum(sums[1] - sums[0] ** 2 / n, 0.0) / (n - 1) / n)
    return Spread(tuple(mean.tolist()), tuple(se.tolist()), quantiles, n)


def _quantiles(ordered: Numbers) -> Numbers:
    """At QUANTILES, of values in their order: a line between the two neighbours of place q·(n − 1)."""
    places = np.array(QUANTILES) * (len(ordered) - 1)
    below = np.floor(places).astype(np.intp)
    low = ordered[below].astype(np.float64)
    high = ordered[np.minimum(below + 1, len(ordered) - 1)].astype(np.float64)
    return np.asarray(low + (high - low) * (places - below))


def first_at(ordered: Numbers) -> Numbers:
    """At QUANTILES, of values in their order: the first that so many are not above."""
    ranks = [max(0, math.ceil(q * len(ordered) - 1e-6) - 1) for q in QUANTILES]
    return ordered[ranks]
