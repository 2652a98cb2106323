"""The first screen and groups of beliefs, as written."""

from __future__ import annotations

from playout.model.headline import BaseRate, Claim, Group, Headline, Named
from playout.read.fields import Context, Fields
from playout.read.nodes import Entry

_MOST = 1_000_000_000
"""Cases that a base rate counts at most."""


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


def _claims(context: Context, fields: Fields) -> list[Claim]:
    """``claims: {evidence: result}``, or several results in a list."""
    found = []
    for entry in fields.mapping("claims", "write `claims: {evidence: result}`"):
        what = f"the claim `{entry.key.text}`"
        for scalar in context.scalars_of(entry.value, what, "the name of a result"):
            found.append(Claim((entry.key.text, entry.key.span), (scalar.text, scalar.span)))
    return found
