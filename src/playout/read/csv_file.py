"""CSV files that know where each of their cells stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playout.errors import Span
from playout.model.plain_text import bare
from playout.read.csv_form import SEPARATORS, Unclear, decimal_sign, number_of, rows_of
from playout.read.fields import Context, number_hint
from playout.read.files import Unreadable, inside, read_text_file
from playout.read.nodes import Node, Scalar, SourceText

MAX_CSV_BYTES = 20_000_000


@dataclass(slots=True)
class CsvFile:
    """A header and rows of equally many cells, parted by ``separator``. Rows count from 0; -1 is the header."""

    source: SourceText
    header: list[str]
    rows: list[list[str]]
    line_numbers: list[int] = field(repr=False)
    separator: str = ","
    signs: dict[int, str | None] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def top(self) -> Span:
        """The header's line."""
        return self._line_span(self.line_numbers[0])

    def _line_span(self, line: int) -> Span:
        start = self.source.line_starts[line - 1]
        end = self.source.text.find("\n", start)
        return self.source.span(start, end if end >= 0 else len(self.source.text))

    def span(self, row: int, column: int) -> Span:
        """Where a cell stands, without its quotes' surroundings."""
        line = self.line_numbers[row + 1]
        start = self.source.line_starts[line - 1]
        end = self.source.text.find("\n", start)
        text = self.source.text[start : end if end >= 0 else len(self.source.text)]
        first, last = _cell_bounds(text, column, self.separator)
        return self.source.span(start + first, start + last)

    def number(self, context: Context, row: int, column: int) -> float:
        """The number in a cell; nan, with a diagnostic, where there is none."""
        text = bare(self.rows[row][column])
        if column not in self.signs:
            cells = (cells[column] for cells in self.rows)
            self.signs[column] = decimal_sign(cells) or decimal_sign(cell for cells in self.rows for cell in cells)
        sign = self.signs[column]
        value = number_of(text, sign, plain_point=self.separator == ",")
        if value is not None:
            return value
        message, hint = f"`{text}` is not a number" if text else "this cell is empty", number_hint(text)
        if (
            sign in (None, "both")
            and (found := [number_of(text, each, plain_point=True) for each in ".,"])
            and None not in found
        ):
            message = f"`{text}` may be {found[0]:.10g} or {found[1]:.10g}"
            hint = f"write {found[0]:.10g} or {found[1]:.10g}; one number of its column with decimals tells as well"
        context.error(self.span(row, column), "csv", message, hint)
        return float("nan")


def _cell_bounds(line: str, column: int, separator: str) -> tuple[int, int]:
    """Where a cell of a line begins and ends, separators in quotes not counted."""
    start, quoted, cell = 0, False, 0
    for position, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            if cell == column:
                return start, position
            cell, start = cell + 1, position + 1
    return start, len(line)


def read_csv(context: Context, node: Node) -> CsvFile | None:
    """The CSV file that a `file` or `from` names; None, with a diagnostic, where it cannot be used.

    It is looked for beside the file that names it and inside the scenario's folder, or in the tables folder if the
    call gave one.
    """
    if not isinstance(node, Scalar) or not node.text:
        context.error(node.span, "wrong-kind", "a CSV file is named here", "write `file: numbers.csv`")
        return None
    found = _locate(context, node)
    if found is None:
        return None
    path, shown = found
    try:
        text = read_text_file(path, MAX_CSV_BYTES, "a CSV file")
    except Unreadable as problem:
        hint = problem.hint
        if hint is None and context.tables_folder is None and not path.exists():
            hint = "CSV files of another folder are read with --tables FOLDER"
        context.error(node.span, "csv", f"`{shown}` {problem.sentence}", hint)
        return None
    source = context.texts.setdefault(shown, SourceText(shown, text, path.parent))
    return _parsed(context, source, node)


def _locate(context: Context, node: Scalar) -> tuple[Path, str] | None:
    folder, base = context.folder, node.source.folder
    if context.tables_folder is not None:
        folder = base = context.tables_folder
    if folder is None or base is None:
        context.error(node.span, "csv", "a scenario that stands in no file cannot read CSV files")
        return None
    found = inside(folder, base, node.text)
    if found is None:
        whose = "folder of tables" if context.tables_folder else "scenario's folder"
        message = f"`{node.text}` lies outside the {whose}"
        context.error(node.span, "csv", message, "put the file into that folder")
        return None
    return found, str(folder / found.relative_to(folder.resolve()))


def _parsed(context: Context, source: SourceText, node: Node) -> CsvFile | None:
    try:
        found = rows_of(source.text)
    except Unclear as problem:
        place = CsvFile(source, [], [], [min(problem.line, len(source.line_starts))]).top
        context.error(place, "csv", f"{source.name} {problem.message}", problem.hint)
        return None
    if len(found.cells) < 2:
        context.error(node.span, "csv", f"{source.name} has no rows", "it needs a header line and at least one row")
        return None
    header = [cell.strip() for cell in found.cells[0]]
    table = CsvFile(source, header, found.cells[1:], found.lines, found.separator)
    for index, cells in enumerate(table.rows):
        if len(cells) != len(table.header):
            message = f"this row has {len(cells)} cells, and the header {len(table.header)}"
            hint = f"cells are parted by {SEPARATORS.get(table.separator, table.separator)} here"
            context.error(table._line_span(found.lines[index + 1]), "csv", message, hint)
            return None
    for column, label in enumerate(table.header):
        if label in table.header[:column]:
            context.error(table.span(-1, column), "csv", f"two columns are called `{label}`")
            return None
    return table
