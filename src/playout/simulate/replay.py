"""One future played again, with everything that is needed to tell it step by step.

    Runs, numbers of futures ──replay──▶ Told: moves, choices, events, births, levels

A run keeps one row a future. The told Program is the run's own with more reported, so what the engine that played the
run makes of it is the same future to the bit; `replay` holds it to the run's row all the same.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playout.compile.cost import playing_time
from playout.compile.engine import BLOCK, Block, Engine
from playout.compile.ir import Program
from playout.compile.lower import lower
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite
from playout.errors import RunError, UsageError
from playout.model.checked import CheckedScenario
from playout.model.scenario import Decision, Track
from playout.simulate.crew import crew
from playout.simulate.gather import members, reported_as
from playout.simulate.limits import check_time
from playout.simulate.matrix import belief_rows
from playout.simulate.result import DONE, Runs, Stop, labelled
from playout.simulate.run import native


@dataclass(frozen=True, slots=True)
class Move:
    """A stage is entered. origin: the stage that was left; None at the start, and for a member that has come alive.

    step: the first at whose start the stage holds; day: of the entry, days since the start, which may lie within the
    step before. first: never entered before.
    """

    track: str
    member: str
    origin: str | None
    stage: str
    step: int
    day: float
    date: dt.date
    first: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Something is chosen in a step. chances: of each option that was open, by the logit rule; values: each one's value
    times the rationality. pinned: a policy or view has chosen, whatever the chances were."""

    decision: str
    member: str
    option: str
    step: int
    date: dt.date
    chances: Mapping[str, float]
    values: Mapping[str, float]
    pinned: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """An event happens ``count`` times in a step."""

    event: str
    member: str
    count: int
    step: int
    date: dt.date


