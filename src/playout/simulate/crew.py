"""Who plays the blocks of a run: threads where an engine lets go of the interpreter, processes where it does not.

Threads cannot share the reference engine's work: its NumPy calls are so short that they would spend their time handing
the interpreter to each other. A worker process makes an engine of its own from the same Program; what a block gives is
the same bytes wherever it was played.
"""

from __future__ import annotations

import os
import signal
import threading
from abc import ABC, abstractmethod
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeAlias

import numpy as np
from loky import ProcessPoolExecutor
from numpy.typing import NDArray

from playout.compile.engine import Block, Engine, Halt, Stopped
from playout.compile.ir import Program
from playout.compile.numpy import NumpyEngine
from playout.simulate.matrix import BeliefRows
from playout.simulate.process import end_with_parent, files_allowed

Played: TypeAlias = tuple[Block, NDArray[np.float64] | None]
"""A block, and the position of the view that each of its futures held (None without views)."""


FILES, EACH = 48, 8
"""Files that a process has open which begins others, and for each of them."""


class Crew(ABC):
    """Plays blocks side by side. stop: set by another thread that wants no more of them."""

    def __init__(self, stop: threading.Event | None) -> None:
        self._stop = stop

    @abstractmethod
    def submit(self, first: int, futures: int, keep: int) -> Future[Played]:
        """Begin a block; arguments as of `Engine.play`."""

    @abstractmethod
    def close(self) -> None:
        """Stop whatever is being played, within a second, and leave nothing running."""

    def take(self, begun: Future[Played]) -> Played:
        """What a block gives; Stopped where the stop is set. It is waited for in short turns, between which Ctrl-C is
        heard too: Polars' handler of Ctrl-C restarts a wait instead of ending it."""
        done = False
        while not done:
            done = bool(wait([begun], timeout=0.1).done)
            if self._stop is not None and self._stop.is_set():
                raise Stopped
        return begun.result()


def crew(
    engine: Engine, rows: BeliefRows, seed: int, workers: int, blocks: int, stop: threading.Event | None = None
) -> Crew:
    """The crew for a run of so many blocks. A lone block, or a lone worker, needs no other process; where a process may
    have few files open, none is begun."""
    if isinstance(engine, NumpyEngine) and min(workers, blocks) > 1 and files_allowed() >= FILES + EACH * workers:
        return Processes(engine.program, rows, seed, workers, stop)
    return Threads(engine, rows, seed, workers, stop)


class Threads(Crew):
    """One engine, played by several threads."""

    def __init__(
        self, engine: Engine, rows: BeliefRows, seed: int, workers: int, stop: threading.Event | None = None
    ) -> None:
        super().__init__(stop)
        self._engine, self._rows, self._seed = engine, rows, seed
        self._halt = Halt()
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="playout")

    def submit(self, first: int, futures: int, keep: int) -> Future[Played]:
        return self._pool.submit(self._play, first, futures, keep)

    def _play(self, first: int, futures: int, keep: int) -> Played:
        beliefs = self._rows.draw(first, futures, self._seed)
        block = self._engine.play(first, futures, beliefs, self._seed, keep, self._halt)
        return block, _views(self._rows, beliefs)

    def close(self) -> None:
        self._halt.set()
        self._pool.shutdown(wait=True, cancel_futures=True)


class Processes(Crew):
    """A reference engine in each of several processes, which end when they are killed."""

    def __init__(
        self, program: Program, rows: BeliefRows, seed: int, workers: int, stop: threading.Event | None = None
    ) -> None:
        super().__init__(stop)
        self._pool = ProcessPoolExecutor(
            max_workers=workers, initializer=_equip, initargs=(program, rows, seed, os.getpid())
        )

    def submit(self, first: int, futures: int, keep: int) -> Future[Played]:
        begun: Future[Played] = self._pool.submit(_play_block, first, futures, keep)
        return begun

    def close(self) -> None:
        self._pool.shutdown(wait=True, kill_workers=True)


_equipment: list[tuple[NumpyEngine, BeliefRows, int]] = []


def _equip(program: Program, rows: BeliefRows, seed: int, parent: int) -> None:
    """Make a worker's engine, once. The terminal's Ctrl-C reaches workers too; only the main process acts on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(parent)
    _equipment[:] = [(NumpyEngine(program), rows, seed)]


def _play_block(first: int, futures: int, keep: int) -> Played:
    engine, rows, seed = _equipment[0]
    beliefs = rows.draw(first, futures, seed)
    return engine.play(first, futures, beliefs, seed, keep), _views(rows, beliefs)


def _views(rows: BeliefRows, beliefs: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The last row of a belief matrix, where there are views; the others can be drawn again."""
    return beliefs[-1].copy() if rows.credences else None
