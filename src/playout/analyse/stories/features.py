"""What futures are compared by: which stages they reach and when, and what that comes to.

The distance of two futures is half of how far their stage histories lie apart and half of how far their measures do,
each from 0 to 1 (in the manner of J. C. Gower, Biometrics 27, 1971: the mean over features, each scaled by its range).

* Of a track without an index, each stage counts by whether it is reached and by the date of first entry as a share of
  the horizon (never is as late as its end), half each. The main track weighs as much as all others together.
* Of a track by member, each stage counts by the share of members that ever reach it.
* Of a measure, its rank among all futures counts: summed over the run, less the baseline's where there is one.

Whatever is the same in all futures does not count. All of this is a Manhattan distance between rows of numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import Numbers
from playout.analyse.outcome import Outcome
from playout.analyse.outcome import outcome as outcome_of
from playout.model.scenario import Scenario, Track
from playout.simulate.result import Runs, labelled


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Futures as rows. numbers: of the futures that ran to their end (in both runs, where there is a baseline),
    ascending, [n]. rows: weighted, so that their Manhattan distance is that of the futures, float32 [n, features].
    measures: those that count."""

    numbers: NDArray[np.intp]
    rows: NDArray[np.float32]
    measures: tuple[Outcome, ...]

    def distances(self, some: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.float64]:
        """Between rows by their places, [some, others]."""
        from scipy.spatial.distance import cdist

        found: NDArray[np.float64] = cdist(self.rows[some], self.rows[others], "cityblock")
        return found


def features(runs: Runs, baseline: Runs | None) -> Features:
    """The futures of a run as rows to compare."""
    complete = runs.complete if baseline is None else runs.complete & baseline.complete
    measures = key_measures(runs.checked.scenario, compared=baseline is not None)
    tracks = list(_tracks(runs, complete))
    values = [_rank(measure.values(runs, baseline)[complete]) for measure in measures]
    ranks = np.array(values, np.float32).reshape(len(values), int(complete.sum()))
    parts = [*tracks, _weighted(ranks, 0.5)] if tracks else [_weighted(ranks, 1.0)]
    return Features(np.flatnonzero(complete), np.ascontiguousarray(np.concatenate(parts).T), measures)


def main_track(scenario: Scenario) -> Track | None:
    """The track that stories are told along: the headline's, else the first without an index."""
    if scenario.headline is not None and scenario.headline.given is not None:
        return scenario.tracks[scenario.headline.given[0].partition(".")[0].partition("[")[0]]
    return next((track for track in scenario.tracks.values() if not track.binders), None)


def key_measures(scenario: Scenario, *, compared: bool) -> tuple[Outcome, ...]:
    """What a future comes to: the headline's measures and those about people; all where there are none. Only measures
    without an index."""
    plain = [measure for measure in scenario.measures.values() if not measure.binders]
    first = [name for name, _ in scenario.headline.measures] if scenario.headline is not None else []
    named = dict.fromkeys([*first, *(measure.name for measure in plain if measure.people)])
    return tuple(outcome_of(scenario, name, compared=compared) for name in named or [m.name for m in plain])


def _tracks(runs: Runs, complete: NDArray[np.bool_]) -> Iterator[NDArray[np.float32]]:
    """The columns of each track that has any, weighted, [features, n]."""
    scenario = runs.checked.scenario
    horizon = float((runs.checked.end - scenario.start).days)
    main, found = main_track(scenario), {}
    for track in scenario.tracks.values():
        columns = _by_member(runs, track, complete) if track.binders else _by_date(runs, track, complete, horizon)
        if _varies(columns).any():
            found[track.name] = columns
    others = len(found) - (main is not None and main.name in found)
    for name, columns in found.items():
        share = 1.0 / others if others else 1.0
        if main is not None and main.name in found and others:
            share = 0.5 if name == main.name else 0.5 / others
        yield _weighted(columns, 0.5 * share)


def _by_date(runs: Runs, track: Track, complete: NDArray[np.bool_], horizon: float) -> NDArray[np.float32]:
    """Whether each stage is reached, then when as a share of the horizon, [2 × stages, n]."""
    first = runs.numbers([f"{track.name}.{stage.name}" for stage in track.stages], np.float32)[:, complete]
    reached = np.isfinite(first)
    when = np.where(reached, np.minimum(first / np.float32(horizon), 1.0), np.float32(1.0))
    return np.concatenate([reached.astype(np.float32), when])


def _by_member(runs: Runs, track: Track, complete: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The share of members that ever reach each stage, [stages, n]."""
    labels = runs.checked.scenario.sets[track.sets[0]].labels
    found = np.empty((len(track.stages), int(complete.sum())), np.float32)
    for place, stage in enumerate(track.stages):
        names = [f"{labelled(track.name, (label,))}.{stage.name}" for label in labels]
        found[place] = np.isfinite(runs.numbers(names, np.float32)[:, complete]).mean(axis=0)
    return found


def _rank(values: Numbers) -> NDArray[np.float64]:
    """The rank of each value among all, from 0 to 1; the mean of their ranks for equal values."""
    from scipy.stats import rankdata

    n = len(values)
    return np.asarray((rankdata(values) - 1.0) / max(n - 1, 1))


def _varies(columns: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray(columns.max(axis=1, initial=-np.inf) > columns.min(axis=1, initial=np.inf))


def _weighted(columns: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    """The columns that vary, of which all together weigh so much."""
    kept = columns[_varies(columns)]
    return kept * np.float32(weight / max(len(kept), 1))