@dataclass(frozen=True, slots=True)
class Birth:
    """A spare member comes alive as a splinter of its parent; it stands at the start of ``step``."""

    set: str
    member: str
    parent: str
    step: int
    date: dt.date


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A measure, or one member's, in its unit. steps: at each step's start, or of an ``amount`` in each step, [steps +
    1] (an amount's last is not a number). periods, totals: as the run's columns have it."""

    name: str
    member: str
    kind: str
    unit: str
    steps: NDArray[np.float32]
    periods: tuple[str, ...]
    totals: tuple[float, ...]

    @property
    def whole(self) -> float:
        """Over the whole run: an amount's sum, a level's last."""
        return sum(self.totals) if self.kind == "amount" else self.totals[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """One future, step by step; everything in the order of steps, and in file order within one.

    dates: of each step's start, steps + 1 of them. view: the one it holds, None without views. moves: those of step 0
    say where each track starts. stop: why and when it stopped; then nothing is told after that step.
    """

    future: int
    seed: int
    policy: str | None
    view: str | None
    dates: tuple[dt.date, ...]
    moves: tuple[Move, ...]
    choices: tuple[Choice, ...]
    events: tuple[Happening, ...]
    births: tuple[Birth, ...]
    levels: tuple[Level, ...]
    stop: Stop | None

    @property
    def steps(self) -> int:
        """The last step that is told."""
        return len(self.dates) - 1 if self.stop is None else self.stop.step

    def stage(self, track: str, member: str = "", step: int | None = None) -> str | None:
        """The stage at the start of a step, at the end unless said; None where the member is not alive."""
        last = self.steps if step is None else step
        entered = [m.stage for m in self.moves if (m.track, m.member) == (track, member) and m.step <= last]
        return entered[-1] if entered else None


def replay(runs: Runs, futures: Sequence[int]) -> tuple[Told, ...]:
    """Some futures of a run, told, in the order asked.

    Refuses, with a UsageError, futures that the run does not have; with a RunError, a future that does not come out as
    the run has it.
    """
    for future in futures:
        if not 0 <= future < runs.futures:
            raise UsageError(f"there is no future {future:,}; the run has futures 0 to {runs.futures - 1:,}")
    engine = told_engine(runs.checked, runs.policy, runs.engine, runs.precision)
    program = engine.program
    rows = belief_rows(runs.checked, program.columns, runs.policy, runs.view, runs.design, runs.futures)
    team = crew(engine, rows, runs.seed, workers=1, blocks=len(futures))
    told = []
    try:
        for future in futures:
            block, views = team.take(team.submit(future, 1, 1))
            view = None if views is None else list(runs.checked.scenario.views)[int(views[0])]
            reading = _Reading(runs, program, block, view)
            reading.compare()
            told.append(reading.told())
    finally:
        team.close()
    return tuple(told)


@lru_cache(maxsize=8)
def told_engine(checked: CheckedScenario, policy: str | None, engine: str, precision: str) -> Engine:
    """An engine for the told Program; kept for the next to ask. Arguments as a run has them."""
    program = rewrite(lower(checked, policy, told=True))
    check_time(playing_time(program), 1, engine, precision)
    return native(program, precision) if engine == "native" else NumpyEngine(program)


def stays(runs: Runs, stages: Sequence[tuple[str, str, str]], futures: int) -> NDArray[np.float64]:
    """Days that each of the run's first ``futures`` spends in each of some stages (track, member, stage), in all stays
    together, [stages, futures]; not a number where the future stopped."""
    engine = told_engine(runs.checked, runs.policy, runs.engine, runs.precision)
    program = engine.program
    check_time(playing_time(program), futures, runs.engine, runs.precision)
    rows = belief_rows(runs.checked, program.columns, runs.policy, runs.view, runs.design, runs.futures)
    starts = range(0, futures, BLOCK)
    workers = min(os.cpu_count() or 1, len(starts))
    team = crew(engine, rows, runs.seed, workers, len(starts))
    found = np.empty((len(stages), futures))
    try:
        waiting = [team.submit(first, min(BLOCK, futures - first), 0) for first in starts]
        for first, future in zip(starts, waiting, strict=True):
            block, _ = team.take(future)
            here = slice(first, first + block.futures)
            for row, (track, member, stage) in enumerate(stages):
                place = _place(program, runs.checked.scenario.tracks[track].sets, member)
                days = block.totals[f"{track} in {stage}"].reshape(-1, place[1], block.futures)
                found[row, here] = np.where(block.status == 0, days[:, place[0]].sum(axis=0), np.nan)
    finally:
        team.close()
    return found


def _place(program: Program, sets: tuple[str, ...], member: str) -> tuple[int, int]:
    """The flat position of a member by its label, and of how many."""
    labels = [", ".join(each) for each in members(program, sets)]
    return labels.index(member), len(labels)


class _Reading:
    """One future's block, read."""

    def __init__(self, runs: Runs, program: Program, block: Block, view: str | None) -> None:
        self.runs, self.program, self.block, self.view = runs, program, block, view
        self.scenario = runs.checked.scenario
        self.dates = runs.dates()
        self.days = float(self.scenario.step_days)
        self.stop = self._stop()
        self.last = len(self.dates) - 1 if self.stop is None else self.stop.step

    def told(self) -> Told:
        moves = itertools.chain.from_iterable(self._moves(track) for track in self.scenario.tracks.values())
        choices = itertools.chain.from_iterable(self._choices(d) for d in self.scenario.decisions.values())
        return Told(
            future=self.block.first,
            seed=self.runs.seed,
            policy=self.runs.policy,
            view=self.view,
            dates=self.dates,
            moves=tuple(sorted(moves, key=lambda move: move.step)),
            choices=tuple(sorted(choices, key=lambda choice: choice.step)),
            events=tuple(sorted(self._events(), key=lambda event: event.step)),
            births=tuple(sorted(self._births(), key=lambda birth: birth.step)),
            levels=tuple(self._levels()),
            stop=self.stop,
        )

    def _stop(self) -> Stop | None:
        """Why the run has the future as stopped; None where it ran to its end."""
        row = self.runs.row(["status", "stopped_step", "stopped_member"], self.block.first)
        status, step, member = row.values()
        if status == DONE:
            return None
        known = next(stop for stop in self.runs.stops if (stop.status, stop.member or None) == (status, member))
        return replace(known, futures=1, step=step, date=self.dates[step], future=self.block.first)

    def _path(self, name: str, sets: tuple[str, ...]) -> list[tuple[str, NDArray[np.float32]]]:
        """A series or tally by member: label, and its value at each step's start that is told."""
        path = self.block.paths[name][0].reshape(len(self.dates), -1)[: self.last + 1]
        labels = [", ".join(each) for each in members(self.program, sets)]
        return [(label, path[:, place]) for place, label in enumerate(labels)]

    # --- what happened ---

    def _moves(self, track: Track) -> Iterator[Move]:
        stages = [stage.name for stage in track.stages]
        paths = (self._path(name, track.sets) for name in (track.name, f"{track.name} entries", f"{track.name} over"))
        for place, ((member, at), (_, entries), (_, over)) in enumerate(zip(*paths, strict=True)):
            seen: set[str] = set()
            entered = np.flatnonzero(np.diff(entries, prepend=entries[0] if at[0] < 0 else -1.0))
            for step in entered.tolist():
                stage = stages[int(at[step])]
                origin = stages[int(at[step - 1])] if step and at[step - 1] >= 0 else None
                first = stage not in seen
                seen.add(stage)
                day = step * self.days - float(over[step])
                if first:  # as precisely as the run has it
                    day = self._first(track, stage, place)
                date = self.scenario.start + dt.timedelta(days=int(day))
                yield Move(track.name, member, origin, stage, step, day, date, first)

    def _first(self, track: Track, stage: str, place: int) -> float:
        return float(self.block.records[f"{track.name}.first.{stage}"].reshape(-1)[place])

    def _choices(self, decision: Decision) -> Iterator[Choice]:
        names = self.scenario.choices(decision)
        pinned = dict(self._path(f"{decision.name} pinned", decision.sets))
        for member, chosen in self._path(f"{decision.name} chosen", decision.sets):
            for step in np.flatnonzero(chosen >= 0).tolist():
                values = self._values(decision, member, step)
                yield Choice(
                    decision=decision.name,
                    member=member,
                    option=names[int(chosen[step])],
                    step=step,
                    date=self.dates[step],
                    chances=_logit(values),
                    values=values,
                    pinned=bool(pinned[member][step]),
                )

    def _values(self, decision: Decision, member: str, step: int) -> dict[str, float]:
        """The weight of each option that was open."""
        found = {}
        for name, label, option in self._options(decision, member):
            sets = decision.sets if decision.choose is None else (*decision.sets, decision.choose)
            place, _ = _place(self.program, sets, label)
            open_, weight = (
                self.block.paths[f"{decision.name} {what} {name}"][0].reshape(len(self.dates), -1)[step, place]
                for what in ("open", "weight")
            )
            if open_:
                found[option] = float(weight)
        return found

    def _options(self, decision: Decision, member: str) -> Iterator[tuple[str, str, str]]:
        """The name an option's series go by, the label of its member there, and the option."""
        for option in self.scenario.choices(decision):
            if decision.choose is None:
                yield option, member, option
            else:
                yield decision.choose, f"{member}, {option}" if member else option, option

    def _events(self) -> Iterator[Happening]:
        for event in self.scenario.events.values():
            for member, counts in self._path(f"{event.name} count", event.sets):
                for step in np.flatnonzero(counts > 0).tolist():
                    if step < len(self.dates) - 1:  # the last state's step is not played
                        yield Happening(event.name, member, int(counts[step]), step, self.dates[step])

    def _births(self) -> Iterator[Birth]:
        for series in self.program.series:
            if series.name.startswith("born ") and " of " in series.name:
                member, set_name = series.name.removeprefix("born ").rpartition(" ")[0].split(" of ")
                ((_, parents),) = self._path(series.name, ())
                for step in np.flatnonzero(parents >= 0).tolist():
                    if step < self.last:
                        parent = self.program.labels[set_name][int(parents[step])]
                        yield Birth(set_name, member, parent, step + 1, self.dates[step + 1])

    def _levels(self) -> Iterator[Level]:
        for series in self.program.series:
            if series.name in self.scenario.measures:
                reported = reported_as(self.program, series)
                totals = self._as_kept(self.block.totals[series.name][..., 0], series.factor)
                totals = totals.reshape(len(reported.periods), -1)
                for place, (member, path) in enumerate(self._path(series.name, series.sets)):
                    own = tuple(totals[:, place].tolist()) if self.stop is None else ()
                    steps = path / np.float32(series.factor)
                    yield Level(series.name, member, series.kind, series.unit, steps, reported.periods, own)

    def _as_kept(self, totals: NDArray[np.float64], factor: float) -> NDArray[np.floating[Any]]:
        """In units, rounded as the run's columns are."""
        kept = np.empty(totals.shape, np.float32 if self.runs.precision == "single" else np.float64)
        return np.divide(totals, factor, out=kept, casting="same_kind")

    # --- held to the run ---

    def compare(self) -> None:
        """Refuse, with a RunError, a future that is not the run's."""
        expected = {} if self.stop is not None else dict(self._expected())
        known = set(self.runs.scan().collect_schema().names())
        names = [name for name in expected if name in known]
        row = self.runs.row(["future", *names], self.block.first)
        wrong = [name for name in names if row[name] != expected[name]]
        if wrong or (self.stop is None and self.block.status[0] != 0):
            what = f" (`{wrong[0]}` is {expected[wrong[0]]} and not {row[wrong[0]]})" if wrong else ""
            raise RunError(
                f"future {self.block.first:,} does not come out as the run has it{what}: the run was made by another "
                f"version or on another machine; play it again"
            )

    def _expected(self) -> Iterator[tuple[str, object]]:
        """The stages' dates and the choices, by their columns."""
        single = self.runs.precision == "single"
        for track in self.scenario.tracks.values():
            for place, labels in enumerate(members(self.program, track.sets)):
                for stage in track.stages:
                    day = self._first(track, stage.name, place)
                    own = float(np.float32(day)) if single else day
                    yield f"{labelled(track.name, labels)}.{stage.name}", own if math.isfinite(own) else None
        for decision in self.scenario.decisions.values():
            names = self.scenario.choices(decision)
            chosen = self.block.records[f"choice {decision.name}"].reshape(-1)
            for labels, number in zip(members(self.program, decision.sets), chosen.tolist(), strict=True):
                yield labelled(decision.name, labels), names[int(number)] if number >= 0 else None


def _logit(values: Mapping[str, float]) -> dict[str, float]:
    """The probability of each option: e to its value over the sum (McFadden 1974, as `lower/decision.py` samples)."""
    if not values:
        return {}
    top = max(values.values())
    shares = {option: math.exp(value - top) for option, value in values.items()}
    whole = sum(shares.values())
    return {option: share / whole for option, share in shares.items()}
