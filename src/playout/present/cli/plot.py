"""``playout plot``: one picture, for a slide, a page or a paper."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from playout.present.cli.arguments import FLAGSHIP, add_held, add_json, add_quiet, add_seed, add_verb, whole
from playout.present.cli.printing import print_json


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "plot", plot, "draw one picture of a run as PNG, SVG or HTML")
    option = parser.add_argument
    option("of", metavar="RUN", help=f"a folder that holds a run, or a scenario to play, {FLAGSHIP} say")
    option(
        "what",
        metavar="WHAT",
        help="ladder, questions, views, ties, policies, tornado, or the name of a measure or decision",
    )
    option("-o", "--out", metavar="FILE", required=True, help="where it goes; .png, .svg or .html says as what")
    option("--dark", action="store_true", help="light on dark; an HTML file follows its reader's system")
    option("--width", metavar="N", type=whole, default=640, help="how many pixels wide its plot is (640)")
    option("--tables", metavar="FOLDER", help="where the CSV files of tables and sets are looked for")
    option("--futures", metavar="N", type=whole, help="how many to play of a scenario (10,000)")
    add_seed(parser)
    add_held(parser)
    add_quiet(parser)
    add_json(parser)


def plot(options: argparse.Namespace) -> None:
    """``playout plot``: draw, write, say where and what it shows."""
    from playout.pipeline.plot import plot as plot_picture
    from playout.present.plot import check_look
    from playout.present.progress import progress_bar

    place = Path(options.out)
    check_look(place, options.width)
    with progress_bar(quiet=options.quiet) as told:
        picture = plot_picture(
            options.of,
            options.what,
            futures=options.futures,
            seed=options.seed,
            policy=options.policy,
            view=options.view,
            tables=options.tables,
            progress=told,
        )
        picture.write(place, dark=options.dark, width=options.width)
    if options.json:
        print_json({"picture": picture.name, "title": picture.title, "text": picture.text, "file": str(place)})
    else:
        print(f"{picture.title}\n{place}")
