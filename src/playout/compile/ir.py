"""The Program: a scenario lowered to plain data, the only language the engines know.

A Program is a straight list of assignments over named arrays. Every array has an index set per axis and, unspoken, one
value a future. Four phases run in this order:

    once      assignments that depend on tables and beliefs alone
    initial   the value of each state at step 0, and before it what it rests on (arrays of role `once`)
    step      assignments over the state S_k, in order; then checks and series are read
    update    every state takes its next value, all at once: S_{k+1}

Expressions are trees of frozen nodes, equal when they mean the same. Index variables are canonical (`Axis`: a set and a
number), so equal expressions are equal trees. Nothing here knows YAML, units or dates: numbers are in base units, time
is in days and steps.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias, get_args

Type = Literal["real", "int", "bool", "word"]


@dataclass(frozen=True, slots=True, order=True)
class Axis:
    """An index variable: the ``number``-th over ``set`` in its expression."""

    set: str
    number: int = 0

    def __str__(self) -> str:
        return self.set + "'" * self.number


# --- expressions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Const:
    """A number known when the program is made."""

    value: float
    type: Type = "real"


@dataclass(frozen=True, slots=True)
class Step:
    """The number k of the current step (int)."""


@dataclass(frozen=True, slots=True)
class Position:
    """The member an index variable stands at (int)."""

    axis: Axis


@dataclass(frozen=True, slots=True)
class Load:
    """An array's value. Each index is an axis, a fixed member, or an int expression.

    Where an int expression is outside the set (a choice not made), a real is not a number, an int is -1, a bool False.
    """

    array: str
    index: tuple[Index, ...] = ()


UNARY: dict[str, tuple[Type, Type]] = {  # operator -> (operand, result)
    "neg": ("real", "real"),
    "abs": ("real", "real"),
    "exp": ("real", "real"),
    "expm1": ("real", "real"),
    "log": ("real", "real"),
    "sqrt": ("real", "real"),
    "logistic": ("real", "real"),
    "not": ("bool", "bool"),
    "real": ("int", "real"),
    "indicator": ("bool", "real"),  # 1 or 0
}
BINARY: dict[str, tuple[Type, Type]] = {  # operator -> (operands, result)
    "add": ("real", "real"),
    "sub": ("real", "real"),
    "mul": ("real", "real"),
    "div": ("real", "real"),
    "pow": ("real", "real"),
    "min": ("real", "real"),
    "max": ("real", "real"),
    "lt": ("real", "bool"),
    "le": ("real", "bool"),
    "eq": ("real", "bool"),
    "iadd": ("int", "int"),
    "isub": ("int", "int"),
    "ieq": ("int", "bool"),
    "ilt": ("int", "bool"),
    "and": ("bool", "bool"),
    "or": ("bool", "bool"),
}
REDUCE: dict[str, tuple[Type, Type]] = {  # operator -> (body, result)
    "sum": ("real", "real"),
    "prod": ("real", "real"),
    "min": ("real", "real"),
    "max": ("real", "real"),
    "any": ("bool", "bool"),
    "all": ("bool", "bool"),
    "argmax": ("real", "int"),  # the first of the largest
    "imax": ("int", "int"),
}


@dataclass(frozen=True, slots=True)
class Unary:
    """An operator of UNARY applied."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator of BINARY applied."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Select:
    """``then`` where the condition holds, else ``otherwise``; what is not taken never matters."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Reduce:
    """An operator of REDUCE over all members of a set."""

    operator: str
    axis: Axis
    body: Node


@dataclass(frozen=True, slots=True)
class Piecewise:
    """Linear through points with ascending x, flat outside."""

    argument: Node
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A random 32-bit word of a stream. ``number`` is an int expression, or None for the current step.

    Where ``where`` is given, only the words at which it holds are ever used; the others may be anything.
    """

    stream: str
    index: tuple[Index, ...]
    number: Node | None = None
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Below:
    """word * 2**-32 < chance (bool)."""

    word: Node
    chance: Node


@dataclass(frozen=True, slots=True)
class Score:
    """The standard normal score of a word, full tails."""

    word: Node


