"""What `check` gives for a sound scenario. What it refuses, word for word, stands in `tests/failing`."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import playout
from playout.errors import Diagnostic, ScenarioError
from playout.model.check import check, coverage
from playout.model.checked import CheckedScenario
from playout.model.checks.header import later
from playout.model.expression import Constant, IndexVariable, MemberOf
from playout.model.graph import order, passed_before, reachable
from playout.model.typed import constant
from playout.read.decode import read_text

HEAD = """\
playout: 1
title: A scenario to check
start: 2025-03-07
horizon: 1 year
step: 1 week
"""


def sound(text: str, head: str = HEAD) -> CheckedScenario:
    return check(read_text(head + text))


def codes(text: str, head: str = HEAD) -> list[str]:
    """The codes of what is wrong, in file order."""
    with pytest.raises(ScenarioError) as problem:
        check(read_text(head + text))
    return [d.code for d in problem.value.diagnostics]


# --- time -------------------------------------------------------------------------------------------------------------


def test_steps_cover_the_horizon_and_the_true_end_is_told() -> None:
    result = sound("measures:\n  t: {of: time, unit: week}\n")
    assert (result.steps, result.end) == (53, dt.date(2026, 3, 13))
    daily = sound("measures:\n  t: {of: time, unit: week}\n", HEAD.replace("step: 1 week", "step: 1 day"))
    assert (daily.steps, daily.end) == (365, dt.date(2026, 3, 7))


@pytest.mark.parametrize(
    ("start", "number", "unit", "end"),
    [
        ("2024-02-29", 1, "year", "2025-02-28"),
        ("2025-01-31", 1, "month", "2025-02-28"),
        ("2025-12-15", 13, "month", "2027-01-15"),
        ("2025-03-07", 2, "week", "2025-03-21"),
        ("2025-03-07", 10, "day", "2025-03-17"),
    ],
)
def test_horizons_follow_the_calendar(start: str, number: int, unit: str, end: str) -> None:
    assert later(dt.date.fromisoformat(start), number, unit) == dt.date.fromisoformat(end)


def test_too_many_steps_are_refused() -> None:
    head = HEAD.replace("horizon: 1 year", "horizon: 100 years").replace("step: 1 week", "step: 1 day")
    assert codes("measures:\n  t: {of: time}\n", head) == ["horizon"]


# --- the order of a step ----------------------------------------------------------------------------------------------

DYNAMICS = """\
beliefs:
  rate: {is: 0.1 to 0.3, unit: 1/year, assumed: no}
stocks:
  members: {unit: person, starts: 100, plus: {came: pull * members}}
variables:
  last: middle + attack
  pull: {is: "rate if stance.mild else 2 * rate", unit: 1/year}
  middle: came / (1 person/week) + first_one
  first_one: 2
  summed: {is: total(later_one), unit: week}
  later_one: summed / (1 week) + 1
decisions:
  stance: {by: president, options: {mild: first_one, harsh: 0}}
events:
  attack: {rate: middle * 1 1/year}
measures:
  members: {}
"""


def test_everything_computed_in_a_step_stands_after_what_it_reads() -> None:
    result = sound(DYNAMICS)
    place = {name: n for n, name in enumerate(result.order)}
    assert set(place) == {
        "last", "pull", "middle", "first_one", "summed", "later_one", "stance", "came", "attack",
    }  # fmt: skip
    for reader, read in [
        ("last", "middle"),
        ("last", "attack"),
        ("pull", "stance"),
        ("middle", "came"),
        ("came", "pull"),
        ("stance", "first_one"),
        ("attack", "middle"),
        ("later_one", "summed"),
    ]:
        assert place[read] < place[reader]


def test_order_keeps_to_the_file_and_loops_are_shown_shortest_first() -> None:
    assert order({"b": set(), "a": {"c"}, "c": set()}) == (("b", "c", "a"), [])
    ordered, loops = order({"a": {"b"}, "b": {"c"}, "c": {"a", "b"}, "d": {"d"}})
    assert ordered == ()
    assert loops == [["b", "c"], ["d"]]


def test_stages_that_every_way_passes() -> None:
    ways = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e"), ("x", "y")]
    assert reachable("a", ways) == {"a", "b", "c", "d", "e"}
    passed = passed_before("a", ways)
    assert passed["e"] == {"a", "d", "e"}
    assert passed["b"] == {"a", "b"}
    assert "y" not in passed


# --- beliefs ----------------------------------------------------------------------------------------------------------


def test_beliefs_are_in_base_units_for_every_member() -> None:
    result = sound("""\
sets:
  service: {navy: {}, army: {}, spare: 1}
