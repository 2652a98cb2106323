"""Expressions → a tape of NumPy calls over a block of futures.

A value has one array axis per free index variable, ordered by set and number, and futures last (of length 1 where it
does not depend on the future); a constant is a scalar. Equal nodes share a slot, and a slot is freed after its last
reader, so that the memory of a block stays in cache.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from playout.compile import draws, ir
from playout.compile.engine import Halt, Stopped
from playout.compile.ir import Axis, Node
from playout.compile.turns import BINARY, UNARY, Turns, Value
from playout.model.distribution import SCORE_QUANTILES, UNIFORM_QUANTILES

LANES = 64
"""A block's length is a multiple of this, so that no result depends on how an array's end is treated."""

DTYPES: dict[ir.Type, Any] = {"real": np.float64, "int": np.int32, "bool": np.bool_, "word": np.uint32}

REDUCE: dict[str, Callable[..., Any]] = {
    "sum": np.add.reduce,
    "prod": np.multiply.reduce,
    "min": np.minimum.reduce,
    "max": np.maximum.reduce,
    "any": np.logical_or.reduce,
    "all": np.logical_and.reduce,
    "imax": np.maximum.reduce,
    "argmax": lambda x, axis: np.argmax(x, axis=axis).astype(np.int32),
}
OUTSIDE: dict[ir.Type, Any] = {"real": np.nan, "int": np.int32(-1), "bool": False}


@dataclass
class Run:
    """What the instructions of one block read: arrays by name, step words by stream, the futures, the step. ``halt``:
    whether to go on at all."""

    seed: int
    futures: NDArray[np.uint32]
    halt: Halt | None = None
    arrays: dict[str, Value] = field(default_factory=dict)
    words: dict[str, Value] = field(default_factory=dict)
    step: int = 0

    def look(self) -> None:
        """Raise Stopped where that is wished."""
        if self.halt is not None and self.halt.is_set():
            raise Stopped


Instruction = Callable[[Run, list[Any]], Any]
"""Computes one slot's value from the run and the values of all slots."""


