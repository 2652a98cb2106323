"""One step of PRIM: every small slice that could be cut off a box or added to it, what would be left, and the best.

J. H. Friedman and N. I. Fisher, *Bump hunting in high-dimensional data*, Statistics and Computing 9 (1999), sections
8 and 14; whole numbers and categories, and the objectives, as in the EMA Workbench (J. H. Kwakkel, Environmental
Modelling & Software 96, 2017).

Cases lie sorted by each real input, and cutting a slice off takes cases out of the order without sorting again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from playout.analyse.discovery.box import Inputs, Limit
from playout.analyse.estimate import Bools, Numbers

Objective = Literal["lenient1", "lenient2", "original"]
Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Slice:
    """A box one step away. input: whose limit changes, at its ``low``, its ``high`` or its kept categories; cases,
    of_interest: what lies in the new box."""

    input: int
    cases: int
    of_interest: int
    low: float | None = None
    high: float | None = None
    kept: frozenset[int] | None = None


@dataclass(slots=True)
class State:
    """A box on its way. remaining, inside: cases that no earlier box took, and those of them in the box, [cases].

    ends: limits [2, inputs], at first the least and greatest value of all cases; kept: of each category. order: the
    cases inside sorted by each real input, [real inputs, cases inside].
    """

    inputs: Inputs
    interest: Bools
    remaining: Bools
    inside: Bools
    ends: Numbers
    kept: dict[int, frozenset[int]]
    order: Places
    limited: set[int] = field(default_factory=set)

    @classmethod
    def whole(cls, inputs: Inputs, interest: Bools, remaining: Bools, order: Places) -> State:
        """The box around all that remains. order: of all cases."""
        kept = {
            place: frozenset(range(len(inputs.categories[name])))
            for place, name in enumerate(inputs.names)
            if inputs.kinds[place] == "category"
        }
        left = order if remaining.all() else _without(order, remaining)
        return cls(inputs, interest, remaining, remaining.copy(), inputs.ends.copy(), kept, left)

    @property
    def cases(self) -> int:
        return int(np.count_nonzero(self.inside))

    @property
    def of_interest(self) -> int:
        return int(np.count_nonzero(self.inside & self.interest))

    def limits(self) -> tuple[Limit, ...]:
        """The limits of the box, in the order of the inputs."""
        found = []
        for place in sorted(self.limited):
            name = self.inputs.names[place]
            if place in self.kept:
                labels = self.inputs.categories[name]
                found.append(Limit(name, kept=tuple(labels[k] for k in sorted(self.kept[place]))))
                continue
            low, high = (
                None if own == first else float(own)
                for own, first in zip(self.ends[:, place], self.inputs.ends[:, place], strict=True)
            )
            found.append(Limit(name, low, high).of_values(self.inputs))
        return tuple(found)

    def limited_by(self, move: Slice) -> int:
        """How many inputs would be limited after a step."""
        return len(self.limited | {move.input}) if self._limits(move) else len(self.limited - {move.input})

    def _limits(self, move: Slice) -> bool:
        """Whether the step's input is limited after it."""
        if move.kept is not None:
            return len(move.kept) < len(self.inputs.categories[self.inputs.names[move.input]])
        low, high = self.ends[:, move.input]
        low = low if move.low is None else move.low
        high = high if move.high is None else move.high
        first = self.inputs.ends[:, move.input]
        return bool(low != first[0] or high != first[1])

    def take(self, move: Slice) -> None:
        """Make the step."""
        grown = move.cases > self.cases
        if self._limits(move):
            self.limited.add(move.input)
        else:
            self.limited.discard(move.input)
        if move.kept is not None:
            self.kept[move.input] = move.kept
        if move.low is not None:
            self.ends[0, move.input] = move.low
        if move.high is not None:
            self.ends[1, move.input] = move.high
        if grown:
            self.inside = self.remaining & self.keeping_to(self.limited)
        else:
            self.inside &= self.keeping_to([move.input])
            self.order = _without(self.order, self.inside)

    def keeping_to(self, places: Any) -> Bools:
        """Which cases keep to the limits on some inputs."""
        held = np.ones(self.inputs.cases, bool)
        for place in places:
            held &= self.holds(place)
        return held

    def holds(self, place: int) -> Bools:
        """Which cases keep to the limits on one input."""
        values = self.inputs.values[place]
        if place in self.kept:
            return np.isin(values, list(self.kept[place]))
        return np.asarray((values >= self.ends[0, place]) & (values <= self.ends[1, place]))


