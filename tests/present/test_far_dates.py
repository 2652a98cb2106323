"""Runs over centuries: every date in every output is one of the run's."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import playout
from playout.present.cli import answer

SCENARIO = """
playout: 1
title: Three hundred years
start: {start}-01-01
horizon: 300 years
step: 26 weeks
baseline: base
beliefs:
  pace: {{is: 0.002 to 0.02, unit: 1/year, assumed: a test}}
stocks:
  carbon: {{unit: person, starts: 1 person, plus: {{up: 0.001 1/year * carbon}}}}
tracks:
  climate:
    stages:
      mild: {{title: Mild}}
      hot: {{title: Hot, lasts: 10 to 60 years, then: cooled}}
      cooled: {{title: Cooled}}
    moves: [{{from: mild, to: hot, rate: pace}}]
events:
  storm: {{rate: 0.02 1/year, does: ["carbon *= 1.01"]}}
measures:
  carbon: {{unit: person}}
  up: {{per: year, unit: person}}
  storms: {{of: storm, per: month}}
questions:
  heated: {{ask: Does it get hot?, by: {by}-01-01, that: reached(climate.hot)}}
policies: {{base: [], faster: [pace *= 2 from {later}-01-01]}}
"""
FUTURES = 60
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
WRITTEN = re.compile(rf"(?<![\d.#-])(\d{{4}})-[01]\d(?:-[0-3]\d)?(?![\d-])|\b(?:{MONTHS})[a-z]* (\d+)\b")


def file(tmp_path: Path, year: int) -> Path:
    path = tmp_path / "far.yaml"
    text = SCENARIO.format(start=f"{year:04d}", by=f"{year + 275:04d}", later=f"{year + 200:04d}")
    path.write_text(text.lstrip(), encoding="utf-8")
    return path


def years_in(text: str) -> set[int]:
    """The years of all dates that a text has, as ISO dates and in words."""
    return {int(iso or words) for iso, words in WRITTEN.findall(text)}


@pytest.mark.parametrize("year", [25, 2025, 9650])
def test_dates_of_all_outputs_lie_in_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    """Tables, JSON and the report of every verb that tells dates; years before 1000 keep their zeros."""
    path = file(tmp_path, year)
    monkeypatch.chdir(tmp_path)
    inside = set(range(year, year + 302))
    for verb in (["run", "--out", "out"], ["stories"], ["compare"], ["show"], ["check"]):
        plays = [] if verb[0] in ("show", "check") else ["--futures", str(FUTURES), "--engine", "numpy"]
        for form in ([], ["--json"]):
            assert answer([verb[0], str(path), *verb[1:], *plays, *form]) == 0
            out = capsys.readouterr().out
            assert years_in(out) <= inside, verb
            if form and verb[0] == "run":
                assert max(years_in(out)) > year + 270
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    report = re.sub(r"<script(?! type=.application/json).*?</script>", "", page, flags=re.DOTALL)
    assert year + 300 in years_in(report) <= inside


@pytest.mark.parametrize("year", [25, 2025, 9650])
def test_dates_of_kept_results_are_the_runs(tmp_path: Path, year: int) -> None:
    path, out = file(tmp_path, year), tmp_path / "out"
    runs = playout.run(path, futures=FUTURES, seed=1, out=out, engine="numpy").runs
    dates = runs.dates()
    assert (dates[0], dates[-1]) == (dt.date(year, 1, 1), playout.load(path).end)
    kept = runs.paths["date"]
    assert kept.values.astype("datetime64[D]").tolist() == list(dates)
    assert kept.dt.year.values.tolist() == [date.year for date in dates]
    with np.load(out / "paths.npz") as arrays:
        assert arrays["coordinate date"].astype("datetime64[D]").tolist() == list(dates)
    columns = pl.read_parquet(out / "outcomes" / "*.parquet").columns
    labels = [found for column in columns if (found := re.search(r"\[(\d{4})(-\d\d)?\]", column))]
    assert {int(label[1]) for label in labels} == set(range(year, dates[-1].year + 1))


@pytest.mark.parametrize("year", [25, 9650])
def test_pictures_and_stories_tell_dates_of_the_run(tmp_path: Path, year: int) -> None:
    path = file(tmp_path, year)
    told = playout.stories(path, futures=FUTURES, seed=1).sentences()
    assert {date.year for date in told["date"]} <= set(range(year, year + 302))
    place = playout.plot(path, "ladder", futures=FUTURES).write(tmp_path / "ladder.svg")
    labels = re.findall(r"<text[^>]*>(\d{3,4})</text>", place.read_text(encoding="utf-8"))
    assert 4 < len(labels) < 20
    assert {int(label) for label in labels} <= set(range(year, year + 302))


def test_the_last_run_of_the_calendar_ends_a_year_before_it(tmp_path: Path) -> None:
    path = tmp_path / "last.yaml"
    text = "playout: 1\ntitle: The last\nstart: 9997-12-01\nhorizon: 1 year\nstep: 1 week\nmeasures: {m: {of: time}}\n"
    path.write_text(text.replace("of: time", "of: time, unit: day"), encoding="utf-8")
    assert playout.load(path).end.year == 9998
    path.write_text(text.replace("1 year", "14 months").replace("of: time", "of: time, unit: day"), encoding="utf-8")
    with pytest.raises(playout.PlayoutError, match="ends after the year 9998"):
        playout.load(path)
