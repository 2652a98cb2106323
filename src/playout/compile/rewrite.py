"""Program → Program, meaning the same and costing less: no expression is deep or large, constants are folded, what
never changes in a run is computed once a future, what nobody reads is left out. Common subexpressions need no pass:
equal nodes are equal, and engines compute each once.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection, Iterator
from typing import Any

from playout.compile import ir
from playout.compile.cut import Facts, canonical, cut, unseen
from playout.compile.ir import Assign, Const, Load, Node, Program


def rewrite(program: Program) -> Program:
    """All passes, in order."""
    folded = map_nodes(cut(program), fold)
    settled = settle(folded)
    hoisted = hoist(settled)
    return prune(hoisted)


def only(program: Program, wanted: Collection[str], *, tallied: bool = False) -> Program:
    """The program that reports only what is ``wanted``, by names of measures, tracks, decisions, events and questions.

    Checks of measures that are not reported go; every check of what the rest stands on stays. tallied: whether tallies
    of the tracks that are wanted stay; all go by default.
    """
    kept = tuple(record for record in program.records if reported_of(record) in wanted)
    series = tuple(item for item in program.series if item.name in wanted)
    gone = {f"measure {item.name}" for item in program.series} - {f"measure {item.name}" for item in series}
    checks = tuple(check for check in program.checks if check.name not in gone)
    tallies = tuple(tally for tally in program.tallies if tallied and tally.name in wanted)
    return dataclasses.replace(program, checks=checks, series=series, records=kept, tallies=tallies)


def reported_of(record: ir.Record) -> str:
    """The track, decision, event, question or set that a record tells of."""
    kind, _, name = record.name.rpartition(" ")
    return name if kind else name.partition(".")[0]


def map_nodes(program: Program, change: Callable[[Node], Node]) -> Program:
    """The program with every expression changed."""

    def changed(item: Any) -> Any:
        if isinstance(item, ir.Delay):
            return dataclasses.replace(item, source=change(item.source))
        return dataclasses.replace(item, node=change(item.node))

    return dataclasses.replace(
        program,
        once=tuple(map(changed, program.once)),
        initial=tuple(map(changed, program.initial)),
        step=tuple(map(changed, program.step)),
        update=tuple(map(changed, program.update)),
        checks=tuple(map(changed, program.checks)),
        series=tuple(map(changed, program.series)),
        records=tuple(map(changed, program.records)),
        tallies=tuple(map(changed, program.tallies)),
    )


# --- constants --------------------------------------------------------------------------------------------------------

_FOLD: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b if b else math.nan,
    "min": min,
    "max": max,
}


def fold(node: Node) -> Node:
    """Arithmetic between constants done now."""
    node = ir.rebuild(node, fold)
    match node:
        case ir.Binary(operator, Const(a), Const(b)) if operator in _FOLD:
            if math.isfinite(a) and math.isfinite(b) and not (operator == "div" and b == 0):
                return Const(_FOLD[operator](a, b))
        case ir.Unary("neg", Const(a)):
            return Const(-a)
        case ir.Unary("real", Const(a)):
            return Const(a)
        case ir.Unary("indicator", Const(a, "bool")):
            return Const(a)
        case ir.Select(Const(a, "bool"), then, otherwise):
            return then if a else otherwise
        case ir.Word(stream, index, Const(_) as number, where) if where is not None:
            return ir.Word(stream, index, number)  # it never changes, so it can be drawn once for all steps
    return node


# --- once a future ----------------------------------------------------------------------------------------------------


def changes(node: Node, arrays: dict[str, ir.Array]) -> bool:
    """Whether a node may differ from step to step."""
    return changes_itself(node, arrays) or any(changes(child, arrays) for child in ir.children(node))


def changes_itself(node: Node, arrays: dict[str, ir.Array]) -> bool:
    """Whether a node may differ from step to step whatever stands below it."""
    match node:
        case Load():
            return arrays[node.array].role in ("state", "step")
        case ir.Word():
            return node.number is None
    return isinstance(node, ir.Step)


def settle(program: Program) -> Program:
    """Assignments of a step that never change move to `once`."""
    arrays = dict(program.arrays)
    once, step = list(program.once), []
    for item in program.step:
        if isinstance(item, Assign) and not changes(item.node, arrays):
            arrays[item.array] = dataclasses.replace(arrays[item.array], role="once")
            once.append(item)
        else:
            step.append(item)
    return dataclasses.replace(program, arrays=arrays, once=tuple(once), step=tuple(step))


def hoist(program: Program) -> Program:
    """The largest parts of a step's expressions that never change become arrays of their own, made once a future."""
    arrays = dict(program.arrays)
    made: dict[Node, str] = {}
    facts = Facts()
    moves: dict[int, tuple[Node, bool]] = {}  # whether a node may differ from step to step

    def lift(node: Node) -> Node:
        if isinstance(node, Const | Load | ir.Position | ir.Step):
            return node
        fact = facts.of(node)
        axes = canonical(fact.axes)
        for each in unseen(node, moves):
            below = any(moves[id(child)][1] for child in ir.children(each))
            moves[id(each)] = each, below or changes_itself(each, arrays)
        if moves[id(node)][1] or fact.open or axes is None:
            return ir.rebuild(node, lift)
        if node not in made:
            made[node] = f"once {len(made) + 1}"
            sets = tuple(axis.set for axis in axes)
            arrays[made[node]] = ir.Array(made[node], sets, program.type_of(node), "once")
        return Load(made[node], axes)

    lifted = map_nodes(dataclasses.replace(program, once=(), initial=()), lift)
    once = (*program.once, *(Assign(name, node) for node, name in made.items()))
    return dataclasses.replace(lifted, arrays=arrays, once=once, initial=program.initial)


# --- dead code --------------------------------------------------------------------------------------------------------


def prune(program: Program) -> Program:
    """Leave out arrays, states and streams that nothing reported or checked depends on."""
    sources: dict[str, list[Node]] = {}
    for item in (*program.once, *program.initial, *program.step, *program.update):
        sources.setdefault(item.array, []).append(item.node if isinstance(item, Assign) else item.source)
    wanted: set[str] = set()
    waiting = [reading.node for reading in program.readings()]
    while waiting:
        for name in set(_arrays(waiting.pop())) - wanted:
            wanted.add(name)
            waiting += sources.get(name, [])
    kept = dataclasses.replace(
        program,
        arrays={n: a for n, a in program.arrays.items() if n in wanted},
        once=tuple(i for i in program.once if i.array in wanted),
        initial=tuple(i for i in program.initial if i.array in wanted),
        step=tuple(i for i in program.step if i.array in wanted),
        update=tuple(i for i in program.update if i.array in wanted),
        tables={n: v for n, v in program.tables.items() if n in wanted},
    )
    streams = {s for root in kept.roots() for s in _streams(root)}
    return dataclasses.replace(kept, streams={n: s for n, s in program.streams.items() if n in streams})


def _arrays(node: Node) -> Iterator[str]:
    if isinstance(node, Load):
        yield node.array
    for child in ir.children(node):
        yield from _arrays(child)


def _streams(node: Node) -> Iterator[str]:
    if isinstance(node, ir.Word):
        yield node.stream
    for child in ir.children(node):
        yield from _streams(child)
