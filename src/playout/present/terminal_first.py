"""The first screen on a terminal: each view before any blend, the odds beside base rates, what it does with and without
what it hinges on, and how much of that is judgement. The report has the rest."""

from __future__ import annotations

import textwrap

from playout.model.coverage import Coverage
from playout.present.lines import Line, table_lines
from playout.present.views.first import First

FEWEST_RUNGS = 3


def view_lines(first: First, width: int) -> list[Line]:
    """A row for each view, before any blend."""
    if not first.by_view:
        return []
    heads = [f"by {first.by}", "at all", "on average", f"given {first.short}"][: len(first.columns)]
    measure = f", then {first.effects[0].title.split(' ')[0].lower()}" if first.effects else ""
    title = f"By view: {first.short or 'odds'}{measure}"
    return table_lines(title, heads, [(line.title, list(line.cells)) for line in first.by_view], width)


def odds_lines(first: First, steps: str, width: int) -> list[Line]:
    """The dated question with its range over views, beside its base rates; and the odds of all steps together."""
    return [Line.of(line) for line in textwrap.wrap(f"{first.odds_short} {steps}".strip(), width)]


def effect_lines(first: First, width: int) -> list[Line]:
    """What it does: on average over all futures, its range over views, and where the stage is reached."""
    if not first.effects:
        return []
    heads = ["on average", "over views", f"given {first.short}"]
    heads = heads if first.reached else heads[:2]
    rows = [
        (row.title, [row.always.mean, row.always.over, row.given.mean if row.given else ""][: len(heads)])
        for row in first.effects
    ]
    title = f"Against “{first.against}”, all years" if first.against else "All years"
    return table_lines(title, heads, rows, width)


def judgement_lines(first: First, coverage: Coverage | None, width: int) -> list[Line]:
    """How much of the variance is judgement, and how many beliefs are only assumed."""
    parts = [first.judgement] if first.judgement else []
    if coverage is not None and coverage.beliefs:
        assumed = len(coverage.assumed) + len(coverage.unsupported)
        beliefs = "" if parts else "beliefs "
        parts.append(f"{assumed:,} of {coverage.beliefs:,} {beliefs}are assumed")
    return [Line.of(line, "strong") for line in textwrap.wrap("; ".join(parts), width)]
