"""Fans and intervals: how a measure lies over futures, by period or by member, as Vega-Lite specifications."""

from __future__ import annotations

import json
from collections.abc import Sequence

from playout.present.charts import Spec, chart
from playout.present.views.estimate import Fan
from playout.present.words import mean_words, percent, quantity, signed, under

LABEL_HEIGHT = 13
"""Pixels that a line of label needs."""


def fan_chart(fan: Fan, start: float, *, difference: bool = False, height: int = 150) -> Spec:
    """The median as a line, half of the futures dark, nine in ten light; a dotted rule where the scenario starts.

    Where every value is yes or no, the line is the share of futures that say yes, and there are no bands.
    Incomplete periods stand apart, hollow and unjoined, since their amounts cannot be compared with whole ones. A
    difference has a strong zero line and words for its two sides. The parameter ``views`` shows a thin line for each
    view: its mean, with the view's number at its end.
    """
    rows = [
        {
            "x": round(at, 3),
            "label": label + ("" if complete else " (incomplete)"),
            **{f"p{level:02}": value for level, value in zip((5, 25, 50, 75, 95), row, strict=True)},
            **{
                f"said{level:02}": fan_value(fan, number, value, difference=difference)
                for level, value in zip((5, 25, 50, 75, 95), row, strict=True)
            },
            "whole": complete,
        }
        for number, (at, label, complete, row) in enumerate(
            zip(fan.at, fan.labels, fan.complete, fan.quantiles, strict=True)
        )
    ]
    low = min(0.0, *(row[0] for row in fan.quantiles))
    high = max(0.0, *(row[-1] for row in fan.quantiles))
    if high == low:
        low, high = (-1.0, 1.0) if difference else (0.0, 1.0)
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [min(start, fan.at[0]), max(fan.at)], "nice": False, "zero": False, "padding": 6},
        "axis": _periods(fan),
    }
    y = {
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": True, "zero": True},
        "axis": {
            "title": None,
            "tickCount": 4,
            **number_axis(low, high, difference=difference, share=fan.binary),
            "grid": True,
        },
    }
    colour = "var(--accent)" if difference else "var(--muted)"
    layers = [_start(x, start), *_bands(x, y, colour)]
    if low < 0.0 or difference:
        zero = {"mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.2}, "encoding": {"y": {"datum": 0}}}
        layers.append(zero)
    layers += [
        *_views(fan, x, y, LABEL_HEIGHT * (high - low) / max(height - 40, 1)),
        *_median(x, y, colour, difference=difference),
    ]
    layers += _end_labels(fan, low, high, height, difference=difference)
    if difference:
        layers += _sides(low, high)
    return chart(layers, height, data={"values": rows}, params=[{"name": "views", "value": False}])


def _start(x: Spec, start: float) -> Spec:
    return {
        "mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [2, 3]},
        "encoding": {"x": {**x, "field": "start"}},
        "data": {"values": [{"start": round(start, 3)}]},
    }


def _bands(x: Spec, y: Spec, colour: str) -> list[Spec]:
    """Nine in ten and half of the futures: areas through whole periods, bars at incomplete ones."""
    made: list[Spec] = []
    for low, high, opacity, width in (("p05", "p95", 0.22, 2), ("p25", "p75", 0.42, 5)):
        encoding = {"x": x, "y": {**y, "field": low}, "y2": {"field": high}}
        made.append(
            {
                "transform": [{"filter": "datum.whole"}],
                "mark": {"type": "area", "color": colour, "opacity": opacity},
                "encoding": encoding,
            }
        )
        made.append(
            {
                "transform": [{"filter": "!datum.whole"}],
                "mark": {"type": "rule", "color": colour, "opacity": 2 * opacity, "strokeWidth": width},
                "encoding": encoding,
            }
        )
    return made


def _median(x: Spec, y: Spec, colour: str, *, difference: bool) -> list[Spec]:
    tips = [
        {"field": "label", "type": "nominal", "title": "Period"},
        *(
            {"field": f"said{level}", "type": "nominal", "title": title}
            for level, title in (("95", "95%"), ("75", "75%"), ("50", "Median"), ("25", "25%"), ("05", "5%"))
        ),
    ]
    middle = {**y, "field": "p50"}
    line = {"type": "line", "color": colour if difference else "var(--ink)", "strokeWidth": 2}
    point = {"type": "point", "size": 34, "filled": True, "opacity": 1, "strokeWidth": 1.5, "stroke": colour}
    fill = {"condition": {"test": "datum.whole", "value": colour}, "value": "var(--paper)"}
    return [
        {"transform": [{"filter": "datum.whole"}], "mark": line, "encoding": {"x": x, "y": middle}},
        {"mark": point, "encoding": {"x": x, "y": middle, "fill": fill, "tooltip": tips}},
    ]


def _views(fan: Fan, x: Spec, y: Spec, label_height: float) -> list[Spec]:
    """Each view's mean through whole periods, and its number at the line's end; seen where ``views`` is set.

    label_height: what a line of label takes, in the fan's unit; views that end closer share a label.
    """
    if not fan.by_view:
        return []
    rows = [
        {"x": round(at, 3), "view": number, "mean": mean}
        for number, means in zip(fan.views, fan.by_view.values(), strict=True)
        for at, mean, complete in zip(fan.at, means, fan.complete, strict=True)
        if complete
    ]
    last = fan.reading
    groups: list[list[tuple[float, int]]] = []
    for end in sorted((means[last], number) for number, means in zip(fan.views, fan.by_view.values(), strict=True)):
        if groups and end[0] - groups[-1][0][0] < label_height:
            groups[-1].append(end)
        else:
            groups.append([end])
    ends = [
        {
            "x": round(fan.at[last], 3),
            "mean": group[-1][0],
            "views": ", ".join(str(n) for n in sorted(n for _, n in group)),
        }
        for group in groups
    ]
    mean = {**y, "field": "mean"}
    shown = {"expr": "views ? 1 : 0"}
    line = {"type": "line", "color": "var(--ink)", "strokeWidth": 1, "opacity": shown, "clip": True}
    number = {"type": "text", "align": "right", "dx": -3, "dy": -5, "fontSize": 10, "opacity": shown, "clip": True}
    return [
        {
            "data": {"values": rows},
            "mark": line,
            "encoding": {"x": x, "y": mean, "detail": {"field": "view", "type": "nominal"}},
        },
        {
            "data": {"values": ends},
            "mark": number,
            "encoding": {"x": x, "y": mean, "text": {"field": "views"}},
        },
    ]


def _end_labels(fan: Fan, low: float, high: float, height: int, *, difference: bool) -> list[Spec]:
    """The values of the period spoken of, at their height on the right, the median first; none that hides another."""
    number = fan.reading
    values = fan.quantiles[number]
    per_pixel = (high - low) / max(height - 40, 1)
    placed: list[float] = []
    made: list[Spec] = []
    for value, weight, colour in ((values[2], 600, "ink"), (values[4], 400, "muted"), (values[0], 400, "muted")):
        if all(abs(value - other) > LABEL_HEIGHT * per_pixel for other in placed):
            placed.append(value)
            mark = {"type": "text", "align": "left", "dx": 7, "fontWeight": weight, "fontSize": 11.5}
            made.append(
                {
                    "data": {"values": [{"y": value}]},
                    "mark": {**mark, "fill": f"var(--{colour})"},
                    "encoding": {
                        "x": {"value": "width"},
                        "y": {"field": "y", "type": "quantitative"},
                        "text": {"value": fan_value(fan, number, value, difference=difference)},
                    },
                }
            )
    return made


def _sides(low: float, high: float) -> list[Spec]:
    """Which side is more and which less, in words, at the left end of the zero line."""
    room = 0.12 * (high - low)
    words = (("more", -7, high > room), ("less", 7, low < -room))
    return [
        {
            "data": {"values": [{"y": 0}]},
            "mark": {"type": "text", "align": "left", "dx": 10, "dy": dy, "fontSize": 10.5, "fill": "var(--muted)"},
            "encoding": {"x": {"value": 0}, "y": {"field": "y", "type": "quantitative"}, "text": {"value": word}},
        }
        for word, dy, there in words
        if there
    ]


def _periods(fan: Fan) -> Spec:
    """An axis of time. Amounts have their period's name below them, short where there is little room, with a star on
    incomplete ones; levels stand on an axis of years."""
    axis: Spec = {"title": None, "grid": False, "labelOverlap": True, "labelSeparation": 3}
    if not fan.amount:
        return {**axis, "tickMinStep": 1, "tickCount": 5, "format": "d", "tickSize": 4}
    every = 1 if len(fan.labels) <= 12 else 12
    shown = range(0, len(fan.labels), every)

    def names(*, short: bool) -> str:
        """A Vega expression's object from places to labels."""
        words = ("’" + label[2:] if short and len(label) == 4 else label for label in fan.labels)
        stars = ("" if complete else "*" for complete in fan.complete)
        marked = [word + star for word, star in zip(words, stars, strict=True)]
        return json.dumps({f"{fan.at[i]:.2f}": marked[i] for i in shown}, ensure_ascii=False)

    return {
        **axis,
        "values": [round(fan.at[i], 3) for i in shown],
        "labelExpr": f"(width < 320 ? {names(short=True)} : {names(short=False)})[format(datum.value, '.2f')]",
        "ticks": False,
    }


def fan_value(fan: Fan, number: int, value: float, *, difference: bool) -> str:
    """A value of a fan's period for reading, no finer than the fan is wide there."""
    if fan.binary:
        return f"{100 * value:+.0f} points".replace("-", "−") if difference else percent(value)
    return (signed if difference else quantity)(value, band=fan.band(number))


def fan_mean(fan: Fan, number: int, *, difference: bool) -> tuple[str, str]:
    """The mean of a fan's period and its standard error for reading, the mean no finer than the error."""
    mean, se = fan.mean[number], fan.se[number]
    if fan.binary:
        return fan_value(fan, number, mean, difference=difference), f"{quantity(100 * se, 1)} points"
    return mean_words(mean, se, fan.least, difference=difference), under(se, fan.least) or quantity(se, 1)


def number_axis(low: float, high: float, *, difference: bool, share: bool = False) -> Spec:
    """How an axis writes its numbers: no more digits than it has room for, zero plain, thousands of millions as bn."""
    size = max(abs(low), abs(high))
    sign = "+" if difference else ""
    if share:
        return {"format": f"{sign}.0%"}
    shape = f"{sign}.2~s" if size >= 2e6 else f"{sign},.0f" if size >= 8 else f"{sign},.3~r"
    return {"labelExpr": f"datum.value == 0 ? '0' : replace(format(datum.value, '{shape}'), 'G', 'bn')"}


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
            "text": say(q[2], band=q[4] - q[0]),
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
    axis = {"title": None, "tickCount": 4, **number_axis(low, high, difference=difference), "labelOverlap": True}

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
    return chart(layers, 34 * len(rows) + 24, data={"values": rows})