def _without(order: Places, inside: Bools) -> Places:
    """The order of the cases inside: each row loses the same cases, so rows stay equally long."""
    if not len(order):
        return order
    return order[inside[order]].reshape(len(order), -1)


def sorted_cases(inputs: Inputs) -> Places:
    """The cases in the order of each real input, [real inputs, cases]."""
    reals = sum(kind == "real" for kind in inputs.kinds)
    order = np.empty((reals, inputs.cases), np.int32)
    for place in range(reals):
        order[place] = np.argsort(inputs.values[place])
    return order


# --- slices to cut off ------------------------------------------------------------------------------------------------


def peels(state: State, alpha: float) -> Iterator[Slice]:
    """Every slice of about a share ``alpha`` of the cases that could be cut off, the upper before the lower."""
    yield from _real_peels(state, alpha)
    members = np.flatnonzero(state.inside)
    good = state.interest[members]
    for place, kind in enumerate(state.inputs.kinds):
        if kind == "real":
            continue
        values = state.inputs.values[place, members]
        yield from (_whole_peels if kind == "whole" else _category_peels)(state, place, values, good, alpha)


def _real_peels(state: State, alpha: float) -> Iterator[Slice]:
    order = state.order
    if not order.size:
        return
    n = order.shape[1]
    good = state.interest
    total = int(np.count_nonzero(good[order[0]]))
    upper, lower = _cuts(state, 1.0 - alpha), _cuts(state, alpha)
    for place, ((high, kept), (low, cut)) in enumerate(zip(upper, lower, strict=True)):
        above = int(np.count_nonzero(good[order[place, kept:]]))
        below = int(np.count_nonzero(good[order[place, :cut]]))
        yield Slice(place, kept, total - above, high=high)
        yield Slice(place, n - cut, total - below, low=low)


def _cuts(state: State, quantile: float) -> list[tuple[float, int]]:
    """For each real input, the value at a quantile of the cases inside and how many of the sorted cases lie before the
    cut: below the value for a lower quantile, not above it for an upper one."""
    order, values = state.order, state.inputs.values
    rows = np.arange(len(order))
    n = order.shape[1]
    first, second = _neighbours(n, quantile)
    a, b = values[rows, order[:, first]], values[rows, order[:, second]]
    limits = (a + b) / 2.0
    common = first + 1 if quantile > 0.5 else second
    plain = (a < limits) & (limits < b)
    found = [(float(limit), common) for limit in limits]
    for row in np.flatnonzero(~plain).tolist():
        found[row] = _cut(values[row, order[row]], quantile)
    return found


def _neighbours(n: int, quantile: float) -> tuple[int, int]:
    place = (n - 1) * quantile
    return math.floor(place), math.ceil(place)


def cut_value(ordered: Numbers, quantile: float) -> float:
    """Half way between two neighbours at a quantile of sorted values; where these are equal, between the value and the
    next one beyond it, further from the middle for a lower quantile and nearer to it for an upper one."""
    n = len(ordered)
    first, second = _neighbours(n, quantile)
    if ordered[first] == ordered[second]:
        if quantile > 0.5:
            first = max(int(np.searchsorted(ordered, ordered[second], "left")) - 1, 0)
        else:
            second = min(int(np.searchsorted(ordered, ordered[first], "right")), n - 1)
    return float((ordered[first] + ordered[second]) / 2.0)


def _cut(ordered: Numbers, quantile: float) -> tuple[float, int]:
    limit = cut_value(ordered, quantile)
    return limit, int(np.searchsorted(ordered, limit, "right" if quantile > 0.5 else "left"))


