"""Many clients at once: each is answered or told to come back, nothing fails, and memory stays where it was."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from patience import PATIENCE
from served import begun, events

MAIN = "from playout.present.cli import main; main()"
LINUX = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")


@contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`playout serve` as a process of its own, and its address."""
    command = [sys.executable, "-c", MAIN, "serve", "--port", "0", *arguments]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        line = running.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found is not None, line or running.communicate()[1]
        yield running, found[0]
    finally:
        if running.poll() is None:
            running.kill()
        running.communicate()


def megabytes(process: subprocess.Popen[str]) -> float:
    """The memory that a process holds."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def levers(address: str, scenario: str) -> list[str]:
    """What can be moved in a scenario."""
    told = httpx.get(f"{address}api/scenarios/{scenario}", timeout=PATIENCE).json()
    return [lever["label"] for lever in told["levers"]]


def after_seconds(seconds: float) -> Callable[[], bool]:
    """Whether so many seconds have gone by from now."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


class Crowd:
    """Clients that move levers, look at the picture, and now and then leave before it is whole."""

    def __init__(self, address: str, scenario: str, futures: int) -> None:
        self.address, self.scenario, self.futures = address, scenario, futures
        self.labels = levers(address, scenario)
        self.statuses: Counter[int] = Counter()
        self.endings: Counter[str] = Counter()
        self.faults: list[str] = []
        self.waits: list[float] = []

    def come(self, clients: int, enough: Callable[[], bool]) -> None:
        """So many at once, until it is enough."""
        crowd = [threading.Thread(target=self._one, args=(number, enough)) for number in range(clients)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()

    def _one(self, number: int, enough: Callable[[], bool]) -> None:
        chance = random.Random(number)
        with httpx.Client(base_url=self.address, timeout=PATIENCE) as client:
            while not self.faults and not enough():
                try:
                    self._visit(client, chance)
                except (httpx.HTTPError, AssertionError) as fault:
                    self.faults.append(repr(fault))

    def _visit(self, client: httpx.Client, chance: random.Random) -> None:
        setting: dict[str, Any] = {"scenario": self.scenario}
        setting["beliefs"] = {chance.choice(self.labels): {"quantile": chance.uniform(0.05, 0.95)}}
        asked = time.monotonic()
        answer = client.post("/api/runs", json={"setting": setting, "futures": self.futures})
        self.statuses[answer.status_code] += 1
        if answer.status_code == 429:
            time.sleep(min(float(answer.headers["retry-after"]), 0.5))
            return
        assert answer.status_code == 202, answer.text
        patience = chance.choice([1, 1, 3])  # pictures after which one goes
        for name, data in events(client, answer.json()["run"]):
            if name == "picture":
                if patience == 3 and data["futures"] < self.futures:
                    self.waits.append(time.monotonic() - asked)
                patience -= 1
                if not patience:
                    break
            if name in ("done", "failed"):
                self.endings[data.get("message", name)] += 1


@LINUX
def test_a_crowd_is_served_or_told_to_come_back_and_memory_stays_flat() -> None:
    with process("ceasefire") as (running, address):
        crowd = Crowd(address, "ceasefire", 6_000)
        crowd.come(clients=8, enough=lambda: crowd.statuses[202] >= 40)
        before = megabytes(running)
        crowd.come(clients=8, enough=lambda: crowd.statuses[202] >= 100)
        after = megabytes(running)
    assert crowd.faults == []
    assert set(crowd.statuses) <= {202, 429}
    assert after < before + 60, f"{before:.0f} MB, then {after:.0f} MB"


@LINUX
@pytest.mark.long
@pytest.mark.timeout(900)
def test_fifty_clients_for_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    with process() as (running, address):
        crowd = Crowd(address, "us-mexico-cartels", 16_384)
        crowd.come(clients=50, enough=after_seconds(20.0))
        before = megabytes(running)
        crowd.statuses.clear()
        crowd.come(clients=50, enough=after_seconds(60.0))
        time.sleep(4.0)
        after = megabytes(running)
        running.send_signal(signal.SIGTERM)
        assert running.wait() == 0
    with capsys.disabled():
        waits = sorted(crowd.waits)
        print(f"\n{dict(crowd.statuses)}, {before:.0f} MB before, {after:.0f} MB after, {dict(crowd.endings)}")  # noqa: T201
        print(f"first picture after {waits[len(waits) // 2]:.1f} s in the middle, {waits[-1]:.1f} s at most")  # noqa: T201
    assert crowd.faults == []
    assert set(crowd.statuses) <= {202, 429}
    assert after < before + 100


# --- an end -----------------------------------------------------------------------------------------------------------


ENDINGS = [(signal.SIGINT, 130), (signal.SIGTERM, 0)]


def seconds_to_end(sent: signal.Signals, status: int) -> float:
    """How long a server that plays, and that somebody listens to, takes to end."""
    with process() as (running, address), httpx.Client(base_url=address, timeout=PATIENCE) as client:
        client.get("/api/scenarios/us-mexico-cartels")
        told = events(client, begun(client, {"scenario": "us-mexico-cartels"}, 200_000))
        assert any(name == "picture" for name, _ in told)  # a run is under way, and somebody listens
        asked = time.monotonic()
        running.send_signal(sent)
        assert running.wait() == status
        took = time.monotonic() - asked
        assert running.communicate()[1].strip().endswith("stopped")
        return took


@pytest.mark.parametrize(("sent", "status"), ENDINGS)
def test_the_server_ends_when_it_is_told_to(sent: signal.Signals, status: int) -> None:
    seconds_to_end(sent, status)


@pytest.mark.bench
@pytest.mark.parametrize(("sent", "status"), ENDINGS)
def test_the_server_ends_soon_after_it_is_told_to(sent: signal.Signals, status: int) -> None:
    assert seconds_to_end(sent, status) < 5.0


def test_a_port_that_is_taken_is_told_with_the_way_out() -> None:
    with process("coin-and-die") as (_, address):
        port = address.rstrip("/").rpartition(":")[2]
        command = [sys.executable, "-c", MAIN, "serve", "--port", port]
        second = subprocess.run(command, check=False, capture_output=True, text=True)
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1, port {port}" in second.stderr
    assert "--port 0" in second.stderr


def test_others_are_let_in_with_a_token_only() -> None:
    command = [sys.executable, "-c", MAIN, "serve", "--host", "0.0.0.0", "--port", "0"]
    refused = subprocess.run(command, check=False, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "wants a token" in refused.stderr
