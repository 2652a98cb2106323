"""Playout makes a written policy scenario executable: check it, play it out many thousand times, see what could happen.

    import playout

    scenario = playout.load("us-mexico-cartels")         a file, a folder, or the name of an installed scenario
    result = playout.run(scenario, futures=10_000)       data first: result.summary, result.runs.outcomes, …
    verdict = playout.check("my-scenario.yaml")          diagnostics instead of an exception
    document = playout.show(scenario, ["beliefs"])       the scenario as a document: as_json(), markdown(), diagram()
    games = playout.games(scenario)                      how its games are solved: frame(), ends(), as_json(), chart()

Importing this module is quick: what a call needs is imported when it is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playout.errors import (
    Diagnostic,
    InputError,
    PlayoutError,
    RunError,
    ScenarioError,
    Span,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from playout.model.checked import CheckedScenario
    from playout.pipeline import Verdict
    from playout.pipeline.run import Result
    from playout.present.document.select import Document
    from playout.present.games import Games

__all__ = [
    "load", "check", "run", "show", "games",
    "PlayoutError", "ScenarioError", "InputError", "UsageError", "RunError", "Diagnostic", "Span",
    "__version__",
]  # fmt: skip


def load(scenario: str | Path, *, tables: str | Path | None = None) -> CheckedScenario:
    """A sound scenario, read and checked.

    scenario: a file, a folder that holds a `scenario.yaml`, or the name of an installed scenario. tables: the folder in
    which CSV files of tables and sets are looked for, in place of the scenario's own.
    Raises a ScenarioError that holds everything wrong, or an InputError where there is nothing to read.
    """
    from playout.pipeline import load as load_scenario

    return load_scenario(scenario, tables=tables)


def check(scenario: str | Path, *, tables: str | Path | None = None) -> Verdict:
    """What is wrong with a scenario, and what its beliefs rest on. Arguments as in `load`."""
    from playout.pipeline import check as check_scenario

    return check_scenario(scenario, tables=tables)


def run(
    scenario: str | Path | CheckedScenario,
    *,
    futures: int | None = None,
    seed: int = 1,
    policy: str | None = None,
    view: str | None = None,
    engine: str = "native",
    precision: str | None = None,
    tables: str | Path | None = None,
    out: str | Path | None = None,
    allow_stopped: float = 0.01,
    until_se: float | None = None,
    weigh: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> Result:
    """Play a scenario and its baseline under the same draws, and sum up what came of it.

    futures: how many, 10,000 by default. until_se: play 4,096 futures, then twice as many and so on, until the largest
    standard error among the odds of stages and questions is no more than this; ``futures`` is then the most that may
    be played, 1,048,576 by default.
    policy: a name, or several joined by ``+``. view: held by all futures; by default each draws its own by credence.
    engine: ``native`` or ``numpy``. precision: ``single`` or ``double``; None for the engine's own (single for native).
    out: a folder to keep results in, and to take them from where nothing has changed. allow_stopped: the share of
    futures that may stop for breaking a bound. weigh: play some futures again for what the results rest on, where the
    scenario has a headline. progress: told a stage's name, how much of it is done, and of how much.
    Raises a UsageError for unknown names and impossible numbers, a RunError where too many futures stopped.
    """
    from playout.pipeline.run import run as run_scenario

    return run_scenario(
        scenario,
        futures=futures,
        seed=seed,
        policy=policy,
        view=view,
        engine=engine,
        precision=precision,
        tables=tables,
        out=out,
        allow_stopped=allow_stopped,
        until_se=until_se,
        weigh=weigh,
        progress=progress,
    )


def show(
    scenario: str | Path | CheckedScenario,
    what: Sequence[str] = (),
    *,
    inside: Sequence[str] = (),
    tables: str | Path | None = None,
) -> Document:
    """A scenario to read: its equations, beliefs and the rest as plain objects, Markdown or diagrams.

    what: sections of the language ("beliefs", "tracks"), "coverage", or names of single definitions; all by default.
    inside: systems or files of the scenario, where only what stands in them is wanted.
    Raises a UsageError for a part or place that is not there.
    """
    from playout.pipeline import show as show_scenario

    return show_scenario(scenario, what, inside=inside, tables=tables)


def games(
    scenario: str | Path | CheckedScenario,
    names: Sequence[str] = (),
    *,
    at: date | str | None = None,
    futures: int = 200,
    seed: int = 1,
    policy: str | None = None,
    view: str | None = None,
    tables: str | Path | None = None,
) -> Games:
    """How the games of a scenario are solved: moves, odds of ends, expected pay-offs, and what a best reply would add.

    names: which games, all by default. at: the date whose numbers they are solved by, the scenario's start by default.
    futures: over how many the ends' odds are averaged, each future solved at its own numbers; the other numbers are
    those of the solution at the medians. policy, view: as in `run`.
    Probabilities are good to 1e-9. Raises a UsageError for unknown games, dates outside the run, and games of which no
    equilibrium is found.
    """
    from playout.pipeline.games import games as solve_games

    return solve_games(scenario, names, at=at, futures=futures, seed=seed, policy=policy, view=view, tables=tables)


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("playout")
        except PackageNotFoundError:  # run from its source, without being installed
            return "unknown"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
