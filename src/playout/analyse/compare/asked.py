"""What is to be compared, checked before anything is played, and whether what was played is enough to tell."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playout.analyse.average import FEWEST_FOR_A_VIEW
from playout.analyse.compare.comparison import By, Comparison
from playout.errors import RunError, UsageError, unknown
from playout.model.checked import CheckedScenario
from playout.simulate.policy import JOIN, join_policies

UNCHANGED = "unchanged"
"""In place of a policy's name: the scenario as it is written, without a policy."""

SURE_TO_HOLD = 135
"""Futures of a view to be expected so that chance hardly ever leaves it with fewer than `FEWEST_FOR_A_VIEW`."""

POINTS = "points"
"""What an objective makes of a future, where a difference that is to be told is named."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared. names: policies or views, in order. reference: one of them. held: the policy under which views
    are compared. views: whose futures are looked at, None for all."""

    by: By
    names: tuple[str, ...]
    reference: str
    held: str | None
    views: tuple[str, ...] | None

    def policy(self, name: str) -> str | None:
        """The policy under which one of them is played."""
        if self.by == "view":
            return self.held
        return None if name == UNCHANGED else name

    def view(self, name: str) -> str | None:
        """The view that all its futures hold, None where each draws its own."""
        return name if self.by == "view" else None


def asked(
    checked: CheckedScenario,
    policies: Sequence[str] | None = None,
    views: Sequence[str] | None = None,
    *,
    by: str = "policy",
    reference: str | None = None,
) -> Asked:
    """What to compare. Arguments as of `playout.compare`, which says what stands for what is not given.

    Refuses, with a UsageError, names that do not exist (all of them at once), a name given twice, fewer than two to
    compare, and several policies where views are compared.
    """
    if by not in ("policy", "view"):
        raise UsageError(f"policies or views can be compared, `policy` or `view`, and not `{by}`")
    scenario = checked.scenario
    wrong = [unknown("view", name, list(scenario.views)) for name in views or () if name not in scenario.views]
    if wrong:
        raise UsageError("\n  ".join(dict.fromkeys(wrong)))
    _refuse_twice("view", views or ())
    if by == "view":
        return _views(checked, policies, views, reference)
    if policies is None:
        policies = [policy.name for policy in scenario.policies.values() if not policy.switch]
        if scenario.baseline is None:
            policies = [UNCHANGED, *policies]
    names = _policies(checked, policies)
    against = None if reference is None else _policies(checked, [reference])[0]
    if against is not None and against not in names:
        names = (against, *names)
    if not scenario.policies:
        raise UsageError("a comparison wants two policies at least, and this scenario has none")
    if len(names) < 2:
        lone = f"only `{names[0]}` is there" if names else "none was named"
        way_out = f"name another with `--policies`, or `{UNCHANGED}` for the scenario without a policy"
        raise UsageError(f"a comparison wants two policies at least, and {lone}: {way_out}")
    baseline = scenario.baseline if scenario.baseline in names else names[0]
    return Asked("policy", names, against or baseline, None, None if views is None else tuple(views))


def _policies(checked: CheckedScenario, policies: Sequence[str]) -> tuple[str, ...]:
    """Names of policies as they are played; joined ones by their parts."""
    names: list[str] = []
    wrong: list[str] = []
    for name in policies:
        if name == UNCHANGED and name not in checked.policies:
            names.append(UNCHANGED)
            continue
        try:
            names.append(join_policies(checked, [name])[1] or name)
        except UsageError as problem:
            wrong.append(str(problem))
    if wrong:
        raise UsageError("\n  ".join(dict.fromkeys(wrong)))
    _refuse_twice("policy", names)
    return tuple(names)


def _refuse_twice(what: str, names: Sequence[str]) -> None:
    seen: dict[frozenset[str], str] = {}
    for name in names:
        parts = frozenset(name.split(JOIN))
        if parts in seen:
            same = "" if seen[parts] == name else f", once as `{seen[parts]}`"
            raise UsageError(f"the {what} `{name}` is named twice{same}: a difference from itself is nothing")
        seen[parts] = name


