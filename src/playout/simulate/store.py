"""Runs in a folder: written whole or not at all, and taken from there where nothing has changed.

    outcomes/          one row a future, in Parquet parts of PART futures: part-00000.parquet, …
    tallies.parquet    how many futures stood in each stage, step by step
    paths.npz          the first futures step by step: NumPy's arrays
    result.json        what was played and how it is reported; the same bytes for the same run
    provenance.json    with what, when and how fast, the key that tells whether the run can be reused, and each file's
                       checksum, so that one changed since is noticed

Parts are written into a folder beside as they come, ``.NAME.partial``, and at the end all is moved in; a provenance
without a key goes before and the run's own comes last, so that a folder has a key only if all the rest in it belongs
together. A run that is
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
import re
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from playout.compile.whole import write_whole
from playout.errors import InputError, RunError
from playout.model.checked import CheckedScenario
from playout.simulate.array_files import packed, unpacked
from playout.simulate.kept_run import KeptRun
from playout.simulate.outcomes import Outcomes
from playout.simulate.parquet import read_parquet, scan_parquet, write_parquet
from playout.simulate.part import Part
from playout.simulate.records import decoded, read_json
from playout.simulate.result import Runs
from playout.simulate.run_folder import (
    NAMES,
    OUTCOMES,
    PATHS,
    PROVENANCE,
    RESULT,
    TALLIES,
    check_run_folder,
    run_files,
)

LIBRARIES = ("llvmlite", "numpy", "polars", "scipy", "xarray")
SEAL = struct.calcsize("<II")
LEFT = re.compile(r"\.?part-\d+\.kept(\..*\.part)?")
"""Names of the files in which parts are kept beside their outcomes, and of those that are being written."""

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


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all. Refuses, with a RunError, a disk that fails."""
    with _told(path.parent):
        write_whole(path, text.encode())


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """A disk that fails becomes a RunError that names the folder results are meant for."""
    try:
        yield
    except OSError as problem:
        raise RunError(f"results could not be written to {folder}: {problem.strerror or problem}") from problem


# --- writing ----------------------------------------------------------------------------------------------------------


class Written:
    """A `Keeper` whose parts go to a folder. Used in a `with`, and told when the run is done.

    key: `run_key` of the run, for `load_runs`; asked: what was asked for, for `stored_request`. Other files in the
    folder stay.
    Refuses, with an InputError, a folder that cannot be written to; with a RunError, a disk that fails.
    """

    streams = True

    def __init__(self, folder: Path, key: str, asked: Mapping[str, Any] | None = None) -> None:
        check_run_folder(folder)
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

    def earlier(self, number: int) -> Part | None:
        """The part of a number that an interrupted run left; None where it is not there, or not as it was written."""
        try:
            content = self._about(number).read_bytes()
            head, arrays = content[:SEAL], content[SEAL:]
            if head != _seal(arrays, self._place(number)):
                return None
            kept: dict[str, dict[str, Any]] = {"tallies": {}, "paths": {}, "own": {}}
            for name, values in unpacked(arrays, self._about(number).name).items():
                kind, _, of = name.partition(" ")
                kept[kind][of] = values
            own = kept.pop("own")
            part = Part(number, read_parquet(self._place(number)), **kept, stopped=own["stopped"], odds=own["odds"])
        except (OSError, ValueError, KeyError):
            return None
        self._parts.append(self._place(number))
        self._futures += part.futures
        return part

    def next_earlier(self, number: int) -> int | None:
        """The number of the first part from ``number`` on that an interrupted run seems to have left."""
        found = [int(path.stem.removeprefix("part-")) for path in self._beside.glob("part-[0-9]*.kept")]
        return min((own for own in found if own >= number), default=None)

    def _place(self, number: int) -> Path:
        return self._beside / OUTCOMES / f"part-{number:05}.parquet"

    def _about(self, number: int) -> Path:
        return self._beside / f"part-{number:05}.kept"

    def keep(self, part: Part, left: int) -> None:
        with _told(self.folder):
            place = self._place(part.number)
            write_parquet(part.outcomes, place)
            arrays: dict[str, Any] = {f"tallies {name}": counts for name, counts in part.tallies.items()}
            arrays |= {f"paths {name}": paths for name, paths in part.paths.items()}
            arrays |= {"own stopped": part.stopped, "own odds": part.odds}
            content = packed(arrays)
            write_whole(self._about(part.number), _seal(content, place) + content)
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
        return scan_parquet(self._parts)

    # --- the whole ---

    def finish(self, runs: Runs) -> Runs:
        """Write all that is not a part, move everything into the folder, and give the runs as they stand there."""
        check_run_folder(self.folder)  # somebody may have put files there meanwhile
        with _told(self.folder):
            beside = self._beside
            write_parquet(_tally_frame(runs), beside / TALLIES)
            runs.path_arrays().write(beside / PATHS)
            _write_json(beside / RESULT, _result(runs))
            names = [f"{OUTCOMES}/{part.name}" for part in self._parts]
            written = {name: _checksum(beside / name) for name in (*names, PATHS, RESULT, TALLIES)}
            provenance = _provenance(runs, self.key, self.asked)
            _write_json(beside / PROVENANCE, {**provenance, "files": written})
            for path in (beside / OUTCOMES).iterdir():
                if f"{OUTCOMES}/{path.name}" not in written:
                    path.unlink()
            self.folder.mkdir(exist_ok=True)
            write_whole(self.folder / PROVENANCE, json.dumps({"unfinished": True}).encode())
            for name in (*NAMES, PROVENANCE):
                _moved(beside / name, self.folder / name)
        parts = scan_parquet([self.folder / name for name in names])
        return replace(runs, source=Outcomes(parts, partial(_still_there, self.folder, self.key)))


