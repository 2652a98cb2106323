"""A game as it stands in a step: played if it falls due, move by move, by the probabilities of its solution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from interpreter.draws import fraction
from interpreter.state import Choice, Members, bound
from playout.analyse.games import Solution, solve
from playout.errors import UsageError
from playout.model.game_tree import GameTree
from playout.model.scenario import Game

if TYPE_CHECKING:
    from interpreter.moment import Moment


def play_game(moment: Moment, game: Game, at: Members) -> Choice:
    """The end come to, and how likely each end was; as it was where the game is not due."""
    last = moment.state.choices[game.name][at]
    if not moment.is_due(game, at):
        return last
    solution = solved(moment, game, at)
    if solution is None:  # no numbers to play by: the future stops here
        return last
    nodes, ends = {node.name: node for node in game.nodes}, [end.name for end in game.ends]
    chances = odds_of_chance(moment, game, at)
    here = game.begins
    while here in nodes:
        node = nodes[here]
        drawn = here if node.by is None else node.knows or here
        weights = list(chances[here]) if node.by is None else list(solution.moves[drawn].values())
        u = fraction(moment.player.word(f"{game.name}.{drawn}", game.sets, at, last.made))
        below, taken = 0.0, node.ways[-1]
        for way, weight in zip(node.ways, weights, strict=True):
            below += weight
            if u < below:
                taken = way
                break
        here = taken.to
    return Choice(ends.index(here), last.made + 1, moment.k, tuple(solution.odds[end] for end in ends))


def solved(moment: Moment, game: Game, at: Members) -> Solution | None:
    """The solution at this moment's numbers, None where there is none."""
    env, meaning = bound(game.binders, at), moment.player.meaning
    payoffs = {e.name: {p.player: moment.number(meaning[p.value], env) for p in e.payoffs} for e in game.ends}
    rationality = {player: moment.number(meaning[tree], env) for player, _, tree in game.rationality}
    try:
        return solve(game, payoffs, rationality, odds_of_chance(moment, game, at))
    except UsageError:
        return None


def odds_of_chance(moment: Moment, game: Game, at: Members) -> dict[str, list[float]]:
    env, meaning = bound(game.binders, at), moment.player.meaning
    found = {}
    for node in game.nodes:
        if node.by is None:
            written = [None if w.odds is None else moment.number(meaning[w.odds], env) for w in node.ways]
            rest = max(1.0 - sum(x for x in written if x is not None), 0.0)
            found[node.name] = [rest if x is None else x for x in written]
    return found


def failed_game(moment: Moment, game: Game, at: Members) -> set[str]:
    """The checks of a due game that fail here."""
    env, meaning = bound(game.binders, at), moment.player.meaning
    failed = set()
    for end in game.ends:
        for payoff in end.payoffs:
            if not math.isfinite(moment.number(meaning[payoff.value], env)):
                failed.add(f"{game.name}.{end.name} to {payoff.player}")
    for player, _, tree in game.rationality:
        if not moment.number(meaning[tree], env) >= 0.0:
            failed.add(f"{game.name}.rationality of {player}")
    for node in game.nodes:
        odds = [(w.name, moment.number(meaning[w.odds], env)) for w in node.ways if w.odds is not None]
        if node.by is None:
            failed |= {f"{game.name}.{node.name}.{name}" for name, x in odds if not -1e-6 <= x <= 1.0 + 1e-6}
            if sum(x for _, x in odds) > 1.0 + 1e-6:
                failed.add(f"{game.name}.{node.name}.odds")
    if not failed and solved(moment, game, at) is None:
        failed |= {f"{game.name}.{part.root} change" for part in GameTree(game).parts if not part.plain}
    return failed
