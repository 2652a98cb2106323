"""Decisions: when due, which options are open, repetition, choice of members, pins: engine against interpreter."""

from __future__ import annotations

import pytest

from conformance import ENGINES, MakeEngine, agree, scenario

ONE = """
actors: {chief: {title: The chief}}
beliefs:
  w: {is: "normal(0, 1)", unit: "1", assumed: a test}
stocks:
  x: {unit: "1", starts: 0, plus: {up: "0.2 1/week * (2 if stance == firm else 1)"}}
tracks:
  t:
    stages: {a: {lasts: 3 to 8 weeks, then: b}, b: {lasts: 1 to 3 weeks, then: a}}
decisions:
  stance:
    by: chief
    when: enters(t.b)
    before: soft
    rationality: 1.5
    options:
      soft: {value: w}
      firm: {value: x - 0.5}
      none_of_it: {value: 0.3, when: w > 0}
measures:
  firm: {of: 1 if stance == firm else 0}
  soft: {of: 1 if stance.soft else 0}
  other: {of: 1 if stance != soft else 0}
  x: {}
policies:
  pin: [stance = none_of_it]
  pin_late: [stance = firm from 2025-03-01]
  close: [forbid stance.firm]
  close_early: [forbid stance.soft until 2025-02-20, forbid stance.firm from 2025-02-20]
"""


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("policy", [None, "pin", "pin_late", "close", "close_early"])
@pytest.mark.parametrize("every", ["", "    every: 2 weeks"])
def test_options(make: MakeEngine, policy: str | None, every: str) -> None:
    text = ONE.replace("    before: soft\n", f"    before: soft\n{every}\n")
    agree(scenario(text), make, policy=policy, futures=20)


@pytest.mark.parametrize("make", ENGINES)
def test_due_at_the_start(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {chief: {title: The chief}}
        decisions:
          way: {by: chief, options: {left: {value: 0}, right: {value: 0.5}}}
        measures:
          left: {of: 1 if way == left else 0}
        """
    )
    games = agree(checked, make, futures=40)
    assert {g.choices["way"][()] for g in games} == {0, 1}


@pytest.mark.parametrize("make", ENGINES)
def test_repeated_while_a_condition_holds(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {chief: {title: The chief}}
        stocks:
          x: {unit: "1", starts: 0, plus: {up: 0.2 1/week if way == right else 0 1/week}}
        tracks:
          t:
            stages: {a: {lasts: 2 to 8 weeks, then: b}, b: {lasts: 2 to 6 weeks, then: a}}
        decisions:
          way: {by: chief, every: 21 days, when: t.b, before: left, options: {left: {value: x}, right: {value: 1 - x}}}
        measures:
          left: {of: 1 if way == left else 0}
          x: {}
        """
    )
    agree(checked, make, futures=30)


@pytest.mark.parametrize("make", ENGINES)
def test_no_option_open_leaves_it_undecided(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {chief: {title: The chief}}
        beliefs:
          w: {is: "normal(0, 1)", unit: "1", assumed: a test}
        decisions:
          way:
            by: chief
            before: none
            options:
              left: {value: 0, when: w > 1 or date > 2025-03-01}
              right: {value: w, when: w < -1}
        measures:
          left: {of: 1 if way == left else 0}
          undecided: {of: 1 if way == none else 0}
          decided: {of: 1 if way != none else 0}
        """
    )
    agree(checked, make, futures=30)


@pytest.mark.parametrize("make", ENGINES)
def test_a_choice_among_members(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {chief: {title: The chief}}
        sets:
          o: {a: {}, b: {}, c: {}, d: {}}
        beliefs:
          pull[o]: {is: "normal(0, 1)", unit: "1", assumed: a test}
        stocks:
          x[i in o]: {unit: "1", starts: "0.1 * abs(pull[i])", plus: {up: "0.2 1/week * (2 if target == i else 1)"}}
        tracks:
          t:
            stages: {a: {lasts: 2 to 6 weeks, then: b}, b: {lasts: 2 to 6 weeks, then: a}}
        decisions:
          target:
            by: chief
            when: enters(t.b)
            every: 1 week
            before: none
            choose: o
            value: "pull[o] + x[o]"
            among: "x[o] > 0.2 or pull[o] > 0"
          other: {by: chief, when: t.b, before: c, choose: o, rationality: 0, value: "0", among: "target != o"}
        variables:
          hit: {is: "x[target] if target != none else 0", unit: "1"}
        events:
          blow:
            rate: "0.5 1/week if target != none else 0 1/week"
            does: ["x[target] *= 0.5", "x[other] -= 0.01"]
        measures:
          hit: {}
          x[i in o]: {}
          same: {of: 1 if target == other else 0}
          first_: {of: 1 if target == a else 0}
        policies:
          not_a: ["forbid target.a", other = b]
        """
    )
    agree(checked, make, futures=20)
    agree(checked, make, policy="not_a", futures=20)


