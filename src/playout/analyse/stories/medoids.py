"""k-medoids: the k of n things to which all n lie nearest in sum.

Starting from a greedy choice (the BUILD step of L. Kaufman and P. J. Rousseeuw, Finding Groups in Data, 1990), any swap
of a medoid for another thing that lowers the sum is made at once, until none is left (E. Schubert and P. J. Rousseeuw,
Fast and eager k-medoids clustering, Information Systems 101, 2021: FasterPAM). Nothing is drawn at random.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.float64]

_ROUNDING = 1e-9
"""A sum of distances that is lower by this share is not lower."""


def greedy(distances: Distances, most: int) -> list[int]:
    """Medoids one by one, each lowering the sum of distances [n, n] to the nearest as far as it can; at most ``most``,
    and none that lowers it no more."""
    chosen = [int(distances.sum(axis=0).argmin())]
    nearest = distances[chosen[0]].copy()
    while len(chosen) < most:
        gain = np.maximum(nearest - distances, 0.0).sum(axis=1)
        best = int(gain.argmax())
        if gain[best] <= 0.0:
            break
        chosen.append(best)
        np.minimum(nearest, distances[best], out=nearest)
    return chosen


def settled(distances: Distances, medoids: Sequence[int]) -> list[int]:
    """The medoids after every swap that lowers the sum of distances [n, n], of which they are two at least."""
    chosen = list(medoids)
    near, first, second = _nearest_two(distances, chosen)
    idle, candidate, n = 0, 0, len(distances)
    while idle < n:
        if candidate not in chosen:
            place, change = _best_swap(distances[candidate], near, first, second, len(chosen))
            if change < -_ROUNDING * first.sum():
                chosen[place] = candidate
                near, first, second = _nearest_two(distances, chosen)
                idle = 0
        idle += 1
        candidate = (candidate + 1) % n
    return chosen


def _nearest_two(distances: Distances, medoids: Sequence[int]) -> tuple[NDArray[np.intp], Distances, Distances]:
    """For each thing: which medoid is nearest (ties to the first), how near, and how near the next."""
    to = distances[list(medoids)]
    near = to.argmin(axis=0)
    columns = np.arange(to.shape[1])
    first = to[near, columns]
    others = to.copy()
    others[near, columns] = np.inf
    return near, first, others.min(axis=0)


def _best_swap(
    candidate: Distances, near: NDArray[np.intp], first: Distances, second: Distances, k: int
) -> tuple[int, float]:
    """Which medoid to give up for a candidate, and by how much the sum of distances changes."""
    gained = np.minimum(candidate - first, 0.0).sum()
    # What a thing loses with its medoid: its next best, the candidate or the second, less what it had (or has gained).
    lost = np.minimum(candidate, second) - np.minimum(candidate, first)
    change = np.bincount(near, weights=lost, minlength=k)
    place = int(change.argmin())
    return place, float(gained + change[place])


def silhouette(distances: Distances, near: NDArray[np.intp], k: int) -> float:
    """The mean silhouette of a clustering (P. J. Rousseeuw, Journal of Computational and Applied Mathematics 20, 1987):
    (b − a) / max(a, b), where a is a thing's mean distance to its own cluster and b that to the nearest other; 0 for a
    thing alone in its cluster.

    near: the cluster of each thing, 0 to k − 1, [n]; k is two at least.
    """
    # Summed by NumPy and not by a matrix product, whose last digits may follow the number of threads.
    sums = np.stack([distances[:, near == cluster].sum(axis=1) for cluster in range(k)], axis=1)
    sizes = np.bincount(near, minlength=k).astype(np.float64)
    own = np.arange(len(near)), near
    alone = sizes[near] <= 1.0
    inside = sums[own] / np.maximum(sizes[near] - 1.0, 1.0)
    means = sums / np.maximum(sizes, 1.0)
    means[:, sizes == 0.0] = np.inf
    means[own] = np.inf
    outside = means.min(axis=1)
    widest = np.maximum(inside, outside)
    widths = np.divide(outside - inside, widest, out=np.zeros_like(widest), where=(widest > 0.0) & ~alone)
    return float(widths.mean())
