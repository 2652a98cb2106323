"""Stories as a picture: a row for each future told, the stages it passes through as bands over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from playout.analyse.path import fallbacks, story
from playout.analyse.stories.features import main_track
from playout.model.scenario import Scenario, Track
from playout.present.charts import BANDS, CONFIG, GREYS, Spec, with_colours
from playout.present.narrate.course import named
from playout.present.narrate.voice import words_of
from playout.present.views.ladder import without_number
from playout.simulate.replay import Told

ROW = 34
"""Pixels of a row."""

LETTER = 6.2
"""Pixels that a letter of a label takes, or so: a stage is written on a band that it fits into."""

WIDTH = 640


def story_chart(scenario: Scenario, rows: Sequence[tuple[str, Told]], finding: str) -> Spec:
    """A Vega-Lite specification. rows: titles and futures, from the top. finding: the chart's title.

    A scenario without a track that all share has no stages to draw: then its rows are empty.
    """
    track = main_track(scenario)
    drawn = None if track is None or track.binders else track
    bands = [band for title, told in rows for band in _bands(title, told, drawn)] if drawn is not None else []
    stages = {} if drawn is None else dict(_colours(drawn).values())
    order = [title for title, _ in rows]
    first = rows[0][1].dates if rows else (scenario.start, scenario.start)
    what = f"the stage of “{named(drawn)}”" if drawn is not None else "nothing: there is no track that all share"
    y = {
        "field": "story",
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"labelLimit": 360, "labelColor": "var(--ink)", "ticks": False},
        "scale": {"domain": order, "paddingInner": 0.25},
    }
    x = {
        "field": "from",
        "type": "temporal",
        "title": None,
        "scale": {"type": "utc", "domain": [first[0].isoformat(), first[-1].isoformat()]},
        "axis": {"format": "%Y", "tickCount": "year", "grid": False},
    }
    bar: dict[str, Any] = {
        "mark": {"type": "bar", "stroke": "var(--paper)", "strokeWidth": 1},
        "encoding": {
            "y": y,
            "x": x,
            "x2": {"field": "to"},
            "color": {
                "field": "stage",
                "type": "nominal",
                "scale": {"domain": list(stages), "range": list(stages.values())},
                "legend": None,
            },
            "tooltip": [
                {"field": "stage", "title": "stage"},
                {"field": "from", "type": "temporal", "title": "from"},
                {"field": "to", "type": "temporal", "title": "to"},
            ],
        },
    }
    text = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11, "fill": "var(--ink)"},
        "encoding": {"y": y, "x": x, "text": {"field": "label"}},
    }
    return with_colours(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "title": {
                "text": finding,
                "subtitle": f"A row for each future told: {what} by date, {first[0].year} to {first[-1].year}; "
                "percent are shares of all futures",
                "anchor": "start",
                "frame": "group",
            },
            "description": _text(rows, drawn),
            "width": WIDTH,
            "height": ROW * max(len(rows), 1),
            "config": CONFIG,
            "data": {"values": bands},
            "layer": [bar, text],
        }
    )


def _bands(title: str, told: Told, track: Track) -> list[dict[str, Any]]:
    """The stays of a future in the stages of a track."""
    moves = [move for move in told.moves if move.track == track.name]
    ends = [move.date for move in moves[1:]] + [told.dates[told.steps]]
    whole = max((told.dates[-1] - told.dates[0]).days, 1)
    titles = {stage: own for stage, (own, _) in _colours(track).items()}
    bands = []
    for move, end in zip(moves, ends, strict=True):
        stage, room = titles[move.stage], WIDTH * (end - move.date).days / whole
        label = stage if LETTER * len(stage) + 6 < room else ""
        dates = {"from": move.date.isoformat(), "to": end.isoformat()}
        bands.append({"story": title, "stage": stage, **dates, "label": label})
    return bands


def _colours(track: Track) -> Mapping[str, tuple[str, str]]:
    """By stage, its title and its colour: a hue on the path, greys off it, the palest for where futures fall back."""
    path, fallen, off = story(track), fallbacks(track), 0
    found = {}
    for stage in track.stages:
        if stage.name in fallen:
            colour = "band-off"
        elif stage.name in path:
            colour = f"band-{path.index(stage.name) % BANDS + 1}"
        else:
            off += 1
            colour = f"band-off-{(off - 1) % GREYS + 1}"
        found[stage.name] = without_number(stage.title or words_of(stage.name)), f"var(--{colour})"
    return found


def _text(rows: Sequence[tuple[str, Told]], track: Track | None) -> str:
    """The chart in words."""
    if track is None:
        return "No stages to draw."
    parts = []
    for title, told in rows:
        stages = [f"{_colours(track)[m.stage][0]} from {_said(m.date)}" for m in told.moves if m.track == track.name]
        parts.append(f"{title}: {', '.join(stages)}")
    return "; ".join(parts) + "."


def _said(date: dt.date) -> str:
    return date.isoformat()[:7]
