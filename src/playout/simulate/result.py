"""Runs: what came of playing a scenario, one row a future, with names and units.

Columns of ``outcomes`` (a future that stopped has nulls in all but the first five):

    future, view, status, stopped_step, stopped_member
    campaign.striking, posture[cjng].fighting   first date in the stage, days since the start; null if never
    authority, partner[cjng]                    the option or member chosen last; null if never chosen
    homicides[2025], members[cjng, 2025-03]     a measure over a period, or at its end, in the measure's unit
    question.NAME, given.NAME                   answer, and whether the question's condition held
    events.leak[semar]                          how often the event happened in all
    shortage.organisation                       splinters that found no free spare member
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from playout.compile.ir import Period
from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

DONE = "done"
"""The status of a future that ran to its end."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A measure as its columns have it. members: one tuple of labels for each member, one empty tuple without an index.

    kind: an ``amount`` is added up over each period, a ``level`` read at its end. periods: their labels.
    """

    name: str
    kind: str
    per: str
    unit: str
    members: tuple[tuple[str, ...], ...]
    periods: tuple[str, ...]

    def columns(self, member: Sequence[str] = ()) -> list[str]:
        """The columns of one member, one a period."""
        return [labelled(self.name, (*member, period)) for period in self.periods]


@dataclass(frozen=True, slots=True)
class Stop:
    """One reason for which futures stopped: how many, and the first of them by step and number."""

    status: str
    what: str
    member: str
    futures: int
    step: int
    date: dt.date
    future: int

    def __str__(self) -> str:
        member = f" for {self.member}" if self.member else ""
        first = f"{self.date.day} {self.date:%B %Y}, step {self.step}, in future {self.future}"
        return f"{self.what}{member} (futures: {self.futures:,}; first on {first})"


@dataclass(frozen=True)
class Runs:
    """Futures of one scenario under one policy.

    view: held by all futures, or None where each drew its own. beliefs: one row a future, one column a belief and
    member, in the belief's unit, as drawn (before what a policy or view changes on the way). tallies: track -> how many
    futures stand in each stage at each step's start, [steps + 1, *members, stages], futures that stopped left out.
    paths: the first futures step by step, by measure and track (a track's stages by number), in units; not a number
    after a future stopped. seconds: compile, run.
    """

    checked: CheckedScenario
    policy: str | None
    view: str | None
    futures: int
    seed: int
    engine: str
    precision: str
    outcomes: pl.DataFrame
    beliefs: pl.DataFrame
    tallies: Mapping[str, NDArray[np.int64]]
    paths: xr.Dataset
    measures: Mapping[str, Reported]
    periods: Mapping[str, tuple[Period, ...]]
    stops: tuple[Stop, ...]
    seconds: Mapping[str, float]

    @property
    def name(self) -> str:
        """The scenario's name on the command line."""
        return scenario_name(self.checked.scenario)

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Which futures ran to their end, [futures]."""
        return (self.outcomes["status"] == DONE).to_numpy()

    @property
    def stopped(self) -> int:
        """How many futures did not."""
        return sum(stop.futures for stop in self.stops)

    @property
    def views(self) -> NDArray[np.int64]:
        """The position of each future's view among the scenario's, [futures]; zeros without views."""
        if not self.checked.scenario.views:
            return np.zeros(self.futures, np.int64)
        return self.outcomes["view"].to_physical().cast(pl.Int64).to_numpy()

    def dates(self) -> tuple[dt.date, ...]:
        """The date of each step's start, steps + 1 of them."""
        scenario = self.checked.scenario
        return tuple(scenario.start + dt.timedelta(days=scenario.step_days * k) for k in range(self.checked.steps + 1))

    def numbers(self, columns: Sequence[str]) -> NDArray[np.float64]:
        """Columns of outcomes as numbers, [columns, futures]: null is not a number, true is 1."""
        chosen = self.outcomes.select(columns).cast(pl.Float64).fill_null(float("nan"))
        return chosen.to_numpy().T.reshape(len(columns), self.futures)

    def identity(self) -> str:
        """A hash over all column values of outcomes and beliefs in order: equal runs have equal identities."""
        total = hashlib.sha256()
        for frame in (self.outcomes, self.beliefs):
            for column in frame.iter_columns():
                total.update(f"{column.name}\0{column.len()}\0".encode())
                total.update(column.is_null().to_numpy().tobytes())
                total.update(_plain(column).tobytes())
        return total.hexdigest()


def _plain(column: pl.Series) -> NDArray[np.float64]:
    """A column's values as float64, which hold every value there is exactly; nulls as zeros."""
    if isinstance(column.dtype, pl.Enum):
        column = column.to_physical()
    if column.dtype == pl.String or column.dtype == pl.Null:
        text = "\0".join("" if value is None else str(value) for value in column)
        return np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype=np.float64)
    return column.cast(pl.Float64).fill_null(0.0).to_numpy()


def stopped_by(check: str) -> str:
    """The status of a future that a check stopped; no check can be called `done` and be mistaken for the end."""
    return f"stopped: {check}"


def labelled(name: str, labels: Sequence[str]) -> str:
    """``name[a, b]``, or the name alone."""
    return f"{name}[{', '.join(labels)}]" if labels else name


def scenario_name(scenario: Scenario) -> str:
    """What a scenario goes by: its file's name, or its folder's where the file is `scenario.yaml`, with hyphens."""
    path = PurePath(scenario.path)
    name = path.parent.name if path.stem == "scenario" and path.parent.name else path.stem
    return name.replace("_", "-") or "scenario"
