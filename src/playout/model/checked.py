"""A scenario with its meaning: what the checks make of it, and what everything after them reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from playout.errors import Diagnostic, Span
from playout.model.distribution import Distribution
from playout.model.expression import Constant, Expression, Law, LawText, Target, Typed
from playout.model.scenario import Scenario

ALL = -1
"""In a change's members: every member of that set."""

SLACK = 1e-6
"""Bounds give way by this much, relative to the bound or to 1, so that rounding does not stop a future."""


@dataclass(frozen=True, slots=True)
class Change:
    """One assignment of a policy or view, resolved.

    ``what``: belief, table, decision, or ``spreads`` (every belief's spread, factor in `value`). ``members`` are the
    positions of the indexes written, None for all. A belief's new law (``=``) is in `law`; numbers are in base units in
    `value`; a pinned or forbidden option, or a pinned member, is in `option`. The window is in days since the start.
    """

    what: Literal["belief", "table", "decision", "spreads"]
    name: str
    operator: Literal["=", "*=", "+=", "forbid"]
    span: Span
    members: tuple[int, ...] | None = None
    value: Typed | None = None
    law: Distribution | None = None
    option: int | None = None
    start: float | None = None
    until: float | None = None

    def covers(self, position: tuple[int, ...]) -> bool:
        """Whether the change is of the member at this place among its thing's sets."""
        return self.members is None or all(
            wanted in (ALL, own) for wanted, own in zip(self.members, position, strict=True)
        )

    def holds(self, day: float) -> bool:
        """Whether the change holds so many days after the start."""
        return (self.start is None or self.start <= day) and (self.until is None or day < self.until)


def new_law(changes: Sequence[Change], name: str, position: tuple[int, ...]) -> Distribution | None:
    """The law that the last assignment of one belief and member gives it."""
    found = None
    for change in changes:
        if change.what == "belief" and change.name == name and change.law is not None and change.covers(position):
            found = change.law
    return found


def spread_of(changes: Sequence[Change]) -> float:
    """The product of the factors of ``spreads``."""
    factor = 1.0
    for change in changes:
        if change.what == "spreads":
            assert isinstance(change.value, Constant)
            factor *= change.value.value
    return factor


@dataclass(frozen=True, slots=True, eq=False)
class CheckedScenario:
    """A sound scenario; equal to itself alone, so that what is made from it can be kept by it.

    meaning: every surface expression's typed tree. laws: laws drawn inside a run (`lasts`, beliefs `each: step`).
    distributions: (belief, flat member position) -> law in base units, for beliefs drawn once a future.
    targets: effect targets -> their indexes, typed (a binder becomes an IndexVariable).
    order: variables, decisions, flows and events so that each stands after all it reads within a step.
    correlations: pairs of (belief, flat position) with Spearman's rho.
    """

    scenario: Scenario
    warnings: tuple[Diagnostic, ...]
    steps: int
    end: dt.date
    meaning: Mapping[Expression, Typed]
    laws: Mapping[LawText, Law]
    distributions: Mapping[tuple[str, int], Distribution]
    targets: Mapping[Target, tuple[Typed, ...]]
    order: tuple[str, ...]
    policies: Mapping[str, tuple[Change, ...]]
    views: Mapping[str, tuple[Change, ...]]
    correlations: tuple[tuple[tuple[str, int], tuple[str, int], float], ...] = ()
