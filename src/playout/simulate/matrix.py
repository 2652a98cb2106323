"""A scenario's belief matrix: which laws its rows follow under a policy and the views, and which view a future draws.

    CheckedScenario, policy, view, rows, design ──belief_rows──▶ BeliefRows ──draw──▶ float64 [rows, futures]

The rows are the Program's (`ir.Program.columns`): a belief and a flat member, and last the view where there are views.
An assignment ``=`` of a law takes the row's law away and keeps its random number; ``*=`` and ``+=`` act inside the run,
where time is known, and so stand in the Program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from playout.compile.draws import open_uniform, stream_key, words
from playout.compile.lower.variant import AS_WRITTEN, VIEW, VIEW_STREAM
from playout.model.checked import Change, CheckedScenario, new_law, spread_of
from playout.simulate.beliefs import Column
from playout.simulate.design import Design, Placed, place_design
from playout.simulate.drawing import Drawing

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BeliefRows:
    """The rows of a belief matrix, ready to be drawn for any stretch of futures.

    correlation: Spearman's ρ [columns, columns], None where no belief is tied to another. credences: of the views,
    empty without views. view: the position of the view that all futures hold, None to draw it by credence. spreads: by
    view (one entry without views), the factor on every belief's normal score. placed: what is drawn anew or given.
    """

    columns: tuple[Column, ...]
    correlation: Matrix | None
    credences: tuple[float, ...]
    view: int | None
    spreads: tuple[float, ...]
    placed: Placed
    _drawings: dict[int, Drawing] = field(default_factory=dict, repr=False, compare=False)

    def draw(self, first: int, futures: int, seed: int) -> Matrix:
        """The matrix for futures ``first`` to ``first + futures - 1``, [rows, futures], in base units."""
        holders = self.placed.holders(first, futures)
        views = self._views(holders, first, seed)
        widened = any(spread != 1.0 for spread in self.spreads)
        drawn = self._drawing(seed).matrix(
            holders,
            spread=np.asarray(self.spreads)[views] if widened else None,
            view=views if self.credences else None,
            place=first,
            more=1 if self.credences else 0,
        )
        if self.credences:
            drawn[-1] = views
        return drawn

    def _drawing(self, seed: int) -> Drawing:
        if seed not in self._drawings:
            seeds = [self.placed.seed if row in self.placed.redrawn else seed for row in range(len(self.columns))]
            given = {row: values for row, values in self.placed.given.items() if row < len(self.columns)}
            self._drawings[seed] = Drawing(self.columns, seeds, self.correlation, given)
        return self._drawings[seed]

    def _views(self, holders: NDArray[np.int64], first: int, seed: int) -> NDArray[np.int64]:
        """The view of each future, by position, [futures]; zeros without views."""
        if not self.credences or self.view is not None:
            return np.full(holders.size, self.view or 0, np.int64)
        row = len(self.columns)
        if row in self.placed.given:
            uniform = self.placed.given[row][first : first + holders.size]
        else:
            own = self.placed.seed if row in self.placed.redrawn else seed
            uniform = open_uniform(words(own, stream_key(VIEW_STREAM), holders, [0]))[0]
        edges = np.cumsum(self.credences)
        drawn = np.searchsorted(edges, uniform * edges[-1], side="right")
        return np.asarray(np.minimum(drawn, len(edges) - 1), dtype=np.int64)


def belief_rows(
    checked: CheckedScenario,
    rows: Sequence[tuple[str, int]],
    policy: str | None = None,
    view: str | None = None,
    design: Design | None = None,
    futures: int | None = None,
) -> BeliefRows:
    """What the rows of a Program's belief matrix are drawn from.

    policy, view: names in the scenario, or None (no policy; views drawn by credence). design: beliefs that are drawn
    anew or given. futures: how many will be played, None where that is open.
    Refuses, with a UsageError, what `place_design` refuses.
    """
    views = list(checked.views)
    edits = [*checked.views.values(), checked.policies[policy] if policy is not None else ()]
    columns = tuple(_column(checked, name, member, edits) for name, member in rows if name != VIEW)
    credences = tuple(checked.scenario.views[name].credence or 0.0 for name in views)
    return BeliefRows(
        columns=columns,
        correlation=_correlation(checked, columns),
        credences=credences,
        view=None if view is None else views.index(view),
        spreads=tuple(spread_of(changes) for changes in edits[:-1]) or (1.0,),
        placed=place_design(design or Design(), checked, _draws(columns, credences), futures),
    )


def _draws(columns: Sequence[Column], credences: Sequence[float]) -> list[tuple[str, int]]:
    """What drives each row: a belief and a member, and last the view where there are views."""
    return [column.draw for column in columns] + ([(VIEW, 0)] if credences else [])


def _column(checked: CheckedScenario, array: str, member: int, edits: Sequence[Sequence[Change]]) -> Column:
    """One row: the belief's law, the views' own, and the policy's over both."""
    name = array.removesuffix(AS_WRITTEN)
    belief = checked.scenario.beliefs[name]
    sizes = tuple(len(checked.scenario.sets[s].members) for s in belief.sets)
    position = tuple(int(i) for i in np.unravel_index(member, sizes)) if sizes else ()
    law = checked.distributions[name, member]
    alternatives = {}
    *views, policy = edits
    for number, changes in enumerate(views):
        if (other := new_law(changes, name, position)) is not None:
            alternatives[number] = other
    if (other := new_law(policy, name, position)) is not None:
        law, alternatives = other, {}
    return Column(name, member, law, alternatives, shared=0 if belief.shared else None)


def _correlation(checked: CheckedScenario, columns: Sequence[Column]) -> Matrix | None:
    if not checked.correlations:
        return None
    place = {(column.name, column.member): number for number, column in enumerate(columns)}
    matrix = np.eye(len(columns))
    for first, second, rho in checked.correlations:
        if first in place and second in place:
            i, j = place[first], place[second]
            matrix[i, j] = matrix[j, i] = rho
    return matrix
