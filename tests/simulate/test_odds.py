"""How well odds are known, from how often something was asked and held."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import playout
from playout.model.check import check
from playout.read.decode import read_text
from playout.simulate.odds import error_left, largest_error

RARE = """
playout: 1
title: A rare thing
start: 2025-01-01
horizon: 1 day
step: 1 day
tracks:
  plant:
    stages: {fine: {}, melted: {}}
    moves: [{from: fine, to: melted, rate: 1e-6 1/day}]
questions:
  melts: {ask: Does it melt?, by: 2025-01-02, that: reached(plant.melted)}
"""


@given(st.integers(1, 10**7))
def test_the_error_of_none_and_of_all_is_that_under_jeffreys_prior(asked: int) -> None:
    wanted = stats.beta(0.5, asked + 0.5).std()
    assert error_left(0, asked) == pytest.approx(wanted, rel=1e-6)
    assert error_left(asked, asked) == pytest.approx(wanted, rel=1e-6)


@given(st.integers(2, 10**6), st.data())
def test_no_share_is_known_without_error_and_one_event_never_makes_it_smaller(asked: int, data: st.DataObject) -> None:
    held = data.draw(st.integers(1, asked - 1))
    assert error_left(held, asked) == math.sqrt(held / asked * (1 - held / asked) / asked)
    assert 0.0 < error_left(0, asked) <= error_left(1, asked)


def test_what_was_never_asked_has_no_error() -> None:
    assert largest_error(np.array([[0, 0]])) == 0.0
    assert largest_error(None) == 0.0


def test_a_run_until_an_error_goes_on_where_nothing_was_seen_yet() -> None:
    """In the first 4,096 futures nothing melts; an error of 0.00002 takes sixteen times as many."""
    result = playout.run(check(read_text(RARE)), until_se=2e-5, futures=100_000)
    assert result.runs.futures == 65_536
    assert 0.0 < result.runs.largest_error <= 2e-5
