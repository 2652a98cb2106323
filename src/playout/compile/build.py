"""Short spellings for Program expressions, with the simplest folding done on the way."""

from __future__ import annotations

from playout.compile import ir
from playout.compile.ir import FALSE, ONE, TRUE, ZERO, Const, Node


def const(value: float) -> Const:
    return Const(float(value))


def integer(value: int) -> Const:
    return Const(float(value), "int")


def binary(operator: str, left: Node, right: Node) -> Node:
    return ir.Binary(operator, left, right)


def add(left: Node, right: Node) -> Node:
    if left == ZERO:
        return right
    return left if right == ZERO else ir.Binary("add", left, right)


def sub(left: Node, right: Node) -> Node:
    return left if right == ZERO else ir.Binary("sub", left, right)


def mul(left: Node, right: Node) -> Node:
    if left == ONE:
        return right
    return left if right == ONE else ir.Binary("mul", left, right)


def both(left: Node, right: Node) -> Node:
    if FALSE in (left, right):
        return FALSE
    if left == TRUE:
        return right
    return left if right == TRUE else ir.Binary("and", left, right)


def either(left: Node, right: Node) -> Node:
    if TRUE in (left, right):
        return TRUE
    if left == FALSE:
        return right
    return left if right == FALSE else ir.Binary("or", left, right)


def negate(operand: Node) -> Node:
    if operand in (TRUE, FALSE):
        return FALSE if operand == TRUE else TRUE
    return ir.Unary("not", operand)


def select(condition: Node, then: Node, otherwise: Node) -> Node:
    if condition == TRUE or then == otherwise:
        return then
    return otherwise if condition == FALSE else ir.Select(condition, then, otherwise)


def same(left: Node, right: Node) -> Node:
    """Equality of two ints."""
    return ir.Binary("ieq", left, right)


def indicator(condition: Node) -> Node:
    return ir.Unary("indicator", condition)


def real(value: Node) -> Node:
    return ir.Unary("real", value)


def total(parts: list[Node]) -> Node:
    result: Node = ZERO
    for part in parts:
        result = add(result, part)
    return result
