"""The flagship on the native engine: the same bytes however it is played, and code made in time linear in its size."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import playout
from playout.compile import ir
from playout.compile.engine import Block
from playout.compile.lower import lower
from playout.compile.native.assembly import compile_object
from playout.compile.native.engine import NativeEngine
from playout.compile.native.kernel import Builder
from playout.compile.native.target import host
from playout.compile.rewrite import rewrite
from playout.simulate.matrix import belief_rows

FUTURES = 200
FILE = Path(playout.__file__).parent / "scenarios" / "us_mexico_cartels" / "scenario.yaml"


@cache
def flagship() -> tuple[ir.Program, NDArray[np.float64]]:
    """Its Program, and the beliefs of some futures."""
    checked = playout.load(FILE)
    program = rewrite(lower(checked))
    return program, belief_rows(checked, program.columns).draw(0, FUTURES, 11)


def played(engine: NativeEngine, first: int, after: int) -> dict[str, NDArray[np.float64]]:
    """What became of futures, by name, futures last."""
    block: Block = engine.play(first, after - first, flagship()[1][:, first:after], 11, keep=after - first)
    found = {f"record {name}": values for name, values in block.records.items()}
    found |= {f"total {name}": values for name, values in block.totals.items()}
    found |= {f"path {name}": np.moveaxis(values, 0, -1) for name, values in block.paths.items()}
    return found | {"status": block.status, "stopped": block.stopped}


def assert_same(ours: dict[str, NDArray[np.float64]], theirs: dict[str, NDArray[np.float64]]) -> None:
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        assert values.tobytes() == theirs[name].tobytes(), name


@pytest.mark.parametrize("precision", ["single", "double"])
def test_the_same_bytes_at_any_width(precision: str) -> None:
    program, _ = flagship()
    first, *others = (played(NativeEngine(program, precision, lanes), 0, FUTURES) for lanes in (4, 8, 16))  # type: ignore[arg-type]
    assert np.count_nonzero(first["status"]) < FUTURES / 20
    for other in others:
        assert_same(other, first)


def test_the_same_bytes_in_any_chunks_on_any_threads() -> None:
    engine = NativeEngine(flagship()[0])
    whole = played(engine, 0, FUTURES)
    for threads, edges in ((1, [0, 1, 33, 64, FUTURES]), (2, [0, 50, 100, 150, FUTURES])):
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(lambda ends: played(engine, *ends), itertools.pairwise(edges)))
        assert_same({name: np.concatenate([part[name] for part in parts], axis=-1) for name in whole}, whole)


# --- size ---


def repeated(program: ir.Program, times: int) -> ir.Program:
    """A Program of so many copies of another side by side, each with names, sets and draws of its own."""

    def copies(of: Callable[[int], ir.Program]) -> list[ir.Program]:
        return [of(number) for number in range(times)]

    parts = copies(lambda number: renamed(program, f" copy {number}") if number else program)
    return dataclasses.replace(
        program,
        labels={k: v for p in parts for k, v in p.labels.items()},
        arrays={k: v for p in parts for k, v in p.arrays.items()},
        tables={k: v for p in parts for k, v in p.tables.items()},
        streams={k: v for p in parts for k, v in p.streams.items()},
        columns=tuple(c for p in parts for c in p.columns),
        once=tuple(a for p in parts for a in p.once),
        initial=tuple(a for p in parts for a in p.initial),
        step=tuple(a for p in parts for a in p.step),
        update=tuple(a for p in parts for a in p.update),
        checks=tuple(c for p in parts for c in p.checks),
        series=tuple(s for p in parts for s in p.series),
        records=tuple(r for p in parts for r in p.records),
        tallies=tuple(t for p in parts for t in p.tallies),
    )


def renamed(program: ir.Program, suffix: str) -> ir.Program:
    """The Program with another name for everything in it."""

    def change(node: ir.Node) -> ir.Node:
        match node:
            case ir.Load(array, index):
                return ir.Load(array + suffix, tuple(map(place, index)))
            case ir.Word(stream, index, number, where):
                return ir.Word(
                    stream + suffix,
                    tuple(map(place, index)),
                    None if number is None else change(number),
                    None if where is None else change(where),
                )
            case ir.Position(axis):
                return ir.Position(axis_of(axis))
            case ir.Reduce(operator, axis, body):
                return ir.Reduce(operator, axis_of(axis), change(body))
        return ir.rebuild(node, change)

    def axis_of(axis: ir.Axis) -> ir.Axis:
        return ir.Axis(axis.set + suffix, axis.number)

    def place(index: ir.Index) -> ir.Index:
        return axis_of(index) if isinstance(index, ir.Axis) else index if isinstance(index, int) else change(index)

    def sets(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name + suffix for name in names)

    def assign(item: ir.Assign) -> ir.Assign:
        return ir.Assign(item.array + suffix, change(item.node))

    return dataclasses.replace(
        program,
        labels={name + suffix: labels for name, labels in program.labels.items()},
        arrays={
            name + suffix: ir.Array(name + suffix, sets(array.sets), array.type, array.role)
            for name, array in program.arrays.items()
        },
        tables={name + suffix: values for name, values in program.tables.items()},
        streams={
            name + suffix: ir.Stream(name + suffix, sets(stream.sets), stream.per)
            for name, stream in program.streams.items()
        },
        columns=tuple((name + suffix, member) for name, member in program.columns),
        once=tuple(map(assign, program.once)),
        initial=tuple(map(assign, program.initial)),
        step=tuple(
            ir.Delay(i.array + suffix, change(i.source), i.lag) if isinstance(i, ir.Delay) else assign(i)
            for i in program.step
        ),
        update=tuple(map(assign, program.update)),
        checks=tuple(
            dataclasses.replace(c, name=c.name + suffix, node=change(c.node), sets=sets(c.sets)) for c in program.checks
        ),
        series=tuple(
            dataclasses.replace(s, name=s.name + suffix, node=change(s.node), sets=sets(s.sets)) for s in program.series
        ),
        records=tuple(
            dataclasses.replace(r, name=r.name + suffix, node=change(r.node), sets=sets(r.sets))
            for r in program.records
        ),
        tallies=tuple(
            dataclasses.replace(t, name=t.name + suffix, node=change(t.node), sets=sets(t.sets))
            for t in program.tallies
        ),
    )


def seconds(program: ir.Program) -> tuple[float, float]:
    """Processor time to write the code of a Program, and to compile it."""
    target = host()
    begun = time.process_time()
    text = Builder(program, target, target.single, "single").build().text
    written = time.process_time()
    compile_object(text, target)
    return written - begun, time.process_time() - written


@pytest.mark.long
def test_the_time_to_compile_grows_in_step_with_the_program() -> None:
    program, _ = flagship()
    seconds(program)
    sizes = {times: seconds(repeated(program, times)) for times in (1, 3, 10)}
    for part in (0, 1):
        assert sizes[10][part] < 2 * 10 * sizes[1][part], sizes
