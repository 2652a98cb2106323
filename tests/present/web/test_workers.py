"""What clients send is worked on in processes that may die: the server lives, and serves everybody else."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from playout.errors import RunError, ScenarioError, UsageError
from playout.present.web.faults import Refused
from playout.present.web.options import Options
from playout.present.web.worker_messages import Ended, as_fault, as_message, receive
from playout.present.web.worker_pool import WorkerPool, WorkerProcess
from playout.simulate.limits import VARIABLE
from served import Serving, begun, events, picture, served

HOSTILE = Path(__file__).parents[2] / "hostile"

SENT = """
playout: 1
title: A queue
start: 2025-01-06
horizon: 1 year
step: 1 week
beliefs: {pace: {is: 1 to 3, unit: person/week, assumed: a test}}
stocks: {crowd: {unit: person, starts: 1, plus: {more: pace}}}
tracks: {hall: {stages: {empty: {title: Empty}, full: {title: Full}}, moves: [{from: empty, to: full, rate: 2 1/year}]}}
measures: {crowd: {of: crowd, people: true, title: People}}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    options = Options(scenarios=("coin-and-die",), allow_upload=True, most_seconds=30.0)
    with served(options) as serving:
        yield serving


@pytest.fixture
def client(server: Serving) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool()
    yield pool
    pool.close()


def sent(client: httpx.Client, text: str = SENT) -> str:
    answer = client.post("/api/scenarios", json={"text": text})
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["name"]
    return name


