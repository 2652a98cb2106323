"""Blocks of futures put together: arrays inside, columns with names and units outside."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from playout.compile.engine import Block
from playout.compile.ir import Check, Program, Series
from playout.model.checked import CheckedScenario
from playout.simulate.odds import odds_of
from playout.simulate.part import PART, Folded, Part
from playout.simulate.result import DONE, Reported, Stop, labelled, stopped_by

Numbers: TypeAlias = NDArray[np.floating[Any]]


class Gathering:
    """Blocks, one after the other, into a part: one row a future.

    room: the most futures that the part will hold. dtype: of numbers in columns, single where the engine computes in
    single. Blocks come in the order of their futures; only whole numbers are summed.
    """

    def __init__(
        self,
        checked: CheckedScenario,
        program: Program,
        number: int,
        room: int,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> None:
        self.checked, self.program, self.number, self.room, self.dtype = checked, program, number, room, dtype
        self.futures = 0
        recorded = {record.name for record in program.records}
        self._asked = [odds for odds in odds_of(checked) if odds.held in recorded]
        self.odds = np.zeros((len(self._asked), 2), np.int64)
        self._records: dict[str, Numbers] = {}
        self._totals: dict[str, Numbers] = {}
        self._tallies: dict[str, NDArray[np.int64]] = {}
        self._paths: list[Mapping[str, NDArray[np.float32]]] = []
        self._views = np.zeros(room, np.int64)
        self._status = np.zeros(room, np.int32)
        self._stopped = np.zeros((2, room), np.int32)

    # --- taking in ---

    def add(self, block: Block, views: NDArray[np.floating[Any]] | None) -> None:
        """Take in the next block, and the position of the view that each of its futures held (None without views)."""
        here = slice(self.futures, self.futures + block.futures)
        if self.futures == 0:
            self._records = {name: self._empty(value) for name, value in block.records.items()}
            self._totals = {name: self._empty(value) for name, value in block.totals.items()}
        for name, value in block.records.items():
            self._records[name][..., here] = value
        for series in self.program.series:
            value = block.totals[series.name]
            kept = self._totals[series.name][..., here]
            if series.factor == 1.0:
                kept[...] = value
            else:
                np.divide(value, series.factor, out=kept, casting="same_kind")
        for name, counts in block.tallies.items():
            self._tallies[name] = self._tallies[name] + counts if name in self._tallies else counts
        if any(len(path) for path in block.paths.values()):
            self._paths.append(block.paths)
        if views is not None:
            self._views[here] = views
        self._status[here] = block.status
        self._stopped[:, here] = block.stopped
        for series in self.program.series:
            self._stop_at_end(series.name, block.totals[series.name], here)
        ran = self._status[here] == 0
        for place, asked in enumerate(self._asked):
            self.odds[place] += asked.counted(block.records, ran)
        self.futures += block.futures

    def _empty(self, value: NDArray[np.float64]) -> Numbers:
        """Room for one value a future of the part, wherever a block has one."""
        return np.empty((*value.shape[:-1], self.room), self.dtype)

    def _stop_at_end(self, name: str, totals: NDArray[np.float64], here: slice) -> None:
        """Stop the futures whose level is no finite number in the last state, which no step checks any more."""
        if math.isfinite(float(totals.sum())):
            return
        bad = (~np.isfinite(totals)).any(axis=0).reshape(-1, totals.shape[-1])
        hit = bad.any(axis=0) & (self._status[here] == 0)
        if hit.any():
            names = [check.name for check in self.program.checks]
            self._status[here][hit] = 1 + names.index(f"measure {name}")
            self._stopped[0, here][hit] = self.program.steps
            self._stopped[1, here][hit] = bad.argmax(axis=0)[hit]

    # --- giving out ---

    def part(self) -> Part:
        """What has been taken in. To be asked for once, at the end: columns may share memory with what they are of."""
        status = self._status[: self.futures]
        hit = np.flatnonzero(status)
        first = self.number_of_first
        stopped = np.stack([hit + first, status[hit], *self._stopped[:, hit]]).astype(np.int64)
        for kept in (self._records, self._totals):
            for values in kept.values():
                values[..., hit] = np.nan
        return Part(
            number=self.number,
            outcomes=pl.DataFrame([*self._standing(), *self._recorded(), *self._totalled()]),
            tallies=self._tallies,
            paths=_joined(self._paths),
            stopped=stopped,
            odds=self.odds,
        )

    @property
    def number_of_first(self) -> int:
        """The number of the part's first future."""
        return self.number * PART

    def _standing(self) -> Iterator[pl.Series]:
        first = self.number_of_first
        yield pl.Series("future", np.arange(first, first + self.futures, dtype=np.uint32))
        views = list(self.checked.scenario.views)
        if views:
            yield _named("view", self._views[: self.futures], views)
        else:
            yield pl.Series("view", [None] * self.futures, dtype=pl.String)
        status = self._status[: self.futures]
        checks = [stopped_by(check.name) for check in self.program.checks]
        statuses = list(dict.fromkeys([DONE, *checks]))
        number = np.array([statuses.index(name) for name in (DONE, *checks)])
        yield _named("status", number[status], statuses)
        ran = status == 0
        yield pl.Series("stopped_step", self._stopped[0, : self.futures]).set(pl.Series(ran), None)
        labels: list[str | None] = [None] * self.futures
        for future in np.flatnonzero(~ran):
            check = self.program.checks[status[future] - 1]
            labels[future] = member_of(self.program, check, int(self._stopped[1, future])) or None
        yield pl.Series("stopped_member", labels, dtype=pl.String)

    def _recorded(self) -> Iterator[pl.Series]:
        scenario = self.checked.scenario
        for track in scenario.tracks.values():
            if f"{track.name}.first.{track.stages[0].name}" not in self._records:
                continue
            for member, labels in enumerate(members(self.program, track.sets)):
                for stage in track.stages:
                    first = self._record(f"{track.name}.first.{stage.name}", member)
                    first[np.isinf(first)] = np.nan
                    yield pl.Series(f"{labelled(track.name, labels)}.{stage.name}", first)
        for decision in scenario.chosen.values():
            if f"choice {decision.name}" not in self._records:
                continue
            names = scenario.choices(decision)
            for member, labels in enumerate(members(self.program, decision.sets)):
                yield _named(labelled(decision.name, labels), self._record(f"choice {decision.name}", member), names)
        for event in scenario.events.values():
            if f"events {event.name}" not in self._records:
                continue
            for member, labels in enumerate(members(self.program, event.sets)):
                yield pl.Series(f"events.{labelled(event.name, labels)}", self._record(f"events {event.name}", member))
        for question in scenario.questions.values():
            if f"question {question.name}" not in self._records:
                continue
            yield self._answered("question", question.name)
            if question.given is not None:
                yield self._answered("given", question.name)
        for record in self.program.records:
            if record.name.startswith("shortage "):
                yield pl.Series(record.name.replace(" ", ".", 1), self._record(record.name, 0))

    def _record(self, name: str, member: int) -> Numbers:
        values: Numbers = self._records[name].reshape(-1, self.room)[member, : self.futures]
        return values

    def _totalled(self) -> Iterator[pl.Series]:
        for series in self.program.series:
            reported = reported_as(self.program, series)
            values = self._totals[series.name].reshape(len(reported.periods), -1, self.room)
            for member, labels in enumerate(reported.members):
                for period, column in enumerate(reported.columns(labels)):
                    yield pl.Series(column, values[period, member, : self.futures])

    def _answered(self, kind: str, name: str) -> pl.Series:
        """A question's answers, or whether its condition held."""
        values = self._record(f"{kind} {name}", 0)
        answers = pl.Series(f"{kind}.{name}", values > 0.5)
        stopped = self._status[: self.futures] > 0
        return answers.set(pl.Series(stopped), None) if stopped.any() else answers


