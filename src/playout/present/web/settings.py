"""A setting: what a client changes about a scenario, and how a scenario so changed is played.

    Setting, scenario ──resolve──▶ Way ──play──▶ Runs

Beliefs are given a random number of their own and credences move the one that the view is drawn from, so neither needs
the scenario to be compiled again. Decisions that are taken are a policy without a name: compiled once, and kept.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from playout.compile.draws import open_uniform, stream_key, words
from playout.compile.lower.variant import VIEW_STREAM
from playout.errors import UsageError, unknown
from playout.model.checked import Change, CheckedScenario
from playout.model.scenario import Decision, Scenario, Variant
from playout.present.web.models import Setting
from playout.simulate.beliefs import Column
from playout.simulate.design import VIEW, Design
from playout.simulate.matrix import belief_rows
from playout.simulate.policy import beside, join_policies
from playout.simulate.result import labelled

CHOSEN = "as chosen"
"""The policy that takes a client's decisions. No name in a scenario has a space in it."""

PINNED = 24
"""Policies of this kind that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """How a setting is played. checked: the scenario, with a policy for the decisions that are taken; written: as it
    was read. baseline: the policy that results are read against, None where there is none or it is played.

    credences: one a view, in the order of the scenario, summing to one; None as written. quantiles: by label.
    """

    setting: Setting
    checked: CheckedScenario
    written: CheckedScenario
    policy: str | None
    baseline: str | None
    view: str | None
    credences: tuple[float, ...] | None
    quantiles: Mapping[str, float]

    @property
    def seed(self) -> int:
        return self.setting.seed

    def design(self, futures: int) -> Design | None:
        """What so many futures believe beside their own draws."""
        uniforms: dict[str, NDArray[np.float64]] = {
            label: np.full(futures, quantile) for label, quantile in self.quantiles.items()
        }
        if self.credences is not None:
            written = [view.credence or 0.0 for view in self.checked.scenario.views.values()]
            uniforms[VIEW] = moved(view_uniforms(futures, self.seed), written, self.credences)
        return Design(uniforms=uniforms) if uniforms else None


def view_uniforms(futures: int, seed: int) -> NDArray[np.float64]:
    """The random number that each future's view is drawn from, [futures]."""
    drawn: NDArray[np.float64] = open_uniform(words(seed, stream_key(VIEW_STREAM), np.arange(futures), [0]))[0]
    return drawn


def moved(uniform: NDArray[np.float64], written: list[float], wanted: tuple[float, ...]) -> NDArray[np.float64]:
    """Uniforms that draw views by the credences ``written`` where those given would draw them by those ``wanted``.

    A future keeps its view as far as the new credences let it, since one number still decides. Both sum to one, and a
    view that is wanted is written with more than nothing.
    """
    ends = np.cumsum(wanted) / sum(wanted)
    view = np.minimum(np.searchsorted(ends, uniform, side="right"), len(ends) - 1)
    widths = np.asarray(wanted) / sum(wanted)
    inside = (uniform - (ends - widths)[view]) / widths[view]
    own = np.asarray(written) / sum(written)
    inside = np.clip(inside, 1e-9, 1.0 - 1e-9)
    placed: NDArray[np.float64] = (np.cumsum(own) - own)[view] + inside * own[view]
    return placed


def resolve(setting: Setting, checked: CheckedScenario) -> Way:
    """How a setting is played. Refuses, with a UsageError, every name that the scenario does not have."""
    scenario = checked.scenario
    if setting.view is not None and setting.view not in scenario.views:
        raise UsageError(unknown("view", setting.view, list(scenario.views)))
    if setting.policy is not None:
        join_policies(checked, [setting.policy])
    known = lever_columns(checked)
    for label in setting.beliefs:
        if label not in known:
            raise UsageError(unknown("lever", label, list(known)) if known else "this scenario has no levers")
    checked, baseline = beside(checked, setting.policy)
    played, policy = checked, setting.policy
    if setting.decisions:
        played, policy = _with_decisions(checked, setting.policy, tuple(sorted(setting.decisions.items()))), CHOSEN
    return Way(
        setting=setting,
        checked=played,
        written=checked,
        policy=policy,
        baseline=setting.policy if baseline is None and scenario.baseline and setting.decisions else baseline,
        view=setting.view,
        credences=None if setting.view is not None else _credences(setting, scenario),
        quantiles={label: pin.quantile for label, pin in setting.beliefs.items()},
    )


