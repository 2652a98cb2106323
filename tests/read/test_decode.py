"""Nodes → the scenario as written: each construct in its long and short form, and everything wrong at once."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playout.errors import InputError, ScenarioError
from playout.model.expression import LawText, Name, Number, Subscript
from playout.model.scenario import Scenario
from playout.model.units import unit
from playout.read.decode import read_scenario, read_text

HEADER = """
playout: 1
title: A test
start: 2025-03-07
horizon: 2 years
step: 1 week
sets:
  town: {ashford: {title: Ashford on the hill}, bridge: Bridge, cove: , spare: 2}
  season: [dry, wet]
"""


def read(text: str) -> Scenario:
    return read_text(HEADER + text)


def faults(text: str) -> list[tuple[str, int]]:
    """Code and line, the header's lines not counted, of everything wrong."""
    with pytest.raises(ScenarioError) as caught:
        read(text)
    return [(d.code, d.span.line - HEADER.count("\n")) for d in caught.value.diagnostics]


# --- header -----------------------------------------------------------------------------------------------------------


def test_header() -> None:
    scenario = read("integrate: rk4\nwords: kent\nbaseline: as_is\nface: [One sentence., Another.]\n")
    assert (scenario.title, scenario.start) == ("A test", dt.date(2025, 3, 7))
    assert (scenario.horizon, scenario.step_days) == ((2, "year"), 7)
    assert (scenario.integrate, scenario.words, scenario.baseline) == ("rk4", "kent", "as_is")
    assert scenario.face == ("One sentence.", "Another.")
    assert scenario.lines["scenario.yaml"][1] == "playout: 1"


@pytest.mark.parametrize(("written", "days"), [("1 day", 1), ("10 days", 10), ("2 weeks", 14)])
def test_step(written: str, days: int) -> None:
    assert read_text(HEADER.replace("step: 1 week", f"step: {written}")).step_days == days


@pytest.mark.parametrize(
    "written", ["1 month", "0 days", "-1 weeks", "1.5 weeks", "weekly", "7", "[1, week]", "9999999 days"]
)
def test_impossible_step(written: str) -> None:
    with pytest.raises(ScenarioError, match="bad-duration"):
        read_text(HEADER.replace("step: 1 week", f"step: {written}"))


# --- sets and tables --------------------------------------------------------------------------------------------------


def test_sets() -> None:
    sets = read("").sets
    assert sets["town"].labels == ("ashford", "bridge", "cove", "spare_1", "spare_2")
    assert [m.title for m in sets["town"].members] == ["Ashford on the hill", "Bridge", "Cove", "Spare 1", "Spare 2"]
    assert sets["town"].spares == 2
    assert sets["season"].labels == ("dry", "wet")


@pytest.mark.parametrize(
    ("definition", "values"),
    [
        ("rain[season]: {values: {wet: 3, dry: 1}}", (1, 3)),
        ("rain[season]: {values: [1, 3]}", (1, 3)),
        ("rain[season]: [1, 3]", (1, 3)),
        ("rain[season]: {values: {wet: .inf}, otherwise: -2.5e1}", (-25, math.inf)),
        ("rain: {values: 3}", (3,)),
        ("rain: 3", (3,)),
        ("rain[town]: {values: [1, 2, 3], otherwise: 0}", (1, 2, 3, 0, 0)),
        ("rain[season, season]: {values: {dry: [1, 2], wet: {dry: 3, wet: 4}}}", (1, 2, 3, 4)),
    ],
)
def test_table(definition: str, values: tuple[float, ...]) -> None:
    assert read(f"tables:\n  {definition}\n").tables["rain"].values == values


