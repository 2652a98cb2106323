"""What every engine takes and gives back.

Futures are played in blocks of BLOCK, each from its own number alone, so any division of the work among chunks, threads
or machines gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from playout.compile.ir import Program

BLOCK = 4096
"""Futures that are played together: enough that NumPy's arrays are worth a call, few enough for a cache."""


class Stopped(Exception):
    """The caller asked an engine to stop in the middle."""


class TooLarge(Exception):
    """Making an engine would take too long; the message says how long."""


class Halt:
    """A wish that engines stop: a word of memory, which any thread may set and machine code reads in its loops."""

    def __init__(self) -> None:
        self.word = np.zeros(1, np.int32)

    def set(self) -> None:
        """Wish it."""
        self.word[0] = 1

    def is_set(self) -> bool:
        """Whether it is wished."""
        return bool(self.word[0])


@dataclass(frozen=True)
class Block:
    """What became of a block of futures. Members of a thing's sets come first, futures last.

    records:  name -> float64 [*members, futures], as `Program.records`
    totals:   series' name -> float64 [periods, *members, futures]; amounts added up over each period, levels at its end
    tallies:  name -> int64 [steps + 1, *members, categories], over futures not stopped by then
    paths:    name -> float32 [kept futures, steps + 1, *members] for every series (an amount's last entry is not a
              number: it would belong to a step that is not played) and, as int8-valued floats, every tally's category
    status:   int32 [futures]: 0, or 1 + the number of the check in `Program.checks` that stopped the future
    stopped:  int32 [2, futures]: the step, and the flat member, at which it stopped
    """

    first: int
    futures: int
    records: dict[str, NDArray[np.float64]]
    totals: dict[str, NDArray[np.float64]]
    tallies: dict[str, NDArray[np.int64]]
    paths: dict[str, NDArray[np.float32]]
    status: NDArray[np.int32]
    stopped: NDArray[np.int32]


class Engine(Protocol):
    """Plays futures of one Program. ``width``: how many of them it holds in memory at once."""

    name: str
    program: Program

    @property
    def width(self) -> int: ...

    def play(
        self,
        first: int,
        futures: int,
        beliefs: NDArray[np.float64],
        seed: int,
        keep: int = 0,
        halt: Halt | None = None,
    ) -> Block:
        """Play futures ``first`` to ``first + futures - 1`` (at most BLOCK).

        ``beliefs`` is [rows as `Program.columns`, futures], in base units. The first ``keep`` futures' paths are kept.
        Soon after ``halt`` is set, Stopped is raised.
        """
        ...


def period_shares(program: Program, grain: str) -> list[list[tuple[int, float]]]:
    """For each step, the periods it falls in and the share of its days in each."""
    weights: list[list[tuple[int, float]]] = [[] for _ in range(program.steps)]
    for place, period in enumerate(program.periods[grain]):
        low = max(0, int(period.start // program.days))
        for step in range(low, program.steps):
            start, end = step * program.days, (step + 1) * program.days
            if start >= period.end:
                break
            overlap = min(end, period.end) - max(start, period.start)
            if overlap > 0:
                weights[step].append((place, overlap / program.days))
    return weights


def period_ends(program: Program, grain: str) -> list[list[tuple[int, float]]]:
    """For each state, the periods whose last it is, each whole."""
    ends: list[list[tuple[int, float]]] = [[] for _ in range(program.steps + 1)]
    for place, span in enumerate(program.periods[grain]):
        ends[min(program.steps, int(span.end // program.days))].append((place, 1.0))
    return ends
