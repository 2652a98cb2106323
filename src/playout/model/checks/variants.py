"""Policies and views: what they change, to what, and when."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from typing import TypeAlias

from playout.errors import did_you_mean
from playout.model.checked import ALL, Change
from playout.model.checks.quantities import entries_of
from playout.model.checks.workbench import Workbench
from playout.model.expression import Binder, Constant, Expression, LawText, MemberOf, Name, Type, Typed
from playout.model.findings import listed
from playout.model.law import Quantity, states_unit
from playout.model.names import choice_type
from playout.model.scenario import Assignment, Belief, Decision, Table, Variant
from playout.model.typed import constant, unit_words
from playout.model.units import DIMENSIONLESS
from playout.model.words import is_word

_CREDENCE_TOLERANCE = 1e-6


Changes: TypeAlias = dict[str, tuple[Change, ...]]
"""The changes of each policy or view, in file order."""


def check_variants(bench: Workbench, end: dt.date) -> tuple[Changes, Changes]:
    """The changes of each policy and of each view; credences that sum to one; a baseline that exists."""
    scenario, findings = bench.scenario, bench.findings
    policies = {name: _changes(bench, policy, "policy", end) for name, policy in scenario.policies.items()}
    views = {name: _changes(bench, view, "view", end) for name, view in scenario.views.items()}
    if scenario.baseline is not None and scenario.baseline not in scenario.policies:
        hint = did_you_mean(scenario.baseline, scenario.policies)
        span = scenario.baseline_span or scenario.span
        findings.error(span, "unknown-policy", f"the baseline `{scenario.baseline}` is no policy", hint)
    if scenario.views:
        credences = [view.credence or 0.0 for view in scenario.views.values()]
        total = math.fsum(credences)
        if abs(total - 1.0) > _CREDENCE_TOLERANCE:
            written = " + ".join(f"{credence:g}" for credence in credences)
            message = f"the credences of all views must sum to one; {written} is {total:g}"
            last = list(scenario.views.values())[-1]
            hint = "add a view such as `none_of_these` for what is left" if total < 1.0 else None
            findings.error(last.span, "credence", message, hint)
    return policies, views


def _changes(bench: Workbench, variant: Variant, kind: str, end: dt.date) -> tuple[Change, ...]:
    found: list[Change] = []
    for assignment in variant.assignments:
        changes = _change(bench, assignment, kind)
        windowed = [_with_window(bench, change, assignment, end) for change in changes]
        for change in windowed:
            _refuse_overlap(bench, variant, kind, change, found)
        found += windowed
    _refuse_nothing_left(bench, variant, kind, found)
    return tuple(found)


# --- windows ----------------------------------------------------------------------------------------------------------


def _with_window(bench: Workbench, change: Change, assignment: Assignment, end: dt.date) -> Change:
    """The change with its window in days since the start."""
    start = bench.scenario.start
    begin, until = assignment.start, assignment.until
    if begin is not None and until is not None and until <= begin:
        bench.findings.error(assignment.span, "window", f"this holds from {begin} until {until}: never")
    elif begin is not None and begin >= end:
        message = f"this begins on {begin}, and the run ends on {end}"
        bench.findings.error(assignment.span, "window", message, "take an earlier date, or extend the horizon")
    elif until is not None and until <= start:
        bench.findings.error(assignment.span, "window", f"this ends on {until}, and the run starts on {start}")
    if change.law is not None and (begin is not None or until is not None):
        message = "a distribution stands for the whole run; this one has a window"
        hint = f"write a number, or change the belief by `*=`: `{assignment.target.name} *= 0.5 from …`"
        bench.findings.error(assignment.span, "window", message, hint)
    days = [None if date is None else float((date - start).days) for date in (begin, until)]
    return dataclasses.replace(change, start=days[0], until=days[1])


def _refuse_overlap(bench: Workbench, variant: Variant, kind: str, change: Change, earlier: list[Change]) -> None:
    """Two changes of one thing at one time: it could not be told which holds."""
    for other in earlier:
        same = (other.what, other.name) == (change.what, change.name) and _meet(other.members, change.members)
        if not same or "forbid" in (other.operator, change.operator):
            continue
        before, after = (-math.inf if c.start is None else c.start for c in (other, change))
        if before < (math.inf if change.until is None else change.until) and after < (
            math.inf if other.until is None else other.until
        ):
            message = f"the {kind} `{variant.name}` changes `{change.name}` twice at the same time"
            hint = "make one change of both, or let one end (`until`) where the other begins (`from`)"
            related = [(other.span, "the first change stands here")]
            bench.findings.error(change.span, "overlap", message, hint, related)
            return


def _meet(a: tuple[int, ...] | None, b: tuple[int, ...] | None) -> bool:
    """Whether two lists of members have one in common."""
    if a is None or b is None:
        return True
    return all(x == y or ALL in (x, y) for x, y in zip(a, b, strict=False))


def _refuse_nothing_left(bench: Workbench, variant: Variant, kind: str, changes: list[Change]) -> None:
    """A policy that forbids every option of a decision leaves nothing to choose."""
    for decision in bench.scenario.decisions.values():
        number = len(decision.options) if decision.choose is None else None
        forbidden = [c for c in changes if c.name == decision.name and c.operator == "forbid"]
        for_good = {c.option for c in forbidden if c.members is None and c.start is None and c.until is None}
        if number and len(for_good) == number:
            message = f"the {kind} `{variant.name}` forbids every option of `{decision.name}`"
            hint = f"write `{decision.name} = OPTION` to choose one"
            bench.findings.error(forbidden[-1].span, "no-choice", message, hint)
        pinned = [c for c in changes if c.name == decision.name and c.operator == "=" and c.option in for_good]
        for change in pinned:
            message = f"the {kind} `{variant.name}` chooses an option of `{decision.name}` that it forbids"
            bench.findings.error(change.span, "overlap", message)


# --- what is changed --------------------------------------------------------------------------------------------------


def _change(bench: Workbench, assignment: Assignment, kind: str) -> list[Change]:
    """One line; several changes where a belief's members have bounds of their own."""
    scenario, name = bench.scenario, assignment.target.name
    if name == "spreads":
        return _spreads(bench, assignment, kind)
    if assignment.operator == "forbid" or name in scenario.decisions:
        return _of_decision(bench, assignment)
    if name in scenario.beliefs:
        return _of_belief(bench, assignment, scenario.beliefs[name])
    if name in scenario.tables:
        return _of_table(bench, assignment, scenario.tables[name])
    entry = bench.names.entries.get(name)
    assignable = [*scenario.beliefs, *scenario.tables, *scenario.decisions]
    if entry is None:
        message, hint, code = f"there is no `{name}`", did_you_mean(name, assignable), "unknown-name"
        if name in bench.names.options:
            hint = f"write `{bench.names.options[name][0]} = {name}`"
    else:
        message = f"a {kind} changes beliefs, tables and decisions; `{name}` is {entry.described}"
        hint, code = "let a belief or a table stand in its equation, and change that", "assignment"
        if name in scenario.games:
            hint = "let a belief or a table stand in its pay-offs, and change that"
    bench.findings.error(assignment.target.span, code, message, hint)
    return []


