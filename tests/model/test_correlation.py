"""The copula's factor: Spearman to scores, and which pairs are named where no joint law exists."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playout.model.correlation import CorrelationError, copula_factor, score_correlation


def matrix(n: int, entries: dict[tuple[int, int], float]) -> np.ndarray:
    rho = np.eye(n)
    for (i, j), value in entries.items():
        rho[i, j] = rho[j, i] = value
    return rho


def test_the_factor_gives_the_scores_their_correlations() -> None:
    rho = matrix(3, {(0, 1): 0.6, (0, 2): -0.3, (1, 2): 0.1})
    factor = copula_factor(["a", "b", "c"], rho)
    assert np.array_equal(factor, np.tril(factor))
    expected = 2.0 * np.sin(np.pi * rho / 6.0)
    np.testing.assert_allclose(
        (factor @ factor.T)[~np.eye(3, dtype=bool)], expected[~np.eye(3, dtype=bool)], atol=1e-14
    )
    np.testing.assert_allclose(np.diag(factor @ factor.T), 1.0, atol=1e-14)
    assert score_correlation(0.5) == pytest.approx(2.0 * math.sin(math.pi / 12.0))


def test_beliefs_without_correlation_leave_the_factor_of_the_others_as_it_was() -> None:
    small = copula_factor(["a", "b"], matrix(2, {(0, 1): 0.6}))
    large = copula_factor(["x", "a", "y", "b"], matrix(4, {(1, 3): 0.6}))
    assert np.array_equal(large[np.ix_([1, 3], [1, 3])], small)
    assert np.array_equal(large[0], [1.0, 0.0, 0.0, 0.0])


def test_the_pairs_that_cannot_hold_together_are_named() -> None:
    rho = matrix(5, {(1, 2): 0.9, (2, 4): 0.9, (1, 4): -0.9, (0, 3): 0.5})
    with pytest.raises(CorrelationError, match=r"cannot hold together.*`b` with `c` \(0\.9\).*weaken") as caught:
        copula_factor(list("abcde"), rho)
    assert set(caught.value.pairs) == {("b", "c"), ("c", "e"), ("b", "e")}


@pytest.mark.parametrize("rho", [1.0, -1.0, 1.5, math.nan])
def test_a_correlation_is_strictly_between_minus_one_and_one(rho: float) -> None:
    with pytest.raises(ValueError, match=r"between -1 and 1|symmetric"):
        copula_factor(["a", "b"], matrix(2, {(0, 1): rho}))


def test_a_matrix_that_is_none_is_refused() -> None:
    for bad in (np.eye(3), np.array([[1.0, 0.2], [0.1, 1.0]]), np.array([[2.0, 0.2], [0.2, 1.0]])):
        with pytest.raises(ValueError, match="symmetric 2 × 2 matrix"):
            copula_factor(["a", "b"], bad)
