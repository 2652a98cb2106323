"""Runs in a folder: written whole or not at all, and taken from there where nothing has changed.

    outcomes.parquet   one row a future
    beliefs.parquet    what each future believed, in units
    tallies.parquet    how many futures stood in each stage, step by step
    paths.nc           the first futures step by step (NetCDF 3)
    result.json        what was played and how it is reported; the same bytes for the same run
    provenance.json    with what, when and how fast, the key that tells whether the run can be reused, and each file's
                       hash, so that one changed since is noticed

Files are written in a folder beside and moved in one by one; the provenance goes first and comes last, so that a folder
has one only if all the rest in it belongs together.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray

from playout.compile.ir import Period
from playout.errors import InputError, RunError
from playout.model.checked import CheckedScenario
from playout.simulate.result import Reported, Runs, Stop

PROVENANCE = "provenance.json"
LIBRARIES = ("llvmlite", "numpy", "polars", "scipy", "xarray")
COMPUTING = ("llvmlite", "numpy", "scipy")
"""Libraries whose version may change a number."""


def run_key(
    checked: CheckedScenario,
    *,
    policy: str | None,
    view: str | None,
    futures: int,
    seed: int,
    engine: str,
    precision: str,
    allow_stopped: float,
) -> str:
    """A hash over all that a run's numbers depend on: equal keys, equal runs.

    The scenario counts with the text of all its files and the values of its tables, wherever they came from; Playout
    counts with its version and its source, so that a changed engine never passes for the old one.
    """
    scenario = checked.scenario
    parts = {
        "texts": sorted((Path(name).name, lines) for name, lines in scenario.lines.items()),
        "tables": {name: [repr(value) for value in table.values] for name, table in scenario.tables.items()},
        "sets": {name: set_.labels for name, set_ in scenario.sets.items()},
        "run": [policy, view, futures, seed, engine, precision, allow_stopped],
        "versions": [_source_hash(), platform.machine(), *(_version(name) for name in COMPUTING)],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # run from its source, without being installed
        return "not installed"


@cache
def _source_hash() -> str:
    """A hash over the modules that numbers come from."""
    total = hashlib.sha256(_version("playout").encode())
    package = files("playout")
    for folder in ("read", "model", "compile", "simulate"):
        for path in sorted(Path(str(package / folder)).rglob("*.py")):
            total.update(path.read_bytes())
    return total.hexdigest()


def check_writable(folder: Path) -> None:
    """Refuse, with an InputError, a folder that results could not be written to. Makes nothing that was not there."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, and results go into a folder: name another with `--out`")
    try:
        whole = folder.absolute()
    except FileNotFoundError as problem:
        raise InputError(f"{folder} cannot be made: the working folder has been deleted") from problem
    above = next((place for place in (folder, *whole.parents) if place.exists()), None)
    if above is None or not above.is_dir():
        raise InputError(f"{folder} cannot be made: {above} is not a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"{folder} cannot be written to: {above} gives no permission")


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """A folder to write files into; when all is done they are moved to ``folder``, and after a fault nothing is."""
    check_writable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as problem:
        raise _disk(folder, problem) from problem
    try:
        yield beside
        folder.mkdir(exist_ok=True)
        (folder / PROVENANCE).unlink(missing_ok=True)
        for path in sorted(beside.iterdir(), key=lambda path: path.name == PROVENANCE):
            path.replace(folder / path.name)
    except OSError as problem:
        raise _disk(folder, problem) from problem
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text file that appears whole or not at all. Refuses, with a RunError, a disk that fails."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")  # two processes may write here at once
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as problem:
        raise _disk(path.parent, problem) from problem
    finally:
        beside.unlink(missing_ok=True)


def _disk(folder: Path, problem: OSError) -> RunError:
    return RunError(f"results could not be written to {folder}: {problem.strerror or problem}")


# --- writing ----------------------------------------------------------------------------------------------------------


def save_runs(runs: Runs, folder: Path, key: str = "") -> None:
    """Write runs to a folder, in place of a run that is there. Other files in it stay.

    key: `run_key` of the run, for `load_runs`.
    Refuses, with an InputError, a folder that cannot be written to; with a RunError, a disk that fails.
    """
    with written_whole(folder) as beside:
        runs.outcomes.write_parquet(beside / "outcomes.parquet")
        runs.beliefs.write_parquet(beside / "beliefs.parquet")
        _tally_frame(runs).write_parquet(beside / "tallies.parquet")
        runs.paths.to_netcdf(beside / "paths.nc", engine="scipy")
        _write_json(beside / "result.json", _result(runs))
        written = {path.name: _file_hash(path) for path in sorted(beside.iterdir())}
        _write_json(beside / PROVENANCE, {**_provenance(runs, key), "files": written})


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _result(runs: Runs) -> dict[str, Any]:
    scenario = runs.checked.scenario
    return {
        "scenario": runs.name,
        "title": scenario.title,
        "start": scenario.start.isoformat(),
        "end": runs.checked.end.isoformat(),
        "policy": runs.policy,
        "view": runs.view,
        "futures": runs.futures,
        "seed": runs.seed,
        "engine": runs.engine,
        "precision": runs.precision,
        "stopped_futures": runs.stopped,
        "identity": runs.identity(),
        "measures": {name: asdict(reported) for name, reported in runs.measures.items()},
        "periods": {grain: [asdict(period) for period in periods] for grain, periods in runs.periods.items()},
        "stops": [{**asdict(stop), "date": stop.date.isoformat()} for stop in runs.stops],
    }


