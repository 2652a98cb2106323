"""Where the outcomes of a run lie, and how columns of them are read: from memory, or from the parts in a folder.

In parts a number that there is none of is not a number (NaN), which is far quicker to write, hash and read than a null;
`scan` and `read` give nulls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl
from polars import selectors

from playout.errors import InputError


@dataclass(frozen=True)
class Outcomes:
    """One row a future. parts: all of them, one after the other, in memory or yet to be read. check: refuses, with an
    InputError, a folder in which the run is no longer what it was; nothing to check in memory."""

    parts: pl.LazyFrame | pl.DataFrame
    check: Callable[[], None] = lambda: None

    def scan(self) -> pl.LazyFrame:
        """All columns, not yet read."""
        self.check()
        return self.parts.lazy().with_columns(selectors.float().fill_nan(None))

    def read(self, names: Sequence[str] | None = None, *, nulls: bool = True) -> pl.DataFrame:
        """Some columns, or all of them. nulls: where there is no number; else it is not a number."""
        self.check()
        if isinstance(self.parts, pl.DataFrame):  # taken by name: a query costs more than what it asks for
            found = self.parts if names is None else self.parts[list(names)]
        else:
            wanted = self.parts if names is None else self.parts.select(names)
            try:
                found = wanted.collect()
            except OSError as problem:
                raise InputError(f"the outcomes of a run cannot be read any more: {problem}") from problem
        return found.with_columns(selectors.float().fill_nan(None)) if nulls else found