def outcome_schema(checked: CheckedScenario, program: Program, dtype: type[np.floating[Any]]) -> pl.Schema:
    """The columns of outcomes of a program that is played, and their types."""
    gathering = Gathering(checked, program, 0, 1, dtype)
    stopped = np.zeros((2, 1), np.int32)
    records = {own.name: np.zeros((*(program.sizes[name] for name in own.sets), 1)) for own in program.records}
    totals = {
        own.name: np.zeros((len(program.periods[own.periods]), *(program.sizes[name] for name in own.sets), 1))
        for own in program.series
    }
    gathering.add(Block(0, 1, records, totals, {}, {}, stopped[0], stopped), None)
    return gathering.part().outcomes.schema


# --- the whole run ----------------------------------------------------------------------------------------------------


def stops(checked: CheckedScenario, program: Program, folded: Folded) -> tuple[Stop, ...]:
    """Why futures stopped, the commonest reason first."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for future, status, step, member in np.concatenate(
        [*folded.stopped, np.zeros((4, 0), np.int64)], axis=1
    ).T.tolist():
        found.setdefault((status, member), []).append((step, future))
    scenario = checked.scenario
    made = []
    for (status, member), futures in found.items():
        check = program.checks[status - 1]
        step, future = min(futures)
        made.append(
            Stop(
                status=stopped_by(check.name),
                what=check.what,
                member=member_of(program, check, member),
                futures=len(futures),
                step=step,
                date=scenario.start + dt.timedelta(days=scenario.step_days * step),
                future=future,
            )
        )
    return tuple(sorted(made, key=lambda stop: (-stop.futures, stop.step, stop.future)))


def member_of(program: Program, check: Check, member: int) -> str:
    """The labels of the member at which a check failed, by its flat position; empty for what has no index."""
    return ", ".join(members(program, check.sets)[member])


def members(program: Program, sets: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The labels of every member of some sets, row-major; one empty tuple without sets."""
    return list(itertools.product(*(program.labels[s] for s in sets)))


def measures(program: Program) -> dict[str, Reported]:
    """How each measure is reported."""
    return {series.name: reported_as(program, series) for series in program.series}


def reported_as(program: Program, series: Series) -> Reported:
    """How one measure is reported."""
    periods = tuple(period.label for period in program.periods[series.periods])
    labels = tuple(members(program, series.sets))
    return Reported(series.name, series.kind, series.periods, series.unit, labels, periods)


def _joined(paths: Sequence[Mapping[str, NDArray[np.float32]]]) -> dict[str, NDArray[np.float32]]:
    """The paths of several blocks, one after the other."""
    if not paths:
        return {}
    return {name: np.concatenate([block[name] for block in paths]) for name in paths[0]}


def _named(name: str, positions: NDArray[Any], names: Sequence[str]) -> pl.Series:
    """Positions as names; below 0, or not a number, is null."""
    known = positions >= 0
    order = pl.Series(np.where(known, positions, 0).astype(np.uint32))
    if not known.all():
        order = order.set(pl.Series(~known), None)
    return pl.Series(name, list(names), dtype=pl.Enum(list(names))).gather(order)
