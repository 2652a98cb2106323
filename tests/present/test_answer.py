from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from playout.analyse.estimate import Share as Counted
from playout.analyse.estimate import Signs, spread
from playout.present.fans import fan_mean, fan_value
from playout.present.views.answer import answer, by_view, headline, near, parting, reach
from playout.present.views.choices import QuestionView
from playout.present.views.estimate import fan, share
from playout.present.views.measures import difference_words, level_words, unit_words
from playout.present.words import signed
from present.made_up import made_up_page, made_up_share

PAGE = made_up_page()


def test_the_answer_says_how_far_what_it_does_what_is_decided_and_what_it_rests_on() -> None:
    said = answer(PAGE)
    assert len(said) == 5, "five sentences"
    assert said[0].startswith(
        "In this model, all 6 steps from “Build relationships and train” to “Enforcement” by March 2030:"
    )
    assert "1 future in" in said[0]
    assert "Most are lost between" in said[0]
    assert "against “No action”; over the whole run" in said[2]
    assert "“Presidential finding, Title 50”: likely, about 58%, roughly 6 futures in 10" in said[3]
    assert said[4] == "All of it rests on 3 beliefs: 2 (67%) are only assumed, and 1 cite a fact."
    assert "over the views" in reach(PAGE.ladders[0])


def test_a_near_question_stands_beside_the_long_run() -> None:
    assert answer(PAGE)[1] == (
        "Does the US use force on Mexican soil by 7 March 2026? Very unlikely, about 13%, roughly 1 future in 8; 3% to "
        "23% over the views."
    )


def test_the_near_question_is_the_one_nearest_to_a_year_that_is_asked_again() -> None:
    force, *_ = PAGE.questions
    year = force.by
    asked = [
        dataclasses.replace(force, name="soon", by=year - dt.timedelta(days=200), that="struck"),
        dataclasses.replace(force, name="other", that="listed"),
        dataclasses.replace(force, name="force", that="struck"),
        dataclasses.replace(force, name="conditional", that="struck", given="reached(campaign.striking)"),
    ]

    def nearest(*questions: QuestionView) -> str:
        found = near(dataclasses.replace(PAGE, questions=questions))
        assert found is not None
        return found.name

    assert nearest(*asked) == "force"
    assert nearest(*asked[1:]) == "other"
    assert nearest(asked[0]) == "soon"
    assert near(dataclasses.replace(PAGE, questions=(asked[3],))) is None


def test_a_difference_in_amounts_is_added_up_over_the_run() -> None:
    measure = headline(PAGE)
    assert measure is not None
    gap = measure.series[0].difference
    assert gap is not None
    totals = [signed(sum(means), 2) for means in (gap.mean, *sorted(gap.by_view.values(), key=sum))]
    assert answer(PAGE)[2].endswith(
        "; over the whole run, March 2025 to March 2030, "
        f"{totals[0]} people on average ({totals[1]} to {totals[2]} over the views)."
    )
    level = dataclasses.replace(measure, per=None)
    assert not any("whole run" in sentence for sentence in answer(dataclasses.replace(PAGE, measures=(level,))))


def test_what_cannot_matter_is_zero_and_small_means_are_only_said_to_be_small() -> None:
    array = np.array([[4.9e-9, 3e-5, 0.0, 2.0], [4.9e-9, 0.0, 0.0, 0.03]])
    made = fan(spread(array), array, amount=True, labels=["a", "b"], at=[1.5, 2.5], complete=[True, True], least=0.01)
    assert made.above == (0.25, 0.25)
    assert made.quantiles[0][:3] == (0.0, 0.0, 0.0)
    assert fan_mean(made, 1, difference=True) == ("under 0.01", "under 0.01")
    assert fan_mean(made, 0, difference=True) == ("+0.5", "0.5")
    assert fan_value(made, 0, made.quantiles[0][2], difference=False) == "0"


def test_a_difference_that_is_only_rounding_is_none() -> None:
    array = np.array([[1e-3, -2e-3, 0.0]])
    made = fan(spread(array), array, amount=True, labels=["a"], at=[1.5], complete=[True], signs=Signs((0.0,), (0.0,)))
    assert made.never
    assert made.empty


def test_every_view_is_heard_before_any_blend() -> None:
    said = by_view(PAGE)
    assert [sentence.split(":")[0] for sentence in said] == [
        "Pressure brings concessions",
        "Decapitation splits groups",
    ]
    assert all("homicides in Mexico in 2029 on average" in sentence for sentence in said)


def test_a_page_without_steps_people_or_views_has_an_answer_still() -> None:
    bare = dataclasses.replace(PAGE, ladders=(), measures=(), decisions=(), views=())
    assert len(answer(bare)) == 2
    assert len(answer(dataclasses.replace(bare, questions=()))) == 1
    assert by_view(bare) == ()
    assert headline(bare) is None


def test_views_that_agree_are_not_told_apart() -> None:
    ladder = PAGE.ladders[0]
    agreeing = dataclasses.replace(
        ladder, rungs=tuple(dataclasses.replace(rung, reached=made_up_share(0.5, 0.001)) for rung in ladder.rungs)
    )
    assert parting(ladder) is not None
    assert parting(agreeing) is None


def test_a_view_that_few_futures_hold_is_left_out_of_the_range() -> None:
    found = share(
        Counted(0.5, 0.01, 5000), {"many": Counted(0.4, 0.01, 4950), "few": Counted(0.9, 0.05, 50), "none": None}
    )
    assert dict(found.by_view) == {"many": 0.4}
    assert (found.low, found.high, found.spread) == (0.5, 0.5, 0.0)  # of one view there is no range
    assert found.equal is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.0] * 10, "no different in any future"),
        ([1.0] * 10, "more in nearly every future"),
        ([-1.0] * 10, "less in nearly every future"),
        ([1.0] * 4 + [-1.0] + [0.0] * 5, "more in 4 futures in 10, less in 1 future in 10, no different in the rest"),
        ([0.0] * 99 + [5.0], "no different in nearly every future"),
        ([1.0] * 5 + [-2.0] * 5, "more in half of the futures, less in half of the futures"),
    ],
)
def test_a_difference_says_which_way_it_goes(values: list[float], said: str) -> None:
    array = np.array([values])
    made = fan(spread(array), array, amount=True, labels=["2026"], at=[2026.5], complete=[True])
    assert difference_words(made) == said


def test_a_level_is_said_no_finer_than_it_is_known() -> None:
    array = np.linspace(18_000, 35_000, 400)[None, :]
    made = fan(spread(array), array, amount=True, labels=["2026"], at=[2026.5], complete=[True])
    assert level_words(made) == "median 26,000, 19,000 to 34,000 in nine futures in ten"


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("person", "people"),
        ("usd/year", "US dollars a year"),
        ("1/year", "a year"),
        ("1", ""),
        ("kg/person", "kg per person"),
        ("lb", "pounds"),
    ],
)
def test_units_are_said_in_words(unit: str, said: str) -> None:
    assert unit_words(unit) == said