def _members(bench: Workbench, assignment: Assignment, sets: tuple[str, ...]) -> tuple[bool, tuple[int, ...] | None]:
    """Whether the indexes are sound, and the positions of the members they name (None: all members)."""
    target = assignment.target
    if not target.indices:
        return True, None
    if len(target.indices) != len(sets):
        message = f"`{target.name}` has no indexes"
        if sets:
            message = f"`{target.name}` is indexed by {listed(sets)}, and this gives {len(target.indices)} indexes"
        bench.findings.error(target.span, "index", message)
        return False, None
    positions: list[int] = []
    for index, set_name in zip(target.indices, sets, strict=True):
        if isinstance(index, Binder):
            if index.set != set_name:
                message = (
                    f"`{target.name}` wants a member of `{set_name}` here; `{index.variable}` runs over `{index.set}`"
                )
                bench.findings.error(index.span, "index", message)
                return False, None
            positions.append(ALL)
            continue
        typed = bench.resolver.member(index, {}, set_name, f"the index of `{target.name}`")
        if typed is None:
            return False, None
        if not isinstance(typed, MemberOf) or typed.position < 0:
            message = f"a change names a member of `{set_name}`, or none for all"
            bench.findings.error(index.span, "index", message)
            return False, None
        positions.append(typed.position)
    return True, tuple(positions)


