"""Named NumPy arrays in one file (NumPy's .npz), read without trust: whatever is in the file, reading it gives the
arrays or one sentence, and takes no more memory than the file is long."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DAMAGE = (
    OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, IndexError, OverflowError, MemoryError,
    RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, struct.error,
)  # fmt: skip
"""What reading a damaged archive has been seen to raise, or may."""


def write_arrays(place: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays under their names. Raises an OSError where that fails."""
    place.write_bytes(packed(arrays))


def packed(arrays: Mapping[str, Any]) -> bytes:
    """The file as bytes."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def read_arrays(place: Path) -> dict[str, NDArray[Any]]:
    """What `write_arrays` wrote. Raises an OSError for a file that cannot be read, a ValueError for any other
    content."""
    if not place.is_file():
        raise FileNotFoundError(f"{place.name} is not there")
    return unpacked(place.read_bytes(), place.name)


def unpacked(content: bytes, name: str) -> dict[str, NDArray[Any]]:
    """What `packed` gave. name: of the file, for the ValueError that refuses any other content."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
            if not stored or sum(entry.file_size for entry in archive.infolist()) > len(content):
                raise ValueError("its arrays are packed")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {own: np.asarray(arrays[own]) for own in arrays.files}
    except DAMAGE as problem:
        raise ValueError(f"{name} holds no arrays of a run, or is damaged") from problem
