"""exp, log, the logistic function and the normal quantile: how exact, at the ends, and the same bits anywhere."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from playout.model.laws.elementary import NUMPY, exp, log, logistic, ndtri


@given(st.floats(-740.0, 709.0))
def test_exp_is_within_a_unit_in_the_last_place(x: float) -> None:
    assert abs(float(exp(x)) - math.exp(x)) <= math.ulp(math.exp(x))


@given(st.floats(min_value=0.0, exclude_min=True, allow_infinity=False))
def test_log_is_within_a_unit_in_the_last_place(x: float) -> None:
    assert abs(float(log(x)) - math.log(x)) <= math.ulp(math.log(x))


RANDOM = np.random.default_rng(20250307)


def units_apart(found: np.ndarray, true: np.ndarray) -> float:
    """The largest error in units in the last place; ``true`` in extended precision."""
    return float(np.max(np.abs(found - true) / np.spacing(np.abs(true.astype(np.float64)))))


def test_over_the_whole_range() -> None:
    x = np.concatenate([RANDOM.uniform(-745.0, 709.0, 100_000), RANDOM.normal(size=50_000)])
    assert units_apart(exp(x), np.exp(x.astype(np.longdouble))) < 1.0
    y = np.concatenate([np.exp(RANDOM.uniform(-744.0, 709.0, 100_000)), 1.0 + 0.01 * RANDOM.normal(size=50_000)])
    assert units_apart(log(y), np.log(y.astype(np.longdouble))) < 1.0
    x = RANDOM.uniform(-690.0, 40.0, 100_000)
    assert units_apart(logistic(NUMPY, x), 1.0 / (1.0 + np.exp(-x.astype(np.longdouble)))) < 3.0


def test_the_normal_quantile_over_the_whole_range() -> None:
    """Relative error below 2e-15, by the distribution function's inverse at 0.5 + tiny and in both tails."""
    u = np.concatenate([RANDOM.uniform(0.0, 1.0, 100_000), 10 ** RANDOM.uniform(-300.0, 0.0, 100_000)])
    np.testing.assert_allclose(ndtri(u), special.ndtri(u), rtol=2e-15, atol=0.0)
    upper = 1.0 - 2.0 ** -RANDOM.uniform(1.0, 53.0, 50_000)
    np.testing.assert_allclose(ndtri(upper), special.ndtri(upper), rtol=2e-15, atol=0.0)
    near = RANDOM.integers(1, 2**31, 10_000) * 2.0**-33
    assert np.array_equal(ndtri(0.5 - near), -ndtri(0.5 + near))
    assert np.all(np.diff(ndtri(np.sort(u))) >= -1e-15)


#: Φ⁻¹ in 40 digits, rounded.
SCORES = {
    0.5 + 2.0**-30: 2.3344794983332983e-09,
    2.0**-33: -6.3379577545537895,
    0.075: -1.439531470938456,
    1e-100: -21.273453560965326,
}


@pytest.mark.parametrize(("u", "score"), SCORES.items())
def test_known_scores(u: float, score: float) -> None:
    assert float(ndtri(u)) == pytest.approx(score, rel=2e-15, abs=0.0)


def test_the_ends() -> None:
    found = ndtri([0.0, 1.0, 0.5, -1.0, 2.0, math.nan])
    assert np.array_equal(found, [-math.inf, math.inf, 0.0, math.nan, math.nan, math.nan], equal_nan=True)
    found = exp([0.0, math.inf, -math.inf, 1e5, -1e5, math.nan])
    assert np.array_equal(found, [1.0, math.inf, 0.0, math.inf, 0.0, math.nan], equal_nan=True)
    found = log([1.0, 0.0, math.inf, -1.0, math.nan])
    assert np.array_equal(found, [0.0, -math.inf, math.inf, math.nan, math.nan], equal_nan=True)


_DIGEST = """
import hashlib, sys
import numpy as np
from playout.model.distribution import KINDS, Logitnormal, interval
from playout.simulate.beliefs import Column
from playout.simulate.drawing import belief_matrix
laws = [interval(0.2, 3), interval(-1, 2, 1), interval(0.1, 0.4, scale="logit"), KINDS["exponential"](3.0),
        KINDS["triangular"](0.0, 1.0, 5.0), KINDS["poisson"](3.0), interval(1, 9, 2).within(0.5, 20)]
columns = [Column(f"b{i}", 0, law) for i, law in enumerate(laws)]
rho = np.eye(7); rho[0, 1] = rho[1, 0] = 0.6; rho[2, 0] = rho[0, 2] = -0.3
values = belief_matrix(columns, range(2000), 5, correlation=rho, spread=np.where(np.arange(2000) % 2, 2.0, 1.0))
sys.stdout.write(hashlib.sha256(values.tobytes()).hexdigest())
"""


def test_beliefs_are_the_same_bits_without_the_wide_vector_unit() -> None:
    """NumPy's own exp and log differ in the last bit between AVX-512 and AVX2."""
    digests = set()
    for off in ("", "X86_V4 AVX512_ICL AVX512_SPR", "AVX512F AVX512CD AVX512_SKX"):
        environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": off}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _DIGEST],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # NumPy refuses to start where it does not know the feature's name: that spelling belongs to another version.
        if done.returncode == 0:
            digests.add(done.stdout)
    assert len(digests) == 1
