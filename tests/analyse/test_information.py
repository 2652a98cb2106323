"""The value of information where it is known: policies whose objective is linear in normal beliefs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from playout.analyse.information import best_policy, partial_information, perfect_information

MEAN, SLOPES, NOISE = -0.5, np.array([1.0, 0.6, 0.2, 0.0]), 1.0


def unit_loss(mean: float, sd: float) -> float:
    """E[max(0, N(mean, sd²))] − max(0, mean): what knowing a normal difference is worth (Raiffa and Schlaifer 1961)."""
    return sd * float(stats.norm.pdf(mean / sd)) - abs(mean) * float(stats.norm.cdf(-abs(mean) / sd))


def linear(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two policies: nothing, and a line in four beliefs with chance."""
    rng = np.random.default_rng(seed)
    beliefs = rng.normal(size=(4, n))
    return np.vstack([np.zeros(n), MEAN + SLOPES @ beliefs + NOISE * rng.normal(size=n)]), beliefs


@pytest.mark.parametrize("rows", [[0], [1], [0, 1], [0, 1, 2, 3]])
def test_knowing_some_beliefs_has_its_closed_form(rows: list[int]) -> None:
    values, beliefs = linear(20_000, seed=1)
    found = partial_information(values, beliefs[rows])
    expected = unit_loss(MEAN, float(np.linalg.norm(SLOPES[rows])))
    assert 0.0 < found.gain.se < 0.01
    assert abs(found.gain.value - expected) <= 3 * found.gain.se


def test_a_belief_that_changes_no_choice_is_worth_nothing() -> None:
    values, beliefs = linear(20_000, seed=2)
    for row in (2, 3):  # the one changes it in six futures of a thousand, the other in none
        found = partial_information(values, beliefs[[row]])
        assert found.gain.value <= unit_loss(MEAN, 0.2) + 3 * found.gain.se
    assert partial_information(values, beliefs[[3]]).changes == 0.0


def test_errors_are_those_of_many_repeats_and_the_estimate_is_not_too_high() -> None:
    found = [partial_information(*_of(linear(4000, seed), [1])) for seed in range(100)]
    gains = np.array([own.gain.value for own in found])
    expected = unit_loss(MEAN, 0.6)
    assert gains.mean() <= expected + 3 * gains.std() / 10
    assert gains.mean() == pytest.approx(expected, rel=0.1)
    assert np.mean([own.gain.se for own in found]) == pytest.approx(gains.std(ddof=1), rel=0.25)


def _of(
    made: tuple[NDArray[np.float64], NDArray[np.float64]], rows: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return made[0], made[1][rows]


def test_knowing_all_beliefs_lies_between_its_bounds_and_chance_is_worth_more() -> None:
    rng = np.random.default_rng(3)
    beliefs = rng.normal(size=(4, 3000))
    line = MEAN + (SLOPES @ beliefs)[:, np.newaxis] + NOISE * rng.normal(size=(3000, 8))
    found = perfect_information(np.stack([np.zeros_like(line), line]))
    expected = unit_loss(MEAN, float(np.linalg.norm(SLOPES)))
    assert found.low.value <= expected + 3 * found.low.se
    assert found.high.value >= expected - 3 * found.high.se
    assert found.high.value - found.low.value < 0.15 * expected
    with_chance = unit_loss(MEAN, math.hypot(float(np.linalg.norm(SLOPES)), NOISE))
    assert abs(found.with_chance.value - with_chance) <= 3 * found.with_chance.se
    assert found.best == 0


def test_three_policies_and_a_belief_of_few_values() -> None:
    """Which of two is better depends on a coin that is known or not; a third is never best."""
    rng = np.random.default_rng(4)
    coin = rng.integers(0, 2, 6000).astype(float)
    values = np.vstack([np.full(6000, -1.0), np.where(coin == 1, 2.0, 0.0), np.where(coin == 1, 0.0, 1.0)])
    values += rng.normal(size=6000)  # what all share changes nothing
    found = partial_information(values, coin[np.newaxis])
    assert best_policy(values) == 1
    assert found.gain.value == pytest.approx(0.5, abs=3 * found.gain.se)
    assert found.changes == pytest.approx(0.5, abs=0.03)
    assert found.choices[0] == 0.0


def test_too_few_futures_tell_nothing_and_those_that_stopped_are_left_out() -> None:
    values, beliefs = linear(1000, seed=5)
    assert math.isnan(partial_information(values[:, :400], beliefs[:1, :400]).gain.value)
    values[1, 600:] = np.nan
    assert partial_information(values, beliefs[:1]).gain.n == 600
