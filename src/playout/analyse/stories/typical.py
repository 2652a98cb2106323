"""Typical futures: clusters of alike ones, each told by its medoid, a future that happened.

Clusters are found among the first futures of a run, which are as good a sample as any since each is drawn by its number
alone; then every future joins the medoid that it lies nearest to, so shares are of all futures and add up to one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import Bools, Share, share_of
from playout.analyse.stories.features import Features
from playout.analyse.stories.medoids import greedy, settled, silhouette
from playout.errors import UsageError

SAMPLE = 2000
"""Futures among which clusters are found: their distances are four million numbers."""

FEWEST, MOST = 3, 8
"""How many stories there are, unless the caller says: fewer would hide, more would not be read."""

ENOUGH = 30
"""Futures without which nobody can say what is typical."""


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Futures that are alike. medoid: the number of the future that tells of them. share: of all futures that ran to
    their end, with the standard error that it has among so many, the medoids being given. within: which they are, by
    their places among those."""

    medoid: int
    share: Share
    within: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Typical:
    """The clusters, largest first. silhouette: of the sample, None for one cluster. tried: the silhouette of each
    number of clusters that was tried. sample: futures among which they were found."""

    clusters: tuple[Cluster, ...]
    silhouette: float | None
    tried: dict[int, float]
    sample: int


def typical(found: Features, count: int | None = None) -> Typical:
    """The typical futures. count: how many stories; None takes as many as 3 to 8 as give the best silhouette.

    Refuses, with a UsageError, too few futures, and more stories than futures that differ.
    """
    n = len(found.rows)
    if n < ENOUGH:
        raise UsageError(
            f"stories are told of {ENOUGH} futures at least, and {n:,} ran to their end: ask for more with `--futures`"
        )
    if count is not None and count < 1:
        raise UsageError(f"at least one story has to be told; {count:,} were asked for")
    sample = np.arange(min(n, SAMPLE))
    distances = found.distances(sample, sample)
    starts = greedy(distances, MOST if count is None else min(count, n))
    if count is not None and len(starts) < count:
        raise UsageError(
            f"{count:,} stories were asked for, and among {len(sample):,} futures only {len(starts):,} differ: "
            f"ask for no more than that"
        )
    sizes = [count] if count is not None else [k for k in range(FEWEST, MOST + 1) if k <= len(starts)]
    sizes = sizes or [len(starts)]
    medoids = {k: settled(distances, starts[:k]) if k > 1 else starts[:1] for k in sizes}
    tried = {k: silhouette(distances, distances[medoids[k]].argmin(axis=0), k) for k in sizes if k > 1}
    best = max(tried, key=lambda k: (tried[k], -k)) if tried else sizes[0]
    return Typical(_clusters(found, sorted(medoids[best])), tried.get(best), tried, len(sample))


def _clusters(found: Features, medoids: list[int]) -> tuple[Cluster, ...]:
    """Every future with the nearest medoid, ties to the first."""
    near = found.distances(np.arange(len(found.rows)), np.array(medoids)).argmin(axis=1)
    made = [_cluster(found, medoid, near == place) for place, medoid in enumerate(medoids)]
    return tuple(sorted(made, key=lambda cluster: (-cluster.share.p, cluster.medoid)))


def _cluster(found: Features, medoid: int, within: NDArray[np.bool_]) -> Cluster:
    share = share_of(int(np.count_nonzero(within)), len(within))
    assert share is not None
    return Cluster(int(found.numbers[medoid]), share, within)
