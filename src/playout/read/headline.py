"""The first screen and groups of beliefs, as written."""

from __future__ import annotations

import math

from playout.model.headline import BaseRate, Claim, Group, Headline, HeldOut, Named
from playout.model.parse import Fault
from playout.read.fields import Context, Fields
from playout.read.files import Unreadable, inside, read_text_file
from playout.read.nodes import Entry, Mapping, Scalar, SourceText
from playout.read.yaml import parse_yaml

_MOST = 1_000_000_000
"""Cases that a base rate counts at most."""
_MAX_BYTES = 1_000_000


def decode_group(context: Context, entry: Entry) -> Group:
    """``{title:, about:, beliefs: [names], views: true}``, or the list of names alone."""
    name = context.name(entry.key, "a group")
    with Fields(context, entry.key, entry.value, f"the group `{name}`", "beliefs") as fields:
        fields.need("beliefs", "[pace, strength]")
        title, about = fields.title(name), fields.text("about")
        return Group(entry.key.span, name, title, fields.names("beliefs"), fields.flag("views"), about)


def decode_headline(context: Context, entry: Entry) -> Headline:
    """``{question:, given:, short:, measures:, group:, base_rates:, claims:}``."""
    with Fields(context, entry.key, entry.value, "`headline`") as fields:
        return Headline(
            span=entry.key.span,
            question=_one(fields, "question"),
            given=_one(fields, "given"),
            short=fields.text("short"),
            measures=fields.names("measures"),
            group=_one(fields, "group"),
            base_rates=tuple(
                _base_rate(context, one) for one in fields.mapping("base_rates", "write `name: {happened: 3, of: 44}`")
            ),
            claims=tuple(_claims(context, fields)),
            held_out=_held_out(context, fields),
        )


def _one(fields: Fields, key: str) -> Named | None:
    """The name under a key, and its place."""
    names = fields.names(key)
    if len(names) > 1:
        message = f"`{key}` of {fields.what} is one name"
        fields.context.error(names[1][1], "wrong-kind", message, f"write `{key}: {names[0][0]}`")
    return names[0] if names else None


def _base_rate(context: Context, entry: Entry) -> BaseRate:
    name = context.name(entry.key, "a base rate")
    with Fields(context, entry.key, entry.value, f"the base rate `{name}`") as fields:
        fields.need("happened", "3")
        fields.need("of", "44")
        cases = fields.whole("of", 1, _MOST, _MOST)
        return BaseRate(
            span=entry.key.span,
            name=name,
            title=fields.title(name),
            happened=fields.whole("happened", 0, cases, 0),
            cases=cases,
            because=fields.names("because"),
            moved=_one(fields, "with_evidence"),
        )


def _held_out(context: Context, fields: Fields) -> HeldOut | None:
    """``held_out: FILE``: a YAML file of the scenario's folder whose `held_out` says how a forecast did."""
    entry = fields.take("held_out")
    if entry is None:
        return None
    if not isinstance(entry.value, Scalar) or entry.value.empty:
        context.error(entry.value.span, "wrong-kind", "`held_out` names a file", "write `held_out: calibration.yaml`")
        return None
    record = _record(context, entry.value)
    if record is None:
        return None
    found = Fields(context, record.key, record.value, f"`held_out` of {entry.value.text}")
    score, naive = _number(found, "crps"), _number(found, "crps_naive")
    if score is None or naive is None or naive <= 0.0:
        message = f"`held_out` of {entry.value.text} gives no `crps` and `crps_naive` above 0"
        context.error(entry.value.span, "held-out", message, "say how the forecast and a naive one did")
        return None
    return HeldOut(
        what=found.words("what"),
        fitted_to=found.words("fitted_to"),
        score=found.words("score"),
        reached=score,
        naive=naive,
        naive_forecaster=found.words("naive"),
        coverage_90=_number(found, "coverage_90"),
    )


def _number(fields: Fields, key: str) -> float | None:
    value = fields.number(key)
    return None if value is None or math.isnan(value) else value


def _record(context: Context, node: Scalar) -> Entry | None:
    """The entry `held_out` of the file that is named; None, with a diagnostic, where there is none."""
    folder, base = context.folder, node.source.folder
    path = inside(folder, base, node.text) if folder is not None and base is not None else None
    if path is None:
        message = f"`{node.text}` does not lie in the scenario's folder"
        context.error(node.span, "held-out", message, "put the file into that folder")
        return None
    try:
        source = SourceText(node.text, read_text_file(path, _MAX_BYTES, "a record of how a forecast did"), path.parent)
        tree = parse_yaml(source, context.report)
    except Unreadable as problem:
        context.error(node.span, "held-out", f"`{node.text}` {problem.sentence}", problem.hint)
        return None
    except Fault as fault:
        context.report.append(fault.diagnostic)
        return None
    entry = tree.get("held_out") if isinstance(tree, Mapping) else None
    if entry is None:
        context.error(node.span, "held-out", f"`{node.text}` has no `held_out`")
    return entry


def _claims(context: Context, fields: Fields) -> list[Claim]:
    """``claims: {evidence: result}``, or several results in a list."""
    found = []
    for entry in fields.mapping("claims", "write `claims: {evidence: result}`"):
        what = f"the claim `{entry.key.text}`"
        for scalar in context.scalars_of(entry.value, what, "the name of a result"):
            found.append(Claim((entry.key.text, entry.key.span), (scalar.text, scalar.span)))
    return found
