"""Where the outcomes of a run lie, and how columns of them are read: from memory, or from the parts in a folder.

In parts a number that there is none of is not a number (NaN), which is far quicker to write, hash and read than a null;
`scan` and `read` give nulls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from polars import selectors

from playout.errors import InputError
from playout.simulate.parquet import collected


@dataclass(frozen=True)
class Outcomes:
    """One row a future. parts: all of them, one after the other, in memory or yet to be read. check: refuses, with an
    InputError, a folder in which the run is no longer what it was; nothing to check in memory. inspect: raises a
    ValueError for columns that were read and cannot be of this run."""

    parts: pl.LazyFrame | pl.DataFrame
    check: Callable[[], None] = lambda: None
    inspect: Callable[[pl.DataFrame], None] = lambda _: None

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
            found = self._collected(self.parts if names is None else self.parts.select(names))
            self._inspected(found)
        return found.with_columns(selectors.float().fill_nan(None)) if nulls else found

    def row(self, names: Sequence[str], future: int) -> dict[str, Any]:
        """Some columns of one future."""
        found = self._collected(self.scan().select(names).slice(future, 1))
        return found.row(0, named=True)

    def _inspected(self, found: pl.DataFrame) -> None:
        try:
            self.inspect(found)
        except ValueError as problem:
            raise InputError(f"the outcomes of a run are damaged: {problem}") from problem

    @staticmethod
    def _collected(rows: pl.LazyFrame) -> pl.DataFrame:
        try:
            return collected(rows)
        except (OSError, ValueError) as problem:
            raise InputError(f"the outcomes of a run cannot be read any more: {problem}") from problem
