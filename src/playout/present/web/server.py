"""From the start to a graceful stop: the application behind uvicorn, and what Ctrl-C and SIGTERM do to it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from playout.errors import InputError
from playout.present.web.application import make_application
from playout.present.web.options import Options
from playout.present.web.shares import network, share_of
from playout.simulate.process import files_allowed

GRACE = 1
"""Seconds that answers under way have to end once the server is to stop."""

FULL = 128
"""Connections that may wait to be accepted."""

HEAD = 10.0
"""Seconds in which the head of a request has to be there: a process may have some hundred connections open, and whoever
opens them and says nothing would keep out all others."""


CONNECTIONS = 512
"""Connections that may be open at a time, of which each address has its share."""

OTHER_FILES = 64
"""Files that the server has open beside connections."""

MMAP_THRESHOLD, ARENA_MAX = -3, -8
"""Parameters of `mallopt`, as glibc's malloc.h has them."""

BLOCK = 65_536
"""Bytes from which on a piece of memory goes back to the system as soon as it is free."""

ARENAS = 2


def level_memory() -> None:
    """Have arrays go back to the system when they are free, where the C library is glibc.

    Left to itself it raises the size from which on it does so to that of the largest array it has seen, and every
    thread keeps a heap of its own, so that a server which plays runs for hours holds twice what it needs.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(MMAP_THRESHOLD, BLOCK)
        library.mallopt(ARENA_MAX, ARENAS)


def serve(options: Options, ready: Callable[[str], None]) -> bool:
    """Serve until somebody stops it. ready: told the address once the server listens. Gives whether it was Ctrl-C
    that stopped it, rather than a SIGTERM.

    Refuses, with an InputError, a port that is taken, and what is wrong with a scenario that is named.
    """
    level_memory()
    app = make_application(options)
    listening = _listening(options)
    config = uvicorn.Config(
        app,
        http=Impatient,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        ws="none",
        lifespan="on",
        timeout_keep_alive=5,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=32_768,
    )
    server = _Server(config)
    port = listening.getsockname()[1]
    host = f"[{options.host}]" if ":" in options.host else options.host
    with listening:
        asyncio.run(server.run_until_stopped(listening, lambda: ready(f"http://{host}:{port}/")))
    return server.interrupted


def _listening(options: Options) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((options.host, options.port))
        listening.listen(FULL)
    except OSError as problem:
        listening.close()
        raise InputError(
            f"the server cannot listen on {options.host}, port {options.port}: {problem.strerror or problem}\n"
            f"  hint: choose another with `--port`, or `--port 0` for any that is free"
        ) from problem
    return listening


def most_connections() -> int:
    """Connections that may be open: so many, or fewer where this process may have few files open."""
    return int(max(2, min(CONNECTIONS, files_allowed() - OTHER_FILES)))


class Impatient(H11Protocol):
    """A connection that is closed where the head of a request is not there in `HEAD` seconds."""

    _clock: asyncio.TimerHandle | None = None

    address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request, unless there are too many connections, or of this address its share."""
        super().connection_made(transport)
        self.address = network(self.client[0] if self.client else "")
        known = self.server_state.connections
        here = sum(isinstance(own, Impatient) and own.address == self.address for own in known)
        if len(known) > most_connections() or here > share_of(most_connections()):
            transport.abort()
            return
        self._clock = self.loop.call_later(HEAD, transport.close)

    def data_received(self, data: bytes) -> None:
        """Wait no more where a request is there whole, and anew where the next one has begun."""
        super().data_received(data)
        if not getattr(self.cycle, "response_complete", True):  # before the first request there is no cycle
            self._wait_no_more()
        elif self._clock is None:
            self._clock = self.loop.call_later(HEAD, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait_no_more(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


class _Server(uvicorn.Server):
    """Stops at the first signal, and tells the process nothing of it: who started the server does."""

    interrupted = False

    async def run_until_stopped(self, listening: socket.socket, ready: Callable[[], None]) -> None:
        """Serve on a socket; `ready` is called once it does."""
        loop = asyncio.get_running_loop()
        for wanted in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(wanted, self._stop, wanted)
        serving = asyncio.ensure_future(self.serve([listening]))
        while not self.started and not serving.done():
            await asyncio.sleep(0.01)
        if self.started:
            ready()
        await serving

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are heard by the loop."""
        yield

    def _stop(self, wanted: int) -> None:
        self.interrupted = wanted == signal.SIGINT
        desk = getattr(self.config.app.state, "desk", None)  # type: ignore[union-attr]
        if desk is not None:  # streams end by themselves when nothing is played any more
            desk.stop_playing()
        self.force_exit = self.should_exit
        self.should_exit = True
