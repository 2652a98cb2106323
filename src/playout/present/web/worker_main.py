"""A worker process: does jobs on one scenario that a stranger sent, and draws charts, until its input ends.

`python -m playout.present.web.worker_main PARENT` reads messages from standard input and answers on standard output,
which nothing that a library prints may reach. It is there to be killed: whatever a scenario does to it is done to it
alone.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

from playout.model.check import check as check_scenario
from playout.model.checked import CheckedScenario
from playout.present.web import exports, jobs
from playout.present.web.options import Options
from playout.present.web.worker_messages import Ended, as_message, receive, send
from playout.read.decode import read_text_partly
from playout.simulate.process import end_with_parent

PICTURE = "picture"
"""The job of drawing a chart, which is of no scenario."""

MEMORY = 4_000_000_000
"""Bytes that a worker may have: many times what it needs, and less than would fill a machine."""

NICER = 10
"""By how much a worker leaves the processors to the server."""

Message = tuple[dict[str, Any], bytes]


class Worker:
    """Jobs, one at a time."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._scenarios: dict[str, CheckedScenario] = {}
        self.stop = threading.Event()

    def answer(self, message: Mapping[str, Any], attached: bytes) -> None:
        """Do one job, and send what it gives or what is wrong."""
        self.stop.clear()
        try:
            if message["job"] == PICTURE:
                value, content = None, exports.chart_picture(message["spec"], message["shape"])
            else:
                found = jobs.JOBS[message["job"]](self._input(message, attached))
                value, content = found.value, b"" if found.attachment is None else pickle.dumps(found.attachment)
            send(self._answers, {"value": value}, content)
        except Ended:
            raise
        except Exception as problem:  # noqa: BLE001 (whoever asked is told)
            send(self._answers, {"fault": as_message(problem)})

    def _input(self, message: Mapping[str, Any], attached: bytes) -> jobs.JobInput:
        text = message["text"]
        if text not in self._scenarios:
            self._scenarios = {text: check_scenario(*read_text_partly(text, "uploaded.yaml"))}
        return jobs.JobInput(
            name=message["name"],
            checked=self._scenarios[text],
            arguments=message["arguments"],
            options=Options(**message["options"]),
            stop=self.stop,
            progress=lambda done, total: send(self._answers, {"progress": [done, total]}),
            attachment=pickle.loads(attached) if attached else None,
        )


def main(parent: int) -> None:
    """Answer until the input ends."""
    end_with_parent(parent)
    asked = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(AttributeError, OSError):
        os.nice(NICER)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    waiting: queue.Queue[Message | None] = queue.Queue()
    worker = Worker(answers)

    def read() -> None:
        """Take messages as they come: a stop is heard while a job is done."""
        with contextlib.suppress(Ended):
            while True:
                message, attached = receive(asked)
                if "stop" in message:
                    worker.stop.set()
                else:
                    waiting.put((message, attached))
        worker.stop.set()
        waiting.put(None)

    threading.Thread(target=read, name="playout-messages", daemon=True).start()
    while (taken := waiting.get()) is not None:
        worker.answer(*taken)


if __name__ == "__main__":
    with contextlib.suppress(Ended, KeyboardInterrupt):
        main(int(sys.argv[1]))
    os._exit(0)  # threads of libraries may be in the middle of something
