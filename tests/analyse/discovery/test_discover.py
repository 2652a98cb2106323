"""From a run to boxes of beliefs: regions that are known are found, said in words, and what cannot be is refused."""

from __future__ import annotations

import json

import pytest

import playout
from endings import SCENARIO
from playout.errors import RunError, UsageError
from playout.model.checked import CheckedScenario
from playout.present.discovery import Discovered, discovery_lines
from playout.simulate.run import play


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path = tmp_path_factory.mktemp("discover") / "scenario.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return playout.load(path)


@pytest.fixture(scope="module")
def found(checked: CheckedScenario) -> Discovered:
    return playout.discover(checked, "violence > 500", futures=8000)


def test_the_region_that_ends_badly_is_found_and_no_more(found: Discovered) -> None:
    """Bad is heat above 0.7 with consent below 0.5; nothing else."""
    (box,) = found.discovery.found
    limits = {limit.name: limit for limit in box.box.limits}
    assert set(limits) == {"heat", "consent"}
    assert limits["heat"].low == pytest.approx(0.7, abs=0.02)
    assert limits["consent"].high == pytest.approx(0.5, abs=0.03)
    assert box.box.coverage > 0.93
    assert box.box.density > 0.93
    assert box.reproduced is not None
    assert box.reproduced.by_coverage == {"consent": 1.0, "heat": 1.0}


def test_it_is_said_in_words_with_titles_and_units(found: Discovered) -> None:
    (said,) = found.rules()
    assert said.startswith("“Heat of the summer” is at least 0.69")
    assert "“Consent” is at most 50%: 100% of the bad futures lie here" in said
    assert "% of all." in said
    lines = [line.text for line in discovery_lines(found, 80)]
    assert lines[0] == "Bad: Violence above 500 people"
    assert max(map(len, lines)) <= 80
    assert any("in 100% of halves" in line for line in lines)


def test_frames_and_plain_data_hold_the_same(found: Discovered) -> None:
    frame, boxes, plain = found.frame(), found.boxes(), found.as_json()
    assert frame["belief"].to_list() == [limit["belief"] for limit in plain["boxes"][0]["limits"]]
    assert frame["unit"].to_list() == ["1", "probability"] or frame["unit"].to_list() == ["probability", "1"]
    assert boxes["coverage"][0] == plain["boxes"][0]["coverage"]["p"]
    assert boxes["density_se"][0] == plain["boxes"][0]["density"]["se"] > 0.0
    way = found.trajectory()
    assert way.height == len(plain["boxes"][0]["trajectory"])
    assert way["step"][0] == "all"
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["bad"]["text"] == "violence > 500"
    assert plain["bad"]["se"] > 0.0


def test_it_is_drawn_and_shows_itself(found: Discovered) -> None:
    drawn = json.dumps(found.chart().to_dict())
    assert "chosen: 2 beliefs limited" in drawn
    assert "Heat of the summer: at least" in drawn
    shown = found._repr_html_()
    assert "<svg" in shown
    assert "Heat of the summer" in shown


def test_a_run_that_was_played_gives_the_same_boxes(checked: CheckedScenario, found: Discovered) -> None:
    result = playout.run(checked, futures=8000, weigh=False)
    for given in (result, result.runs):
        again = playout.discover(given, "violence > 500")
        assert again.frame().equals(found.frame())
        assert again.boxes().equals(found.boxes())


def test_a_baseline_is_compared_with(checked: CheckedScenario) -> None:
    against = playout.discover(checked, "violence against calm > 500", futures=4000, halves=0)
    assert {limit.name for limit in against.discovery.found[0].box.limits} == {"heat", "consent"}
    result = playout.run(checked, futures=4000, weigh=False)
    assert playout.discover(result, "violence against calm > 500", halves=0).frame().equals(against.frame())


def test_values_without_an_order_are_a_set_and_shared_draws_stand_for_one(checked: CheckedScenario) -> None:
    guarded = playout.discover(checked, "guarded >= 2 and harm[north] > 0 and harm[south] > 0", futures=4000, halves=0)
    (limit,) = guarded.discovery.found[0].box.limits
    assert (limit.name, limit.kept) == ("guards", ("2", "3"))
    assert guarded.discovery.same == {"mood[south]": "mood[north]"}
    assert "known" in guarded.discovery.known


