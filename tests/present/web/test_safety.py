"""What the server refuses, with a clear message, and what it never does."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from patience import PATIENCE, until
from playout.errors import UsageError
from playout.present.web.lane import Asked
from playout.present.web.library import Served
from playout.present.web.options import Options, is_loopback
from served import Serving, begun, events, picture, served

SETTING: dict[str, Any] = {"scenario": "coin-and-die"}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with served(Options(scenarios=("coin-and-die",), most_futures=100_000, kept_bytes=4_000_000)) as serving:
        yield serving


@pytest.fixture
def client(server: Serving) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def told(answer: httpx.Response) -> str:
    """What a refusal says."""
    message: str = answer.json()["error"]["message"]
    return message


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "the request's body is no JSON"),
        (b"", "Field required"),
        (b"[]", "Input should be a valid dictionary or object to extract fields from"),
        (b'{"setting": {}}', "setting.scenario: Field required"),
        (b'{"setting": {"scenario": "coin-and-die", "beliefs": {"luck": {"quantile": NaN}}}}', "quantile"),
        (b'{"setting": {"scenario": "coin-and-die", "beliefs": {"luck": {"quantile": Infinity}}}}', "quantile"),
        (b'{"setting": {"scenario": "coin-and-die", "beliefs": {"luck": {"quantile": 1}}}}', "less than 1"),
        (b'{"setting": {"scenario": "coin-and-die", "credences": {"x": -1}}}', "greater than or equal to 0"),
        (b'{"setting": {"scenario": "coin-and-die", "credences": {"x": NaN}}}', "credences.x"),
        (b'{"setting": {"scenario": "coin-and-die"}, "futures": 0}', "greater than or equal to 1"),
        (b'{"setting": {"scenario": "coin-and-die"}, "futures": 1e400}', "futures"),
        (b'{"setting": {"scenario": "coin-and-die"}, "future": 9}', "future: Extra inputs are not permitted"),
        (b'{"setting": {"scenario": "coin-and-die", "seed": -1}}', "setting.seed"),
        (b'{"setting": {"scenario": "\\u0000"}}', "setting.scenario"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_the_place(client: httpx.Client, body: bytes, message: str) -> None:
    answer = client.post("/api/runs", content=body, headers=JSON)
    assert answer.status_code == 422
    assert message in told(answer)
    assert answer.json()["error"]["hint"]


def test_a_billion_futures_are_refused(client: httpx.Client) -> None:
    answer = client.post("/api/runs", json={"setting": SETTING, "futures": 10**9})
    assert answer.status_code == 422
    assert told(answer) == "1,000,000,000 futures were asked for, and this server plays 100,000 at most"


@pytest.mark.parametrize(
    "name",
    ["../../../../etc/passwd", "/etc/passwd", "..", "scenario.yaml", "file:///etc/passwd", "./ceasefire", "a\\..\\b"],
)
def test_no_path_in_a_request_is_opened(client: httpx.Client, name: str) -> None:
    answer = client.post("/api/runs", json={"setting": {"scenario": name}})
    assert answer.status_code == 404
    assert told(answer) == f"there is no scenario `{name}` here"
    assert client.get("/api/questions", params={"scenario": name}).status_code == 404


@pytest.mark.parametrize("path", ["/static/../application.py", "/static/%2e%2e/guard.py", "/static//etc/passwd"])
def test_static_files_are_the_only_files(server: Serving, path: str) -> None:
    address = httpx.URL(server.address)
    with socket.create_connection((address.host, address.port)) as plain:  # a client library would tidy the path
        plain.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: plain.recv(65_536), b""))
    assert b" 404 " in answer.splitlines()[0]
    assert b"import" not in answer


def test_a_script_in_a_title_is_said_back_as_text_and_never_as_a_page(client: httpx.Client) -> None:
    with served(Options(scenarios=("coin-and-die",), allow_upload=True)) as serving, serving.client() as own:
        text = (
            "playout: 1\ntitle: <script>alert(1)</script>\nstart: 2025-01-01\nhorizon: 1 year\nstep: 1 week\n"
            "beliefs: {pace: {is: 1 to 3, unit: person/week, assumed: a test}}\n"
            "stocks: {crowd: {unit: person, starts: 1, plus: {more: pace}}}\n"
            "measures: {crowd: {of: crowd, people: true, title: '<img src=x onerror=alert(1)>'}}\n"
        )
        taken = own.post("/api/scenarios", json={"text": text})
        assert taken.status_code == 201, taken.text
        shown = picture(own, {"scenario": taken.json()["name"]}, 500)
        assert shown["measures"]["crowd"]["title"] == "<img src=x onerror=alert(1)>"
        for address in ("/api/scenarios", f"/api/scenarios/{taken.json()['name']}", f"/api/runs/{shown['run']}"):
            answer = own.get(address)
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["x-content-type-options"] == "nosniff"
        svg = own.get(f"/api/runs/{shown['run']}/charts/crowd.svg")
        assert b"<img" not in svg.content
        html = own.get(f"/api/runs/{shown['run']}/export.html")
        assert b"<script>alert(1)" not in html.content
        assert b"<img src=x" not in html.content


def test_a_body_is_no_longer_than_the_server_allows(client: httpx.Client, server: Serving) -> None:
    answer = client.post("/api/runs", content=b" " * 100_000, headers=JSON)
    assert answer.status_code == 413
    assert told(answer) == "a request may have 64,000 bytes"

    def endless() -> Iterator[bytes]:
        """A body that does not say how long it is."""
        yield b'{"setting": "'
        for _ in range(200):
            yield b"x" * 1_000

    answer = client.post("/api/runs", content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert told(answer) == "a request may have 64,000 bytes"


def test_scenarios_are_taken_only_where_that_is_allowed(client: httpx.Client) -> None:
    answer = client.post("/api/scenarios", json={"text": "playout: 1"})
    assert answer.status_code == 403
    assert answer.json()["error"]["hint"] == "start it with --allow-upload"


def test_unknown_addresses_and_methods_are_refused_in_the_same_form(client: httpx.Client) -> None:
    assert told(client.get("/api/nothing")) == "there is nothing at this address"
    assert told(client.put("/api/scenarios")) == "this address does not take such a request"
    assert client.get("/docs").status_code == 404


# --- who may ask ------------------------------------------------------------------------------------------------------


def test_every_answer_forbids_scripts_and_frames_from_elsewhere(client: httpx.Client) -> None:
    for answer in (client.get("/api/scenarios"), client.get("/nowhere"), client.get("/"), client.put("/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_an_answer_that_tells_of_a_fault_has_the_same_headers(
    client: httpx.Client, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(_: str) -> None:
        """A fault of the server's own."""
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(server.desk.library, "listed", faulty)
    answer = client.get("/api/scenarios")
    assert answer.status_code == 500
    assert told(answer) == "a fault of Playout itself"
    assert "secret" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_body_that_does_not_come_takes_no_place_for_long() -> None:
    with served(Options(scenarios=("coin-and-die",), body_seconds=0.3, most_requests=4)) as serving:
        address = httpx.URL(serving.address)
        head = f"POST /api/runs HTTP/1.1\r\nHost: {address.host}\r\nContent-Type: application/json\r\n"
        slow = [socket.create_connection((address.host, address.port), timeout=PATIENCE) for _ in range(2)]
        for each in slow:
            each.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        for each in slow:
            assert b" 408 " in each.recv(65_536).splitlines()[0]
            each.close()
        with serving.client() as client:
            assert client.get("/api/scenarios").status_code == 200