def _credences(setting: Setting, scenario: Scenario) -> tuple[float, ...] | None:
    if setting.credences is None:
        return None
    for name, credence in setting.credences.items():
        if name not in scenario.views:
            raise UsageError(unknown("view", name, list(scenario.views)))
        if credence > 0.0 and not scenario.views[name].credence:
            raise UsageError(f"the scenario gives the view `{name}` no credence, so it cannot be given any here")
    given = tuple(setting.credences.get(name, 0.0) for name in scenario.views)
    total = sum(given)
    if not total > 0.0:
        raise UsageError("the credences are all zero: give one view some, at least")
    return tuple(credence / total for credence in given)


@lru_cache(maxsize=32)
def lever_columns(checked: CheckedScenario) -> Mapping[str, Column]:
    """By label, the beliefs that can be held at a quantile: those drawn once a future that are no known number.

    Spare members are left out: nobody knows who they will be.
    """
    scenario = checked.scenario
    labels: dict[str, tuple[str, int]] = {}
    for belief in scenario.beliefs.values():
        if belief.each == "step":
            continue
        if belief.shared or not belief.sets:
            labels[belief.name] = (belief.name, 0)
            continue
        members = itertools.product(*(scenario.sets[name].members for name in belief.sets))
        for flat, own in enumerate(members):
            if not any(member.spare for member in own):
                labels[labelled(belief.name, [member.name for member in own])] = (belief.name, flat)
    columns = belief_rows(checked, list(labels.values())).columns
    return {
        label: column
        for label, column in zip(labels, columns, strict=True)
        if not all(law.is_point for law in column.laws)
    }


# --- decisions --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=PINNED)
def _with_decisions(
    checked: CheckedScenario, policy: str | None, decisions: tuple[tuple[str, str], ...]
) -> CheckedScenario:
    """The scenario with a policy that does what ``policy`` does and takes the decisions, under the name `CHOSEN`.

    The same one for the same decisions, as long as it is kept, so that what was compiled for it is found again.
    """
    joined, name = join_policies(checked, [policy] if policy else [])
    changes = list(joined.policies[name]) if name is not None else []
    changes += [_pin(checked.scenario, label, option) for label, option in decisions]
    scenario = checked.scenario
    title = "the choices taken here"
    known = scenario.policies.get(policy) if policy is not None else None
    if known is not None:
        title = f"{known.title or known.name}, with {title}"
    variant = Variant(scenario.span, CHOSEN, title[:1].upper() + title[1:], ())
    return dataclasses.replace(
        checked,
        scenario=dataclasses.replace(scenario, policies={**scenario.policies, CHOSEN: variant}),
        policies={**checked.policies, CHOSEN: tuple(changes)},
    )


def _pin(scenario: Scenario, label: str, option: str) -> Change:
    """An option of ``authority`` or ``posture[cjng]``, taken whenever that is due. Of two pins the later holds."""
    decision, members = decision_of(scenario, label)
    choices = scenario.choices(decision)
    if option not in choices:
        raise UsageError(unknown(f"option of `{decision.name}`", option, list(choices)))
    return Change("decision", decision.name, "=", decision.span, members, option=choices.index(option))


def decision_of(scenario: Scenario, label: str) -> tuple[Decision, tuple[int, ...] | None]:
    """The decision of a label, and the positions of its members (None: all)."""
    name, bracket, rest = label.partition("[")
    if name not in scenario.decisions:
        raise UsageError(unknown("decision", name, list(scenario.decisions)))
    decision = scenario.decisions[name]
    if not bracket:
        return decision, None
    labels = rest.removesuffix("]").split(", ")
    if len(labels) != len(decision.sets):
        raise UsageError(f"`{name}` is indexed by {len(decision.sets)} sets, and `{label}` names {len(labels)} members")
    positions = []
    for own, member in zip(decision.sets, labels, strict=True):
        known = scenario.sets[own].labels
        if member not in known:
            raise UsageError(unknown(f"member of `{own}`", member, list(known)))
        positions.append(known.index(member))
    return decision, tuple(positions)
