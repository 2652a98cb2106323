"""How a CSV file is written: what parts its cells, what is no row, and how its numbers are spelt.

Spreadsheets write the CSV of their country: semicolons where the comma is the decimal sign, tabs, a first line `sep=;`.
What can be read in one way alone is read so; the rest is named.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from playout.model.plain_text import bare

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

_SEP = re.compile(r'"?sep=(.)"?')


class Unclear(Exception):
    """A file that can be read in more ways than one, or in none. ``line`` counts from 1."""

    def __init__(self, line: int, message: str, hint: str) -> None:
        self.line = line
        self.message = message
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file, the header first, with the line each begins on, from 1, and what parts their cells."""

    cells: list[list[str]]
    lines: list[int]
    separator: str


def rows_of(text: str) -> Rows:
    """The rows of a CSV file, without comments, empty lines and columns with nothing in them.

    A line whose first sign is `#` is a comment if a space, another `#` or nothing follows, or if it has not as many
    cells as the header. Raises Unclear for what is not clear, and for quotes that do not match.
    """
    lines = text.split("\n")
    skipped = 0
    separator = None
    while skipped < len(lines) and not lines[skipped].strip():
        skipped += 1
    told = _SEP.fullmatch(lines[skipped].strip("\r ")) if skipped < len(lines) else None
    if told is not None:
        separator = told[1]
        skipped += 1
    body = "\n".join(lines[skipped:])
    if separator is None:
        separator = _separator(body, skipped)
    return _tidied(_parted(body, separator, skipped), separator)


def _parted(body: str, separator: str, skipped: int) -> list[tuple[int, list[str], bool]]:
    """Each row with its first line and whether that begins with `#`. What is empty is left out."""
    lines = body.split("\n")
    reader = csv.reader(io.StringIO(body), delimiter=separator, strict=True, skipinitialspace=separator != "\t")
    found: list[tuple[int, list[str], bool]] = []
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((skipped + before + 1, cells, lines[before].lstrip().startswith("#")))
            before = reader.line_num
    except csv.Error as problem:
        raise Unclear(
            skipped + max(reader.line_num, 1), f"is not CSV: {problem}", "check the quotes in this line"
        ) from problem
    return found


def _separator(body: str, skipped: int) -> str:
    """The sign that parts the header's cells, and gives every row as many."""
    shapes: dict[str, bool] = {}
    for separator in SEPARATORS:
        try:
            rows = [cells for _, cells, marked in _parted(body, separator, skipped) if not marked]
        except Unclear:
            continue
        width = len(_without_end(rows[0])) if rows else 1
        if width > 1:
            shapes[separator] = all(len(_without_end(cells)) <= width for cells in rows) and any(
                len(cells) == width for cells in rows[1:]
            )
    regular = [separator for separator, fits in shapes.items() if fits]
    if len(regular) > 1:
        named = " or ".join(SEPARATORS[separator] for separator in regular)
        hint = (
            "put text that holds one of them in quotes, or write `sep=;` (the sign that parts cells) as the first line"
        )
        raise Unclear(skipped + 1, f"has cells that may be parted by {named}", hint)
    return (regular or list(shapes) or [","])[0]


def _without_end(cells: Sequence[str]) -> list[str]:
    """Cells without the empty ones behind the last that is not."""
    last = max((number for number, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return list(cells[:last])


def _tidied(found: list[tuple[int, list[str], bool]], separator: str) -> Rows:
    header = next((cells for _, cells, marked in found if not marked), [])
    width = len(_without_end(header))
    cells: list[list[str]] = []
    lines: list[int] = []
    for line, row, marked in found:
        if marked:
            first = row[0].lstrip()
            if not re.match(r"#(?:[\s#]|$)", first) and len(_without_end(row)) == width:
                hint = (
                    "begin a comment with `# `; a cell that begins with `#` goes in quotes, with a space before the `#`"
                )
                raise Unclear(line, "has a line that may be a comment or a row", hint)
            continue
        used = max(len(_without_end(row)), width)
        cells.append(row[:used])
        lines.append(line)
    return Rows(cells, lines, separator)


# --- numbers ----------------------------------------------------------------------------------------------------------

_SPACES = re.compile(r"(?<=\d)[ '’](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+]?(?:\d+,\d*|,\d+)(?:[eE][-+]?\d+)?")
_THOUSANDS_BY_COMMA = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
_THOUSANDS_BY_POINT = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?")


def decimal_sign(cells: Iterable[str]) -> str | None:
    """The decimal sign that numbers of a column have in common, `.` or `,`; None where nothing tells it, "both" where
    they disagree. `1,234` tells nothing, `1,5` and `1.234,5` and `1.234.567` do."""
    found = {sign for sign in map(_told_by, cells) if sign}
    return None if not found else found.pop() if len(found) == 1 else "both"


def _told_by(cell: str) -> str | None:
    text = _SPACES.sub("", bare(cell))
    by_point = bool(_PLAIN.fullmatch(text) and "." in text) or bool(_THOUSANDS_BY_COMMA.fullmatch(text))
    by_comma = bool(_COMMA.fullmatch(text)) or bool(_THOUSANDS_BY_POINT.fullmatch(text))
    return None if by_point == by_comma else "." if by_point else ","


def number_of(cell: str, sign: str | None, *, plain_point: bool) -> float | None:
    """The number in a cell, None where there is none or it is not clear which.

    sign: the column's decimal sign, as `decimal_sign` says. plain_point: whether a lone `1.234` is read as a little
    more than one where nothing tells, as in a file parted by commas.
    """
    text = _SPACES.sub("", bare(cell))
    if not text.isascii() or "_" in text:
        return None
    own = _told_by(text)
    if sign == "both":
        sign, plain_point = own, False
    if sign == ",":
        if _THOUSANDS_BY_POINT.fullmatch(text) or _COMMA.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
    elif _THOUSANDS_BY_COMMA.fullmatch(text):
        if sign is None and _COMMA.fullmatch(text):
            return None  # 1,234
        text = text.replace(",", "")
    elif sign is None and not plain_point and _THOUSANDS_BY_POINT.fullmatch(text):
        return None  # 1.234 between semicolons
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value else None