def write(folder: Path, text: str, **files: str) -> Path:
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    (folder / "scenario.yaml").write_text(HEADER + text, encoding="utf-8")
    return folder / "scenario.yaml"


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("season,value\nwet,3\ndry,1\n", (1, 3)),
        ('which,value,note\nwet,3,"a, b"\n\ndry,1,\n', (1, 3)),
        ("value,season\n3,wet\n1,dry\n", (1, 3)),
        ("\ufeffseason,value\r\nWet,3\r\ndry, 1e0\r\n", (1, 3)),  # a title does as well as a name
    ],
)
def test_table_from_csv(tmp_path: Path, content: str, values: tuple[float, ...]) -> None:
    path = write(tmp_path, "tables:\n  rain[season]: {file: rain.csv}\n", rain=content)
    assert read_scenario(path).tables["rain"].values == values


@pytest.mark.parametrize(
    "content",
    [
        "season,town,value\ndry,ashford,1\nwet,cove,2\n",
        "town,season,value\nashford,dry,1\ncove,wet,2\n",  # columns by the names of the sets, in any order
        ",ashford,cove\ndry,1,0\nwet,0,2\n",
    ],
)
def test_table_of_two_sets_from_csv(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, "tables:\n  rain[season, town]: {file: rain.csv, otherwise: 0}\n", rain=content)
    assert read_scenario(path).tables["rain"].values == (1, 0, 0, 0, 0, 0, 0, 2, 0, 0)


def test_table_by_named_columns(tmp_path: Path) -> None:
    content = "id,from,to,weight\n1,dry,wet,4\n2,wet,wet,5\n"
    definition = "rain[season, season]: {file: rain.csv, columns: [to, from, weight], otherwise: 0}"
    path = write(tmp_path, f"tables:\n  {definition}\n", rain=content)
    assert read_scenario(path).tables["rain"].values == (0, 0, 4, 5)


def test_set_from_csv(tmp_path: Path) -> None:
    names = "Cártel (CJNG),x\nLos Zetas,y\nplain_name,z\n"
    path = write(tmp_path, "", names="group,note\n" + names)
    path.write_text(path.read_text().replace("[dry, wet]", "{from: names.csv, column: group, spare: 1}"))
    season = read_scenario(path).sets["season"]
    assert season.labels == ("cartel_cjng", "los_zetas", "plain_name", "spare_1")
    assert [m.title for m in season.members] == ["Cártel (CJNG)", "Los Zetas", "Plain name", "Spare 1"]


def test_tables_folder_replaces_the_scenarios_own(tmp_path: Path) -> None:
    path = write(tmp_path, "tables:\n  rain[season]: {file: rain.csv}\n", rain="season,value\ndry,1\nwet,2\n")
    other = tmp_path / "other"
    other.mkdir()
    (other / "rain.csv").write_text("season,value\ndry,10\nwet,20\n")
    assert read_scenario(path, other).tables["rain"].values == (10, 20)
    (other / "rain.csv").unlink()
    with pytest.raises(ScenarioError, match="does not exist"):
        read_scenario(path, other)
    with pytest.raises(InputError, match="not a folder"):
        read_scenario(path, tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["/etc/passwd", "../rain.csv", "link.csv"])
