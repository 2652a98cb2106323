"""A Program as one LLVM module: a function a group of statements, and `play`, which plays vectors of futures.

Longer than most modules: how each kind of statement is written, and where in memory what it reads and writes lies,
change together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from playout.compile import draws, ir
from playout.compile.engine import BLOCK
from playout.compile.native import assembly, mathematics
from playout.compile.native.emit import Emitter
from playout.compile.native.layout import Layout, Slot
from playout.compile.native.philox import NAME as ENTRY_WORD
from playout.compile.native.philox import entry_word, philox
from playout.compile.native.schedule import Group, Statement, defer, loads, revise, schedule, share, split_products
from playout.compile.native.target import Precision
from playout.compile.native.terms import Term, Terms, own_axes
from playout.compile.native.text import Value

PARAMETERS = (
    "arena", "beliefs", "belief_stride", "first", "key_0", "key_1", "asked", "from", "to", "keep", "records",
    "totals", "tallies", "paths", "keep_stride", "status", "stopped", "callback",
)  # fmt: skip
"""What `play` is given: 64-bit words, in this order. ``from`` and ``to`` number vectors of futures within the block;
``keep`` is how many vectors keep their paths; strides are in bytes."""

_STEP = "ptr %arena, ptr %cur, ptr %next, i32 %step, i64 %wide_step"
_PASS = "ptr %arena, ptr %cur, ptr %next, i32 %step, i64 %wide_step"
_NOBODY = 2**31 - 1
_LARGEST = {"float": 3.4028234663852886e38, "double": 1.7976931348623157e308}
BOUND_SLACK = 2.0**-20
"""By how much of a state's size its bounds give way in single precision, beside the slack of the Program."""


@dataclass
class Rows:
    """Where a reading's values lie among the rows of its kind: first row and number of members."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    count: int = 0

    def add(self, name: str, rows: int, members: int) -> int:
        first = self.count
        self.places[name] = (first, members)
        self.count += rows
        return first


@dataclass
class Kernel:
    """The module's text, and what its caller must know of memory."""

    text: str
    layout: Layout
    records: Rows
    totals: Rows
    paths: Rows
    tallies: Rows
    beliefs: list[int]
    calendars: dict[str, int]
    lanes: int
    kind: str
    groups: int


