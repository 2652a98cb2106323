"""What came of a run: how far it gets and when, what was decided, what it does, and how that differs from the baseline.

    Runs, Runs of the baseline or None ──summarise──▶ Summary ──as_json──▶ plain data

Futures that stopped are left out of every estimate and counted apart. Differences are taken future by future: the two
runs share their draws, so what is left is the policy's doing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import QUANTILES, Bools, Numbers, Share, Spread, share, spread
from playout.analyse.headline import FirstScreen
from playout.analyse.path import PathFinding, path_finding
from playout.model.coverage import Coverage
from playout.model.scenario import Track
from playout.simulate.result import Reported, Runs, Stop, labelled


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

    days: how many of a period's the run covers; complete: whether all. difference: from the baseline, future by future.
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


@dataclass(frozen=True, slots=True)
class ViewFinding:
    """What holds in the futures of one view. Its measures have no quantiles."""

    name: str
    title: str
    credence: float
    findings: Findings


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything said about a run. occupancy: track -> the share of futures in each stage at each step's start,
    [steps + 1, *members, stages]. findings: over all futures; views: over each view's. headline: the first screen,
    if the scenario asks for one."""

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
    occupancy: Mapping[str, NDArray[np.float64]]
    coverage: Coverage | None
    headline: FirstScreen | None = None

    def as_json(self) -> dict[str, object]:
        """Plain data under the scenario's own names; see `analyse/plain.py`."""
        from playout.analyse.plain import plain_summary

        return plain_summary(self)


def summarise(runs: Runs, baseline: Runs | None = None, coverage: Coverage | None = None) -> Summary:
    """Sum up runs, with differences from the runs of the baseline under the same seed.

    coverage: what the scenario's beliefs rest on. Both runs have at least one future that ran to its end.
    """
    counted = _Counted(runs, baseline)
    complete = runs.complete
    scenario = runs.checked.scenario
    views = []
    for number, variant in enumerate(scenario.views.values()):
        among = complete & (runs.views == number)
        if among.any() and runs.view is None:
            findings = counted.findings(among, quantiles=False)
            views.append(ViewFinding(variant.name, variant.title, variant.credence or 0.0, findings))
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
        findings=counted.findings(complete),
        views=tuple(views),
        occupancy={name: _shares(counts) for name, counts in runs.tallies.items()},
        coverage=coverage,
    )


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Counts as shares of those counted, [..., stages]; zeros where nobody is (a member not alive)."""
    return np.asarray(counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1), dtype=np.float64)


class _Counted:
    """Runs as arrays, read from their columns once."""

    def __init__(self, runs: Runs, baseline: Runs | None) -> None:
        self.runs = runs
        self.scenario = runs.checked.scenario
        self.levels = {}
        self.bases = {}
        for measure in runs.measures.values():
            for member in measure.members:
                columns = measure.columns(member)
                label = labelled(measure.name, member)
                self.levels[label] = runs.numbers(columns)
                if baseline is not None:
                    self.bases[label] = baseline.numbers(columns)
        self.paired = baseline.complete if baseline is not None else None

    def findings(self, among: Bools, *, quantiles: bool = True) -> Findings:
        """What holds over the futures marked."""
        return Findings(
            futures=int(among.sum()),
            tracks=tuple(self._tracks(among)),
            decisions=tuple(self._decisions(among)),
            measures=tuple(self._measures(among, quantiles)),
            questions=tuple(self._questions(among)),
        )

    def _members(self, sets: tuple[str, ...]) -> tuple[str, ...]:
        """The labels of one set's members; one empty label without a set."""
        return self.scenario.sets[sets[0]].labels if sets else ("",)

    # --- tracks ---

    def _tracks(self, among: Bools) -> Iterator[TrackFinding]:
        for track in self.scenario.tracks.values():
            for member in self._members(track.sets):
                label = labelled(track.name, (member,) if member else ())
                first = self.runs.numbers([f"{label}.{stage.name}" for stage in track.stages])[:, among]
                stages = tuple(
                    self._stage(stage.name, stage.title, first[number]) for number, stage in enumerate(track.stages)
                )
                odds = tuple(_odds(track, first))
                by_name = {stage.name: first[number] for number, stage in enumerate(track.stages)}
                path = path_finding(track, by_name, np.ones(first.shape[1], bool))
                yield TrackFinding(track.name, track.title or track.name, member, stages, odds, path)

    def _stage(self, name: str, title: str, first: Numbers) -> StageFinding:
        entered = np.isfinite(first)
        reached = share(entered)
        assert reached is not None
        dates = None
        if entered.any():
            days = np.quantile(first[entered], QUANTILES, method="inverted_cdf")
            dates = tuple(self.scenario.start + dt.timedelta(days=int(day)) for day in days)
        return StageFinding(name, title or name, reached, dates)

    # --- decisions and questions ---

    def _decisions(self, among: Bools) -> Iterator[DecisionFinding]:
        for decision in self.scenario.decisions.values():
            names = self.scenario.choices(decision)
            for member in self._members(decision.sets):
                label = labelled(decision.name, (member,) if member else ())
                chosen = self.runs.outcomes[label].to_physical().cast(int).fill_null(-1).to_numpy()[among]
                due = chosen >= 0
                shares = {name: _certain(share(chosen == number)) for number, name in enumerate(names)}
                among_due = {name: share(chosen == number, due) for number, name in enumerate(names)}
                yield DecisionFinding(
                    label=label,
                    title=decision.title or decision.name,
                    shares=shares,
                    due=_certain(share(due)),
                    where_due={name: own for name, own in among_due.items() if own is not None},
                )

    def _questions(self, among: Bools) -> Iterator[QuestionFinding]:
        for question in self.scenario.questions.values():
            yes = self.runs.numbers([f"question.{question.name}"])[0] == 1.0
            if question.given is None:
                yield QuestionFinding(question.name, question.ask, question.by, share(yes, among), None)
                continue
            held = self.runs.numbers([f"given.{question.name}"])[0] == 1.0
            answer, given = share(yes, among & held), share(held, among)
            yield QuestionFinding(question.name, question.ask, question.by, answer, given)

    # --- measures ---

    def _measures(self, among: Bools, quantiles: bool) -> Iterator[MeasureFinding]:
        for measure in self.runs.measures.values():
            declared = self.scenario.measures[measure.name]
            periods = self.runs.periods[measure.per]
            for member in measure.members:
                label = labelled(measure.name, member)
                yield MeasureFinding(
                    name=measure.name,
                    label=label,
                    title=declared.title or measure.name,
                    unit=measure.unit,
                    per=measure.per if measure.kind == "amount" else None,
                    people=declared.people,
                    dates=measure.periods,
                    days=tuple(period.end - period.start for period in periods),
                    complete=tuple(period.complete for period in periods),
                    level=spread(self.levels[label][:, among], quantiles=quantiles),
                    difference=self._difference(measure, label, among, quantiles),
                )

    def _difference(self, measure: Reported, label: str, among: Bools, quantiles: bool) -> Spread | None:
        """Over the futures that ran to their end in both runs."""
        if self.paired is None:
            return None
        both = among & self.paired
        if not both.any():
            return None
        return spread(self.levels[label][:, both] - self.bases[label][:, both], quantiles=quantiles)


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
