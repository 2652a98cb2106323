"""YAML as a tree whose every part knows its place: mappings, sequences, and scalars still in their own words.

A scalar keeps its text and whether it was written plainly; what it means (number, date, equation) is for the decoder to
say. So `no` and `on` stay words and `2025-03-07` stays text, whatever a YAML library would make of them.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from playout.errors import Span
from playout.model.tokens import Place


@dataclass(frozen=True, slots=True)
class SourceText:
    """One file: its name as shown, its text, and its folder (None for a text that came from nowhere)."""

    name: str
    text: str = field(repr=False)
    folder: Path | None = None
    line_starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = (0, *(match.end() for match in re.finditer("\n", self.text)))
        object.__setattr__(self, "line_starts", starts)

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def span(self, start: int, end: int) -> Span:
        """The stretch from one offset to another, cut at the end of its first line."""
        line = bisect.bisect_right(self.line_starts, start) - 1
        first = self.line_starts[line]
        stop = self.line_starts[line + 1] - 1 if line + 1 < len(self.line_starts) else len(self.text)
        column = start - first + 1
        return Span(self.name, line + 1, column, max(column + 1, min(end, stop) - first + 1))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, number, date, sentence or equation. ``start`` and ``end`` bound it in its file, quotes included.

    ``prose`` is what is written; ``text`` the same with plain spaces, digits and signs, for all that is no prose.
    """

    span: Span
    text: str
    plain: bool
    source: SourceText = field(repr=False)
    start: int
    end: int
    prose: str = field(repr=False)

    @property
    def empty(self) -> bool:
        """Whether nothing is written here, or a YAML null."""
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def place(self) -> Place:
        """From offsets into `text` to where they stand in the file."""
        offsets = _offsets(self)

        def place(start: int, end: int) -> Span:
            first = min(max(start, 0), len(offsets) - 1)
            last = min(max(end - 1, first), len(offsets) - 1)
            return self.source.span(offsets[first], offsets[last] + 1)

        return place


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``key: value``."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, in file order; no key twice."""

    span: Span
    entries: tuple[Entry, ...]

    def get(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key.text == key), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    span: Span
    items: tuple[Node, ...]


Node: TypeAlias = Scalar | Mapping | Sequence

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\n[ \t]*|.)", re.DOTALL)


def _offsets(scalar: Scalar) -> list[int]:
    """For each character of the scalar's text its offset in the file, and one more for the end of the text.

    YAML folds lines, doubles quotes and escapes characters on the way from the file to the text. The way back pairs
    the text with the file from left to right: a character that is itself in the file stands there; a space or a line
    break that came of folding stands where the line was broken; an escape counts as the one character it makes.
    """
    raw = scalar.source.text[scalar.start : scalar.end]
    inset = raw.find(scalar.prose)
    if "\n" not in scalar.prose and inset >= 0 and inset <= 1:
        return list(range(scalar.start + inset, scalar.start + inset + len(scalar.prose) + 1))
    pairs = _Pairing(raw, 1 if raw[:1] in ("'", '"') else _block_start(raw))
    offsets = [scalar.start + pairs.step(character) for character in scalar.prose]
    return [*offsets, offsets[-1] + 1 if offsets else scalar.start]


def _block_start(raw: str) -> int:
    """Where the text of a block scalar (``|`` or ``>``) starts: behind its header line."""
    return raw.find("\n") + 1 if raw[:1] in ("|", ">") else 0


@dataclass(slots=True)
class _Pairing:
    """How far the walk along ``raw`` has come."""

    raw: str
    at: int

    def step(self, character: str) -> int:
        """The offset of the text's next character."""
        raw, quote = self.raw, self.raw[:1]
        while quote == '"' and raw.startswith("\\\n", self.at) and (escape := _ESCAPE.match(raw, self.at)):
            self.at = escape.end()  # an escaped line break makes nothing
        if character.isspace():
            here = self.at
            if raw[here : here + 1] == character and character != "\n":
                self.at += 1
            elif quote == '"' and (escape := _ESCAPE.match(raw, here)):
                self.at = escape.end()
            return min(here, len(raw) - 1)
        while self.at < len(raw) - 1 and raw[self.at].isspace():
            self.at += 1
        here = min(self.at, len(raw) - 1)
        if quote == '"' and (escape := _ESCAPE.match(raw, here)):
            self.at = escape.end()
        elif quote == "'" and raw.startswith("''", here):
            self.at = here + 2
        else:
            self.at = here + 1
        return here


def scalars(node: Node) -> Iterator[Scalar]:
    """Every scalar below, keys included, in file order."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from scalars(item)
    else:
        for entry in node.entries:
            yield entry.key
            yield from scalars(entry.value)
