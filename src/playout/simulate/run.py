"""Playing a scenario: its Program, blocks of futures side by side, and Runs.

    CheckedScenario ──lower──▶ Program ──rewrite──▶ Program ──engine, block by block──▶ Gathered ──▶ Runs

A block is played from its own numbers alone, so neither the order of blocks nor the count of workers shows in a result.
"""

from __future__ import annotations

import math
import os
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait

from playout.compile.engine import BLOCK, Engine, Stopped
from playout.compile.ir import Program
from playout.compile.lower import lower
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite
from playout.errors import RunError, UsageError, did_you_mean, unknown
from playout.model.checked import CheckedScenario
from playout.simulate.crew import Played, crew
from playout.simulate.design import Design
from playout.simulate.gather import Gathered
from playout.simulate.matrix import BeliefRows, belief_rows
from playout.simulate.policy import join_policies
from playout.simulate.result import Runs

PRECISIONS = ("double", "single")

MOST_FUTURES = 10_000_000
KEPT = 200
"""Futures whose whole paths are kept."""

BYTES_A_VALUE = 32
"""Memory that one value of one future takes: as gathered, in a column, in the baseline's column and in a summary."""

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
        return NativeEngine(program, "single" if precision == "single" else "double")
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
) -> Runs:
    """Play futures 0 to ``futures - 1`` of a scenario.

    policy: a policy's name, or several joined by ``+``; None plays the scenario as written. view: held by all futures;
    None lets each draw its own by credence. workers: None for one a processor. allow_stopped: the share of futures that
    may stop. design: beliefs that are drawn anew or given. Interrupted (Ctrl-C), it stops its workers within a second
    and raises KeyboardInterrupt.
    Refuses, with a UsageError, what `check_request` refuses, policies that do not exist or do not join, designs that do
    not fit, and more futures than the machine's memory holds; with a RunError, a run in which too many futures stopped.
    """
    (runs,) = play_designs(
        checked,
        [design],
        futures=futures,
        seed=seed,
        policy=policy,
        view=view,
        engine=engine,
        precision=precision,
        progress=progress,
        workers=workers,
        allow_stopped=allow_stopped,
    )
    return runs


def play_designs(
    checked: CheckedScenario,
    designs: Iterable[Design | None],
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
) -> Iterator[Runs]:
    """`play` under each design in turn, compiled once: the same futures, and the same chance in each of them."""
    check_request(checked, futures=futures, seed=seed, view=view, engine=engine, precision=precision)
    joined, policy = join_policies(checked, [policy] if policy else [])
    begun = time.perf_counter()
    program = rewrite(lower(joined, policy))
    player = native(program, precision) if engine == "native" else ENGINES[engine](program)
    check_memory(program, futures, machine_memory())
    for design in designs:
        rows = belief_rows(joined, program.columns, policy, view, design, futures)
        compiled = time.perf_counter()
        gathered = Gathered(joined, program, futures)
        play_blocks(player, rows, gathered, seed, progress, workers or os.cpu_count() or 1)
        played = time.perf_counter()
        runs = Runs(
            checked=joined,
            policy=policy,
            view=view,
            futures=futures,
            seed=seed,
            engine=player.name if engine == "native" else engine,
            precision=precision if player.name == "native" else "double",
            outcomes=gathered.outcomes(),
            beliefs=gathered.belief_frame(),
            tallies=gathered.tallies,
            paths=gathered.path_set(),
            measures=gathered.measures(),
            periods=gathered.periods(),
            stops=gathered.stops(),
            seconds={"compile": compiled - begun, "run": played - compiled},
        )
        check_stopped(runs, allow_stopped)
        yield runs
        begun = time.perf_counter()


def check_request(
    checked: CheckedScenario, *, futures: int, seed: int, view: str | None, engine: str, precision: str
) -> None:
    """Refuse, with a UsageError, what cannot be played before anything is computed."""
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


def check_memory(program: Program, futures: int, memory: float) -> None:
    """Refuse, with a UsageError, more futures than the results of which fit into ``memory`` bytes."""

    def members(sets: tuple[str, ...]) -> int:
        return math.prod(program.sizes[name] for name in sets)

    values = len(program.columns) + sum(members(record.sets) for record in program.records)
    values += sum(members(series.sets) * len(program.periods[series.periods]) for series in program.series)
    needed = BYTES_A_VALUE * values * futures
    if needed > memory:
        most = int(memory // (BYTES_A_VALUE * values))
        raise UsageError(
            f"the results of {futures:,} futures would take about {needed / 1e9:,.0f} GB of memory, and this machine "
            f"has {memory / 1e9:,.0f}: ask for {most:,} at most"
        )


def machine_memory() -> float:
    """The machine's memory in bytes; without end where it does not say."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return math.inf


def check_stopped(runs: Runs, allowed: float) -> None:
    """Refuse, with a RunError, runs in which more than the allowed share of futures stopped, or all of them."""
    if runs.stopped <= allowed * runs.futures and runs.stopped < runs.futures:
        return
    shown = [f"  {stop}" for stop in runs.stops[:3]]
    if len(runs.stops) > len(shown):
        shown.append(f"  and {len(runs.stops) - len(shown)} further reasons")
    share = runs.stopped / runs.futures
    if runs.stopped < runs.futures:
        more = min(1.0, math.ceil(100 * share) / 100)
        shown.append(f"  hint: mend what is named, or take the answer of the other futures: `--allow-stopped {more:g}`")
    limit = f"{100 * allowed:g}% may" if allowed < 1.0 else "none is left to report"
    raise RunError(
        f"{runs.stopped:,} of {runs.futures:,} futures stopped ({100 * share:.3g}%), and {limit}\n" + "\n".join(shown)
    )


def play_blocks(
    engine: Engine, rows: BeliefRows, gathered: Gathered, seed: int, progress: Progress | None, workers: int
) -> None:
    """Play all blocks side by side, and gather them in their order.

    Blocks are of one size, so that workers end together, and no more of them are under way than can soon be taken up,
    so that memory stays level.
    """
    blocks = -(-gathered.futures // BLOCK)
    blocks = -(-blocks // workers) * workers if blocks > 1 else 1
    size = -(-gathered.futures // blocks)
    starts = deque(range(0, gathered.futures, size))
    team = crew(engine, rows, seed, workers, len(starts))
    waiting: deque[Future[Played]] = deque()
    try:
        if progress is not None:
            progress(0, gathered.futures)
        while starts or waiting:
            while starts and len(waiting) < workers + 1:
                first = starts.popleft()
                waiting.append(team.submit(first, min(size, gathered.futures - first), KEPT if first == 0 else 0))
            # Polars' handler of Ctrl-C restarts a wait instead of ending it, so none of ours may last.
            while not wait([waiting[0]], timeout=0.1).done:
                pass
            block, beliefs = waiting.popleft().result()
            gathered.add(block, beliefs)
            if progress is not None:
                progress(block.first + block.futures, gathered.futures)
    except Stopped as stopped:  # only a stop of ours makes a block stop
        raise RunError("the run was stopped") from stopped
    finally:
        team.close()
