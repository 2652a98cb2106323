"""Estimates from counted futures, each with its Monte Carlo standard error.

A standard error says how far an estimate may lie from what endlessly many futures would give. It says nothing on how
sure the model is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

Numbers = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """A probability: the share of ``n`` futures in which something holds. ``se`` is √(p(1−p)/n)."""

    p: float
    se: float
    n: int


def share(holds: Bools, among: Bools | None = None) -> Share | None:
    """The share of the futures ``among`` (all of them by default) in which something ``holds``; None of no futures.

    holds, among: [futures].
    """
    counted = holds if among is None else holds[among]
    n = int(counted.size)
    if n == 0:
        return None
    p = float(np.count_nonzero(counted)) / n
    return Share(p, math.sqrt(p * (1.0 - p) / n), n)


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


def spread(values: Numbers, *, quantiles: bool = True) -> Spread:
    """The spread of ``values`` [periods, futures], of which there is one future at least."""
    n = values.shape[1]
    mean = values.mean(axis=1)
    se = values.std(axis=1, ddof=1) / math.sqrt(n) if n > 1 else np.full(len(values), np.nan)
    rows = None
    if quantiles:
        rows = tuple(tuple(row) for row in np.quantile(values, QUANTILES, axis=1).tolist())
    return Spread(tuple(mean.tolist()), tuple(se.tolist()), rows, n)
