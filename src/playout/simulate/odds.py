"""The odds that a run is asked to know well, counted as it goes.

They are the shares of futures that reach each stage of a track without an index, and the odds of each question, among
the futures in which its condition held.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playout.model.checked import CheckedScenario


@dataclass(frozen=True, slots=True)
class Odds:
    """One probability. held: the record that tells whether it came true, by being finite (a stage's first date) or
    above a half (an answer). given: the record that tells whether it counts."""

    held: str
    date: bool
    given: str | None = None

    def counted(self, records: Mapping[str, NDArray[Any]], ran: NDArray[np.bool_]) -> NDArray[np.int64]:
        """In how many of a block's futures that ``ran`` it was asked, and in how many it came true."""
        asked = ran if self.given is None else ran & (records[self.given] > 0.5)
        held = np.isfinite(records[self.held]) if self.date else records[self.held] > 0.5
        return np.array([np.count_nonzero(asked), np.count_nonzero(asked & held)], np.int64)


def odds_of(checked: CheckedScenario) -> tuple[Odds, ...]:
    """The odds of a scenario: stages in file order, then questions."""
    tracks = [track for track in checked.scenario.tracks.values() if not track.binders]
    stages = [Odds(f"{track.name}.first.{stage.name}", True) for track in tracks for stage in track.stages]
    answers = [
        Odds(f"question {question.name}", False, f"given {question.name}" if question.given is not None else None)
        for question in checked.scenario.questions.values()
    ]
    return (*stages, *answers)


def largest_error(odds: NDArray[np.int64] | None) -> float:
    """The largest error among odds, from how often each was asked and held, [odds, 2].

    A question that never arose has no odds, and so no error.
    """
    counts = np.zeros((0, 2), np.int64) if odds is None else odds
    return max((error_left(held, asked) for asked, held in counts.tolist() if asked), default=0.0)


def error_left(held: int, asked: int) -> float:
    """How far the share of ``asked`` futures that ``held`` are may lie from what endlessly many would give.

    Its standard error; but of none or of all the standard deviation of the share under Jeffreys' prior, Beta(½, ½),
    about 0.7 / asked: that a thing was never seen does not make it impossible, though √(p(1−p)/n) would be 0. Brown,
    Cai and DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16(2), 2001.
    """
    if 0 < held < asked:
        return standard_error(held / asked, asked)
    return math.sqrt(0.5 * (asked + 0.5) / (asked + 2)) / (asked + 1)


def standard_error(p: float, n: int) -> float:
    """Of a share ``p`` of ``n`` futures: √(p(1−p)/n)."""
    return math.sqrt(p * (1.0 - p) / n)
