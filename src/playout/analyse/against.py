"""What a difference between two policies is of: of what the first changes, and of what the second does and the first
leaves open.

A policy may pin a choice that others leave to the actors, and then a difference from it holds the choice as well. A
view that changes what a policy has fixed changes nothing under that policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playout.model.checked import CheckedScenario
from playout.simulate.policy import JOIN


@dataclass(frozen=True, slots=True)
class Against:
    """How a policy (None: the scenario as it stands) stands to the one that it is read against. left_open: what that
    one changes and the policy does not, by name; kept: switches of that one or of the policy, but not of both; idle: by
    view, what it changes that the other policy has fixed. clash: by switch of both, what the other policy fixes by
    itself, so that the switch does not change it there."""

    policy: str | None
    reference: str
    left_open: tuple[str, ...]
    kept: tuple[str, ...]
    idle: Mapping[str, tuple[str, ...]]
    clash: Mapping[str, tuple[str, ...]]


def against(checked: CheckedScenario, policy: str | None, reference: str) -> Against:
    """How a policy stands to the one that it is read against; both may be joined, and unknown ones change nothing."""
    own, other = _changed(checked, policy), _changed(checked, reference)
    switches = {name for name, known in checked.scenario.policies.items() if known.switch}
    kept = switches & (set(_parts(policy)) ^ set(_parts(reference)))
    views = {view: {change.name for change in changes} for view, changes in checked.views.items()}
    idle = {view: tuple(name for name in other if name in names and name not in own) for view, names in views.items()}
    first, *rest = _parts(reference)
    fixed = _changed(checked, first)
    both = [name for name in rest if name in switches and name in _parts(policy)]
    clash = {name: tuple(each for each in _changed(checked, name) if each in fixed) for name in both}
    return Against(
        policy=policy,
        reference=reference,
        left_open=tuple(name for name in other if name not in own),
        kept=tuple(name for name in checked.scenario.policies if name in kept),
        idle={view: names for view, names in idle.items() if names},
        clash={name: names for name, names in clash.items() if names},
    )


def _parts(policy: str | None) -> list[str]:
    return [] if policy is None else policy.split(JOIN)


def _changed(checked: CheckedScenario, policy: str | None) -> dict[str, None]:
    """What a policy changes, by name, in its order."""
    changes = [change for part in _parts(policy) for change in checked.policies.get(part, ())]
    return dict.fromkeys(change.name for change in changes)
