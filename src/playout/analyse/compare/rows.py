"""What a comparison compares: outcomes in the order in which they are told, and which way of each is better."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from playout.analyse.objective import Objective, compared_outcome
from playout.analyse.outcome import Outcome
from playout.analyse.path import story
from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.model.scenario import Measure, Scenario
from playout.simulate.result import Reported

Group = Literal["people", "path", "institutions", "money"]
GROUPS: tuple[Group, ...] = ("people", "path", "institutions", "money")
"""The order in which outcomes are told: people, how far it gets, institutions, money."""

ALL = "all"
"""In place of names: the story's stages, every question without a condition, every measure without an index."""


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome. better: 1 where more of it is better, -1 where less is, None where nobody has said.

    first: it is told where there is little room; questions that neither the caller nor the headline names are not.

    Less is better of a measure of people, which counts what is done to them, unless the objective says otherwise; of
    anything else only the objective says.
    """

    outcome: Outcome
    group: Group
    better: float | None
    first: bool = True

    @property
    def name(self) -> str:
        return self.outcome.name

    @property
    def people(self) -> bool:
        return self.group == "people"


def rows_of(checked: CheckedScenario, names: Sequence[str] | None, objective: Objective | None) -> tuple[Row, ...]:
    """The rows of a comparison. Measures of people are always among them, and what the objective speaks of.

    names: further outcomes, or `ALL`. None for what the scenario puts first: its headline's measures (all measures
    without an index where it has no headline), the stages of its story, and its questions without a condition.
    Refuses, with one UsageError that holds all of them, names that are no outcomes.
    """
    scenario = checked.scenario
    listed = [measure for name in _people(scenario) for measure in _members(scenario, name)]
    listed += [own.name for own in objective.outcomes] if objective is not None else []
    later: set[str] = set()
    if names is None and scenario.headline is not None:
        asked = {scenario.headline.question[0]} if scenario.headline.question is not None else set()
        later = set(_questions(scenario)) - set(listed) - asked
    listed += _first(scenario) if names is None else [each for name in names for each in _expanded(scenario, name)]
    wrong: list[str] = []
    found: dict[str, Row] = {}
    for name in listed:
        try:
            row = _row(scenario, compared_outcome(scenario, name), objective)
            found.setdefault(name, replace(row, first=name not in later))
        except UsageError as problem:
            wrong.append(str(problem))
    if wrong:
        raise UsageError("\n  ".join(dict.fromkeys(wrong)))
    return tuple(sorted(found.values(), key=lambda row: GROUPS.index(row.group)))


def wanted(rows: Sequence[Row]) -> set[str]:
    """What a run has to report for the rows: measures, tracks, decisions and questions by name."""
    return {re.split(r"[\[.]", row.name, maxsplit=1)[0] for row in rows}


def with_units(rows: Sequence[Row], measures: dict[str, Reported]) -> tuple[Row, ...]:
    """The same with the units that a run reports measures in, which also tell what counts money."""
    made = []
    for row in rows:
        unit = measures[row.name.partition("[")[0]].unit if row.outcome.kind == "measure" else ""
        group = "money" if row.group == "institutions" and "usd" in unit else row.group
        made.append(replace(row, outcome=replace(row.outcome, unit=unit), group=group))
    return tuple(sorted(made, key=lambda row: GROUPS.index(row.group)))


def _people(scenario: Scenario) -> list[str]:
    return [measure.name for measure in scenario.measures.values() if measure.people]


def _members(scenario: Scenario, name: str) -> list[str]:
    """A measure by name, or each of its members."""
    measure: Measure = scenario.measures[name]
    labels = [""]
    for of in measure.sets:
        labels = [f"{before}, {label}" if before else label for before in labels for label in scenario.sets[of].labels]
    return [f"{name}[{label}]" if label else name for label in labels]


def _expanded(scenario: Scenario, name: str) -> list[str]:
    if name != ALL:
        return [name]
    return [*_stages(scenario), *_questions(scenario), *_measures(scenario)]


def _questions(scenario: Scenario) -> list[str]:
    return [question.name for question in scenario.questions.values() if question.given is None]


def _stages(scenario: Scenario) -> list[str]:
    """The story's, but the first, where it starts."""
    track = next((track for track in scenario.tracks.values() if not track.binders), None)
    return [] if track is None else [f"{track.name}.{stage}" for stage in story(track)[1:]]


def _measures(scenario: Scenario) -> list[str]:
    return [measure.name for measure in scenario.measures.values() if not measure.binders]


def _first(scenario: Scenario) -> list[str]:
    headline = scenario.headline
    measures = _measures(scenario) if headline is None else [name for name, _ in headline.measures]
    return [*_stages(scenario), *_questions(scenario), *measures]


def _row(scenario: Scenario, named: Outcome, objective: Objective | None) -> Row:
    better = None if objective is None else objective.better(named.name)
    if named.kind != "measure":
        return Row(named, "path", better)
    plain, _, member = named.name.partition("[")
    people = scenario.measures[plain].people
    titled = replace(named, title=f"{named.title}: {member.removesuffix(']')}") if member else named
    if better is None and people and (objective is None or named not in objective.outcomes):
        better = -1.0
    return Row(titled, "people" if people else "institutions", better)
