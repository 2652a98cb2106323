"""Borgonovo's delta: how far knowing a belief moves an outcome's whole distribution, and not its variance alone.

    δ = ½ E_x ∫ |p(y | x) − p(y)| dy

which is the mean total variation distance between the outcome's distribution and what is left of it where x is known: 0
where x tells nothing, 1 where it tells all (E. Borgonovo, Reliability Engineering & System Safety 92, 2007). It needs
no further future: x and y are put into classes of about equal size (E. Plischke and others, European Journal of
Operational Research 226, 2013); a value that many futures share is a class of its own.

Distances between counted shares are never below 0, so by themselves they find something where there is nothing. Whether
a share goes up or down is therefore read from four fifths of the futures, and how far from the remaining fifth, five
times over: the estimate is then about 0 for a belief that tells nothing, and at most too low on average. Its standard
error is a bootstrap's (futures drawn again within their fifths), which is a little too large rather than too small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from playout.analyse.average import Mean
from playout.analyse.estimate import Numbers

FOLDS = 5
BOOTSTRAPS, BOOTSTRAP_SEED = 50, 1
"""How often the futures are drawn again from themselves for the standard error, and under which seed."""
FEWEST = 500
"""Futures below which nothing can be told."""
POWER = 0.3
"""The number of classes is that of futures to this power: 16 for 10,000."""


def deltas(outcome: Numbers, beliefs: Sequence[Numbers] | Numbers) -> list[Mean]:
    """Delta of each belief.

    outcome: [futures]; those in which it is not finite are left out. beliefs: [rows][futures]. Of fewer than FEWEST
    futures nothing is said: not a number.
    """
    whole = np.isfinite(outcome)
    n = int(np.count_nonzero(whole))
    if n < FEWEST:
        return [Mean(math.nan, math.nan, n) for _ in beliefs]
    many = round(n**POWER)
    answers = classes(outcome[whole], many)
    return [_delta(answers, classes(row[whole], many)) for row in beliefs]


def _delta(answers: NDArray[np.int64], known: NDArray[np.int64]) -> Mean:
    """answers, known: the class of outcome and belief in each future."""
    n, rows, columns = answers.size, int(known.max()) + 1, int(answers.max()) + 1
    if rows == 1 or columns == 1:
        return Mean(0.0, 0.0, n)
    cells = ((np.arange(n) % FOLDS) * rows + known) * columns + answers
    counts = np.bincount(cells, minlength=FOLDS * rows * columns).reshape(1, FOLDS, rows, columns)
    again = np.random.default_rng(BOOTSTRAP_SEED).poisson(counts, (BOOTSTRAPS, *counts.shape[1:]))
    return Mean(float(_distance(counts)[0]), float(_distance(again).std(ddof=1)), n)


def _distance(counts: NDArray[np.int64]) -> Numbers:
    """Delta from counts of futures [samples, folds, classes of the belief, classes of the outcome]: [samples]."""
    others = counts.sum(axis=1, keepdims=True) - counts
    way = np.sign(_among(others) - _among(others.sum(axis=2, keepdims=True)))
    gaps = _among(counts) - _among(counts.sum(axis=2, keepdims=True))
    weights = counts.sum(axis=3) / counts.sum(axis=(1, 2, 3))[:, np.newaxis, np.newaxis]
    found: Numbers = np.einsum("skm,skmj,skmj->s", weights, way, gaps) / 2
    return found


def _among(counts: NDArray[np.int64]) -> Numbers:
    """Counts as shares of the last axis."""
    shares: Numbers = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    return shares


def classes(values: Numbers, many: int) -> NDArray[np.int64]:
    """Values put into about ``many`` classes of about equal size, in order, [futures]: whole numbers from 0.

    A value that as many futures share as half a class holds is a class of its own.
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    own = counts * 2 * many > values.size
    below = np.cumsum(np.where(own, 0, counts)) - np.where(own, 0, counts)
    rest = max(int(counts[~own].sum()), 1)
    share = np.minimum(below * many // rest, many - 1)
    walls = 2 * np.cumsum(own) - own  # a value of its own parts what lies below it from what lies above
    code = walls * many + np.where(own, 0, share)
    found: NDArray[np.int64] = np.unique(code, return_inverse=True)[1][place]
    return found
