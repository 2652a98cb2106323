"""Probabilities that policies and views change: in what share of futures they would leave 0 to 1.

A change is `*=`, `+=` or `=` by a known number, so that what stands at a step is factor × value + summand. It lies
between 0 and 1 where the value lies in an interval, and a law says how likely that is.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from playout.model.checked import SLACK, Change, new_law, spread_of
from playout.model.checks.quantities import entries_of
from playout.model.checks.workbench import Workbench
from playout.model.distribution import Distribution, Point, widened_uniform
from playout.model.expression import Constant
from playout.model.law import Quantity
from playout.model.scenario import Belief, Table

LEAST_SHARE = 1e-7
"""What happens in a smaller share of futures is not likely to happen once in the largest run."""

Changes = Sequence[Change]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Steps in a row in which the value stands multiplied by ``factor`` with ``summand`` added."""

    steps: int
    factor: float
    summand: float

    def inside(self) -> tuple[float, float]:
        """The ends of the interval of values that come out between 0 and 1; the low end above the high if none do."""
        low, high = -SLACK, 1.0 + SLACK
        if self.factor == 0.0:
            return (-math.inf, math.inf) if low <= self.summand <= high else (math.inf, -math.inf)
        ends = ((low - self.summand) / self.factor, (high - self.summand) / self.factor)
        return min(ends), max(ends)


@dataclass(frozen=True, slots=True)
class _Outside:
    """How likely a changed probability is to leave 0 to 1, and where nine in ten of its values lie where it does so
    most. view: the one under which that is, None where there is none or all are alike."""

    share: float
    low: float
    high: float
    view: str | None


