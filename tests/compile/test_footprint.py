"""Memory counted from a Program beside what engines take, and buffers that are no longer than the run."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial

import pytest

import playout
from conformance import beliefs, scenario
from playout.compile import ir
from playout.compile.engine import BLOCK, Engine
from playout.compile.footprint import footprint
from playout.compile.lower import lower
from playout.compile.native.engine import NativeEngine
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite

DELAYED = """
horizon: 20 years
sets: {{o: [a, b, c]}}
beliefs:
  g[o]: {{is: 1 to 2, unit: 1/year, assumed: a test}}
stocks:
  s[i in o]: {{unit: "1", starts: 1, plus: {{up: "g[i]"}}}}
measures:
  m: {{of: "sum({function}(s[i], {span}) for i in o)"}}
"""
STEPS = 1044
ENGINES = [
    pytest.param(NumpyEngine, 8, id="numpy"),
    pytest.param(partial(NativeEngine, precision="single"), 4, id="single"),
    pytest.param(partial(NativeEngine, precision="double"), 8, id="double"),
]


def program_of(function: str = "delay", span: str = "500 weeks") -> ir.Program:
    return rewrite(lower(scenario(DELAYED.format(function=function, span=span))))


@pytest.mark.parametrize(("make", "real"), ENGINES)
@pytest.mark.parametrize("name", ["delayed", "ceasefire", "sanctions"])
def test_what_is_counted_is_what_an_engine_takes(make: Callable[[ir.Program], Engine], real: int, name: str) -> None:
    checked = scenario(DELAYED.format(function="delay", span="500 weeks")) if name == "delayed" else playout.load(name)
    engine = make(rewrite(lower(checked)))
    found, keep = footprint(engine.program, real), 100
    rows = beliefs(checked, None, engine.program.columns, range(BLOCK), 1)
    tracemalloc.start()
    try:
        block = engine.play(0, BLOCK, rows, 1, keep)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    counted = found.future * engine.width + found.tables + BLOCK * found.outcome + found.block + 2 * keep * found.path
    assert block.futures == BLOCK
    assert counted == pytest.approx(taken, rel=0.3, abs=0.6e6)


@pytest.mark.parametrize("function", ["delay", "change"])
def test_the_past_that_is_kept_is_no_longer_than_the_run(function: str) -> None:
    for span in (f"{STEPS - 1} weeks", f"{STEPS} weeks", f"{STEPS + 1} weeks", "1e7 weeks", "1e300 weeks"):
        program = program_of(function, span)
        assert program.steps == STEPS
        assert footprint(program, 8).history <= 8 * 3 * STEPS
        assert all(item.lag < STEPS for item in program.step if isinstance(item, ir.Delay))


def test_history_grows_with_the_span_and_the_members() -> None:
    assert footprint(program_of(span="500 weeks"), 8).history == 8 * 3 * 500
    assert footprint(program_of(span="1 week"), 4).history == 4 * 3
    assert footprint(program_of(span="1e7 weeks"), 8).history == 0
