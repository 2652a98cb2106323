"""``run``: how could it unfold?

In:   a scenario; futures, seed, policy, view
Out:  Result: Runs (one row a future), the baseline's Runs under the same draws, and their Summary

checked  = load(scenario)                  a file → CheckedScenario
runs     = play(checked, …)                CheckedScenario → Program → blocks of futures → Runs
baseline = play(checked, …)                the same under the policy that results are read against
summary  = summarise(runs, baseline)       Runs → estimates with standard errors
report   = write_report(runs, …)           estimates → one HTML file
"""

from __future__ import annotations

import json
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from playout.errors import InputError
from playout.model.check import coverage
from playout.model.checked import CheckedScenario
from playout.pipeline import FUTURES, Progress, load, silent

if TYPE_CHECKING:
    from playout.analyse.summary import Summary
    from playout.present.trace import Traced
    from playout.present.views.analyses import Analyses
    from playout.present.views.page import Page
    from playout.simulate.result import Runs

BASELINE = "baseline"
"""The folder of the baseline's run, inside that of the run."""

SUMMARY = "summary.json"
REPORT = "report.html"
ANALYSES = "analyses.json"
"""What `playout report` puts beside a run: what the analyses in the report print as JSON."""


@dataclass(frozen=True)
class Result:
    """What a run gives. folder: where results are kept, if anywhere; reused: they were there, and nothing had changed.

    baseline: None where the scenario names none, or is played under it. allow_stopped: the share of futures that might
    stop, for analyses that play more.
    """

    runs: Runs
    baseline: Runs | None
    summary: Summary
    folder: Path | None
    reused: bool
    allow_stopped: float = 0.01

    def trace(self, name: str, depth: int | None = None) -> Traced:
        """What stands behind a result of this run: see `playout.analyse.trace.trace`, which says what is refused."""
        from playout.analyse.trace import DEPTH, trace
        from playout.present.trace import Traced

        found = trace(self.runs.checked, name, DEPTH if depth is None else depth)
        return Traced(found, self.runs, self.baseline, self.summary, name)

    def page(self) -> Page:
        """Everything a report shows, as plain data."""
        from playout.present.views.read import page_of

        return page_of(self.runs, self.baseline, self.summary)

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer, the ladder, and the first measures of people."""
        from playout.present.plot import shown_run

        return shown_run(self.page())

    def report(self, path: str | Path | None = None, analyses: Analyses | None = None) -> Path:
        """Write the report, into the results' folder unless told where, and say where it is.

        analyses: what other verbs made of the scenario, as `playout report` gathers it; the report says of what is not
        there how to make it.
        """
        from playout.present.report import write_report

        if path is None:
            path = (self.folder or Path()) / REPORT
        return write_report(self.runs, self.baseline, self.summary, Path(path), analyses)

    @property
    def full_report(self) -> Path | None:
        """The report in the results' folder, where `playout report` has put all analyses of this very run into it."""
        if self.folder is None or not self.reused:
            return None
        from playout.simulate.records import read_json

        try:
            of = read_json(self.folder / ANALYSES)["identity"]
        except (OSError, ValueError, KeyError):
            return None
        place = self.folder / REPORT
        return place if of == self.runs.identity() and place.is_file() else None


@dataclass(frozen=True)
class Request:
    """How a scenario is to be played; the arguments of `playout.run`."""

    futures: int
    seed: int
    policy: str | None
    view: str | None
    engine: str
    precision: str
    allow_stopped: float
    until_se: float | None


def run(
    scenario: str | Path | CheckedScenario,
    *,
    futures: int | None,
    seed: int,
    policy: str | None = None,
    view: str | None = None,
    engine: str = "native",
    precision: str | None = None,
    tables: str | Path | None = None,
    out: str | Path | None = None,
    allow_stopped: float = 0.01,
    until_se: float | None = None,
    weigh: bool = True,
    progress: Progress | None = None,
) -> Result:
    """Play a scenario and its baseline. See `playout.run`."""
    from playout.simulate.run import MOST_UNTIL, own_precision
    from playout.simulate.run_folder import check_run_folder

    told = progress or silent
    folder = None if out is None else Path(out)
    if folder is not None:
        check_run_folder(folder, (SUMMARY, REPORT, ANALYSES))
        check_run_folder(folder / BASELINE)
    told("reading", 0, 1)
    checked = scenario if isinstance(scenario, CheckedScenario) else load(scenario, tables=tables)
    if futures is None:
        futures = FUTURES if until_se is None else MOST_UNTIL
    precision = precision or own_precision(engine)
    request = Request(futures, seed, policy, view, engine, precision, allow_stopped, until_se)
    runs, reused = played(checked, request, folder, "playing", told)
    if until_se is not None and runs.largest_error > until_se:
        _warn_of_error(runs, until_se)
    if folder is not None and not reused:
        _clear(folder)
    baseline, reused_too = _baseline(runs, request, folder, told)
    summary = summed_up(runs, baseline, weigh=weigh, told=told)
    if folder is not None:
        _keep_summary(summary, folder)
    return Result(runs, baseline, summary, folder, reused and reused_too, allow_stopped)


