"""One turn of a repetition being written: step after step, each result at hand from there on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playout.compile import build, ir
from playout.compile.ir import Carried, Const, Node


@dataclass
class Turn:
    """The steps of one turn being written; `put` gives each result a place at hand."""

    carried: int
    steps: list[Node] = field(default_factory=list)
    _known: dict[Node, Node] = field(default_factory=dict)

    def put(self, node: Node, type_: ir.Type = "real") -> Node:
        if isinstance(node, Const | Carried):
            return node
        if node not in self._known:
            self._known[node] = Carried(self.carried + len(self.steps), type_)
            self.steps.append(node)
        return self._known[node]

    def add(self, left: Node, right: Node) -> Node:
        return self.put(build.add(left, right))

    def sub(self, left: Node, right: Node) -> Node:
        return self.put(build.sub(left, right))

    def mul(self, left: Node, right: Node) -> Node:
        if ir.ZERO in (left, right):
            return ir.ZERO
        return self.put(build.mul(left, right))

    def div(self, left: Node, right: Node) -> Node:
        return self.put(ir.Binary("div", left, right))

    def exp(self, node: Node) -> Node:
        return self.put(ir.Unary("exp", node))

    def magnitude(self, node: Node) -> Node:
        return self.put(ir.Unary("abs", node))

    def most(self, parts: Sequence[Node]) -> Node:
        result = parts[0]
        for part in parts[1:]:
            result = self.put(ir.Binary("max", result, part))
        return result

    def total(self, parts: Sequence[Node]) -> Node:
        result: Node = ir.ZERO
        for part in parts:
            result = self.add(result, part)
        return result

    def less(self, left: Node, right: Node) -> Node:
        return self.put(ir.Binary("lt", left, right), "bool")

    def both(self, left: Node, right: Node) -> Node:
        return self.put(build.both(left, right), "bool")

    def either(self, left: Node, right: Node) -> Node:
        return self.put(build.either(left, right), "bool")

    def negate(self, operand: Node) -> Node:
        return self.put(build.negate(operand), "bool")

    def pick(self, condition: Node, then: Node, otherwise: Node) -> Node:
        if any(side in (ir.TRUE, ir.FALSE) for side in (then, otherwise)):
            yes = self.both(condition, then)
            return self.either(yes, self.both(self.negate(condition), otherwise))
        return self.put(build.select(condition, then, otherwise))
