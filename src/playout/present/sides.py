"""Things side by side, as Vega-Lite specifications: views along one scale, policies, and what swings an outcome."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from playout.present.charts import Spec, chart
from playout.present.fans import number_axis
from playout.present.views.analyses import ComparedRow, Explained, Swing
from playout.present.views.parting import Parted, PartedAmount

HALO: Spec = {"stroke": "var(--paper)", "strokeWidth": 4, "strokeJoin": "round"}
"""Around text that crosses lines."""


def view_strips(rows: Sequence[Parted], views: Sequence[str]) -> Spec:
    """One row a probability: each view's by its number, all together as a mark above, names above that.

    views: names, in their order.
    """
    most = max(each.share.high for each in rows)
    top = min(1.0, math.ceil(most * 10.0) / 10.0)
    axis = {"format": ".0%", "tickCount": 5, "title": None}
    labels = [(each.title, each.share.p, each.share.by_view) for each in rows]
    return _strips(labels, views, (0.0, top), axis, 0.04)


def amount_strip(row: PartedAmount, views: Sequence[str]) -> Spec:
    """The same of one measure's mean difference."""
    low, high = min(0.0, *row.by_view.values()), max(0.0, *row.by_view.values())
    axis = {"title": None, "tickCount": 4, **number_axis(low, high, difference=True)}
    return _strips([("", row.mean, row.by_view)], views, (low, high), axis, 0.07)


def _strips(
    rows: Sequence[tuple[str, float, Mapping[str, float]]],
    views: Sequence[str],
    domain: tuple[float, float],
    axis: Spec,
    room: float,
) -> Spec:
    """room: what a number takes, as a share of the domain."""
    tops, points = [], []
    for place, (label, whole, by_view) in enumerate(rows):
        ends = {"low": min(by_view.values()), "high": max(by_view.values())}
        tops.append({"row": place, "label": label, "all": whole, **ends})
        for group in _together(by_view, views, room * (domain[1] - domain[0])):
            value = sum(by_view[name] for name in group) / len(group)
            numbers = ", ".join(str(number) for number in sorted(views.index(name) + 1 for name in group))
            points.append({"row": place, "value": value, "views": numbers})
    y = _rows()
    x: Spec = {"type": "quantitative", "scale": {"domain": list(domain), "nice": True}, "axis": axis}
    text = {"type": "text", "fontSize": 12, "fontWeight": 700}
    number = {"x": {**x, "field": "value"}, "y": y, "text": {"field": "views"}}
    mark = {"type": "point", "shape": "triangle-down", "filled": True, "size": 50, "yOffset": -11, "opacity": 1}
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "color": "var(--line)", "strokeWidth": 5},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {"mark": {**mark, "color": "var(--ink)"}, "encoding": {"x": {**x, "field": "all"}, "y": y}},
        {
            "data": {"values": points},
            "mark": {**text, **HALO},
            "encoding": number,
        },
        {"data": {"values": points}, "mark": {**text, "fill": "var(--accent)"}, "encoding": number},
    ]
    if domain[0] < 0.0:
        layers.insert(0, {"mark": {"type": "rule", "color": "var(--ink)"}, "encoding": {"x": {"datum": 0}}})
    named = any(label for label, _, _ in rows)
    layers += _names(y, -16) if named else []
    return chart(layers, (60 if named else 44) * len(rows) + 28, data={"values": tops})


def _together(by_view: Mapping[str, float], views: Sequence[str], room: float) -> list[list[str]]:
    """Views whose numbers would lie on each other, in groups from the least on."""
    groups: list[list[str]] = []
    for name in sorted((name for name in views if name in by_view), key=lambda name: by_view[name]):
        if groups and by_view[name] - by_view[groups[-1][0]] < room:
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups


def policy_dots(row: ComparedRow, policies: Sequence[str]) -> Spec:
    """One outcome under each policy: the mean difference as a dot, its range over views as a line, zero strong, and
    which side is better in words where that has been said."""
    rows = [
        {"row": place, "label": name, "value": each.value, "low": each.low, "high": each.high, "text": each.text}
        for place, (name, each) in enumerate(zip(policies, row.estimates, strict=True))
    ]
    low = min(0.0, *(min(each.low, each.value) for each in row.estimates))
    high = max(0.0, *(max(each.high, each.value) for each in row.estimates))
    if low == high:
        low, high = -1.0, 1.0
    room = 0.16 * (high - low)  # for the last value's text
    y = _rows()
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [low, high + room], "nice": True},
        "axis": {"title": None, "tickCount": 4, **number_axis(low, high, difference=True, share=row.chance)},
    }
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.5}, "encoding": {"x": {"datum": 0}}},
        {
            "mark": {"type": "rule", "color": "var(--accent)", "strokeWidth": 3, "opacity": 0.45},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "color": "var(--accent)", "opacity": 1},
            "encoding": {"x": {**x, "field": "value"}, "y": y},
        },
        *_values(x, y),
        *_names(y),
        *_sides(row.better, low, high),
    ]
    padding = {"left": 2, "right": 8, "top": 18, "bottom": 2}
    return chart(layers, 38 * len(rows) + 30, data={"values": rows}, padding=padding)