def _views(
    checked: CheckedScenario, policies: Sequence[str] | None, views: Sequence[str] | None, reference: str | None
) -> Asked:
    scenario = checked.scenario
    names = tuple(views if views is not None else scenario.views)
    if len(names) < 2:
        there = "" if len(scenario.views) > 1 else f", and this scenario has {len(scenario.views) or 'none'}"
        raise UsageError(f"a comparison wants two views at least{there}")
    if policies is not None and len(policies) > 1:
        raise UsageError("views are compared under one policy: name one with `--policies`, or leave it out")
    if reference is not None and reference not in names:
        raise UsageError(unknown("view", reference, names))
    held = scenario.baseline if policies is None else _policies(checked, policies)[0]
    return Asked("view", names, reference or names[0], None if held == UNCHANGED else held, None)


def check_futures(checked: CheckedScenario, what: Asked, futures: int, *, by_view: bool) -> None:
    """Refuse, with a UsageError, fewer futures than an estimate needs, and say how many it needs.

    by_view: regret is asked for, or single views are looked at: then each of them has to be held by enough futures.
    """
    if futures < 2:
        raise UsageError(f"a difference has no standard error in fewer than 2 futures; {futures:,} were asked for")
    if what.by == "view" or not by_view:
        return
    held = checked.scenario.views
    credences = {name: held[name].credence or 0.0 for name in what.views or held}
    few = {name: credence for name, credence in credences.items() if 0.0 < credence * futures < FEWEST_FOR_A_VIEW}
    if few:
        name, least = min(few.items(), key=lambda item: item[1])
        needed = _rounded_up(SURE_TO_HOLD / least)
        raise UsageError(
            f"of {futures:,} futures some {least * futures:,.0f} would hold the view `{name}` (credence {least:g}), "
            f"and what is said of a view wants {FEWEST_FOR_A_VIEW}: play {needed:,} or more"
        )


def _rounded_up(needed: float) -> int:
    """Two digits are enough for advice."""
    grain = 10.0 ** max(0, math.floor(math.log10(max(needed, 1.0))) - 1)
    return int(math.ceil(needed / grain) * grain)


_TO_TELL = re.compile(r"(?P<name>[^\s]+(?:\[[^\]]*\]\S*)?)\s+(?P<size>\S+)")


def read_to_tell(text: str) -> dict[str, float]:
    """Differences that are to be told from nothing: ``homicides 500, points 20`` by name, in the outcome's unit.

    Refuses, with a UsageError, what is not of that form.
    """
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[,;](?![^\[\]]*\])", text))):
        read = _TO_TELL.fullmatch(part)
        size = _size(read["size"]) if read is not None else None
        if read is None or size is None:
            raise UsageError(
                f"`{part}` is no difference to be told: write a name and a number above 0, `homicides 500`"
            )
        found[read["name"]] = size
    return found


def _size(text: str) -> float | None:
    try:
        size = float(text)
    except ValueError:
        return None
    return size if 0.0 < size < math.inf else None


def check_told(comparison: Comparison, to_tell: Mapping[str, float]) -> None:
    """Refuse, with a RunError that says how many futures are needed, a comparison in which two standard errors of a
    difference from the reference are more than the difference that is to be told."""
    short: list[str] = []
    needed = 0.0
    for name, size in to_tell.items():
        worst = max(comparison.others, key=lambda other: _error(comparison, name, other))
        doubt = 2.0 * _error(comparison, name, worst)
        if doubt > size:
            needed = max(needed, comparison.futures * (doubt / size) ** 2)
            short.append(
                f"the difference of `{name}` under `{worst}` is known to ± {doubt:.2g}, and {size:g} is to be told"
            )
    if short:
        raise RunError(
            f"{comparison.futures:,} futures are too few: "
            + "; ".join(short)
            + f"\n  hint: play {_rounded_up(needed):,} or more"
        )


def _error(comparison: Comparison, name: str, other: str) -> float:
    pair = comparison.pair(other, comparison.reference)
    if name == POINTS and pair.points is not None:
        return pair.points.mean.whole.se
    return pair.differences[[row.name for row in comparison.rows].index(name)].mean.whole.se


def check_to_tell(names: Sequence[str], rows: Sequence[str], *, points: bool) -> None:
    """Refuse, with a UsageError, differences of what is not compared."""
    known = [*rows, *([POINTS] if points else [])]
    wrong = [unknown("outcome", name, known) for name in names if name not in known]
    if wrong:
        raise UsageError("\n  ".join(wrong))
