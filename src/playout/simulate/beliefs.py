"""The belief matrix: one value a belief and future, made before the run and given to either engine.

    columns, futures, seed ──belief_uniforms──▶ uniforms ──belief_values──▶ beliefs       both [columns, futures]

This is what a belief matrix means, in NumPy; `drawing.py` gives the same bits faster.

A column draws from a stream of its own, ``belief NAME``, at its member's number, so that another belief, another chunk
of futures or another order leaves its values as they were, bit for bit. A design of one's own (sensitivity,
calibration) puts its uniforms in the place of the first step.

Everything is in base units. An element never sees its neighbours: not through a sum whose order could change, nor
through code that treats the ends of an array apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playout.compile.draws import belief_stream, open_uniform, stream_key, words
from playout.model.correlation import CorrelationError, copula_factor
from playout.model.distribution import Distribution, open_uniform_of
from playout.model.laws.elementary import ndtri

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """One row of the matrix: a belief, or one member of an indexed one.

    ``member``: its flat position among the members (0 without an index). ``law`` holds in every view but those in
    ``alternatives`` (view's number → law), which the same random number drives. ``shared``: the member whose draw this
    column uses, where members are not drawn apart. Two columns of one name and member use one draw too.
    """

    name: str
    member: int
    law: Distribution
    alternatives: Mapping[int, Distribution] = field(default_factory=dict)
    shared: int | None = None

    @property
    def draw(self) -> tuple[str, int]:
        """What the column's random number goes by: the belief's name and a member."""
        return self.name, self.member if self.shared is None else self.shared

    @property
    def stream(self) -> int:
        """The key of the stream that it draws from."""
        return stream_key(belief_stream(self.name))

    @property
    def laws(self) -> tuple[Distribution, ...]:
        return (self.law, *self.alternatives.values())


def belief_uniforms(columns: Sequence[Column], futures: ArrayLike | range, seeds: int | Sequence[int]) -> Matrix:
    """The open uniform that drives each column in each future, float64 [columns, futures]: word 0 of its address.

    ``futures``: numbers of futures, 32-bit unsigned, in any order and any chunk. ``seeds``: one for all columns, or
    one each.
    """
    numbers = np.asarray(futures)
    each = np.broadcast_to(np.asarray(seeds, dtype=np.uint64), (len(columns),))
    drawn = np.empty((len(columns), numbers.size), np.uint32)
    for seed in set(each.tolist()):
        rows = np.flatnonzero(each == seed).tolist()
        streams = [columns[i].stream for i in rows]
        drawn[rows] = words(seed, streams, numbers, [columns[i].draw[1] for i in rows])
    return open_uniform(drawn)


def belief_values(
    columns: Sequence[Column],
    uniforms: Matrix,
    *,
    ties: Ties | None = None,
    spread: ArrayLike | None = None,
    view: ArrayLike | None = None,
) -> Matrix:
    """What the beliefs are where their uniforms are these: float64 [columns, futures], in base units.

    ``uniforms`` [columns, futures], inside (0, 1). ``spread`` [futures]: the factor by which a future's normal scores
    are multiplied, so 2 widens every belief. ``view`` [futures]: the number of each future's view, for columns with
    alternatives. Refuses spreads that are not above 0.
    """
    count = uniforms.shape[1]
    factors = None if spread is None else checked_spread(spread, count)
    views = None if view is None else np.broadcast_to(np.asarray(view), (count,))
    scores = {} if ties is None else ties.scores(uniforms)
    values = np.empty((len(columns), count))
    for i, column in enumerate(columns):
        values[i] = _values(column.law, uniforms[i], scores.get(i), factors, slice(None))
        if views is None:
            continue
        for number, law in column.alternatives.items():
            here = np.asarray(views == number)
            values[i, here] = _values(law, uniforms[i], scores.get(i), factors, here)
    return values


def checked_spread(spread: ArrayLike, futures: int) -> Matrix:
    """Spreads [futures]; a ValueError where one is not above 0."""
    factors = np.broadcast_to(np.asarray(spread, dtype=np.float64), (futures,))
    if not np.all((factors > 0.0) & (factors < np.inf)):
        raise ValueError("a spread wants a finite factor above 0")
    return factors


def _values(
    law: Distribution, u: Matrix, score: Matrix | None, spread: Matrix | None, where: NDArray[np.bool_] | slice
) -> Matrix:
    """Values of one law over the futures marked; `score` stands for u where the column is correlated."""
    u = u[where]
    factor = None if spread is None else spread[where]
    if score is None:
        return law.drawn(u, factor)
    z = score[where]
    if law.by_score:
        return law.at_score(z if factor is None else z * factor)
    return law.drawn(open_uniform_of(z), factor)


# --- correlation ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """Which columns are correlated with others, and how their normal scores come from those of independent draws.

    of: column's position → its row of ``factor``. first: for each row, the column whose uniform is its draw.
    factor: the lower Cholesky factor [draws, draws] of the scores' correlation.
    """

    of: Mapping[int, int]
    first: tuple[int, ...]
    factor: Matrix

    def among(self, rows: Sequence[int]) -> Ties:
        """The same ties, of a choice of columns that holds all that are tied to each other, or none."""
        place = {row: n for n, row in enumerate(rows)}
        of = {place[i]: k for i, k in self.of.items() if i in place}
        return Ties(of, tuple(place.get(i, -1) for i in self.first), self.factor)

    def scores(self, uniforms: Matrix) -> dict[int, Matrix]:
        """Normal scores of the columns that are correlated: column's position → float64 [futures]."""
        drawn = {k: ndtri(uniforms[self.first[k]]) for k in sorted(set(self.of.values()))}
        # Summed one by one in column order: a matrix product would add in an order that depends on the chunk.
        tied: dict[int, Matrix] = {}
        for k in drawn:
            total = np.zeros(uniforms.shape[1])
            for j in np.flatnonzero(self.factor[k]):
                total += self.factor[k, j] * drawn[int(j)]
            tied[k] = total
        return {i: tied[k] for i, k in self.of.items()}


def ties_between(columns: Sequence[Column], correlation: Matrix) -> Ties:
    """The ties of columns whose correlations are these: Spearman's ρ [columns, columns], ones on the diagonal.

    Correlations of columns that use one draw belong to that draw. Points drop out: a number that is known has nothing
    to go with.
    Refuses, with a CorrelationError, correlations of laws that are discrete or mixed, correlations that differ between
    columns of one draw, and matrices that are not positive definite.
    """
    labels = _labels(columns)
    first, rho = _between_draws(columns, labels, np.asarray(correlation, dtype=np.float64))
    factor = copula_factor([labels[i] for i in first], rho)
    row_of = {columns[i].draw: k for k, i in enumerate(first)}
    tied = {draw: k for draw, k in row_of.items() if np.count_nonzero(rho[k]) > 1}
    of = {i: tied[c.draw] for i, c in enumerate(columns) if c.draw in tied and not _known(c)}
    return Ties(of, tuple(first), factor)


def _between_draws(columns: Sequence[Column], labels: Sequence[str], correlation: Matrix) -> tuple[list[int], Matrix]:
    """The first column of each draw that is no point, and Spearman's ρ between those draws."""
    n = len(columns)
    if correlation.shape != (n, n) or not np.array_equal(correlation, correlation.T):
        raise ValueError(f"correlations of {n} columns want a symmetric {n} × {n} matrix")
    first: dict[tuple[str, int], int] = {}
    for i, column in enumerate(columns):
        if not _known(column):
            first.setdefault(column.draw, i)
    place = {draw: k for k, draw in enumerate(first)}
    rho = np.eye(len(place))
    for i, j in zip(*np.nonzero(np.triu(correlation, 1)), strict=True):
        a, b = columns[i], columns[j]
        if _known(a) or _known(b):
            continue
        pair = (labels[i], labels[j])
        for column, label in zip((a, b), pair, strict=True):
            _check_correlates(column, label, pair)
        p, q, given = place[a.draw], place[b.draw], correlation[i, j]
        if p == q or rho[p, q] not in (0.0, given):
            why = "use one draw" if p == q else f"are given {rho[p, q]:g} and {given:g} for one pair of draws"
            raise CorrelationError(f"`{pair[0]}` and `{pair[1]}` {why}", (pair,))
        rho[p, q] = rho[q, p] = given
    return list(first.values()), rho


def _known(column: Column) -> bool:
    return all(law.is_point for law in column.laws)


def _check_correlates(column: Column, label: str, pair: tuple[str, str]) -> None:
    for law in column.laws:
        if not (law.correlates or law.is_point):
            raise CorrelationError(
                f"`{label}` is {law.describe()}, and `together` takes laws with one continuous range: "
                f"mixtures, categoricals and counts have no ranks to tie",
                (pair,),
            )


def _labels(columns: Sequence[Column]) -> list[str]:
    """Each column's belief, with the member's number where the belief has several."""
    several = Counter(name for name, _ in {(column.name, column.member) for column in columns})
    return [f"{c.name}[{c.member}]" if several[c.name] > 1 else c.name for c in columns]
