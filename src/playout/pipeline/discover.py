"""``discover``: from a scenario, or a run of it, to the region of beliefs in which futures end badly.

ending    = read_ending(bad, checked)           what the reader calls bad, parsed
runs      = play(checked, wanted=…)             futures, with what the ending looks at
against   = {policy: play(checked, policy)}     where it compares with other policies
discovery = discover(runs, ending, …)           boxes
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.pipeline import FUTURES, Progress, load, silent
from playout.pipeline.run import Result
from playout.simulate.result import Runs

if TYPE_CHECKING:
    from playout.analyse.ending import Ending
    from playout.present.discovery import Discovered
    from playout.simulate.design import Design


def discover(
    scenario: str | Path | CheckedScenario | Runs | Result,
    bad: str,
    *,
    method: str = "prim",
    beliefs: Sequence[str] | None = None,
    boxes: int = 1,
    density: float | None = None,
    place: int | None = None,
    halves: int | None = None,
    settings: dict[str, Any] | None = None,
    futures: int | None = None,
    seed: int | None = None,
    policy: str | None = None,
    view: str | None = None,
    engine: str | None = None,
    precision: str | None = None,
    tables: str | Path | None = None,
    allow_stopped: float = 0.01,
    progress: Progress | None = None,
) -> Discovered:
    """What makes futures end badly. See `playout.discover`."""
    from playout.analyse.discovery.discover import check_choice
    from playout.analyse.discovery.discover import discover as search
    from playout.analyse.discovery.prim import Settings
    from playout.analyse.discovery.resample import HALVES
    from playout.analyse.ending import read_ending
    from playout.present.discovery import Discovered

    told = progress or silent
    chosen = Settings(**(settings or {}))
    halves = HALVES if halves is None else halves
    check_choice(method, boxes, density, place, halves)
    if isinstance(scenario, Result | Runs):
        runs = scenario.runs if isinstance(scenario, Result) else scenario
        _only_once(futures=futures, seed=seed, policy=policy, view=view, engine=engine, precision=precision)
        ending = read_ending(bad, runs.checked)
        given = scenario.baseline if isinstance(scenario, Result) else None
        _check_there(ending, runs)
    else:
        told("reading", 0, 1)
        checked = scenario if isinstance(scenario, CheckedScenario) else load(scenario, tables=tables)
        ending = read_ending(bad, checked)
        asked = Asked(
            FUTURES if futures is None else futures, 1 if seed is None else seed, view, engine or "native", precision
        )
        runs, given = _play(checked, policy, ending, asked, allow_stopped, partial(told, "playing")), None
    against = _against(runs, given, ending, allow_stopped, told)
    told("looking for boxes", 0, 1)
    found = search(
        runs,
        ending,
        against=against,
        method="cart" if method == "cart" else "prim",
        settings=chosen,
        beliefs=beliefs,
        boxes=boxes,
        density=density,
        place=place,
        halves=halves,
    )
    return Discovered(found)


def _only_once(**arguments: object) -> None:
    """Refuse what belongs to playing where a run is given that has been played."""
    for name, value in arguments.items():
        if value is not None:
            raise UsageError(f"`{name}` is of the run that was given: leave it out, or give the scenario instead")


def _check_there(ending: Ending, runs: Runs) -> None:
    """Refuse an ending that looks at something which a run was not asked to report."""
    for clause in ending.clauses:
        if clause.outcome.kind == "measure" and clause.outcome.name.partition("[")[0] not in runs.measures:
            raise UsageError(
                f"the run that was given does not report `{clause.outcome.name}`: give the scenario instead"
            )


@dataclass(frozen=True, slots=True)
class Asked:
    """How futures are played; arguments of `play`."""

    futures: int
    seed: int
    view: str | None
    engine: str
    precision: str | None
    design: Design | None = None


def _play(
    checked: CheckedScenario,
    policy: str | None,
    ending: Ending,
    asked: Asked,
    allow_stopped: float,
    told: Callable[[int, int], None],
) -> Runs:
    from playout.simulate.run import own_precision, play

    return play(
        checked,
        futures=asked.futures,
        seed=asked.seed,
        policy=policy,
        view=asked.view,
        design=asked.design,
        engine=asked.engine,
        precision=asked.precision or own_precision(asked.engine),
        allow_stopped=allow_stopped,
        wanted=ending.wanted,
        progress=told,
    )


def _against(runs: Runs, given: Runs | None, ending: Ending, allow_stopped: float, told: Progress) -> dict[str, Runs]:
    """The same futures under each policy that the ending compares with."""
    found: dict[str, Runs] = {}
    engine = "numpy" if runs.engine == "numpy" else "native"
    asked = Asked(runs.futures, runs.seed, runs.view, engine, runs.precision, runs.design)
    for name in ending.policies:
        if given is not None and given.policy == name:
            found[name] = given
        elif runs.policy == name:
            found[name] = runs
        else:
            progress = partial(told, f"playing {name}")
            found[name] = _play(runs.checked, name, ending, asked, allow_stopped, progress)
    return found
