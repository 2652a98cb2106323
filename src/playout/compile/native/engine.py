"""The native engine: a Program played over vectors of futures in machine code.

`docs/explanation/engine.md` tells how. Numbers do not depend on the width of the vectors, on how futures are divided
among calls, nor on how many threads call.
"""

from __future__ import annotations

import ctypes
import math
import threading
import time
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playout.compile import ir
from playout.compile.engine import BLOCK, Block, Halt, Stopped, period_ends, period_shares
from playout.compile.native.assembly import Loaded, compile_object
from playout.compile.native.cache import object_code
from playout.compile.native.frame import PARAMETERS
from playout.compile.native.kernel import Builder, Kernel
from playout.compile.native.laws import ASKED
from playout.compile.native.target import Precision, host
from playout.compile.tape import DTYPES, full_shape
from playout.model.laws.quantile import UNIFORM_QUANTILES

_TURN = 128
"""Futures that one call plays, so that the interpreter is heard between."""


class NativeEngine:
    """See `engine.Engine`. ``lanes``: futures in a vector, by default as many as the processor takes.

    Raises NoTarget where there is no processor to make code for, NotImplementedError for a Program that the native
    engine has no code for, TooLarge where compiling would take longer than so many ``seconds``, or the code be larger
    than `MOST_LINES`. ``spent``: the seconds that making the code took, by part.
    """

    name = "native"

    def __init__(
        self,
        program: ir.Program,
        precision: Precision = "single",
        lanes: int | None = None,
        seconds: float = math.inf,
    ) -> None:
        self.program, self.precision = program, precision
        target = host()
        self.lanes = lanes or target.lanes(precision)
        begun = time.perf_counter()
        self.kernel: Kernel = Builder(program, target, self.lanes, precision, seconds).build()
        written = time.perf_counter()
        code = object_code(self.kernel.text, target, lambda: compile_object(self.kernel.text, target))
        self._loaded = Loaded(code, target)
        self._play = self._loaded.function("play", ctypes.c_void_p)
        self.spent = {"write": written - begun, "compile": time.perf_counter() - written}
        self._threads = threading.local()
        self._callback = _CALLBACK(partial(_answer, self.lanes))  # not of itself: a ring would outlive its use

    # --- memory ---

    @property
    def width(self) -> int:
        """Futures that an arena holds."""
        return self.lanes

    def _arena(self) -> NDArray[np.uint8]:
        """This thread's arena, with what is the same for all futures in it."""
        arena: NDArray[np.uint8] | None = getattr(self._threads, "arena", None)
        if arena is None:
            raw = np.zeros(self.kernel.memory.layout.size + 64, np.uint8)
            arena = raw[-raw.ctypes.data % 64 :][: self.kernel.memory.layout.size]
            self._fill(arena)
            self._threads.arena = arena
        return arena

    def _fill(self, arena: NDArray[np.uint8]) -> None:
        program, memory = self.program, self.kernel.memory
        real = np.float32 if self.precision == "single" else np.float64

        def put(offset: int, values: NDArray[Any]) -> None:
            data = np.ascontiguousarray(values).view(np.uint8).reshape(-1)
            arena[offset : offset + data.size] = data

        for array in program.arrays.values():
            if array.role == "table":
                dtype = real if array.type == "real" else np.int8 if array.type == "bool" else DTYPES[array.type]
                with np.errstate(over="ignore"):
                    put(memory.layout.slots[array.name].offset, np.array(program.tables[array.name]).astype(dtype))
        put(memory.layout.words.table, np.array(memory.layout.words.rows, np.uint32))
        for name, offset in memory.calendars.items():
            kind, grain = name.split(" ", 1)
            entries = period_shares(program, grain) if kind == "amount" else period_ends(program, grain)
            starts = np.zeros(program.steps + 2, np.int64)
            starts[1 : len(entries) + 1] = np.cumsum([len(e) for e in entries])
            starts[len(entries) + 1 :] = starts[len(entries)]
            table = np.zeros((int(starts[-1]), 16), np.uint8)
            for row, (period, share) in enumerate(e for step in entries for e in step):
                table[row, :8] = np.array([period], np.int64).view(np.uint8)
                data = np.array([share], real).view(np.uint8)
                table[row, 8 : 8 + data.size] = data
            put(offset, starts)
            put(offset + starts.nbytes, table)

    # --- playing ---

    def play(
        self,
        first: int,
        futures: int,
        beliefs: NDArray[np.float64],
        seed: int,
        keep: int = 0,
        halt: Halt | None = None,
    ) -> Block:
        assert 0 < futures <= BLOCK
        halt = halt or Halt()
        program, memory, lanes = self.program, self.kernel.memory, self.lanes
        vectors = -(-futures // lanes)
        keep = min(keep, futures)
        keeping = -(-keep // lanes)
        given = np.asarray(beliefs, np.float64)
        if memory.belief_rows != list(range(len(given))):
            given = given[memory.belief_rows]
        given = np.pad(given, ((0, 0), (0, vectors * lanes - futures)), mode="edge") if len(given) else given
        given = np.ascontiguousarray(given)
        records = np.zeros((memory.records.count, BLOCK))
        totals = np.zeros((memory.total_rows, BLOCK))
        tallies = np.zeros((memory.tallies.count * (program.steps + 1)), np.int64)
        paths = np.zeros((memory.paths.count, program.steps + 1, keeping * lanes), np.float32)
        status, stopped = np.zeros(BLOCK, np.int32), np.zeros((2, BLOCK), np.int32)
        arena = self._arena()
        words = {
            "arena": arena.ctypes.data, "beliefs": given.ctypes.data, "belief_stride": vectors * lanes * 8,
            "first": first & 0xFFFFFFFF, "key_0": seed & 0xFFFFFFFF, "key_1": seed >> 32, "asked": futures,
            "keep": keeping, "records": records.ctypes.data, "totals": totals.ctypes.data,
            "tallies": tallies.ctypes.data, "paths": paths.ctypes.data, "keep_stride": keeping * lanes * 4,
            "status": status.ctypes.data, "stopped": stopped.ctypes.data,
            "callback": ctypes.cast(self._callback, ctypes.c_void_p).value or 0, "halt": halt.word.ctypes.data,
        }  # fmt: skip
        turn = max(1, _TURN // lanes)
        for start in range(0, vectors, turn):
            words["from"], words["to"] = start, min(vectors, start + turn)
            parameters = np.array([words[name] for name in PARAMETERS], np.uint64)
            self._play(parameters.ctypes.data)
            if halt.is_set():
                raise Stopped
        return Block(
            first=first,
            futures=futures,
            records=self._records(records, futures),
            totals=self._totals(totals, futures),
            tallies=self._tallies(tallies),
            paths=self._paths(paths, keep),
            status=status[:futures],
            stopped=stopped[:, :futures],
        )

    def _records(self, rows: NDArray[np.float64], futures: int) -> dict[str, NDArray[np.float64]]:
        found = {}
        for record in self.program.records:
            first, members = self.kernel.memory.records.places[record.name]
            shape = full_shape(self.program, record.sets)
            found[record.name] = rows[first : first + members].reshape(*shape, BLOCK)[..., :futures]
        return found

    def _totals(self, rows: NDArray[np.float64], futures: int) -> dict[str, NDArray[np.float64]]:
        found = {}
        for series in self.program.series:
            kept = self.kernel.memory.totals[series.kind, series.periods]
            first, members = kept.rows.places[series.name]
            whole = rows[kept.first : kept.first + kept.periods * kept.rows.count]
            mine = whole.reshape(kept.periods, kept.rows.count, BLOCK)[:, first : first + members, :futures]
            found[series.name] = mine.reshape(kept.periods, *full_shape(self.program, series.sets), futures)
        return found

    def _tallies(self, counts: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        found, steps = {}, self.program.steps + 1
        for tally in self.program.tallies:
            first, members = self.kernel.memory.tallies.places[tally.name]
            size = members * len(tally.categories)
            shape = (steps, *full_shape(self.program, tally.sets), len(tally.categories))
            found[tally.name] = counts[first * steps : (first + size) * steps].reshape(shape)
        return found

    def _paths(self, rows: NDArray[np.float32], keep: int) -> dict[str, NDArray[np.float32]]:
        found = {}
        steps = self.program.steps + 1
        named = [(f"series {s.name}", s.name, s.sets) for s in self.program.series]
        named += [(f"tally {t.name}", t.name, t.sets) for t in self.program.tallies]
        amounts = {s.name for s in self.program.series if s.kind == "amount"}
        for place, name, sets in named:
            first, members = self.kernel.memory.paths.places[place]
            kept = rows[first : first + members, :, :keep].transpose(2, 1, 0).copy()
            if place.startswith("series ") and name in amounts:
                kept[:, -1] = np.nan
            found[name] = kept.reshape(keep, steps, *full_shape(self.program, sets))
        return found


def _answer(lanes: int, kind: int, count: int, memory: int) -> None:
    """A quantile function of the reference engine: arguments in, answer in the place before them."""
    doubles = (ctypes.c_double * ((count + 1) * lanes)).from_address(memory)
    rows: NDArray[np.float64] = np.ctypeslib.as_array(doubles).reshape(count + 1, lanes)
    with np.errstate(all="ignore"):
        u, *parameters = rows[1:]
        rows[0] = UNIFORM_QUANTILES[ASKED[kind]](u, *parameters)


_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_int32, ctypes.c_int32, ctypes.c_void_p)