class Builder:
    """Builds the kernel of one Program."""

    def __init__(self, program: ir.Program, lanes: int, precision: Precision) -> None:
        self.program, self.lanes = program, lanes
        self.kind = "float" if precision == "single" else "double"
        self.terms = Terms(program)
        self.layout = Layout(lanes, 4 if precision == "single" else 8, program.sizes)
        self.functions: list[str] = []
        self.needs: set[str] = set()
        self.header: dict[str, int] = {}
        self.words: dict[str, int] = {}
        self.records, self.totals, self.paths, self.tallies = Rows(), Rows(), Rows(), Rows()
        self.calendars: dict[str, int] = {}
        self.belief_rows: list[int] = []
        self.belief_places: list[tuple[Slot, int, int, ir.Type]] = []
        self.groups = 0

    def build(self) -> Kernel:
        """The whole module."""
        self._lay_out_head()
        phases = self._plan()
        called = {name: self._phase(name, groups) for name, groups in phases.items()}
        draw = self._draw()
        judge = self._judge()
        play = self._play(called)
        library, declarations = mathematics.library({n for n in self.needs if n != ENTRY_WORD}, self.lanes)
        if ENTRY_WORD in self.needs:
            library.append(entry_word(self.lanes))
        text = assembly.module_text(
            [*library, *self.functions, draw, judge, play],
            declarations,
            assembly.attributes(self.lanes, self.kind),
        )
        return Kernel(
            text, self.layout, self.records, self.totals, self.paths, self.tallies, self.belief_rows, self.calendars,
            self.lanes, self.kind, self.groups,
        )  # fmt: skip

    # --- memory ---

    def _lay_out_head(self) -> None:
        program, layout = self.program, self.layout
        for assign in program.once:  # before any other term is made: a term remembers whether it varies
            if not self.terms.of(assign.node).varies:
                self.terms.uniform.add(assign.array)
        width = layout.width("int")
        for name in ("future", "violation", "status", "stopped step", "stopped member"):
            self.header[name] = layout.reserve(width)
        for name in ("key 0", "key 1", "running", "callback", "tallies", "paths", "path stride"):
            self.header[name] = layout.reserve(8)
        largest = 2 * max([1, *(len(t.parts) for t in self._quantiles())])
        self.header["asked"] = layout.reserve((largest + 2) * self.lanes * 8)
        # Beliefs first, in the order of their rows, so that loading them is one loop.
        rows: dict[str, list[int]] = {}
        for row, (name, _) in enumerate(program.columns):
            rows.setdefault(name, []).append(row)
        for array in program.arrays.values():
            if array.role == "belief":
                slot = layout.array(array, uniform=False)
                kept = rows[array.name]
                if array.type == "bool" or len(kept) != layout.members(array.sets):
                    raise NotImplementedError(f"belief {array.name} is not a row a member")
                self.belief_places.append((slot, len(self.belief_rows), len(kept), array.type))
                self.belief_rows += kept
        for array in program.arrays.values():
            if array.role == "table":
                layout.array(array, uniform=True)
            elif array.role == "state":
                layout.state(array)
        for assign in program.once:
            layout.array(program.arrays[assign.array], uniform=assign.array in self.terms.uniform)
        for assign in program.initial:
            if assign.array not in layout.slots:  # what only the starts need
                layout.array(program.arrays[assign.array], uniform=False)
        layout.place_states()
        for grain, periods in program.periods.items():
            # starts of the steps' entries, then a period and a share per entry; the engine fills them in
            most = 2 * (program.steps + 1) + 2 * len(periods) + 8
            self.calendars[f"amount {grain}"] = layout.reserve(8 * (program.steps + 2) + 16 * most)
            self.calendars[f"level {grain}"] = layout.reserve(8 * (program.steps + 2) + 16 * (len(periods) + 8))
        for stream in program.streams.values():
            if stream.per == "step":
                self.words[stream.name] = layout.reserve(4 * layout.members(stream.sets) * layout.width("word"))

    def _quantiles(self) -> Iterable[Term]:
        seen: set[Term] = set()
        waiting = [self.terms.of(root) for root in self.program.roots()]
        while waiting:
            term = waiting.pop()
            if term not in seen:
                seen.add(term)
                waiting += term.below()
                if term.tag == "Quantile":
                    yield term

    # --- statements ---

    def _plan(self) -> dict[str, list[Group]]:
        program, of = self.program, self.terms.of
        arrays = program.arrays
        once = [Statement("assign", a.array, of(a.node), arrays[a.array].sets) for a in program.once]
        initial = [Statement("next", a.array, of(a.node), arrays[a.array].sets) for a in program.initial]
        main: list[Statement] = []
        for item in program.step:
            sets = arrays[item.array].sets
            if isinstance(item, ir.Delay):
                main.append(Statement("delay", item.array, of(item.source), sets, item.lag))
            else:
                main.append(Statement("assign", item.array, of(item.node), sets))
        for number, check in enumerate(program.checks):
            main.append(Statement("check", number, of(check.node), check.sets))
        for number, series in enumerate(program.series):
            kind = "amount" if series.kind == "amount" else "level"
            main.append(Statement(kind, number, of(series.node), series.sets))  # type: ignore[arg-type]
        main += [Statement("tally", n, of(t.node), t.sets) for n, t in enumerate(program.tallies)]
        main += [Statement("next", a.array, of(a.node), arrays[a.array].sets) for a in program.update]
        records: dict[int, list[Statement]] = {}
        for number, record in enumerate(program.records):
            records.setdefault(record.step, []).append(Statement("record", number, of(record.node), record.sets))
        paths = [Statement("path", n, of(s.node), s.sets) for n, s in enumerate(program.series)]
        first = len(paths)
        paths += [Statement("path", first + n, of(t.node), t.sets) for n, t in enumerate(program.tallies)]

        readings = [*paths, *(reading for at_step in records.values() for reading in at_step)]
        later = {load.fields[0] for reading in readings for load in loads(reading.term)}
        main = defer(self.terms, main, later)
        for statement in (*once, *initial, *main, *readings):  # or a bound index would pass for a statement's own
            statement.term = self.terms.apart(statement.term, frozenset(own_axes(statement.sets)))
        main = split_products(self.terms, share(self.terms, main, "step"), program.sizes)
        revise(self.terms, main, later)
        plans: dict[str, list[Group]] = {
            "once": schedule(once, {a.array for a in program.once}),
            "initial": self._starts(initial),
            "step": schedule(main, {s.array for s in main if s.array is not None}),
        }
        for step, statements in sorted(records.items()):
            plans[f"records {step}"] = schedule(statements, set())
        plans["paths"] = schedule(paths, set())
        self._place_rows()
        self._mark_stored(plans)
        self._check_stride()
        return plans

    def _starts(self, statements: list[Statement]) -> list[Group]:
        """The states' first values, as written: a start may read the starts before it. Neighbours share a loop."""
        groups: list[Group] = []
        for statement in statements:
            here = {s.target for s in groups[-1].statements} if groups else set()
            apart = any(load.fields[0] in here for load in loads(statement.term))
            if groups and groups[-1].sets == statement.sets and not apart:
                groups[-1].statements.append(statement)
            else:
                groups.append(Group(statement.sets, [statement]))
        return groups

    def _place_rows(self) -> None:
        program, members = self.program, self.layout.members
        for record in program.records:
            self.records.add(record.name, members(record.sets), members(record.sets))
        for series in program.series:
            count = members(series.sets)
            self.totals.add(series.name, count * len(program.periods[series.periods]), count)
            self.paths.add(f"series {series.name}", count, count)
        for tally in program.tallies:
            count = members(tally.sets)
            self.tallies.add(tally.name, count * len(tally.categories), count)
            self.paths.add(f"tally {tally.name}", count, count)
        vector = self.layout.width("real")
        self.header["records"] = self.layout.reserve(vector * max(1, self.records.count))
        self.header["totals"] = self.layout.reserve(vector * max(1, self.totals.count))
        self.header["errors"] = self.layout.reserve(vector * max(1, self.totals.count))

    def _mark_stored(self, plans: dict[str, list[Group]]) -> None:
        """Arrays of a step that are read outside of the loop that makes them need memory."""
        maker: dict[str, Group] = {}
        for group in (g for groups in plans.values() for g in groups):
            for statement in group.statements:
                if statement.array is not None:
                    maker[statement.array] = group
        for group in (g for groups in plans.values() for g in groups):
            for statement in group.statements:
                for load in loads(statement.term):
                    home = maker.get(load.fields[0])
                    if home is not None and (
                        home is not group or not load.at_own_axes() or statement.kind in ("product", "revise")
                    ):
                        home.stored.add(load.fields[0])
                if statement.kind in ("product", "revise"):
                    group.stored.add(str(statement.target))
        sources = {s.target: s.source for groups in plans.values() for g in groups for s in g.statements if s.source}
        for name, group in maker.items():  # in the order of the plan: a source before what revises it
            if name in sources:
                self.layout.slots[name] = self.layout.slots[sources[name]]
            elif name in group.stored and name not in self.layout.slots:
                self.layout.array(self.terms.arrays[name], uniform=False)
        for delay in (d for d in self.program.step if isinstance(d, ir.Delay)):
            count = self.layout.members(self.terms.arrays[delay.array].sets)
            self.header[f"ring {delay.array}"] = self.layout.reserve(delay.lag * count * self.layout.width("real"))

    def _check_stride(self) -> None:
        self.stride = max([1, *(self.layout.members(c.sets) for c in self.program.checks)])
        if self.stride * (len(self.program.checks) + 1) >= _NOBODY:
            raise NotImplementedError("more checks and members than a 32-bit number can tell apart")

    # --- functions ---

    def _emitter(self) -> Emitter:
        return Emitter(self.terms, self.layout, self.words, self.header, self.kind)

    def _phase(self, phase: str, groups: Sequence[Group]) -> list[str]:
        """Write the functions of a phase; returns their names in order."""
        names = []
        for group in groups:
            emitter = self._emitter()
            if group.statements[0].kind == "product":
                self._product(emitter, group.statements[0])
            elif group.statements[0].kind == "revise":
                self._revise(emitter, group)
            else:
                self._group(emitter, group, phase)
            emitter.code.do("ret void")
            name = f"group{self.groups}"
            self.groups += 1
            head = f"define internal void @{name}({_STEP}) noinline nounwind #0 {{"
            self.functions.append("\n".join([head, *emitter.code.lines, "}"]))
            self.needs |= emitter.code.needs
            names.append(name)
        return names

    def _group(self, emitter: Emitter, group: Group, phase: str) -> None:
        axes = own_axes(group.sets)

        def inner() -> None:
            for statement in group.statements:
                self._statement(emitter, statement, axes, group, phase)

        emitter.nest(axes, [s.term for s in group.statements], inner)

    def _statement(
        self, emitter: Emitter, statement: Statement, axes: tuple[ir.Axis, ...], group: Group, phase: str
    ) -> None:
        value = emitter.value(statement.term)
        match statement.kind:
            case "assign":
                self._assign(emitter, statement, value, axes, group, phase)
            case "delay":
                self._delay(emitter, statement, value, axes, group)
            case "next":
                slot = self.layout.slots[str(statement.target)]
                base = "next" if phase == "step" else slot.base
                emitter.write(emitter.own_pointer(slot, statement.sets, axes, base), value)
            case "check":
                self._check(emitter, self.program.checks[int(statement.target)], int(statement.target), value, axes)
            case "amount" | "level":
                self._total(emitter, self.program.series[int(statement.target)], value, axes)
            case "tally":
                self._tally(emitter, self.program.tallies[int(statement.target)], value, axes)
            case "record":
                record = self.program.records[int(statement.target)]
                first = self.header["records"] + self.records.places[record.name][0] * self.layout.width("real")
                moving, known = emitter.flat(record.sets, axes, self.layout.width("real"))
                real = value if value.kind == self.kind else value.convert("sitofp", self.kind)
                emitter.write(emitter.pointer("arena", first + known, moving), real)
            case "path":
                self._path(emitter, int(statement.target), value, axes, statement.sets)
            case _:
                raise NotImplementedError(f"the native engine has no code for a {statement.kind}")

    def _assign(
        self, emitter: Emitter, statement: Statement, value: Value, axes: tuple[ir.Axis, ...], group: Group, phase: str
    ) -> None:
        name = str(statement.target)
        if phase == "once":
            slot = self.layout.slots[name]
            pointer = emitter.own_pointer(slot, statement.sets, axes)
            if slot.uniform:
                self._write_uniform(emitter, pointer, value)
            else:
                emitter.write(pointer, value)
        elif name in group.stored:
            emitter.write(emitter.own_pointer(self.layout.slots[name], statement.sets, axes), value)
        if phase != "once" or not self.layout.slots[name].uniform:
            self._forward(emitter, name, value)

    def _forward(self, emitter: Emitter, name: str, value: Value) -> None:
        """From here on in this loop the array's own member is this value."""
        emitter.forward[name] = value

    def _write_uniform(self, emitter: Emitter, pointer: str, value: Value) -> None:
        code = emitter.code
        first = code.scalar(f"extractelement {value.type} {value.name}, i64 0")
        if value.kind == "i1":
            first = code.scalar(f"zext i1 {first} to i8")
        code.do(f"store {'i8' if value.kind == 'i1' else value.kind} {first}, ptr {pointer}, align 1")

    def _delay(
        self, emitter: Emitter, statement: Statement, value: Value, axes: tuple[ir.Axis, ...], group: Group
    ) -> None:
        code, width = emitter.code, self.layout.width("real")
        turn = self.layout.members(statement.sets) * width
        moving, known = emitter.flat(statement.sets, axes, width)
        start = emitter.pointer("arena", self.header[f"ring {statement.target}"] + known, moving)
        with code.when(code.scalar("icmp eq i32 %step, 0")), code.loop(statement.number) as counter, emitter.scope():
            at = code.scalar(f"mul nuw nsw i64 {counter}, {turn}")
            emitter.write(code.scalar(f"getelementptr i8, ptr {start}, i64 {at}"), value)
        place = code.scalar(f"urem i64 %wide_step, {statement.number}")
        at = code.scalar(f"mul nuw nsw i64 {place}, {turn}")
        pointer = code.scalar(f"getelementptr i8, ptr {start}, i64 {at}")
        past = emitter.read(pointer, self.kind)
        emitter.write(pointer, value)
        name = str(statement.target)
        if name in group.stored:
            emitter.write(emitter.own_pointer(self.layout.slots[name], statement.sets, axes), past)
        self._forward(emitter, name, past)

    def _check(self, emitter: Emitter, check: ir.Check, number: int, value: Value, axes: tuple[ir.Axis, ...]) -> None:
        code, largest = emitter.code, _LARGEST[self.kind]
        low, high = max(check.low, -largest), min(check.high, largest)
        state = self.program.arrays.get(check.name)
        slack = None
        if self.kind == "float" and state is not None and state.role == "state" and state.sets == check.sets:
            before = emitter.value(self.terms.load(check.name))
            slack = code.intrinsic("fabs", before) * BOUND_SLACK
        if slack is not None and low > -largest:
            above = value + slack >= low
        else:
            above = value >= low
        if slack is not None and high < largest:
            below = value - slack <= high
        else:
            below = value <= high
        bad = ~(above & below)
        with code.when(code.any(bad)), emitter.scope():
            moving, known = emitter.flat(check.sets, axes, 1)
            mark = str(number * self.stride + known)
            for part in moving:
                mark = code.scalar(f"add i64 {mark}, {part}")
            mark = code.scalar(f"trunc i64 {mark} to i32")
            pointer = emitter.pointer("arena", self.header["violation"])
            first = emitter.read(pointer, "i32")
            mine = emitter.splat(mark, "i32")
            earlier = bad & (mine < first)
            emitter.write(pointer, mine.where(earlier, first))

    def _total(self, emitter: Emitter, series: ir.Series, value: Value, axes: tuple[ir.Axis, ...]) -> None:
        """Add a step's amount to its periods, or keep a level at a period's end."""
        code, width = emitter.code, self.layout.width("real")
        first, members = self.totals.places[series.name]
        amount = series.kind == "amount"
        entries = f"{'amount' if amount else 'level'} {series.periods}"
        start, end = emitter.once(("entries", entries), lambda: self._entries(emitter, entries))
        moving, known = emitter.flat(series.sets, axes, width)
        row = emitter.pointer("arena", self.header["totals"] + first * width + known, moving)
        entered = code.scalar(f"icmp slt i64 {start}, {end}")
        with code.when(entered), code.loop(end, start) as entry, emitter.scope():
            place = code.scalar(f"mul nuw nsw i64 {entry}, 16")
            about = emitter.pointer("arena", self.calendars[entries] + 8 * (self.program.steps + 2), [place])
            period = code.scalar(f"load i64, ptr {about}, align 8")
            offset = code.scalar(f"mul nuw nsw i64 {period}, {members * width}")
            pointer = code.scalar(f"getelementptr i8, ptr {row}, i64 {offset}")
            if amount:
                self._add_up(emitter, pointer, value, code.scalar(f"getelementptr i8, ptr {about}, i64 8"))
            else:
                emitter.write(pointer, value)

    def _add_up(self, emitter: Emitter, pointer: str, value: Value, share_at: str) -> None:
        """total += value · share, with the rounding error carried along (Kahan 1965)."""
        code = emitter.code
        gap = self.header["errors"] - self.header["totals"]
        error_pointer = code.scalar(f"getelementptr i8, ptr {pointer}, i64 {gap}")
        total, error = emitter.read(pointer, self.kind), emitter.read(error_pointer, self.kind)
        part = code.fma(value, emitter.read_uniform(share_at, self.kind), -error)
        new = total + part
        emitter.write(pointer, new)
        emitter.write(error_pointer, (new - total) - part)

    def _entries(self, emitter: Emitter, entries: str) -> tuple[str, str]:
        code = emitter.code
        at = code.scalar("shl i64 %wide_step, 3")
        pointer = code.scalar(f"getelementptr i8, ptr %arena, i64 {at}")
        pointer = code.scalar(f"getelementptr i8, ptr {pointer}, i64 {self.calendars[entries]}")
        after = code.scalar(f"getelementptr i8, ptr {pointer}, i64 8")
        return code.scalar(f"load i64, ptr {pointer}, align 8"), code.scalar(f"load i64, ptr {after}, align 8")

    def _tally(self, emitter: Emitter, tally: ir.Tally, value: Value, axes: tuple[ir.Axis, ...]) -> None:
        code, lanes = emitter.code, self.lanes
        running = emitter.once("running", lambda: emitter.read(emitter.pointer("arena", self.header["running"]), "i1"))
        counts = emitter.header_scalar("tallies", "ptr")
        first, members = self.tallies.places[tally.name]
        categories = len(tally.categories)
        moving, known = emitter.flat(tally.sets, axes, categories * 8)
        start = first * (self.program.steps + 1) * 8 + known
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

    def _path(
        self, emitter: Emitter, number: int, value: Value, axes: tuple[ir.Axis, ...], sets: tuple[str, ...]
    ) -> None:
        """Store a value of the futures kept, as floats [row, step, future]."""
        code = emitter.code
        first, _ = list(self.paths.places.values())[number]
        moving, known = emitter.flat(sets, axes, 1)
        row = str(first + known)
        for part in moving:
            row = code.scalar(f"add i64 {row}, {part}")
        at = code.scalar(f"mul i64 {row}, {self.program.steps + 1}")
        at = code.scalar(f"add i64 {at}, %wide_step")
        at = code.scalar(f"mul i64 {at}, {emitter.header_scalar('path stride', 'i64')}")
        pointer = code.scalar(f"getelementptr i8, ptr {emitter.header_scalar('paths', 'ptr')}, i64 {at}")
        if value.kind == "i32":
            value = value.convert("sitofp", "float")
        elif value.kind == "double":
            value = value.convert("fptrunc", "float")
        code.do(f"store {value.type} {self._clean(value).name}, ptr {pointer}, align 4")

    def _clean(self, value: Value) -> Value:
        """One NaN for all."""
        return value.where(value.compare("eq", value), float("nan"))

    def _product(self, emitter: Emitter, statement: Statement) -> None:
        """A table times a vector, eight rows at a time, so that a vector once loaded serves eight sums."""
        code, (table, vector) = emitter.code, statement.term.parts
        declared = self.terms.arrays[table.fields[0]].sets
        at_column = statement.number
        rows, columns = self.layout.sizes[declared[1 - at_column]], self.layout.sizes[declared[at_column]]
        slot, source = self.layout.slots[table.fields[0]], self.layout.slots[vector.fields[0]]
        target = self.layout.slots[str(statement.target)]
        strides = self.layout.strides(declared)
        down, across = strides[1 - at_column] * slot.stride, strides[at_column] * slot.stride
        tile = 8
        for start, count, height in ((0, rows // tile, tile), (rows // tile * tile, rows % tile, 1)):
            if not count:
                continue
            with code.loop(count) as block, emitter.scope():
                sums = [emitter.real_constant(0.0)] * height
                first = emitter.scaled(block, height * down)
                with code.loop_with(columns, sums) as (counter, so_far, following), emitter.scope():
                    x = emitter.read(
                        emitter.pointer(source.base, source.offset, [emitter.scaled(counter, source.stride)]), self.kind
                    )
                    moving = [first, emitter.scaled(counter, across)]
                    turns = []
                    for row, sum_ in enumerate(so_far):
                        at = emitter.pointer("arena", slot.offset + (start + row) * down, moving)
                        turns.append(code.fma(emitter.read_uniform(at, self.kind), x, sum_))
                    following(turns)
                out = emitter.scaled(block, height * target.stride)
                for row, sum_ in enumerate(sums):
                    pointer = emitter.pointer("arena", target.offset + (start + row) * target.stride, [out])
                    emitter.write(pointer, sum_)

    def _revise(self, emitter: Emitter, group: Group) -> None:
        """Arrays changed in place where any lane holds the guard: all new values beside, then over the old ones."""
        guard, axes = group.statements[0].guard, own_axes(group.sets)
        assert guard is not None
        beside: dict[str, Slot] = {}
        for statement in group.statements:
            slot = self.layout.slots[str(statement.target)]
            count = slot.stride * self.layout.members(group.sets)
            beside[str(statement.target)] = Slot("arena", self.layout.reserve(count), slot.stride)

        def compute() -> None:
            for statement in group.statements:
                value = emitter.value(statement.term)
                emitter.write(emitter.own_pointer(beside[str(statement.target)], group.sets, axes), value)

        def copy() -> None:
            for statement in group.statements:
                name = str(statement.target)
                kind = emitter.kind(self.terms.arrays[name].type)
                value = emitter.read(emitter.own_pointer(beside[name], group.sets, axes), kind)
                emitter.write(emitter.own_pointer(self.layout.slots[name], group.sets, axes), value)

        with emitter.code.when(emitter.code.any(emitter.value(guard))), emitter.scope():
            emitter.nest(axes, [s.term for s in group.statements], compute)
            emitter.nest(axes, [], copy)

    # --- the frame ---

    def _draw(self) -> str:
        """The words of four steps, for every stream of step words and each of its members."""
        emitter = self._emitter()
        code, vector = emitter.code, self.layout.width("word")
        for name, offset in self.words.items():
            members = self.layout.members(self.program.streams[name].sets)
            key = code.constant("i32", draws.stream_key(name))
            with code.loop(members) as counter, emitter.scope():
                member = emitter.splat(code.scalar(f"trunc i64 {counter} to i32"), "i32")
                quarter = emitter.splat(code.scalar("lshr i32 %step, 2"), "i32")
                words = philox(code, (emitter.header_vector("future"), key, member, quarter), emitter.key())
                moving = [emitter.scaled(counter, vector)]
                for place, word in enumerate(words):
                    emitter.write(emitter.pointer("arena", offset + place * members * vector, moving), word)
        code.do("ret void")
        self.needs |= code.needs
        head = f"define internal void @draw({_STEP}) noinline nounwind #0 {{"
        return "\n".join([head, *code.lines, "}"])

    def _judge(self) -> str:
        """At a step's end: stop the lanes in which a check failed, each by its first failing check."""
        emitter = self._emitter()
        code = emitter.code

        def at(name: str) -> str:
            return emitter.pointer("arena", self.header[name])

        mark = emitter.read(at("violation"), "i32")
        failed = mark.compare("ne", _NOBODY)
        with code.when(code.any(failed)):
            status = emitter.read(at("status"), "i32")
            new = failed & status.compare("eq", 0)
            number = code.emit(f"udiv {mark.type} {mark.name}, {code.constant('i32', self.stride).name}", "i32")
            emitter.write(at("status"), (number + 1).where(new, status))
            step = emitter.splat("%step", "i32")
            emitter.write(at("stopped step"), step.where(new, emitter.read(at("stopped step"), "i32")))
            member = mark - number * self.stride
            emitter.write(at("stopped member"), member.where(new, emitter.read(at("stopped member"), "i32")))
            emitter.write(at("running"), emitter.read(at("running"), "i1") & ~new)
            emitter.write(at("violation"), code.constant("i32", _NOBODY))
        code.do("ret void")
        self.needs |= code.needs
        head = f"define internal void @judge({_STEP}) noinline nounwind #0 {{"
        return "\n".join([head, *code.lines, "}"])

    def _play(self, called: dict[str, list[str]]) -> str:
        """The function that the engine calls: vectors of futures, one after another, through all their steps."""
        emitter = self._emitter()
        code, layout, lanes = emitter.code, self.layout, self.lanes
        for position, name in enumerate(PARAMETERS):
            pointer = code.scalar(f"getelementptr i64, ptr %parameters, i64 {position}")
            kind = "ptr" if name in _POINTERS else "i64"
            code.do(f"%{name} = load {kind}, ptr {pointer}, align 8")
        head = self.header

        def put(name: str, kind: str, value: str) -> None:
            code.do(f"store {kind} {value}, ptr {emitter.pointer('arena', head[name])}, align 4")

        for number in (0, 1):
            put(f"key {number}", "i32", code.scalar(f"trunc i64 %key_{number} to i32"))
        put("callback", "ptr", "%callback")
        put("tallies", "ptr", "%tallies")
        put("path stride", "i64", "%keep_stride")
        with code.loop("%to", "%from") as vector, emitter.scope():
            lane = code.scalar(f"mul i64 {vector}, {lanes}")
            self._begin(emitter, vector, lane)
            self._load_beliefs(emitter, lane)
            code.do(f"%state_a = getelementptr i8, ptr %arena, i64 {layout.state_base}")
            code.do(f"%state_b = getelementptr i8, ptr %arena, i64 {layout.state_base + layout.states}")
            first = "ptr %arena, ptr %state_a, ptr %state_b, i32 0, i64 0"
            for name in (*called["once"], *called["initial"]):
                code.do(f"call void @{name}({first})")
            keeping = code.scalar(f"icmp slt i64 {vector}, %keep")
            with code.loop(self.program.steps + 1) as step:
                self._one_step(emitter, step, keeping, called)
            self._finish(emitter, lane)
        code.do("ret void")
        self.needs |= code.needs
        return "\n".join(["define void @play(ptr %parameters) nounwind #0 {", *code.lines, "}"])

    def _begin(self, emitter: Emitter, vector: str, lane: str) -> None:
        """A new vector of futures: their numbers, who is asked for, nothing read yet."""
        code, lanes = emitter.code, self.lanes
        numbers = Value(code, f"<{', '.join(f'i32 {n}' for n in range(lanes))}>", "i32")
        start = code.scalar(f"trunc i64 {lane} to i32")
        places = emitter.splat(start, "i32") + numbers
        first = emitter.splat(code.scalar("trunc i64 %first to i32"), "i32")
        asked = emitter.splat(code.scalar("trunc i64 %asked to i32"), "i32")
        emitter.write(emitter.pointer("arena", self.header["future"]), places + first)
        emitter.write(emitter.pointer("arena", self.header["running"]), places < asked)
        emitter.write(emitter.pointer("arena", self.header["violation"]), code.constant("i32", _NOBODY))
        for name in ("status", "stopped step", "stopped member"):
            emitter.write(emitter.pointer("arena", self.header[name]), code.constant("i32", 0))
        offset = code.scalar(f"mul i64 {vector}, {lanes * 4}")
        mine = code.scalar(f"getelementptr i8, ptr %paths, i64 {offset}")
        code.do(f"store ptr {mine}, ptr {emitter.pointer('arena', self.header['paths'])}, align 8")
        width = self.layout.width("real")
        for name in ("totals", "errors"):
            with code.loop(max(1, self.totals.count)) as row, emitter.scope():
                pointer = emitter.pointer("arena", self.header[name], [emitter.scaled(row, width)])
                emitter.write(pointer, emitter.real_constant(0.0))

    def _load_beliefs(self, emitter: Emitter, lane: str) -> None:
        code = emitter.code
        column = code.scalar(f"mul i64 {lane}, 8")
        start = code.scalar(f"getelementptr i8, ptr %beliefs, i64 {column}")
        for slot, first, count, type_ in self.belief_places:
            with code.loop(count) as row, emitter.scope():
                number = code.scalar(f"add i64 {row}, {first}")
                at = code.scalar(f"mul i64 {number}, %belief_stride")
                pointer = code.scalar(f"getelementptr i8, ptr {start}, i64 {at}")
                value = code.emit(f"load {code.vector('double')}, ptr {pointer}, align 8", "double")
                if type_ == "int":
                    value = value.convert("fptosi", "i32")
                elif self.kind == "float":
                    value = value.convert("fptrunc", "float")
                emitter.write(emitter.pointer("arena", slot.offset, [emitter.scaled(row, slot.stride)]), value)

    def _one_step(self, emitter: Emitter, step: str, keeping: str, called: dict[str, list[str]]) -> None:
        code = emitter.code
        narrow = code.scalar(f"trunc i64 {step} to i32")
        odd = code.scalar(f"trunc i64 {step} to i1")
        cur = code.scalar(f"select i1 {odd}, ptr %state_b, ptr %state_a")
        following = code.scalar(f"select i1 {odd}, ptr %state_a, ptr %state_b")
        given = f"ptr %arena, ptr {cur}, ptr {following}, i32 {narrow}, i64 {step}"
        quarter = code.scalar(f"and i64 {step}, 3")
        if self.words:
            with code.when(code.scalar(f"icmp eq i64 {quarter}, 0")):
                code.do(f"call void @draw({given})")
        for name in called["step"]:
            code.do(f"call void @{name}({given})")
        for phase, names in called.items():
            if phase.startswith("records "):
                with code.when(code.scalar(f"icmp eq i64 {step}, {phase.split()[1]}")):
                    for name in names:
                        code.do(f"call void @{name}({given})")
        with code.when(keeping):
            for name in called["paths"]:
                code.do(f"call void @{name}({given})")
        with code.when(code.scalar(f"icmp slt i64 {step}, {self.program.steps}")):
            code.do(f"call void @judge({given})")

    def _finish(self, emitter: Emitter, lane: str) -> None:
        """Write out what was read of these futures."""
        code, width = emitter.code, self.layout.width("real")
        for name, rows in (("records", self.records.count), ("totals", self.totals.count)):
            if not rows:
                continue
            at = code.scalar(f"mul i64 {lane}, 8")
            start = code.scalar(f"getelementptr i8, ptr %{name}, i64 {at}")
            with code.loop(rows) as row, emitter.scope():
                value = emitter.read(
                    emitter.pointer("arena", self.header[name], [emitter.scaled(row, width)]), self.kind
                )
                wide = value if self.kind == "double" else value.convert("fpext", "double")
                offset = code.scalar(f"mul i64 {row}, {BLOCK * 8}")
                pointer = code.scalar(f"getelementptr i8, ptr {start}, i64 {offset}")
                code.do(f"store {wide.type} {self._clean(wide).name}, ptr {pointer}, align 8")
        at = code.scalar(f"mul i64 {lane}, 4")
        for name, target, later in (
            ("status", "status", 0),
            ("stopped step", "stopped", 0),
            ("stopped member", "stopped", BLOCK * 4),
        ):
            value = emitter.read(emitter.pointer("arena", self.header[name]), "i32")
            pointer = code.scalar(f"getelementptr i8, ptr %{target}, i64 {at}")
            pointer = code.scalar(f"getelementptr i8, ptr {pointer}, i64 {later}")
            code.do(f"store {value.type} {value.name}, ptr {pointer}, align 4")


_POINTERS = {"arena", "beliefs", "records", "totals", "tallies", "paths", "status", "stopped", "callback"}
