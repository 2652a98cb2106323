"""Two settings of one scenario under the same draws: what the second does that the first does not, future by future."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from playout.analyse.estimate import Bools
from playout.analyse.outcome import outcome
from playout.analyse.path import story
from playout.analyse.rounding import number
from playout.model.scenario import Scenario, Track
from playout.present.views.written import heading
from playout.present.web.described import headline_track
from playout.present.web.pictures import differs
from playout.present.web.playing import play_alone, shown_measures
from playout.present.web.settings import Way
from playout.simulate.odds import standard_error
from playout.simulate.result import Runs

Plain = dict[str, Any]


def compared(a: Way, b: Way, futures: int, stop: threading.Event) -> Plain:
    """Differences b − a of every measure (over the whole run, or at its end), of questions, and of the whole path.

    Futures that stopped in either are left out.
    """
    first, second = (play_alone(way, futures, stop) for way in (a, b))
    scenario = first.checked.scenario
    both = first.complete & second.complete
    track = headline_track(scenario)
    return {
        "futures": int(np.count_nonzero(both)),
        "settings": [way.setting.model_dump() for way in (a, b)],
        "differs": [list(differs(way)) for way in (a, b)],
        "measures": [_measure(scenario, name, first, second, both) for name in shown_measures(scenario)],
        "questions": [_question(scenario, name, first, second, both) for name in scenario.questions],
        "whole": None if track is None else _shares(_whole(track, first), _whole(track, second), both, both),
    }


def _measure(scenario: Scenario, name: str, first: Runs, second: Runs, both: Bools) -> Plain:
    asked = outcome(scenario, name, compared=False)
    gap = (asked.values(second) - asked.values(first))[both]
    declared, reported = scenario.measures[name], first.measures[name]
    low, high = np.quantile(gap, [0.05, 0.95]).tolist() if gap.size else (np.nan, np.nan)
    return {
        "name": name,
        "title": heading(declared.title, name),
        "unit": reported.unit,
        "per": declared.per,
        "people": declared.people,
        "mean": number(float(gap.mean())) if gap.size else None,
        "se": number(float(gap.std(ddof=1)) / gap.size**0.5) if gap.size > 1 else None,
        "p05": number(low),
        "p95": number(high),
        "more": number(float((gap > 0).mean())) if gap.size else None,
        "less": number(float((gap < 0).mean())) if gap.size else None,
    }


def _question(scenario: Scenario, name: str, first: Runs, second: Runs, both: Bools) -> Plain:
    """A question's odds in both; one with a condition counts where that holds, which may be other futures in each."""
    question = scenario.questions[name]

    def read(runs: Runs) -> tuple[Bools, Bools]:
        """Its answers, and where it counts."""
        yes = runs.numbers([f"question.{name}"])[0] == 1.0
        if question.given is None:
            return yes, both
        return yes, both & (runs.numbers([f"given.{name}"])[0] == 1.0)

    (one, where_one), (other, where_other) = read(first), read(second)
    return {
        "name": name,
        "ask": question.ask,
        "by": question.by.isoformat(),
        **_shares(one, other, where_one, where_other),
    }


def _whole(track: Track, runs: Runs) -> Bools:
    """Which futures reach every stage of the track's story."""
    days = runs.numbers([f"{track.name}.{stage}" for stage in story(track)])
    held: Bools = np.isfinite(days).all(axis=0)
    return held


def _shares(one: Bools, other: Bools, where_one: Bools, where_other: Bools) -> Plain:
    """Two shares and their difference. Counted over the same futures its error is that of a paired difference."""
    n, m = int(np.count_nonzero(where_one)), int(np.count_nonzero(where_other))
    if not n or not m:
        known = {"a": float(one[where_one].mean()) if n else None, "b": float(other[where_other].mean()) if m else None}
        return {**known, "difference": None, "se": None}
    a, b = float(one[where_one].mean()), float(other[where_other].mean())
    if np.array_equal(where_one, where_other):
        gap = other[where_one].astype(float) - one[where_one]
        se = float(gap.std()) / n**0.5
    else:
        se = (standard_error(a, n) ** 2 + standard_error(b, m) ** 2) ** 0.5
    return {"a": number(a), "b": number(b), "difference": number(b - a), "se": number(se)}
