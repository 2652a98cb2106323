"""Machine code touches what it was given and nothing else: every access of it is watched (`guarded`)."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from fighting import parts, played, program
from guarded import GuardedEngine
from playout.compile import ir
from playout.compile.ir import Assign, Axis, Load
from playout.compile.native import emit, layout
from playout.compile.native.engine import NativeEngine
from playout.compile.native.kernel import Builder
from playout.compile.native.target import host

WIDTHS = (4, 8, 16, 32)


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("lanes", WIDTHS)
def test_every_access_stays_within_and_what_was_there_before_does_not_show(precision, lanes) -> None:
    plain, watched = (
        parts(played(engine(program(), precision, lanes)))  # type: ignore[operator]  # both are engines
        for engine in (NativeEngine, GuardedEngine)
    )
    for name, value in plain.items():
        assert value.tobytes() == watched[name].tobytes(), name


def test_an_access_outside_is_seen() -> None:
    engine = GuardedEngine(program())
    engine.kernel.memory.layout.size -= 64
    engine._whole = None
    with pytest.raises(AssertionError):
        played(engine)


def picking(members: int) -> ir.Program:
    """An array over pairs of members of which each future picks its own."""
    mine, other = Axis("p", 0), Axis("q", 0)
    arrays = [
        ir.Array("pick", (), "real", "belief"), ir.Array("chosen", (), "int", "step"),
        ir.Array("value", ("p", "q"), "real", "step"), ir.Array("sure", ("p", "q"), "bool", "step"),
    ]  # fmt: skip
    score = ir.Binary("sub", Load("pick"), ir.Unary("real", ir.Position(mine)))
    near = ir.Unary("neg", ir.Unary("abs", score))
    both = ir.Binary("add", ir.Unary("real", ir.Position(mine)), ir.Unary("real", ir.Position(other)))
    step = (
        Assign("chosen", ir.Reduce("argmax", mine, near)),
        Assign("value", ir.Binary("mul", both, Load("pick"))),
        Assign("sure", ir.Binary("lt", both, Load("pick"))),
    )
    chosen = ir.Reduce("sum", other, Load("value", (Load("chosen"), other)))
    corner = Load("value", (Load("chosen"), Load("chosen")))
    sure = ir.Unary("indicator", Load("sure", (Load("chosen"), members - 1)))
    whole = ir.Reduce("sum", mine, ir.Reduce("sum", other, Load("value", (mine, other))))
    names = tuple(f"m{n}" for n in range(members))
    return ir.Program(
        "picking", 7.0, 2, {"p": names, "q": names}, {a.name: a for a in arrays}, {}, (("pick", 0),), {}, (), (),
        step, (), (), (),
        (
            ir.Record("chosen", chosen, 1), ir.Record("corner", corner, 1), ir.Record("sure", sure, 1),
            ir.Record("whole", whole, 1),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("over", [-1, 0, 1])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_an_index_is_as_wide_as_it_has_to_be_on_both_sides_of_the_limit(monkeypatch, over, precision) -> None:
    """The limit is put to where a small array meets it."""
    members, lanes = 9, 8
    beliefs = np.arange(64.0)[None, :] % members
    exact = NativeEngine(picking(members), precision, lanes).play(0, 64, beliefs, 1)
    monkeypatch.setattr(emit, "MOST_MEMBERS", members * members * lanes - over)
    engine = GuardedEngine(picking(members), precision, lanes)
    wide = "i64" in index_kinds(engine.kernel.text)
    assert wide == (over > 0)
    block = engine.play(0, 64, beliefs, 1)
    for name, values in exact.records.items():
        assert values.tobytes() == block.records[name].tobytes(), name


def index_kinds(text: str) -> set[str]:
    """The kinds of the numbers that lanes' own places are counted with."""
    return set(re.findall(r"getelementptr \w+, ptr %\w+, <\d+ x (i\d+)>", text))


@pytest.mark.parametrize(("members", "kind"), [(8190, "i32"), (8191, "i32"), (8192, "i64"), (8195, "i64")])
def test_lanes_of_a_large_array_are_counted_with_as_many_bits_as_they_need(members, kind) -> None:
    target = host()
    text = Builder(picking(members), target, 32, "single").build().text
    assert index_kinds(text) == {kind}
    assert (members * members * 32 <= layout.MOST_MEMBERS) == (kind == "i32")


def test_more_members_than_can_be_counted_are_refused() -> None:
    many = 46_341  # the square is more than 2^31 - 1
    with pytest.raises(NotImplementedError, match="more members than"):
        Builder(picking(many), host(), 16, "single").build()


def test_poison_does_not_show_in_what_is_left_unread() -> None:
    changed = dataclasses.replace(program(), records=program().records[:1])
    plain, watched = (parts(played(engine(changed, "double"))) for engine in (NativeEngine, GuardedEngine))
    for name, value in plain.items():
        assert value.tobytes() == watched[name].tobytes(), name
