"""Tables of actors: what is read, and that all faults are told at once with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from playout.errors import InputError
from playout.read.bargaining import actors_of, read_actors


def written(folder: Path, text: str) -> Path:
    path = folder / "actors.csv"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(InputError) as caught:
        read_actors(path)
    return str(caught.value).replace(str(path), "actors.csv")


def test_numbers_and_ranges_are_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Actor, salience ,position,capability,note\n"
        'NL,80,"4 to 6, likely 5",0.08,"a, b"\n'
        "\n"
        "BE,uniform(20; 60),7,0.05 to 0.1,\n",
    )
    first, second = read_actors(path)
    assert (first.name, first.salience.mean(), first.capability.mean()) == ("NL", 0.8, 0.08)
    assert first.position.quantile([0.05, 0.5, 0.95]).tolist() == pytest.approx([4.0, 5.0, 6.0])
    assert second.salience.support() == pytest.approx((0.2, 0.6))
    assert second.capability.quantile([0.05, 0.95]).tolist() == pytest.approx([0.05, 0.1])
    assert second.position.is_point


def test_rows_of_plain_data_are_read_alike() -> None:
    as_rows = actors_of([("a", 1, 2, 0.5), ("b", 2, "3 to 5", 1)])
    as_mappings = actors_of(
        [
            {"actor": "a", "capability": 1, "position": 2, "salience": 0.5},
            {"actor": "b", "capability": 2, "position": "3 to 5", "salience": 1},
        ]
    )
    assert as_rows == as_mappings


def test_saliences_of_a_hundred_at_most_are_the_same_as_of_one() -> None:
    assert actors_of([("a", 1, 2, 50), ("b", 1, 3, 100)]) == actors_of([("a", 1, 2, 0.5), ("b", 1, 3, 1)])


def test_everything_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = "actor,capability,position,salience\nNL,0,4,80\nBE,-1,4,120\n\nNL,0.1,north,50\n,0.1,6 to 5,50\nFR,0.1,5\n"
    assert refused(tmp_path, text).splitlines() == [
        "actors.csv:7: this row has 3 cells, and the header 4",
        "actors.csv:2: the capability of `NL` is 0",
        "  hint: a capability is above 0",
        "actors.csv:3: the capability of `BE` is -1",
        "  hint: a capability is above 0",
        "actors.csv:3: the salience of `BE` is 120",
        "  hint: a salience lies between 0 and 1, or between 0 and 100",
        "actors.csv:5: `NL` stands here a second time",
        "  hint: an actor has one row",
        "actors.csv:5: the position of `NL` is no number: `north`",
        "  hint: write a number, `a to b`, or `uniform(a; b)`",
        "actors.csv:6: this actor has no name",
        "actors.csv:6: the position of `` is no such range: an interval wants its low end first; got 6 to 5",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "`actors.csv` is empty\n  hint: it begins with the line `actor,capability,position,salience`"),
        (
            "actor,capabilities,position,salience\na,1,2,3\n",
            "actors.csv:1: there is no column `capability`\n  hint: did you mean `capabilities`?",
        ),
        (
            "actor,capability,position,salience\na,1,2,0.5\n",
            "actors.csv: there is one actor\n  hint: a group decision wants two or more",
        ),
        (
            "actor,capability,position,salience\na,1,2,0.5\nb,1,2,0.6\n",
            "actors.csv: all actors have the same position\n  hint: there is nothing to bargain over",
        ),
        (
            "actor,capability,position,salience\na,1,2,0\nb,1,3,0\n",
            "actors.csv: no actor cares\n  hint: give one of them a salience above 0",
        ),
        (
            "actor,capability,position,salience\na,1,2,0.8\nb,1,3,90\n",
            "actors.csv:2: the salience of `a` is 0.8, and others are above 1\n"
            "  hint: saliences go from 0 to 1, or all of them from 0 to 100",
        ),
        (
            'actor,capability,position,salience\na,"1,2,3\n',
            "actors.csv:2: actors.csv is not CSV: unexpected end of data\n  hint: check the quotes in this line",
        ),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert refused(tmp_path, text) == said


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_actors(tmp_path / "none.csv")


def test_rows_that_are_none_are_told_by_their_number() -> None:
    with pytest.raises(InputError) as caught:
        actors_of([("a", 1, 2), {"actor": "b", "capability": 1, "position": 2}, "c"])
    lines = [line for line in str(caught.value).splitlines() if not line.startswith("  ")]
    assert lines[:3] == [
        "actor 1: this is no row of four",
        "actor 2: there is no `salience`",
        "actor 3: this is no row of four",
    ]
