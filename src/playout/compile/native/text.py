"""LLVM IR as text, with explicit vectors: values that write the instruction an operator stands for.

Kinds of a value, each a vector of one lane a future: ``float``, ``double``, ``i32``, ``i64``, ``i1``. Operators emit
plain IEEE operations; a fused multiply-add is asked for by name. Comparisons with a NaN are false.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

Operand: TypeAlias = "Value | float | int"

FLOATING = ("float", "double")
BITS = {"float": 32, "double": 64, "i32": 32, "i64": 64, "i1": 1}


def literal(kind: str, value: float) -> str:
    """A number as LLVM writes it; floats bit for bit."""
    if kind == "i1":
        return "true" if value else "false"
    if kind in ("i32", "i64"):
        bits = BITS[kind]
        whole = int(value) & (2**bits - 1)
        return str(whole - 2**bits if whole >> (bits - 1) else whole)
    return f"0x{struct.unpack('<Q', struct.pack('<d', _rounded(kind, value)))[0]:016X}"


def _rounded(kind: str, value: float) -> float:
    if value != value:
        return struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000000))[0]  # type: ignore[no-any-return]
    if kind == "double":
        return value
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]  # type: ignore[no-any-return]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """An SSA value of ``code``'s function. Operators emit into that function."""

    code: Code
    name: str
    kind: str

    @property
    def type(self) -> str:
        return self.code.vector(self.kind)

    @property
    def constant(self) -> bool:
        """Whether it is a number known when code is made, the same in all lanes."""
        return self.name.startswith("splat (")

    def _operate(self, floating: str, integer: str, left: Operand, right: Operand) -> Value:
        operation = floating if self.kind in FLOATING else integer
        a, b = self.lift(left), self.lift(right)
        assert a.kind == b.kind == self.kind, (operation, a.kind, b.kind)
        return self.code.emit(f"{operation} {self.type} {a.name}, {b.name}", self.kind)

    def lift(self, other: Operand) -> Value:
        """A number as a value of this kind; a value as it is."""
        return other if isinstance(other, Value) else self.code.constant(self.kind, other)

    def __add__(self, other: Operand) -> Value:
        return self._operate("fadd", "add", self, other)

    def __radd__(self, other: Operand) -> Value:
        return self._operate("fadd", "add", other, self)

    def __sub__(self, other: Operand) -> Value:
        return self._operate("fsub", "sub", self, other)

    def __rsub__(self, other: Operand) -> Value:
        return self._operate("fsub", "sub", other, self)

    def __mul__(self, other: Operand) -> Value:
        return self._operate("fmul", "mul", self, other)

    def __rmul__(self, other: Operand) -> Value:
        return self._operate("fmul", "mul", other, self)

    def __truediv__(self, other: Operand) -> Value:
        return self._operate("fdiv", "sdiv", self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return self._operate("fdiv", "sdiv", other, self)

    def __and__(self, other: Operand) -> Value:
        return self._operate("", "and", self, other)

    def __or__(self, other: Operand) -> Value:
        return self._operate("", "or", self, other)

    def __xor__(self, other: Operand) -> Value:
        return self._operate("", "xor", self, other)

    def __invert__(self) -> Value:
        return self._operate("", "xor", self, -1 if self.kind != "i1" else 1)

    def __lshift__(self, other: Operand) -> Value:
        return self._operate("", "shl", self, other)

    def __rshift__(self, other: Operand) -> Value:
        """Towards the sign."""
        return self._operate("", "ashr", self, other)

    def shifted_down(self, bits: int) -> Value:
        """Zeros shifted in from above."""
        return self._operate("", "lshr", self, bits)

    def __neg__(self) -> Value:
        if self.kind in FLOATING:
            return self.code.emit(f"fneg {self.type} {self.name}", self.kind)
        return self._operate("", "sub", 0, self)

    def compare(self, relation: str, other: Operand) -> Value:
        """An LLVM predicate without its kind: ``lt le gt ge eq`` (signed; false with NaN), ``ne`` (true with NaN),
        ``ult …`` for unsigned ints."""
        right = self.lift(other)
        assert right.kind == self.kind
        if self.kind in FLOATING:
            predicate = "une" if relation == "ne" else relation if relation[0] == "u" else "o" + relation
            return self.code.emit(f"fcmp {predicate} {self.type} {self.name}, {right.name}", "i1")
        predicate = relation if relation[0] == "u" or relation in ("eq", "ne") else "s" + relation
        return self.code.emit(f"icmp {predicate} {self.type} {self.name}, {right.name}", "i1")

    def __lt__(self, other: Operand) -> Value:
        return self.compare("lt", other)

    def __le__(self, other: Operand) -> Value:
        return self.compare("le", other)

    def __gt__(self, other: Operand) -> Value:
        return self.compare("gt", other)

    def __ge__(self, other: Operand) -> Value:
        return self.compare("ge", other)

    def convert(self, operation: str, kind: str) -> Value:
        """An LLVM conversion (``sitofp``, ``zext``, ``bitcast``, …)."""
        return self.code.emit(f"{operation} {self.type} {self.name} to {self.code.vector(kind)}", kind)

    def where(self, condition: Value, otherwise: Operand) -> Value:
        """This where the condition holds, else the other."""
        other = self.lift(otherwise)
        picked = f"{condition.type} {condition.name}, {self.type} {self.name}, {other.type} {other.name}"
        return self.code.emit(f"select {picked}", self.kind)


@dataclass
class Code:
    """One function being written. ``needs`` collects the intrinsics and library functions it calls; ``x86``: see
    `Target`."""

    lanes: int
    x86: int = 0
    lines: list[str] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)
    block: str = "entry"
    _counter: int = 0

    def vector(self, kind: str) -> str:
        return f"<{self.lanes} x {kind}>"

    def constant(self, kind: str, value: float) -> Value:
        return Value(self, f"splat ({kind} {literal(kind, value)})", kind)

    def fresh(self, stem: str = "v") -> str:
        self._counter += 1
        return f"{stem}{self._counter}"

    def emit(self, text: str, kind: str) -> Value:
        """An instruction that gives a vector."""
        return Value(self, self.scalar(text), kind)

    def scalar(self, text: str) -> str:
        """An instruction that gives anything; returns its name."""
        name = "%" + self.fresh()
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        """An instruction that gives nothing."""
        self.lines.append("  " + text)

    def start(self, block: str) -> None:
        """Begin a basic block."""
        self.block = block
        self.lines.append(f"{block}:")

    def splat(self, scalar: str, kind: str) -> Value:
        """A scalar in every lane."""
        vector = self.vector(kind)
        first = self.scalar(f"insertelement {vector} poison, {kind} {scalar}, i64 0")
        lanes = f"<{self.lanes} x i32>"
        return self.emit(f"shufflevector {vector} {first}, {vector} poison, {lanes} zeroinitializer", kind)

    # --- memory ---

    def read(self, pointer: str, kind: str) -> Value:
        """The vector at an address; bools as bit masks."""
        if kind != "i1":
            return self.emit(f"load {self.vector(kind)}, ptr {pointer}, align {self.aligned(kind)}", kind)
        lanes = self.lanes
        bits = self.scalar(f"load i{max(8, lanes)}, ptr {pointer}, align 1")
        if lanes < 8:
            bits = self.scalar(f"trunc i8 {bits} to i{lanes}")
        return self.emit(f"bitcast i{lanes} {bits} to {self.vector('i1')}", "i1")

    def write(self, pointer: str, value: Value) -> None:
        """Put a vector at an address."""
        if value.kind != "i1":
            self.do(f"store {value.type} {value.name}, ptr {pointer}, align {self.aligned(value.kind)}")
            return
        lanes = self.lanes
        bits = self.scalar(f"bitcast {value.type} {value.name} to i{lanes}")
        if lanes < 8:
            bits = self.scalar(f"zext i{lanes} {bits} to i8")
        self.do(f"store i{max(8, lanes)} {bits}, ptr {pointer}, align 1")

    def aligned(self, kind: str) -> int:
        return self.lanes * (BITS[kind] // 8)

    def gather(self, pointer: str, kind: str, place: Value) -> Value:
        """The numbers at each lane's place in an array."""
        vector, pointers = self.vector(kind), self.vector("ptr")
        letter = "f" if kind in FLOATING else "i"
        name = f"@llvm.masked.gather.v{self.lanes}{letter}{BITS[kind]}.v{self.lanes}p0"
        self.needs.add(f"declare {vector} {name}({pointers}, i32, {self.vector('i1')}, {vector})")
        at = self.scalar(f"getelementptr {kind}, ptr {pointer}, {place.type} {place.name}")
        given = f"{pointers} {at}, i32 {BITS[kind] // 8}, {self.vector('i1')} splat (i1 true), {vector} poison"
        return self.emit(f"call {vector} {name}({given})", kind)

    # --- parts ---

    def parts(self, value: Value, width: int) -> list[str]:
        """A vector cut into vectors of ``width`` lanes."""
        places = (range(start, start + width) for start in range(0, self.lanes, width))
        return [
            self.scalar(
                f"shufflevector {value.type} {value.name}, {value.type} poison, "
                f"<{width} x i32> <{', '.join(f'i32 {n}' for n in each)}>"
            )
            for each in places
        ]

    def joined(self, parts: Sequence[str], kind: str) -> Value:
        """Parts, as many as a power of two, one after another."""
        names = list(parts)
        while len(names) > 1:  # neighbours joined
            size = self.lanes // len(names)
            both, places = f"<{size} x {kind}>", ", ".join(f"i32 {n}" for n in range(2 * size))
            names = [
                self.scalar(f"shufflevector {both} {a}, {both} {b}, <{2 * size} x i32> <{places}>")
                for a, b in zip(names[0::2], names[1::2], strict=True)
            ]
        return Value(self, names[0], kind)

    # --- calls ---

    def intrinsic(self, name: str, *arguments: Value) -> Value:
        """A lane-wise LLVM intrinsic of one kind (``fma``, ``sqrt``, ``fabs``, ``rint``, …)."""
        kind = arguments[0].kind
        vector = self.vector(kind)
        full = f"@llvm.{name}.v{self.lanes}{'f' if kind in FLOATING else 'i'}{BITS[kind]}"
        self.needs.add(f"declare {vector} {full}({', '.join([vector] * len(arguments))})")
        return self.emit(f"call {vector} {full}({', '.join(f'{vector} {a.name}' for a in arguments)})", kind)

    def fma(self, a: Operand, b: Operand, c: Operand) -> Value:
        """a·b + c, rounded once."""
        known = next(v for v in (a, b, c) if isinstance(v, Value))
        return self.intrinsic("fma", known.lift(a), known.lift(b), known.lift(c))

    def any(self, mask: Value) -> str:
        """Whether any lane is set: a scalar i1."""
        bits = self.scalar(f"bitcast {mask.type} {mask.name} to i{self.lanes}")
        return self.scalar(f"icmp ne i{self.lanes} {bits}, 0")

    # --- control ---

    @contextmanager
    def when(self, condition: str, rare: bool = False) -> Iterator[None]:
        """Instructions that run where a scalar condition holds. ``rare``: it nearly never does."""
        label = self.fresh("b")
        weights = ", !prof !0" if rare else ""  # the module's one piece of metadata
        self.do(f"br i1 {condition}, label %{label}.then, label %{label}.end{weights}")
        self.start(f"{label}.then")
        yield
        self.do(f"br label %{label}.end")
        self.start(f"{label}.end")

    def leave(self, condition: str) -> None:
        """End the function, which gives nothing, where a scalar condition holds that nearly never does."""
        label = self.fresh("x")
        self.do(f"br i1 {condition}, label %{label}.end, label %{label}.on, !prof !0")
        self.start(f"{label}.end")
        self.do("ret void")
        self.start(f"{label}.on")

    def lazily(
        self,
        condition: str,
        kind: str,
        make: Callable[[], Value],
        otherwise: Value | None = None,
        rare: bool = False,
    ) -> Value:
        """A value computed only where a scalar condition holds; elsewhere another, by default zeros. ``rare``: see
        `when`."""
        before = self.block
        with self.when(condition, rare):
            made = make()
            after = self.block
        nothing = otherwise or self.constant(kind, 0)
        return self.emit(
            f"phi {made.type} [{nothing.name}, %{before}], [{made.name}, %{after}]",
            kind,
        )

    @contextmanager
    def loop(self, count: int | str, start: int | str = 0, stride: int = 1) -> Iterator[str]:
        """A counted loop of at least one turn; gives the i64 counter's name."""
        with self.loop_with(count, [], start, stride) as (counter, _, _unused):
            yield counter

    @contextmanager
    def loop_with(
        self, count: int | str, carried: list[Value], start: int | str = 0, stride: int = 1
    ) -> Iterator[tuple[str, list[Value], Callable[[list[Value]], None]]]:
        """A loop that carries vectors from turn to turn.

        Gives the counter, the carried values of this turn and a function that takes those of the next. After the loop
        the list that was given as ``carried`` holds the last values.
        """
        label, before = self.fresh("l"), self.block
        counter = "%" + self.fresh("i")
        self.do(f"br label %{label}")
        self.start(label)
        place = len(self.lines)
        names = ["%" + self.fresh("c") for _ in carried]
        following: list[Value] = []
        yield counter, [Value(self, n, c.kind) for n, c in zip(names, carried, strict=True)], following.extend
        assert len(following) == len(carried)
        after, end = self.block, f"{label}.end"
        advanced = self.scalar(f"add nuw nsw i64 {counter}, {stride}")
        heads = [f"  {counter} = phi i64 [{start}, %{before}], [{advanced}, %{after}]"]
        heads += [
            f"  {name} = phi {old.type} [{old.name}, %{before}], [{new.name}, %{after}]"
            for name, old, new in zip(names, carried, following, strict=True)
        ]
        self.lines[place:place] = heads
        more = self.scalar(f"icmp slt i64 {advanced}, {count}")
        self.do(f"br i1 {more}, label %{label}, label %{end}")
        self.start(end)
        carried[:] = following

    @contextmanager
    def repeat(
        self, carried: list[Value], condition: Callable[[list[Value]], Value]
    ) -> Iterator[tuple[list[Value], Callable[[list[Value]], None]]]:
        """A loop for as long as any lane of the condition on the carried values holds."""
        label, before = self.fresh("w"), self.block
        self.do(f"br label %{label}")
        self.start(label)
        place = len(self.lines)
        names = ["%" + self.fresh("c") for _ in carried]
        current = [Value(self, n, c.kind) for n, c in zip(names, carried, strict=True)]
        more = self.any(condition(current))
        self.do(f"br i1 {more}, label %{label}.body, label %{label}.end")
        self.start(f"{label}.body")
        following: list[Value] = []
        yield current, following.extend
        after = self.block
        self.do(f"br label %{label}")
        self.lines[place:place] = [
            f"  {name} = phi {old.type} [{old.name}, %{before}], [{new.name}, %{after}]"
            for name, old, new in zip(names, carried, following, strict=True)
        ]
        self.start(f"{label}.end")
        carried[:] = current
