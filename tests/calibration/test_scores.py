"""Scores of forecasts given as draws."""

from __future__ import annotations

import numpy as np
import pytest
from calibration.scores import coverage, crps, normal_crps, place_among


def test_the_score_of_many_draws_is_the_closed_form() -> None:
    random = np.random.default_rng(1)
    for observed in (-1.0, 0.3, 4.0):
        draws = random.normal(1.0, 2.0, 200_000)
        assert crps(draws, observed) == pytest.approx(normal_crps(1.0, 2.0, observed), abs=0.01)


def test_the_score_of_a_sure_forecast_is_its_error() -> None:
    assert crps(np.full((10, 2), 3.0), np.array([3.0, 5.0])).tolist() == [0.0, 2.0]


def test_the_score_is_that_of_all_pairs() -> None:
    draws, observed = np.array([1.0, 2.0, 6.0]), 4.0
    pairs = np.mean([abs(a - b) for i, a in enumerate(draws) for j, b in enumerate(draws) if i != j])
    assert crps(draws, observed) == pytest.approx(np.mean(abs(draws - observed)) - pairs / 2)


def test_one_draw_is_no_forecast() -> None:
    with pytest.raises(ValueError, match="two draws"):
        crps([1.0], 1.0)


def test_a_right_forecast_of_counts_covers_its_level() -> None:
    """Counts below two have many ties; coverage is right all the same."""
    random = np.random.default_rng(2)
    draws, observed = random.poisson(0.7, (2000, 4000)), random.poisson(0.7, 4000)
    for level in (0.5, 0.9):
        assert coverage(draws, observed, level, random) == pytest.approx(
            level, abs=4 * np.sqrt(level * (1 - level) / 4000)
        )
    places = place_among(draws, observed, random)
    assert np.quantile(places, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.04)
