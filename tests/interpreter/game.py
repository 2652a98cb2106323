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
    u = fraction(moment.player.word(game.name, game.sets, at, last.made))
    here, low, size = game.begins, 0.0, 1.0  # the word lies in the interval of the way taken so far
    while here in nodes:
        node = nodes[here]
        weights = list(chances[here]) if node.by is None else list(solution.moves[node.knows or here].values())
        taken, wide = node.ways[-1], 0.0
        for way, weight in zip(node.ways, weights, strict=True):
            taken, wide = way, size * weight
            if u < low + wide or way is node.ways[-1]:
                break
            low += wide
        here, size = taken.to, wide
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
    payoffs = [moment.number(meaning[payoff.value], env) for end in game.ends for payoff in end.payoffs]
    sound = all(map(math.isfinite, payoffs))
    sound &= all(moment.number(meaning[tree], env) >= 0.0 for _, _, tree in game.rationality)
    for node in game.nodes:
        if node.by is None:
            odds = [moment.number(meaning[way.odds], env) for way in node.ways if way.odds is not None]
            sound &= all(x >= -1e-6 for x in (*odds, 1.0 - sum(odds)))
    failed = set() if sound else {f"{game.name}.numbers"}
    if not failed and solved(moment, game, at) is None:
        failed |= {f"{game.name}.change {part.root}" for part in GameTree(game).parts if not part.plain}
    return failed
