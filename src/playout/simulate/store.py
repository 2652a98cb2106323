"""Runs in a folder: written whole or not at all, and taken from there where nothing has changed.

    outcomes/          one row a future, in Parquet parts of PART futures: part-00000.parquet, …
    tallies.parquet    how many futures stood in each stage, step by step
    paths.npz          the first futures step by step: NumPy's arrays
    result.json        what was played and how it is reported; the same bytes for the same run
    provenance.json    with what, when and how fast, the key that tells whether the run can be reused, and each file's
                       checksum, so that one changed since is noticed

Parts are written into a folder beside as they come, ``.NAME.partial``, and at the end all is moved in; the provenance
goes first and comes last, so that a folder has one only if all the rest in it belongs together. A run that is
interrupted leaves the folder beside with its whole parts, and the same run goes on from there. One process holds that
folder at a time; another that writes to the same place meanwhile uses one of its own, which it leaves to nobody.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import platform
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from playout.compile.ir import Period
from playout.compile.whole import write_whole
from playout.errors import InputError, RunError
from playout.model.checked import CheckedScenario
from playout.simulate.outcomes import Outcomes
from playout.simulate.part import Part
from playout.simulate.result import Reported, Runs, Stop

PROVENANCE = "provenance.json"
OUTCOMES = "outcomes"
PATHS = "paths.npz"
COMPRESSION: Literal["lz4"] = "lz4"
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
    until_se: float | None = None,
) -> str:
    """A hash over all that a run's numbers depend on: equal keys, equal runs. Arguments as of `play`.

    The scenario counts with the text of all its files and the values of its tables, wherever they came from; Playout
    counts with its version and its source, so that a changed engine never passes for the old one.
    """
    scenario = checked.scenario
    parts = {
        "texts": sorted((Path(name).name, lines) for name, lines in scenario.lines.items()),
        "tables": {name: [repr(value) for value in table.values] for name, table in scenario.tables.items()},
        "sets": {name: set_.labels for name, set_ in scenario.sets.items()},
        "run": [policy, view, futures, seed, engine, precision, allow_stopped, until_se],
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


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all. Refuses, with a RunError, a disk that fails."""
    with _told(path.parent):
        write_whole(path, text.encode())


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """A disk that fails becomes a RunError that names the folder results are meant for."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as problem:
        what = problem.strerror if isinstance(problem, OSError) else None
        raise RunError(f"results could not be written to {folder}: {what or problem}") from problem


# --- writing ----------------------------------------------------------------------------------------------------------


class Written:
    """A `Keeper` whose parts go to a folder. Used in a `with`, and told when the run is done.

    key: `run_key` of the run, for `load_runs`; asked: what was asked for, for `stored_request`. Other files in the
    folder stay.
    Refuses, with an InputError, a folder that cannot be written to; with a RunError, a disk that fails.
    """

    streams = True

    def __init__(self, folder: Path, key: str, asked: Mapping[str, Any] | None = None) -> None:
        check_writable(folder)
        self.folder, self.key, self.asked = folder, key, dict(asked or {})
        self._parts: list[Path] = []
        self._futures = 0

    def __enter__(self) -> Written:
        with _told(self.folder):
            self._made = [place for place in self.folder.parents if not place.exists()]
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self._beside, self._lock = _claimed(self.folder.with_name(f".{self.folder.name}.partial"))
            if _text(self._beside / "key") != self.key:
                _emptied(self._beside)
                (self._beside / OUTCOMES).mkdir()
                (self._beside / "key").write_text(self.key, encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Interrupted, leave whole parts for the next run; else take everything away that was not moved."""
        if kind is None or issubclass(kind, Exception) or not self._parts:
            shutil.rmtree(self._beside, ignore_errors=True)
            with contextlib.suppress(OSError):  # folders that hold something stay
                for place in self._made:
                    place.rmdir()
        os.close(self._lock)

    def left(self) -> str:
        """What an interruption leaves to the same run; empty for nothing."""
        return f"{self._futures:,} futures are kept, and the same run goes on from there" if self._parts else ""

    # --- parts ---

    def earlier(self) -> Iterable[Part]:
        """The whole parts that an interrupted run left, from the first on."""
        while (part := self._left(len(self._parts))) is not None:
            self._parts.append(self._place(part.number))
            self._futures += part.futures
            yield part

    def _place(self, number: int) -> Path:
        return self._beside / OUTCOMES / f"part-{number:05}.parquet"

    def _about(self, number: int) -> Path:
        return self._beside / f"part-{number:05}.npz"

    def _left(self, number: int) -> Part | None:
        """One part of an earlier run; None where it is not there, or not as it was written."""
        try:
            with np.load(self._about(number)) as about:
                if int(about["checksum"]) != _checksum(self._place(number)):
                    return None
                kept: dict[str, dict[str, Any]] = {"tallies": {}, "paths": {}}
                for name in about.files:
                    kind, _, own = name.partition(" ")
                    if kind in kept:
                        kept[kind][own] = about[name]
                outcomes = pl.read_parquet(self._place(number))
                return Part(number, outcomes, **kept, stopped=about["stopped"], odds=about["odds"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def keep(self, part: Part, left: int) -> None:
        with _told(self.folder):
            place = self._place(part.number)
            part.outcomes.write_parquet(place, compression=COMPRESSION, statistics=False)
            arrays: dict[str, Any] = {f"tallies {name}": counts for name, counts in part.tallies.items()}
            arrays |= {f"paths {name}": paths for name, paths in part.paths.items()}
            arrays |= {"stopped": part.stopped, "odds": part.odds, "checksum": _checksum(place)}
            unfinished = self._about(part.number).with_suffix(".new.npz")
            np.savez(unfinished, **arrays)
            unfinished.replace(self._about(part.number))
            self._parts.append(place)
            self._futures += part.futures
            needed = place.stat().st_size / part.futures * left
            free = shutil.disk_usage(self._beside).free
        if needed > free:
            raise RunError(
                f"the outcomes of {left:,} further futures would take about {needed / 1e9:.3g} GB, and {self.folder} "
                f"has room for {free / 1e9:.3g} GB: ask for fewer futures, or name another folder with `--out`"
            )

    def outcomes(self) -> pl.LazyFrame:
        return pl.scan_parquet(self._parts)

    # --- the whole ---

    def finish(self, runs: Runs) -> Runs:
        """Write all that is not a part, move everything into the folder, and give the runs as they stand there."""
        with _told(self.folder):
            beside = self._beside
            _tally_frame(runs).write_parquet(beside / "tallies.parquet")
            runs.path_arrays().write(beside / PATHS)
            _write_json(beside / "result.json", _result(runs))
            names = [f"{OUTCOMES}/{part.name}" for part in self._parts]
            names += [PATHS, "result.json", "tallies.parquet"]
            written = {name: _checksum(beside / name) for name in names}
            _write_json(beside / PROVENANCE, {**_provenance(runs, self.key, self.asked), "files": written})
            self.folder.mkdir(exist_ok=True)
            (self.folder / PROVENANCE).unlink(missing_ok=True)
            for name in (OUTCOMES, PATHS, "result.json", "tallies.parquet", PROVENANCE):
                _moved(beside / name, self.folder / name)
        return replace(runs, source=_stored_outcomes(self.folder, self.key, names))


def _claimed(beside: Path) -> tuple[Path, int]:
    """The folder to write into, and the lock that says it is ours: the one asked for, or if that is taken a new one."""
    beside.mkdir(exist_ok=True)
    lock = os.open(beside / "lock", os.O_CREAT | os.O_RDWR)
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), os.stat(beside / "lock")):  # it may have been taken away meanwhile
            return beside, lock
    except (ImportError, OSError):
        pass
    os.close(lock)
    own = Path(tempfile.mkdtemp(prefix=f"{beside.name}-", dir=beside.parent))
    return own, os.open(own / "lock", os.O_CREAT | os.O_RDWR)


