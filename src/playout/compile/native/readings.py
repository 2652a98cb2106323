"""What is read of a step: checks, totals over periods, tallies, records and the paths of the futures kept."""

from __future__ import annotations

import struct

from playout.compile import ir
from playout.compile.native.emit import Emitter
from playout.compile.native.memory import Memory
from playout.compile.native.text import Code, Value, literal

LARGEST = {"float": 3.4028234663852886e38, "double": 1.7976931348623157e308}
BOUND_SLACK = 2.0**-20
"""By how much of a state's size its bounds give way in single precision, beside the slack of the Program."""

Axes = tuple[ir.Axis, ...]


def check(memory: Memory, emitter: Emitter, number: int, value: Value, axes: Axes) -> None:
    """Mark the lanes in which a check fails. A quick test finds the few that may, and a function of its own judges."""
    code, kind, check_ = emitter.code, memory.real, memory.program.checks[number]
    low, high = max(check_.low, -LARGEST[kind]), min(check_.high, LARGEST[kind])
    with code.when(code.any(_suspects(value, low, high)), rare=True), emitter.scope():
        state = memory.program.arrays.get(check_.name)
        slack = code.constant(kind, 0.0)
        if kind == "float" and state is not None and state.role == "state" and state.sets == check_.sets:
            slack = code.intrinsic("fabs", emitter.value(emitter.terms.load(check_.name))) * BOUND_SLACK
        moving, known = emitter.flat(check_.sets, axes, 1)
        mark = str(number * memory.stride + known)
        for part in moving:
            mark = code.scalar(f"add i64 {mark}, {part}")
        mark = code.scalar(f"trunc i64 {mark} to i32")
        given = [f"{v.type} {v.name}" for v in (value, slack)]
        given += [f"{kind} {literal(kind, bound)}" for bound in (low, high)]
        code.needs.add(JUDGE)
        code.do(f"call void @{JUDGE}(ptr %arena, {', '.join(given)}, i32 {mark})")


JUDGE = "judge_check"


def _suspects(value: Value, low: float, high: float) -> Value:
    """At least the lanes outside of [low, high]. As whole numbers, floats from 0 up are in order, all others after."""
    kind = value.kind
    integer, sign = ("i32", 31) if kind == "float" else ("i64", 63)

    def bits(number: float) -> int:
        whole, real = ("<I", "<f") if kind == "float" else ("<Q", "<d")
        return int(struct.unpack(whole, struct.pack(real, number))[0])

    if low == -LARGEST[kind] and high == LARGEST[kind]:
        return (value.convert("bitcast", integer) & ((1 << sign) - 1)).compare("ugt", bits(high))
    if -1e-5 < low <= 0.0 <= high:
        return value.convert("bitcast", integer).compare("ugt", bits(high))
    return ~((value >= low) & (value <= high))


def judge_check(memory: Memory) -> str:
    """The function that judges a check where a quick test says that it may have failed: bounds with some slack."""
    code, kind = Code(memory.lanes), memory.real
    code.start("entry")
    value, slack = Value(code, "%value", kind), Value(code, "%slack", kind)
    low, high = (code.splat(name, kind) for name in ("%low", "%high"))
    bad = ~((value + slack >= low) & (value - slack <= high))
    with code.when(code.any(bad)):
        pointer = code.scalar(f"getelementptr i8, ptr %arena, i64 {memory.header['violation']}")
        first = code.read(pointer, "i32")
        mine = code.splat("%mark", "i32")
        code.write(pointer, mine.where(bad & (mine < first), first))
    code.do("ret void")
    given = f"ptr %arena, {value.type} %value, {value.type} %slack, {kind} %low, {kind} %high, i32 %mark"
    head = f"define internal void @{JUDGE}({given}) noinline nounwind #0 {{"
    return "\n".join([head, *code.lines, "}"])


def keep(memory: Memory, emitter: Emitter, series: ir.Series, value: Value, axes: Axes) -> None:
    """Put a series' value of this step where `sum_up` finds it."""
    width = memory.layout.width("real")
    kept = memory.totals[series.kind, series.periods]
    first, _ = kept.rows.places[series.name]
    moving, known = emitter.flat(series.sets, axes, width)
    emitter.code.write(emitter.pointer("arena", kept.values + first * width + known, moving), value)


def sum_up(memory: Memory, emitter: Emitter) -> None:
    """Add the step's amounts to their periods; keep the levels of the periods that end."""
    code, width = emitter.code, memory.layout.width("real")
    for (kind, grain), kept in memory.totals.items():
        start, end, about = _entries(memory, emitter, f"{kind} {grain}")
        count = kept.rows.count
        with code.when(code.scalar(f"icmp slt i64 {start}, {end}")), code.loop(end, start) as entry, emitter.scope():
            at = code.scalar(f"getelementptr i8, ptr {about}, i64 {emitter.scaled(entry, 16)}")
            period = code.scalar(f"load i64, ptr {at}, align 8")
            whole = emitter.scaled(period, count * width)
            share = emitter.read_uniform(code.scalar(f"getelementptr i8, ptr {at}, i64 8"), emitter.real)
            with code.loop(count) as row, emitter.scope():
                moving = emitter.scaled(row, width)
                value = emitter.code.read(emitter.pointer("arena", kept.values, [moving]), emitter.real)
                total = emitter.pointer("arena", kept.totals, [whole, moving])
                if kind == "amount":
                    _add_up(emitter, total, emitter.pointer("arena", kept.errors, [whole, moving]), value, share)
                else:
                    emitter.code.write(total, value)


