"""What decides an outcome, drawn: tornado, shares alone and together, elementary effects, distances, worth of knowing.

Vega-Lite specifications as plain data, with colours in them: each stands by itself. The title is the finding, the
subtitle says what is plotted; names stand above their bars and values at their ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playout.analyse.information_study import Information
from playout.analyse.objective import Objective
from playout.analyse.sensitivity.factors import Factor
from playout.analyse.sensitivity.tornado import Bar
from playout.present.charts import FONT, LIGHT, Spec, with_colours
from playout.present.lines import shortened
from playout.present.views.explained import SIZES, Said, clear, told
from playout.present.words import count, percent, quantity

WIDTH = 640
ROW = 40
"""Pixels that a bar takes with the name above it."""
MOST = 10
"""Bars in a picture."""
FEW = 8
"""Bars of a tornado that are filled up with beliefs whose ends are not clear."""
NAMED = 8
"""Points of a scatter that are named."""
WORDS = 84
"""Letters of a title, and of a name over a bar."""


@dataclass(frozen=True, slots=True)
class Row:
    """One bar from zero, with what stands at its end; less: a shorter bar within it, of a darker colour."""

    label: str
    value: float
    se: float
    text: str
    less: float | None = None


def outcome_specs(said: Said) -> Iterator[tuple[str, Spec]]:
    """The pictures of an outcome by name, those that the study has something for."""
    found = said.found
    if found.bars and found.varies:
        yield "tornado", _tornado(said)
    if any(told(own.total, SIZES) for own in found.shares):
        yield "interactions", _interactions(said)
    if any(told(own.effects.mu_star, SIZES) for own in found.effects):
        yield "morris", _morris(said)
    if any(told(own.delta) for own in found.deltas):
        yield "delta", _delta(said)


# --- tornado ----------------------------------------------------------------------------------------------------------


def _tornado(said: Said) -> Spec:
    """Bars from the outcome's mean to its means at a belief's two ends, the ends written out in the belief's unit."""
    bars = _tornado_bars(said)
    middle = said.found.mean.value
    values = [value for bar in bars for value in (bar.low.mean, bar.high.mean)] + [middle]
    low, high = min(values), max(values)
    room = 0.28 * ((high - low) or 1.0)
    x = {
        "type": "quantitative",
        "scale": {"domain": [low - room, high + room], "nice": False, "zero": False},
        "axis": {"title": said.unit or None, "format": "%" if said.outcome.chance else ",.3~r", "tickCount": 6},
    }
    rows = [row for place, bar in enumerate(bars) for row in _ends(said, bar, place)]
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": 14},
            "encoding": {
                "x": {**x, "field": "mean"},
                "x2": {"datum": middle},
                "y": _y(),
                "color": {
                    "field": "end",
                    "type": "nominal",
                    "scale": {
                        "domain": ["low", "high", "unclear"],
                        "range": ["var(--band-1)", "var(--accent)", "var(--line)"],
                    },
                    "legend": None,
                },
            },
        },
        {"mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1}, "encoding": {"x": {**x, "datum": middle}}},
        *(
            {
                "transform": [{"filter": f"datum.side == '{side}'"}],
                "mark": {"type": "text", "align": align, "dx": dx},
                "encoding": {"x": {**x, "field": "at"}, "y": _y(), "text": {"field": "text"}},
            }
            for side, align, dx in (("left", "right", -5), ("right", "left", 5))
        ),
        _names(rows),
    ]
    top = bars[0]
    title = f"“{said.title(top.factor)}” moves {said.what} most"
    if not clear(top):
        title = f"No belief moves the mean of {said.what} clearly"
    unit = f" ({said.unit})" if said.unit else ""
    about = (
        f"Mean of {said.what}{unit} where a belief lies in its lowest fifth (light) and in its highest (dark), over "
        f"{count(said.found.mean.n, 'future')}; the line is the mean of all"
        + ("; grey: ends that chance could set apart" if not clear(bars[-1]) else "")
    )
    return _alone(layers, len(bars), rows, title, about)


def _tornado_bars(said: Said) -> list[Bar]:
    """The beliefs that clearly move the mean, and where these are few others of those that decide most."""
    found = said.found
    clearly = sorted((bar for bar in found.bars if clear(bar)), key=lambda bar: -abs(bar.moves))[:MOST]
    ranked = [found.bar(own.factor) for own in found.shares or found.effects or found.deltas]
    others = [bar for bar in ranked if bar is not None and not clear(bar) and math.isfinite(bar.moves)]
    return [*clearly, *others[: max(0, FEW - len(clearly))]]


