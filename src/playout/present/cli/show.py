"""``playout show``: what does a scenario say?"""

from __future__ import annotations

import argparse
from typing import Any

from playout.errors import UsageError
from playout.present.cli.arguments import add_json, add_scenario, add_verb, level, names
from playout.present.cli.printing import print_json


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "show", show, "read a scenario as a document: equations, beliefs, evidence and the rest")
    add_scenario(parser)
    option = parser.add_argument
    option(
        "what",
        metavar="WHAT",
        nargs="*",
        help="a section such as beliefs or tracks, coverage, or a name (default: all)",
    )
    option("--in", dest="inside", metavar="PLACE", type=names, default=(), help="only what stands in a system or file")
    option("--diagram", choices=("stages", "causes"), help="draw the stages of a track, or what feeds what, as SVG")
    option("--level", metavar="N", type=level, default=2, help="the level that headings begin at (default: 2)")
    option("--out", metavar="FILE", help="write it there instead of printing it")
    add_json(parser)


def show(options: argparse.Namespace) -> None:
    """``playout show``: a scenario as a document, or drawn."""
    from playout import pipeline

    document = pipeline.show(options.scenario, options.what, inside=options.inside, tables=options.tables)
    if options.json:
        plain = document.as_json() if options.diagram is None else document.graph_as_json(options.diagram)
        print_json(plain)
        return
    text = document.markdown(options.level) if options.diagram is None else document.diagram(options.diagram)
    if options.out is None:
        print(text, end="")
        return
    from pathlib import Path

    from playout.simulate.store import write_text

    place = Path(options.out)
    if place.is_dir():
        raise UsageError(f"{place} is a folder\n  hint: --out names the file to write")
    write_text(place, text)
    print(f"wrote {place}")
