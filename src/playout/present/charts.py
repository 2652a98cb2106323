"""View data → Vega-Lite specifications, as plain data.

Specifications are written out rather than built with Altair's objects: a report holds some fifty charts, and building
them as objects takes longer than running the scenario. `altair.Chart.from_dict` takes any of them, and a test sends
each through its schema.

Colours are names of CSS variables (``var(--ink)``), so that one drawing serves a light page, a dark one and paper;
`with_colours` puts values in their place where there is no page around the chart.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from playout.present.views.ladder import Ladder, Rung

Spec = dict[str, Any]

#: The Okabe–Ito colours and greys, light page and dark: the only place they are written down.
LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "ink": "#1b1b1b",
    "muted": "#575757",
    "line": "#d4d4d4",
    "accent": "#0072b2",
    "band-1": "#56b4e9",
    "band-2": "#0072b2",
    "band-3": "#e69f00",
    "band-4": "#d55e00",
    "band-5": "#009e73",
    "band-6": "#cc79a7",
    "band-off": "#d3d3d3",
    "band-off-1": "#8f8f8f",
    "band-off-2": "#6b6b6b",
    "band-off-3": "#b0b0b0",
}
DARK: Mapping[str, str] = {
    **LIGHT,
    "paper": "#15181b",
    "ink": "#ededed",
    "muted": "#b0b4b8",
    "line": "#3b4045",
    "accent": "#56b4e9",
    "band-off": "#454a4f",
    "band-off-1": "#8f8f8f",
    "band-off-2": "#b0b0b0",
    "band-off-3": "#6b6b6b",
}
BANDS, GREYS = 6, 3
TIE_BANDS = (2, 5, 4, 6)
"""Which colours kinds of ties have: as in the sheet."""
USUAL = 580
"""Pixels that the ladder is wide beside the answer on a page of 1,280."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

CONFIG: Spec = {
    "background": "transparent",
    "font": FONT,
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "titleColor": "var(--muted)",
        "gridColor": "var(--line)",
        "gridWidth": 0.7,
        "domain": False,
        "tickColor": "var(--line)",
        "labelPadding": 5,
    },
    "text": {"fontSize": 12, "fill": "var(--ink)"},
}


def with_colours(spec: Spec, colours: Mapping[str, str] = LIGHT) -> Spec:
    """The specification with colours for the names of CSS variables, for a picture that stands by itself."""
    text = json.dumps(spec)
    for name, colour in colours.items():
        text = text.replace(f"var(--{name})", colour)
    made: Spec = json.loads(text)
    made["background"] = colours["paper"]
    return made


def chart(layers: Sequence[Spec], height: int, **more: Any) -> Spec:
    """A specification as wide as its place on the page and ``height`` pixels high. more: its data and parameters."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "padding": {"left": 2, "right": 8, "top": 6, "bottom": 2},
        "config": CONFIG,
        **more,
        "layer": list(layers),
    }


# --- the ladder -------------------------------------------------------------------------------------------------------


def colour_of(ladder: Ladder, rung: Rung) -> str:
    """The CSS variable a rung is drawn in: a hue on the path, a grey off it, the palest for where futures fall back."""
    if rung.fallback:
        return "band-off"
    if rung.name in ladder.path:
        return f"band-{ladder.path.index(rung.name) % BANDS + 1}"
    off = [other.name for other in ladder.rungs if other.name not in ladder.path and not other.fallback]
    return f"band-off-{off.index(rung.name) % GREYS + 1}"


def milliseconds(date: dt.date) -> int:
    """A date as JavaScript counts it, midnight UTC."""
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp() * 1000)


def ladder_stream(ladder: Ladder, height: int = 300) -> Spec:
    """One band a stage, left to right in time, its thickness the share of futures in the stage; the first stage on top.

    The parameter ``pin`` is a date in milliseconds at which a rule stands; 0 hides it. Long ladders are thinned.
    """
    ladder = ladder.thinned()
    dates = [milliseconds(date) for date in ladder.dates]
    keys = [f"s{number:02}" for number in range(len(ladder.rungs))]
    rows = [
        {"t": date, "stage": key, "share": round(rung.shares[step], 4)}
        for key, rung in zip(keys, ladder.rungs, strict=True)
        for step, date in enumerate(dates)
    ]
    colours = [f"var(--{colour_of(ladder, rung)})" for rung in ladder.rungs]
    x = {
        "field": "t",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": _dates(ladder.dates),
    }
    area = {
        "mark": {"type": "area", "stroke": "var(--paper)", "strokeWidth": 1, "interpolate": "monotone"},
        "encoding": {
            "x": x,
            "y": {
                "field": "share",
                "type": "quantitative",
                "stack": "zero",
                "scale": {"domain": [0, 1], "nice": False},
                "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1], "grid": False, "title": None},
            },
            "color": {
                "field": "stage",
                "type": "nominal",
                "scale": {"domain": keys, "range": colours},
                "legend": None,
            },
            "order": {"field": "stage", "sort": "descending"},
        },
    }
    pin = {
        "data": {"values": [{}]},
        "transform": [{"calculate": f"pin > 0 ? pin : {dates[0]}", "as": "t"}],
        "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.5, "opacity": {"expr": "pin > 0 ? 1 : 0"}},
        "encoding": {"x": x},
    }
    layers = [area, *(_band_name(label) for label in _band_labels(ladder)), pin]
    return chart(layers, height, params=[{"name": "pin", "value": 0}], data={"values": rows})


@dataclass(frozen=True, slots=True)
class BandLabel:
    """A stage's name inside its band: where, as a date and a share from below; how much of the width it may take."""

    text: str
    date: dt.date
    height: float
    room: float


