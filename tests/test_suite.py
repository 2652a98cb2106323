"""The tests themselves: none fails because a machine is busy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
MODULES = sorted(TESTS.rglob("*.py"))

CLOCKS = {"time", "perf_counter", "monotonic", "process_time", "getrusage"}
ON_A_QUIET_MACHINE = {"bench", "long"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def reads_a_clock(node: ast.AST, timed: set[str]) -> bool:
    """Whether an expression holds seconds: a clock's, or those of something that does."""
    clocks = (
        each.attr in CLOCKS and isinstance(each.value, ast.Name) and each.value.id in ("time", "resource")
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute)
    )
    return any(clocks) or bool(names_in(node) & timed)


def seconds_of(function: Function, timed: set[str]) -> set[str]:
    """The names in a function that hold seconds."""
    held = set(timed)
    for _ in range(3):  # a name may be given on
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if reads_a_clock(node.value, held):
                    held |= {name for target in targets for name in names_in(target)}
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "append"
                and isinstance(node.func.value, ast.Name)
                and reads_a_clock(node, held)
            ):
                held.add(node.func.value.id)
    return held


def functions_of(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def marks_of(function: Function) -> set[str]:
    return {each.attr for way in function.decorator_list for each in ast.walk(way) if isinstance(each, ast.Attribute)}


def limits_by_the_clock(text: str) -> Iterator[str]:
    """The tests of a module that say how many seconds something may take, and run where others are at work."""
    functions = functions_of(ast.parse(text))
    timed: set[str] = set()
    for _ in range(3):  # one may ask another
        for function in functions:
            held = seconds_of(function, timed)
            gives = (node for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None)
            if any(reads_a_clock(node.value, held) for node in gives if node.value is not None):
                timed.add(function.name)
    for function in functions:
        if marks_of(function) & ON_A_QUIET_MACHINE:
            continue
        held = seconds_of(function, timed)
        asserted = (node.test for node in ast.walk(function) if isinstance(node, ast.Assert))
        if any(isinstance(test, ast.Compare) and reads_a_clock(test, held) for test in asserted):
            yield function.name


WAITING = {"wait", "join", "result", "exception", "communicate", "settimeout"}


def short_waits(text: str) -> Iterator[str]:
    """Where a test stops waiting after a number of seconds of its own."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        limits = [each.value for each in node.keywords if each.arg == "timeout"]
        if isinstance(node.func, ast.Attribute) and node.func.attr in WAITING:
            limits += node.args[:1]
        for limit in limits:
            if isinstance(limit, ast.Constant) and isinstance(limit.value, int | float) and limit.value > LET_GO:
                yield f"line {node.lineno}: {ast.unparse(node)[:80]}"


LET_GO = 0.1
"""Seconds: a shorter wait is one of many, in a loop."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(TESTS)))
def test_no_limit_by_the_clock_and_no_short_wait(path: Path) -> None:
    """Limits by the clock are marked `bench`; whoever waits has the patience of tests/patience.py."""
    text = path.read_text(encoding="utf-8")
    assert list(limits_by_the_clock(text)) == []
    assert list(short_waits(text)) == []


TIMED = """
def test_direct():
    begun = time.perf_counter()
    assert time.perf_counter() - begun < 1

def test_by_a_name():
    begun = time.monotonic()
    took = time.monotonic() - begun
    assert took < 1

def took():
    begun = time.process_time()
    return time.process_time() - begun

def test_by_another():
    assert took() < 1

def test_by_a_list():
    seconds = []
    seconds.append(time.time())
    assert min(seconds) < 1

@pytest.mark.bench
def test_marked():
    assert took() < 1

def test_without_a_limit():
    took()
    assert timer.wait(5)
    process.communicate(timeout=60)
    stop.wait(0.01)
    done.wait(PATIENCE)
"""


def test_limits_and_short_waits_are_seen() -> None:
    assert list(limits_by_the_clock(TIMED)) == ["test_direct", "test_by_a_name", "test_by_another", "test_by_a_list"]
    assert [wait.partition(": ")[2] for wait in short_waits(TIMED)] == [
        "timer.wait(5)",
        "process.communicate(timeout=60)",
    ]
