"""Small questions about typed trees: their parts, whether they are known numbers, how their values are called."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from playout.model.expression import (
    Clock,
    Constant,
    EndOdds,
    History,
    IndexVariable,
    Lookup,
    MemberOf,
    Operation,
    Reduction,
    Reference,
    StageTest,
    Type,
    Typed,
)
from playout.model.units import PER_TIME, TIME, Dimension, behind_number


def parts(tree: Typed) -> tuple[Typed, ...]:
    """The trees a tree is made of."""
    match tree:
        case Reference() | StageTest() | EndOdds():
            return tree.indices
        case Operation():
            return tree.arguments
        case Lookup():
            return (tree.argument,)
        case Reduction():
            return (tree.body,) if tree.condition is None else (tree.body, tree.condition)
        case History():
            return (tree.body,) if tree.time_constant is None else (tree.body, tree.time_constant)
        case Constant() | MemberOf() | IndexVariable() | Clock():
            return ()


def everything(tree: Typed) -> Iterator[Typed]:
    """A tree and all its parts, outermost first."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(parts(node))


def constant(tree: Typed) -> float | None:
    """The value of a tree that holds nothing but literals, or None. Truth values are 0 and 1, or not a number where
    they rest on what is not one."""
    if isinstance(tree, Constant):
        return tree.value
    if not isinstance(tree, Operation):
        return None
    values = [constant(argument) for argument in tree.arguments]
    known = [value for value in values if value is not None]
    match tree.operator:  # one side may settle the matter
        case "and" if 0.0 in known:
            return 0.0
        case "or" if 1.0 in known:
            return 1.0
        case "mul" if 0.0 in known and all(math.isfinite(v) for v in known):
            return 0.0
    if len(known) < len(values):
        return None
    try:
        return _computed(tree.operator, known)
    except (ArithmeticError, ValueError):
        return math.nan


def _computed(operator: str, v: list[float]) -> float | None:
    if operator == "if":
        return math.nan if math.isnan(v[0]) else v[1] if v[0] else v[2]
    if any(map(math.isnan, v)):
        return math.nan
    match operator:
        case "add":
            return v[0] + v[1]
        case "sub":
            return v[0] - v[1]
        case "mul":
            return v[0] * v[1]
        case "div":
            return v[0] / v[1]
        case "pow":
            power = v[0] ** v[1]
            return power if isinstance(power, float) else math.nan
        case "neg":
            return -v[0]
        case "abs":
            return abs(v[0])
        case "exp":
            return math.exp(v[0])
        case "log":
            return math.log(v[0])
        case "sqrt":
            return math.sqrt(v[0])
        case "min":
            return min(v)
        case "max":
            return max(v)
        case "clip":
            return min(max(v[0], v[1]), v[2]) if v[1] <= v[2] else math.nan
        case "not":
            return 1.0 - v[0]
        case "and":
            return min(v)
        case "or":
            return max(v)
        case "lt" | "le" | "gt" | "ge" | "eq" | "ne":
            return float(_compared(operator, v[0], v[1]))
    return None


def _compared(operator: str, a: float, b: float) -> bool:
    return {"lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b, "eq": a == b, "ne": a != b}[operator]


def fits_any_dimension(tree: Typed) -> bool:
    """Whether a number is written without a unit and is 0 or inf whatever happens, so that any unit suits it."""
    match tree:
        case Constant():
            free = tree.value == 0.0 or math.isinf(tree.value)
            return tree.type.kind == "number" and tree.type.dimension.plain and free
        case Operation(operator="if"):
            return all(fits_any_dimension(a) for a in tree.arguments[1:])
        case Operation(operator="neg" | "min" | "max" | "abs"):
            return all(fits_any_dimension(a) for a in tree.arguments)
    return False


def with_dimension(tree: Typed, dimension: Dimension) -> Typed:
    """The same 0 or inf in a dimension (see `fits_any_dimension`)."""
    if isinstance(tree, Operation):
        arguments = tuple(with_dimension(a, dimension) if a.type.kind == "number" else a for a in tree.arguments)
        return dataclasses.replace(tree, type=Type("number", dimension), arguments=arguments)
    assert isinstance(tree, Constant)
    return dataclasses.replace(tree, type=Type("number", dimension))


def unit_words(dimension: Dimension) -> str:
    """A dimension as an analyst would say it: time is called time, and a number without unit a plain number."""
    if dimension.plain:
        return "a plain number"
    if dimension in (TIME, PER_TIME):
        return "time" if dimension == TIME else "1/time"
    return str(dimension).replace("day", "time")


def unit_example(dimension: Dimension) -> str:
    """A unit of this dimension that can be written: ``person/week``."""
    return str(dimension).replace("day", "week")


def with_unit(value: float, declared: str | None, dimension: Dimension) -> str:
    """How to write a bare number with its unit: the unit declared, or where that is not known, an example of one.

    The number is repeated only before the unit that it was meant in; before another it would change. Over what time a
    flow is meant (``person/time``) nobody has said.
    """
    written = behind_number(declared or "")
    if written is None:
        return f"write the number with its unit, such as `{unit_example(dimension)}`"
    if written.endswith("/time"):
        return f"write the number with its unit, such as `{written.removesuffix('/time')}/week`"
    return f"write the number with its unit: `{value:.12g} {written}`"


def type_words(type_: Type) -> str:
    """The kind of a value in words."""
    match type_.kind:
        case "number":
            return f"a number ({unit_words(type_.dimension)})" if not type_.dimension.plain else "a plain number"
        case "bool":
            return "true or false"
        case "date":
            return "a date"
        case "member":
            return f"a member of `{type_.set}`"
        case "option":
            return f"an option of `{type_.set}`"
