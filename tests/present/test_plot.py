"""Pictures by themselves: files that stand alone, with title, source and a text alternative."""

from __future__ import annotations

import dataclasses
import json
import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import playout
from playout.errors import InputError, UsageError
from playout.pipeline.kept import kept_run
from playout.pipeline.run import Result, run
from playout.present.cli import answer
from playout.present.plot import Picture, picture_of, pictures
from present.made_up import made_up_page

PAGE = made_up_page()
PICTURES = pictures(PAGE)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run("ceasefire", futures=400, seed=2, out=tmp_path_factory.mktemp("runs") / "ceasefire")


def test_a_page_has_a_picture_of_each_thing_it_shows() -> None:
    assert {"ladder", "questions", "views", "ties", "authority", "homicides", "homicides.level"} <= set(PICTURES)
    assert {"policies.homicides", "policies.displaced", "tornado.homicides"} <= set(PICTURES)


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_says_what_it_shows_where_from_and_to_those_who_cannot_see_it(name: str) -> None:
    picture = PICTURES[name]
    root = ElementTree.fromstring(picture.svg())
    shown = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert root.attrib["role"] == "img"
    described = root.find(f"{SVG}desc")
    assert described is not None
    assert described.text == picture.text
    assert picture.title.split()[0] in shown
    assert "Source:" in shown
    assert "var(" not in picture.svg(), "colours are values where there is no page around"


def test_dark_is_another_picture_and_wide_is_wider() -> None:
    ladder = PICTURES["ladder"]
    assert ladder.svg(dark=True) != ladder.svg()
    assert PICTURES["ties"].svg(dark=True) != PICTURES["ties"].svg()
    narrow, wide = (float(ElementTree.fromstring(ladder.svg(width=w)).attrib["width"]) for w in (400, 900))
    assert wide > narrow + 300


@pytest.mark.parametrize("name", ["ladder", "ties"])
def test_files_are_what_their_names_say(name: str, tmp_path: Path) -> None:
    picture = PICTURES[name]
    png = picture.write(tmp_path / "a.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">I", png[16:20])[0] > 1200, "two pixels for each of the drawing's"
    assert picture.write(tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    page = picture.write(tmp_path / "new" / "a.html").read_text(encoding="utf-8")
    assert "default-src &#39;none&#39;" in page
    assert picture.title in page


def test_text_from_a_stranger_stays_text() -> None:
    nasty = "</title><script>alert(1)</script>&"
    strange = dataclasses.replace(PICTURES["ladder"], title=nasty, source=nasty, text=nasty)
    ElementTree.fromstring(strange.svg())
    assert "<script>alert" not in strange.html()
    assert "<script>alert" not in dataclasses.replace(PICTURES["ties"], title=nasty).svg()


def test_what_cannot_be_drawn_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"did you mean `homicides`"):
        picture_of(PAGE, "homicide")
    with pytest.raises(UsageError, match=r"there are ladder, questions"):
        picture_of(PAGE, "nothing like it")
    with pytest.raises(UsageError, match=r"ends in \.png, \.svg, \.html"):
        PICTURES["ladder"].write(tmp_path / "a.gif")
    with pytest.raises(UsageError, match="200 to 4,000 pixels"):
        PICTURES["ladder"].write(tmp_path / "a.png", width=12)
    with pytest.raises(UsageError, match="without Vega-Lite"):
        PICTURES["ties"].chart()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written there"):
        PICTURES["ladder"].write(tmp_path / "file" / "a.svg")


def test_altair_takes_the_charts() -> None:
    assert PICTURES["ladder"].chart().to_dict()["title"]["text"]


# --- from runs --------------------------------------------------------------------------------------------------------


def test_a_kept_run_is_drawn_without_playing_it_again(
    result: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "killed.svg"
    assert answer(["plot", str(result.folder), "killed", "-o", str(place), "--json", "--quiet"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["picture"] == "killed"
    assert said["file"] == str(place)
    assert picture_of(result.page(), "killed").title == said["title"]


def test_a_kept_run_is_what_it_was(result: Result) -> None:
    assert result.folder is not None
    again = kept_run(result.folder)
    first, second = (r.summary.as_json() for r in (result, again))
    assert {**first, "seconds": None} == {**second, "seconds": None}


def test_a_run_of_another_state_of_its_scenario_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert answer(["new", str(path)]) == 0
    played = run(path, futures=50, seed=1, out=tmp_path / "out")
    assert played.folder is not None
    assert kept_run(played.folder).runs.futures == 50
    path.write_text(path.read_text(encoding="utf-8") + "# later\n", encoding="utf-8")
    with pytest.raises(InputError, match="another state of its scenario"):
        kept_run(played.folder)
    with pytest.raises(InputError, match="holds no run of Playout"):
        kept_run(tmp_path)


def test_faults_of_the_command_line_are_told_before_anything_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["plot", "ceasefire", "ladder", "-o", "ladder.gif"]) == 2
    assert "ends in .png" in capsys.readouterr().err
    assert answer(["plot", "no-such-thing", "ladder", "-o", "ladder.svg"]) == 1


def test_a_notebook_shows_the_answer_the_ladder_and_people(result: Result) -> None:
    shown = result._repr_html_()
    assert shown.count("<svg") == 2, "the ladder, and the one measure of people"
    assert "In this model" in shown
    assert "<script" not in shown


def test_plot_is_public(result: Result) -> None:
    picture = playout.plot(result, "ladder")
    assert isinstance(picture, Picture)
    assert playout.plot("ceasefire", "questions", futures=100).name == "questions"


def test_policies_and_what_decides_an_outcome_are_played_for() -> None:
    result = run("sanctions", futures=400, seed=2)
    policies = playout.plot(result, "policies.hardship")
    assert policies.name == "policies.hardship"
    assert playout.plot(result, "policies").name.startswith("policies.")
    tornado = playout.plot(result, "tornado.hardship")
    assert "moves" in tornado.title
    with pytest.raises(UsageError, match=r"there is no picture `policies\.nothing`"):
        playout.plot(result, "policies.nothing")
