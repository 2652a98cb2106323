"""A server as `playout serve` runs it, in a thread of the test, and a client that talks to it over a socket."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from patience import PATIENCE, until
from playout.present.web.application import make_application
from playout.present.web.desk import Desk
from playout.present.web.options import Options
from playout.present.web.server import Impatient


@dataclass
class Serving:
    """A server that runs: its address, and what it has at hand."""

    address: str
    desk: Desk

    @contextlib.contextmanager
    def client(self, **more: Any) -> Iterator[httpx.Client]:
        """A browser of its own: cookies are kept."""
        with httpx.Client(base_url=self.address, timeout=PATIENCE, **more) as client:
            yield client


@contextlib.contextmanager
def served(options: Options) -> Iterator[Serving]:
    """A server on any free port, stopped at the end."""
    app = make_application(options)
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=0, http=Impatient, log_level="error", ws="none", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert until(lambda: server.started or not thread.is_alive())
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Serving(f"http://127.0.0.1:{port}", app.state.desk)
    finally:
        server.should_exit = True
        thread.join()


def begun(client: httpx.Client, setting: dict[str, Any], futures: int = 4_000) -> str:
    """Begin a run and give its name."""
    answer = client.post("/api/runs", json={"setting": setting, "futures": futures})
    assert answer.status_code == 202, answer.text
    run: str = answer.json()["run"]
    return run


def events(client: httpx.Client, run: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A run's events, as they come."""
    with client.stream("GET", f"/api/runs/{run}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def picture(client: httpx.Client, setting: dict[str, Any], futures: int = 4_000) -> dict[str, Any]:
    """The last picture of a setting."""
    last: dict[str, Any] = {}
    for name, data in events(client, begun(client, setting, futures)):
        assert name != "failed", data
        last = data if name == "picture" else last
    return last
