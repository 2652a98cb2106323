"""A setting, played: its futures and the baseline's side by side, with no more in them than a picture needs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from playout.errors import RunError
from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario
from playout.present.web.settings import Way
from playout.simulate.design import Design
from playout.simulate.result import Runs
from playout.simulate.run import play

FIRST = 2_048
"""Futures of the first picture."""

SECOND = 16_384
"""Futures of the second, where more are asked for."""

ALLOWED = 0.05
"""The share of futures that may stop for breaking a bound: a lever can lead further than a scenario's authors went."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """The futures of a setting, and the same futures, draw by draw, under the baseline (None without one)."""

    way: Way
    runs: Runs
    baseline: Runs | None


def sizes(futures: int) -> tuple[int, ...]:
    """How many futures each picture of a run has."""
    return tuple(sorted({min(futures, FIRST), min(futures, SECOND), futures}))


def shown_measures(scenario: Scenario) -> tuple[str, ...]:
    """The measures of a picture: those without an index."""
    return tuple(measure.name for measure in scenario.measures.values() if not measure.binders)


def shown(scenario: Scenario) -> tuple[str, ...]:
    """Everything that a picture reads of a run."""
    return (*shown_measures(scenario), *scenario.tracks, *scenario.decisions, *scenario.games, *scenario.questions)


def play_pair(way: Way, futures: int, stop: threading.Event, progress: Progress | None = None) -> Pair:
    """Play a setting and its baseline. Ends with a RunError soon after ``stop`` is set; refuses what `play` refuses."""
    if way.baseline is None:
        return Pair(way, play_alone(way, futures, stop, progress), None)
    design = way.design(futures)
    each = max(1, (os.cpu_count() or 1) // 2)
    with ThreadPoolExecutor(1, thread_name_prefix="playout-baseline") as pool:
        wanted = shown_measures(way.written.scenario)
        beside = pool.submit(_play, way, way.written, way.baseline, wanted, futures, stop, design=design, workers=each)
        runs = _play(
            way, way.checked, way.policy, shown(way.written.scenario), futures, stop,
            design=design, workers=each, progress=progress,
        )  # fmt: skip
        return Pair(way, runs, beside.result())


def play_alone(way: Way, futures: int, stop: threading.Event, progress: Progress | None = None) -> Runs:
    """Play a setting alone, on all cores."""
    wanted = shown(way.written.scenario)
    design = way.design(futures)
    return _play(way, way.checked, way.policy, wanted, futures, stop, design=design, progress=progress)


def play_whole(way: Way, futures: int, stop: threading.Event) -> Pair:
    """Play a setting and its baseline with everything that they report."""
    design = way.design(futures)
    runs = _play(way, way.checked, way.policy, None, futures, stop, design=design)
    if way.baseline is None:
        return Pair(way, runs, None)
    return Pair(way, runs, _play(way, way.written, way.baseline, None, futures, stop, design=design))


def _play(
    way: Way,
    checked: CheckedScenario,
    policy: str | None,
    wanted: tuple[str, ...] | None,
    futures: int,
    stop: threading.Event,
    *,
    design: Design | None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Runs:
    if stop.is_set():
        raise RunError("the run was stopped")
    return play(
        checked,
        futures=futures,
        seed=way.seed,
        policy=policy,
        view=way.view,
        engine="native",
        precision="single",
        workers=workers,
        allow_stopped=ALLOWED,
        design=design,
        wanted=wanted,
        tallied=True,
        stop=stop,
        progress=progress,
    )
