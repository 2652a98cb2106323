"""Program → Program in which no expression is deep or large: what is more becomes arrays of its own.

Lowering makes chains as long as a scenario has options, moves, views or flows, and trees in which a part stands many
times. What reads expressions does so by recursion, and code is made of an expression whole: both are bounded here.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playout.compile import ir
from playout.compile.ir import Assign, Axis, Delay, Node, Program

DEEPEST = 64
"""How deep an expression may be: more than twice what the deepest of the installed scenarios has."""

LARGEST = 2048
"""How many nodes it may have, one that stands in several places counted in each."""


SHARED_FROM = 16
"""From how many nodes on what stands in several places of an expression that is too deep or too large is made once."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is asked of an expression: its free index variables, whether it is part of a Repeat's turn, its depth and
    its size."""

    axes: frozenset[Axis]
    open: bool
    depth: int
    size: int


class Facts:
    """The facts of expressions, found once for each object and without recursion."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Node, Fact]] = {}

    def of(self, node: Node) -> Fact:
        """The facts of an expression."""
        if id(node) not in self._known:
            for each in unseen(node, self._known):
                self._known[id(each)] = each, self._fact(each)
        return self._known[id(node)][1]

    def _fact(self, node: Node) -> Fact:
        below = [self._known[id(child)][1] for child in ir.children(node)]
        return Fact(
            axes=ir.free_axes(node, (fact.axes for fact in below)),
            open=isinstance(node, ir.Carried) or (not isinstance(node, ir.Repeat) and any(fact.open for fact in below)),
            depth=1 + max((fact.depth for fact in below), default=0),
            size=1 + sum(fact.size for fact in below),
        )


def unseen(root: Node, known: dict[int, Any]) -> Iterator[Node]:
    """The nodes of an expression that are not ``known`` by their identity, each after those below it; the caller makes
    them known as they come."""
    waiting = [root]
    while waiting:
        node = waiting[-1]
        if id(node) in known:
            waiting.pop()
            continue
        left = [child for child in ir.children(node) if id(child) not in known]
        if left:
            waiting += left
        else:
            yield node
            waiting.pop()


def canonical(axes: frozenset[Axis]) -> tuple[Axis, ...] | None:
    """Index variables in the order that an array of their own would have them in; None where they are not numbered
    from 0 per set, as its would be."""
    ordered = tuple(sorted(axes))
    numbers: dict[str, int] = {}
    for axis in ordered:
        if axis.number != numbers.get(axis.set, 0):
            return None
        numbers[axis.set] = axis.number + 1
    return ordered


def cut(program: Program) -> Program:
    """The program with the parts of deep and large expressions as arrays, each made just before its first reader."""
    arrays = dict(program.arrays)
    once, initial, step = (_Cutter(program, arrays, role) for role in ("once", "once", "step"))
    first = [made for item in program.once for made in once.items(item)]
    starts = [made for item in program.initial for made in initial.items(item)]
    steps = [made for item in program.step for made in step.items(item)]
    readings: list[tuple[Any, ...]] = []
    for kind in (program.update, program.checks, program.series, program.records, program.tallies):
        found = [list(step.items(item)) for item in kind]
        steps += [part for parts in found for part in parts[:-1]]
        readings.append(tuple(parts[-1] for parts in found))
    update, checks, series, records, tallies = readings
    if len(arrays) == len(program.arrays):
        return program
    return dataclasses.replace(
        program, arrays=arrays, once=tuple(first), initial=tuple(starts), step=tuple(steps),
        update=update, checks=checks, series=series, records=records, tallies=tallies,
    )  # fmt: skip


class _Cutter:
    """Cuts the expressions of one phase; a part that stands in several is one array."""

    def __init__(self, program: Program, arrays: dict[str, ir.Array], role: ir.Role) -> None:
        self.program = dataclasses.replace(program, arrays=arrays)  # which knows the types of arrays made here
        self.arrays, self.role = arrays, role
        self.facts = Facts()
        self.changed: dict[int, tuple[Node, Node]] = {}
        self.made: dict[int, tuple[Node, Node]] = {}
        self.parts: list[Assign] = []

    def items(self, item: Any) -> Iterator[Any]:
        """The arrays that an item needs, then the item."""
        name = "source" if isinstance(item, Delay) else "node"
        new = self._cut(getattr(item, name))
        parts, self.parts = self.parts, []
        yield from parts
        yield item if new is getattr(item, name) else dataclasses.replace(item, **{name: new})

    def _cut(self, root: Node) -> Node:
        fact = self.facts.of(root)
        if fact.depth <= DEEPEST and fact.size <= LARGEST:
            return root
        fresh = []
        for node in unseen(root, self.changed):
            self.changed[id(node)] = node, node  # until what is below it has changed
            fresh.append(node)
        readers = Counter(id(child) for node in fresh for child in ir.children(node))
        for node in fresh:
            new = self._bounded(ir.rebuild(node, lambda child: self.changed[id(child)][1]))
            again = readers[id(node)] > 1 and self.facts.of(new).size >= SHARED_FROM and self._may_go(new)
            self.changed[id(node)] = node, self._array(new) if again else new
        return self.changed[id(root)][1]

    def _bounded(self, node: Node) -> Node:
        """A node whose parts are bounded, with as many of them cut off as it takes for it to be so."""
        while True:
            fact = self.facts.of(node)
            if fact.depth <= DEEPEST and fact.size <= LARGEST:
                return node
            choice = [child for child in ir.children(node) if self._may_go(child)]
            if not choice:
                return node
            worst = self.facts.of
            most = max(choice, key=lambda c: worst(c).depth if fact.depth > DEEPEST else worst(c).size)
            node = ir.rebuild(node, lambda child, gone=most: self._array(child) if child is gone else child)  # type: ignore[misc]  # a default of mypy's own

    def _may_go(self, node: Node) -> bool:
        if isinstance(node, ir.Const | ir.Load | ir.Step | ir.Position | ir.Word | ir.Carried):
            return False
        fact = self.facts.of(node)
        return not fact.open and canonical(fact.axes) is not None

    def _array(self, node: Node) -> Node:
        """The array that an expression becomes, read at its own axes."""
        if id(node) not in self.made:
            axes = canonical(self.facts.of(node).axes)
            assert axes is not None
            name = f"part {len(self.arrays)}"
            self.arrays[name] = ir.Array(name, tuple(a.set for a in axes), self.program.type_of(node), self.role)
            self.parts.append(Assign(name, node))
            self.made[id(node)] = node, ir.Load(name, axes)
        return self.made[id(node)][1]
