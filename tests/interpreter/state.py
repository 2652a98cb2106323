"""What is known at the start of a step, and what comes out of a future."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playout.model.scenario import Binder

Members = tuple[int, ...]
"""One position per index."""
Env = Mapping[str, int]
"""What the index variables in scope stand for."""
Value = Any
"""float for numbers and dates, bool, or int for members and options."""

NONE = -1
"""The member or option of a choice that was not made; the stage of the dead."""


@dataclass(frozen=True)
class Place:
    """Where a member stands on a track.

    It entered its stage `over` days before the state at step `entry`, for a stay that `lasts` so many days. `waiting`:
    its time was over and no destination open. `first` has the dates of first entries, in days since the start.
    """

    stage: int
    entry: int
    over: float
    lasts: float
    first: Mapping[int, float]
    entries: int = 0
    waiting: bool = False


@dataclass(frozen=True)
class Choice:
    """The option, member or end chosen last, how often one was, and in which step; of a game, its ends' odds then."""

    option: int = NONE
    made: int = 0
    at: int = 0
    odds: tuple[float, ...] = ()


@dataclass
class State:
    """S_k, but for histories, which are asked of earlier moments. Dead members have no place and no choices."""

    stocks: dict[str, dict[Members, float]] = field(default_factory=dict)
    alive: dict[str, list[bool]] = field(default_factory=dict)
    places: dict[str, dict[Members, Place]] = field(default_factory=dict)
    choices: dict[str, dict[Members, Choice]] = field(default_factory=dict)
    events: dict[str, dict[Members, float]] = field(default_factory=dict)
    shortage: dict[str, int] = field(default_factory=dict)


@dataclass
class Played:
    """One future. ``stopped``: the step and the checks that failed there, as (name, members), or None."""

    states: list[State] = field(default_factory=list)
    measures: dict[str, list[dict[Members, float]]] = field(default_factory=dict)
    stopped: tuple[int, set[tuple[str, Members]]] | None = None
    stages: dict[str, list[dict[Members, int]]] = field(default_factory=dict)
    first: dict[tuple[str, str], dict[Members, float]] = field(default_factory=dict)
    choices: dict[str, dict[Members, int]] = field(default_factory=dict)
    events: dict[str, dict[Members, float]] = field(default_factory=dict)
    questions: dict[str, bool] = field(default_factory=dict)
    given: dict[str, bool] = field(default_factory=dict)
    shortage: dict[str, int] = field(default_factory=dict)


def bound(binders: tuple[Binder, ...], at: Members) -> dict[str, int]:
    return {b.variable: i for b, i in zip(binders, at, strict=True)}
