"""Sets and tables: the members that things are indexed by, and the known numbers over them, written out or in CSV."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType

from playout.errors import Span, did_you_mean
from playout.model.parse import Fault, parse_heading
from playout.model.plain_text import bare, label_key
from playout.model.scenario import Member, Set, Table
from playout.model.tokens import NAME, RESERVED
from playout.model.units import PLAIN
from playout.read.csv_file import CsvFile, read_csv
from playout.read.fields import Context, Fields, kind_of, readable_name, readable_title
from playout.read.nodes import Entry, Mapping, Node, Scalar, Sequence

MAX_CELLS = 1_000_000
"""Largest table, in numbers."""

MAX_SPARE = 1000


# --- sets -------------------------------------------------------------------------------------------------------------


def decode_set(context: Context, entry: Entry) -> Set:
    """``{sinaloa: {title: …}, spare: 3}``, ``[dry, wet]`` or ``{from: groups.csv, column: name}``."""
    name = context.name(entry.key, "a set")
    what = f"the set `{name}`"
    node, spare, unread = entry.value, 0, False
    if isinstance(node, Sequence):
        members = [_bare_member(context, scalar) for scalar in context.scalars_of(node, what, "a member")]
    elif isinstance(node, Mapping):
        fields = Fields(context, entry.key, node, what)
        spare = fields.whole("spare", 0, MAX_SPARE, 0)
        if fields.has("from"):
            with fields:
                members = _members_from_csv(context, fields)
            unread = not members
        else:
            members = [_member(context, name, e) for e in node.entries if e.key.text != "spare"]
    else:
        members = []
        if not node.empty:
            hint = f"write `{name}: [first, second]`"
            context.error(node.span, "wrong-kind", f"{what} lists its members, and this is {kind_of(node)}", hint)
            return Set(entry.key.span, name, ())
    if not members and not spare and not unread:
        context.error(entry.key.span, "empty", f"{what} has no members", f"write `{name}: [first, second]`")
    spares = [Member(entry.key.span, f"spare_{n}", f"Spare {n}", spare=True) for n in range(1, spare + 1)]
    members += spares
    for member in members:
        context.define(f"member of {name}", member.name, f"the member `{member.name}`", member.span)
    return Set(entry.key.span, name, tuple(members))


def _bare_member(context: Context, scalar: Scalar) -> Member:
    name = context.name(scalar, "a member of a set")
    return Member(scalar.span, name, readable_title(name))


def _member(context: Context, owner: str, entry: Entry) -> Member:
    if entry.key.text in ("title", "about"):
        hint = "a set has members only; give the members titles"
        context.error(entry.key.span, "bad-name", f"the set `{owner}` has no `{entry.key.text}`", hint)
        return Member(entry.key.span, entry.key.text, "")
    name = context.name(entry.key, "a member of a set")
    with Fields(context, entry.key, entry.value, f"the member `{name}`", "title") as fields:
        return Member(entry.key.span, name, fields.title(name), fields.text("about"))


def _members_from_csv(context: Context, fields: Fields) -> list[Member]:
    origin, column_entry = fields.take("from"), fields.take("column")
    assert origin is not None
    table = read_csv(context, origin.value)
    if table is None:
        return []
    column = 0
    if column_entry is not None:
        wanted = column_entry.value.text if isinstance(column_entry.value, Scalar) else ""
        if wanted not in table.header:
            hint = did_you_mean(wanted, table.header) or "its columns: " + ", ".join(table.header)
            context.error(column_entry.value.span, "csv", f"{table.name} has no column `{wanted}`", hint)
            return []
        column = table.header.index(wanted)
    members = []
    for row, cells in enumerate(table.rows):
        label = bare(cells[column])
        name = member_name(label)
        if not name or name in RESERVED:
            hint = "a member's name starts with a letter, and is no word of the language"
            context.error(table.span(row, column), "csv", f"`{label}` cannot name a member", hint)
        else:
            title = readable_title(label) if label == name else label
            members.append(Member(table.span(row, column), name, title))
    return members


def member_name(label: str) -> str:
    """A label of a data file as a name: accents and signs go, small letters stay: `Cártel (CJNG)` → `cartel_cjng`."""
    if NAME.fullmatch(label):
        return label
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    return readable_name(plain)


# --- tables -----------------------------------------------------------------------------------------------------------


def decode_table(context: Context, entry: Entry) -> Table | None:
    """``name[set, …]`` with `values` or `file`; the numbers row-major in member order, in the declared unit."""
    try:
        name, binders = parse_heading(entry.key.text, entry.key.place)
    except Fault as fault:
        context.report.append(fault.diagnostic)
        return None
    what = f"the table `{name}`"
    context.define("equation", name, what, entry.key.span)
    sets = sets_of(context, [(binder.set, binder.span) for binder in binders])
    size = math.prod(len(s.members) for s in sets or ())
    if size > MAX_CELLS:
        context.error(entry.key.span, "too-large", f"{what} has {size} numbers; a table may have {MAX_CELLS}")
        return None
    node = entry.value
    bare = isinstance(node, (Scalar, Sequence))
    with Fields(context, entry.key, node, what, "values" if bare else "") as fields:
        declared = fields.unit() or PLAIN
        title, about, support = fields.title(name), fields.text("about"), fields.support()
        otherwise = fields.number("otherwise")
        values, file = fields.take("values"), fields.take("file")
        if (values is None) == (file is None):
            given = "both `values` and `file`" if values else "neither `values` nor `file`"
            if not fields.broken:
                context.error(entry.key.span, "missing-key", f"{what} has {given}", "give one of them")
            return None
        columns = list(fields.scalars("columns", "a column"))
        if sets is None or not all(s.members for s in sets):
            return None  # reported where the set is defined
        cells = _Cells(context, what, entry.key.span, sets)
        if values is not None:
            cells.fill(values.value, 0, ())
            cells.complete(otherwise, values.key.span, ())
        elif file is not None and (table := read_csv(context, file.value)) is not None:
            cells.fill_from(table, columns)
            cells.complete(otherwise, table.top, ((file.value.span, f"{what} reads it here"),))
    labels = tuple(s.name for s in sets)
    return Table(entry.key.span, name, labels, declared, tuple(cells.numbers), title, support, about)


def sets_of(context: Context, named: SequenceType[tuple[str, Span]]) -> list[Set] | None:
    """The sets of a heading; None, with a diagnostic, where one is not defined."""
    found = [context.sets.get(name) for name, _ in named]
    for (name, span), one in zip(named, found, strict=True):
        if one is None:
            hint = did_you_mean(name, context.sets) or "sets are defined under `sets`"
            context.error(span, "unknown-set", f"there is no set `{name}`", hint)
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else None


class _Cells:
    """The numbers of one table while they are filled in; None where none is given yet."""

    def __init__(self, context: Context, what: str, span: Span, sets: list[Set]) -> None:
        self.context = context
        self.what = what
        self.span = span
        self.sets = sets
        self.shape = [len(s.members) for s in sets]
        self.numbers: list[float] = [math.nan] * math.prod(self.shape)
        self.places: dict[int, Span] = {}
        self.faults = 0

    def position(self, indices: SequenceType[int]) -> int:
        flat = 0
        for size, index in zip(self.shape, indices, strict=True):
            flat = flat * size + index
        return flat

    def label(self, flat: int) -> str:
        """`sinaloa` or `semar, cjng`: the members at a flat position."""
        parts: list[str] = []
        for one in reversed(self.sets):
            flat, index = divmod(flat, len(one.members))
            parts.insert(0, one.members[index].name)
        return ", ".join(parts)

    def put(self, indices: SequenceType[int], number: float, span: Span) -> None:
        flat = self.position(indices)
        if flat in self.places:
            first = ((self.places[flat], "it stood here first"),)
            self.context.error(span, "duplicate-cell", f"{self.what} has `{self.label(flat)}` twice", None, first)
        self.places.setdefault(flat, span)
        self.faults += math.isnan(number)
        self.numbers[flat] = number

    # --- written out --------------------------------------------------------------------------------------------------

    def fill(self, node: Node, level: int, indices: tuple[int, ...]) -> None:
        """Takes the numbers of a nested mapping or list whose levels are the table's sets from ``level`` on."""
        if level == len(self.sets):
            where = f" at `{self.label(self.position(indices))}`" if self.sets else ""
            number = self.context.number(node, f"the value of {self.what}{where}", infinite=True)
            self.put(indices, number, node.span)
            return
        one = self.sets[level]
        if isinstance(node, Mapping):
            for entry in node.entries:
                index = _index(one, entry.key.text)
                if index is None:
                    self._unknown(one, entry.key.text, entry.key.span)
                else:
                    self.fill(entry.value, level + 1, (*indices, index))
        elif isinstance(node, Sequence):
            wanted = [len(one.members), len(one.members) - one.spares]
            if len(node.items) not in wanted:
                message = f"this list has {len(node.items)} items, and the set `{one.name}` has {wanted[-1]} members"
                self._fault(node.span, "wrong-kind", message, "list one for each member, or name them")
                return
            for index, item in enumerate(node.items):
                self.fill(item, level + 1, (*indices, index))
        else:
            message = f"{self.what} has a number for each member of `{one.name}`, and this is one value"
            first = one.members[0].name if one.members else "member"
            self._fault(node.span, "wrong-kind", message, f"write `values: {{{first}: …}}`")

    # --- from CSV -----------------------------------------------------------------------------------------------------

    def fill_from(self, table: CsvFile, named: SequenceType[Scalar]) -> None:
        """Takes the numbers of a CSV file: a column for each set and a column `value`, or a matrix.

        ``named`` are the columns to use, those of the sets first and that of the numbers last, where `columns` says so.
        """
        if named:
            columns = self._named_columns(table, named)
            if columns is not None:
                self._fill_long(table, columns[:-1], columns[-1])
        elif "value" in table.header:
            self._fill_columns(table)
        elif len(self.sets) == 2:
            self._fill_matrix(table)
        else:
            hint = "the first columns name the members, the column `value` holds the numbers"
            near = did_you_mean("value", table.header)
            self._fault(table.top, "csv", f"{table.name} has no column `value`", near or hint)

    def _named_columns(self, table: CsvFile, named: SequenceType[Scalar]) -> list[int] | None:
        if len(named) != len(self.sets) + 1:
            message = f"`columns` of {self.what} names {len(named)} columns and wants {len(self.sets) + 1}"
            self._fault(named[0].span, "csv", message, "first a column for each set, last that of the numbers")
            return None
        for scalar in named:
            if scalar.text not in table.header:
                hint = did_you_mean(scalar.text, table.header) or "its columns: " + ", ".join(table.header)
                self._fault(scalar.span, "csv", f"{table.name} has no column `{scalar.text}`", hint)
                return None
        return [table.header.index(scalar.text) for scalar in named]

    def _fill_columns(self, table: CsvFile) -> None:
        value = table.header.index("value")
        others = [c for c in range(len(table.header)) if c != value]
        names = [s.name for s in self.sets]
        if len(others) < len(names):
            message = f"{table.name} has {len(others)} columns of members, and {self.what} has {len(names)} sets"
            self._fault(table.top, "csv", message, "give it a column for each set: " + ", ".join(names))
            return
        by_name = len(set(names)) == len(names) and set(names) <= set(table.header)
        columns = [table.header.index(name) for name in names] if by_name else others[: len(names)]
        self._fill_long(table, columns, value)

    def _fill_long(self, table: CsvFile, columns: SequenceType[int], value: int) -> None:
        lookups = [_lookup(one) for one in self.sets]
        for row, cells in enumerate(table.rows):
            found = [_found(lookup, cells[c]) for lookup, c in zip(lookups, columns, strict=True)]
            for index, one, column in zip(found, self.sets, columns, strict=True):
                if index is None:
                    self._unknown(one, cells[column].strip(), table.span(row, column))
            indices = [index for index in found if index is not None]
            if len(indices) == len(found):
                self.put(indices, table.number(self.context, row, value), table.span(row, value))

    def _fill_matrix(self, table: CsvFile) -> None:
        rows, columns = (_lookup(one) for one in self.sets)
        across = [_found(columns, label) for label in table.header[1:]]
        for column, (label, index) in enumerate(zip(table.header[1:], across, strict=True), start=1):
            if index is None:
                self._unknown(self.sets[1], label, table.span(-1, column))
        for row, cells in enumerate(table.rows):
            down = _found(rows, cells[0])
            if down is None:
                self._unknown(self.sets[0], cells[0].strip(), table.span(row, 0))
                continue
            for column, index in enumerate(across, start=1):
                if index is not None:
                    self.put((down, index), table.number(self.context, row, column), table.span(row, column))

    # --- faults -------------------------------------------------------------------------------------------------------

    def _fault(self, span: Span, code: str, message: str, hint: str | None) -> None:
        self.faults += 1
        self.context.error(span, code, message, hint)

    def _unknown(self, one: Set, label: str, span: Span) -> None:
        hint = did_you_mean(label, one.labels)
        if label == "otherwise":
            hint = "`otherwise` stands beside `values`, not in it"
        elif hint is None:
            hint = listed("its members: ", one.labels)
        self._fault(span, "unknown-member", f"the set `{one.name}` has no member `{label}`", hint)

    def complete(self, otherwise: float | None, span: Span, related: tuple[tuple[Span, str], ...]) -> None:
        """Fills what was not given with ``otherwise``, or reports it."""
        missing = [flat for flat in range(len(self.numbers)) if flat not in self.places]
        for flat in missing:
            self.numbers[flat] = math.nan if otherwise is None else otherwise
        if missing and otherwise is None and not self.faults:
            message = listed(f"{self.what} has no number for ", [f"`{self.label(flat)}`" for flat in missing[:1000]])
            hint = "add it, or say `otherwise: 0` for all that are not listed"
            self.context.error(span, "missing-member", message, hint, related)


def _index(one: Set, label: str) -> int | None:
    return one.labels.index(label) if label in one.labels else None


def _lookup(one: Set) -> MappingType[str, int]:
    """Position by label for data files, which may use the members' titles too, as they are written or nearly so."""
    near: dict[str, list[int]] = {}
    for index, member in enumerate(one.members):
        near.setdefault(label_key(member.title), []).append(index)
    alike = {key: found[0] for key, found in near.items() if len(found) == 1}
    titles = {member.title: index for index, member in reversed(list(enumerate(one.members)))}
    return alike | titles | {member.name: index for index, member in enumerate(one.members)}


def _found(lookup: MappingType[str, int], cell: str) -> int | None:
    """The position that a cell's label stands for."""
    label = cell.strip()
    return lookup[label] if label in lookup else lookup.get(label_key(label))


def listed(before: str, labels: SequenceType[str]) -> str:
    """A sentence that ends in a list, of which the first five are shown."""
    shown = ", ".join(labels[:5])
    return f"{before}{shown}" + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
