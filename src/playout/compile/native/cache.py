"""Object code kept on disk, so that a scenario compiles once on a machine.

An entry's name is the hash of everything the code depends on: the module's text (which holds the Program), the versions
of this package and of LLVM, the processor and its features. The entry starts with the hash of its content; one that
does not match is thrown away and made anew. Entries are written beside and renamed, so that two processes may write at
once. Tables are not in the text: the same code serves other numbers.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from playout.compile.native.target import Target

FOLDER = "PLAYOUT_CACHE"
"""The environment variable that names another folder; empty for no cache at all."""

_MAGIC = b"playout object code 1\n"


def folder() -> Path | None:
    """Where object code is kept; None for nowhere."""
    given = os.environ.get(FOLDER)
    if given is not None:
        return Path(given) if given else None
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "playout"


def object_code(text: str, target: Target, make: Callable[[], bytes]) -> bytes:
    """The object code of a module: from the cache where it is, else made and kept.

    Where the folder cannot be written, a warning says so and the code is made all the same.
    """
    place = folder()
    if place is None:
        return make()
    entry = place / f"{_name(text, target)}.o"
    found = _read(entry)
    if found is not None:
        return found
    made = make()
    try:
        _write(entry, made)
    except OSError as problem:
        warnings.warn(
            f"compiled code could not be kept in {place} ({problem.strerror}): the next run compiles again; "
            f"set {FOLDER} to a folder that can be written, or to nothing",
            RuntimeWarning,
            stacklevel=2,
        )
    return made


def _name(text: str, target: Target) -> str:
    try:
        package = version("playout")
    except PackageNotFoundError:
        package = "source"
    digest = hashlib.sha256()
    for part in (package, target.identity, text):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def _read(entry: Path) -> bytes | None:
    """An entry's code; None where there is none or it is damaged."""
    try:
        content = entry.read_bytes()
    except OSError:
        return None
    head = len(_MAGIC) + 32
    code = content[head:]
    if content.startswith(_MAGIC) and content[len(_MAGIC) : head] == hashlib.sha256(code).digest():
        return code
    return None


def _write(entry: Path, code: bytes) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=entry.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + hashlib.sha256(code).digest() + code)
        os.replace(beside, entry)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
