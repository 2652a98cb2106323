"""Games in extensive form: players, nodes with their moves, and what the ends are worth."""

from __future__ import annotations

from playout.errors import Span
from playout.model.expression import Expression
from playout.model.scenario import End, Game, GameNode, PayOff, Player, Way
from playout.read.dynamics import heading
from playout.read.fields import Context, Fields, kind_of
from playout.read.nodes import Entry, Mapping, Scalar

_NODE = "{by: washington, moves: {terms: answer, press: war}}"


def decode_game(context: Context, entry: Entry) -> Game | None:
    """``{players:, when:, every:, before:, rationality:, begins:, nodes: {…}, ends: {…}}``."""
    if (head := heading(context, entry, "the game", "equation")) is None:
        return None
    name, binders = head
    with Fields(context, entry.key, entry.value, f"the game `{name}`") as fields:
        fields.need("players", "{washington: us_president, capital: mexico_president}")
        players = tuple(_players(context, fields))
        begins, begins_span = _begins(fields)
        fields.need("nodes", f"{{offer: {_NODE}}}")
        nodes = tuple(
            _node(context, one, name) for one in fields.mapping("nodes", f"write `nodes: {{offer: {_NODE}}}`")
        )
        fields.need("ends", "{deal: {washington: 1, capital: 2}, war: {washington: 0, capital: 0}}")
        ends = tuple(_end(context, one, name) for one in fields.mapping("ends", "write `ends: {deal: {capital: 1}}`"))
        return Game(
            entry.key.span,
            name,
            binders,
            players,
            tuple(_rationality(context, fields, players)),
            begins,
            begins_span,
            nodes,
            ends,
            fields.optional_expression("when"),
            fields.optional_expression("every"),
            fields.text("before") or None,
            fields.title(name),
            fields.text("about"),
            fields.support(),
        )


def _players(context: Context, fields: Fields) -> list[Player]:
    found = []
    for one in fields.mapping("players", "write `players: {washington: us_president, capital: mexico_president}`"):
        name = context.name(one.key, "a player")
        actor = one.value
        if isinstance(actor, Scalar) and not actor.empty:
            found.append(Player(one.key.span, name, actor.text.strip()))
        else:
            hint = f"write `{name}: us_president`"
            context.error(actor.span, "wrong-kind", f"the player `{name}` is an actor, or a member of a set", hint)
    return found


def _begins(fields: Fields) -> tuple[str, Span]:
    entry = fields.need("begins", "offer")
    name = fields.text("begins")
    return name, fields.span if entry is None else entry.value.span


def _rationality(context: Context, fields: Fields, players: tuple[Player, ...]) -> list[tuple[str, Span, Expression]]:
    """One logit precision for all players, or one for each."""
    entry = fields.need("rationality", "2.0")
    if entry is not None and not isinstance(entry.value, Mapping):
        tree = fields.optional_expression("rationality")
        return [] if tree is None else [(player.name, entry.value.span, tree) for player in players]
    found = []
    if entry is not None and isinstance(entry.value, Mapping):
        with Fields(context, entry.key, entry.value, f"the rationality of {fields.what}") as each:
            for one in entry.value.entries:
                tree = each.optional_expression(one.key.text)
                if tree is not None:
                    found.append((one.key.text, one.key.span, tree))
    return found


def _node(context: Context, entry: Entry, game: str) -> GameNode:
    name = context.name(entry.key, "a node")
    what = f"the node `{name}`"
    context.define(f"node or end of {game}", name, what, entry.key.span)
    with Fields(context, entry.key, entry.value, what) as fields:
        title, about = fields.title(name), fields.text("about")
        chance = fields.has("chance")
        if chance == fields.has("moves") and not fields.broken:
            given = "both `moves` and `chance`" if chance else "neither `moves` nor `chance`"
            context.error(entry.key.span, "missing-key", f"{what} has {given}", f"write `{name}: {_NODE}`")
            for key in ("by", "knows", "moves"):
                fields.take(key)
        by: str | None = None
        knows: str | None = None
        if not chance:
            by = fields.text("by", "washington")
            known = fields.take("knows")
            if known is not None and isinstance(known.value, Scalar) and fields.text("knows"):
                knows = context.name(known.value, "what is known")
        key = "chance" if chance else "moves"
        ways = []
        for one in fields.mapping(
            key, f"write `{key}: {{{'good: {odds: 0.3, to: deal}' if chance else 'terms: deal'}}}`"
        ):
            ways.append(_way(context, one, chance))
        return GameNode(entry.key.span, name, title, by, knows, tuple(ways), about)


def _way(context: Context, entry: Entry, chance: bool) -> Way:
    """``terms: answer``, ``terms: {to: answer, title: …}``, or of chance ``good: {odds: 0.3, to: deal}``."""
    name = context.name(entry.key, "a move")
    what = f"the {'outcome' if chance else 'move'} `{name}`"
    with Fields(context, entry.key, entry.value, what, "" if chance else "to") as fields:
        place = fields.need("to", "deal")
        to, title = fields.text("to"), fields.title(name)
        odds: Expression | None = None
        if chance:
            stated = fields.need("odds", "0.3")
            rest = stated is not None and isinstance(stated.value, Scalar) and stated.value.text == "otherwise"
            odds = None if rest else fields.optional_expression("odds")
        return Way(entry.key.span, name, title, to, entry.key.span if place is None else place.value.span, odds)


def _end(context: Context, entry: Entry, game: str) -> End:
    """``{washington: gain - price, group: 2}``, and a title."""
    name = context.name(entry.key, "an end")
    what = f"the end `{name}`"
    context.define(f"node or end of {game}", name, what, entry.key.span)
    if not isinstance(entry.value, Mapping):
        message = f"{what} says what it is worth to each player, not {kind_of(entry.value)}"
        context.error(entry.value.span, "wrong-kind", message, f"write `{name}: {{washington: 1, capital: 2}}`")
        return End(entry.key.span, name, name, ())
    with Fields(context, entry.key, entry.value, what) as fields:
        title, about = fields.title(name), fields.text("about")
        payoffs = []
        for one in entry.value.entries:
            if one.key.text in ("title", "about"):
                continue
            value = fields.optional_expression(one.key.text)
            if value is not None:
                payoffs.append(PayOff(one.key.span, one.key.text, value))
        return End(entry.key.span, name, title, tuple(payoffs), about)
