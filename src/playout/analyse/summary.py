"""What came of a run: how far it gets and when, what was decided, what it does, and how that differs from the baseline.

    Runs, Runs of the baseline or None ──summarise──▶ Summary ──as_json──▶ plain data

Futures that stopped are left out of every estimate and counted apart. Differences are taken future by future: the two
runs share their draws, so what is left is the policy's doing.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from playout.analyse.against import Against, against
from playout.analyse.average import FEWEST_FOR_A_VIEW
from playout.analyse.estimate import (
    QUANTILES,
    Bools,
    Numbers,
    Share,
    Signs,
    Spread,
    first_at,
    joined,
    share,
    share_of,
    spreads,
)
from playout.analyse.headline import FirstScreen
from playout.analyse.path import PathFinding, path_finding
from playout.analyse.payoffs import PayOffs, payoffs
from playout.analyse.rounding import ROUNDING, least_said
from playout.model.coverage import Coverage
from playout.model.scenario import Decision, Game, Track
from playout.model.ties import Tied, ties_of
from playout.simulate.result import Reported, Runs, Stop, labelled
from playout.simulate.stopped import Stopped, explain_stops

AT_ONCE = 6_000_000
"""Values of measures that are read together."""

MOST_FOR_SIGNS = 20_000
"""Futures looked at for which way a difference goes; more would not change a word."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class StageFinding:
    """Whether and when a stage is reached. dates: at QUANTILES, of first entry among the futures that reach it."""

    name: str
    title: str
    reached: Share
    dates: tuple[dt.date, ...] | None

    @property
    def median_date(self) -> dt.date | None:
        return self.dates[QUANTILES.index(0.5)] if self.dates else None


@dataclass(frozen=True, slots=True)
class Odds:
    """The odds of a stage given the one before: of futures that reach ``origin``, those that then reach ``stage``."""

    origin: str
    stage: str
    given: Share


@dataclass(frozen=True, slots=True)
class TrackFinding:
    """One track, or one member's. odds: along the graph's arrows toward stages listed later. path: of the story."""

    name: str
    title: str
    member: str
    stages: tuple[StageFinding, ...]
    odds: tuple[Odds, ...]
    path: PathFinding

    @property
    def label(self) -> str:
        return labelled(self.name, (self.member,) if self.member else ())


@dataclass(frozen=True, slots=True)
class DecisionFinding:
    """What was chosen, the last time it was. shares: of all futures; due: how many of them it fell due in; where_due:
    of those only, and empty where there are none."""

    label: str
    title: str
    shares: Mapping[str, Share]
    due: Share
    where_due: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class MeasureFinding:
    """One measure, or one member's, by period. per: year or month for an amount, None for a level at a period's end.

    days: how many of a period's the run covers; complete: whether all. difference: from the baseline, future by future;
    signs: in how many futures there is more, and less, of it than there; None within a view.
    """

    name: str
    label: str
    title: str
    unit: str
    per: str | None
    people: bool
    dates: tuple[str, ...]
    days: tuple[float, ...]
    complete: tuple[bool, ...]
    level: Spread
    difference: Spread | None
    signs: Signs | None = None

    @property
    def reading(self) -> int:
        """The period that sentences speak of: the last complete one; without one, the one covered longest."""
        whole = [place for place, complete in enumerate(self.complete) if complete]
        return whole[-1] if whole else max(range(len(self.days)), key=self.days.__getitem__)


@dataclass(frozen=True, slots=True)
class QuestionFinding:
    """The odds that the answer is yes. given: how often the question's condition holds, None without one; ``answer``
    counts such futures only, and is None where there are none."""

    name: str
    ask: str
    by: dt.date
    answer: Share | None
    given: Share | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What holds over some futures."""

    futures: int
    tracks: tuple[TrackFinding, ...]
    decisions: tuple[DecisionFinding, ...]
    measures: tuple[MeasureFinding, ...]
    questions: tuple[QuestionFinding, ...]
    games: tuple[DecisionFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewFinding:
    """What holds in the futures of one view. Its measures have no quantiles."""

    name: str
    title: str
    credence: float
    findings: Findings


@dataclass(frozen=True, slots=True)
class FewFutures:
    """A view that too few futures hold to say anything of it: it stands in no range over the views."""

    name: str
    title: str
    credence: float
    futures: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything said about a run. occupancy: track -> the share of futures in each stage at each step's start,
    [steps + 1, *members, stages]. findings: over all futures; views: over each view's that enough hold, left_out: the
    other views that are drawn. payoffs: what came of choices; ties: as the scenario has them at its start. stopping:
    why futures stopped and what sets them apart, None where none did. against: how the policy stands to the baseline.
    headline: the first screen, if the scenario asks for one.
    """

    scenario: str
    title: str
    policy: str | None
    view: str | None
    baseline: str | None
    futures: int
    seed: int
    engine: str
    precision: str
    seconds: Mapping[str, float]
    stopped: int
    stops: tuple[Stop, ...]
    dates: tuple[dt.date, ...]
    findings: Findings
    views: tuple[ViewFinding, ...]
    left_out: tuple[FewFutures, ...]
    occupancy: Mapping[str, NDArray[np.float64]]
    coverage: Coverage | None
    payoffs: PayOffs
    ties: tuple[Tied, ...]
    stopping: Stopped | None = None
    against: Against | None = None
    headline: FirstScreen | None = None

    def as_json(self) -> dict[str, object]:
        """Plain data under the scenario's own names; see `analyse/plain.py`."""
        from playout.analyse.plain import plain_summary

        return plain_summary(self)


