"""What is not a number is never an answer: whatever needs it stops the future, and what does not need it plays on."""

from __future__ import annotations

import pytest

from conformance import ENGINES, MakeEngine, agree, scenario

WORLD = """
horizon: 6 weeks
actors: {{boss: {{title: The boss}}}}
sets: {{group: {{a: {{}}, b: {{}}, spare: 1}}}}
beliefs:
  cases: {{is: "categorical(0.5: 0, 0.5: 2)", unit: "1", assumed: a test}}
  zero: {{is: 0, unit: "1", assumed: a test}}
variables:
  ratio: {{is: cases / cases}}
  low: {{is: ratio < 0.5}}
  worst: {{is: "argmax(zero / cases if g == a else 0 for g in group)"}}
stocks:
  x: {{unit: "1", starts: 1}}
  size[g in group]: {{unit: "1", starts: 4}}
tracks:
  road:
    stages: {{north: {{lasts: 10 days, then: {{south: {{share: 1, when: "{way}"}}}}}}, south: {{}}, east: {{}}}}
    moves: [{{from: north, to: east, rate: 0.01 1/day, when: "{move}"}}]
decisions:
  choice: {{by: boss, when: "{decision}", options: {{yes: {{value: 1, when: "{option}"}}, no: {{value: 0}}}}}}
  target: {{by: boss, choose: group, among: "{among}", value: "size[group]", before: none}}
events:
  shock: {{when: "{event}", does: [x += 1, "size[{index}] += {amount}"]}}
measures:
  x: {{}}
  m: {{of: "{measure}"}}
questions:
  q: {{ask: "Is it?", by: 2025-02-03, that: "{question}", given: "{given}"}}
"""
CALM = {
    "way": "time > 1 week",
    "move": "time > 1 week",
    "decision": "time > 1 week",
    "option": "x > 0",
    "among": "size[group] > 0",
    "event": "time == 2 weeks",
    "index": "a",
    "amount": "1",
    "measure": "x",
    "question": "x > 0",
    "given": "x > -1",
}
NEEDED = [
    ("way", "low"),
    ("way", "not low"),
    ("move", "ratio >= 0.5"),
    ("decision", "not (ratio == 1)"),
    ("option", "ratio != 1"),
    ("among", "size[group] * ratio > 0"),
    ("event", "cases > 1 or low"),
    ("index", "worst"),
    ("amount", "ratio"),
    ("measure", "1 if low else 0"),
    ("measure", "low"),
    ("measure", "max(ratio, 1)"),
    ("measure", "min(2, ratio)"),
    ("measure", "count(low for g in group)"),
    ("measure", "sum(1 for g in group if low)"),
    ("measure", "size[worst]"),
    ("measure", "1 if any(low for g in group) else 0"),
    ("measure", "mean(1 for g in group if size[g] > 90)"),
    ("measure", "lookup(ratio, [[0, 1], [2, 3]])"),
    ("measure", "1 if worst == a else 0"),
    ("measure", "total(ratio)"),
    ("measure", "1 if (worst if x > 0 else target) == b else 0"),
    ("measure", "clip(ratio, 0, 1)"),
    ("measure", "smooth(ratio, 3 weeks)"),
    ("question", "low"),
    ("question", "ratio * 0 < 1"),
    ("given", "not low"),
    ("question", "low == (x > 1)"),
]
NOT_NEEDED = [
    ("way", "cases > 1 and low"),
    ("move", "cases == 0 or ratio > 2"),
    ("measure", "ratio if cases > 0 else 7"),
    ("measure", "1 if cases > 0 and low else 0"),
    ("question", "(low if cases > 0 else x > 0)"),
    ("event", "cases == 5 and low"),
    ("measure", "sum(ratio for g in group if cases > 0)"),
    ("measure", "1 if any(low for g in group if cases > 1) else 0"),
    ("amount", "ratio if cases > 0 else 1"),
    ("given", "cases == 0 or ratio > 0"),
]


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize(("where", "expression"), NEEDED)
def test_where_it_is_needed_the_future_stops(where: str, expression: str, make: MakeEngine) -> None:
    """In those futures, and in those only, in which there are no cases."""
    games = agree(scenario(WORLD.format(**{**CALM, where: expression})), make, futures=8)
    if expression.startswith("mean(1"):
        assert all(game.stopped is not None for game in games)
    else:
        assert {game.stopped is None for game in games} == {True, False}


@pytest.mark.parametrize("make", ENGINES[:1])
@pytest.mark.parametrize(("where", "expression"), NOT_NEEDED)
def test_where_it_is_not_needed_nothing_stops(where: str, expression: str, make: MakeEngine) -> None:
    games = agree(scenario(WORLD.format(**{**CALM, where: expression})), make, futures=8)
    assert all(game.stopped is None for game in games)


@pytest.mark.parametrize("make", ENGINES)
def test_the_last_state_is_reported_too(make: MakeEngine) -> None:
    """A level and a question of the horizon's end have no step behind them in which they could stop the future."""
    checked = scenario(
        """
        horizon: 6 weeks
        beliefs: {k: {is: "categorical(0.5: 6, 0.5: 9)", unit: week, assumed: a test}}
        variables: {ratio: {is: "(time - k) / (time - k)"}}
        measures: {ratio: {}, amount: {of: 1 1/day, per: year}}
        questions: {q: {ask: "Is it?", by: 2025-02-17, that: ratio < 2}}
        """
    )
    games = agree(checked, make, futures=8)
    assert {game.stopped and game.stopped[0] for game in games} == {None, 6}


@pytest.mark.parametrize("make", ENGINES)
def test_every_comparison_with_never_is_false(make: MakeEngine) -> None:
    conditions = [
        "first(t.b) > 2025-02-01",
        "first(t.b) < 2025-02-01",
        "date < first(t.b)",
        "first(t.b) == date",
        "first(t.b) != date",
        "max(first(t.b), 2025-02-01) > 2025-01-01",
        "first(t.b) + 3 weeks > date",
        "date - first(t.b) < 3 weeks",
        "date - first(t.b) > 3 weeks",
        "first(t.b) - date > 3 weeks",
        "first(t.b) - date != 3 weeks",
    ]
    measures = "\n".join(f'  m{n}: {{of: "1 if {text} else 0"}}' for n, text in enumerate(conditions))
    checked = scenario(
        f"""
tracks:
  t: {{stages: {{a: {{}}, b: {{}}}}, moves: [{{from: a, to: b, rate: 0.05 1/week}}]}}
measures:
{measures}
"""
    )
    games = agree(checked, make, futures=20)
    never = [game for game in games if all(stage[()] == 0 for stage in game.stages["t"])]
    assert 0 < len(never) < 20
    assert all(step[()] == 0.0 for game in never for steps in game.measures.values() for step in steps)
