"""``report``: everything a run can tell, as one HTML file.

In:   a folder that holds a run
Out:  Written: the report, and the JSON that its numbers stand in

result     = kept_run(folder)                        the run, its baseline, its summary
compared   = compare(scenario, …)                    all policies, the same futures
explained  = explain(scenario, outcome) …            what decides the headline's outcomes
discovered = discover(result, bad)                   what makes the first measure of people end badly
stories    = stories(result, count=5)                typical futures, told
given      = Given(compared, discovered, …)
report     = write_report(…, given.analyses())
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playout.errors import PlayoutError, RunError, UsageError
from playout.pipeline import Progress, silent
from playout.pipeline.kept import kept_run
from playout.pipeline.run import ANALYSES, REPORT, Result

if TYPE_CHECKING:
    from playout.model.scenario import Scenario
    from playout.present.analysed import Given
    from playout.present.compared import Compared
    from playout.present.discovery import Discovered
    from playout.present.explained import Explained
    from playout.present.stories import Stories

MOST_MEASURES = 3
"""That are explained where the scenario has no headline."""
STORIES = 5
FEWEST_FOR_STORIES = 50
"""Fewer futures do not fall into so many kinds."""
FUTURES = 5_000
"""Under each policy, and for each outcome that is explained."""


@dataclass(frozen=True)
class Written:
    """Where a report is. analyses: where what its analyses print as JSON is; the run's own stands in `summary.json`."""

    result: Result
    given: Given
    report: Path
    analyses: Path