def summarise(runs: Runs, baseline: Runs | None = None, coverage: Coverage | None = None) -> Summary:
    """Sum up runs, with differences from the runs of the baseline under the same seed.

    coverage: what the scenario's beliefs rest on. Both runs have at least one future that ran to its end. Columns of
    the outcomes are read some at a time, so that memory hardly grows with futures.
    """
    counted = _Counted(runs, baseline)
    scenario = runs.checked.scenario
    whole, *parts = counted.findings()
    held = list(scenario.views.values())
    found = {held[number].name: part for number, part in zip(counted.groups.views, parts, strict=True)}
    drawn = [view for view in held if view.credence] if runs.view is None else []
    sizes = {view.name: found[view.name].futures if view.name in found else 0 for view in drawn}
    return Summary(
        scenario=runs.name,
        title=scenario.title,
        policy=runs.policy,
        view=runs.view,
        baseline=baseline.policy if baseline is not None else None,
        futures=runs.futures,
        seed=runs.seed,
        engine=runs.engine,
        precision=runs.precision,
        seconds=runs.seconds,
        stopped=runs.stopped,
        stops=runs.stops,
        dates=runs.dates(),
        findings=whole,
        views=tuple(
            ViewFinding(view.name, view.title, view.credence or 0.0, found[view.name])
            for view in drawn
            if sizes[view.name] >= FEWEST_FOR_A_VIEW
        ),
        left_out=tuple(
            FewFutures(view.name, view.title, view.credence or 0.0, sizes[view.name])
            for view in drawn
            if sizes[view.name] < FEWEST_FOR_A_VIEW
        ),
        occupancy={name: _shares(counts) for name, counts in runs.tallies.items()},
        coverage=coverage,
        payoffs=payoffs(runs, baseline),
        ties=ties_of(scenario),
        stopping=explain_stops(runs) if runs.stopped else None,
        against=None
        if baseline is None or baseline.policy is None
        else against(runs.checked, runs.policy, baseline.policy),
    )


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Counts as shares of those counted, [..., stages]; zeros where nobody is (a member not alive)."""
    return np.asarray(counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Futures that are counted, those of one view after those of another.

    order: their numbers, None where all are counted in their own order. views: by position, those that some of them
    hold; empty where none were drawn. bounds: where each view's begin and, last, where all end.
    """

    order: NDArray[np.intp] | None
    views: tuple[int, ...]
    bounds: tuple[int, ...]

    @classmethod
    def of(cls, runs: Runs, counted: Bools) -> _Groups:
        n = int(np.count_nonzero(counted))
        if not runs.checked.scenario.views or runs.view is not None:
            return cls(None if n == len(counted) else np.flatnonzero(counted), (), (0, n))
        found = np.flatnonzero(counted)
        held = runs.views[found].astype(np.uint8)
        sizes = np.bincount(held, minlength=1)
        views = tuple(np.flatnonzero(sizes).tolist())
        bounds = (0, *np.cumsum(sizes[list(views)]).tolist())
        return cls(found[np.argsort(held, kind="stable")], views, bounds)

    def taken(self, values: NDArray[Any]) -> NDArray[Any]:
        """The futures counted, in their order, of values [..., futures]."""
        return values if self.order is None else np.take(values, self.order, axis=-1)

    def slices(self) -> list[slice]:
        """All of them, and each view's."""
        parts = [slice(a, b) for a, b in itertools.pairwise(self.bounds)] if self.views else []
        return [slice(0, self.bounds[-1]), *parts]


