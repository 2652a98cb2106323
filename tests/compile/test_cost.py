"""Counts of what a step costs."""

from __future__ import annotations

from conformance import scenario
from playout.compile.cost import Cost, cost
from playout.compile.lower import lower
from playout.compile.rewrite import rewrite

TEXT = """
sets:
  o: {members}
beliefs:
  noise[o]: {{is: "normal(0, 1)", unit: "1", each: step, assumed: a test}}
stocks:
  x[i in o]: {{unit: "1", starts: 1, plus: {{up: "1 1/year * exp(noise[i]) * x[i]"}}}}
events:
  blow[i in o]: {{rate: 1 1/month, does: ["x[i] *= 0.7"]}}
measures:
  x[i in o]: {{}}
"""


def count(members: int) -> Cost:
    names = ", ".join(f"m{n}: {{}}" for n in range(members))
    return cost(rewrite(lower(scenario(TEXT.format(members="{" + names + "}")))))


def test_draws_functions_and_state_are_counted_by_member() -> None:
    one, three = count(1), count(3)
    assert one.draws == 2
    assert three.draws == 6
    assert one.elementary["exp"] == 1
    assert three.elementary["exp"] == 3
    assert three.state_bytes > 2 * one.state_bytes
    assert three.microseconds > 2 * one.microseconds


def test_calls_that_a_condition_may_spare_are_told_apart() -> None:
    text = """
beliefs:
  level: {is: 0.2 to 0.5, unit: "1", assumed: a test}
stocks:
  x: {unit: "1", starts: 1, plus: {up: "1 1/year * exp(x)", more: "1 1/year * log(x) if x > level else 0 1/year"}}
measures:
  x: {}
"""
    found = cost(rewrite(lower(scenario(text))))
    assert dict(found.elementary) == {"exp": 1, "log": 1}
    assert found.always == 1


def test_parts_add_up_to_the_whole_the_dearest_first() -> None:
    found = count(2)
    assert {part.name for part in found.parts} >= {"x", "up", "blow", "noise"}
    assert sum(part.draws for part in found.parts) == found.draws
    assert sum(part.operations for part in found.parts) == found.operations
    assert abs(sum(part.microseconds for part in found.parts) - found.microseconds) < 1e-12
    costs = [part.microseconds for part in found.parts]
    assert costs == sorted(costs, reverse=True)


def test_equal_expressions_count_once() -> None:
    twice = TEXT + "  y[i in o]: {{of: 'exp(noise[i]) * x[i]'}}\n  z[i in o]: {{of: 'exp(noise[i]) * x[i]'}}\n"
    found = cost(rewrite(lower(scenario(twice.format(members="{a: {}}")))))
    assert found.elementary["exp"] == 1
