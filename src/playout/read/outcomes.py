"""What a scenario reports, asks and watches, its variants, and the record it rests on."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Literal, cast

from playout.errors import Span
from playout.model.expression import Binder, Expression, Name, Subscript
from playout.model.parse import parse_assignment, parse_expression
from playout.model.scenario import (
    Actor,
    Assignment,
    Evidence,
    Indicator,
    Measure,
    Observation,
    Question,
    Source,
    System,
    Tie,
    Variant,
)
from playout.read.dynamics import heading
from playout.read.fields import Context, Fields
from playout.read.nodes import Entry, Scalar

_RECORD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def decode_actor(context: Context, entry: Entry) -> Actor:
    """``{title:, about:}``, or the title alone."""
    name = context.name(entry.key, "an actor")
    with Fields(context, entry.key, entry.value, f"the actor `{name}`", "title") as fields:
        return Actor(entry.key.span, name, fields.title(name), fields.text("about"))


def decode_system(context: Context, entry: Entry) -> System:
    """``{title:, about:, holds: [names]}``, or the names alone."""
    name = context.name(entry.key, "a system")
    with Fields(context, entry.key, entry.value, f"the system `{name}`", "holds") as fields:
        fields.need("holds", "[members, pressure]")
        return System(entry.key.span, name, fields.title(name), fields.names("holds"), fields.text("about"))


def decode_tie(context: Context, entry: Entry) -> Tie:
    """``{title:, between: [end, end], strength: a table, above:, about:}``."""
    name = context.name(entry.key, "a tie")
    what = f"the tie `{name}`"
    with Fields(context, entry.key, entry.value, what) as fields:
        fields.need("between", "[us_military, service]")
        fields.need("strength", "trust_2025")
        ends, strength = fields.names("between"), fields.names("strength")
        if ends and len(ends) != 2:
            context.error(ends[0][1], "wrong-kind", f"{what} has two ends, not {len(ends)}")
        if len(strength) > 1:
            context.error(strength[1][1], "wrong-kind", f"{what} has its strength from one table, not {len(strength)}")
        above = fields.number("above")
        about = fields.text("about")
        return Tie(entry.key.span, name, fields.title(name), ends, strength, 0.0 if above is None else above, about)


# --- measures, questions, indicators ----------------------------------------------------------------------------------


def decode_measure(context: Context, entry: Entry) -> Measure | None:
    """``{of:, per:, unit:, people:}``; without `of` the thing of the measure's name."""
    if (head := heading(context, entry, "the measure", "measure")) is None:
        return None
    name, binders = head
    with Fields(context, entry.key, entry.value, f"the measure `{name}`", "of") as fields:
        of = fields.optional_expression("of") or _same_name(entry.key.span, name, binders)
        per = cast(Literal["year", "month"] | None, fields.choice("per", ("year", "month")))
        unit, title, about = fields.unit(), fields.title(name), fields.text("about")
        return Measure(entry.key.span, name, binders, of, per, unit, title, about, fields.flag("people"))


def _same_name(span: Span, name: str, binders: tuple[Binder, ...]) -> Expression:
    base = Name(span, name)
    return Subscript(span, base, tuple(Name(b.span, b.variable) for b in binders)) if binders else base


def decode_question(context: Context, entry: Entry) -> Question:
    """``{ask:, by:, that:, given:, source:}``."""
    name = context.name(entry.key, "a question")
    with Fields(context, entry.key, entry.value, f"the question `{name}`") as fields:
        by, by_span = fields.date("by")
        return Question(
            entry.key.span,
            name,
            fields.text("ask", "Is there an agreement by the end of 2026?"),
            by,
            by_span,
            fields.expression("that", "reached(campaign.talking)"),
            fields.optional_expression("given"),
            fields.text("source"),
            fields.support(),
        )


def decode_indicator(context: Context, entry: Entry) -> Indicator:
    """``{what:, per:, chance: {stage: p, otherwise: p}}``, or `observes` with `noise`."""
    name = context.name(entry.key, "an indicator")
    what = f"the indicator `{name}`"
    with Fields(context, entry.key, entry.value, what) as fields:
        if fields.has("chance") == fields.has("observes") and not fields.broken:
            given = "both `chance` and `observes`" if fields.has("chance") else "neither `chance` nor `observes`"
            hint = "give the chance by stage in `chance`, or name a measure in `observes`"
            context.error(entry.key.span, "missing-key", f"{what} has {given}", hint)
        chances = []
        for one in fields.mapping("chance", "write `chance: {campaign.talking: 0.35, otherwise: 0.05}`"):
            stage = None if one.key.text == "otherwise" else context.parsed(parse_expression, one.key)
            with Fields(context, one.key, one.value, f"the chance at `{one.key.text}`", "is") as chance:
                chances.append((stage, chance.expression("is", "0.2")))
        fields.need("per", "month")
        per = cast(Literal["week", "month", "year"], fields.choice("per", ("week", "month", "year")) or "month")
        observes, noise = fields.optional_expression("observes"), fields.text("noise") or None
        said, title = fields.text("what"), fields.title(name)
        return Indicator(entry.key.span, name, said, per, tuple(chances), observes, noise, title)


