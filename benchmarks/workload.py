"""The synthetic workload as a Program: the same model, draws and numbers as workload.c.

Eight organisations of six stocks, one normal and one uniform draw an organisation and step, five causes that move a
campaign on, 260 weekly steps, four outputs a step.
"""

from __future__ import annotations

from playout.compile import ir
from playout.compile.build import add, both, indicator, integer, mul, real, same, select, sub
from playout.compile.ir import Assign, Axis, Binary, Load, Node, Reduce, Unary, Word
from playout.compile.rewrite import rewrite

STEPS = 260
START = (28000.0, 17000.0, 10000.0, 8000.0, 7500.0, 6800.0, 5500.0, 4600.0)
G = Axis("organisation")


def const(value: float) -> Node:
    return ir.Const(float(value))


def negative_exp(x: Node) -> Node:
    return Unary("exp", Unary("neg", x))


def chance(rate: Node) -> Node:
    return Unary("neg", Unary("expm1", Unary("neg", rate)))


def cut(x: Node) -> Node:
    return Binary("min", Binary("max", x, const(0.0)), const(1.0))


def program() -> ir.Program:
    """The workload, rewritten as a scenario's Program is."""
    arrays: dict[str, ir.Array] = {"start": ir.Array("start", ("organisation",), "real", "table")}
    step: list[ir.Assign | ir.Delay] = []
    initial: list[Assign] = []
    update: list[Assign] = []

    def state(name: str, first: Node, sets: tuple[str, ...] = ("organisation",), type_: ir.Type = "real") -> Node:
        arrays[name] = ir.Array(name, sets, type_, "state")
        initial.append(Assign(name, first))
        return Load(name, (G,) if sets else ())

    def value(name: str, node: Node, sets: tuple[str, ...] = ("organisation",), type_: ir.Type = "real") -> Node:
        arrays[name] = ir.Array(name, sets, type_, "step")
        step.append(Assign(name, node))
        return Load(name, (G,) if sets else ())

    start = Load("start", (G,))
    m, rev = state("members", start), state("revenue", start)
    coh, arms = state("cohesion", const(0.8)), state("arms", const(0.5))
    terr = state("territory", Binary("div", start, const(sum(START))))
    gov, press = state("will", const(0.5), ()), state("pressure", const(0.0), ())
    stage = state("stage", integer(0), (), "int")

    total = value("total", Reduce("sum", G, m), ())
    p = value("force", select(same(stage, integer(2)), press, const(0.0)), ())
    deterred = value("deterred", negative_exp(mul(const(0.5), p)), ())
    z = ir.Score(Word("shock", (G,)))
    rec = mul(mul(mul(const(0.0025), m), deterred), add(const(1.0), mul(const(0.1), z)))
    los = add(Binary("div", mul(const(110.0), m), total), mul(mul(mul(p, const(0.01)), m), arms))
    c = value("conflict", mul(mul(mul(const(1.5e-8), m), sub(total, m)), const(5.0)))
    after = sub(sub(sub(add(m, rec), los), c), mul(mul(const(4e-8), m), m))
    m2 = value("members next", Binary("max", after, const(1.0)))
    earned = mul(mul(mul(const(0.02), m2), coh), negative_exp(mul(p, terr)))
    r = value("revenue next", add(mul(rev, const(0.98)), earned))
    hazard = add(mul(const(0.01), sub(const(1.0), coh)), mul(const(0.02), p))
    s = value("splits", ir.Below(Word("split", (G,)), chance(hazard)), type_="bool")
    whole = add(coh, mul(const(0.01), sub(const(0.9), coh)))
    coh2 = value("cohesion next", cut(select(s, mul(coh, const(0.7)), whole)))
    gained = Binary("div", mul(const(0.01), r), add(m2, const(1.0)))
    arms2 = cut(sub(add(arms, gained), mul(mul(mul(const(0.02), p), arms), const(1.0))))
    terr2 = add(terr, mul(const(0.05), sub(Binary("div", m2, total), terr)))
    splits = Reduce("sum", G, indicator(s))
    pulled = sub(add(gov, mul(const(0.01), sub(const(0.5), gov))), mul(const(0.02), p))
    gov2 = value("will next", cut(add(pulled, mul(const(0.01), splits))), ())
    mean_cohesion = Binary("div", Reduce("sum", G, coh2), const(8.0))
    rate = mul(const(0.02), gov2)
    for part in (
        mul(const(0.03), sub(const(1.0), gov2)),
        const(0.02),
        mul(const(0.01), press),
        mul(const(0.02), mean_cohesion),
    ):
        rate = add(rate, part)
    moves = both(Binary("ilt", stage, integer(4)), ir.Below(Word("move", ()), chance(rate)))
    stage2 = value("stage next", select(moves, Binary("iadd", stage, integer(1)), stage), (), "int")
    goal = select(same(stage2, integer(2)), const(0.8), const(0.0))
    press2 = cut(add(press, mul(const(0.05), sub(goal, press))))
    for name, node in (("members", m2), ("revenue", r), ("cohesion", coh2), ("arms", arms2), ("territory", terr2)):
        update.append(Assign(name, node))
    for name, node in (("will", gov2), ("pressure", press2), ("stage", stage2)):
        update.append(Assign(name, node))
    outputs = {
        "members": Reduce("sum", G, m2), "conflict": Reduce("sum", G, c), "revenue": Reduce("sum", G, r),
        "stage": real(stage2),
    }  # fmt: skip
    streams = {
        "shock": ir.Stream("shock", ("organisation",), "step"), "split": ir.Stream("split", ("organisation",), "step"),
        "move": ir.Stream("move", (), "step"),
    }  # fmt: skip
    return rewrite(
        ir.Program(
            "The synthetic workload", 7.0, STEPS, {"organisation": tuple(f"o{n}" for n in range(8))}, arrays,
            {"start": START}, (), streams, (), tuple(initial), tuple(step), tuple(update), (),
            tuple(ir.Series(n, node, "level", "year", "1", 1.0) for n, node in outputs.items()),
            (ir.Record("mean", outputs["members"], STEPS - 1),), (),
            {"year": tuple(ir.Period(str(y), 364.0 * y, 364.0 * (y + 1), True) for y in range(5))},
        )
    )  # fmt: skip
