"""Program expressions as terms: every different expression once, with what code making asks of it.

A term is equal to another only if it is the same object, so tables keyed by terms are fast however deep they nest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from playout.compile import ir
from playout.compile.ir import Axis

Place: TypeAlias = "Axis | int | Term"

_COST = {"Word": 3, "Below": 5, "Score": 60, "Uniform": 3, "Piecewise": 12, "Quantile": 60, "Load": 1}
_OPERATOR_COST = {"exp": 25, "expm1": 25, "log": 30, "sqrt": 10, "logistic": 40, "pow": 150, "div": 8}
ENTRY_WORD_COST = 150
REPEATED = 40
"""Turns that a repetition is taken to have."""
_MOST = 10**12
LAZY = 24
"""From this cost on, what a condition guards is computed only where some lane holds it."""


@dataclass(slots=True, eq=False)
class Term:
    """An expression.

    tag: the IR node's class. fields: its plain fields, in order. parts: its sub-terms that are not indexes. index: of a
    Load or Word. axes: its free index variables; bound: those that reductions within it bind. varies: whether it may
    differ between futures. cost: rough cycles a vector. depth, size: as of `cut.Fact`.
    """

    tag: str
    fields: tuple[Any, ...]
    parts: tuple[Term, ...]
    index: tuple[Place, ...]
    type: ir.Type
    axes: frozenset[Axis]
    varies: bool
    cost: int
    bound: frozenset[Axis]
    depth: int
    size: int

    def below(self) -> Iterator[Term]:
        """All terms directly below."""
        yield from self.parts
        for place in self.index:
            if isinstance(place, Term):
                yield place

    def at_own_axes(self) -> bool:
        """Whether a Load's index is the array's own axes, in order."""
        return self.index == own_axes(tuple(p.set if isinstance(p, Axis) else "" for p in self.index))

    def guarded(self) -> tuple[Term | None, tuple[Term, ...]]:
        """The condition under which alone some parts matter, and those parts, where that is worth a branch."""
        if self.tag == "Word" and self.fields[2]:
            return self.parts[-1], (self.parts[0], *(p for p in self.index if isinstance(p, Term)))
        if self.tag == "Quantile" and self.fields[1]:
            return self.parts[-1], self.parts[:-1]
        if self.tag == "Repeat":
            return self.parts[-1], self.parts[:-1]
        if self.tag == "Select":
            return self.parts[0], tuple(p for p in self.parts[1:] if p.cost >= LAZY)
        return None, ()


def own_axes(sets: tuple[str, ...]) -> tuple[Axis, ...]:
    """The axes of an array over these sets, numbered from 0 per set."""
    return tuple(Axis(name, sets[:place].count(name)) for place, name in enumerate(sets))


def walk(root: Term, seen: set[Term]) -> Iterator[tuple[Term, bool]]:
    """Every term once, and whether all its uses found so far are guarded."""
    waiting = [(root, False)]
    while waiting:
        term, lazy = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        yield term, lazy
        _, guarded = term.guarded()
        waiting += [(below, lazy or below in guarded) for below in term.below()]


def loads(term: Term) -> Iterator[Term]:
    """Every Load in a term, once."""
    return (t for t, _ in walk(term, set()) if t.tag == "Load")


@dataclass
class Terms:
    """Makes terms, each once. ``arrays`` are the program's and those that code making adds; ``uniform`` names the
    arrays that are the same in all futures."""

    program: ir.Program
    arrays: dict[str, ir.Array] = field(default_factory=dict)
    uniform: set[str] = field(default_factory=set)
    _made: dict[tuple[Any, ...], Term] = field(default_factory=dict)
    _nodes: dict[int, tuple[ir.Node, Term]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.arrays = dict(self.program.arrays)
        self.uniform = {a.name for a in self.arrays.values() if a.role == "table"}
        for assign in self.program.once:  # before any other term is made: a term remembers whether it varies
            if not self.of(assign.node).varies:
                self.uniform.add(assign.array)

    def of(self, node: ir.Node) -> Term:
        """The term of a node."""
        found = self._nodes.get(id(node))
        if found is None:
            found = self._nodes[id(node)] = (node, self._convert(node))
        return found[1]

    def _convert(self, node: ir.Node) -> Term:
        match node:
            case ir.Const(value, type_):
                return self.make("Const", (float(value).hex(), type_))
            case ir.Step():
                return self.make("Step")
            case ir.Position(axis):
                return self.make("Position", (axis,))
            case ir.Load(array, index):
                return self.make("Load", (array,), (), self._places(index))
            case ir.Unary(operator, operand):
                return self.make("Unary", (operator,), (self.of(operand),))
            case ir.Binary(operator, left, right):
                return self.make("Binary", (operator,), (self.of(left), self.of(right)))
            case ir.Select(condition, then, otherwise):
                return self.make("Select", (), (self.of(condition), self.of(then), self.of(otherwise)))
            case ir.Reduce(operator, axis, body):
                return self.make("Reduce", (operator, axis), (self.of(body),))
            case ir.Piecewise(argument, points):
                return self.make("Piecewise", (points,), (self.of(argument),))
            case ir.Word(stream, index, number, where):
                given = number is not None
                guarded = where is not None and given
                parts = [self.of(n) for n in (number, where if guarded else None) if n is not None]
                return self.make("Word", (stream, given, guarded), tuple(parts), self._places(index))
            case ir.Below(word, chance):
                return self.make("Below", (), (self.of(word), self.of(chance)))
            case ir.Score(word):
                return self.make("Score", (), (self.of(word),))
            case ir.Uniform(word):
                return self.make("Uniform", (), (self.of(word),))
            case ir.Quantile(kind, argument, parameters, where):
                parts = [self.of(argument), *map(self.of, parameters)]
                if where is not None:
                    parts.append(self.of(where))
                return self.make("Quantile", (kind, where is not None), tuple(parts))

            case ir.Carried(number, type_):
                return self.make("Carried", (number, type_))
            case ir.Repeat(starts, steps, following, done, turns, where, pick):
                whole = self.make(
                    "Repeat", (len(starts), following, done, turns), tuple(map(self.of, (*starts, *steps, where)))
                )
                return self.make("Picked", (pick,), (whole,))

    def _places(self, index: tuple[ir.Index, ...]) -> tuple[Place, ...]:
        return tuple(i if isinstance(i, Axis | int) else self.of(i) for i in index)

    def load(self, array: str) -> Term:
        """An array at its own axes."""
        return self.make("Load", (array,), (), own_axes(self.arrays[array].sets))

    def make(
        self, tag: str, fields: tuple[Any, ...] = (), parts: tuple[Term, ...] = (), index: tuple[Place, ...] = ()
    ) -> Term:
        """The term with these parts."""
        key = (tag, fields, parts, index)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._new(tag, fields, parts, index)
        return found

    def _new(self, tag: str, fields: tuple[Any, ...], parts: tuple[Term, ...], index: tuple[Place, ...]) -> Term:
        below = [*parts, *(p for p in index if isinstance(p, Term))]
        axes = {a for t in below for a in t.axes} | {p for p in index if isinstance(p, Axis)}
        bound = frozenset(a for t in below for a in t.bound)
        varies = any(t.varies for t in below)
        cost = sum(t.cost for t in below) + _COST.get(tag, 1)
        type_: ir.Type
        match tag:
            case "Const":
                type_ = fields[1]
            case "Step":
                type_ = "int"
            case "Position":
                type_, axes = "int", {fields[0]}
            case "Load":
                type_ = self.arrays[fields[0]].type
                varies = varies or fields[0] not in self.uniform
                cost += 30 if any(isinstance(p, Term) for p in index) else 0
            case "Unary":
                type_ = ir.UNARY[fields[0]][1]
                cost += _OPERATOR_COST.get(fields[0], 0)
            case "Binary":
                type_ = ir.BINARY[fields[0]][1]
                cost += _OPERATOR_COST.get(fields[0], 0)
            case "Reduce":
                type_ = ir.REDUCE[fields[0]][1]
                axes.discard(fields[1])
                bound |= {fields[1]}
                cost = cost * self.program.sizes[fields[1].set]
            case "Select":
                type_ = parts[1].type
            case "Below":
                type_ = "bool"
            case "Word":
                type_, varies = "word", True
                cost += ENTRY_WORD_COST if fields[1] else 0
            case "Carried":
                type_, varies = fields[1], True
            case "Repeat":
                type_, varies, cost = "real", True, cost * REPEATED
            case "Picked":
                type_ = parts[0].parts[fields[0]].type
            case "Piecewise" | "Score" | "Uniform" | "Quantile":
                type_ = "real"
            case _:
                raise NotImplementedError(f"the native engine has no code for {tag}")
        depth, size = 1 + max((t.depth for t in below), default=0), 1 + sum(t.size for t in below)
        return Term(tag, fields, parts, index, type_, frozenset(axes), varies, min(cost, _MOST), bound, depth, size)

    def replace(self, term: Term, by: dict[Term, Term], done: dict[Term, Term]) -> Term:
        """The term with some of its sub-terms (or itself) replaced; ``done`` remembers over calls."""
        found = by.get(term) or done.get(term)
        if found is not None:
            return found
        parts = tuple(self.replace(p, by, done) for p in term.parts)
        index = tuple(self.replace(p, by, done) if isinstance(p, Term) else p for p in term.index)
        if parts == term.parts and index == term.index:
            new = term
        else:
            new = self.make(term.tag, term.fields, parts, index)
        done[term] = new
        return new

    def rename(self, term: Term, old: Axis, new: Axis) -> Term:
        """The term with a free index variable renamed."""
        if old not in term.axes:
            return term
        fields = tuple(new if f == old else f for f in term.fields)
        parts = tuple(self.rename(p, old, new) for p in term.parts)
        index = tuple(new if p == old else self.rename(p, old, new) if isinstance(p, Term) else p for p in term.index)
        return self.make(term.tag, fields, parts, index)

    def apart(self, term: Term, outer: frozenset[Axis]) -> Term:
        """The term with its reductions' index variables renamed where they meet one of those around them."""
        if not term.bound:
            return term
        if term.tag == "Reduce":
            (operator, axis), (body,) = term.fields, term.parts
            if axis in outer:
                taken = outer | body.axes | body.bound
                new = next(a for n in range(len(taken) + 1) if (a := Axis(axis.set, n)) not in taken)
                axis, body = new, self.rename(body, axis, new)
            return self.make("Reduce", (operator, axis), (self.apart(body, outer | {axis}),))
        parts = tuple(self.apart(p, outer) for p in term.parts)
        index = tuple(self.apart(p, outer) if isinstance(p, Term) else p for p in term.index)
        return term if parts == term.parts and index == term.index else self.make(term.tag, term.fields, parts, index)
