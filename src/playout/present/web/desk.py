"""What the server has at hand while it runs: scenarios, lane, runs, and what was prepared once for each scenario."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request

from playout.analyse.linchpins import linchpins
from playout.analyse.outcome import outcome
from playout.errors import PlayoutError, UsageError
from playout.model.scenario import Scenario
from playout.present.web.described import describe
from playout.present.web.faults import Refused
from playout.present.web.lane import STOPPED, Asked, Lane
from playout.present.web.library import Library, Served
from playout.present.web.models import Setting
from playout.present.web.options import Options
from playout.present.web.pictures import draw
from playout.present.web.playing import Pair, play_pair, shown_measures
from playout.present.web.runs import Registry
from playout.present.web.settings import Way, lever_columns, resolve
from playout.present.words import word
from playout.simulate.belief_frame import unordered_beliefs

Found = TypeVar("Found")

PREPARED = 8_192
"""Futures that are played to find which levers matter most."""

ASIDE = 2
"""Threads for what is asked beside runs: comparisons, stories, files. No picture waits for them."""

LOOK = 0.1
"""Seconds between two looks at whether whoever asked is still there."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario as the page shows it, and its picture as written."""

    description: dict[str, Any]
    picture: dict[str, Any]


class Desk:
    """One for a server. It is made within the event loop that its requests are answered in."""

    def __init__(self, options: Options, library: Library) -> None:
        self.options, self.library = options, library
        self.lane = Lane(options.side_by_side, options.waiting)
        self.aside = Lane(ASIDE, options.waiting)
        self.registry = Registry(self.lane, options)
        self._one_at_a_time = threading.Lock()
        self._closing = threading.Event()
        self._prepared: dict[str, asyncio.Future[Prepared]] = {}
        self._warm = asyncio.ensure_future(self.prepared(library.first))
        self._warm.add_done_callback(_looked_at_once)

    async def prepared(self, served: Served) -> Prepared:
        """A scenario, made ready when it is first asked for: read, compiled, and played once."""
        known = self._prepared.get(served.name)
        if known is None or (known.done() and (known.cancelled() or known.exception() is not None)):
            known = asyncio.ensure_future(asyncio.to_thread(self._prepare, served))
            known.add_done_callback(_looked_at_once)
            self._prepared[served.name] = known
            for name in [name for name, _ in zip(self._prepared, range(len(self._prepared) - 64), strict=False)]:
                del self._prepared[name]
        return await asyncio.shield(known)

    def _prepare(self, served: Served) -> Prepared:
        with self._one_at_a_time:
            way = resolve(Setting(scenario=served.name), served.checked)
            pair = self._played(way, strangers=served.owner is not None)
            matter = most_weighty(pair)
            picture = draw("as-written", pair, whole=False).picture
        return Prepared(describe(served.name, served.checked, matter, pair.runs.measures, self.options), picture)

    def _played(self, way: Way, *, strangers: bool) -> Pair:
        """A scenario, played to be made ready; one that a client sent no longer than a run may take."""
        futures = min(PREPARED, self.options.most_futures)
        if not strangers:
            return play_pair(way, futures, self._closing)
        late = threading.Event()
        clock = threading.Timer(self.options.most_seconds, late.set)
        clock.daemon = True
        clock.start()
        try:
            return play_pair(way, futures, late)
        except PlayoutError as problem:
            if late.is_set():
                raise PlayoutError("to play this scenario takes longer than the server allows") from problem
            raise
        finally:
            clock.cancel()

    def allowed(self, futures: int) -> int:
        """A number of futures that may be played. Refuses, with a UsageError, more than that."""
        if futures > self.options.most_futures:
            raise UsageError(
                f"{futures:,} futures were asked for, and this server plays {self.options.most_futures:,} at most"
            )
        return futures

    async def answer(
        self, request: Request, kind: str, work: Callable[[threading.Event], Found], *, replace: bool = False
    ) -> Found:
        """What a piece of work gives, done aside. It is stopped when whoever asked has gone.

        replace: whether an earlier piece of work of the client's, of this kind, is stopped for it; else this one is
        refused, with 429, until that is done.
        """
        asked = Asked(request.state.client, kind, self.options.most_seconds, work)
        self.aside.submit(asked, replace=replace)
        found = asyncio.wrap_future(asked.found)
        try:
            while not found.done():
                await asyncio.wait([found], timeout=LOOK)
                if not found.done() and await request.is_disconnected():
                    raise Refused(499, STOPPED)
            return found.result()
        except PlayoutError as problem:
            if asked.late:
                raise PlayoutError("this took longer than the server allows: ask for fewer futures") from problem
            raise
        finally:
            if not found.done():
                found.add_done_callback(_looked_at_once)
                self.aside.drop(asked)

    def stop_playing(self) -> None:
        """Have everything that is played or waits end, and take in nothing more."""
        self._closing.set()
        self._warm.cancel()
        self.lane.stop()
        self.aside.stop()

    def close(self) -> None:
        """The same, and wait until the threads are gone."""
        self.stop_playing()
        self.lane.join()
        self.aside.join()


def _looked_at_once(own: asyncio.Future[Any]) -> None:
    """Take note of how something ended that nobody may be waiting for any more."""
    if not own.cancelled():
        own.exception()


def most_weighty(pair: Pair) -> list[str]:
    """The levers that the headline hangs on most; without one, the first question and the first measure of people."""
    scenario = pair.runs.checked.scenario
    outcomes = [outcome(scenario, name, compared=pair.baseline is not None) for name in _looked_at(scenario)]
    levers = list(lever_columns(pair.way.written))
    if not outcomes or not levers:
        return []
    values = [(own, own.values(pair.runs, pair.baseline)) for own in outcomes]
    standard = scenario.words
    found = linchpins(
        values,
        levers,
        pair.runs.drawn_beliefs(levers),
        lambda p: word(p, standard).name,
        unordered=unordered_beliefs(pair.runs),
    )
    return [each.belief for each in found]


def _looked_at(scenario: Scenario) -> list[str]:
    headline = scenario.headline
    if headline is not None:
        question = [headline.question[0]] if headline.question else []
        return [*question, *(name for name, _ in headline.measures if name in shown_measures(scenario))]
    people = [name for name in shown_measures(scenario) if scenario.measures[name].people]
    return [*list(scenario.questions)[:1], *(people or list(shown_measures(scenario)))[:1]]
