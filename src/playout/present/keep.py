"""Text that takes long to make, kept in the user's cache folder beside compiled code.

An entry's name is the hash of what the text depends on, and the entry starts with the hash of its content: one that
does not match is made anew. Entries are written beside and renamed. Where nothing can be written, nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

_MAGIC = b"playout text 1\n"
_HEAD = len(_MAGIC) + 32


def kept(key: str, make: Callable[[], str]) -> str:
    """The text that ``make`` gives: from the folder where it is, else made and kept there.

    key: all that the text depends on.
    """
    from playout.compile.native.cache import folder

    place = folder()
    if place is None:
        return make()
    entry = place / f"{hashlib.sha256(key.encode()).hexdigest()}.txt"
    found = _read(entry)
    if found is not None:
        return found
    text = make()
    with contextlib.suppress(OSError):
        _write(entry, text.encode())
    return text


def _read(entry: Path) -> str | None:
    """An entry's text; None where there is none or it is damaged."""
    try:
        content = entry.read_bytes()
    except OSError:
        return None
    if content[:_HEAD] != _head(content[_HEAD:]):
        return None
    return content[_HEAD:].decode()


def _head(text: bytes) -> bytes:
    return _MAGIC + hashlib.sha256(text).digest()


def _write(entry: Path, text: bytes) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=entry.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_head(text) + text)
        os.replace(beside, entry)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
