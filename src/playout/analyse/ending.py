"""What it means for a future to end badly: the reader's own words, parsed and never evaluated.

homicides > 30,000                       a measure: its sum over the run, or a level at the run's end
homicides against no_action > 500        its difference from another policy, under the same draws
highest 10% of civilians_killed          the futures at one end of a measure; or `lowest`
reached campaign.striking                a stage; a decision's option (`authority.finding`) in the same way
never reached campaign.talks             the same denied; or `not`
force_within_a_year.no                   a question's answer; or `.yes`
homicides > 30,000 and campaign.striking several of these, all joined by `and` or all by `or`
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playout.analyse.estimate import Bools, Numbers
from playout.analyse.outcome import Outcome, outcome
from playout.errors import UsageError, unknown
from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario
from playout.simulate.result import Runs

Comparison = Literal[">", ">=", "<", "<="]
End = Literal["highest", "lowest"]

_NAME = r"[A-Za-z]\w*(?:\[[^\[\]]*\])?(?:\.\w+)?"
_NUMBER = r"[-+−]?\d[\d,_]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
_THRESHOLD = re.compile(
    rf"(?P<name>{_NAME})(?:\s+against\s+(?P<against>[\w+]+))?\s*(?P<test>>=|<=|>|<|≥|≤)\s*(?P<number>{_NUMBER})\s*(?P<percent>%?)"
)
_SHARE = re.compile(
    rf"(?P<end>\w+)\s+(?P<number>\d+(?:\.\d+)?)\s*%\s+of\s+(?P<name>{_NAME})(?:\s+against\s+(?P<against>[\w+]+))?"
)
_EVENT = re.compile(
    rf"(?P<denied>not\s+|never\s+)?(?:(?:reached|chose|chosen)\s+)?(?:question\.)?(?P<name>{_NAME})"
    rf"(?:\s+against\s+(?P<against>[\w+]+))?"
)
_WAYS = "`homicides > 30000`, `highest 10% of homicides`, `reached track.stage` or `question.no`"

CROWDED = 1.5
"""Where equal values at the border of a share would make it this many times as large, all of them are left out."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A measure on one side of a number, in the measure's unit."""

    test: Comparison
    number: float

    def holds(self, values: Numbers) -> Bools:
        """In which futures, [futures]."""
        tests = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}
        return np.asarray(tests[self.test](values, self.number))


@dataclass(frozen=True, slots=True)
class Tail:
    """The futures at one end of a measure: a share of those that are counted."""

    end: End
    share: float

    def holds(self, values: Numbers) -> Bools:
        """In which futures, [futures]. Equal values at the border belong to it, unless they would swell it by half."""
        signed = values if self.end == "highest" else -values
        counted = signed[np.isfinite(signed)]
        if not counted.size:
            return np.zeros(values.size, bool)
        many = max(1, round(self.share * counted.size))
        border = np.partition(counted, counted.size - many)[counted.size - many]
        with_border = np.asarray(signed >= border)
        if np.count_nonzero(with_border) <= CROWDED * many:
            return with_border
        return np.asarray(signed > border)


@dataclass(frozen=True, slots=True)
class Event:
    """A stage reached, an option chosen, a question answered yes; or not."""

    denied: bool

    def holds(self, values: Numbers) -> Bools:
        """In which futures, [futures]."""
        return np.asarray(values == 0.0) if self.denied else np.asarray(values == 1.0)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is looked at, and what of it is bad. against: the policy that a measure is compared with."""

    outcome: Outcome
    test: Threshold | Tail | Event
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A way for futures to end. text: as it was written; joined: how several clauses come together."""

    text: str
    clauses: tuple[Clause, ...]
    joined: Literal["and", "or"] = "and"

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies that are compared with."""
        return tuple(dict.fromkeys(clause.against for clause in self.clauses if clause.against is not None))

    @property
    def wanted(self) -> frozenset[str]:
        """What a run must report for it, as `play` names it."""
        return frozenset(re.split(r"[.\[]", clause.outcome.name, maxsplit=1)[0] for clause in self.clauses)

    def held(self, runs: Runs, against: Mapping[str, Runs] | None = None) -> tuple[Bools, Bools]:
        """In which futures it came about, and which are counted at all: those that stopped in no run and in which the
        questions asked arose. [futures] each.

        against: the runs of the policies compared with, under the same draws.
        """
        found: list[Bools] = []
        counted = np.ones(runs.futures, bool)
        for clause in self.clauses:
            other = None if clause.against is None else (against or {})[clause.against]
            values = clause.outcome.values(runs, other)
            counted &= np.isfinite(values) & _arose(runs, clause.outcome)
            found.append(clause.test.holds(values))
        held = np.logical_and.reduce(found) if self.joined == "and" else np.logical_or.reduce(found)
        return held & counted, counted


def read_ending(text: str, checked: CheckedScenario) -> Ending:
    """The ending that a text means in a scenario. Refuses, with a UsageError, what is not of a form above, and
    measures, stages, options, questions and policies that the scenario does not have."""
    parts = re.split(r"\s+(and|or)\s+", text.strip())
    joints = set(parts[1::2])
    if len(joints) > 1:
        raise UsageError(f"`{text}` mixes `and` with `or`\n  hint: join all parts by `and`, or all by `or`")
    clauses = tuple(_clause(part.strip(), checked) for part in parts[::2])
    return Ending(" ".join(text.split()), clauses, "or" if joints == {"or"} else "and")


def _arose(runs: Runs, asked: Outcome) -> Bools:
    """In which futures there is an answer: a question's condition held, [futures]."""
    if asked.kind != "question" or runs.checked.scenario.questions[asked.name].given is None:
        return np.ones(runs.futures, bool)
    return np.asarray(runs.numbers([f"given.{asked.name}"])[0] == 1.0)


