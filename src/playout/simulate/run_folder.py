"""The folder of a run: what stands in it, whether it may be written to, and how it is taken away.

A run takes the place of an earlier run and of nothing else. That there is an earlier run is told by its
`provenance.json`, which is there from before the first file to after the last, or by all its other files. Without them
a file of a run's names is somebody's own, and so is whatever in `outcomes/` is no part.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from playout.errors import InputError
from playout.simulate.records import decoded, read_json

PROVENANCE = "provenance.json"
RESULT = "result.json"
TALLIES = "tallies.parquet"
PATHS = "paths.npz"
OUTCOMES = "outcomes"
NAMES = (OUTCOMES, PATHS, RESULT, TALLIES)
"""What a run's folder holds beside the provenance."""

PART = re.compile(rf"{OUTCOMES}/part-\d{{5}}\.parquet")
"""What a run calls its parts."""

ANOTHER = "name another folder with `--out`"


def check_writable(folder: Path) -> None:
    """Refuse, with an InputError, a folder that results could not be written to. Makes nothing that was not there."""
    try:
        str(folder).encode()
        if "\0" in str(folder):
            raise ValueError
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file, and results go into a folder: name another with `--out`")
        whole = folder.absolute()
        above = next((place for place in (folder, *whole.parents) if place.exists()), None)
    except FileNotFoundError as problem:
        raise InputError(f"{folder} cannot be made: the working folder has been deleted") from problem
    except (OSError, ValueError) as problem:  # a name too long, a null byte in it, one that is no text
        reason = getattr(problem, "strerror", None) or "it has signs that no name of a folder may have"
        raise InputError(f"{str(folder)[:200]!r} cannot be made: {reason}") from problem
    if above is None or not above.is_dir():
        raise InputError(f"{folder} cannot be made: {above} is not a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"{folder} cannot be written to: {above} gives no permission")


def check_run_folder(folder: Path, beside: Collection[str] = ()) -> None:
    """Refuse, with an InputError, what `check_writable` refuses, the working folder and those above it, and a folder
    in which files that are not a run's would be overwritten. beside: names of files that go with the run."""
    check_writable(folder)
    with contextlib.suppress(FileNotFoundError):  # the working folder has been deleted
        here = Path.cwd().resolve()
        if folder.resolve() in (here, *here.parents):
            hint = f"{ANOTHER}: results go into one of their own"
            raise InputError(f"{folder} is the working folder or one above it\n  hint: {hint}")
    there = [name for name in (*NAMES, *beside) if os.path.lexists(folder / name)]
    if os.path.lexists(folder / PROVENANCE) or set(NAMES) <= set(there):  # a run, though its record may be damaged
        strange = [name for name in there if (folder / name).is_dir() and name != OUTCOMES]
        strange += [name for name in _inside(folder) if not PART.fullmatch(name)]
    else:
        strange = there
    if strange:
        what = ", ".join(strange[:3]) + (" and more" if len(strange) > 3 else "")
        hint = f"{ANOTHER}, or take them away yourself"
        raise InputError(f"{folder} holds files that no run of Playout wrote ({what})\n  hint: {hint}")


def _inside(folder: Path) -> list[str]:
    """What stands in a folder of outcomes; nothing where that is a link, which is taken away as one."""
    place = folder / OUTCOMES
    if place.is_symlink() or not place.is_dir():
        return []
    return sorted(f"{OUTCOMES}/{path.name}" for path in place.iterdir())


def run_files(folder: Path) -> Mapping[str, int] | None:
    """The files of the run in a folder with their checksums, as its provenance records them; None where there is no
    run. A run that is being moved here has its record already, and is not whole yet."""
    try:
        record = read_json(folder / PROVENANCE)
        files = decoded(dict[str, int], record["files"], "files")
    except (ValueError, OSError, KeyError):
        return None
    return files if all(name in NAMES or PART.fullmatch(name) for name in files) else None


def remove_run(folder: Path) -> None:
    """Take away a run, and the folder itself where nothing else stands in it. Nothing that is not the run's is
    touched."""
    for name in (PROVENANCE, *(run_files(folder) or ())):
        with contextlib.suppress(OSError):
            (folder / name).unlink()
    for place in (folder / OUTCOMES, folder):
        with contextlib.suppress(OSError):  # it holds something
            place.rmdir()
