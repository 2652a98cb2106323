"""What errors say of names."""

from __future__ import annotations

import time

import pytest

from playout.errors import did_you_mean


def test_the_closest_names_are_told() -> None:
    assert did_you_mean("pattience", ["patience", "breach"]) == "did you mean `patience`?"
    assert did_you_mean("xyz", ["patience", "breach"]) is None


@pytest.mark.bench
def test_a_hint_among_very_many_names_takes_no_time() -> None:
    names = [f"s{number}" for number in range(50_000)]
    begun = time.process_time()
    did_you_mean("years", names)
    assert time.process_time() - begun < 0.2
