"""Fair to all clients: what one address takes, whatever names it gives itself, leaves room for others."""

from __future__ import annotations

import gc
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import numpy as np
import pytest

from patience import PATIENCE
from playout.compile.engine import BLOCK
from playout.compile.native.engine import NativeEngine
from playout.pipeline import load, program_of
from playout.present.web.library import MOST_UPLOADS, Library, Served
from playout.present.web.options import Options
from playout.present.web.shares import Places, network, share_of
from playout.present.web.worker_pool import IDLE
from served import Serving, picture, served

SETTING = {"scenario": "coin-and-die"}
SENT = (
    "playout: 1\ntitle: x\nstart: 2025-01-01\nhorizon: 1 year\nstep: 1 week\n"
    "stocks: {crowd: {unit: person, starts: 1, plus: {more: 1 person/day}}}\nmeasures: {crowd: {of: crowd}}\n"
)


def until(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@contextmanager
def elsewhere(serving: Serving, address: str) -> Iterator[httpx.Client]:
    """A client at another address of this machine."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=serving.address, timeout=PATIENCE, transport=transport) as client:
        yield client


def opened(serving: Serving, number: int, said: bytes = b"") -> list[socket.socket]:
    """So many connections from this address, on each of which something is said."""
    address = httpx.URL(serving.address)
    made = [socket.create_connection((address.host, address.port), timeout=PATIENCE) for _ in range(number)]
    for own in made:
        own.sendall(said)
    return made


# --- who is counted as one --------------------------------------------------------------------------------------------


def test_an_address_is_one_whatever_it_is_written_as() -> None:
    assert network("::ffff:10.0.0.1") == network("10.0.0.1") == "10.0.0.1"
    assert network("2001:db8:1:2::5") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::5")
    assert network("fe80::1%eth0") == network("fe80::2")
    assert network("") == ""


def test_places_are_shared() -> None:
    places = Places(4)
    assert [places.take("one") for _ in range(3)] == [True, True, False]
    assert [places.take(other) for other in ("two", "two", "two")] == [True, True, False]
    assert not places.take("three"), "all are taken"
    places.give_back("one")
    assert places.take("three")
    assert len(places) == 4
    assert [share_of(number) for number in (1, 2, 3, 256)] == [1, 1, 1, 128]


# --- connections, requests, bodies, streams ---------------------------------------------------------------------------


def test_one_address_opens_no_more_than_its_share_of_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playout.present.web.server.CONNECTIONS", 20)
    with served(Options(scenarios=("coin-and-die",))) as serving, ExitStack() as stack:
        crowd = opened(serving, 40)
        for own in crowd:
            stack.enter_context(own)
        with elsewhere(serving, "127.0.0.2") as other:
            assert other.get("/api/scenarios").status_code == 200


HEAD = "POST /api/runs HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"


def test_a_trickled_body_has_a_deadline_and_leaves_places_for_others() -> None:
    options = Options(scenarios=("coin-and-die",), body_seconds=5.0, whole_body_seconds=1.0, most_requests=6)
    with served(options) as serving:
        crowd = opened(serving, 6, HEAD.format(host=httpx.URL(serving.address).host).encode())
        stop = threading.Event()

        def trickle() -> None:
            """A sign now and then, so that no gap is long."""
            while not stop.wait(0.1):
                for own in crowd:
                    try:
                        own.sendall(b" ")
                    except OSError:
                        return

        trickling = threading.Thread(target=trickle)
        trickling.start()
        try:
            with elsewhere(serving, "127.0.0.2") as other:
                assert other.get("/api/scenarios").status_code == 200
            statuses = sorted(own.recv(65_536).split(b" ")[1] for own in crowd)
        finally:
            stop.set()
            trickling.join()
            for own in crowd:
                own.close()
        assert statuses == [b"408"] * 3 + [b"429"] * 3


def test_event_streams_have_shares() -> None:
    with served(Options(scenarios=("us-mexico-cartels",), most_streams=4)) as serving, ExitStack() as stack:
        client = stack.enter_context(serving.client())
        run = client.post("/api/runs", json={"setting": {"scenario": "us-mexico-cartels"}, "futures": 200_000})
        address = f"/api/runs/{run.json()['run']}/events"
        statuses = [stack.enter_context(client.stream("GET", address)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        with elsewhere(serving, "127.0.0.2") as other, other.stream("GET", address) as stream:
            assert stream.status_code == 200
        client.delete(f"/api/runs/{run.json()['run']}")


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_uploads_of_one_address_push_out_its_own_and_nobody_else_s() -> None:
    library = Library(("coin-and-die",))
    library.keep(Served("other", "x", "", owner="somebody", address="two", text=""))
    for number in range(3 * MOST_UPLOADS):
        library.keep(Served(f"mine-{number}", "x", "", owner=f"made-up-{number}", address="one", text=""))
    assert library.get("other").address == "two"
    assert len([1 for number in range(3 * MOST_UPLOADS) if f"mine-{number}" in library._uploads]) == MOST_UPLOADS - 1


def test_nothing_is_leaked_by_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playout.present.web.library.MOST_UPLOADS", 2)
    options = Options(scenarios=("coin-and-die",), allow_upload=True, kept_bytes=20_000)
    with served(options) as serving, serving.client() as client:
        first: list[weakref.ref[Served]] = []
        for number in range(IDLE + 3):
            answer = client.post("/api/scenarios", json={"text": SENT.replace("starts: 1", f"starts: {number + 1}")})
            name = answer.json()["name"]
            picture(client, {"scenario": name}, 50)
            first.append(weakref.ref(serving.desk.library.get(name)))
        assert serving.desk.workers.processes <= IDLE + 2
        assert len(serving.desk.library._uploads) == 2
        gc.collect()
        assert until(lambda: first[0]() is None), "forgotten, with its runs and its pictures"


def test_an_engine_is_gone_with_its_last_use() -> None:
    """No ring with its own callback: nobody waits for the collector of garbage."""
    gc.collect()
    gc.disable()
    try:
        engine = NativeEngine(program_of(load("coin-and-die")))
        gone = weakref.ref(engine)
        assert engine.play(0, 10, np.full((len(engine.program.columns), 10), 0.5), 1).futures <= BLOCK
        del engine
        assert gone() is None
    finally:
        gc.enable()
