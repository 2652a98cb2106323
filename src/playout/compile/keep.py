"""What takes long to make, kept in the user's cache folder.

An entry starts with the hash of its content; one that does not match is thrown away and made anew. Entries are written
whole or not at all, so that two processes may write at once.
"""

from __future__ import annotations

import hashlib
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from playout.compile.whole import write_whole

FOLDER = "PLAYOUT_CACHE"
"""The environment variable that names another folder; empty for no cache at all."""

_MAGIC = b"playout kept 1\n"
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
    found = _read(place / name)
    if found is not None:
        return found
    made = make()
    try:
        write_whole(place / name, _head(made) + made)
    except OSError as fault:
        warnings.warn(
            f"{problem} in {place} ({fault.strerror}): {result}; "
            f"set {FOLDER} to a folder that can be written, or to nothing",
            RuntimeWarning,
            stacklevel=3,
        )
    return made


def _read(entry: Path) -> bytes | None:
    """An entry's content; None where there is none or it is damaged."""
    try:
        whole = entry.read_bytes()
    except OSError:
        return None
    content = whole[_HEAD:]
    return content if whole[:_HEAD] == _head(content) else None


def _head(content: bytes) -> bytes:
    return _MAGIC + hashlib.sha256(content).digest()
