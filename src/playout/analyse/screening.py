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
    """The share of the variance of ``values`` [futures] that goes with each row of ``beliefs`` [rows, futures].

    Adjusted for the bins, as R² is for parameters, so that a belief with no effect has 0 on average; never below 0.
    Zeros where nothing varies or there are fewer than two futures a bin.
    """
    n = values.size
    total = float(((values - values.mean()) ** 2).sum()) if n else 0.0
    found = np.zeros(len(beliefs))
    if total <= 0.0 or n < 2 * BINS:
        return found
    place = np.minimum(np.arange(n) * BINS // n, BINS - 1)
    sizes = np.bincount(place, minlength=BINS)
    for row, drawn in enumerate(beliefs):
        if drawn.min() == drawn.max():
            continue
        means = np.bincount(place, weights=values[np.argsort(drawn, kind="stable")], minlength=BINS) / sizes
        between = float((sizes * (means - values.mean()) ** 2).sum())
        found[row] = max(0.0, 1.0 - (1.0 - between / total) * (n - 1) / (n - BINS))
    return found


def ends(values: Numbers, drawn: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which futures have a belief in its lowest and in its highest fifth: two arrays of positions."""
    order = np.argsort(drawn, kind="stable")
    many = max(1, int(FIFTH * values.size))
    return order[:many], order[-many:]
