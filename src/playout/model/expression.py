"""Expressions twice over: the tree as written (surface), and the tree as meant (typed).

The parser (`model/parse.py`) makes surface trees; the resolver (`model/resolve.py`) gives each its meaning: names
looked up, units folded into numbers, indexes bound, kinds known. Everything after the checks reads typed trees only.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from playout.errors import Span
from playout.model.units import DIMENSIONLESS, Dimension, Unit

# --- as written -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit, if one was written: ``25 usd/person``."""

    span: Span
    value: float
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class DateNumber:
    """A date: ``2026-01-01``."""

    span: Span
    value: dt.date


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Subscript:
    """``members[o]`` or ``rivalry[o, r]``."""

    span: Span
    base: Name
    indices: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """``campaign.striking`` or ``posture[o].fighting``."""

    span: Span
    base: Name | Subscript
    name: str


@dataclass(frozen=True, slots=True)
class Unary:
    """Minus or ``not``."""

    span: Span
    operator: Literal["-", "not"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison and ``and``/``or``."""

    span: Span
    operator: Literal["+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional:
    """``then if condition else otherwise``."""

    span: Span
    then: Expression
    condition: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied: ``exp(x)``, ``since(campaign.striking)``."""

    span: Span
    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class PointList:
    """The table of a ``lookup``: ``[[x0, y0], [x1, y1]]``, numbers with units allowed."""

    span: Span
    points: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class Comprehension:
    """``sum(body for variable in set if condition)``."""

    span: Span
    function: str
    body: Expression
    variable: str
    set: str
    set_span: Span
    condition: Expression | None = None


Expression: TypeAlias = (
    Number | DateNumber | Name | Subscript | Attribute | Unary | Binary | Conditional | Call | PointList | Comprehension
)


@dataclass(frozen=True, slots=True)
class LawText:
    """A distribution as written: ``gamma(4, 2 weeks)``, ``0.2 to 0.5, likely 0.3``, ``unlikely``, ``3``.

    ``kind`` is a distribution's name, ``interval`` (low, high[, likely]), ``word`` (in ``word``) or ``point``.
    ``weighted`` holds the pairs of ``mixture`` and ``categorical``.
    """

    span: Span
    kind: str
    parameters: tuple[Expression, ...] = ()
    weighted: tuple[tuple[Expression, Expression | LawText], ...] = ()
    word: str | None = None
    unit: Unit | None = None  # one unit for the whole: `3 to 12 months`


@dataclass(frozen=True, slots=True)
class Binder:
    """One index of a definition's left side: ``o in organisation``, or just ``organisation``."""

    span: Span
    variable: str
    set: str


@dataclass(frozen=True, slots=True)
class Target:
    """What an effect or an assignment changes: a name, with indexes (expressions) or binders of its own."""

    span: Span
    name: str
    indices: tuple[Expression | Binder, ...] = ()


# --- as meant ---------------------------------------------------------------------------------------------------------

Kind = Literal["number", "bool", "date", "member", "option"]


@dataclass(frozen=True, slots=True)
class Type:
    """What a typed tree evaluates to.

    kind: number (float64 in base units), bool, date (days since the start; never is +inf), member (position in `set`,
    -1 for none), option (position among the options of decision `set`, or the ends of game `set`, -1 while undecided).
    """

    kind: Kind
    dimension: Dimension = DIMENSIONLESS
    set: str | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, truth value or date in base units."""

    type: Type
    value: float
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class MemberOf:
    """A fixed member of a set, or a fixed option of a decision, by position (-1: none)."""

    type: Type
    position: int
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class IndexVariable:
    """The member an index variable stands for. Variables are unique within a tree: inner ones never shadow."""

    type: Type
    name: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of a named thing: table, belief, stock, flow, variable, decision, game (the end last come to) or event
    (its count in this step)."""

    type: Type
    what: Literal["table", "belief", "stock", "flow", "variable", "decision", "game", "event"]
    name: str
    indices: tuple[Typed, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Clock:
    """``date`` (now, days since the start) and ``time`` (since the start, days)."""

    type: Type
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class StageTest:
    """Facts about one stage of a track: is it in (``in``), ``reached``, ``enters``, ``since``, ``first``."""

    type: Type
    question: Literal["in", "reached", "enters", "since", "first"]
    track: str
    stage: str
    indices: tuple[Typed, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class EndOdds:
    """``odds(bargain[o].deal)``: how likely an end was when the game was last played, by its solution."""

    type: Type
    game: str
    end: int
    indices: tuple[Typed, ...]
    span: Span = field(compare=False)


OPERATIONS = (
    "add", "sub", "mul", "div", "pow", "neg",
    "lt", "le", "gt", "ge", "eq", "ne",
    "and", "or", "not", "if",
    "min", "max", "abs", "exp", "log", "sqrt", "clip", "logistic",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """An elementwise operation of OPERATIONS. ``if`` takes (condition, then, otherwise); ``clip`` (x, low, high)."""

    type: Type
    operator: str
    arguments: tuple[Typed, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Piecewise linear through the points (base units, x ascending), flat outside them."""

    type: Type
    argument: Typed
    points: tuple[tuple[float, float], ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction over the living members of a set: sum mean min max any all count argmax.

    ``count`` counts where the body (a bool) holds; ``argmax`` gives a member, the first among equals; over nobody
    sum and count are 0, any False, all True, argmax none, and mean, min, max not a number.
    """

    type: Type
    function: Literal["sum", "mean", "min", "max", "any", "all", "count", "argmax"]
    body: Typed
    variable: str
    set: str
    condition: Typed | None
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class History:
    """What was: ``total(x)`` (integral over days), ``change(x, lag)`` and ``delay(x, lag)`` (in whole steps),
    ``smooth(x, tau)``."""

    type: Type
    function: Literal["total", "change", "delay", "smooth"]
    body: Typed
    lag: int = 0  # steps, of change and delay
    time_constant: Typed | None = None  # of smooth, days
    span: Span = field(compare=False, default=Span("", 0, 0, 0))


Typed: TypeAlias = (
    Constant
    | MemberOf
    | IndexVariable
    | Reference
    | Clock
    | StageTest
    | EndOdds
    | Operation
    | Lookup
    | Reduction
    | History
)


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution as meant: ``kind`` names a quantile function of `model/distribution.py`, parameters in base units.

    Parameters are numbers, but for the scale parameter of a law drawn inside a run, which may be any number expression.
    """

    kind: str
    parameters: tuple[Typed, ...]
    weighted: tuple[tuple[float, float | Law], ...] = ()
    span: Span = field(compare=False, default=Span("", 0, 0, 0))
