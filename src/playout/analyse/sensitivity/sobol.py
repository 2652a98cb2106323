"""Shares of variance: what goes with a factor alone, what is lost without it, and what two factors do together.

Two independent samples A and B of all factors are played, and A again with factor i from B (A_B^i), row by row. With f
centred on its mean and V its variance:

    first order   S_i  = E[f(B) (f(A_B^i) − f(A))] / V           (Saltelli and others 2010, table 2, row b)
    total order   T_i  = E[(f(A) − f(A_B^i))²] / 2V              (Jansen 1999; the same table, row f)
    second order  S_ij = E[f(B_A^i) f(A_B^j) − f(A) f(B)] / V − S_i − S_j            (Saltelli 2002, theorem 2)

A. Saltelli, Computer Physics Communications 145, 2002; A. Saltelli and others, Computer Physics Communications 181,
2010; M. J. W. Jansen, Computer Physics Communications 117, 1999. Rows are independent draws, so every index is a ratio
of means over rows and has a standard error in closed form, to first order. A row in which a future stopped is left out
of the indices that read it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from playout.analyse.average import Mean
from playout.analyse.estimate import Numbers, ratio

NOTHING = Mean(math.nan, math.nan, 0)
"""The index of an outcome that does not vary, or of which too few rows are left."""


def first_order(f_a: Numbers, f_b: Numbers, f_ab: Numbers) -> Mean:
    """The share of the variance that goes with a factor alone.

    f_a, f_b, f_ab: [rows], the outcome under A, B and A_B^i. About 0 for a factor without effect, below it by chance.
    """
    return _index(f_a, f_b, lambda a, b, ab: b * (ab - a), f_ab)


def total_order(f_a: Numbers, f_b: Numbers, f_ab: Numbers) -> Mean:
    """The share of the variance that would be left if all but a factor were known; arguments as of `first_order`.

    0 exactly for a factor without effect, never below.
    """
    return _index(f_a, f_b, lambda a, b, ab: (a - ab) ** 2 / 2, f_ab)


def second_order(f_a: Numbers, f_b: Numbers, f_ab: tuple[Numbers, Numbers], f_ba: tuple[Numbers, Numbers]) -> Mean:
    """The share of the variance that goes with two factors together, beyond what goes with each alone.

    f_ab, f_ba: the outcome under A_B and B_A of the one factor and of the other, [rows] each. The two ways of pairing
    them are averaged, and so are the two estimates of each first order.
    """

    def joint(a: Numbers, b: Numbers, *mixed: Numbers) -> Numbers:
        """What the mean over rows of gives V times the index."""
        ab_i, ab_j, ba_i, ba_j = mixed
        closed = (ba_i * ab_j + ba_j * ab_i) / 2 - a * b
        alone = [(b * (ab - a) + a * (ba - b)) / 2 for ab, ba in ((ab_i, ba_i), (ab_j, ba_j))]
        return closed - alone[0] - alone[1]

    return _index(f_a, f_b, joint, *f_ab, *f_ba)


def whole_rows(*outcomes: Numbers) -> NDArray[np.bool_]:
    """The rows in which no future stopped, [rows]."""
    return np.asarray(np.isfinite(np.vstack(outcomes)).all(axis=0))


def _index(f_a: Numbers, f_b: Numbers, numerator: Callable[..., Numbers], *mixed: Numbers) -> Mean:
    """The ratio of the mean of ``numerator``, of centred outcomes, to the variance over A and B."""
    whole = whole_rows(f_a, f_b, *mixed)
    n = int(np.count_nonzero(whole))
    if n < 2:
        return NOTHING
    middle = (f_a[whole].mean() + f_b[whole].mean()) / 2
    a, b, *rest = (f[whole] - middle for f in (f_a, f_b, *mixed))
    about = (a**2 + b**2) / 2
    if about.mean() <= 0.0:
        return NOTHING
    return Mean(*ratio(numerator(a, b, *rest), about), n)
