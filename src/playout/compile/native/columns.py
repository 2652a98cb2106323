"""Beliefs drawn in machine code: many columns of a belief matrix in one call, without the interpreter's lock.

The formulas and all that they use are those of `model/laws/form.py`, read over machine vectors instead of arrays, and
the words those of `compile/draws.py`: so the values are NumPy's bit for bit, on any processor and at any width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import c_int64, c_void_p
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playout.compile.native.assembly import Loaded, attributes, compile_object, module_text
from playout.compile.native.cache import object_code
from playout.compile.native.philox import philox
from playout.compile.native.target import NoTarget, Target, host
from playout.compile.native.text import Code, Value, literal
from playout.model.laws.elementary import Number
from playout.model.laws.form import Form, evaluate, widened

WORDS = ("stream", "member", "key_0", "key_1", "given", "view", "spread_by", "out", "rows")
NUMBERS = ("a", "b", "c", "scale", "before", "mass", "low", "high")
RECORD = len(WORDS) + len(NUMBERS)
"""A record holds these, 64 bits each, in this order.

given: the address of uniforms that take the place of draws, or 0. view: the number of the view in which the column has
this law, -1 for all. spread_by: what a future's spread is applied to. out: the address of the column's values. rows:
the address of a table's coefficients.
"""

GIVEN, OUT = WORDS.index("given"), WORDS.index("out")
_NOTHING, _SCORE, _UNIFORM = range(3)


class _Machine:
    """`Arithmetic` in machine vectors."""

    def __init__(self, code: Code) -> None:
        self.code = code

    def where(self, condition: Number, value: Number, otherwise: Number) -> Number:
        chosen = value if isinstance(value, Value) else self.code.constant("double", value)
        return chosen.where(condition, otherwise)

    def sqrt(self, x: Number) -> Number:
        return self.code.intrinsic("sqrt", x)

    def rint(self, x: Number) -> Number:
        return self.code.intrinsic("rint", x)

    def whole(self, x: Number) -> Number:
        return x.convert("fptosi", "i64")

    def real(self, k: Number) -> Number:
        return k.convert("sitofp", "double")

    def bits(self, x: Number) -> Number:
        return x.convert("bitcast", "i64")

    def from_bits(self, k: Number) -> Number:
        return k.convert("bitcast", "double")

    def rows(self, table: Any, row: Number) -> Sequence[Number]:
        """``table``: the name of a pointer, or an array, which becomes a constant of the module."""
        code, name, columns = self.code, table, 6
        if not isinstance(table, str):
            columns = table.shape[1]
            numbers = ", ".join(f"double {literal('double', x)}" for x in table.ravel())
            name = f"@table{table.size}"
            code.needs.add(f"{name} = internal constant [{table.size} x double] [{numbers}], align 64")
        lanes, vector = code.lanes, code.vector("double")
        gather = f"@llvm.masked.gather.v{lanes}f64.v{lanes}p0"
        code.needs.add(f"declare {vector} {gather}({code.vector('ptr')}, i32, {code.vector('i1')}, {vector})")
        offset, found = row * (8 * columns), []
        for column in range(columns):
            places = (offset + 8 * column).name
            pointers = code.scalar(f"getelementptr i8, ptr {name}, {code.vector('i64')} {places}")
            given = f"{code.vector('ptr')} {pointers}, i32 8, {code.vector('i1')} splat (i1 true), {vector} poison"
            found.append(code.emit(f"call {vector} {gather}({given})", "double"))
        return found

    def lazily(self, condition: Number, function: Callable[..., Number], *given: Number) -> Number:
        return self.code.lazily(self.code.any(condition), "double", lambda: function(*given))


# --- the text ---------------------------------------------------------------------------------------------------------


def _column(formula: str, lanes: int) -> Code:
    """The function that fills one column."""
    code = Code(lanes)
    machine = _Machine(code)
    code.start("entry")
    scalars = {name: _loaded(code, "i64", place) for place, name in enumerate(WORDS)}
    numbers: dict[str, Any] = {
        name: _splat(code, "double", _loaded(code, "double", len(WORDS) + n)) for n, name in enumerate(NUMBERS)
    }
    stream, member, key_0, key_1, view = (
        _splat(code, "i32", code.scalar(f"trunc i64 {scalars[name]} to i32"))
        for name in ("stream", "member", "key_0", "key_1", "view")
    )
    given, out, rows = (code.scalar(f"inttoptr i64 {scalars[name]} to ptr") for name in ("given", "out", "rows"))
    drawn = code.scalar(f"icmp eq i64 {scalars['given']}, 0")
    taken = code.scalar(f"xor i1 {drawn}, true")
    widen = code.scalar(f"icmp eq i64 {scalars['spread_by']}, {_UNIFORM}")
    everywhere = view < 0
    by_score = _splat(code, "i1", code.scalar(f"icmp eq i64 {scalars['spread_by']}, {_SCORE}"))
    by_uniform = _splat(code, "i1", widen)
    with code.loop("%vectors") as counter:

        def at(pointer: str, kind: str) -> str:
            return code.scalar(f"getelementptr {code.vector(kind)}, ptr {pointer}, i64 {counter}")

        def read(pointer: str, kind: str) -> Value:
            return code.emit(f"load {code.vector(kind)}, ptr {at(pointer, kind)}, align 4", kind)

        def draw() -> Value:
            zero = code.constant("i32", 0)
            word = philox(code, (read("%numbers", "i32"), stream, member, zero), (key_0, key_1))[0]
            return (word.convert("uitofp", "double") + 0.5) * 2.0**-32

        # Of the two one is 0.
        u = code.lazily(drawn, "double", draw) + code.lazily(taken, "double", lambda: read(given, "double"))
        spread = read("%spreads", "double")
        u = code.lazily(widen, "double", lambda: widened(machine, u, spread)).where(by_uniform, u)
        value = evaluate(machine, Form(formula, rows=rows, **numbers), u, spread.where(by_score, 1.0))
        here = everywhere | read("%views", "i32").compare("eq", view)
        kept = value.where(here, read(out, "double"))
        code.do(f"store {kept.type} {kept.name}, ptr {at(out, 'double')}, align 8")
    code.do("ret void")
    head = f"define internal void @column(ptr %record, {_FUTURES}) noinline nounwind #0 {{"
    code.lines = [head, *code.lines, "}"]
    return code


_FUTURES = "ptr %numbers, ptr %views, ptr %spreads, i64 %vectors"


def _loaded(code: Code, kind: str, place: int) -> str:
    pointer = code.scalar(f"getelementptr i64, ptr %record, i64 {place}")
    return code.scalar(f"load {kind}, ptr {pointer}, align 8")


def _splat(code: Code, kind: str, scalar: str) -> Value:
    vector = code.vector(kind)
    first = code.scalar(f"insertelement {vector} poison, {kind} {scalar}, i64 0")
    return code.emit(
        f"shufflevector {vector} {first}, {vector} poison, <{code.lanes} x i32> zeroinitializer",
        kind,
    )


_FILL = f"""define void @fill(ptr %records, i64 %count, {_FUTURES}) nounwind #0 {{
entry:
  br label %turn
