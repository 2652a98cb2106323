"""Stories as a result: shares, data, page, chart, lines; from Python and on the command line."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import playout
from playout.errors import UsageError
from playout.present.cli import answer
from playout.present.stories import Stories

NAMES = ["ceasefire", "coin-and-die", "sanctions", "us-mexico-cartels"]


@cache
def stories_of(name: str) -> Stories:
    return playout.stories(name, futures=400, seed=2)


@pytest.mark.parametrize("name", NAMES)
def test_shares_add_up_and_carry_their_errors(name: str) -> None:
    plain = stories_of(name).as_json()
    typical = plain["stories"]
    assert sum(story["futures"] for story in typical) == plain["counted"] == 400
    assert math.fsum(story["share"] for story in typical) == pytest.approx(1.0, abs=1e-12)
    for story in typical:
        assert story["share"] == story["futures"] / 400
        assert story["se"] == pytest.approx(math.sqrt(story["share"] * (1 - story["share"]) / 400), rel=1e-6)
    percents = [int(found) for found in re.findall(r", (\d+)%$", stories_of(name).markdown(), re.MULTILINE)]
    assert sum(percents) == 100


@pytest.mark.parametrize("name", NAMES)
def test_titles_differ_and_stories_are_told(name: str) -> None:
    found = stories_of(name)
    titles = [story.title for story in found.of("typical")]
    assert len(set(titles)) == len(titles)
    assert all(story.narrative.sentences for story in found.stories)
    frame = found.frame()
    assert frame.height == len(found.stories)
    assert found.sentences().height == frame["sentences"].sum()


def test_the_flagships_titles_say_whether_force_came() -> None:
    for story in stories_of("us-mexico-cartels").of("typical"):
        came = any(move.stage == "striking" for move in story.told.moves)
        assert (", after force" in story.title) == came
        assert (", without force" in story.title) == (not came)


@pytest.mark.parametrize("name", ["ceasefire", "us-mexico-cartels"])
def test_the_same_bytes_from_another_process_and_with_one_thread_or_two(name: str, tmp_path: Path) -> None:
    program = (
        "import os, sys, json\n"
        "threads = int(sys.argv[1])\n"
        "os.cpu_count = lambda: threads\n"
        "import playout\n"
        f"print(json.dumps(playout.stories({name!r}, futures=5000, seed=2).as_json()))"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", program, threads],
            capture_output=True,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "2")
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) > 1000


def test_a_run_that_is_there_is_told_and_not_played_again() -> None:
    result = playout.run("ceasefire", futures=400, seed=2, weigh=False)
    told: list[str] = []
    found = playout.stories(result, progress=lambda stage, done, total: told.append(stage))
    assert "playing" not in told
    assert found.as_json() == stories_of("ceasefire").as_json()


def test_one_future_is_told_by_its_number() -> None:
    found = playout.stories("ceasefire", futures=50, future=7)
    (story,) = found.stories
    assert (story.told.future, story.kind) == (7, "asked")
    plain = found.as_json()
    assert plain["stories"] == plain["tails"] == []
    assert plain["asked"][0]["future"] == 7
    assert plain["clusters"] is None


def test_ends_are_told_as_asked_and_not_at_all() -> None:
    asked = playout.stories("ceasefire", futures=100, tails=["longest:peace.war", "worst:killed"])
    assert [story.as_json()["end"] for story in asked.of("tail")] == ["longest:peace.war", "worst:killed"]
    assert not playout.stories("ceasefire", futures=100, tails=False).of("tail")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 600}, "600 stories were asked for, and among 500 futures only"),
        ({"futures": 12}, "30 futures at least, and 12 ran to their end"),
        ({"future": 500}, "there is no future 500: 500 are played, numbered 0 to 499"),
        ({"tails": ["fastest:peace.truce"]}, "there is no stage `peace.truce`"),
        ({"tails": ["worst:deaths"]}, "there is no measure `deaths`"),
        ({"policy": "no_such"}, "there is no policy `no_such`"),
    ],
)
def test_what_cannot_be_told_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        playout.stories("ceasefire", **{"futures": 500, **arguments})


@pytest.mark.parametrize("name", NAMES)
def test_the_chart_is_a_chart_and_has_a_row_for_each_story(name: str) -> None:
    found = stories_of(name)
    spec = found.chart().to_dict()
    rows = {row["story"] for row in found.spec()["data"]["values"]}
    assert len(rows) == len({story.title for story in found.stories})
    assert spec["title"]["text"].startswith("The commonest story")
    for story in found.stories:
        bands = [row for row in found.spec()["data"]["values"] if row["story"].startswith(story.title)]
        assert bands[0]["from"] == story.told.dates[0].isoformat()
        assert bands[-1]["to"] == story.told.dates[-1].isoformat()


def test_a_notebook_shows_title_sentences_and_chart() -> None:
    shown = stories_of("ceasefire")._repr_html_()
    assert "<svg" in shown
    assert "The ceasefire holds" in shown
    assert "<script" not in shown


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [80, 100])
def test_lines_fit_the_terminal(name: str, width: int) -> None:
    lines = stories_of(name).lines(width)
    assert max(len(line.text) for line in lines) <= width


def test_a_page_points_to_what_is_behind_each_sentence() -> None:
    page = stories_of("sanctions").markdown(2)
    assert page.startswith("## Stories of A sanctions dispute")
    items = [line for line in page.splitlines() if line.startswith("- ")]
    assert items
    assert all(
        re.search(r"\((move|decision|event|measure|question|belief|view|splinter) `.+` at step \d+", i) for i in items
    )


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = answer(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


def test_the_verb_prints_stories_and_json(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verb = ("stories", "ceasefire", "--futures", "300", "--quiet")
    status, out, err = said(capsys, *verb)
    assert (status, err) == (0, "")
    assert out.startswith("Stories of A ceasefire under strain\n")
    assert max(map(len, out.splitlines())) <= 80
    status, out, _ = said(capsys, *verb, "--json", "--count", "2", "--no-tails")
    plain = json.loads(out)
    assert status == 0
    assert (len(plain["stories"]), plain["tails"]) == (2, [])
    assert not list(elsewhere.iterdir())


def test_the_verb_takes_a_run_that_is_kept(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "run", "ceasefire", "--futures", "300", "--no-report", "--quiet")[0] == 0
    before = {path: path.stat().st_mtime_ns for path in Path("playout-results").rglob("*")}
    status, kept, _ = said(capsys, "stories", "ceasefire", "--futures", "300", "--json", "--quiet")
    assert status == 0
    assert before == {path: path.stat().st_mtime_ns for path in Path("playout-results").rglob("*")}
    _, fresh, _ = said(capsys, "stories", "ceasefire", "--futures", "300", "--json", "--quiet", "--results", "none")
    assert kept == fresh
    other = said(capsys, "stories", "ceasefire", "--futures", "200", "--json", "--quiet")[1]
    assert json.loads(other)["futures"] == 200
    assert before == {path: path.stat().st_mtime_ns for path in Path("playout-results").rglob("*")}


def test_the_verb_writes_a_page(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verb = ("stories", "ceasefire", "--futures", "200", "--quiet")
    assert said(capsys, *verb, "--out", "stories.md")[1] == "wrote stories.md\n"
    page = Path("stories.md").read_text(encoding="utf-8")
    assert page == said(capsys, *verb, "--markdown")[1]
    assert said(capsys, *verb, "--json", "--out", "stories.json")[0] == 0
    assert json.loads(Path("stories.json").read_text(encoding="utf-8"))["scenario"] == "ceasefire"
    assert said(capsys, *verb, "--future", "3")[1].count("future 3") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--future", "200"), "there is no future 200"),
        (("--tail", "fastest:peace.peace"), "there is no stage `peace.peace`"),
        (("--tail", "worst:killed", "--no-tails"), "leave one of them out"),
        (("--out", "."), ". is a folder"),
        (("--count", "x"), "`x` is not a whole number"),
    ],
)
def test_the_verb_refuses(
    elsewhere: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    status, out, err = said(capsys, "stories", "ceasefire", "--futures", "200", "--quiet", *arguments)
    assert (status, out) == (2, "")
    assert message in err
