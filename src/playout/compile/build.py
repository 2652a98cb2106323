"""Short spellings for Program expressions, with the simplest folding done on the way."""

from __future__ import annotations

from playout.compile import ir
from playout.compile.ir import FALSE, ONE, TRUE, ZERO, Const, Node


def integer(value: int) -> Const:
    """An int constant."""
    return Const(float(value), "int")


def add(left: Node, right: Node) -> Node:
    """left + right."""
    if left == ZERO:
        return right
    return left if right == ZERO else ir.Binary("add", left, right)


def sub(left: Node, right: Node) -> Node:
    """left - right."""
    return left if right == ZERO else ir.Binary("sub", left, right)


def mul(left: Node, right: Node) -> Node:
    """left × right."""
    if left == ONE:
        return right
    return left if right == ONE else ir.Binary("mul", left, right)


def both(left: Node, right: Node) -> Node:
    """Logical and."""
    if FALSE in (left, right):
        return FALSE
    if left == TRUE:
        return right
    return left if right == TRUE else ir.Binary("and", left, right)


def either(left: Node, right: Node) -> Node:
    """Logical or."""
    if TRUE in (left, right):
        return TRUE
    if left == FALSE:
        return right
    return left if right == FALSE else ir.Binary("or", left, right)


def negate(operand: Node) -> Node:
    """Logical not."""
    if operand in (TRUE, FALSE):
        return FALSE if operand == TRUE else TRUE
    return ir.Unary("not", operand)


def select(condition: Node, then: Node, otherwise: Node) -> Node:
    """`then` where the condition holds, else `otherwise`."""
    if condition == TRUE or then == otherwise:
        return then
    return otherwise if condition == FALSE else ir.Select(condition, then, otherwise)


def same(left: Node, right: Node) -> Node:
    """Equality of two ints."""
    return ir.Binary("ieq", left, right)


def indicator(condition: Node) -> Node:
    """1 where the condition holds, else 0."""
    return ir.Unary("indicator", condition)


def real(value: Node) -> Node:
    """An int as a real."""
    return ir.Unary("real", value)


def total(parts: list[Node]) -> Node:
    """The sum of all parts, in order."""
    result: Node = ZERO
    for part in parts:
        result = add(result, part)
    return result
