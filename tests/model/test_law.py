"""Distributions as written: the unit behind them changes how a number is written and not what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playout.model.check import check
from playout.model.distribution import Distribution
from playout.read.decode import read_text

BELIEF = """\
playout: 1
title: One belief
start: 2026-01-01
horizon: 1 year
step: 1 week
beliefs: {{b: {{is: "{law}", unit: "{unit}", assumed: a test}}}}
measures: {{m: {{of: b}}}}
"""

MEDIANS = (0.05, 0.25, 0.5, 0.75, 0.95)


def belief(law: str, unit: str) -> Distribution:
    return check(read_text(BELIEF.format(law=law, unit=unit))).distributions["b", 0]


@pytest.mark.parametrize("unit", ["probability", "1"])
@given(low=st.integers(1, 49), wide=st.integers(1, 49), part=st.sampled_from([("%", 100.0), (" permille", 1000.0)]))
def test_an_interval_in_percent_is_the_one_in_shares(unit: str, low: int, wide: int, part: tuple[str, float]) -> None:
    behind, size = part
    shares = belief(f"{low / size!r} to {(low + wide) / size!r}", unit)
    for text in (f"{low} to {low + wide}{behind}", f"{low}{behind} to {low + wide}{behind}"):
        found = belief(text, unit)
        assert type(found) is type(shares)
        assert found.quantile(MEDIANS) == pytest.approx(shares.quantile(MEDIANS), rel=1e-9)


@pytest.mark.parametrize(
    ("percent", "shares"),
    [
        ("uniform(10, 20)%", "uniform(0.1, 0.2)"),
        ("mixture(0.5: 10 to 20, 0.5: uniform(30, 40)) percent", "mixture(0.5: 0.1 to 0.2, 0.5: uniform(0.3, 0.4))"),
        ("mixture(0.5: 10 to 20%, 0.5: 0.3)", "mixture(0.5: 0.1 to 0.2, 0.5: 0.3)"),
        ("categorical(0.5: 10, 0.5: 20) percent", "categorical(0.5: 0.1, 0.5: 0.2)"),
        ("15%", "0.15"),
    ],
)
def test_every_distribution_of_a_probability_may_be_in_percent(percent: str, shares: str) -> None:
    expected = belief(shares, "probability").quantile(MEDIANS)
    assert belief(percent, "probability").quantile(MEDIANS) == pytest.approx(expected, rel=1e-9)
