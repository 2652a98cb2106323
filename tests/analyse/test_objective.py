"""Objectives: how they are read, what they make of a future, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import playout
from playout.analyse.objective import Objective, parse_objective
from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.simulate.run import play

#: Of each unit of `level` ten are harmed in a year; what is won is twice the level.
SMALL = """
playout: 1
title: A small choice
start: 2025-01-01
horizon: 52 weeks
step: 1 week
beliefs:
  level: {is: "normal(10, 2)", unit: "1", assumed: nobody knows}
sets:
  region: {north: {title: North}, south: {title: South}}
variables:
  harm_rate: {is: 10 person/year * level, unit: person/year}
  gain: {is: 2 * level, unit: "1"}
  share[r in region]: {is: level if r == north else 0, unit: "1"}
measures:
  harmed: {of: harm_rate, per: year, title: People harmed, people: true}
  hurt: {of: 2 * harm_rate, per: year, title: People hurt, people: true}
  gain: {title: Gain}
  share[r in region]: {of: "share[r]"}
questions:
  high: {ask: Is it high?, by: 2025-06-01, that: level > 10}
  higher: {ask: Is it higher still?, by: 2025-06-01, that: level > 11, given: level > 10}
policies:
  halved: [level *= 0.5]
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path: Path = tmp_path_factory.mktemp("small") / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return playout.load(path)


def read(text: str, checked: CheckedScenario) -> Objective:
    return parse_objective(text, checked.scenario)


def test_points_are_the_weighted_sum_of_what_the_future_holds(checked: CheckedScenario) -> None:
    runs = play(checked, futures=50, seed=1)
    half = play(checked, futures=50, seed=1, policy="halved")
    harmed, gain = runs.columns(["harmed[2025]", "gain[2025]"]).to_numpy().T
    high = runs.column("question.high").to_numpy()
    points = read("less harmed * 3, more gain; more high * 100", checked).values(runs)
    np.testing.assert_allclose(points, -3 * harmed + gain + 100 * high)
    against = read("less harmed", checked).values(half, runs)
    np.testing.assert_allclose(against, harmed / 2, rtol=1e-6)


def test_a_future_keeps_its_limits_or_does_not(checked: CheckedScenario) -> None:
    runs = play(checked, futures=200, seed=1)
    level = runs.column("gain[2025]").to_numpy() / 2
    objective = read("avoid gain > 24, keep high", checked)
    np.testing.assert_array_equal(objective.met(runs), (level <= 12) & (level > 10))
    np.testing.assert_array_equal(objective.values(runs), objective.met(runs))


def test_an_objective_says_which_way_is_better(checked: CheckedScenario) -> None:
    objective = read("less harmed, more gain, avoid high, keep share[north] >= 2, avoid gain > 9", checked)
    assert [objective.better(name) for name in ("harmed", "high", "share[north]", "hurt")] == [-1, -1, 1, None]
    assert objective.better("gain") is None  # both ways


def test_an_objective_knows_whom_it_leaves_out(checked: CheckedScenario) -> None:
    assert read("more gain", checked).left_out(checked.scenario) == ("harmed", "hurt")
    assert read("avoid hurt > 100", checked).left_out(checked.scenario) == ("harmed",)


def test_all_that_is_wrong_is_said_at_once(checked: CheckedScenario) -> None:
    text = (
        "never harmed > 3, less harmd, more gain * -1, avoid gain, more share, less share[east], keep high > 2, "
        "less hurt > 4, less hurt > 4 people, avoid hurt * 2, less harmed, less harmed, avoid higher"
    )
    with pytest.raises(UsageError) as wrong:
        read(text, checked)
    assert str(wrong.value).splitlines() == [
        "`never harmed > 3` is not a wish: begin with `less`, `fewer` or `more` and a name, or with `keep` or `avoid`",
        "  there is no outcome `harmd`; did you mean `harmed`?",
        "  `more gain * -1`: a weight is above 0; say `less` or `more` for which way",
        "  `avoid gain`: `gain` is a measure: say a bound, as in `avoid gain > 100`",
        "  `share` wants a member of `region`, as in `share[north]`",
        "  there is no region `east`; the scenario has `north`, `south`",
        "  `keep high > 2`: `high` comes about or does not, and takes no number",
        "  `less hurt > 4`: a bound goes with `keep` or `avoid`, and `less` takes a weight, `* 3`",
        "  `4 people` is not a number; a bound stands in the measure's own unit, without the unit's name",
        "  `avoid hurt * 2`: a weight goes with `less` or `more`; what is kept or avoided is kept or is not",
        "  `harmed` is weighed twice: say once what one unit of it is worth",
        "  the question `higher` has a condition, which holds in other futures under another policy, so that its "
        "answers cannot be compared future by future",
    ]


@pytest.mark.parametrize("text", ["", " , ; "])
def test_an_objective_that_says_nothing_is_refused(checked: CheckedScenario, text: str) -> None:
    with pytest.raises(UsageError, match="says what is wanted"):
        read(text, checked)


PIECES = st.sampled_from([
    *("less", "more", "keep", "avoid", "harmed", "share", "share[north]", "high", "gain", "region", "level", "eval(1)"),
    *(" ", " ", " ", ",", ";", "*", ">", "<=", "[", "]", ".", "3", "1e400", "-2", "nan", "é", "\n"),
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=14))
def test_any_text_is_an_objective_or_told_what_is_wrong(pieces: list[str], checked: CheckedScenario) -> None:
    try:
        objective = read("".join(pieces), checked)
    except UsageError:
        return
    assert np.isfinite([weight.points for weight in objective.weights]).all()
    assert {own.name for own in objective.outcomes} <= {"harmed", "gain", "high", "share[north]"}


@pytest.mark.parametrize("number", ["1e400", "1e300", "nan", "-inf", "three", "1,5"])
def test_a_weight_is_a_finite_number(checked: CheckedScenario, number: str) -> None:
    with pytest.raises(UsageError, match=r"is not a (number|wish)"):
        read(f"less harmed * {number}", checked)
