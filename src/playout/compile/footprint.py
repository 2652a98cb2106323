"""Memory that a Program takes while it is played, counted before it is.

An engine holds the arrays of some futures at once, its ``width``: what is counted here of a future is there as many
times. Engines let arrays of a step share memory where they can, so these counts are upper bounds of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from playout.compile import ir

_STEPS_OF_WORDS = 4
"""Random words are made for so many steps at once."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Bytes that playing takes.

    tables: once for each worker. future: of a future that is being played. history: how much of that is past values,
    which `delay` and `change` read. outcome: of a future's outcomes, until they are columns. block: of the counts of a
    block, however many futures it has. path: of a future whose whole path is kept.
    """

    tables: int
    future: int
    history: int
    outcome: int
    block: int
    path: int


def footprint(program: ir.Program, real: int) -> Footprint:
    """What a Program takes where a real number takes ``real`` bytes. Outcomes of a block are always doubles."""
    widths: dict[ir.Type, int] = {"real": real, "int": 4, "word": 4, "bool": 1}
    copies: dict[ir.Role, int] = {"table": 0, "state": 2}  # a state's next value stands beside the present one

    def members(sets: tuple[str, ...]) -> int:
        return math.prod(program.sizes[name] for name in sets)

    arrays = sum(copies.get(a.role, 1) * widths[a.type] * members(a.sets) for a in program.arrays.values())
    words = _STEPS_OF_WORDS * 4 * sum(members(s.sets) for s in program.streams.values() if s.per == "step")
    delays = [item for item in program.step if isinstance(item, ir.Delay)]
    history = real * sum(delay.lag * members(program.arrays[delay.array].sets) for delay in delays)
    values = sum(members(r.sets) for r in program.records)
    values += sum(members(s.sets) * len(program.periods[s.periods]) for s in program.series)
    states = program.steps + 1
    followed = sum(members(series.sets) for series in program.series)
    followed += sum(members(tally.sets) for tally in program.tallies)
    return Footprint(
        tables=real * sum(map(len, program.tables.values())),
        future=arrays + words + history + 8 * len(program.columns),
        history=history,
        outcome=8 * values,
        block=8 * states * sum(members(t.sets) * len(t.categories) for t in program.tallies),
        path=4 * states * followed,
    )
