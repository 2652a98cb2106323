"""What sets one cluster of futures apart from the others: the stages that more, or fewer, of its futures reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playout.analyse.estimate import Bools
from playout.analyse.stories.features import Features
from playout.simulate.result import Runs


@dataclass(frozen=True, slots=True)
class Contrast:
    """A stage of a track without an index: the shares of a cluster's futures, and of all others, that reach it."""

    track: str
    stage: str
    inside: float
    outside: float

    @property
    def size(self) -> float:
        """How far they lie apart, above 0 where the cluster's futures reach it more."""
        return self.inside - self.outside


@dataclass(frozen=True, slots=True)
class Tendency:
    """The mean rank of a measure in a cluster, from 0 to 1, less that of all other futures."""

    measure: str
    gap: float


@dataclass(frozen=True, slots=True)
class Apart:
    """What sets a cluster apart. stages: the furthest apart first; measures likewise."""

    stages: tuple[Contrast, ...]
    measures: tuple[Tendency, ...]


def apart(runs: Runs, baseline: Runs | None, found: Features, clusters: Sequence[Bools]) -> tuple[Apart, ...]:
    """What sets each cluster apart. clusters: which futures are in it, by their places in ``found``."""
    from scipy.stats import rankdata

    tracks = [track for track in runs.checked.scenario.tracks.values() if not track.binders]
    stages = [(track.name, stage.name) for track in tracks for stage in track.stages]
    reached = np.isfinite(runs.numbers([".".join(each) for each in stages], np.float32)[:, found.numbers])
    ranks = [
        (measure.name, rankdata(measure.values(runs, baseline)[found.numbers]) / len(found.numbers))
        for measure in found.measures
    ]
    made = []
    for within in clusters:
        others = ~within if not within.all() else within
        contrasts = [
            Contrast(track, stage, float(row[within].mean()), float(row[others].mean()))
            for (track, stage), row in zip(stages, reached, strict=True)
        ]
        gaps = [Tendency(name, float(own[within].mean() - own[others].mean())) for name, own in ranks]
        made.append(
            Apart(
                tuple(sorted(contrasts, key=lambda each: -abs(each.size))),
                tuple(sorted(gaps, key=lambda each: -abs(each.gap))),
            )
        )
    return tuple(made)
