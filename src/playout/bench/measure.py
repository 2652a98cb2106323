"""All measurements, one after the other, as one report.

In:   how much to play (QUICK or FULL), the flagship's name, the recruitment model's tables if they are here
Out:  Report: this machine, tools side by side on two workloads, how cost grows, the flagship's cost, and goals
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import playout
from playout.bench import contest, peers
from playout.bench.contest import NATIVE, Plan, Progress, Standing
from playout.bench.flagship import Cost, cost
from playout.bench.machine import Machine, this_machine
from playout.bench.peers import Missing
from playout.bench.scale import Curve, Ladder, curves
from playout.model.check import check
from playout.read.decode import read_scenario
from playout.read.installed import find_scenario

NO_TABLES = "its published tables are not part of Playout: name their folder with --tables"

RATIOS = {"c": 0.7, "jax": 6.0, "numpy": 10.0, "mesa": 500.0}
"""How many times as fast as each tool the native engine in single precision is to be, on the synthetic workload."""

RUNS_PER_SECOND = 2000.0
"""Of the recruitment model that the native engine in single precision is to play on each core."""

NARROW = 0.5
"""The share of these goals that is asked for where vectors are narrower than AVX-512's."""

UNDISTURBED = 0.85
"""Of all cores' time, that the native engine gets if nothing else runs."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is played. futures, turns: of the flagship."""

    name: str
    plan: Plan
    ladder: Ladder
    futures: int
    turns: int


QUICK = Size("quick", Plan(0.2, 0.3, 3, 1.0), Ladder((1024, 4096, 16384), (4, 8, 16), (130, 260, 520), 2), 4096, 2)
FULL = Size(
    "full", Plan(2.0, 2.0, 7, 25.0),
    Ladder((1024, 4096, 16384, 65536, 262144), (2, 4, 8, 16, 32, 64), (65, 130, 260, 520, 1040), 7), 16384, 5,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """What is hoped for, and what was measured; None where it was not."""

    what: str
    least: float
    measured: float | None

    @property
    def met(self) -> bool | None:
        return None if self.measured is None else self.measured >= self.least

    def as_json(self) -> dict[str, object]:
        return {"what": self.what, "least": self.least, "measured": self.measured, "met": self.met}


@dataclass(frozen=True, slots=True)
class Report:
    """seconds: that measuring took. recruitment, growth, flagship: or why there is none."""

    size: str
    machine: Machine
    synthetic: tuple[Standing, ...]
    recruitment: tuple[Standing, ...] | str
    growth: tuple[Curve, ...] | str
    flagship: Cost | str
    seconds: float

    @property
    def disturbed(self) -> bool:
        """Whether something else took processors away from the native engine, more often than not."""
        native = standing(self.synthetic, NATIVE)
        if not native.timed:
            return False
        return median(native) < UNDISTURBED * self.machine.cores * statistics.median(native.processor)

    @property
    def goals(self) -> tuple[Goal, ...]:
        """By the clock, of the medians of turns; by processor time where something else used the processors."""
        native = standing(self.synthetic, NATIVE)
        asked = 1.0 if "avx512f" in self.machine.features else NARROW
        found = []
        for name, least in RATIOS.items():
            other = standing(self.synthetic, name)
            measured = self._speed(native) / self._speed(other) if native.timed and other.timed else None
            found.append(Goal(f"times as fast as {other.peer.title}", asked * least, measured))
        runs = None
        if not isinstance(self.recruitment, str) and standing(self.recruitment, NATIVE).timed:
            runs = self._speed(standing(self.recruitment, NATIVE))
        found.append(Goal("runs of the recruitment model a second and core", asked * RUNS_PER_SECOND, runs))
        return tuple(found)

    def _speed(self, of: Standing) -> float:
        """Futures a second and core."""
        return statistics.median(of.processor) if self.disturbed else median(of) / self.machine.cores

    def as_json(self) -> dict[str, object]:
        """Plain data, as `playout bench --json` prints it."""

        def contested(standings: tuple[Standing, ...] | str) -> object:
            if isinstance(standings, str):
                return {"skipped": standings}
            native = standing(standings, NATIVE)
            return {"tools": [each.as_json(native) for each in standings]}

        growth = {"skipped": self.growth} if isinstance(self.growth, str) else [c.as_json() for c in self.growth]
        flagship = {"skipped": self.flagship} if isinstance(self.flagship, str) else self.flagship.as_json()
        return {
            "playout": playout.__version__, "size": self.size, "seconds": self.seconds, "disturbed": self.disturbed,
            "machine": self.machine.as_json(),
            "synthetic": contested(self.synthetic), "recruitment": contested(self.recruitment), "growth": growth,
            "flagship": flagship, "goals": [goal.as_json() for goal in self.goals],
        }  # fmt: skip


def standing(standings: tuple[Standing, ...], name: str) -> Standing:
    """How one tool did."""
    return next(each for each in standings if each.peer.name == name)


def median(of: Standing) -> float:
    """Futures a second by the clock on all cores, the median of its turns."""
    return statistics.median(of.clock)


def measure(size: Size, flagship: str, tables: Path | None, told: Progress) -> Report:
    """Measure everything.

    flagship: the name of an installed scenario. Refuses what is wrong with ``tables`` before anything is played; a
    RunError where a tool breaks down.
    """
    if tables is not None:
        check(read_scenario(find_scenario(peers.RECRUITMENT), tables))
    begun = time.perf_counter()
    machine = this_machine()
    synthetic = tuple(contest.hold(peers.SYNTHETIC, size.plan, told))
    recruitment: tuple[Standing, ...] | str = NO_TABLES
    if tables is not None:
        recruitment = tuple(contest.hold(peers.recruitment(str(tables.resolve())), size.plan, told))
    growth: tuple[Curve, ...] | str
    costs: Cost | str
    try:
        growth, costs = curves(size.ladder, told), cost(flagship, size.futures, size.turns, told)
    except Missing as why:
        growth = costs = f"there is no native engine: {why}"
    return Report(size.name, machine, synthetic, recruitment, growth, costs, time.perf_counter() - begun)
