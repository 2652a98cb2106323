"""Operators in equations: arithmetic, comparisons, conditions, and what holds for dates, members and options."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from playout.model.expression import (
    Binary,
    Conditional,
    Constant,
    Expression,
    Name,
    Operation,
    StageTest,
    Type,
    Typed,
    Unary,
)
from playout.model.names import BOOL, DATE
from playout.model.tokens import CONSTANTS
from playout.model.typed import constant, fits_any_dimension, type_words, unit_words, with_dimension
from playout.model.units import TIME

if TYPE_CHECKING:
    from playout.model.resolve import Reader

_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div"}
_COMPARISON = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_VERBS = {"+": "adds {} and {}", "-": "subtracts {1} from {0}"}


def unary(reader: Reader, tree: Unary) -> Typed | None:
    """``-x`` and ``not x``."""
    if tree.operator == "not":
        operand = reader.truth(tree.operand, "`not`")
        return None if operand is None else Operation(BOOL, "not", (operand,), tree.span)
    operand = reader.number(tree.operand, "`-`")
    if operand is None:
        return None
    if isinstance(operand, Constant):
        return Constant(operand.type, -operand.value, tree.span)
    return Operation(operand.type, "neg", (operand,), tree.span)


def binary(reader: Reader, tree: Binary) -> Typed | None:
    """Arithmetic, comparisons, ``and`` and ``or``."""
    if tree.operator in ("and", "or"):
        left, right = (reader.truth(side, f"`{tree.operator}`") for side in (tree.left, tree.right))
        if left is None or right is None:
            return None
        return Operation(BOOL, tree.operator, (left, right), tree.span)
    if tree.operator in ("==", "!="):
        return _equality(reader, tree)
    if tree.operator in _COMPARISON:
        left, right = reader.read(tree.left), reader.read(tree.right)
        return None if left is None or right is None else _comparison(reader, tree, left, right)
    return _power(reader, tree) if tree.operator == "**" else _arithmetic(reader, tree)


def _equality(reader: Reader, tree: Binary) -> Typed | None:
    """``==`` and ``!=``: members and options are looked up by what stands on the other side."""
    if _says_what_it_is(reader, tree.left) or not _says_what_it_is(reader, tree.right):
        left = reader.read(tree.left)
        right = None if left is None else reader.read(tree.right, _as_wanted(left.type))
    else:
        right = reader.read(tree.right)
        left = None if right is None else reader.read(tree.left, _as_wanted(right.type))
    return None if left is None or right is None else _comparison(reader, tree, left, right)


def _says_what_it_is(reader: Reader, tree: Expression) -> bool:
    """Whether a side of ``==`` can be read by itself; a member's or an option's name cannot."""
    if not isinstance(tree, Name):
        return True
    return tree.name in reader.scope or tree.name in reader.names.entries or tree.name in set(CONSTANTS) - {"none"}


def _comparison(reader: Reader, tree: Binary, left: Typed, right: Typed) -> Typed | None:
    operator = _COMPARISON[tree.operator]
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Constant) and side.type.kind == "date" and math.isinf(side.value):
            stage = f"{other.track}.{other.stage}" if isinstance(other, StageTest) else "TRACK.STAGE"
            message = "every comparison with `never` is false, so this asks nothing"
            reader.error(tree.span, "never", message, f"ask `reached({stage})`, or `not reached({stage})`")
            return None
    if left.type.kind != right.type.kind or left.type.set != right.type.set:
        message = f"this compares {type_words(left.type)} with {type_words(right.type)}"
        hint = None
        if "date" in (left.type.kind, right.type.kind):
            hint = "compare a date with a date: `> 2026-01-01`; for a time since then, `date - first(…) > 3 months`"
        reader.error(tree.span, "kind", message, hint)
        return None
    if left.type.kind == "number":
        both = reader.alike(left, right, tree.span, "compares {} with {}")
        return None if both is None else Operation(BOOL, operator, both, tree.span)
    if left.type.kind not in ("date", "member") and operator not in ("eq", "ne"):
        message = f"`{tree.operator}` compares numbers, dates and members; this is {type_words(left.type)}"
        reader.error(tree.span, "kind", message, "`==` and `!=` compare anything")
        return None
    return Operation(BOOL, operator, (left, right), tree.span)


def _arithmetic(reader: Reader, tree: Binary) -> Typed | None:
    left, right = reader.read(tree.left), reader.read(tree.right)
    if left is None or right is None:
        return None
    operator = _ARITHMETIC[tree.operator]
    if tree.operator in ("+", "-") and "date" in (left.type.kind, right.type.kind):
        return _with_dates(reader, tree, left, right)
    role = f"`{tree.operator}`"
    if not reader.resolver.is_number(left, role) or not reader.resolver.is_number(right, role):
        return None
    a, b = left.type.dimension, right.type.dimension
    if operator in ("mul", "div"):
        dimension = a * b if operator == "mul" else a / b
        return Operation(Type("number", dimension), operator, (left, right), tree.span)
    both = reader.alike(left, right, tree.span, _VERBS[tree.operator])
    return None if both is None else Operation(both[0].type, operator, both, tree.span)


def _with_dates(reader: Reader, tree: Binary, left: Typed, right: Typed) -> Typed | None:
    """date − date is a time; a date and a time make a date."""
    operator = _ARITHMETIC[tree.operator]
    kinds = left.type.kind, right.type.kind
    if kinds == ("date", "date") and operator == "sub":
        return Operation(Type("number", TIME), operator, (left, right), tree.span)
    if kinds == ("date", "number") or (kinds == ("number", "date") and operator == "add"):
        date, amount = (left, right) if kinds[0] == "date" else (right, left)
        if fits_any_dimension(amount):
            amount = with_dimension(amount, TIME)
        if amount.type.dimension == TIME:
            ordered = (date, amount) if kinds[0] == "date" else (amount, date)
            return Operation(DATE, operator, ordered, tree.span)
        message = f"only a time is added to a date; this is {unit_words(amount.type.dimension)}"
        reader.error(amount.span, "units", message, "write it with its unit: `3 months`")
        return None
    verb = "adds" if operator == "add" else "subtracts"
    message = f"this {verb} {type_words(left.type)} and {type_words(right.type)}"
    reader.error(tree.span, "kind", message, "a date less a date is a time; a date plus a time is a date")
    return None


def _power(reader: Reader, tree: Binary) -> Typed | None:
    base, exponent = reader.number(tree.left, "`**`"), reader.plain(tree.right, "an exponent")
    if base is None or exponent is None:
        return None
    dimension = base.type.dimension
    if not dimension.plain:
        power = constant(exponent)
        if power is None or not math.isfinite(power):
            message = f"the exponent of something with a unit ({unit_words(dimension)}) is a known number"
            reader.error(tree.right.span, "units", message, "divide the base by something of the same unit first")
            return None
        dimension = dimension**power
    return Operation(Type("number", dimension), "pow", (base, exponent), tree.span)


def conditional(reader: Reader, tree: Conditional, wanted: Type | None) -> Typed | None:
    """``a if condition else b``, both of one kind."""
    condition = reader.truth(tree.condition, "what stands behind `if`")
    then, otherwise = reader.read(tree.then, wanted), reader.read(tree.otherwise, wanted)
    if condition is None or then is None or otherwise is None:
        return None
    if then.type.kind != otherwise.type.kind or then.type.set != otherwise.type.set:
        message = f"this gives {type_words(then.type)} in one case and {type_words(otherwise.type)} in the other"
        reader.error(tree.span, "kind", message)
        return None
    if then.type.kind == "number":
        both = reader.alike(then, otherwise, tree.span, "gives {} in one case and {} in the other")
        if both is None:
            return None
        then, otherwise = both
    return Operation(then.type, "if", (condition, then, otherwise), tree.span)


def _as_wanted(type_: Type) -> Type | None:
    return type_ if type_.kind in ("member", "option") else None
