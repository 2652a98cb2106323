"""From a run to the boxes of beliefs in which its futures end badly.

    Runs, Ending ──discover──▶ Discovery: boxes, each with how it was found and how well it is found again

Beliefs are taken as drawn, before what a policy or view changes on the way; the view that a future holds is one more
input where each future draws its own. Beliefs that are known points have no part in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playout.analyse.discovery.box import Box, Inputs, Kind, quasi_p_values
from playout.analyse.discovery.cart import cart
from playout.analyse.discovery.prim import Settings, Trajectory, prim
from playout.analyse.discovery.resample import HALVES, MOST_HALVES, Reproduced, resample
from playout.analyse.ending import Ending, futures_needed
from playout.analyse.estimate import Bools, Share, share_of
from playout.analyse.screening import correlation_ratios
from playout.errors import RunError, UsageError, unknown
from playout.simulate.belief_frame import belief_rows_by_label, unordered_beliefs
from playout.simulate.result import Runs

Method = Literal["prim", "cart"]
METHODS: tuple[Method, ...] = ("prim", "cart")

VIEW = "view"
"""The input that says which view a future holds."""

FEWEST = 100
"""Futures that end badly, and that do not, without which no box is looked for: with fewer, the standard error of a
box's coverage would be above 5 percentage points."""

MOST_VALUES = 30_000_000
"""Values of inputs that are searched, some seconds' worth; of more, the beliefs that go with the ending are kept."""
SCREENED = 10_000
"""Futures by which that is judged."""
FEWEST_INPUTS = 20


@dataclass(frozen=True, eq=False)
class Found:
    """A box that was chosen. way: the trajectory it comes from, and place: where on it (None: a leaf of a tree, or a
    box of which limits were taken off). dropped: inputs whose limits chance could explain, which were taken off.

    quasi_p: see `box.quasi_p_values`. reproduced: see `resample`; None where it was not asked for.
    """

    box: Box
    way: Trajectory | None
    place: int | None
    dropped: tuple[str, ...]
    quasi_p: Mapping[str, tuple[float | None, float | None]]
    reproduced: Reproduced | None


@dataclass(frozen=True, eq=False)
class Discovery:
    """What makes futures end badly. bad: the share of futures that do, among those counted. inputs: what was searched.

    found: boxes, the first found in all futures and each later one in what those before it left (PRIM), or leaves by
    density (CART). together: the share of bad futures in any of them. known: beliefs left out because they do not vary;
    screened: how many were left out because they hardly go with the ending; same: beliefs that are one number with
    another, which stands for them.
    """

    runs: Runs
    ending: Ending
    method: Method
    settings: Settings
    bad: Share
    inputs: Inputs
    found: tuple[Found, ...]
    together: Share
    known: tuple[str, ...]
    screened: int
    same: Mapping[str, str]

    @property
    def uncounted(self) -> int:
        """Futures that stopped, or in which a question that is asked did not arise."""
        return self.runs.futures - self.bad.n


def discover(
    runs: Runs,
    ending: Ending,
    *,
    against: Mapping[str, Runs] | None = None,
    method: Method = "prim",
    settings: Settings | None = None,
    beliefs: Collection[str] | None = None,
    boxes: int = 1,
    density: float | None = None,
    place: int | None = None,
    halves: int = HALVES,
) -> Discovery:
    """The boxes of a run's beliefs in which it ends badly.

    against: runs of the policies that the ending compares with. beliefs: those to look at, by name (all members) or
    label; all that vary by default. boxes: how many at most. Which box of a trajectory is chosen: by default that with
    the greatest product of coverage and density, without the limits that chance could explain; density: the one that
    covers most among those at least so dense; place: that at this place, 0 being all futures. Both are taken as they
    are. halves: on how many random halves boxes are looked for again, 0 for none.

    Refuses, with a UsageError, names of no beliefs, beliefs that do not vary, and choices out of range; with a
    RunError, a run in which too few futures end badly, or too few do not.
    """
    settings = settings or Settings()
    check_choice(method, boxes, density, place, halves)
    held, counted = ending.held(runs, against)
    bad = _enough(ending, int(np.count_nonzero(held)), int(np.count_nonzero(counted)))
    interest = held[counted]
    names = _named(runs, beliefs)
    looked_at = names if beliefs is not None else _screened(runs, names, held, counted)
    inputs, known, same = _inputs(runs, looked_at, counted, beliefs)
    if not inputs.names:
        raise UsageError(f"no belief that varies has a part in `{ending.text}`: there is no region to look for")
    if method == "cart":
        found = tuple(_leaves(inputs, interest, settings, boxes))
    else:
        found = tuple(_boxes(inputs, interest, settings, boxes, density, place, halves, runs.seed))
    inside = np.zeros(inputs.cases, bool)
    for own in found:
        inside |= own.box.inside(inputs)
    together = share_of(int(np.count_nonzero(inside & interest)), int(np.count_nonzero(interest)))
    assert together is not None
    screened = len(names) - len(looked_at)
    return Discovery(runs, ending, method, settings, bad, inputs, found, together, known, screened, same)


