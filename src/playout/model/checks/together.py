"""Correlations between beliefs: `together`."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

import numpy as np

from playout.errors import Span, did_you_mean
from playout.model.checked import Change
from playout.model.checks.workbench import Workbench
from playout.model.correlation import CorrelationError, copula_factor
from playout.model.expression import Binder, MemberOf, Target
from playout.model.findings import listed
from playout.model.scenario import Belief

Entry = tuple[str, int]
Pair = tuple[Entry, Entry, float]


def check_together(bench: Workbench, changes: Sequence[Change]) -> tuple[Pair, ...]:
    """The pairs of (belief, flat position) with their rank correlation; pairs with a known number drop out.

    ``changes`` are those of all policies and views: what they give a new law stays correlated.
    """
    opened = {change.name for change in changes if change.law is not None and not change.law.is_point}
    pairs: list[tuple[Pair, Span]] = []
    seen: dict[frozenset[Entry], Span] = {}
    sound = True
    for correlation in bench.scenario.together:
        first, second = (_entry(bench, target) for target in (correlation.first, correlation.second))
        if first is None or second is None:
            sound = False
            continue
        both = frozenset((first, second))
        if first == second:
            message = f"`{_label(bench, first)}` is correlated with itself"
            if bench.scenario.beliefs[first[0]].shared:
                message = f"the members of `{first[0]}` share one draw, so they cannot be correlated"
            bench.findings.error(correlation.span, "correlation", message)
            sound = False
        elif not -1.0 < correlation.rho < 1.0:
            message = f"a correlation lies between -1 and 1 and reaches neither; this is {correlation.rho:g}"
            hint = "two beliefs that always move together are one belief: use it in both places"
            bench.findings.error(correlation.span, "correlation", message, hint)
            sound = False
        elif both in seen:
            message = f"`{_label(bench, first)}` and `{_label(bench, second)}` are correlated twice"
            related = [(seen[both], "the first pair stands here")]
            bench.findings.error(correlation.span, "correlation", message, None, related)
            sound = False
        seen.setdefault(both, correlation.span)
        if not any(_is_known(bench, entry) and entry[0] not in opened for entry in (first, second)):
            pairs.append(((first, second, correlation.rho), correlation.span))
    if sound and pairs:
        _check_definite(bench, pairs)
    found = tuple(pair for pair, _ in pairs)
    _check_new_laws(bench, found, changes)
    return found


def _is_known(bench: Workbench, entry: Entry) -> bool:
    law = bench.distributions.get(entry)
    return law is not None and law.is_point


def _check_new_laws(bench: Workbench, pairs: Sequence[Pair], changes: Sequence[Change]) -> None:
    """A belief that is correlated stays one that can be, whatever law a policy or view gives it."""
    tied = {entry for first, second, _ in pairs for entry in (first, second)}
    for change in changes:
        if change.law is None or change.law.correlates or change.law.is_point:
            continue
        sizes = [len(bench.scenario.sets[name].members) for name in bench.scenario.beliefs[change.name].sets]
        for flat, where in enumerate(itertools.product(*(range(size) for size in sizes))):
            meant = all(m in (-1, w) for m, w in zip(change.members or (), where, strict=False))
            if meant and (change.name, flat) in tied:
                message = (
                    f"`{_label(bench, (change.name, flat))}` is correlated, and {change.law.describe()} has no order "
                    f"that a rank correlation could speak of"
                )
                bench.findings.error(change.span, "correlation", message, "write an interval or another continuous law")
                break


def _entry(bench: Workbench, target: Target) -> Entry | None:
    belief = bench.scenario.beliefs.get(target.name)
    if belief is None:
        entry = bench.names.entries.get(target.name)
        message = f"there is no belief `{target.name}`"
        if entry is not None:
            message = f"`{target.name}` is {entry.described}, not a belief"
        hint = did_you_mean(target.name, bench.scenario.beliefs)
        bench.findings.error(target.span, "unknown-name", message, hint)
        return None
    if belief.each == "step":
        message = f"`{belief.name}` is drawn anew in every step, and correlations tie what is drawn once a future"
        bench.findings.error(target.span, "correlation", message)
        return None
    position = _position(bench, target, belief)
    if position is None:
        return None
    law = bench.distributions.get((belief.name, position))
    if law is not None and not law.is_point and not law.correlates:
        message = f"`{belief.name}` is {law.describe()}, which has no order that a rank correlation could speak of"
        bench.findings.error(target.span, "correlation", message, "correlate a continuous belief that it depends on")
        return None
    return None if law is None else (belief.name, position)


def _position(bench: Workbench, target: Target, belief: Belief) -> int | None:
    """The flat position of the member a target names."""
    if belief.shared and not target.indices:
        return 0
    if len(target.indices) != len(belief.sets):
        over = listed(belief.sets) if belief.sets else ""
        message = f"`{belief.name}` " + (f"is indexed by {over}: this does not say which" if over else "has no indexes")
        example = ", ".join(bench.scenario.sets[name].labels[0] for name in belief.sets)
        hint = f'write `"{belief.name}[{example}]"`' if over else f"write `{belief.name}`"
        bench.findings.error(target.span, "index", message, hint)
        return None
    flat = 0
    for index, set_name in zip(target.indices, belief.sets, strict=True):
        if isinstance(index, Binder):
            bench.findings.error(
                index.span, "index", "a correlation names one member", f"write a member of `{set_name}`"
            )
            return None
        typed = bench.resolver.member(index, {}, set_name, f"the index of `{belief.name}`")
        if typed is None:
            return None
        if not isinstance(typed, MemberOf) or typed.position < 0:
            bench.findings.error(
                index.span, "index", "a correlation names one member", f"write a member of `{set_name}`"
            )
            return None
        flat = flat * len(bench.scenario.sets[set_name].members) + typed.position
    return 0 if belief.shared else flat  # members that share a draw are one


def _check_definite(bench: Workbench, pairs: list[tuple[Pair, Span]]) -> None:
    """All correlations together must be possible."""
    entries = list(dict.fromkeys(entry for (first, second, _), _ in pairs for entry in (first, second)))
    matrix = np.eye(len(entries))
    for (first, second, rho), _ in pairs:
        i, j = entries.index(first), entries.index(second)
        matrix[i, j] = matrix[j, i] = rho
    labels = [_label(bench, entry) for entry in entries]
    try:
        copula_factor(labels, matrix)
    except CorrelationError as problem:
        places = {frozenset((_label(bench, a), _label(bench, b))): span for (a, b, _), span in pairs}
        spans = [places[frozenset(pair)] for pair in problem.pairs if frozenset(pair) in places]
        related = [(span, "this pair is one of them") for span in spans[1:]]
        hint = _hint_of_unlisted(
            problem.pairs, {frozenset((_label(bench, a), _label(bench, b))) for (a, b, _), _ in pairs}
        )
        bench.findings.error(spans[0] if spans else pairs[0][1], "correlation", str(problem), hint, related)


def _hint_of_unlisted(at_fault: Sequence[tuple[str, str]], written: Collection[frozenset[str]]) -> str | None:
    """Which pairs among the beliefs at fault nobody has written, and so count as 0."""
    names = list(dict.fromkeys(name for pair in at_fault for name in pair))
    unlisted = [pair for pair in itertools.combinations(names, 2) if frozenset(pair) not in written]
    if not unlisted:
        return None
    shown = ", ".join(f"`{a}` with `{b}`" for a, b in unlisted[:3])
    more = f" and {len(unlisted) - 3} more" if len(unlisted) > 3 else ""
    a, b = unlisted[0]
    line = ", ".join(f'"{name}"' if "[" in name else name for name in (a, b))
    return f"a pair that is not listed counts as 0, here {shown}{more}; list it as well: `- [{line}, 0.6]`"


def _label(bench: Workbench, entry: Entry) -> str:
    name, flat = entry
    belief = bench.scenario.beliefs[name]
    if not belief.sets:
        return name
    labels = itertools.product(*(bench.scenario.sets[s].labels for s in belief.sets))
    return f"{name}[{', '.join(next(itertools.islice(labels, flat, None)))}]"
