"""How the native engine's cost grows with futures, with members and with steps: in proportion, if all is well."""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from playout.bench import workload
from playout.bench.contest import Progress
from playout.bench.play import Crew, engine_for, no_beliefs
from playout.compile.engine import BLOCK


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is played. Each of these is varied alone; the others stay at BLOCK futures, 8 organisations, 260 weeks."""

    futures: tuple[int, ...]
    organisations: tuple[int, ...]
    weeks: tuple[int, ...]
    turns: int


@dataclass(frozen=True, slots=True)
class Curve:
    """counts: of what grows. work: futures × organisations × weeks at each count. seconds: of processor time on one
    core, the best of the turns."""

    name: str
    counts: tuple[int, ...]
    work: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def units(self) -> tuple[float, ...]:
        """Nanoseconds a future, organisation and week."""
        return tuple(1e9 * s / w for s, w in zip(self.seconds, self.work, strict=True))

    @property
    def exponent(self) -> float:
        """The power of the count that cost grows with, by least squares of logarithms; 1 is in proportion."""
        x, y = [math.log(c) for c in self.counts], [math.log(s) for s in self.seconds]
        mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
        above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
        return above / sum((a - mean_x) ** 2 for a in x)

    def as_json(self) -> dict[str, object]:
        points = [
            {"count": c, "seconds": s, "nanoseconds_a_unit": u}
            for c, s, u in zip(self.counts, self.seconds, self.units, strict=True)
        ]
        return {"name": self.name, "exponent": round(self.exponent, 3), "points": points}


@contextlib.contextmanager
def fresh_cache() -> Iterator[None]:
    """Object code is kept in a folder that is empty now and gone afterwards."""
    before = os.environ.get("PLAYOUT_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PLAYOUT_CACHE"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["PLAYOUT_CACHE"]
            else:
                os.environ["PLAYOUT_CACHE"] = before


def curves(ladder: Ladder, told: Progress) -> tuple[Curve, ...]:
    """Climb each ladder. A Missing where there is no native engine."""
    organisations, weeks = len(workload.FIRST_MEMBERS), workload.YEARS * workload.WEEKS
    with fresh_cache():
        usual = Crew(engine_for(workload.program(), "single"), 1)

        def of_futures(count: int) -> Rung:
            return Rung(count, count * organisations * weeks, lambda: usual.play(no_beliefs, 0, count))

        def of_variant(count: int, members: int, steps: int) -> Rung:
            crew = Crew(engine_for(workload.program(members, steps), "single"), 1)
            return Rung(count, BLOCK * members * steps, lambda: crew.play(no_beliefs, 0, BLOCK))

        told("growing", 0, 3)
        found = [_climbed("futures", [of_futures(n) for n in ladder.futures], ladder.turns)]
        told("growing", 1, 3)
        members = [of_variant(n, n, weeks) for n in ladder.organisations]
        found.append(_climbed("members", members, ladder.turns))
        told("growing", 2, 3)
        steps = [of_variant(n, organisations, n) for n in ladder.weeks]
        found.append(_climbed("steps", steps, ladder.turns))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Rung:
    """One count of a ladder, the work there is at it, and what plays it."""

    count: int
    work: int
    play: Callable[[], object]


def _climbed(name: str, rungs: Sequence[Rung], turns: int) -> Curve:
    best = [math.inf] * len(rungs)
    for _ in range(turns):
        for place, rung in enumerate(rungs):
            best[place] = min(best[place], processor_seconds(rung.play))
    return Curve(name, tuple(r.count for r in rungs), tuple(r.work for r in rungs), tuple(best))


def processor_seconds(play: Callable[[], object]) -> float:
    """Of processor time that a call takes, in all threads of this process."""
    begun = time.process_time()
    play()
    return time.process_time() - begun
