"""What moves a scenario: stocks, variables, tracks, decisions and events."""

from __future__ import annotations

from typing import Literal, cast

from playout.model.expression import Binder
from playout.model.parse import Fault, parse_effect, parse_heading
from playout.model.scenario import (
    Decision,
    Event,
    Flow,
    Move,
    Option,
    Share,
    Stage,
    Stock,
    Track,
    Variable,
)
from playout.model.units import PLAIN
from playout.read.fields import Context, Fields, kind_of
from playout.read.nodes import Entry, Mapping, Scalar, Sequence


def heading(context: Context, entry: Entry, what: str, space: str) -> tuple[str, tuple[Binder, ...]] | None:
    """The name and indexes of a definition, noted in its space of names; None, with a diagnostic, where it has none."""
    try:
        name, binders = parse_heading(entry.key.text, entry.key.place)
    except Fault as fault:
        context.report.append(fault.diagnostic)
        return None
    context.define(space, name, f"{what} `{name}`", entry.key.span)
    seen: set[str] = set()
    for binder in binders:
        if binder.variable in seen:
            hint = f"write `{binder.variable} in {binder.set}` with another letter"
            context.error(binder.span, "duplicate-name", f"`{binder.variable}` is an index twice", hint)
        seen.add(binder.variable)
    return name, binders


# --- stocks and variables ---------------------------------------------------------------------------------------------


def decode_stock(context: Context, entry: Entry) -> Stock | None:
    """``{unit:, starts:, within:, plus: {flow: …}, minus: {flow: …}, inherits:}``."""
    if (head := heading(context, entry, "the stock", "equation")) is None:
        return None
    name, binders = head
    with Fields(context, entry.key, entry.value, f"the stock `{name}`") as fields:
        inherits = fields.choice("inherits", ("divided", "copied", "fresh")) or "divided"
        return Stock(
            entry.key.span,
            name,
            binders,
            fields.unit() or PLAIN,
            fields.expression("starts", "100"),
            _flows(context, fields, "plus"),
            _flows(context, fields, "minus"),
            fields.bounds("within"),
            cast(Literal["divided", "copied", "fresh"], inherits),
            fields.title(name),
            fields.text("about"),
        )


def _flows(context: Context, fields: Fields, key: str) -> tuple[Flow, ...]:
    flows = []
    for entry in fields.mapping(key, f"name the flow: `{key}: {{recruited: 0.1 1/year * members}}`"):
        name = context.name(entry.key, "a flow")
        context.define("equation", name, f"the flow `{name}`", entry.key.span)
        with Fields(context, entry.key, entry.value, f"the flow `{name}`", "is") as flow:
            flow.text("title")
            flows.append(Flow(entry.key.span, name, flow.expression("is", "0.1 1/year * members"), flow.text("about")))
    return tuple(flows)


def decode_variable(context: Context, entry: Entry) -> Variable | None:
    """``{is:, unit:}``, or the equation alone for a plain number."""
    if (head := heading(context, entry, "the variable", "equation")) is None:
        return None
    name, binders = head
    with Fields(context, entry.key, entry.value, f"the variable `{name}`", "is") as fields:
        unit = fields.unit() or PLAIN
        expression = fields.expression("is", "2 * members")
        title, about, support = fields.title(name), fields.text("about"), fields.support()
        return Variable(entry.key.span, name, binders, unit, expression, title, about, support)


# --- tracks -----------------------------------------------------------------------------------------------------------


def decode_track(context: Context, entry: Entry) -> Track | None:
    """``{stages: {name: {lasts:, then:}}, moves: [{from:, to:, rate:, when:}]}``, for one track or one a member."""
    if (head := heading(context, entry, "the track", "equation")) is None:
        return None
    name, binders = head
    if len(binders) > 1:
        context.error(binders[1].span, "two-indexes", f"the track `{name}` has more than one index", "give it one set")
    with Fields(context, entry.key, entry.value, f"the track `{name}`") as fields:
        title, about, support = fields.title(name), fields.text("about"), fields.support()
        stages = _stages(context, fields, name)
        moves = _moves(context, fields, name)
        return Track(entry.key.span, name, binders, stages, moves, title, about, support)


def _stages(context: Context, fields: Fields, track: str) -> tuple[Stage, ...]:
    entry = fields.need("stages", "{first: {title: …}, second: {title: …}}")
    if entry is None:
        return ()
    if isinstance(entry.value, Sequence):
        scalars = context.scalars_of(entry.value, f"`stages` of {fields.what}", "a name")
        empty = [Entry(scalar, Mapping(scalar.span, ())) for scalar in scalars]
        stages = tuple(_stage(context, one, track) for one in empty)
    else:
        shape = "write `stages: {first: {title: …}, second: {title: …}}`"
        stages = tuple(_stage(context, one, track) for one in fields.mapping("stages", shape))
    if not stages:
        context.error(entry.key.span, "empty", f"{fields.what} has no stages", "list at least one: it starts there")
    return stages


def _stage(context: Context, entry: Entry, track: str) -> Stage:
    name = context.name(entry.key, "a stage")
    what = f"the stage `{name}`"
    context.define(f"stage of {track}", name, what, entry.key.span)
    with Fields(context, entry.key, entry.value, what, "title") as fields:
        title, about, support = fields.title(name), fields.text("about"), fields.support()
        lasts = fields.optional_law("lasts")
        then = _then(context, fields)
        if then and lasts is None and not fields.has("lasts") and not fields.broken:
            hint = "add `lasts: 3 to 12 months`; a move at any time stands under `moves`"
            context.error(then[0].span, "missing-key", f"{what} has `then` and no `lasts`", hint)
        return Stage(entry.key.span, name, title, lasts, then, about, support)


