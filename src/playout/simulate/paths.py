"""The futures kept step by step: arrays on disk, an xarray dataset for who asks for one.

xarray takes longer to load than many a run to play, so nothing here needs it before it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from playout.compile.ir import Program
from playout.model.checked import CheckedScenario
from playout.simulate.array_files import read_arrays, write_arrays
from playout.simulate.part import Folded

if TYPE_CHECKING:
    import xarray as xr

KEPT = 200
"""Futures whose whole paths are kept."""

STAGE_OF = "stage of "
"""Before the name of a track where a measure has the same."""

Variables: TypeAlias = Mapping[str, tuple[tuple[str, ...], NDArray[np.float32], dict[str, str]]]
"""name -> dimensions, values, and what is said of them."""

Coordinates: TypeAlias = Mapping[str, tuple[tuple[str, ...], NDArray[np.generic]]]


@dataclass(frozen=True)
class Paths:
    """Each variable is [future, step, *members], in units, and not a number after a future stopped."""

    title: str
    variables: Variables
    coordinates: Coordinates

    def dataset(self) -> xr.Dataset:
        """The same for xarray."""
        import xarray as xr

        return xr.Dataset(dict(self.variables), dict(self.coordinates), {"title": self.title})

    def write(self, place: Path) -> None:
        """Write the arrays into one file of NumPy's, under their own names."""
        about = {
            "title": self.title,
            "variables": {name: (over, said) for name, (over, _, said) in self.variables.items()},
            "coordinates": {name: over for name, (over, _) in self.coordinates.items()},
        }
        arrays: dict[str, Any] = {"about": np.array(json.dumps(about))}
        arrays |= {f"variable {name}": values for name, (_, values, _) in self.variables.items()}
        arrays |= {f"coordinate {name}": values for name, (_, values) in self.coordinates.items()}
        write_arrays(place, arrays)


def read_paths(place: Path, checked: CheckedScenario, program: Program, futures: int) -> Paths:
    """What `Paths.write` wrote for a run of so many futures. What is said of the arrays is the program's, and not the
    file's. Raises a ValueError for arrays that are not of this run, an OSError for a file that cannot be read."""
    arrays = read_arrays(place)
    expected: dict[str, tuple[tuple[str, ...], tuple[int, ...], dict[str, str]]] = {}
    kept = min(KEPT, futures)
    for name, sets, about in _described(program):
        shape = (kept, program.steps + 1, *(program.sizes[own] for own in sets))
        expected[name] = (("future", "step", *_dimensions(sets)), shape, about)
    variables = {}
    for name, (over, shape, about) in expected.items():
        values = arrays.get(f"variable {name}")
        if values is None or values.shape != shape or values.dtype != np.float32:
            raise ValueError(f"{place.name} holds no paths of `{name}`, or others")
        variables[name] = (over, values, about)
    return Paths(program.title, variables, _coordinates(checked, program, variables))


def path_set(checked: CheckedScenario, program: Program, folded: Folded) -> Paths:
    """The futures kept step by step."""
    factors = {series.name: series.factor for series in program.series}
    variables: dict[str, tuple[tuple[str, ...], NDArray[np.float32], dict[str, str]]] = {}
    for name, sets, about in _described(program):
        own = name.removeprefix(STAGE_OF) if "stages" in about else name
        if own in folded.paths:
            values = _after_stop(folded, folded.paths[own])
            if "stages" not in about:
                values = values / np.float32(factors[own])
            variables[name] = (("future", "step", *_dimensions(sets)), values, about)
    return Paths(program.title, variables, _coordinates(checked, program, variables))


def _described(program: Program) -> Iterator[tuple[str, tuple[str, ...], dict[str, str]]]:
    """Each variable's name, its sets, and what is said of it."""
    named = {series.name for series in program.series}
    for series in program.series:
        yield series.name, series.sets, {"unit": series.unit, "kind": series.kind}
    for tally in program.tallies:
        name = f"{STAGE_OF}{tally.name}" if tally.name in named else tally.name
        yield name, tally.sets, {"kind": "stage", "stages": ", ".join(tally.categories)}


def _coordinates(checked: CheckedScenario, program: Program, variables: Variables) -> Coordinates:
    kept = next((value.shape[0] for _, value, _ in variables.values()), 0)
    scenario = checked.scenario
    days = scenario.step_days * np.arange(program.steps + 1)
    coordinates: dict[str, tuple[tuple[str, ...], NDArray[np.generic]]] = {
        "future": (("future",), np.arange(kept, dtype=np.int32)),
        "step": (("step",), np.arange(program.steps + 1, dtype=np.int32)),
        # Seconds, the coarsest that xarray keeps: nanoseconds would only reach from 1677 to 2262.
        "date": (("step",), np.datetime64(scenario.start, "s") + days.astype("timedelta64[D]")),
    }
    for dimensions, _, _ in variables.values():
        for dimension in dimensions[2:]:
            coordinates[dimension] = ((dimension,), np.array(program.labels[dimension.partition(" ")[0]]))
    return coordinates


def _after_stop(folded: Folded, path: NDArray[np.float32]) -> NDArray[np.float32]:
    """The path [futures, steps + 1, *members] with nothing shown after a future's stop."""
    values = path.astype(np.float32, copy=True)
    for future, _, step, _ in np.concatenate([*folded.stopped, np.zeros((4, 0), np.int64)], axis=1).T.tolist():
        if future < len(values):
            values[future, step + 1 :] = np.nan
    return values


def _dimensions(sets: tuple[str, ...]) -> tuple[str, ...]:
    """One dimension a set; a set's second axis is "organisation 2"."""
    return tuple(f"{s} {sets[:i].count(s) + 1}" if s in sets[:i] else s for i, s in enumerate(sets))
