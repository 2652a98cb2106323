"""Whether a box would be found again: PRIM on random halves of the cases.

As Bryant and Lempert (2010, section 3.3.1): in each half, the boxes nearest to the chosen one in coverage and in
density are looked up (of equals the one better at the other), and how often they limit the same inputs is counted. Then
a box is chosen in each half as it was in all cases, and held against the other half, from which it was not found: what
is left of its coverage and density there is not flattered by the search.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from playout.analyse.average import Mean
from playout.analyse.discovery.box import Box, box_of
from playout.analyse.discovery.prim import Settings, Trajectory, prim

HALVES = 10
MOST_HALVES = 1_000
MOST = 10_000
"""Cases that are drawn for a half at most; the other half is as large."""


@dataclass(frozen=True, slots=True)
class Reproduced:
    """How a box fares on halves of the cases. halves: in how many of them a box was found at all; cases: in each.

    by_coverage, by_density: for each input that any of them limits, the share of halves whose nearest box does.
    coverage, density: in the other halves, on average; their ``se`` is the standard deviation between halves, which
    share cases, so that averaging many does not make it smaller. None where no half found a box.
    """

    halves: int
    cases: int
    by_coverage: Mapping[str, float]
    by_density: Mapping[str, float]
    coverage: Mean | None
    density: Mean | None


def resample(
    way: Trajectory,
    box: Box,
    settings: Settings,
    *,
    choose: Callable[[Trajectory], Box] | None = None,
    halves: int = HALVES,
    seed: int = 1,
) -> Reproduced:
    """How the box of a trajectory is found again in random halves of the cases that it was found in. choose: how it was
    chosen; without, the box of a half that is nearest in coverage is taken."""
    random = np.random.Generator(np.random.Philox(seed))
    there = np.flatnonzero(way.remaining)
    size = min(there.size // 2, MOST)
    part = way.boxes[0].coverage  # what earlier boxes left of all cases of interest
    counts: tuple[dict[str, int], dict[str, int]] = ({}, {})
    held_out: list[Box] = []
    for _ in range(halves):
        drawn = random.permutation(there)
        half, other = np.sort(drawn[:size]), np.sort(drawn[size : 2 * size])
        again = prim(way.inputs.among(half), way.interest[half], settings)
        if not again:
            continue
        near = [
            min(again[0].boxes, key=lambda own: (abs(own.coverage * part - box.coverage), -own.density)),
            min(again[0].boxes, key=lambda own: (abs(own.density - box.density), -own.coverage)),
        ]
        for counted, own in zip(counts, near, strict=True):
            for limit in own.limits:
                counted[limit.name] = counted.get(limit.name, 0) + 1
        chosen = near[0] if choose is None else choose(again[0])
        held_out.append(box_of(chosen.limits, way.inputs.among(other), way.interest[other]))
    return Reproduced(
        halves=len(held_out),
        cases=size,
        by_coverage={name: counts[0].get(name, 0) / len(held_out) for name in _named(counts)},
        by_density={name: counts[1].get(name, 0) / len(held_out) for name in _named(counts)},
        coverage=_mean([own.coverage * part for own in held_out]),
        density=_mean([own.density for own in held_out]),
    )


def _named(counts: tuple[dict[str, int], dict[str, int]]) -> list[str]:
    """The inputs of both counts, the most often limited first."""
    both = {**counts[0], **counts[1]}
    return sorted(both, key=lambda name: (-counts[0].get(name, 0), -counts[1].get(name, 0), name))


def _mean(values: list[float]) -> Mean | None:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return None
    deviation = float(np.std(finite, ddof=1)) if len(finite) > 1 else math.nan
    return Mean(float(np.mean(finite)), deviation, len(finite))
