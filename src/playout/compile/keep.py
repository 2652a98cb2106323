"""What takes long to make, kept in the user's cache folder.

Machine code is among it, so the folder is its owner's alone: made and kept at 0700, its files at 0600, and what belongs
to somebody else, or others may write to, is not read. An entry starts with the hash of its name and its content; one
that does not match is thrown away and made anew. Entries are written whole or not at all, so that two processes may
write at once.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from playout.compile.whole import write_whole

FOLDER = "PLAYOUT_CACHE"
"""The environment variable that names another folder; empty for no cache at all."""

_MAGIC = b"playout kept 2\n"
_HEAD = len(_MAGIC) + hashlib.sha256().digest_size


def folder() -> Path | None:
    """Where things are kept; None for nowhere."""
    given = os.environ.get(FOLDER)
    if given is not None:
        return Path(given) if given else None
    shared = os.environ.get("XDG_CACHE_HOME")
    if shared and sys.platform != "darwin":
        return Path(shared) / "playout"
    try:
        home = Path.home()
    except RuntimeError:  # nobody knows one
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "playout"


def kept(name: str, make: Callable[[], bytes], problem: str, result: str) -> bytes:
    """What ``make`` gives: from the cache where it is, else made and kept.

    name: of the entry, different wherever anything differs that the content depends on. Where the folder cannot be
    written, a RuntimeWarning says what could not be kept (``problem``) and what follows (``result``), and the content
    is made all the same.
    """
    place = folder()
    if place is None:
        return make()
    try:
        _made_private(place)
        found = _read(place / name)
    except OSError as fault:
        return _unkept(place, fault, make(), problem, result)
    if found is not None:
        return found
    made = make()
    try:
        write_whole(place / name, _head(name, made) + made, 0o600)
    except OSError as fault:
        return _unkept(place, fault, made, problem, result)
    return made


def _unkept(place: Path, fault: OSError, made: bytes, problem: str, result: str) -> bytes:
    """What was made, with a warning that it is not kept."""
    warnings.warn(
        f"{problem} in {place} ({fault.strerror}): {result}; "
        f"set {FOLDER} to a folder of your own that can be written, or to nothing",
        RuntimeWarning,
        stacklevel=4,
    )
    return made


def _made_private(place: Path) -> None:
    """Make the folder where it is missing, and take away what others may do in it. Raises an OSError where that cannot
    be done, and where it belongs to somebody else."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = place.stat()
    if not _is_own(about):
        raise PermissionError(errno.EPERM, "it belongs to somebody else")
    if hasattr(os, "geteuid") and stat.S_IMODE(about.st_mode) & 0o077:
        place.chmod(0o700)


def _is_own(about: os.stat_result) -> bool:
    """Whether something belongs to who runs this; where nobody can say, it does."""
    return not hasattr(os, "geteuid") or about.st_uid == os.geteuid()


def _read(entry: Path) -> bytes | None:
    """An entry's content; None where there is none, it is damaged, or somebody else may have written it."""
    try:
        handle = os.open(entry, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        others = hasattr(os, "geteuid") and about.st_mode & 0o022
        if not stat.S_ISREG(about.st_mode) or not _is_own(about) or others:
            return None
        whole = file.read()
    content = whole[_HEAD:]
    return content if whole[:_HEAD] == _head(entry.name, content) else None


def _head(name: str, content: bytes) -> bytes:
    return _MAGIC + hashlib.sha256(name.encode() + b"\0" + content).digest()
