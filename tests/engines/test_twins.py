"""What is refused when it is written as a number stops the future, by name, when an equation comes to it.

TWINS lists every such constant check. Each row is tried as a literal, as a belief and as a variable: what the checks
let pass plays the same however it is written, and what they refuse stops the future in both engines and the
interpreter. A check without a twin says why in WITHOUT_TWIN.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance import MakeEngine, agree, beliefs, scenario
from playout.compile.lower import lower
from playout.compile.native.engine import NativeEngine
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite
from playout.errors import ScenarioError
from playout.model.checked import CheckedScenario

SINGLE: MakeEngine = partial(NativeEngine, precision="single")
NATIVE: list[MakeEngine] = [partial(NativeEngine, precision="double"), SINGLE]

SCENARIO = """
horizon: 8 weeks
actors: {{boss: {{title: The boss}}, rival: {{title: The rival}}}}
sets: {{group: {{a: {{}}, b: {{}}, spare: 2}}}}
beliefs:
  k: {{is: {belief}, unit: "{unit}", assumed: a test}}
  one: {{is: 1, unit: "1", assumed: a test}}
variables:
  v: {{is: k, unit: "{unit}"}}
  chance: {{is: "{probability}", unit: probability}}
  kept: {{is: "clip(2, {low}, 5)", unit: "1"}}
  followed: {{is: "smooth(time / 1 week, {smoothing})", unit: "1"}}
stocks:
  money: {{unit: "1", starts: "{starts}", within: [0, 100], plus: {{income: 1 1/week}}}}
  size[g in group]: {{unit: "1", starts: 10}}
tracks:
  road:
    stages:
      north: {{lasts: "{point}", then: south}}
      south: {{lasts: "gamma(2, {scale})", then: {{east: {share}, west: {other_share}, otherwise: north}}}}
      east: {{}}
      west: {{}}
    moves: [{{from: east, to: north, rate: "{move_rate}"}}]
decisions:
  choice:
    by: boss
    every: 1 week
    rationality: "{rationality}"
    options: {{yes: {{value: "{value}"}}, no: {{value: 0}}}}
games:
  bargain:
    players: {{chief: boss, other: rival}}
    every: 1 week
    rationality: {{chief: "{precision}", other: 1}}
    begins: luck
    nodes:
      luck: {{chance: {{good: {{odds: "{odds}", to: offer}}, bad: {{odds: otherwise, to: lost}}}}}}
      offer: {{by: chief, moves: {{give: answer, keep: lost}}}}
      answer: {{by: other, moves: {{take: deal, leave: lost}}}}
    ends: {{deal: {{chief: "{payoff}", other: 1}}, lost: {{chief: 0, other: 0}}}}
events:
  shock: {{rate: "{event_rate}", does: [money *= 0.9]}}
  split: {{when: "time == 2 weeks", does: ["splinter(from a, {split})"]}}
measures:
  money: {{}}
  kept: {{}}
  followed: {{}}
  chance: {{}}
  there: {{of: 1 if road.east else 0}}
  took: {{of: 1 if choice == yes else 0}}
  sizes: {{of: sum(size)}}
"""


@dataclass(frozen=True)
class Twin:
    """A number that the checks look at: where it stands, what passes, what is refused, by which code; and the name of
    the run's check that stops a future where an equation comes to what is refused."""

    slot: str
    passes: tuple[str, ...]
    refused: tuple[str, ...]
    code: str
    check: str
    unit: str = "1"


