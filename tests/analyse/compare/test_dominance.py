"""Dominance is an order, and regret is what its table says."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from playout.analyse.average import FEWEST_FOR_A_VIEW
from playout.analyse.compare.difference import Groups, difference, subtracted
from playout.analyse.compare.dominance import Verdict, first_order, verdict
from playout.analyse.compare.regret import regrets

VIEWS = ("one", "other")
N = 2 * FEWEST_FOR_A_VIEW
GROUPS = Groups.of(np.ones(N, bool), np.repeat([0, 1], FEWEST_FOR_A_VIEW), VIEWS)


def stands(first: NDArray[np.float64], second: NDArray[np.float64]) -> Verdict:
    """Of outcomes [rows, futures], of each of which less is better."""
    return verdict((difference(subtracted(a, b), GROUPS, 1.0), -1.0) for a, b in zip(first, second, strict=True))


@st.composite
def choices(draw: st.DrawFn) -> list[NDArray[np.float64]]:
    """Three ways with two outcomes each: levels that may tie, or lie close, with noise that may be shared."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shared = generator.normal(size=(2, N))
    made = []
    for _ in range(3):
        levels = np.array(draw(st.lists(st.sampled_from([0.0, 0.0, 0.05, 1.0]), min_size=4, max_size=4)))
        noise = draw(st.sampled_from([0.0, 0.01, 0.5])) * generator.normal(size=(2, N))
        made.append(shared + noise + np.repeat(levels.reshape(2, 2), FEWEST_FOR_A_VIEW, axis=1))
    return made


@given(choices())
def test_dominance_is_one_way_and_passes_on(ways: list[NDArray[np.float64]]) -> None:
    found = {pair: stands(ways[pair[0]], ways[pair[1]]) for pair in itertools.permutations(range(3), 2)}
    for one, other in found:
        there, back = found[one, other], found[other, one]
        assert (there.better, there.worse, there.same, there.open) == (back.worse, back.better, back.same, back.open)
        if there.standing != "neither":
            assert back.standing == "neither"
    for one, two, three in itertools.permutations(range(3), 3):
        if found[one, two].standing == found[two, three].standing == "dominates":
            assert found[one, three].standing == "dominates"


def test_nothing_dominates_itself() -> None:
    same = np.random.default_rng(1).normal(size=(2, N))
    assert stands(same, same) == Verdict(better=0, worse=0, same=4, open=0)
    assert stands(same, same).standing == "neither"


def test_what_rounding_does_is_a_tie() -> None:
    level = np.full(N, 123_456.0)
    found = difference(subtracted(level, level * (1 + 3e-7)), GROUPS, 1.0)
    assert found.same.p == 1.0
    assert subtracted(level, level * (1 + 3e-6)).max() < 0.0


def test_one_distribution_lies_above_another_or_they_cross() -> None:
    points = np.sort(np.random.default_rng(2).normal(size=4000))
    better = first_order(points + 1.0, points)
    assert (better.standing, better.below) == ("dominates", 0.0)
    # Two normals one standard deviation apart: the largest gap is 2Φ(1/2) − 1.
    assert better.above == pytest.approx(math.erf(0.5 / math.sqrt(2.0)), abs=better.allowed)
    assert first_order(points, points + 1.0).standing == "neither"
    assert first_order(points, points).standing == "neither"
    assert first_order(2.0 * points, points).standing == "neither"


def test_a_table_of_regret_by_hand() -> None:
    """Savage's table: points by choice and view, without noise. The cautious choice is regretted by 3 at most."""
    table = {"bold": (10.0, 0.0), "cautious": (7.0, 4.0), "timid": (4.0, 5.0)}
    points = np.stack([np.repeat(row, FEWEST_FOR_A_VIEW) for row in table.values()])
    found = regrets(points, GROUPS)
    by_view = [tuple(own.by_view[view].value for view in VIEWS) for own in found.choices]
    assert by_view == [(0.0, 5.0), (3.0, 1.0), (6.0, 0.0)]
    assert [own.greatest.value for own in found.choices] == [5.0, 3.0, 6.0]
    assert [own.where for own in found.choices] == ["other", "one", "one"]
    assert [own.expected.value for own in found.choices] == [2.5, 2.0, 3.0]
    assert found.best == {"one": 0, "other": 2}
    assert found.minimax == 1
    assert found.margin is not None
    assert (found.margin.value, found.margin.se) == (2.0, 0.0)


def test_the_error_of_a_margin_is_that_of_many_samples() -> None:
    """The margin of two regrets, from samples drawn again and again: its spread is the standard error that is told."""
    table = np.repeat(np.array([[10.0, 0.0], [7.0, 4.0], [4.0, 5.0]]), FEWEST_FOR_A_VIEW, axis=1)
    generator = np.random.default_rng(3)
    samples = [regrets(table + generator.normal(size=table.shape), GROUPS) for _ in range(400)]
    margins = [(own.margin.value, own.margin.se) for own in samples if own.margin is not None]
    spread = float(np.std([value for value, _ in margins], ddof=1))
    assert spread == pytest.approx(np.mean([se for _, se in margins]), rel=0.15)
    assert np.mean([value for value, _ in margins]) == pytest.approx(2.0, abs=4 * spread / 20)


def test_without_views_regret_is_of_all_futures() -> None:
    groups = Groups.of(np.ones(50, bool), np.zeros(50, np.int64), ())
    found = regrets(np.stack([np.full(50, 1.0), np.full(50, 4.0)]), groups)
    assert [own.greatest.value for own in found.choices] == [3.0, 0.0]
    assert found.choices[0].by_view[""].value == 3.0