beliefs:
  leak[service]:
    navy: {is: 2, unit: 1/year, assumed: no}
    otherwise: {is: 1 to 4, unit: 1/year, within: [1, 3], assumed: no}
  wait: {is: 3 to 12 months, unit: year, assumed: no}
  mixed: {is: "mixture(0.5: point(2 weeks), 0.5: uniform(1, 2))", unit: month, assumed: no}
  chance: {is: 0.2 to 0.5, unit: probability, assumed: no}
  word: {is: very likely, unit: probability, assumed: no}
  noise: {is: "normal(0, 1)", each: step, assumed: no}
measures:
  used: {of: sum(leak) * (wait + mixed) * chance * word * noise}
""")
    laws = result.distributions
    assert set(laws) == {("leak", 0), ("leak", 1), ("leak", 2), ("wait", 0), ("mixed", 0), ("chance", 0), ("word", 0)}
    assert laws["leak", 0].median() == pytest.approx(2 / 365.25)
    assert laws["leak", 1].support() == pytest.approx((1 / 365.25, 3 / 365.25))
    assert laws["wait", 0].interval() == pytest.approx((3 * 365.25 / 12, 365.25))
    assert laws["mixed", 0].support() == pytest.approx((14, 2 * 365.25 / 12))
    assert laws["chance", 0].kind == "logitnormal"
    assert laws["word", 0].support() == (0.8, 0.95)
    noise = result.laws[result.scenario.beliefs["noise"].entries[0].law]
    assert (noise.kind, [constant(p) for p in noise.parameters]) == ("normal", [0, 1])


def test_words_follow_the_scenarios_standard() -> None:
    text = "beliefs:\n  a: {is: likely, unit: probability, assumed: no}\nmeasures:\n  a: {}\n"
    assert sound(text, HEAD + "words: nato\n").distributions["a", 0].support() == (0.6, 0.9)


def test_correlations_name_members_by_position_and_points_drop_out() -> None:
    result = sound("""\
sets:
  service: [navy, army]
beliefs:
  a: {is: 1 to 2, assumed: no}
  b[service]: {is: 1 to 2, assumed: no}
  known: {is: 3, assumed: no}
together:
  - [a, "b[army]", 0.6]
  - [a, known, 0.3]
measures:
  used: {of: a + known + sum(b)}
""")
    assert result.correlations == ((("a", 0), ("b", 1), 0.6),)


def test_a_point_that_a_view_opens_stays_correlated() -> None:
    text = """\
beliefs:
  a: {is: 1 to 2, assumed: no}
  known: {is: 3, assumed: no}
together:
  - [a, known, 0.3]
measures:
  used: {of: a + known}
views:
  sure: {credence: 0.5, is: []}
  unsure: {credence: 0.5, is: [known = 2 to 4]}
"""
    assert sound(text).correlations == ((("a", 0), ("known", 0), 0.3),)


# --- tracks -----------------------------------------------------------------------------------------------------------


def test_durations_are_laws_in_days_whose_scale_may_be_an_equation() -> None:
    result = sound("""\
beliefs:
  stay: {is: 3 to 12 months, unit: month, assumed: no}
tracks:
  campaign:
    stages:
      a: {lasts: "gamma(4, 2 weeks)", then: b}
      b: {lasts: "exponential(stay / 2)", then: c}
      c: {lasts: "mixture(0.25: 1 to 2 weeks, 0.75: point(3 days))", then: d}
      d: {lasts: "categorical(0.5: 1 week, 0.5: 2 weeks)", then: a}
""")
    a, b, c, d = (result.laws[s.lasts] for s in result.scenario.tracks["campaign"].stages if s.lasts is not None)
    assert [constant(p) for p in a.parameters] == [4, 14]
    assert (b.kind, constant(b.parameters[0])) == ("exponential", None)
    assert [weight for weight, _ in c.weighted] == [0.25, 0.75]
    assert [value for _, value in d.weighted] == [7, 14]


# --- effects ----------------------------------------------------------------------------------------------------------


def test_targets_have_their_indexes() -> None:
    result = sound("""\
sets:
  service: [navy, army]
  organisation: [north, south]
stocks:
  trust[s in service]: {starts: 1}
  feud[o in organisation, p in organisation]: {starts: 0}
events:
  leak[s in service]:
    rate: 1 1/year
    does:
      - trust[s] -= 0.1
      - trust[army] *= 0.5
      - trust[other in service] -= 0.01 * trust[other]
      - "feud[o in organisation, north] += 1"
