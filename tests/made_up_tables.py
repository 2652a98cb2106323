"""Tables of organised groups in the form of those published with the recruitment model, for whoever does not have them.

The published ones come with R. Prieto-Curiel, G. M. Campedelli and A. Hope, Reducing cartel recruitment is the only way
to lower violence in Mexico, Science 381 (2023). These here are drawn, with Python's own generator.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

GROUPS = 30


def write_tables(folder: Path) -> Path:
    """Groups, who is allied with whom and who fights whom; some ties are told by one side only. Gives the folder."""
    chance = random.Random(2023)
    names = [f"N{10001 + number}" for number in range(GROUPS)]
    _write(folder / "BACRIM2020_Nodes.csv", ("Node", "Group"), [(name, f"Group {name}") for name in names])
    for file, ties in (("Alliances", 20), ("Rivals", 25)):
        rows = []
        for number in range(ties):
            one, other = chance.sample(names, 2)
            weight = 1 + int(6 * chance.random())
            rows.append((f"E{2 * number}", one, other, weight))
            if number % 4:
                rows.append((f"E{2 * number + 1}", other, one, weight))
        told = {(one, other): (edge, one, other, weight) for edge, one, other, weight in rows}
        _write(folder / f"BACRIM2020_{file}.csv", ("Edge", "Node", "RNode", "weight"), list(told.values()))
    return folder


def _write(path: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with the mark that the published begin with
        csv.writer(file).writerows([head, *rows])
