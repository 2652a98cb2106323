"""Solves the published games of tests/games.py with pygambit and keeps what it finds: run by `make solutions`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pygambit

from games import PRECISIONS, PUBLISHED, SOLUTIONS, numbers_of, scenario_of
from playout.model.game_tree import set_name
from playout.model.scenario import Game


def in_gambit(
    game: Game, payoffs: Mapping[str, Mapping[str, float]], chance: Mapping[str, Sequence[float]]
) -> pygambit.Game:
    """The same game as pygambit has it; its information sets are labelled with our names."""
    made = pygambit.Game.new_tree(players=[player.name for player in game.players])
    nodes = {node.name: node for node in game.nodes}
    outcomes = {name: made.add_outcome(name, [worth[p.name] for p in game.players]) for name, worth in payoffs.items()}
    sets: dict[str, Any] = {}

    def grow(place: Any, name: str) -> None:
        if name not in nodes:
            made.set_outcome(place, outcomes[name])
            return
        node = nodes[name]
        known = name if node.by is None else set_name(node)
        if known in sets:
            made.append_infoset(place, sets[known])
        else:
            player = made.players.chance if node.by is None else made.players[node.by]
            made.append_move(place, player, [way.name for way in node.ways])
            sets[known] = place.infoset
            place.infoset.label = known
            if node.by is None:
                made.set_chance_probs(place.infoset, [str(Fraction(p).limit_denominator(10**6)) for p in chance[name]])
        for child, way in zip(list(place.children), node.ways, strict=True):
            grow(child, way.to)

    grow(made.root, game.begins)
    return made


def solved(game: pygambit.Game, precision: float) -> dict[str, dict[str, float]]:
    """The agent quantal response equilibrium on the principal branch: by information set and move."""
    found = pygambit.qre.logit_solve_lambda(game, precision)[0]
    places = iter(range(len(found)))  # by player, information set and action
    return {
        infoset.label: {action.label: float(found[next(places)]) for action in infoset.actions}
        for player in game.players
        for infoset in player.infosets
    }


def main() -> None:
    """Each game as it was solved stands beside its solutions, so that one that was changed since is noticed."""
    kept = {}
    for name, text in PUBLISHED.items():
        game = in_gambit(*numbers_of(scenario_of(text, 1)))
        kept[name] = {
            "game": text.splitlines(),
            "solutions": {str(precision): solved(game, precision) for precision in PRECISIONS},
        }
    found = {"made_by": "make solutions", "pygambit": pygambit.__version__, "games": kept}
    SOLUTIONS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