def _known(bench: Workbench, tree: Expression) -> tuple[float, Type] | None:
    """A number known before the run, and its type."""
    typed = bench.resolver.read(tree, {})
    if typed is None or not bench.resolver.is_number(typed, "a change"):
        return None
    value = constant(typed)
    if value is None:
        message = "a change is a known number, not an equation"
        bench.findings.error(tree.span, "assignment", message, "write the number, or put the equation in the scenario")
        return None
    if not math.isfinite(value):
        bench.findings.error(tree.span, "assignment", f"a change is a finite number; this is {value:g}")
        return None
    return value, typed.type


def _amount(bench: Workbench, assignment: Assignment, thing: Belief | Table) -> Typed | None:
    """The number on the right side, in base units: a factor, or an amount in the thing's unit."""
    tree = assignment.value
    assert tree is not None
    assert not isinstance(tree, LawText)
    known = _known(bench, tree)
    if known is None:
        return None
    value, type_ = known
    wanted = DIMENSIONLESS if assignment.operator == "*=" else thing.unit.dimension
    if not states_unit(tree) and type_.dimension.plain:
        value *= 1.0 if assignment.operator == "*=" else thing.unit.factor
    elif type_.dimension != wanted:
        found = unit_words(type_.dimension)
        message = f"`{thing.name}` is in {thing.unit.text}; this is {found}"
        if assignment.operator == "*=":
            message = f"what `{thing.name}` is multiplied by is a plain number; this is {found}"
        bench.findings.error(tree.span, "units", message)
        return None
    probability = thing.unit.is_probability and assignment.operator == "="
    if probability and not 0.0 <= value <= 1.0:
        bench.findings.error(tree.span, "probability", f"a probability lies between 0 and 1; this is {value:g}")
        return None
    return Constant(Type("number", wanted), value, tree.span)


def _of_table(bench: Workbench, assignment: Assignment, table: Table) -> list[Change]:
    sound, members = _members(bench, assignment, table.sets)
    if isinstance(assignment.value, LawText):
        message = f"the table `{table.name}` holds known numbers, and this is a distribution"
        hint = "make it a belief, or write a number"
        bench.findings.error(assignment.value.span, "assignment", message, hint)
        return []
    value = _amount(bench, assignment, table)
    if not sound or value is None:
        return []
    return [Change("table", table.name, assignment.operator, assignment.span, members, value)]


def _of_belief(bench: Workbench, assignment: Assignment, belief: Belief) -> list[Change]:
    sound, members = _members(bench, assignment, belief.sets)
    law = _as_law(bench, assignment)
    if law is None:
        value = _amount(bench, assignment, belief)
        if not sound or value is None:
            return []
        return [Change("belief", belief.name, assignment.operator, assignment.span, members, value)]
    if belief.each == "step":
        message = f"`{belief.name}` is drawn anew in every step; a change of it is `*=` or `+=`"
        bench.findings.error(assignment.span, "assignment", message)
        return []
    if not sound:
        return []
    return _new_laws(bench, assignment, belief, members, law)


def _as_law(bench: Workbench, assignment: Assignment) -> LawText | None:
    """The right side as a distribution, if it is one: a word without spaces looks like a name."""
    value = assignment.value
    if isinstance(value, Name) and value.name not in bench.names.entries and is_word(value.name):
        return LawText(value.span, "word", word=value.name.replace("_", " "))
    return value if isinstance(value, LawText) else None