@pytest.mark.parametrize("first", [b"", b"GET /static/icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_whoever_opens_a_connection_and_asks_for_nothing_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    monkeypatch.setattr("playout.present.web.server.HEAD", 0.5)
    with served(Options(scenarios=("coin-and-die",))) as serving:
        address = httpx.URL(serving.address)
        with socket.create_connection((address.host, address.port), timeout=PATIENCE) as slow:
            slow.sendall(first)
            if first:
                answer = b""
                while not answer.rstrip().endswith(b"</svg>"):
                    answer += slow.recv(65_536)
            slow.sendall(b"GET / HTTP/1.1\r\nHost: local")
            assert until(lambda: slow.recv(65_536) == b"")
        with serving.client() as client:  # one that asks is heard out, however long the answer takes
            shown = picture(client, {"scenario": "coin-and-die"}, 50_000)
            time.sleep(0.6)
            assert client.get(f"/api/runs/{shown['run']}").status_code == 200


def test_a_scenario_that_a_client_sent_is_not_made_ready_for_ever() -> None:
    options = Options(scenarios=("coin-and-die",), allow_upload=True, most_seconds=1e-9)
    text = (
        "playout: 1\ntitle: x\nstart: 2025-01-01\nhorizon: 50 years\nstep: 1 day\n"
        "stocks: {crowd: {unit: person, starts: 1, plus: {more: 1 person/day}}}\nmeasures: {crowd: {of: crowd}}\n"
    )
    with served(options) as serving, serving.client() as client:
        serving.desk.library.keep(Served("uploaded-one", "x", "", owner="somebody", address="10.0.0.1", text=text))
        answer = client.get("/api/scenarios/uploaded-one")
        assert answer.status_code == 422
        assert told(answer) == "to play this scenario takes longer than the server allows"
        assert client.get("/api/scenarios/coin-and-die").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::1"])
def test_a_name_that_others_let_point_here_is_not_answered(client: httpx.Client, host: str) -> None:
    answer = client.get("/api/scenarios", headers={"host": host})
    assert answer.status_code == 400
    assert told(answer) == "this server does not go by that name"


@pytest.mark.parametrize("host", ["localhost", "localhost:8765", "[::1]:80", "127.0.0.1"])
def test_this_machine_goes_by_all_its_names(client: httpx.Client, host: str) -> None:
    assert client.get("/api/scenarios", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_site_starts_nothing(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.post("/api/runs", json={"setting": SETTING}, headers=headers)
    assert answer.status_code == 403
    assert told(answer) == "a page of another site may not do this"


def test_a_form_of_another_site_is_no_request(client: httpx.Client) -> None:
    answer = client.post("/api/runs", content=json.dumps({"setting": SETTING}), headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_a_page_of_the_server_itself_is_heard(client: httpx.Client, server: Serving) -> None:
    headers = {"origin": server.address, "sec-fetch-site": "same-origin"}
    assert client.post("/api/runs", json={"setting": SETTING, "futures": 10}, headers=headers).status_code == 202


# --- token ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "example.org"])
def test_what_others_can_reach_wants_a_token(host: str) -> None:
    with pytest.raises(UsageError, match="wants a token"):
        Options(host=host)
    Options(host=host, token="a-long-secret")


def test_loopback_is_told_apart() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "10.0.0.1", "localhost.evil.example", "", "128.0.0.1"))


def test_nothing_is_answered_without_the_token_and_a_cookie_stands_for_it() -> None:
    with served(Options(scenarios=("coin-and-die",), token="correct-horse")) as serving:
        with serving.client() as stranger:
            for address in ("/", "/api/scenarios", "/static/page.css", "/api/openapi.json", "/?token=wrong-horse"):
                answer = stranger.get(address)
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"] == "Bearer"
            assert stranger.get("/api/scenarios", headers={"authorization": "Bearer wrong"}).status_code == 401
            assert stranger.get("/api/scenarios", headers={"authorization": "Bearer correct-horse"}).status_code == 200
            assert stranger.get("/api/scenarios").status_code == 401
        with serving.client() as reader:
            shown = reader.get("/?token=correct-horse")
            assert shown.status_code == 303
            assert shown.headers["location"] == "/"  # the token is gone from the address
            assert "correct-horse" not in shown.headers["set-cookie"]
            assert "HttpOnly" in shown.headers["set-cookie"]
            assert reader.get("/api/scenarios").status_code == 200


def test_only_so_many_guesses_of_a_token_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds_to_guess_and_to_read(monkeypatch)


@pytest.mark.bench
def test_guessing_a_token_is_slow_however_many_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    guessing, reading = seconds_to_guess_and_to_read(monkeypatch)
    assert guessing >= 1.0
    assert reading < 0.9


def seconds_to_guess_and_to_read(monkeypatch: pytest.MonkeyPatch) -> tuple[float, float]:
    monkeypatch.setattr("playout.present.web.guard.GUESSES", 2)
    with served(Options(scenarios=("coin-and-die",), token="correct-horse")) as serving:
        answers: list[int] = []

        def guess() -> None:
            """One guess."""
            with serving.client() as stranger:
                answers.append(stranger.get("/api/scenarios", headers={"authorization": "Bearer wrong"}).status_code)

        begun = time.monotonic()
        guessing = [threading.Thread(target=guess) for _ in range(6)]
        for each in guessing:
            each.start()
        for each in guessing:
            each.join()
        guessed = time.monotonic() - begun
        assert answers.count(401) <= 4
        assert set(answers) == {401, 429}
        with serving.client() as reader:
            assert reader.get("/?token=correct-horse").status_code == 303
            quick = time.monotonic()
            assert reader.get("/api/scenarios").status_code == 200
            return guessed, time.monotonic() - quick


def test_a_word_lets_one_browser_in_once() -> None:
    with served(Options(scenarios=("coin-and-die",), token="correct-horse", entry="once-only")) as serving:
        for status in (303, 401):
            with serving.client() as browser:
                assert browser.get("/?token=once-only").status_code == status


# --- runs that nobody wants any more ----------------------------------------------------------------------------------


def test_a_client_that_goes_away_stops_its_run_and_frees_it(server: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playout.present.web.runs.PATIENCE", 0.1)
    with served(Options(scenarios=("us-mexico-cartels",))) as serving:
        with serving.client() as client:
            client.get("/api/scenarios/us-mexico-cartels")
            run = begun(client, {"scenario": "us-mexico-cartels"}, 200_000)
            for name, _ in events(client, run):
                if name == "picture":
                    break
        assert until(lambda: serving.desk.lane.busy == 0)
        with serving.client() as another:
            assert another.get(f"/api/runs/{run}").status_code == 404


def test_a_run_that_takes_too_long_gives_the_picture_it_has() -> None:
    """Its time is over as soon as there is a picture, however long that took: test_lane.py has the clock itself."""
    with served(Options(scenarios=("us-mexico-cartels",))) as serving, serving.client() as client:
        client.get("/api/scenarios/us-mexico-cartels")
        told = []
        for name, data in events(client, begun(client, {"scenario": "us-mexico-cartels"}, 200_000)):
            told.append((name, data))
            if name == "picture":
                for task in list(serving.desk.lane._live.values()):
                    serving.desk.lane._too_late(task)
    assert told[-1][0] == "done"
    assert max(data["futures"] for name, data in told if name == "picture") < 200_000


def test_pictures_are_kept_up_to_a_number_of_bytes(client: httpx.Client, server: Serving) -> None:
    runs = [picture(client, {**SETTING, "seed": seed}, 200)["run"] for seed in range(2, 10)]
    answers = [client.get(f"/api/runs/{run}").status_code for run in runs]
    assert answers[-1] == 200
    assert answers[0] == 404
    assert server.desk.registry.held <= 4_000_000


def test_a_full_queue_is_refused_with_a_time_to_come_back() -> None:
    let = threading.Event()
    with served(Options(scenarios=("coin-and-die",), waiting=2, side_by_side=1)) as serving, serving.client() as client:
        lane = serving.desk.lane
        lane.submit(Asked("first", "run", PATIENCE, lambda _: let.wait(PATIENCE)), replace=True)
        assert until(lambda: lane.waiting == 0)  # it is being played
        for name in ("second", "third"):
            lane.submit(Asked(name, "run", PATIENCE, lambda _: None), replace=True)
        answer = client.post("/api/runs", json={"setting": SETTING, "futures": 10})
        let.set()
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert told(answer) == "all places in the queue are taken"
        assert until(lambda: lane.busy == 0)
        assert client.post("/api/runs", json={"setting": SETTING, "futures": 10}).status_code == 202
