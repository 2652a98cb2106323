"""Decisions, questions and what to watch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from playout.model.scenario import Indicator, Observation, Scenario
from playout.present.origin import Told
from playout.present.views.estimate import Share
from playout.present.views.written import as_written
from playout.present.words import day, percent


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a decision, with its share among the futures in which the decision falls due.

    value: what it is worth to who decides, as the scenario writes it. came: what came of it, a number a measure of
    `DecisionView.measures`; empty where nobody chose it, or nothing was counted.
    """

    name: str
    title: str
    share: Share
    value: str = ""
    came: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision: who takes it, in what share of futures it falls due, and what is chosen there. Or a game: who plays
    it, and how it last ended.

    label: its name in a run, with a member's behind it. later: it falls due on the way, and not at the start of every
    future. measures: names and titles of those by which is told what came of its options. section: of the run's JSON.
    """

    name: str
    title: str
    about: str
    by: str
    due: Share
    choices: tuple[Choice, ...]
    later: bool = True
    label: str = ""
    measures: tuple[tuple[str, str], ...] = ()
    section: Literal["decisions", "games"] = "decisions"

    @property
    def finding(self) -> Told:
        """The title of its picture: what is chosen most."""
        if not self.choices:
            return Told(self.title)
        best = max(self.choices, key=lambda choice: choice.share.p)
        paths = f"{self.section}/{self.label}/{best.name}/share_where_due"
        times = "choices" if self.section == "decisions" else "games"
        return Told(f"{self.title}: “{best.title}” in {percent(best.share.p)} of {times}", paths)


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question that the future will answer.

    given: its condition as written, if it has one, and given_words in words, where it has them; met: the share of
    futures that meet it. ``answer`` is among these, and None where there are none. that: what answers it, as written.
    """

    name: str
    ask: str
    by: dt.date
    source: str
    answer: Share | None
    given: str | None = None
    met: float | None = None
    given_words: str = ""
    that: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """An indicator: what is seen, how often it is looked for, and its chance by place: a stage's title, or
    `OTHERWISE`. observes: instead of chances, the measure that is observed. observed: what the world showed of it."""

    name: str
    what: str
    per: str
    chances: tuple[tuple[str, str], ...]
    observes: str | None = None
    observed: tuple[str, ...] = ()


OTHERWISE = "otherwise"


def watches(scenario: Scenario) -> tuple[Watch, ...]:
    """The scenario's indicators, with stages under their titles."""
    titles = {f"{track.name}.{stage.name}": stage.title for track in scenario.tracks.values() for stage in track.stages}

    seen: dict[str, list[Observation]] = {}
    for observation in scenario.observations.values():
        seen.setdefault(observation.of, []).append(observation)

    def watch(name: str, indicator: Indicator) -> Watch:
        """One indicator."""
        chances = []
        for test, chance in indicator.chances:
            where = OTHERWISE if test is None else as_written(scenario, test.span)
            chances.append((titles.get(where) or where, _chance(as_written(scenario, chance.span))))
        observed = as_written(scenario, indicator.observes.span) if indicator.observes is not None else None
        measure = scenario.measures.get(observed or "")
        return Watch(
            name=name,
            what=indicator.what or indicator.title or name,
            per=indicator.per,
            chances=tuple(chances),
            observes=measure.title or measure.name if measure else observed,
            observed=tuple(_shown(one) for one in sorted(seen.get(name, ()), key=lambda one: one.date)),
        )

    return tuple(watch(name, indicator) for name, indicator in scenario.indicators.items())


def _shown(observation: Observation) -> str:
    """ "seen 27 February 2025"."""
    if observation.value is not None:
        return f"{observation.value:,g} on {day(observation.date)}"
    return f"{'seen' if observation.seen else 'not seen'} {day(observation.date)}"


def _chance(written: str) -> str:
    """A plain number as a percentage; anything else as it is written."""
    try:
        return f"{100 * float(written):.3g}%"
    except ValueError:
        return written


@dataclass(frozen=True, slots=True)
class WatchTable:
    """Indicators side by side. places: for each column the places that share it; rows: a watch with its chance in each
    column, empty where it says nothing on it."""

    places: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[Watch, tuple[str, ...]], ...]


def watch_table(listed: Sequence[Watch]) -> WatchTable:
    """Places whose chances are the same in every row share a column; the one for all other places comes last."""
    found = dict.fromkeys(place for watch in listed for place, _ in watch.chances)
    places = sorted(found, key=lambda place: place == OTHERWISE)
    columns: dict[tuple[str, ...], list[str]] = {}
    for place in places:
        cells = tuple(dict(watch.chances).get(place, "") for watch in listed)
        columns.setdefault(cells, []).append(place)
    rows = tuple((watch, tuple(cells[number] for cells in columns)) for number, watch in enumerate(listed))
    return WatchTable(tuple(tuple(shared) for shared in columns.values()), rows)
