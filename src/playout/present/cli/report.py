"""``playout report``: everything a run can tell, as one HTML file."""

from __future__ import annotations

import argparse
from typing import Any

from playout.present.cli.arguments import add_json, add_quiet, add_verb, whole
from playout.present.cli.printing import print_json


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "report", report, "write the whole report on a run, with all analyses in it")
    option = parser.add_argument
    option("run", metavar="RUN", help="a folder that holds a run: `playout run` says where it put one")
    option("-o", "--out", metavar="FILE", help="where the report goes (default: report.html in the run's folder)")
    option("--futures", metavar="N", type=whole, help="how many each analysis plays (5,000)")
    add_quiet(parser)
    add_json(parser)


def report(options: argparse.Namespace) -> None:
    """``playout report``: analyse, write, say where it is and what is in it."""
    from playout.pipeline.report import report as write_whole_report
    from playout.present.progress import progress_bar

    with progress_bar(quiet=options.quiet) as told:
        written = write_whole_report(options.run, options.out, futures=options.futures, progress=told)
    size = written.report.stat().st_size
    if options.json:
        made = list(written.given.as_json())
        print_json({"report": str(written.report), "bytes": size, "analyses": made, "numbers": str(written.analyses)})
    else:
        print(f"Report  {written.report} ({size / 1e6:.1f} MB)\nIts numbers as JSON  {written.analyses}")
