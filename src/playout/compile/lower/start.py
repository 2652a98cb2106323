"""What the start rests on: the initial values of states may read what is otherwise computed step by step.

How long a first stay lasts may depend on a variable, and that on stocks and choices; a stock may start from a belief
that a policy changes for a time. So everything of a step that an initial value reads is computed once before the first
step too, under a name of its own, as it stands in S_0: in `once` what rests on beliefs
alone, in `initial` the rest.
"""

from __future__ import annotations

from collections.abc import Collection

from playout.compile import build, ir
from playout.compile.ir import Assign, Load, Node
from playout.compile.lower.scope import Workbench

_START = build.integer(0)


def settle_start(bench: Workbench) -> None:
    """Puts the initial values in order, each after what it reads, with what they read of step 0."""
    sources = {item.array: item.node if isinstance(item, Assign) else item.source for item in bench.step}
    given = {assign.array: assign.node for assign in bench.initial}
    ordered: dict[str, Assign] = {}
    settled: dict[str, Assign] = {}

    def settle(array: str, node: Node) -> None:
        """Appends an array's value at the start, after all that it rests on."""
        if array in ordered or array in settled:
            return
        value = at_start(node)
        if array in given or reads(value, ordered):
            ordered[array] = Assign(array, value)
        else:  # tables and beliefs alone
            settled[array] = Assign(array, value)

    def at_start(node: Node) -> Node:
        node = ir.rebuild(node, at_start)
        match node:
            case ir.Step():
                return _START
            case ir.Word(stream, index, None, where):
                return ir.Word(stream, index, _START, where)
            case Load(array, index) if array in sources:
                name = f"{array} at the start"
                settle(name, sources[array])
                declared = bench.arrays[array]
                bench.arrays[name] = ir.Array(name, declared.sets, declared.type, "once")
                return Load(name, index)
            case Load(array) if array in given:
                settle(array, given[array])
        return node

    for assign in bench.initial:
        settle(assign.array, assign.node)
    bench.initial = list(ordered.values())
    bench.once += settled.values()


def reads(node: Node, arrays: Collection[str]) -> bool:
    """Whether an expression reads one of the arrays."""
    if isinstance(node, Load) and node.array in arrays:
        return True
    return any(reads(child, arrays) for child in ir.children(node))
