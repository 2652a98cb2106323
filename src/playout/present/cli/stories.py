"""``playout stories``: what do typical futures look like?"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from playout.errors import UsageError
from playout.present.cli.arguments import (
    RESULTS,
    add_held,
    add_json,
    add_playing,
    add_quiet,
    add_scenario,
    add_verb,
    whole,
)
from playout.present.cli.printing import print_json, print_lines


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "stories", stories, "tell typical futures, and those at the ends, as dated narratives")
    add_scenario(parser)
    add_playing(parser)
    option = parser.add_argument
    add_held(parser)
    option("--count", metavar="N", type=whole, help="how many typical stories (default: 3 to 8, as the futures fall)")
    option(
        "--tail",
        metavar="END",
        action="append",
        help="an end to tell instead of the usual ones: worst:MEASURE, fastest:TRACK.STAGE or longest:TRACK.STAGE; "
        "may be given several times",
    )
    option("--no-tails", action="store_true", help="no futures at the ends")
    option("--future", metavar="NUMBER", type=whole, help="tell this future only")
    option("--results", metavar="FOLDER", help=f"take the run from there if it has it (default: in {RESULTS}/)")
    option("--markdown", action="store_true", help="as a page in Markdown, with what is behind each sentence")
    option("--out", metavar="FILE", help="write it there instead of printing it (Markdown, or JSON with --json)")
    add_quiet(parser)
    add_json(parser)


def stories(options: argparse.Namespace) -> None:
    """``playout stories``: play, or take the run that is kept, and tell."""
    from pathlib import Path

    from playout import pipeline
    from playout.pipeline.stories import stories as tell_stories
    from playout.present.cli.run import default_folder
    from playout.present.progress import progress_bar
    from playout.simulate.result import scenario_name

    place = None if options.out is None else Path(options.out)
    if place is not None and place.is_dir():
        raise UsageError(f"{place} is a folder\n  hint: --out names the file to write")
    if options.tail and options.no_tails:
        raise UsageError("`--tail` names ends to tell and `--no-tails` asks for none: leave one of them out")
    with progress_bar(quiet=options.quiet) as told:
        told("reading", 0, 1)
        checked = pipeline.load(options.scenario, tables=options.tables)
        found = tell_stories(
            checked,
            count=options.count,
            tails=options.tail or not options.no_tails,
            future=options.future,
            futures=options.futures,
            seed=options.seed,
            policy=options.policy,
            view=options.view,
            engine=options.engine,
            precision=options.precision,
            results=options.results or default_folder(scenario_name(checked.scenario), options.policy, options.view),
            allow_stopped=options.allow_stopped,
            progress=told,
        )
    if place is not None:
        import json

        from playout.simulate.store import write_text

        plain = json.dumps(found.as_json(), ensure_ascii=False, allow_nan=False) + "\n" if options.json else None
        write_text(place, plain or found.markdown())
        print(f"wrote {place}", file=sys.stderr if options.json else sys.stdout)
    elif options.json:
        print_json(found.as_json())
    elif options.markdown:
        print(found.markdown(), end="")
    else:
        print_lines(found.lines)
