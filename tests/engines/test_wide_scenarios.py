"""Long chains compile, in both engines, to the same numbers; time and code grow in step with them."""

from __future__ import annotations

import inspect
import sys

import numpy as np
import pytest

from conformance import ENGINES, MakeEngine, agree, beliefs, scenario
from hostile import WIDE, functions, if_chain, nested_sums
from playout.compile import cut, ir
from playout.compile.engine import TooLarge
from playout.compile.lower import lower
from playout.compile.native.engine import NativeEngine
from playout.compile.native.kernel import Builder
from playout.compile.native.target import host
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite
from playout.errors import ScenarioError

FUTURES = 64


def compiled(text: str) -> ir.Program:
    return rewrite(lower(scenario(text)))


@pytest.mark.parametrize("kind", WIDE)
def test_a_wide_scenario_plays_alike_in_both_engines(kind: str) -> None:
    write, count = WIDE[kind]
    checked = scenario(write(count))
    program = rewrite(lower(checked))
    rows = beliefs(checked, None, program.columns, range(FUTURES), 3)
    reference, native = (e.play(0, FUTURES, rows, 3) for e in (NumpyEngine(program), NativeEngine(program, "double")))
    for kept in ("records", "totals", "tallies"):
        for name, values in getattr(reference, kept).items():
            np.testing.assert_allclose(getattr(native, kept)[name], values, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("kind", WIDE)
def test_no_expression_is_deep_or_large(kind: str) -> None:
    write, count = WIDE[kind]
    facts = cut.Facts()
    for root in compiled(write(count)).roots():
        fact = facts.of(root)
        assert fact.depth <= cut.DEEPEST
        assert fact.size <= cut.LARGEST


@pytest.mark.parametrize("kind", WIDE)
def test_code_grows_in_step_with_a_scenario(kind: str) -> None:
    write, count = WIDE[kind]
    one, two = (Builder(compiled(write(n)), host(), 16, "single").build().text for n in (count // 4, count // 2))
    assert len(two) < 3 * len(one)


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("kind", WIDE)
def test_what_is_cut_is_what_was_written(kind: str, make: MakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chains that the interpreter still walks, cut into pieces of a few nodes."""
    shorten(monkeypatch)
    write, _ = WIDE[kind]
    agree(scenario(write(12)), make, futures=8)


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "DEEPEST", 3)
    monkeypatch.setattr(cut, "LARGEST", 12)
    monkeypatch.setattr(cut, "SHARED_FROM", 2)


def test_a_scenario_that_is_not_deep_is_left_as_it_is() -> None:
    program = lower(scenario(nested_sums(2, 3)))
    assert cut.cut(program) is program


def test_what_would_take_too_long_to_compile_is_refused_before_it_is() -> None:
    program = compiled(functions(20, 40))
    with pytest.raises(TooLarge, match=r"more than 0\.001 s"):
        NativeEngine(program, seconds=0.001)


def test_code_of_more_lines_than_may_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playout.compile.native.kernel.MOST_LINES", 500)
    with pytest.raises(TooLarge, match="more than 500 lines"):
        NativeEngine(compiled(if_chain(100)))


FORMS = [
    "({} if x > {n} else x)", "clip({}, 0, {n} + 1)", "-({} + {n})", "lookup({}, [[-1, 0], [0, 2], [2, 1]])",
    "mean({} + y[i{n}] for i{n} in s)", "sum({} for i{n} in s if y[i{n}] > 0)", "smooth({}, 3 weeks)", "{} + {n} * x",
    "(1 if ({} > 0 and x > {n}) or x < 3 else 0)",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_deepest_equation_compiles_with_half_of_the_stack_to_spare(form: str) -> None:
    deepest = None
    for depth in (100, 58, 50, 28, 13):
        equation = "x"
        for n in range(depth):
            equation = form.replace("{n}", str(n)).replace("{}", equation)
        try:
            deepest = scenario(f"""
                sets: {{s: [a, b]}}
                stocks:
                  x: {{unit: "1", starts: 1, plus: {{g: "0.1 1/week * x"}}}}
                  y[i in s]: {{unit: "1", starts: 1}}
                variables: {{v: {{is: "{equation}", unit: "1"}}}}
                measures: {{m: {{of: v, title: M}}}}
            """)
            break
        except ScenarioError as refused:
            if {d.code for d in refused.diagnostics} - {"too-deep", "too-long"}:
                raise
    assert deepest is not None
    lowered = lower(deepest)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(_depth() + before // 2)
    try:
        program = rewrite(lowered)
        NumpyEngine(program)
        Builder(program, host(), 16, "single").build()
    finally:
        sys.setrecursionlimit(before)


def _depth() -> int:
    """Frames on the stack."""
    return len(inspect.stack(0))
