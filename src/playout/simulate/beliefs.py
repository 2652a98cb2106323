"""The belief matrix: one value a belief and future, made before the run and given to either engine.

    columns, futures, seed ──belief_uniforms──▶ uniforms ──belief_values──▶ beliefs       both [columns, futures]

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
from scipy import special

from playout.compile.draws import belief_stream, open_uniform, stream_key, words
from playout.model.correlation import CorrelationError, copula_factor
from playout.model.distribution import Distribution, open_uniform_of, widened_uniform

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
    def laws(self) -> tuple[Distribution, ...]:
        return (self.law, *self.alternatives.values())


def belief_matrix(
    columns: Sequence[Column],
    futures: ArrayLike | range,
    seed: int,
    *,
    correlation: Matrix | None = None,
    spread: ArrayLike | None = None,
    view: ArrayLike | None = None,
) -> Matrix:
    """Values of the beliefs, float64 [columns, futures], in base units: `belief_values` of `belief_uniforms`."""
    uniforms = belief_uniforms(columns, futures, seed)
    return belief_values(columns, uniforms, correlation=correlation, spread=spread, view=view)


def belief_uniforms(columns: Sequence[Column], futures: ArrayLike | range, seed: int) -> Matrix:
    """The open uniform that drives each column in each future, float64 [columns, futures]: word 0 of its address.

    ``futures``: numbers of futures, 32-bit unsigned, in any order and any chunk.
    """
    streams = [stream_key(belief_stream(column.name)) for column in columns]
    members = [column.draw[1] for column in columns]
    return open_uniform(words(seed, streams, np.asarray(futures), members))


def belief_values(
    columns: Sequence[Column],
    uniforms: Matrix,
    *,
    correlation: Matrix | None = None,
    spread: ArrayLike | None = None,
    view: ArrayLike | None = None,
) -> Matrix:
    """What the beliefs are where their uniforms are these: float64 [columns, futures], in base units.

    ``uniforms`` [columns, futures], inside (0, 1). ``correlation`` [columns, columns]: Spearman's ρ, symmetric, ones on
    the diagonal; correlations of columns that use one draw belong to that draw. ``spread`` [futures]: the factor by
    which a future's normal scores are multiplied, so 2 widens every belief. ``view`` [futures]: the number of each
    future's view, for columns with alternatives.
    Refuses what `correlated_scores` refuses, and spreads that are not above 0.
    """
    count = uniforms.shape[1]
    factors = None if spread is None else np.broadcast_to(np.asarray(spread, dtype=np.float64), (count,))
    if factors is not None and not np.all((factors > 0.0) & (factors < np.inf)):
        raise ValueError("a spread wants a finite factor above 0")
    views = None if view is None else np.broadcast_to(np.asarray(view), (count,))
    tied = {} if correlation is None else correlated_scores(columns, uniforms, correlation)
    values = np.empty((len(columns), count))
    for i, column in enumerate(columns):
        values[i] = _values(column.law, uniforms[i], tied.get(i), factors, slice(None))
        if views is None:
            continue
        for number, law in column.alternatives.items():
            here = np.asarray(views == number)
            values[i, here] = _values(law, uniforms[i], tied.get(i), factors, here)
    return values


def _values(
    law: Distribution, u: Matrix, score: Matrix | None, spread: Matrix | None, where: NDArray[np.bool_] | slice
) -> Matrix:
    """Values of one law over the futures marked; `score` stands for u where the column is correlated."""
    u = u[where]
    z = None if score is None else score[where]
    factor = None if spread is None else spread[where]
    if law.by_score:
        z = special.ndtri(u) if z is None else z
        return law.at_score(z if factor is None else z * factor)
    u = u if z is None else open_uniform_of(z)
    return law.quantile(u if factor is None else widened_uniform(u, factor))


# --- correlation ------------------------------------------------------------------------------------------------------


def correlated_scores(columns: Sequence[Column], uniforms: Matrix, correlation: Matrix) -> dict[int, Matrix]:
    """Normal scores of the columns that are correlated with others: column's position → float64 [futures].

    Points drop out: a number that is known has nothing to go with.
    Refuses, with a CorrelationError, correlations of laws that are discrete or mixed, correlations that differ between
    columns of one draw, and matrices that are not positive definite.
    """
    labels = _labels(columns)
    representatives, rho = _between_draws(columns, labels, np.asarray(correlation, dtype=np.float64))
    factor = copula_factor([labels[i] for i in representatives], rho)
    row_of = {columns[i].draw: k for k, i in enumerate(representatives)}
    scores = {
        k: np.asarray(special.ndtri(uniforms[representatives[k]]))
        for k in range(len(representatives))
        if np.count_nonzero(rho[k]) > 1
    }
    # Summed one by one in column order: a matrix product would add in an order that depends on the chunk.
    tied: dict[int, Matrix] = {}
    for k in scores:
        total = np.zeros(uniforms.shape[1])
        for j in np.flatnonzero(factor[k]):
            total += factor[k, j] * scores[int(j)]
        tied[k] = total
    return {i: tied[row_of[c.draw]] for i, c in enumerate(columns) if row_of.get(c.draw) in tied and not _known(c)}


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
