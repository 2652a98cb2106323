"""Events, their effects, and splinters: engine against interpreter."""

from __future__ import annotations

import pytest

from conformance import ENGINES, MakeEngine, agree, scenario


@pytest.mark.parametrize("make", ENGINES)
def test_effects_read_the_state_and_act_in_file_order(make: MakeEngine) -> None:
    checked = scenario(
        """
        beliefs:
          r: {is: 1 to 20, unit: 1/year, assumed: a test}
        stocks:
          x: {unit: "1", starts: 1, plus: {up: 0.1 1/week}}
          y: {unit: "1", starts: 2, minus: {down: 0.05 1/week * y}}
        events:
          swap: {rate: r, does: [x = y, y = x]}
          shrink: {rate: 3 * r, does: [x *= 0.9, y *= 0.8, x += 0.1, y -= 0.05 * x]}
          late: {rate: 40 1/year, when: date > 2025-03-01, does: [x -= 0.01 * y]}
          often: {when: x < 1, does: [x += 0.05 * y]}
          count_of_them: {when: swap + shrink > 0, does: [y += 0.001 * shrink]}
        measures:
          x: {}
          y: {}
          shrink: {per: month}
          often: {per: year}
          swaps: {of: total(swap)}
        """
    )
    agree(checked, make, futures=24)


@pytest.mark.parametrize("make", ENGINES)
def test_many_events_a_step(make: MakeEngine) -> None:
    checked = scenario(
        """
        beliefs:
          r: {is: 1 to 3000, unit: 1/week, assumed: a test}
        stocks:
          x: {unit: "1", starts: 1}
        events:
          tick: {rate: r, does: [x += 0.001, x *= 1.0001]}
        measures:
          x: {}
          tick: {per: month}
        """
    )
    agree(checked, make, futures=40)


@pytest.mark.parametrize("make", ENGINES)
def test_targets(make: MakeEngine) -> None:
    """An event's own index, one member, all members, members left over, and a computed member."""
    checked = scenario(
        """
        sets:
          o: {a: {}, b: {}, c: {}}
          p: {x: {}, y: {}}
        beliefs:
          r[o]: {is: 0.5 to 4, unit: 1/month, assumed: a test}
        stocks:
          s[i in o]: {unit: "1", starts: 1}
          q[i in o, j in p]: {unit: "1", starts: 1}
          z: {unit: "1", starts: 1}
        events:
          own[i in o]: {rate: "r[i]", does: ["s[i] += 0.1", "q[i, y] *= 0.9", "z *= 0.99"]}
          everyone[i in o]:
            rate: "r[i]"
            does: ["s[k in o] += 0.01 * s[i]", "q[i, j in p] += 0.01", "z -= 0.01 * s[i]"]
          fixed: {rate: 1 1/month, does: ["s[b] *= 0.5", "q[k in o, x] += 0.1 * s[k]"]}
          last_wins[i in o]:
            rate: "2 * r[i]"
            does: ["z = 1 + 0.1 * s[i]", "s[a] = 0.9 * s[i]", "q[a, j in p] = q[i, j]"]
          computed: {rate: 2 1/month, does: ["s[argmax(s[i] for i in o)] *= 0.8"]}
          pair[i in o, j in p]: {rate: "0.5 * r[i]", does: ["q[i, j] += 0.5", "s[i] -= 0.01", "q[k in o, j] *= 1.01"]}
          two[i in o, k in o]: {rate: "0.2 * r[i]", when: i != k, does: ["s[i] += 0.1 * s[k]", "s[k] -= 0.1 * s[k]"]}
        measures:
          s[i in o]: {}
          q[i in o, j in p]: {}
          z: {}
          own[i in o]: {per: month}
          two: {of: sum(two), per: year}
        """
    )
    agree(checked, make, futures=24)


@pytest.mark.parametrize("make", ENGINES)
def test_a_negative_rate_stops_the_future(make: MakeEngine) -> None:
    checked = scenario(
        """
        beliefs:
          w: {is: "normal(0, 1)", unit: "1", assumed: a test}
        events:
          e: {rate: 1 1/week * (w + time / 10 weeks), when: date > 2025-02-01}
        measures:
          e: {per: year}
        """
    )
    games = agree(checked, make, futures=40)
    assert {g.stopped is None for g in games} == {True, False}


