"""A Program as one LLVM module: a function a group of statements, and `play`, which plays vectors of futures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from playout.compile import ir
from playout.compile.engine import TooLarge
from playout.compile.native import assembly, mathematics, readings
from playout.compile.native.emit import Emitter
from playout.compile.native.frame import STEP, Frame
from playout.compile.native.layout import Slot
from playout.compile.native.memory import Memory
from playout.compile.native.philox import NAME as ENTRY_WORD
from playout.compile.native.philox import entry_word
from playout.compile.native.schedule import (
    Group,
    Statement,
    changes,
    defer,
    doubt,
    inline,
    revise,
    schedule,
    share,
    split_products,
    split_repeats,
    together,
)
from playout.compile.native.target import Precision, Target
from playout.compile.native.terms import Term, Terms, loads, own_axes
from playout.compile.native.text import Value

MOST_LINES = 2_000_000
"""Lines of code that a Program may have: some minutes of compiling, and some gigabytes while it lasts."""

_LINE = 1e-4
"""Seconds that compiling a line takes."""


@dataclass
class Kernel:
    """The module's text, and what its caller must know of memory."""

    text: str
    memory: Memory
    groups: int


class Builder:
    """Builds the kernel of one Program."""

    def __init__(
        self, program: ir.Program, target: Target, lanes: int, precision: Precision, seconds: float = math.inf
    ) -> None:
        self.program, self.target, self.seconds = program, target, seconds
        self.lines = 0
        self.terms = Terms(program)
        self.memory = Memory(program, lanes, precision)
        self.layout, self.header, self.kind = self.memory.layout, self.memory.header, self.memory.real
        self.changes = changes(self.terms, program.update)
        self.functions: list[str] = []
        self.needs: set[str] = set()
        self.groups = 0

    def build(self) -> Kernel:
        """The whole module."""
        self.memory.lay_out(self.terms, self.changes)
        phases = self._plan()
        called = {name: self._phase(name, groups) for name, groups in phases.items()}
        frame = Frame(self.memory, self._emitter)
        around = frame.functions(called)
        needs, lanes = self.needs | frame.needs, self.memory.lanes
        own = {ENTRY_WORD, readings.JUDGE}
        library, declarations = mathematics.library(needs - own, lanes, self.target.x86)
        if ENTRY_WORD in needs:
            library.append(entry_word(lanes))
        if readings.JUDGE in needs:
            library.append(readings.judge_check(self.memory))
        attributes = assembly.attributes(lanes, self.kind)
        text = assembly.module_text([*library, *self.functions, *around], declarations, attributes)
        return Kernel(text, self.memory, self.groups)

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
        main += [
            Statement("next", a.array, of(a.node), arrays[a.array].sets)
            for a in program.update
            if a.array not in self.changes
        ]
        last = list(self.changes.values())
        records: dict[int, list[Statement]] = {}
        for number, record in enumerate(program.records):
            records.setdefault(record.step, []).append(Statement("record", number, of(record.node), record.sets))
        end = [
            Statement("check", number, of(check.node), check.sets)
            for number, check in enumerate(program.checks)
            if check.at_end
        ]
        paths = [Statement("path", n, of(s.node), s.sets) for n, s in enumerate(program.series)]
        first = len(paths)
        paths += [Statement("path", first + n, of(t.node), t.sets) for n, t in enumerate(program.tallies)]

        after = [*paths, *(reading for at_step in records.values() for reading in at_step), *end, *last]
        later = {load.fields[0] for statement in after for load in loads(statement.term)}
        main = split_repeats(self.terms, main)
        doubt(self.terms, main)
        main = inline(self.terms, defer(self.terms, main, later), later)
        for statement in (*once, *initial, *main, *after):  # or a bound index would pass for a statement's own
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
        plans["end"] = schedule(end, set())
        plans["changes"] = together(last)
        self.memory.place_rows()
        self._mark_stored(plans)
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
        self._place_stored([g for phase, groups in plans.items() if phase not in ("once", "initial") for g in groups])
        for delay in (d for d in self.program.step if isinstance(d, ir.Delay)):
            count = self.layout.members(self.terms.arrays[delay.array].sets)
            self.header[f"ring {delay.array}"] = self.layout.reserve(delay.lag * count * self.layout.width("real"))

    def _place_stored(self, groups: list[Group]) -> None:
        """Memory for the arrays of a step, which takes what others leave that nobody reads any more."""
        made: dict[str, str] = {}  # array -> the array whose memory it has
        last: dict[str, int] = {}
        for place, group in enumerate(groups):
            for statement in group.statements:
                if statement.array is not None:
                    made[statement.array] = made.get(statement.source, statement.array)
                    last[made[statement.array]] = place
                for load in loads(statement.term):
                    if load.fields[0] in made:
                        last[made[load.fields[0]]] = place
        following = self._following(groups, made)
        ends: dict[int, list[str]] = {}
        for name, place in last.items():
            ends.setdefault(place, []).append(name)
        for place, group in enumerate(groups):
            for array in (s.array for s in group.statements if s.array is not None):
                if made[array] != array:
                    self.layout.slots[array] = self.layout.slots[made[array]]
                elif array in group.stored:
                    if array in following:
                        self.layout.slots[array] = following[array]
                    else:
                        self.layout.array(self.terms.arrays[array], uniform=False)
            for name in ends.get(place, ()):
                if name in self.layout.slots and name not in following:
                    self.layout.leave(self.terms.arrays[name])

    def _following(self, groups: list[Group], made: dict[str, str]) -> dict[str, Slot]:
        """Arrays that become a state's next value as they are: they lie where it does."""
        found: dict[str, Slot] = {}
        for statement in (s for group in groups for s in group.statements if s.kind == "next"):
            slot, term = self.layout.slots[str(statement.target)], statement.term
            if term.tag == "Load" and term.at_own_axes() and term.fields[0] in made:
                name = made[term.fields[0]]
                if name not in found and self.terms.arrays[name].sets == statement.sets:
                    found[name] = Slot("next", slot.offset, slot.stride)
        return found

    # --- functions ---

    def _emitter(self) -> Emitter:
        return Emitter(self.terms, self.layout, self.header, self.kind, self.target.x86)

    def _phase(self, phase: str, groups: Sequence[Group]) -> list[str]:
        """Write the functions of a phase; returns their names in order."""
        names = []
        for group in groups:
            emitter = self._emitter()
            emitter.look_in([s.term for s in group.statements], own_axes(group.sets))
            if group.statements[0].kind == "product":
                self._product(emitter, group.statements[0])
            elif group.statements[0].kind == "repeat":
                self._repeat(emitter, group)
            elif group.statements[0].kind == "revise":
                self._revise(emitter, group)
            elif group.statements[0].kind == "change":
                self._change(emitter, group)
            else:
                self._group(emitter, group, phase)
            emitter.code.do("ret void")
            self._count(len(emitter.code.lines))
            name = f"group{self.groups}"
            self.groups += 1
            head = f"define internal void @{name}({STEP}) noinline nounwind #0 {{"
            self.functions.append("\n".join([head, *emitter.code.lines, "}"]))
            self.needs |= emitter.code.needs
            names.append(name)
        return names

    def _count(self, lines: int) -> None:
        """Raise TooLarge once there is more code than may be."""
        self.lines += lines
        if self.lines > MOST_LINES:
            raise TooLarge(f"its code has more than {MOST_LINES:,} lines")
        if self.lines * _LINE > self.seconds:
            raise TooLarge(f"that would take more than {self.seconds:,.3g} s, which are allowed")

    def _group(self, emitter: Emitter, group: Group, phase: str) -> None:
        axes = own_axes(group.sets)

        def inner() -> None:
            for statement in group.statements:
                self._statement(emitter, statement, axes, group, phase)

        roots = [s.term for s in group.statements]
        if not axes:
            emitter.reduce_early(roots, {s.array for s in group.statements if s.array is not None})
        emitter.nest(axes, roots, inner)

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
                if base == "next" and self._lies_there(statement.term, slot):
                    return
                emitter.code.write(emitter.own_pointer(slot, statement.sets, axes, base), value)
            case "check":
                readings.check(self.memory, emitter, int(statement.target), value, axes)
            case "amount" | "level":
                readings.keep(self.memory, emitter, self.program.series[int(statement.target)], value, axes)
            case "tally":
                readings.tally(self.memory, emitter, self.program.tallies[int(statement.target)], value, axes)
            case "record":
                readings.record(self.memory, emitter, self.program.records[int(statement.target)], value, axes)
            case "path":
                readings.path(self.memory, emitter, int(statement.target), value, statement.sets, axes)
            case _:
                raise NotImplementedError(f"the native engine has no code for a {statement.kind}")

    def _lies_there(self, term: Term, slot: Slot) -> bool:
        """Whether a state's next value was made in its place."""
        if term.tag != "Load" or not term.at_own_axes():
            return False
        return self.layout.slots.get(term.fields[0]) == Slot("next", slot.offset, slot.stride)

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
                emitter.code.write(pointer, value)
        elif name in group.stored:
            emitter.code.write(emitter.own_pointer(self.layout.slots[name], statement.sets, axes), value)
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
            emitter.code.write(code.scalar(f"getelementptr i8, ptr {start}, i64 {at}"), value)
        place = code.scalar(f"urem i64 %wide_step, {statement.number}")
        at = code.scalar(f"mul nuw nsw i64 {place}, {turn}")
        pointer = code.scalar(f"getelementptr i8, ptr {start}, i64 {at}")
        past = emitter.code.read(pointer, self.kind)
        emitter.code.write(pointer, value)
        name = str(statement.target)
        if name in group.stored:
            emitter.code.write(emitter.own_pointer(self.layout.slots[name], statement.sets, axes), past)
        self._forward(emitter, name, past)

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
                    x = emitter.code.read(
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
                    emitter.code.write(pointer, sum_)

    def _repeat(self, emitter: Emitter, group: Group) -> None:
        """What a repetition comes to, of every member for whom any lane wants it."""
        axes = own_axes(group.sets)
        (whole,) = group.statements[0].term.parts
        wanted = whole.parts[-1]

        def inner() -> None:
            with emitter.code.when(emitter.code.any(emitter.value(wanted))), emitter.scope():
                for statement in group.statements:
                    value = emitter.value(statement.term)
                    if str(statement.target) in group.stored:
                        slot = self.layout.slots[str(statement.target)]
                        emitter.code.write(emitter.own_pointer(slot, group.sets, axes), value)

        emitter.nest(axes, [wanted], inner)

    def _change(self, emitter: Emitter, group: Group) -> None:
        """States changed in place for the members where any lane holds the guard: all computed, then all written."""
        guard, axes = group.statements[0].guard, own_axes(group.sets)
        assert guard is not None

        def inner() -> None:
            with emitter.code.when(emitter.code.any(emitter.value(guard))), emitter.scope():
                values = [emitter.value(s.term) for s in group.statements]
                for statement, value in zip(group.statements, values, strict=True):
                    slot = self.layout.slots[str(statement.target)]
                    emitter.code.write(emitter.own_pointer(slot, group.sets, axes), value)

        emitter.nest(axes, [guard], inner)

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
                emitter.code.write(emitter.own_pointer(beside[str(statement.target)], group.sets, axes), value)

        def copy() -> None:
            for statement in group.statements:
                name = str(statement.target)
                kind = emitter.kind(self.terms.arrays[name].type)
                value = emitter.code.read(emitter.own_pointer(beside[name], group.sets, axes), kind)
                emitter.code.write(emitter.own_pointer(self.layout.slots[name], group.sets, axes), value)

        with emitter.code.when(emitter.code.any(emitter.value(guard))), emitter.scope():
            emitter.nest(axes, [s.term for s in group.statements], compute)
            emitter.nest(axes, [], copy)
