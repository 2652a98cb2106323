"""Files that appear whole or not at all: written beside, then renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file, in place of one that is there; its folder is made where it is missing.

    mode: its permissions; None for what new files have.

    Two processes may write the same file at once: the last to finish wins. After a fault (an OSError, say) nothing of
    the new file is left, and the old one stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(beside, 0o666 & ~_umask() if mode is None else mode)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _umask() -> int:
    """What the user takes away from the permissions of new files; it can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
