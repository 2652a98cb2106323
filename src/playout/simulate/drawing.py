"""Belief matrices drawn fast: by machine code where there is any, with the bits of `beliefs.py`.

Columns whose laws have a formula are filled by `compile/native/columns.py`, all columns of a formula in one call that
lets go of the interpreter. What is left (tied columns, counts, the bends of a mixture) is drawn as `beliefs.py` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playout.model.laws.form import Form
from playout.simulate.beliefs import Column, Matrix, Ties, belief_uniforms, belief_values, checked_spread, ties_between

if TYPE_CHECKING:
    from playout.compile.native.columns import ColumnKernel

Records = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Fill:
    """One law of a column that a formula fills. view: -1 for the law of all views but those with one of their own."""

    column: int
    view: int
    form: Form


def belief_matrix(
    columns: Sequence[Column],
    futures: ArrayLike | range,
    seed: int,
    *,
    correlation: Matrix | None = None,
    spread: ArrayLike | None = None,
    view: ArrayLike | None = None,
) -> Matrix:
    """Values of the beliefs, float64 [columns, futures], in base units; arguments as of `Drawing`."""
    return Drawing(columns, seed, correlation).matrix(futures, spread=spread, view=view)


class Drawing:
    """Columns ready to be drawn for any futures.

    correlation: Spearman's ρ [columns, columns], None for independent columns. seeds: one for all columns, or one each.
    given: column's position → uniforms that take the place of its draws, one for each future of the run.
    Refuses what `ties_between` refuses.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        seeds: int | Sequence[int],
        correlation: Matrix | None = None,
        given: Mapping[int, Matrix] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.seeds = np.broadcast_to(np.asarray(seeds, dtype=np.uint64), (len(self.columns),))
        self.given = dict(given or {})
        self.ties: Ties | None = None if correlation is None else ties_between(columns, correlation)
        tied = {} if self.ties is None else self.ties.of
        fills, rest = [], []
        for place, column in enumerate(self.columns):
            laws = {-1: column.law, **column.alternatives}
            forms = {view: law.form() for view, law in laws.items()}
            if place in tied or None in forms.values():
                rest.append(place)
            else:
                fills += [Fill(place, view, form) for view, form in forms.items() if form is not None]
        # A column's own law comes before the views', which take its place.
        self.fills = sorted(fills, key=lambda fill: (fill.view >= 0, fill.form.formula))
        self.rest = tuple(rest)
        self.holes = tuple(sorted({fill.column for fill in fills if fill.form.has_holes}))

    def __getstate__(self) -> dict[str, object]:
        """All but the records, which hold addresses of this process."""
        return {name: value for name, value in self.__dict__.items() if name != "_made"}

    def matrix(
        self,
        futures: ArrayLike | range,
        *,
        spread: ArrayLike | None = None,
        view: ArrayLike | None = None,
        place: int = 0,
        more: int = 0,
    ) -> Matrix:
        """The beliefs of futures of these numbers, float64 [columns + more, futures], in base units.

        spread, view: as of `belief_values`. place: of the first of these futures in what is given. more: rows that are
        left open behind the columns.
        """
        numbers = np.asarray(futures)
        if numbers.size and (numbers.min() < 0 or numbers.max() >= 2**32):
            raise ValueError("a future is addressed by a whole number from 0 to 2**32 - 1")
        spreads = None if spread is None else checked_spread(spread, numbers.size)
        views = np.broadcast_to(np.asarray(-1 if view is None else view), (numbers.size,))
        given = {row: uniforms[place : place + numbers.size] for row, uniforms in self.given.items()}
        kernels = self._kernels()
        if not kernels:
            out = np.empty((len(self.columns) + more, numbers.size))
            out[: len(self.columns)] = self._as_written(range(len(self.columns)), numbers, spreads, views, given)
            return out
        lanes = max(kernel.lanes for kernel in kernels.values())
        out = np.empty((len(self.columns) + more, -(-numbers.size // lanes) * lanes))[:, : numbers.size]
        self._fill(kernels, out, numbers, None, views, given)
        if spreads is not None:
            wide = np.flatnonzero(spreads != 1.0)
            here = {row: uniforms[wide] for row, uniforms in given.items()}
            part = np.empty((len(out), -(-wide.size // lanes) * lanes))[:, : wide.size]
            self._fill(kernels, part, numbers[wide], spreads[wide], views[wide], here)
            for row in {fill.column for fill in self.fills}:
                out[row, wide] = part[row]
        if self.rest:
            out[list(self.rest)] = self._as_written(self.rest, numbers, spreads, views, given)
        for row in self.holes:
            bad = np.flatnonzero(np.isnan(out[row]))
            here = {row: given[row][bad]} if row in given else {}
            out[row, bad] = self._as_written(
                [row], numbers[bad], None if spreads is None else spreads[bad], views[bad], here
            )
        return out

    def _as_written(
        self,
        rows: Sequence[int],
        numbers: NDArray[np.integer],
        spreads: Matrix | None,
        views: NDArray[np.integer],
        given: Mapping[int, Matrix],
    ) -> Matrix:
        """Some columns as `beliefs.py` draws them."""
        columns = [self.columns[row] for row in rows]
        uniforms = belief_uniforms(columns, numbers, [int(self.seeds[row]) for row in rows])
        for place, row in enumerate(rows):
            if row in given:
                uniforms[place] = given[row]
        ties = None if self.ties is None else self.ties.among(rows)
        return belief_values(columns, uniforms, ties=ties, spread=spreads, view=views)

    # --- machine code ---

    def _kernels(self) -> dict[str, ColumnKernel]:
        """The kernel of each formula in use; none where there is no machine code here."""
        try:
            from playout.compile.native.columns import column_kernel  # llvmlite takes a while to load
        except ImportError:
            return {}
        found = {formula: column_kernel(formula) for formula in {fill.form.formula for fill in self.fills}}
        return {formula: kernel for formula, kernel in found.items() if kernel is not None}

    def _fill(
        self,
        kernels: Mapping[str, ColumnKernel],
        out: Matrix,
        numbers: NDArray[np.integer],
        spreads: Matrix | None,
        views: NDArray[np.integer],
        given: Mapping[int, Matrix],
    ) -> None:
        """Fill the rows of ``out`` whose laws have formulas. Its rows have room for whole vectors."""
        from playout.compile.native.columns import GIVEN, OUT

        room = out.strides[0] // 8 if len(out) else 0
        padded = {row: _padded(uniforms, room, np.float64) for row, uniforms in given.items()}
        futures = (
            _padded(numbers, room, np.uint32),
            _padded(views, room, np.int32),
            np.ones(room) if spreads is None else _padded(spreads, room, np.float64),
        )
        for formula, records, rows in self._records(wide=spreads is not None):
            records = records.copy()
            records[:, OUT] = out.ctypes.data + rows * out.strides[0]
            for row, uniforms in padded.items():
                records[rows == row, GIVEN] = uniforms.ctypes.data
            kernels[formula].fill(records, *futures)

    def _records(self, *, wide: bool) -> list[tuple[str, Records, NDArray[np.int64]]]:
        """By formula, the records of its columns and their rows: first those of all views, then those of one."""
        made: dict[bool, list[tuple[str, Records, NDArray[np.int64]]]] = self.__dict__.setdefault("_made", {})
        if wide not in made:
            from playout.compile.native.columns import record

            groups: dict[tuple[bool, str], list[Fill]] = {}
            for fill in self.fills:
                groups.setdefault((fill.view >= 0, fill.form.formula), []).append(fill)
            found = []
            for (_, formula), fills in groups.items():
                rows = np.array([fill.column for fill in fills])
                records = [
                    record(
                        fill.form, column.stream, column.draw[1], int(self.seeds[fill.column]), fill.view, spread=wide
                    )
                    for fill, column in ((fill, self.columns[fill.column]) for fill in fills)
                ]
                found.append((formula, np.array(records), rows))
            made[wide] = found  # whole at once: other threads read it
        return made[wide]


def _padded(values: NDArray[Any], room: int, dtype: type) -> NDArray[Any]:
    """Values in an array with room for whole vectors, the last one repeated."""
    whole: NDArray[Any] = np.empty(room, dtype)
    whole[: values.size] = values
    whole[values.size :] = values[-1] if values.size else 0
    return whole
