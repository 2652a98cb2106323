"""PRIM, the patient rule induction method: a box is peeled step by step, then pasted, and its whole way is kept.

J. H. Friedman and N. I. Fisher, Statistics and Computing 9 (1999); for scenario discovery B. P. Bryant and R. J.
Lempert, Technological Forecasting and Social Change 77 (2010). With the same settings the boxes are those of the EMA
Workbench; but where it pastes nothing unless a real input is limited, whole numbers and categories are pasted here too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from playout.analyse.discovery.box import Box, Inputs, box_of, quasi_p_values
from playout.analyse.discovery.peel import Objective, Places, State, best, pastes, peels, sorted_cases
from playout.analyse.estimate import Bools
from playout.errors import UsageError

OBJECTIVES: tuple[Objective, ...] = ("lenient1", "lenient2", "original")
SIGNIFICANT = 0.05
"""A limit that chance alone would explain more often than this is taken off the chosen box."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How boxes are looked for. peel_alpha, paste_alpha: the share of cases that a step cuts off or adds; mass_min: the
    least share of all cases in a box; objective: see `peel.worth`; threshold: the density that a box must reach to
    count, None for more than that of all cases.

    Refuses, with a UsageError, what is out of range.
    """

    peel_alpha: float = 0.05
    paste_alpha: float = 0.05
    mass_min: float = 0.05
    objective: Objective = "lenient1"
    threshold: float | None = None

    def __post_init__(self) -> None:
        for name in ("peel_alpha", "paste_alpha"):
            if not 0.0 < getattr(self, name) < 0.5:
                raise UsageError(f"{name} is a share between 0 and 0.5; got {getattr(self, name):g}")
        if not 0.0 < self.mass_min < 1.0:
            raise UsageError(f"mass_min is a share between 0 and 1; got {self.mass_min:g}")
        if self.threshold is not None and not 0.0 <= self.threshold <= 1.0:
            raise UsageError(f"threshold is a density from 0 to 1; got {self.threshold:g}")
        if self.objective not in OBJECTIVES:
            raise UsageError(f"there is no objective `{self.objective}`; there are {', '.join(OBJECTIVES)}")


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The boxes on the way from all that remained to the last one. peeled: how many of them peeling made, the first
    included. remaining: the cases that no earlier box took, [cases]."""

    boxes: tuple[Box, ...]
    peeled: int
    inputs: Inputs
    interest: Bools
    remaining: Bools

    def quasi_p(self, box: Box) -> dict[str, tuple[float | None, float | None]]:
        """See `quasi_p_values`."""
        return quasi_p_values(box, self.inputs, self.interest, self.remaining)

    def trade_off(self) -> int:
        """The place of the box with which being of interest goes most, the first of equals: the share of the variance
        of being of interest that lies between the cases inside and those outside (φ², the square of the correlation of
        the two), among the cases that remained. It falls where a box is small, and where it is hardly denser than the
        rest."""
        return max(range(len(self.boxes)), key=lambda place: (self.explained(place), -place))

    def explained(self, place: int) -> float:
        """φ² of a box: from 0, as dense as the rest, to 1, all cases of interest and no other."""
        box, all_cases, all_good = self.boxes[place], self.boxes[0].cases, self.boxes[0].of_interest
        outside = (all_cases - box.cases) * box.cases * (all_cases - all_good) * all_good
        gain = box.of_interest * all_cases - all_good * box.cases
        return gain * gain / outside if outside and gain > 0 else 0.0

    def chosen(self) -> Box:
        """The box at the trade-off, without limits that chance could explain."""
        return self.without_idle_limits(self.boxes[self.trade_off()])

    def as_dense_as(self, density: float) -> int | None:
        """The place of the box that covers most among those at least so dense; None where none is."""
        dense = [k for k, box in enumerate(self.boxes) if box.cases and box.density >= density]
        return max(dense, key=lambda k: (self.boxes[k].coverage, self.boxes[k].density), default=None)

    def without_idle_limits(self, box: Box) -> Box:
        """The box without limits that chance could explain: the one with the largest quasi-p-value goes first, until
        all that are left are under 0.05 divided by the number of limits there could be, of which the best were
        chosen."""
        most = SIGNIFICANT / max(1, 2 * len(self.inputs.names))
        while box.limits:
            found = self.quasi_p(box)
            worst = max(box.limits, key=lambda limit: min(p for p in found[limit.name] if p is not None))
            if min(p for p in found[worst.name] if p is not None) <= most:
                return box
            kept = [limit for limit in box.limits if limit.name != worst.name]
            box = box_of(kept, self.inputs, self.interest, self.remaining)
        return box


def prim(
    inputs: Inputs,
    interest: Bools,
    settings: Settings | None = None,
    *,
    boxes: int = 1,
    choose: Callable[[Trajectory], Box] | None = None,
) -> tuple[Trajectory, ...]:
    """The trajectories of up to so many boxes, each found in what the chosen boxes before it left.

    interest: which cases are of interest, [cases]. choose: the box of a trajectory whose cases are taken away before
    the next is looked for; the last by default. Ends early where nothing of interest is left, or where the last box is
    not dense enough (see `Settings`).
    """
    settings = settings or Settings()
    remaining = np.ones(inputs.cases, bool)
    order = sorted_cases(inputs)
    found: list[Trajectory] = []
    base = np.count_nonzero(interest) / max(1, interest.size)
    while len(found) < boxes and (remaining & interest).any():
        way = _trajectory(inputs, interest, remaining, order, settings)
        last = way.boxes[-1]
        enough = last.density > base if settings.threshold is None else last.density >= settings.threshold
        if not enough:
            break
        found.append(way)
        chosen = choose(way) if choose is not None else last
        remaining = remaining & ~chosen.inside(inputs)
    return tuple(found)


def _trajectory(inputs: Inputs, interest: Bools, remaining: Bools, order: Places, settings: Settings) -> Trajectory:
    """One box: peel while a slice helps and enough is left, then paste while that makes the box denser."""
    state = State.whole(inputs, interest, remaining, order)
    least = settings.mass_min
    whole = (int(np.count_nonzero(interest)), inputs.cases)
    made = [Box((), state.cases, state.of_interest, whole)]
    for _ in itertools.count():
        found = best(state, peels(state, settings.peel_alpha), settings.objective)
        if found is None or found[1] <= 0.0 or not least <= found[0].cases / inputs.cases < made[-1].mass:
            break
        state.take(found[0])
        made.append(Box(state.limits(), found[0].cases, found[0].of_interest, whole))
    peeled = len(made)
    for _ in itertools.count():
        found = best(state, pastes(state, settings.paste_alpha), settings.objective)
        if found is None or found[1] <= 0.0 or found[0].cases <= made[-1].cases:
            break
        if found[0].cases / inputs.cases < least or found[0].of_interest / found[0].cases <= made[-1].density:
            break
        state.take(found[0])
        made.append(Box(state.limits(), found[0].cases, found[0].of_interest, whole))
    return Trajectory(tuple(made), peeled, inputs, interest, remaining)