def _ends(said: Said, bar: Bar, place: int) -> Iterator[Spec]:
    texts = dict(zip(("low", "high"), said.ranges(bar, "≤ {}", "≥ {}"), strict=True))
    for name, end, other in (("low", bar.low, bar.high), ("high", bar.high, bar.low)):
        left = (end.mean, name == "high") < (other.mean, name != "high")
        yield {
            "row": place,
            "label": shortened(said.title(bar.factor), WORDS),
            "end": name if clear(bar) else "unclear",
            "mean": end.mean,
            "side": "left" if left else "right",
            "at": min(end.mean, said.found.mean.value) if left else max(end.mean, said.found.mean.value),
            "text": shortened(texts[name], 30),
        }


# --- bars from zero ---------------------------------------------------------------------------------------------------


def _interactions(said: Said) -> Spec:
    """Each factor's share of the variance alone, and with all that it does together with others; then pairs."""
    found = said.found
    shares = [own for own in found.shares if not own.factor.grouped and told(own.total, SIZES)][:MOST]
    rows = [
        Row(
            said.title(own.factor),
            own.total.value,
            own.total.se,
            f"{percent(min(max(own.first.value, 0.0), 1.0))} alone, {percent(min(own.total.value, 1.0))} in all",
            min(max(own.first.value, 0.0), own.total.value),
        )
        for own in shares
    ]
    top = shares[0]
    title = f"“{said.title(top.factor)}” decides most of {said.what}"
    about = (
        "Share of the variance that goes with a factor alone (dark) and counting what it does together with others "
        "(light), with two standard errors"
    )
    spec = _interval_bars(rows, title, about, "%")
    pairs = [own for own in found.pairs if told(own.index)][:MOST]
    if not pairs:
        return spec
    joint = [
        Row(
            said.pair(own),
            own.index.value,
            own.index.se,
            percent(min(own.index.value, 1.0)),
        )
        for own in pairs
    ]
    below = _interval_bars(
        joint,
        "What two do together, beyond each alone",
        "Share of the variance, second order, with two standard errors",
        "%",
    )
    outer = {key: spec[key] for key in ("$schema", "config", "background")}
    panels = [{key: part[key] for key in part if key not in outer} for part in (spec, below)]
    return {**outer, "vconcat": panels}


def _delta(said: Said) -> Spec:
    shown = [own for own in said.found.deltas if told(own.delta)][:MOST]
    rows = [Row(said.title(own.factor), own.delta.value, own.delta.se, percent(own.delta.value)) for own in shown]
    title = f"To know “{rows[0].label}” tells most about {said.what}"
    about = (
        "Borgonovo's delta: how much of the outcome's distribution moves elsewhere where a belief is known, with two "
        "standard errors"
    )
    return _interval_bars(rows, title, about, "%")


def information_spec(information: Information, objective: Objective, title: Callable[[Factor], str]) -> Spec:
    """What knowing each factor before choosing is worth, beside the bounds on knowing all beliefs."""
    known = [own for own in information.known if told(own.worth.gain)][:MOST]
    perfect = information.perfect
    rows = [Row("All beliefs, at most", perfect.high.value, perfect.high.se, quantity(perfect.high.value, 2))]
    rows.append(Row("All beliefs, at least", perfect.low.value, perfect.low.se, quantity(perfect.low.value, 2)))
    rows += [
        Row(title(own.factor), own.worth.gain.value, own.worth.gain.se, quantity(own.worth.gain.value, 2))
        for own in known
    ]
    finding = f"“{rows[2].label}” is worth knowing most" if known else "No single belief is worth knowing beforehand"
    about = (
        f"Gain in “{objective.text}” if a factor were known before choosing among "
        f"{count(len(information.policies), 'policy', 'policies')}, with two standard errors"
    )
    return _interval_bars(rows, finding, about, ",.3~r")


