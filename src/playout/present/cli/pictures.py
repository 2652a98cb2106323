"""Pictures that a verb writes where it is asked to."""

from __future__ import annotations

import argparse
from pathlib import Path

from playout.errors import UsageError
from playout.present.lines import Line
from playout.present.shown import check_place

KINDS = (".svg", ".png", ".json", ".html")


def add_chart(parser: argparse.ArgumentParser, what: str) -> None:
    """Where the picture goes. what: it shows."""
    parser.add_argument("--chart", metavar="FILE", help=f"write a picture of {what}: {', '.join(KINDS[:-1])} or .html")


def check_picture(path: str | None) -> None:
    """Refuse, before anything is played, a file that cannot be a picture (with a UsageError) or cannot be written (with
    an InputError)."""
    if path is None:
        return
    if not path.endswith(KINDS):
        raise UsageError(f"`{path}` is no picture: name a file that ends in {', '.join(KINDS)}")
    check_place(Path(path), "the picture")


def picture_lines(path: str | None) -> list[Line]:
    """Where the picture is."""
    return [] if path is None else [Line(), Line((("Picture  ", "strong"), (path, "accent")))]
