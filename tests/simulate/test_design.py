"""Designs: what is drawn anew or given moves, and everything else, chance included, stays what it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import playout
from playout.compile.lower import lower
from playout.compile.lower.variant import AS_WRITTEN
from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.simulate.belief_frame import belief_frame
from playout.simulate.design import VIEW, Design
from playout.simulate.matrix import belief_rows
from playout.simulate.run import play

SCENARIO = """
playout: 1
title: A test
start: 2025-01-06
horizon: 10 weeks
step: 1 week
sets:
  side: {north: {title: North}, south: {title: South}}
beliefs:
  pace: {is: 1 to 4, unit: 1/year, assumed: a test}
  strength[side]: {is: "uniform(0, 1)", unit: "1", assumed: a test}
  mood[side]: {is: "uniform(0, 1)", shared: true, unit: "1", assumed: a test}
  weather: {is: "normal(0, 1)", unit: "1", each: step, assumed: a test}
  doubled: {is: "uniform(0, 1)", unit: "1", assumed: a test}
together: [[pace, "strength[north]", 0.7]]
events:
  storm: {rate: "26 1/year"}
measures:
  all_of_it: {of: "pace * sum(strength) * sum(mood) * weather * doubled", unit: 1/year}
  storm: {per: year}
views:
  plain: {credence: 0.5, is: [doubled *= 1]}
  wild: {credence: 0.5, is: [doubled *= 2]}
