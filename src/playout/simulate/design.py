"""Designs: which beliefs the futures of a run hold, where these are not simply their own draws.

For studies of where an outcome's spread comes from: some beliefs are drawn anew or given outright, and all other
beliefs and all chance inside the run stay what they were, future by future.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playout.compile.lower.variant import VIEW
from playout.errors import UsageError, unknown
from playout.model.checked import CheckedScenario
from playout.simulate.result import labelled

__all__ = ["VIEW", "Design", "Placed", "place_design"]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """How the beliefs of a run differ from its own draws. Chance inside the run is always that of the future's number.

    redrawn: beliefs that are drawn under ``seed`` instead of the run's. numbers: whole numbers [futures]; future i
    holds what future ``numbers[i]`` believes, redrawn or not (None: its own). uniforms: random numbers given outright,
    [futures] each, inside (0, 1), which go through the belief's law.

    Beliefs go by their names in `Runs.beliefs`: ``pace``, ``strength[north]``; in ``redrawn`` the name alone stands for
    all its members. The choice of a view goes by `VIEW`. Members that share a draw are one: what is said of one is said
    of all. Beliefs tied by `together` are changed before they are tied: what is drawn anew or given is the belief's own
    random number, and those after it in the scenario that are tied to it follow it.
    """

    redrawn: Collection[str] = ()
    seed: int = 0
    numbers: ArrayLike | None = None
    uniforms: Mapping[str, ArrayLike] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A design whose beliefs are rows of the uniforms that drive a belief matrix, the view's last."""

    redrawn: tuple[int, ...]
    seed: int
    numbers: NDArray[np.int64] | None
    given: Mapping[int, NDArray[np.float64]]

    def holders(self, first: int, futures: int) -> NDArray[np.int64]:
        """The futures whose beliefs are held by futures ``first`` to ``first + futures - 1``."""
        here = slice(first, first + futures)
        return np.arange(first, first + futures) if self.numbers is None else self.numbers[here]


def place_design(
    design: Design, checked: CheckedScenario, draws: list[tuple[str, int]], futures: int | None = None
) -> Placed:
    """A design's names as rows. draws: the belief and member whose random number drives each row.

    Refuses, with a UsageError, names that are no beliefs, beliefs drawn inside the run, uniforms for several members at
    once, and numbers and uniforms that are out of range or (where ``futures`` is given) not one a future.
    """
    if not 0 <= design.seed < 2**64:
        raise UsageError(f"a seed is a whole number from 0 to 2**64 - 1; got {design.seed}")
    rows = _rows_by_name(checked, draws)
    redrawn = sorted({row for name in design.redrawn for row in _rows(rows, name, checked)})
    given: dict[int, NDArray[np.float64]] = {}
    for name, values in design.uniforms.items():
        column = _one_a_future(values, f"the uniforms of `{name}`", futures).astype(np.float64)
        if not np.all((column > 0.0) & (column < 1.0)):
            raise UsageError(f"the uniforms of `{name}` lie between 0 and 1, neither of them reached")
        placed = _rows(rows, name, checked)
        if len({draws[row] for row in placed}) > 1:
            members = " and ".join(f"`{label}`" for label in rows if label.startswith(f"{name}["))
            raise UsageError(f"`{name}` has members that are drawn apart: give uniforms for {members}")
        given.update(dict.fromkeys(placed, column))
    numbers = None
    if design.numbers is not None:
        whole = _one_a_future(design.numbers, "the numbers of futures", futures)
        if whole.dtype.kind not in "iu":
            raise UsageError("the numbers of futures are whole numbers")
        numbers = whole.astype(np.int64)
        if not np.all((numbers >= 0) & (numbers < 2**32)):
            raise UsageError("a future's number is a whole number from 0 to 2**32 - 1")
    return Placed(tuple(redrawn), design.seed, numbers, given)


def _rows_by_name(checked: CheckedScenario, draws: list[tuple[str, int]]) -> dict[str, list[int]]:
    """The rows that each name a design may use stands for: those of its draws."""
    by_draw: dict[tuple[str, int], list[int]] = {}
    for row, draw in enumerate(draws):
        by_draw.setdefault(draw, []).append(row)
    found: dict[str, list[int]] = {VIEW: by_draw.get((VIEW, 0), [])} if checked.scenario.views else {}
    for belief in checked.scenario.beliefs.values():
        if belief.each == "step":
            continue
        members = itertools.product(*(checked.scenario.sets[s].labels for s in belief.sets))
        labels = {labelled(belief.name, member): 0 if belief.shared else n for n, member in enumerate(members)}
        for label, member in labels.items():
            found[label] = by_draw.get((belief.name, member), [])
        found[belief.name] = sorted({row for label in labels for row in found[label]})
    return found


def _rows(rows: Mapping[str, list[int]], name: str, checked: CheckedScenario) -> list[int]:
    if name in rows:
        return rows[name]
    belief = checked.scenario.beliefs.get(name.partition("[")[0])
    if belief is not None and belief.each == "step":
        raise UsageError(
            f"`{belief.name}` is drawn anew in every step: it is chance, and a design changes beliefs only"
        )
    raise UsageError(unknown("belief", name, list(rows)))


def _one_a_future(values: ArrayLike, what: str, futures: int | None) -> NDArray[Any]:
    column = np.asarray(values)
    if column.ndim != 1 or (futures is not None and column.size != futures):
        wanted = "one a future" if futures is None else f"one for each of {futures:,} futures"
        raise UsageError(f"{what} are {wanted}; got an array of shape {list(column.shape)}")
    return column