def _values(x: Spec, y: Spec) -> list[Spec]:
    """What each row comes to, at its end, over its own halo."""
    end = [{"calculate": "max(datum.value, datum.high)", "as": "end"}]
    text = {"type": "text", "align": "left", "dx": 8, "fontWeight": 600}
    encoding = {"x": {**x, "field": "end"}, "y": y, "text": {"field": "text"}}
    return [{"transform": end, "mark": mark, "encoding": encoding} for mark in ({**text, **HALO}, text)]


def _sides(better: int, low: float, high: float) -> list[Spec]:
    """Which side of zero is better, at the top; nothing where nobody has said."""
    if not better:
        return []
    words = {-1: ("← better", "worse →"), 1: ("← worse", "better →")}[better]
    room = 0.12 * (high - low)
    return [
        {
            "data": {"values": [{}]},
            "mark": {
                "type": "text",
                "align": align,
                "dx": dx,
                "baseline": "top",
                "fontSize": 11,
                "fill": "var(--muted)",
            },
            "encoding": {"x": {"datum": 0}, "y": {"value": -2}, "text": {"value": word}},
        }
        for word, align, dx, there in (
            (words[0], "right", -6, low < -room),
            (words[1], "left", 6, high > room),
        )
        if there
    ]


def tornado(found: Explained) -> Spec:
    """One row a belief: a bar from the outcome's mean at one end of the belief to that at the other, both ends written
    out beside it, or under it where there is little room; a rule at the mean over all futures."""
    rows = [_swing_row(place, swing) for place, swing in enumerate(found.swings)]
    values = [end.value for swing in found.swings for end in (swing.low, swing.high)]
    low, high = min(values), max(values)
    room = 0.42 * (high - low or 1.0)
    y = _rows()
    axis = number_axis(low, high, difference=low < 0.0 and not found.chance, share=found.chance)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [low - room, high + room], "zero": False, "nice": False},
        "axis": {"title": None, "tickCount": 5, "grid": True, **axis},
    }
    wide, narrow = ({"expr": f"width {sign} 520 ? 1 : 0"} for sign in (">=", "<"))
    end = {"type": "text", "fontSize": 11, "fill": "var(--muted)"}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "color": "var(--accent)", "opacity": 0.75, "height": 13},
            "encoding": {"x": {**x, "field": "left"}, "x2": {"field": "right"}, "y": y},
        },
        {
            "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.5},
            "encoding": {"x": {"datum": found.mean.value}},
        },
        {
            "mark": {**end, "align": "right", "dx": -5, "opacity": wide},
            "encoding": {"x": {**x, "field": "left"}, "y": y, "text": {"field": "left_text"}},
        },
        {
            "mark": {**end, "align": "left", "dx": 5, "opacity": wide},
            "encoding": {"x": {**x, "field": "right"}, "y": y, "text": {"field": "right_text"}},
        },
        {
            "mark": {**end, "align": "left", "baseline": "top", "dy": 9, "opacity": narrow},
            "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "both"}},
        },
        *_names(y),
    ]
    return chart(layers, 52 * len(rows) + 28, data={"values": rows})


def _swing_row(place: int, swing: Swing) -> Spec:
    """A belief's bar from left to right, and how its ends are said."""
    ends = sorted(((swing.low, swing.low_end), (swing.high, swing.high_end)), key=lambda end: end[0].value)
    texts = [f"{mean.text} at {end}" for mean, end in ends]
    return {
        "row": place,
        "label": swing.title,
        "left": ends[0][0].value,
        "right": ends[1][0].value,
        "left_text": texts[0],
        "right_text": texts[1],
        "both": " · ".join(texts),
    }


def _rows() -> Spec:
    return {
        "field": "row",
        "type": "ordinal",
        "axis": None,
        "scale": {"paddingInner": 0.66, "paddingOuter": 0.4, "align": 1},
    }


def _names(y: Spec, dy: int = -9) -> list[Spec]:
    """The rows' names above them, at the left end, over their own halo."""
    text = {"type": "text", "align": "left", "baseline": "bottom", "dy": dy, "limit": {"expr": "width"}}
    encoding = {"x": {"value": 0}, "y": y, "text": {"field": "label"}}
    return [{"mark": {**text, **HALO}, "encoding": encoding}, {"mark": text, "encoding": encoding}]
