"""`playout show`: a scenario read as a document, chosen by section, name, system and file, and drawn."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

import playout
from playout.errors import UsageError
from playout.model.coverage import coverage
from playout.present.cli import answer
from playout.present.document.drawing import _lanes
from playout.present.document.stages import StageGraph

SCENARIO = """
playout: 1
title: A lake and a town
start: 2025-01-06
horizon: 2 years
step: 1 week
words: icd203
sets:
  shore: {east: {title: East shore}, west: {title: West shore}}
systems:
  water: {title: The water, about: Rain fills it., holds: [lake, season]}
  town: {title: The town, holds: [thirst, drought, plan]}
tables:
  depth: {values: 4, unit: m, assumed: an example}
  houses[shore]: {values: {east: 3, west: 5}, unit: "1", assumed: an example}
beliefs:
  rain: {is: 1 to 3, unit: m/year, because: [gauge]}
  need[shore]:
    east: {is: likely, unit: probability, assumed: an example}
    otherwise: {is: 0.2 to 0.4, unit: probability, within: [0.1, 0.9], assumed: an example}
together: [[rain, "need[east]", -0.4]]
stocks:
  lake:
    title: Depth of the lake
    unit: m
    starts: depth
    plus: {fed: rain * (1 if season.wet else 0.2)}
    minus: {drawn: "lake / 3 years * thirst"}
variables:
  thirst: {is: "sum(need[s] * houses[s] for s in shore)", unit: "1", title: How much is drawn}
tracks:
  season:
    title: Season
    stages:
      wet: {title: Wet, lasts: 3 to 5 months, then: dry}
      dry: {title: Dry, lasts: 3 to 5 months, then: {wet: 0.9, otherwise: dry}}
    moves:
      - {from: dry, to: wet, rate: 0.2 1/year, when: lake < 1 m}
actors: {council: {title: The council}}
decisions:
  plan: {by: council, options: {dig: {title: Dig, value: 1}, wait: {title: Wait, value: 0}}}
events:
  drought: {title: Drought, rate: 0.5 1/year, when: plan == wait, does: [lake *= 0.5]}
measures:
  level: {of: lake, title: Depth of the lake}
questions:
  low: {ask: Is it low?, by: 2026-01-01, that: lake < 1 m}
policies:
  digging: [plan = dig]
views:
  wet_years: {credence: 0.5, is: [rain *= 2]}
  dry_years: {credence: 0.5, is: []}
