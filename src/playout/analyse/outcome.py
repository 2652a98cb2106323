"""One number a future: what analyses of a run ask of it, by the name that the scenario has for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from playout.analyse.estimate import Bools, Numbers
from playout.errors import UsageError, unknown
from playout.model.scenario import Scenario
from playout.simulate.result import Runs, labelled

Kind = Literal["question", "stage", "option", "measure"]

LEVEL = "level"
"""Behind a measure's name, the measure itself, where without it its difference from the baseline would be meant."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is looked at in each future.

    kind: a ``question`` is answered yes (1) or no (0); a ``stage`` is reached or not; an ``option`` is chosen or not;
    a ``measure`` is its sum over the whole run, or a level at the run's end, less the baseline's where there is one
    (compared). unit: of a measure, where whoever asks knows it. conditional: a question counts in those futures alone
    in which its condition holds.
    """

    name: str
    kind: Kind
    title: str
    unit: str = ""
    compared: bool = False
    conditional: bool = False

    @property
    def chance(self) -> bool:
        """Whether its mean is a probability."""
        return self.kind != "measure"

    @property
    def source(self) -> str:
        """The measure, question, track or decision that it is read from, as runs are asked for it (`wanted`)."""
        return self.name.partition("[")[0].partition(".")[0]

    @property
    def label(self) -> str:
        """Of a measure, its name with its member, and without `LEVEL`."""
        return self.name.removesuffix(f".{LEVEL}")

    def values(self, runs: Runs, baseline: Runs | None = None) -> Numbers:
        """Its value in each future, [futures], in the measure's unit; not a number where either run stopped, or where a
        condition does not hold."""
        if self.kind == "measure":
            values = _measured(runs, self.label)
            if self.compared and baseline is not None:
                values = values - _measured(baseline, self.label)
            return values
        held = _held(runs, self)
        counted = runs.complete
        if self.conditional:
            counted = counted & (runs.numbers([f"given.{self.name}"])[0] == 1.0)
        return np.where(counted, held.astype(np.float64), np.nan)


def _measured(runs: Runs, label: str) -> Numbers:
    """A measure without an index, or one member's: the sum over all periods of an amount, the last level."""
    name, _, member = label.partition("[")
    reported = runs.measures[name]
    periods = runs.numbers(reported.columns(tuple(member.removesuffix("]").split(", ")) if member else ()))
    summed: Numbers = periods.sum(axis=0) if reported.kind == "amount" else periods[-1]
    return summed


def _held(runs: Runs, outcome: Outcome) -> Bools:
    """In which futures it came about, [futures]."""
    if outcome.kind == "question":
        return np.asarray(runs.numbers([f"question.{outcome.name}"])[0] == 1.0)
    if outcome.kind == "stage":
        return np.asarray(np.isfinite(runs.numbers([outcome.name])[0]))
    decision, _, option = outcome.name.rpartition(".")
    return (runs.column(decision).cast(str) == option).fill_null(False).to_numpy()


def explained_outcome(scenario: Scenario, name: str, *, compared: bool) -> Outcome:
    """The outcome of a name where futures of one run are looked at: as `outcome`, a measure's ``NAME.level`` beside it,
    and a question with a condition in those futures alone in which that holds."""
    plain = name.removesuffix(f".{LEVEL}")
    if plain != name and plain.partition("[")[0] in scenario.measures:
        found = outcome(scenario, plain, compared=False)
        return replace(found, name=name)
    found = outcome(scenario, name, compared=compared)
    if found.kind == "question":
        return replace(found, conditional=scenario.questions[name].given is not None)
    return found


def outcome(scenario: Scenario, name: str, *, compared: bool) -> Outcome:
    """The outcome of a name: a question, ``track.stage``, ``decision.option`` or a measure, with a member in brackets
    where there is an index. compared: there is a baseline. Refuses, with a UsageError, any other name."""
    head, _, tail = name.partition("].") if "]." in name else name.partition(".")
    plain, bracket, member = head.partition("[")
    indexed = scenario.tracks.get(plain) or scenario.decisions.get(plain) or scenario.measures.get(plain)
    if indexed is not None and indexed.binders:
        _check_member(scenario, name, plain, indexed.sets, member.removesuffix("]") if bracket else None)
    if name in scenario.questions:
        return Outcome(name, "question", scenario.questions[name].ask)
    if tail and plain in scenario.tracks:
        for stage in scenario.tracks[plain].stages:
            if stage.name == tail:
                return Outcome(name, "stage", stage.title or tail)
    if tail and plain in scenario.chosen:
        for option in scenario.outcomes(scenario.chosen[plain]):
            if option.name == tail:
                return Outcome(name, "option", option.title or tail)
    if not tail and plain in scenario.measures:
        measure = scenario.measures[plain]
        if bool(measure.binders) == bool(bracket):
            return Outcome(name, "measure", measure.title or plain, compared=compared)
    known = [*scenario.questions, *(m.name for m in scenario.measures.values() if not m.binders)]
    if tail:
        known += [f"{track.name}.{stage.name}" for track in scenario.tracks.values() for stage in track.stages]
    raise UsageError(unknown("outcome", name, known))


def _check_member(scenario: Scenario, name: str, plain: str, sets: Sequence[str], written: str | None) -> None:
    """Refuse, with a UsageError, a name without its members or with such as are not in the sets it is indexed by."""
    labels = [scenario.sets[of].labels for of in sets]
    members = [] if written is None else written.split(", ")
    if len(members) != len(sets):
        example = name.replace(plain, labelled(plain, [own[0] for own in labels]), 1) if not members else ""
        raise UsageError(f"`{name}` wants a member of {_listed(sets)}" + (f", as in `{example}`" if example else ""))
    for member, of, known in zip(members, sets, labels, strict=True):
        if member not in known:
            raise UsageError(unknown(of, member, known))


def _listed(sets: Sequence[str]) -> str:
    return " and ".join(f"`{of}`" for of in sets)


def of_member(name: str, member: str) -> str:
    """A label with one member's name: ``posture[cjng]``."""
    return labelled(name, (member,) if member else ())