def _interval_bars(rows: Sequence[Row], title: str, about: str, form: str) -> Spec:
    """Bars from zero with two standard errors, names above them and values at their ends."""
    values: list[Spec] = [
        {
            "row": place,
            "label": shortened(row.label, WORDS),
            "value": row.value,
            "less": row.less,
            "low": max(0.0, row.value - 2 * row.se),
            "high": row.value + 2 * row.se,
            "text": row.text,
        }
        for place, row in enumerate(rows)
    ]
    end = max([row["high"] for row in values if math.isfinite(row["high"])], default=1.0) or 1.0
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, 1.3 * end], "nice": False},
        "axis": {"title": None, "format": form, "tickCount": 6},
    }
    if form == "%" and end > 0.5:
        x["axis"]["values"] = [0, 0.25, 0.5, 0.75, 1]
    whole = "band-1" if any(row.less is not None for row in rows) else "accent"
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": 14, "color": f"var(--{whole})"},
            "encoding": {"x": {**x, "field": "value"}, "y": _y()},
        },
        {
            "transform": [{"filter": "datum.less != null"}],
            "mark": {"type": "bar", "height": 14, "color": "var(--accent)"},
            "encoding": {"x": {**x, "field": "less"}, "y": _y()},
        },
        {
            "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.5},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": _y()},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600},
            "encoding": {"x": {**x, "field": "high"}, "y": _y(), "text": {"field": "text"}},
        },
        _names(values),
    ]
    return _alone(layers, len(rows), values, title, about)


# --- elementary effects -----------------------------------------------------------------------------------------------


def _morris(said: Said) -> Spec:
    """Sizes of elementary effects against their standard deviation; the largest named."""
    shown = [own.effects for own in said.found.effects if own.effects.mu_star.value > 0.0]
    titles = [said.title(own.factor) for own in said.found.effects]
    named = _apart([(own.mu_star.value, own.sigma.value) for own in shown])
    rows: list[Spec] = [
        {
            "label": shortened(titles[place], 44) if place in named else "",
            "size": own.mu_star.value,
            "low": max(0.0, own.mu_star.value - 2 * own.mu_star.se),
            "high": own.mu_star.value + 2 * own.mu_star.se,
            "sigma": own.sigma.value,
        }
        for place, own in enumerate(shown)
    ]
    end = 1.25 * max(row["high"] for row in rows)
    form = "%" if said.outcome.chance else ",.3~r"
    x = {
        "type": "quantitative",
        "scale": {"domain": [0, end], "nice": False},
        "axis": {"title": "mean size of the effect", "format": form, "tickCount": 6},
    }
    y = {"field": "sigma", "type": "quantitative", "axis": {"title": "standard deviation", "format": form}}
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "color": "var(--line)"},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 45, "color": "var(--accent)"},
            "encoding": {"x": {**x, "field": "size"}, "y": y},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 7, "dy": -5},
            "encoding": {"x": {**x, "field": "size"}, "y": y, "text": {"field": "label"}},
        },
    ]
    title = f"“{titles[0]}” moves {said.what} most"
    unit = f", {said.unit}" if said.unit else ""
    about = (
        f"Elementary effects of going all the way across a belief's range{unit}: the further right the larger, the "
        f"higher the more they depend on other beliefs; lines are two standard errors"
    )
    return _alone(layers, 9, rows, title, about)


def _apart(points: Sequence[tuple[float, float]]) -> list[int]:
    """The first points whose names do not run into each other's, at most NAMED, by position."""
    across, up = (max(point[axis] for point in points) or 1.0 for axis in (0, 1))
    named: list[int] = []
    for place, (x, y) in enumerate(points):
        near = (n for n in named if abs(points[n][0] - x) < 0.5 * across and abs(points[n][1] - y) < 0.05 * up)
        if len(named) < NAMED and not any(True for _ in near):
            named.append(place)
    return named


# --- what all have in common ------------------------------------------------------------------------------------------


def _y() -> Spec:
    return {"field": "row", "type": "ordinal", "axis": None}


def _names(rows: Sequence[Mapping[str, Any]]) -> Spec:
    """Each row's name above its bar, at the left."""
    named = {row["row"]: row["label"] for row in rows}
    return {
        "data": {"values": [{"row": place, "label": label} for place, label in named.items()]},
        "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -8},
        "encoding": {"x": {"value": 0}, "y": _y(), "text": {"field": "label"}},
    }


def _alone(layers: Sequence[Spec], bars: int, rows: Sequence[Spec], title: str, about: str) -> Spec:
    """A picture that stands by itself, with colours in it."""
    spec: Spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {
            "text": _wrapped(title, 84),
            "subtitle": _wrapped(about, 104),
            "anchor": "start",
            "frame": "group",
            "offset": 10,
            "color": "var(--ink)",
            "subtitleColor": "var(--muted)",
        },
        "description": f"{title}. {about}.",
        "width": WIDTH,
        "height": max(2, bars) * ROW,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": "var(--muted)", "titleColor": "var(--muted)", "gridColor": "var(--line)", "domain": False,
                "tickColor": "var(--line)",
            },
            "text": {"fontSize": 12, "color": "var(--ink)"},
        },
        "data": {"values": list(rows)},
        "layer": list(layers),
    }  # fmt: skip
    return with_colours(spec, LIGHT)


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)
