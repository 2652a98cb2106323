"""Futures at the ends: the worst by a measure, the fastest to a stage, the longest in one.

The worst by a measure is where it is highest: less the baseline's where there is one, unless that tells hardly any
future from another.

What is told is the future at the 99th percentile (of dates, the 1st), not the very last: the most extreme of a hundred
thousand futures is another one under every seed and moves out with every future played, while one in a hundred stays
where it is. Of equal futures the first by number is told.

Each measure has an end of its own. None is made of several: harms are not netted against each other here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import Numbers
from playout.analyse.outcome import outcome as outcome_of
from playout.analyse.path import story
from playout.analyse.stories.features import main_track
from playout.errors import UsageError, unknown
from playout.model.scenario import Scenario, Track
from playout.simulate.replay import stays
from playout.simulate.result import Runs, labelled

Kind = Literal["worst", "fastest", "longest"]
KINDS: tuple[Kind, ...] = ("worst", "fastest", "longest")

AT = 0.99
"""Which part of the futures is less extreme than the one that is told."""

SEARCHED = 3 * 4096
"""Futures of which the stays are known: they are played again for it."""

MOST_WORST = 4
"""Measures whose worst futures are told unless some are named."""


@dataclass(frozen=True, slots=True)
class End:
    """Which end: ``worst:MEASURE``, ``fastest:TRACK.STAGE``, ``longest:TRACK.STAGE``; of a track by member,
    ``TRACK[MEMBER].STAGE``, or without a member whichever is first."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Tail:
    """The future told of an end. value: in the measure's unit (less the baseline's where compared), or days. among: how
    many futures have one. median: of theirs. beyond: how many of them lie further out, or as far."""

    end: End
    future: int
    value: float
    unit: str
    compared: bool
    among: int
    median: float
    beyond: int


def ends(scenario: Scenario, names: Sequence[str]) -> tuple[End, ...]:
    """The ends by their names. Refuses, with a UsageError, what is not one."""
    return tuple(_end(scenario, name) for name in dict.fromkeys(names))


def _end(scenario: Scenario, name: str) -> End:
    kind, _, rest = name.partition(":")
    known = next((each for each in KINDS if each == kind), None)
    if known is None or not rest:
        raise UsageError(
            f"`{name}` is no end of a run: write worst:MEASURE, fastest:TRACK.STAGE or longest:TRACK.STAGE"
        )
    if known == "worst":
        plain = [measure.name for measure in scenario.measures.values() if not measure.binders]
        if rest.partition("[")[0] not in scenario.measures:
            raise UsageError(unknown("measure", rest, plain))
        outcome_of(scenario, rest, compared=False)
    else:
        placed(scenario, rest)
    return End(known, rest)


def placed(scenario: Scenario, name: str) -> tuple[Track, tuple[str, ...], str]:
    """The track, the members and the stage of ``track.stage``, ``track[member].stage``. Refuses, with a UsageError, a
    stage that does not exist."""
    head, _, stage = name.rpartition(".")
    plain, bracket, member = head.partition("[")
    stages = [f"{track.name}.{each.name}" for track in scenario.tracks.values() for each in track.stages]
    if f"{plain}.{stage}" not in stages:
        raise UsageError(unknown("stage", name, stages))
    track = scenario.tracks[plain]
    labels = scenario.sets[track.sets[0]].labels if track.binders else ("",)
    member = member.removesuffix("]")
    if not bracket:
        return track, labels, stage
    if member not in labels or not track.binders:
        raise UsageError(unknown("member", member, [label for label in labels if label]))
    return track, (member,), stage


def usual_ends(runs: Runs) -> tuple[End, ...]:
    """The ends that are told unless some are named: the worst by each measure about people that the headline has (or
    else the first such measures), the fastest to the last stage of the path, and the longest in the headline's stage
    (or else in the stage with a way out in which those that reach it spend the most days)."""
    scenario = runs.checked.scenario
    found = [End("worst", name) for name in _about_people(scenario)[:MOST_WORST]]
    track = main_track(scenario)
    if track is not None and not track.binders:
        path = story(track)
        if len(path) > 1:
            found.append(End("fastest", f"{track.name}.{path[-1]}"))
        longest = _longest_stage(runs, track)
        if longest is not None:
            found.append(End("longest", f"{track.name}.{longest}"))
    return tuple(found)


