"""The flagship stays sound with its beliefs pushed to the ends of their ranges, in every view and under every policy.

An absurdity is a number that no reading of the scenario allows: a future that stops, fewer than no people, a share
outside 0 to 1, more killed than were alive, an official count above the independent one, an answer that is certain
without a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from paired import Row, amount, scenario, views
from playout.simulate.design import VIEW, Design
from playout.simulate.result import Runs
from playout.simulate.run import play

NAME = "us_mexico_cartels"
POLICIES = [name for name in scenario(NAME).scenario.policies if not name.startswith("without_")]
VIEWS = views(scenario(NAME))
ENDS = (0.01, 0.99)

MAY_BE_NEGATIVE = ["intent_log_odds", "sinaloa_ahead"]
SHARES = [
    "chance_of_force",
    "force_used",
    "base_rate_of_force",
    "partner_readiness",
    "surprise_left",
    "campaign_tempo",
    "legal_contest_now",
    "revenue_denied_now",
    "foreign_ties",
    "able_to_deliver",
    "willing",
    "members_in_deals",
    "conceded_by_organisations",
    "assurance_now",
    "mexican_compliance",
    "mexican_consent",
    "american_support",
    "tariff_in_force",
    "sinaloa_first_on_criteria",
]
ROUNDING = 1e-5
MOST_HOMICIDES = 300_000
"""A year: eight times the worst on record in Mexico, and a quarter of a percent of its people."""


def absurdities(runs: Runs) -> Iterator[str]:
    """Every number of a run that no reading of the scenario allows, in a sentence."""
    for stop in runs.stops:
        yield f"a future stopped: {stop}"
    for name, measure in runs.measures.items():
        for member in measure.members:
            values = runs.numbers(measure.columns(member))
            label = f"{name}{list(member) or ''}"
            if not np.isfinite(values).all():
                yield f"{label} is not a number in some future"
            if name not in MAY_BE_NEGATIVE and values.min() < -ROUNDING * max(1.0, abs(values).max()):
                yield f"{label} falls to {values.min():g}"
            if name in SHARES and values.max() > 1 + ROUNDING:
                yield f"{label} rises to {values.max():g}"
    for year in range(2026, 2030):
        killed = of(runs, "killed_by_strikes", year) + of(runs, "killed_between_groups", year)
        alive = of(runs, "members_total", year - 1) + of(runs, "recruits", year)
        if (killed > alive).any():
            yield f"more members killed than there were in {year}"
        if of(runs, "homicides", year).max() > MOST_HOMICIDES:
            yield f"{of(runs, 'homicides', year).max():,.0f} homicides in {year}"
        if (of(runs, "civilians_killed_official", year) > of(runs, "civilians_killed", year) * (1 + ROUNDING)).any():
            yield f"more civilians killed by the official than by the independent count in {year}"
        if (of(runs, "feud_deaths", year) > of(runs, "homicides", year)).any():
            yield f"more killed in splits than killed at all in {year}"


def of(runs: Runs, measure: str, year: int) -> Row:
    return amount(runs, measure, range(year, year + 1))


@cache
def beliefs() -> list[str]:
    """The names that a design goes by: beliefs and members, without those drawn in every step."""
    drawn = play(scenario(NAME), futures=1, seed=1, engine="numpy", precision="double").beliefs
    return list(drawn.columns)


def at_the_ends(futures: int, seed: int, share: float) -> dict[str, Row]:
    """For each belief random numbers, a share of them at either end; future 0 has all low, future 1 all high."""
    rng = np.random.default_rng(seed)
    given_numbers = {}
    for belief in beliefs():
        row = np.where(rng.random(futures) < share, rng.choice(ENDS, futures), rng.random(futures).clip(*ENDS))
        row[:2] = ENDS
        given_numbers[belief] = row
    return given_numbers


def evenly(futures: int) -> Row:
    """Random numbers that share futures out over the views evenly, whatever their credences."""
    return np.resize(list(VIEWS.values()), futures)


@settings(max_examples=6, phases=[Phase.generate])  # an absurdity says where it is; smaller seeds would say no more
@given(
    seed=st.integers(0, 2**32 - 1),
    share=st.sampled_from([0.2, 0.5, 1.0]),
    policy=st.sampled_from([None, "unilateral_covert", "limited_open_strikes"]),
)
def test_nothing_is_absurd_where_beliefs_stand_at_the_ends_of_their_ranges(
    seed: int, share: float, policy: str | None
) -> None:
    futures = 1280
    design = Design(uniforms={**at_the_ends(futures, seed, share), VIEW: evenly(futures)})
    runs = play(
        scenario(NAME),
        futures=futures,
        seed=seed % 1000,
        policy=policy,
        engine="native",
        precision="single",
        allow_stopped=1.0,
        design=design,
    )
    assert not list(absurdities(runs))


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_is_absurd_under_any_policy_in_any_view(policy: str) -> None:
    futures = 4096
    runs = play(
        scenario(NAME),
        futures=futures,
        seed=2,
        policy=policy,
        engine="native",
        precision="single",
        allow_stopped=1.0,
        design=Design(uniforms={VIEW: evenly(futures)}),
    )
    assert not list(absurdities(runs))


def test_no_answer_is_certain_without_a_reason() -> None:
    futures = 4096
    runs = play(
        scenario(NAME),
        futures=futures,
        seed=3,
        engine="native",
        precision="single",
        design=Design(uniforms={VIEW: evenly(futures)}),
    )
    for question in scenario(NAME).scenario.questions:
        answers = runs.numbers([f"question.{question}"])[0]
        answers = answers[np.isfinite(answers)]
        assert 0 < answers.mean() < 1, question


@pytest.mark.long
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_is_absurd_in_100_000_futures(policy: str, view: str) -> None:
    runs = play(
        scenario(NAME),
        futures=100_000,
        seed=4,
        policy=policy,
        view=view,
        engine="native",
        precision="single",
        allow_stopped=1.0,
    )
    assert not list(absurdities(runs))
