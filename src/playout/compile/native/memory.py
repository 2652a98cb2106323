"""What lies where in a thread's arena beside the program's arrays: the head, beliefs, calendars, rows of readings."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from playout.compile import ir
from playout.compile.native.layout import Layout, Slot
from playout.compile.native.target import Precision
from playout.compile.native.terms import Term, Terms

NOBODY = 2**31 - 1
"""The mark of a lane in which no check failed."""


@dataclass
class Rows:
    """Where a reading's values lie among the rows of its kind: first row and number of members."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    count: int = 0

    def add(self, name: str, rows: int, members: int) -> int:
        first = self.count
        self.places[name] = (first, members)
        self.count += rows
        return first


@dataclass
class Totals:
    """The series of one kind and grain. ``rows``: a row a series and member. ``first``: its place among all totals, in
    which each period has all rows. Offsets: of the step's values, the totals and their rounding errors."""

    kind: str
    grain: str
    rows: Rows = field(default_factory=Rows)
    periods: int = 0
    first: int = 0
    values: int = 0
    totals: int = 0
    errors: int = 0


class Memory:
    """The arena of one Program's kernel. ``header`` maps single things to their offsets; ``real``: kind of a real."""

    def __init__(self, program: ir.Program, lanes: int, precision: Precision) -> None:
        self.program, self.lanes = program, lanes
        self.real = "float" if precision == "single" else "double"
        self.layout = Layout(lanes, 4 if precision == "single" else 8, program.sizes)
        self.header: dict[str, int] = {}
        self.records, self.paths, self.tallies = Rows(), Rows(), Rows()
        self.totals: dict[tuple[str, str], Totals] = {}
        self.calendars: dict[str, int] = {}
        self.belief_rows: list[int] = []
        self.belief_places: list[tuple[Slot, int, int, ir.Type]] = []
        self.total_rows = 0
        self.stride = max([1, *(self.layout.members(c.sets) for c in program.checks)])
        if self.stride * (len(program.checks) + 1) >= NOBODY:
            raise NotImplementedError("more checks and members than a 32-bit number can tell apart")

    def lay_out(self, terms: Terms, alone: Container[str]) -> None:
        """Everything that is known before the statements are in order. ``alone``: states that need no second copy."""
        program, layout = self.program, self.layout
        width = layout.width("int")
        for name in ("future", "violation", "status", "stopped step", "stopped member"):
            self.header[name] = layout.reserve(width)
        for name in ("key 0", "key 1", "running", "callback", "halt", "tallies", "paths", "path stride"):
            self.header[name] = layout.reserve(8)
        largest = 2 * max([1, *(len(t.parts) for t in _quantiles(terms))])
        self.header["asked"] = layout.reserve((largest + 2) * self.lanes * 8)
        self._lay_out_beliefs()
        for array in program.arrays.values():
            if array.role == "table":
                layout.array(array, uniform=True)
            elif array.role == "state" and array.name in alone:
                layout.array(array, uniform=False)
            elif array.role == "state":
                layout.state(array)
        for assign in program.once:
            layout.array(program.arrays[assign.array], uniform=assign.array in terms.uniform)
        for assign in program.initial:
            if assign.array not in layout.slots:  # what only the starts need
                layout.array(program.arrays[assign.array], uniform=False)
        layout.place_states()
        for grain, periods in program.periods.items():
            # starts of the steps' entries, then a period and a share per entry; the engine fills them in
            most = 2 * (program.steps + 1) + 2 * len(periods) + 8
            self.calendars[f"amount {grain}"] = layout.reserve(8 * (program.steps + 2) + 16 * most)
            self.calendars[f"level {grain}"] = layout.reserve(8 * (program.steps + 2) + 16 * (len(periods) + 8))
        layout.place_words(s for s in program.streams.values() if s.per == "step")

    def _lay_out_beliefs(self) -> None:
        """Beliefs in the order of their rows, so that loading them is one loop."""
        rows: dict[str, list[int]] = {}
        for row, (name, _) in enumerate(self.program.columns):
            rows.setdefault(name, []).append(row)
        for array in self.program.arrays.values():
            if array.role == "belief":
                slot = self.layout.array(array, uniform=False)
                kept = rows[array.name]
                if array.type == "bool" or len(kept) != self.layout.members(array.sets):
                    raise NotImplementedError(f"belief {array.name} is not a row a member")
                self.belief_places.append((slot, len(self.belief_rows), len(kept), array.type))
                self.belief_rows += kept

    def belief_runs(self) -> list[tuple[Slot, int, int, ir.Type]]:
        """Beliefs that lie as their rows do, together: the first one's slot, first row, rows, type."""
        runs: list[tuple[Slot, int, int, ir.Type]] = []
        for slot, row, count, type_ in self.belief_places:
            if runs:
                start, first, so_far, kind = runs[-1]
                if type_ == kind and slot.offset == start.offset + so_far * slot.stride:
                    runs[-1] = start, first, so_far + count, kind
                    continue
            runs.append((slot, row, count, type_))
        return runs

    def place_rows(self) -> None:
        """Memory for what is read of the futures."""
        program, members = self.program, self.layout.members
        for record in program.records:
            self.records.add(record.name, members(record.sets), members(record.sets))
        for series in program.series:
            count = members(series.sets)
            kept = self.totals.setdefault((series.kind, series.periods), Totals(series.kind, series.periods))
            kept.rows.add(series.name, count, count)
            self.paths.add(f"series {series.name}", count, count)
        for tally in program.tallies:
            count = members(tally.sets)
            self.tallies.add(tally.name, count * len(tally.categories), count)
            self.paths.add(f"tally {tally.name}", count, count)
        vector = self.layout.width("real")
        self.header["records"] = self.layout.reserve(vector * max(1, self.records.count))
        first = 0
        for kept in self.totals.values():
            kept.periods, kept.first = len(program.periods[kept.grain]), first
            first += kept.periods * kept.rows.count
            kept.values = self.layout.reserve(vector * kept.rows.count)
        self.total_rows = first
        self.header["totals"] = self.layout.reserve(vector * max(1, first))
        self.header["errors"] = self.layout.reserve(vector * max(1, first))
        for kept in self.totals.values():
            kept.totals = self.header["totals"] + kept.first * vector
            kept.errors = self.header["errors"] + kept.first * vector


def _quantiles(terms: Terms) -> Iterable[Term]:
    seen: set[Term] = set()
    waiting = [terms.of(root) for root in terms.program.roots()]
    while waiting:
        term = waiting.pop()
        if term not in seen:
            seen.add(term)
            waiting += term.below()
            if term.tag == "Quantile":
                yield term
