"""A comparison on a terminal of 80 columns: differences from the reference, people first, the odds of doing better, and
what is found.

Each policy has a letter. Numbers are rounded to what their standard errors allow; where three policies or fewer stand
beside the reference the errors are shown.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playout.analyse.compare.difference import Difference
from playout.analyse.compare.dominance import SURE
from playout.analyse.compare.rows import GROUPS, Group, Row
from playout.analyse.rounding import least_said
from playout.present.lines import Line, Mark, shortened, shortened_apart
from playout.present.views.written import policy_title
from playout.present.words import count, mean_words, percent, with_error

if TYPE_CHECKING:
    from playout.present.compared import Compared

HEADINGS: dict[Group, str] = {
    "people": "People",
    "path": "How far it gets",
    "institutions": "Institutions and organisations",
    "money": "Money",
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FEW = 3
"""So many policies beside the reference have room for the error of each difference."""
NAMES = 24
"""Columns for an outcome's title at least."""
SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def compare_lines(compared: Compared, width: int = 80) -> list[Line]:
    """The table, and what is found."""
    table = _Table(compared, width)
    lines = [*_heading(compared, width), *table.differences(), *table.odds(), *_ranking(compared, width), Line()]
    for sentence in compared.sentences():
        lines += _wrapped(sentence, width)
    return lines


def _wrapped(text: str, width: int, mark: Mark = "plain") -> list[Line]:
    return [Line.of(line, mark) for line in textwrap.wrap(text, width)]


def _heading(compared: Compared, width: int) -> list[Line]:
    """What was played, and which letter stands for what."""
    found = compared.comparison
    about = f"{len(found.names)} {compared.plural} in the same {count(found.futures, 'future')}, seed {found.seed}"
    if found.by == "view":
        policy = "no policy" if found.held is None else f"“{policy_title(found.scenario, found.held)}”"
        about += f", under {policy}"
    elif found.views:
        named = "" if len(found.views) == len(found.scenario.views) else f" ({', '.join(found.views)})"
        about += f"; {count(len(found.views), 'view')}{named}, weighed by credence"
    lines = [Line.of(shortened(found.scenario.title, width), "strong"), *_wrapped(about, width, "soft")]
    if found.left_out:
        few = f"held by too few futures to be spoken of: {', '.join(found.left_out)}; play more"
        lines += _wrapped(few, width, "accent")
    stopped = [f"{count(n, 'future')} under “{compared.titles[name]}”" for name, n in found.stopped.items() if n]
    if stopped:
        lines += _wrapped(f"stopped, and left out under all: {'; '.join(stopped)}", width, "accent")
    lines.append(Line())
    for letter, name in zip(LETTERS, found.others, strict=False):
        lines.append(Line.of(f"  {letter}  {shortened(compared.titles[name], width - 5)}"))
    return lines


