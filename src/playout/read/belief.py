"""Beliefs, one or one a member, and the pairs that `together` correlates."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import Literal, cast

from playout.errors import did_you_mean
from playout.model.expression import LawText, Number, Target
from playout.model.parse import Fault, parse_heading, parse_target
from playout.model.scenario import Belief, BeliefEntry, Correlation, Set, Support
from playout.model.units import PLAIN, Unit
from playout.read.fields import Context, Fields, readable_title
from playout.read.nodes import Entry, Mapping, Node, Scalar, Sequence
from playout.read.table import listed, sets_of

_COMMON = ("title", "about", "unit", "within", "each", "shared", "because", "assumed")
"""What an indexed belief may say once for all its members."""


@dataclass(frozen=True, slots=True)
class _Spec:
    """One specification, before it is known which unit the belief as a whole is in."""

    entry: BeliefEntry
    unit: Unit | None


def decode_belief(context: Context, entry: Entry) -> Belief | None:
    """``{is: …, unit: …}``, short ``0.2 to 0.5``, or one such a member with `otherwise` for the rest."""
    try:
        name, binders = parse_heading(entry.key.text, entry.key.place)
    except Fault as fault:
        context.report.append(fault.diagnostic)
        return None
    what = f"the belief `{name}`"
    context.define("equation", name, what, entry.key.span)
    sets = sets_of(context, [(binder.set, binder.span) for binder in binders])
    if sets is None or not all(s.members for s in sets):
        return None  # reported where the set is defined
    node = entry.value
    by_member = bool(sets) and isinstance(node, Mapping) and node.get("is") is None
    if by_member and isinstance(node, Mapping):
        common = Mapping(node.span, tuple(e for e in node.entries if e.key.text in _COMMON))
        members = Mapping(node.span, tuple(e for e in node.entries if e.key.text not in _COMMON))
        with Fields(context, entry.key, common, what) as fields:
            reader = _ByMember(context, what, sets, _spec(fields, None, stated=False))
            reader.read(entry.key, members, [()])
            if fields.flag("shared"):
                message = f"{what} is shared, yet says something of each member"
                context.error(entry.key.span, "wrong-kind", message, "give it one `is`, or leave out `shared`")
            return _belief(context, name, sets, reader.specs, fields)
    with Fields(context, entry.key, node, what, "is") as fields:
        return _belief(context, name, sets, [_spec(fields, None)], fields)


def _spec(fields: Fields, members: tuple[str, ...] | None, *, stated: bool = True) -> _Spec:
    """The keys of one specification. Not ``stated``: what is said once for all members, so without `is`."""
    nothing = LawText(fields.span, "point", (Number(fields.span, math.nan),))
    law = fields.law("is", "0.2 to 0.5") if stated else nothing
    bounds, support = fields.bounds("within"), fields.support()
    return _Spec(BeliefEntry(fields.span, members, law, bounds, support), fields.unit() or _unit_within(law))


def _unit_within(law: LawText) -> Unit | None:
    """The unit written in a distribution, for a belief that states none of its own: `3 to 12 months`."""
    if law.unit is not None:
        return law.unit
    numbers = [*law.parameters, *(thing for _, thing in law.weighted)]
    found = (_unit_within(n) if isinstance(n, LawText) else n.unit for n in numbers if isinstance(n, (LawText, Number)))
    return next((one for one in found if one is not None), None)


def _belief(context: Context, name: str, sets: list[Set], specs: list[_Spec], fields: Fields) -> Belief:
    units = [(spec.unit, spec.entry.span) for spec in specs if spec.unit is not None]
    unit, first = units[0] if units else (PLAIN, fields.span)
    for other, span in units[1:]:
        if (other.factor, other.dimension, other.is_probability) != (unit.factor, unit.dimension, unit.is_probability):
            message = f"{fields.what} is in `{unit.text}` and in `{other.text}`"
            hint = f"write one unit for all members; beside them: `unit: {unit.text}`"
            context.error(span, "two-units", message, hint, ((first, "the other one stands here"),))
            break
    entries = tuple(replace(spec.entry, is_probability=unit.is_probability) for spec in specs)
    each = cast(Literal["future", "step"], fields.choice("each", ("future", "step")) or "future")
    title, about, shared = fields.text("title") or readable_title(name), fields.text("about"), fields.flag("shared")
    return Belief(fields.span, name, tuple(s.name for s in sets), unit, entries, each, shared, title, about)


class _ByMember:
    """Reads specifications by member, level by level of the belief's sets."""

    def __init__(self, context: Context, what: str, sets: list[Set], common: _Spec) -> None:
        self.context = context
        self.what = what
        self.sets = sets
        self.common = common
        self.specs: list[_Spec] = []

    def read(self, key: Scalar, node: Node, prefixes: list[tuple[str, ...]]) -> None:
        """Takes what is said of the members whose labels begin with one of ``prefixes``."""
        level = len(prefixes[0])
        is_spec = not isinstance(node, Mapping) or node.get("is") is not None
        if level == len(self.sets) or (is_spec and level):
            rest = [s.labels for s in self.sets[level:]]
            self._take(key, node, [(*prefix, *labels) for prefix in prefixes for labels in itertools.product(*rest)])
            return
        assert isinstance(node, Mapping)
        one = self.sets[level]
        missing = [label for label in one.labels if node.get(label) is None]
        for entry in node.entries:
            label = entry.key.text
            if label in one.labels:
                self.read(entry.key, entry.value, [(*prefix, label) for prefix in prefixes])
            elif label == "otherwise":
                self._otherwise(entry, [(*prefix, other) for prefix in prefixes for other in missing])
            else:
                hint = did_you_mean(label, [*one.labels, *_COMMON]) or listed("its members: ", one.labels)
                message = f"the set `{one.name}` has no member `{label}`"
                self.context.error(entry.key.span, "unknown-member", message, hint)
        if missing and node.get("otherwise") is None:
            message = listed(f"{self.what} says nothing of ", [f"`{label}`" for label in missing])
            hint = "add it, or `otherwise:` for all members that are not listed"
            self.context.error(key.span, "missing-member", message, hint)

    def _otherwise(self, entry: Entry, prefixes: list[tuple[str, ...]]) -> None:
        is_spec = not isinstance(entry.value, Mapping) or entry.value.get("is") is not None
        if len(prefixes) > 0 and len(prefixes[0]) == 1 and (is_spec or len(self.sets) == 1):
            self._take(entry.key, entry.value, None)
        elif prefixes:
            self.read(entry.key, entry.value, prefixes)

    def _take(self, key: Scalar, node: Node, members: list[tuple[str, ...]] | None) -> None:
        shown = f"{self.what}, `{key.text}`,"
        with Fields(self.context, key, node, shown, "is") as fields:
            fields.text("about")
            spec = _spec(fields, None)
        common = self.common
        within = spec.entry.within or common.entry.within
        support = spec.entry.support if spec.entry.support != Support() else common.entry.support
        entry = replace(spec.entry, within=within, support=support)
        unit = spec.unit or common.unit
        everyone: list[tuple[str, ...] | None] = [None] if members is None else [*members]
        self.specs += [_Spec(replace(entry, members=labels), unit) for labels in everyone]


def decode_correlations(context: Context, node: Node) -> tuple[Correlation, ...]:
    """``together: [[a, "b[navy]", 0.6]]``."""
    shape = "write `- [first_belief, second_belief, 0.6]`"
    if isinstance(node, Scalar) and node.empty:
        return ()
    if not isinstance(node, Sequence):
        context.error(node.span, "wrong-kind", "`together` lists pairs of beliefs with their correlation", shape)
        return ()
    found = []
    for item in node.items:
        parts = item.items if isinstance(item, Sequence) else ()
        if len(parts) != 3 or not all(isinstance(part, Scalar) for part in parts):
            context.error(item.span, "wrong-kind", "a correlation is two beliefs and a number", shape)
            continue
        first, second = (_target(context, part) for part in parts[:2])
        rho = context.number(parts[2], "a correlation")
        if abs(rho) > 1:
            context.error(parts[2].span, "wrong-kind", f"a correlation lies between -1 and 1, and {rho:g} does not")
        if first and second:
            found.append(Correlation(item.span, first, second, rho))
    return tuple(found)


def _target(context: Context, node: Node) -> Target | None:
    return context.parsed(parse_target, node) if isinstance(node, Scalar) else None
