"""Paired runs of a scenario: the same futures under two policies or two sets of beliefs, compared future by future."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import playout
from playout.model.checked import CheckedScenario
from playout.simulate.design import VIEW, Design
from playout.simulate.result import Runs
from playout.simulate.run import play

FUTURES = 2048
SURE = 4.0
"""Standard errors beyond which a mean is held to differ from nought."""

Row = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over futures with its standard error."""

    value: float
    error: float

    @property
    def above(self) -> bool:
        return self.value > SURE * self.error

    @property
    def below(self) -> bool:
        return self.value < -SURE * self.error

    def __sub__(self, other: Mean) -> Mean:
        """Of two means over different futures, or of differences taken apart."""
        return Mean(self.value - other.value, math.hypot(self.error, other.error))

    def __str__(self) -> str:
        return f"{self.value:.3g} ± {self.error:.1g}"


def mean(row: Row) -> Mean:
    return Mean(float(row.mean()), float(row.std()) / math.sqrt(len(row)))


@cache
def scenario(name: str) -> CheckedScenario:
    return playout.load(name)


def views(checked: CheckedScenario) -> dict[str, float]:
    """By view, a random number that draws it."""
    at, middle = 0.0, {}
    for name, view in checked.scenario.views.items():
        credence = view.credence or 0.0
        middle[name] = at + credence / 2
        at += credence
    return middle


@cache
def _played(name: str, policy: str | None, given: tuple[tuple[str, float], ...]) -> dict[str, Runs]:
    checked = scenario(name)
    chosen = views(checked)
    fixed = {belief: np.full(FUTURES, uniform) for belief, uniform in given}
    how: dict[str, Any] = {"futures": FUTURES, "seed": 1, "engine": "native", "precision": "single", "workers": 2}
    return {
        view: play(checked, policy=policy, design=Design(uniforms={**fixed, VIEW: np.full(FUTURES, uniform)}), **how)
        for view, uniform in chosen.items()
    }


def played(name: str, policy: str | None, given: Mapping[str, float] | None = None) -> dict[str, Runs]:
    """By view, futures that all hold it. given: beliefs, and the random number that each takes in all futures."""
    return _played(name, policy, tuple(sorted((given or {}).items())))


def amount(runs: Runs, measure: str, years: range | None = None) -> Row:
    """A measure in each future: an amount added up over years, a level at the last of them; members added up."""
    reported = runs.measures[measure]
    periods = reported.periods if years is None else tuple(str(year) for year in years)
    kept = periods if reported.kind == "amount" else periods[-1:]
    columns = [c for member in reported.members for c in reported.columns(member) if c[:-1].endswith(kept)]
    return np.asarray(runs.numbers(columns).sum(axis=0))


def differences(
    reading: Callable[[Runs], Row], there: Mapping[str, Runs], here: Mapping[str, Runs], what: str
) -> dict[str, Mean]:
    """By view, the mean of there less here, future by future; said as a table."""
    by_view = {view: mean(reading(there[view]) - reading(here[view])) for view in there}
    say(what)
    for view, difference in by_view.items():
        say(f"  {view:<20} {difference}")
    return by_view


def say(line: str) -> None:
    """A line that `pytest -s` shows, and a test that fails."""
    sys.stdout.write(line + "\n")