def _provenance(runs: Runs, key: str) -> dict[str, Any]:
    return {
        "playout": _version("playout"),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "machine": platform.machine(),
        "system": platform.system(),
        "processors": os.cpu_count(),
        "written": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "seconds": dict(runs.seconds),
        "key": key,
    }


def _tally_frame(runs: Runs) -> pl.DataFrame:
    """Long: track, member ("" without), stage, step, futures."""
    texts = {"track": pl.String, "member": pl.String, "stage": pl.String}
    parts = [pl.DataFrame(schema={**texts, "step": pl.Int32, "futures": pl.Int64})]
    scenario = runs.checked.scenario
    for name, counts in runs.tallies.items():
        track = scenario.tracks[name]
        labels = scenario.sets[track.binders[0].set].labels if track.binders else ("",)
        steps = np.arange(len(counts), dtype=np.int32)
        by_member = counts.reshape(len(counts), len(labels), len(track.stages))
        for member, label in enumerate(labels):
            for place, stage in enumerate(track.stages):
                part = pl.DataFrame({"step": steps, "futures": np.ascontiguousarray(by_member[:, member, place])})
                parts.append(
                    part.select(
                        pl.lit(name).alias("track"),
                        pl.lit(label).alias("member"),
                        pl.lit(stage.name).alias("stage"),
                        "step",
                        "futures",
                    )
                )
    return pl.concat(parts)


# --- reading ----------------------------------------------------------------------------------------------------------


def stored_key(folder: Path) -> str | None:
    """The key of the run in a folder; None where there is none that is whole."""
    try:
        return str(json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def load_runs(folder: Path, checked: CheckedScenario) -> Runs:
    """The runs that `save_runs` wrote. ``checked``: the scenario that was played, its policies joined as then.

    Refuses, with an InputError, a folder without a whole run, with a file changed since, or of another scenario.
    """
    if stored_key(folder) is None:
        raise InputError(f"{folder} holds no run of Playout")
    try:
        about = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        provenance = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        changed = [name for name, known in provenance["files"].items() if _file_hash(folder / name) != known]
        if changed:
            raise ValueError(f"{', '.join(changed)} changed since")
        outcomes = pl.read_parquet(folder / "outcomes.parquet")
        beliefs = pl.read_parquet(folder / "beliefs.parquet")
        tallies = _tallies(pl.read_parquet(folder / "tallies.parquet"), checked)
        with xr.open_dataset(folder / "paths.nc", engine="scipy") as paths:
            kept = paths.load()
        return Runs(
            checked=checked,
            policy=about["policy"],
            view=about["view"],
            futures=about["futures"],
            seed=about["seed"],
            engine=about["engine"],
            precision=about["precision"],
            outcomes=outcomes,
            beliefs=beliefs,
            tallies=tallies,
            paths=kept,
            measures={name: _reported(item) for name, item in about["measures"].items()},
            periods={grain: tuple(Period(**item) for item in items) for grain, items in about["periods"].items()},
            stops=tuple(Stop(**{**item, "date": dt.date.fromisoformat(item["date"])}) for item in about["stops"]),
            seconds=provenance["seconds"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as problem:
        raise InputError(f"{folder} holds a run that cannot be read: {problem}") from problem


def _reported(item: dict[str, Any]) -> Reported:
    members = tuple(tuple(labels) for labels in item["members"])
    return Reported(**{**item, "members": members, "periods": tuple(item["periods"])})


def _tallies(frame: pl.DataFrame, checked: CheckedScenario) -> dict[str, NDArray[np.int64]]:
    found = {}
    for name in frame["track"].unique(maintain_order=True):
        track = checked.scenario.tracks[name]
        sizes = [len(checked.scenario.sets[b.set].members) for b in track.binders]
        counts = frame.filter(pl.col("track") == name)["futures"].to_numpy()
        ordered = counts.reshape(*sizes, len(track.stages), -1)
        found[name] = np.ascontiguousarray(np.moveaxis(ordered, -1, 0))
    return found
