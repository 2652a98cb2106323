"""What a difference from a baseline, or from another policy, is also of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playout.analyse.against import Against
from playout.analyse.compare.asked import UNCHANGED
from playout.model.scenario import Scenario
from playout.present.views.written import heading, policy_title
from playout.simulate.policy import JOIN

NAMED = 3
"""Policies and views that are named one by one."""


def told_of_baseline(scenario: Scenario, found: Against) -> tuple[str, ...]:
    """What a run's differences from its baseline are also of; of choices left open the run's heading says it."""
    said = []
    if found.policy is not None and found.left_open:
        said.append(_left_open(scenario, [found.policy], found))
    for switch, names in found.clash.items():
        title = policy_title(scenario, found.reference.split(JOIN)[0])
        said.append(
            f"“{title}” itself sets {_names(names)}, which the switch “{policy_title(scenario, switch)}” sets too: "
            f"there it keeps its own."
        )
    return (*said, *_idle(scenario, found))


def told_of_references(scenario: Scenario, found: Sequence[Against]) -> Iterator[str]:
    """The same of several policies that are read against one."""
    by_names: dict[tuple[str, ...], list[Against]] = {}
    for own in found:
        if own.left_open:
            by_names.setdefault(own.left_open, []).append(own)
    for alike in by_names.values():
        yield _left_open(scenario, [own.policy or UNCHANGED for own in alike], alike[0])
    for own in found:
        for switch in own.kept:
            without = own.policy or UNCHANGED if switch in own.reference.split(JOIN) else own.reference
            yield (
                f"“{policy_title(scenario, switch)}” is a switch, and “{policy_title(scenario, without)}” is played "
                f"without it: the difference is of the switch too."
            )
    if found:
        yield from _idle(scenario, found[0])


def _left_open(scenario: Scenario, policies: Sequence[str], found: Against) -> str:
    """The policies that leave something open which the one that they are read against changes."""
    titles = _listed([f"“{policy_title(scenario, name)}”" for name in policies], "policy", "policies")
    verb = "leaves" if len(policies) == 1 else "leave"
    return (
        f"“{policy_title(scenario, found.reference)}” also sets {_names(found.left_open)}, which {titles} {verb} open: "
        f"the differences are of that too."
    )


def _idle(scenario: Scenario, found: Against) -> Iterator[str]:
    by_names: dict[tuple[str, ...], list[str]] = {}
    for view, names in found.idle.items():
        by_names.setdefault(names, []).append(f"“{heading(scenario.views[view].title, view)}”")
    for names, titles in by_names.items():
        verb = "changes" if len(titles) == 1 else "change"
        listed = _listed(titles, "view", "views")
        yield (
            f"“{policy_title(scenario, found.reference)}” sets {_names(names)}, which {listed} {verb}: under it views "
            f"do not differ in that."
        )


def _names(names: Sequence[str]) -> str:
    return _listed([f"`{name}`" for name in names], "name", "names")


def _listed(items: Sequence[str], one: str, many: str) -> str:
    """The first of some items, and how many there are more."""
    shown, more = list(items[:NAMED]), len(items) - NAMED
    if more > 0:
        shown.append(f"{more} more {one if more == 1 else many}")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
