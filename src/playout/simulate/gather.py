"""Blocks of futures put together: arrays inside, columns with names and units outside."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray

from playout.compile.engine import Block
from playout.compile.ir import Period, Program, Series
from playout.compile.lower.variant import AS_WRITTEN, VIEW
from playout.model.checked import CheckedScenario
from playout.simulate.result import DONE, Reported, Stop, labelled, stopped_by

Numbers = NDArray[np.float64]
_Variables: TypeAlias = dict[str, tuple[tuple[str, ...], NDArray[np.float32], dict[str, str]]]


@dataclass
class Gathered:
    """What has come of the blocks so far. Every array has its futures last, and room for all of them.

    Blocks may be added in any order: each has its own place, and only whole numbers are summed.
    """

    checked: CheckedScenario
    program: Program
    futures: int
    records: dict[str, Numbers] = field(default_factory=dict)
    totals: dict[str, Numbers] = field(default_factory=dict)
    tallies: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    paths: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.beliefs = np.empty((len(self.program.columns), self.futures))
        self.status = np.zeros(self.futures, np.int32)
        self.stopped = np.zeros((2, self.futures), np.int32)

    def add(self, block: Block, beliefs: Numbers) -> None:
        """Take in a block, and the belief matrix that it was played with."""
        here = slice(block.first, block.first + block.futures)
        for kept, values in ((self.records, block.records), (self.totals, block.totals)):
            for name, value in values.items():
                if name not in kept:
                    kept[name] = np.empty((*value.shape[:-1], self.futures))
                kept[name][..., here] = value
        for name, counts in block.tallies.items():
            self.tallies[name] = self.tallies[name] + counts if name in self.tallies else counts
        if block.first == 0:
            self.paths = block.paths
        self.beliefs[:, here] = beliefs
        self.status[here] = block.status
        self.stopped[:, here] = block.stopped
        for series in self.program.series:
            self._stop_at_end(series.name, block.totals[series.name], here)

    # --- stopped futures ---

    def _stop_at_end(self, name: str, totals: Numbers, here: slice) -> None:
        """Stop the futures whose level is no finite number in the last state, which no step checks any more."""
        bad = (~np.isfinite(totals)).any(axis=0).reshape(-1, totals.shape[-1])
        hit = bad.any(axis=0) & (self.status[here] == 0)
        if hit.any():
            names = [check.name for check in self.program.checks]
            self.status[here][hit] = 1 + names.index(f"measure {name}")
            self.stopped[0, here][hit] = self.program.steps
            self.stopped[1, here][hit] = bad.argmax(axis=0)[hit]

    def stops(self) -> tuple[Stop, ...]:
        """Why futures stopped, the commonest reason first."""
        found: dict[tuple[int, int], list[int]] = {}
        for future in np.flatnonzero(self.status):
            found.setdefault((int(self.status[future]), int(self.stopped[1, future])), []).append(int(future))
        stops = [self._stop(number, member, futures) for (number, member), futures in found.items()]
        return tuple(sorted(stops, key=lambda stop: (-stop.futures, stop.step, stop.future)))

    def _stop(self, number: int, member: int, futures: list[int]) -> Stop:
        check = self.program.checks[number - 1]
        labels = self.members(check.sets)
        step, future = min((int(self.stopped[0, f]), f) for f in futures)
        scenario = self.checked.scenario
        return Stop(
            status=stopped_by(check.name),
            what=check.what,
            member=", ".join(labels[member]),
            futures=len(futures),
            step=step,
            date=scenario.start + dt.timedelta(days=scenario.step_days * step),
            future=future,
        )

    # --- columns ---

    def members(self, sets: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The labels of every member of some sets, row-major; one empty tuple without sets."""
        return list(itertools.product(*(self.program.labels[s] for s in sets)))

    def outcomes(self) -> pl.DataFrame:
        """One row a future; see `result`."""
        columns = [*self._standing(), *self._records(), *self._totals()]
        return pl.DataFrame(columns)

    def _standing(self) -> Iterator[pl.Series]:
        yield pl.Series("future", np.arange(self.futures, dtype=np.uint32))
        views = list(self.checked.scenario.views)
        if views:
            row = self.program.columns.index((VIEW, 0))
            yield _named("view", self.beliefs[row], views)
        else:
            yield pl.Series("view", [None] * self.futures, dtype=pl.String)
        checks = [stopped_by(check.name) for check in self.program.checks]
        statuses = list(dict.fromkeys([DONE, *checks]))
        number = np.array([statuses.index(status) for status in (DONE, *checks)], np.float64)
        yield _named("status", number[self.status], statuses)
        stopped = self.status > 0
        yield pl.Series("stopped_step", self.stopped[0]).set(pl.Series(~stopped), None)
        labels: list[str | None] = [None] * self.futures
        for future in np.flatnonzero(stopped):
            check = self.program.checks[self.status[future] - 1]
            labels[future] = ", ".join(self.members(check.sets)[self.stopped[1, future]]) or None
        yield pl.Series("stopped_member", labels, dtype=pl.String)

    def _records(self) -> Iterator[pl.Series]:
        scenario, ran = self.checked.scenario, self.status == 0
        for track in scenario.tracks.values():
            for member, labels in enumerate(self.members(track.sets)):
                for stage in track.stages:
                    first = self._record(f"{track.name}.first.{stage.name}", member)
                    yield _filled(f"{labelled(track.name, labels)}.{stage.name}", first, ran & np.isfinite(first))
        for decision in scenario.decisions.values():
            names = scenario.choices(decision)
            for member, labels in enumerate(self.members(decision.sets)):
                choice = np.where(ran, self._record(f"choice {decision.name}", member), -1.0)
                yield _named(labelled(decision.name, labels), choice, names)
        for event in scenario.events.values():
            for member, labels in enumerate(self.members(event.sets)):
                count = self._record(f"events {event.name}", member)
                yield _filled(f"events.{labelled(event.name, labels)}", count, ran)
        for question in scenario.questions.values():
            yield _filled(f"question.{question.name}", self._record(f"question {question.name}", 0) > 0.5, ran)
            if question.given is not None:
                yield _filled(f"given.{question.name}", self._record(f"given {question.name}", 0) > 0.5, ran)
        for record in self.program.records:
            if record.name.startswith("shortage "):
                yield _filled(record.name.replace(" ", ".", 1), self._record(record.name, 0), ran)

    def _record(self, name: str, member: int) -> Numbers:
        values: Numbers = self.records[name].reshape(-1, self.futures)[member]
        return values

    def _totals(self) -> Iterator[pl.Series]:
        ran = self.status == 0
        for series in self.program.series:
            reported = self._reported(series)
            values = self.totals[series.name].reshape(len(reported.periods), -1, self.futures)
            for member, labels in enumerate(reported.members):
                for period, column in enumerate(reported.columns(labels)):
                    yield _filled(column, values[period, member] / series.factor, ran)

    def measures(self) -> dict[str, Reported]:
        """How each measure is reported."""
        return {series.name: self._reported(series) for series in self.program.series}

    def _reported(self, series: Series) -> Reported:
        periods = tuple(period.label for period in self.program.periods[series.periods])
        members = tuple(self.members(series.sets))
        return Reported(series.name, series.kind, series.periods, series.unit, members, periods)

    def belief_frame(self) -> pl.DataFrame:
        """The beliefs as drawn, in their units."""
        scenario = self.checked.scenario
        columns = []
        for row, (array, member) in enumerate(self.program.columns):
            if array == VIEW:
                continue
            belief = scenario.beliefs[array.removesuffix(AS_WRITTEN)]
            labels = self.members(belief.sets)[member]
            columns.append(pl.Series(labelled(belief.name, labels), self.beliefs[row] / belief.unit.factor))
        return pl.DataFrame(columns)

    # --- paths ---

    def path_set(self) -> xr.Dataset:
        """The futures kept step by step."""
        arrays: _Variables = {}
        for series in self.program.series:
            if series.name in self.paths:
                values = self._after_stop(self.paths[series.name]) / np.float32(series.factor)
                about = {"unit": series.unit, "kind": series.kind}
                arrays[series.name] = (("future", "step", *_dimensions(series.sets)), values, about)
        for tally in self.program.tallies:
            if tally.name in self.paths:
                values = self._after_stop(self.paths[tally.name])
                about = {"kind": "stage", "stages": ", ".join(tally.categories)}
                name = tally.name if tally.name not in arrays else f"stage of {tally.name}"
                arrays[name] = (("future", "step", *_dimensions(tally.sets)), values, about)
        return xr.Dataset(arrays, self._coordinates(arrays), {"title": self.program.title})

    def _coordinates(self, arrays: _Variables) -> dict[str, object]:
        kept = next((value.shape[0] for _, value, _ in arrays.values()), 0)
        scenario = self.checked.scenario
        days = scenario.step_days * np.arange(self.program.steps + 1)
        coordinates: dict[str, object] = {
            "future": np.arange(kept, dtype=np.int32),
            "step": np.arange(self.program.steps + 1, dtype=np.int32),
            "date": ("step", np.datetime64(scenario.start, "ns") + days.astype("timedelta64[D]")),
        }
        for dimensions, _, _ in arrays.values():
            for dimension in dimensions[2:]:
                coordinates[dimension] = np.array(self.program.labels[dimension.partition(" ")[0]])
        return coordinates

    def _after_stop(self, path: NDArray[np.float32]) -> NDArray[np.float32]:
        """The path [futures, steps + 1, *members] with nothing shown after a future's stop."""
        values = path.astype(np.float32, copy=True)
        for future in np.flatnonzero(self.status[: len(values)]):
            values[future, self.stopped[0, future] + 1 :] = np.nan
        return values

    def periods(self) -> dict[str, tuple[Period, ...]]:
        """The calendar of the run."""
        return dict(self.program.periods)


def _dimensions(sets: tuple[str, ...]) -> tuple[str, ...]:
    """One dimension a set; a set's second axis is "organisation 2"."""
    return tuple(f"{s} {sets[:i].count(s) + 1}" if s in sets[:i] else s for i, s in enumerate(sets))


def _filled(name: str, values: NDArray[Any], known: NDArray[np.bool_]) -> pl.Series:
    """A column with nulls where nothing is known."""
    column = pl.Series(name, np.ascontiguousarray(values))
    return column if known.all() else column.set(pl.Series(~known), None)


def _named(name: str, positions: Numbers, names: Sequence[str]) -> pl.Series:
    """Positions as names; below 0 is null."""
    order = _filled(name, np.maximum(positions, 0.0).astype(np.uint32), positions >= 0.0)
    return pl.Series(name, list(names), dtype=pl.Enum(list(names))).gather(order)
