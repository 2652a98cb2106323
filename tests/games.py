"""Published games as scenarios, and their solutions as pygambit gave them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from playout.model.check import check
from playout.model.checked import CheckedScenario
from playout.model.scenario import Game
from playout.model.typed import constant
from playout.read.decode import read_text

SOLUTIONS = Path(__file__).resolve().parent / "solutions" / "games.json"

PRECISIONS = (0.1, 0.7, 1.0, 2.0, 20.0)
"""At which pygambit has solved the published games."""

HEADER = """
playout: 1
title: A game
start: 2025-01-06
horizon: 2 weeks
step: 1 week
"""

BIMATRIX: Mapping[str, tuple[list[list[float]], list[list[float]]]] = {
    # Ochs 1995: matching pennies in which one side of one coin is worth nine times the other
    "matching pennies": ([[9, 0], [0, 1]], [[0, 1], [1, 0]]),
    "battle of the sexes": ([[3, 0], [0, 2]], [[2, 0], [0, 3.5]]),
    "prisoner's dilemma": ([[3, 0], [5, 1]], [[3, 5], [0, 1]]),
    "stag hunt": ([[4, 0], [3, 3]], [[4, 3], [0, 3]]),
    "nearly symmetric": ([[3, 0], [0, 2]], [[2, 0], [0, 3.01]]),
    "three by three": ([[3, 0, 1], [2, 5, 0], [0, 1, 4]], [[1, 4, 2], [3, 0, 2], [2, 3, 1]]),
}

# Selten 1978, The chain store paradox
ENTRY = """
    players: {newcomer: a, firm: b}
    begins: come
    nodes:
      come: {by: newcomer, moves: {stay_out: out, enter: answer}}
      answer: {by: firm, moves: {share: shared, fight: fought}}
    ends:
      out: {newcomer: 1, firm: 5}
      shared: {newcomer: 2, firm: 2}
      fought: {newcomer: 0, firm: 0}
"""

# Güth, Schmittberger and Schwarze 1982, with three offers of ten
ULTIMATUM = """
    players: {proposer: a, responder: b}
    begins: offer
    nodes:
      offer: {by: proposer, moves: {nine: at_nine, seven: at_seven, five: at_five}}
      at_nine: {by: responder, moves: {take: nine_one, leave: nothing}}
      at_seven: {by: responder, moves: {take: seven_three, leave: nothing}}
      at_five: {by: responder, moves: {take: five_five, leave: nothing}}
    ends:
      nine_one: {proposer: 9, responder: 1}
      seven_three: {proposer: 7, responder: 3}
      five_five: {proposer: 5, responder: 5}
      nothing: {proposer: 0, responder: 0}
"""

# McKelvey and Palfrey 1992, An experimental study of the centipede game: four moves
CENTIPEDE = """
    players: {one: a, two: b}
    begins: m1
    nodes:
      m1: {by: one, moves: {take: t1, go_on: m2}}
      m2: {by: two, moves: {take: t2, go_on: m3}}
      m3: {by: one, moves: {take: t3, go_on: m4}}
      m4: {by: two, moves: {take: t4, go_on: t5}}
    ends:
      t1: {one: 0.4, two: 0.1}
      t2: {one: 0.2, two: 0.8}
      t3: {one: 1.6, two: 0.4}
      t4: {one: 0.8, two: 3.2}
      t5: {one: 6.4, two: 1.6}
