"""What a real expression may come to beside finite numbers: not a number, or an infinity.

A comparison with what is not a number is neither true nor false and stops the future that needs it (see `truth.py`).
Most expressions cannot come to it, and for those nothing is compiled. A sum of finite numbers counts as finite, a
product does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playout.compile import ir
from playout.compile.ir import Const, Load, Node


@dataclass(frozen=True, slots=True)
class Extent:
    """Whether a value may be not a number, and whether it may be infinite."""

    nan: bool
    infinite: bool

    def __or__(self, other: Extent) -> Extent:
        return Extent(self.nan or other.nan, self.infinite or other.infinite)


FINITE = Extent(nan=False, infinite=False)
ENDLESS = Extent(nan=False, infinite=True)
ANYTHING = Extent(nan=True, infinite=True)


def extent(node: Node, arrays: Mapping[str, Extent]) -> Extent:
    """What a real node may come to. ``arrays``: of each real array what its values may be; ANYTHING where missing.

    Walks without recursion, each part once: what a scenario chains may be deep.
    """
    found: dict[int, Extent] = {}
    waiting = [node]
    while waiting:
        part = waiting[-1]
        missing = [other for other in _parts(part) if id(other) not in found]
        if missing:
            waiting += missing
        else:
            found[id(part)] = _of(part, arrays, lambda other: found[id(other)])
            waiting.pop()
    return found[id(node)]


def _parts(node: Node) -> tuple[Node, ...]:
    """The reals that a real is made of."""
    match node:
        case ir.Unary(operator, operand) if operator in _UNARY:
            return (operand,)
        case ir.Binary(_, left, right):
            return left, right
        case ir.Select(_, then, otherwise):
            return then, otherwise
        case ir.Reduce(_, _, body):
            return (body,)
        case ir.Piecewise(argument, _):
            return (argument,)
    return ()


def _of(node: Node, arrays: Mapping[str, Extent], of: Callable[[Node], Extent]) -> Extent:
    """A node's own extent by those of its parts."""
    match node:
        case Const(value):
            return Extent(math.isnan(value), math.isinf(value))
        case Load(array, index):
            found = arrays.get(array, ANYTHING)
            nobody = any(not isinstance(place, ir.Axis | int) for place in index)  # outside the set: not a number
            return found | Extent(nobody, False)
        case ir.Unary(operator, operand) if operator in _UNARY:
            return _UNARY[operator](of(operand))
        case ir.Binary("mul", left, right):
            return _product(left, right, of)
        case ir.Binary("div", left, Const(divisor)) if divisor and math.isfinite(divisor):
            return of(left)
        case ir.Binary("pow", left, Const(power)) if power >= 0.0 and power.is_integer():
            return Extent(of(left).nan, infinite=True)
        case ir.Binary(operator, left, right) if operator in _BINARY:
            return _BINARY[operator](of(left), of(right))
        case ir.Select(_, then, otherwise):
            return of(then) | of(otherwise)
        case ir.Reduce("sum", _, body):
            return _added(of(body), of(body))
        case ir.Reduce("min" | "max", _, body):
            return of(body)
        case ir.Piecewise(argument, _):
            return Extent(of(argument).nan, infinite=False)
        case ir.Score() | ir.Uniform():
            return FINITE
    return ANYTHING


def _added(left: Extent, right: Extent) -> Extent:
    """A sum or difference: two infinities may cancel."""
    return Extent(left.nan or right.nan or (left.infinite and right.infinite), left.infinite or right.infinite)


def _product(left: Node, right: Node, of: Callable[[Node], Extent]) -> Extent:
    """A product may overflow, but for one with a known number; nought times infinity is not a number."""
    for known, other in ((left, right), (right, left)):
        if isinstance(known, Const) and math.isfinite(known.value):
            found = of(other)
            return found if known.value else Extent(found.nan or found.infinite, infinite=False)
    both = of(left) | of(right)
    return Extent(both.nan or both.infinite, infinite=True)


_UNARY: dict[str, Callable[[Extent], Extent]] = {
    "neg": lambda x: x,
    "abs": lambda x: x,
    "exp": lambda x: Extent(x.nan, infinite=True),
    "expm1": lambda x: Extent(x.nan, infinite=True),
    "logistic": lambda x: Extent(x.nan, infinite=False),
    "real": lambda _: FINITE,
    "indicator": lambda _: FINITE,
}
_BINARY: dict[str, Callable[[Extent, Extent], Extent]] = {
    "add": _added,
    "sub": _added,
    "min": Extent.__or__,
    "max": Extent.__or__,
}
