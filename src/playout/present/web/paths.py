"""Single futures: one walked through step by step, and stories that stand for many."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from playout.analyse.rounding import number
from playout.analyse.summary import summarise
from playout.errors import RunError
from playout.model.scenario import Scenario
from playout.pipeline.run import Result
from playout.pipeline.stories import stories
from playout.present.views.written import heading
from playout.present.web.faults import Refused
from playout.present.web.playing import play_whole
from playout.present.web.settings import Way
from playout.simulate.replay import Birth, Happening, Told
from playout.simulate.result import labelled

Plain = dict[str, Any]

WALKED = 2_048
"""Futures of a run that can be walked through; what is unusual in one is read against all of them."""

STORIED = 8_192
"""Futures that stories stand for."""

EVENTS = 400
"""Events of a future that are told."""


def stories_of(way: Way, most: int, stop: threading.Event) -> Plain:
    """What typical futures of a setting look like, as `playout.stories` tells them."""

    def told(stage: str, done: int, total: int) -> None:
        """A stage has begun: a good place to stop."""
        if stop.is_set():
            raise RunError("the run was stopped")

    return stories(_result(way, min(STORIED, most), stop), progress=told).as_json()


def future(way: Way, wanted: int, futures: int, stop: threading.Event) -> Plain:
    """One future of a run of so many. Refuses, with 404, a number beyond those that can be walked through."""
    most = min(WALKED, futures)
    if not 0 <= wanted < most:
        raise Refused(404, f"futures 0 to {most - 1:,} can be walked through; {wanted:,} cannot")
    result = _kept(way, most)
    story = stories(result, future=wanted).stories[0]
    told, scenario = story.told, result.runs.checked.scenario
    return {
        "future": wanted,
        "futures": most,
        "view": told.view,
        "dates": [date.isoformat() for date in told.dates],
        "tracks": {track.name: _stages(told, track.name) for track in scenario.tracks.values() if not track.binders},
        "measures": {
            level.name: {
                "unit": level.unit,
                "per": scenario.measures[level.name].per,
                "dates": list(level.periods),
                "values": [number(float(value)) for value in level.totals],
            }
            for level in told.levels
            if not level.member and not scenario.measures[level.name].binders
        },
        "decisions": [
            {
                "date": choice.date.isoformat(),
                "step": choice.step,
                "name": labelled(choice.decision, (choice.member,) if choice.member else ()),
                "option": choice.option,
                "chances": {name: number(chance) for name, chance in choice.chances.items()},
                "pinned": choice.pinned,
            }
            for choice in told.choices
        ],
        "events": list(itertools.islice(_events(told, scenario), EVENTS)),
        "story": [sentence.as_json() for sentence in story.narrative.sentences],
        "stopped": None if told.stop is None else str(told.stop),
    }


@lru_cache(maxsize=4)
def _kept(way: Way, futures: int) -> Result:
    """Kept, since whoever looks at one future looks at the next."""
    return _result(way, futures, threading.Event())


def _result(way: Way, futures: int, stop: threading.Event) -> Result:
    pair = play_whole(way, futures, stop)
    return Result(pair.runs, pair.baseline, summarise(pair.runs, pair.baseline), None, reused=False)


def _stages(told: Told, track: str) -> list[str | None]:
    """The stage that a track is in at each step's start; None after a future stopped."""
    entered = {move.step: move.stage for move in told.moves if move.track == track and not move.member}
    stages: list[str | None] = []
    for step in range(len(told.dates)):
        stages.append(entered.get(step, stages[-1] if stages else None) if step <= told.steps else None)
    return stages


def _events(told: Told, scenario: Scenario) -> Iterator[Plain]:
    """Events without an index, and splinters that come alive, by date."""
    told_of: list[Happening | Birth] = [own for own in told.events if not scenario.events[own.event].binders]
    for own in sorted([*told_of, *told.births], key=lambda own: own.step):
        if isinstance(own, Birth):
            text = f"{_member(scenario, own.set, own.member)} breaks away from {_member(scenario, own.set, own.parent)}"
            yield {"date": own.date.isoformat(), "step": own.step, "name": own.member, "text": text}
        else:
            times = f", {own.count} times" if own.count > 1 else ""
            text = f"{heading(scenario.events[own.event].title, own.event)}{times}"
            yield {"date": own.date.isoformat(), "step": own.step, "name": own.event, "text": text}


def _member(scenario: Scenario, set_name: str, label: str) -> str:
    return next(heading(own.title, own.name) for own in scenario.sets[set_name].members if own.name == label)
