"""A bounded queue of work and the threads that do it, a step at a time.

Work that can be refined is done in steps: after each it goes back into the queue, behind whoever comes for a first
picture in the next seconds, but not behind all that ever come. What is stopped is dropped when its turn comes, and
ends within a second where it is being played.
"""

from __future__ import annotations

import gc
import itertools
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Generic, NamedTuple, TypeVar

from playout.errors import PlayoutError
from playout.present.web.faults import Refused
from playout.present.web.shares import share_of

LOG = logging.getLogger("playout.web")

Found = TypeVar("Found")

LIVE = 2
"""How many times as many tasks may be under way in all as may wait for their first step."""

FORGOTTEN = 10.0
"""Seconds after which half of the work that an address had is forgotten."""

YIELDS = 2.0
"""Seconds in which a first step that comes later goes before one that follows another."""

JOINED = 3.0
"""Seconds that threads are waited for."""

STOPPED = "the run was stopped"


class Task(ABC):
    """Something to be done in steps: `steps` is advanced once in each turn. stop: set by whoever wants it to end.

    seconds: how long it may be worked on, waiting not counted; then it is stopped. address: that it has its place by;
    the client's name where it is not said.
    """

    def __init__(self, client: str, kind: str, seconds: float, address: str | None = None) -> None:
        self.client, self.kind, self.seconds = client, kind, seconds
        self.address = client if address is None else address
        self.stop = threading.Event()
        self.late = False

    @abstractmethod
    def steps(self) -> Iterator[None]:
        """The work, a step between two yields."""

    @abstractmethod
    def done(self) -> None:
        """Told that there is nothing more to do."""

    @abstractmethod
    def failed(self, problem: BaseException) -> None:
        """Told of what went wrong; what was stopped is told of a `PlayoutError`."""


class Asked(Task, Generic[Found]):
    """One step of work that somebody waits for."""

    def __init__(
        self,
        client: str,
        kind: str,
        seconds: float,
        work: Callable[[threading.Event], Found],
        address: str | None = None,
    ) -> None:
        super().__init__(client, kind, seconds, address)
        self._work = work
        self._gives: list[Found] = []
        self.found: Future[Found] = Future()

    def steps(self) -> Iterator[None]:
        self._gives.append(self._work(self.stop))
        yield from ()

    def done(self) -> None:
        if self.found.set_running_or_notify_cancel():
            self.found.set_result(self._gives.pop())

    def failed(self, problem: BaseException) -> None:
        if self.found.set_running_or_notify_cancel():
            self.found.set_exception(problem)


class _Waiting(NamedTuple):
    """A task in the queue, by when it is due. behind: how many of its steps are done."""

    due: float
    order: int
    task: Task
    steps: Iterator[None]
    behind: int


