"""What a reader wants of the future, said outright: weights and limits over outcomes.

    less homicides, less civilians_killed * 3, avoid civilians_killed > 100, keep mexican_consent >= 0.4

    objective = wish, {("," | ";"), wish}
    wish      = ("less" | "fewer" | "more"), outcome, ["*", number]
              | ("keep" | "avoid"), outcome, [("<" | "<=" | ">" | ">="), number]

An outcome is named as in `analyse/outcome.py`: a measure, summed over the run where it is an amount and read at the
run's end where it is a level, in its own unit; or a question, ``track.stage`` or ``decision.option``, which is 1 where
it comes about and else 0, and takes no number after `keep` or `avoid`. A weight is what one unit of its outcome is
worth, 1 unless said; measures of different units are made one by the reader's weights and by nothing else. The text is
parsed and never evaluated. Playout has no objective of its own, and ranks nothing without one.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from playout.analyse.estimate import Bools, Numbers
from playout.analyse.outcome import Outcome, outcome
from playout.errors import UsageError
from playout.model.scenario import Scenario
from playout.simulate.result import Runs

_MORE = {"less": -1.0, "fewer": -1.0, "more": 1.0}
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_BETWEEN = re.compile(r"[,;\n](?![^\[\]]*\])")
"""What stands between two wishes: a comma inside brackets belongs to a name."""
_WISH = re.compile(
    r"(?P<word>[a-z]+)\s+(?P<name>[^\s*<>=]+(?:\[[^\]]*\]\S*)?)\s*(?:(?P<sign>\*|[<>]=?)\s*(?P<number>.+))?"
)
LARGEST = 1e100
"""Of weights and bounds: squares of points have to stay numbers."""
_NUMBER = re.compile(r"[-+]?(\d[\d_]*(\.\d*)?|\.\d+)(e[-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Weight:
    """Points for each unit of an outcome: below 0 where less of it is wanted."""

    outcome: Outcome
    points: float


@dataclass(frozen=True, slots=True)
class Limit:
    """What is to hold in a future (wanted), or not to. sign, bound: of a measure; None where it has to come about."""

    outcome: Outcome
    wanted: bool
    sign: str | None = None
    bound: float | None = None

    def met(self, values: Numbers) -> Bools:
        """In which futures it is kept, by the outcome's value in each; values that are not a number keep nothing."""
        held = values > 0.5 if self.sign is None else _COMPARISONS[self.sign](values, self.bound)
        return np.asarray((held == self.wanted) & np.isfinite(values), bool)

    @property
    def better(self) -> float:
        """1 where more of the outcome is better, -1 where less is."""
        more = self.sign is None or self.sign.startswith(">")
        return 1.0 if more == self.wanted else -1.0

    def __str__(self) -> str:
        bound = "" if self.bound is None else f" {self.sign} {self.bound:g}"
        return f"{'keep' if self.wanted else 'avoid'} {self.outcome.name}{bound}"


