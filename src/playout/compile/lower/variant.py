"""Policies and views: edits of beliefs, tables and decisions.

A view describes the world, a policy acts on it: a policy's edit is applied after the view's, so that ``=`` of a policy
overrules the view and ``*=`` builds on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from playout.compile import build, ir
from playout.compile.draws import belief_stream
from playout.compile.ir import Const, Load, Node
from playout.compile.lower.extent import ENDLESS, FINITE
from playout.compile.lower.scope import Workbench, own_axes
from playout.model.checked import SLACK, Change
from playout.model.expression import Constant, Law
from playout.model.scenario import Belief, Table

VIEW = "the view"
"""The array that holds each future's view, by position. No name in a scenario has a space in it."""

VIEW_STREAM = "view"
"""The stream that the view is drawn from."""

AS_WRITTEN = " as written"
"""What is added to the name of a table or belief that a variant changes inside the run."""


Edit: TypeAlias = tuple[int | None, Change]
"""A change, with the position of the view it belongs to (None: of the policy)."""


def applies(bench: Workbench, edit: Edit, axes: Sequence[ir.Axis]) -> Node:
    """Where and when an edit holds: its view, its members and its window."""
    view, change = edit
    result: Node = ir.TRUE if view is None else build.same(Load(VIEW), build.integer(view))
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
        bench.extents[name] = FINITE if all(map(math.isfinite, table.values)) else ENDLESS
        _edit(bench, policy, table, name)
    for belief in scenario.beliefs.values():
        name = _array_name(bench, policy, belief.name)
        if belief.each == "step":
            bench.assign(name, belief.sets, "real", _noise(bench, belief), FINITE)
        else:
            bench.array(name, belief.sets, "real", "belief")
            bench.extents[name] = FINITE
            size = 1
            for set_name in belief.sets:
                size *= len(scenario.sets[set_name].members)
            columns += [(name, member) for member in range(size)]
        _edit(bench, policy, belief, name)
    if scenario.views:
        columns.append((VIEW, 0))
    return tuple(columns)


def changes_of(bench: Workbench, policy: str | None, name: str) -> list[Edit]:
    """All edits of one name: each view's, then the policy's, which so has the last word."""
    found: list[Edit] = []
    for position, changes in enumerate(bench.checked.views.values()):
        found += [(position, c) for c in changes if c.name == name]
    if policy is not None:
        found += [(None, c) for c in bench.checked.policies[policy] if c.name == name]
    return found


def _number_edits(bench: Workbench, policy: str | None, name: str) -> list[Edit]:
    """The edits that change numbers in the run: a new law is in the belief matrix already."""
    return [edit for edit in changes_of(bench, policy, name) if edit[1].value is not None]


def _array_name(bench: Workbench, policy: str | None, name: str) -> str:
    return f"{name}{AS_WRITTEN}" if _number_edits(bench, policy, name) else name


def _edit(bench: Workbench, policy: str | None, thing: Table | Belief, written: str) -> None:
    """The name as equations see it: what is written, then the view's edits, then the policy's."""
    if written == thing.name:
        return
    axes = own_axes(thing.sets)
    new_laws = [e for e in changes_of(bench, policy, thing.name) if e[1].law is not None]
    value: Node = Load(written, axes)
    for edit in _number_edits(bench, policy, thing.name):
        change = edit[1]
        assert change.value is not None
        amount = bench.typed(change.value, {})
        match change.operator:
            case "*=":
                edited: Node = ir.Binary("mul", value, amount)
            case "+=":
                edited = ir.Binary("add", value, amount)
            case _:
                edited = amount
        value = build.select(_stands(bench, edit, new_laws, axes), edited, value)
    changed = bench.assign(thing.name, thing.sets, "real", value)
    if thing.unit.is_probability:
        _check_probability(bench, policy, thing, changed)


def _check_probability(bench: Workbench, policy: str | None, thing: Table | Belief, changed: Node) -> None:
    """A future stops where a change carries a probability out of 0 to 1. What cannot carry it out is not watched."""
    edits = [e for e in _number_edits(bench, policy, thing.name) if not _stays_probability(e[1])]
    if not edits:
        return
    views = list(bench.checked.views)
    changers = dict.fromkeys(f"the policy {policy}" if view is None else f"the view {views[view]}" for view, _ in edits)
    alive = bench.all_alive(own_axes(thing.sets), thing.sets)
    what = f"the probability {thing.name} left 0 to 1 as changed by {' and '.join(changers)}"
    bench.check(f"{thing.name} changed", thing.sets, changed, (-SLACK, 1.0 + SLACK), what, where=alive)


def _stays_probability(change: Change) -> bool:
    """Whether a change leaves every probability between 0 and 1; the checks have seen to `=`."""
    assert isinstance(change.value, Constant)
    return change.operator == "=" or (change.operator == "*=" and 0.0 <= change.value.value <= 1.0)


def _stands(bench: Workbench, edit: Edit, laws: Sequence[Edit], axes: Sequence[ir.Axis]) -> Node:
    """Where an edit holds, but for a view's where the policy has given the belief a law of its own."""
    here = applies(bench, edit, axes)
    if edit[0] is not None:
        for law in laws:
            if law[0] is None:
                here = build.both(here, build.negate(applies(bench, law, axes)))
    return here


def _noise(bench: Workbench, belief: Belief) -> Node:
    """A belief drawn anew in every step."""
    axes = own_axes(belief.sets)
    labels = [bench.checked.scenario.sets[s].labels for s in belief.sets]
    shared = tuple(0 for _ in axes) if belief.shared else axes
    word = bench.word(belief_stream(belief.name), belief.sets, shared, "step")
    value: Node = Const(float("nan"))
    for entry in sorted(belief.entries, key=lambda e: e.members is not None):
        law: Law = bench.law(entry.law)
        drawn = bench.quantile(law, word, {}, None)
        here: Node = ir.TRUE
        for axis, names, member in zip(axes, labels, entry.members or (), strict=False):
            here = build.both(here, build.same(ir.Position(axis), build.integer(names.index(member))))
        value = build.select(here, drawn, value)
    return value
