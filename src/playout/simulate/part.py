"""Parts of a run: its results come and are kept PART futures at a time, so that memory stays level.

A part always holds the futures from ``number * PART`` on, whoever played them in whatever blocks. Everything that is
said of a whole run is folded from its parts in their order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from playout.compile.engine import BLOCK

PART = 16 * BLOCK
"""Futures in a part; the last of a run may hold fewer. A part of the shipped scenario takes some 150 MB of memory."""


@dataclass(frozen=True)
class Part:
    """What became of some futures.

    outcomes: one row a future, see `result`; not a number, in place of a null, where there is no number. tallies,
    paths: as a Block has them; paths of the run's first futures.
    stopped: int64 [4, futures that stopped]: future, status, step, member, as a Block has them. odds: of each stage and
    answer (see `odds`), in how many futures it was asked and in how many it held, int64 [odds, 2].
    """

    number: int
    outcomes: pl.DataFrame
    tallies: Mapping[str, NDArray[np.int64]]
    paths: Mapping[str, NDArray[np.float32]]
    stopped: NDArray[np.int64]
    odds: NDArray[np.int64]

    @property
    def futures(self) -> int:
        return self.outcomes.height

    def digest(self) -> bytes:
        """A hash over all column values in order."""
        total = hashlib.sha256()
        for column in self.outcomes.iter_columns():
            total.update(f"{column.name}\0{column.len()}\0".encode())
            total.update(np.ascontiguousarray(_plain(column)).data)
        return total.digest()


def _plain(column: pl.Series) -> NDArray[Any]:
    """A column's values as they are hashed: floats as they are, everything else as whole numbers; nulls told apart."""
    if column.dtype.is_float():
        return column.to_numpy()
    if column.dtype == pl.String or column.dtype == pl.Null:
        if column.null_count() == column.len():
            return np.zeros(0, np.uint8)
        there = np.flatnonzero(column.is_not_null().to_numpy())
        text = "\0".join(f"{row}={value}" for row, value in zip(there.tolist(), column.drop_nulls(), strict=True))
        return np.frombuffer(text.encode(), np.uint8)
    return column.to_physical().cast(pl.Int32).fill_null(-1).to_numpy()


@dataclass
class Folded:
    """What is known of the parts so far, taken in their order. Sums are of whole numbers."""

    futures: int = 0
    tallies: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    paths: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    stopped: list[NDArray[np.int64]] = field(default_factory=list)
    odds: NDArray[np.int64] | None = None
    digests: list[str] = field(default_factory=list)

    def add(self, part: Part) -> None:
        """Take in the next part."""
        for name, counts in part.tallies.items():
            self.tallies[name] = self.tallies[name] + counts if name in self.tallies else counts
        self.paths = self.paths or dict(part.paths)
        self.stopped.append(part.stopped)
        self.odds = part.odds if self.odds is None else self.odds + part.odds
        self.futures += part.futures
        self.digests.append(part.digest().hex())

    def identity(self) -> str:
        """A hash over all column values in order: equal runs have equal identities."""
        return hashlib.sha256("\n".join(self.digests).encode()).hexdigest()


class Keeper(Protocol):
    """Where the parts of a run go. streams: they leave memory."""

    streams: bool

    def earlier(self, number: int) -> Part | None:
        """The part of a number, where it is there already from the same run. Parts are asked for in their order."""
        ...

    def next_earlier(self, number: int) -> int | None:
        """The number of the first part from ``number`` on that may be there already."""
        ...

    def keep(self, part: Part, left: int) -> None:
        """Keep the next part. left: how many futures are known to come after it."""
        ...

    def outcomes(self) -> pl.LazyFrame | pl.DataFrame:
        """All parts kept, one after the other."""
        ...


class InMemory:
    """Keeps parts in memory."""

    streams = False

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []

    def earlier(self, number: int) -> Part | None:
        return None

    def next_earlier(self, number: int) -> int | None:
        return None

    def keep(self, part: Part, left: int) -> None:
        self._parts.append(part.outcomes)

    def outcomes(self) -> pl.DataFrame:
        return pl.concat(self._parts, rechunk=False)