@dataclass(frozen=True, slots=True)
class Uniform:
    """A word as a number strictly between 0 and 1."""

    word: Node


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile function of `model/distribution.py`, applied to a normal score or a uniform, as the kind wants.

    Where ``where`` is given, only the values at which it holds are ever used.
    """

    kind: str
    argument: Node
    parameters: tuple[Node, ...]
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """In the steps of a Repeat: the ``number``-th value at hand, of those carried into the turn and then of its steps
    so far."""

    number: int
    type: Type = "real"


@dataclass(frozen=True, slots=True)
class Repeat:
    """Values worked out turn by turn, where ``where`` holds; only the values there are ever used.

    ``starts`` are carried into the first turn. In a turn the ``steps`` are computed one after the other, each by
    elementwise operations on constants, arrays and what is at hand; ``following`` says which values at hand are carried
    into the next turn. A future has its last turn when the bool carried as number ``done`` holds, at the latest after
    ``turns``: what others need changes nothing for it. The value is what is then carried as number ``pick``.
    """

    starts: tuple[Node, ...]
    steps: tuple[Node, ...]
    following: tuple[int, ...]
    done: int
    turns: int
    where: Node
    pick: int = 0


Node: TypeAlias = (
    Const
    | Step
    | Position
    | Load
    | Unary
    | Binary
    | Select
    | Reduce
    | Piecewise
    | Word
    | Below
    | Score
    | Uniform
    | Quantile
    | Carried
    | Repeat
)
Index: TypeAlias = Axis | int | Node

TRUE, FALSE = Const(1.0, "bool"), Const(0.0, "bool")
ZERO, ONE = Const(0.0), Const(1.0)


KINDS = get_args(Node)
"""The classes of nodes, which are looked for faster than their union."""

_FIELDS = {kind: tuple(item.name for item in dataclasses.fields(kind)) for kind in KINDS}


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below."""
    for name in _FIELDS[type(node)]:
        value = getattr(node, name)
        if isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, KINDS))
        elif isinstance(value, KINDS):
            yield value


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with ``change`` applied to each child; the same object if no child changed."""
    fields: dict[str, object] = {}
    for name in _FIELDS[type(node)]:
        value = getattr(node, name)
        if isinstance(value, tuple):
            parts = tuple(change(part) if isinstance(part, KINDS) else part for part in value)
            if any(a is not b for a, b in zip(parts, value, strict=True)):
                fields[name] = parts
        elif isinstance(value, KINDS) and (new := change(value)) is not value:
            fields[name] = new
    return dataclasses.replace(node, **fields) if fields else node  # type: ignore[arg-type]  # of any node


def axes(node: Node) -> frozenset[Axis]:
    """The free index variables."""
    return free_axes(node, map(axes, children(node)))


def free_axes(node: Node, below: Iterable[frozenset[Axis]]) -> frozenset[Axis]:
    """The free index variables, from those of the nodes directly below."""
    found: set[Axis] = set().union(*below)
    if isinstance(node, Position):
        found.add(node.axis)
    if isinstance(node, Load | Word):
        found.update(i for i in node.index if isinstance(i, Axis))
    if isinstance(node, Reduce):
        found.discard(node.axis)
    return frozenset(found)


def is_open(node: Node) -> bool:
    """Whether an expression is part of a Repeat's turn: it reads what is at hand there."""
    if isinstance(node, Carried):
        return True
    return not isinstance(node, Repeat) and any(map(is_open, children(node)))


def _arrays_read(node: Node) -> set[str]:
    below = {name for child in children(node) for name in _arrays_read(child)}
    return below | {node.array} if isinstance(node, Load) else below


def _draws(node: Node) -> bool:
    return isinstance(node, Word) or any(map(_draws, children(node)))


# --- the program ------------------------------------------------------------------------------------------------------


Role = Literal["table", "belief", "state", "once", "step"]
"""When an array gets its values."""


@dataclass(frozen=True, slots=True)
class Array:
    """A named array: one axis per set, and one value a future unless it is a table."""

    name: str
    sets: tuple[str, ...]
    type: Type
    role: Role


@dataclass(frozen=True, slots=True)
class Stream:
    """A named source of random words, one a future, member and number."""

    name: str
    sets: tuple[str, ...]
    per: Literal["step", "entry"]