@dataclass
class Tape:
    """Nodes compiled in order. `add` returns a node's slot; `run` computes all slots in order."""

    program: ir.Program
    code: list[tuple[Instruction, int, tuple[int, ...]]] = field(default_factory=list)
    slots: dict[Node, int] = field(default_factory=dict)
    free_axes: list[tuple[Axis, ...]] = field(default_factory=list)
    frees: list[tuple[int, ...]] = field(default_factory=list)
    repeats: dict[Node, int] = field(default_factory=dict)  # a repetition, picking its first value -> all its values
    thin: set[int] = field(default_factory=set)  # slots of length 1 along some of their axes
    alike: set[int] = field(default_factory=set)  # slots of values that are the same in all futures

    def add(self, node: Node) -> int:
        """The slot in which the node's value stands."""
        if node not in self.slots:
            instruction, arguments, axes = self._compile(node)
            slot = self.slots[node] = self._emit(instruction, arguments, axes)
            varies = isinstance(node, ir.Word) or (isinstance(node, ir.Load) and node.array not in self.program.alike)
            if not varies and self.alike.issuperset(arguments):
                self.alike.add(slot)
        return self.slots[node]

    def full(self, node: Node, sets: tuple[str, ...]) -> int:
        """The slot of the node's value with one axis per set, in that order, ready to be stored as an array."""
        source = self.add(node)
        own = tuple(_own_axes(sets))
        align = self._aligner(source, own)
        if align is None:
            return source
        slot = self._emit(lambda run, values: align(values[source]), (source,), own)
        if len(self.free_axes[source]) < len(own):
            self.thin.add(slot)
        return slot

    def store(self, array: str, slot: int, kept: Callable[[Value], Value]) -> None:
        """From here on, loads of the array find this slot's value, in the form that ``kept`` gives it."""

        def put(run: Run, values: list[Any]) -> None:
            run.arrays[array] = kept(values[slot])

        self._emit(put, (slot,), ())
        own = self.free_axes[slot]
        if slot not in self.thin and len(own) == len(self.program.arrays[array].sets):
            self.slots[ir.Load(array, own)] = slot

    def effect(self, action: Callable[[Run, Value], None], slot: int) -> None:
        """Something done with a slot's value as it passes."""

        self._emit(lambda run, values: action(run, values[slot]), (slot,), ())

    def _emit(self, instruction: Instruction, arguments: tuple[int, ...], axes: tuple[Axis, ...]) -> int:
        slot = len(self.free_axes)
        self.free_axes.append(axes)
        self.code.append((instruction, slot, arguments))
        return slot

    def seal(self) -> None:
        """Find the last reader of every slot."""
        last = {}
        for place, (_, slot, arguments) in enumerate(self.code):
            last[slot] = place
            for argument in arguments:
                last[argument] = place
        ends: dict[int, list[int]] = {}
        for slot, place in last.items():
            ends.setdefault(place, []).append(slot)
        self.frees = [tuple(ends.get(place, ())) for place in range(len(self.code))]

    def largest(self, futures: int) -> int:
        """How many numbers stand in slots at once at most, for so many futures."""
        sizes = [
            math.prod(self.program.sizes[axis.set] for axis in axes) * (1 if slot in self.alike else futures)
            for slot, axes in enumerate(self.free_axes)
        ]
        standing = most = 0
        for (_, slot, _), done in zip(self.code, self.frees, strict=True):
            standing += sizes[slot]
            most = max(most, standing)
            standing -= sum(sizes[each] for each in done)
        return most

    def run(self, run: Run) -> None:
        values: list[Any] = [None] * len(self.free_axes)
        for (instruction, slot, _), done in zip(self.code, self.frees, strict=True):
            run.look()
            values[slot] = instruction(run, values)
            for free in done:
                values[free] = None

    # --- shapes ---

    def _aligner(self, slot: int, axes: tuple[Axis, ...]) -> Callable[[Value], Value] | None:
        """What brings a slot's value to the given axes (a superset of its own), with length 1 where it has none.

        None where nothing need be done.
        """
        own = self.free_axes[slot]
        order = [own.index(a) for a in axes if a in own]
        index = tuple(slice(None) if a in own else None for a in axes)
        transposed = order != list(range(len(own)))
        if not transposed and (own == axes or not own or axes[-len(own) :] == own):
            return None  # NumPy lines shapes up at their ends
        order.append(len(own))
        if transposed:
            return lambda value: value.transpose(order)[index]
        return lambda value: value[index]

    def _elementwise(self, function: Callable[..., Any], nodes: list[Node]) -> tuple[Instruction, tuple[int, ...], Any]:
        arguments = tuple(self.add(n) for n in nodes)
        axes = self._union(arguments)
        aligners = [self._aligner(a, axes) for a in arguments]
        if any(aligners):
            pairs = tuple((a, f or _unchanged) for a, f in zip(arguments, aligners, strict=True))
            return (lambda run, values: function(*[f(values[a]) for a, f in pairs])), arguments, axes
        match arguments:
            case (a,):
                return (lambda run, values: function(values[a])), arguments, axes
            case (a, b):
                return (lambda run, values: function(values[a], values[b])), arguments, axes
            case (a, b, c):
                return (lambda run, values: function(values[a], values[b], values[c])), arguments, axes
        return (lambda run, values: function(*[values[a] for a in arguments])), arguments, axes

    def _aligned(self, slot: int, axes: tuple[Axis, ...]) -> Callable[[list[Any]], Value]:
        """Reads a slot's value brought to the given axes."""
        align = self._aligner(slot, axes) or _unchanged
        return lambda values: align(values[slot])

    def _union(self, slots: tuple[int, ...]) -> tuple[Axis, ...]:
        return tuple(sorted({a for s in slots for a in self.free_axes[s]}, key=self._order))

    def _order(self, axis: Axis) -> tuple[int, int]:
        return list(self.program.labels).index(axis.set), axis.number

    # --- nodes ---

    def _compile(self, node: Node) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        match node:
            case ir.Const(value, type_):
                constant: Value = DTYPES[type_](value)
                return (lambda run, values: constant), (), ()
            case ir.Step():
                return (lambda run, values: np.asarray(run.step, np.int32)), (), ()
            case ir.Position(axis):
                positions = np.arange(self.program.sizes[axis.set], dtype=np.int32)[:, None]
                return (lambda run, values: positions), (), (axis,)
            case ir.Load(array, index):
                declared = self.program.arrays[array]
                return self._load(lambda run: run.arrays[array], declared.type, declared.sets, index)
            case ir.Unary(operator, operand):
                return self._elementwise(UNARY[operator], [operand])
            case ir.Binary(operator, left, right):
                return self._elementwise(BINARY[operator], [left, right])
            case ir.Select(condition, then, otherwise):
                return self._elementwise(np.where, [condition, then, otherwise])
            case ir.Reduce():
                return self._reduce(node)
            case ir.Piecewise(argument, points):
                x, y = (np.array(c) for c in zip(*points, strict=True))
                return self._elementwise(lambda v: np.interp(v, x, y), [argument])
            case ir.Word(number=None):
                sets = self.program.streams[node.stream].sets
                return self._load(lambda run: run.words[node.stream], "word", sets, node.index)
            case ir.Word():
                return self._entry_word(node)
            case ir.Below(word, chance):
                return self._elementwise(lambda w, p: draws.threshold(w) < p, [word, chance])
            case ir.Score(word):
                return self._elementwise(draws.normal_score, [word])
            case ir.Uniform(word):
                return self._elementwise(draws.open_uniform, [word])
            case ir.Quantile():
                return self._quantile(node)
            case ir.Repeat():
                return self._repeat(node)
            case ir.Carried():
                raise AssertionError("a carried value outside of its repetition")

    def _repeat(self, node: ir.Repeat) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        """What one repetition carries, worked out once and then picked from."""
        whole = dataclasses.replace(node, pick=0)
        if whole not in self.repeats:
            turns = Turns(whole)
            arguments = tuple(self.add(n) for n in (node.where, *turns.inputs))
            axes = self._union(arguments)
            read = [self._aligned(a, axes) for a in arguments]
            shape = tuple(self.program.sizes[a.set] for a in axes)

            def play(run: Run, values: list[Any]) -> list[Value]:
                return turns.play(run.look, (*shape, run.futures.size), *(part(values) for part in read))

            self.repeats[whole] = self._emit(play, arguments, axes)
        slot = self.repeats[whole]
        return (lambda run, values: values[slot][node.pick]), (slot,), self.free_axes[slot]

    def _reduce(self, node: ir.Reduce) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        product = self._product(node)
        if product is not None:
            return product
        slot = self.add(node.body)
        size = self.program.sizes[node.axis.set]
        axes = self._union((slot,))
        if node.axis not in axes:
            return self._constant_reduce(node.operator, slot, size)
        place = axes.index(node.axis)
        function = REDUCE[node.operator]
        rest = tuple(a for a in axes if a != node.axis)
        return (lambda run, values: function(values[slot], axis=place)), (slot,), rest

    def _constant_reduce(
        self, operator: str, slot: int, size: int
    ) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        """A reduction whose body is the same for every member."""
        change: dict[str, Callable[[Value], Any]] = {
            "sum": lambda v: v * float(size),
            "prod": lambda v: np.power(v, float(size)),
            "argmax": lambda v: np.zeros(np.shape(v), np.int32),
        }
        function = change.get(operator, np.asarray)
        return (lambda run, values: function(values[slot])), (slot,), self.free_axes[slot]

    def _product(self, node: ir.Reduce) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]] | None:
        """sum[r](table[o, r] * x[r]) as a matrix product, LANES futures at a time, so that its rounding is always the
        same."""
        match node:
            case ir.Reduce("sum", axis, ir.Binary("mul", left, right)):
                for matrix, vector in ((left, right), (right, left)):
                    m, v = ir.axes(matrix), ir.axes(vector)
                    if self._is_table(matrix) and len(m) == 2 and axis in m and v == {axis}:
                        return self._matrix_product(axis, matrix, vector)
        return None

    def _is_table(self, node: Node) -> bool:
        return isinstance(node, ir.Load) and node.array in self.program.alike

    def _matrix_product(
        self, axis: Axis, matrix: Node, vector: Node
    ) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        table_slot, vector_slot = arguments = (self.add(matrix), self.add(vector))
        axes = self.free_axes[table_slot]
        (row,) = (a for a in axes if a != axis)
        flip = axes[0] == axis

        def multiply(run: Run, values: list[Any]) -> Value:
            table, vector = values[table_slot][..., 0], values[vector_slot]
            if vector.shape[-1] == 1:
                return np.asarray(np.matmul(table.T if flip else table, vector))
            panels = np.ascontiguousarray(vector.reshape(len(vector), -1, LANES).transpose(1, 0, 2))
            product: Value = np.matmul(table.T if flip else table, panels)
            return product.transpose(1, 0, 2).reshape(len(product[0]), -1)

        return multiply, arguments, (row,)

    def _load(
        self, read: Callable[[Run], Value], type_: ir.Type, sets: tuple[str, ...], index: tuple[ir.Index, ...]
    ) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        if any(isinstance(i, Node) for i in index):
            return self._gather(read, type_, sets, index)
        picked: tuple[Any, ...] = tuple(slice(None) if isinstance(i, Axis) else i for i in index)
        axes = [i for i in index if isinstance(i, Axis)]
        if len(set(axes)) < len(axes):
            return self._gather(read, type_, sets, index)
        order = sorted(axes, key=self._order)
        permutation = [*(axes.index(a) for a in order), len(axes)]
        whole = all(isinstance(p, slice) for p in picked)
        if permutation == sorted(permutation):
            if whole:
                return (lambda run, values: read(run)), (), tuple(order)
            return (lambda run, values: read(run)[picked]), (), tuple(order)
        return (lambda run, values: read(run)[picked].transpose(permutation)), (), tuple(order)

    def _gather(
        self, read: Callable[[Run], Value], type_: ir.Type, sets: tuple[str, ...], index: tuple[ir.Index, ...]
    ) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        """Loads whose member is computed: each future picks its own."""
        nodes = [ir.Position(i) if isinstance(i, Axis) else i for i in index]
        arguments = tuple(self.add(n) for n in nodes if isinstance(n, Node))
        axes = self._union(arguments)
        slots = iter(arguments)
        parts = [self._aligned(next(slots), axes) if isinstance(n, Node) else _always(n) for n in nodes]
        sizes = [self.program.sizes[s] for s in sets]
        outside = OUTSIDE[type_]

        def gather(run: Run, values: list[Any]) -> Value:
            picks = [np.asarray(part(values)) for part in parts]
            good: Any = True
            for pick, size in zip(picks, sizes, strict=True):
                good = good & (pick >= 0) & (pick < size)
            array = read(run)
            future = np.arange(array.shape[-1]) if array.shape[-1] > 1 else 0
            clipped = [np.clip(p, 0, size - 1) for p, size in zip(picks, sizes, strict=True)]
            found: Value = np.where(good, array[(*clipped, future)], outside)
            return found

        return gather, arguments, axes

    # --- random words and laws ---

    def _entry_word(self, node: ir.Word) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        """Words whose number differs by future: drawn one by one, where they are wanted."""
        assert node.number is not None
        key = draws.stream_key(node.stream)
        sizes = [self.program.sizes[s] for s in self.program.streams[node.stream].sets]
        members = [ir.Position(i) if isinstance(i, Axis) else i for i in node.index]
        parts = [node.number, ir.TRUE if node.where is None else node.where]
        parts += [ir.Const(float(m), "int") if isinstance(m, int) else m for m in members]
        arguments = tuple(self.add(p) for p in parts)
        axes = self._union(arguments)
        read = [self._aligned(a, axes) for a in arguments]
        shape = tuple(self.program.sizes[a.set] for a in axes)

        def draw(run: Run, values: list[Any]) -> Value:
            number, wanted, *members = (part(values) for part in read)
            flat: Any = np.int64(0)
            for size, member in zip(sizes, members, strict=True):
                flat = flat * size + member
            full = (*shape, run.futures.size)
            words = np.zeros(full, np.uint32)
            places = np.flatnonzero(np.broadcast_to(wanted, full))
            if places.size:
                future, member, number = (np.broadcast_to(x, full).flat[places] for x in (run.futures, flat, number))
                words.flat[places] = draws.pointwise(run.seed, key, future, member, number)
            return words

        return draw, arguments, axes

    def _quantile(self, node: ir.Quantile) -> tuple[Instruction, tuple[int, ...], tuple[Axis, ...]]:
        function = special.ndtri if node.kind == "score" else (SCORE_QUANTILES | UNIFORM_QUANTILES)[node.kind]
        if node.where is None:
            return self._elementwise(function, [node.argument, *node.parameters])

        def masked(where: Value, *arguments: Value) -> Value:
            arrays = np.broadcast_arrays(where, *arguments)
            mask = arrays[0]
            out = np.zeros(mask.shape)
            if mask.any():
                out[mask] = function(*(a[mask] for a in arrays[1:]))
            return out

        return self._elementwise(masked, [node.where, node.argument, *node.parameters])


def _unchanged(value: Value) -> Value:
    return value


def _always(member: object) -> Callable[[list[Any]], Any]:
    return lambda values: member


def _own_axes(sets: tuple[str, ...]) -> list[Axis]:
    return [Axis(name, sets[:place].count(name)) for place, name in enumerate(sets)]


def full_shape(program: ir.Program, sets: tuple[str, ...]) -> tuple[int, ...]:
    """The number of members in each set."""
    return tuple(program.sizes[s] for s in sets)


def as_stored(value: Value, shape: tuple[int, ...], dtype: type) -> Value:
    """A value brought to [*members, futures or 1] and its type, as arrays are kept."""
    array: Value = np.asarray(value, dtype=dtype)
    if array.shape[:-1] == shape and array.ndim:
        return array
    futures = array.shape[-1] if array.ndim else 1
    return np.broadcast_to(array, (*shape, futures))