sources: {station: {publisher: The station, title: Readings, year: 2024}}
evidence: {gauge: {claim: It rains., kind: fact, source: station, reliability: A, credibility: 2}}
"""


@pytest.fixture
def lake(tmp_path: Path) -> str:
    path = tmp_path / "lake.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    status = answer(["show", *arguments])
    out, err = capsys.readouterr()
    assert (status, err) == (0, ""), err
    return str(out)


def test_the_whole_scenario_has_a_heading_for_each_section_it_holds(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = printed(capsys, lake)
    assert page.startswith("# A lake and a town\n")
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        "Who acts", "Sets", "Systems", "Known numbers", "Beliefs", "Beliefs that go together", "Stocks", "Variables",
        "Tracks", "Decisions", "Events", "Measures", "Questions", "Policies", "Views", "Evidence", "Sources",
        "What the numbers rest on",
    ]  # fmt: skip
    assert "from 6 january 2025" in page.lower()
    assert "+ fed    rain * (1 if season.wet else 0.2)" in page


def test_a_belief_is_shown_with_its_law_its_quantiles_and_its_ground(lake: str) -> None:
    rows = playout.show(lake, ["beliefs"]).as_json()["parts"]["beliefs"]
    rain, east, other = rows
    assert (rain["is"], rain["unit"], rain["rests_on"]) == ("1 to 3 (90% interval)", "m/year", "fact")
    assert [rain[key] for key in ("p05", "p50", "p95")] == pytest.approx([1, 3**0.5, 3])
    assert rain["because"] == [{"evidence": "gauge", "kind": "fact", "grade": "A2", "source": "The station"}]
    assert (east["members"], east["rests_on"], east["assumed"]) == (["east"], "assumed", "an example")
    assert east["is"] == "likely (55–80%)"
    assert other["within"] == [0.1, 0.9]
    assert "members" not in other
    assert all(below < above for row in rows for below, above in pairwise(row[key] for key in ("p05", "p50", "p95")))


def test_a_name_picks_one_definition_and_a_section_all_of_its_own(lake: str) -> None:
    assert playout.show(lake, ["thirst"]).as_json()["parts"].keys() == {"variables"}
    parts = playout.show(lake, ["tracks", "rain"]).as_json()["parts"]
    assert {section: [row["name"] for row in rows] for section, rows in parts.items()} == {
        "beliefs": ["rain"],
        "tracks": ["season"],
    }


def test_a_system_holds_what_it_names_and_the_numbers_only_it_needs(lake: str) -> None:
    parts = playout.show(lake, inside=["town"]).as_json()["parts"]
    names = {section: [row["name"] for row in rows] for section, rows in parts.items()}
    assert names == {
        "systems": ["town"], "tables": ["houses"], "beliefs": ["need", "need"], "variables": ["thirst"],
        "decisions": ["plan"], "events": ["drought"],
    }  # fmt: skip
    (town,) = parts["systems"]
    assert town["reads"] == {}
    assert town["read_by"] == {"water": ["thirst", "drought"]}
    assert town["turned_by"] == {"decisions": ["plan"], "policies": ["digging"], "views": []}
    water = playout.show(lake, inside=["water"]).as_json()["parts"]
    assert [row["name"] for row in water["measures"]] == ["level"]
    assert [row["name"] for row in water["questions"]] == ["low"]
    assert water["systems"][0]["turned_by"]["views"] == ["wet_years"]


def test_a_file_is_a_place_too(capsys: pytest.CaptureFixture[str]) -> None:
    parts = json.loads(printed(capsys, "us-mexico-cartels", "views", "evidence", "--in", "views.yaml", "--json"))[
        "parts"
    ]
    assert set(parts) == {"views"}


def test_coverage_is_what_check_counts() -> None:
    rows = playout.show("us-mexico-cartels", ["coverage"]).as_json()["parts"]["coverage"]
    found = coverage(playout.load("us-mexico-cartels"))
    assert rows[0] == {
        "of": "Beliefs", "fact": len(found.evidenced), "judgement": len(found.judged), "assumed": len(found.assumed),
        "nothing": len(found.unsupported),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("what", "inside", "said"),
    [
        (["belief"], [], "did you mean `beliefs`"),
        (["thist"], [], "did you mean `thirst`"),
        ([], ["tower"], "did you mean `town`"),
        ([], ["nowhere"], "there are water, town, lake.yaml"),
    ],
)
def test_what_is_not_there_is_refused_with_a_way_out(lake: str, what: list[str], inside: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        playout.show(lake, what, inside=inside)


def test_tables_of_markdown_keep_their_columns() -> None:
    page = playout.show("us-mexico-cartels").markdown()
    rows = [line.replace("\\|", "") for line in page.splitlines() if line.startswith("|")]
    widths = [row.count("|") for row in rows]
    starts = [place for place, row in enumerate(rows) if set(row) <= set("|-")]
    for start, following in pairwise([*starts, len(rows) + 1]):
        assert set(widths[start - 1 : following - 1]) == {widths[start]}, rows[start - 1]


# --- diagrams ---------------------------------------------------------------------------------------------------------


def test_stages_are_drawn_with_every_way_numbered_and_spelt_out(lake: str, tmp_path: Path) -> None:
    document = playout.show(lake)
    graph = document.graph("stages")
    assert isinstance(graph, StageGraph)
    assert [(a.number, a.origin, a.to, a.by_rate) for a in graph.arrows] == [
        (1, 0, 1, False), (2, 1, 0, False), (3, 1, 1, False), (4, 1, 0, True),
    ]  # fmt: skip
    drawn = document.diagram("stages")
    texts = [node.text or "" for node in ElementTree.fromstring(drawn).iter() if node.tag.endswith("text")]
    assert "4  Dry → Wet: at rate 0.2/year, when lake < 1 m" in texts
    assert {"1", "2", "3", "4"} <= set(texts)
    out = tmp_path / "season.svg"
    assert answer(["show", lake, "season", "--diagram", "stages", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == drawn


def test_arrows_in_one_lane_never_share_a_row() -> None:
    graph = playout.show("us-mexico-cartels", ["campaign"]).graph("stages")
    assert isinstance(graph, StageGraph)
    for side in ([a for a in graph.arrows if a.to > a.origin], [a for a in graph.arrows if a.to <= a.origin]):
        lanes = _lanes(side)
        for lane in set(lanes.values()):
            rows = sorted(tuple(sorted((a.origin, a.to))) for a in side if lanes[a.number] == lane)
            assert all(before[1] < after[0] for before, after in pairwise(rows))


def test_causes_go_by_system_by_file_and_by_name(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    plain = json.loads(printed(capsys, lake, "--diagram", "causes", "--json"))
    assert plain["groups"] == {"water": "The water", "town": "The town"}
    assert plain["feeds"] == [{"from": "town", "to": "water", "names": ["thirst", "drought"]}]
    single = json.loads(printed(capsys, "ceasefire", "--diagram", "causes", "--json"))
    assert {"from": "trust", "to": "peace", "names": ["trust"]} in single["feeds"]
    drawn = playout.show(lake).diagram("causes")
    titles = [node.text for node in ElementTree.fromstring(drawn).iter() if node.tag.endswith("title")]
    assert "The town → The water: thirst, drought" in titles


def test_a_scenario_without_a_track_has_no_stages_to_draw() -> None:
    with pytest.raises(UsageError, match="no track to draw"):
        playout.show("us-mexico-cartels", ["tempo"]).diagram("stages")