def _about_people(scenario: Scenario) -> list[str]:
    people = [m.name for m in scenario.measures.values() if m.people and not m.binders]
    first = [name for name, _ in scenario.headline.measures] if scenario.headline is not None else []
    return [name for name in first if name in people] or people


def _longest_stage(runs: Runs, track: Track) -> str | None:
    scenario = runs.checked.scenario
    if scenario.headline is not None and scenario.headline.given is not None:
        return scenario.headline.given[0].rpartition(".")[2]
    left = {origin for move in track.moves for origin, _ in move.origins}
    open_ = [stage.name for stage in track.stages if stage.then or stage.name in left]
    if not open_:
        return None
    days = stays(runs, [(track.name, "", stage) for stage in open_], min(runs.futures, SEARCHED))
    spent = np.nan_to_num(days)
    means = spent.sum(axis=1) / np.maximum(np.count_nonzero(spent, axis=1), 1)
    return open_[int(means.argmax())]


def tails(runs: Runs, baseline: Runs | None, named: Sequence[End] | None = None) -> tuple[Tail, ...]:
    """The future told of each end. named: which ends; None for the usual ones, of which those that no future has are
    left out.

    Refuses, with a UsageError, a named stage that no future reaches.
    """
    found = []
    for end in usual_ends(runs) if named is None else named:
        values, unit, compared = _values(runs, baseline, end)
        tail = _tail(end, values, unit, compared)
        if tail is None and named is not None:
            raise UsageError(f"none of {runs.futures:,} futures reaches `{end.name}`: play more with `--futures`")
        found += [tail] if tail is not None else []
    return tuple(found)


def _values(runs: Runs, baseline: Runs | None, end: End) -> tuple[Numbers, str, bool]:
    """What the futures are ordered by, not a number where there is none; its unit, and whether it is a difference."""
    scenario = runs.checked.scenario
    if end.kind == "worst":
        unit = runs.measures[end.name.partition("[")[0]].unit
        values = outcome_of(scenario, end.name, compared=True).values(runs, baseline)
        if baseline is not None and _stands_out(values):
            return values, unit, True
        return outcome_of(scenario, end.name, compared=False).values(runs), unit, False
    track, labels, stage = placed(scenario, end.name)
    if end.kind == "fastest":
        names = [f"{labelled(track.name, (label,) if label else ())}.{stage}" for label in labels]
        first = np.where(runs.complete, runs.numbers(names), np.nan)
        return _whichever(first, np.fmin), "day", False
    searched = min(runs.futures, SEARCHED)
    days = stays(runs, [(track.name, label, stage) for label in labels], searched)
    days[days <= 0.0] = np.nan
    return _whichever(days, np.fmax), "day", False


def _stands_out(values: Numbers) -> bool:
    """Whether the future at the percentile is worse than the one in the middle."""
    held = values[np.isfinite(values)]
    return bool(held.size) and _at(np.sort(held)) > float(np.median(held))


def _at(ordered: Numbers) -> float:
    """The value at the percentile, of values in their order."""
    return float(ordered[math.ceil(AT * len(ordered)) - 1])


def _whichever(values: Numbers, choose: np.ufunc) -> NDArray[np.float64]:
    """Of members' values the first, or the longest, [futures]."""
    return np.asarray(choose.reduce(values, axis=0), np.float64)


def _tail(end: End, values: Numbers, unit: str, compared: bool) -> Tail | None:
    """The future at the percentile, among those that have a value."""
    having = np.flatnonzero(np.isfinite(values))
    if not len(having):
        return None
    held = values[having]
    outward = -held if end.kind == "fastest" else held
    value = _at(np.sort(outward))
    if end.kind == "worst" and not _stands_out(held):
        value = outward.max()  # nearly all are alike: the end is whoever is not
    place = int(np.flatnonzero(outward == value)[0])
    beyond = int(np.count_nonzero(outward >= value))
    middle = float(np.median(held))
    return Tail(end, int(having[place]), float(held[place]), unit, compared, len(having), middle, beyond)
