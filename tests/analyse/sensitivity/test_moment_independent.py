"""Borgonovo's delta where it is known: two normals, a step, a copy, nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from playout.analyse.sensitivity.moment_independent import FEWEST, classes, deltas


def of_normals(rho: float) -> float:
    """Delta of one of two standard normals for the other, by quadrature."""
    y = np.linspace(-9, 9, 3001)
    x = np.linspace(-6, 6, 401)
    given = stats.norm.pdf(y[np.newaxis], rho * x[:, np.newaxis], math.sqrt(1 - rho * rho))
    distance = 0.5 * np.trapezoid(np.abs(given - stats.norm.pdf(y)), y, axis=1)
    return float(np.trapezoid(distance * stats.norm.pdf(x), x))


@pytest.mark.parametrize("rho", [0.3, 0.7, 0.95])
def test_of_two_normals(rho: float) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=50_000)
    y = rho * x + math.sqrt(1 - rho * rho) * rng.normal(size=50_000)
    found = deltas(y, x[np.newaxis])[0]
    assert 0.0 < found.se < 0.006
    assert abs(found.value - of_normals(rho)) <= 3 * found.se + 0.02 * of_normals(rho)  # classes lose some hundredths


def test_a_belief_that_tells_nothing_has_about_zero() -> None:
    rng = np.random.default_rng(4)
    found = deltas(rng.normal(size=4000), rng.random((100, 4000)))
    mean = np.mean([own.value for own in found])
    assert abs(mean) <= 3 * found[0].se / 10
    assert np.std([own.value for own in found]) == pytest.approx(np.mean([own.se for own in found]), rel=0.35)


def test_of_a_step_and_of_a_copy() -> None:
    rng = np.random.default_rng(5)
    x = rng.random(20_000)
    step, copy = (
        deltas((x > 0.8).astype(float), x[np.newaxis])[0],
        deltas(rng.integers(0, 2, 9000) * 1.0, np.ones((1, 9000)))[0],
    )
    assert step.value == pytest.approx(0.32, abs=0.02)  # 2 · 0.2 · 0.8
    assert (copy.value, copy.se) == (0.0, 0.0)
    coin = rng.integers(0, 2, 9000) * 1.0
    assert deltas(3 * coin, coin[np.newaxis])[0].value == pytest.approx(0.5, abs=0.01)


def test_a_value_that_many_share_is_a_class_of_its_own() -> None:
    values = np.concatenate([np.zeros(80), np.linspace(-1, -0.1, 10), np.linspace(0.1, 1, 10)])
    found = classes(values, 10)
    assert len(set(found[:80])) == 1
    assert found[80:90].max() < found[0] < found[90:].min()
    assert classes(np.arange(100.0), 10).tolist() == [k // 10 for k in range(100)]


def test_too_few_futures_tell_nothing_and_those_that_stopped_are_left_out() -> None:
    rng = np.random.default_rng(6)
    x = rng.random(FEWEST + 99)
    y = np.where(np.arange(x.size) < 100, np.nan, x)
    assert math.isnan(deltas(y, x[np.newaxis])[0].value)
    assert deltas(x, x[np.newaxis])[0].n == x.size