def report(
    of: str | Path | Result,
    out: str | Path | None = None,
    *,
    futures: int | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write the whole report on a run. See `playout.report`."""
    from playout.simulate.store import write_text

    told = progress or silent
    if futures is not None and futures < 1:
        raise UsageError(f"an analysis plays at least 1 future, not {futures:,}")
    result = of if isinstance(of, Result) else kept_run(of, progress=told)
    given = _analysed(result, min(FUTURES, result.runs.futures) if futures is None else futures, told)
    told("writing the report", 0, 1)
    folder = result.folder or Path()
    place = folder / REPORT if out is None else Path(out)
    result.report(place, given.analyses())
    beside = place.parent / ANALYSES
    plain = {"identity": result.runs.identity(), **given.as_json()}
    write_text(beside, json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return Written(result, given, place, beside)


def _analysed(result: Result, futures: int, told: Progress) -> Given:
    """What other verbs make of a run's scenario, and why not where they cannot: whatever an analysis refuses, the
    report is written without it."""
    from playout.present.analysed import Given

    made: dict[str, Any] = {}
    why_not: dict[str, str] = {}
    for name, verb, make in (
        ("compared", "compare", partial(compared, result, futures, told)),
        ("explained", "explain", partial(explained, result, futures, told)),
        ("discovered", "discover", partial(_discovered, result, told)),
        ("stories", "stories", partial(_stories, result, told)),
    ):
        try:
            made[name] = make()
        except PlayoutError as reason:
            why_not[verb] = _reason(reason)
    return Given(**made, why_not=why_not)


def _reason(problem: PlayoutError) -> str:
    """Why an analysis is not there, in one sentence; hints are for a command line."""
    lines = (line.strip() for line in str(problem).splitlines())
    return "; ".join(line for line in lines if line and not line.startswith("hint:"))


def _step(told: Progress, what: str, stage: str, done: int, total: int) -> None:
    """Progress of an analysis under its own name."""
    told(f"{what}: {stage}", done, total)


def compared(result: Result, futures: int, told: Progress) -> Compared:
    """All policies side by side. Refuses, with a RunError, a run of one policy or view, and a scenario without two."""
    from playout.analyse.average import FEWEST_FOR_A_VIEW
    from playout.pipeline.compare import compare

    scenario = result.runs.checked.scenario
    if result.runs.policy or result.runs.view:
        raise RunError("the run holds one policy or view, and these would not be its numbers")
    choosable = sum(not policy.switch for policy in scenario.policies.values()) + (scenario.baseline is None)
    if choosable < 2:
        raise RunError("the scenario has no two policies")
    asked = _asked(scenario)
    return compare(
        result.runs.checked,
        outcomes=asked or None,
        futures=max(futures, FEWEST_FOR_A_VIEW),
        seed=result.runs.seed,
        allow_stopped=result.allow_stopped,
        progress=partial(_step, told, "comparing policies"),
    )


def _asked(scenario: Scenario) -> list[str]:
    """What the headline asks."""
    headline = scenario.headline
    return [headline.question[0]] if headline is not None and headline.question is not None else []


def explained(result: Result, futures: int, told: Progress, names: Sequence[str] = ()) -> tuple[Explained, ...]:
    """What decides outcomes: those named, or the headline's question and measures, or else the first question and the
    first measures of people.

    Read from futures that are played for each outcome, by how far knowing a belief moves the outcome's distribution,
    which asks for the fewest; the report shows the outcome's means at each belief's two ends. Refuses what `explain`
    does, and with a RunError a scenario that asks and measures nothing.
    """
    from playout.analyse.sensitivity.moment_independent import FEWEST
    from playout.pipeline.explain import Question, explain

    names = names or _outcomes(result.runs.checked.scenario)
    if not names:
        raise RunError("the scenario has no question and no plain measure")
    found = []
    for name in names:
        question = Question(
            outcome=name,
            method="delta",
            samples=max(futures, FEWEST),
            beliefs=None,
            by="belief",
            second_order=False,
            objective=None,
            policies=None,
        )
        found.append(
            explain(
                result.runs.checked,
                question,
                seed=result.runs.seed,
                policy=result.runs.policy,
                view=result.runs.view,
                allow_stopped=result.allow_stopped,
                progress=partial(_step, told, f"explaining {name}"),
            )
        )
    return tuple(found)


def _outcomes(scenario: Scenario) -> list[str]:
    """What is explained."""
    headline = scenario.headline
    asked = _asked(scenario)
    if headline is not None and headline.measures:
        return [*asked, *(name for name, _ in headline.measures)]
    asked = asked or [question.name for question in scenario.questions.values() if question.given is None][:1]
    plain = [measure for measure in scenario.measures.values() if not measure.binders]
    people = [measure for measure in plain if measure.people] or plain
    return [*asked, *(measure.name for measure in people[:MOST_MEASURES])]


def _first_of_people(scenario: Scenario) -> str | None:
    """The measure by which an ending is bad: the headline's first, or the first of people without an index."""
    headline = scenario.headline
    if headline is not None and headline.measures:
        return headline.measures[0][0]
    return next((m.name for m in scenario.measures.values() if m.people and not m.binders), None)


def _discovered(result: Result, told: Progress) -> Discovered:
    """What makes the first measure of people end badly: its worst tenth, against the baseline.

    Refuses, with a RunError, a scenario without such a measure, and too few futures.
    """
    from playout.pipeline.discover import discover

    name = _first_of_people(result.runs.checked.scenario)
    if name is None:
        raise RunError("the scenario has no measure of people")
    against = f" against {result.baseline.policy}" if result.baseline is not None else ""
    return discover(result, f"highest 10% of {name}{against}", progress=partial(_step, told, "looking for bad ends"))


def _stories(result: Result, told: Progress) -> Stories:
    """Five typical futures, or as many as differ, and those at the ends. Refuses, with a RunError, too few futures to
    tell apart."""
    from playout.pipeline.stories import stories

    if result.runs.futures < FEWEST_FOR_STORIES:
        raise RunError(f"fewer than {FEWEST_FOR_STORIES} futures do not fall into kinds")
    try:
        return stories(result, count=STORIES, progress=told)
    except UsageError:  # fewer differ
        return stories(result, progress=told)
