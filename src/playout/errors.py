"""Places, diagnostics and the exception tree.

    PlayoutError                 exit status, never shown as a traceback
    ├── ScenarioError       (1)  the scenario file is at fault; carries every Diagnostic found
    ├── InputError          (1)  another input is at fault: a missing file, a run folder that is not one
    ├── UsageError          (2)  the command line or the call is at fault: an unknown policy, zero futures
    └── RunError            (1)  the run cannot give an answer: too many stopped futures, a full disk

Anything else that reaches the command line is an internal fault and exits with 3.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Characters without a shape: zero-width spaces and joiners, marks of direction, byte order marks."""


def visible(text: str) -> str:
    """Text for a message, in which signs without a shape show their code: `3<U+200B>`."""
    return text if text.isascii() else UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line of a file. Lines and columns count from 1; ``end`` is the column after the last."""

    file: str
    line: int
    column: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong with a scenario: where, what, and the way out."""

    span: Span
    code: str
    message: str
    hint: str | None = None
    severity: Severity = "error"
    related: tuple[tuple[Span, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", visible(self.message))
        object.__setattr__(self, "hint", self.hint and visible(self.hint))

    def render(self, lines: Mapping[str, list[str]]) -> str:
        """The diagnostic as text: place and sentence, the source line with a caret, the hint.

        ``lines`` maps a file's name to its lines; a file that is not in it is shown without its line.
        """
        parts = [f"{self.span}: {self.severity}[{self.code}]: {self.message}"]
        parts += _excerpt(self.span, lines)
        for span, note in self.related:
            parts.append(f"  {span}: {note}")
            parts += _excerpt(span, lines)
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)

    def as_json(self) -> dict[str, object]:
        return {
            "file": self.span.file,
            "line": self.span.line,
            "column": self.span.column,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "related": [
                {"file": s.file, "line": s.line, "column": s.column, "message": note} for s, note in self.related
            ],
        }


def _excerpt(span: Span, lines: Mapping[str, list[str]]) -> list[str]:
    source = lines.get(span.file, [])
    if not 1 <= span.line <= len(source):
        return []
    text = source[span.line - 1]
    start = min(span.column, len(text) + 1) - 1
    width = max(1, min(span.end, len(text) + 1) - span.column)
    if len(text) > 160:  # a very long line is shown around the caret only
        left = max(0, start - 60)
        text, start = text[left : left + 140], start - left
        width = max(1, min(width, len(text) - start))
    before, marked, after = text[:start], text[start : start + width], text[start + width :]
    left, width = len(visible(before)), max(width, len(visible(marked)))
    return ["  | " + visible(before + marked + after).replace("\t", " "), "  | " + " " * left + "^" * width]


class PlayoutError(Exception):
    """A mistake that is the user's to mend. Its text is complete: place, problem, way out."""

    exit_status = 1


class ScenarioError(PlayoutError):
    """The scenario is unsound. ``diagnostics`` holds everything found, in file order."""

    def __init__(self, diagnostics: Iterable[Diagnostic], lines: Mapping[str, list[str]]) -> None:
        self.diagnostics = tuple(diagnostics)
        self.lines = lines
        super().__init__("\n\n".join(d.render(lines) for d in self.diagnostics))


class InputError(PlayoutError):
    """A file or folder given to Playout cannot be used."""


class UsageError(PlayoutError):
    """A call or command line asks for something that does not exist or makes no sense."""

    exit_status = 2


class RunError(PlayoutError):
    """A run cannot give an answer."""


COMPARED = 1_000
"""Names that a misspelt one is compared with: a file with ten thousand of each is answered in seconds still."""


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint that names the closest known names, of the first `COMPARED`, or None where nothing is close."""
    close = difflib.get_close_matches(name, list(itertools.islice(known, COMPARED)), n=2, cutoff=0.6)
    if not close:
        return None
    return "did you mean " + " or ".join(f"`{c}`" for c in close) + "?"


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """A sentence on a name that a scenario does not have: the closest names that it has, or all of them."""
    listed = f"the scenario has {', '.join(f'`{k}`' for k in known) or 'none'}"
    return f"there is no {what} `{name}`; {did_you_mean(name, known) or listed}"
