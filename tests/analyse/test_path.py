from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playout.analyse.path import fallbacks, path_finding, story
from playout.model.expression import Number
from playout.model.scenario import Move, Track
from present.made_up import CAMPAIGN, NOWHERE, stage


def test_the_story_is_the_longest_way_forward_and_leaves_out_where_failures_go() -> None:
    assert story(CAMPAIGN) == ("partnering", "selecting", "authorising", "striking", "talking", "enforcing")
    assert fallbacks(CAMPAIGN) == {"shelved"}


def test_of_equally_long_ways_the_first_in_the_file_is_the_story() -> None:
    track = Track(NOWHERE, "t", (), (stage("a", "A", "c", "b"), stage("b", "B"), stage("c", "C")))
    assert story(track) == ("a", "b")


def test_moves_are_ways_where_the_first_stage_has_no_clock() -> None:
    rate = Number(NOWHERE, 1.0)
    moves = tuple(
        Move(NOWHERE, ((origin, NOWHERE),), destination, NOWHERE, rate)
        for origin, destination in (("a", "b"), ("b", "a"), ("b", "c"))
    )
    track = Track(NOWHERE, "t", (), (stage("a", "A"), stage("b", "B"), stage("c", "C")), moves)
    assert story(track) == ("a", "b", "c")


def test_a_lone_stage_is_its_own_story() -> None:
    assert story(Track(NOWHERE, "t", (), (stage("a", "A"),))) == ("a",)


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_the_product_of_the_odds_is_the_share_that_takes_every_step(futures: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    first = {item.name: np.where(random.random(futures) < 0.7, 7.0, np.nan) for item in CAMPAIGN.stages}
    first["partnering"] = np.zeros(futures)
    found = path_finding(CAMPAIGN, first, np.ones(futures, dtype=bool))
    odds = [given.p for given in found.given if given is not None]
    assert found.whole.p == pytest.approx(float(np.prod(odds)) if len(odds) == len(found.given) else 0.0)


def test_a_future_that_skips_a_step_does_not_count_as_taking_it() -> None:
    nan = float("nan")
    track = Track(NOWHERE, "t", (), (stage("a", "A", "b", "c"), stage("b", "B", "c"), stage("c", "C")))
    first = {"a": np.zeros(4), "b": np.array([7.0, 7.0, nan, nan]), "c": np.array([14.0, nan, 7.0, 7.0])}
    found = path_finding(track, first, np.ones(4, dtype=bool))
    assert [given.p for given in found.given if given] == [0.5, 0.5]
    assert found.whole.p == 0.25
    assert found.given[1] is not None
    assert found.given[1].n == 2


def test_a_future_that_comes_back_may_take_a_later_step_first() -> None:
    track = Track(NOWHERE, "t", (), (stage("a", "A", "b", "c"), stage("b", "B", "c"), stage("c", "C", "a")))
    first = {"a": np.zeros(2), "b": np.array([7.0, 21.0]), "c": np.array([14.0, 7.0])}
    found = path_finding(track, first, np.ones(2, dtype=bool))
    assert found.whole.p == 1.0
    assert found.in_order.p == 0.5
