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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from playout.compile.ir import Period
from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario
from playout.simulate.outcomes import Outcomes
from playout.simulate.paths import Paths

if TYPE_CHECKING:
    import xarray as xr

    from playout.simulate.design import Design

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

    view: held by all futures, or None where each drew its own. design: what was drawn anew or given. source: outcomes,
    one row a future, in memory or in a folder: `column`, `columns` and `numbers` read some of them, and `outcomes` all.
    drawn: the rows of the belief matrix. tallies: track -> how many futures stand in each stage at each step's start,
    [steps + 1, *members, stages], futures that stopped left out. kept: `paths`, or what reads them from a folder.
    largest_error: the largest error (`odds.error_left`) among the odds of stages (of tracks without an index) and of
    questions.
    digest: see `identity`. seconds: compile, run.
    """

    checked: CheckedScenario
    policy: str | None
    view: str | None
    design: Design | None
    futures: int
    seed: int
    engine: str
    precision: str
    source: Outcomes
    drawn: tuple[tuple[str, int], ...]
    tallies: Mapping[str, NDArray[np.int64]]
    kept: Paths | Callable[[], Paths]
    measures: Mapping[str, Reported]
    periods: Mapping[str, tuple[Period, ...]]
    stops: tuple[Stop, ...]
    largest_error: float
    digest: str
    seconds: Mapping[str, float]

    @property
    def name(self) -> str:
        """The scenario's name on the command line."""
        return scenario_name(self.checked.scenario)

    # --- outcomes ---

    def scan(self) -> pl.LazyFrame:
        """The outcomes, to be read by a query of polars: only what it asks for is."""
        return self.source.scan()

    def columns(self, names: Sequence[str]) -> pl.DataFrame:
        """Some columns of the outcomes, all futures."""
        return self.source.read(names)

    def column(self, name: str) -> pl.Series:
        """One column of the outcomes, all futures."""
        return self.source.read([name])[name]

    def row(self, names: Sequence[str], future: int) -> dict[str, Any]:
        """Some columns of the outcomes, of one future."""
        return self.source.row(names, future)

    @property
    def outcomes(self) -> pl.DataFrame:
        """All columns of all futures: some two kilobytes a future of the shipped scenario."""
        return self.source.read()

    def numbers(self, names: Sequence[str], dtype: type[np.floating[Any]] = np.float64) -> NDArray[Any]:
        """Columns of outcomes as numbers, [columns, futures]: null is not a number, true is 1."""
        frame = self.source.read(list(dict.fromkeys(names)), nulls=False)
        found = np.empty((len(names), self.futures), dtype)
        for place, name in enumerate(names):
            column = frame[name]
            found[place] = (column if column.dtype.is_float() else column.cast(pl.Float64)).to_numpy()
        return found

    @cached_property
    def complete(self) -> NDArray[np.bool_]:
        """Which futures ran to their end, [futures]."""
        if not self.stops:
            return np.ones(self.futures, bool)
        return (self.column("status") == DONE).to_numpy()

    @property
    def stopped(self) -> int:
        """How many futures did not."""
        return sum(stop.futures for stop in self.stops)

    @cached_property
    def views(self) -> NDArray[np.int64]:
        """The position of each future's view among the scenario's, [futures]; zeros without views."""
        if not self.checked.scenario.views:
            return np.zeros(self.futures, np.int64)
        return self.column("view").to_physical().cast(pl.Int64).to_numpy()

    # --- beliefs ---

    @cached_property
    def beliefs(self) -> pl.DataFrame:
        """What each future believed, one row a future, one column a belief and member, in the belief's unit, as drawn
        (before what a policy or view changes on the way).

        Nobody keeps it: it follows from the seed, and is drawn when it is first asked for.
        """
        return self.beliefs_of()

    def beliefs_of(self, names: Sequence[str] | None = None, futures: range | None = None) -> pl.DataFrame:
        """Some of the beliefs, of some futures: by their names in `beliefs`, all unless said."""
        from playout.simulate.belief_frame import belief_frame

        return belief_frame(self, names, futures if futures is not None else range(self.futures))

    def drawn_beliefs(self, names: Sequence[str], futures: range | None = None) -> NDArray[np.float64]:
        """The same as an array, [names, futures], also of no names."""
        own = futures if futures is not None else range(self.futures)
        return self.beliefs_of(names, own).to_numpy().T.reshape(len(names), len(own))

    # --- paths ---

    @cached_property
    def paths(self) -> xr.Dataset:
        """The first futures step by step, by measure and track (a track's stages by number), in units; not a number
        after a future stopped."""
        return self.path_arrays().dataset()

    def path_arrays(self) -> Paths:
        """The same without xarray."""
        if isinstance(self.kept, Paths):
            return self.kept
        self.source.check()
        return self.kept()

    def dates(self) -> tuple[dt.date, ...]:
        """The date of each step's start, steps + 1 of them."""
        scenario = self.checked.scenario
        return tuple(scenario.start + dt.timedelta(days=scenario.step_days * k) for k in range(self.checked.steps + 1))

    def identity(self) -> str:
        """A hash over all column values of outcomes in order: equal runs have equal identities."""
        return self.digest


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