def summed_up(runs: Runs, baseline: Runs | None, *, weigh: bool, told: Progress) -> Summary:
    """What came of a run and its baseline. weigh: play some futures again for what the results rest on."""
    from playout.analyse.headline import first_screen
    from playout.analyse.summary import summarise
    from playout.present.words import word

    told("summing up", 0, 1)
    scenario = runs.checked.scenario
    summary = summarise(runs, baseline, coverage(runs.checked))
    if scenario.headline is None:
        return summary
    if weigh:
        told("weighing beliefs", 0, 1)
    screen = first_screen(runs, baseline, scenario.headline, lambda p: word(p, scenario.words).name, weigh=weigh)
    return replace(summary, headline=screen)


def _warn_of_error(runs: Runs, until_se: float) -> None:
    warnings.warn(
        f"after {runs.futures:,} futures, the most that were allowed, the largest standard error is still "
        f"{runs.largest_error:.2g}, not {until_se:g}: allow more with `--futures`",
        RuntimeWarning,
        stacklevel=4,
    )


def _clear(folder: Path) -> None:
    """Take away what was said of the run that stood here before: it is not true of the new one."""
    for name in (SUMMARY, REPORT, ANALYSES):
        (folder / name).unlink(missing_ok=True)


def _baseline(runs: Runs, request: Request, folder: Path | None, told: Progress) -> tuple[Runs | None, bool]:
    """The same futures under the scenario's baseline; None where there is none, or it has just been played."""
    from playout.simulate.policy import beside
    from playout.simulate.run_folder import remove_run

    checked, name = beside(runs.checked, runs.policy)
    place = None if folder is None else folder / BASELINE
    if name is None:
        if place is not None:
            remove_run(place)  # of the run that stood here before
        return None, True
    same = replace(request, policy=name, futures=runs.futures, until_se=None)
    return played(checked, same, place, "playing the baseline", told)


def played(
    checked: CheckedScenario, request: Request, folder: Path | None, stage: str, told: Progress
) -> tuple[Runs, bool]:
    """Runs, from the folder where they are there and nothing has changed (then True), else played and kept there."""
    from playout.simulate.run import play
    from playout.simulate.store import Written

    joined, wanted, key = _keyed(checked, request)
    earlier = None if folder is None else kept(checked, request, folder)
    if earlier is not None:
        return earlier, True
    told("compiling", 0, 1)
    progress = partial(told, stage)
    if folder is None:
        return play(joined, **asdict(wanted), progress=progress), False
    asked = {"scenario": str(Path(checked.scenario.path).absolute()), **asdict(wanted)}
    with Written(folder, key, asked) as keeper:
        try:
            return keeper.finish(play(joined, **asdict(wanted), progress=progress, keeper=keeper)), False
        except KeyboardInterrupt:
            raise KeyboardInterrupt(keeper.left()) from None


def kept(checked: CheckedScenario, request: Request, folder: Path) -> Runs | None:
    """The runs asked for, where they stand in a folder and nothing has changed."""
    from playout.simulate.store import load_runs, stored_key

    joined, _, key = _keyed(checked, request)
    if stored_key(folder) == key:
        with suppress(InputError):  # a file of it was changed or lost since: play again
            return load_runs(folder, joined)
    return None


def _keyed(checked: CheckedScenario, request: Request) -> tuple[CheckedScenario, Request, str]:
    """The scenario with its policies joined, the request with their name, and the key that such a run is kept under."""
    from playout.simulate.policy import join_policies
    from playout.simulate.run import check_request
    from playout.simulate.store import run_key

    joined, policy = join_policies(checked, [request.policy] if request.policy else [])
    wanted = replace(request, policy=policy)
    named = {name: value for name, value in asdict(wanted).items() if name not in ("policy", "allow_stopped")}
    check_request(joined, **named)
    return joined, wanted, run_key(joined, **asdict(wanted))


def _keep_summary(summary: Summary, folder: Path) -> None:
    """The summary as `--json` prints it, without how long it took: the same bytes for the same run."""
    from playout.simulate.store import write_text

    plain = {name: value for name, value in summary.as_json().items() if name != "seconds"}
    write_text(folder / SUMMARY, json.dumps(plain, indent=1, ensure_ascii=False) + "\n")
