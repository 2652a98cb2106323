"""A path names one place, and a run takes the place of a run and of nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

import playout
from playout.errors import InputError
from playout.pipeline.kept import kept_run
from playout.simulate.parquet import collected, read_parquet, scan_parquet, write_parquet
from playout.simulate.run_folder import remove_run

ODD = (
    "res[2]", "res[!2]", "a*b", "a?b", "**", "{a,b}", "~", "~root", "$HOME", "%41", "k=1", "s3:", "file:", "http:",
    "a#b", "a?x=1", "-x", "a b", "ä", "\\n", "a\nb",
)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_parquet_file_is_the_one_of_its_path(here: Path) -> None:
    for name in (*ODD, "res2", "ab", "a", "home/x"):
        Path(name).mkdir(parents=True)
        write_parquet(pl.DataFrame({"name": [name]}), Path(name) / "part.parquet")
    for name in ODD:
        place = Path(name) / "part.parquet"
        assert read_parquet(place)["name"].to_list() == [name]
        assert collected(scan_parquet([place, place]))["name"].to_list() == [name] * 2
        assert read_parquet(place.absolute())["name"].to_list() == [name]


@pytest.mark.parametrize("name", ["res[2]", "~", "a*", "k=1"])
def test_a_run_reads_its_own_numbers_whatever_its_folder_is_called(here: Path, name: str) -> None:
    for other, seed in (("res2", 2), ("abc", 3), ("home", 4)):
        playout.run("coin-and-die", futures=100, seed=seed, out=other)
    first = playout.run("coin-and-die", futures=50, seed=1, out=name)
    again = playout.run("coin-and-die", futures=50, seed=1, out=name)
    assert again.reused
    assert first.runs.outcomes.height == again.runs.outcomes.height == 50
    assert kept_run(name).runs.outcomes.equals(playout.run("coin-and-die", futures=50, seed=1).runs.outcomes)


def test_the_working_folder_and_those_above_it_are_refused(here: Path) -> None:
    (here / "below").mkdir()
    (here / "link").symlink_to(here, target_is_directory=True)
    before = sorted(os.listdir(here))
    for place in (".", "./", "..", "../..", "/", str(here), f"{here}/below/..", "link"):
        with pytest.raises(InputError, match="is the working folder or one above it"):
            playout.run("coin-and-die", futures=10, out=place)
    assert sorted(os.listdir(here)) == before


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("outcomes/mine.txt", "outcomes"),
        ("outcomes/part-00000.parquet", "outcomes"),
        ("result.json", "result.json"),
        ("report.html", "report.html"),
        ("baseline/outcomes/mine.csv", "outcomes"),
        ("summary.json/mine", "summary.json"),
    ],
)
def test_somebody_s_own_files_are_never_overwritten(here: Path, name: str, named: str) -> None:
    mine = here / "results" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    before = contents(here)
    with pytest.raises(InputError, match=rf"holds files that no run of Playout wrote \({named}\)"):
        playout.run("coin-and-die", futures=10, out="results")
    assert contents(here) == before


def test_files_put_among_a_run_s_parts_are_kept(here: Path) -> None:
    playout.run("coin-and-die", futures=10, out="results")
    (here / "results" / "outcomes" / "notes.txt").write_text("mine")
    before = contents(here)
    with pytest.raises(InputError, match=r"\(outcomes/notes.txt\)"):
        playout.run("coin-and-die", futures=20, out="results")
    assert contents(here) == before


def test_other_files_beside_a_run_stay_when_it_is_replaced_or_removed(here: Path) -> None:
    playout.run("coin-and-die", futures=10, out="results")
    (here / "results" / "notes.txt").write_text("mine")
    assert playout.run("coin-and-die", futures=20, out="results").runs.futures == 20
    remove_run(here / "results")
    assert set(contents(here / "results")) == {"notes.txt", "summary.json"}


def test_a_folder_that_has_the_name_of_what_is_written_beside_is_left_alone(here: Path) -> None:
    (here / ".results.partial").mkdir()
    (here / ".results.partial" / "mine.txt").write_text("mine")
    playout.run("coin-and-die", futures=10, out="results")
    assert (here / ".results.partial" / "mine.txt").read_text() == "mine"
    assert {".results.partial", "results"} == set(os.listdir(here)) - {"home"}


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "bytes\udcff"])
def test_what_is_no_name_of_a_folder_is_refused(here: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be made"):
        playout.run("coin-and-die", futures=10, out=name)
    assert not os.listdir(here)
