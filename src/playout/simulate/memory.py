"""What a run takes of memory, said before it begins, and refused where the machine has less."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playout.compile.engine import BLOCK
from playout.compile.footprint import footprint
from playout.compile.ir import Program
from playout.errors import UsageError
from playout.simulate.part import PART
from playout.simulate.paths import KEPT

HELD = 150
"""Bytes of memory that each future takes whatever a scenario holds, while a run is summed up."""

COPIES = 3
"""How often a part stands in memory while it is written: as gathered, as columns, and as a file's pages."""

PATH_COPIES = 4
"""How often kept paths stand in memory: as played, by future, joined, and as shown."""


WIDEST = 16
"""Futures in a vector of the widest processors, in single precision."""


@dataclass(frozen=True, slots=True)
class RunMemory:
    """Bytes that a run takes beside the program itself.

    playing: of the futures in play, whoever many follow; history: how much of that is for past values that `delay` and
    `change` read. paths: of the futures whose paths are kept. parts: of outcomes on their way. future: of each future's
    outcomes, for as long as the run is there. futures: how many there are.
    """

    playing: float
    history: float
    paths: float
    parts: float
    future: float
    futures: int

    @property
    def fixed(self) -> float:
        """What no smaller number of futures saves."""
        return self.playing + self.paths

    @property
    def total(self) -> float:
        return self.fixed + self.parts + self.future * self.futures


def run_memory(
    program: Program, futures: int, *, kept: int, width: int, workers: int, single: bool, streamed: bool
) -> RunMemory:
    """What playing so many futures takes.

    kept: how many keep their paths. width: futures that an engine holds at once. single: numbers in columns take four
    bytes and not eight. streamed: parts leave memory as soon as they are whole.
    """
    found = footprint(program, 4 if single else 8)
    row = found.outcome * (0.5 if single else 1.0)
    workers = workers if futures > BLOCK else 1
    block = min(BLOCK, -(-futures // workers))
    waiting = (workers + 1) * (BLOCK * found.outcome + found.block)
    return RunMemory(
        playing=workers * (min(width, block) * found.future + found.tables) + waiting,
        history=workers * min(width, block) * found.history,
        paths=PATH_COPIES * found.path * min(kept, futures),
        parts=COPIES * row * min(PART, futures),
        future=HELD if streamed else HELD + 2 * row,  # twice: the baseline's columns stand beside the run's own
        futures=futures,
    )


def native_memory(program: Program, futures: int) -> RunMemory:
    """What the native engine takes of this machine for so many futures, as `play` would have it play them."""
    workers = os.cpu_count() or 1
    return run_memory(program, futures, kept=KEPT, width=WIDEST, workers=workers, single=True, streamed=False)


def check_memory(needed: RunMemory, memory: float, *, streamed: bool) -> None:
    """Refuse, with a UsageError, a run that would not fit into ``memory`` bytes.

    streamed: parts leave memory as soon as they are whole.
    """
    if needed.total <= memory:
        return
    there = f"and there are {memory / 1e9:,.1f} GB"
    if needed.fixed > memory:
        share, what, advice = max(
            (needed.history, "the past that `delay` and `change` read", "let them look back less far"),
            (needed.paths, "paths kept step by step", "report less by member, or shorten the horizon"),
            (needed.playing - needed.history, "the state of its futures", "take sets with fewer members"),
        )
        raise UsageError(
            f"playing this scenario would take about {needed.fixed / 1e9:,.1f} GB of memory, {share / 1e9:,.1f} GB of "
            f"it for {what}, {there}: {advice}, or take a longer step"
        )
    most = int(max(0.0, memory - needed.fixed - needed.parts) // needed.future)
    advice = f"ask for {most:,} at most" if most else "free some, or ask for fewer"
    kept = "" if streamed else ", or give a folder, to which results go as they come"
    raise UsageError(
        f"{needed.futures:,} futures would take about {needed.total / 1e9:,.1f} GB of memory, {there}: {advice}{kept}"
    )


def machine_memory() -> float:
    """The memory in bytes that there is for a process; without end where nobody says."""
    limits = [math.inf]
    with suppress(AttributeError, OSError, ValueError):
        limits.append(float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")))
    with suppress(OSError, ValueError):  # a container's own limit; the word `max` where it has none
        limits.append(float(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(limits)
