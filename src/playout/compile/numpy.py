"""The reference engine: a Program played over a block of futures with NumPy, in double precision.

Slow and obvious; the native engine is judged against it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from playout.compile import draws, ir
from playout.compile.engine import BLOCK, Block, Halt, period_ends, period_shares
from playout.compile.tape import DTYPES, LANES, Run, Tape, as_stored, full_shape
from playout.compile.turns import Value

_LARGEST = float(np.finfo(np.float64).max)
_BLAS = ThreadpoolController()
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


def keep_freed_memory() -> None:
    """Have the C library keep freed memory for the next array instead of giving it back to the system.

    A block's arrays are some 100 KB, just where glibc returns memory at every free and takes a page fault for each page
    at the next use: array arithmetic then costs five times as much. Elsewhere than on glibc nothing is done.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, 1 << 30)
        mallopt(_M_MMAP_THRESHOLD, 1 << 30)


class NumpyEngine:
    """See `engine.Engine`. Compiling is fast; one instance may play in several threads at once."""

    name = "numpy"
    width = BLOCK

    def __init__(self, program: ir.Program) -> None:
        keep_freed_memory()
        self.program = program
        self._keys = {name: draws.stream_key(name) for name in program.streams}
        self._once = self._phase(program.once)
        self._initial = self._phase(program.initial)
        self._step = self._compile_step()
        self._shares = {grain: period_shares(program, grain) for grain in program.periods}
        self._ends = {grain: period_ends(program, grain) for grain in program.periods}

    def intermediates(self, futures: int) -> int:
        """Bytes that values in between take at most while so many futures are played."""
        width = -(-futures // LANES) * LANES
        return 8 * max(tape.largest(width) for tape in (self._once, self._initial, self._step))

    # --- compiling ---

    def _phase(self, assigns: tuple[ir.Assign, ...]) -> Tape:
        tape = Tape(self.program)
        for assign in assigns:
            self._assign(tape, assign.array, assign.node)
        tape.seal()
        return tape

    def _assign(self, tape: Tape, array: str, node: ir.Node) -> None:
        declared = self.program.arrays[array]
        shape, dtype = full_shape(self.program, declared.sets), DTYPES[declared.type]
        slot = tape.full(node, declared.sets)
        tape.store(array, slot, lambda value: as_stored(value, shape, dtype))

    def _compile_step(self) -> Tape:
        tape = Tape(self.program)
        for item in self.program.step:
            if isinstance(item, ir.Delay):
                self._delay(tape, item)
            else:
                self._assign(tape, item.array, item.node)
        for series in self.program.series:
            self._watch(tape, series.node, series.sets, np.float64, _Playing.read_series, series)
        for tally in self.program.tallies:
            self._watch(tape, tally.node, tally.sets, np.int32, _Playing.read_tally, tally)
        for record in self.program.records:
            self._watch(tape, record.node, record.sets, np.float64, _Playing.read_record, record)
        for number, check in enumerate(self.program.checks):
            self._watch(tape, check.node, check.sets, np.float64, _Playing.read_check, (number, check))
        for assign in self.program.update:
            array = self.program.arrays[assign.array]
            self._watch(tape, assign.node, array.sets, DTYPES[array.type], _Playing.read_update, assign.array)
        tape.seal()
        return tape

    def _watch(
        self,
        tape: Tape,
        node: ir.Node,
        sets: tuple[str, ...],
        dtype: type,
        reader: Callable[[_Playing, Any, Value], None],
        subject: object,
    ) -> None:
        """Hand a node's value of every step to a reader."""
        shape = full_shape(self.program, sets)

        def read(run: Run, value: Value) -> None:
            assert isinstance(run, _Playing)
            reader(run, subject, as_stored(value, shape, dtype))

        tape.effect(read, tape.full(node, sets))

    def _delay(self, tape: Tape, delay: ir.Delay) -> None:
        declared = self.program.arrays[delay.array]
        shape = full_shape(self.program, declared.sets)

        def shift(run: Run, value: Value) -> None:
            assert isinstance(run, _Playing)
            run.arrays[delay.array] = run.shift(delay, as_stored(value, shape, np.float64))

        tape.effect(shift, tape.full(delay.source, declared.sets))

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
        width = -(-futures // LANES) * LANES
        numbers = np.arange(first, first + width, dtype=np.int64).astype(np.uint32)
        playing = _Playing(seed, numbers, halt, engine=self, asked=futures, keep=min(keep, futures))
        padded = np.pad(beliefs, ((0, 0), (0, width - futures)), mode="edge")
        # The threads of the caller play blocks side by side; more of them inside BLAS would only get in their way.
        with np.errstate(all="ignore"), _BLAS.limit(limits=1, user_api="blas"):
            self._load_inputs(playing, padded)
            self._once.run(playing)
            self._initial.run(playing)
            for step in range(self.program.steps + 1):
                self._draw(playing, step)
                playing.begin(step)
                self._step.run(playing)
                playing.end()
        return playing.block(first)

    def _load_inputs(self, playing: _Playing, beliefs: NDArray[np.float64]) -> None:
        rows: dict[str, list[int]] = {}
        for row, (name, _) in enumerate(self.program.columns):
            rows.setdefault(name, []).append(row)
        for array in self.program.arrays.values():
            shape, dtype = full_shape(self.program, array.sets), DTYPES[array.type]
            if array.role == "table":
                values = np.array(self.program.tables[array.name], np.float64)
                playing.arrays[array.name] = values.reshape(*shape, 1)
            elif array.role == "belief":
                drawn = beliefs[rows[array.name]].reshape(*shape, -1)
                playing.arrays[array.name] = np.ascontiguousarray(drawn.astype(dtype))

    def _draw(self, playing: _Playing, step: int) -> None:
        """The random words of this step: four steps at a time, from one block of the generator."""
        for name, stream in self.program.streams.items():
            if stream.per == "step":
                shape = full_shape(self.program, stream.sets)
                if step % 4 == 0:
                    members = np.arange(int(np.prod(shape)), dtype=np.uint32)
                    playing.quads[name] = draws.quads(
                        playing.seed, self._keys[name], playing.futures, members, step // 4
                    )
                playing.words[name] = playing.quads[name][step % 4].reshape(*shape, -1)


@dataclass
class _Playing(Run):
    """One block being played: the arrays, and what has been read of them so far."""

    engine: NumpyEngine = None  # type: ignore[assignment]  # always given; fields before it have defaults
    asked: int = 0
    keep: int = 0

    def __post_init__(self) -> None:
        program = self.engine.program
        self.quads: dict[str, NDArray[np.uint32]] = {}
        self.rings: dict[str, list[Value]] = {}
        self.following: dict[str, Value] = {}
        self.status = np.zeros(self.width, np.int32)
        self.stopped = np.zeros((2, self.width), np.int32)
        self.records: dict[str, Value] = {}
        self.totals = {
            s.name: np.zeros((len(program.periods[s.periods]), *full_shape(program, s.sets), self.width))
            for s in program.series
        }
        self.tallies = {
            t.name: np.zeros((program.steps + 1, *full_shape(program, t.sets), len(t.categories)), np.int64)
            for t in program.tallies
        }
        kept = [(s.name, s.sets) for s in program.series] + [(t.name, t.sets) for t in program.tallies]
        self.paths = {
            name: np.full((program.steps + 1, *full_shape(program, sets), self.keep), np.nan, np.float32)
            for name, sets in kept
        }

    @property
    def width(self) -> int:
        """Futures played: those asked for, and some to fill the last lanes, which are thrown away."""
        return self.futures.size

    @property
    def last(self) -> bool:
        return self.step == self.engine.program.steps

    def begin(self, step: int) -> None:
        self.step = step
        self.following = {}
        self.running = (self.status == 0) & (np.arange(self.width) < self.asked)

    def end(self) -> None:
        self.arrays.update(self.following)

    def shift(self, delay: ir.Delay, value: Value) -> Value:
        """The value of ``lag`` steps ago, the start's before that; today's is put in its place."""
        ring = self.rings.setdefault(delay.array, [value] * delay.lag)
        place = self.step % delay.lag
        past, ring[place] = ring[place], value.copy()
        return past

    # --- readers ---

    def read_series(self, series: ir.Series, value: Value) -> None:
        if series.kind == "amount":
            if self.last:
                return
            for period, share in self.engine._shares[series.periods][self.step]:
                self.totals[series.name][period] += value * share
        else:
            for period, _ in self.engine._ends[series.periods][self.step]:
                self.totals[series.name][period] = value
        self._keep_path(series.name, value)

    def _keep_path(self, name: str, value: Value) -> None:
        if self.keep:
            path = self.paths[name][self.step]
            path[...] = np.broadcast_to(value, (*value.shape[:-1], self.width))[..., : self.keep]

    def read_tally(self, tally: ir.Tally, value: Value) -> None:
        for category in range(len(tally.categories)):
            here = (value == category) & self.running
            self.tallies[tally.name][self.step, ..., category] = np.count_nonzero(here, axis=-1)
        self._keep_path(tally.name, value)

    def read_record(self, record: ir.Record, value: Value) -> None:
        if self.step == record.step:
            self.records[record.name] = np.broadcast_to(value, (*value.shape[:-1], self.width)).astype(np.float64)

    def read_check(self, subject: tuple[int, ir.Check], value: Value) -> None:
        number, check = subject
        low, high = max(check.low, -_LARGEST), min(check.high, _LARGEST)
        if (self.last and not check.at_end) or (value.min() >= low and value.max() <= high):
            return
        bad = np.broadcast_to(~((value >= low) & (value <= high)), (*value.shape[:-1], self.width))
        bad = bad.reshape(-1, self.width)
        hit = bad.any(axis=0) & (self.status == 0)
        self.status[hit] = number + 1
        self.stopped[0, hit] = self.step
        self.stopped[1, hit] = bad.argmax(axis=0)[hit]

    def read_update(self, array: str, value: Value) -> None:
        self.following[array] = value

    def block(self, first: int) -> Block:
        """What was read, cut to the futures that were asked for."""
        count = self.asked
        return Block(
            first=first,
            futures=count,
            records={name: value[..., :count] for name, value in self.records.items()},
            totals={name: value[..., :count] for name, value in self.totals.items()},
            tallies=self.tallies,
            paths={name: np.moveaxis(value, -1, 0) for name, value in self.paths.items()},
            status=self.status[:count],
            stopped=self.stopped[:, :count],
        )