SPARE = """
sets:
  o: {a: {}, b: {}, spare: 3}
  p: {x: {}, y: {}}
beliefs:
  r: {is: 0.5 to 3, unit: 1/month, assumed: a test}
  shape[o]: {is: "uniform(0.5, 2)", unit: "1", assumed: a test}
tables:
  size[o]: {values: {a: 100, b: 60}, otherwise: 7, unit: person}
actors: {chief: {title: The chief}}
stocks:
  m[i in o]: {unit: person, starts: "size[i]", within: [0, inf], plus: {grown: "0.1 1/week * m[i] * shape[i]"}}
  arms[i in o, j in p]: {unit: "1", starts: "shape[i]", minus: {worn: "0.02 1/week * arms[i, j]"}}
  anger[i in o]: {unit: "1", starts: 1, inherits: copied, plus: {up: 0.01 1/week}}
  age[i in o]: {unit: "1", starts: "0.5 * shape[i]", inherits: fresh, plus: {older: 1 1/week}}
tracks:
  mood[i in o]:
    stages: {calm: {lasts: "exponential(5 weeks * shape[i])", then: tense}, tense: {lasts: 1 to 4 weeks, then: calm}}
    moves:
      - {from: calm, to: tense, rate: 0.1 1/week}
decisions:
  stance[i in o]: {by: chief, every: 4 weeks, options: {talk: {value: 0}, fight: {value: "0.1 * anger[i]"}}}
  target: {by: chief, every: 3 weeks, choose: o, value: "m[o] / 100 persons"}
events:
  split[i in o]: {rate: "r * 0.5", when: "m[i] > 20 persons", does: ["splinter(from i, 0.3)", "anger[i] -= 0.05"]}
  purge: {rate: 0.5 1/month, does: ["splinter(from target, 0.5 * share)", "m[k in o] *= 0.9"]}
  quarrel[i in o]: {rate: 1 1/month, does: ["arms[i, x] += 0.1", "anger[k in o] += 0.01 * anger[i]"]}
variables:
  share: 0.5 + 0.1 * count(mood[i].tense for i in o)
  living: count(m[i] >= 0 persons for i in o)
measures:
  m[i in o]: {}
  share_of_all[i in o]: {of: "m[i] / sum(m)"}
  arms: {of: sum(arms)}
  anger[i in o]: {}
  age[i in o]: {}
  living: {}
  mean_m: {of: mean(m)}
  least: {of: "min(m[i] for i in o)"}
  all_calm: {of: "1 if all(mood[i].calm for i in o) else 0"}
  tense[i in o]: {of: "1 if mood[i].tense else 0"}
  new: {of: "count(enters(mood[i].calm) for i in o)"}
  largest: {of: "1 if argmax(m[i] for i in o) == spare_1 else 0"}
  split: {of: sum(split), per: year}
  fighting: {of: "count(stance[i].fight for i in o)"}
  grown: {of: sum(grown), per: year}
  inverse[i in o]: {of: "1 / m[i]", unit: 1/person}
  smoothed: {of: "sum(smooth(m[i], 3 weeks) for i in o)"}
  before: {of: "sum(delay(m[i], 2 weeks) for i in o)"}
"""


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_splinters(make: MakeEngine, method: str) -> None:
    games = agree(scenario(f"integrate: {method}\n" + SPARE), make, futures=24)
    assert all(g.stopped is None for g in games)
    assert any(g.shortage["o"] for g in games)
    assert any(g.states[-1].alive["o"] == [True] * 5 for g in games)


@pytest.mark.parametrize("make", ENGINES)
def test_a_splinter_by_one_event_for_a_member_it_computes(make: MakeEngine) -> None:
    checked = scenario(
        """
        sets:
          o: {a: {}, b: {}, c: {}, spare: 4}
          p: {x: {}, y: {}, z: {}}
        tables:
          of[p]: {values: {x: 2, y: 0, z: 1}}
        actors: {chief: {title: The chief}}
        decisions:
          first_: {by: chief, choose: o, value: "m[o]"}
          other: {by: chief, choose: o, value: "0", among: "o != first_", when: time > 10 days, before: none}
        stocks:
          m[i in o]: {unit: "1", starts: 10}
        events:
          late[j in p]:
            rate: 0.3 1/week
            does: ["splinter(from argmax(m[i] + (99 if of[j] == 2 and i == c else 0) for i in o), 0.25)"]
          early:
            when: date == 2025-01-13
            does: ["splinter(from first_, 0.1)", "splinter(from other, 0.2)", "m[a] *= 0.5"]
        measures:
          m[i in o]: {}
        """
    )
    agree(checked, make, futures=24)


@pytest.mark.parametrize("make", ENGINES)
def test_a_share_that_is_none_stops_the_future(make: MakeEngine) -> None:
    checked = scenario(
        """
        sets:
          o: {a: {}, b: {}, spare: 1}
        stocks:
          m[i in o]: {unit: "1", starts: 10, minus: {down: 1 1/week}}
        events:
          split[i in o]: {rate: 0.05 1/week, does: ["splinter(from i, 0.12 * m[i])"]}
        measures:
          m[i in o]: {}
        """
    )
    games = agree(checked, make, futures=40)
    assert {g.stopped is None for g in games} == {True, False}


@pytest.mark.parametrize("make", ENGINES)
def test_the_dead_by_name(make: MakeEngine) -> None:
    """A spare member that is asked for before it lives has nothing, is nowhere and does nothing."""
    checked = scenario(
        """
        sets:
          o: {a: {}, b: {}, spare: 1}
        actors: {chief: {title: The chief}}
        stocks:
          m[i in o]: {unit: "1", starts: 10, plus: {up: 1 1/week}}
          between[i in o, j in o]: {unit: "1", starts: 1}
        tracks:
          t[i in o]:
            stages: {calm: {lasts: 2 to 9 weeks, then: tense}, tense: {}}
            moves: [{from: calm, to: tense, rate: 0.05 1/week}]
        decisions:
          d[i in o]: {by: chief, options: {talk: {value: 0}, fight: {value: 0}}, before: talk}
        events:
          blow[i in o]: {rate: 1 1/week, does: ["m[i] *= 0.99"]}
          split: {rate: 0.1 1/week, does: ["splinter(from b, 0.1)"]}
        measures:
          m: {of: "m[spare_1]"}
          between: {of: "between[spare_1, a]"}
          up: {of: "up[spare_1]", per: month}
          blows: {of: "blow[spare_1]", per: month}
          calm: {of: "1 if t[spare_1].calm else 0"}
          been: {of: "1 if reached(t[spare_1].calm) else 0"}
          new: {of: "1 if enters(t[spare_1].calm) else 0"}
          how_long: {of: "since(t[spare_1].tense)"}
          late: {of: "1 if first(t[spare_1].tense) > 2025-03-01 else 0"}
          talks: {of: "1 if d[spare_1] == talk else 0"}
        """
    )
    games = agree(checked, make, futures=20)
    assert {g.states[-1].alive["o"][2] for g in games} == {True, False}
