"""`playout discover` and `playout bargain` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from endings import SCENARIO
from playout.present.cli import answer

TABLE = "actor,capability,position,salience\na,1,0,90\nb,0.5 to 1,4,50\nc,1,10,80\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    Path("table.csv").write_text(TABLE, encoding="utf-8")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = answer(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


DISCOVER = ("discover", "scenario.yaml", "--bad", "violence > 500", "--futures", "2000", "--quiet")


def test_discover_prints_the_region_and_draws_it(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, *DISCOVER, "--chart", "region.svg")
    assert (status, err) == (0, "")
    assert "Heat of the summer is at least" in out
    assert "Picture  region.svg" in out
    assert max(map(len, out.splitlines())) <= 80
    assert Path("region.svg").read_text(encoding="utf-8").startswith("<svg")


def test_discover_gives_the_same_json_for_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    first, again = (said(capsys, *DISCOVER, "--json", "--boxes", "2")[1] for _ in range(2))
    assert first == again
    plain = json.loads(first)
    assert plain["boxes"][0]["limits"][0]["belief"] in ("heat", "consent")
    assert plain["chart"] is None


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (("discover", "scenario.yaml"), 2, "the following arguments are required: --bad"),
        ((*DISCOVER, "--chart", "region.doc"), 2, "`region.doc` is no picture: name a file that ends in .svg"),
        (("discover", "scenario.yaml", "--bad", "violense > 3"), 2, "did you mean `violence`?"),
        ((*DISCOVER, "--peel-alpha", "0.7"), 2, "peel_alpha is a share between 0 and 0.5; got 0.7"),
        (("discover", "scenario.yaml", "--bad", "violence > 500", "--futures", "200"), 1, "hint: play about"),
        (("bargain", "none.csv"), 1, "`none.csv` does not exist"),
        (("bargain", "table.csv", "--rounds", "0"), 2, "rounds is a number from 1 to 1,000; got 0"),
        (("bargain", "table.csv", "--reading", "mine"), 2, "there is no reading `mine`"),
    ],
)
def test_mistakes_are_told_with_their_status(
    arguments: tuple[str, ...], status: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found, out, err = said(capsys, *arguments)
    assert found == status
    assert text in err
    assert out == ""


def test_bargain_prints_rounds_and_json_the_same_for_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "bargain", "table.csv", "--futures", "200")
    assert (status, err) == (0, "")
    assert "Who stands how against whom at the start" in out
    first, again = (said(capsys, "bargain", "table.csv", "--futures", "200", "--json")[1] for _ in range(2))
    assert first == again
    plain = json.loads(first)
    assert plain["futures"] == 200
    assert plain["forecast"]["se"] > 0.0
