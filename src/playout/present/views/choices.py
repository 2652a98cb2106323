"""Decisions, questions and what to watch."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from playout.model.scenario import Indicator, Scenario
from playout.present.views.estimate import Share
from playout.present.views.written import as_written


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a decision, with its share among the futures in which the decision falls due."""

    name: str
    title: str
    share: Share


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision: who takes it, in what share of futures it falls due, and what is chosen there.

    later: it falls due on the way, and not at the start of every future.
    """

    name: str
    title: str
    about: str
    by: str
    due: Share
    choices: tuple[Choice, ...]
    later: bool = True


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question that the future will answer.

    given: its condition as written, if it has one; met: the share of futures that meet it. ``answer`` is among these,
    and None where there are none.
    """

    name: str
    ask: str
    by: dt.date
    source: str
    answer: Share | None
    given: str | None = None
    met: float | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """An indicator as written: what is seen, how often it is looked for, and its chance by condition."""

    name: str
    what: str
    per: str
    chances: tuple[tuple[str, str], ...]
    observes: str | None = None


def watches(scenario: Scenario) -> tuple[Watch, ...]:
    """The scenario's indicators, with stages under their titles."""
    titles = {f"{track.name}.{stage.name}": stage.title for track in scenario.tracks.values() for stage in track.stages}

    def watch(name: str, indicator: Indicator) -> Watch:
        """One indicator; stages that share a chance stand together."""
        by_chance: dict[str, list[str]] = {}
        for test, chance in indicator.chances:
            where = "otherwise" if test is None else as_written(scenario, test.span)
            by_chance.setdefault(as_written(scenario, chance.span), []).append(titles.get(where, where))
        observed = as_written(scenario, indicator.observes.span) if indicator.observes is not None else None
        measure = scenario.measures.get(observed or "")
        return Watch(
            name=name,
            what=indicator.what or indicator.title or name,
            per=indicator.per,
            chances=tuple((", ".join(places), chance) for chance, places in by_chance.items()),
            observes=measure.title or measure.name if measure else observed,
        )

    return tuple(watch(name, indicator) for name, indicator in scenario.indicators.items())
