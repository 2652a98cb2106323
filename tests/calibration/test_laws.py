"""Splits, truces and base rates: estimators find what made simulated records."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from calibration import force, splits, truces


def test_a_fading_excess_is_read_off_from_its_highest_quarter() -> None:
    path = np.concatenate([np.zeros(4), 3 * 0.9 ** np.arange(20)])
    assert splits.fading_of(path) == pytest.approx(0.1, abs=0.01)
    assert splits.fading_of(np.full(24, 1.0)) == pytest.approx(0, abs=0.001)


def test_the_law_of_split_sizes_is_recovered() -> None:
    random = np.random.default_rng(8)
    spread, share_fading = 0.1, 0.08
    sizes = np.exp(np.log(0.8) + 0.7 * random.standard_normal(150))
    made = [
        splits.Split(str(i), "", ("",), 2018, 1, size * (1 - share_fading) ** np.arange(12), 1.0, True, "")
        for i, size in enumerate(sizes)
    ]
    noisy = [dataclasses.replace(one, path=one.path + spread * random.standard_normal()) for one in made]
    law = splits.law_of_sizes(noisy, spread, share_fading, "lognormal")
    assert law.median == pytest.approx(0.8, rel=0.15)
    assert law.log_sd == pytest.approx(0.7, rel=0.2)
    assert law.place(law.quantile(0.9)) == pytest.approx(0.9, abs=0.001)
    light = splits.law_of_sizes(noisy, spread, share_fading, "half-normal")
    assert light.place(6) > law.place(6)


def test_weibull_lives_are_recovered_with_some_still_alive() -> None:
    random = np.random.default_rng(9)
    lives = 300 * random.weibull(0.7, 1500)
    days, ended = np.minimum(lives, 500), (lives < 500).astype(float)
    median, shape = truces.weibull(days, ended)
    assert shape == pytest.approx(0.7, abs=0.06)
    assert median == pytest.approx(300 * np.log(2) ** (1 / 0.7), rel=0.12)
    low, high = truces.shape_interval(days, ended)
    assert low < shape < high
    assert high - low < 0.15


def test_quick_and_slow_pairs_are_not_taken_for_ageing() -> None:
    """Lives without ageing, pairs of different level: pooled they seem to age, by pair they do not."""
    random = np.random.default_rng(10)
    pair = np.repeat(np.arange(80.0), 12)
    days = random.exponential(100 / random.gamma(1.0, 1.0, 80)[pair.astype(int)]) + 0.01
    ended = np.ones_like(days)
    _, pooled = truces.weibull(days, ended)
    shape, error, variance = truces.frailty_shape(days, ended, pair)
    assert pooled < 0.85
    assert shape == pytest.approx(1.0, abs=4 * error)
    assert variance == pytest.approx(1.0, rel=0.5)


def test_base_rates_are_jeffreys_posteriors() -> None:
    low, mean, high = force.jeffreys(3, 44)
    assert mean == pytest.approx(3.5 / 45)
    assert (low, high) == pytest.approx(tuple(stats.beta(3.5, 41.5).ppf([0.05, 0.95])))
