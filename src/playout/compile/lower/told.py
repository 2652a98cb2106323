"""What one future is told by, step by step: entries into stages, choices and what stood behind them, events, splinters.

A told Program is the scenario's own with these series added, so its futures are the same to the bit. Runs leave them
out: nobody needs them of a hundred thousand futures.
"""

from __future__ import annotations

from collections.abc import Iterator

from playout.compile import build, ir
from playout.compile.ir import Const, Load, Node
from playout.compile.lower.scope import Workbench, own_axes

NOTHING = build.integer(-1)


def told_series(bench: Workbench) -> tuple[ir.Series, ...]:
    """One series for each of these, read over S_k (`o` an option, or the members of the set that is chosen from):

    ``TRACK entries``, ``TRACK over``          how often a stage was entered so far; days since entry at that step
    ``TRACK in STAGE``                         days spent in the stage, an amount
    ``DECISION chosen``                        what is chosen in this step, by position; -1 where nothing is
    ``DECISION pinned``                        1 where a policy or view chooses
    ``DECISION open o``, ``DECISION weight o`` 1 where it could be chosen; rationality × value
    ``EVENT count``                            how often it happens in this step
    ``born MEMBER of SET n``                   the parent's position where a spare comes alive in this step, else -1
    """
    return (*_tracks(bench), *_decisions(bench), *_events(bench), *_births(bench))


def _level(name: str, node: Node, sets: tuple[str, ...]) -> ir.Series:
    return ir.Series(name, node, "level", "year", "1", 1.0, sets)


def _tracks(bench: Workbench) -> Iterator[ir.Series]:
    for track in bench.checked.scenario.tracks.values():
        sets, axes = track.sets, own_axes(track.sets)
        yield _level(f"{track.name} entries", build.real(Load(f"{track.name}.entries", axes)), sets)
        yield _level(f"{track.name} over", Load(f"{track.name}.over", axes), sets)
        alive = bench.all_alive(axes, sets)
        for number, stage in enumerate(track.stages):
            here = build.both(build.same(Load(f"{track.name}.stage", axes), build.integer(number)), alive)
            days = build.select(here, Const(bench.days), ir.ZERO)
            yield ir.Series(f"{track.name} in {stage.name}", days, "amount", "year", "1", 1.0, sets)


def _decisions(bench: Workbench) -> Iterator[ir.Series]:
    for name, weighed in bench.weighed.items():
        axes = own_axes(weighed.sets)
        chosen = build.select(weighed.chosen, Load(f"{name}.after", axes), NOTHING)
        yield _level(f"{name} chosen", build.real(chosen), weighed.sets)
        yield _level(f"{name} pinned", build.indicator(weighed.pinned), weighed.sets)
        choose = bench.checked.scenario.decisions[name].choose
        sets = weighed.sets if choose is None else (*weighed.sets, choose)
        for option, (open_, weight) in weighed.options.items():
            yield _level(f"{name} open {option}", build.indicator(open_), sets)
            yield _level(f"{name} weight {option}", build.select(open_, weight, ir.ZERO), sets)


def _events(bench: Workbench) -> Iterator[ir.Series]:
    for event in bench.checked.scenario.events.values():
        yield _level(f"{event.name} count", Load(event.name, own_axes(event.sets)), event.sets)


def _births(bench: Workbench) -> Iterator[ir.Series]:
    for set_name, set_ in bench.checked.scenario.sets.items():
        for member in (member.name for member in set_.members if member.spare):
            number = 1
            while f"splinter {set_name} {number} of {member} happens" in bench.arrays:
                name = f"splinter {set_name} {number} of {member}"
                parent = build.select(Load(f"{name} happens"), Load(f"{name} from"), NOTHING)
                yield _level(f"born {member} of {set_name} {number}", build.real(parent), ())
                number += 1
