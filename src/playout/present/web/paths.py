"""One future step by step, as the page walks through it."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np

from playout.analyse.rounding import number
from playout.present.web.faults import Refused
from playout.present.web.playing import play_paths, shown_measures
from playout.present.web.settings import Way
from playout.simulate.paths import Paths
from playout.simulate.run import KEPT

Plain = dict[str, Any]


def future(way: Way, wanted: int, futures: int, stop: threading.Event) -> Plain:
    """One future of a run of so many. Refuses, with 404, a number beyond those that are kept step by step."""
    most = min(KEPT, futures)
    if not 0 <= wanted < most:
        raise Refused(404, f"futures 0 to {most - 1} can be looked at step by step; {wanted} cannot")
    runs = play_paths(way, wanted + 1, stop)
    paths = runs.path_arrays()
    scenario = runs.checked.scenario
    view = list(scenario.views)[int(runs.views[wanted])] if scenario.views else None
    tracks = {track.name: _stages(paths, track.name, wanted) for track in scenario.tracks.values() if not track.binders}
    return {
        "future": wanted,
        "futures": most,
        "view": view,
        "dates": [date.isoformat() for date in runs.dates()],
        "tracks": tracks,
        "measures": {
            name: {
                "unit": runs.measures[name].unit,
                "per": scenario.measures[name].per,
                "dates": list(runs.measures[name].periods),
                "values": [number(float(runs.column(column)[wanted])) for column in runs.measures[name].columns()],
            }
            for name in shown_measures(scenario)
            if runs.complete[wanted]
        },
        "decisions": [],
        "events": [],
        "stopped": not bool(runs.complete[wanted]),
    }


def _stages(paths: Paths, track: str, wanted: int) -> list[str | None]:
    """The stage that a track is in at each step's start; None after a future stopped."""
    name = f"stage of {track}" if f"stage of {track}" in paths.variables else track
    _, values, about = paths.variables[name]
    stages = about["stages"].split(", ")
    return [None if math.isnan(place) else stages[int(place)] for place in np.asarray(values[wanted]).tolist()]