def test_csv_outside_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "rain.csv").write_text("season,value\ndry,1\nwet,2\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / "link.csv").symlink_to(tmp_path / "rain.csv")
    path = write(home, f"tables:\n  rain[season]: {{file: {name}}}\n")
    with pytest.raises(ScenarioError, match="outside"):
        read_scenario(path)


# --- beliefs ----------------------------------------------------------------------------------------------------------


def test_belief() -> None:
    text = "beliefs:\n  pace: {is: '1 to 3, likely 2', unit: 1/year, within: [0, inf], because: [a, b], each: step}\n"
    belief = read(text).beliefs["pace"]
    assert (belief.unit, belief.each, belief.title) == (unit("1/year"), "step", "Pace")
    (entry,) = belief.entries
    assert (entry.members, entry.within, entry.support.names) == (None, (0, math.inf), ("a", "b"))
    assert (entry.law.kind, entry.is_probability) == ("interval", False)


def test_short_belief_and_a_unit_within() -> None:
    beliefs = read("beliefs:\n  share: 0.2 to 0.5\n  length: 3 to 12 months\n  half: gamma(4, 2 weeks)\n").beliefs
    assert [b.unit.text for b in beliefs.values()] == ["1", "months", "weeks"]


def test_probability_is_marked() -> None:
    (entry,) = read("beliefs:\n  share: {is: 0.2 to 0.5, unit: probability}\n").beliefs["share"].entries
    assert entry.is_probability


def test_belief_by_member() -> None:
    text = """
beliefs:
  pace[town]:
    unit: 1/year
    assumed: a guess
    ashford: 1 to 2
    bridge: {is: 3, because: [record]}
    otherwise: {is: 4, unit: 1/year}
"""
    belief = read(text).beliefs["pace"]
    assert [(e.members, e.law.kind) for e in belief.entries] == [
        (("ashford",), "interval"),
        (("bridge",), "point"),
        (None, "point"),
    ]
    assert [(e.support.names, e.support.assumed) for e in belief.entries] == [
        ((), "a guess"),
        (("record",), None),
        ((), "a guess"),
    ]


def test_belief_of_two_sets() -> None:
    text = """
beliefs:
  pace[season, town]:
    dry: {ashford: 1, bridge: 2, otherwise: 3}
    otherwise: 4
"""
    entries = read(text).beliefs["pace"].entries
    assert [(e.members, e.law.parameters[0].value) for e in entries if isinstance(e.law.parameters[0], Number)] == [
        (("dry", "ashford"), 1),
        (("dry", "bridge"), 2),
        (("dry", "cove"), 3),
        (("dry", "spare_1"), 3),
        (("dry", "spare_2"), 3),
        (None, 4),
    ]


def test_correlations() -> None:
    (pair,) = read('together:\n  - [pace, "rate[ashford]", -0.6]\n').together
    assert (pair.first.name, pair.second.name, pair.rho) == ("pace", "rate", -0.6)
    assert len(pair.second.indices) == 1


# --- what moves -------------------------------------------------------------------------------------------------------


def test_stock() -> None:
    text = """
stocks:
  members[t in town]:
    unit: person
    starts: 100 person
    within: [0, inf]
    inherits: copied
    plus: {recruited: "0.1 1/year * members[t]"}
    minus:
      left: {is: "0.2 1/year * members[t]", about: those who go}
"""
    stock = read(text).stocks["members"]
    assert [(b.variable, b.set) for b in stock.binders] == [("t", "town")]
    assert [f.name for f in (*stock.plus, *stock.minus)] == ["recruited", "left"]
    assert (stock.inherits, stock.within, stock.minus[0].about) == ("copied", (0, math.inf), "those who go")


def test_variable_short_and_long() -> None:
    variables = read("variables:\n  one: 2 * two\n  two: {is: 3 months, unit: month, title: The second}\n").variables
    assert [(v.unit.text, v.title) for v in variables.values()] == [("1", "One"), ("month", "The second")]


def test_track() -> None:
    text = """
tracks:
  campaign:
    stages:
      talks:
        title: The talks
        lasts: 3 to 12 months
        then: {strikes: 0.5, peace: {share: x, when: y}, otherwise: shelved}
      strikes: {lasts: "gamma(3, 20 days)", then: talks}
      peace:
      shelved: Nothing more
    moves:
      - {from: [talks, peace], to: strikes, rate: 0.5 1/year, when: not y}
variables: {x: 1, y: time > 3 weeks}
"""
    track = read(text).tracks["campaign"]
    assert [(s.name, s.title) for s in track.stages] == [
        ("talks", "The talks"),
        ("strikes", "Strikes"),
        ("peace", "Peace"),
        ("shelved", "Nothing more"),
    ]
    shares = [(s.stage, s.share is None, s.when is None) for s in track.stages[0].then]
    assert shares == [("strikes", False, True), ("peace", False, False), ("shelved", True, True)]
    assert [(s.stage, s.share) for s in track.stages[1].then] == [("talks", None)]
    (move,) = track.moves
    assert ([name for name, _ in move.origins], move.destination) == (["talks", "peace"], "strikes")


def test_stages_as_a_list() -> None:
    assert [s.name for s in read("tracks:\n  t: {stages: [one, two]}\n").tracks["t"].stages] == ["one", "two"]


def test_decision_among_options() -> None:
    text = """
decisions:
  authority:
    by: president
    when: time > 3 weeks
    every: 4 weeks
    before: none
    rationality: 2
    options: {wait: 0, act: {title: Act now, value: 1, when: time > 5 weeks}}
"""
    decision = read(text).decisions["authority"]
    assert (decision.by, decision.before, decision.choose) == ("president", "none", None)
    assert [(o.name, o.title) for o in decision.options] == [("wait", "Wait"), ("act", "Act now")]


def test_decision_over_a_set() -> None:
    text = 'decisions:\n  first_town: {by: mayor, choose: town, value: "rain[town]", among: "rain[town] > 0"}\n'
    decision = read(text).decisions["first_town"]
    assert (decision.choose, decision.options) == ("town", ())
    assert isinstance(decision.value, Subscript)
    assert decision.among is not None


def test_event() -> None:
    text = "events:\n  leak: {rate: 0.5 1/year, does: [trust -= 0.1, 'splinter(from t, 0.3)']}\n"
    event = read(text).events["leak"]
    assert len(event.does) == 2
    assert event.when is None


# --- what comes of it -------------------------------------------------------------------------------------------------


def test_measures() -> None:
    measures = read("measures:\n  one:\n  two[t in town]: {per: year, people: true}\n  three: 2 * x\n").measures
    assert isinstance(measures["one"].of, Name)
    assert isinstance(measures["two"].of, Subscript)
    assert (measures["two"].per, measures["two"].people) == ("year", True)
    assert measures["three"].unit is None


def test_question_and_indicator() -> None:
    text = """
questions:
  force: {ask: Is there force?, by: 2026-03-07, that: reached(campaign.striking), given: time > 3 weeks}
indicators:
  seen: {what: it is seen, per: month, chance: {campaign.striking: 0.4, otherwise: 0.1}}
  counted: {observes: homicides, per: month, noise: negative_binomial(dispersion)}
"""
    scenario = read(text)
    assert scenario.questions["force"].by == dt.date(2026, 3, 7)
    assert [stage is None for stage, _ in scenario.indicators["seen"].chances] == [False, True]
    assert scenario.indicators["counted"].noise == "negative_binomial(dispersion)"


def test_observations() -> None:
    observations = read(
        "observations:\n"
        "  shown: {of: seen, date: 2025-02-17, seen: false, because: [paper]}\n"
        "  counted: {of: number, date: 2025-01-31, value: 2389}\n"
    ).observations
    assert (observations["shown"].of, observations["shown"].date) == ("seen", dt.date(2025, 2, 17))
    assert (observations["shown"].seen, observations["shown"].value) == (False, None)
    assert observations["shown"].support.names == ("paper",)
    assert (observations["counted"].seen, observations["counted"].value) == (None, 2389.0)


def test_policies_and_views() -> None:
    text = """
policies:
  as_is: []
  half: [pace *= 0.5 from 2026-01-01]
  long: {title: The long way, is: [pace = 1 to 3, forbid authority.act]}
views:
  doves: {credence: 0.4, is: [spreads *= 2], because: [paper]}
"""
    scenario = read(text)
    assert {name: len(v.assignments) for name, v in scenario.policies.items()} == {"as_is": 0, "half": 1, "long": 2}
    assert isinstance(scenario.policies["long"].assignments[0].value, LawText)
    assert (scenario.views["doves"].credence, scenario.views["doves"].support.names) == (0.4, ("paper",))
    assert scenario.policies["half"].credence is None


def test_sources_and_evidence() -> None:
    text = """
sources:
  paper-1: {publisher: A ministry, title: A statement, year: 2025, address: "https://example.org"}
evidence:
  refusal-2025:
    {date: 2025-02-20, claim: No., kind: fact, source: paper-1, reliability: B, credibility: 2, supports: [pace]}
  rumour: {claim: They may say yes., kind: forecast, source: paper-1, hedge: may, contradicts: pace}
"""
    scenario = read(text)
    assert (scenario.sources["paper-1"].author, scenario.sources["paper-1"].date) == ("A ministry", "2025")
    first, second = scenario.evidence.values()
    assert (first.date, first.reliability, first.credibility, first.supports[0][0]) == ("2025-02-20", "B", 2, "pace")
    assert (second.reliability, second.credibility, second.contradicts[0][0]) == ("F", 6, "pace")


# --- everything wrong at once -----------------------------------------------------------------------------------------


def test_all_faults_in_file_order() -> None:
    text = """stocks:
  Members: {starts: 1}
  arms: {start: 1}
variables:
  one: 1 +
  two: {is: 3, unit: foo}
tracks:
  one: {stages: {a: , b: {then: a}}}
"""
    assert faults(text) == [
        ("bad-name", 2),
        ("missing-key", 3),
        ("unknown-key", 3),
        ("syntax", 5),
        ("unknown-unit", 6),
        ("duplicate-name", 8),
        ("missing-key", 8),
    ]


def test_no_unit_is_worked_out() -> None:
    assert faults("variables:\n  a: {is: 1, unit: 9**9**9**9**9}\n") == [("unknown-unit", 2)]


def test_faults_of_several_files_come_file_by_file(tmp_path: Path) -> None:
    path = write(tmp_path, "variables: {a: 1 +}\ninclude: [b.yaml]\ndecisions: {c: 1}\n")
    (tmp_path / "b.yaml").write_text("variables: {b: 2 *}\n")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    places = [(Path(d.span.file).name, d.span.line) for d in caught.value.diagnostics]
    assert [name for name, _ in places] == ["scenario.yaml", "scenario.yaml", "b.yaml"]


def test_the_shipped_sections_survive_any_mutilation(repository: Path) -> None:
    """A sound scenario with pieces cut out, doubled or swapped is read or refused, never met with another exception."""
    text = (repository / "tests" / "docs" / "base.yaml").read_text(encoding="utf-8")
    dice = random.Random(1)
    for _ in range(150):
        start, end = sorted(dice.randrange(len(text)) for _ in range(2))
        end = min(end, start + dice.randrange(1, 60))
        other = dice.randrange(len(text) - 60)
        piece = dice.choice(
            ["", text[start:end] * 2, text[other : other + dice.randrange(60)], "[", "{", ": ", "\n", "'"]
        )
        with contextlib.suppress(ScenarioError):
            read_text(text[:start] + piece + text[end:])


LEAVES = st.sampled_from(
    ["1", "-1", "a", "a + 1", "2025-01-01", "true", "null", "''", "3 months", "a to b", "'a['", "a b"],
)
KEYS = st.sampled_from(
    [
        *(
            "is",
            "unit",
            "title",
            "stages",
            "then",
            "lasts",
            "moves",
            "options",
            "values",
            "file",
            "from",
            "does",
            "rate",
        ),
        *(
            "starts",
            "plus",
            "within",
            "by",
            "that",
            "otherwise",
            "dry",
            "credence",
            "chance",
            "per",
            "columns",
            "choose",
        ),
    ]
)
SHAPES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(KEYS, inner, max_size=4).map(
            lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"
        ),
    ),
    max_leaves=12,
)
SECTIONS = st.sampled_from(
    [
        *(
            "actors",
            "tables",
            "beliefs",
            "together",
            "stocks",
            "variables",
            "tracks",
            "decisions",
            "events",
            "measures",
        ),
        *(
            "questions",
            "indicators",
            "observations",
            "policies",
            "views",
            "sources",
            "evidence",
            "face",
            "description",
            "baseline",
        ),
    ]
)


@given(SECTIONS, st.sampled_from(['"a[s in season]"', "a", '"a[season, town]"']), SHAPES)
def test_any_shape_is_read_or_refused(section: str, heading: str, shape: str) -> None:
    with contextlib.suppress(ScenarioError):
        read(f"{section}: {{{heading}: {shape}}}\n")
    with contextlib.suppress(ScenarioError):
        read(f"{section}: {shape}\n")
