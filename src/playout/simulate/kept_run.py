"""A run in a folder, read without trust.

What follows from the scenario is taken from it and not from the files: which columns there are, of which types, how
measures are reported, what the paths are of. What the files alone can say has to fit that, so that a folder which was
damaged, or made by somebody to do harm, is refused in a sentence and breaks nothing behind.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from playout.compile.ir import Program
from playout.compile.lower import lower
from playout.errors import InputError
from playout.model.checked import CheckedScenario
from playout.simulate.gather import measures, members, outcome_schema
from playout.simulate.outcomes import Outcomes
from playout.simulate.parquet import collected, read_parquet, scan_parquet, schema_of
from playout.simulate.paths import Paths, read_paths
from playout.simulate.records import decoded
from playout.simulate.result import DONE, Runs, Stop, labelled, stopped_by
from playout.simulate.run import MOST_FUTURES, PRECISIONS
from playout.simulate.run_folder import OUTCOMES, PATHS, TALLIES

DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Record:
    """What `result.json` alone can say of a run."""

    policy: str | None
    view: str | None
    futures: int
    seed: int
    engine: str
    precision: str
    beliefs: tuple[tuple[str, int], ...]
    largest_error: float
    identity: str


class KeptRun:
    """The run in a folder. about: its `result.json`; files: names of its files. Raises a ValueError, or an OSError, for
    what cannot be a run of this scenario."""

    def __init__(
        self, folder: Path, checked: CheckedScenario, about: Mapping[str, Any], files: Mapping[str, int]
    ) -> None:
        self.folder, self.checked = folder, checked
        self.record = record = decoded(Record, about, "result.json")
        self.program = program = _program(checked, record)
        self._parts = sorted(folder / name for name in files if name.startswith(f"{OUTCOMES}/"))
        dtype = np.float32 if record.precision == "single" else np.float64
        self._schema = outcome_schema(checked, program, dtype)
        self._days = {
            f"{labelled(track.name, labels)}.{stage.name}"
            for track in checked.scenario.tracks.values()
            for labels in members(program, track.sets)
            for stage in track.stages
        }
        self._check_parts()
        self.stops = self._stops()
        self._stopped = sum(stop.futures for stop in self.stops)

    def runs(self, still_there: Callable[[], None], seconds: Mapping[str, float]) -> Runs:
        """All of it. still_there: refuses a folder that holds another run by now."""
        record = self.record
        return Runs(
            checked=self.checked,
            policy=record.policy,
            view=record.view,
            design=None,
            futures=record.futures,
            seed=record.seed,
            engine=record.engine,
            precision=record.precision,
            source=Outcomes(scan_parquet(self._parts), still_there, self._inspect),
            drawn=record.beliefs,
            tallies=self._tallies(),
            kept=partial(_paths, self.folder, self.checked, self.program, record.futures),
            measures=measures(self.program),
            periods=dict(self.program.periods),
            stops=self.stops,
            largest_error=record.largest_error,
            digest=record.identity,
            seconds=seconds,
        )

    # --- outcomes ---

    def _check_parts(self) -> None:
        rows = 0
        for part in self._parts:
            schema, height = schema_of(part)
            if schema != self._schema:
                raise ValueError(f"{part.name} has other columns than this scenario's outcomes")
            rows += height
        if rows != self.record.futures:
            raise ValueError(f"its outcomes hold {rows:,} futures, and it says that they are {self.record.futures:,}")

    def _inspect(self, found: pl.DataFrame) -> None:
        """Refuse numbers that no future can have, and gaps where there are none."""
        whole = found.height == self.record.futures
        for column in found.iter_columns():
            if column.dtype.is_float():
                self._inspect_numbers(column, whole=whole)
                gaps = column.null_count() > 0
            elif column.dtype == pl.Boolean:
                gaps = whole and column.null_count() != self._stopped
            else:
                gaps = column.name in ("future", "status") and column.null_count() > 0
                gaps |= column.name == "view" and column.dtype != pl.String and column.null_count() > 0
            if gaps:
                raise ValueError(f"`{column.name}` has gaps")

    def _inspect_numbers(self, column: pl.Series, *, whole: bool) -> None:
        known = column.drop_nans()
        low, high = float(known.min() or 0.0), float(known.max() or 0.0)  # type: ignore[arg-type]  # they are floats
        is_date = column.name in self._days
        last = self.program.steps * self.program.days if is_date else sys.float_info.max
        if low < (0.0 if is_date else -last) or high > last:
            raise ValueError(f"`{column.name}` has a number that no future gives")
        if whole and not is_date and len(known) != self.record.futures - self._stopped:
            raise ValueError(f"`{column.name}` has gaps")

    def _stops(self) -> tuple[Stop, ...]:
        """Why futures stopped, from the outcomes."""
        rows = scan_parquet(self._parts).select("status", "stopped_step", "stopped_member").with_row_index("row")
        found = collected(rows.filter(pl.col("status").ne_missing(DONE)))
        checks = {stopped_by(check.name): check for check in self.program.checks}
        scenario = self.checked.scenario
        stops = []
        for (status, member), own in found.group_by("status", "stopped_member", maintain_order=True):
            if status not in checks or own["stopped_step"].null_count():
                raise ValueError("it does not say when and why futures stopped")
            step, future = min(zip(own["stopped_step"], own["row"], strict=True))
            if not 0 <= step <= self.program.steps or own["stopped_step"].max() > self.program.steps:  # type: ignore[operator]
                raise ValueError("a future stopped outside the run")
            date = scenario.start + dt.timedelta(days=scenario.step_days * step)
            what = checks[str(status)].what
            stops.append(Stop(str(status), what, str(member or ""), own.height, step, date, future))
        return tuple(sorted(stops, key=lambda stop: (-stop.futures, stop.step, stop.future)))

    # --- tallies ---

    def _tallies(self) -> dict[str, NDArray[np.int64]]:
        frame = read_parquet(self.folder / TALLIES)
        if frame.columns != ["track", "member", "stage", "step", "futures"] or frame["futures"].null_count():
            raise ValueError(f"{TALLIES} holds no tallies")
        counts, found, first = frame["futures"].to_numpy(), {}, 0
        for tally in self.program.tallies:
            shape = [self.program.sizes[name] for name in tally.sets] + [len(tally.categories), self.program.steps + 1]
            own = counts[first : first + math.prod(shape)]
            first += own.size
            if own.size != math.prod(shape):
                raise ValueError(f"{TALLIES} has too few rows")
            found[tally.name] = np.ascontiguousarray(np.moveaxis(own.reshape(shape), -1, 0))
        if (
            counts.dtype != np.int64
            or first != counts.size
            or (counts < 0).any()
            or (counts > self.record.futures).any()
        ):
            raise ValueError(f"{TALLIES} does not count this run's futures")
        return found


def _program(checked: CheckedScenario, record: Record) -> Program:
    """What was played. Raises a ValueError for a record of something else."""
    scenario = checked.scenario
    if not (record.policy is None or record.policy in checked.policies):
        raise ValueError("its policy is none of the scenario's")
    if not (record.view is None or record.view in scenario.views):
        raise ValueError("its view is none of the scenario's")
    if record.precision not in PRECISIONS or not 1 <= record.futures <= MOST_FUTURES or record.seed < 0:
        raise ValueError("it says of itself what no run can be")
    if not 0.0 <= record.largest_error <= 1.0 or not DIGEST.fullmatch(record.identity):
        raise ValueError("its identity or its error is none")
    program = lower(checked, record.policy)
    if record.beliefs != program.columns:
        raise ValueError("it drew other beliefs than the scenario has")
    return program


def _paths(folder: Path, checked: CheckedScenario, program: Program, futures: int) -> Paths:
    try:
        return read_paths(folder / PATHS, checked, program, futures)
    except (OSError, ValueError) as problem:
        raise InputError(f"the paths of the run in {folder} cannot be read: {problem}") from problem
