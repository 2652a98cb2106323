"""What a step of a Program costs, counted before it is played: random words, elementary functions, other operations.

Equal expressions count once, as engines compute them once. What is asked for under a condition alone (an option's value
where a decision is due) counts in full, though the native engine mostly skips it, so a count is an upper bound; what is
left without it is counted apart. The microseconds are what such counts took on two machines, and a guide rather than a
promise.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from playout.compile import ir
from playout.compile.footprint import footprint

_ELEMENTARY = {"exp": 10, "expm1": 10, "log": 12, "logistic": 14, "pow": 30, "sqrt": 4}
_LAWS = 15
"""Operations that a score or a quantile function is worth."""
_WORD = 8
_TURNS = 40
"""Turns that a repetition mostly takes."""
_NANOSECONDS = 0.010
"""What an operation takes a future, in single precision on AVX-512: 16 of them at once, and memory between them."""
_DRAWN = 0.005
"""Microseconds that drawing a belief takes."""
_BYTES = {"real": 4.0, "int": 4.0, "word": 4.0, "bool": 1 / 8}


@dataclass(frozen=True, slots=True)
class Part:
    """What one thing of the scenario (a stock, a track, a decision, …) costs in a step: numbers as in `Cost`."""

    name: str
    draws: int
    elementary: int
    operations: int
    microseconds: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step costs one future.

    draws: random words. elementary: calls by function (``exp``, ``log``, ``pow``, …; ``quantile`` for the inverse of a
    distribution function). always: how many of these calls no condition can spare. operations: everything else.
    state_bytes: of the state in single precision, which every step reads and writes. history_bytes: of the past values
    beside it, which `delay` and `change` read. microseconds: an estimate for the
    native engine in single precision on one core with AVX-512. parts: the same by thing, the dearest first.
    """

    steps: int
    draws: int
    elementary: Mapping[str, int]
    always: int
    operations: int
    state_bytes: int
    history_bytes: int
    microseconds: float
    parts: tuple[Part, ...]


def cost(program: ir.Program) -> Cost:
    """Count the steps of a (rewritten) Program."""
    parts = _parts(program, _Counter(program))
    total = sum(parts.values(), Counter())
    always = sum(_parts(program, _Counter(program, branches=False)).values(), Counter())
    states = [a for a in program.arrays.values() if a.role == "state"]
    state_bytes = sum(_BYTES[a.type] * math.prod(program.sizes[s] for s in a.sets) for a in states)
    made = [
        Part(name, found["word"], sum(_calls(found).values()), found["operation"], _time(found))
        for name, found in parts.items()
    ]
    return Cost(
        steps=program.steps,
        draws=total["word"],
        elementary=_calls(total),
        always=sum(_calls(always).values()),
        operations=total["operation"],
        state_bytes=math.ceil(state_bytes),
        history_bytes=footprint(program, 4).history,
        microseconds=_time(total),
        parts=tuple(sorted(made, key=lambda part: -part.microseconds)),
    )


@dataclass(frozen=True, slots=True)
class PlayingTime:
    """What playing takes, as of `Cost.microseconds`. microseconds: of one future, with its beginning, all its steps and
    what is read of it once. dearest: the thing of the scenario that takes the most of them."""

    steps: int
    microseconds: float
    dearest: str


def playing_time(program: ir.Program) -> PlayingTime:
    """What a (rewritten) Program's futures take each."""
    counter = _Counter(program)
    spent = {name: (program.steps + 1) * _time(found) for name, found in _parts(program, counter).items()}
    once: list[tuple[str, ir.Node, tuple[str, ...]]] = [
        (item.array, item.node, program.arrays[item.array].sets) for item in (*program.once, *program.initial)
    ]
    once += [(record.name, record.node, record.sets) for record in program.records]
    for name, node, sets in once:
        thing = _thing(name)
        spent[thing] = spent.get(thing, 0.0) + _time(counter.count(node, sets))
    drawn = _DRAWN * len(program.columns)
    dearest = max(spent, key=lambda name: spent[name], default="")
    return PlayingTime(program.steps, sum(spent.values()) + drawn, dearest)


