"""What a shipped scenario costs, from its text to its futures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from playout.bench.contest import Progress
from playout.bench.play import Crew, cores, native_engine
from playout.bench.scale import fresh_cache, processor_seconds
from playout.compile.lower import lower
from playout.compile.rewrite import rewrite
from playout.model.check import check
from playout.read.decode import read_scenario
from playout.read.installed import find_scenario
from playout.simulate.matrix import belief_rows

T = TypeVar("T")

SEED = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock: read (and check), lower, write (LLVM's text), compile (cold), load (compiled before).

    Microseconds of processor time a future: beliefs (drawing them), single, double (playing, without beliefs).
    futures_per_second: in single precision, beliefs drawn, on all cores, by the clock.
    """

    scenario: str
    assignments: int
    read: float
    lower: float
    write: float
    compile: float
    load: float
    beliefs: float
    single: float
    double: float
    futures_per_second: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def cost(name: str, futures: int, turns: int, told: Progress) -> Cost:
    """name: of an installed scenario. futures: in a turn; the best of the turns counts. A Missing where there is no
    native engine."""
    told("the flagship", 0, 2)
    checked, read = _timed(lambda: check(read_scenario(find_scenario(name), None)))
    program, lowered = _timed(lambda: rewrite(lower(checked)))
    with fresh_cache():
        cold = native_engine(program, "single")
        warm = native_engine(program, "single")
    rows = belief_rows(checked, program.columns)
    crews = {"single": Crew(cold, cores()), "double": Crew(native_engine(program, "double"), cores())}

    def draw(first: int, count: int) -> NDArray[np.float64]:
        return rows.draw(first, count, SEED)

    drawn = draw(0, futures)

    def drawn_before(first: int, count: int) -> NDArray[np.float64]:
        return drawn[:, first : first + count]

    told("the flagship", 1, 2)
    used: dict[str, list[float]] = {"beliefs": [], "single": [], "double": []}
    clock = []
    for _ in range(turns):
        used["beliefs"].append(processor_seconds(partial(draw, 0, futures)))
        for precision, crew in crews.items():
            used[precision].append(processor_seconds(partial(crew.play, drawn_before, 0, futures)))
        clock.append(_timed(partial(crews["single"].play, draw, 0, futures))[1])
    micro = {part: 1e6 * min(seconds) / futures for part, seconds in used.items()}
    return Cost(
        name, len(program.step), read, lowered, cold.spent["write"], cold.spent["compile"], warm.spent["compile"],
        micro["beliefs"], micro["single"], micro["double"], futures / min(clock),
    )  # fmt: skip


def _timed(make: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    made = make()
    return made, time.perf_counter() - begun
