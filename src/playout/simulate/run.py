"""Playing a scenario: its Program, blocks of futures side by side, and Runs.

    CheckedScenario ──lower──▶ Program ──rewrite──▶ Program ──engine, block by block──▶ parts ──▶ Runs

A block is played from its own numbers alone, so neither the order of blocks nor the count of workers shows in a result.
Parts go where a `Keeper` puts them, memory or a folder, as soon as they are whole.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from playout.compile.cost import PlayingTime, playing_time
from playout.compile.engine import BLOCK, Engine, Stopped, TooLarge
from playout.compile.ir import Program
from playout.compile.lower import lower
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import only, rewrite
from playout.errors import RunError, UsageError, did_you_mean, unknown
from playout.model.checked import CheckedScenario
from playout.simulate import gather
from playout.simulate.crew import Crew, Played, crew
from playout.simulate.design import Design
from playout.simulate.gather import Gathering
from playout.simulate.limits import VARIABLE, check_intermediates, check_time, most_seconds
from playout.simulate.matrix import BeliefRows, belief_rows
from playout.simulate.memory import check_memory, machine_memory, run_memory
from playout.simulate.odds import largest_error
from playout.simulate.outcomes import Outcomes
from playout.simulate.part import PART, Folded, InMemory, Keeper
from playout.simulate.paths import KEPT, path_set
from playout.simulate.policy import join_policies
from playout.simulate.result import Runs
from playout.simulate.stopped import check_stopped

PRECISIONS = ("double", "single")

MOST_FUTURES = 10_000_000
MOST_UNTIL = BLOCK * 2**8
"""The most futures that are played for a standard error, unless the caller says how many."""

STAGED = 32
"""Scenarios under policies that are kept ready, since an analysis plays one scenario in many ways."""

ALLOWED = 0.01
"""The share of futures that may stop before a run gives no answer, unless the caller allows more."""

Progress = Callable[[int, int], None]
"""Told how many futures are done, and of how many."""


def native(program: Program, precision: str = "double") -> Engine:
    """The native engine. Where it has no processor or no code for the program, the reference engine plays instead, and
    a RuntimeWarning says why."""
    try:
        from playout.compile.native.engine import NativeEngine  # llvmlite takes a while to load
        from playout.compile.native.target import NoTarget
    except ImportError as missing:
        _warn(f"llvmlite cannot be loaded ({missing})")
        return NumpyEngine(program)
    try:
        return NativeEngine(program, "single" if precision == "single" else "double", seconds=most_seconds())
    except TooLarge as what:
        raise UsageError(
            f"the scenario is too large to compile: {what}\n  hint: make it smaller, or play it with `--engine numpy`, "
            f"slowly; {VARIABLE} sets another limit of time"
        ) from what
    except (NoTarget, NotImplementedError) as why:
        _warn(str(why))
        return NumpyEngine(program)


def _warn(why: str) -> None:
    warnings.warn(f"{why}: the reference engine plays, slowly and in double precision", RuntimeWarning, stacklevel=5)


def own_precision(engine: str) -> str:
    """The precision of an engine that is not asked for another."""
    return "single" if engine == "native" else "double"


ENGINES: dict[str, Callable[[Program], Engine]] = {"native": native, "numpy": NumpyEngine}


def play(
    checked: CheckedScenario,
    *,
    futures: int,
    seed: int,
    policy: str | None = None,
    view: str | None = None,
    engine: str = "numpy",
    precision: str = "double",
    progress: Progress | None = None,
    workers: int | None = None,
    allow_stopped: float = ALLOWED,
    design: Design | None = None,
    until_se: float | None = None,
    keeper: Keeper | None = None,
    wanted: Collection[str] | None = None,
    tallied: bool = False,
    stop: threading.Event | None = None,
) -> Runs:
    """Play futures 0 to ``futures - 1`` of a scenario.

    policy: a policy's name, or several joined by ``+``; None plays the scenario as written. view: held by all futures;
    None lets each draw its own by credence. workers: None for one a processor. allow_stopped: the share of futures that
    may stop. design: beliefs that are drawn anew or given. until_se: play 4,096 futures, then twice as many and so on
    up to ``futures``, until no odds (see `odds`) have a larger standard error; only then is it looked at.
    keeper: where parts go, None for memory. wanted: names of the measures, tracks, decisions, events and questions that
    runs will be asked for, all by default; what else a run reports is not computed, nor are tallies and paths. tallied:
    tallies of the tracks that are wanted are computed all the same. stop: set by another thread that wants the run to
    end early, which it does with a RunError.

    Interrupted (Ctrl-C), it stops its workers within a second and raises KeyboardInterrupt. A scenario that has just
    been played under the policy is not compiled again.
    Refuses, with a UsageError, what `check_request` refuses, policies that do not exist or do not join, designs that do
    not fit, more futures than the machine's memory holds, and what would take longer than `limits` allow; with a
    RunError, a run in which too many futures stopped.
    """
    check_request(checked, futures=futures, seed=seed, view=view, engine=engine, precision=precision, until_se=until_se)
    begun = time.perf_counter()
    check_expected(
        checked, futures=futures, policy=policy, engine=engine, precision=precision, wanted=wanted, tallied=tallied
    )
    staging = _staging(checked, policy, engine, precision, None if wanted is None else frozenset(wanted), tallied)
    stage = staging.staged()
    asked = _Asked(futures, seed, view, design, until_se, allow_stopped, workers, progress, stop)
    return _play(stage, asked, keeper or InMemory(), time.perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class _Written:
    """A scenario under a policy, its Program, and what that takes to play."""

    checked: CheckedScenario
    policy: str | None
    program: Program
    takes: PlayingTime


@dataclass(frozen=True, slots=True)
class _Staged:
    """A scenario under a policy, ready to be played."""

    checked: CheckedScenario
    policy: str | None
    program: Program
    engine: Engine
    name: str
    precision: str
    kept: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """How it is to be played; the arguments of `play`."""

    futures: int
    seed: int
    view: str | None
    design: Design | None
    until_se: float | None
    allow_stopped: float
    workers: int | None
    progress: Progress | None
    stop: threading.Event | None


class _Staging:
    """A scenario under a policy that is made ready when it is first asked for, by one thread while others wait."""

    def __init__(
        self,
        checked: CheckedScenario,
        policy: str | None,
        engine: str,
        precision: str,
        wanted: frozenset[str] | None,
        tallied: bool,
    ) -> None:
        self._asked = (checked, policy, engine, precision, wanted, tallied)
        self._lock = threading.Lock()
        self._written: _Written | None = None
        self._staged: _Staged | None = None

    def written(self) -> _Written:
        """The Program, which is there long before an engine is."""
        with self._lock:
            if self._written is None:
                checked, policy, _, _, wanted, tallied = self._asked
                self._written = _write(checked, policy, wanted, tallied)
            return self._written

    def staged(self) -> _Staged:
        """What is played."""
        written = self.written()
        with self._lock:
            if self._staged is None:
                _, _, engine, precision, wanted, _ = self._asked
                self._staged = _stage(written, engine, precision, KEPT if wanted is None else 0)
            return self._staged


_staging = lru_cache(maxsize=STAGED)(_Staging)


def _write(checked: CheckedScenario, policy: str | None, wanted: frozenset[str] | None, tallied: bool) -> _Written:
    joined, policy = join_policies(checked, [policy] if policy else [])
    lowered = lower(joined, policy)
    program = rewrite(lowered if wanted is None else only(lowered, wanted, tallied=tallied))
    return _Written(joined, policy, program, playing_time(program))


def _stage(written: _Written, engine: str, precision: str, kept: int) -> _Staged:
    program = written.program
    player = native(program, precision) if engine == "native" else ENGINES[engine](program)
    return _Staged(
        checked=written.checked,
        policy=written.policy,
        program=program,
        engine=player,
        name=player.name if engine == "native" else engine,
        precision=precision if player.name == "native" else "double",
        kept=kept,
    )


def check_expected(
    checked: CheckedScenario,
    *,
    futures: int,
    policy: str | None,
    engine: str,
    precision: str,
    wanted: Collection[str] | None = None,
    tallied: bool = False,
    times: int = 1,
) -> None:
    """Refuse, with a UsageError, what is expected to take longer than `limits` allow; arguments as of `play`.

    times: how often it is played.
    """
    staging = _staging(checked, policy, engine, precision, None if wanted is None else frozenset(wanted), tallied)
    check_time(staging.written().takes, futures, engine, precision, times)


def _play(stage: _Staged, asked: _Asked, keeper: Keeper, compiled: float) -> Runs:
    begun = time.perf_counter()
    program = stage.program
    needed = run_memory(
        program,
        asked.futures,
        kept=stage.kept,
        width=stage.engine.width,
        workers=asked.workers or os.cpu_count() or 1,
        single=stage.precision == "single",
        streamed=keeper.streams,
    )
    check_memory(needed, machine_memory(), streamed=keeper.streams)
    if isinstance(stage.engine, NumpyEngine):
        blocks = -(-asked.futures // BLOCK)
        workers = min(blocks, asked.workers or os.cpu_count() or 1)
        check_intermediates(stage.engine, min(BLOCK, asked.futures), workers, machine_memory())
    rows = belief_rows(stage.checked, program.columns, stage.policy, asked.view, asked.design, asked.futures)
    folded = play_parts(stage, rows, asked, keeper)
    runs = Runs(
        checked=stage.checked,
        policy=stage.policy,
        view=asked.view,
        design=asked.design,
        futures=folded.futures,
        seed=asked.seed,
        engine=stage.name,
        precision=stage.precision,
        source=Outcomes(keeper.outcomes()),
        drawn=program.columns,
        tallies=folded.tallies,
        kept=path_set(stage.checked, program, folded),
        measures=gather.measures(program),
        periods=dict(program.periods),
        stops=gather.stops(stage.checked, program, folded),
        largest_error=largest_error(folded.odds),
        digest=folded.identity(),
        seconds={"compile": compiled, "run": time.perf_counter() - begun},
    )
    check_stopped(runs, asked.allow_stopped)
    return runs


def check_request(
    checked: CheckedScenario,
    *,
    futures: int,
    seed: int,
    view: str | None,
    engine: str,
    precision: str,
    until_se: float | None = None,
) -> None:
    """Refuse, with a UsageError, what cannot be played before anything is computed."""
    if until_se is not None and not 0.0 < until_se < 1.0:
        raise UsageError(f"a standard error to play for lies between 0 and 1; got {until_se:g}")
    if futures < 1:
        raise UsageError(f"at least one future has to be played; {futures:,} were asked for")
    if futures > MOST_FUTURES:
        raise UsageError(f"at most {MOST_FUTURES:,} futures can be played at once; {futures:,} were asked for")
    if not 0 <= seed < 2**64:
        raise UsageError(f"a seed is a whole number from 0 to 2**64 - 1; got {seed}")
    views = list(checked.scenario.views)
    if view is not None and view not in views:
        raise UsageError(unknown("view", view, views))
    if engine not in ENGINES:
        known = did_you_mean(engine, ENGINES) or f"there is {', '.join(f'`{e}`' for e in ENGINES)}"
        raise UsageError(f"there is no engine `{engine}`; {known}")
    if precision not in PRECISIONS:
        raise UsageError(f"there is no precision `{precision}`; there are {' and '.join(f'`{p}`' for p in PRECISIONS)}")
    if precision == "single" and engine != "native":
        raise UsageError(f"the engine `{engine}` computes in double precision only: leave out `--precision single`")


def play_parts(stage: _Staged, rows: BeliefRows, asked: _Asked, keeper: Keeper) -> Folded:
    """Play all blocks side by side, gather them in their order, and hand each part to the keeper when it is whole.

    What the keeper has of the same run is taken up and not played again.
    """
    folded = Folded()
    workers = asked.workers or os.cpu_count() or 1
    dtype = np.float32 if stage.precision == "single" else np.float64
    team = crew(stage.engine, rows, asked.seed, workers, -(-asked.futures // BLOCK), asked.stop)

    def opened() -> Gathering:
        room = min(PART, asked.futures - folded.futures)
        return Gathering(stage.checked, stage.program, folded.futures // PART, room, dtype)

    def closed(gathering: Gathering) -> None:
        part = gathering.part()
        left = asked.futures - folded.futures - part.futures if asked.until_se is None else 0
        keeper.keep(part, left)
        folded.add(part)

    gathering = opened()
    try:
        for size in _looks(asked.futures, asked.until_se):
            if size < folded.futures:
                continue  # an earlier run has looked here, and gone on
            while (done := folded.futures + gathering.futures) < size:
                number = folded.futures // PART
                part = keeper.earlier(number) if gathering.futures == 0 else None
                if part is not None:
                    folded.add(part)
                    gathering = opened()
                    continue
                following = keeper.next_earlier(number + 1)
                end = size if following is None else min(size, following * PART)
                for block, views in _blocks(team, done, end, workers, stage.kept, asked.progress):
                    gathering.add(block, views)
                    if gathering.futures == PART:
                        closed(gathering)
                        gathering = opened()
            if asked.until_se is not None:
                counted = gathering.odds if folded.odds is None else folded.odds + gathering.odds
                if largest_error(counted) <= asked.until_se:
                    break
        if gathering.futures:
            closed(gathering)
    except Stopped as stopped:  # only a stop of ours makes a block stop
        raise RunError("the run was stopped") from stopped
    except MemoryError as problem:
        raise RunError(
            "there is too little memory for a run of this size: ask for fewer futures, or give a folder, to which "
            "results go as they come"
            if not keeper.streams
            else "there is too little memory to play this scenario: close other programs, or use fewer processors"
        ) from problem
    finally:
        team.close()
    return folded


def _looks(futures: int, until_se: float | None) -> Iterator[int]:
    """After how many futures the standard error is looked at: at powers of two, so that no look is chosen by what it
    finds, and last at all that may be played."""
    size = BLOCK
    while until_se is not None and size < futures:
        yield size
        size *= 2
    yield futures


def _blocks(team: Crew, first: int, end: int, workers: int, kept: int, progress: Progress | None) -> Iterator[Played]:
    """Futures ``first`` to ``end - 1``, played side by side and given out in their order.

    Few blocks are made of one size, so that workers end together; many are whole, so that each lies in one part. No
    more of them are under way than can soon be taken up, so that memory stays level.
    """
    count = -(-(end - first) // BLOCK)
    if 1 < count <= PART // BLOCK:
        count = -(-count // workers) * workers
    size = BLOCK if count > PART // BLOCK else -(-(end - first) // max(count, 1))
    starts = deque(range(first, end, max(size, 1)))
    waiting: deque[Future[Played]] = deque()
    if progress is not None:
        progress(first, end)
    while starts or waiting:
        while starts and len(waiting) < workers + 1:
            start = starts.popleft()
            number = min(size, end - start)
            waiting.append(team.submit(start, number, max(0, min(number, kept - start))))
        block, views = team.take(waiting.popleft())
        yield block, views
        if progress is not None:
            progress(block.first + block.futures, end)
