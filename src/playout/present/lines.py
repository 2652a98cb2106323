"""Lines of text for a terminal: pieces with marks, titles cut to fit.

What is said is one thing and how it is coloured another; piped output is the same without colour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LEADING_ON = (
    *("a", "an", "and", "are", "as", "at", "by", "for", "from", "if", "in", "is"),
    *("it", "of", "on", "or", "that", "the", "to", "who", "with"),
)
"""Words that a shortened title does not end with."""

Mark = Literal["plain", "strong", "soft", "bar", "accent"]
COLOURS: dict[Mark, str] = {"plain": "", "strong": "1", "soft": "2", "bar": "34", "accent": "36"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: pieces of text, each with its mark."""

    pieces: tuple[tuple[str, Mark], ...] = ()

    @classmethod
    def of(cls, text: str, mark: Mark = "plain") -> Line:
        return cls(((text, mark),))

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)


def shortened(text: str, width: int) -> str:
    """A title in so many columns, by whole words: what stands in brackets goes first, then what stands before a comma
    is shortened, so that titles that begin alike can still be told apart."""
    if len(text) > width:
        text = re.sub(r"\s*\([^()]*\)", "", text)
    if len(text) <= width:
        return text
    head, comma, tail = text.partition(", ")
    room = width - len(tail) - 3
    beginning = _first_words(head, room) if comma and room >= 10 else ""
    if " " in beginning:
        return f"{beginning}…, {tail}"
    return _first_words(text, width - 1) + "…"


def shortened_apart(texts: Sequence[str], width: int) -> list[str]:
    """Titles in so many columns: where two begin alike, the beginning gives way to what sets them apart."""
    short = [shortened(text, width) for text in texts]
    for place, text in enumerate(texts):
        head, comma, tail = text.partition(", ")
        first = head.partition(" ")[0]
        alike = any(other.partition(", ")[0] == head for other in texts if other != text)
        if alike and comma and tail not in short[place] and len(first) + 9 <= width:
            short[place] = f"{first}…, {_first_words(tail, width - len(first) - 3)}"
    return short


def table_lines(title: str, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], width: int) -> list[Line]:
    """A title with heads, and rows of a name with cells, numbers to the right; columns with nothing in them go."""
    said = [n for n in range(len(heads)) if any(cells[n] for _, cells in rows)]
    heads = [heads[n] for n in said]
    rows = [(name, [cells[n] for n in said]) for name, cells in rows]
    widths = [max(map(len, column)) for column in zip(heads, *(cells for _, cells in rows), strict=True)]
    names = width - sum(widths) - 2 * len(widths)

    def line(name: str, cells: Sequence[str]) -> str:
        """One row."""
        told = "".join(f"  {cell:>{room}}" for cell, room in zip(cells, widths, strict=True))
        return f"{shortened(name, names):<{names}}{told}"

    return [Line.of(line(title, heads), "strong"), *(Line.of(line(name, cells)) for name, cells in rows)]


def _first_words(text: str, width: int) -> str:
    """As many whole words as there is room for, none of them one that leads on; a single word is cut if it must be."""
    words = text[: width + 1].split(" ")[:-1] if len(text) > width else text.split(" ")
    while len(words) > 1 and words[-1].lower() in LEADING_ON:
        words.pop()
    return " ".join(words).rstrip(",;:–—-") if words and words[0] else text[:width]