@pytest.mark.parametrize("make", ENGINES)
def test_decisions_of_members(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {chief: {title: The chief}}
        sets:
          o: {a: {}, b: {}, c: {}}
        beliefs:
          nerve[o]: {is: "uniform(0, 2)", unit: "1", assumed: a test}
        stocks:
          x[i in o]: {unit: "1", starts: 0, plus: {up: "0.1 1/week * (3 if stance[i] == fight else 1)"}}
        decisions:
          stance[i in o]:
            by: chief
            every: 3 weeks
            rationality: "2 * nerve[i]"
            options:
              talk: {value: "1 - x[i]"}
              fight: {value: "nerve[i] - 0.1 * sum(x)"}
          rival[i in o]:
            by: chief
            when: "x[i] > 0.4"
            before: none
            choose: o
            value: "x[o]"
            among: "o != i"
        measures:
          fighting: {of: "count(stance[i].fight for i in o)"}
          of_b: {of: "1 if stance[b] == talk else 0"}
          feared[i in o]: {of: "count(rival[j] == i for j in o)"}
          rivals_share: {of: "sum(x[rival[i]] for i in o if rival[i] != none)"}
        policies:
          peace: ["stance[a] = talk", "forbid stance[b].fight until 2025-03-01"]
        """
    )
    agree(checked, make, futures=20)
    agree(checked, make, policy="peace", futures=20)


@pytest.mark.parametrize("make", ENGINES)
def test_decisions_that_rest_on_decisions(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {chief: {title: The chief}, other: {title: The other}}
        decisions:
          first_: {by: chief, every: 2 weeks, options: {left: {value: 0}, right: {value: 0}}}
          next_:
            by: other
            every: 1 week
            options: {left: {value: 1 if first_ == left else 0}, right: {value: leaning}}
        variables:
          leaning: 0.5 if first_.right else 0.1
        events:
          clash: {when: first_ == left and next_ == right}
        measures:
          clash: {per: month}
          leaning: {}
        """
    )
    agree(checked, make, futures=20)


@pytest.mark.parametrize("make", ENGINES)
def test_views_pin_and_forbid_too(make: MakeEngine) -> None:
    checked = scenario(
        ONE
        + """
views:
  stern: {credence: 0.3, is: [stance = firm]}
  mild: {credence: 0.3, is: [forbid stance.firm, w += 1]}
  plain: {credence: 0.4, is: []}
"""
    )
    games = agree(checked, make, futures=40)
    assert len(games) == 40
    agree(checked, make, policy="pin_late", futures=40)


@pytest.mark.parametrize("make", ENGINES)
def test_a_value_that_is_no_number_stops_the_future_when_the_choice_is_due(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {chief: {title: The chief}}
        sets:
          o: {a: {}, b: {}}
        beliefs:
          w[o]: {is: "normal(0.5, 0.5)", unit: "1", assumed: a test}
        tracks:
          t: {stages: {a: {lasts: 2 to 30 weeks, then: b}, b: {}}}
        decisions:
          way: {by: chief, when: t.b, before: left, options: {left: {value: 0}, right: {value: "log(w[a])"}}}
          target: {by: chief, when: t.b, before: none, choose: o, value: "sqrt(w[o])", among: "w[o] < 0.5"}
        measures:
          left: {of: 1 if way == left else 0}
        """
    )
    games = agree(checked, make, futures=40)
    assert {g.stopped is None for g in games} == {True, False}
    assert {name for g in games if g.stopped for name, _ in g.stopped[1]} == {"way.right", "target.a candidate"}
