"""Policies and views: edits of beliefs, tables and decisions.

A view describes the world, a policy acts on it: a policy's edit is applied after the view's, so that ``=`` of a policy
overrules the view and ``*=`` builds on it.
"""

from __future__ import annotations

from collections.abc import Sequence

from playout.compile import build, ir
from playout.compile.ir import Const, Load, Node
from playout.compile.lower.scope import Workbench, own_axes
from playout.model.checked import Change
from playout.model.expression import Law
from playout.model.scenario import Belief, Table

VIEW = "view"
"""The array that holds each future's view, by position."""


def applies(bench: Workbench, change: Change, axes: Sequence[ir.Axis]) -> Node:
    """Where and when an edit holds: its members and its window."""
    result: Node = ir.TRUE
    for axis, member in zip(axes, change.members or (), strict=False):
        if member >= 0:
            result = build.both(result, build.same(ir.Position(axis), build.integer(member)))
    now = build.mul(build.real(ir.Step()), Const(bench.days))
    if change.start is not None:
        result = build.both(result, ir.Binary("le", Const(change.start), now))
    if change.until is not None:
        result = build.both(result, ir.Binary("lt", now, Const(change.until)))
    return result


def lower_inputs(bench: Workbench, policy: str | None) -> tuple[tuple[str, int], ...]:
    """Tables and beliefs with the edits of every view and of one policy.

    Returns the rows of the belief matrix: (belief, flat member position), and last the view's where there are views.
    """
    scenario = bench.checked.scenario
    columns: list[tuple[str, int]] = []
    if scenario.views:
        bench.array(VIEW, (), "int", "belief")
    for table in scenario.tables.values():
        name = _array_name(bench, policy, table.name)
        bench.array(name, table.sets, "real", "table")
        bench.tables[name] = tuple(v * table.unit.factor for v in table.values)
        _edit(bench, policy, table, name)
    for belief in scenario.beliefs.values():
        name = _array_name(bench, policy, belief.name)
        if belief.each == "step":
            bench.assign(name, belief.sets, "real", _noise(bench, belief))
        else:
            bench.array(name, belief.sets, "real", "belief")
            size = 1
            for set_name in belief.sets:
                size *= len(scenario.sets[set_name].members)
            columns += [(name, member) for member in range(size)]
        _edit(bench, policy, belief, name)
    if scenario.views:
        columns.append((VIEW, 0))
    return tuple(columns)


def _changes(bench: Workbench, policy: str | None, name: str) -> list[tuple[int | None, Change]]:
    """The edits of one name that change numbers in the run: (view's position or None for the policy, edit)."""
    found: list[tuple[int | None, Change]] = []
    for position, changes in enumerate(bench.checked.views.values()):
        found += [(position, c) for c in changes if c.name == name and c.value is not None]
    if policy is not None:
        found += [(None, c) for c in bench.checked.policies[policy] if c.name == name and c.value is not None]
    return found


def _array_name(bench: Workbench, policy: str | None, name: str) -> str:
    return f"{name} as written" if _changes(bench, policy, name) else name


def _edit(bench: Workbench, policy: str | None, thing: Table | Belief, written: str) -> None:
    """The name as equations see it: what is written, then the view's edits, then the policy's."""
    if written == thing.name:
        return
    axes = own_axes(thing.sets)
    value: Node = Load(written, axes)
    for view, change in _changes(bench, policy, thing.name):
        assert change.value is not None
        amount = bench.typed(change.value, {})
        match change.operator:
            case "*=":
                edited: Node = ir.Binary("mul", value, amount)
            case "+=":
                edited = ir.Binary("add", value, amount)
            case _:
                edited = amount
        here = applies(bench, change, axes)
        if view is not None:
            here = build.both(build.same(Load(VIEW), build.integer(view)), here)
        value = build.select(here, edited, value)
    bench.assign(thing.name, thing.sets, "real", value)


def _noise(bench: Workbench, belief: Belief) -> Node:
    """A belief drawn anew in every step."""
    axes = own_axes(belief.sets)
    labels = [bench.checked.scenario.sets[s].labels for s in belief.sets]
    shared = tuple(0 for _ in axes) if belief.shared else axes
    word = bench.word(f"belief {belief.name}", belief.sets, shared, "step")
    value: Node = Const(float("nan"))
    for entry in sorted(belief.entries, key=lambda e: e.members is not None):
        law: Law = bench.law(entry.law)
        drawn = bench.quantile(law, word, {}, None)
        here: Node = ir.TRUE
        for axis, names, member in zip(axes, labels, entry.members or (), strict=False):
            here = build.both(here, build.same(ir.Position(axis), build.integer(names.index(member))))
        value = build.select(here, drawn, value)
    return value
