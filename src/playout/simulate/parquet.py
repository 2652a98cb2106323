"""Parquet files by their paths. A path names one file, whatever signs are in it.

Left to themselves, polars' readers and writers take `*`, `?` and brackets for patterns, `~` for somebody's home, and
what looks like an address for one. None of that is done to an absolute path that is said to be no pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import polars as pl

Found = TypeVar("Found")

COMPRESSION: Literal["lz4"] = "lz4"


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame. Raises an OSError where that fails."""
    try:
        frame.write_parquet(path.absolute(), compression=COMPRESSION, statistics=False)
    except pl.exceptions.ComputeError as problem:  # a disk that fails
        raise OSError(str(problem)) from problem


def read_parquet(path: Path) -> pl.DataFrame:
    """A whole file. Raises a ValueError for what is no Parquet file, an OSError for what cannot be read."""
    return collected(scan_parquet([path]))


def scan_parquet(paths: Sequence[Path]) -> pl.LazyFrame:
    """Files with the same columns, one after the other, not yet read."""
    return pl.scan_parquet([path.absolute() for path in paths], glob=False, hive_partitioning=False)


def schema_of(path: Path) -> tuple[pl.Schema, int]:
    """A file's columns and how many rows it has, from its footer. Raises as `read_parquet` does."""
    rows = scan_parquet([path])
    return _translated(rows.collect_schema), int(collected(rows.select(pl.len())).item())


def collected(rows: pl.LazyFrame) -> pl.DataFrame:
    """What is scanned, read. Raises as `read_parquet` does."""
    return _translated(rows.collect)


def _translated(work: Callable[[], Found]) -> Found:
    """polars' own exceptions, and the panics of its Rust code on damaged files, as Python's."""
    try:
        return work()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as problem:
        cause = " ".join(str(problem).split())
        raise ValueError(f"a file is no Parquet file of this run ({cause[:200]})") from problem