""")
    first, second, third, fourth = result.targets.values()
    assert isinstance(first[0], IndexVariable)
    assert isinstance(second[0], MemberOf)
    assert second[0].position == 1
    assert isinstance(third[0], IndexVariable)
    assert third[0].name == "other"
    assert [type(index) for index in fourth] == [IndexVariable, MemberOf]


# --- decisions read early ---------------------------------------------------------------------------------------------

CAMPAIGN = """\
sets:
  organisation: [north, south]
tracks:
  campaign:
    stages:
      waiting: {lasts: 1 to 2 months, then: {authorising: 0.5, shelved: 0.5}}
      authorising: {lasts: 1 to 2 months, then: {striking: SHARE, otherwise: shelved}}
      striking: {}
      shelved: {}
      talking: {}
    moves:
      - {from: striking, to: talking, rate: 1 1/year, when: MOVE}
  posture[o in organisation]:
    stages: {quiet: {}, fighting: {}, bargaining: {}}
    moves:
      - {from: quiet, to: fighting, rate: 1 1/year}
      - {from: fighting, to: bargaining, rate: 1 1/year, when: MEMBERS}
decisions:
  authority: {by: president, when: enters(campaign.authorising), options: {finding: 1, strikes: 2}}
  answer[o in organisation]: {by: president, when: "enters(posture[o].fighting)", options: {harsh: 1, mild: 2}}
variables:
  x: VARIABLE
measures:
  x: {}
questions:
  q: {ask: Was it so?, by: 2025-12-31, that: QUESTION, given: reached(campaign.striking)}
"""


def campaign(**read: str) -> str:
    text = CAMPAIGN
    for place, default in [
        ("SHARE", "0.5"),
        ("MOVE", "true"),
        ("MEMBERS", "true"),
        ("VARIABLE", "1"),
        ("QUESTION", "true"),
    ]:
        text = text.replace(place, f'"{read.get(place.lower(), default)}"')
    return text


@pytest.mark.parametrize(
    "read",
    [
        {"share": "1 if authority == finding else 0"},  # the way leads through the stage in which it falls due
        {"move": "authority == finding"},
        {"members": "answer[o] == harsh"},
        {"variable": "1 if campaign.striking and authority == finding else 0"},
        {"variable": "(1 if authority.finding else 0) if reached(campaign.authorising) else 0"},
        {"variable": "1 if since(campaign.talking) > 0 and authority == finding else 0"},
        {"variable": "count(posture[o].bargaining and answer[o] == mild for o in organisation)"},
        {"variable": "sum((1 if answer[o] == mild else 0) for o in organisation if posture[o].fighting)"},
        {"question": "authority == finding"},
    ],
)
def test_decisions_are_read_where_they_have_been_taken(read: dict[str, str]) -> None:
    sound(campaign(**read))


@pytest.mark.parametrize(
    "read",
    [
        {"variable": "1 if authority == finding else 0"},
        {"variable": "1 if campaign.shelved and authority == finding else 0"},
        {"variable": "1 if authority == finding and campaign.striking else 0"},
        {"variable": "(0 if campaign.striking else 1) if authority == finding else 0"},
        {"variable": "1 if campaign.striking or authority == finding else 0"},
        {"variable": "count(posture[north].bargaining and answer[o] == mild for o in organisation)"},
    ],
)
def test_decisions_are_not_read_where_they_may_be_open(read: dict[str, str]) -> None:
    assert codes(campaign(**read)) == ["undecided"]


# --- policies and views -----------------------------------------------------------------------------------------------

VARIANTS = """\
sets:
  organisation: [north, south]
tables:
  size[organisation]: {values: [3, 4], unit: kg, assumed: no}
beliefs:
  rate: {is: 0.1 to 0.2, unit: 1/year, assumed: no}
  chance: {is: 0.1 to 0.2, unit: probability, assumed: no}
  leak[organisation]:
    north: {is: 1 to 2, within: [0, 3], assumed: no}
    south: {is: 1 to 2, assumed: no}
stocks:
  mass: {unit: kg, starts: sum(size), plus: {grew: rate * mass * chance * sum(leak)}}
decisions:
  authority: {by: president, options: {finding: 1, strikes: 2}}
  target: {by: president, choose: organisation, value: 1}
"""


def test_changes_are_resolved_into_base_units_and_positions() -> None:
    result = sound(
        VARIANTS
        + """\
policies:
  p:
    - rate *= 0.5 from 2025-06-01 until 2025-09-01
    - rate = 1 1/year from 2025-09-01
    - size[south] = 5
    - chance = likely
    - leak = 2 to 3
    - authority = strikes
    - forbid target.north until 2025-03-17
    - target = south from 2025-03-17
views:
  wide: {credence: 1, is: [spreads *= 2, "leak[north] += 0.5"]}