"""

# Cho and Kreps 1987: beer and quiche
SIGNALLING = """
    players: {sender: a, receiver: b}
    begins: kind
    nodes:
      kind: {chance: {strong: {odds: 0.9, to: strong_eats}, weak: {odds: otherwise, to: weak_eats}}}
      strong_eats: {by: sender, moves: {beer: strong_beer, quiche: strong_quiche}}
      weak_eats: {by: sender, moves: {beer: weak_beer, quiche: weak_quiche}}
      strong_beer: {by: receiver, knows: beer, moves: {duel: e1, retreat: e2}}
      weak_beer: {by: receiver, knows: beer, moves: {duel: e3, retreat: e4}}
      strong_quiche: {by: receiver, knows: quiche, moves: {duel: e5, retreat: e6}}
      weak_quiche: {by: receiver, knows: quiche, moves: {duel: e7, retreat: e8}}
    ends:
      e1: {sender: 1, receiver: 0}
      e2: {sender: 3, receiver: 1}
      e3: {sender: 0, receiver: 1}
      e4: {sender: 2, receiver: 0}
      e5: {sender: 0, receiver: 0}
      e6: {sender: 2, receiver: 1}
      e7: {sender: 1, receiver: 1}
      e8: {sender: 3, receiver: 0}
"""


def bimatrix(row: Sequence[Sequence[float]], column: Sequence[Sequence[float]]) -> str:
    """A simultaneous game of two: whoever plays columns does not know the row. Ends are named ``e00``, ``e01``, …"""
    rows, columns = range(len(row)), range(len(row[0]))
    moves = ", ".join(f"m{i}: after{i}" for i in rows)
    lines = [
        "    players: {row: first_player, column: second_player}",
        "    begins: choose_row",
        "    nodes:",
        f"      choose_row: {{by: row, moves: {{{moves}}}}}",
    ]
    for i in rows:
        ways = ", ".join(f"k{j}: e{i}{j}" for j in columns)
        lines.append(f"      after{i}: {{by: column, knows: unseen, moves: {{{ways}}}}}")
    lines.append("    ends:")
    for i in rows:
        lines += [f"      e{i}{j}: {{row: {row[i][j]}, column: {column[i][j]}}}" for j in columns]
    return "\n".join(lines)


PUBLISHED: Mapping[str, str] = {
    **{name: bimatrix(*payoffs) for name, payoffs in BIMATRIX.items()},
    "entry deterrence": ENTRY,
    "ultimatum": ULTIMATUM,
    "centipede": CENTIPEDE,
    "beer and quiche": SIGNALLING,
}


def scenario_of(text: str, precision: object, every: str = "") -> CheckedScenario:
    """A scenario of one game named ``g``, in which measures report the odds of its ends. ``lam`` is its one belief."""
    lines = ["beliefs: {lam: {is: 1 to 2, unit: '1', assumed: a test}}"]
    lines += [f"games:\n  g:\n    rationality: {precision}", *([f"    every: {every}"] if every else []), text]
    ends = read_text(HEADER + "\n".join(lines)).games["g"].ends
    measures = "\n".join(f"  {end.name}: {{of: odds(g.{end.name})}}" for end in ends)
    return check(read_text(HEADER + "\n".join(lines) + "\nmeasures:\n" + measures))


def numbers_of(checked: CheckedScenario) -> tuple[Game, dict[str, dict[str, float]], dict[str, list[float]]]:
    """The game ``g`` with its pay-offs and the odds of chance, all known numbers."""
    game, meaning = checked.scenario.games["g"], checked.meaning
    payoffs = {e.name: {p.player: float(constant(meaning[p.value]) or 0.0) for p in e.payoffs} for e in game.ends}
    chance = {}
    for node in game.nodes:
        if node.by is None:
            odds = [None if way.odds is None else constant(meaning[way.odds]) for way in node.ways]
            rest = 1.0 - sum(x for x in odds if x is not None)
            chance[node.name] = [rest if x is None else x for x in odds]
    return game, payoffs, chance


def solutions_of_gambit(name: str) -> dict[float, dict[str, dict[str, float]]]:
    """pygambit's solutions of a published game: by precision, information set and move. `make solutions` finds them."""
    kept = json.loads(SOLUTIONS.read_text(encoding="utf-8"))["games"][name]
    assert kept["game"] == PUBLISHED[name].splitlines(), f"{name} has been changed since: make solutions"
    return {float(precision): moves for precision, moves in kept["solutions"].items()}
