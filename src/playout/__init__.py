"""Playout makes a written policy scenario executable: check it, play it out many thousand times, see what could happen.

    import playout

    scenario = playout.load("us-mexico-cartels")         a file, a folder, or the name of an installed scenario
    result = playout.run(scenario, futures=10_000)       data first: result.summary, result.runs.outcomes, …
    compared = playout.compare(scenario)                 policies side by side: compared.frame(), as_json(), chart()
    explained = playout.explain(scenario, "homicides")   which beliefs decide it: explained.frame(), explained.chart()
    found = playout.discover(result, "homicides > 1e5")  where futures end badly: found.rules(), found.frame()
    stories = playout.stories(result)                    typical futures as dated narratives, with their shares
    games = playout.games(scenario)                      how its games are solved: games.frame(), games.ends()
    group = playout.bargain("actors.csv")                where a group decision ends: group.forecast, group.frame()
    picture = playout.plot(result, "ladder")             one picture: picture.write("ladder.png")
    verdict = playout.check("my-scenario.yaml")          diagnostics instead of an exception
    document = playout.show(scenario, ["beliefs"])       the scenario as a document: as_json(), markdown(), diagram()

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
    from typing import Any

    from playout.model.checked import CheckedScenario
    from playout.pipeline import Verdict
    from playout.pipeline.report import Written
    from playout.pipeline.run import Result
    from playout.present.bargaining import Bargained
    from playout.present.compared import Compared
    from playout.present.discovery import Discovered
    from playout.present.document.select import Document
    from playout.present.explained import Explained
    from playout.present.games import Games
    from playout.present.plot import Picture
    from playout.present.stories import Stories
    from playout.simulate.result import Runs

__all__ = [
    "load", "check", "run", "compare", "explain", "discover", "stories", "bargain", "games", "show", "plot", "report",
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


def compare(
    scenario: str | Path | CheckedScenario,
    policies: Sequence[str] | None = None,
    *,
    views: Sequence[str] | None = None,
    by: str = "policy",
    outcomes: Sequence[str] | None = None,
    objective: str | None = None,
    reference: str | None = None,
    futures: int | None = None,
    seed: int = 1,
    engine: str = "native",
    precision: str | None = None,
    tables: str | Path | None = None,
    allow_stopped: float = 0.01,
    to_tell: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Compared:
    """Play the same futures under several policies, and say by how much they differ, how surely, and in which futures.

    policies: two names or more, each perhaps several joined by ``+``, and ``unchanged`` for the scenario without one;
    by default all of the scenario's that are not marked as a switch (and ``unchanged`` where it has no baseline).
    views: those whose futures are looked at. by: ``view`` compares views instead, under one policy (the baseline unless
    ``policies`` names another). reference: what the others are read against: by default the scenario's baseline where
    it is compared, else the first.
    outcomes: measures, questions, ``track.stage`` or ``decision.option``; ``all`` for the story's stages, every
    question without a condition and every measure without an index; by default what the scenario puts first. Measures
    of people are always compared, and less of them is better. An amount is summed over the run, a level read at its
    end.
    objective: what is wanted, as in ``less homicides * 2, avoid civilians_killed > 100``; see
    `playout.analyse.objective`. Without one nothing is ranked.
    futures: under each policy, 10,000 by default. to_tell: differences that are to be told from nothing, as in
    ``homicides 500``. Other arguments as in `run`.
    Raises a UsageError for unknown names (all at once), a name given twice, fewer than two to compare, an objective
    that cannot be read, and fewer futures than a view needs; a RunError where too many futures stopped or two standard
    errors are more than what is to be told.
    """
    from playout.pipeline.compare import compare as compare_policies

    return compare_policies(
        scenario,
        policies,
        views=views,
        by=by,
        outcomes=outcomes,
        objective=objective,
        reference=reference,
        futures=futures,
        seed=seed,
        engine=engine,
        precision=precision,
        tables=tables,
        allow_stopped=allow_stopped,
        to_tell=to_tell,
        progress=progress,
    )


def stories(
    scenario: str | Path | CheckedScenario | Result,
    *,
    count: int | None = None,
    tails: bool | Sequence[str] = True,
    future: int | None = None,
    futures: int | None = None,
    seed: int = 1,
    policy: str | None = None,
    view: str | None = None,
    engine: str = "native",
    precision: str | None = None,
    tables: str | Path | None = None,
    results: str | Path | None = None,
    allow_stopped: float = 0.01,
    progress: Callable[[str, int, int], None] | None = None,
) -> Stories:
    """Tell typical futures, and those at the ends, as dated narratives whose sentences point to what is behind them.

    scenario: as in `run`, or what `run` gave: then its futures are told, and how they are played is not asked again.
    count: how many typical stories; None takes as many from 3 to 8 as set the futures apart best. tails: whether
    futures at the ends are told too, or which: ``worst:MEASURE``, ``fastest:TRACK.STAGE``, ``longest:TRACK.STAGE``.
    future: tell the future of this number, and nothing else. results: a folder in which the run may be kept; it is
    taken from there if it is, and the folder is left as it is. Everything else as in `run`.
    Raises a UsageError for too few futures (30 is the least), more stories than futures that differ, a future that is
    not played, and a stage or measure that does not exist or that no future reaches.
    """
    from playout.pipeline.stories import stories as tell_stories

    return tell_stories(
        scenario,
        count=count,
        tails=tails,
        future=future,
        futures=futures,
        seed=seed,
        policy=policy,
        view=view,
        engine=engine,
        precision=precision,
        tables=tables,
        results=results,
        allow_stopped=allow_stopped,
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
    peel_alpha: float | None = None,
    paste_alpha: float | None = None,
    mass_min: float | None = None,
    objective: str | None = None,
    threshold: float | None = None,
    futures: int | None = None,
    seed: int | None = None,
    policy: str | None = None,
    view: str | None = None,
    engine: str | None = None,
    precision: str | None = None,
    tables: str | Path | None = None,
    allow_stopped: float = 0.01,
    progress: Callable[[str, int, int], None] | None = None,
) -> Discovered:
    """In which region of the beliefs futures end badly: boxes of a few limits, with what share of the bad futures lies
    in each (coverage) and what share of the futures in it is bad (density).

    scenario: as in `run`, or a run that has been played. bad: the ending that is looked for, in the reader's words:
    ``homicides > 30000``, ``homicides against no_action > 500``, ``highest 10% of homicides``, ``reached track.stage``,
    ``question.no``; several joined by ``and``, or by ``or``.
    method: ``prim`` (boxes are peeled and pasted) or ``cart`` (leaves of a tree). beliefs: those to look at, by name or
    label, and ``view`` for the choice of a view; all that vary by default. boxes: how many at most, each in what the
    others left. By default a box is chosen from its trajectory by how much of the variance of ending badly it explains,
    and limits that chance could explain are taken off it; density: choose the one that covers most among those at
    least so dense; place: choose the one at this place. halves: random halves of the futures in which boxes are looked
    for again (10; 0 for none).
    peel_alpha, paste_alpha: the share of futures that a step cuts off or adds (0.05). mass_min: the least share of all
    futures in a box (0.05). objective: what a step is judged by, ``lenient1`` by default, ``lenient2`` or ``original``.
    threshold: the density that a box must reach, by default more than that of all futures.
    futures, seed, policy, view, engine, precision, tables, allow_stopped, progress: as in `run`, where a scenario is
    given.
    Raises a UsageError for what is unknown or impossible, a RunError where too few futures end badly.
    """
    from playout.pipeline.discover import discover as discover_in

    settings = {
        "peel_alpha": peel_alpha,
        "paste_alpha": paste_alpha,
        "mass_min": mass_min,
        "objective": objective,
        "threshold": threshold,
    }
    return discover_in(
        scenario,
        bad,
        method=method,
        beliefs=beliefs,
        boxes=boxes,
        density=density,
        place=place,
        halves=halves,
        settings={name: value for name, value in settings.items() if value is not None},
        futures=futures,
        seed=seed,
        policy=policy,
        view=view,
        engine=engine,
        precision=precision,
        tables=tables,
        allow_stopped=allow_stopped,
        progress=progress,
    )


def bargain(
    table: str | Path | Sequence[Any],
    *,
    rounds: int | None = None,
    futures: int | None = None,
    seed: int = 1,
    reading: str = "printed",
    offers: str = "least",
) -> Bargained:
    """Where a group of actors ends on an issue, by the expected utility of challenging each other: Bueno de Mesquita's
    model as Scholz, Calbert and Smith (2011) re-derived it.

    table: a CSV file with the columns actor, capability, position and salience, or rows of these four (sequences or
    mappings). A cell is a number, ``a to b``, ``a to b, likely c`` or ``uniform(a; b)``; saliences go from 0 to 1, or
    all of them to 100. rounds: at most (20); they end where nobody moves any more. futures: how many are played where
    the table has ranges (2,000). reading: ``printed`` (the paper's formulas) or ``computed`` (what gives its figures).
    offers: an actor takes the one that moves it ``least``, or the ``strongest``.
    Raises an InputError that holds everything wrong with the table, a UsageError for impossible numbers.
    """
    from playout.pipeline.bargain import bargain as bargain_over

    return bargain_over(table, rounds=rounds, futures=futures, seed=seed, reading=reading, offers=offers)


def plot(
    of: str | Path | CheckedScenario | Result,
    what: str,
    *,
    futures: int | None = None,
    seed: int = 1,
    policy: str | None = None,
    view: str | None = None,
    tables: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Picture:
    """One picture of a run, with its finding as title: `write` makes a PNG, SVG or HTML file of it.

    of: a result of `run`, a folder that holds one, or a scenario to play. what: ``ladder``, ``questions``, ``views``,
    ``ties``, the name of a decision or of a measure (its difference from the baseline; with ``.level`` behind it, the
    measure itself); ``policies`` and ``tornado``, with ``.OUTCOME`` behind them, are played for. futures, seed, policy,
    view and tables: of a scenario, as in `run`.
    Raises a UsageError for a picture that there is not, an InputError for a folder whose scenario has changed since.
    """
    from playout.pipeline.plot import plot as plot_picture

    return plot_picture(
        of, what, futures=futures, seed=seed, policy=policy, view=view, tables=tables, progress=progress
    )


def report(
    of: str | Path | Result,
    out: str | Path | None = None,
    *,
    futures: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Written:
    """Write the whole report on a run, with what other verbs make of its scenario in it, and say where it is.

    of: a result of `run`, or a folder that holds one. out: the file; by default `report.html` in the run's folder.
    futures: how many each analysis plays, 5,000 by default (or as many as the run has, where these are fewer). Beside
    the report goes `analyses.json`, what the analyses in it print as JSON.
    Raises an InputError for a folder that holds no run, whose scenario has changed since, or that cannot be written to.
    """
    from playout.pipeline.report import report as write_whole_report

    return write_whole_report(of, out, futures=futures, progress=progress)


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


def explain(
    scenario: str | Path | CheckedScenario,
    outcome: str | None = None,
    *,
    method: str | None = None,
    samples: int | None = None,
    beliefs: Sequence[str] | None = None,
    by: str = "belief",
    second_order: bool = False,
    policy: str | None = None,
    view: str | None = None,
    objective: str | None = None,
    policies: Sequence[str] | None = None,
    seed: int = 1,
    engine: str = "native",
    precision: str | None = None,
    tables: str | Path | None = None,
    allow_stopped: float = 0.01,
    progress: Callable[[str, int, int], None] | None = None,
) -> Explained:
    """What decides an outcome, and what it would be worth to know it before choosing a policy.

    outcome: a question, a measure (its difference from the baseline, where there is one; ``NAME.level`` is the measure
    itself), ``track.stage`` or ``decision.option``; the headline's by default. method: ``sobol`` (shares of variance,
    the default), ``morris`` (elementary effects) or ``delta`` (how far the distribution moves; the default, and the
    only one, for a question with a condition, which is looked at in the futures that meet it). samples: rows, 2,048 by
    default; trajectories, 64; or futures, 20,000. beliefs: only these beliefs, members and groups; by default all that
    vary, groups, the choice of a view and chance. by: ``belief`` varies all members of a belief as one, ``member`` each
    apart.
    second_order: what pairs of the eight factors with the largest total effects do together.
    objective: what is wanted, as in ``less homicides, avoid civilians_killed > 100``: then what it is worth to know
    each factor before choosing among ``policies``, all but switches by default; without an outcome or a method that
    alone is found.
    Other arguments as of `run`.
    Raises a UsageError for unknown names, beliefs that are one number, too few samples, and policies named twice.
    """
    from playout.pipeline.explain import Question
    from playout.pipeline.explain import explain as explain_outcome

    question = Question(outcome, method, samples, beliefs, by, second_order, objective, policies)
    return explain_outcome(
        scenario,
        question,
        seed=seed,
        policy=policy,
        view=view,
        engine=engine,
        precision=precision,
        tables=tables,
        allow_stopped=allow_stopped,
        progress=progress,
    )