def _add_up(emitter: Emitter, total_at: str, error_at: str, value: Value, share: Value) -> None:
    """total += value · share, with the rounding error carried along (Kahan 1965)."""
    total, error = emitter.code.read(total_at, value.kind), emitter.code.read(error_at, value.kind)
    part = emitter.code.fma(value, share, -error)
    new = total + part
    emitter.code.write(total_at, new)
    emitter.code.write(error_at, (new - total) - part)


def _entries(memory: Memory, emitter: Emitter, entries: str) -> tuple[str, str, str]:
    """A step's first entry of a calendar, the first after it, and where entries lie."""
    code, offset = emitter.code, memory.calendars[entries]
    at = code.scalar("shl i64 %wide_step, 3")
    pointer = emitter.pointer("arena", offset, [at])
    after = code.scalar(f"getelementptr i8, ptr {pointer}, i64 8")
    first, end = (code.scalar(f"load i64, ptr {p}, align 8") for p in (pointer, after))
    return first, end, emitter.pointer("arena", offset + 8 * (memory.program.steps + 2))


def tally(memory: Memory, emitter: Emitter, tally_: ir.Tally, value: Value, axes: Axes) -> None:
    """Count the futures still running in each category."""
    code, lanes = emitter.code, memory.lanes
    at_running = emitter.pointer("arena", memory.header["running"])
    running = emitter.once("running", lambda: code.read(at_running, "i1"))
    counts = emitter.header_scalar("tallies", "ptr")
    first, members = memory.tallies.places[tally_.name]
    categories = len(tally_.categories)
    moving, known = emitter.flat(tally_.sets, axes, categories * 8)
    start = first * (memory.program.steps + 1) * 8 + known
    row = code.scalar(f"mul nuw nsw i64 %wide_step, {members * categories * 8}")
    base = counts
    for part in (row, *moving):
        base = code.scalar(f"getelementptr i8, ptr {base}, i64 {part}")
    code.needs.add(f"declare i{lanes} @llvm.ctpop.i{lanes}(i{lanes})")
    for category in range(categories):
        here = value.compare("eq", category) & running
        bits = code.scalar(f"bitcast {here.type} {here.name} to i{lanes}")
        count = code.scalar(f"call i{lanes} @llvm.ctpop.i{lanes}(i{lanes} {bits})")
        count = code.scalar(f"zext i{lanes} {count} to i64")
        pointer = code.scalar(f"getelementptr i8, ptr {base}, i64 {start + 8 * category}")
        old = code.scalar(f"load i64, ptr {pointer}, align 8")
        new = code.scalar(f"add i64 {old}, {count}")
        code.do(f"store i64 {new}, ptr {pointer}, align 8")


def record(memory: Memory, emitter: Emitter, record_: ir.Record, value: Value, axes: Axes) -> None:
    """Keep a value a future until it is written out."""
    width = memory.layout.width("real")
    first = memory.header["records"] + memory.records.places[record_.name][0] * width
    moving, known = emitter.flat(record_.sets, axes, width)
    real = value if value.kind == memory.real else value.convert("sitofp", memory.real)
    emitter.code.write(emitter.pointer("arena", first + known, moving), real)


def path(memory: Memory, emitter: Emitter, number: int, value: Value, sets: tuple[str, ...], axes: Axes) -> None:
    """Store a value of the futures kept, as floats [row, step, future]."""
    code = emitter.code
    first, _ = list(memory.paths.places.values())[number]
    moving, known = emitter.flat(sets, axes, 1)
    row = str(first + known)
    for part in moving:
        row = code.scalar(f"add i64 {row}, {part}")
    at = code.scalar(f"mul i64 {row}, {memory.program.steps + 1}")
    at = code.scalar(f"add i64 {at}, %wide_step")
    at = code.scalar(f"mul i64 {at}, {emitter.header_scalar('path stride', 'i64')}")
    pointer = code.scalar(f"getelementptr i8, ptr {emitter.header_scalar('paths', 'ptr')}, i64 {at}")
    if value.kind == "i32":
        value = value.convert("sitofp", "float")
    elif value.kind == "double":
        value = value.convert("fptrunc", "float")
    code.do(f"store {value.type} {clean(value).name}, ptr {pointer}, align 4")


def clean(value: Value) -> Value:
    """One NaN for all."""
    return value.where(value.compare("eq", value), float("nan"))