def _band_labels(ladder: Ladder, half_height: float = 0.026) -> list[BandLabel]:
    """Where each band has the longest level stretch that is thick enough for a line of text and clear of other labels,
    if it has one at all."""
    shares = np.array([rung.shares for rung in ladder.rungs])
    last = shares.shape[1] - 1
    days = (ladder.dates[-1] - ladder.dates[0]).days
    if last < 1:
        return []
    top = shares[::-1].cumsum(axis=0)[::-1]
    labels: list[BandLabel] = []
    for rung, upper, lower in zip(ladder.rungs, top, top - shares, strict=True):
        places = []  # room up to a third of the width counts first, then air above and below
        for height in np.unique(np.round((upper + lower) / 2, 2)):
            fits = (lower <= height - half_height) & (upper >= height + half_height)
            edges = np.flatnonzero(np.diff(np.concatenate(([False], fits, [False]))))
            for begin, end in zip(edges[::2], edges[1::2], strict=True):
                step, room = int(begin + end - 1) // 2, (end - begin - 1) / last
                air = min(upper[step] - height, height - lower[step])
                places.append((min(room, 1 / 3), float(air), step, float(height), float(room)))
        for _, _, step, height, room in sorted(places, reverse=True):
            label = BandLabel(rung.short, ladder.dates[step], height, room)
            if room and not any(_collide(label, other, days, 2 * half_height) for other in labels):
                labels.append(label)
                break
    return labels


def _collide(one: BandLabel, other: BandLabel, days: int, line: float) -> bool:
    """Whether two labels overlap in a picture of `USUAL` pixels across. line: what a line of text takes, as a share."""
    apart = USUAL * abs((one.date - other.date).days) / days
    return abs(one.height - other.height) < 1.3 * line and apart < 7 * (len(one.text) + len(other.text)) / 2


def _band_name(label: BandLabel) -> Spec:
    """The text over its own halo; left out where the page is too narrow for it."""
    shown = {"expr": f"width * {label.room:.3f} > {5 * len(label.text)} ? 1 : 0"}
    encoding = {
        "x": {"field": "t", "type": "temporal", "scale": {"type": "utc"}},
        "y": {"field": "y", "type": "quantitative"},
        "text": {"value": label.text},
    }
    halo = {"type": "text", "stroke": "var(--paper)", "strokeWidth": 3.5, "strokeJoin": "round", "opacity": shown}
    return {
        "data": {"values": [{"t": milliseconds(label.date), "y": round(label.height, 4)}]},
        "layer": [
            {"mark": {**halo, "fontWeight": 600}, "encoding": encoding},
            {"mark": {"type": "text", "fontWeight": 600, "opacity": shown}, "encoding": encoding},
        ],
    }


def _dates(dates: Sequence[dt.date]) -> Spec:
    """An axis of time for so long a stretch: years, or months where there are few; of many years some."""
    axis: Spec = {"title": None, "grid": True, "labelOverlap": True, "labelFlush": True, "tickSize": 4}
    if (dates[-1] - dates[0]).days > 15 * 365:
        return {**axis, "format": "%Y", "tickCount": 10}
    if (dates[-1] - dates[0]).days > 2.2 * 365:
        return {**axis, "format": "%Y", "tickCount": "year"}
    return {**axis, "format": "%b %Y", "tickCount": 6}


# --- shares -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a share, with the range over views where views differ."""

    label: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None


def share_bars(bars: Sequence[Bar], colour: str = "accent") -> Spec:
    """Sorted bars from zero to one, names above them, values at their ends, a thin line from the least view to the
    greatest."""
    ordered = sorted(bars, key=lambda bar: -bar.value)
    rows = [
        {"row": number, "label": bar.label, "value": bar.value, "low": bar.low, "high": bar.high, "text": bar.text}
        for number, bar in enumerate(ordered)
    ]
    height = 46 * len(rows) + 24
    y = {
        "field": "row",
        "type": "ordinal",
        "axis": None,
        "scale": {"paddingInner": 0.66, "paddingOuter": 0.33, "align": 1},
    }
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1], "title": None},
    }
    ranged = [{"filter": "datum.low != null && datum.high - datum.low > 0.005"}]
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": f"var(--{colour})"}, "encoding": {"x": x, "y": y}},
        {
            "transform": ranged,
            "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.5},
            "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}, "y": y},
        },
        *(
            {
                "transform": ranged,
                "mark": {"type": "tick", "color": "var(--ink)", "thickness": 1.5, "size": 8},
                "encoding": {"x": {"field": end, "type": "quantitative"}, "y": y},
            }
            for end in ("low", "high")
        ),
        {
            "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -9, "limit": {"expr": "width"}},
            "encoding": {"x": {"datum": 0}, "y": y, "text": {"field": "label"}},
        },
        {
            "transform": [{"calculate": "max(datum.value, datum.high == null ? 0 : datum.high)", "as": "end"}],
            "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600},
            "encoding": {"x": {"field": "end", "type": "quantitative"}, "y": y, "text": {"field": "text"}},
        },
    ]
    return chart(layers, height, data={"values": rows})
