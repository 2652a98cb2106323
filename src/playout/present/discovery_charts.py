"""What makes futures end badly, drawn: the way of a box through coverage and density, and the limits it ends with."""

from __future__ import annotations

import textwrap

import numpy as np

from playout.analyse.discovery.box import Box, Limit
from playout.analyse.discovery.discover import Discovery, Found
from playout.present.charts import FONT, LIGHT, Spec, with_colours
from playout.present.lines import shortened
from playout.present.views.discovery import condition, ending_words, input_title, limit_words, share_words
from playout.present.words import percent

WIDTH, HEIGHT = 560, 240
ROW = 44
LETTERS, SMALL_LETTERS = 78, 96
"""Letters of a title's line, and of a subtitle's."""


def discovery_spec(discovery: Discovery, number: int = 0) -> Spec:
    """One box: its trajectory, where there is one, above its limits. number: which, 0 the first."""
    found = discovery.found[number]
    parts = [*([_trajectory(found, found.box)] if found.way is not None else []), _limits(discovery, found.box)]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {
            "text": _lines(_finding(discovery, found.box)),
            "subtitle": [
                *_lines(_capital(share_words(found.box)), SMALL_LETTERS),
                *_lines(f"Bad: {ending_words(discovery)}", SMALL_LETTERS),
            ],
            "anchor": "start",
            "fontSize": 15,
            "subtitleColor": "var(--muted)",
            "offset": 12,
        },
        "vconcat": parts,
        "spacing": 28,
        "config": {"font": FONT, "view": {"stroke": None}, "axis": {"gridColor": "var(--line)", "domain": False}},
        "padding": 8,
    }
    return with_colours(spec, LIGHT)


def _finding(discovery: Discovery, box: Box) -> str:
    if not box.limits:
        return "No limit on any belief sets bad endings apart"
    return f"Bad endings gather where {condition(discovery.runs.checked.scenario, box)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lines(text: str, letters: int = LETTERS) -> list[str]:
    return textwrap.wrap(text, letters)


def _trajectory(found: Found, box: Box) -> Spec:
    """Coverage to the right, density upward, one point a step; the chosen box marked."""
    assert found.way is not None
    rows = [
        {"coverage": own.coverage, "density": own.density, "limits": own.restricted, "place": place}
        for place, own in enumerate(found.way.boxes)
    ]
    x = {
        "field": "coverage",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": "Coverage: share of the bad futures that lie in the box"},
    }
    y = {
        "field": "density",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": "Density: share of the box that is bad"},
    }
    chosen = [{"coverage": box.coverage, "density": box.density, "text": f"chosen: {_limits_words(box.restricted)}"}]
    base = [{"coverage": 0.0, "density": box.base_rate, "text": f"all futures: {percent(box.base_rate)}"}]
    tooltip = [
        {"field": "coverage", "format": ".1%"},
        {"field": "density", "format": ".1%"},
        {"field": "limits", "title": "inputs limited"},
        {"field": "place"},
    ]
    right = box.coverage < 0.75  # the way comes from above on the left: its name stands clear of it
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"values": base},
                "mark": {"type": "rule", "color": "var(--muted)", "strokeDash": [4, 3]},
                "encoding": {"y": y},
            },
            {
                "data": {"values": base},
                "mark": {"type": "text", "align": "left", "dx": 4, "dy": -7, "color": "var(--muted)"},
                "encoding": {"x": x, "y": y, "text": {"field": "text"}},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "line", "color": "var(--line)"},
                "encoding": {"x": x, "y": y, "order": {"field": "place"}},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "circle", "size": 34, "color": "var(--band-off-1)", "opacity": 1},
                "encoding": {"x": x, "y": y, "tooltip": tooltip},
            },
            {
                "data": {"values": chosen},
                "mark": {"type": "circle", "size": 130, "color": "var(--accent)", "opacity": 1},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": chosen},
                "mark": {
                    "type": "text",
                    "align": "left" if right else "center",
                    "dx": 10 if right else 0,
                    "dy": -10 if right else -30,
                    "fontWeight": 600,
                    "color": "var(--ink)",
                },
                "encoding": {"x": x, "y": y, "text": {"field": "text"}},
            },
        ],
    }


def _limits_words(number: int) -> str:
    return "one belief limited" if number == 1 else f"{number} beliefs limited"


def _limits(discovery: Discovery, box: Box) -> Spec:
    """Each limited belief as a bar over the futures from its lowest value to its highest, all on one scale."""
    scenario = discovery.runs.checked.scenario
    rows = []
    for place, limit in enumerate(box.limits):
        for low, high in _stretches(discovery, limit):
            said = limit_words(scenario, limit)
            title = shortened(input_title(scenario, limit.name), max(20, SMALL_LETTERS - len(said)))
            rows.append({"row": place, "low": low, "high": high, "text": f"{title}: {said}"})
    x = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    y = {"field": "row", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.7, "paddingOuter": 0.4}}
    axis = {"format": ".0%", "title": "Futures, from the lowest value of the belief to the highest"}
    return {
        "width": WIDTH,
        "height": ROW * max(1, len(box.limits)) + 10,
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "color": "var(--line)"},
                "encoding": {"x": {**x, "datum": 0, "axis": axis}, "x2": {"datum": 1}, "y": y},
            },
            {
                "mark": {"type": "bar", "color": "var(--accent)"},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
            },
            {
                "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -9, "color": "var(--ink)"},
                "encoding": {"x": {**x, "datum": 0}, "y": y, "text": {"field": "text"}},
            },
        ],
    }


def _stretches(discovery: Discovery, limit: Limit) -> list[tuple[float, float]]:
    """Where a limit's values lie among the futures ordered by the belief, as shares; one stretch a category."""
    values = discovery.inputs.values[discovery.inputs.position(limit.name)]
    n = values.size
    if limit.kept is None:
        below = 0 if limit.low is None else int(np.count_nonzero(values < limit.low))
        above = 0 if limit.high is None else int(np.count_nonzero(values > limit.high))
        return [(below / n, 1.0 - above / n)]
    labels = discovery.inputs.categories[limit.name]
    counts = np.bincount(values.astype(np.int64), minlength=len(labels)) / n
    ends = np.cumsum(counts)
    return [
        (float(ends[place] - counts[place]), float(ends[place]))
        for place, label in enumerate(labels)
        if label in limit.kept
    ]
