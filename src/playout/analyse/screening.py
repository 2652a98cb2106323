"""Which beliefs go with an outcome, read from futures that were played anyway.

Futures are put into bins of equal size by a belief's value; the share of the outcome's variance that lies between the
bins' means is Pearson's correlation ratio, an estimate of the belief's first-order effect (Saltelli and others, Global
Sensitivity Analysis, 2008, section 1.2). It needs no further future, knows no direction, and misses what a belief does
only together with others; `analyse/shares.py` measures total effects for that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import Numbers

BINS = 20
FIFTH = 0.2
"""The share of futures at either end of a belief whose outcomes are compared."""


def correlation_ratios(values: Numbers, beliefs: Numbers) -> Numbers:
    """The share of the variance of each row of ``values`` [outcomes, futures] that goes with each row of ``beliefs``
    [rows, futures]: [outcomes, rows].

    Adjusted for the bins, as R² is for parameters, so that a belief with no effect has 0 on average; never below 0.
    Zeros where nothing varies or there are fewer than two futures a bin.
    """
    many, n = values.shape
    found = np.zeros((many, len(beliefs)))
    if n < 2 * BINS:
        return found
    about = values - values.mean(axis=1, keepdims=True)
    total = (about**2).sum(axis=1)
    varying = total > 0.0
    starts = np.arange(BINS) * n // BINS
    sizes = np.diff(np.append(starts, n))
    for row, drawn in enumerate(beliefs):
        if drawn.min() == drawn.max():
            continue
        sums = np.add.reduceat(about[:, np.argsort(drawn, kind="stable")], starts, axis=1)
        between = (sums**2 / sizes).sum(axis=1)
        left = 1.0 - np.divide(between, total, out=np.zeros(many), where=varying)
        found[:, row] = np.maximum(0.0, 1.0 - left * (n - 1) / (n - BINS))
    return found


def ends(values: Numbers, drawn: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which futures have a belief in its lowest and in its highest fifth: two arrays of positions.

    Equal values are never parted: of a belief that takes few values, an end is those whole values that make up no more
    than a fifth, or the lowest (highest) value where that alone makes up more.
    """
    order = np.argsort(drawn, kind="stable")
    ordered = drawn[order]
    many = max(1, int(FIFTH * values.size))
    return order[: _whole_values(ordered, many)], order[values.size - _whole_values(-ordered[::-1], many) :]


def _whole_values(ordered: Numbers, many: int) -> int:
    """How many of the first values, in their order, make up whole runs of equal ones: no more than ``many`` where that
    is a run at least, else the first run."""
    if many >= ordered.size or ordered[many - 1] < ordered[many]:
        return many
    below = int(np.searchsorted(ordered, ordered[many], side="left"))
    return below or int(np.searchsorted(ordered, ordered[0], side="right"))
