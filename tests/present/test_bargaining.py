"""A group decision as it is shown: words within the terminal's width, frames, plain data, a chart that is sound."""

from __future__ import annotations

import json

import pytest

import playout
from playout.present.bargaining import Bargained, bargain_lines

ROWS = [
    ("A federation of many northern provinces", 2, 0, 90),
    ("Centre", "0.5 to 1.5", "4 to 6, likely 5", 50),
    ("South", 2, 10, "uniform(30; 60)"),
    ("Far south", 0.4, 10, 30),
]


@pytest.fixture(scope="module")
def group() -> Bargained:
    return playout.bargain(ROWS, futures=400, seed=2)


def test_lines_fit_the_terminal_and_begin_with_the_forecast(group: Bargained) -> None:
    lines = [line.text for line in bargain_lines(group, 80)]
    assert lines[0].startswith("The group's median ends at")
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("median") for line in lines)


def test_long_ways_show_their_beginning_and_their_end() -> None:
    known = playout.bargain([("a", 1, 0, 0.9), ("b", 1, 4, 0.2), ("c", 1, 10, 0.8)], rounds=40)
    heads = next(line.text for line in bargain_lines(known, 80) if line.text.startswith("Position "))
    last = len(known.bargaining.rounds) - 1
    assert heads.split()[-1] == str(last)


def test_frames_and_plain_data_hold_the_same(group: Bargained) -> None:
    frame, positions, dyads, plain = group.frame(), group.positions(), group.dyads(), group.as_json()
    assert frame.height == len(plain["rounds"])
    assert frame["median"][-1] == pytest.approx(plain["forecast"]["mean"], rel=1e-6)
    assert frame["median_se"][-1] == pytest.approx(plain["forecast"]["se"], rel=1e-6)
    assert positions.height == frame.height * len(ROWS)
    assert dyads.height == 6
    assert [(own["first"], own["second"]) for own in plain["dyads"]] == list(
        zip(dyads["first"], dyads["second"], strict=True)
    )
    assert all(sum(own["quadrants"].values()) == pytest.approx(1.0, rel=1e-5) for own in plain["dyads"])
    south = dyads.filter((dyads["first"] == "South") & (dyads["second"] == "Far south"))
    assert south["quadrant"][0] == "agreement"
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_it_is_drawn_and_shows_itself(group: Bargained) -> None:
    drawn = json.dumps(group.chart().to_dict())
    assert "The group's median" in drawn
    assert "with 9 futures in 10" in drawn
    assert "<svg" in group._repr_html_()