def check_choice(method: str, boxes: int, density: float | None, place: int | None, halves: int) -> None:
    """Refuse, with a UsageError, what cannot be asked for."""
    if method not in METHODS:
        raise UsageError(f"there is no method `{method}`; there are prim and cart")
    if boxes < 1:
        raise UsageError(f"boxes is how many to look for, 1 or more; got {boxes}")
    if not 0 <= halves <= MOST_HALVES:
        raise UsageError(f"halves is how many random halves to look in, from 0 to {MOST_HALVES:,}; got {halves:,}")
    if density is not None and not 0.0 <= density <= 1.0:
        raise UsageError(f"density is a share from 0 to 1; got {density:g}")
    if density is not None and place is not None:
        raise UsageError("a box is chosen by its density or by its place, not by both")
    if method == "cart" and (density is not None or place is not None):
        raise UsageError("a tree has no trajectory to choose from: density and place are for prim")


def _enough(ending: Ending, bad: int, counted: int) -> Share:
    """The share of futures that end badly, once there are enough of either kind."""
    fewest, kind = min((bad, "end so"), (counted - bad, "do not"))
    if fewest < FEWEST:
        needed = futures_needed(fewest, counted, FEWEST)
        hint = f"play about {needed:,} futures" if needed else "play more futures, or state an ending that is less rare"
        raise RunError(
            f"`{ending.text}`: {fewest:,} of {counted:,} futures {kind}, and a region can be told from chance with "
            f"{FEWEST} or more\n  hint: {hint}"
        )
    found = share_of(bad, counted)
    assert found is not None
    return found


# --- inputs -----------------------------------------------------------------------------------------------------------


def _inputs(
    runs: Runs, names: Sequence[str], counted: Bools, wanted: Collection[str] | None
) -> tuple[Inputs, tuple[str, ...], dict[str, str]]:
    """The beliefs that vary over the counted futures, and the view; those that do not; those that equal another.

    A belief whose values have no order, or are two only, is a category.
    """
    drawn = runs.drawn_beliefs(names)[:, counted]  # a copy
    varying = drawn.min(axis=1) < drawn.max(axis=1)
    known = tuple(name for name, varies in zip(names, varying, strict=True) if not varies)
    for name in known:
        if wanted is not None and name in wanted:
            value = drawn[names.index(name), 0]
            raise UsageError(
                f"`{name}` is the same in every future ({value:g}): it cannot tell bad futures from others"
            )
    seen: dict[bytes, str] = {}
    same: dict[str, str] = {}
    kept: dict[Kind, list[int]] = {"real": [], "whole": [], "category": []}
    categories: dict[str, tuple[str, ...]] = {}
    unordered = unordered_beliefs(runs)
    for row in np.flatnonzero(varying).tolist():
        other = seen.setdefault(drawn[row].tobytes(), names[row])
        if other != names[row]:
            same[names[row]] = other
            continue
        values, places = np.unique(drawn[row], return_inverse=True)
        if names[row] in unordered or values.size == 2:
            kept["category"].append(row)
            categories[names[row]] = tuple(map(value_label, values.tolist()))
            drawn[row] = places
        else:
            kept["whole" if np.array_equal(values, np.rint(values)) else "real"].append(row)
    rows = [place for those in kept.values() for place in those]
    kinds: list[Kind] = [kind for kind, those in kept.items() for _ in those]
    labels, found = [names[row] for row in rows], drawn[rows]
    views = runs.views[counted].astype(np.float64)
    if runs.view is None and views.size and views.min() < views.max() and (wanted is None or VIEW in wanted):
        labels, found = [*labels, VIEW], np.vstack([found, views])
        kinds.append("category")
        categories[VIEW] = tuple(runs.checked.scenario.views)
    return Inputs(tuple(labels), tuple(kinds), np.ascontiguousarray(found), categories), known, same


