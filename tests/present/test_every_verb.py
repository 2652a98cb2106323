"""Every verb over small odd scenarios: each gives an answer, or says in clear words why there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from playout.present.cli import answer

ODD = Path(__file__).resolve().parent.parent / "odd"
SCENARIOS = sorted(path.stem for path in ODD.glob("*.yaml"))
MEASURES = {
    name: next(iter(re.findall(r"measures:\n  (\w+)", (ODD / f"{name}.yaml").read_text()))) for name in SCENARIOS
}
FEW = ("--futures", "150", "--quiet")
ANY = ("--allow-stopped", "0.9")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def verbs(name: str) -> dict[str, tuple[str, ...]]:
    """By what is done, the arguments; NAME stands for the scenario's file, MEASURE for its first measure."""
    measure = MEASURES[name]
    return {
        "run": ("run", "NAME", *FEW),
        "run, stopped futures allowed": ("run", "NAME", *FEW, *ANY),
        "run, traced": ("run", "NAME", *FEW, *ANY, "--no-report", "--trace", measure),
        "compare": ("compare", "NAME", *FEW),
        "compare, an objective": ("compare", "NAME", *FEW, *ANY, "--objective", f"less {measure}"),
        "compare, views": ("compare", "NAME", *FEW, *ANY, "--by", "view"),
        "explain": ("explain", "NAME", "--samples", "64", "--quiet"),
        "explain, a measure": ("explain", "NAME", "--outcome", measure, "--samples", "64", "--quiet", *ANY),
        "explain, a level": ("explain", "NAME", "--outcome", f"{measure}.level", "--samples", "64", "--quiet", *ANY),
        "explain, by effects": ("explain", "NAME", "--method", "morris", "--samples", "8", "--quiet", *ANY),
        "explain, by distances": ("explain", "NAME", "--method", "delta", "--samples", "500", "--quiet", *ANY),
        "discover": ("discover", "NAME", "--bad", f"highest 40% of {measure}", "--futures", "600", "--quiet"),
        "discover, a tree": (
            "discover", "NAME", "--bad", f"{measure} > 0", "--method", "cart", "--futures", "600", "--quiet", *ANY,
        ),
        "stories": ("stories", "NAME", *FEW, *ANY),
        "plot, a measure": ("plot", "NAME", measure, "-o", "one.svg", *FEW),
        "plot, a level": ("plot", "NAME", f"{measure}.level", "-o", "level.svg", *FEW),
        "plot, what decides": ("plot", "NAME", f"tornado.{measure}", "-o", "decides.svg", *FEW),
        "check": ("check", "NAME", "--cost"),
        "show": ("show", "NAME"),
    }  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_verb_answers_or_says_why_not(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for what, arguments in verbs(name).items():
        status = answer([str(ODD / f"{name}.yaml") if own == "NAME" else own for own in arguments])
        out, err = capsys.readouterr()
        assert status in (0, 1, 2), f"{what}: {err}"
        assert "Traceback" not in err + out, what
        if status:
            first, *rest = err.splitlines()
            assert re.fullmatch(r"error: \S.{15,}", first), f"{what}: {err}"
            assert all(line.startswith(("  ", "\t")) for line in rest), f"{what}: {err}"
        else:
            assert "nan" not in out.lower().split(), f"{what}: {out}"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_report_is_written_whatever_cannot_be_made(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(ODD / f"{name}.yaml"), *FEW, *ANY, "--out", "here", "--no-report"]) == 0
    capsys.readouterr()
    assert answer(["report", "here", *FEW]) == 0
    html = Path("here/report.html").read_text(encoding="utf-8")
    for reason in re.findall(r'<p class="notrun"[^>]*><b>Not run.</b> [^:]*: (.*?)</p>', html):
        assert "makes it, and" not in reason  # it was run, and gave a reason
        assert "hint" not in reason
    assert json.loads(Path("here/analyses.json").read_text(encoding="utf-8"))["identity"]


def _no_number(constant: str) -> None:
    pytest.fail(f"{constant} is no JSON")


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_verb_gives_plain_data(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("run, stopped futures allowed", "explain, by distances", "discover, a tree", "compare", "stories"):
        arguments = [str(ODD / f"{name}.yaml") if own == "NAME" else own for own in verbs(name)[what]]
        status = answer([*arguments, "--json"])
        out, _ = capsys.readouterr()
        assert status in (0, 1, 2), what
        json.loads(out, parse_constant=_no_number)
