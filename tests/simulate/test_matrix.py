"""From a checked scenario to the rows of its belief matrix: laws under views and policies, spreads, ties, the view."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import playout
from playout.compile.lower import lower
from playout.compile.lower.variant import VIEW
from playout.model.checked import CheckedScenario
from playout.simulate.matrix import BeliefRows, belief_rows

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
  strength[side]:
    north: {is: "normal(10, 2)", unit: person, assumed: a test}
    south: {is: "normal(20, 2)", unit: person, assumed: a test}
  mood[side]: {is: "uniform(0, 1)", shared: true, unit: "1", assumed: a test}
  known: {is: 3, unit: "1", assumed: a test}
together: [[pace, "strength[north]", 0.7]]
measures:
  all_of_it: {of: "pace * known * sum(strength) * sum(mood)", unit: person/year}
policies:
  calm: [pace = 0.1 to 0.2]
  halved: [pace *= 0.5 from 2025-02-01]
  firm: ["strength[south] = normal(100, 1)"]
views:
  plain: {credence: 0.25, is: [known = 3]}
  wild: {credence: 0.75, is: [pace = 10 to 20, "strength[north] = normal(50, 2)"]}
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path = tmp_path_factory.mktemp("matrix") / "scenario.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return playout.load(path)


def drawn(
    checked: CheckedScenario, policy: str | None = None, view: str | None = None, futures: int = 4000, seed: int = 3
) -> tuple[dict[tuple[str, int], np.ndarray], BeliefRows]:
    columns = lower(checked, policy).columns
    rows = belief_rows(checked, columns, policy, view)
    matrix = rows.draw(0, futures, seed)
    assert matrix.shape == (len(columns), futures)
    return {(name.removesuffix(" as written"), member): matrix[i] for i, (name, member) in enumerate(columns)}, rows


def test_views_come_by_credence_and_bring_their_laws(checked: CheckedScenario) -> None:
    values, _ = drawn(checked)
    view = values[VIEW, 0]
    assert set(view) == {0.0, 1.0}
    assert abs(view.mean() - 0.75) < 4 * np.sqrt(0.75 * 0.25 / view.size)
    pace = 365.25 * values["pace", 0]
    assert np.median(pace[view == 0]) == pytest.approx(2.0, rel=0.05)
    assert np.median(pace[view == 1]) == pytest.approx(np.sqrt(200.0), rel=0.05)
    north, south = values["strength", 0], values["strength", 1]
    assert north[view == 1].mean() == pytest.approx(50.0, abs=0.5)
    assert south[view == 1].mean() == pytest.approx(20.0, abs=0.5)


def test_a_view_may_be_held_by_all(checked: CheckedScenario) -> None:
    values, _ = drawn(checked, view="wild")
    assert set(values[VIEW, 0]) == {1.0}
    by_credence, _ = drawn(checked)
    held = by_credence[VIEW, 0] == 1.0
    np.testing.assert_array_equal(values["pace", 0][held], by_credence["pace", 0][held])


def test_a_policy_goes_over_a_view_and_keeps_the_random_number(checked: CheckedScenario) -> None:
    plain, _ = drawn(checked)
    calm, _ = drawn(checked, "calm")
    assert np.all(calm["pace", 0] * 365.25 < 1.0)
    view = plain[VIEW, 0]
    for number in (0.0, 1.0):
        order = stats.spearmanr(plain["pace", 0][view == number], calm["pace", 0][view == number]).statistic
        assert order == pytest.approx(1.0)
    np.testing.assert_array_equal(plain["strength", 0], calm["strength", 0])


def test_a_policy_on_one_member_leaves_the_others(checked: CheckedScenario) -> None:
    plain, _ = drawn(checked)
    firm, _ = drawn(checked, "firm")
    assert firm["strength", 1].mean() == pytest.approx(100.0, abs=0.5)
    np.testing.assert_array_equal(plain["strength", 0], firm["strength", 0])


def test_a_change_over_time_is_left_to_the_run(checked: CheckedScenario) -> None:
    plain, _ = drawn(checked)
    halved, _ = drawn(checked, "halved")
    np.testing.assert_array_equal(plain["pace", 0], halved["pace", 0])


def test_members_that_share_a_draw_are_equal(checked: CheckedScenario) -> None:
    values, _ = drawn(checked)
    np.testing.assert_array_equal(values["mood", 0], values["mood", 1])


def test_beliefs_are_tied_as_the_scenario_says(checked: CheckedScenario) -> None:
    values, _ = drawn(checked)
    view = values[VIEW, 0]
    rho = stats.spearmanr(values["pace", 0][view == 1], values["strength", 0][view == 1]).statistic
    assert rho == pytest.approx(0.7, abs=0.05)
    assert abs(stats.spearmanr(values["pace", 0], values["strength", 1]).statistic) < 0.1


def test_the_matrix_does_not_depend_on_where_a_block_starts(checked: CheckedScenario) -> None:
    columns = lower(checked).columns
    rows = belief_rows(checked, columns)
    whole = rows.draw(0, 100, 9)
    np.testing.assert_array_equal(whole[:, 37:61], rows.draw(37, 24, 9))
    assert not np.array_equal(whole, rows.draw(0, 100, 10))


def test_spreads_widen_every_belief_of_the_view(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    text = SCENARIO.replace("[known = 3]", "[spreads *= 2]").replace("together: ", "# ")
    path.write_text(text, encoding="utf-8")
    checked = playout.load(path)
    values, rows = drawn(checked)
    assert rows.spreads == (2.0, 1.0)
    view, south = values[VIEW, 0], values["strength", 1]
    assert south[view == 0].std() == pytest.approx(4.0, rel=0.1)
    assert south[view == 1].std() == pytest.approx(2.0, rel=0.1)
    assert set(values["known", 0]) == {3.0}


def test_a_scenario_without_beliefs_has_an_empty_matrix(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(
        "playout: 1\ntitle: A test\nstart: 2025-01-06\nhorizon: 4 weeks\nstep: 1 week\nmeasures: {one: {of: '1'}}\n",
        encoding="utf-8",
    )
    checked = playout.load(path)
    columns = lower(checked).columns
    assert columns == ()
    assert belief_rows(checked, columns).draw(0, 5, 1).shape == (0, 5)
