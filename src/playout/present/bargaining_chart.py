"""A group decision, drawn: each actor's position by round, and the median over them."""

from __future__ import annotations

import textwrap
from typing import Any

from playout.analyse.bargaining_rounds import Bargaining
from playout.present.charts import FONT, LIGHT, Spec, with_colours
from playout.present.words import count, quantity

WIDTH, HEIGHT = 560, 320
LINE = 0.045
"""What a line of text takes, as a share of the height: labels at the lines' ends keep so far apart."""


def bargaining_spec(found: Bargaining) -> Spec:
    """Lines of positions with names at their ends; the median bold, with nine futures in ten where futures differ."""
    last = len(found.rounds) - 1
    rows = [
        {"round": place, "position": at.mean, "actor": actor.name}
        for place, own in enumerate(found.rounds)
        for actor, at in zip(found.actors, own.positions, strict=True)
    ]
    median = [
        {
            "round": place,
            "position": own.median.mean,
            "low": own.median.quantiles[0],
            "high": own.median.quantiles[-1],
        }
        for place, own in enumerate(found.rounds)
    ]
    x: Spec = {
        "field": "round",
        "type": "quantitative",
        "scale": {"domain": [0, last + 0.001], "nice": False},
        "axis": {"title": "Round", "tickMinStep": 1, "grid": False, "format": "d"},
    }
    y: Spec = {
        "field": "position",
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": {"title": "Position on the issue"},
    }
    layers: list[Spec] = []
    if found.drawn:
        layers.append(
            {
                "data": {"values": median},
                "mark": {"type": "area", "color": "var(--band-1)", "opacity": 0.3},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            }
        )
    layers += [
        {
            "data": {"values": rows},
            "mark": {"type": "line", "color": "var(--band-off-1)", "strokeWidth": 1.2},
            "encoding": {
                "x": x,
                "y": y,
                "detail": {"field": "actor"},
                "tooltip": [{"field": "actor"}, {"field": "round"}, {"field": "position", "format": ".3~f"}],
            },
        },
        {
            "data": {"values": median},
            "mark": {"type": "line", "color": "var(--accent)", "strokeWidth": 3.5},
            "encoding": {"x": x, "y": y},
        },
        _labels(found, x, y),
    ]
    start, end = found.rounds[0].median.mean, found.forecast.mean
    moves = "stays at" if abs(end - start) < 1e-9 else f"moves from {quantity(start)} to"
    subtitle = (
        f"Position of each actor by round (grey, named at the end), and the median, in which each weighs by capability "
        f"times salience (blue{', with 9 futures in 10' if found.drawn else ''}); {count(found.futures, 'future')}"
    )
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {
            "text": f"The group's median {moves} {quantity(end)} in {count(last, 'round')}",
            "subtitle": textwrap.wrap(subtitle, 96),
            "anchor": "start",
            "fontSize": 15,
            "subtitleColor": "var(--muted)",
            "offset": 12,
        },
        "width": WIDTH,
        "height": HEIGHT,
        "layer": layers,
        "config": {"font": FONT, "view": {"stroke": None}, "axis": {"gridColor": "var(--line)", "domain": False}},
        "padding": 8,
    }
    return with_colours(spec, LIGHT)


def _labels(found: Bargaining, x: Spec, y: Spec) -> Spec:
    """Names at the ends of the lines; those who end at one place share a label, and labels keep apart."""
    end = found.rounds[-1]
    ends: dict[float, list[str]] = {}
    every = [own.mean for r in found.rounds for own in r.positions] + [r.median.mean for r in found.rounds]
    span = (max(every) - min(every)) or 1.0
    for actor, at in zip(found.actors, end.positions, strict=True):
        near = next((place for place in ends if abs(place - at.mean) < 0.01 * span), at.mean)
        ends.setdefault(near, []).append(actor.name)
    labels: list[dict[str, Any]] = []
    for place, names in sorted(ends.items()):
        height = place if not labels else max(place, labels[-1]["position"] + LINE * span)
        labels.append({"round": len(found.rounds) - 1, "position": height, "text": _named(names)})
    return {
        "data": {"values": labels},
        "mark": {"type": "text", "align": "left", "dx": 7, "color": "var(--ink)", "clip": False},
        "encoding": {"x": x, "y": y, "text": {"field": "text"}},
    }


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