class _Counted:
    """Runs, read column by column: each thing is counted over all futures and over each view's at once."""

    def __init__(self, runs: Runs, baseline: Runs | None) -> None:
        self.runs, self.baseline = runs, baseline
        self.scenario = runs.checked.scenario
        self.groups = _Groups.of(runs, runs.complete)
        self.paired = self.groups
        if baseline is not None and baseline.stopped:
            self.paired = _Groups.of(runs, runs.complete & baseline.complete)

    def findings(self) -> list[Findings]:
        """What holds over all futures, and over each view's."""
        slices = self.groups.slices()
        tracks = _by_group(self._tracks(), len(slices))
        decisions = _by_group(self._chosen(self.scenario.decisions), len(slices))
        games = _by_group(self._chosen(self.scenario.games), len(slices))
        measures = _by_group(self._measures(), len(slices))
        questions = _by_group(self._questions(), len(slices))
        return [
            Findings(part.stop - part.start, tracks[k], decisions[k], measures[k], questions[k], games[k])
            for k, part in enumerate(slices)
        ]

    def _members(self, sets: tuple[str, ...]) -> tuple[str, ...]:
        """The labels of one set's members; one empty label without a set."""
        return self.scenario.sets[sets[0]].labels if sets else ("",)

    def _numbers(self, runs: Runs, columns: Sequence[str]) -> Numbers:
        return runs.numbers(columns, np.float32 if runs.precision == "single" else np.float64)

    # --- tracks ---

    def _tracks(self) -> Iterator[list[TrackFinding]]:
        for track in self.scenario.tracks.values():
            for member in self._members(track.sets):
                label = labelled(track.name, (member,) if member else ())
                columns = [f"{label}.{stage.name}" for stage in track.stages]
                first = self.groups.taken(self._numbers(self.runs, columns))
                yield [self._track(track, member, first[:, part]) for part in self.groups.slices()]

    def _track(self, track: Track, member: str, first: Numbers) -> TrackFinding:
        by_name = {stage.name: first[number] for number, stage in enumerate(track.stages)}
        stages = tuple(self._stage(stage.name, stage.title, by_name[stage.name]) for stage in track.stages)
        path = path_finding(track, by_name, np.ones(first.shape[1], bool))
        return TrackFinding(track.name, track.title or track.name, member, stages, tuple(_odds(track, first)), path)

    def _stage(self, name: str, title: str, first: Numbers) -> StageFinding:
        entered = np.isfinite(first)
        reached = share(entered)
        assert reached is not None
        dates = None
        if entered.any():
            days = first_at(np.sort(first[entered]))
            dates = tuple(self.scenario.start + dt.timedelta(days=int(day)) for day in days)
        return StageFinding(name, title or name, reached, dates)

    # --- decisions and questions ---

    def _chosen(self, things: Mapping[str, Decision | Game]) -> Iterator[list[DecisionFinding]]:
        """Decisions by what was chosen last, games by the end last come to."""
        for decision in things.values():
            names = self.scenario.choices(decision)
            for member in self._members(decision.sets):
                label = labelled(decision.name, (member,) if member else ())
                positions = self.runs.column(label).to_physical().cast(pl.Int32).fill_null(-1).to_numpy()
                chosen = self.groups.taken(positions)
                yield [
                    _decision(label, decision.title or decision.name, names, chosen[part])
                    for part in self.groups.slices()
                ]

    def _questions(self) -> Iterator[list[QuestionFinding]]:
        for question in self.scenario.questions.values():
            asked = [f"question.{question.name}"]
            if question.given is not None:
                asked.append(f"given.{question.name}")
            yes, *held = self.groups.taken(self._numbers(self.runs, asked) == 1.0)
            yield [
                QuestionFinding(
                    question.name,
                    question.ask,
                    question.by,
                    share(yes[part], held[0][part] if held else None),
                    share(held[0][part]) if held else None,
                )
                for part in self.groups.slices()
            ]

    # --- measures ---

    def _measures(self) -> Iterator[list[MeasureFinding]]:
        members = [(measure, member) for measure in self.runs.measures.values() for member in measure.members]
        columns = [column for measure, member in members for column in measure.columns(member)]
        least = [least_said(measure.unit) for measure, member in members for _ in measure.columns(member)]
        levels, gaps, signs = self._spreads(columns, least)
        end = 0
        for measure, member in members:
            here = slice(end, end := end + len(measure.periods))
            whole, *of_views = [
                self._measure(
                    measure, member, levels[view].among(here), gaps[view].among(here) if view in gaps else None
                )
                for view in (None, *self.groups.views)
            ]
            own = Signs(signs.more[here], signs.less[here]) if whole.difference is not None else None
            yield [replace(whole, signs=own), *of_views]

    def _spreads(
        self, columns: Sequence[str], least: Sequence[float]
    ) -> tuple[dict[int | None, Spread], dict[int | None, Spread], Signs]:
        """Of columns and of their differences from the baseline: over all futures (None), and over each view's; and
        which way the differences go. least: what of each column is too little to count as a difference.

        Differences count futures that ran to their end in both runs. As many columns are read at once as make up some
        megabytes: each reading has its own cost.
        """
        levels: list[list[Spread]] = []
        gaps: list[list[Spread]] = []
        more: list[float] = []
        less: list[float] = []
        width = max(1, AT_ONCE // self.runs.futures)
        for start in range(0, len(columns), width):
            batch = columns[start : start + width]
            values = self._numbers(self.runs, batch)
            levels.append(spreads(self.groups.taken(values), self.groups.bounds))
            if self.baseline is not None and self.paired.bounds[-1]:
                sizes = np.abs(self._some(values)).max(axis=1)
                values -= self._numbers(self.baseline, batch)
                gaps.append(spreads(self.paired.taken(values), self.paired.bounds))
                some = self._some(values)
                count = np.maximum(least[start : start + width], ROUNDING * np.maximum(sizes, np.abs(some).max(axis=1)))
                more += (some > count[:, np.newaxis]).mean(axis=1).tolist()
                less += (some < -count[:, np.newaxis]).mean(axis=1).tolist()
        return _by_view(levels, self.groups), _by_view(gaps, self.paired), Signs(tuple(more), tuple(less))

    def _some(self, values: Numbers) -> Numbers:
        """The first futures that count in both runs, of values [columns, futures]."""
        counted = self.runs.complete if self.baseline is None else self.runs.complete & self.baseline.complete
        return values[:, np.flatnonzero(counted)[:MOST_FOR_SIGNS]]

    def _measure(
        self, measure: Reported, member: tuple[str, ...], level: Spread, difference: Spread | None
    ) -> MeasureFinding:
        declared = self.scenario.measures[measure.name]
        periods = self.runs.periods[measure.per]
        return MeasureFinding(
            name=measure.name,
            label=labelled(measure.name, member),
            title=declared.title or measure.name,
            unit=measure.unit,
            per=measure.per if measure.kind == "amount" else None,
            people=declared.people,
            dates=measure.periods,
            days=tuple(period.end - period.start for period in periods),
            complete=tuple(period.complete for period in periods),
            level=level,
            difference=difference,
        )


def _by_view(batches: list[list[Spread]], groups: _Groups) -> dict[int | None, Spread]:
    """Spreads over all futures and each group, some columns after others, as one spread by view (None: all)."""
    whole = [joined(parts) for parts in zip(*batches, strict=True)]
    return dict(zip((None, *groups.views), whole, strict=False))


def _by_group(findings: Iterable[Sequence[Found]], groups: int) -> list[tuple[Found, ...]]:
    """Findings, each over all groups, as those of each group."""
    rows = list(findings)
    return [tuple(row[k] for row in rows) for k in range(groups)]


def _decision(label: str, title: str, names: Sequence[str], chosen: NDArray[np.int32]) -> DecisionFinding:
    """chosen: positions among the names, below 0 where nothing was, [futures]."""
    none, *counts = np.bincount(chosen + 1, minlength=len(names) + 1).tolist()
    n = len(chosen)
    where_due = {name: share_of(count, n - none) for name, count in zip(names, counts, strict=True)}
    return DecisionFinding(
        label=label,
        title=title,
        shares={name: _certain(share_of(count, n)) for name, count in zip(names, counts, strict=True)},
        due=_certain(share_of(n - none, n)),
        where_due={name: own for name, own in where_due.items() if own is not None},
    )


def _certain(found: Share | None) -> Share:
    assert found is not None
    return found


def _odds(track: Track, first: Numbers) -> Iterator[Odds]:
    """first: date of first entry by stage, [stages, futures], not a number where never."""
    order = {stage.name: number for number, stage in enumerate(track.stages)}
    for origin, destination in arrows(track):
        a, b = order[origin], order[destination]
        if b <= a:
            continue  # a way back: dates of first entry do not tell whether it was taken
        given = share(first[b] >= first[a], np.isfinite(first[a]))
        if given is not None:
            yield Odds(origin, destination, given)


def arrows(track: Track) -> tuple[tuple[str, str], ...]:
    """The ways from stage to stage that a track has, by ``then`` and by move, each once, in file order."""
    ways = [(stage.name, way.stage) for stage in track.stages for way in stage.then]
    ways += [(origin, move.destination) for move in track.moves for origin, _ in move.origins]
    return tuple(dict.fromkeys(ways))
