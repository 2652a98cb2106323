"""Tools side by side on one workload: what they compute is compared first, then they are timed, turn by turn."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playout.bench.peers import Peer
from playout.bench.play import cores
from playout.errors import RunError

Progress = Callable[[str, int, int], None]
"""Told a stage's name, how much of it is done, and of how much."""

WIDE = 5.0
"""Standard errors by which an output's mean may differ: of the two dozen compared, one in a hundred thousand does."""

SLACK = 1e-4
"""Of a mean, allowed besides: single precision drifts so far where draws are the same, and no standard error shows."""

REFERENCE = "reference"
NATIVE = "native_single"
"""The peers that others are held against: what they compute, and how fast they are."""

ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
"""Where there is a process a core, none may take the others' cores."""

LEAVING = 10.0
"""Seconds that a worker has to leave."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is played. check: seconds that each tool plays for the comparison. turn: seconds of a turn. turns: of
    each tool. patience: seconds after which a tool has no further turn."""

    check: float
    turn: float
    turns: int
    patience: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What a tool played once, on all cores. seconds: by the clock. processor: seconds of processor time, of all
    cores. sums, squares: of each output and of its square, over the futures."""

    futures: int
    seconds: float
    processor: float
    sums: NDArray[np.float64]
    squares: NDArray[np.float64]


@dataclass(slots=True)
class Standing:
    """How a tool did. why: it was not timed. largest: standard errors between its means and the reference's, at most.

    clock, processor: futures a second of each turn, by the clock on all cores and by processor time.
    """

    peer: Peer
    why: str | None = None
    importing: float = math.nan
    preparing: float = math.nan
    compared: int = 0
    largest: float = math.nan
    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def timed(self) -> bool:
        return bool(self.clock)

    def as_json(self, native: Standing | None) -> dict[str, object]:
        """Plain data. native: whose speed is divided by this tool's."""
        plain: dict[str, object] = {"name": self.peer.name, "title": self.peer.title, "not_timed": self.why}
        if math.isfinite(self.preparing):
            plain |= {"import_seconds": round(self.importing, 3), "prepare_seconds": round(self.preparing, 3)}
        if self.compared:
            largest = round(self.largest, 2) if math.isfinite(self.largest) else None
            plain |= {"compared_futures": self.compared, "largest_difference_se": largest}
        if not self.timed:
            return plain
        for name in ("clock", "processor"):
            speeds: list[float] = getattr(self, name)
            plain[name] = {"best": max(speeds), "median": statistics.median(speeds), "turns": speeds}
            if native is not None and native.timed:
                plain[f"native_is_{name}"] = statistics.median(getattr(native, name)) / statistics.median(speeds)
        return plain


