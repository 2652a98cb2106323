"""How long total effects of every belief of the shipped scenario take."""

from __future__ import annotations

import time

import pytest

import playout


@pytest.mark.bench
def test_total_effects_of_all_beliefs_of_a_difference_take_a_minute_at_most() -> None:
    begun = time.perf_counter()
    found = playout.explain("us-mexico-cartels", "homicides", samples=4096)
    assert time.perf_counter() - begun < 60.0
    assert found.found is not None
    assert found.found.outcome.compared
    assert len(found.found.explanation.shares) > 150