def _emptied(folder: Path) -> None:
    """Take away what is in a folder, but its lock."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def _moved(path: Path, to: Path) -> None:
    """Move a file or folder to where another may stand."""
    if to.is_dir() and not to.is_symlink():
        shutil.rmtree(to)
    elif path.is_dir():
        to.unlink(missing_ok=True)
    path.replace(to)


def _text(path: Path) -> str | None:
    with contextlib.suppress(OSError, ValueError):
        return path.read_text(encoding="utf-8")
    return None


def _checksum(path: Path) -> int:
    """CRC-32 of a file: enough to notice damage, and quick."""
    total = 0
    piece = bytearray(1 << 18)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(piece):
            total = zlib.crc32(memoryview(piece)[:size], total)
    return total


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
        "largest_error": runs.largest_error,
        "beliefs": runs.drawn,
        "measures": {name: asdict(reported) for name, reported in runs.measures.items()},
        "periods": {grain: [asdict(period) for period in periods] for grain, periods in runs.periods.items()},
        "stops": [{**asdict(stop), "date": stop.date.isoformat()} for stop in runs.stops],
    }


def _provenance(runs: Runs, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "asked": asked,
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


def stored_request(folder: Path) -> dict[str, Any]:
    """What was asked for when the run in a folder was played: its scenario's file, and the arguments of `run_key`.

    Refuses, with an InputError, a folder that holds no whole run.
    """
    try:
        asked = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["asked"]
        return {"scenario": asked["scenario"], **asked}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        hint = "`playout run --out FOLDER` keeps one there"
        raise InputError(f"{folder} holds no run of Playout\n  hint: {hint}") from problem


def load_runs(folder: Path, checked: CheckedScenario) -> Runs:
    """The runs that a `Written` wrote. ``checked``: the scenario that was played, its policies joined as then.

    Refuses, with an InputError, a folder without a whole run, with a file changed since, or of another scenario.
    """
    if stored_key(folder) is None:
        raise InputError(f"{folder} holds no run of Playout")
    try:
        about = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        provenance = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        changed = [name for name, known in provenance["files"].items() if _checksum(folder / name) != known]
        if changed:
            raise ValueError(f"{', '.join(changed)} changed since")
        tallies = _tallies(pl.read_parquet(folder / "tallies.parquet"), checked)
        return Runs(
            checked=checked,
            policy=about["policy"],
            view=about["view"],
            design=None,
            futures=about["futures"],
            seed=about["seed"],
            engine=about["engine"],
            precision=about["precision"],
            source=_stored_outcomes(folder, provenance["key"], provenance["files"]),
            drawn=tuple((name, member) for name, member in about["beliefs"]),
            tallies=tallies,
            kept=folder / PATHS,
            measures={name: _reported(item) for name, item in about["measures"].items()},
            periods={grain: tuple(Period(**item) for item in items) for grain, items in about["periods"].items()},
            stops=tuple(Stop(**{**item, "date": dt.date.fromisoformat(item["date"])}) for item in about["stops"]),
            largest_error=about["largest_error"],
            digest=about["identity"],
            seconds=provenance["seconds"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as problem:
        raise InputError(f"{folder} holds a run that cannot be read: {problem}") from problem


def _stored_outcomes(folder: Path, key: str, names: Iterable[str]) -> Outcomes:
    """The outcomes in a folder, for as long as the run with this key stands there."""

    def check() -> None:
        if stored_key(folder) != key:
            raise InputError(f"{folder} holds another run by now, or none: play this one again to read its outcomes")

    parts = [folder / name for name in names if name.startswith(f"{OUTCOMES}/")]
    return Outcomes(pl.scan_parquet(parts), check)


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
