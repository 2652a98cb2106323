"""``playout bargain``: where does a group decision end?"""

from __future__ import annotations

import argparse
from typing import Any

from playout.present.cli.arguments import add_json, add_seed, add_verb, whole
from playout.present.cli.pictures import add_chart, check_picture, picture_lines
from playout.present.cli.printing import print_json, print_lines


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "bargain", bargain, "where does a group decision end, and who challenges whom?")
    option = parser.add_argument
    option("table", metavar="TABLE.csv", help="one row an actor: actor, capability, position, salience")
    option("--rounds", metavar="N", type=whole, help="rounds at most (20)")
    option("--futures", metavar="N", type=whole, help="how many to play where the table has ranges (2,000)")
    add_seed(parser)
    option("--reading", metavar="printed|computed", default="printed", help="of the published model (printed)")
    option("--offers", metavar="least|strongest", default="least", help="which offer an actor takes (least movement)")
    add_chart(parser, "positions by round")
    add_json(parser)


def bargain(options: argparse.Namespace) -> None:
    """``playout bargain``: play the rounds and print the forecast."""
    import playout

    check_picture(options.chart)
    bargained = playout.bargain(
        options.table,
        rounds=options.rounds,
        futures=options.futures,
        seed=options.seed,
        reading=options.reading,
        offers=options.offers,
    )
    if options.chart is not None:
        bargained.chart().save(options.chart)
    if options.json:
        print_json({**bargained.as_json(), "chart": options.chart})
        return
    from playout.present.bargaining import bargain_lines

    print_lines(lambda width: [*bargain_lines(bargained, width), *picture_lines(options.chart)])
