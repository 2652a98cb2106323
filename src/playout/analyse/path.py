"""The path of the story: a track's steps in their order, the odds of each given all before it, and their product.

A story in steps is a conjunction, and people judge conjunctions too likely (Tversky and Kahneman, Psychological Review
90(4), 1983). So each step is shown with its odds among the futures that took every step before it; then, and only then,
is the product of the odds the share of futures that take them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from playout.analyse.estimate import Bools, Numbers, Share, share
from playout.model.scenario import Track

FALLBACK_USES = 2
"""A stage that this many others lead to by ``otherwise`` is where futures go that leave the path."""


@dataclass(frozen=True, slots=True)
class PathFinding:
    """The path through a track. ``given`` has the odds of every stage but the first, None where no future came so far.

    whole: the share of futures that reach every stage of the path. A future may skip a stage and reach a later one; it
    counts among those that took all steps only up to the stage that it skipped. in_order: of all futures, those that
    also enter each stage for the first time no sooner than the one before. A future that leaves the path and comes back
    may enter a later stage first, on its way round; so the steps as the story tells them lie between the two shares.
    """

    stages: tuple[str, ...]
    given: tuple[Share | None, ...]
    whole: Share
    in_order: Share


def path_finding(track: Track, first: Mapping[str, Numbers], among: Bools) -> PathFinding:
    """The path's odds over the futures ``among``, of which there is one at least.

    first: by stage, days to the first entry, [futures], not a number where it is never entered.
    """
    stages = story(track)
    reached = [np.isfinite(first[stage]) for stage in stages]
    so_far = among & reached[0]
    given = []
    for own in reached[1:]:
        given.append(share(own, so_far))
        so_far = so_far & own
    ordered = so_far.copy()
    for before, after in pairwise(stages):
        ordered &= first[after] >= first[before]
    whole, in_order = share(so_far, among), share(ordered, among)
    assert whole is not None
    assert in_order is not None
    return PathFinding(stages, tuple(given), whole, in_order)


def story(track: Track) -> tuple[str, ...]:
    """The longest way forward through a track from its first stage; of equally long ones, the first in file order.

    Forward is toward stages listed later, along ``then``; a track whose first stage has no ``then`` is read by its
    moves too. Stages that only catch what fails are no part of it.
    """
    order = {stage.name: number for number, stage in enumerate(track.stages)}
    arrows = [(stage.name, way.stage) for stage in track.stages for way in stage.then]
    if not track.stages[0].then:
        arrows += [(origin, move.destination) for move in track.moves for origin, _ in move.origins]
    barred = fallbacks(track)
    ahead: dict[str, list[str]] = {name: [] for name in order}
    for origin, destination in sorted(set(arrows), key=lambda arrow: order[arrow[1]]):
        if order[destination] > order[origin] and destination not in barred:
            ahead[origin].append(destination)
    longest: dict[str, tuple[str, ...]] = {}
    for stage in reversed(track.stages):
        longest[stage.name] = (stage.name, *max((longest[name] for name in ahead[stage.name]), key=len, default=()))
    return longest[track.stages[0].name]


def fallbacks(track: Track) -> frozenset[str]:
    """Stages that catch what fails: ``otherwise`` leads to them from two stages or more. The first stage is none."""
    ends = [way.stage for stage in track.stages for way in stage.then if way.share is None and len(stage.then) > 1]
    return frozenset(end for end in ends if ends.count(end) >= FALLBACK_USES) - {track.stages[0].name}
