"""since, first, reached, enters, total, change, delay, smooth: engine against interpreter."""

from __future__ import annotations

import pytest

from conformance import ENGINES, MakeEngine, agree, scenario

WORLD = """
sets:
  o: {a: {}, b: {}}
beliefs:
  g[o]: {is: 0.2 to 3, unit: 1/month, assumed: a test}
  tau: {is: 3 to 10, unit: week, assumed: a test}
stocks:
  x[i in o]: {unit: "1", starts: "g[i] * 1 month", plus: {up: "g[i] * (1 - x[i] / 10) * (1 if t.a else 3)"}}
tracks:
  t:
    stages: {a: {lasts: 2 to 8 weeks, then: b}, b: {lasts: 1 to 3 weeks, then: {a: 0.7, c: 0.3}}, c: {}}
  u[i in o]:
    stages: {calm: {}, tense: {lasts: 2 to 20 days, then: calm}}
    moves: [{from: calm, to: tense, rate: "g[i]"}]
"""

MEASURES = [
    "since(t.a) / 1 week",
    "since(t.c) / 1 week",
    "1 if first(t.c) < 2025-05-01 else 0",
    "1 if first(t.c) > 2025-05-01 else 0",
    "1 if first(t.c) <= first(t.b) else 0",
    "1 if first(t.c) >= first(t.b) else 0",
    "1 if first(t.c) == first(t.c) else 0",
    "1 if first(t.c) != first(t.c) else 0",
    "1 if first(t.c) != date else 0",
    "1 if not first(t.c) > date else 0",
    "(date - first(t.c)) / 1 week if reached(t.c) else -1",
    "1 if enters(t.a) else 0",
    "1 if enters(t.b) else 0",
    "1 if reached(t.c) else 0",
    "total(sum(x)) / 1 day",
    "total(x[a]) / 1 week",
    "total(1 if t.b else 0) / 1 day",
    "total(sum(up))",
    "change(sum(x), 4 weeks)",
    "change(x[b], 1 week)",
    "delay(sum(x), 3 weeks)",
    "delay(x[a], 1 week)",
    "delay(delay(x[a], 1 week), 2 weeks)",
    "delay(total(x[a]), 5 weeks) / 1 day",
    "smooth(x[a], 2 months)",
    "smooth(sum(x), tau)",
    "smooth(sum(up), tau + 1 week * x[a]) / 1 1/week",
    "smooth(smooth(x[a], tau), tau)",
    "delay(1 if t.b else 0, 2 weeks)",
    "sum(delay(x[i], 3 weeks) for i in o)",
    "sum(since(u[i].tense) for i in o) / 1 day",
    "count(reached(u[i].tense) for i in o)",
    "count(enters(u[i].calm) for i in o)",
    "max(smooth(x[i], tau) for i in o)",
    "total(x[a] * x[b]) / 1 day",
    "delay(since(t.b), 1 week) / 1 day",
    "delay(x[b], 50 weeks) + change(x[a], 50 weeks)",
    "sum(total(x[i]) / (time + 1 day) for i in o if u[i].calm)",
]  # fmt: skip


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("part", [0, 1, 2])
def test_history(make: MakeEngine, part: int) -> None:
    lines = [f'  m{n}: {{of: "{text}"}}' for n, text in enumerate(MEASURES) if n % 3 == part]
    games = agree(scenario(WORLD + "measures:\n" + "\n".join(lines)), make, futures=20)
    assert all(g.stopped is None for g in games)


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_history_that_feeds_back(make: MakeEngine, method: str) -> None:
    checked = scenario(
        f"integrate: {method}\n"
        + WORLD
        + """
  w:
    stages: {low: {}, high: {lasts: 1 to 4 weeks, then: low}}
    moves:
      - from: low
        to: high
        rate: 0.3 1/week
        when: change(fear, 2 weeks) > 0 and date - first(w.low) > 2 weeks
variables:
  fear: {is: "0.1 * smooth(sum(x), tau) + (1 if w.high else 0) + 0.01 * delay(sum(x), 2 weeks)", unit: "1"}
  tired[i in o]: {is: "since(u[i].tense) / 1 week + total(x[i]) / 1 year", unit: "1"}
events:
  relief:
    rate: 0.2 1/week * max(0, 1 + change(fear, 3 weeks))
    does: ["x[i in o] *= 0.9 + 0.01 * clip(tired[i], 0, 5)"]
measures:
  fear: {}
  tired[i in o]: {}
  x[i in o]: {}
  memory[i in o]: {of: "delay(tired[i], 2 weeks)"}
"""
    )
    agree(checked, make, futures=20)


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("integrate", ["euler", "rk4"])
def test_spans_about_as_long_as_the_run_and_far_longer(make: MakeEngine, integrate: str) -> None:
    """The run has 20 steps; what lies before its start is as it was then."""
    spans = ["1 week", "19 weeks", "20 weeks", "21 weeks", "400 weeks", "1e7 weeks"]
    bodies = ["sum(x)", "sum(up) * 1 month", "total(x[a]) / 1 day"]
    asked = [f"{function}({body}, {span})" for function in ("delay", "change") for body in bodies for span in spans]
    asked += ["delay(delay(x[a], 30 weeks), 2 weeks)", "delay(delay(x[a], 2 weeks), 30 weeks)"]
    asked += ["sum(delay(x[i], 50 weeks) for i in o)"]
    measures = "\n".join(f'  m{n}: {{of: "{body}"}}' for n, body in enumerate(asked))
    agree(scenario(f"integrate: {integrate}\n{WORLD}\nmeasures:\n{measures}\n"), make, futures=8)
