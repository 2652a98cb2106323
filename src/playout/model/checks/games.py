"""Games: who plays, the form of the tree, information sets, what chance does, and what the ends are worth."""

from __future__ import annotations

import math

from playout.errors import did_you_mean
from playout.model.checks.choices import check_every, check_when, is_finite_value
from playout.model.checks.workbench import Workbench
from playout.model.expression import Expression
from playout.model.findings import listed
from playout.model.game_tree import GameTree, set_name
from playout.model.resolve import Scope
from playout.model.scenario import Game, GameNode
from playout.model.typed import constant, fits_any_dimension, unit_example, unit_words
from playout.model.units import DIMENSIONLESS, Dimension

LARGEST = 200
"""Nodes and ends that a game may have."""

FREEST = 8
"""Probabilities of moves that may have to be found together: those of a subgame in which not all is seen."""

WIDEST = 100
"""Ways through such a subgame, which are weighed in every turn of the search."""

_SUM_TOLERANCE = 1e-6


def check_game(bench: Workbench, game: Game) -> None:
    """A whole game. What rests on the tree's form is looked at only where the form is sound."""
    scope = bench.scope(game.binders)
    _check_players(bench, game)
    check_when(bench, game, scope)
    if game.every is not None:
        check_every(bench, game, game.every)
    rationality = _check_rationality(bench, game, scope)
    if _check_form(bench, game) and _check_sets(bench, game):
        _check_parts(bench, game)
    for node in game.nodes:
        if node.by is None:
            _check_chance(bench, game, node, scope)
    _check_payoffs(bench, game, scope, rationality)
    if game.before not in (None, "none") and game.before not in (ends := [end.name for end in game.ends]):
        hint = did_you_mean(game.before or "", [*ends, "none"]) or f"there are {', '.join(ends)}, and `none`"
        message = f"`before` of `{game.name}` is `{game.before}`, none of its ends"
        bench.findings.error(game.span, "unknown-end", message, hint)


# --- players ----------------------------------------------------------------------------------------------------------


def _check_players(bench: Workbench, game: Game) -> None:
    """Actors, or members of a set that the game is indexed by; everybody moves somewhere."""
    actors, own = bench.scenario.actors, game.sets
    moving = {node.by for node in game.nodes}
    for player in game.players:
        if actors and player.actor not in actors and player.actor not in own:
            known = [*actors, *own]
            hint = did_you_mean(player.actor, known) or f"there are {', '.join(known)}"
            message = f"`{player.name}` of `{game.name}` is `{player.actor}`, which is no actor"
            bench.findings.error(player.span, "unknown-actor", message, hint)
        if player.name not in moving:
            message = f"`{player.name}` never moves in `{game.name}`"
            bench.findings.error(player.span, "no-choice", message, "leave the player out, or give it a node")


def _is_player(bench: Workbench, game: Game, name: str) -> bool:
    return any(player.name == name for player in game.players)


def _check_rationality(bench: Workbench, game: Game, scope: Scope) -> dict[str, Dimension]:
    """Each player's logit precision; their dimensions. Infinite is a best reply, where one node after the other is
    solved."""
    players = [player.name for player in game.players]
    found: dict[str, Dimension] = {}
    told: set[Expression] = set()
    for name, span, tree in game.rationality:
        if name not in players:
            hint = did_you_mean(name, players) or f"the players are {', '.join(players)}"
            bench.findings.error(span, "unknown-player", f"`{game.name}` has no player `{name}`", hint)
            continue
        typed = bench.resolver.number(tree, scope, None, f"the rationality of `{name}` in `{game.name}`")
        if typed is None or tree in told:
            continue
        found.update((player, typed.type.dimension) for player, _, own in game.rationality if own is tree)
        told.add(tree)
        value = constant(typed)
        if value is not None and not value >= 0.0:
            message = f"the rationality of `{name}` is 0 or above; this is {value:g}"
            bench.findings.error(tree.span, "rationality", message)
    given = {name for name, _, _ in game.rationality}
    for player in game.players:
        if player.name not in given and game.rationality:
            message = f"`{player.name}` of `{game.name}` has no rationality"
            hint = f"add `{player.name}: 2.0` to `rationality`; `inf` is a best reply"
            bench.findings.error(player.span, "rationality", message, hint)
    return found


# --- the tree ---------------------------------------------------------------------------------------------------------