@dataclass(frozen=True, slots=True)
class Objective:
    """What is wanted: weights and limits, one of either at least. text: as it was written."""

    text: str
    weights: tuple[Weight, ...]
    limits: tuple[Limit, ...]

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All that it speaks of, once each."""
        return tuple(dict.fromkeys([*(own.outcome for own in self.weights), *(own.outcome for own in self.limits)]))

    def better(self, name: str) -> float | None:
        """1 where more of an outcome is better, -1 where less is, None where it does not say, or says both."""
        said = {math.copysign(1.0, weight.points) for weight in self.weights if weight.outcome.name == name}
        said |= {limit.better for limit in self.limits if limit.outcome.name == name}
        return said.pop() if len(said) == 1 else None

    def values(self, runs: Runs, baseline: Runs | None = None) -> Numbers:
        """Points in each future, [futures], the more the better; less the baseline's where there is one.

        Without weights a future has 1 point where every limit is kept and else 0. Not a number where a run stopped.
        """
        points = self.points({own.name: own.values(runs) for own in self.outcomes})
        if baseline is not None:
            points = points - self.points({own.name: own.values(baseline) for own in self.outcomes})
        return points

    def met(self, runs: Runs) -> Numbers:
        """1 where every limit is kept in a future and else 0, [futures]; not a number where it stopped."""
        return self.kept({limit.outcome.name: limit.outcome.values(runs) for limit in self.limits})

    def points(self, values: Mapping[str, Numbers]) -> Numbers:
        """The points of `values`, from what each outcome, by name, is in each future."""
        if not self.weights:
            return self.kept(values)
        total: Numbers = np.sum([w.points * values[w.outcome.name].astype(np.float64) for w in self.weights], axis=0)
        return total

    def kept(self, values: Mapping[str, Numbers]) -> Numbers:
        """What `met` gives, from what each outcome, by name, is in each future. At least one limit was stated."""
        met = np.all([limit.met(values[limit.outcome.name]) for limit in self.limits], axis=0)
        ran = np.all([np.isfinite(values[limit.outcome.name]) for limit in self.limits], axis=0)
        return np.where(ran, met.astype(np.float64), np.nan)

    def left_out(self, scenario: Scenario) -> tuple[str, ...]:
        """The measures of people that it says nothing of, in file order."""
        named = {own.name.partition("[")[0] for own in self.outcomes if own.kind == "measure"}
        return tuple(m.name for m in scenario.measures.values() if m.people and m.name not in named)


def parse_objective(text: str, scenario: Scenario) -> Objective:
    """The objective that a text states, in the form that stands above.

    Refuses, with one UsageError that holds all that is wrong: wishes of another form, names that are no outcomes,
    weights that are not above 0, numbers after what either comes about or does not, questions with a condition (which
    policies change, so that unlike futures would be compared), and an outcome that is weighed twice.
    """
    weights: list[Weight] = []
    limits: list[Limit] = []
    wrong: list[str] = []
    for part in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        try:
            made = _wish(part, scenario)
        except UsageError as problem:
            wrong.append(str(problem))
            continue
        if isinstance(made, Limit):
            limits.append(made)
        elif any(made.outcome == other.outcome for other in weights):
            wrong.append(f"`{made.outcome.name}` is weighed twice: say once what one unit of it is worth")
        else:
            weights.append(made)
    if not wrong and not weights and not limits:
        wrong.append("an objective says what is wanted, as in `less homicides, avoid civilians_killed > 100`")
    if wrong:
        raise UsageError("\n  ".join(wrong))
    return Objective(text.strip(), tuple(weights), tuple(limits))


def _wish(part: str, scenario: Scenario) -> Weight | Limit:
    found = _WISH.fullmatch(part)
    if found is None or found["word"] not in (*_MORE, "keep", "avoid"):
        raise UsageError(
            f"`{part}` is not a wish: begin with `less`, `fewer` or `more` and a name, or with `keep` or `avoid`"
        )
    named = compared_outcome(scenario, re.sub(r",\s*", ", ", found["name"]))
    number = None if found["number"] is None else _number(found["number"])
    if found["word"] in _MORE:
        if found["sign"] not in (None, "*"):
            raise UsageError(
                f"`{part}`: a bound goes with `keep` or `avoid`, and `{found['word']}` takes a weight, `* 3`"
            )
        if number is not None and not number > 0.0:
            raise UsageError(f"`{part}`: a weight is above 0; say `less` or `more` for which way")
        return Weight(named, _MORE[found["word"]] * (1.0 if number is None else number))
    if found["sign"] == "*":
        raise UsageError(f"`{part}`: a weight goes with `less` or `more`; what is kept or avoided is kept or is not")
    if named.chance and number is not None:
        raise UsageError(f"`{part}`: `{named.name}` comes about or does not, and takes no number")
    if not named.chance and number is None:
        raise UsageError(
            f"`{part}`: `{named.name}` is a measure: say a bound, as in `{found['word']} {named.name} > 100`"
        )
    return Limit(named, found["word"] == "keep", found["sign"], number)


def compared_outcome(scenario: Scenario, name: str) -> Outcome:
    """The outcome of a name, where it can be compared future by future. Refuses what `outcome` refuses, and questions
    with a condition."""
    named = outcome(scenario, name, compared=False)
    if named.kind == "question" and scenario.questions[name].given is not None:
        raise UsageError(
            f"the question `{name}` has a condition, which holds in other futures under another policy, so that its "
            f"answers cannot be compared future by future"
        )
    return named


def _number(text: str) -> float:
    if _NUMBER.fullmatch(text) is None or abs(float(text)) > LARGEST:
        raise UsageError(f"`{text}` is not a number; a bound stands in the measure's own unit, without the unit's name")
    return float(text)