def until(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def workers(serving: Serving) -> list[WorkerProcess]:
    """The server's worker processes of scenarios, at work or idle."""
    own = serving.desk.workers
    return [*own._busy, *(each for key, idle in own._idle.items() if key != "picture" for each in idle)]


# --- what was sent is worked on elsewhere -----------------------------------------------------------------------------


def test_everything_about_a_sent_scenario_is_answered_as_about_any(client: httpx.Client) -> None:
    name = sent(client)
    told = client.get(f"/api/scenarios/{name}").json()
    assert [lever["label"] for lever in told["levers"]] == ["pace"]
    setting = {"scenario": name, "beliefs": {"pace": {"quantile": 0.9}}}
    shown = picture(client, setting, 3_000)
    run = shown["run"]
    assert shown["futures"] == 3_000
    assert client.get(f"/api/runs/{run}/futures/3").json()["future"] == 3
    assert client.get(f"/api/runs/{run}/charts/ladder.svg").content.startswith(b"<svg")
    assert client.get(f"/api/runs/{run}/data.csv").text.count("\n") == 3_001
    assert "pace" in client.get(f"/api/runs/{run}/setting.yaml").text
    assert client.get(f"/api/runs/{run}/export.html").status_code == 200
    settings = [{"scenario": name}, setting]
    assert client.post("/api/compare", json={"settings": settings, "futures": 500}).json()["futures"] == 500
    assert client.post("/api/stories", json={"setting": {"scenario": name}}).status_code == 200


def test_the_server_itself_never_reads_what_was_sent(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("it is read in the server's own process")

    for place in ("playout.read.decode.read_text", "playout.model.check.check", "playout.read.yaml.parse_yaml"):
        monkeypatch.setattr(place, read)
    name = sent(client, SENT.replace("A queue", "Another queue"))
    assert picture(client, {"scenario": name}, 300)["futures"] == 300


def test_faults_of_a_sent_scenario_and_setting_are_told(client: httpx.Client) -> None:
    answer = client.post("/api/scenarios", json={"text": SENT.replace("unit: person,", "unit: persn,")})
    assert answer.status_code == 422
    assert answer.json()["diagnostics"][0]["line"] == 8
    told = list(events(client, begun(client, {"scenario": sent(client), "beliefs": {"pase": {"quantile": 0.5}}}, 10)))
    assert told[-1] == (
        "failed",
        {"run": told[-1][1]["run"], "message": "there is no lever `pase`; did you mean `pace`?"},
    )


# --- processes that die -----------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_costs_its_own_job_and_no_other(client: httpx.Client, server: Serving) -> None:
    name = sent(client)
    run = begun(client, {"scenario": name}, 200_000)
    told = events(client, run)
    assert any(kind == "picture" for kind, _ in told)
    for worker in workers(server):
        os.kill(worker.pid, signal.SIGKILL)
    assert [kind for kind, _ in told][-1] in ("failed", "done")
    assert picture(client, {"scenario": "coin-and-die"}, 500)["futures"] == 500
    assert picture(client, {"scenario": name}, 500)["futures"] == 500


def test_a_picture_whose_process_dies_is_refused_and_the_next_is_drawn(pool: WorkerPool) -> None:
    stop = threading.Event()
    spec = {"mark": "point", "data": {"values": [{"x": 1}]}, "encoding": {"x": {"field": "x"}}}
    message = {"job": "picture", "spec": spec, "shape": "svg"}
    assert pool.ask("picture", message, stop=stop)[1].startswith(b"<svg")
    (worker,) = pool._idle["picture"]
    os.kill(worker.pid, signal.SIGSEGV)
    worker._process.wait()
    assert pool.ask("picture", message, stop=stop)[1].startswith(b"<svg")
    huge = {**message, "spec": {**spec, "description": "x" * 9_000_000}}
    with pytest.raises(UsageError, match=r"this chart holds 9.0 MB, and 8 MB can be drawn: take its data"):
        pool.ask("picture", huge, stop=stop)


def test_a_job_that_does_not_stop_is_killed(pool: WorkerPool) -> None:
    """Machine code that nobody can interrupt, here a process that is halted."""
    stop = threading.Event()
    worker = pool._take("one")
    os.kill(worker.pid, signal.SIGSTOP)
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(Ended):
        worker.ask({"job": "picture", "spec": {}, "shape": "svg"}, b"", stop, lambda done, total: None)
    assert not worker.lives
    pool._give_back("one", worker)
    assert pool.processes == 0


def test_workers_end_with_their_server() -> None:
    pool = WorkerPool()
    pool.warm()
    worker = pool._take("one")
    pool.close()
    assert until(lambda: not worker.lives)
    with pytest.raises(RunError, match="closing down"):
        pool.ask("one", {}, stop=threading.Event())


@pytest.mark.parametrize(
    "content", [b"", b"\x02\0\0\0\0\0\0\0[]", b"\xff" * 8, b"\x02\0\0\0\0\0\0\0{", b"\x01\0\0\0\0\0\0\0{"]
)
def test_what_is_no_message_ends_the_talk(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "said").write_bytes(content)
    with (tmp_path / "said").open("rb") as stream, pytest.raises(Ended):
        receive(stream)


def test_faults_come_over_as_they_were() -> None:
    for problem in (UsageError("x"), RunError("y\n  hint: z"), Refused(409, "later", "wait", 3)):
        again = as_fault(as_message(problem))
        assert type(again) is type(problem)
        assert str(again) == str(problem)
    assert isinstance(as_fault(as_message(ScenarioError([], {}))), ScenarioError)
    assert isinstance(as_fault(as_message(ZeroDivisionError("0"))), RuntimeError)
    odd: list[dict[str, Any]] = [{}, {"kind": []}, {"kind": "ScenarioError"}, {"kind": "Refused", "status": "x"}]
    odd += [{"kind": "ScenarioError", "diagnostics": [{}]}, {"kind": "ScenarioError", "diagnostics": 7}]
    assert all(isinstance(as_fault(own), RuntimeError) for own in odd)


# --- hostile scenarios ------------------------------------------------------------------------------------------------


def test_a_scenario_that_never_ends_is_refused_before_it_is_played() -> None:
    with served(Options(scenarios=("coin-and-die",), allow_upload=True)) as serving, serving.client() as stranger:
        name = sent(stranger, (HOSTILE / "hang_1kb.yaml").read_text(encoding="utf-8"))
        told = list(events(stranger, begun(stranger, {"scenario": name}, 50_000)))
        assert told[-1][0] == "failed"
        assert "would take about" in told[-1][1]["message"]


def test_a_scenario_that_never_ends_is_ended_and_others_are_served_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "inf")  # as if its cost could not be told before
    with served(Options(scenarios=("coin-and-die",), allow_upload=True, most_seconds=4.0)) as serving:
        with serving.client() as stranger, serving.client() as other:
            name = sent(stranger, (HOSTILE / "hang_1kb.yaml").read_text(encoding="utf-8"))
            run = begun(stranger, {"scenario": name}, 50_000)
            assert picture(other, {"scenario": "coin-and-die"}, 500)["futures"] == 500
            told = list(events(stranger, run))
            assert told[-1][0] == "failed"
            assert "longer than this server allows" in told[-1][1]["message"]
            assert stranger.get(f"/api/scenarios/{name}").status_code == 422
        assert until(lambda: not serving.desk.workers._busy)


@pytest.mark.long
def test_a_ladder_of_many_stages_and_dates_is_drawn() -> None:
    options = Options(scenarios=("coin-and-die",), allow_upload=True, most_seconds=200.0)
    with served(options) as serving, serving.client() as stranger:
        stranger.timeout = 300.0
        name = sent(stranger, (HOSTILE / "server_kill_v8.yaml").read_text(encoding="utf-8"))
        run = picture(stranger, {"scenario": name}, 2_000)["run"]
        for kind in ("svg", "png"):
            assert stranger.get(f"/api/runs/{run}/charts/ladder.{kind}").status_code == 200
        assert stranger.get("/api/scenarios").status_code == 200
