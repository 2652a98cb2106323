"""Quantile tables against SciPy's inverses, from one end of the open uniforms to the other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from playout.model.distribution import (
    Bernoulli,
    Beta,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Normal,
    Point,
    Uniform,
)
from playout.model.laws.elementary import NUMPY
from playout.model.laws.table import ABOVE_ZERO, BELOW_ONE, beta_table, gamma_table, normal_distribution

RANDOM = np.random.default_rng(20250307)
WORDS = (RANDOM.integers(0, 2**32, 20_000) + 0.5) * 2.0**-32
ENDS = (np.arange(50) + 0.5) * 2.0**-32
LOW = np.concatenate([WORDS, ENDS, 10 ** RANDOM.uniform(-60, 0, 5_000), [ABOVE_ZERO]])
HIGH = 1.0 - ENDS


def apart(found: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(found - true) / np.abs(true)))


@pytest.mark.parametrize("shape", [0.3, 0.5, 1.0, 2.0, 3.0, 7.5, 40.0, 1000.0, 1e5])
def test_gamma(shape: float) -> None:
    assert gamma_table(shape) is not None
    found = Gamma(shape, 1.0).drawn(LOW)
    true = special.gammaincinv(shape, LOW)
    seen = true > 1e-290
    assert apart(found[seen], true[seen]) < 5e-12
    assert apart(Gamma(shape, 1.0).drawn(HIGH), special.gammainccinv(shape, 1.0 - HIGH)) < 5e-12
    assert np.all(np.diff(Gamma(shape, 3.0).drawn(np.sort(LOW))) >= 0.0)


@pytest.mark.parametrize(
    ("a", "b"), [(0.3, 0.3), (0.5, 6.5), (1.0, 1.0), (2.5, 3.5), (3.5, 41.5), (2.0, 50.0), (100.0, 300.0), (1e4, 2e4)]
)
def test_beta(a: float, b: float) -> None:
    assert beta_table(a, b) is not None
    found, true = Beta(a, b).drawn(LOW), special.betaincinv(a, b, LOW)
    seen = true > 1e-290
    assert apart(found[seen], true[seen]) < 5e-12
    # Near 1 it is the rest that has to be exact, as far as a double holds it.
    rest, truly = 1.0 - Beta(a, b).drawn(HIGH), special.betaincinv(b, a, 1.0 - HIGH)
    assert np.all(np.abs(rest - truly) <= 5e-12 * truly + 2.0**-52)
    assert np.all(np.diff(Beta(a, b).drawn(np.sort(LOW))) >= -1e-15)


def test_a_shape_that_bends_too_sharply_has_no_table() -> None:
    assert beta_table(0.01, 0.01) is None
    law = Beta(0.01, 0.01)
    assert law.form() is None
    np.testing.assert_array_equal(law.drawn(WORDS), special.betaincinv(0.01, 0.01, WORDS))


@pytest.mark.parametrize(
    "law",
    [
        Mixture((0.7, 0.15, 0.15), (Beta(3.5, 41.5), Beta(14.5, 41.5), Beta(0.5, 6.5))),
        Mixture((0.5, 0.5), (Normal(0.0, 1.0), Lognormal(4.0, 0.2))),
        Mixture((0.3, 0.7), (Lognormal(2.0, 0.5), Gamma(5.0, 0.3))),
        Mixture((0.2, 0.8), (Uniform(0.0, 1.0), Exponential(4.0))),
        Mixture((0.5, 0.5), (Uniform(0.0, 1.0), Uniform(5.0, 6.0))),
        Mixture((0.3, 0.7), (Point(0.0), Lognormal(2.0, 0.5))),
        Mixture((0.9, 0.1), (Normal(0.0, 1.0).within(-1.0, 2.0), Normal(8.0, 0.01))),
        Mixture((0.5, 0.5), (Bernoulli(0.3), Point(5.0))),
    ],
    ids=lambda law: law.describe(),
)
def test_mixtures_are_their_quantiles_jumps_and_all(law: Distribution) -> None:
    """To 2e-9, or to what u's last place means: a double near 1 knows 1 − u no better."""
    u = np.concatenate([WORDS, ENDS, HIGH])
    found, true = law.drawn(u), law.quantile(u)
    unit = np.diff(law.interval(0.5))[0]
    known = np.abs(law.quantile(u + 2.0**-53) - law.quantile(u - 2.0**-53))
    assert np.all(np.abs(found - true) <= 2e-9 * np.maximum(np.abs(true), unit) + 2.0 * known)


def test_the_normal_distribution_function() -> None:
    z = np.concatenate([RANDOM.uniform(-16.0, 8.0, 50_000), RANDOM.normal(size=10_000)])
    assert apart(normal_distribution(NUMPY, z), special.ndtr(z)) < 1e-12
    np.testing.assert_array_equal(normal_distribution(NUMPY, np.array([-50.0, 50.0])), [ABOVE_ZERO, BELOW_ONE])
