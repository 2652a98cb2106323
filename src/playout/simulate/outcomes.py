"""Where the outcomes of a run lie, and how columns of them are read: from memory, or from the parts in a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from playout.errors import InputError


@dataclass(frozen=True)
class Outcomes:
    """One row a future. frame: all parts, one after the other. check: refuses, with an InputError, a folder in which
    the run is no longer what it was; nothing to check in memory."""

    frame: pl.LazyFrame
    check: Callable[[], None] = lambda: None

    def scan(self) -> pl.LazyFrame:
        """All columns, not yet read."""
        self.check()
        return self.frame

    def read(self, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Some columns, or all of them."""
        wanted = self.scan() if names is None else self.scan().select(names)
        try:
            return wanted.collect()
        except OSError as problem:
            raise InputError(f"the outcomes of a run cannot be read any more: {problem}") from problem