def value_label(value: float) -> str:
    """A value of a belief as the name of a category; the value again by `float`."""
    return f"{value:.12g}"


def _named(runs: Runs, wanted: Collection[str] | None) -> list[str]:
    """Labels of the beliefs asked for, in the order of the scenario."""
    every = list(belief_rows_by_label(runs))
    if wanted is None:
        return every
    for name in wanted:
        if name == VIEW or name in every or any(label.partition("[")[0] == name for label in every):
            continue
        base = name.partition("[")[0]
        if base in runs.checked.scenario.beliefs:
            raise UsageError(f"`{name}` has no part in this ending: whatever it is, futures end the same")
        raise UsageError(unknown("belief", name, list(runs.checked.scenario.beliefs)))
    return [label for label in every if label in wanted or label.partition("[")[0] in wanted]


def _screened(runs: Runs, names: list[str], held: Bools, counted: Bools) -> list[str]:
    """All labels, or where these are too many values those of the beliefs that go most with the ending, judged by the
    first futures."""
    most = max(FEWEST_INPUTS, MOST_VALUES // max(1, int(np.count_nonzero(counted))))
    if len(names) <= most:
        return names
    first = range(min(SCREENED, runs.futures))
    here = counted[: len(first)]
    drawn = runs.drawn_beliefs(names, first)[:, here]
    bad = held[: len(first)][here].astype(np.float64)
    ratios = correlation_ratios(bad[np.newaxis], drawn)[0]
    kept = np.sort(np.argsort(-ratios, kind="stable")[:most])
    return [names[row] for row in kept.tolist()]


# --- boxes ------------------------------------------------------------------------------------------------------------


def _boxes(
    inputs: Inputs,
    interest: Bools,
    settings: Settings,
    boxes: int,
    density: float | None,
    place: int | None,
    halves: int,
    seed: int,
) -> Iterator[Found]:
    """PRIM's boxes, one after the other, while they are denser than all futures together."""
    base = np.count_nonzero(interest) / interest.size

    def chosen(way: Trajectory) -> tuple[Box, int]:
        if place is not None:
            if not 0 <= place < len(way.boxes):
                raise UsageError(f"the trajectory has places 0 to {len(way.boxes) - 1}; got {place}")
            return way.boxes[place], place
        if density is not None:
            at = way.as_dense_as(density)
            if at is None:
                densest = max(box.density for box in way.boxes)
                raise UsageError(f"no box is as dense as {density:g}: the densest has {densest:.3g}")
            return way.boxes[at], at
        return way.chosen(), way.trade_off()

    for way in prim(inputs, interest, settings, boxes=boxes, choose=lambda way: chosen(way)[0]):
        box, at = chosen(way)
        if not way.remaining.all() and box.density <= base:
            return
        dropped = tuple(limit.name for limit in way.boxes[at].limits if box.limit(limit.name) is None)
        same = Trajectory.chosen if density is None and place is None else None
        again = resample(way, box, settings, choose=same, halves=halves, seed=seed) if halves else None
        yield Found(box, way, None if dropped else at, dropped, way.quasi_p(box), again)


def _leaves(inputs: Inputs, interest: Bools, settings: Settings, boxes: int) -> Iterator[Found]:
    """The tree's leaves that are dense enough, the densest first."""
    base = np.count_nonzero(interest) / interest.size
    found = cart(inputs, interest, mass_min=settings.mass_min)
    for leaf in _dense([leaf.box for leaf in found], settings.threshold, base)[:boxes]:
        yield Found(leaf, None, None, (), quasi_p_values(leaf, inputs, interest), None)


def _dense(boxes: Sequence[Box], threshold: float | None, base: float) -> list[Box]:
    return [box for box in boxes if (box.density > base if threshold is None else box.density >= threshold)]
