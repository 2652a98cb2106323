"""Runs and their summary → the page of a report."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from playout.analyse.average import Mean
from playout.analyse.estimate import Bools, Numbers, Signs, Spread
from playout.analyse.path import fallbacks, path_finding
from playout.analyse.rounding import least_said
from playout.analyse.summary import MOST_FOR_SIGNS, DecisionFinding, Findings, MeasureFinding, Summary
from playout.compile.ir import Period
from playout.model.scenario import Decision, Game, Scenario, Track, Variant
from playout.present.views.against import told_of_baseline
from playout.present.views.analyses import Analyses
from playout.present.views.choices import Choice, DecisionView, QuestionView, watches
from playout.present.views.conditions import in_words
from playout.present.views.estimate import Fan, Share, fan, share
from playout.present.views.first import first_view
from playout.present.views.ladder import Ladder, Rung
from playout.present.views.measures import MeasureView, Series
from playout.present.views.missing import told_of_few, told_of_stops
from playout.present.views.page import Made, Page, VariantView
from playout.present.views.parting import parted
from playout.present.views.support import ground
from playout.present.views.ties import network
from playout.present.views.written import as_written, heading, policy_title
from playout.present.words import mean_words, month
from playout.simulate.policy import JOIN
from playout.simulate.result import Runs, labelled


def page_of(runs: Runs, baseline: Runs | None, summary: Summary, analyses: Analyses | None = None) -> Page:
    """Everything a report on ``runs`` shows.

    baseline: the same futures, draw by draw, under the scenario's baseline policy; without it levels are shown alone.
    summary: of these two. analyses: what other verbs made of the scenario. Futures that stopped count nowhere.
    """
    reading = _Reading(runs, baseline, summary)
    scenario = runs.checked.scenario
    ladders, decisions, questions = tuple(reading.ladders()), tuple(reading.decided()), tuple(reading.questions())
    rests = ground(runs.checked)
    return Page(
        title=scenario.title,
        description=" ".join(scenario.description.split()),
        start=scenario.start,
        end=runs.checked.end,
        standard=scenario.words,
        face=scenario.face,
        ladders=ladders,
        decisions=decisions,
        games=tuple(reading.played()),
        measures=tuple(reading.measures()),
        questions=questions,
        watches=watches(scenario),
        ground=rests,
        policies=tuple(_variant(policy) for policy in scenario.policies.values()),
        views=tuple(_variant(view) for view in scenario.views.values()),
        baseline=_joined_variant(scenario, baseline.policy) if baseline and baseline.policy else None,
        made=Made(
            version=_version(),
            engine=runs.engine,
            futures=runs.futures,
            seed=runs.seed,
            stopped=runs.stopped,
            digest=runs.identity(),
            policy=_policy_title(scenario, runs.policy),
            view=scenario.views[runs.view].title if runs.view else None,
            name=runs.name,
            of_stopped=told_of_stops(summary, scenario),
            left_out=told_of_few(summary),
            against=() if summary.against is None else told_of_baseline(scenario, summary.against),
        ),
        parted=parted(ladders, decisions, questions),
        network=network(scenario, summary.ties, {entry.name: entry for entry in rests.entries}),
        analyses=analyses or Analyses(),
        first=None
        if summary.headline is None
        else first_view(
            summary.headline,
            scenario,
            end=month(runs.checked.end),
            against=_policy_title(scenario, baseline.policy if baseline else None) or "",
        ),
    )


def _version() -> str:
    try:
        return importlib.metadata.version("playout")
    except importlib.metadata.PackageNotFoundError:  # run from its source, without being installed
        return "unknown"


def _policy_title(scenario: Scenario, policy: str | None) -> str | None:
    return None if policy is None else policy_title(scenario, policy)


def _joined_variant(scenario: Scenario, policy: str) -> VariantView:
    """Of a policy, or of several joined."""
    parts = [_variant(scenario.policies[part]) for part in policy.split(JOIN)]
    return VariantView(
        name=policy,
        title=policy_title(scenario, policy),
        about="; ".join(part.about for part in parts if part.about),
        lines=tuple(line for part in parts for line in part.lines),
    )


def _variant(variant: Variant) -> VariantView:
    return VariantView(
        name=variant.name,
        title=heading(variant.title, variant.name),
        about=variant.about,
        lines=tuple(assignment.text for assignment in variant.assignments),
        credence=variant.credence,
    )


@dataclass(frozen=True)
class _Reading:
    """A run with its baseline and its summary."""

    runs: Runs
    baseline: Runs | None
    summary: Summary

    @property
    def scenario(self) -> Scenario:
        return self.runs.checked.scenario

    @cached_property
    def by_view(self) -> Mapping[str, Findings]:
        """What holds in each view that enough futures hold."""
        return {view.name: view.findings for view in self.summary.views}

    @cached_property
    def unknown(self) -> dict[str, None]:
        """Nothing, of each of the other views that are drawn."""
        return dict.fromkeys(view.name for view in self.summary.left_out)

    @cached_property
    def holders(self) -> Mapping[str, Bools]:
        """Which futures hold each of these views, [futures]."""
        position = {name: number for number, name in enumerate(self.scenario.views)}
        return {name: self.runs.views == position[name] for name in self.by_view}

    @cached_property
    def measures_by_view(self) -> Mapping[str, Mapping[str, MeasureFinding]]:
        """The measures of each of these views by label."""
        return {name: {measure.label: measure for measure in own.measures} for name, own in self.by_view.items()}

    # --- tracks ---

    def ladders(self) -> Iterator[Ladder]:
        """One for each track without an index."""
        for number, found in enumerate(self.summary.findings.tracks):
            if not found.member:
                yield self._ladder(number, self.scenario.tracks[found.name])

    def _ladder(self, number: int, track: Track) -> Ladder:
        names = [stage.name for stage in track.stages]
        first = dict(zip(names, self.runs.numbers([f"{track.name}.{name}" for name in names]), strict=True))
        complete = self.runs.complete
        path = path_finding(track, first, complete)
        of_view = {name: path_finding(track, first, complete & own) for name, own in self.holders.items()}
        given: dict[str, Share] = {}
        for place, (stage, own) in enumerate(zip(path.stages[1:], path.given, strict=True)):
            if own is not None:
                given[stage] = share(
                    own, {**{name: other.given[place] for name, other in of_view.items()}, **self.unknown}
                )
        barred = fallbacks(track)
        occupancy = self.summary.occupancy[track.name]

        def rung(place: int) -> Rung:
            """One stage with its numbers."""
            found = self.summary.findings.tracks[number].stages[place]
            of_views = {name: other.tracks[number].stages[place].reached for name, other in self.by_view.items()}
            return Rung(
                name=found.name,
                title=heading(track.stages[place].title, found.name),
                about=track.stages[place].about,
                shares=tuple(occupancy[:, place].tolist()),
                reached=share(found.reached, {**of_views, **self.unknown}),
                median_date=found.median_date,
                fallback=found.name in barred,
                given=given.get(found.name),
            )

        return Ladder(
            name=track.name,
            title=heading(track.title, track.name),
            dates=self.summary.dates,
            rungs=tuple(rung(place) for place in range(len(names))),
            path=path.stages,
            whole=share(path.whole, {**{name: other.whole for name, other in of_view.items()}, **self.unknown}),
            in_order=share(
                path.in_order, {**{name: other.in_order for name, other in of_view.items()}, **self.unknown}
            ),
        )

    # --- decisions and questions ---

    def decided(self) -> Iterator[DecisionView]:
        """One for each decision, and for each member of an indexed one but spares."""
        return self._chosen(self.scenario.decisions, lambda found: found.decisions)

    def played(self) -> Iterator[DecisionView]:
        """The same of games."""
        return self._chosen(self.scenario.games, lambda found: found.games)

    def _chosen(
        self, things: Mapping[str, Decision | Game], of: Callable[[Findings], tuple[DecisionFinding, ...]]
    ) -> Iterator[DecisionView]:
        number = -1
        for decision in things.values():
            members = self.scenario.sets[decision.binders[0].set].members if decision.binders else (None,)
            outcomes = self.scenario.outcomes(decision)
            titles = {outcome.name: heading(outcome.title, outcome.name) for outcome in outcomes}
            for member in members:
                number += 1
                if member is not None and member.spare:
                    continue
                found = of(self.summary.findings)[number]
                others = {name: of(own)[number] for name, own in self.by_view.items()}
                name, title = decision.name, heading(decision.title, decision.name)
                if member is not None:
                    name, title = f"{name}-{member.name}", f"{title} — {heading(member.title, member.name)}"
                yield DecisionView(
                    name=name,
                    title=title,
                    about=decision.about,
                    by=self._by(decision),
                    due=self._due(found, others),
                    choices=tuple(self._choices(decision, found, others, titles)),
                    later=decision.when is not None,
                    label=found.label,
                    measures=self._paid_in(decision.name) if member is None else (),
                    section="games" if isinstance(decision, Game) else "decisions",
                )

    def _due(self, found: DecisionFinding, others: Mapping[str, DecisionFinding]) -> Share:
        """The share of futures in which a decision falls due."""
        return share(found.due, {**{name: other.due for name, other in others.items()}, **self.unknown})

    def _choices(
        self,
        decision: Decision | Game,
        found: DecisionFinding,
        others: Mapping[str, DecisionFinding],
        titles: Mapping[str, str],
    ) -> Iterator[Choice]:
        """Each option's share among the futures in which the decision falls due, its value, and what came of it."""
        options = decision.options if isinstance(decision, Decision) else ()
        values = {option.name: as_written(self.scenario, option.value.span) for option in options}
        paid = self.summary.payoffs.get(decision.name, {}) if not decision.binders else {}
        for name, title in titles.items():
            own = found.where_due.get(name)
            if own is not None:
                of_views = {view: other.where_due.get(name) for view, other in others.items()}
                came = tuple(self._came(measure, mean) for measure, mean in paid.get(name, {}).items())
                yield Choice(name, title, share(own, {**of_views, **self.unknown}), values.get(name, ""), came)

    def _paid_in(self, decision: str) -> tuple[tuple[str, str], ...]:
        """The measures by which is told what came of a decision's options."""
        some = next(iter(self.summary.payoffs.get(decision, {}).values()), {})
        return tuple((name, heading(self.scenario.measures[name].title, name)) for name in some)

    def _came(self, measure: str, mean: Mean) -> str:
        least = least_said(self.runs.measures[measure].unit)
        return mean_words(mean.value, mean.se, least, difference=self.baseline is not None)

    def _by(self, decision: Decision | Game) -> str:
        """Who decides, or plays."""
        names = [player.actor for player in decision.players] if isinstance(decision, Game) else [decision.by]
        actors = self.scenario.actors
        titles = [heading(actors[name].title if name in actors else "", name) for name in names]
        said = titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"
        return f"{said} play" if isinstance(decision, Game) else f"{said} decides"

    def questions(self) -> Iterator[QuestionView]:
        """One for each question; one with a condition is answered among the futures that meet it."""
        for number, found in enumerate(self.summary.findings.questions):
            question = self.scenario.questions[found.name]
            of_view = {name: own.questions[number].answer for name, own in self.by_view.items()}
            yield QuestionView(
                name=found.name,
                ask=question.ask,
                by=question.by,
                source=question.source,
                answer=None if found.answer is None else share(found.answer, {**of_view, **self.unknown}),
                given=as_written(self.scenario, question.given.span) if question.given is not None else None,
                met=None if found.given is None else found.given.p,
                given_words=in_words(self.scenario, question.given) if question.given is not None else "",
                that=as_written(self.scenario, question.that.span),
            )

    # --- measures ---

    def measures(self) -> Iterator[MeasureView]:
        """One for each measure that the run reports, its members together."""
        found = {measure.label: measure for measure in self.summary.findings.measures}
        for measure in self.scenario.measures.values():
            if measure.name not in self.runs.measures:
                continue
            reported = self.runs.measures[measure.name]
            series = []
            for member in reported.members:
                label = labelled(measure.name, member)
                series.append(self._series(found[label], member, reported.columns(member), reported.per))
            yield MeasureView(
                name=measure.name,
                title=heading(measure.title, measure.name),
                about=measure.about,
                unit=reported.unit,
                per=measure.per,
                people=measure.people,
                series=tuple(series),
                baseline=_policy_title(self.scenario, self.baseline.policy) if self.baseline else None,
            )

    def _series(self, found: MeasureFinding, member: tuple[str, ...], columns: list[str], per: str) -> Series:
        level = self.runs.numbers(columns)[:, :MOST_FOR_SIGNS]
        others = {name: own[found.label] for name, own in self.measures_by_view.items()}
        means = {name: other.level.mean for name, other in others.items()}
        difference = None
        if self.baseline is not None and found.difference is not None:
            gap = level - self.baseline.numbers(columns)[:, :MOST_FOR_SIGNS]
            gaps = {name: other.difference.mean for name, other in others.items() if other.difference is not None}
            difference = self._fan(found, found.difference, gap, per, gaps, found.signs)
        shown = self._fan(found, found.level, level, per, means)
        return Series(self._member_title(found.name, member), shown, difference, found.label)

    def _member_title(self, measure: str, member: tuple[str, ...]) -> str:
        titles = []
        for label, binder in zip(member, self.scenario.measures[measure].binders, strict=True):
            known = next(m for m in self.scenario.sets[binder.set].members if m.name == label)
            titles.append(heading(known.title, label))
        return ", ".join(titles)

    def _fan(
        self,
        found: MeasureFinding,
        spread: Spread,
        values: Numbers,
        per: str,
        by_view: Mapping[str, tuple[float, ...]],
        signs: Signs | None = None,
    ) -> Fan:
        """values: [periods, futures]; not a number where a future stopped. signs: see `fan`."""
        periods = self.runs.periods[per]
        amount = found.per is not None
        whole = np.isfinite(values).all(axis=0)
        return fan(
            spread,
            values[:, whole],
            amount=amount,
            labels=found.dates if amount else [self._end_label(period) for period in periods],
            at=[_middle(period) if amount else self._end(period) for period in periods],
            complete=[complete or not amount for complete in found.complete],
            reading=found.reading,
            by_view=by_view,
            views=[number for number, name in enumerate(self.scenario.views, start=1) if name in by_view],
            least=least_said(found.unit),
            signs=signs,
        )

    def _end_label(self, period: Period) -> str:
        """When a level is read: "end of 2025", or the month in which the run ends before the period does."""
        if period.end < self.runs.checked.steps * self.scenario.step_days:
            return f"end of {period.label}"
        return month(self.runs.checked.end)

    def _end(self, period: Period) -> float:
        """The end of a period as a decimal year."""
        start = self.scenario.start
        return start.year + (start.timetuple().tm_yday - 1 + period.end) / 365.25


def _middle(period: Period) -> float:
    """The middle of a calendar year or month as a decimal year, whatever part of it the run covers."""
    year, _, month = period.label.partition("-")
    return int(year) + ((int(month) - 0.5) / 12 if month else 0.5)