@dataclass(frozen=True, slots=True)
class Assign:
    """``array[axis, …] = node``, with the array's axes numbered from 0 per set."""

    array: str
    node: Node


@dataclass(frozen=True, slots=True)
class Delay:
    """``array = source`` as it was ``lag`` steps ago; its value at the start before that."""

    array: str
    source: Node
    lag: int


@dataclass(frozen=True, slots=True)
class Check:
    """A future stops where the value leaves [low, high] or is not a finite number. The bounds carry a slack for
    rounding. ``what`` ends the sentence "stopped because …". At the last state, from which no step leads on, only
    what is reported of it is checked: ``at_end``."""

    name: str
    node: Node
    low: float
    high: float
    what: str
    sets: tuple[str, ...] = ()
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar year or month: days since the start, ``complete`` if the run covers all of it."""

    label: str
    start: float
    end: float
    complete: bool


@dataclass(frozen=True, slots=True)
class Series:
    """Something reported. An ``amount`` belongs to the step that it is read in and is added up over periods; a
    ``level`` is the state's at the step's start. Shown value = value / factor, in `unit`."""

    name: str
    node: Node
    kind: Literal["amount", "level"]
    periods: Literal["year", "month"]
    unit: str
    factor: float
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One value a future, read over the state at step ``step``: a question's answer, a stage's date, a choice."""

    name: str
    node: Node
    step: int
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many futures stand in each category, step by step. The node is an int; -1 is counted nowhere."""

    name: str
    node: Node
    categories: tuple[str, ...]
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """See the module's text. ``sizes`` maps a set to its number of members, ``labels`` to their names.

    ``columns`` orders the belief matrix: (array, flat member) per row. ``periods`` holds the calendar of each grain.
    """

    title: str
    days: float  # in a step
    steps: int
    labels: Mapping[str, tuple[str, ...]]
    arrays: Mapping[str, Array]
    tables: Mapping[str, tuple[float, ...]]
    columns: tuple[tuple[str, int], ...]
    streams: Mapping[str, Stream]
    once: tuple[Assign, ...]
    initial: tuple[Assign, ...]
    step: tuple[Assign | Delay, ...]
    update: tuple[Assign, ...]
    checks: tuple[Check, ...]
    series: tuple[Series, ...]
    records: tuple[Record, ...]
    tallies: tuple[Tally, ...] = ()
    periods: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)

    @cached_property
    def sizes(self) -> dict[str, int]:
        return {name: len(labels) for name, labels in self.labels.items()}

    @cached_property
    def alike(self) -> frozenset[str]:
        """The arrays that are the same in every future and step: tables, and what follows from them alone."""
        found = {name for name, array in self.arrays.items() if array.role == "table"}
        for assign in self.once:
            if _arrays_read(assign.node) <= found and not _draws(assign.node):
                found.add(assign.array)
        return frozenset(found)

    def roots(self) -> Iterator[Node]:
        """Every expression of the program."""
        for assign in (*self.once, *self.initial, *self.step, *self.update):
            yield assign.node if isinstance(assign, Assign) else assign.source
        for item in self.readings():
            yield item.node

    def readings(self) -> Iterator[Check | Series | Record | Tally]:
        """Everything that is read off a step."""
        yield from self.checks
        yield from self.series
        yield from self.records
        yield from self.tallies

    def type_of(self, node: Node) -> Type:
        """The type a node evaluates to."""
        match node:
            case Const():
                return node.type
            case Step() | Position():
                return "int"
            case Load():
                return self.arrays[node.array].type
            case Unary():
                return UNARY[node.operator][1]
            case Binary():
                return BINARY[node.operator][1]
            case Reduce():
                return REDUCE[node.operator][1]
            case Select():
                return self.type_of(node.then)
            case Below():
                return "bool"
            case Word():
                return "word"
            case Carried():
                return node.type
            case Repeat():
                return self.type_of(node.starts[node.pick])
            case Piecewise() | Score() | Uniform() | Quantile():
                return "real"

    def __str__(self) -> str:
        from playout.compile.show import show_program

        return show_program(self)