TWINS = (
    Twin("probability", ("0", "0.4", "1"), ("-0.5", "1.5"), "probability", "chance probability"),
    Twin("low", ("-1", "2", "5"), ("6", "9"), "arguments", "measure kept"),
    Twin(
        "smoothing",
        ("7 day", "30 day"),
        ("1 day", "0 day", "-9 day"),
        "history",
        "the time constant of `smooth`",
        "day",
    ),
    Twin("starts", ("0", "50"), ("-3", "101"), "within", "money"),
    Twin("point", ("3 day", "30 day"), ("-4 day",), "distribution", "road.north lasts", "day"),
    Twin("scale", ("2 day", "9 day"), ("-4 day",), "distribution", "road.south lasts", "day"),
    Twin("share", ("0.2", "0.5"), ("-0.2", "1.2"), "probability", "road.south.east share"),
    Twin("other_share", ("0.1", "0.5"), ("0.9", "1"), "shares", "road.south shares"),
    Twin("move_rate", ("0.5 1/day", "90 1/day"), ("-1 1/day",), "never", "road.rate 0", "1/day"),
    Twin("event_rate", ("0.01 1/day", "1 1/day"), ("-1 1/day",), "never", "shock.rate", "1/day"),
    Twin("rationality", ("0", "3"), ("-1", "-20"), "rationality", "choice.rationality"),
    Twin("precision", ("0", "3"), ("-1", "-20"), "rationality", "bargain.numbers"),
    Twin("odds", ("0", "0.3", "1"), ("-0.5", "1.5"), "probability", "bargain.numbers"),
    Twin("split", ("0.1", "1"), ("-0.5", "1.5"), "probability", "splinter group 1 share"),
)
INFINITE = (  # refused where written, and stops where an equation comes to it
    Twin("move_rate", (), ("inf",), "rate", "road.rate 0", "1/day"),
    Twin("event_rate", (), ("inf",), "rate", "shock.rate", "1/day"),
    Twin("rationality", (), ("inf",), "rationality", "choice.rationality"),
    Twin("smoothing", (), ("inf",), "history", "the time constant of `smooth`", "day"),
    Twin("value", (), ("inf",), "value", "choice.yes"),
    Twin("payoff", (), ("inf",), "value", "bargain.numbers"),
    Twin("starts", (), ("inf",), "starts", "money"),
)
WITHOUT_TWIN = {
    "a rate of 0, a share or a scale of 0": "is pointless when it is written and may well come out of an equation",
    "points of `lookup`, spans of `change` and `delay`, `every`, exponents of units": "are known numbers, no equations",
    "values of tables and distributions of beliefs": "are known numbers; what policies make of them is held to 0 to 1",
    "a condition that is always false": "is pointless when it is written",
}

PLAIN = {
    "probability": "0.5", "low": "0", "smoothing": "30 day", "starts": "20", "point": "9 day", "scale": "3 day",
    "share": "0.3", "other_share": "0.2", "move_rate": "0.1 1/day", "event_rate": "0.02 1/day", "rationality": "1",
    "precision": "1", "odds": "0.5", "split": "0.3", "value": "1", "payoff": "2",
}  # fmt: skip


def written(twin: Twin, value: str, how: str) -> str:
    """The scenario with the value in the twin's slot: as a literal, a belief, or a variable."""
    number = value.split()[0]
    slots = {**PLAIN, twin.slot: {"literal": value, "belief": "k", "variable": "v"}[how]}
    if number == "inf":  # which no belief is
        number = "1"
        slots[twin.slot] = {"literal": "inf", "belief": "k / 0", "variable": "v / 0"}[how]
    return SCENARIO.format(belief=number, unit=twin.unit, **slots)


def played(checked: CheckedScenario, make: MakeEngine, futures: int = 16) -> tuple[dict[str, list[float]], set[str]]:
    """All records of some futures, and the names of the checks that stopped any."""
    program = rewrite(lower(checked))
    engine = make(program)
    rows = beliefs(checked, None, program.columns, range(futures), 7)
    block = engine.play(0, futures, rows, 7)
    names = {engine.program.checks[status - 1].name for status in block.status if status}
    return {name: np.asarray(values).ravel().tolist() for name, values in block.records.items()}, names


ROWS = [pytest.param(twin, value, id=f"{twin.slot} {value}") for twin in (*TWINS, *INFINITE) for value in twin.refused]


@pytest.mark.parametrize(("twin", "value"), ROWS)
def test_what_is_refused_as_a_number(twin: Twin, value: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        scenario(written(twin, value, "literal"))
    assert {d.code for d in refused.value.diagnostics if d.severity == "error"} == {twin.code}


@pytest.mark.parametrize(("twin", "value"), ROWS)
def test_stops_the_future_by_name(twin: Twin, value: str) -> None:
    """As a belief on every engine, as a variable on one, each against the interpreter where it is in double."""
    tried = [("variable", NumpyEngine), ("belief", NumpyEngine)]
    if value == twin.refused[0]:
        tried += [("belief", make) for make in NATIVE]
    for how, make in tried:
        checked = scenario(written(twin, value, how))
        _, stopped = played(checked, make)
        assert stopped, f"{make} played on with {twin.slot} at {value} as a {how}"
        assert all(name.startswith(twin.check) for name in stopped)
        if make is not SINGLE:
            agree(checked, make, futures=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TWINS), st.data())
def test_a_number_plays_the_same_however_it_is_written(twin: Twin, data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(twin.passes))
    literal, stopped = played(scenario(written(twin, value, "literal")), NumpyEngine)
    assert not stopped
    how = data.draw(st.sampled_from(["belief", "variable"]))
    assert played(scenario(written(twin, value, how)), NumpyEngine) == (literal, set())
