"""Blocks of documentation that a command makes: `python docs/refresh.py [--check] [--all] [PAGE …]`.

A page holds, between two comments, what the command in the first of them prints, and under it the command again for the
reader; or a diagram that the command writes beside the page:

    <!-- made by: playout show us-mexico-cartels --in pressure --level 4 -->
    …
    <!-- end -->

    <!-- drawn by: playout show us-mexico-cartels --diagram causes --out docs/explanation/causes.svg -->

Without options the blocks that `playout show` makes are written anew, with --all those that `docs/findings.py` makes
too, which plays the scenario for some minutes. --check writes nothing, names what is out of date, and exits with 1.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

from playout.present.cli import answer

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
MADE = re.compile(r"(<!-- made by: (?P<command>[^\n]*?) -->\n)(?P<text>.*?)(<!-- end -->)", re.DOTALL)
DRAWN = re.compile(r"<!-- drawn by: (?P<command>[^\n]*?) --out (?P<file>\S+) -->")
SHOW = "playout show "
SHOWN = re.compile(r" --level \d")
"""What the reader need not be told of a command."""


def made(command: str) -> str:
    """What a command prints."""
    program, *arguments = shlex.split(command)
    if program == "python":
        start = [sys.executable, *arguments]
        return subprocess.run(start, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = answer(arguments)
    if status:
        raise SystemExit(f"`{command}` ends with {status}")
    return printed.getvalue()


def block(command: str) -> str:
    """The text between the comments."""
    return f"\n{made(command).strip()}\n\n*Made by `{SHOWN.sub('', command)}`.*\n\n"


def stale(page: Path, *, everything: bool) -> tuple[str, dict[Path, str], list[str]]:
    """A page as it should be, the diagrams it should have, and the commands whose blocks or diagrams differ."""
    text = page.read_text(encoding="utf-8")
    found: list[str] = []
    drawings: dict[Path, str] = {}

    def renewed(match: re.Match[str]) -> str:
        if not everything and not match["command"].startswith(SHOW):
            return match[0]
        new = block(match["command"])
        if new != match["text"]:
            found.append(match["command"])
        return f"{match[1]}{new}{match[4]}"

    renewed_text = MADE.sub(renewed, text)
    for match in DRAWN.finditer(text):
        file = REPOSITORY / match["file"]
        drawings[file] = made(match["command"])
        if not file.exists() or file.read_text(encoding="utf-8") != drawings[file]:
            found.append(match["command"])
    return renewed_text, drawings, found


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "pages", metavar="PAGE", nargs="*", type=Path, help="by default every page that has such a block"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where anything is out of date")
    parser.add_argument("--all", action="store_true", help="blocks that play a scenario too")
    options = parser.parse_args()
    outdated = 0
    for page in options.pages or PAGES:
        text, drawings, found = stale(page.resolve(), everything=options.all)
        outdated += len(found)
        for command in found:
            print(f"{page}: {'out of date' if options.check else 'made anew'}: {command}")
        if found and not options.check:
            page.write_text(text, encoding="utf-8")
            for file, drawn in drawings.items():
                file.write_text(drawn, encoding="utf-8")
    return int(bool(outdated) and options.check)


if __name__ == "__main__":
    raise SystemExit(main())