_NEVER = _Outside(0.0, 0.0, 0.0, None)


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of a table or belief: its place, its name with labels, and its law as written (of a table a point).
    drawn_once: whether a future keeps its value."""

    position: tuple[int, ...]
    label: str
    law: Distribution
    drawn_once: bool


def check_probabilities(
    bench: Workbench, policies: Mapping[str, Changes], views: Mapping[str, Changes], steps: int
) -> None:
    """An error where a policy or view carries a probability out of 0 to 1 in all futures, a warning where in some.

    A policy acts on top of the views, each by its credence; it is named where more leave than by the views alone.
    """
    scenario = bench.scenario
    if bench.findings.errors:
        return  # laws or changes may be missing
    things: list[Table | Belief] = [*scenario.tables.values(), *scenario.beliefs.values()]
    for thing in things:
        if not thing.unit.is_probability or not any(_moves(c, thing) for c in _all(policies, views)):
            continue
        members = list(_members(bench, thing))
        for name, changes in views.items():
            if moving := [c for c in changes if _moves(c, thing)]:
                found = [_outside(bench, m, {name: changes}, [1.0], (), steps) for m in members]
                _report(bench, thing, members, found, moving, f"the view `{name}`")
        worlds: dict[str | None, Changes] = dict(views.items()) if views else {None: ()}
        credences = [scenario.views[name].credence or 0.0 for name in views] or [1.0]
        for name, changes in policies.items():
            if moving := [c for c in changes if _moves(c, thing)]:
                found = [_outside(bench, m, worlds, credences, changes, steps) for m in members]
                alone = [_outside(bench, m, worlds, credences, (), steps) for m in members]
                found = [f if f.share > a.share else _NEVER for f, a in zip(found, alone, strict=True)]
                _report(bench, thing, members, found, moving, f"the policy `{name}`")


def _all(policies: Mapping[str, Changes], views: Mapping[str, Changes]) -> Iterator[Change]:
    return itertools.chain(*policies.values(), *views.values())


def _moves(change: Change, thing: Table | Belief) -> bool:
    """Whether a change moves a value, where `=` would put another in its place."""
    return change.name == thing.name and change.operator in ("*=", "+=")


def _members(bench: Workbench, thing: Table | Belief) -> Iterator[_Member]:
    """The living members at the start and the spare ones, which may come alive."""
    sets = [bench.scenario.sets[name].labels for name in thing.sets]
    places = itertools.product(*(range(len(labels)) for labels in sets))
    entries = entries_of(bench, thing) if isinstance(thing, Belief) else []
    for flat, position in enumerate(places):
        labels = [names[i] for names, i in zip(sets, position, strict=True)]
        label = f"{thing.name}[{', '.join(labels)}]" if labels else thing.name
        if isinstance(thing, Table):
            yield _Member(position, label, Point(thing.values[flat] * thing.unit.factor), True)
        elif thing.each == "future":
            yield _Member(position, label, bench.distributions[thing.name, flat], True)
        else:
            entry = entries[flat]
            assert entry is not None
            law = bench.read.distribution(entry.law, Quantity.of(thing.unit), entry.within, entry.span)
            assert law is not None
            yield _Member(position, label, law, False)


# --- how likely -------------------------------------------------------------------------------------------------------


def _outside(
    bench: Workbench,
    member: _Member,
    worlds: Mapping[str | None, Changes],
    weights: Sequence[float],
    policy: Changes,
    steps: int,
) -> _Outside:
    """Over the worlds, each by its weight."""
    found = [_in_world(bench, member, view, changes, policy, steps) for view, changes in worlds.items()]
    share = math.fsum(weight * one.share for weight, one in zip(weights, found, strict=True))
    worst = max(found, key=lambda one: one.share)
    alike = all(math.isclose(one.share, worst.share) for one in found)
    return dataclasses.replace(worst, share=share, view=None if alike else worst.view)


def _in_world(
    bench: Workbench, member: _Member, view: str | None, changes: Changes, policy: Changes, steps: int
) -> _Outside:
    name = member.label.partition("[")[0]
    own = new_law(policy, name, member.position)
    law = own or new_law(changes, name, member.position) or member.law
    spread = spread_of(changes) if member.drawn_once else 1.0
    edits = [] if own is not None else [c for c in changes if c.name == name]
    edits += [c for c in policy if c.name == name]
    edits = [c for c in edits if c.value is not None and c.covers(member.position)]
    stretches = list(_stretches(edits, float(bench.scenario.step_days), steps))
    ends = [stretch.inside() for stretch in stretches]
    out = [_beyond(law, spread, low, high) for low, high in ends]
    if member.drawn_once:  # it has one value, and stays inside where it does at every step
        share = _beyond(law, spread, max(low for low, _ in ends), min(high for _, high in ends))
    else:
        stays = sum(s.steps * math.log1p(-min(p, 1.0 - 1e-16)) for s, p in zip(stretches, out, strict=True))
        share = -math.expm1(stays)
    worst = stretches[int(np.argmax(out))]
    middle = law.quantile(widened_uniform(np.array([0.05, 0.95]), np.float64(spread)))
    low, high = sorted(worst.factor * float(x) + worst.summand for x in middle)
    return _Outside(share, low, high, view)


def _stretches(edits: Changes, days: float, steps: int) -> Iterator[_Stretch]:
    """The run cut where a change begins or ends; at its last state nothing is checked any more."""
    cuts = {0, steps}
    for change in edits:
        cuts |= {math.ceil(day / days) for day in (change.start, change.until) if day is not None}
    for first, after in itertools.pairwise(sorted(cut for cut in cuts if 0 <= cut <= steps)):
        factor, summand = 1.0, 0.0
        for change in edits:
            if change.holds(first * days):
                assert isinstance(change.value, Constant)
                amount = change.value.value
                match change.operator:
                    case "*=":
                        factor, summand = factor * amount, summand * amount
                    case "+=":
                        summand += amount
                    case _:
                        factor, summand = 0.0, amount
        yield _Stretch(after - first, factor, summand)


def _beyond(law: Distribution, spread: float, low: float, high: float) -> float:
    """P(X < low or X > high), where normal scores are multiplied by ``spread``."""
    if low > high:
        return 1.0
    below = 0.0 if low == -math.inf else float(law.cdf(math.nextafter(low, -math.inf)))
    above = 0.0 if high == math.inf else float(law.survival(high))
    tails = special.ndtr(special.ndtri(np.array([below, above])) / spread)
    return min(1.0, float(tails.sum()))


# --- what is said -----------------------------------------------------------------------------------------------------


def _report(
    bench: Workbench,
    thing: Table | Belief,
    members: Sequence[_Member],
    found: Sequence[_Outside],
    moving: Changes,
    changer: str,
) -> None:
    """The member that leaves most, at the change that moves it."""
    number = max(range(len(found)), key=lambda n: found[n].share)
    outside, member = found[number], members[number]
    if outside.share < LEAST_SHARE:
        return
    change = next(c for c in moving if c.covers(member.position))
    smaller = "factor" if change.operator == "*=" else "number"
    hint = f"take a smaller {smaller}, or write what it becomes: `{thing.name} = …`"
    where = f"; most under the view `{outside.view}`" if outside.view is not None else ""
    between = f"nine times in ten it would be {outside.low:.3g} to {outside.high:.3g}"
    if math.isclose(outside.low, outside.high):
        between = f"it would be {outside.low:.3g}"
    if outside.share > 1.0 - LEAST_SHARE:
        message = f"`{member.label}` is a probability, and {changer} carries it out of 0 to 1: {between}"
        bench.findings.error(change.span, "probability", message, hint)
        return
    some = f"{100 * outside.share:.2g}%" if outside.share < 0.99 else f"all but {100 * (1 - outside.share):.1g}%"
    message = (
        f"`{member.label}` is a probability, and {changer} carries it out of 0 to 1 in {some} of its futures, which "
        f"then stop{where}: {between}"
    )
    bench.findings.warn(change.span, "probability", message, hint)
