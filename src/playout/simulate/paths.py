"""The futures kept step by step: arrays on disk, an xarray dataset for who asks for one.

xarray takes longer to load than many a run to play, so nothing here needs it before it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from playout.compile.ir import Program
from playout.model.checked import CheckedScenario
from playout.simulate.part import Folded

if TYPE_CHECKING:
    import xarray as xr

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
        np.savez(place, **arrays)

    @classmethod
    def read(cls, place: Path) -> Paths:
        """What `write` wrote."""
        with np.load(place) as arrays:
            about = json.loads(str(arrays["about"]))
            return cls(
                title=about["title"],
                variables={
                    name: (tuple(over), arrays[f"variable {name}"], said)
                    for name, (over, said) in about["variables"].items()
                },
                coordinates={
                    name: (tuple(over), arrays[f"coordinate {name}"]) for name, over in about["coordinates"].items()
                },
            )


def path_set(checked: CheckedScenario, program: Program, folded: Folded) -> Paths:
    """The futures kept step by step."""
    variables: dict[str, tuple[tuple[str, ...], NDArray[np.float32], dict[str, str]]] = {}
    for series in program.series:
        if series.name in folded.paths:
            values = _after_stop(folded, folded.paths[series.name]) / np.float32(series.factor)
            about = {"unit": series.unit, "kind": series.kind}
            variables[series.name] = (("future", "step", *_dimensions(series.sets)), values, about)
    for tally in program.tallies:
        if tally.name in folded.paths:
            values = _after_stop(folded, folded.paths[tally.name])
            about = {"kind": "stage", "stages": ", ".join(tally.categories)}
            name = tally.name if tally.name not in variables else f"stage of {tally.name}"
            variables[name] = (("future", "step", *_dimensions(tally.sets)), values, about)
    return Paths(program.title, variables, _coordinates(checked, program, variables))


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
