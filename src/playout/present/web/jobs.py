"""What can be asked of a scenario, one function each: plain data in, plain data out.

A job is done in this process for the scenarios that the server was started with, and in a worker process for those
that strangers sent (see `worker_pool`), so what goes in and comes out is JSON. Beside it a job may take and give an
attachment, which only jobs look into.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from playout.analyse.linchpins import linchpins
from playout.analyse.outcome import outcome
from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario
from playout.present.web import exports
from playout.present.web.described import describe
from playout.present.web.diff import setting_yaml
from playout.present.web.explained import explained
from playout.present.web.models import Setting
from playout.present.web.options import Options
from playout.present.web.pairs import compared
from playout.present.web.paths import future, stories_of
from playout.present.web.pictures import differs, draw
from playout.present.web.playing import Pair, Progress, play_pair, shown_measures
from playout.present.web.settings import Way, lever_columns, resolve
from playout.present.words import word
from playout.simulate.belief_frame import unordered_beliefs

Plain = dict[str, Any]

PREPARED = 8_192
"""Futures that are played to find which levers matter most."""

SETTINGS = 64
"""Settings whose way of being played is kept, so that what was compiled or played for one is found again."""


@dataclass(frozen=True, slots=True)
class JobInput:
    """What a job is given. arguments: plain data. attachment: what an earlier job gave. stop: set by whoever wants the
    job to end. progress: told how many futures are done, and of how many."""

    name: str
    checked: CheckedScenario
    arguments: Mapping[str, Any]
    options: Options
    stop: threading.Event
    progress: Progress
    attachment: Any = None

    def way(self, argument: str = "setting") -> Way:
        """How the setting of an argument is played. Refuses what `resolve` refuses."""
        return _way(self.checked, Setting.model_validate(self.arguments[argument]).model_dump_json())


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job gives: plain data, and what a later job may want."""

    value: Any
    attachment: Any = None


@lru_cache(maxsize=SETTINGS)
def _way(checked: CheckedScenario, setting: str) -> Way:
    return resolve(Setting.model_validate_json(setting), checked)


def check(task: JobInput) -> JobResult:
    """A scenario that was sent: its heading, and what its checks warn of."""
    scenario = task.checked.scenario
    about = " ".join(scenario.description.split())
    warnings = [diagnostic.as_json() for diagnostic in task.checked.warnings]
    return JobResult({"title": scenario.title, "about": about, "diagnostics": warnings})


def prepare(task: JobInput) -> JobResult:
    """A scenario as the page shows it, and its picture as written: read, compiled, and played once."""
    way = resolve(Setting(scenario=task.name), task.checked)
    pair = play_pair(way, min(PREPARED, task.options.most_futures), task.stop)
    matter = most_weighty(pair)
    picture = draw("as-written", pair, whole=False).picture
    return JobResult(
        {"description": describe(task.name, task.checked, matter, pair.runs.measures, task.options), "picture": picture}
    )


def play(task: JobInput) -> JobResult:
    """The picture of a setting; attached, the page that charts of it are drawn from where it is the last."""
    pair = play_pair(task.way(), task.arguments["futures"], task.stop, task.progress)
    last = task.arguments["last"]
    drawn = draw(task.arguments["run"], pair, whole=last)
    return JobResult(drawn.picture, drawn.page if last else None)


def chart(task: JobInput) -> JobResult:
    """The specification of a chart, from the page that is attached."""
    changed = [line["text"] for line in differs(task.way())]
    return JobResult(exports.chart_spec(task.attachment, task.arguments["what"], changed))


def one_future(task: JobInput) -> JobResult:
    """One future, step by step."""
    return JobResult(future(task.way(), task.arguments["number"], task.arguments["futures"], task.stop))


def compare(task: JobInput) -> JobResult:
    """Two settings under the same draws."""
    return JobResult(compared(task.way("first"), task.way("second"), task.arguments["futures"], task.stop))


def explain(task: JobInput) -> JobResult:
    """Which beliefs decide an outcome."""
    return JobResult(explained(task.way(), task.arguments["outcome"], task.stop))


def stories(task: JobInput) -> JobResult:
    """What typical futures look like."""
    return JobResult(stories_of(task.way(), task.options.most_futures, task.stop))


def setting_file(task: JobInput) -> JobResult:
    """A setting as a scenario file."""
    return JobResult(setting_yaml(task.way()))


def write_data(task: JobInput) -> JobResult:
    """The futures of a setting, one row each, into the file that is named."""
    path, kind = Path(task.arguments["path"]), task.arguments["kind"]
    exports.write_data(task.way(), task.arguments["futures"], kind, path, task.stop)
    return JobResult(None)


JOBS: dict[str, Callable[[JobInput], JobResult]] = {
    job.__name__: job
    for job in (
        check, prepare, play, chart, one_future, compare, explain, stories, setting_file, write_data,
    )
}  # fmt: skip
"""By name."""


# --- which levers matter ----------------------------------------------------------------------------------------------


def most_weighty(pair: Pair) -> list[str]:
    """The levers that the headline hangs on most; without one, the first question and the first measure of people."""
    scenario = pair.runs.checked.scenario
    outcomes = [outcome(scenario, name, compared=pair.baseline is not None) for name in _looked_at(scenario)]
    levers = list(lever_columns(pair.way.written))
    if not outcomes or not levers:
        return []
    values = [(own, own.values(pair.runs, pair.baseline)) for own in outcomes]
    standard = scenario.words
    found = linchpins(
        values,
        levers,
        pair.runs.drawn_beliefs(levers),
        lambda p: word(p, standard).name,
        unordered=unordered_beliefs(pair.runs),
    )
    return [each.belief for each in found]


def _looked_at(scenario: Scenario) -> list[str]:
    headline = scenario.headline
    if headline is not None:
        question = [headline.question[0]] if headline.question else []
        return [*question, *(name for name, _ in headline.measures if name in shown_measures(scenario))]
    people = [name for name in shown_measures(scenario) if scenario.measures[name].people]
    return [*list(scenario.questions)[:1], *(people or list(shown_measures(scenario)))[:1]]
