from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playout.model.words import STANDARDS
from playout.present.words import count, day, frequency, month, odds, percent, quantity, signed, word


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.0, "almost no chance, 0%, no future"),
        (0.0004, "almost no chance, under 0.1%, fewer than 1 future in 1,000"),
        (0.004, "almost no chance, about 0.4%, roughly 1 future in 250"),
        (0.04, "almost no chance, about 4%, roughly 1 future in 25"),
        (0.125, "very unlikely, about 12%, roughly 1 future in 8"),
        (0.21, "unlikely, about 21%, roughly 1 future in 5"),
        (0.5, "roughly even chance, about 50%, roughly half of the futures"),
        (0.58, "likely, about 58%, roughly 6 futures in 10"),
        (0.95, "almost certain, about 95%, roughly 19 futures in 20"),
        (1.0, "almost certain, 100%, every future"),
    ],
)
def test_odds_are_said_three_ways(p: float, said: str) -> None:
    assert odds(p) == said


def test_views_that_disagree_take_digits_away() -> None:
    assert percent(0.43) == "43%"
    assert percent(0.43, spread=0.3) == "45%"
    assert percent(0.04, spread=0.3) == "4%"


@given(st.floats(0, 1), st.sampled_from(sorted(STANDARDS)))
def test_the_word_said_is_the_one_whose_range_is_nearest(p: float, standard: str) -> None:
    said = word(p, standard)
    distance = [max(term.low - p, p - term.high, 0.0) for term in STANDARDS[standard].words]
    assert max(said.low - p, p - said.high, 0.0) == pytest.approx(min(distance))


@given(st.floats(0.0011, 0.9989))
def test_the_frequency_is_near_the_probability(p: float) -> None:
    said = frequency(p).replace(",", "")
    if said == "half of the futures":
        stated = 0.5
    else:
        numbers = [int(part) for part in said.split() if part.isdigit()]
        stated = numbers[0] / numbers[1]
    assert min(abs(stated - p), abs(stated - p) / min(p, 1 - p)) < 0.2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (26715.4, "26,700"),
        (392000.0, "392,000"),
        (3.2e9, "3.2 billion"),
        (-1234.0, "−1,230"),
        (0.0349, "0.0349"),
        (9.999, "10"),
        (7.0, "7"),
        (0.5, "0.5"),
        (999.6, "1,000"),
        (float("nan"), "not a number"),
    ],
)
def test_quantities_keep_three_digits(value: float, text: str) -> None:
    assert quantity(value) == text


def test_nothing_finer_than_a_tenth_of_the_band_is_said() -> None:
    assert quantity(26215.4, band=16400) == "26,000"
    assert [quantity(x, band=10.8) for x in (4.88, 8.56, 15.7)] == ["5", "9", "16"]
    assert quantity(0.0789, band=0.3) == "0.08"
    assert signed(-55.7, band=226) == "−60"
    assert quantity(3.0, band=0.0) == "3"


def test_millions_are_said_without_an_exponent() -> None:
    assert [quantity(x, 2) for x in (920e6, 9.2e6, 1.5e9)] == ["920 million", "9.2 million", "1.5 billion"]


def test_differences_carry_their_sign() -> None:
    assert [signed(x) for x in (310.2, -1204.0, 0.0)] == ["+310", "−1,200", "0"]


def test_dates_and_counts() -> None:
    date = dt.date(2025, 3, 7)
    assert (day(date), month(date)) == ("7 March 2025", "March 2025")
    assert (count(1, "view"), count(1204, "future"), count(0, "entry", "entries")) == (
        "1 view",
        "1,204 futures",
        "0 entries",
    )