class Lane:
    """Threads that take tasks: of those waiting the one that came first, a first step `YIELDS` seconds earlier, and one
    of an address that had much of the last seconds later by as much as it had.

    Of places, and of threads where there are two, one address never has all.
    """

    def __init__(self, side_by_side: int, waiting: int) -> None:
        self._places = waiting
        self._each = max(1, side_by_side - 1)
        self._lock = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._running: Counter[str] = Counter()
        self._used: dict[str, tuple[float, float]] = {}
        self._order = itertools.count()
        self._live: dict[tuple[str, str], Task] = {}
        self._new = 0
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"playout-lane-{n}", daemon=True) for n in range(side_by_side)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Task, *, replace: bool) -> None:
        """Put a task into the queue. A client has one of a kind: replace: whether an earlier one is stopped for it.

        Refuses with 429 where the queue is full, or where there is an earlier one that is not to be replaced.
        """
        key = task.client, task.kind
        with self._lock:
            if self._closed:
                raise Refused(429, "the server is closing down", None, 5)
            earlier = self._live.get(key)
            if earlier is not None and not replace:
                raise Refused(429, "you have one of these under way already", "wait for it, or stop it", 1)
            if earlier is not None:
                self._drop(earlier)
            if self._new >= self._places or len(self._live) >= LIVE * self._places:
                raise Refused(429, "all places in the queue are taken", "try again in a moment", 2)
            new = sum(entry.behind == 0 and entry.task.address == task.address for entry in self._waiting)
            live = sum(other.address == task.address for other in self._live.values())
            if new >= share_of(self._places) or live >= LIVE * share_of(self._places):
                raise Refused(429, "your address has as many places in the queue as it may", "try again in a moment", 2)
            self._live[key] = task
            self._new += 1
            self._put(task, task.steps(), 0)

    def drop(self, task: Task) -> None:
        """Stop a task, wherever it is."""
        with self._lock:
            self._drop(task)

    def _drop(self, task: Task) -> None:
        task.stop.set()
        left = [entry for entry in self._waiting if entry.task is not task]
        if len(left) < len(self._waiting):  # it waits: nobody else would tell it
            self._new -= sum(entry.behind == 0 for entry in self._waiting if entry.task is task)
            self._waiting = left
            task.failed(PlayoutError(STOPPED))
        self._forget(task)

    def _forget(self, task: Task) -> None:
        if self._live.get((task.client, task.kind)) is task:
            del self._live[task.client, task.kind]

    @property
    def waiting(self) -> int:
        """How many tasks wait for their first step."""
        with self._lock:
            return self._new

    @property
    def busy(self) -> int:
        """How many tasks wait or are worked on."""
        with self._lock:
            return len(self._live)

    def stop(self) -> None:
        """Stop everything, and take in nothing more."""
        with self._lock:
            self._closed = True
            for task in list(self._live.values()):
                self._drop(task)
            self._lock.notify_all()

    def join(self) -> None:
        """Wait, a few seconds at most, until what was being played has ended."""
        end = time.monotonic() + JOINED
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _put(self, task: Task, steps: Iterator[None], behind: int) -> None:
        due = time.monotonic() + (YIELDS if behind else 0.0)
        self._waiting.append(_Waiting(due, next(self._order), task, steps, behind))
        self._lock.notify()

    def _next(self) -> _Waiting | None:
        """What is to be worked on now; None where nothing may be."""
        may = [entry for entry in self._waiting if self._running[entry.task.address] < self._each]
        if not may:
            return None
        taken = min(may, key=lambda entry: (entry.due + self._had(entry.task.address), entry.order))
        self._waiting.remove(taken)
        return taken

    def _had(self, address: str) -> float:
        """Seconds of work that an address had lately; what is long past counts less."""
        seconds, at = self._used.get(address, (0.0, 0.0))
        return float(seconds * 0.5 ** ((time.monotonic() - at) / FORGOTTEN))

    def _count(self, address: str, seconds: float) -> None:
        """Take note of work that an address had."""
        self._running -= Counter([address])
        self._used[address] = self._had(address) + seconds, time.monotonic()
        self._used = {own: had for own, had in self._used.items() if self._had(own) > 0.01}

    # --- a thread ---

    def _work(self) -> None:
        while True:
            with self._lock:
                while (taken := None if self._closed else self._next()) is None:
                    if self._closed:
                        return
                    self._lock.wait()
                self._new -= taken.behind == 0
                self._running[taken.task.address] += 1
            task, begun = taken.task, time.monotonic()
            more, problem = self._step(task, taken.steps)
            with self._lock:
                self._count(task.address, time.monotonic() - begun)
                if more and not task.stop.is_set():
                    self._put(task, taken.steps, taken.behind + 1)
                    continue
                self._forget(task)  # first: whoever is told may come back at once
                if more or problem is not None:
                    task.failed(problem or PlayoutError(STOPPED))
                else:
                    task.done()
            del task, taken, problem
            gc.collect(1)  # what was stopped hangs in a ring with its traceback

    def _step(self, task: Task, steps: Iterator[None]) -> tuple[bool, BaseException | None]:
        """Whether there is more to do, and what went wrong."""
        begun = time.monotonic()
        clock = threading.Timer(max(task.seconds, 0.0), self._too_late, (task,))
        clock.daemon = True
        clock.start()
        try:
            next(steps)
            return True, None
        except StopIteration:
            return False, None
        except (PlayoutError, Refused) as problem:
            return False, problem
        except MemoryError:
            return False, PlayoutError("there is too little memory for this: ask for fewer futures")
        except Exception as fault:  # of one run, which is no reason for a thread to end
            LOG.exception("a fault of Playout itself")
            return False, fault
        finally:
            clock.cancel()
            task.seconds -= time.monotonic() - begun

    def _too_late(self, task: Task) -> None:
        task.late = True
        task.stop.set()
