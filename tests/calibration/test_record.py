"""What is read from raw records, made up here; with the published ones at hand, that they give the shipped figures."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from calibration import backtest, record, splits
from made_up_records import EXCESS, SHARES, write_records


@pytest.fixture(scope="module")
def place() -> Path:
    """The published records."""
    try:
        return record.folder(None)
    except record.RecordsAbsentError:
        pytest.skip("the raw records are not here: PLAYOUT_DATA names their folder; calibration/record.py lists them")


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record.folder(write_records(tmp_path_factory.mktemp("records")))


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    path = resources.files("playout") / "scenarios" / "us_mexico_cartels" / "calibration.yaml"
    plain: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    return plain


@pytest.fixture(scope="module")
def homicides(place: Path) -> record.Homicides:
    return record.homicides(place)


def missing(homicides: record.Homicides) -> dict[str, int]:
    counted = np.isnan(homicides.counts).sum(axis=0)
    return {state: int(many) for state, many in zip(homicides.states, counted, strict=True) if many}


def test_only_what_oaxaca_did_not_report_is_missing(made_up: Path) -> None:
    """2015, which it reported by quarters, and one month."""
    found = record.homicides(made_up)
    assert found.counts.shape == (121, 32)
    assert missing(found) == {"Oaxaca": 13}


def test_splits_are_read_as_they_were_put_into_the_records(made_up: Path) -> None:
    found = {split.id: split for split in splits.cases(record.homicides(made_up), record.events(made_up))}
    for name, excess in EXCESS.items():
        assert found[name].excess == pytest.approx(excess, rel=1e-9), name
        assert found[name].share == pytest.approx(SHARES.get(name, 1.0), rel=1e-9), name
        assert found[name].share_known == (name in SHARES), name


def test_nothing_after_an_origin_reaches_what_was_learned_at_it(tmp_path: Path) -> None:
    place = write_records(tmp_path, spread=0.3)
    homicides, events = record.homicides(place), record.events(place)
    months = backtest.ORIGINS[0]
    other = homicides.counts.copy()
    other[months:] = 999
    changed = record.Homicides(homicides.states, other)
    learned = splits.jumps_known_at(homicides, events, months)
    assert splits.jumps_known_at(changed, events, months) == learned
    other[months - 12 :] = 999
    assert splits.jumps_known_at(changed, events, months) != learned


# --- with the published records ---------------------------------------------------------------------------------------


def test_of_the_published_records_only_what_oaxaca_did_not_report_is_missing(homicides: record.Homicides) -> None:
    assert homicides.counts.shape == (121, 32)
    assert missing(homicides) == {"Oaxaca": 13}


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
