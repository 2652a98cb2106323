"""Playing futures on all cores without gathering results: what an engine can do by itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from playout.bench.peers import Missing
from playout.compile.engine import BLOCK, Block, Engine
from playout.compile.ir import Program
from playout.compile.numpy import NumpyEngine

if TYPE_CHECKING:
    from playout.compile.native.engine import NativeEngine

SEED = 7

Beliefs: TypeAlias = Callable[[int, int], NDArray[np.float64]]
"""The belief matrix of futures, [rows, futures]: the first future's number, and how many."""


def no_beliefs(first: int, futures: int) -> NDArray[np.float64]:
    """Of a program that holds none."""
    return np.empty((0, futures))


def cores() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # where a process cannot be bound to processors
        return os.cpu_count() or 1


def engine_for(program: Program, engine: str) -> Engine:
    """engine: `single` or `double` (native), or `reference`. A Missing where there is no native code to be had."""
    if engine == "reference":
        return NumpyEngine(program)
    return native_engine(program, "single" if engine == "single" else "double")


def native_engine(program: Program, precision: Literal["single", "double"]) -> NativeEngine:
    """The native engine, without another in its place: a Missing where there is none."""
    try:
        from playout.compile.native.engine import NativeEngine
        from playout.compile.native.target import NoTarget
    except ImportError as why:
        raise Missing(f"llvmlite cannot be loaded: {why}") from why
    try:
        return NativeEngine(program, precision)
    except (NoTarget, NotImplementedError) as why:
        raise Missing(str(why)) from why


class Crew:
    """An engine, and the threads that play it, which stay as they would through a long run."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine, self._threads = engine, threads
        self._pool = ThreadPoolExecutor(threads)

    def play(self, beliefs: Beliefs, first: int, futures: int) -> list[Block]:
        """Futures ``first`` and on, in blocks that the threads share evenly."""
        blocks = -(-futures // BLOCK)
        blocks = -(-blocks // self._threads) * self._threads
        size = -(-futures // blocks)
        end = first + futures

        def part(start: int) -> Block:
            count = min(size, end - start)
            return self._engine.play(start, count, beliefs(start, count), SEED)

        return list(self._pool.map(part, range(first, end, size)))
