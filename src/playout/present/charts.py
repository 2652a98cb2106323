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

from playout.present.views.estimate import Fan
from playout.present.views.ladder import Ladder, Rung
from playout.present.words import quantity, signed

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
    "band-5": "#cc79a7",
    "band-6": "#009e73",
    "band-7": "#a6dcc9",
    "band-off": "#c9c9c9",
}
DARK: Mapping[str, str] = {
    **LIGHT,
    "paper": "#15181b",
    "ink": "#ededed",
    "muted": "#b0b4b8",
    "line": "#3b4045",
    "accent": "#56b4e9",
    "band-off": "#5a5f64",
}
BANDS = 7

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

CONFIG: Spec = {
    "background": None,
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


def _chart(layers: Sequence[Spec], height: int, **more: Any) -> Spec:
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
    """The CSS variable a rung is drawn in: grey for a fallback, else by its place in file order."""
    if rung.fallback:
        return "band-off"
    places = [other.name for other in ladder.rungs if not other.fallback]
    return f"band-{places.index(rung.name) % BANDS + 1}"


def milliseconds(date: dt.date) -> int:
    """A date as JavaScript counts it, midnight UTC."""
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp() * 1000)


def ladder_stream(ladder: Ladder, height: int = 300) -> Spec:
    """One band a stage, left to right in time, its thickness the share of futures in the stage; the first stage on top.

    The parameter ``pin`` is a date in milliseconds at which a rule stands; 0 hides it.
    """
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
    return _chart(layers, height, params=[{"name": "pin", "value": 0}], data={"values": rows})


@dataclass(frozen=True, slots=True)
class BandLabel:
    """A stage's name inside its band: where, as a date and a share from below; how much of the width it may take."""

    text: str
    date: dt.date
    height: float
    room: float


def _band_labels(ladder: Ladder, half_height: float = 0.026) -> list[BandLabel]:
    """Where each band has the longest level stretch that is thick enough for a line of text, if it has one at all."""
    shares = np.array([rung.shares for rung in ladder.rungs])
    last = shares.shape[1] - 1
    if last < 1:
        return []
    top = shares[::-1].cumsum(axis=0)[::-1]
    labels = []
    for rung, upper, lower in zip(ladder.rungs, top, top - shares, strict=True):
        best = (0.0, 0.0, 0, 0.0, 0.0)  # room up to a third of the width counts first, then air above and below
        for height in np.unique(np.round((upper + lower) / 2, 2)):
            fits = (lower <= height - half_height) & (upper >= height + half_height)
            edges = np.flatnonzero(np.diff(np.concatenate(([False], fits, [False]))))
            for begin, end in zip(edges[::2], edges[1::2], strict=True):
                step, room = int(begin + end - 1) // 2, (end - begin - 1) / last
                air = min(upper[step] - height, height - lower[step])
                best = max(best, (min(room, 1 / 3), float(air), step, float(height), float(room)))
        _, _, step, height, room = best
        if room:
            labels.append(BandLabel(rung.short, ladder.dates[step], height, room))
    return labels


def _band_name(label: BandLabel) -> Spec:
    """The text over its own halo; left out where the page is too narrow for it."""
    shown = {"expr": f"width * {label.room:.3f} > {6 * len(label.text)} ? 1 : 0"}
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
    """An axis of time for so long a stretch: years, or months where there are few."""
    axis: Spec = {"title": None, "grid": True, "labelOverlap": True, "labelFlush": True, "tickSize": 4}
    if (dates[-1] - dates[0]).days > 2.2 * 365:
        return {**axis, "format": "%Y", "tickCount": "year"}
    return {**axis, "format": "%b %Y", "tickCount": 6}


# --- fans -------------------------------------------------------------------------------------------------------------


