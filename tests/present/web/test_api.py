"""What the server answers: scenarios, runs that sharpen, settings, comparisons, single futures, exports."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

import playout
from playout.present.web.exports import BROWSERS
from playout.present.web.options import Options
from served import Serving, begun, events, picture, served

SETTING: dict[str, Any] = {"scenario": "ceasefire"}


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with served(Options(scenarios=("ceasefire",), allow_upload=True)) as serving:
        yield serving


@pytest.fixture
def client(server: Serving) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


# --- scenarios --------------------------------------------------------------------------------------------------------


def test_the_scenario_named_at_the_start_comes_first_and_the_installed_ones_follow(client: httpx.Client) -> None:
    names = [own["name"] for own in client.get("/api/scenarios").json()["scenarios"]]
    assert names[0] == "ceasefire"
    assert {"us-mexico-cartels", "coin-and-die", "sanctions"} < set(names)
    assert "recruitment" not in names  # its tables are not installed
    assert len(names) == len(set(names))


def test_a_scenario_says_what_can_be_moved_in_it_and_what_each_number_rests_on(client: httpx.Client) -> None:
    told = client.get("/api/scenarios/ceasefire").json()
    levers = {lever["label"]: lever for lever in told["levers"]}
    assert {"breach_rate", "patience", "weekly_deaths[rebels]"} <= set(levers)
    patience = levers["patience"]
    assert (patience["p05"], patience["p95"]) == pytest.approx((6, 18), rel=1e-6)  # as the file has it: 6 to 18 months
    assert patience["unit"] == "month"
    assert patience["rests_on"] == "assumed"
    assert patience["assumed"] == "how long a side fights before it is tired"
    assert patience["written"].startswith("6 to 18")
    values = [value for _, value in patience["grid"]]
    assert values == sorted(values)
    assert [decision["name"] for decision in told["decisions"]] == ["monitors"]
    assert told["linchpins"][0] in levers
    assert levers[told["linchpins"][0]]["linchpin"]


def test_everything_the_flagship_asserts_has_its_evidence_beside_it(client: httpx.Client) -> None:
    told = client.get("/api/scenarios/us-mexico-cartels").json()
    base_rate = next(lever for lever in told["levers"] if lever["label"] == "base_rate")
    assert base_rate["rests_on"] == "evidenced"
    assert {"claim", "source", "grade", "status"} <= set(base_rate["evidence"][0])
    assert len(told["switches"]) == 13
    assert not any(policy["name"].startswith("without_") for policy in told["policies"])
    assert sum(view["credence"] for view in told["views"]) == pytest.approx(1.0)


def test_an_unknown_scenario_is_refused_with_the_nearest_name(client: httpx.Client) -> None:
    answer = client.get("/api/scenarios/ceasefires")
    assert answer.status_code == 404
    assert answer.json()["error"] == {
        "message": "there is no scenario `ceasefires` here",
        "hint": "did you mean `ceasefire`?",
    }


# --- runs -------------------------------------------------------------------------------------------------------------


def test_a_picture_comes_early_and_sharpens_in_place(client: httpx.Client) -> None:
    told = list(events(client, begun(client, SETTING, 20_000)))
    assert [data["futures"] for name, data in told if name == "picture"] == [2_048, 16_384, 20_000]
    done = [data["done"] for name, data in told if name == "progress"]
    assert done == sorted(done)
    assert told[-1][0] == "done"


def test_a_picture_has_the_numbers_of_the_command_line(client: httpx.Client) -> None:
    shown = picture(client, SETTING, 4_000)
    summed = playout.run("ceasefire", futures=4_000, seed=1, weigh=False).summary.as_json()
    for part in ("stages", "decisions", "questions"):
        assert shown[part] == summed[part]
    for name, measure in summed["measures"].items():  # type: ignore[attr-defined]
        assert {**shown["measures"][name], "worse": None} == {**measure, "worse": None}


def test_the_answer_is_said_in_sentences_and_nothing_differs_from_what_is_written(client: httpx.Client) -> None:
    shown = picture(client, SETTING)
    assert len(shown["answer"]) >= 3
    assert shown["differs"] == []
    assert sum(share[0] for share in shown["occupancy"]["shares"]) == pytest.approx(1.0, abs=1e-3)


def test_a_new_run_of_a_client_stops_its_earlier_one(client: httpx.Client) -> None:
    first = begun(client, SETTING, 200_000)
    begun(client, SETTING, 1_000)
    name, data = list(events(client, first))[-1]
    assert (name, data["message"]) == ("failed", "the run was stopped")


def test_a_run_can_be_stopped_and_is_then_forgotten(client: httpx.Client) -> None:
    run = begun(client, SETTING, 200_000)
    assert client.delete(f"/api/runs/{run}").status_code == 204
    assert client.get(f"/api/runs/{run}").status_code == 404


def test_a_run_is_polled_where_nobody_listens(client: httpx.Client) -> None:
    run = begun(client, SETTING, 1_000)
    while (answer := client.get(f"/api/runs/{run}")).status_code == 202:
        pass
    assert answer.json()["futures"] == 1_000


# --- settings ---------------------------------------------------------------------------------------------------------


def test_a_lever_moves_the_future_and_is_said_to_differ(client: httpx.Client) -> None:
    low, high = (
        picture(client, {**SETTING, "beliefs": {"patience": {"quantile": quantile}}}) for quantile in (0.05, 0.95)
    )
    reached = [shown["questions"]["truce_by_2026"]["p"] for shown in (low, high)]
    assert reached[0] > reached[1] + 0.1  # whoever tires sooner talks sooner
    assert [line["what"] for line in low["differs"]] == ["belief"]
    assert "5%" in low["differs"][0]["text"]


def test_a_decision_that_is_taken_is_taken_in_every_future_in_which_it_falls_due(client: httpx.Client) -> None:
    shown = picture(client, {**SETTING, "decisions": {"monitors": "sent"}})
    assert shown["decisions"]["monitors"]["sent"]["share_where_due"] == 1.0
    always = picture(client, {**SETTING, "policy": "always_monitors"})
    assert shown["measures"] == always["measures"]  # the same change, by another name
    assert shown["baseline"] == "no_monitors"


def test_a_setting_under_the_baseline_has_no_differences(client: httpx.Client) -> None:
    shown = picture(client, {**SETTING, "policy": "no_monitors"})
    assert shown["baseline"] is None
    assert "difference" not in shown["measures"]["killed"]


def test_credences_weigh_the_views(client: httpx.Client) -> None:
    scenario = {"scenario": "us-mexico-cartels"}
    alone = picture(client, {**scenario, "view": "fragmentation"}, 2_000)
    given = picture(client, {**scenario, "credences": {"fragmentation": 3}}, 2_000)
    assert given["stages"] == alone["stages"]
    blend = picture(client, {**scenario, "credences": {"fragmentation": 1, "authors": 1}}, 2_000)
    assert blend["stages"] != alone["stages"]
    assert {line["what"] for line in blend["differs"]} == {"credence"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policy": "x"}, "there is no policy `x`; the scenario has `no_monitors`, `always_monitors`"),
        ({"view": "hopeful"}, "there is no view `hopeful`; the scenario has none"),
        ({"beliefs": {"patienc": {"quantile": 0.5}}}, "there is no lever `patienc`; did you mean `patience`?"),
        ({"decisions": {"monitor": "sent"}}, "there is no decision `monitor`; did you mean `monitors`?"),
        ({"decisions": {"monitors": "send"}}, "there is no option of `monitors` `send`; did you mean `sent`?"),
    ],
)
def test_a_name_that_the_scenario_does_not_have_is_refused(
    client: httpx.Client, change: dict[str, Any], message: str
) -> None:
    answer = client.post("/api/runs", json={"setting": {**SETTING, **change}})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == message


# --- comparisons and single futures -----------------------------------------------------------------------------------


def test_two_settings_are_compared_future_by_future(client: httpx.Client) -> None:
    settings = [{**SETTING, "policy": "no_monitors"}, {**SETTING, "policy": "always_monitors"}]
    found = client.post("/api/compare", json={"settings": settings, "futures": 4_000}).json()
    killed = next(measure for measure in found["measures"] if measure["name"] == "killed")
    shown = picture(client, settings[1], 4_000)
    summed = sum(shown["measures"]["killed"]["difference"]["mean"])
    assert killed["mean"] == pytest.approx(summed, rel=1e-4)  # the picture's own difference, over all years
    assert killed["p05"] <= killed["p95"]
    assert 0 < killed["less"] <= killed["more"] + killed["less"] <= 1


def test_a_setting_does_not_differ_from_itself(client: httpx.Client) -> None:
    found = client.post("/api/compare", json={"settings": [SETTING, SETTING], "futures": 1_000}).json()
    assert all(measure["mean"] == 0 and measure["se"] == 0 for measure in found["measures"])
    assert all(question["difference"] == 0 for question in found["questions"])


def test_settings_under_other_draws_cannot_be_compared(client: httpx.Client) -> None:
    answer = client.post("/api/compare", json={"settings": [SETTING, {**SETTING, "seed": 2}]})
    assert answer.status_code == 422
    assert "the same draws" in answer.json()["error"]["message"]


def test_a_future_is_walked_through_week_by_week(client: httpx.Client) -> None:
    run = begun(client, SETTING, 1_000)
    told = client.get(f"/api/runs/{run}/futures/3").json()
    runs = playout.run("ceasefire", futures=10, seed=1, weigh=False).runs
    stages = told["tracks"]["peace"]
    assert len(told["dates"]) == len(stages)
    assert stages[0] == "war"
    assert stages.index("talks") == pytest.approx(runs.column("peace.talks")[3] / 7, abs=1)
    killed = runs.numbers(runs.measures["killed"].columns())[:, 3]
    assert told["measures"]["killed"]["values"] == pytest.approx(killed.tolist(), rel=1e-5)
    assert {choice["option"] for choice in told["decisions"]} <= {"sent", "stay_away"}
    assert told["story"][0]["text"]
    answer = client.get(f"/api/runs/{run}/futures/1000")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "futures 0 to 999 can be walked through; 1,000 cannot"


def test_a_future_holds_what_the_setting_holds(client: httpx.Client) -> None:
    run = begun(client, {**SETTING, "decisions": {"monitors": "sent"}}, 1_000)
    told = [client.get(f"/api/runs/{run}/futures/{number}").json() for number in range(5)]
    chosen = [choice for own in told for choice in own["decisions"]]
    assert chosen
    assert all(choice["option"] == "sent" and choice["pinned"] for choice in chosen)


def test_typical_futures_of_a_setting_are_told(client: httpx.Client) -> None:
    told = client.post("/api/stories", json={"setting": {**SETTING, "beliefs": {"patience": {"quantile": 0.9}}}}).json()
    assert sum(story["share"] for story in told["stories"]) == pytest.approx(1.0)
    assert all(len(story["sentences"]) >= 3 for story in told["stories"])


def test_what_decides_an_outcome_of_a_setting_is_found(client: httpx.Client) -> None:
    setting = {**SETTING, "decisions": {"monitors": "sent"}, "beliefs": {"patience": {"quantile": 0.9}}}
    told = client.post("/api/explain", json={"setting": setting, "outcome": "truce_by_2026"}).json()
    assert told["explanation"]["outcome"]["name"] == "truce_by_2026"
    assert any("Patience" in sentence for sentence in told["explanation"]["sentences"])
    assert told["varied_anyway"] == ["patience"]
    answer = client.post("/api/explain", json={"setting": SETTING, "outcome": "truce_by_2027"})
    assert answer.status_code == 422
    assert "did you mean `truce_by_2026`?" in answer.json()["error"]["message"]


def test_an_analysis_that_this_version_lacks_says_so(client: httpx.Client) -> None:
    answer = client.post("/api/update", json={"setting": SETTING})
    assert answer.status_code == 200
    assert answer.json()["available"] is False


def test_questions_come_with_their_odds(client: httpx.Client) -> None:
    asked = client.get("/api/questions", params={"scenario": "ceasefire"}).json()["questions"]
    assert [line["name"] for line in asked] == ["truce_by_2026"]
    assert 0.0 < asked[0]["p"] < 1.0


# --- exports ----------------------------------------------------------------------------------------------------------


def test_data_are_the_futures_that_were_played(client: httpx.Client) -> None:
    shown = picture(client, SETTING, 1_500)
    parquet = client.get(f"/api/runs/{shown['run']}/data.parquet")
    frame = pl.read_parquet(io.BytesIO(parquet.content))
    assert frame.height == 1_500
    assert frame["question.truce_by_2026"].mean() == pytest.approx(shown["questions"]["truce_by_2026"]["p"], abs=1e-6)
    csv = client.get(f"/api/runs/{shown['run']}/data.csv")
    assert 'filename="ceasefire.csv"' in csv.headers["content-disposition"]
    assert pl.read_csv(io.BytesIO(csv.content)).columns == frame.columns


def test_charts_are_given_as_pictures_and_as_specifications(client: httpx.Client) -> None:
    run = picture(client, SETTING, 1_000)["run"]
    assert b"<svg" in client.get(f"/api/runs/{run}/charts/ladder.svg").content
    assert client.get(f"/api/runs/{run}/charts/killed.png").content.startswith(b"\x89PNG")
    spec = client.get(f"/api/runs/{run}/charts/killed.vega.json").json()
    assert "vega-lite" in spec["$schema"]
    assert "var(--" not in json.dumps(spec)
    assert spec["title"]["text"][0].startswith("People killed, ")
    assert "Not as written" not in json.dumps(spec)
    changed = picture(client, {**SETTING, "beliefs": {"patience": {"quantile": 0.9}}}, 1_000)["run"]
    told = client.get(f"/api/runs/{changed}/charts/ladder.vega.json").json()["title"]["subtitle"]
    assert told[1].startswith("Not as written: Patience: ")
    answer = client.get(f"/api/runs/{run}/charts/kiled.svg")
    assert answer.status_code == 422
    assert "there is no chart `kiled`" in answer.json()["error"]["message"]


def test_charts_of_a_picture_that_is_still_refined_come_later(client: httpx.Client) -> None:
    run = begun(client, SETTING, 200_000)
    answer = client.get(f"/api/runs/{run}/charts/ladder.svg")
    assert answer.status_code == 409
    assert answer.headers["retry-after"] == "2"
    client.delete(f"/api/runs/{run}")


CHANGED: dict[str, Any] = {
    "beliefs": {"patience": {"quantile": 0.2}, "weekly_deaths[rebels]": {"quantile": 0.9}},
    "decisions": {"monitors": "sent"},
    "seed": 4,
}


def test_a_setting_is_saved_as_a_scenario_that_plays_the_same(client: httpx.Client, tmp_path: Path) -> None:
    shown = picture(client, {**SETTING, **CHANGED}, 3_000)
    file = tmp_path / "setting.yaml"
    file.write_bytes(client.get(f"/api/runs/{shown['run']}/setting.yaml").content)
    verdict = playout.check(file)
    assert verdict.sound, verdict.diagnostics
    played = playout.run(file, futures=3_000, seed=4, policy="my_setting", weigh=False).summary.as_json()
    assert played["stages"] == shown["stages"]
    killed = played["measures"]["killed"]["mean"]  # type: ignore[index]
    assert killed == pytest.approx(shown["measures"]["killed"]["mean"], rel=1e-5)


def test_a_setting_of_the_flagship_is_saved_as_one_file_that_stands_by_itself(
    client: httpx.Client, tmp_path: Path
) -> None:
    told = client.get("/api/scenarios/us-mexico-cartels").json()
    by_view = next(lever for lever in told["levers"] if lever["by_view"])
    setting = {
        "scenario": "us-mexico-cartels",
        "policy": "law_enforcement_only",
        "credences": {"fragmentation": 2, "authors": 1},
        "beliefs": {by_view["label"]: {"quantile": 0.9}, "extra_prosecutions": {"quantile": 0.8}},
        "decisions": {"partner": "navy"},
    }
    shown = picture(client, {**setting, "beliefs": {by_view["label"]: {"quantile": 0.9}}}, 2_000)
    file = tmp_path / "setting.yaml"
    file.write_bytes(client.get(f"/api/runs/{shown['run']}/setting.yaml").content)
    played = playout.run(file, futures=2_000, policy="my_setting", weigh=False).summary.as_json()
    for stage, found in played["stages"]["campaign"].items():  # type: ignore[index]
        assert found["reached"] == pytest.approx(shown["stages"]["campaign"][stage]["reached"], abs=0.002)


# --- uploads ----------------------------------------------------------------------------------------------------------


def test_an_uploaded_scenario_is_checked_and_played_like_any_other(client: httpx.Client, server: Serving) -> None:
    text = Path(server.desk.library.first.checked.scenario.path).read_text(encoding="utf-8")
    taken = client.post("/api/scenarios", json={"text": text})
    assert taken.status_code == 201
    name = taken.json()["name"]
    shown = picture(client, {"scenario": name}, 1_000)
    assert shown["stages"] == picture(client, SETTING, 1_000)["stages"]
    assert name in [own["name"] for own in client.get("/api/scenarios").json()["scenarios"]]
    with server.client() as another:
        assert name not in [own["name"] for own in another.get("/api/scenarios").json()["scenarios"]]


def test_an_unsound_scenario_is_refused_with_its_diagnostics(client: httpx.Client) -> None:
    answer = client.post("/api/scenarios", json={"text": "playout: 1\ntitle: x\nstart: 2025-01-01\n"})
    assert answer.status_code == 422
    told = answer.json()
    assert told["diagnostics"][0]["file"] == "uploaded.yaml"
    assert told["diagnostics"][0]["message"] in told["error"]["message"]


def test_an_uploaded_scenario_reads_no_file(client: httpx.Client) -> None:
    answer = client.post("/api/scenarios", json={"text": "playout: 1\ninclude: [/etc/passwd]\n"})
    assert answer.status_code == 422
    assert "cannot include others" in answer.text


def test_what_is_on_the_screen_is_one_file_that_works_without_the_server(client: httpx.Client) -> None:
    shown = picture(client, {**SETTING, "policy": "always_monitors"}, 1_500)
    answer = client.get(f"/api/runs/{shown['run']}/export.html")
    assert answer.headers["content-type"].startswith("text/html")
    assert 'filename="ceasefire.html"' in answer.headers["content-disposition"]
    assert shown["identity"] in answer.text
    assert "src=" not in answer.text.replace("src=data:", "").split("<body")[0]


@pytest.mark.skipif(not any(shutil.which(name) for name in BROWSERS), reason="no Chromium on this machine")
def test_what_is_on_the_screen_is_printed(client: httpx.Client) -> None:
    shown = picture(client, SETTING, 1_500)
    answer = client.get(f"/api/runs/{shown['run']}/export.pdf")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF")
    assert len(answer.content) > 20_000


def test_without_a_browser_the_way_out_is_told(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playout.present.web.exports.BROWSERS", ())
    shown = picture(client, SETTING, 1_500)
    answer = client.get(f"/api/runs/{shown['run']}/export.pdf")
    assert answer.status_code == 422
    assert answer.json()["error"]["hint"] == "take export.html and print it from a browser"
