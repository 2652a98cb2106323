"""What is printed for people and programs: one JSON object, or a fault with its place and its way out."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from playout.errors import PlayoutError, ScenarioError
from playout.present.cli.encoding import is_unicode

if TYPE_CHECKING:
    from playout.present.lines import Line

INTERNAL_FAULT = 3


def tell(problem: PlayoutError, as_json: bool) -> None:
    """Tell of a mistake that is the user's, and as JSON too where a program reads."""
    text = str(problem)
    if not isinstance(problem, ScenarioError):
        text = f"error: {text}"
    print(coloured(text, sys.stderr), file=sys.stderr)
    if as_json:
        diagnostics = [d.as_json() for d in problem.diagnostics] if isinstance(problem, ScenarioError) else []
        message = f"{len(diagnostics)} found" if diagnostics else str(problem)
        kind = type(problem).__name__
        fault = {"kind": kind, "message": message, "exit_status": problem.exit_status}
        print_json({"error": fault, "diagnostics": diagnostics})


def tell_internal(fault: Exception, as_json: bool) -> None:
    """Tell of a fault of Playout itself."""
    what = f"{type(fault).__name__}: {fault}".splitlines()[0][:300]
    message = f"a fault of Playout itself ({what})"
    hint = "  hint: please report it, with the scenario; PLAYOUT_TRACEBACK=1 shows where it happened"
    print(coloured(f"error: {message}\n{hint}", sys.stderr), file=sys.stderr)
    if as_json:
        error = {"kind": "InternalFault", "message": message, "exit_status": INTERNAL_FAULT}
        print_json({"error": error, "diagnostics": []})


def coloured(text: str, stream: Any) -> str:
    """Diagnostics with colour on a terminal: what kind it is, the caret and the hint. ``NO_COLOR`` turns it off."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    text = re.sub(r"^(\S+:\d+:\d+: )?(error)(\[[^\]]+\])?:", "\\1\033[1;31m\\2\\3\033[0m:", text, flags=re.MULTILINE)
    text = re.sub(r"^(\S+:\d+:\d+: )?(warning)(\[[^\]]+\])?:", "\\1\033[1;33m\\2\\3\033[0m:", text, flags=re.MULTILINE)
    text = re.sub(r"^(  \| +)(\^+)$", "\\1\033[1m\\2\033[0m", text, flags=re.MULTILINE)
    return re.sub(r"^  hint:", "  \033[36mhint\033[0m:", text, flags=re.MULTILINE)


def print_lines(lines: Callable[[int], Sequence[Line]]) -> None:
    """Print what a width has room for, with colour on a terminal. lines: of so many columns."""
    from playout.present.terminal import Screen

    screen = Screen.of(sys.stdout)
    print("\n".join(screen.render(lines(screen.width))))


def print_json(plain: object) -> None:
    """Print one JSON object, the same object whatever the stream can write: what it lacks is escaped."""
    print(json.dumps(plain, ensure_ascii=not is_unicode(sys.stdout), allow_nan=False))
