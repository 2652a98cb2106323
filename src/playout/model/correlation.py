"""Correlated beliefs: from Spearman correlations to the factor that ties normal scores together.

Beliefs named in `together` are joined by a Gaussian copula. Spearman's ρ of two monotone functions of jointly normal
scores with correlation r is (6/π) asin(r/2), so the scores get r = 2 sin(πρ/6) (Pearson 1907; Kruskal, JASA 53, 1958).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: A pivot at or below this means that the last scores follow from the ones before: the matrix is not positive definite.
_LEAST_PIVOT = 1e-10


class CorrelationError(ValueError):
    """Correlations no joint law can have. ``pairs`` are the names of the pairs to look at, the worst first."""

    def __init__(self, message: str, pairs: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.pairs = pairs


def score_correlation(rho: float) -> float:
    """The correlation of normal scores that gives Spearman's ρ: 2 sin(πρ/6)."""
    return 2.0 * math.sin(math.pi * rho / 6.0)


def copula_factor(names: Sequence[str], rho: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lower Cholesky factor of the scores' correlations: independent scores z become factor @ z.

    ``names`` [n], for messages; ``rho`` [n, n]: Spearman correlations, symmetric with ones on the diagonal. A row
    without correlations is a row of the identity, and the factor of the others does not depend on it.
    Refuses, with a CorrelationError, a matrix that is none, and one that is not positive definite: the pairs are those
    which weigh most in the combination of beliefs whose variance would be zero or negative.
    """
    rho = np.asarray(rho, dtype=np.float64)
    n = len(names)
    if rho.shape != (n, n) or not np.array_equal(rho, rho.T) or not np.all(np.diag(rho) == 1.0):
        raise ValueError(f"correlations of {n} beliefs want a symmetric {n} × {n} matrix with ones on its diagonal")
    for i, j in zip(*np.nonzero(np.tril(~(np.abs(rho) < 1.0), -1)), strict=True):
        raise CorrelationError(
            f"a correlation wants a number between -1 and 1; got {rho[i, j]:g} for `{names[j]}` and `{names[i]}`",
            ((names[j], names[i]),),
        )
    scores = np.eye(n)
    for i, j in zip(*np.nonzero(np.tril(rho, -1)), strict=True):
        scores[i, j] = scores[j, i] = score_correlation(float(rho[i, j]))
    factor = np.eye(n)
    tied = np.flatnonzero(np.count_nonzero(rho, axis=1) > 1).tolist()
    among = np.ix_(tied, tied)
    found = _cholesky(scores[among])
    if found is None:
        raise _not_definite([names[i] for i in tied], rho[among], scores[among])
    factor[among] = found
    return factor


def _cholesky(matrix: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The lower factor, or None where the matrix is not positive definite.

    Written out, for LAPACK's sums run in an order that depends on the processor, and beliefs must not.
    """
    a = matrix.tolist()
    n = len(a)
    lower = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            rest = a[i][j]
            for k in range(j):
                rest -= lower[i][k] * lower[j][k]
            lower[i][j] = rest / lower[j][j]
        pivot = a[i][i]
        for k in range(i):
            pivot -= lower[i][k] * lower[i][k]
        if pivot <= _LEAST_PIVOT:
            return None
        lower[i][i] = math.sqrt(pivot)
    return np.array(lower, dtype=np.float64).reshape(n, n)


def _not_definite(names: Sequence[str], rho: NDArray[np.float64], scores: NDArray[np.float64]) -> CorrelationError:
    """The error that names the given pairs which weigh most in the eigenvector of the least eigenvalue."""
    values, vectors = np.linalg.eigh(scores)
    worst = vectors[:, 0]
    rows, columns = np.nonzero(np.tril(rho, -1))
    weights = np.abs(worst[rows] * worst[columns])
    order = [k for k in np.argsort(-weights, kind="stable") if weights[k] > 0.1 * weights.max()]
    pairs = tuple((names[columns[k]], names[rows[k]]) for k in order)
    listed = ", ".join(
        f"`{a}` with `{b}` ({rho[rows[k], columns[k]]:g})" for k, (a, b) in zip(order, pairs, strict=True)
    )
    return CorrelationError(
        f"these correlations cannot hold together: {listed}; the least eigenvalue of their matrix is {values[0]:.3g}, "
        f"and it wants to be above 0: weaken one of them",
        pairs,
    )
