"""What is printed survives a stream that is not UTF-8: no traceback, and signs that can be read."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import playout
from playout.present.cli import VERBS, answer
from playout.present.cli.encoding import is_unicode, nearest, write_nearest

SOURCES = Path(playout.__file__).parent

SCENARIO = """
playout: 1
title: Côte d’Ivoire − “Łódź”, 2 °C
start: 2025-01-01
horizon: 4 weeks
step: 1 week
beliefs:
  loss: {is: 1 to 2, unit: usd/week, assumed: a guess – no more, title: Déficit}
stocks:
  money: {starts: 0, unit: usd, minus: {lost: loss}}
tracks:
  course: {stages: {waiting: {title: Esperando, lasts: 1 to 2 weeks, then: over}, over: {title: Fini}}}
measures:
  money: {unit: usd, title: Argent}
questions:
  poor: {ask: Pauvre à la fin ?, by: 2025-01-29, that: money < -5 usd}
policies:
  halved: [loss *= 0.5]
"""

TABLE = "actor,capability,position,salience\nÅland,0.5,10,0.5\nMéxico,0.8,2,0.7\nTürkiye,0.3,6,0.9\n"

SHORT = ("--futures", "300", "--quiet")
PRINTED: dict[str, tuple[str, ...]] = {
    "run": ("s.yaml", *SHORT, "--no-report"),
    "compare": ("s.yaml", *SHORT, "--policies", "unchanged,halved", "--objective", "more money"),
    "explain": ("s.yaml", "--outcome", "poor", "--samples", "64", "--quiet"),
    "discover": ("s.yaml", "--bad", "money < -6", *SHORT),
    "stories": ("s.yaml", *SHORT),
    "bargain": ("table.csv",),
    "report": ("results", "--quiet"),
    "plot": ("s.yaml", "questions", "-o", "picture.svg", *SHORT),
    "check": ("s.yaml", "--cost", "--print-program"),
    "show": ("s.yaml",),
    "list": (),
    "new": ("new.yaml",),
}
SILENT = {"serve", "bench"}
"""Verbs that are no command with an end, or take a quiet machine; they print plain sentences."""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("s.yaml").write_text(SCENARIO, encoding="utf-8")
    Path("table.csv").write_text(TABLE, encoding="utf-8")


def printed(encoding: str, *arguments: str) -> tuple[int, str, str]:
    """Exit status and both streams of a command whose streams have an encoding."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n") for _ in range(2)]
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = streams
    try:
        for stream in streams:
            write_nearest(stream)
        status = answer(arguments)
    finally:
        sys.stdout, sys.stderr = kept
    texts = []
    for stream in streams:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode(encoding))  # type: ignore[attr-defined]
    return status, texts[0], texts[1]


def test_every_verb_is_tried() -> None:
    verbs = argparse.ArgumentParser().add_subparsers()
    for verb in VERBS:
        verb.add(verbs)
    assert set(verbs.choices) == {*PRINTED, *SILENT}


@pytest.mark.parametrize("verb", PRINTED)
def test_a_verb_prints_the_nearest_of_what_it_prints_in_unicode(verb: str) -> None:
    if verb == "report":
        printed("utf-8", "run", "s.yaml", *SHORT, "--no-report", "--out", "results")
    texts: dict[str, str] = {}
    for encoding in ("utf-8", "utf-8", "ascii", "latin-1"):
        Path("new.yaml").unlink(missing_ok=True)
        status, out, err = printed(encoding, verb, *PRINTED[verb])
        assert (status, "Traceback" in err) == (0, False), err
        texts[encoding] = out
    for encoding in ("ascii", "latin-1"):
        assert texts[encoding] == "".join(nearest(sign, encoding) for sign in texts["utf-8"])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_minus_sign_stays_one(encoding: str) -> None:
    out = printed(encoding, "run", "s.yaml", *SHORT, "--no-report")[1]
    assert re.search(r"Argent +-\d", out)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_json_is_the_same_object(encoding: str) -> None:
    plain = [printed(each, "run", "s.yaml", *SHORT, "--no-report", "--json")[1] for each in ("utf-8", encoding)]
    assert json.loads(plain[0]) == json.loads(plain[1])
    assert "Côte d’Ivoire − “Łódź”" in json.loads(plain[1])["title"]


def test_errors_can_be_read() -> None:
    Path("s.yaml").write_text(SCENARIO.replace("money < -5 usd", "mönéy < 3 – 5"), encoding="utf-8")
    status, _, err = printed("ascii", "check", "s.yaml")
    assert (status, "Traceback" in err) == (1, False)
    assert "`money` has" in err
    assert "that: money < 3 - 5" in err


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "C"}])
def test_the_command_itself_in_the_c_locale(locale: dict[str, str]) -> None:
    command = [sys.executable, "-m", "playout", "show", "s.yaml"]
    done = subprocess.run(command, env={**os.environ, **locale}, capture_output=True, check=False)
    text = done.stdout.decode("utf-8")
    assert (done.returncode, done.stderr) == (0, b"")
    assert text.startswith(('# Cote d\'Ivoire - "Lodz", 2  degC', "# Côte d’Ivoire − “Łódź”, 2 °C"))


def test_every_sign_of_the_sources_has_a_nearest_one() -> None:
    texts = (path.read_text(encoding="utf-8") for path in (SOURCES / "present").rglob("*.py"))
    signs = {sign for text in texts for sign in text if not sign.isascii()}
    assert {"−", "±", "“"} <= signs
    assert {sign for sign in signs if "\\" in nearest(sign, "ascii")} == set()


@given(st.characters(), st.sampled_from(["ascii", "latin-1", "cp1252", "cp437", "koi8-r", "utf-8"]))
def test_any_character_can_be_written(character: str, encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    write_nearest(stream)
    stream.write(character)
    stream.flush()
    assert is_unicode(stream) == (encoding == "utf-8")
    if character.isascii():
        assert nearest(character, encoding) == character
