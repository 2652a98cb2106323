"""Runs → the picture that the page draws: plain data with the names and the numbers of ``playout run --json``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from playout.analyse.average import Average, average
from playout.analyse.outcome import Outcome, outcome
from playout.analyse.plain import plain_findings
from playout.analyse.rounding import number
from playout.analyse.summary import Summary, summarise
from playout.model.scenario import Scenario
from playout.present.views.answer import answer, by_view
from playout.present.views.ladder import Ladder
from playout.present.views.page import Page
from playout.present.views.read import page_of
from playout.present.views.written import heading
from playout.present.web.described import value_at
from playout.present.web.playing import Pair, shown_measures
from playout.present.web.settings import Way, decision_of
from playout.present.words import percent, quantity
from playout.simulate.result import Reported, Runs

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and the page that its sentences are of."""

    picture: Plain
    page: Page


def draw(run: str, pair: Pair, *, whole: bool = True) -> Drawn:
    """The picture of a run by its name. whole: the page has all measures, so that charts can be drawn from it; without,
    those that its sentences speak of, which takes half the time."""
    summary = summarise(pair.runs, pair.baseline)
    runs = pair.runs if whole else replace(pair.runs, measures=_spoken_of(pair.runs, summary))
    page = page_of(runs, pair.baseline, summary)
    plain = plain_findings(summary.findings)
    ladder = page.ladders[0] if page.ladders else None
    picture = {
        "run": run,
        "scenario": pair.way.setting.scenario,
        "futures": summary.futures,
        "stopped": summary.stopped,
        "seconds": round(sum(pair.runs.seconds.values()), 3),
        "setting": pair.way.setting.model_dump(),
        "differs": list(differs(pair.way)),
        "answer": list(answer(page)),
        "by_view": list(by_view(page)),
        "stages": plain["stages"],
        "occupancy": None if ladder is None else _occupancy(ladder),
        "path": [] if ladder is None else list(_path(ladder)),
        "whole": None if ladder is None else _whole(summary, ladder),
        "decisions": plain["decisions"],
        "games": plain["games"],
        "due": plain["due"],
        "questions": plain["questions"],
        "measures": {name: _measure(plain["measures"][name]) for name in shown_measures(pair.runs.checked.scenario)},
        "effects": list(_effects(pair)),
        "baseline": summary.baseline,
        "identity": pair.runs.identity(),
    }
    return Drawn(picture, page)


def _spoken_of(runs: Runs, summary: Summary) -> Mapping[str, Reported]:
    """Measures of people, and those by which is told what came of a choice."""
    declared = runs.checked.scenario.measures
    told = {name for options in summary.payoffs.values() for paid in options.values() for name in paid}
    return {name: own for name, own in runs.measures.items() if declared[name].people or name in told}


# --- the ladder -------------------------------------------------------------------------------------------------------


def _occupancy(ladder: Ladder) -> Plain:
    ladder = ladder.thinned()
    return {
        "track": ladder.name,
        "dates": [date.isoformat() for date in ladder.dates],
        "stages": [rung.name for rung in ladder.rungs],
        "shares": [[round(share, 4) for share in rung.shares] for rung in ladder.rungs],
    }


def _path(ladder: Ladder) -> Iterator[Plain]:
    for rung in ladder.steps:
        yield {
            "stage": rung.name,
            "title": rung.title,
            "given": None if rung.given is None else number(rung.given.p),
            "se": None if rung.given is None else number(rung.given.se),
            "reached": number(rung.reached.p),
            "median_date": _date(rung.median_date),
        }


def _whole(summary: Summary, ladder: Ladder) -> Plain:
    track = next(track for track in summary.findings.tracks if track.name == ladder.name)
    return {"p": number(track.path.whole.p), "se": number(track.path.whole.se)}


def _date(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()


# --- what it does -----------------------------------------------------------------------------------------------------


def _measure(plain: Plain) -> Plain:
    return {**plain, "worse": None}  # a scenario does not say which way is worse


def _effects(pair: Pair) -> Iterator[Plain]:
    """What is done to each measure of the headline, or of people where there is none: over the whole run, the
    difference from the baseline, in all futures and in those that reach the headline's stage."""
    runs, scenario = pair.runs, pair.runs.checked.scenario
    headline = scenario.headline
    held = () if runs.view is not None else scenario.views
    views = {name: runs.views == place for place, name in enumerate(held)}
    given = headline.given[0] if headline is not None and headline.given else None
    among = None if given is None else outcome(scenario, given, compared=False).values(runs) == 1.0
    reached = None if among is None else average(np.where(runs.complete, among, np.nan), views)
    for asked in _asked(scenario, compared=pair.baseline is not None):
        values = asked.values(runs, pair.baseline)
        always = average(values, views)
        if always is None:
            continue
        then = None if among is None else average(values, views, among)
        yield {
            "name": asked.name,
            "title": asked.title,
            "unit": runs.measures[asked.name].unit,
            "difference": asked.compared,
            "always": number(always.whole.value),
            "se": number(always.whole.se),
            "low": number(always.low),
            "high": number(always.high),
            "given": _value(then),
            "given_se": None if then is None else number(then.whole.se),
            "reached": _value(reached),
            "short": headline.short if headline is not None else "",
        }


def _asked(scenario: Scenario, *, compared: bool) -> list[Outcome]:
    headline = scenario.headline
    if headline is not None and headline.measures:
        names = [name for name, _ in headline.measures if name in shown_measures(scenario)]
    else:
        names = [measure.name for measure in scenario.measures.values() if measure.people and not measure.binders]
    return [outcome(scenario, name, compared=compared) for name in names]


def _value(found: Average | None) -> float | None:
    return None if found is None else number(found.whole.value)


# --- what differs from the scenario as written ------------------------------------------------------------------------


def differs(way: Way) -> Iterator[Mapping[str, str]]:
    """What a setting changes, each as a sentence."""
    setting, scenario = way.setting, way.written.scenario

    def line(what: str, name: str, text: str) -> Mapping[str, str]:
        """One change."""
        return {"what": what, "name": name, "text": text}

    if setting.policy is not None:
        parts = [heading(scenario.policies[part.strip()].title, part.strip()) for part in setting.policy.split("+")]
        yield line("policy", setting.policy, f"Policy: {' + '.join(parts)}.")
    if setting.view is not None:
        title = heading(scenario.views[setting.view].title, setting.view)
        yield line("view", setting.view, f"Every future holds the view “{title}”.")
    for view, credence in zip(scenario.views.values(), way.credences or (), strict=False):
        if abs(credence - (view.credence or 0.0)) > 1e-6:
            said = f"{percent(credence)}, and {percent(view.credence or 0.0)} as written"
            yield line("credence", view.name, f"Credence of “{heading(view.title, view.name)}”: {said}.")
    for label, quantile in way.quantiles.items():
        value, unit = value_at(way.written, label, quantile)
        said = percent(value) if unit == "probability" else f"{quantity(value)} {'' if unit == '1' else unit}".strip()
        name = label.partition("[")[0]
        title = heading(scenario.beliefs[name].title, label)
        yield line("belief", label, f"{title}: {said}, where {percent(quantile)} of what is believed lies below.")
    for label, option in setting.decisions.items():
        decision, _ = decision_of(scenario, label)
        chosen = scenario.sets[decision.choose].members if decision.choose else decision.options
        title = next(heading(own.title, own.name) for own in chosen if own.name == option)
        yield line("decision", label, f"{heading(decision.title, label)}: “{title}”, whenever it is due.")
    if setting.seed != 1:
        yield line("seed", str(setting.seed), f"Other draws: seed {setting.seed}.")
