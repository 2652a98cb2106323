"""Policies, or views, under the same draws: by how much each outcome differs, how surely, and what that leaves to say.

    Runs, one after the other ──compare──▶ Comparison

Of each run one number a future and outcome is kept. Futures that stopped in any run are left out of all and counted.
Which is better is said of measures of people, where less is better, and of what an objective speaks of. Without an
objective nothing is ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from playout.analyse.against import Against, against
from playout.analyse.average import Average
from playout.analyse.compare.difference import Difference, Groups, difference, subtracted
from playout.analyse.compare.dominance import FirstOrder, Standing, Verdict, first_order, verdict
from playout.analyse.compare.futures import Kept, kept
from playout.analyse.compare.regret import Regrets, regrets
from playout.analyse.compare.rows import Row, with_units
from playout.analyse.estimate import Numbers, Share, share_of
from playout.analyse.objective import Objective
from playout.errors import RunError
from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario
from playout.simulate.result import Runs, scenario_name

By = Literal["policy", "view"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of what is compared, the first less the second. differences: one a row; points: of the objective.

    stands: how the first stands to the second in people's measures and the objective's; None where nothing says which
    way is better. orders: the same of the distributions of points.
    """

    differences: tuple[Difference, ...]
    points: Difference | None
    stands: Verdict | None
    orders: FirstOrder | None

    def reversed(self) -> Pair:
        """The second less the first."""
        return Pair(
            tuple(found.reversed() for found in self.differences),
            None if self.points is None else self.points.reversed(),
            None if self.stands is None else replace(self.stands, better=self.stands.worse, worse=self.stands.better),
            None if self.orders is None else replace(self.orders, above=self.orders.below, below=self.orders.above),
        )


@dataclass(frozen=True, slots=True)
class Ranking:
    """What an objective makes of policies. points: by name. kept: in how many futures every limit is kept, None without
    limits. regrets: in the order of the comparison's names."""

    points: Mapping[str, Average]
    kept: Mapping[str, Share] | None
    regrets: Regrets

    @property
    def order(self) -> tuple[str, ...]:
        """The names, most points first."""
        return tuple(sorted(self.points, key=lambda name: -self.points[name].whole.value))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comes of comparing. names: in the order asked for; reference: the one that others are read against.

    held: what all of them share, a view where policies are compared and a policy where views are. counted: futures
    compared; stopped: how many did in each run. views: how many of those compared hold each view that is told of, and
    left_out: views that too few hold. against: how each other policy stands to the reference. rows: outcomes; levels:
    by name, one a row. pairs: each two in their order.
    """

    scenario: Scenario
    by: By
    names: tuple[str, ...]
    reference: str
    held: str | None
    futures: int
    seed: int
    engine: str
    precision: str
    counted: int
    stopped: Mapping[str, int]
    views: Mapping[str, int]
    left_out: tuple[str, ...]
    against: tuple[Against, ...]
    rows: tuple[Row, ...]
    levels: Mapping[str, tuple[Average, ...]]
    pairs: Mapping[tuple[str, str], Pair]
    objective: Objective | None
    ranking: Ranking | None

    @property
    def name(self) -> str:
        """The scenario's name on the command line."""
        return scenario_name(self.scenario)

    @property
    def others(self) -> tuple[str, ...]:
        """All but the reference."""
        return tuple(name for name in self.names if name != self.reference)

    def pair(self, first: str, second: str) -> Pair:
        """The first less the second."""
        found = self.pairs.get((first, second))
        return self.pairs[second, first].reversed() if found is None else found

    def standing(self, first: str, second: str) -> Standing:
        """Whether the first dominates the second."""
        stands = self.pair(first, second).stands
        return "neither" if stands is None else stands.standing

    def dominating(self, standing: Standing) -> tuple[tuple[str, str], ...]:
        """The pairs of which the first stands so to the second."""
        pairs = [(one, other) for one in self.names for other in self.names if one != other]
        return tuple(pair for pair in pairs if self.standing(*pair) == standing)


def compare(
    runs: Iterable[Runs],
    names: Sequence[str],
    rows: Sequence[Row],
    *,
    by: By = "policy",
    reference: str | None = None,
    objective: Objective | None = None,
    views: Sequence[str] | None = None,
) -> Comparison:
    """Compare runs of the same futures.

    names: what each run goes by, at least two. rows: as of `rows_of`. reference: the first unless said. views: those
    whose futures are looked at, all by default. Refuses, with a RunError, runs of which no future ran to its end in
    all.
    """
    found = []
    checked = None
    for name, played in zip(names, runs, strict=True):
        checked = played.checked
        found.append(kept(played, name, rows))
        del played  # so that it is gone while the next is awaited
    assert checked is not None
    return _Counted(checked, found, rows, by, views).comparison(reference or names[0], objective)


