"""`playout bench`: its report as text and as JSON, and what it says to input that cannot be used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playout.bench import measure
from playout.bench.contest import Plan, Standing
from playout.bench.machine import Machine, this_machine
from playout.bench.measure import Goal, Report, Size
from playout.bench.peers import SYNTHETIC
from playout.bench.scale import Curve, Ladder
from playout.present.bench import report_lines
from playout.present.cli import answer

TINY = Size("tiny", Plan(0.01, 0.01, 1, 1.0), Ladder((64, 128), (2, 4), (13, 26), 1), futures=32, turns=1)
MEASURED = ("native_single", "reference", "numpy")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few tools, few futures; the other tools are not installed."""
    peers = tuple(
        replace(peer, batch=64) if peer.name in MEASURED else replace(peer, package=("no_such_tool", peer.name))
        for peer in SYNTHETIC
    )
    monkeypatch.setattr("playout.bench.peers.SYNTHETIC", peers)
    monkeypatch.setattr(measure, "QUICK", TINY)
    monkeypatch.setattr("playout.present.cli.bench.FLAGSHIP", "ceasefire")  # a small one, soon compiled


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = answer(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


@pytest.mark.usefixtures("tiny")
def test_the_json_holds_all_that_was_measured(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    status, out, err = said(capsys, "bench", "--quick", "--json", "--quiet", "--out", str(file))
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert json.loads(file.read_text(encoding="utf-8")) == found
    assert set(found) == {
        "playout", "size", "seconds", "disturbed", "machine", "synthetic", "recruitment", "growth", "flagship", "goals",
    }  # fmt: skip
    assert set(found["machine"]) == {
        "processor", "features", "cores", "memory", "system", "python", "load", "quiet",
    }  # fmt: skip
    tools: dict[str, dict[str, Any]] = {tool["name"]: tool for tool in found["synthetic"]["tools"]}
    assert set(tools) == {peer.name for peer in SYNTHETIC}
    assert set(tools["numpy"]) == {
        "name", "title", "not_timed", "import_seconds", "prepare_seconds", "compared_futures", "largest_difference_se",
        "clock", "processor", "native_is_clock", "native_is_processor",
    }  # fmt: skip
    assert set(tools["numpy"]["clock"]) == {"best", "median", "turns"}
    title = "JAX, lax.scan, single precision"
    assert tools["jax"] == {"name": "jax", "title": title, "not_timed": "not installed: pip install jax"}
    assert "--tables" in found["recruitment"]["skipped"]
    assert [curve["name"] for curve in found["growth"]] == ["futures", "members", "steps"]
    assert [point["count"] for point in found["growth"][2]["points"]] == [13, 26]
    assert found["flagship"]["scenario"] == "ceasefire"
    assert min(value for value in found["flagship"].values() if isinstance(value, float)) > 0
    assert len(found["goals"]) == 5
    assert {goal["met"] for goal in found["goals"]} <= {True, False, None}


def machine(load: float) -> Machine:
    return Machine("A processor", ("avx2", "fma"), 2, 8 * 2**30, "Linux x86_64", "3.11.0", load)


def report(load: float = 0.0) -> Report:
    native = Standing(SYNTHETIC[0], None, 1.0, 0.5, 4096, 0.8, [90e3, 100e3, 110e3], [50e3])
    numpy = Standing(SYNTHETIC[4], None, 0.5, 0.0, 4096, 1.3, [20e3], [10e3])
    missing = Standing(SYNTHETIC[5], "not installed: pip install jax")
    others = [Standing(peer, "not installed: …") for peer in (*SYNTHETIC[1:4], *SYNTHETIC[6:])]
    growth = (Curve("futures", (10, 100), (100, 1000), (1e-6, 1e-5)),)
    return Report("full", machine(load), (native, numpy, missing, *others), "no tables", growth, "no engine", 12.0)


def text(of: Report) -> str:
    return "\n".join(line.text for line in report_lines(of, None))


def test_the_tables_show_medians_and_ratios() -> None:
    shown = text(report())
    numpy = next(line for line in shown.splitlines() if line.startswith("  NumPy by hand"))
    assert numpy.split()[-5:] == ["20,000", "10,000", "5.00×", "0.5", "s"]
    assert "JAX, lax.scan, single precision: not installed: pip install jax" in shown
    assert "means agree within 1.3 standard errors" in shown
    assert "10: 10.00  100: 10.00" in shown
    assert "grows with the power 1.00" in shown
    assert "at least 5 times as fast as NumPy by hand, single precision: 5.00 (met)" in shown
    assert "at least 3 times as fast as JAX, lax.scan, single precision: not measured" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_a_busy_machine_is_told() -> None:
    assert "not quiet" not in text(report(load=0.2))
    assert "on average 3.0 processes ran" in text(report(load=3.0))


def test_a_machine_that_something_else_used_meanwhile_is_told() -> None:
    whole = report()
    assert not whole.disturbed  # 100,000 by the clock, of 2 × 50,000 a core-second
    native, *others = whole.synthetic
    slowed = replace(whole, synthetic=(replace(native, clock=[60e3]), *others))
    assert slowed.disturbed
    assert "Something else used the processors meanwhile" in text(slowed)
    assert [goal.measured for goal in whole.goals][2] == 5.0  # 100,000 by the clock against 20,000
    assert [goal.measured for goal in slowed.goals][2] == 5.0  # 50,000 by processor time against 10,000
    assert "by the clock" in text(whole)
    assert "in single precision, by processor time" in text(slowed)


def test_narrow_vectors_halve_the_goals() -> None:
    whole = report()
    wide = replace(whole, machine=replace(whole.machine, features=("avx2", "avx512f")))
    assert [goal.least for goal in wide.goals] == [0.7, 6.0, 10.0, 500.0, 2000.0]
    assert [goal.least for goal in whole.goals] == [0.35, 3.0, 5.0, 250.0, 1000.0]


def test_goals_are_met_or_missed_or_not_measured() -> None:
    assert [Goal("x", 2.0, measured).met for measured in (None, 1.9, 2.0)] == [None, False, True]


def test_this_machine_has_a_name_and_cores() -> None:
    found = this_machine()
    assert found.processor
    assert found.cores >= 1
    assert found.quiet in (True, False)


def test_figures_go_to_no_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, _, err = said(capsys, "bench", "--out", str(tmp_path / "nowhere" / "figures.json"))
    assert (status, "there is no folder" in err) == (1, True)
    status, _, err = said(capsys, "bench", "--out", str(tmp_path))
    assert (status, "it is a folder; name a file in it" in err) == (1, True)


def test_tables_that_are_not_there_are_told_before_anything_is_played(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out, err = said(capsys, "bench", "--quick", "--tables", str(tmp_path))
    assert (status, out) == (1, "")
    assert "BACRIM2020_Nodes.csv" in err


def test_an_unknown_option_is_the_command_lines_fault(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said(capsys, "bench", "--fast")
    assert (status, "--fast" in err) == (2, True)
