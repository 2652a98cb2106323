"""Equations as text: surface trees written out in one spelling, with no more brackets than they need."""

from __future__ import annotations

from playout.model.expression import (
    Attribute,
    Binary,
    Binder,
    Call,
    Comprehension,
    Conditional,
    DateNumber,
    Expression,
    Name,
    Number,
    PointList,
    Subscript,
    Target,
    Unary,
)
from playout.model.scenario import Effect, Splinter

_BINDS = {
    "or": 1, "and": 2, "not": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "sign": 7, "**": 8,
}  # fmt: skip
"""How tightly an operator binds; `if … else` binds least of all, and names and calls are never in need of brackets."""

_WHOLE = 9


def text_of(tree: Expression) -> str:
    """An expression as the language writes it."""
    return _text(tree, 0)


def target_text(target: Target) -> str:
    """What an effect changes: ``trust[s in service]``."""
    indices = [binder_text(index) if isinstance(index, Binder) else text_of(index) for index in target.indices]
    return target.name + (f"[{', '.join(indices)}]" if indices else "")


def binder_text(binder: Binder) -> str:
    """One index of a definition: ``o in organisation``, or the set alone."""
    return binder.set if binder.variable == binder.set else f"{binder.variable} in {binder.set}"


def effect_text(effect: Effect | Splinter) -> str:
    """One line of what an event does."""
    if isinstance(effect, Splinter):
        return f"splinter(from {text_of(effect.parent)}, {text_of(effect.share)})"
    return f"{target_text(effect.target)} {effect.operator} {text_of(effect.value)}"


def number_text(value: float) -> str:
    """A number as short as it can be said without loss."""
    return f"{value:.15g}"


def _text(tree: Expression, least: int) -> str:
    """The text of a tree, in brackets where it binds less than ``least``."""
    text, binds = _written(tree)
    return f"({text})" if binds < least else text


def _written(tree: Expression) -> tuple[str, int]:
    """The text of a tree and how tightly it binds."""
    match tree:
        case Number(value=value, unit=unit):
            if unit is None or unit.text == "1":
                return number_text(value), _WHOLE if value >= 0 else _BINDS["sign"]
            return number_text(value) + (unit.text[1:] if unit.text.startswith("1/") else f" {unit.text}"), _WHOLE
        case DateNumber(value=value):
            return value.isoformat(), _WHOLE
        case Name(name=name):
            return name, _WHOLE
        case Subscript(base=base, indices=indices):
            return f"{base.name}[{', '.join(map(text_of, indices))}]", _WHOLE
        case Attribute(base=base, name=name):
            return f"{_text(base, _WHOLE)}.{name}", _WHOLE
        case Unary(operator=operator, operand=operand):
            binds = _BINDS["sign" if operator == "-" else operator]
            return f"{operator}{' ' if operator == 'not' else ''}{_text(operand, binds)}", binds
        case Binary(operator=operator, left=left, right=right):
            binds = _BINDS[operator]
            before, after = (binds + 1, binds) if operator == "**" else (binds, binds + 1)
            return f"{_text(left, before)} {operator} {_text(right, after)}", binds
        case Conditional(then=then, condition=condition, otherwise=otherwise):
            return f"{_text(then, 1)} if {_text(condition, 1)} else {_text(otherwise, 0)}", 0
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(text_of, arguments))})", _WHOLE
        case PointList(points=points):
            return "[" + ", ".join(f"[{text_of(x)}, {text_of(y)}]" for x, y in points) + "]", _WHOLE
        case Comprehension(function=function, body=body, variable=variable, set=set_, condition=condition):
            where = f" if {text_of(condition)}" if condition is not None else ""
            return f"{function}({text_of(body)} for {variable} in {set_}{where})", _WHOLE
