"""Runs of clients: a picture that sharpens, the events that tell of it, and which pictures can be asked for again.

Futures themselves are never kept: they follow from the setting and its seed, and are played again for whoever asks for
one of them or for all.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from playout.errors import PlayoutError
from playout.present.web.faults import Refused, told
from playout.present.web.jobs import JobResult
from playout.present.web.lane import STOPPED, Lane, Task
from playout.present.web.library import Served
from playout.present.web.options import Options
from playout.present.web.playing import Progress, sizes
from playout.present.web.shares import heaviest

State = Literal["waiting", "playing", "done", "failed", "stopped"]

PAGE_BYTES = 1_000_000
"""What the page of a picture takes in memory, about."""

QUIET = 10.0
"""Seconds after which a stream says that it is still there."""

PATIENCE = 2.0
"""Seconds after which a run is stopped that nobody listens to any more."""


class Jobs(Protocol):
    """Does jobs on scenarios, and knows which lane a scenario's pictures are made in."""

    def do(
        self,
        served: Served,
        job: str,
        arguments: Mapping[str, Any],
        stop: threading.Event,
        *,
        progress: Progress,
    ) -> JobResult:
        """See `Desk.do`."""
        ...

    def lane_of(self, served: Served) -> Lane:
        """See `Desk.lane_of`."""
        ...


class Asker(NamedTuple):
    """Who asks: a name that tells clients apart, and the address that they come from."""

    client: str
    address: str


class Run(Task):
    """One run of a setting, done by ``jobs``. picture: the last, as JSON. page: what charts of the last picture are
    drawn from, for a job to look into."""

    def __init__(
        self, jobs: Jobs, asker: Asker, served: Served, setting: Mapping[str, Any], futures: int, seconds: float
    ) -> None:
        super().__init__(asker.client, "run", seconds, asker.address)
        self.id = secrets.token_urlsafe(12)
        self.served, self.setting, self.futures = served, setting, futures
        self._jobs = jobs
        self.state: State = "waiting"
        self.message = ""
        self.picture: bytes | None = None
        self.page: Any = None
        self.progress = (0, futures)
        self.listeners = 0
        self.version = 0
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    # --- in a thread of the lane ---

    def steps(self) -> Iterator[None]:
        stages = sizes(self.futures)
        behind = 0
        for futures in stages:
            self._tell(state="playing")
            self._play(futures, behind, last=futures == stages[-1])
            behind += futures
            if futures != stages[-1]:
                yield

    def done(self) -> None:
        self._tell(state="done")

    def _play(self, futures: int, behind: int, *, last: bool) -> None:
        whole = sum(sizes(self.futures))

        def progress(done: int, _: int) -> None:
            """Told with every block."""
            self._tell(progress=(self.futures * (behind + done) // whole, self.futures))

        arguments = {"setting": self.setting, "futures": futures, "run": self.id, "last": last}
        found = self._jobs.do(self.served, "play", arguments, self.stop, progress=progress)
        text = json.dumps(found.value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        self._tell(picture=text.encode(), page=found.attachment)

    def failed(self, problem: BaseException) -> None:
        if self.late and self.picture is not None:  # what there is by now is an answer
            self._tell(state="done")
        elif self.late:
            self._tell(state="failed", message="the run took longer than this server allows: ask for fewer futures")
        elif self.stop.is_set():
            self._tell(state="stopped", message=STOPPED)
        elif isinstance(problem, PlayoutError):
            self._tell(state="failed", message=_with(*told(problem)))
        elif isinstance(problem, Refused):
            self._tell(state="failed", message=_with(problem.message, problem.hint))
        else:
            self._tell(state="failed", message="a fault of Playout itself: please report it")

    def _tell(self, **news: Any) -> None:
        for name, value in news.items():
            setattr(self, name, value)
        self.version += 1
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    # --- in the event loop ---

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed", "stopped")

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        page = len(self.page) if isinstance(self.page, bytes) else PAGE_BYTES if self.page is not None else 0
        return len(self.picture or b"") + page + len(self.served.text) + 2_000

    async def events(self) -> AsyncIterator[bytes]:
        """Server-sent events: progress, pictures as they come, and how it ended. A slow reader misses what is out of
        date and always gets the last."""
        picture: bytes | None = None
        progress: tuple[int, int] | None = None
        while True:
            changed, version = self._changed, self.version
            if self.progress != progress and not self.ended:
                progress = self.progress
                yield _event("progress", json.dumps({"done": progress[0], "total": progress[1]}).encode())
            if self.picture is not None and self.picture is not picture:
                picture = self.picture
                yield _event("picture", picture)
            if self.ended and self.picture is picture:
                ending = {"run": self.id} if self.state == "done" else {"run": self.id, "message": self.message}
                yield _event("done" if self.state == "done" else "failed", json.dumps(ending).encode())
                return
            if version == self.version:
                try:
                    await asyncio.wait_for(changed.wait(), QUIET)
                except TimeoutError:
                    yield b": still here\n\n"


def _event(name: str, data: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"


def _with(message: str, hint: str | None) -> str:
    return f"{message} ({hint})" if hint else message


class Registry:
    """The runs that can be asked for: those being played, and the last pictures up to a number of bytes."""

    def __init__(self, jobs: Jobs, options: Options) -> None:
        self._jobs, self._options = jobs, options
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, asker: Asker, served: Served, setting: Mapping[str, Any], futures: int) -> Run:
        """Put a run into the queue; an earlier one of the client is stopped. Refuses what `Lane.submit` refuses."""
        run = Run(self._jobs, asker, served, setting, futures, self._options.most_seconds)
        self._jobs.lane_of(served).submit(run, replace=True)
        with self._lock:
            self._runs[run.id] = run
        self._trim()
        return run

    def get(self, name: str) -> Run:
        """A run by its name. Refuses, with 404, one that never was or is no longer kept."""
        with self._lock:
            run = self._runs.get(name)
            if run is None:
                raise Refused(404, "there is no such run, or it is no longer kept", "play the setting again")
            self._runs.move_to_end(name)
            return run

    def stop(self, run: Run) -> None:
        """Stop a run, and forget it."""
        self._jobs.lane_of(run.served).drop(run)
        with self._lock:
            self._runs.pop(run.id, None)

    @property
    def held(self) -> int:
        """Bytes that pictures take, about."""
        with self._lock:
            return sum(run.size for run in self._runs.values())

    def _trim(self) -> None:
        """Forget what was longest not asked for, of the address that has most, until the rest fits; what was stopped
        without a picture goes first."""
        with self._lock:
            for name in [name for name, run in self._runs.items() if run.ended and run.picture is None][:-64]:
                del self._runs[name]
            held: Counter[str] = Counter()
            for run in self._runs.values():
                held[run.address] += run.size if run.ended else 0
            under_way = sum(run.size for run in self._runs.values() if not run.ended)
            while held.total() and held.total() + under_way > self._options.kept_bytes:
                most = heaviest(held)
                name, gone = next((name, own) for name, own in self._runs.items() if own.ended and own.address == most)
                held[most] -= gone.size
                del self._runs[name]

    async def listen(self, run: Run) -> AsyncIterator[bytes]:
        """A run's events. When the last listener has gone before the end, the run is stopped soon after."""
        run.listeners += 1
        try:
            async for event in run.events():
                yield event
        finally:
            run.listeners -= 1
            if run.listeners == 0 and not run.ended:
                asyncio.get_running_loop().call_later(PATIENCE, self._left, run)
            self._trim()

    def _left(self, run: Run) -> None:
        if run.listeners == 0 and not run.ended:
            self.stop(run)