turn:
  %n = phi i64 [0, %entry], [%next, %turn]
  %place = mul i64 %n, {RECORD}
  %record = getelementptr i64, ptr %records, i64 %place
  call void @column(ptr %record, ptr %numbers, ptr %views, ptr %spreads, i64 %vectors)
  %next = add i64 %n, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %turn, label %end
end:
  ret void
}}"""


def kernel_text(formula: str, lanes: int) -> str:
    """The module that fills columns by a formula."""
    code = _column(formula, lanes)
    return module_text(["\n".join(code.lines), _FILL], code.needs, attributes(lanes, "double"))


# --- calling it -------------------------------------------------------------------------------------------------------


def record(form: Form, stream: int, member: int, seed: int, view: int, *, spread: bool) -> NDArray[np.uint64]:
    """A column's record, without the addresses of what is given and where values go.

    view: see `RECORD`. spread: whether futures have spreads other than 1.
    """
    by = _NOTHING if not spread else _SCORE if form.by_score else _UNIFORM
    rows = 0 if form.rows is None else form.rows.ctypes.data
    words = [stream, member, seed & 0xFFFFFFFF, seed >> 32, 0, view % 2**64, by, 0, rows]
    numbers = np.array([getattr(form, name) for name in NUMBERS], np.float64)
    return np.concatenate([np.array(words, np.uint64), numbers.view(np.uint64)])


class ColumnKernel:
    """Machine code for the columns of one formula. One serves any number of threads."""

    def __init__(self, formula: str, target: Target, lanes: int) -> None:
        text = kernel_text(formula, lanes)
        code = object_code(text, target, lambda: compile_object(text, target))
        self.lanes = lanes
        self._loaded = Loaded(code, target)
        self._fill = self._loaded.function("fill", c_void_p, c_int64, c_void_p, c_void_p, c_void_p, c_int64)

    def fill(
        self,
        records: NDArray[np.uint64],
        numbers: NDArray[np.uint32],
        views: NDArray[np.int32],
        spreads: NDArray[np.float64],
    ) -> None:
        """Fill the records' columns for futures of these numbers, views and spreads, whole vectors of them."""
        assert numbers.size == views.size == spreads.size
        assert numbers.size % self.lanes == 0
        if len(records) and numbers.size:
            futures = (numbers.ctypes.data, views.ctypes.data, spreads.ctypes.data, numbers.size // self.lanes)
            self._fill(records.ctypes.data, len(records), *futures)


@lru_cache(maxsize=64)
def column_kernel(formula: str, lanes: int | None = None) -> ColumnKernel | None:
    """The kernel of a formula; None where llvmlite makes no code for this processor."""
    try:
        target = host()
    except NoTarget:
        return None
    return ColumnKernel(formula, target, lanes or target.double)