"""
    )
    halved, set_, size, word, north, south, pinned, forbidden, chosen = result.policies["p"]
    assert (halved.what, halved.operator, halved.start, halved.until) == ("belief", "*=", 86, 178)
    assert isinstance(set_.value, Constant)
    assert set_.value.value == pytest.approx(1 / 365.25)
    assert (size.what, size.members, size.value and constant(size.value)) == ("table", (1,), 5)
    assert word.law is not None
    assert word.law.support() == (0.55, 0.8)
    assert [(c.members, c.law and c.law.support()[1]) for c in (north, south)] == [((0,), 3), ((1,), float("inf"))]
    assert (pinned.what, pinned.option) == ("decision", 1)
    assert (forbidden.operator, forbidden.option, forbidden.until) == ("forbid", 0, 10)
    assert (chosen.operator, chosen.option, chosen.start) == ("=", 1, 10)
    spreads, leak = result.views["wide"]
    assert (spreads.what, spreads.value and constant(spreads.value)) == ("spreads", 2)
    assert leak.members == (0,)


# --- evidence ---------------------------------------------------------------------------------------------------------

RECORD = """\
beliefs:
  a: {is: 1 to 2, because: [fact]}
  b: {is: 1 to 2, because: [view]}
  c: {is: 1 to 2, because: [fact], assumed: the number is a guess}
  d: 1 to 2
  e: 1 to 2
measures:
  used: {of: a + b + c + d + e}
sources:
  paper: {author: Somebody, title: A paper, year: 2024}
evidence:
  fact: {claim: It is so., kind: fact, source: paper, contradicts: [view]}
  view: {claim: It may be so., kind: judgement, source: paper}
  helpful: {claim: It will be so., kind: forecast, source: paper, supports: [e, used]}
"""


def test_coverage_counts_what_beliefs_rest_on() -> None:
    result = sound(RECORD)
    found = coverage(result)
    assert found.evidenced == ("a",)
    assert found.judged == ("b", "e")
    assert found.assumed == ("c",)
    assert found.unsupported == ("d",)
    assert found.beliefs == 5
    assert found.evidence == {"fact": 1, "judgement": 1, "forecast": 1}
    assert [w.code for w in result.warnings] == ["unsupported"]


# --- all of it at once ------------------------------------------------------------------------------------------------


def test_everything_wrong_is_reported_at_once_in_file_order() -> None:
    text = """\
beliefs:
  rate: {is: 5 to 2, assumed: no}
variables:
  a: rate + unknown
  b: 3 weeks
measures:
  c: {per: year}
"""
    assert codes(text) == ["distribution", "unknown-name", "units", "measure"]


def test_one_cause_gives_one_message() -> None:
    text = """\
sets:
  organisation: [north, south]
stocks:
  members[o in organizations]: {unit: person, starts: 100, plus: {came: "members[o] * 1 1/year"}}
variables:
  total_members: {is: sum(members), unit: person}
  north_members: {is: "members[north]", unit: person}
  strength[o in organisation]: "members[o] / total_members"
events:
  raid: {rate: 1 1/year, does: ["members[north] -= 3 person"]}
measures:
  members[o in organisation]: {}
  strength[o in organisation]: {}
"""
    assert codes(text) == ["unknown-set"]


@pytest.mark.parametrize("name", ["ceasefire", "coin-and-die", "sanctions", "us-mexico-cartels"])
def test_shipped_scenarios_are_sound(name: str) -> None:
    result = playout.load(name)
    assert not [w for w in result.warnings if w.code != "unused"]


WHOLE = (Path(__file__).parent.parent / "docs" / "base.yaml").read_text(encoding="utf-8")
WORDS = [match.span() for match in re.finditer(r"[a-z_][a-z0-9_.]*|\d+(?:\.\d+)?|[-+*/<>=]+", WHOLE)]
MEANT = sorted({WHOLE[start:end] for start, end in WORDS} | {"none", "time", "date", "never", "inf", "0", "3 person"})


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(MEANT)), min_size=1, max_size=3))
@settings(max_examples=150)
def test_any_scenario_is_sound_or_refused(changes: list[tuple[tuple[int, int], str]]) -> None:
    """Words of a sound scenario are exchanged: whatever comes of it, there is an answer, and each error has a place."""
    text = WHOLE
    for (start, end), word in sorted(changes, reverse=True):
        text = text[:start] + word + text[end:]
    try:
        scenario = read_text(text)
    except ScenarioError:
        return
    found: tuple[Diagnostic, ...] = ()
    try:
        result = check(scenario)
    except ScenarioError as problem:
        found = problem.diagnostics
    if not found:
        assert {*scenario.variables, *scenario.decisions, *scenario.events} <= set(result.order)
    assert all(d.severity == "error" and d.span.line for d in found)
