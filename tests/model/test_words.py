"""Words of estimative probability: the published ranges, spellings, and what an unknown word is told."""

from __future__ import annotations

import pytest

from playout.model.distribution import Uniform
from playout.model.words import DEFAULT_STANDARD, STANDARDS, is_word, lookup

PUBLISHED = {
    "icd203": [(1, 5), (5, 20), (20, 45), (45, 55), (55, 80), (80, 95), (95, 99)],
    "kent": [(2, 12), (20, 40), (40, 60), (63, 87), (87, 99)],
    "phia": [(0, 5), (10, 20), (25, 35), (40, 50), (55, 75), (80, 90), (95, 100)],
    "nato": [(0, 10), (10, 40), (40, 60), (60, 90), (90, 100)],
}


def test_the_standards_hold_their_published_ranges() -> None:
    assert next(iter(STANDARDS)) == DEFAULT_STANDARD == "icd203"
    found = {name: [(w.low, w.high) for w in s.words] for name, s in STANDARDS.items()}
    assert found == {name: [(a / 100, b / 100) for a, b in ranges] for name, ranges in PUBLISHED.items()}


@pytest.mark.parametrize("standard", STANDARDS)
def test_every_standard_names_its_source_and_each_wording_once(standard: str) -> None:
    assert STANDARDS[standard].source
    wordings = [wording for word in STANDARDS[standard].words for wording in word.wordings]
    assert len(wordings) == len(set(wordings))
    for wording in wordings:
        assert wording in lookup(standard, wording).wordings
        assert lookup(standard, wording.replace(" ", "_").upper()) is lookup(standard, wording)
        assert is_word(wording)


@pytest.mark.parametrize(
    ("standard", "text", "low", "high"),
    [
        ("icd203", "very likely", 0.80, 0.95),
        ("icd203", "very_likely", 0.80, 0.95),
        ("icd203", " Very-Likely ", 0.80, 0.95),
        ("icd203", "a roughly even chance", 0.45, 0.55),
        ("icd203", "nearly certain", 0.95, 0.99),
        ("kent", "likely", 0.63, 0.87),
        ("kent", "probably not", 0.20, 0.40),
        ("phia", "realistic possibility", 0.40, 0.50),
        ("phia", "probable", 0.55, 0.75),
        ("nato", "even chance", 0.40, 0.60),
    ],
)  # fmt: skip
def test_a_word_is_a_uniform_law_on_its_range(standard: str, text: str, low: float, high: float) -> None:
    assert lookup(standard, text).law == Uniform(low, high)


def test_a_word_is_shown_with_its_range() -> None:
    assert lookup("icd203", "probable").describe() == "likely (55–80%)"


@pytest.mark.parametrize(
    ("standard", "text", "says"),
    [
        ("icd203", "very likly", "did you mean `very likely`"),
        ("icd203", "realistic possibility", "is one under phia"),
        ("nato", "roughly even chance", r"is one under icd203.*did you mean `even chance`"),
        ("phia", "maybe", "its words are remote chance, highly unlikely, unlikely, realistic possibility"),
        ("icd204", "likely", "is no standard of words: there are icd203, kent, phia, nato; did you mean `icd203`"),
    ],
)  # fmt: skip
def test_an_unknown_word_is_told_the_nearest(standard: str, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        lookup(standard, text)


def test_a_name_that_is_no_word() -> None:
    assert not is_word("strike_rate")