def _clause(text: str, checked: CheckedScenario) -> Clause:
    scenario = checked.scenario
    if found := _THRESHOLD.fullmatch(text):
        measured = _measure(found["name"], found["against"], text, checked)
        test: Comparison = {"≥": ">=", "≤": "<="}.get(found["test"], found["test"])  # type: ignore[assignment]
        number = float(found["number"].replace(",", "").replace("_", "").replace("−", "-"))
        return Clause(measured, Threshold(test, number / 100.0 if found["percent"] else number), found["against"])
    if found := _SHARE.fullmatch(text):
        share = float(found["number"]) / 100.0
        measured = _measure(found["name"], found["against"], text, checked)
        if found["end"] not in ("highest", "lowest"):
            raise UsageError(
                f"`{found['end']}` does not say which end of `{measured.name}` is bad\n"
                f"  hint: write `highest {found['number']}% of {measured.name}`, or `lowest`"
            )
        if not 0.0 < share < 1.0:
            raise UsageError(f"`{text}` wants a share above 0% and below 100%")
        end: End = "highest" if found["end"] == "highest" else "lowest"
        return Clause(measured, Tail(end, share), found["against"])
    if (found := _EVENT.fullmatch(text)) and found["against"] is None:
        return _event(found["name"], bool(found["denied"]), scenario)
    raise UsageError(f"`{text}` is no way to end\n  hint: write {_WAYS}")


def _measure(name: str, against: str | None, text: str, checked: CheckedScenario) -> Outcome:
    if against is not None:
        for policy in against.split("+"):
            if policy not in checked.scenario.policies:
                raise UsageError(unknown("policy", policy, list(checked.scenario.policies)))
    scenario = checked.scenario
    if name.partition("[")[0] not in scenario.measures:
        raise UsageError(unknown("measure", name, list(scenario.measures)))
    measure = scenario.measures[name.partition("[")[0]]
    labels = _labels(name)
    members = [scenario.sets[binder.set].labels for binder in measure.binders]
    if measure.binders and not labels:
        raise UsageError(
            f"`{name}` has members: name one of them\n  hint: write `{name}[{', '.join(m[0] for m in members)}]`"
        )
    if len(labels) != len(members):
        wanted = "one member" if len(members) == 1 else f"members of {len(members)} sets" if members else "no member"
        raise UsageError(f"`{measure.name}` wants {wanted}, in `{text}`")
    for label, known in zip(labels, members, strict=True):
        if label not in known:
            raise UsageError(unknown("member", label, list(known)))
    written = f"{measure.name}[{', '.join(labels)}]" if labels else measure.name
    found = outcome(scenario, written, compared=against is not None)
    unit = measure.unit.text if measure.unit is not None else ""
    return Outcome(found.name, found.kind, found.title, unit, found.compared)


def _labels(name: str) -> list[str]:
    inner = name.partition("[")[2].removesuffix("]")
    return [label.strip() for label in inner.split(",")] if inner else []


def _event(name: str, denied: bool, scenario: Scenario) -> Clause:
    head, _, tail = name.rpartition(".")
    if head in scenario.questions and tail in ("yes", "no"):
        return Clause(outcome(scenario, head, compared=False), Event(denied != (tail == "no")))
    found = outcome(scenario, name, compared=False)
    if found.kind == "measure":
        raise UsageError(
            f"`{name}` is a measure, and how much of it is bad is not said\n"
            f"  hint: write `{name} > 100`, or `highest 10% of {name}`"
        )
    return Clause(found, Event(denied))


def futures_needed(found: int, counted: int, fewest: int) -> int | None:
    """How many futures would hold ``fewest`` of a kind of which ``counted`` futures hold ``found``; None of none."""
    return math.ceil(fewest * counted / found / 1000) * 1000 if found else None
