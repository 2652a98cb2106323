"""``stories``: what do typical futures look like, told as dated narratives?

In:   a scenario, or what a run of it gave; how many stories, which ends
Out:  Stories: futures told in sentences, with the shares of those they stand for

runs     = play(checked, …)                futures, or a run that is kept; baseline likewise
found    = features(runs, baseline)        what futures are compared by
typical  = typical(found, count)           clusters, their medoids and shares
tails    = tails(runs, baseline, ends)     futures at the ends
told     = replay(runs, futures)           those futures again, step by step
facts    = facts(runs, baseline, told, …)  what is said beside them
stories  = told_story(…)                   sentences
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.pipeline import FUTURES, Progress, load, silent
from playout.pipeline.run import BASELINE, Request, Result, kept, played

if TYPE_CHECKING:
    from playout.analyse.stories.tails import End
    from playout.present.stories import Stories
    from playout.simulate.result import Runs


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
    progress: Progress | None = None,
) -> Stories:
    """Tell futures as stories. See `playout.stories`."""
    from playout.analyse.stories.tails import ends
    from playout.simulate.policy import beside
    from playout.simulate.run import own_precision

    told = progress or silent
    if isinstance(scenario, Result):
        named = None if isinstance(tails, bool) else ends(scenario.runs.checked.scenario, tails)
        return _told(scenario.runs, scenario.baseline, count, named, tails is not False, future, told)
    told("reading", 0, 1)
    checked = scenario if isinstance(scenario, CheckedScenario) else load(scenario, tables=tables)
    named = None if isinstance(tails, bool) else ends(checked.scenario, tails)
    asked = FUTURES if futures is None else futures
    request = Request(
        asked, seed, policy, view, engine, precision or own_precision(engine), allow_stopped, until_se=None
    )
    if future is not None and not 0 <= future < asked:
        raise UsageError(f"there is no future {future:,}: {asked:,} are played, numbered 0 to {asked - 1:,}")
    folder = None if results is None else Path(results)
    runs = _runs(checked, request, folder, "playing", told)
    beside_it, name = beside(runs.checked, runs.policy)
    baseline = None
    if name is not None:
        place = None if folder is None else folder / BASELINE
        baseline = _runs(beside_it, replace(request, policy=name), place, "playing the baseline", told)
    return _told(runs, baseline, count, named, tails is not False, future, told)


def _runs(checked: CheckedScenario, request: Request, folder: Path | None, stage: str, told: Progress) -> Runs:
    """Runs from a folder that has them, which is left as it is; else played."""
    found = None if folder is None else kept(checked, request, folder)
    return found if found is not None else played(checked, request, None, stage, told)[0]


def _told(
    runs: Runs,
    baseline: Runs | None,
    count: int | None,
    named: Sequence[End] | None,
    with_tails: bool,
    future: int | None,
    told: Progress,
) -> Stories:
    from playout.analyse.stories.contrast import apart
    from playout.analyse.stories.facts import facts
    from playout.analyse.stories.features import features, key_measures
    from playout.analyse.stories.tails import tails as tails_of
    from playout.analyse.stories.typical import typical
    from playout.present.stories import Stories, told_story
    from playout.present.story_titles import story_titles, tail_title
    from playout.simulate.replay import replay

    scenario = runs.checked.scenario
    if future is not None:
        told("telling", 0, 1)
        futures = replay(runs, [future])
        beside = facts(runs, baseline, futures, key_measures(scenario, compared=baseline is not None))
        asked = told_story(runs, "asked", f"Future {future:,}", futures[0], beside[0])
        return Stories(runs, baseline, None, (asked,), int(runs.complete.sum()))
    told("finding typical futures", 0, 1)
    found = features(runs, baseline)
    clusters = typical(found, count)
    told("finding the ends", 0, 1)
    at_ends = tails_of(runs, baseline, named) if with_tails else ()
    told("telling", 0, 1)
    medoids = [cluster.medoid for cluster in clusters.clusters]
    futures = replay(runs, [*medoids, *(tail.future for tail in at_ends)])
    beside = facts(runs, baseline, futures, found.measures)
    contrasts = apart(runs, baseline, found, [cluster.within for cluster in clusters.clusters])
    titles = story_titles(scenario, futures[: len(medoids)], contrasts)
    made = [
        told_story(runs, "typical", title, own, own_facts, share=cluster.share)
        for title, own, own_facts, cluster in zip(titles, futures, beside, clusters.clusters, strict=False)
    ]
    made += [
        told_story(runs, "tail", tail_title(scenario, tail), own, own_facts, tail=tail)
        for tail, own, own_facts in zip(at_ends, futures[len(medoids) :], beside[len(medoids) :], strict=True)
    ]
    return Stories(runs, baseline, clusters, tuple(made), len(found.numbers))
