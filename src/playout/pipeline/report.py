"""``report``: everything a run can tell, as one HTML file.

In:   a folder that holds a run
Out:  Written: the report, and the JSON that its numbers stand in

result     = kept_run(folder)                        the run, its baseline, its summary
compared   = compare(scenario, …)                    all policies, the same futures
discovered = discover(result, bad)                   what makes the first measure of people end badly
stories    = stories(result, count=5)                typical futures, told
given      = Given(compared, discovered, …)
report     = write_report(…, given.analyses())
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from playout.errors import UsageError
from playout.pipeline import Progress, silent
from playout.pipeline.kept import kept_run
from playout.pipeline.run import ANALYSES, REPORT, Result

if TYPE_CHECKING:
    from playout.model.scenario import Scenario
    from playout.present.analysed import Given
    from playout.present.compared import Compared
    from playout.present.discovery import Discovered
    from playout.present.stories import Stories

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
    """What other verbs make of a run's scenario."""
    from playout.present.analysed import Given

    return Given(
        compared=_compared(result, futures, told),
        discovered=_discovered(result, told),
        stories=_stories(result, told),
    )


def _step(told: Progress, what: str, stage: str, done: int, total: int) -> None:
    """Progress of an analysis under its own name."""
    told(f"{what}: {stage}", done, total)


def _compared(result: Result, futures: int, told: Progress) -> Compared | None:
    """All policies side by side; None where there are no two, or the run holds one policy or view."""
    from playout.analyse.average import FEWEST_FOR_A_VIEW
    from playout.pipeline.compare import compare

    scenario = result.runs.checked.scenario
    choosable = [policy for policy in scenario.policies.values() if not policy.switch]
    if len(choosable) < (1 if scenario.baseline is None else 2) or result.runs.policy or result.runs.view:
        return None
    asked = _asked(scenario)
    return compare(
        result.runs.checked,
        outcomes=asked or None,
        futures=max(futures, FEWEST_FOR_A_VIEW),
        seed=result.runs.seed,
        progress=partial(_step, told, "comparing policies"),
    )


def _asked(scenario: Scenario) -> list[str]:
    """What the headline asks."""
    headline = scenario.headline
    return [headline.question[0]] if headline is not None and headline.question is not None else []


def _first_of_people(scenario: Scenario) -> str | None:
    """The measure by which an ending is bad: the headline's first, or the first of people without an index."""
    headline = scenario.headline
    if headline is not None and headline.measures:
        return headline.measures[0][0]
    return next((m.name for m in scenario.measures.values() if m.people and not m.binders), None)


def _discovered(result: Result, told: Progress) -> Discovered | None:
    """What makes the first measure of people end badly: the worst tenth against the baseline. None where there is no
    such measure, or too few futures differ in it."""
    from playout.errors import RunError
    from playout.pipeline.discover import discover

    name = _first_of_people(result.runs.checked.scenario)
    if name is None:
        return None
    against = f" against {result.baseline.policy}" if result.baseline is not None else ""
    try:
        return discover(
            result, f"highest 10% of {name}{against}", progress=partial(_step, told, "looking for bad ends")
        )
    except RunError:
        return None


def _stories(result: Result, told: Progress) -> Stories | None:
    """Five typical futures and those at the ends; None where there are too few futures to tell apart."""
    from playout.pipeline.stories import stories

    if result.runs.futures < FEWEST_FOR_STORIES:
        return None
    return stories(result, count=STORIES, progress=told)