def _check_form(bench: Workbench, game: Game) -> bool:
    """Whether the nodes are one tree, and all ends are its leaves."""
    findings = bench.findings
    before = len(findings.errors)
    nodes = {node.name: node for node in game.nodes}
    known = [*nodes, *(end.name for end in game.ends)]
    if len(known) > LARGEST:
        message = f"`{game.name}` has {len(known)} nodes and ends; a game has at most {LARGEST}"
        findings.error(game.span, "size", message, "play parts of it as games of their own")
    if game.begins not in nodes and nodes:
        hint = did_you_mean(game.begins, nodes) or f"its nodes are {', '.join(nodes)}"
        findings.error(game.begins_span, "unknown-node", f"`{game.name}` has no node `{game.begins}`", hint)
    reached: dict[str, tuple[str, str]] = {}
    for node in game.nodes:
        if node.by is not None and not _is_player(bench, game, node.by):
            players = [player.name for player in game.players]
            hint = did_you_mean(node.by, players) or f"the players are {', '.join(players)}"
            findings.error(node.span, "unknown-player", f"at `{node.name}` moves `{node.by}`, who is no player", hint)
        if len(node.ways) < 2:
            message = f"at `{node.name}` of `{game.name}` there is nothing to choose"
            findings.error(node.span, "no-choice", message, f"list two {_ways(node)} or more")
        for way in node.ways:
            if way.to not in known:
                hint = did_you_mean(way.to, known) or f"there are {', '.join(known)}"
                message = f"`{way.name}` at `{node.name}` leads to `{way.to}`, which is neither a node nor an end"
                findings.error(way.to_span, "unknown-node", message, hint)
            elif way.to == game.begins:
                message = f"`{way.name}` at `{node.name}` leads back to `{way.to}`, where the game begins"
                findings.error(way.to_span, "tree", message, "a game goes on until an end; give it another node")
            elif way.to in nodes and way.to in reached:
                message = f"`{way.to}` is reached by `{way.name}` at `{node.name}` too"
                hint = "a node has one past: write it once for each, with the same `knows` where they look the same"
                at, name = reached[way.to]
                related = [(nodes[at].span, f"`{name}` at `{at}` leads there first")]
                findings.error(way.to_span, "tree", message, hint, related)
            else:
                reached.setdefault(way.to, (node.name, way.name))
    if len(findings.errors) == before:
        _check_reach(bench, game)
    return len(findings.errors) == before


def _ways(node: GameNode) -> str:
    return "outcomes" if node.by is None else "moves"


def _check_reach(bench: Workbench, game: Game) -> None:
    """Nodes and ends that the game cannot come to. Of nodes that hang on another lost one only the first is told."""
    found = set(GameTree(game).nodes)
    found |= {way.to for node in game.nodes if node.name in found for way in node.ways}
    lost = [node for node in game.nodes if node.name not in found]
    led_to = {way.to for node in lost for way in node.ways}
    first = [node for node in lost if node.name not in led_to] or lost[:1]
    for node in first:
        message, hint = f"nothing leads to the node `{node.name}` of `{game.name}`", f"it begins at `{game.begins}`"
        if node.name in led_to:
            message = f"`{node.name}` of `{game.name}` comes after itself, and nothing else leads to it"
        bench.findings.error(node.span, "unreachable", message, hint)
    for end in game.ends:
        if end.name not in found and end.name not in led_to:
            message = f"nothing leads to the end `{end.name}` of `{game.name}`"
            bench.findings.error(end.span, "unreachable", message, "let a move lead there, or leave it out")


def _check_sets(bench: Workbench, game: Game) -> bool:
    """Whether nodes that look the same are the same: one player, the same moves, and none after another."""
    sound = True
    first: dict[str, GameNode] = {}
    tree = GameTree(game)
    names = {node.name for node in game.nodes}
    for node in game.nodes:
        if node.by is None:
            continue
        known = set_name(node)
        if node.knows is not None and node.knows in names - {node.name}:
            message = f"`knows: {known}` at `{node.name}` is the name of a node"
            bench.findings.error(node.span, "information", message, "say what is known there by another name")
            sound = False
        other = first.setdefault(known, node)
        if other is node:
            continue
        related = [(other.span, f"`{other.name}` stands here")]
        moves, others = [way.name for way in node.ways], [way.name for way in other.ways]
        hint = "who cannot tell two nodes apart has the same moves at both, in the same order"
        message = ""
        if node.by != other.by:
            message = f"`{node.name}` and `{other.name}` share `knows: {known}`, and `{node.by}` is not `{other.by}`"
            hint = "an information set is one player's; call one of them otherwise"
        elif moves != others:
            message = f"`{node.name}` and `{other.name}` share `knows: {known}`, and their moves differ"
        elif node.name in tree.below(other.name) or other.name in tree.below(node.name):
            message = f"`{node.name}` and `{other.name}` share `knows: {known}`, and one comes after the other"
            hint = "who has moved knows more than before; give the later one another name"
        if message:
            bench.findings.error(node.span, "information", message, hint, related)
            sound = False
    return sound


