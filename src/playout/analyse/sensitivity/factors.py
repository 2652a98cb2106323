"""Factors: what is varied as one when an outcome is explained.

A factor is a belief with all its members, one member, a group that the scenario declares, the choice of a view, or all
chance inside the run. Members that share a draw are one. Where beliefs are tied by `together`, what is varied is a
belief's own part, and those after it that are tied to it follow (see `simulate/design.py`): an index is of that part.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playout.errors import UsageError, unknown
from playout.model.checked import Change, CheckedScenario
from playout.model.scenario import Belief
from playout.simulate.design import VIEW
from playout.simulate.matrix import belief_rows
from playout.simulate.result import labelled

Kind = Literal["belief", "group", "view", "chance"]
Grain = Literal["belief", "member"]
"""Whether an indexed belief is one factor or one a member."""

VIEW_FACTOR, CHANCE = "view", "chance"
TITLES = {VIEW_FACTOR: "The choice of a view", CHANCE: "Chance inside the run"}


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that is varied as one.

    name: a belief's, a label such as ``strength[north]``, a group's, ``view`` or ``chance``. redrawn: what a `Design`
    draws anew for it; nothing for chance. labels: its columns in `Runs.beliefs` that vary.
    """

    name: str
    kind: Kind
    title: str
    redrawn: tuple[str, ...]
    labels: tuple[str, ...] = ()

    @property
    def grouped(self) -> bool:
        """Whether it is made of other factors."""
        return self.kind == "group"


def factors(
    checked: CheckedScenario,
    policies: Sequence[str | None] = (None,),
    view: str | None = None,
    *,
    grain: Grain = "belief",
    names: Sequence[str] | None = None,
) -> tuple[Factor, ...]:
    """What there is to vary: beliefs in file order, then declared groups, the choice of a view where it is drawn, and
    chance.

    policies: those that are played; a belief that is one number under all of them is no factor. view: held by all
    futures, None where each draws its own. names: only these beliefs, labels and groups (and chance). Refuses, with a
    UsageError, names that are no beliefs or groups, beliefs that are drawn inside the run, and beliefs that are one
    number.
    """
    varying = _varying(checked, policies, view)
    groups = {factor.name: factor for factor in _groups(checked, varying, view)}
    beliefs = {factor.name: factor for factor in _beliefs(checked, varying, grain)}
    choice = [Factor(VIEW_FACTOR, "view", TITLES[VIEW_FACTOR], (VIEW,))]
    choice = choice if checked.scenario.views and view is None else []
    chance = Factor(CHANCE, "chance", TITLES[CHANCE], ())
    if names is not None and not names:
        raise UsageError("no belief is named: name one at least, or leave the option out for all of them")
    if names is None:
        return (*beliefs.values(), *groups.values(), *choice, chance)
    known = {**{factor.name: factor for factor in choice}, **groups, **beliefs}
    for factor in itertools.chain(_beliefs(checked, varying, "belief"), _beliefs(checked, varying, "member")):
        known.setdefault(factor.name, factor)
    return (*(_named(checked, known, name) for name in dict.fromkeys(names)), chance)


def whole_of_beliefs(checked: CheckedScenario, view: str | None) -> tuple[str, ...]:
    """All that a future believes, the choice of a view included where it is drawn, as a `Design` names it."""
    drawn = tuple(belief.name for belief in checked.scenario.beliefs.values() if belief.each == "future")
    return (*drawn, VIEW) if checked.scenario.views and view is None else drawn


def _named(checked: CheckedScenario, known: dict[str, Factor], name: str) -> Factor:
    if name in known:
        return known[name]
    belief = checked.scenario.beliefs.get(name.partition("[")[0])
    if belief is not None and belief.each == "step":
        raise UsageError(f"`{belief.name}` is drawn anew in every step: it belongs to `{CHANCE}`, and is no belief")
    labels = () if belief is None else {label for label, _ in _labels(checked, belief)}
    if belief is not None and (name == belief.name or name in labels):
        raise UsageError(
            f"`{name}` is one number in every future, so no outcome can be put down to it\n"
            "  hint: give it a range in the scenario, such as `is: 1 to 4`"
        )
    raise UsageError(unknown("belief or group", name, list(known)))


def _varying(checked: CheckedScenario, policies: Sequence[str | None], view: str | None) -> set[str]:
    """The labels of the beliefs that are not one number in all futures."""
    rows = list(checked.distributions)
    place = None if view is None else list(checked.views).index(view)
    found = set()
    labels = {
        (belief.name, member): label
        for belief in checked.scenario.beliefs.values()
        for label, member in _labels(checked, belief)
    }
    for policy in dict.fromkeys(policies):
        for column in belief_rows(checked, rows, policy, view).columns:
            laws = column.laws if place is None else (column.alternatives.get(place, column.law),)
            settled = _settled(checked, column.name, column.member, [] if view is None else checked.views[view])
            settled = settled or _settled(checked, column.name, column.member, checked.policies.get(policy or "", ()))
            if not settled and not all(law.is_point for law in laws):
                found.add(labels[column.name, column.member])
    return found


def _settled(checked: CheckedScenario, name: str, member: int, changes: Sequence[Change]) -> bool:
    """Whether a policy or view puts a number in a belief's place throughout the run."""
    sizes = tuple(len(checked.scenario.sets[own].members) for own in checked.scenario.beliefs[name].sets)
    position = tuple(int(place) for place in np.unravel_index(member, sizes)) if sizes else ()
    settled = False
    for change in changes:
        if change.what == "belief" and change.name == name and change.operator == "=" and change.covers(position):
            settled = change.law is None and change.start is None and change.until is None
    return settled


def _labels(checked: CheckedScenario, belief: Belief) -> list[tuple[str, int]]:
    """A belief's members as labels, with their flat positions."""
    sets = [checked.scenario.sets[name].labels for name in belief.sets]
    return [(labelled(belief.name, member), place) for place, member in enumerate(itertools.product(*sets))]


def _beliefs(checked: CheckedScenario, varying: Collection[str], grain: Grain) -> Iterator[Factor]:
    for belief in checked.scenario.beliefs.values():
        labels = tuple(label for label, _ in _labels(checked, belief) if label in varying)
        if belief.each == "step" or not labels:
            continue
        if grain == "belief" or belief.shared:
            yield Factor(belief.name, "belief", belief.title, (belief.name,), labels)
        else:
            yield from (Factor(label, "belief", belief.title, (label,), (label,)) for label in labels)


def _groups(checked: CheckedScenario, varying: Collection[str], view: str | None) -> Iterator[Factor]:
    scenario = checked.scenario
    for group in scenario.groups.values():
        beliefs = [scenario.beliefs[name] for name, _ in group.beliefs]
        drawn = [belief for belief in beliefs if belief.each == "future"]
        labels = tuple(label for belief in drawn for label, _ in _labels(checked, belief) if label in varying)
        redrawn = tuple(belief.name for belief in drawn)
        if group.views and scenario.views and view is None:
            redrawn = (*redrawn, VIEW)
        if redrawn:
            yield Factor(group.name, "group", group.title, redrawn, labels)
