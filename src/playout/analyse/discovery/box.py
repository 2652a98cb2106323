"""Inputs, boxes over them, and what of the cases lies in a box."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import Bools, Numbers
from playout.simulate.odds import standard_error

Kind = Literal["real", "whole", "category"]


@dataclass(frozen=True, eq=False)
class Inputs:
    """What cases differ in. values: [inputs, cases]; a category stands by its place in ``categories``, which a
    belief's own values may be.

    Real inputs come first, then whole numbers, then categories: of boxes that are equally good, that of the first wins.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    values: Numbers
    categories: Mapping[str, tuple[str, ...]]

    @property
    def cases(self) -> int:
        return int(self.values.shape[1])

    @cached_property
    def ends(self) -> Numbers:
        """The least and the greatest value of each input, [2, inputs]."""
        return np.array([self.values.min(axis=1), self.values.max(axis=1)])

    def position(self, name: str) -> int:
        """The row of an input."""
        return self.names.index(name)

    def among(self, cases: NDArray[Any]) -> Inputs:
        """The same inputs of some of the cases."""
        return Inputs(self.names, self.kinds, np.ascontiguousarray(self.values[:, cases]), self.categories)


def inputs_of(columns: Mapping[str, Any]) -> Inputs:
    """Inputs from columns by name: arrays of floats are real, of integers whole numbers, of anything else categories.

    A column that does not vary is left out: no box can be limited by it.
    """
    order: tuple[Kind, ...] = ("real", "whole", "category")
    by_kind: dict[Kind, list[str]] = {kind: [] for kind in order}
    arrays: dict[str, Numbers] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for name, column in columns.items():
        array = np.asarray(column)
        if array.dtype.kind in "fiu":
            kind: Kind = "real" if array.dtype.kind == "f" else "whole"
            arrays[name] = array.astype(np.float64)
        else:
            kind = "category"
            labels, places = np.unique(array.astype(str), return_inverse=True)
            arrays[name] = places.astype(np.float64)
            categories[name] = tuple(labels.tolist())
        if arrays[name].size and arrays[name].min() < arrays[name].max():
            by_kind[kind].append(name)
    names = [name for kind in order for name in by_kind[kind]]
    kinds = tuple(kind for kind in order for _ in by_kind[kind])
    stacked = np.array([arrays[name] for name in names]) if names else np.empty((0, 0))
    return Inputs(tuple(names), kinds, stacked, {name: categories[name] for name in by_kind["category"]})


@dataclass(frozen=True, slots=True)
class Limit:
    """What a box asks of one input: at least ``low`` and at most ``high`` (None: no such limit; both ends are within
    it), or for a category to be one of ``kept``."""

    name: str
    low: float | None = None
    high: float | None = None
    kept: tuple[str, ...] | None = None

    def holds(self, inputs: Inputs) -> Bools:
        """Which cases keep to it, [cases]."""
        values = inputs.values[inputs.position(self.name)]
        if self.kept is not None:
            wanted = [inputs.categories[self.name].index(label) for label in self.kept]
            return np.isin(values, wanted)
        held = np.ones(values.size, bool)
        if self.low is not None:
            held &= values >= self.low
        if self.high is not None:
            held &= values <= self.high
        return held

    def of_values(self, inputs: Inputs) -> Limit:
        """The same of whole numbers: its ends are numbers that can be."""
        if inputs.kinds[inputs.position(self.name)] != "whole":
            return self
        low = None if self.low is None else float(math.ceil(self.low))
        high = None if self.high is None else float(math.floor(self.high))
        return Limit(self.name, low, high)

    def sides(self) -> tuple[Limit, ...]:
        """Its lower and its upper limit apart."""
        if self.kept is not None or self.low is None or self.high is None:
            return (self,)
        return Limit(self.name, low=self.low), Limit(self.name, high=self.high)


@dataclass(frozen=True, slots=True)
class Box:
    """A box and what lies in it. cases: how many; of_interest: of these; whole: of all cases, of interest and not.

    Coverage and density have standard errors as shares of the cases of interest and of the cases in the box. They do
    not know that the box was chosen among many for being good: `resample` holds it against cases it was not chosen by.
    """

    limits: tuple[Limit, ...]
    cases: int
    of_interest: int
    whole: tuple[int, int]

    @property
    def coverage(self) -> float:
        return self.of_interest / self.whole[0] if self.whole[0] else math.nan

    @property
    def density(self) -> float:
        return self.of_interest / self.cases if self.cases else math.nan

    @property
    def mass(self) -> float:
        return self.cases / self.whole[1]

    @property
    def base_rate(self) -> float:
        """The share of all cases that are of interest."""
        return self.whole[0] / self.whole[1]

    @property
    def coverage_se(self) -> float:
        return standard_error(self.coverage, self.whole[0]) if self.whole[0] else math.nan

    @property
    def density_se(self) -> float:
        return standard_error(self.density, self.cases) if self.cases else math.nan

    @property
    def restricted(self) -> int:
        """How many inputs it limits."""
        return len(self.limits)

    def limit(self, name: str) -> Limit | None:
        """Its limit on an input."""
        return next((limit for limit in self.limits if limit.name == name), None)

    def inside(self, inputs: Inputs) -> Bools:
        """Which cases lie in it, [cases]."""
        return kept_by(self.limits, inputs)


def kept_by(limits: Iterable[Limit], inputs: Inputs) -> Bools:
    """Which cases keep to all limits, [cases]."""
    held = np.ones(inputs.cases, bool)
    for limit in limits:
        held &= limit.holds(inputs)
    return held


def box_of(limits: Sequence[Limit], inputs: Inputs, interest: Bools, among: Bools | None = None) -> Box:
    """The box of some limits. interest: which cases are of interest, [cases]; among: cases that are still there."""
    held = kept_by(limits, inputs)
    if among is not None:
        held &= among
    whole = (int(np.count_nonzero(interest)), inputs.cases)
    return Box(
        tuple(limit.of_values(inputs) for limit in limits),
        int(np.count_nonzero(held)),
        int(np.count_nonzero(held & interest)),
        whole,
    )


def quasi_p_values(
    box: Box, inputs: Inputs, interest: Bools, among: Bools | None = None
) -> dict[str, tuple[float | None, float | None]]:
    """For each limited input, how likely the box would be at least as dense by chance if its lower, or its upper, limit
    did nothing: with the limit taken away a share p of the cases is of interest, and the box holds its cases of
    interest or more with a binomial probability under p (Bryant and Lempert 2010, section 3.3.2). None: no such limit;
    a category has one value, at the first place.

    "Quasi", because the limits were found in the same cases: small values are needed, and are no proof.
    """
    from scipy import special

    sides = [side for limit in box.limits for side in limit.sides()]
    broken = [~side.holds(inputs) for side in sides]
    times = np.sum(broken, axis=0, dtype=np.int32) if broken else np.zeros(inputs.cases, np.int32)
    present = np.ones(inputs.cases, bool) if among is None else among
    found: dict[str, tuple[float | None, float | None]] = {limit.name: (None, None) for limit in box.limits}
    for side, missed in zip(sides, broken, strict=True):
        only = missed & (times == 1) & present
        cases = box.cases + int(np.count_nonzero(only))
        share = (box.of_interest + int(np.count_nonzero(only & interest))) / cases
        k, n = box.of_interest, box.cases
        p = 1.0 if k == 0 else float(special.betainc(k, n - k + 1, share))
        low, high = found[side.name]
        found[side.name] = (low, p) if side.high is not None else (p, high)
    return found
