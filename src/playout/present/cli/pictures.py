"""Pictures that a verb writes where it is asked to."""

from __future__ import annotations

import argparse

from playout.errors import UsageError
from playout.present.lines import Line

KINDS = (".svg", ".png", ".json", ".html")


def add_chart(parser: argparse.ArgumentParser, what: str) -> None:
    """Where the picture goes. what: it shows."""
    parser.add_argument("--chart", metavar="FILE", help=f"write a picture of {what}: {', '.join(KINDS[:-1])} or .html")


def check_picture(path: str | None) -> None:
    """Refuse, with a UsageError, a file that cannot be a picture, before anything is played."""
    if path is not None and not path.endswith(KINDS):
        raise UsageError(f"`{path}` is no picture: name a file that ends in {', '.join(KINDS)}")


def picture_lines(path: str | None) -> list[Line]:
    """Where the picture is."""
    return [] if path is None else [Line(), Line((("Picture  ", "strong"), (path, "accent")))]
