"""Columns filled by machine code: NumPy's bits, at any width."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from playout.compile.draws import open_uniform, words
from playout.compile.native.columns import GIVEN, OUT, ColumnKernel, column_kernel, record
from playout.model.distribution import (
    Bernoulli,
    Beta,
    Distribution,
    Exponential,
    Gamma,
    Logitnormal,
    Lognormal,
    Mixture,
    Normal,
    Point,
    Triangular,
    TwoPieceLogitnormal,
    TwoPieceLognormal,
    TwoPieceNormal,
    Uniform,
)
from playout.model.laws.form import FORMULAS, Form

LAWS: list[Distribution] = [
    Normal(1.0, 2.0),
    Lognormal(2.0, 0.5),
    Lognormal(2.0, 0.5).within(0.3, 10.0),
    Lognormal(1e-300, 300.0),
    Logitnormal(0.3, 0.7),
    Logitnormal(0.3, 0.7).scaled(3.0),
    Logitnormal(0.001, 5.0).within(0.0, 0.3),
    TwoPieceNormal(3.0, 0.5, 2.0).within(2.5, 9.0),
    TwoPieceLognormal(2.0, 0.3, 0.8),
    TwoPieceLogitnormal(0.2, 0.3, 0.8),
    Uniform(-1.0, 2.0),
    Triangular(0.0, 1.0, 5.0),
    Triangular(0.0, 0.0, 5.0).within(0.5, 4.0),
    Exponential(3.0),
    Bernoulli(0.3),
    Point(7.0),
    Beta(2.5, 3.5),
    Beta(2.5, 3.5).within(0.2, 0.9),
    Gamma(0.4, 2.0),
    Gamma(3.0, 2.0).within(1.0, 20.0),
    Mixture((0.5, 0.5), (Normal(0.0, 1.0), Lognormal(4.0, 0.2))),
]
FUTURES = np.array([*range(1000), 2**32 - 1, 2**31, *range(10**9, 10**9 + 22)], np.uint32)
SEED = 2**40 + 77


def filled(
    form: Form, lanes: int | None, spread: NDArray[np.float64] | None, given: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    kernel = column_kernel(form.formula, lanes)
    assert isinstance(kernel, ColumnKernel)
    one = record(form, 123456789, 5, SEED, -1, spread=spread is not None)[np.newaxis]
    out = np.empty(FUTURES.size)
    one[0, OUT] = out.ctypes.data
    if given is not None:
        one[0, GIVEN] = given.ctypes.data
    everyone = np.zeros(FUTURES.size, np.int32)
    kernel.fill(one, FUTURES, everyone, np.ones(FUTURES.size) if spread is None else spread)
    return out


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.describe())
@pytest.mark.parametrize("spreads", [None, 2.0, 0.5, 40.0])
def test_values_are_numpys_bit_for_bit(law: Distribution, spreads: float | None) -> None:
    form = law.form()
    assert form is not None
    spread = None if spreads is None else np.where(np.arange(FUTURES.size) % 3 == 0, spreads, 1.0)
    u = open_uniform(words(SEED, 123456789, FUTURES, [5]))[0]
    expected = form.values(u, spread)
    assert np.array_equal(filled(form, None, spread), expected, equal_nan=True)
    given = np.concatenate([u[::-1][:-2], [2.0**-200, 1.0 - 2.0**-53]])
    assert np.array_equal(filled(form, None, spread, given), form.values(given, spread), equal_nan=True)


@pytest.mark.parametrize("formula", sorted(FORMULAS))
def test_the_same_bits_at_any_width(formula: str) -> None:
    form = next(f for law in LAWS if (f := law.form()) is not None and f.formula == formula)
    wide = filled(form, 16, None)
    for lanes in (4, 8):
        assert filled(form, lanes, None).tobytes() == wide.tobytes()


def test_a_view_keeps_what_others_have() -> None:
    kernel = column_kernel("uniform")
    assert kernel is not None
    form = Uniform(0.0, 1.0).form()
    assert form is not None
    out, views = np.full(FUTURES.size, -5.0), (np.arange(FUTURES.size) % 3).astype(np.int32)
    one = record(form, 1, 0, SEED, 2, spread=False)[np.newaxis]
    one[0, OUT] = out.ctypes.data
    kernel.fill(one, FUTURES, views, np.ones(FUTURES.size))
    assert np.all((out == -5.0) == (views != 2))
