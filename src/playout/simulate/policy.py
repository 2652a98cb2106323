"""Policies joined: several at once, where no two of them change the same thing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from playout.errors import UsageError, unknown
from playout.model.checked import Change, CheckedScenario

JOIN = "+"
"""Between the names of joined policies: ``patrols_always+help_to_resist``."""


def join_policies(checked: CheckedScenario, names: Sequence[str]) -> tuple[CheckedScenario, str | None]:
    """The scenario with one policy that stands for all those named, and that policy's name (None for no names).

    Only the meaning gains a policy; the scenario as written stays as it is.

    A name may itself be joined. Refuses, with a UsageError, unknown policies and two policies that change one name.
    """
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
