"""Titles cut to fit."""

from __future__ import annotations

from playout.present.lines import shortened_apart

TITLES = ["Civilians killed by the campaign, independent count", "Civilians killed by the campaign, official count"]


def test_titles_that_begin_alike_can_be_told_apart_in_any_width() -> None:
    for width in range(23, 60):
        short = shortened_apart(TITLES, width)
        assert len(set(short)) == 2
        assert all(len(text) <= width for text in short)
        assert "independent" in short[0]
        assert "official" in short[1]
    assert shortened_apart(TITLES, 60) == TITLES


def test_titles_that_are_apart_are_shortened_as_ever() -> None:
    assert shortened_apart(["Overdose deaths in the United States", "Homicides"], 20) == [
        "Overdose deaths…",
        "Homicides",
    ]