def test_the_view_is_an_input(checked: CheckedScenario) -> None:
    found = playout.discover(
        checked, "highest 20% of all_of_it", futures=4000, beliefs=["idle", "view"], boxes=1, halves=0
    )
    assert "view" in found.discovery.inputs.names
    assert found.discovery.inputs.categories["view"] == ("plain", "wild")
    alone = playout.discover(checked, "highest 20% of all_of_it", futures=4000, beliefs=["view"], halves=0)
    assert alone.discovery.inputs.names == ("view",)
    held = playout.discover(checked, "highest 20% of all_of_it", futures=4000, view="wild", halves=0)
    assert "view" not in held.discovery.inputs.names


def test_the_reader_may_choose_another_box(found: Discovered, checked: CheckedScenario) -> None:
    runs = found.discovery.runs
    dense = playout.discover(runs, "violence > 500", density=0.9, halves=0).discovery.found[0]
    assert dense.box.density >= 0.9
    assert dense.way is not None
    assert all(own.coverage <= dense.box.coverage for own in dense.way.boxes if own.density >= 0.9)
    whole = playout.discover(runs, "violence > 500", place=0, halves=0).discovery.found[0]
    assert whole.box.limits == ()
    assert whole.box.coverage == 1.0


def test_a_tree_finds_the_region_too(found: Discovered) -> None:
    tree = playout.discover(found.discovery.runs, "violence > 500", method="cart")
    (leaf,) = tree.discovery.found
    assert {limit.name for limit in leaf.box.limits} == {"heat", "consent"}
    assert leaf.box.density > 0.97
    with pytest.raises(UsageError, match="a tree's leaf has no trajectory"):
        tree.trajectory()


def test_too_few_bad_futures_are_told_with_the_number_needed(checked: CheckedScenario) -> None:
    with pytest.raises(RunError) as caught:
        playout.discover(checked, "violence > 500", futures=300)
    said = str(caught.value)
    assert "of 300 futures end so, and a region can be told from chance with 100 or more" in said
    assert "hint: play about 1,000 futures" in said or "hint: play about" in said
    with pytest.raises(RunError, match=r"0 of 300 futures end so.*\n  hint: play more futures, or state an ending"):
        playout.discover(checked, "violence > 5000", futures=300)
    with pytest.raises(RunError, match="0 of 300 futures do not"):
        playout.discover(checked, "violence > 0", futures=300)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"beliefs": ["known"]}, "`known` is the same in every future (4)"),
        ({"beliefs": ["het"]}, "there is no belief `het`; did you mean `heat`?"),
        ({"place": 900}, "the trajectory has places 0 to"),
        ({"density": 1.0, "beliefs": ["idle"]}, "no box is as dense as 1"),
        ({"density": 0.5, "place": 1}, "a box is chosen by its density or by its place, not by both"),
        ({"method": "oracle"}, "there is no method `oracle`; there are prim and cart"),
        ({"method": "cart", "place": 1}, "a tree has no trajectory"),
        ({"boxes": 0}, "boxes is how many to look for, 1 or more; got 0"),
        ({"halves": -1}, "halves is how many random halves to look in, from 0 to 1,000; got -1"),
        ({"halves": 10**6}, "from 0 to 1,000; got 1,000,000"),
        ({"seed": 2}, "`seed` is of the run that was given"),
    ],
)
def test_what_cannot_be_is_refused(asked: dict[str, object], said: str, checked: CheckedScenario) -> None:
    runs = play(checked, futures=2000, seed=1)
    with pytest.raises(UsageError) as caught:
        playout.discover(runs, "violence > 500", **{"halves": 0, **asked})  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_a_run_that_does_not_report_the_measure_is_told(checked: CheckedScenario) -> None:
    runs = play(checked, futures=200, seed=1, wanted=["camp"])
    with pytest.raises(UsageError, match="the run that was given does not report `violence`"):
        playout.discover(runs, "violence > 500")
