"""``playout list`` and ``playout new``: which scenarios are there, and how is one begun?"""

from __future__ import annotations

import argparse
from typing import Any

from playout.present.cli.arguments import add_json, add_verb
from playout.present.cli.printing import print_json


def add(verbs: Any) -> None:
    """Both verbs and their options."""
    listing = add_verb(verbs, "list", list_, "name the installed scenarios")
    add_json(listing)
    starting = add_verb(verbs, "new", new, "write a small commented scenario that runs")
    starting.add_argument("path", metavar="NAME", help="a folder to make, or a file that ends in .yaml")
    add_json(starting)


def list_(options: argparse.Namespace) -> None:
    """``playout list``: the installed scenarios."""
    from playout.read.installed import installed

    scenarios = installed()
    if options.json:
        print_json({"scenarios": [{"name": s.name, "title": s.title, "about": s.about} for s in scenarios]})
        return
    import shutil
    import textwrap

    width = min(shutil.get_terminal_size().columns, 100)
    for scenario in scenarios:
        line = textwrap.shorten(scenario.about, width - 2, placeholder=" …") if scenario.about else ""
        print(f"{scenario.name}: {scenario.title}" + (f"\n  {line}" if line else ""))


def new(options: argparse.Namespace) -> None:
    """``playout new``: a small commented scenario that runs."""
    from pathlib import Path

    from playout.present.starter import write_starter

    written = write_starter(Path(options.path))
    if options.json:
        print_json({"scenario": str(written)})
        return
    print(f"wrote {written}\n\n  playout check {options.path}\n  playout run {options.path}")
