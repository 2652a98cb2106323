"""Every operation, function and reduction of equations: engine against interpreter."""

from __future__ import annotations

import pytest

from conformance import ENGINES, MakeEngine, agree, scenario

WORLD = """
sets:
  o: {a: {}, b: {}, c: {}}
  p: {x: {}, y: {}}
tables:
  weight[o]: {values: {a: 1, b: 2.5, c: -0.5}}
  link[o, o]: {values: {a: {a: 0, b: 1, c: 2}, b: {a: 0.5, b: 0, c: 1}, c: {a: 3, b: -1, c: 0}}}
  price[o, p]: {values: {a: {x: 1, y: 2}, b: {x: 3, y: 4}, c: {x: 5, y: 6}}, unit: usd/person}
  speed: {values: 30, unit: usd/week}
beliefs:
  n: {is: "normal(0, 2)", unit: "1", assumed: a test}
  u: {is: "uniform(0, 1)", unit: probability, assumed: a test}
  r: {is: 0.5 to 3, unit: 1/year, assumed: a test}
  e[o]: {is: "normal(1, 1)", unit: "1", assumed: a test}
stocks:
  s: {unit: "1", starts: u, plus: {up: 2 * r * u}, minus: {down: r * s}}
  m[o in o]: {unit: person, starts: "100 persons * (1 + 0.1 * weight[o])", plus: {grown: "r * m[o] * u"}}
  q[i in o, j in p]: {unit: usd, starts: "10 usd * u", plus: {paid: "r * price[i, j] * m[i]"}}
tracks:
  t:
    stages: {one: {lasts: 2 to 9 weeks, then: two}, two: {lasts: 1 week, then: one}}
"""

PLAIN = [
    "n + u - 3 * s / (1 + u)",
    "-n",
    "abs(n)",
    "2 ** n",
    "s ** 2",
    "(1 + abs(n)) ** -1.5",
    "exp(-abs(n))",
    "log(1 + abs(n))",
    "sqrt(abs(n))",
    "logistic(n)",
    "clip(n, -1, 1)",
    "clip(n, u, 2)",
    "min(n, u)",
    "max(n, 0)",
    "max(min(n, 1), -1) * s",
    "1 if n < 0 else 2",
    "1 if n <= 0 else 2",
    "1 if n > s else 2",
    "1 if n >= s else 2",
    "1 if u == u else 2",
    "1 if u != u else 2",
    "1 if n < 0 and u < 0.5 else 0",
    "1 if n < 0 or u < 0.5 else 0",
    "1 if not (n < 0) else 0",
    "1 if not n < 0 and (u < 0.3 or s > 0.6) else 0",
    "sqrt(n) if n > 0 else -sqrt(-n)",
    "1 / n if n != 0 else 0",
    "lookup(n, [[-2, 1], [0, 3], [1, -1]])",
    "lookup(s, [[0, 0], [0.5, 1]])",
    "time / 1 week",
    "time * r",
    "(date - 2025-02-01) / 1 week",
    "1 if date < 2025-03-01 else 0",
    "1 if date >= 2025-03-03 else 0",
    "1 if date + 3 weeks > 2025-03-03 else 0",
    "speed * 2 weeks / 1 usd",
    "m[a] / 3 persons",
    "q[b, y] / 1 usd",
    "1 if t.two else 0",
    "r / 1 1/week",
    "up / 1 1/day - down / 1 1/month",
    "link[a, b] + link[b, a]",
]  # fmt: skip

REDUCTIONS = [
    "sum(m[i] for i in o) / 1 person",
    "sum(m) / 1 person",
    "sum(q) / 1 usd",
    "sum(q[i, y] for i in o) / 1 usd",
    "mean(e)",
    "min(e)",
    "max(e)",
    "mean(e[i] for i in o if e[i] > 0) if any(e[i] > 0 for i in o) else -1",
    "min(e[i] for i in o if weight[i] > 0)",
    "max(e[i] * s for i in o if i != a)",
    "sum(e[i] for i in o if i == b)",
    "count(e[i] > 1 for i in o)",
    "count(e[i] > 1 for i in o if weight[i] > 0)",
    "1 if any(e[i] > 2 for i in o) else 0",
    "1 if all(e[i] > 0 for i in o) else 0",
    "1 if all(e[i] > 0 for i in o if weight[i] > 100) else 0",
    "e[argmax(m[i] for i in o)]",
    "weight[argmax(e[i] for i in o)]",
    "weight[argmax(e[i] for i in o if i != c)]",
    "1 if argmax(weight[i] * 0 for i in o) == a else 0",
    "sum(link[i, j] * e[j] for j in o) if False_ else 0",
    "sum(sum(link[i, j] * e[j] for j in o) for i in o)",
    "sum(e[i] * sum(link[i, j] for j in o if j != i) for i in o)",
    "max(sum(price[i, j] * m[i] for j in p) for i in o) / 1 usd",
    "sum(e[i] * e[j] for i in o if i != a) if False_ else 0",
]  # fmt: skip

