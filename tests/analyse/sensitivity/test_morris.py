"""Elementary effects against functions whose effects are known, and against SALib on the same places."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from playout.analyse.sensitivity.morris import LEVELS, STEP, Trajectories, elementary, trajectories
from uniform_functions import Rows, sobol_g


def outcomes(ways: Trajectories, f: object) -> Rows:
    assert callable(f)
    return np.vstack([f(ways.place(step).T) for step in range(ways.steps)])


def test_effects_of_a_line_are_its_slopes() -> None:
    slopes = np.array([3.0, -2.0, 0.0])
    ways = trajectories([1, 1, 1], 20, seed=1)
    effects = ways.effects(outcomes(ways, lambda u: u @ slopes))
    np.testing.assert_allclose(effects, np.broadcast_to(slopes[:, np.newaxis], (3, 20)), atol=1e-12)
    found = elementary(effects[1])
    assert found.mu.value == pytest.approx(-2.0)
    assert found.mu_star.value == pytest.approx(2.0)
    assert found.sigma.value == pytest.approx(0.0, abs=1e-12)


def test_each_step_moves_one_factor_half_the_way_with_all_its_columns() -> None:
    ways = trajectories([1, 3, 2], 50, seed=4)
    places = np.array([ways.place(step) for step in range(ways.steps)])
    moved = np.diff(places, axis=0)
    assert set(np.abs(moved[moved != 0.0])) == {STEP}
    factors = np.array([0, 1, 1, 1, 2, 2])
    for step in range(3):
        for trajectory in range(50):
            here = moved[step, :, trajectory]
            which = set(factors[here != 0.0])
            assert len(which) == 1
            assert len(set(here[factors == which.pop()])) == 1  # all columns, the same way
    assert set(places.ravel()) == {(level + 0.5) / LEVELS for level in range(LEVELS)}


def test_salib_finds_the_same_effects_in_the_same_places() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import morris
    known = sobol_g()
    ways = trajectories([1] * known.factors, 60, seed=3)
    seen = outcomes(ways, known.f)
    places = np.array([ways.place(step).T for step in range(ways.steps)])  # [steps, trajectories, factors]
    problem = {"num_vars": known.factors, "names": [f"x{k}" for k in range(known.factors)],
               "bounds": [[0, 1]] * known.factors}  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = morris.analyze(
            problem, places.transpose(1, 0, 2).reshape(-1, known.factors), seen.T.reshape(-1), num_levels=LEVELS, seed=1
        )
    step = LEVELS / (2 * (LEVELS - 1)) / STEP  # SALib takes its own step to have been made
    for factor, row in enumerate(ways.effects(seen)):
        found = elementary(row)
        assert found.mu.value == pytest.approx(step * theirs["mu"][factor])
        assert found.mu_star.value == pytest.approx(step * theirs["mu_star"][factor])
        assert found.sigma.value == pytest.approx(step * theirs["sigma"][factor])


def test_an_effect_that_depends_on_another_factor_has_a_spread() -> None:
    """Of x y an effect of x is y, which is a quarter's or three quarters' neighbour: mean a half, sd √5/8."""
    ways = trajectories([1, 1], 4000, seed=5)
    found = elementary(ways.effects(outcomes(ways, lambda u: u[:, 0] * u[:, 1]))[0])
    assert abs(found.mu.value - 0.5) <= 3 * found.mu.se
    assert abs(found.sigma.value - math.sqrt(5) / 8) <= 3 * found.sigma.se
    assert 0.0 < found.sigma.se < 0.01


def test_trajectories_are_the_same_for_a_seed() -> None:
    one, two, other = (trajectories([2, 1], 9, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.before, two.before)
    assert not np.array_equal(one.before, other.before)
