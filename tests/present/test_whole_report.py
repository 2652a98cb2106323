"""`playout report`: all analyses in one file, and their numbers beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import playout
from playout.errors import UsageError
from playout.pipeline.report import Written
from playout.pipeline.run import run
from playout.present.cli import answer
from traced import faults

SIZE = 6_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs") / "sanctions"


@pytest.fixture(scope="module")
def written(folder: Path) -> Written:
    run("sanctions", futures=1500, seed=3, out=folder)
    return playout.report(folder, futures=600)


def test_everything_that_can_be_run_is_in_it(written: Written) -> None:
    html = written.report.read_text(encoding="utf-8")
    assert "Not run." not in html
    assert "Five stories" in html
    assert 'data-chart="policies-hardship"' in html
    assert "Bad means here:" in html
    assert len(html.encode()) < SIZE


def test_its_numbers_stand_in_the_runs_json_and_in_that_beside_it(written: Written, folder: Path) -> None:
    beside = json.loads(written.analyses.read_text(encoding="utf-8"))
    plain: dict[str, Any] = {**json.loads((folder / "summary.json").read_text(encoding="utf-8")), **beside}
    assert {"compare", "explain", "discover", "stories"} <= set(beside)
    html = written.report.read_text(encoding="utf-8")
    assert faults(html, plain, written.result.runs.checked.scenario, playout.__version__) == []


def test_a_later_run_leaves_the_report_and_another_run_takes_it_away(
    written: Written, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = written.report.read_bytes()
    assert answer(["run", "sanctions", "--futures", "1500", "--seed", "3", "--out", str(folder), "--quiet"]) == 0
    assert written.report.read_bytes() == before
    capsys.readouterr()
    assert answer(["run", "sanctions", "--futures", "300", "--seed", "4", "--out", str(folder), "--quiet"]) == 0
    assert written.report.read_bytes() != before
    assert not written.analyses.exists()


def test_a_scenario_without_policies_views_or_people_has_a_report_still(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run("coin-and-die", futures=40, seed=1, out=tmp_path / "coin")
    assert answer(["report", str(result.folder), "-o", str(tmp_path / "a.html"), "--json", "--quiet"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["report"] == str(tmp_path / "a.html")
    assert said["bytes"] == (tmp_path / "a.html").stat().st_size
    assert "compare" not in said["analyses"]
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "the scenario has no measure of people" in html
    assert "fewer than 50 futures" in html


def test_a_report_says_what_was_looked_for_and_not_found(tmp_path: Path) -> None:
    result = run("coin-and-die", futures=1000, seed=1, out=tmp_path / "coin")
    html = playout.report(result.folder or tmp_path, futures=300).report.read_text(encoding="utf-8")
    assert "No belief can be seen to move the odds of “Does the first game end in a win?”" in html
    assert "<code>playout report</code> puts it here" not in html
    assert 'href="#policies"' not in html, "there are none to compare"


def test_every_place_within_the_report_that_is_pointed_to_is_there(written: Written) -> None:
    html = written.report.read_text(encoding="utf-8")
    names = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= names
    assert "the line runs over the" not in html, "the scenario has one view"


def test_what_makes_no_sense_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="at least 1 future"):
        playout.report(folder, futures=0)
    assert answer(["report", str(tmp_path)]) == 1
    assert "holds no run of Playout" in capsys.readouterr().err
