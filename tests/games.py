"""Published games as scenarios, their pay-offs as beliefs or numbers, and the same games as pygambit has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HEADER = """
playout: 1
title: A game
start: 2025-01-06
horizon: 2 weeks
step: 1 week
"""


def bimatrix(row: Sequence[Sequence[float]], column: Sequence[Sequence[float]], precision: object) -> str:
    """A simultaneous game of two: whoever plays columns does not know the row. Ends are named ``e00``, ``e01``, …"""
    rows, columns = range(len(row)), range(len(row[0]))
    moves = ", ".join(f"m{i}: after{i}" for i in rows)
    lines = [
        "games:",
        "  g:",
        "    players: {row: first_player, column: second_player}",
        f"    rationality: {precision}",
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
    ends = [f"e{i}{j}" for i in rows for j in columns]
    return "\n".join([*lines, "measures:", *(f"  {end}: {{of: odds(g.{end})}}" for end in ends)])


BIMATRIX: Mapping[str, tuple[list[list[float]], list[list[float]]]] = {
    # McKelvey and Palfrey 1995, and Goeree and Holt 2001: matching pennies with unequal stakes
    "matching pennies": ([[9, 0], [0, 1]], [[0, 1], [1, 0]]),
    "battle of the sexes": ([[3, 0], [0, 2]], [[2, 0], [0, 3.5]]),
    "prisoner's dilemma": ([[3, 0], [5, 1]], [[3, 5], [0, 1]]),
    "stag hunt": ([[4, 0], [3, 3]], [[4, 3], [0, 3]]),
    "nearly symmetric": ([[3, 0], [0, 2]], [[2, 0], [0, 3.01]]),
    "three by three": ([[3, 0, 1], [2, 5, 0], [0, 1, 4]], [[1, 4, 2], [3, 0, 2], [2, 3, 1]]),
}