"""
Rows = dict[tuple[str, int], NDArray[np.float64]]
ALL = {("pace", 0), ("strength", 0), ("strength", 1), ("mood", 0), ("mood", 1), ("doubled", 0), (VIEW, 0)}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path = tmp_path_factory.mktemp("design") / "scenario.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return playout.load(path)


def drawn(checked: CheckedScenario, design: Design | None = None, futures: int = 400) -> Rows:
    columns = lower(checked).columns
    matrix = belief_rows(checked, columns, design=design).draw(0, futures, 3)
    return {(name.removesuffix(AS_WRITTEN), member): row for (name, member), row in zip(columns, matrix, strict=True)}


def moved(one: Rows, two: Rows) -> set[tuple[str, int]]:
    assert set(one) == set(two) == ALL
    return {name for name in one if not np.array_equal(one[name], two[name])}


@pytest.mark.parametrize(
    ("redrawn", "expected"),
    [
        ([], set()),
        (["doubled"], {("doubled", 0)}),
        (["strength[south]"], {("strength", 1)}),
        (["strength"], {("strength", 0), ("strength", 1)}),
        (["mood[south]"], {("mood", 0), ("mood", 1)}),
        ([VIEW], {(VIEW, 0)}),
        (["pace"], {("pace", 0), ("strength", 0)}),  # what is tied to it follows
        (["strength[north]"], {("strength", 0)}),
        (["pace", "strength", "mood", "doubled", VIEW], ALL),
    ],
)
def test_only_what_is_named_is_drawn_anew(
    checked: CheckedScenario, redrawn: list[str], expected: set[tuple[str, int]]
) -> None:
    plain = drawn(checked)
    assert moved(plain, drawn(checked, Design(redrawn, seed=8))) == expected
    assert not moved(plain, drawn(checked, Design(redrawn, seed=3)))


def test_what_is_drawn_anew_is_what_the_other_seed_gives(checked: CheckedScenario) -> None:
    columns = lower(checked).columns
    other = belief_rows(checked, columns).draw(0, 400, 8)
    everything = belief_rows(checked, columns, design=Design(["pace", "strength", "mood", "doubled", VIEW], seed=8))
    np.testing.assert_array_equal(everything.draw(0, 400, 3), other)


def test_a_new_draw_keeps_laws_and_ties_and_is_independent(checked: CheckedScenario) -> None:
    plain = drawn(checked, futures=4000)
    new = drawn(checked, Design(["pace"], seed=8), futures=4000)
    assert stats.ks_2samp(plain["pace", 0], new["pace", 0]).pvalue > 1e-3
    assert abs(stats.spearmanr(plain["pace", 0], new["pace", 0]).statistic) < 0.06
    assert stats.spearmanr(new["pace", 0], new["strength", 0]).statistic == pytest.approx(0.7, abs=0.05)


def test_futures_may_hold_the_beliefs_of_others(checked: CheckedScenario) -> None:
    numbers = np.arange(400) // 50
    plain, held = drawn(checked), drawn(checked, Design(numbers=numbers))
    for name, row in held.items():
        np.testing.assert_array_equal(row, plain[name][numbers])
    columns = lower(checked).columns
    rows = belief_rows(checked, columns, design=Design(numbers=numbers))
    np.testing.assert_array_equal(rows.draw(60, 100, 3), rows.draw(0, 400, 3)[:, 60:160])


def test_uniforms_go_through_the_law(checked: CheckedScenario) -> None:
    column = np.linspace(0.01, 0.99, 400)
    plain = drawn(checked)
    given = drawn(checked, Design(uniforms={"doubled": column, "mood": column[::-1], VIEW: column}))
    assert moved(plain, given) == {("doubled", 0), ("mood", 0), ("mood", 1), (VIEW, 0)}
    np.testing.assert_array_equal(given["doubled", 0], column)
    np.testing.assert_array_equal(given["mood", 1], column[::-1])
    np.testing.assert_array_equal(given[VIEW, 0], column >= 0.5)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_chance_stays_that_of_the_future(checked: CheckedScenario, engine: str) -> None:
    designs = [None, Design(["pace", "strength", "doubled", VIEW], seed=9), Design(numbers=np.zeros(300, int))]
    plain, new, one = (play(checked, futures=300, seed=3, engine=engine, design=design) for design in designs)
    for runs in (new, one):
        assert runs.outcomes["events.storm"].equals(plain.outcomes["events.storm"])
        assert not runs.beliefs["pace"].equals(plain.beliefs["pace"])
    assert new.beliefs["mood[north]"].equals(plain.beliefs["mood[north]"])
    assert set(one.beliefs["doubled"]) == {plain.beliefs["doubled"][0]}
    assert one.outcomes["view"].n_unique() == 1
    again = play(checked, futures=300, seed=3, engine=engine, design=designs[1])
    assert again.identity() == new.identity()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"redrawn": ["paec"]}, "there is no belief `paec`; did you mean `pace`?"),
        ({"redrawn": ["strength[east]"]}, "there is no belief `strength[east]`"),
        ({"redrawn": ["weather"]}, "`weather` is drawn anew in every step: it is chance"),
        ({"seed": -1}, "a seed is a whole number"),
        ({"numbers": [1, 2]}, "one for each of 10 futures; got an array of shape [2]"),
        ({"numbers": [0.5] * 10}, "the numbers of futures are whole numbers"),
        ({"numbers": [-1] * 10}, "a future's number is a whole number from 0"),
        ({"uniforms": {"pace": [0.5]}}, "the uniforms of `pace` are one for each of 10 futures"),
        ({"uniforms": {"pace": [0.0] * 10}}, "the uniforms of `pace` lie between 0 and 1"),
        ({"uniforms": {"pace": [float("nan")] * 10}}, "the uniforms of `pace` lie between 0 and 1"),
        ({"uniforms": {"strength": [0.5] * 10}}, "give uniforms for `strength[north]` and `strength[south]`"),
    ],
)
def test_a_design_that_does_not_fit_is_refused(
    checked: CheckedScenario, asked: Mapping[str, object], said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        play(checked, futures=10, seed=1, design=Design(**asked))  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_a_scenario_without_views_has_none_to_draw(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO[: SCENARIO.index("views:")], encoding="utf-8")
    with pytest.raises(UsageError, match="there is no belief `the view`"):
        play(playout.load(path), futures=10, seed=1, design=Design([VIEW]))


def test_a_few_beliefs_are_those_of_all(checked: CheckedScenario, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO.replace("together:", "# "), encoding="utf-8")
    design = Design(["doubled"], seed=8, uniforms={"strength[south]": np.linspace(0.1, 0.9, 60)})
    for scenario in (checked, playout.load(path)):
        runs = play(scenario, futures=60, seed=3, design=design)
        names = ["strength[south]", "doubled", "strength[north]"]
        assert belief_frame(runs, names, range(5, 40)).equals(runs.beliefs.select(names)[5:40])