def decode_observation(context: Context, entry: Entry) -> Observation:
    """``{of:, date:, seen:}``, or `value` where the indicator observes a measure."""
    name = context.name(entry.key, "an observation")
    what = f"the observation `{name}`"
    with Fields(context, entry.key, entry.value, what) as fields:
        if fields.has("seen") == fields.has("value") and not fields.broken:
            given = "both `seen` and `value`" if fields.has("seen") else "neither `seen` nor `value`"
            hint = "write `seen: true` or `seen: false`, or the number observed in `value`"
            context.error(entry.key.span, "missing-key", f"{what} has {given}", hint)
        of = fields.need("of", "the name of an indicator")
        indicator = fields.text("of")
        date, _ = fields.date("date")
        seen = fields.flag("seen") if fields.has("seen") else None
        value = fields.number("value")
        span = entry.key.span if of is None else of.value.span
        return Observation(entry.key.span, name, indicator, span, date, seen, value, fields.support())


# --- policies and views -----------------------------------------------------------------------------------------------


def decode_policy(context: Context, entry: Entry) -> Variant:
    """A list of changes, or ``{is: [changes], title:, about:, switch:}``."""
    name = context.name(entry.key, "a policy")
    with Fields(context, entry.key, entry.value, f"the policy `{name}`", "is") as fields:
        return replace(_variant(context, fields, name, None), switch=fields.flag("switch"))


def decode_view(context: Context, entry: Entry) -> Variant:
    """``{credence:, is: [changes], title:, about:}``."""
    name = context.name(entry.key, "a view")
    with Fields(context, entry.key, entry.value, f"the view `{name}`", "is") as fields:
        fields.need("credence", "0.5")
        credence = fields.number("credence")
        if credence is not None and not math.isnan(credence) and not 0 <= credence <= 1:
            place = fields.entries["credence"].value.span
            context.error(place, "wrong-kind", f"a credence lies between 0 and 1, and {credence:g} does not")
        return _variant(context, fields, name, 0.0 if credence is None else credence)


def _variant(context: Context, fields: Fields, name: str, credence: float | None) -> Variant:
    lines = fields.scalars("is", "a change")
    changes: tuple[Assignment, ...] = tuple(
        change for line in lines if (change := context.parsed(parse_assignment, line)) is not None
    )
    title, about, support = fields.title(name), fields.text("about"), fields.support()
    return Variant(fields.span, name, title, changes, credence, about, support)


# --- sources and evidence ---------------------------------------------------------------------------------------------


def _record_name(context: Context, key: Scalar, what: str) -> str:
    if not _RECORD_NAME.fullmatch(key.text):
        message = f"`{key.text}` cannot name {what}: such names have letters, digits, - and _"
        context.error(key.span, "bad-name", message)
    return key.text


def decode_source(context: Context, entry: Entry) -> Source:
    """``{author: or publisher:, title:, date: or year:, address:}``."""
    name = _record_name(context, entry.key, "a source")
    with Fields(context, entry.key, entry.value, f"the source `{name}`") as fields:
        author = fields.text("author") or fields.text("publisher")
        fields.text("publisher")
        date = fields.words("date") or fields.words("year")
        fields.words("year")
        return Source(
            entry.key.span, name, author, fields.text("title", "What it is called"), date, fields.text("address")
        )


def decode_evidence(context: Context, entry: Entry) -> Evidence:
    """``{date:, claim:, kind:, source:, reliability:, credibility:, status:, hedge:, supports:, contradicts:}``."""
    name = _record_name(context, entry.key, "a piece of evidence")
    with Fields(context, entry.key, entry.value, f"the evidence `{name}`") as fields:
        fields.need("kind", "fact")
        fields.need("source", "ministry_statement")
        kind = fields.choice("kind", ("fact", "judgement", "forecast")) or "judgement"
        sources = fields.names("source")
        if len(sources) > 1:
            context.error(
                sources[1][1], "wrong-kind", f"{fields.what} has one source", "write one entry for each source"
            )
        source, place = sources[0] if sources else ("", entry.key.span)
        return Evidence(
            entry.key.span,
            name,
            fields.text("claim", "What is claimed, in your own words."),
            cast(Literal["fact", "judgement", "forecast"], kind),
            source,
            place,
            fields.words("date"),
            fields.choice("reliability", ("A", "B", "C", "D", "E", "F")) or "F",
            fields.whole("credibility", 1, 6, 6),
            fields.text("status"),
            fields.text("hedge"),
            fields.names("supports"),
            fields.names("contradicts"),
        )
