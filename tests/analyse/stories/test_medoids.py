"""k-medoids: what brute force finds, what scikit-learn scores, and what holds for any points."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_score

from playout.analyse.stories.medoids import greedy, settled, silhouette


def distances(seed: int, n: int, groups: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(0.0, 4.0, (groups, 2))
    points = centres[rng.integers(groups, size=n)] + rng.normal(0.0, 1.0, (n, 2))
    return cdist(points, points, "cityblock")


def cost(between: np.ndarray, medoids: list[int]) -> float:
    return float(between[medoids].min(axis=0).sum())


@given(st.integers(0, 10_000), st.integers(2, 4))
def test_swaps_end_where_no_swap_helps(seed: int, k: int) -> None:
    between = distances(seed, 30)
    found = settled(between, greedy(between, k))
    assert len(set(found)) == k
    best = min(cost(between, [*found[:place], other, *found[place + 1 :]]) for place in range(k) for other in range(30))
    assert cost(between, found) <= best + 1e-9


def test_groups_that_lie_apart_are_found_as_by_brute_force() -> None:
    for seed in range(5):
        between = distances(seed, 24)
        best = min(cost(between, list(some)) for some in itertools.combinations(range(24), 3))
        assert cost(between, settled(between, greedy(between, 3))) <= 1.05 * best


@given(st.integers(0, 10_000), st.integers(2, 6))
def test_silhouettes_are_those_of_scikit_learn(seed: int, k: int) -> None:
    between = distances(seed, 40)
    near = between[settled(between, greedy(between, k))].argmin(axis=0)
    expected = silhouette_score(between, near, metric="precomputed")
    assert silhouette(between, near, k) == pytest.approx(expected, abs=1e-9)


def test_no_medoid_is_added_that_brings_nothing() -> None:
    points = np.array([0.0, 0.0, 5.0, 5.0, 9.0])[:, None]
    assert len(greedy(cdist(points, points), 8)) == 3