def _new_laws(
    bench: Workbench, assignment: Assignment, belief: Belief, members: tuple[int, ...] | None, law: LawText
) -> list[Change]:
    """The new law of a belief, within the bounds the belief has: one change where all members share them."""
    sizes = [len(bench.scenario.sets[name].members) for name in belief.sets]
    chosen = [
        (flat, where)
        for flat, where in enumerate(itertools.product(*(range(size) for size in sizes)))
        if members is None or _meet(members, where)
    ]
    entries = entries_of(bench, belief)
    bounds = {where: entry.within if (entry := entries[flat]) is not None else None for flat, where in chosen}
    quantity = Quantity.of(belief.unit)
    laws = {}
    for within in dict.fromkeys(bounds.values()):
        read = bench.read.distribution(law, quantity, within, assignment.span)
        if read is None:
            return []
        laws[within] = read
    base = Change("belief", belief.name, assignment.operator, assignment.span, members)
    if len(laws) == 1:
        return [dataclasses.replace(base, law=next(iter(laws.values())))]
    return [dataclasses.replace(base, members=where, law=laws[within]) for where, within in bounds.items()]


def _spreads(bench: Workbench, assignment: Assignment, kind: str) -> list[Change]:
    """``spreads *= 2`` of a view."""
    if kind != "view":
        message = "`spreads` widens what we believe, so it stands in a view and not in a policy"
        bench.findings.error(assignment.target.span, "assignment", message)
        return []
    value = assignment.value
    if assignment.operator != "*=" or assignment.target.indices or assignment.start or assignment.until:
        message = "`spreads` is multiplied, for all beliefs and the whole run"
        bench.findings.error(assignment.span, "assignment", message, "write `spreads *= 2`")
        return []
    assert value is not None
    assert not isinstance(value, LawText)
    known = _known(bench, value)
    if known is None:
        return []
    if not known[1].dimension.plain or known[0] <= 0.0:
        bench.findings.error(value.span, "assignment", "`spreads` is multiplied by a plain number above 0")
        return []
    factor = Constant(Type("number"), known[0], value.span)
    return [Change("spreads", "spreads", "*=", assignment.span, None, factor)]


# --- decisions --------------------------------------------------------------------------------------------------------


def _of_decision(bench: Workbench, assignment: Assignment) -> list[Change]:
    """``authority = finding`` and ``forbid authority.strikes``."""
    name = assignment.target.name
    decision = bench.scenario.decisions.get(name)
    if decision is None:
        message, hint = f"there is no decision `{name}`", did_you_mean(name, bench.scenario.decisions)
        if name in bench.scenario.games:
            message = f"`{name}` is a game: its moves and ends cannot be forbidden"
            hint = "let a belief or a table stand in its pay-offs, and change that"
        bench.findings.error(assignment.target.span, "unknown-name", message, hint)
        return []
    sound, members = _members(bench, assignment, decision.sets)
    option = _option(bench, assignment, decision)
    if not sound or option is None:
        return []
    return [Change("decision", name, assignment.operator, assignment.span, members, option=option)]


def _option(bench: Workbench, assignment: Assignment, decision: Decision) -> int | None:
    """The position of the option or member that is pinned or forbidden."""
    if assignment.operator in ("*=", "+="):
        message = f"`{decision.name}` is a decision: it is chosen with `=`, or an option of it forbidden"
        bench.findings.error(assignment.span, "assignment", message, f"write `{decision.name} = OPTION`")
        return None
    value = assignment.value
    name, span = assignment.option, assignment.span
    if name is None:
        if not isinstance(value, Name):
            message = f"`{decision.name}` is a decision: on the right side stands one of its options"
            found = value.span if value is not None else assignment.span
            if isinstance(value, LawText) and value.word:
                name, span = value.word, value.span
            else:
                bench.findings.error(found, "assignment", message, f"write `{decision.name} = OPTION`")
                return None
        else:
            name, span = value.name, value.span
    wanted = choice_type(decision)
    assert wanted.set is not None
    if wanted.kind == "member":
        if wanted.set not in bench.scenario.sets:
            return None
        known: list[str] = list(bench.scenario.sets[wanted.set].labels)
        code, message = "unknown-member", f"`{decision.name}` chooses a member of `{wanted.set}`; `{name}` is none"
    else:
        known = [o.name for o in decision.options]
        code, message = "unknown-option", f"`{decision.name}` has no option `{name}`"
    if name not in known:
        hint = did_you_mean(name, known) or f"there are {listed(known)}"
        bench.findings.error(span, code, message, hint)
        return None
    return known.index(name)
