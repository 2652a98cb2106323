"""``playout compare``: which policy does better, at what, how surely?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from playout.present.cli.arguments import add_json, add_playing, add_quiet, add_scenario, add_verb, names
from playout.present.cli.printing import print_json, print_lines


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "compare", compare, "which policy does better, at what, how surely?")
    add_scenario(parser)
    add_playing(parser, "10,000 under each policy")
    option = parser.add_argument
    option("--policies", metavar="A,B,…", type=names, help="what to compare (default: all policies but switches)")
    option("--by", metavar="policy|view", default="policy", help="compare policies, or views under one policy")
    option("--views", metavar="A,B,…", type=names, help="the views to look at, or to compare (default: all)")
    option("--reference", metavar="NAME", help="what the others are read against (default: the scenario's baseline)")
    option("--outcomes", metavar="A,B,…", type=names, help="outcomes beside those of people; `all` for every one")
    option("--objective", metavar="TEXT", help="what is wanted: `less homicides * 2, avoid civilians_killed > 100`")
    option("--to-tell", metavar="TEXT", help="differences that must not drown in noise: `homicides 500`")
    option("--out", metavar="FOLDER", help="a folder that the table, the data and the chart are written to")
    add_quiet(parser)
    add_json(parser)


def compare(options: argparse.Namespace) -> None:
    """``playout compare``: play each policy in the same futures, and print by how much they differ."""
    from playout.pipeline.compare import compare as compare_policies
    from playout.present.progress import progress_bar
    from playout.simulate.run_folder import check_writable

    folder = None if options.out is None else Path(options.out)
    if folder is not None:
        check_writable(folder)
    with progress_bar(quiet=options.quiet) as told:
        compared = compare_policies(
            options.scenario,
            options.policies,
            views=options.views,
            by=options.by,
            outcomes=options.outcomes,
            objective=options.objective,
            reference=options.reference,
            futures=options.futures,
            seed=options.seed,
            engine=options.engine,
            precision=options.precision,
            tables=options.tables,
            allow_stopped=options.allow_stopped,
            to_tell=options.to_tell,
            progress=told,
        )
        if folder is not None:
            compared.write(folder)
    if options.json:
        print_json({**compared.as_json(), "results": None if folder is None else str(folder)})
        return
    from playout.present.compared.terminal import compare_lines

    print_lines(lambda width: compare_lines(compared, width))