@dataclass(frozen=True)
class _Table:
    """The rows of the table."""

    compared: Compared
    width: int

    def differences(self) -> Iterator[Line]:
        """Differences from the reference, group by group, once for each stretch of letters that has room."""
        found = self.compared.comparison
        few = len(found.others) <= FEW
        errors = ", ± standard error" if few else ""
        span = ", over the run or at its end"
        against = shortened(self._against, self.width - 24 - len(errors) - len(span))
        yield Line.of(f"Differences from “{against}”{span}{errors}", "soft")
        rows = [(place, row) for place, row in enumerate(found.rows) if row.first]
        names = [self._title(place, row) for place, row in rows]
        cells = [[self._cell(place, row, name, few) for name in found.others] for place, row in rows]
        groups = [row.group for _, row in rows]
        yield from self._laid_out(names, cells, groups, HEADINGS.__getitem__)
        left = len(found.rows) - len(rows)
        if left:
            yield Line.of(f"and {count(left, 'further outcome')}: --json has them, --outcomes shows them", "soft")

    def odds(self) -> Iterator[Line]:
        """The share of futures in which each does better than the reference, where it is said which way is better."""
        found = self.compared.comparison
        rows = [(place, row) for place, row in enumerate(found.rows) if row.better is not None]
        if not rows or found.by == "view":
            return
        names = [row.outcome.title for _, row in rows]
        cells = [[self._odds(self._gap(place, name), row) for name in found.others] for place, row in rows]
        if found.objective is not None:
            names.append("Points of the objective")
            gaps = [found.pair(name, found.reference).points for name in found.others]
            cells.append([percent(gap.higher.p) for gap in gaps if gap is not None])
        yield Line()
        text = f"Share of futures that do better than under “{self._against}”; the rest do worse or the same (=: all)"
        yield from _wrapped(text, self.width, "soft")
        yield from self._laid_out(names, cells, ["people"] * len(names), lambda group: "Better in")

    @property
    def _against(self) -> str:
        return self.compared.titles[self.compared.comparison.reference]

    def _gap(self, place: int, name: str) -> Difference:
        found = self.compared.comparison
        return found.pair(name, found.reference).differences[place]

    def _title(self, place: int, row: Row) -> str:
        """With the unit where it is not plain, and the scale that keeps figures short."""
        unit = row.outcome.unit
        said = "" if unit in ("", "1", "person", "event") else unit
        return ", ".join(filter(None, (row.outcome.title, " ".join(filter(None, (self._scale(place)[1], said))))))

    def _scale(self, place: int) -> tuple[float, str]:
        most = max(abs(self._gap(place, name).mean.whole.value) for name in self.compared.comparison.others)
        return next(((size, word) for size, word in SCALES if most >= size), (1.0, ""))

    def _cell(self, place: int, row: Row, name: str, few: bool) -> str:
        mean = self._gap(place, name).mean.whole
        if mean.value == 0.0 and mean.se == 0.0:
            return "same"
        scale = 0.01 if row.outcome.chance else self._scale(place)[0]
        value, se = mean.value / scale, mean.se / scale
        least = 0.1 if row.outcome.chance else least_said(row.outcome.unit) / scale
        if few:
            return with_error(value, se, least, difference=True) + _percent(row)
        if abs(value) <= SURE * se:
            return "≈ 0"
        return mean_words(value, se, least, difference=True) + _percent(row)

    def _odds(self, gap: Difference, row: Row) -> str:
        assert row.better is not None
        share = gap.beats(row.better)
        return "=" if gap.same.p == 1.0 else percent(share.p)

    def _laid_out(
        self,
        names: Sequence[str],
        cells: Sequence[Sequence[str]],
        groups: Sequence[Group],
        head: Callable[[Group], str],
    ) -> Iterator[Line]:
        """Rows under the headings of their groups; letters that have no room side by side come in further stretches."""
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        many = len(widths)
        parts = 1
        while parts < many and any(sum(part) + len(part) > self.width - NAMES for part in _split(widths, parts)):
            parts += 1
        first = 0
        for part in _split(widths, parts):
            if first:
                yield Line()
            here = slice(first, first + len(part))
            room = self.width - sum(part) - len(part)
            short = shortened_apart(names, room - 1)
            for group in GROUPS:
                shown = [n for n, own in enumerate(groups) if own == group]
                if shown:
                    yield Line.of(_row(head(group), LETTERS[here], part, room), "strong")
                yield from (Line.of(_row(short[n], cells[n][here], part, room)) for n in shown)
            first += len(part)


def _split(widths: Sequence[int], parts: int) -> list[Sequence[int]]:
    """As many stretches of nearly one length."""
    bounds = [round(n * len(widths) / parts) for n in range(parts + 1)]
    return [widths[low:high] for low, high in itertools.pairwise(bounds)]


def _row(name: str, cells: Sequence[str], widths: Sequence[int], room: int) -> str:
    told = "".join(f" {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{shortened(name, room - 1):<{room}}{told}"


def _percent(row: Row) -> str:
    """Differences of odds are in percentage points."""
    return " pp" if row.outcome.chance else ""


def _ranking(compared: Compared, width: int) -> Iterator[Line]:
    """Points of the objective and regret, most points first; only where an objective was stated."""
    found = compared.comparison
    ranking = found.ranking
    if ranking is None:
        return
    choices = dict(zip(found.names, ranking.regrets.choices, strict=True))
    heads = ["points ± se", *(["most regret", "mean regret"] if found.views else [])]
    heads += ["limits kept"] if ranking.kept is not None else []
    table: list[list[str]] = []
    for name in ranking.order:
        gap = None if name == found.reference else found.pair(name, found.reference).points
        cells = ["reference" if gap is None else _points(gap)]
        if found.views:
            cells += [mean_words(own.value, own.se) for own in (choices[name].greatest, choices[name].expected)]
        cells += [percent(ranking.kept[name].p)] if ranking.kept is not None else []
        table.append(cells)
    widths = [max(map(len, column)) + 1 for column in zip(heads, *table, strict=True)]
    room = width - sum(widths) - len(widths)
    yield Line()
    yield Line.of(_row("By the objective as stated", heads, widths, room), "strong")
    for name, cells in zip(ranking.order, table, strict=True):
        yield Line.of(_row(compared.titles[name], cells, widths, room))


def _points(gap: Difference) -> str:
    return with_error(gap.mean.whole.value, gap.mean.whole.se, difference=True)
