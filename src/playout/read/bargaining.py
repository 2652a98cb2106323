"""A table of actors in a group decision: a CSV file, or rows of plain data.

    actor,capability,position,salience
    Netherlands,0.08,4,80
    Belgium,0.06 to 0.1,7,40
    Luxembourg,0.03,"4 to 6, likely 5",uniform(10; 30)

A number is known; ``a to b`` and ``a to b, likely c`` have their 5% and 95% quantiles at the ends, as beliefs have, and
``uniform(a; b)`` has hard ends. Saliences go from 0 to 1 or, all of them, from 0 to 100. Everything wrong is told at
once, with its line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playout.errors import InputError, did_you_mean
from playout.model.bargaining import Bargainer
from playout.model.distribution import Distribution, Point, Uniform, interval
from playout.read.csv_form import SEPARATORS, Unclear, decimal_sign, number_of, rows_of
from playout.read.files import Unreadable, read_text_file

COLUMNS = ("actor", "capability", "position", "salience")
MOST_ACTORS = 200
MOST_BYTES = 1_000_000

_NUMBER = r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_INTERVAL = re.compile(rf"({_NUMBER})\s+to\s+({_NUMBER})(?:\s*[,;]\s*likely\s+({_NUMBER}))?")
_UNIFORM = re.compile(rf"uniform\(\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*\)")
_PLAIN = re.compile(_NUMBER)


@dataclass(slots=True)
class _Row:
    """One actor as written. place: what a message begins with."""

    place: str
    cells: dict[str, str]


@dataclass(slots=True)
class _Checks:
    """What is wrong with a table."""

    found: list[str] = field(default_factory=list)

    def add(self, place: str, message: str, hint: str = "") -> None:
        """One message, with its place."""
        self.found.append(f"{place}: {message}" + (f"\n  hint: {hint}" if hint else ""))


def read_actors(path: Path) -> tuple[Bargainer, ...]:
    """The actors of a CSV file. Refuses, with an InputError that holds everything wrong, what is not such a table."""
    try:
        text = read_text_file(path, MOST_BYTES, "a table of actors")
    except Unreadable as problem:
        hint = f"\n  hint: {problem.hint}" if problem.hint else ""
        raise InputError(f"`{path}` {problem.sentence}{hint}") from problem
    try:
        table = rows_of(text)
    except Unclear as problem:
        raise InputError(f"{path}:{problem.line}: {path.name} {problem.message}\n  hint: {problem.hint}") from problem
    lines = list(zip(table.lines, table.cells, strict=True))
    if not lines:
        raise InputError(f"`{path}` is empty\n  hint: it begins with the line `{','.join(COLUMNS)}`")
    checks = _Checks()
    header = [cell.strip().lower() for cell in lines[0][1]]
    for name in COLUMNS:
        if header.count(name) != 1:
            what = "there is no column" if name not in header else "there are several columns"
            near = did_you_mean(name, header) if name not in header else None
            checks.add(f"{path}:{lines[0][0]}", f"{what} `{name}`", near or f"its columns are {', '.join(COLUMNS)}")
    if checks.found:
        raise InputError("\n".join(checks.found))
    rows = []
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            hint = (
                f"a cell that holds {SEPARATORS.get(table.separator, table.separator)} stands in quotes"
                if len(cells) > len(header)
                else ""
            )
            checks.add(f"{path}:{line}", f"this row has {len(cells)} cells, and the header {len(header)}", hint)
            continue
        rows.append(_Row(f"{path}:{line}", {name: cell.strip() for name, cell in zip(header, cells, strict=True)}))
    for column in COLUMNS[1:]:
        sign = decimal_sign(row.cells[column] for row in rows)
        for row in rows:
            cell = row.cells[column]
            number = number_of(cell, sign, plain_point=table.separator == ",")
            if number is not None and number != number_of(cell, None, plain_point=True):
                row.cells[column] = repr(number)  # a range is read by its own grammar
    return _actors(rows, checks, str(path))


def actors_of(rows: Sequence[Any]) -> tuple[Bargainer, ...]:
    """The actors of rows: mappings with the columns' names, or sequences in their order; cells are numbers or texts as
    in a file. Refuses, with an InputError that holds everything wrong, what is not such a table."""
    checks = _Checks()
    read = []
    for number, row in enumerate(rows, start=1):
        place = f"actor {number}"
        if isinstance(row, Mapping):
            missing = [name for name in COLUMNS if name not in row]
            if missing:
                checks.add(place, f"there is no `{missing[0]}`", f"an actor has {', '.join(COLUMNS)}")
                continue
            read.append(_Row(place, {name: str(row[name]).strip() for name in COLUMNS}))
        elif isinstance(row, str) or not isinstance(row, Sequence) or len(row) != len(COLUMNS):
            checks.add(place, "this is no row of four", f"write ({', '.join(COLUMNS)})")
        else:
            read.append(_Row(place, dict(zip(COLUMNS, (str(cell).strip() for cell in row), strict=True))))
    return _actors(read, checks, "the table")


def _actors(rows: Sequence[_Row], checks: _Checks, table: str) -> tuple[Bargainer, ...]:
    """The actors once all is sound."""
    percent = _saliences_in_percent(rows, checks)
    found: list[Bargainer] = []
    names: set[str] = set()
    for row in rows:
        name = row.cells["actor"]
        if not name:
            checks.add(row.place, "this actor has no name")
        elif name in names:
            checks.add(row.place, f"`{name}` stands here a second time", "an actor has one row")
        names.add(name)
        laws = {column: _law(row, column, percent, checks) for column in COLUMNS[1:]}
        if all(law is not None for law in laws.values()):
            found.append(Bargainer(name, **laws))  # type: ignore[arg-type]
    if len(rows) < 2:
        checks.add(table, f"there {'is one actor' if rows else 'are no actors'}", "a group decision wants two or more")
    elif len(rows) > MOST_ACTORS:
        checks.add(table, f"there are {len(rows):,} actors", f"a table may have {MOST_ACTORS}")
    elif len(found) == len(rows) and _all_at_one(found):
        checks.add(table, "all actors have the same position", "there is nothing to bargain over")
    if len(found) == len(rows) and rows and all(_at_most(own.salience, 0.0) for own in found):
        checks.add(table, "no actor cares", "give one of them a salience above 0")
    if checks.found:
        raise InputError("\n".join(checks.found))
    return tuple(found)


def _law(row: _Row, column: str, percent: bool, checks: _Checks) -> Distribution | None:
    """A cell as a law, salience from 0 to 1; None, with a message, where it is none."""
    text = row.cells[column]
    what = f"the {column} of `{row.cells['actor']}`"
    scale = 100.0 if column == "salience" and percent else 1.0
    try:
        law = _parsed(text, column, scale)
    except ValueError as problem:
        checks.add(row.place, f"{what} is no such range: {problem}")
        return None
    if law is None:
        checks.add(row.place, f"{what} is no number: `{text}`", "write a number, `a to b`, or `uniform(a; b)`")
        return None
    if column == "capability" and law.support()[0] <= 0.0 and not (law.support()[0] == 0.0 and not law.is_point):
        checks.add(row.place, f"{what} is {text}", "a capability is above 0")
        return None
    if column == "salience" and not (_at_most(law, 1.0) and law.support()[0] >= 0.0):
        checks.add(row.place, f"{what} is {text}", "a salience lies between 0 and 1, or between 0 and 100")
        return None
    return law


def _all_at_one(actors: Sequence[Bargainer]) -> bool:
    """Whether all are known to want the same."""
    first = actors[0].position
    return first.is_point and all(own.position == first for own in actors)


def _at_most(law: Distribution, most: float) -> bool:
    return law.support()[1] <= most


def _parsed(text: str, column: str, scale: float) -> Distribution | None:
    if _PLAIN.fullmatch(text):
        value = _number(text) / scale
        return Point(value) if math.isfinite(value) else None
    if found := _UNIFORM.fullmatch(text):
        return Uniform(_number(found[1]) / scale, _number(found[2]) / scale)
    if found := _INTERVAL.fullmatch(text):
        low, high = _number(found[1]) / scale, _number(found[2]) / scale
        likely = _number(found[3]) / scale if found[3] else None
        kind = {"capability": None, "position": "linear", "salience": "logit"}[column]
        return interval(low, high, likely, scale=kind)  # type: ignore[arg-type]
    return None


def _number(text: str) -> float:
    return float(text.replace("−", "-"))


def _saliences_in_percent(rows: Sequence[_Row], checks: _Checks) -> bool:
    """Whether saliences go to 100: one is above 1. Then one strictly between 0 and 1 is likely to be a slip."""
    numbers = [[_number(own) for own in re.findall(_NUMBER, row.cells["salience"])] for row in rows]
    percent = any(value > 1.0 for values in numbers for value in values)
    for row, values in zip(rows, numbers, strict=True):
        if percent and any(0.0 < value < 1.0 for value in values):
            message = f"the salience of `{row.cells['actor']}` is {row.cells['salience']}, and others are above 1"
            checks.add(row.place, message, "saliences go from 0 to 1, or all of them from 0 to 100")
    return percent
