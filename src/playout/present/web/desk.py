"""What the server has at hand while it runs: scenarios, lane, runs, and what was prepared once for each scenario."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request

from playout.errors import PlayoutError, UsageError
from playout.present.web.faults import Refused
from playout.present.web.jobs import JOBS, JobInput, JobResult
from playout.present.web.lane import STOPPED, Asked, Lane
from playout.present.web.library import Library, Served, upload_name
from playout.present.web.options import Options
from playout.present.web.playing import Progress
from playout.present.web.runs import Registry
from playout.present.web.worker_main import PICTURE
from playout.present.web.worker_pool import WorkerPool

Found = TypeVar("Found")

ASIDE = 3
"""Threads for what is asked beside runs: comparisons, stories, files. No picture waits for them."""

GUESTS = 3
"""Threads for scenarios that clients sent, each of which waits for a worker process. Nobody else waits for them."""

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
        self.guests = Lane(GUESTS, options.waiting)
        self.workers = WorkerPool()
        self.registry = Registry(self, options)
        self._one_at_a_time = threading.Lock()
        self._closing = threading.Event()
        self._prepared: dict[str, asyncio.Future[Prepared]] = {}
        self._warm = asyncio.ensure_future(self.prepared(library.first))
        self._warm.add_done_callback(_looked_at_once)
        if options.allow_upload:
            self._spare = asyncio.ensure_future(asyncio.to_thread(self.workers.warm))

    # --- jobs ---

    def do(
        self,
        served: Served,
        job: str,
        arguments: Mapping[str, Any],
        stop: threading.Event,
        *,
        attachment: Any = None,
        progress: Progress = lambda done, total: None,
    ) -> JobResult:
        """Do a job on a scenario: here, or in a worker process if a client sent it. Raises what the job raises; a
        RunError where it was stopped, Refused with 503 where the worker process came to its end."""
        if served.owner is None:
            given = JobInput(served.name, served.checked, arguments, self.options, stop, progress, attachment)
            return JOBS[job](given)
        message = {
            "job": job,
            "name": served.name,
            "text": served.text,
            "arguments": dict(arguments),
            "options": {
                "most_futures": self.options.most_futures,
                "most_seconds": self.options.most_seconds,
                "allow_upload": self.options.allow_upload,
            },
        }
        attached = attachment if isinstance(attachment, bytes) else b""
        value, content = self.workers.ask(served.name, message, stop=stop, attached=attached, progress=progress)
        return JobResult(value, content or None)

    def drawn(self, spec: Mapping[str, Any], shape: str, stop: threading.Event) -> bytes:
        """A chart as a picture, drawn by a worker process: the library that draws ends its process where it fails."""
        message = {"job": PICTURE, "spec": dict(spec), "shape": shape}
        return self.workers.ask(PICTURE, message, stop=stop)[1]

    def lane_of(self, served: Served) -> Lane:
        """Where a scenario's pictures are made."""
        return self.lane if served.owner is None else self.guests

    async def upload(self, request: Request, text: str) -> tuple[Served, list[Any]]:
        """Take in a scenario that a client sends, and what its checks warn of. Raises a ScenarioError with everything
        that is wrong with it."""
        client = request.state.client
        name = upload_name(text, client)
        sent = Served(name, "", "", owner=client, address=request.state.address, text=text)
        found = (await self.answer(request, "upload", sent, "check")).value
        sent.title, sent.about = str(found["title"]), str(found["about"])
        for gone in self.library.keep(sent):
            self.workers.forget(gone)
            self._prepared.pop(gone, None)
        return sent, list(found["diagnostics"])

    async def prepared(self, served: Served) -> Prepared:
        """A scenario, made ready when it is first asked for: read, compiled, and played once."""
        known = self._prepared.get(served.name)
        if known is None or (known.done() and (known.cancelled() or known.exception() is not None)):
            work = self._prepare(served) if served.owner is None else self._prepare_sent(served, served.owner)
            known = asyncio.ensure_future(work)
            known.add_done_callback(_looked_at_once)
            self._prepared[served.name] = known
            for name in [name for name, _ in zip(self._prepared, range(len(self._prepared) - 64), strict=False)]:
                del self._prepared[name]
        return await asyncio.shield(known)

    async def _prepare(self, served: Served) -> Prepared:
        def work() -> JobResult:
            with self._one_at_a_time:
                return self.do(served, "prepare", {}, self._closing)

        return _as_prepared(await asyncio.to_thread(work))

    async def _prepare_sent(self, served: Served, owner: str) -> Prepared:
        """One that a client sent, no longer than a run may take."""

        def work(stop: threading.Event) -> JobResult:
            return self.do(served, "prepare", {}, stop)

        asked = Asked(owner, f"prepare {served.name}", self.options.most_seconds, work, served.address)
        self.guests.submit(asked, replace=True)
        try:
            return _as_prepared(await asyncio.wrap_future(asked.found))
        except PlayoutError as problem:
            if asked.late:
                raise PlayoutError("to play this scenario takes longer than the server allows") from problem
            raise

    def allowed(self, futures: int) -> int:
        """A number of futures that may be played. Refuses, with a UsageError, more than that."""
        if futures > self.options.most_futures:
            raise UsageError(
                f"{futures:,} futures were asked for, and this server plays {self.options.most_futures:,} at most"
            )
        return futures

    async def answer(
        self,
        request: Request,
        kind: str,
        served: Served,
        job: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        attachment: Any = None,
        replace: bool = False,
    ) -> JobResult:
        """What a job gives, done aside: see `do`. It is stopped when whoever asked has gone, or its time is over.

        replace: whether an earlier piece of work of the client's, of this kind, is stopped for it; else this one is
        refused, with 429, until that is done.
        """
        return await self.wait(
            request,
            kind,
            served,
            lambda stop: self.do(served, job, arguments or {}, stop, attachment=attachment),
            replace=replace,
        )

    async def wait(
        self,
        request: Request,
        kind: str,
        served: Served,
        work: Callable[[threading.Event], Found],
        *,
        replace: bool = False,
    ) -> Found:
        """What any work about a scenario gives, done as `answer` does a job."""
        asked = Asked(request.state.client, kind, self.options.most_seconds, work, request.state.address)
        lane = self.aside if served.owner is None else self.guests
        lane.submit(asked, replace=replace)
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
                lane.drop(asked)

    def stop_playing(self) -> None:
        """Have everything that is played or waits end, and take in nothing more."""
        self._closing.set()
        self._warm.cancel()
        for lane in (self.lane, self.aside, self.guests):
            lane.stop()

    def close(self) -> None:
        """The same, and wait until the threads are gone."""
        self.stop_playing()
        self.workers.close()
        for lane in (self.lane, self.aside, self.guests):
            lane.join()


def _looked_at_once(own: asyncio.Future[Any]) -> None:
    """Take note of how something ended that nobody may be waiting for any more."""
    if not own.cancelled():
        own.exception()


def _as_prepared(found: JobResult) -> Prepared:
    return Prepared(dict(found.value["description"]), dict(found.value["picture"]))
