"""The vector functions against NumPy in extended precision and SciPy, over their whole range."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from playout.compile.native.assembly import Loaded, attributes, compile_object, module_text
from playout.compile.native.mathematics import FUNCTIONS, call, library, quotient, table_name
from playout.compile.native.target import host
from playout.compile.native.text import Code, Value
from playout.model.laws.quantile import UNIFORM_QUANTILES

KINDS = {"float": np.float32, "double": np.float64}
SHAPES = {
    "gamma": [(0.5,), (1.0,), (2.0,), (3.0,), (40.0,), (1000.0,)],
    "beta": [(0.5, 6.5), (2.5, 3.5), (3.5, 41.5), (100.0, 300.0)],
}
TABLES = {(law, *shapes): str(table_name(law, shapes)) for law, each in SHAPES.items() for shapes in each}
DIVISORS = {
    "by_7": 7.0,
    "by_month": 365.25 / 12,
    "by_three_back": -3.0,
    "by_64": 64.0,
    "by_tenth": 0.1,
    "by_4e24": 4e24,
}
ARITY = {
    **{name: arity for name, (_, arity) in FUNCTIONS.items()},
    **dict.fromkeys([*TABLES.values(), *DIVISORS, "sqrt"], 1),
}
Function = Callable[..., NDArray[np.float64]]


def called(code: Code, name: str, arguments: list[Value]) -> Value:
    if name in DIVISORS:
        return quotient(code, arguments[0], DIVISORS[name])
    return code.intrinsic(name, *arguments) if name == "sqrt" else call(code, name, *arguments)


@functools.cache
def functions(kind: str, lanes: int, x86: int = host().x86) -> tuple[dict[str, Function], Loaded]:
    """Each function over arrays."""
    texts, needs = [], set()
    for name, arity in ARITY.items():
        code = Code(lanes)
        code.start("entry")
        vector = code.vector(kind)
        with code.loop("%n") as counter:
            arguments = []
            for place in range(arity):
                pointer = code.scalar(f"getelementptr {vector}, ptr %a{place}, i64 {counter}")
                arguments.append(code.emit(f"load {vector}, ptr {pointer}, align 4", kind))
            result = called(code, name, arguments)
            pointer = code.scalar(f"getelementptr {vector}, ptr %out, i64 {counter}")
            code.do(f"store {vector} {result.name}, ptr {pointer}, align 4")
        code.do("ret void")
        given = ", ".join(f"ptr %a{place}" for place in range(arity))
        texts.append("\n".join([f"define void @over_{name}(ptr %out, i64 %n, {given}) #0 {{", *code.lines, "}"]))
        needs |= code.needs
    parts, declarations = library(needs, lanes, x86)
    text = module_text([*texts, *parts], declarations, attributes(lanes, kind))
    loaded = Loaded(compile_object(text, host()), host())
    return {name: _over(loaded, name, arity, kind, lanes) for name, arity in ARITY.items()}, loaded


def _over(loaded: Loaded, name: str, arity: int, kind: str, lanes: int) -> Function:
    function = loaded.function(f"over_{name}", ctypes.c_void_p, ctypes.c_int64, *[ctypes.c_void_p] * arity)

    def apply(*given: NDArray[np.float64]) -> NDArray[np.float64]:
        count = len(given[0])
        whole = -(-count // lanes) * lanes
        padded = [np.ascontiguousarray(np.pad(x.astype(KINDS[kind]), (0, whole - count), mode="edge")) for x in given]
        out = np.empty(whole, KINDS[kind])
        function(out.ctypes.data, whole // lanes, *[x.ctypes.data for x in padded])
        return out[:count]

    return apply


def numbers(kind: str, *parts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate(parts).astype(KINDS[kind])


def error(got: NDArray[np.float64], true: NDArray[np.longdouble]) -> float:
    """The largest error in units in the last place; what is infinite or not a number must be exactly that."""
    with np.errstate(over="ignore"):
        rounded = true.astype(got.dtype)
    assert np.array_equal(np.isnan(got), np.isnan(rounded))
    assert np.array_equal(got[np.isinf(rounded)], rounded[np.isinf(rounded)])
    ordinary = np.isfinite(rounded) & np.isfinite(got)
    apart = np.abs(got[ordinary].astype(np.longdouble) - true[ordinary])
    return float(np.max(apart / np.spacing(np.abs(rounded[ordinary]))))


RANDOM = np.random.default_rng(20250307)
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0])


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def over_reals(kind: str) -> NDArray[np.float64]:
    low, high = (-110.0, 95.0) if kind == "float" else (-750.0, 715.0)
    near = [RANDOM.normal(size=20_000) * scale for scale in (1.0, 0.1, 1e-6)]
    return numbers(kind, RANDOM.uniform(low, high, 50_000), *near, SPECIAL)


@pytest.mark.parametrize(
    ("name", "true", "ulp"),
    [
        ("exp", np.exp, 1.5),
        ("expm1", np.expm1, 2.0),
        ("logistic", lambda x: 1 / (1 + np.exp(-x)), 3.0),
    ],
)
def test_exponentials(kind: str, name: str, true: Callable[..., NDArray[np.longdouble]], ulp: float) -> None:
    x = over_reals(kind)
    with np.errstate(all="ignore"):
        assert error(functions(kind, 8)[0][name](x), true(x.astype(np.longdouble))) <= ulp


def test_logarithm(kind: str) -> None:
    low, high = (-103.0, 88.0) if kind == "float" else (-745.0, 709.0)
    spread = np.exp(RANDOM.uniform(low, high, 50_000))
    x = numbers(kind, spread, 1.0 + RANDOM.normal(size=20_000) * 0.01, SPECIAL)
    with np.errstate(all="ignore"):
        assert error(functions(kind, 8)[0]["log"](x), np.log(x.astype(np.longdouble))) <= 1.5


def test_logarithm_of_one_less(kind: str) -> None:
    v = numbers(kind, RANDOM.uniform(0.0, 1.0, 20_000), 10 ** RANDOM.uniform(-12, 0, 20_000), np.array([0.0, 1.0]))
    with np.errstate(all="ignore"):
        assert error(functions(kind, 8)[0]["log1p_minus"](v), np.log1p(-v.astype(np.longdouble))) <= 2.0


def test_power(kind: str) -> None:
    x = numbers(kind, np.exp(RANDOM.normal(size=50_000) * 2.0))
    y = numbers(kind, RANDOM.normal(size=50_000) * 3.0)
    true = np.power(x.astype(np.longdouble), y.astype(np.longdouble))
    got = functions(kind, 8)[0]["pow"](x, y)
    allowed = 0.6 if kind == "float" else 3.0 + 1.5 * np.abs(y * np.log(x))
    assert np.all(np.abs(got - true) <= allowed * np.spacing(np.abs(got)))


def test_powers_of_any_size(kind: str) -> None:
    """From the least ordinary number to the greatest, of bases as far apart."""
    ends = np.log(np.array([np.finfo(KINDS[kind]).tiny, np.finfo(KINDS[kind]).max], np.float64)) * 0.999
    x = numbers(kind, np.exp(RANDOM.uniform(*ends, 100_000)))
    y = numbers(kind, RANDOM.uniform(*ends, 100_000) / np.log(x.astype(np.float64)))
    true = np.power(x.astype(np.longdouble), y.astype(np.longdouble))
    got = functions(kind, 8)[0]["pow"](x, y)
    allowed = 0.6 if kind == "float" else 3.0 + 1.5 * np.abs(y * np.log(x))
    assert np.all(np.abs(got - true) <= allowed * np.spacing(np.abs(got)))


def test_square_roots_are_rounded_once(kind: str) -> None:
    x = numbers(kind, np.exp(RANDOM.uniform(-80.0, 80.0, 20_000)), np.arange(100.0), SPECIAL)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(functions(kind, 8)[0]["sqrt"](x), np.sqrt(x))


@pytest.mark.parametrize("name", list(DIVISORS))
def test_quotients_are_rounded_once(kind: str, name: str) -> None:
    x = numbers(kind, np.exp(RANDOM.uniform(-25.0, 80.0, 100_000)), -np.arange(1e5), SPECIAL)
    np.testing.assert_array_equal(functions(kind, 8)[0][name](x), x / KINDS[kind](DIVISORS[name]))


def test_powers_with_special_values(kind: str) -> None:
    x = np.array([0, 0, 0, -2, -2, 1, np.nan, 5, np.inf, -np.inf, 2, 0.5, 0, np.nan, 1, 0.7, 3, np.nan, 2])
    y = np.array([0, 1, -1, 2, 0.5, np.nan, 0, 0, 2, 3, np.inf, np.inf, 0.5, 1, np.inf, 1, 2, 2.5, np.nan])
    with np.errstate(all="ignore"):
        true = np.power(x.astype(KINDS[kind]), y.astype(KINDS[kind]))
    np.testing.assert_array_equal(functions(kind, 8)[0]["pow"](x, y), true)


def test_scores_of_words(kind: str) -> None:
    low = np.concatenate([RANDOM.integers(0, 2**31, 100_000), np.arange(20), 2**31 - 1 - np.arange(20)])
    p, q = (low + 0.5) * 2.0**-32, (2**31 - 1 - low + 0.5) * 2.0**-32
    true = -special.ndtri(p)
    got = functions(kind, 8)[0]["tail_score"](p, q)
    assert np.all(
        np.abs(got - true) <= (6 if kind == "float" else 10) * np.spacing(np.maximum(true, 1e-3), dtype=got.dtype)
    )


def test_normal_quantile(kind: str) -> None:
    least = -300 if kind == "double" else -37
    u = numbers(kind, RANDOM.uniform(0.0, 1.0, 50_000), 10 ** RANDOM.uniform(least, 0, 50_000))
    true = special.ndtri(u.astype(np.float64))
    got = functions(kind, 8)[0]["ndtri"](u)
    assert np.all(np.abs(got - true) <= 10 * np.spacing(np.maximum(np.abs(true), 1e-3), dtype=got.dtype))
    ends = functions(kind, 8)[0]["ndtri"](np.array([0.0, 1.0, -1.0, 2.0, np.nan, 0.5]))
    np.testing.assert_array_equal(ends, [-np.inf, np.inf, np.nan, np.nan, np.nan, 0.0])


def test_poisson_counts_are_the_reference_s(kind: str) -> None:
    u = (RANDOM.integers(0, 2**32, 100_000) + 0.5) * 2.0**-32
    mean = numbers(kind, RANDOM.uniform(0.0, 12.0, 50_000), 10 ** RANDOM.uniform(-8, 1, 50_000))
    true = UNIFORM_QUANTILES["poisson"](u, mean.astype(np.float64))
    got = functions(kind, 8)[0]["poisson"](1.0 - u, mean)
    assert np.count_nonzero(got != true) <= (0 if kind == "double" else 5)
    odd = functions(kind, 8)[0]["poisson"](np.array([0.5, 0.5, 0.5]), np.array([0.0, -1.0, np.nan]))
    np.testing.assert_array_equal(odd, [0.0, np.nan, np.nan])


def test_long_searches_find_the_reference_s_counts(kind: str) -> None:
    u = (np.concatenate([RANDOM.integers(0, 2**32, 50_000), np.arange(50), 2**32 - 1 - np.arange(50)]) + 0.5) * 2.0**-32
    mean = numbers(kind, RANDOM.uniform(12.0, 500.0, u.size))
    true = UNIFORM_QUANTILES["poisson"](u, mean.astype(np.float64))
    got = functions(kind, 8)[0]["poisson_long"](u, 1.0 - u, mean)
    assert np.count_nonzero(got != true) <= (0 if kind == "double" else 10)
    assert np.max(np.abs(got - true)) <= 1.0


def scores(kind: str) -> NDArray[np.float64]:
    """Every score that a word has lies within these."""
    return numbers(kind, RANDOM.uniform(-6.4, 6.4, 20_000), RANDOM.normal(size=20_000))


@pytest.mark.parametrize("shapes", SHAPES["gamma"])
def test_gamma_quantiles(kind: str, shapes: tuple[float]) -> None:
    z = scores(kind)
    wide = z.astype(np.float64)
    tail = special.ndtr(-np.abs(wide))
    true = np.where(wide < 0, special.gammaincinv(*shapes, tail), special.gammainccinv(*shapes, tail))
    got = functions(kind, 8)[0][TABLES["gamma", *shapes]](z)
    allowed = (4 + 2 * np.abs(np.log(true))) * 2.0**-24 if kind == "float" else 1e-11
    assert np.all(np.abs(got - true) <= allowed * true)


@pytest.mark.parametrize("shapes", SHAPES["beta"])
def test_beta_quantiles(kind: str, shapes: tuple[float, float]) -> None:
    z = scores(kind)
    wide = z.astype(np.float64)
    tail = special.ndtr(-np.abs(wide))
    true = np.where(wide < 0, special.betaincinv(*shapes, tail), 1.0 - special.betaincinv(*shapes[::-1], tail))
    got = functions(kind, 8)[0][TABLES["beta", *shapes]](z)
    size = np.abs(np.log(true)) + np.abs(np.log1p(-true))
    allowed = (4 + 2 * size) * 2.0**-24 if kind == "float" else 1e-11
    assert np.all(np.abs(got - true) <= allowed * true)


@pytest.mark.parametrize("name", list(ARITY))
def test_the_same_bits_at_any_width(kind: str, name: str) -> None:
    given = [RANDOM.uniform(0.001, 0.49, 1_000) for _ in range(ARITY[name])]
    first, *others = (functions(kind, lanes)[0][name](*given) for lanes in (4, 8, 16))
    others.append(functions(kind, 8, 0)[0][name](*given))  # as on a processor without AVX-512
    for other in others:
        assert first.tobytes() == other.tobytes()
