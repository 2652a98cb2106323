"""``playout run``: how could it unfold?"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from playout.present.cli.arguments import (
    RESULTS,
    add_held,
    add_json,
    add_playing,
    add_quiet,
    add_scenario,
    add_verb,
    number,
    whole,
)
from playout.present.cli.printing import print_json

if TYPE_CHECKING:
    from pathlib import Path

    from playout.model.checked import CheckedScenario
    from playout.pipeline.run import Result


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "run", run, "play a scenario: how could it unfold?")
    add_scenario(parser)
    add_playing(parser, "10,000; with --until-se, the most")
    option = parser.add_argument
    option("--until-se", metavar="X", type=number, help="play until no standard error of the odds is larger")
    add_held(parser)
    option("--out", metavar="FOLDER", help=f"where results and report go (default: a folder in {RESULTS}/)")
    option("--report", action=argparse.BooleanOptionalAction, default=True, help="write an HTML report, or not")
    option("--trace", metavar="NAME", help="print what a result rests on: equations, beliefs, evidence, sources")
    option("--trace-depth", metavar="N", type=whole, help="how many links a trace goes back (8)")
    add_quiet(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """``playout run``: play, print the summary, write the report."""
    from playout.present.progress import progress_bar

    with progress_bar(quiet=options.quiet) as told:
        checked = _load(options, told)
        result = _play(options, checked, told)
        told("writing the report", 0, 1)
        report = (result.full_report or result.report()) if options.report else None
    if options.json:
        plain = result.summary.as_json()
        if options.trace is not None:
            plain["trace"] = result.trace(options.trace, options.trace_depth).as_json()
        print_json({**plain, "results": str(result.folder), "report": None if report is None else str(report)})
        return
    from playout.present.terminal import Screen, place_line, summary_lines

    screen = Screen.of(sys.stdout)
    if options.trace is not None:
        from playout.present.trace import trace_lines

        print("\n".join(trace_lines(result.trace(options.trace, options.trace_depth), screen.width)))
        return
    place = place_line(result.folder, report, reused=result.reused)
    lines = summary_lines(result.summary, result.runs.checked.scenario, place, screen.width)
    print("\n".join(screen.render(lines)))


def _load(options: argparse.Namespace, told: Any) -> CheckedScenario:
    """The scenario. A name to trace that does not exist is told before anything is played."""
    from playout import pipeline
    from playout.analyse.trace import DEPTH, trace

    told("reading", 0, 1)
    checked = pipeline.load(options.scenario, tables=options.tables)
    if options.trace is not None:
        trace(checked, options.trace, DEPTH if options.trace_depth is None else options.trace_depth)
    return checked


def _play(options: argparse.Namespace, checked: CheckedScenario, told: Any) -> Result:
    from playout.pipeline.run import run as run_scenario
    from playout.simulate.result import scenario_name

    out = options.out or default_folder(scenario_name(checked.scenario), options.policy, options.view)
    return run_scenario(
        checked,
        futures=options.futures,
        seed=options.seed,
        policy=options.policy,
        view=options.view,
        engine=options.engine,
        precision=options.precision,
        out=out,
        allow_stopped=options.allow_stopped,
        until_se=options.until_se,
        weigh=options.report or options.json,
        progress=told,
    )


def default_folder(name: str, policy: str | None, view: str | None) -> Path:
    """Where a scenario's results go, and are looked for, unless a folder is named."""
    from pathlib import Path

    parts = [name, *(part.replace("_", "-").replace("+", "-and-") for part in (policy, view) if part)]
    return Path(RESULTS) / "-".join(parts)
