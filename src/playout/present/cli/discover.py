"""``playout discover``: in which region of the beliefs do futures end badly?"""

from __future__ import annotations

import argparse
from typing import Any

from playout.present.cli.arguments import (
    add_held,
    add_json,
    add_playing,
    add_quiet,
    add_scenario,
    add_verb,
    names,
    number,
    share,
    whole,
)
from playout.present.cli.pictures import add_chart, check_picture, picture_lines
from playout.present.cli.printing import print_json, print_lines

CASES = ("peel_alpha", "paste_alpha", "mass_min", "objective", "threshold")


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "discover", discover, "what makes futures end badly: which region of the beliefs?")
    add_scenario(parser)
    option = parser.add_argument
    option(
        "--bad",
        metavar="ENDING",
        required=True,
        help="what is bad: 'homicides > 30000', 'highest 10%% of homicides', 'reached track.stage', 'question.no', "
        "'homicides against no_action > 500'; several joined by and, or by or",
    )
    add_search(parser)
    add_playing(parser)
    add_held(parser)
    add_chart(parser, "the first box")
    add_quiet(parser)
    add_json(parser)


def add_search(parser: argparse.ArgumentParser) -> None:
    """How boxes are looked for, and which are chosen."""
    option = parser.add_argument
    option("--method", metavar="prim|cart", default="prim", help="boxes that are peeled, or leaves of a tree (prim)")
    option("--beliefs", metavar="NAMES", type=names, help="only these beliefs, with commas (default: all that vary)")
    option("--boxes", metavar="N", type=whole, default=1, help="how many boxes, each in what the others left (1)")
    option("--density", metavar="SHARE", type=share, help="choose the box that covers most among those so dense")
    option("--place", metavar="N", type=whole, help="choose the box at this place of the trajectory")
    option("--halves", metavar="N", type=whole, help="random halves in which boxes are looked for again (10)")
    option("--peel-alpha", metavar="SHARE", type=share, help="share of futures that a step cuts off (0.05)")
    option("--paste-alpha", metavar="SHARE", type=share, help="share of futures that a step adds (0.05)")
    option("--mass-min", metavar="SHARE", type=share, help="least share of all futures in a box (0.05)")
    option("--objective", metavar="NAME", help="what a step is judged by: lenient1, lenient2 or original (lenient1)")
    option("--threshold", metavar="SHARE", type=number, help="density that a box must reach (that of all futures)")


def discover(options: argparse.Namespace) -> None:
    """``playout discover``: play, look for boxes, print them in words."""
    import playout
    from playout.present.progress import progress_bar

    check_picture(options.chart)
    chosen = {name: getattr(options, name) for name in CASES if getattr(options, name) is not None}
    with progress_bar(quiet=options.quiet) as told:
        discovered = playout.discover(
            options.scenario,
            options.bad,
            method=options.method,
            beliefs=options.beliefs,
            boxes=options.boxes,
            density=options.density,
            place=options.place,
            halves=options.halves,
            futures=options.futures,
            seed=options.seed,
            policy=options.policy,
            view=options.view,
            engine=options.engine,
            precision=options.precision,
            tables=options.tables,
            allow_stopped=options.allow_stopped,
            progress=told,
            **chosen,
        )
        if options.chart is not None:
            discovered.chart().save(options.chart)
    if options.json:
        print_json({**discovered.as_json(), "chart": options.chart})
        return
    from playout.present.discovery import discovery_lines

    print_lines(lambda width: [*discovery_lines(discovered, width), *picture_lines(options.chart)])
