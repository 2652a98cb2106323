"""What is done with values one by one: the operators of expressions, and repetitions of them with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from playout.compile import draws, ir
from playout.compile.ir import Node

Value = NDArray[Any]

UNARY: dict[str, Callable[..., Any]] = {
    "neg": np.negative,
    "abs": np.abs,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "sqrt": np.sqrt,
    "logistic": special.expit,
    "not": np.logical_not,
    "real": lambda x: np.asarray(x, np.float64),
    "indicator": lambda x: np.asarray(x, np.float64),
}
BINARY: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "min": np.minimum,
    "max": np.maximum,
    "lt": np.less,
    "le": np.less_equal,
    "eq": np.equal,
    "iadd": np.add,
    "isub": np.subtract,
    "ieq": np.equal,
    "ilt": np.less,
    "and": np.logical_and,
    "or": np.logical_or,
}


class Turns:
    """The turns of a Repeat, over the members and futures that want it alone.

    ``inputs``: the expressions in its steps that no turn changes, which are asked for once.
    """

    def __init__(self, repeat: ir.Repeat) -> None:
        self.repeat = repeat
        self.inputs: list[Node] = []
        self._places: dict[Node, int] = {}
        self._code: list[tuple[Callable[..., Any], tuple[int, ...]]] = []
        carried = len(repeat.starts)
        self._starts = [self._input(start) for start in repeat.starts]
        self._at_hand = list(range(-carried, 0))  # where each value at hand stands; those carried before the inputs
        for step in repeat.steps:
            self._at_hand.append(self._compile(step))

    def _input(self, node: Node) -> int:
        if node not in self.inputs:
            self.inputs.append(node)
        return self.inputs.index(node)

    def _compile(self, node: Node) -> int:
        """Where a node's value stands: below 0 a carried value, from 1,000,000 on an operation's, else an input's."""
        if isinstance(node, ir.Carried):
            return self._at_hand[node.number]
        if not ir.is_open(node):
            return self._input(node)
        if node not in self._places:
            entry: tuple[Callable[..., Any], tuple[int, ...]]
            match node:
                case ir.Unary(operator, operand):
                    entry = UNARY[operator], (self._compile(operand),)
                case ir.Binary(operator, left, right):
                    entry = BINARY[operator], (self._compile(left), self._compile(right))
                case ir.Below(word, chance):
                    entry = _below, (self._compile(word), self._compile(chance))
                case ir.Select(condition, then, otherwise):
                    entry = np.where, tuple(map(self._compile, (condition, then, otherwise)))
                case _:
                    raise NotImplementedError(f"a {type(node).__name__} in a repetition")
            self._code.append(entry)
            self._places[node] = _OPERATIONS + len(self._code) - 1
        return self._places[node]

    def play(self, look: Callable[[], None], shape: tuple[int, ...], where: Value, *inputs: Value) -> list[Value]:
        """All that is carried in the end, each of the shape. look: called in every turn."""
        places = np.flatnonzero(np.broadcast_to(where, shape))
        given = [_at(value, shape, places) for value in inputs]
        carried = [np.broadcast_to(given[n], places.shape) for n in self._starts]
        for _ in range(self.repeat.turns if places.size else 0):
            look()
            done = carried[self.repeat.done]
            if done.all():
                break
            made: list[Any] = []

            def value(place: int, carried: list[Value] = carried, made: list[Any] = made) -> Value:
                if place < 0:
                    return carried[place]
                return made[place - _OPERATIONS] if place >= _OPERATIONS else given[place]

            for function, arguments in self._code:
                made.append(function(*map(value, arguments)))
            new = [value(self._at_hand[n]) for n in self.repeat.following]
            carried = [np.where(done, old, now) for old, now in zip(carried, new, strict=True)]
        return [_spread(shape, places, found, inputs[n]) for found, n in zip(carried, self._starts, strict=True)]


_OPERATIONS = 1_000_000


def _below(word: Value, chance: Value) -> Value:
    less: Value = draws.threshold(word) < chance
    return less


def _at(value: Value, shape: tuple[int, ...], places: NDArray[np.intp]) -> Value:
    """The values at some flat places of a shape."""
    array = np.asarray(value)
    return array if array.ndim == 0 else np.broadcast_to(array, shape).reshape(-1)[places]


def _spread(shape: tuple[int, ...], places: NDArray[np.intp], found: Value, start: Value) -> Value:
    """The values back in their places, among what they started from."""
    whole = np.array(np.broadcast_to(start, shape))
    whole.reshape(-1)[places] = found
    return whole
