"""exp and log: within a unit in the last place, at the ends, and the same bits on every processor."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from playout.model.laws.elementary import exp, log


@given(st.floats(-740.0, 709.0))
def test_exp_is_within_a_unit_in_the_last_place(x: float) -> None:
    assert abs(float(exp(x)) - math.exp(x)) <= math.ulp(math.exp(x))


@given(st.floats(min_value=0.0, exclude_min=True, allow_infinity=False))
def test_log_is_within_a_unit_in_the_last_place(x: float) -> None:
    assert abs(float(log(x)) - math.log(x)) <= math.ulp(math.log(x))


def test_the_ends() -> None:
    found = exp([0.0, math.inf, -math.inf, 1e5, -1e5, math.nan])
    assert np.array_equal(found, [1.0, math.inf, 0.0, math.inf, 0.0, math.nan], equal_nan=True)
    found = log([1.0, 0.0, math.inf, -1.0, math.nan])
    assert np.array_equal(found, [0.0, -math.inf, math.inf, math.nan, math.nan], equal_nan=True)


_DIGEST = """
import hashlib, sys
import numpy as np
from playout.model.distribution import KINDS, Logitnormal, interval
from playout.simulate.beliefs import Column, belief_matrix
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
