"""What it means to end badly: every form is read and counted by hand, what is none is refused with a way out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import playout
from endings import SCENARIO
from playout.analyse.ending import Tail, read_ending
from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.simulate.result import Runs
from playout.simulate.run import play

FUTURES = 4000


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path = tmp_path_factory.mktemp("endings") / "scenario.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return playout.load(path)


@pytest.fixture(scope="module")
def runs(checked: CheckedScenario) -> Runs:
    return play(checked, futures=FUTURES, seed=1)


def share(text: str, runs: Runs, **against: Runs) -> float:
    held, counted = read_ending(text, runs.checked).held(runs, against)
    return float(held.sum() / counted.sum())


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("violence > 500", 0.15),
        ("violence>=1,000", 0.15),
        ("violence ≤ 10", 0.85),
        ("violence < 1e3", 0.85),
        ("harm[north] > 2", 0.5),
        ("reached camp.fighting", 0.4),
        ("camp.fighting", 0.4),
        ("never reached camp.fighting", 0.6),
        ("not camp.fighting", 0.6),
        ("is_hot", 0.5),
        ("is_hot.yes", 0.5),
        ("is_hot.no", 0.5),
        ("question.is_hot.no", 0.5),
        ("violence > 500 and camp.fighting", 0.15),
        ("violence > 500 or camp.fighting", 0.4),
        ("guarded >= 3", 0.25),
    ],
)
def test_each_form_comes_about_as_often_as_it_should(text: str, exact: float, runs: Runs) -> None:
    error = (exact * (1 - exact) / FUTURES) ** 0.5
    assert share(text, runs) == pytest.approx(exact, abs=4 * error)


@pytest.mark.parametrize(("text", "exact"), [("highest 10% of all_of_it", 0.1), ("lowest 2.5% of all_of_it", 0.025)])
def test_a_share_of_a_measure_is_that_share(text: str, exact: float, runs: Runs) -> None:
    assert share(text, runs) == pytest.approx(exact, abs=1 / FUTURES)


def test_equal_values_at_the_border_do_not_swell_a_share(runs: Runs) -> None:
    """A quarter of the futures have three guards, a quarter two: the highest 30% are those with three."""
    assert share("highest 30% of guarded", runs) == share("guarded >= 3", runs)
    assert share("highest 20% of guarded", runs) == share("guarded >= 3", runs)


def test_a_difference_is_from_the_same_futures_under_the_other_policy(checked: CheckedScenario, runs: Runs) -> None:
    calm = play(checked, futures=FUTURES, seed=1, policy="calm")
    found = share("violence against calm > 500", runs, calm=calm)
    assert found == share("violence > 500", runs)
    assert share("violence against calm < 0", runs, calm=calm) == 0.0


def test_a_question_that_did_not_arise_is_not_counted(runs: Runs) -> None:
    held, counted = read_ending("is_hot_where_agreed.no", runs.checked).held(runs)
    consent = runs.beliefs["consent"].to_numpy()
    np.testing.assert_array_equal(counted, consent > 0.5)
    assert held.sum() / counted.sum() == pytest.approx(0.5, abs=0.05)


def test_a_run_is_asked_for_what_the_ending_looks_at(checked: CheckedScenario) -> None:
    ending = read_ending("violence against calm > 5 or camp.fighting or is_hot.no", checked)
    assert ending.wanted == {"violence", "camp", "is_hot"}
    assert ending.policies == ("calm",)
    short = play(checked, futures=50, seed=1, wanted=ending.wanted)
    calm = play(checked, futures=50, seed=1, policy="calm", wanted=ending.wanted)
    whole = play(checked, futures=50, seed=1)
    np.testing.assert_array_equal(ending.held(short, {"calm": calm})[0], ending.held(whole, {"calm": calm})[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("violense > 3", "there is no measure `violense`; did you mean `violence`?"),
        ("violence", "`violence` is a measure, and how much of it is bad is not said\n  hint: write `violence > 100`"),
        ("harm > 3", "`harm` has members: name one of them\n  hint: write `harm[north]`"),
        ("harm[west] > 3", "there is no member `west`; the scenario has `north`, `south`"),
        ("violence[north] > 3", "`violence` wants no member, in `violence[north] > 3`"),
        ("worst 10% of violence", "`worst` does not say which end of `violence` is bad\n  hint: write `highest 10% of"),
        ("highest 100% of violence", "`highest 100% of violence` wants a share above 0% and below 100%"),
        ("violence against clam > 3", "there is no policy `clam`; did you mean `calm`?"),
        ("reached camp.fihgting", "there is no outcome `camp.fihgting`"),
        ("violence > many", "`violence > many` is no way to end\n  hint: write `homicides > 30000`"),
        ("__import__('os')", "`__import__('os')` is no way to end"),
        ("violence > 3 and is_hot or camp.fighting", "mixes `and` with `or`"),
        ("", "`` is no way to end"),
        ("is_hot.maybe", "there is no outcome `is_hot.maybe`"),
    ],
)
def test_what_is_no_ending_is_refused_with_a_way_out(text: str, said: str, checked: CheckedScenario) -> None:
    with pytest.raises(UsageError) as caught:
        read_ending(text, checked)
    assert said in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_an_ending_or_refused(text: str) -> None:
    """No text gets further than the parser: it is read or told to be wrong."""
    checked = _checked()
    try:
        read_ending(text, checked)
    except UsageError:
        return


_KEPT: list[CheckedScenario] = []


def _checked() -> CheckedScenario:
    if not _KEPT:
        path = Path(__file__).parents[1] / "docs" / "base.yaml"
        _KEPT.append(playout.load(path))
    return _KEPT[0]


def test_a_tail_leaves_out_what_is_not_a_number() -> None:
    values = np.array([1.0, np.nan, 3.0, 2.0, np.nan])
    assert Tail("highest", 1 / 3).holds(values).tolist() == [False, False, True, False, False]
    assert Tail("lowest", 1 / 3).holds(values).tolist() == [True, False, False, False, False]
    assert not Tail("highest", 0.5).holds(np.array([np.nan])).any()