class _Counted:
    """Runs, put in one order: each pair is counted over all futures and over each view's at once."""

    def __init__(
        self, checked: CheckedScenario, found: Sequence[Kept], rows: Sequence[Row], by: By, views: Sequence[str] | None
    ) -> None:
        scenario = checked.scenario
        self.checked, self.scenario, self.found, self.by = checked, scenario, found, by
        self.rows = with_units(rows, found[0].measures)
        drawn = list(scenario.views) if by == "policy" and found[0].view is None else []
        counted = np.logical_and.reduce([own.complete for own in found])
        if views is not None and drawn:
            counted &= np.isin(found[0].views, [drawn.index(name) for name in views])
        if not counted.any():
            raise RunError("no future ran to its end in all that is compared, so that nothing is left to compare")
        held = [name for name, view in scenario.views.items() if view.credence]
        self.groups = Groups.of(counted, found[0].views, drawn, held if views is None else views)
        self.place = {row.name: place for place, row in enumerate(rows)}

    def comparison(self, reference: str, objective: Objective | None) -> Comparison:
        """What is said of the runs."""
        first = self.found[0]
        names = tuple(own.name for own in self.found)
        levels, differences = self._by_row()
        points = None if objective is None else self._points(objective)
        sizes = dict(zip(self.groups.names, self.groups.sizes, strict=False))
        return Comparison(
            scenario=self.scenario,
            by=self.by,
            names=names,
            reference=reference,
            held=first.view if self.by == "policy" else first.policy,
            futures=len(first.complete),
            seed=first.seed,
            engine=first.engine,
            precision=first.precision,
            counted=self.groups.n,
            stopped={own.name: sum(stop.futures for stop in own.stops) for own in self.found},
            views={name: sizes[name] for name in self.groups.told},
            left_out=self.groups.left_out,
            against=self._against(reference),
            rows=self.rows,
            levels=dict(zip(names, zip(*levels, strict=True), strict=True)),
            pairs=self._pairs(names, differences, points, objective),
            objective=objective,
            ranking=self._ranking(names, points, objective),
        )

    def _against(self, reference: str) -> tuple[Against, ...]:
        """Of policies; views are compared under one."""
        others = [own.policy for own in self.found if own.name != reference] if self.by == "policy" else []
        return tuple(against(self.checked, policy, reference) for policy in others)

    def _values(self, name: str) -> NDArray[np.float32]:
        """An outcome in each run and future compared, [runs, futures]."""
        return np.stack([own.values[self.place[name]].take(self.groups.order) for own in self.found])

    def _by_row(self) -> tuple[list[list[Average]], dict[tuple[int, int], list[Difference]]]:
        """Levels by row and run, and differences by pair and row; one row in hand at a time."""
        levels = []
        differences: dict[tuple[int, int], list[Difference]] = {
            pair: [] for pair in combinations(range(len(self.found)), 2)
        }
        for row in self.rows:
            values = self._values(row.name)
            own = [self.groups.average(each) for each in values]
            variances = [average.whole.se**2 * self.groups.n for average in own]
            levels.append(own)
            for (one, other), found in differences.items():
                gap = subtracted(values[one], values[other])
                found.append(difference(gap, self.groups, variances[one] + variances[other]))
        return levels, differences

    def _points(self, objective: Objective) -> Numbers:
        """Points of an objective, [runs, futures]."""
        values = {own.name: self._values(own.name) for own in objective.outcomes}
        return np.stack(
            [objective.points({name: each[run] for name, each in values.items()}) for run in range(len(self.found))]
        )

    def _pairs(
        self,
        names: tuple[str, ...],
        differences: Mapping[tuple[int, int], Sequence[Difference]],
        points: Numbers | None,
        objective: Objective | None,
    ) -> dict[tuple[str, str], Pair]:
        ordered = None if points is None else np.sort(points, axis=1)
        pairs = {}
        for (one, other), found in differences.items():
            scored = orders = None
            if points is not None and ordered is not None:
                scored = self._scored(points, one, other)
                orders = first_order(ordered[one], ordered[other]) if self.by == "policy" else None
            pairs[names[one], names[other]] = Pair(tuple(found), scored, self._stands(found, objective), orders)
        return pairs

    def _scored(self, points: Numbers, one: int, other: int) -> Difference:
        variance = float(points[one].var(ddof=1) + points[other].var(ddof=1)) if self.groups.n > 1 else 0.0
        return difference(subtracted(points[one], points[other]), self.groups, variance)

    def _stands(self, differences: Sequence[Difference], objective: Objective | None) -> Verdict | None:
        """Nobody chooses a view, and so none dominates."""
        spoken = {own.name for own in objective.outcomes} if objective is not None else set()
        named = [
            (found, row.better)
            for row, found in zip(self.rows, differences, strict=True)
            if row.better is not None and (row.people or row.name in spoken)
        ]
        return verdict(named) if named and self.by == "policy" else None

    def _ranking(self, names: tuple[str, ...], points: Numbers | None, objective: Objective | None) -> Ranking | None:
        if objective is None or points is None or self.by != "policy":
            return None
        shares = None
        if objective.limits:
            values = {own.outcome.name: self._values(own.outcome.name) for own in objective.limits}
            met = [objective.kept({name: each[run] for name, each in values.items()}) for run in range(len(names))]
            shares = {name: share_of(int(own.sum()), self.groups.n) for name, own in zip(names, met, strict=True)}
        return Ranking(
            points={name: self.groups.average(own) for name, own in zip(names, points, strict=True)},
            kept=None if shares is None else {name: share for name, share in shares.items() if share is not None},
            regrets=regrets(points, self.groups),
        )