def _then(context: Context, fields: Fields) -> tuple[Share, ...]:
    entry = fields.take("then")
    if entry is None:
        return ()
    node, shares = entry.value, []
    if isinstance(node, Scalar) and not node.empty:
        return (Share(node.span, context.name(node, "a stage")),)
    if not isinstance(node, Mapping) or not node.entries:
        found = "nothing" if isinstance(node, Scalar) else kind_of(node)
        message = f"`then` of {fields.what} is a stage or shares of stages, not {found}"
        hint = "write `then: talking`, or `then: {talking: 0.7, otherwise: shelved}`"
        context.error(node.span, "wrong-kind", message, hint)
        return ()
    for one in node.entries:
        if one.key.text == "otherwise":
            if isinstance(one.value, Scalar) and not one.value.empty:
                shares.append(Share(one.value.span, context.name(one.value, "a stage")))
            else:
                hint = "write `otherwise: shelved`"
                context.error(one.value.span, "wrong-kind", "`otherwise` names the stage for the rest", hint)
            continue
        name = context.name(one.key, "a stage")
        with Fields(context, one.key, one.value, f"the way from {fields.what} to `{name}`", "share") as way:
            when = way.optional_expression("when")
            shares.append(Share(one.key.span, name, way.expression("share", "0.5"), when))
    return tuple(shares)


def _moves(context: Context, fields: Fields, track: str) -> tuple[Move, ...]:
    entry = fields.take("moves")
    if entry is None or (isinstance(entry.value, Scalar) and entry.value.empty):
        return ()
    shape = "write `- {from: talks, to: sanctions, rate: 0.5 1/year}`"
    if not isinstance(entry.value, Sequence):
        context.error(entry.value.span, "wrong-kind", f"`moves` of {fields.what} is a list", shape)
        return ()
    moves = []
    for item in entry.value.items:
        if not isinstance(item, Mapping):
            context.error(item.span, "wrong-kind", "a move has `from`, `to` and `rate`", shape)
            continue
        with Fields(context, item, item, f"this move of the track `{track}`") as move:
            move.need("from", "talks")
            move.need("to", "sanctions")
            targets = move.names("to")
            if len(targets) > 1:
                context.error(targets[1][1], "wrong-kind", "a move leads to one stage", "write a move for each")
            destination, place = targets[0] if targets else ("", item.span)
            origins, rate, when = (
                move.names("from"),
                move.expression("rate", "0.5 1/year"),
                move.optional_expression("when"),
            )
            moves.append(Move(item.span, origins, destination, place, rate, when, move.text("about"), move.support()))
    return tuple(moves)


# --- decisions --------------------------------------------------------------------------------------------------------


def decode_decision(context: Context, entry: Entry) -> Decision | None:
    """``{by:, when:, every:, before:, rationality:, options: {…}}``, or `choose`, `value` and `among` over a set."""
    if (head := heading(context, entry, "the decision", "equation")) is None:
        return None
    name, binders = head
    what = f"the decision `{name}`"
    with Fields(context, entry.key, entry.value, what) as fields:
        over_set = fields.has("choose") and not fields.has("options")
        choose = fields.text("choose") or None
        if fields.has("choose") == fields.has("options") and not fields.broken:
            given = "both `options` and `choose`" if choose else "neither `options` nor `choose`"
            hint = "list `options`, or name the set whose member is chosen in `choose`"
            context.error(entry.key.span, "missing-key", f"{what} has {given}", hint)
        options = tuple(_option(context, one, name) for one in fields.mapping("options", "write `options: {wait: 0}`"))
        if fields.has("options") and not options:
            context.error(entry.key.span, "empty", f"{what} has no options", "write `options: {wait: 0, act: 1}`")
        value = fields.expression("value", f"criteria[{choose}]") if over_set else None
        return Decision(
            entry.key.span,
            name,
            binders,
            fields.text("by", "president"),
            options,
            choose,
            value,
            fields.optional_expression("among") if over_set else None,
            fields.optional_expression("when"),
            fields.optional_expression("every"),
            fields.text("before") or None,
            fields.optional_expression("rationality"),
            fields.title(name),
            fields.text("about"),
            fields.support(),
        )


def _option(context: Context, entry: Entry, decision: str) -> Option:
    name = context.name(entry.key, "an option")
    what = f"the option `{name}`"
    context.define(f"option of {decision}", name, what, entry.key.span)
    with Fields(context, entry.key, entry.value, what, "value") as fields:
        value = fields.expression("value", "0")
        title, when, about = fields.title(name), fields.optional_expression("when"), fields.text("about")
        return Option(entry.key.span, name, title, value, when, about)


# --- events -----------------------------------------------------------------------------------------------------------


def decode_event(context: Context, entry: Entry) -> Event | None:
    """``{rate:, when:, does: [effects]}``."""
    if (head := heading(context, entry, "the event", "equation")) is None:
        return None
    name, binders = head
    what = f"the event `{name}`"
    with Fields(context, entry.key, entry.value, what) as fields:
        rate, when = fields.optional_expression("rate"), fields.optional_expression("when")
        if not fields.has("rate") and not fields.has("when") and not fields.broken:
            hint = "say how often with `rate: 0.4 1/year`, or on what condition with `when:`"
            context.error(entry.key.span, "missing-key", f"{what} has neither `rate` nor `when`", hint)
        lines = fields.scalars("does", "an effect")
        does = tuple(effect for line in lines if (effect := context.parsed(parse_effect, line)) is not None)
        title, about, support = fields.title(name), fields.text("about"), fields.support()
        return Event(entry.key.span, name, binders, rate, when, does, title, about, support)