def _claimed(beside: Path) -> tuple[Path, int]:
    """The folder to write into, and the lock that says it is ours: the one asked for, or if that is taken a new one."""
    if not _is_ours(beside):
        beside = Path(tempfile.mkdtemp(prefix=f"{beside.name}-", dir=beside.parent))
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


def _is_ours(beside: Path) -> bool:
    """Whether a folder is not there, or holds nothing but what a run leaves there."""
    if beside.is_symlink() or not beside.is_dir():
        return not os.path.lexists(beside)
    names = [path.name for path in beside.iterdir()]
    return all(name in (*NAMES, PROVENANCE, "lock", "key") or LEFT.fullmatch(name) for name in names)


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


def _seal(content: bytes, place: Path) -> bytes:
    """What tells that a part's arrays and its outcomes are as they were written."""
    return struct.pack("<II", zlib.crc32(content), _checksum(place))


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
        "written": _now(),
        "seconds": dict(runs.seconds),
        "key": key,
    }


def _now() -> str | None:
    """The time of day; None where the machine's clock stands at none that a calendar has."""
    try:
        return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None


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
        return decoded(str, read_json(folder / PROVENANCE)["key"], "key")
    except (OSError, ValueError, KeyError):
        return None


@dataclass(frozen=True)
class Asked:
    """What was asked for when a run was played: its scenario's file, and the arguments of `run_key`."""

    scenario: str
    policy: str | None
    view: str | None
    futures: int
    seed: int
    engine: str
    precision: str
    allow_stopped: float
    until_se: float | None


def stored_request(folder: Path) -> Asked:
    """What was asked for when the run in a folder was played.

    Refuses, with an InputError, a folder that holds no whole run.
    """
    try:
        return decoded(Asked, read_json(folder / PROVENANCE)["asked"], "asked")
    except (OSError, ValueError, KeyError) as problem:
        hint = "`playout run --out FOLDER` keeps one there"
        raise InputError(f"{folder} holds no run of Playout\n  hint: {hint}") from problem


def load_runs(folder: Path, checked: CheckedScenario) -> Runs:
    """The runs that a `Written` wrote. ``checked``: the scenario that was played, its policies joined as then.

    Refuses, with an InputError, a folder without a whole run, with a file changed since, or of another scenario.
    """
    key = stored_key(folder)
    files = run_files(folder)
    if key is None or files is None:
        raise InputError(f"{folder} holds no run of Playout")

    try:
        lost = [name for name in (*files, RESULT) if not (folder / name).is_file()]
        if lost:
            raise ValueError(f"{', '.join(lost[:3])} is not there")
        changed = [name for name, known in files.items() if _checksum(folder / name) != known]
        if changed:
            raise ValueError(f"{', '.join(changed[:3])} changed since")
        seconds = decoded(dict[str, float], read_json(folder / PROVENANCE).get("seconds"), "seconds")
        return KeptRun(folder, checked, read_json(folder / RESULT), files).runs(
            partial(_still_there, folder, key), seconds
        )
    except (OSError, ValueError) as problem:
        what = problem.strerror if isinstance(problem, OSError) else None
        raise InputError(f"{folder} holds a run that cannot be read: {what or problem}") from problem


def _still_there(folder: Path, key: str) -> None:
    """Refuse, with an InputError, a folder in which the run with a key stands no more."""
    if stored_key(folder) != key:
        raise InputError(f"{folder} holds another run by now, or none: play this one again to read its outcomes")