def _check_parts(bench: Workbench, game: Game) -> None:
    """What has to be solved together is not too much, and nobody in it is infinitely rational."""
    infinite = {
        name: tree
        for name, _, tree in game.rationality
        if (typed := bench.resolver.meaning.get(tree)) is not None and constant(typed) == math.inf
    }
    tree = GameTree(game)
    for part in tree.parts:
        if part.plain:
            continue
        if (ways := sum(1 for _ in tree.paths(part))) > WIDEST:
            message = f"from `{part.root}` on, `{game.name}` has {ways} ways through that are weighed together"
            hint = f"at most {WIDEST} can be: let players see more (`knows`), or leave moves out"
            bench.findings.error(game.span, "size", message, hint)
        if part.free > FREEST:
            message = (
                f"from `{part.root}` on, `{game.name}` leaves {part.free} probabilities of moves to be found "
                f"together; at most {FREEST} can be"
            )
            hint = "let players see more (`knows`), so that subgames can be solved one by one, or leave moves out"
            bench.findings.error(game.span, "size", message, hint)
        for one in part.sets:
            if one.player in infinite:
                precision = infinite.pop(one.player)
                message = f"`{one.player}` moves at `{one.name}` without seeing all, and its rationality is infinite"
                hint = "write a large finite rationality; `inf` is for games in which every move is seen"
                bench.findings.error(precision.span, "rationality", message, hint)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _check_chance(bench: Workbench, game: Game, node: GameNode, scope: Scope) -> None:
    """Odds from 0 to 1 that sum to one, or leave the rest to one outcome."""
    values: list[float | None] = []
    equation: Expression | None = None
    for way in node.ways:
        if way.odds is None:
            continue
        role = f"the odds of `{way.name}` at `{node.name}`"
        typed = bench.resolver.number(way.odds, scope, DIMENSIONLESS, role)
        value = None if typed is None else constant(typed)
        if value is not None and not 0.0 <= value <= 1.0:
            bench.findings.error(way.odds.span, "probability", f"{role} lie between 0 and 1; this is {value:g}")
            value = None
        elif typed is not None and value is None:
            equation = way.odds
        values.append(value)
    rest = [way for way in node.ways if way.odds is None]
    known = [value for value in values if value is not None]
    if len(rest) > 1:
        message = f"at `{node.name}` more than one outcome takes the rest"
        bench.findings.error(rest[-1].span, "odds", message, "one `odds: otherwise` takes what the others leave")
    elif equation is not None and not rest:
        message = f"the odds at `{node.name}` are equations, and may not sum to one"
        bench.findings.error(equation.span, "odds", message, "give one outcome `odds: otherwise`")
    elif len(known) == len(values) and known:
        total = math.fsum(known)
        if total > 1.0 + _SUM_TOLERANCE or (not rest and total < 1.0 - _SUM_TOLERANCE):
            written = " + ".join(f"{value:g}" for value in known)
            message = f"the odds at `{node.name}` must sum to one; {written} is {total:g}"
            hint = "give one outcome `odds: otherwise`" if total < 1.0 else None
            bench.findings.error(node.span, "odds", message, hint)


def _check_payoffs(bench: Workbench, game: Game, scope: Scope, rationality: dict[str, Dimension]) -> None:
    """Every end is worth something to every player; times rationality that is a plain number."""
    players = [player.name for player in game.players]
    for end in game.ends:
        given = {payoff.player for payoff in end.payoffs}
        missing = [name for name in players if name not in given]
        if missing:
            message = f"the end `{end.name}` of `{game.name}` says nothing of what it is worth to {listed(missing)}"
            bench.findings.error(end.span, "no-value", message, f"add `{missing[0]}: 0`")
        for payoff in end.payoffs:
            role = f"what `{end.name}` is worth to `{payoff.player}`"
            if payoff.player not in players:
                hint = did_you_mean(payoff.player, players) or f"the players are {', '.join(players)}"
                message = f"`{game.name}` has no player `{payoff.player}`"
                bench.findings.error(payoff.span, "unknown-player", message, hint)
                continue
            typed = bench.resolver.number(payoff.value, scope, None, role)
            precision = rationality.get(payoff.player)
            if typed is None or not is_finite_value(bench, typed, role):
                continue
            if precision is None or fits_any_dimension(typed):
                continue
            product = typed.type.dimension * precision
            if not product.plain:
                per_value = unit_example(typed.type.dimension**-1)
                hint = f"divide it by what counts as one, or give a `rationality` in {per_value}"
                if typed.type.dimension.plain:
                    hint = "leave out the unit of `rationality`"
                message = f"{role} times rationality is a plain number; this is {unit_words(product)}"
                bench.findings.error(payoff.value.span, "units", message, hint)
