"""What is shipped of the calibration: sound, as the documentation shows it, and refused clearly without its records."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from calibration.__main__ import main
from calibration.table import TABLE_ENDS, TABLE_STARTS, figure, shown_in, within
from ruamel.yaml import YAML

from calibration import record, splits

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "calibration.md"


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    place = resources.files("playout") / "scenarios" / "us_mexico_cartels" / "calibration.yaml"
    plain: dict[str, Any] = YAML(typ="safe", pure=True).load(place.read_text("utf-8"))
    return plain


def test_every_row_says_what_was_tested_and_how_it_came_out(shipped: dict[str, Any]) -> None:
    assert shipped["calibration"] == 1
    assert shipped["information_date"] == "2025-03-07"
    ids = [row["id"] for row in shipped["table"]]
    assert len(ids) == len(set(ids))
    for row in shipped["table"]:
        assert row["verdict"] in {"inside", "missed", "shown"}, row["id"]
        assert (row["test"] == "none") == (row["verdict"] == "shown"), row["id"]
    assert shipped["missed"] == [row["id"] for row in shipped["table"] if row["verdict"] == "missed"]


def test_the_held_out_score_agrees_with_the_table(shipped: dict[str, Any]) -> None:
    held_out, rows = shipped["held_out"], {row["id"]: row for row in shipped["table"]}
    assert held_out["crps"] == rows["held_out_crps"]["model"]
    assert held_out["crps_naive"] == rows["held_out_crps"]["record"]
    assert held_out["skill"] == pytest.approx(1 - held_out["crps"] / held_out["crps_naive"], abs=0.001)


def test_the_page_shows_the_shipped_table(shipped: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert TABLE_STARTS in page
    assert TABLE_ENDS in page
    assert page == shown_in(page, shipped)


def test_no_split_out_of_the_sinaloa_cartel_enters_the_fit(shipped: dict[str, Any]) -> None:
    for split in shipped["splits"]:
        assert "Sinaloa" not in split["title"]
        assert "Sinaloa" not in split["states"]
        assert dt.date.fromisoformat(f"{split['month']}-01") < dt.date(2025, 3, 7)


def test_a_row_is_inside_or_missed() -> None:
    assert within("a", "p", "q", "1", 100, 100.09, 0.001).verdict == "inside"
    assert within("a", "p", "q", "1", 100, 100.2, 0.001).verdict == "missed"
    assert [figure(value) for value in (None, 1234.5, 0.1234)] == ["–", "1,234", "0.123"]


def test_absent_records_stop_it_with_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in record.NEEDED)
    assert "make calibrate DATA=FOLDER" in said


def test_the_mechanism_under_test_is_the_flagships_own(tmp_path: Path) -> None:
    """Without a split the organisation kills as usual; with r = 1 that does not fade it kills twice as much."""
    drawn = splits.played("lognormal(1, 0.001)", "lognormal(0.1, 0.001)", 1e6, futures=64)
    usual = splits.SINALOA_MEMBERS * 0.0285 / 12
    assert drawn[:, 1].mean() == pytest.approx(2 * usual, rel=0.15)


@pytest.mark.parametrize("belief", ["split_violence", "feud_fading"])
def test_the_flagship_believes_what_was_fitted(shipped: dict[str, Any], belief: str) -> None:
    place = resources.files("playout") / "scenarios" / "us_mexico_cartels" / "organisations.yaml"
    believed = YAML(typ="safe", pure=True).load(place.read_text("utf-8"))["beliefs"][belief]
    assert believed["is"] == shipped["estimates"][belief]["is"]
    assert tuple(believed["within"]) == splits.BOUNDS[belief]
