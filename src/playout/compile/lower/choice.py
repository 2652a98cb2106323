"""What decisions and games share: when they fall due, and what they come out as until they do again."""

from __future__ import annotations

from playout.compile import build, ir
from playout.compile.ir import Load, Node
from playout.compile.lower.scope import Workbench, bind, own_axes
from playout.model.expression import Constant
from playout.model.scenario import Decision, Game

NOBODY = build.integer(-1)


def declare_choice(bench: Workbench, chosen: Decision | Game) -> None:
    """The states: how it came out last (-1: not yet), how often it did, and when."""
    sets = chosen.sets
    bench.state(f"{chosen.name}.made", sets, "int", NOBODY)
    bench.state(f"{chosen.name}.count", sets, "int", build.integer(0))
    if chosen.every is not None:
        bench.state(f"{chosen.name}.last", sets, "int", build.integer(0))


def choice_due(bench: Workbench, chosen: Decision | Game) -> Node:
    """For the first time, or again after the spacing, while the condition holds, for the living."""
    axes = own_axes(chosen.sets)
    first_time = build.same(Load(f"{chosen.name}.count", axes), build.integer(0))
    if chosen.every is not None:
        period = bench.meaning(chosen.every)
        assert isinstance(period, Constant)
        steps = build.integer(max(1, round(period.value / bench.days)))
        passed = ir.Binary("isub", ir.Step(), Load(f"{chosen.name}.last", axes))
        first_time = build.either(first_time, build.negate(ir.Binary("ilt", passed, steps)))
    due = build.both(first_time, bench.all_alive(axes, chosen.sets))
    if chosen.when is not None:
        when = bench.condition(chosen.when, bind(chosen.binders), chosen.sets, due, f"`when` of {chosen.name}")
        due = build.both(when, due)
    return due


def keep_choice(bench: Workbench, chosen: Decision | Game, comes_out: Node, outcome: Node) -> Node:
    """How it stands in this step: the new outcome where one comes out, else the last, else what holds before. Gives
    where one comes out."""
    name, sets, axes = chosen.name, chosen.sets, own_axes(chosen.sets)
    made, count = Load(f"{name}.made", axes), Load(f"{name}.count", axes)
    new = comes_out if isinstance(comes_out, Load) else bench.assign(f"{name}.chosen", sets, "bool", comes_out)
    after = bench.assign(f"{name}.after", sets, "int", build.select(new, outcome, made))
    before = _before(bench, chosen)
    standing = after if before == NOBODY else build.select(ir.Binary("ilt", after, build.integer(0)), before, after)
    bench.assign(name, sets, "int", standing)
    bench.next(f"{name}.made", build.select(new, after, made))
    bench.next(f"{name}.count", build.select(new, ir.Binary("iadd", count, build.integer(1)), count))
    if chosen.every is not None:
        bench.next(f"{name}.last", build.select(new, ir.Step(), Load(f"{name}.last", axes)))
    return new


def _before(bench: Workbench, chosen: Decision | Game) -> Node:
    if chosen.before in (None, "none"):
        return NOBODY
    return build.integer(bench.checked.scenario.choices(chosen).index(chosen.before))