VECTORS = [
    "e[i] * weight[i] + s",
    "sum(link[i, j] * e[j] for j in o)",
    "sum(link[j, i] * m[j] for j in o) / 1 person",
    "sum(link[i, j] * e[j] for j in o if j != i and e[j] > e[i])",
    "1 if i == argmax(e[j] for j in o) else 0",
    "m[i] / sum(m)",
    "max(e[i], e[a])",
    "sum(q[i, k] for k in p) / 1 usd",
    "grown[i] / 1 person/day",
    "link[i, argmax(e[j] for j in o)]",
    "1 if i == b else e[i]",
]  # fmt: skip


def world(measures: list[str], index: str = "") -> str:
    lines = [f'  m{n}{index}: {{of: "{text}"}}' for n, text in enumerate(measures) if "False_" not in text]
    return WORLD + "measures:\n" + "\n".join(lines)


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("expressions", [PLAIN[::2], PLAIN[1::2], REDUCTIONS], ids=["plain", "more", "reductions"])
def test_expressions(make: MakeEngine, expressions: list[str]) -> None:
    games = agree(scenario(world(expressions)), make, futures=16)
    assert all(g.stopped is None for g in games)


@pytest.mark.parametrize("make", ENGINES)
def test_indexed_expressions(make: MakeEngine) -> None:
    games = agree(scenario(world(VECTORS, "[i in o]")), make, futures=16)
    assert all(g.stopped is None for g in games)


@pytest.mark.parametrize("make", ENGINES)
def test_two_indices_of_one_set(make: MakeEngine) -> None:
    checked = scenario(
        WORLD
        + """
variables:
  pull[i in o, j in o]: {is: "link[i, j] * e[j] - link[j, i] * e[i]", unit: "1"}
  torn[i in o]: {is: "sum(abs(pull[j, i]) for j in o)", unit: "1"}
measures:
  pull[i in o, j in o]: {}
  torn[i in o]: {}
  own[i in o]: {of: "pull[i, i]"}
  most: {of: "max(pull)"}
"""
    )
    agree(checked, make)


@pytest.mark.parametrize("make", ENGINES)
def test_variables_in_any_order(make: MakeEngine) -> None:
    checked = scenario(
        WORLD
        + """
variables:
  third_: second_ * 2
  second_: first_ + s
  first_: n if busy else -n
  busy: s > 0.5 and t.one
measures:
  third_: {}
  busy_share: {of: 1 if busy else 0}
"""
    )
    agree(checked, make)


@pytest.mark.parametrize("make", ENGINES)
def test_what_is_not_taken_never_matters(make: MakeEngine) -> None:
    checked = scenario(
        WORLD
        + """
measures:
  guarded: {of: "1 / n if n > 100 else 0 * u"}
  root: {of: "sqrt(n) if n > 0 else 0"}
  logs: {of: "sum(log(e[i]) for i in o if e[i] > 0)"}
"""
    )
    assert all(g.stopped is None for g in agree(checked, make, futures=24))


@pytest.mark.parametrize("make", ENGINES)
def test_a_measure_that_is_no_number_stops_the_future(make: MakeEngine) -> None:
    checked = scenario(WORLD + "measures:\n  root: {of: sqrt(0.7 - s)}\n")
    games = agree(checked, make, futures=24)
    assert {g.stopped is None for g in games} == {True, False}


@pytest.mark.parametrize("make", ENGINES)
def test_a_sum_over_an_index_that_the_equation_does_not_use(make: MakeEngine) -> None:
    checked = scenario(
        """
        sets:
          o: {a: {}, b: {}, c: {}}
          p: {x: {}, y: {}}
        tables:
          weight[o]: {values: {a: 1, b: 2.5, c: -0.5}}
        beliefs:
          r: {is: 0.5 to 3, unit: 1/year, assumed: a test}
        stocks:
          s: {unit: "1", starts: 1, plus: {up: r}}
          q[i in o, j in p]:
            unit: "1"
            starts: weight[i]
            plus: {known: "0.1 1/week * weight[i]", later: "r * s * weight[i]"}
        variables:
          both[i in o, j in p]: {is: "weight[i] + s", unit: "1"}
        measures:
          known: {of: sum(known), per: month}
          later: {of: sum(later), per: month}
          both: {of: sum(both)}
          of_each[i in o]: {of: "sum(both[i, j] for j in p)"}
          written: {of: "sum(sum(weight[i] for j in p) for i in o)"}
          largest: {of: "max(both)"}
        """
    )
    agree(checked, make)