def fan_chart(fan: Fan, start: float, *, difference: bool = False, height: int = 150, labelled: bool = False) -> Spec:
    """The median as a line, half of the futures dark, nine in ten light; a rule where the scenario starts.

    Incomplete periods stand apart, hollow and unjoined, since their amounts are not comparable. A difference has a
    strong zero line and words for its two sides. ``labelled`` writes on the bands what they are, for the first fan.
    """
    colour = "var(--accent)" if difference else "var(--muted)"
    rows = [
        {
            "x": round(fan.at[number], 3),
            "label": fan.labels[number] + ("" if fan.complete[number] else " (incomplete)"),
            **{f"p{level:02}": fan.quantiles[number][place] for place, level in enumerate((5, 25, 50, 75, 95))},
            "whole": fan.complete[number],
        }
        for number in range(len(fan.labels))
    ]
    low = min(0.0, *(row["p05"] for row in rows))
    high = max(0.0, *(row["p95"] for row in rows))
    if high == low:
        low, high = (-1.0, 1.0) if difference else (0.0, 1.0)
    scale = {"domain": [low, high], "nice": True, "zero": True}
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [min(start, fan.at[0]), max(fan.at)], "nice": False, "zero": False, "padding": 6},
        "axis": _periods(fan),
    }
    y_axis = {"title": None, "tickCount": 4, **_numbers(low, high, difference), "grid": True}

    def y(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "scale": scale, "axis": y_axis}

    whole = [{"filter": "datum.whole"}]
    partial = [{"filter": "!datum.whole"}]
    tips = [
        {"field": "label", "type": "nominal", "title": "Period"},
        *(
            {"field": field, "type": "quantitative", "title": title, "format": ",.4~r"}
            for field, title in (("p50", "Median"), ("p25", "25%"), ("p75", "75%"), ("p05", "5%"), ("p95", "95%"))
        ),
    ]
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [2, 3]},
            "encoding": {"x": {**x, "field": "start"}},
            "data": {"values": [{"start": start}]},
        },
        {
            "transform": whole,
            "mark": {"type": "area", "color": colour, "opacity": 0.22},
            "encoding": {"x": x, "y": y("p05"), "y2": {"field": "p95"}},
        },
        {
            "transform": whole,
            "mark": {"type": "area", "color": colour, "opacity": 0.42},
            "encoding": {"x": x, "y": y("p25"), "y2": {"field": "p75"}},
        },
        {
            "transform": partial,
            "mark": {"type": "rule", "color": colour, "opacity": 0.45, "strokeWidth": 2},
            "encoding": {"x": x, "y": y("p05"), "y2": {"field": "p95"}},
        },
        {
            "transform": partial,
            "mark": {"type": "rule", "color": colour, "opacity": 0.7, "strokeWidth": 5},
            "encoding": {"x": x, "y": y("p25"), "y2": {"field": "p75"}},
        },
    ]
    if low < 0.0 or difference:
        layers.append(
            {"mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.2}, "encoding": {"y": {"datum": 0}}}
        )
    layers += [
        {
            "transform": whole,
            "mark": {"type": "line", "color": colour if difference else "var(--ink)", "strokeWidth": 2},
            "encoding": {"x": x, "y": y("p50")},
        },
        {
            "mark": {"type": "point", "size": 34, "filled": True, "opacity": 1, "strokeWidth": 1.5, "stroke": colour},
            "encoding": {
                "x": x,
                "y": y("p50"),
                "fill": {"condition": {"test": "datum.whole", "value": colour}, "value": "var(--paper)"},
                "tooltip": tips,
            },
        },
        *_fan_labels(fan, low, high, height, difference=difference, labelled=labelled),
    ]
    return _chart(layers, height, data={"values": rows})


def _fan_labels(fan: Fan, low: float, high: float, height: int, *, difference: bool, labelled: bool) -> list[Spec]:
    """The values at the fan's end, written where they stand, the median first; none that would hide another."""
    number = fan.reading
    say = signed if difference else quantity
    values = fan.quantiles[number]
    per_pixel = (high - low) / max(height - 40, 1)
    wanted = [(values[2], "median ", 600), (values[4], "", 400), (values[0], "", 400)]
    if labelled:
        wanted = [
            (values[2], "median ", 600),
            (values[4], "95% below ", 400),
            (values[0], "5% below ", 400),
        ]
    placed: list[float] = []
    layers: list[Spec] = []
    for value, words, weight in wanted:
        if all(abs(value - other) > 13 * per_pixel for other in placed):
            placed.append(value)
            text = (words if weight == 400 or labelled else "") + say(value)
            mark = {"type": "text", "align": "left", "dx": 7, "fontWeight": weight, "fontSize": 11.5}
            colour = "var(--ink)" if weight == 600 else "var(--muted)"
            encoding = {
                "x": {"value": "width"},
                "y": {"field": "y", "type": "quantitative"},
                "text": {"value": text},
            }
            layers.append({"data": {"values": [{"y": value}]}, "mark": {**mark, "fill": colour}, "encoding": encoding})
    return layers


def _periods(fan: Fan) -> Spec:
    """Periods written below their points, years short where there is little room, a star on incomplete ones."""
    every = 1 if len(fan.labels) <= 12 else 12
    shown = range(0, len(fan.labels), every)

    def names(short: bool) -> str:
        """A Vega expression's object from places to labels."""
        words = ("’" + label[2:] if short and len(label) == 4 else label for label in fan.labels)
        stars = ("" if complete else "*" for complete in fan.complete)
        marked = [word + star for word, star in zip(words, stars, strict=True)]
        return json.dumps({f"{fan.at[i]:.2f}": marked[i] for i in shown}, ensure_ascii=False)

    return {
        "values": [round(fan.at[i], 3) for i in shown],
        "labelExpr": f"(width < 320 ? {names(True)} : {names(False)})[format(datum.value, '.2f')]",
        "title": None,
        "grid": False,
        "ticks": False,
        "labelOverlap": True,
        "labelSeparation": 3,
    }


def _numbers(low: float, high: float, difference: bool) -> Spec:
    """How an axis writes its numbers: no more digits than it has room for, zero plain, thousands of millions as bn."""
    size = max(abs(low), abs(high))
    sign = "+" if difference else ""
    shape = f"{sign}.2~s" if size >= 2e6 else f"{sign},.0f" if size >= 8 else f"{sign},.2~f"
    return {"labelExpr": f"datum.value == 0 ? '0' : replace(format(datum.value, '{shape}'), 'G', 'bn')"}


# --- shares and members -----------------------------------------------------------------------------------------------


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
    return _chart(layers, height, data={"values": rows})


def member_intervals(members: Sequence[tuple[str, Sequence[float]]], *, difference: bool = False) -> Spec:
    """One row a member, greatest median first: the median, half of the futures thick, nine in ten thin.

    members: a name and quantiles at 5, 25, 50, 75 and 95 percent.
    """
    ordered = sorted(members, key=lambda member: -member[1][2])
    say = signed if difference else quantity
    rows = [
        {
            "row": number,
            "label": name,
            "text": say(q[2]),
            "p05": q[0],
            "p25": q[1],
            "p50": q[2],
            "p75": q[3],
            "p95": q[4],
        }
        for number, (name, q) in enumerate(ordered)
    ]
    low, high = min(0.0, *(q[0] for _, q in members)), max(0.0, *(q[4] for _, q in members))
    if low == high:
        high = low + 1.0
    colour = "var(--accent)" if difference else "var(--muted)"
    y = {
        "field": "row",
        "type": "ordinal",
        "axis": None,
        "scale": {"paddingInner": 0.7, "paddingOuter": 0.35, "align": 1},
    }
    scale = {"domain": [low, high], "nice": True}
    axis = {"title": None, "tickCount": 4, **_numbers(low, high, difference), "labelOverlap": True}

    def x(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}

    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": "var(--ink)"}, "encoding": {"x": {"datum": 0}}},
        {
            "mark": {"type": "rule", "color": colour, "strokeWidth": 2, "opacity": 0.6},
            "encoding": {"x": x("p05"), "x2": {"field": "p95"}, "y": y},
        },
        {
            "mark": {"type": "rule", "color": colour, "strokeWidth": 6, "opacity": 0.8},
            "encoding": {"x": x("p25"), "x2": {"field": "p75"}, "y": y},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 50, "color": "var(--ink)", "opacity": 1},
            "encoding": {"x": x("p50"), "y": y},
        },
        {
            "transform": [{"calculate": "datum.text + '  ' + datum.label", "as": "line"}],
            "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -6, "limit": {"expr": "width"}},
            "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "line"}},
        },
    ]
    return _chart(layers, 34 * len(rows) + 24, data={"values": rows})
