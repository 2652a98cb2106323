"""Worker processes: one for each scenario that a stranger sent, one to draw charts, each of which may die.

A job that is wanted no more, because its time is over or whoever asked has gone, and does not stop, is killed with its
process; who asks next gets a new one.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from playout.errors import RunError
from playout.present.web.faults import Refused
from playout.present.web.worker_messages import Ended, as_fault, receive, send

Progress = Callable[[int, int], None]

IDLE = 4
"""Worker processes that are kept while they have nothing to do; the one that was longest idle goes first."""

JOBS_EACH = 200
"""Jobs after which a worker process is replaced, so that whatever it leaks goes with it."""

PATIENCE = 0.5
"""Seconds that a job has to stop in before its process is killed."""

LOOK = 0.05
"""Seconds between two looks at whether a job is still wanted."""

DIED = "the process that worked on this came to its end"


class WorkerProcess:
    """One process. It does one job at a time."""

    def __init__(self) -> None:
        secrets = ("PLAYOUT_TOKEN",)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "playout.present.web.worker_main", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name not in secrets},
            start_new_session=True,  # the terminal's Ctrl-C is not for it
        )
        self.jobs = 0
        self._answers: queue.Queue[tuple[dict[str, Any], bytes] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="playout-worker", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream, contextlib.suppress(Ended):
            while True:
                self._answers.put(receive(stream))
        self._answers.put(None)

    def ask(
        self, message: dict[str, Any], attached: bytes, stop: threading.Event, progress: Progress
    ) -> tuple[Any, bytes]:
        """What a job gives. Raises what the job raises, and Ended, with the process killed, where it gives nothing."""
        self.jobs += 1
        assert self._process.stdin is not None
        end: float | None = None
        try:
            self._sent(message, attached)
            while True:
                if stop.is_set() and end is None:
                    end = time.monotonic() + PATIENCE
                    send(self._process.stdin, {"stop": True})
                if end is not None and time.monotonic() > end:
                    raise Ended("it did not stop")
                try:
                    answer = self._answers.get(timeout=LOOK)
                except queue.Empty:
                    continue
                if answer is None:
                    raise Ended("it is gone")
                told, content = answer
                if "progress" in told:
                    _tell(progress, told["progress"])
                elif "fault" in told and isinstance(told["fault"], dict):
                    raise as_fault(told["fault"])
                elif "value" in told:
                    return told["value"], content
                else:
                    raise Ended("that is no answer")
        except Ended:
            self.kill()
            raise

    def _sent(self, message: dict[str, Any], attached: bytes) -> None:
        """Send a message; a process that does not read it is killed, which ends the sending."""
        assert self._process.stdin is not None
        clock = threading.Timer(10.0, self.kill)
        clock.daemon = True
        clock.start()
        try:
            send(self._process.stdin, message, attached)
        finally:
            clock.cancel()

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process.wait()
        self._reader.join()


def _tell(progress: Progress, told: object) -> None:
    if isinstance(told, list) and len(told) == 2 and all(isinstance(own, int) for own in told):
        progress(*told)


class WorkerPool:
    """Worker processes by what they work on. A worker serves one scenario, and no other after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: OrderedDict[str, list[WorkerProcess]] = OrderedDict()
        self._busy: set[WorkerProcess] = set()
        self._spare: WorkerProcess | None = None
        self._closed = False

    def warm(self) -> None:
        """Have a process ready for whoever comes first."""
        with self._lock:
            if self._spare is None and not self._closed:
                self._spare = WorkerProcess()

    def ask(
        self,
        key: str,
        message: dict[str, Any],
        *,
        stop: threading.Event,
        attached: bytes = b"",
        progress: Progress = lambda done, total: None,
    ) -> tuple[Any, bytes]:
        """What a job gives in the worker of a key. Raises what it raises; a RunError where it was stopped, Refused with
        503 where its process came to its end."""
        worker = self._take(key)
        try:
            return worker.ask(message, attached, stop, progress)
        except Ended as end:
            if stop.is_set():
                raise RunError("the run was stopped") from end
            raise Refused(503, DIED, "try again, or ask for less", 1) from end
        finally:
            self._give_back(key, worker)

    def _take(self, key: str) -> WorkerProcess:
        with self._lock:
            if self._closed:
                raise RunError("the server is closing down")
            while own := self._idle.get(key):
                worker = own.pop()
                if worker.lives:
                    break
                worker.kill()
            else:
                worker, self._spare = self._spare or WorkerProcess(), None
            self._busy.add(worker)
            return worker

    def _give_back(self, key: str, worker: WorkerProcess) -> None:
        gone = []
        with self._lock:
            self._busy.discard(worker)
            if self._closed or not worker.lives or worker.jobs >= JOBS_EACH:
                gone.append(worker)
            else:
                self._idle.setdefault(key, []).append(worker)
                self._idle.move_to_end(key)
            while sum(map(len, self._idle.values())) > IDLE:
                first = next(name for name, own in self._idle.items() if own)
                gone.append(self._idle[first].pop(0))
            for name in [name for name, own in self._idle.items() if not own]:
                del self._idle[name]
        for each in gone:
            each.kill()

    def forget(self, key: str) -> None:
        """End the idle workers of a key."""
        with self._lock:
            gone = self._idle.pop(key, [])
        for each in gone:
            each.kill()

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            self._closed = True
            idle = [worker for own in self._idle.values() for worker in own]
            everybody = [*idle, *self._busy, *([self._spare] if self._spare is not None else [])]
            self._idle.clear()
            self._spare = None
        for each in everybody:
            each.kill()

    @property
    def processes(self) -> int:
        """How many there are."""
        with self._lock:
            return sum(map(len, self._idle.values())) + len(self._busy) + (self._spare is not None)