def _parts(program: ir.Program, counter: _Counter) -> dict[str, Counter[str]]:
    """What is counted, by thing of the scenario."""
    parts: dict[str, Counter[str]] = {}
    for item in (*program.step, *program.update):
        node = item.node if isinstance(item, ir.Assign) else item.source
        parts.setdefault(_thing(item.array), Counter()).update(counter.count(node, program.arrays[item.array].sets))
    readings: tuple[ir.Check | ir.Series | ir.Tally, ...] = (*program.checks, *program.series, *program.tallies)
    for reading in readings:
        parts.setdefault(_thing(reading.name), Counter()).update(counter.count(reading.node, reading.sets, 1))
    return parts


def _calls(found: Counter[str]) -> dict[str, int]:
    return {name: n for name, n in sorted(found.items()) if name not in ("word", "operation")}


def _time(found: Counter[str]) -> float:
    weights = {**_ELEMENTARY, "word": _WORD, "operation": 1}
    return sum(n * weights.get(name, _LAWS) for name, n in found.items()) * _NANOSECONDS / 1000


def _thing(array: str) -> str:
    """The thing of the scenario that an array of a Program belongs to."""
    name = array.removeprefix("measure ").removeprefix("belief ")
    if name.startswith("splinter "):
        return "splinter"
    return re.split(r"[. ]", name)[0]


class _Counter:
    """Counts what expressions cost, equal ones over the same members once; without ``branches`` a choice counts as its
    condition alone."""

    def __init__(self, program: ir.Program, *, branches: bool = True) -> None:
        self.program = program
        self.branches = branches
        self._numbers: dict[object, int] = {}
        self._known: dict[int, tuple[ir.Node, int]] = {}
        self._counted: set[tuple[int, int]] = set()

    def _number(self, node: ir.Node) -> int:
        """A number that equal expressions share."""
        known = self._known.get(id(node))
        if known is None:
            below = tuple(map(self._number, ir.children(node)))
            own = (type(node), *_plain(node), below)
            known = self._known[id(node)] = node, self._numbers.setdefault(own, len(self._numbers))
        return known[1]

    def count(self, node: ir.Node, sets: tuple[str, ...], extra: int = 0) -> Counter[str]:
        """What an expression over all members of some sets adds; ``extra`` operations a member beside it."""
        members = math.prod(self.program.sizes[s] for s in sets)
        found: Counter[str] = Counter(operation=members * (1 + extra))
        self._add(node, members, found)
        return found

    def _add(self, node: ir.Node, members: int, found: Counter[str]) -> None:
        key = (self._number(node), members)
        if key in self._counted or isinstance(node, ir.Const | ir.Load | ir.Step | ir.Position):
            return
        self._counted.add(key)
        if isinstance(node, ir.Reduce):
            members *= self.program.sizes[node.axis.set]
        match node:
            case ir.Unary(operator) | ir.Binary(operator) if operator in _ELEMENTARY:
                found[operator] += members
            case ir.Word():
                found["word"] += members
            case ir.Score() | ir.Quantile():
                found["quantile"] += members
            case ir.Repeat():
                members *= min(node.turns, _TURNS)
            case ir.Piecewise():
                found["operation"] += 4 * members * len(node.points)
            case _:
                found["operation"] += members
        asked = ir.children(node) if self.branches or not isinstance(node, ir.Select) else (node.condition,)
        for child in asked:
            self._add(child, members, found)


def _plain(node: ir.Node) -> tuple[object, ...]:
    """The fields of a node that are no nodes, and where nodes stand among them."""
    fields = (getattr(node, name) for name in node.__dataclass_fields__)
    return tuple(
        tuple("node" if isinstance(p, ir.KINDS) else p for p in value)
        if isinstance(value, tuple)
        else "node"
        if isinstance(value, ir.KINDS)
        else value
        for value in fields
    )
