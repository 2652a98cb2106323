"""Policies joined: several at once, where no two of them change the same thing; and what a run is read against."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import lru_cache

from playout.errors import UsageError, unknown
from playout.model.checked import Change, CheckedScenario

JOIN = "+"
"""Between the names of joined policies: ``patrols_always+help_to_resist``."""

KEPT = 32
"""Scenarios with joined baselines that are kept, since what is made ready to play is kept by the scenario it is of."""


def join_policies(checked: CheckedScenario, names: Sequence[str]) -> tuple[CheckedScenario, str | None]:
    """The scenario with one policy that stands for all those named, and that policy's name (None for no names).

    Only the meaning gains a policy; the scenario as written stays as it is.

    A name may itself be joined. Refuses, with a UsageError, unknown policies and two policies that change one name.
    """
    joined = JOIN.join(names)
    if JOIN in joined and joined in checked.policies:
        return checked, joined
    parts = list(dict.fromkeys(part.strip() for name in names for part in name.split(JOIN)))
    known = checked.scenario.policies
    for part in parts:
        if part not in known:
            raise UsageError(unknown("policy", part, list(known)))
    if len(parts) <= 1:
        return checked, parts[0] if parts else None
    owner: dict[str, str] = {}
    for part in parts:
        for change in checked.policies[part]:
            if owner.setdefault(change.name, part) != part:
                raise UsageError(
                    f"the policies `{owner[change.name]}` and `{part}` both change `{change.name}`, and neither could "
                    f"be said to win: choose one of them"
                )
    joined = JOIN.join(parts)
    changes: tuple[Change, ...] = tuple(change for part in parts for change in checked.policies[part])
    return dataclasses.replace(checked, policies={**checked.policies, joined: changes}), joined


@lru_cache(maxsize=KEPT)
def beside(checked: CheckedScenario, policy: str | None) -> tuple[CheckedScenario, str | None]:
    """The policy that a run under ``policy`` is read against, and the scenario that knows it: the baseline, with the
    switches that are among the run's policies, for what a switch takes away has to be away in both. None where there is
    no baseline, or the run is that.

    Where the baseline and a switch change the same name, the baseline's own change stands.
    """
    name = checked.scenario.baseline
    if name is None:
        return checked, None
    known = checked.scenario.policies
    parts = [] if policy is None else policy.split(JOIN)
    switches = [part for part in parts if part != name and part in known and known[part].switch]
    if set(parts) == {name, *switches}:
        return checked, None
    if not switches:
        return checked, name
    own = checked.policies[name]
    taken = {change.name for change in own}
    others = [change for part in switches for change in checked.policies[part] if change.name not in taken]
    joined = JOIN.join([name, *switches])
    return dataclasses.replace(checked, policies={**checked.policies, joined: (*own, *others)}), joined
