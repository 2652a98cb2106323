"""What stands around the statements: drawing words, starting a vector of futures, its steps, and writing it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from playout.compile.engine import BLOCK
from playout.compile.native import readings
from playout.compile.native.emit import Emitter
from playout.compile.native.memory import NOBODY, Memory
from playout.compile.native.philox import block, block_start
from playout.compile.native.text import Value

PARAMETERS = (
    "arena", "beliefs", "belief_stride", "first", "key_0", "key_1", "asked", "from", "to", "keep", "records",
    "totals", "tallies", "paths", "keep_stride", "status", "stopped", "callback", "halt",
)  # fmt: skip
"""What `play` is given: 64-bit words, in this order. ``from`` and ``to`` number vectors of futures within the block;
``keep`` is how many vectors keep their paths; strides are in bytes. ``halt`` is a `Halt`'s word: where it is set,
`play` returns as soon as a loop looks at it, and nothing that it has written counts."""
_POINTERS = {"arena", "beliefs", "records", "totals", "tallies", "paths", "status", "stopped", "callback", "halt"}

STEP = "ptr %arena, ptr %cur, ptr %next, i32 %step, i64 %wide_step"
"""What every function of a step is given."""


class Frame:
    """Writes the functions around the statements. ``emitter`` makes an emitter for a new function; ``needs`` collects
    what they call."""

    def __init__(self, memory: Memory, emitter: Callable[[], Emitter]) -> None:
        self.memory, self.layout, self.header, self.lanes = memory, memory.layout, memory.header, memory.lanes
        self.kind, self.program = memory.real, memory.program
        self._emitter = emitter
        self.needs: set[str] = set()

    def functions(self, called: Mapping[str, Sequence[str]]) -> list[str]:
        """All of them. ``called``: the functions of each phase, in order."""
        return [self._draw(), self._sum_up(), self._judge(), self._play(called)]

    def _draw(self) -> str:
        """The words of four steps, for every stream of step words and each of its members."""
        emitter = self._emitter()
        code, width, words = emitter.code, self.layout.width("word"), self.layout.words
        quarter = code.splat(code.scalar("lshr i32 %step, 2"), "i32")
        start = block_start(code, emitter.header_vector("future"), quarter, emitter.key())
        with code.loop(max(1, len(words.rows))) as row, emitter.scope():
            known = emitter.pointer("arena", words.table, [emitter.scaled(row, 8)])
            stream = code.scalar(f"load i32, ptr {known}, align 4")
            member = code.scalar(f"load i32, ptr {code.scalar(f'getelementptr i8, ptr {known}, i64 4')}, align 4")
            for place, word in enumerate(block(code, start, stream, member, emitter.key())):
                at = words.offset + place * len(words.rows) * width
                emitter.code.write(emitter.pointer("arena", at, [emitter.scaled(row, width)]), word)
        code.do("ret void")
        self.needs |= code.needs
        head = f"define internal void @draw({STEP}) noinline nounwind #0 {{"
        return "\n".join([head, *code.lines, "}"])

    def _sum_up(self) -> str:
        emitter = self._emitter()
        readings.sum_up(self.memory, emitter)
        emitter.code.do("ret void")
        self.needs |= emitter.code.needs
        return "\n".join([f"define internal void @sum_up({STEP}) noinline nounwind #0 {{", *emitter.code.lines, "}"])

    def _judge(self) -> str:
        """At a step's end: stop the lanes in which a check failed, each by its first failing check."""
        emitter = self._emitter()
        code = emitter.code

        def at(name: str) -> str:
            return emitter.pointer("arena", self.header[name])

        mark = emitter.code.read(at("violation"), "i32")
        failed = mark.compare("ne", NOBODY)
        with code.when(code.any(failed)):
            status = emitter.code.read(at("status"), "i32")
            new = failed & status.compare("eq", 0)
            number = code.emit(f"udiv {mark.type} {mark.name}, {code.constant('i32', self.memory.stride).name}", "i32")
            emitter.code.write(at("status"), (number + 1).where(new, status))
            step = emitter.code.splat("%step", "i32")
            emitter.code.write(at("stopped step"), step.where(new, emitter.code.read(at("stopped step"), "i32")))
            member = mark - number * self.memory.stride
            emitter.code.write(at("stopped member"), member.where(new, emitter.code.read(at("stopped member"), "i32")))
            emitter.code.write(at("running"), emitter.code.read(at("running"), "i1") & ~new)
            emitter.code.write(at("violation"), code.constant("i32", NOBODY))
        code.do("ret void")
        self.needs |= code.needs
        head = f"define internal void @judge({STEP}) noinline nounwind #0 {{"
        return "\n".join([head, *code.lines, "}"])

    def _play(self, called: Mapping[str, Sequence[str]]) -> str:
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
        put("halt", "ptr", "%halt")
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
        places = emitter.code.splat(start, "i32") + numbers
        first = emitter.code.splat(code.scalar("trunc i64 %first to i32"), "i32")
        asked = emitter.code.splat(code.scalar("trunc i64 %asked to i32"), "i32")
        emitter.code.write(emitter.pointer("arena", self.header["future"]), places + first)
        emitter.code.write(emitter.pointer("arena", self.header["running"]), places < asked)
        emitter.code.write(emitter.pointer("arena", self.header["violation"]), code.constant("i32", NOBODY))
        for name in ("status", "stopped step", "stopped member"):
            emitter.code.write(emitter.pointer("arena", self.header[name]), code.constant("i32", 0))
        offset = code.scalar(f"mul i64 {vector}, {lanes * 4}")
        mine = code.scalar(f"getelementptr i8, ptr %paths, i64 {offset}")
        code.do(f"store ptr {mine}, ptr {emitter.pointer('arena', self.header['paths'])}, align 8")
        width = self.layout.width("real")
        for name in ("totals", "errors"):
            with code.loop(max(1, self.memory.total_rows)) as row, emitter.scope():
                pointer = emitter.pointer("arena", self.header[name], [emitter.scaled(row, width)])
                emitter.code.write(pointer, emitter.real_constant(0.0))

    def _load_beliefs(self, emitter: Emitter, lane: str) -> None:
        code = emitter.code
        column = code.scalar(f"mul i64 {lane}, 8")
        start = code.scalar(f"getelementptr i8, ptr %beliefs, i64 {column}")
        for slot, first, count, type_ in self.memory.belief_runs():
            with code.loop(count) as row, emitter.scope():
                number = code.scalar(f"add i64 {row}, {first}")
                at = code.scalar(f"mul i64 {number}, %belief_stride")
                pointer = code.scalar(f"getelementptr i8, ptr {start}, i64 {at}")
                value = code.emit(f"load {code.vector('double')}, ptr {pointer}, align 8", "double")
                if type_ == "int":
                    value = value.convert("fptosi", "i32")
                elif self.kind == "float":
                    value = value.convert("fptrunc", "float")
                emitter.code.write(emitter.pointer("arena", slot.offset, [emitter.scaled(row, slot.stride)]), value)

    def _one_step(self, emitter: Emitter, step: str, keeping: str, called: Mapping[str, Sequence[str]]) -> None:
        code = emitter.code
        emitter.look()
        narrow = code.scalar(f"trunc i64 {step} to i32")
        odd = code.scalar(f"trunc i64 {step} to i1")
        cur = code.scalar(f"select i1 {odd}, ptr %state_b, ptr %state_a")
        following = code.scalar(f"select i1 {odd}, ptr %state_a, ptr %state_b")
        given = f"ptr %arena, ptr {cur}, ptr {following}, i32 {narrow}, i64 {step}"
        quarter = code.scalar(f"and i64 {step}, 3")
        if self.layout.words.rows:
            with code.when(code.scalar(f"icmp eq i64 {quarter}, 0")):
                code.do(f"call void @draw({given})")
        for name in called["step"]:
            code.do(f"call void @{name}({given})")
        code.do(f"call void @sum_up({given})")
        for phase, names in called.items():
            if phase.startswith("records "):
                with code.when(code.scalar(f"icmp eq i64 {step}, {phase.split()[1]}")):
                    for name in names:
                        code.do(f"call void @{name}({given})")
        with code.when(keeping):
            for name in called["paths"]:
                code.do(f"call void @{name}({given})")
        with code.when(code.scalar(f"icmp slt i64 {step}, {self.program.steps}")):
            for name in (*called["changes"], "judge"):
                code.do(f"call void @{name}({given})")
        with code.when(code.scalar(f"icmp eq i64 {step}, {self.program.steps}")), emitter.scope():
            # What failed of the step that is not taken does not matter.
            emitter.code.write(emitter.pointer("arena", self.header["violation"]), code.constant("i32", NOBODY))
            for name in (*called["end"], "judge"):
                code.do(f"call void @{name}({given})")

    def _finish(self, emitter: Emitter, lane: str) -> None:
        """Write out what was read of these futures."""
        code, width = emitter.code, self.layout.width("real")
        for name, rows in (("records", self.memory.records.count), ("totals", self.memory.total_rows)):
            if not rows:
                continue
            at = code.scalar(f"mul i64 {lane}, 8")
            start = code.scalar(f"getelementptr i8, ptr %{name}, i64 {at}")
            with code.loop(rows) as row, emitter.scope():
                value = emitter.code.read(
                    emitter.pointer("arena", self.header[name], [emitter.scaled(row, width)]), self.kind
                )
                wide = value if self.kind == "double" else value.convert("fpext", "double")
                offset = code.scalar(f"mul i64 {row}, {BLOCK * 8}")
                pointer = code.scalar(f"getelementptr i8, ptr {start}, i64 {offset}")
                code.do(f"store {wide.type} {readings.clean(wide).name}, ptr {pointer}, align 8")
        at = code.scalar(f"mul i64 {lane}, 4")
        for name, target, later in (
            ("status", "status", 0),
            ("stopped step", "stopped", 0),
            ("stopped member", "stopped", BLOCK * 4),
        ):
            value = emitter.code.read(emitter.pointer("arena", self.header[name]), "i32")
            pointer = code.scalar(f"getelementptr i8, ptr %{target}, i64 {at}")
            pointer = code.scalar(f"getelementptr i8, ptr {pointer}, i64 {later}")
            code.do(f"store {value.type} {value.name}, ptr {pointer}, align 4")