class Team:
    """The processes of one tool: one that keeps all cores busy by itself, or one a core."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        count = 1 if peer.threads else cores()
        arguments = json.dumps({**peer.arguments, "cores": cores()})
        environment = os.environ | {"PLAYOUT_CACHE": ""} | ({} if peer.threads else ONE_THREAD)
        self._told = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 (as long as the team)
        self._workers = [
            subprocess.Popen(
                [sys.executable, "-m", "playout.bench.worker", peer.module, arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._told, text=True, env=environment,
            )
            for _ in range(count)
        ]  # fmt: skip

    def __enter__(self) -> Team:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers:
            if kind is not None:
                worker.kill()
            assert worker.stdin is not None
            worker.stdin.close()
        for worker in self._workers:
            try:
                worker.wait(LEAVING)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            assert worker.stdout is not None
            worker.stdout.close()
        self._told.close()

    def ready(self) -> Standing:
        """Wait until the tool is ready, or says why it cannot be."""
        standing = Standing(self.peer)
        said = [self._heard(worker) for worker in self._workers]
        for each in said:
            if "missing" in each:
                standing.why = each["missing"]
                return standing
        standing.importing, standing.preparing = (max(each[part] for each in said) for part in ("import", "prepare"))
        return standing

    def whole(self, futures: float) -> int:
        """About so many futures, in batches that go evenly into the cores; one a core at least."""
        every = cores() * self.peer.batch
        return max(1, round(futures / every)) * every

    def play(self, first: int, futures: int) -> Turn:
        """Futures from number ``first`` on, shared among the processes; a tool that plays in batches may play more."""
        share = -(-futures // len(self._workers))
        for number, worker in enumerate(self._workers):
            assert worker.stdin is not None
            worker.stdin.write(json.dumps({"first": first + number * share, "futures": share}) + "\n")
            worker.stdin.flush()
        said = [self._heard(worker) for worker in self._workers]
        return Turn(
            sum(each["futures"] for each in said),
            max(each["ended"] for each in said) - min(each["begun"] for each in said),
            sum(each["processor"] for each in said),
            np.sum([each["sums"] for each in said], axis=0),
            np.sum([each["squares"] for each in said], axis=0),
        )

    def _heard(self, worker: subprocess.Popen[str]) -> dict[str, Any]:
        assert worker.stdout is not None
        line = worker.stdout.readline()
        if line:
            found: dict[str, Any] = json.loads(line)
            return found
        self._told.seek(0)
        last = (self._told.read().strip() or f"it ended with status {worker.wait()}").splitlines()[-1]
        raise RunError(f"measuring {self.peer.title} failed: {last}")


def hold(peers: Sequence[Peer], plan: Plan, told: Progress) -> list[Standing]:
    """Compare and time the tools; a standing each, in their order."""
    standings = {peer.name: Standing(peer, why=peer.missing()) for peer in peers}
    with ExitStack() as open_teams:
        teams: dict[str, Team] = {}
        here = [peer for peer in peers if standings[peer.name].why is None]
        for number, peer in enumerate(here):
            told("making ready", number, len(here))
            team = open_teams.enter_context(Team(peer))
            standings[peer.name] = team.ready()
            if standings[peer.name].why is None:
                teams[peer.name] = team
        speeds = _compare(teams, standings, plan, told)
        patience = dict.fromkeys(speeds, plan.patience)
        for turn in range(plan.turns):
            for number, (name, speed) in enumerate(speeds.items()):
                told("taking turns", turn * len(speeds) + number, plan.turns * len(speeds))
                if patience[name] <= 0:
                    continue
                played = teams[name].play(_number(turn + 1), teams[name].whole(speed * plan.turn))
                patience[name] -= played.seconds
                standings[name].clock.append(played.futures / played.seconds)
                standings[name].processor.append(played.futures / max(played.processor, 1e-9))
    return list(standings.values())


def _number(turn: int) -> int:
    """The first future's number in a turn: far from those of other turns, and of whole blocks and vectors."""
    return turn << 26


def _compare(teams: dict[str, Team], standings: dict[str, Standing], plan: Plan, told: Progress) -> dict[str, float]:
    """Hold every tool's means against the reference's. The speed of each that agrees, futures a second."""
    speeds: dict[str, float] = {}
    expected: Moments | None = None
    order = sorted(teams, key=lambda name: name != REFERENCE)
    for number, name in enumerate(order):
        told("comparing", number, len(order))
        played = [teams[name].play(_number(0), teams[name].whole(1))]
        while sum(turn.seconds for turn in played) < plan.check:
            so_far = sum(turn.futures for turn in played)
            played.append(teams[name].play(_number(0) + so_far, so_far))
        speeds[name] = played[-1].futures / played[-1].seconds
        found = Moments.of(played)
        if expected is None:
            expected = found
            continue
        standings[name].compared, standings[name].largest = found.futures, found.largest_difference(expected)
        if standings[name].largest > WIDE:
            standings[name].why = f"disagrees with the reference by {standings[name].largest:.1f} standard errors"
            del speeds[name]
    return {name: speeds[name] for name in teams if name in speeds}


@dataclass(frozen=True, slots=True)
class Moments:
    """How many futures, and the mean and the variance of each output over them."""

    futures: int
    means: NDArray[np.float64]
    variances: NDArray[np.float64]

    @classmethod
    def of(cls, turns: Sequence[Turn]) -> Moments:
        """Of all futures of some turns."""
        futures = sum(turn.futures for turn in turns)
        means = np.sum([turn.sums for turn in turns], axis=0) / futures
        squares = np.sum([turn.squares for turn in turns], axis=0) / futures
        return cls(futures, means, np.maximum(squares - means**2, 0.0))

    def largest_difference(self, expected: Moments) -> float:
        """Between the means of this and of what is expected, in standard errors by the variance of both together: what
        is rare may have happened in the larger of the two alone."""
        both = self.futures + expected.futures
        pooled = (self.futures * self.variances + expected.futures * expected.variances) / both
        spread = np.sqrt(pooled * (1 / self.futures + 1 / expected.futures))
        apart = np.maximum(np.abs(self.means - expected.means) - SLACK * np.abs(expected.means), 0.0)
        return float(np.max(np.divide(apart, spread, out=np.where(apart > 0, np.inf, 0.0), where=spread > 0)))
