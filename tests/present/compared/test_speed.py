"""How long a comparison takes."""

from __future__ import annotations

import os
import time

import pytest

import playout

POLICIES = [
    *("no_action", "as_written", "law_enforcement_only", "joint_covert_with_navy", "unilateral_covert"),
    *("limited_open_strikes", "talks_first", "recruitment_prevention"),
]


@pytest.mark.bench
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="half a minute is for two cores")
def test_eight_policies_at_a_hundred_thousand_futures_each_take_half_a_minute() -> None:
    begun = time.perf_counter()
    found = playout.compare("us-mexico-cartels", POLICIES, objective="less homicides", futures=100_000).comparison
    assert time.perf_counter() - begun < 30.0
    assert found.counted == 100_000