def _whole_peels(state: State, place: int, values: Numbers, good: Bools, alpha: float) -> Iterator[Slice]:
    """Whole numbers are cut between numbers, and where one number fills the whole slice, that number goes."""
    low, high = state.ends[:, place]
    ordered = np.sort(values)
    at = math.trunc(cut_value(ordered, 1.0 - alpha))
    left = (values < high if at == high else values <= at) & (values >= low)
    yield _slice(place, left, good, high=float(values[left].max() if left.any() else values.max()))
    at = math.trunc(cut_value(ordered, alpha))
    left = (values > low if at == low else values >= at) & (values <= high)
    yield _slice(place, left, good, low=float(values[left].min() if left.any() else values.min()))


def _category_peels(state: State, place: int, values: Numbers, good: Bools, _: float) -> Iterator[Slice]:
    kept = state.kept[place]
    for category in sorted(kept) if len(kept) > 1 else ():
        yield _slice(place, values != category, good, kept=kept - {category})


def _slice(place: int, left: Bools, good: Bools, **limit: Any) -> Slice:
    return Slice(place, int(np.count_nonzero(left)), int(np.count_nonzero(left & good)), **limit)


# --- slices to add ----------------------------------------------------------------------------------------------------


def pastes(state: State, alpha: float) -> Iterator[Slice]:
    """Every slice that could be added: of the cases just beyond one limit that keep to all others, the nearest share
    ``alpha``, the lower limit before the upper."""
    held = {place: state.holds(place) for place in sorted(state.limited)}
    for place in held:
        others = state.remaining.copy()
        for other, holds in held.items():
            if other != place:
                others &= holds
        if place in state.kept:
            yield from _category_pastes(state, place, others)
        else:
            yield from _number_pastes(state, place, others, alpha)


def _number_pastes(state: State, place: int, others: Bools, alpha: float) -> Iterator[Slice]:
    values, good = state.inputs.values[place, others], state.interest[others]
    low, high = state.ends[:, place]
    least, most = state.inputs.ends[:, place]
    beyond = np.sort(values[values <= low])
    at = cut_value(beyond, 1.0 - alpha) if beyond.size else float(least)
    yield _slice(place, (values >= at) & (values <= high), good, low=at)
    beyond = np.sort(values[values >= high])
    at = cut_value(beyond, alpha) if beyond.size else float(most)
    yield _slice(place, (values >= low) & (values <= at), good, high=at)


def _category_pastes(state: State, place: int, others: Bools) -> Iterator[Slice]:
    values, good = state.inputs.values[place, others], state.interest[others]
    every = range(len(state.inputs.categories[state.inputs.names[place]]))
    for category in every:
        if category not in state.kept[place]:
            kept = state.kept[place] | {category}
            yield _slice(place, np.isin(values, list(kept)), good, kept=kept)


# --- the best of them -------------------------------------------------------------------------------------------------


def worth(objective: Objective, before: tuple[int, int], after: tuple[int, int]) -> float:
    """How good a step is. before, after: cases in the box and those of interest among them.

    ``lenient1``: the gain in density for each case given up or taken in; ``lenient2``: that times the cases of the new
    box (Friedman and Fisher, section 14.6); ``original``: the density of the new box.
    """
    n, k = after
    if objective == "original":
        return k / n if n else -1.0
    density, old = k / n if n else 0.0, before[1] / before[0]
    if density == old:
        return 0.0
    if objective == "lenient1":
        return (density - old) / abs(before[0] - n)
    return n * (density - old) / abs(before[0] - n)


def best(state: State, moves: Iterator[Slice], objective: Objective) -> tuple[Slice, float] | None:
    """The step that is worth most; of equals the one that limits fewer inputs, then the first."""
    before = (state.cases, state.of_interest)
    found: tuple[Slice, float] | None = None
    for move in moves:
        value = worth(objective, before, (move.cases, move.of_interest))
        fewer = found is not None and value == found[1] and state.limited_by(move) < state.limited_by(found[0])
        if found is None or value > found[1] or fewer:
            found = move, value
    return found
