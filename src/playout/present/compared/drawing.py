"""Differences as a picture: a panel for each outcome, in it a line for each policy, all on one scale around nought."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from playout.analyse.compare.rows import Row
from playout.errors import UsageError, unknown
from playout.present.charts import CONFIG, Spec
from playout.present.lines import shortened
from playout.present.views.measures import unit_words
from playout.present.words import count, mean_words

if TYPE_CHECKING:
    from playout.present.compared import Compared

PANEL, LINE = 300, 22
"""Pixels that a panel is wide, and a policy's line high."""
COLUMNS = 2
TWO_LINES, NAME, BREAK = 30, 28, "|"
"""A line's height where a name has two, the letters in each, and what stands between them."""


def difference_panels(compared: Compared, outcomes: Sequence[str] | None) -> Spec:
    """Small multiples: by policy the mean difference from the reference with two standard errors, and a thin line from
    the least view to the greatest. outcomes: by name; those of people unless said, or all where none is of people.

    Refuses, with a UsageError, outcomes that were not compared.
    """
    found = compared.comparison
    known = {row.name: (place, row) for place, row in enumerate(found.rows)}
    wrong = [unknown("compared outcome", name, list(known)) for name in outcomes or () if name not in known]
    if wrong:
        raise UsageError("\n  ".join(wrong))
    people = [pair for pair in known.values() if pair[1].people] or list(known.values())
    shown = people if outcomes is None else [known[name] for name in outcomes]
    against = compared.titles[found.reference]
    spans = "; thin: from the least view to the greatest" if found.views else ""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": {**CONFIG, "concat": {"spacing": 28}},
        "title": {
            "text": _finding(compared),
            "subtitle": [
                f"Difference from “{against}” over the run, mean of {count(found.counted, 'future')}, each in its unit",
                f"Thick: two standard errors{spans}. {found.scenario.title}, Playout, seed {found.seed}",
            ],
            "anchor": "start",
            "color": "var(--ink)",
            "subtitleColor": "var(--muted)",
            "fontSize": 15,
            "offset": 14,
        },
        "columns": COLUMNS,
        "concat": [_panel(compared, place, row) for place, row in shown],
    }


def _finding(compared: Compared) -> str:
    """The picture's title: whether any policy is best in all that is shown."""
    found = compared.comparison
    if found.by == "view":
        return f"What {len(found.names)} views make of the same futures"
    sure = found.dominating("dominates")
    if not sure:
        return "No policy is shown to be at least as good as another in everything"
    one, other = sure[0]
    return f"“{compared.titles[one]}” is at least as good as “{compared.titles[other]}” in everything"


def _panel(compared: Compared, place: int, row: Row) -> Spec:
    lines = list(_lines(compared, place, row))
    unit = "percentage points" if row.outcome.chance else unit_words(row.outcome.unit)
    names = {"title": None, "labelExpr": f"split(datum.label, '{BREAK}')", "labelLimit": 190, "ticks": False}
    y = {"field": "name", "type": "nominal", "sort": [line["name"] for line in lines], "axis": names}
    x = {
        "type": "quantitative",
        "scale": {"zero": True, "nice": True},
        "axis": {"title": _sides(row), "tickCount": 4, "labelExpr": _numbers(lines), "grid": True},
    }
    tips = [{"field": name, "type": "nominal", "title": title} for name, title in (("of", ""), ("said", "Difference"))]
    colour = {"condition": {"test": "datum.sure", "value": "var(--accent)"}, "value": "var(--muted)"}
    return {
        "title": {
            "text": f"{shortened(row.outcome.title, 52)}{', ' + unit if unit else ''}",
            "fontSize": 12,
        },
        "width": PANEL,
        "height": (TWO_LINES if any(BREAK in line["name"] for line in lines) else LINE) * len(lines),
        "data": {"values": lines},
        "layer": [
            {
                "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.6},
                "encoding": {"x": {**x, "datum": 0}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 1.2, "color": "var(--muted)"},
                "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 5},
                "encoding": {"y": y, "x": {**x, "field": "from"}, "x2": {"field": "to"}, "color": colour},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 42, "opacity": 1},
                "encoding": {"y": y, "x": {**x, "field": "mean"}, "color": colour, "tooltip": tips},
            },
        ],
    }


def _numbers(lines: Sequence[dict[str, Any]]) -> str:
    """How an axis says its numbers, nought without a sign: millions by their letter, anything less in full."""
    most = max(max(abs(line["low"]), abs(line["high"])) for line in lines)
    return f"datum.value == 0 ? '0' : format(datum.value, '{'+~s' if most >= 1e6 else '+,~f'}')"


def _sides(row: Row) -> str:
    """What lies on either side of nought, in words."""
    if row.better is None:
        return "← less · more →"
    return "← better · worse →" if row.better < 0.0 else "← worse · better →"


def _lines(compared: Compared, place: int, row: Row) -> Iterator[dict[str, Any]]:
    found = compared.comparison
    scale = 100.0 if row.outcome.chance else 1.0
    for name in found.others:
        average = found.pair(name, found.reference).differences[place].mean
        mean = average.whole
        yield {
            "of": compared.titles[name],
            "name": BREAK.join(textwrap.wrap(shortened(compared.titles[name], 2 * NAME - 4), NAME)),
            "mean": scale * mean.value,
            "from": scale * (mean.value - 2.0 * mean.se),
            "to": scale * (mean.value + 2.0 * mean.se),
            "low": scale * average.low,
            "high": scale * average.high,
            "sure": abs(mean.value) > 2.0 * mean.se,
            "said": mean_words(scale * mean.value, scale * mean.se, difference=True),
        }
