"""A Program made by hand, with a bit of everything that engines do, and how it is played."""

from __future__ import annotations

import numpy as np

from playout.compile import ir
from playout.compile.engine import Block
from playout.compile.ir import Assign, Axis, Binary, Const, Load, Node, Reduce, Unary, Uniform, Word
from playout.compile.native.engine import NativeEngine
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite

GROUP, OTHER = Axis("o", 0), Axis("o", 1)
SIZE, STEPS = 40, 30


def times(left: Node, right: Node) -> Node:
    return Binary("mul", left, right)


def program() -> ir.Program:
    """Groups that fight by a dense table and lose members by chance; delays, laws, choices, and a check that stops."""
    arrays = [
        ir.Array("rivalry", ("o", "o"), "real", "table"),
        ir.Array("rate", (), "real", "belief"),
        ir.Array("members", ("o",), "real", "state"),
        ir.Array("chosen", (), "int", "state"),
        ir.Array("fought", ("o",), "real", "step"),
        ir.Array("earlier", ("o",), "real", "step"),
        ir.Array("events", ("o",), "real", "step"),
        ir.Array("many", (), "real", "step"),
        ir.Array("stay", (), "real", "step"),
        ir.Array("best", (), "int", "step"),
        ir.Array("best members", (), "real", "step"),
    ]
    member = Load("members", (GROUP,))
    count = ir.Quantile("poisson", Uniform(Word("event", (GROUP,))), (times(Load("rate"), Const(7.0)),))
    many = ir.Quantile("poisson", Uniform(Word("many", ())), (Const(40.0),))
    stay = ir.Quantile("gamma", Uniform(Word("stay", (), ir.Step())), (Const(2.0), Const(3.0)))
    step = (
        Assign("fought", Reduce("sum", OTHER, times(Load("rivalry", (GROUP, OTHER)), Load("members", (OTHER,))))),
        ir.Delay("earlier", member, 4),
        Assign("events", count),
        Assign("many", many),
        Assign("stay", stay),
        Assign("best", Reduce("argmax", GROUP, Load("fought", (GROUP,)))),
        Assign("best members", Load("members", (Load("best"),))),
    )
    loss = times(times(Load("rate"), Load("fought", (GROUP,))), Const(0.01))
    noise = ir.Score(Word("noise", (GROUP,)))
    grown = Binary("add", member, times(noise, Const(0.5)))
    moved = ir.Below(Word("move", ()), Const(0.2))
    update = (
        Assign("members", Binary("sub", Binary("sub", grown, loss), Load("events", (GROUP,)))),
        Assign("chosen", ir.Select(moved, Load("best"), Load("chosen"))),
    )
    everybody = Reduce("sum", GROUP, member)
    whole = ir.Program(
        "fighting", 7.0, STEPS, {"o": tuple(f"m{n}" for n in range(SIZE))}, {a.name: a for a in arrays},
        {"rivalry": tuple(np.random.default_rng(1).uniform(0, 1, SIZE * SIZE))}, (("rate", 0),),
        {
            "event": ir.Stream("event", ("o",), "step"), "noise": ir.Stream("noise", ("o",), "step"),
            "move": ir.Stream("move", (), "step"), "many": ir.Stream("many", (), "step"),
            "stay": ir.Stream("stay", (), "entry"),
        },
        (), (Assign("members", Const(30.0)), Assign("chosen", Const(-1.0, "int"))), step, update,
        (ir.Check("members", member, 23.0, 1e6, "too few were left", ("o",)),),
        (
            ir.Series("all", everybody, "level", "year", "1", 1.0),
            ir.Series("lost", Load("events", (GROUP,)), "amount", "year", "1", 1.0, ("o",)),
            ir.Series("logs", Unary("log", everybody), "amount", "year", "1", 1.0),
        ),
        (
            ir.Record("earlier", Load("earlier", (GROUP,)), STEPS, ("o",)), ir.Record("many", Load("many"), 3),
            ir.Record("stay", Load("stay"), 5), ir.Record("best members", Load("best members"), STEPS),
        ),
        (ir.Tally("chosen", Load("chosen"), tuple(f"m{n}" for n in range(SIZE))),),
        {"year": (ir.Period("1", 0.0, 100.0, True), ir.Period("2", 100.0, 210.0, False))},
    )  # fmt: skip
    return rewrite(whole)


BELIEFS = np.random.default_rng(2).uniform(0.001, 0.01, (1, 300))


def played(engine: NativeEngine | NumpyEngine, first: int = 0, last: int = 300, keep: int = 20) -> Block:
    return engine.play(first, last - first, BELIEFS[:, first:last], 2**40 + 7, keep=keep)


def parts(block: Block) -> dict[str, np.ndarray]:
    named = {f"{kind} {name}": value for kind in ("records", "totals", "tallies", "paths")
             for name, value in getattr(block, kind).items()}  # fmt: skip
    return {**named, "status": block.status, "stopped": block.stopped}
