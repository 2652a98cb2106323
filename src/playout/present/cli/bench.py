"""``playout bench``: how fast does this machine play, beside other tools?"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from playout.present.cli.arguments import FLAGSHIP, add_json, add_quiet, add_verb
from playout.present.cli.printing import print_json


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "bench", bench, "how fast does this machine play, beside other tools?")
    option = parser.add_argument
    option("--quick", action="store_true", help="half a minute and rough figures, instead of some minutes")
    option("--tables", metavar="FOLDER", help="the recruitment model's published tables: then it is measured too")
    option("--out", metavar="FILE", help="a JSON file that the figures are written to as well")
    add_quiet(parser)
    add_json(parser)


def bench(options: argparse.Namespace) -> None:
    """``playout bench``: how fast this machine plays, beside other tools that are installed."""
    from pathlib import Path

    from playout.bench.measure import FULL, QUICK, measure
    from playout.present.bench import report_lines, write_report
    from playout.present.progress import progress_bar
    from playout.present.shown import check_place
    from playout.present.terminal import Screen

    out = None if options.out is None else check_place(Path(options.out), "the figures")
    tables = None if options.tables is None else Path(options.tables)
    with progress_bar(quiet=options.quiet) as told:
        report = measure(QUICK if options.quick else FULL, FLAGSHIP, tables, told)
    if out is not None:
        write_report(report, out)
    if options.json:
        print_json(report.as_json())
        return
    print("\n".join(Screen.of(sys.stdout).render(report_lines(report, out))))
