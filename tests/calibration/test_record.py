"""With the raw records at hand: what is read from them, and that the shipped figures are what they give."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from calibration import backtest, record, splits


@pytest.fixture(scope="module")
def place() -> Path:
    try:
        return record.folder(None)
    except record.RecordsAbsentError as absent:
        pytest.skip(f"the raw records are not here: {str(absent).splitlines()[0]}")


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    path = resources.files("playout") / "scenarios" / "us_mexico_cartels" / "calibration.yaml"
    plain: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    return plain


@pytest.fixture(scope="module")
def homicides(place: Path) -> record.Homicides:
    return record.homicides(place)


def test_only_what_oaxaca_did_not_report_is_missing(homicides: record.Homicides) -> None:
    assert homicides.counts.shape == (121, 32)
    missing = np.isnan(homicides.counts)
    assert missing.sum() == 13
    assert missing[:, homicides.states.index("Oaxaca")].sum() == 13


def test_the_shipped_splits_are_what_the_records_give(
    place: Path, homicides: record.Homicides, shipped: dict[str, Any]
) -> None:
    found = splits.cases(homicides, record.events(place))
    assert [split.id for split in found] == [split["id"] for split in shipped["splits"]]
    for split, entry in zip(found, shipped["splits"], strict=True):
        assert split.excess == pytest.approx(entry["excess_first_year"], rel=0.001)
        assert split.share == pytest.approx(entry["share_of_ground"], rel=0.001)


def test_the_held_out_score_comes_out_again(place: Path, homicides: record.Homicides, shipped: dict[str, Any]) -> None:
    jumps = splits.jumps_known_at(homicides, record.events(place), backtest.ORIGINS[0])
    _, held_out, _ = backtest.held_out(homicides, jumps)
    for name in ("crps", "crps_naive", "coverage_50", "coverage_90", "national_median"):
        assert held_out[name] == pytest.approx(shipped["held_out"][name], rel=0.002), name


def test_nothing_after_an_origin_reaches_what_was_learned_at_it(place: Path, homicides: record.Homicides) -> None:
    events = record.events(place)
    months = backtest.ORIGINS[0]
    other = homicides.counts.copy()
    other[months:] = 999
    changed = record.Homicides(homicides.states, other)
    assert splits.jumps_known_at(homicides, events, months) == splits.jumps_known_at(changed, events, months)
