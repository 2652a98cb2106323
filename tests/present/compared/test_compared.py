"""A comparison as frames, plain data, sentences, a picture, and on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import playout
from choices import CHOICES
from playout.errors import UsageError
from playout.present.cli import answer
from playout.present.compared import Compared
from playout.present.compared.drawing import difference_panels
from playout.present.compared.terminal import compare_lines


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("choices") / "choices.yaml"
    place.write_text(CHOICES, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def compared(path: Path) -> Compared:
    return playout.compare(path, objective="less harm, avoid cost > 7", futures=2000)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = answer(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


def test_the_frame_holds_every_policy_outcome_and_view(compared: Compared) -> None:
    frame = compared.frame()
    views = frame["view"].unique().to_list()
    assert sorted(views, key=str) == sorted([None, "hurts", "helps"], key=str)
    rows = len(compared.comparison.names) * len(compared.comparison.rows) * len(views)
    assert frame.height == rows
    harm = frame.filter((pl.col("outcome") == "harm") & pl.col("view").is_null())
    levels = dict(zip(harm["of"], harm["level"], strict=True))
    gaps = dict(zip(harm["of"], harm["difference"], strict=True))
    assert gaps["once"] == pytest.approx(levels["once"] - levels["nothing"], abs=1e-4)
    assert gaps["nothing"] is None
    against = compared.frame("twice").filter((pl.col("outcome") == "harm") & pl.col("view").is_null())
    assert dict(zip(against["of"], against["difference"], strict=True))["nothing"] == pytest.approx(-gaps["twice"])


def test_regrets_come_as_a_frame(compared: Compared) -> None:
    frame = compared.regrets()
    assert frame is not None
    assert frame.height == 4 * 3
    best = frame.filter(pl.col("view").is_not_null()).group_by("view").agg(pl.col("regret").min())
    assert best["regret"].to_list() == [0.0, 0.0]


def test_plain_data_is_finite_json_under_the_scenarios_names(compared: Compared) -> None:
    plain = json.loads(json.dumps(compared.as_json(), allow_nan=False))
    assert list(plain["compared"]) == ["nothing", "once", "twice", "spoil"]
    assert plain["outcomes"]["harm"] == {
        "kind": "measure", "title": "Harm", "unit": "1", "group": "people", "people": True, "better": "less",
    }  # fmt: skip
    once = plain["differences"]["once"]["harm"]
    assert set(once) == {"mean", "se", "views", "equal_weights", "lower", "higher", "same", "sureness"}
    assert once["lower"]["p"] + once["higher"]["p"] + once["same"]["p"] == pytest.approx(1.0)
    assert len(plain["pairs"]) == 6
    assert plain["dominates"] == [["nothing", "spoil"]]
    assert plain["objective"]["limits"] == [
        {"outcome": "cost", "wish": "avoid", "sign": ">", "bound": 7.0, "unit": "1"}
    ]
    assert plain["ranking"]["limits_kept"]["twice"]["p"] == 0.0
    assert plain["ranking"]["minimax_regret"]["name"] == "twice"


def test_the_table_fits_the_terminal_and_says_what_is_found(compared: Compared) -> None:
    lines = [line.text for line in compare_lines(compared, 80)]
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert "“Do nothing” dominates “Spoil it”" in text
    assert "Over the views, “Do it twice” would be regretted least: at most" in text
    assert "It keeps every limit in no future, “Do it once” in every future" in text
    assert "Objective as stated: less harm, avoid cost > 7." in text
    order = [text.index(heading) for heading in ("People", "How far it gets", "Institutions and organisations")]
    assert order == sorted(order)


def test_that_no_policy_dominates_is_said(path: Path) -> None:
    sentences = playout.compare(path, ["nothing", "once", "twice"], futures=1000).sentences()
    assert sentences[0].startswith("No policy dominates another: none is shown to be at least as good in what happens")


def test_whom_an_objective_leaves_out_is_said_and_still_shown(path: Path) -> None:
    found = playout.compare(path, ["nothing", "once"], objective="less cost", futures=1000)
    assert "The objective leaves out 1 measure of people, which the table shows: Harm." in found.sentences()
    assert any(line.text.startswith("Harm") for line in compare_lines(found, 80))


def test_the_picture_is_sound_and_says_better_and_worse_in_words(compared: Compared) -> None:
    assert compared.chart().to_dict()
    panels = difference_panels(compared, ["harm", "cost", "bad"])["concat"]
    titles = [panel["layer"][0]["encoding"]["x"]["axis"]["title"] for panel in panels]
    assert titles == ["← better · worse →", "← better · worse →", "← less · more →"]
    assert "<svg" in compared._repr_html_()
    with pytest.raises(UsageError, match="there is no compared outcome `harmm`; did you mean `harm`"):
        compared.chart(["harmm"])


def test_compare_prints_a_table_and_one_object_of_json(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = said(capsys, "compare", str(path), "--futures", "500", "--policies", "once,twice")
    assert (status, err) == (0, "")
    assert "Differences from “Do it once”, over the run or at its end, ± standard error" in out
    assert "Policies are not ranked: no objective was stated." in out
    out = said(capsys, "compare", str(path), "--futures", "500", "--json", "--out", str(tmp_path / "kept"))[1]
    plain = json.loads(out)
    assert plain["reference"] == "nothing"
    assert sorted(place.name for place in (tmp_path / "kept").iterdir()) == [
        "comparison.csv", "comparison.json", "comparison.svg",
    ]  # fmt: skip
    rows = list(csv.DictReader((tmp_path / "kept" / "comparison.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["of"] for row in rows} == {"nothing", "once", "twice", "spoil"}


def test_a_fault_of_the_command_line_is_told_at_once(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "compare", str(path), "--objective", "less harms; more costs", "--json")
    assert status == 2
    assert err.splitlines() == [
        "error: there is no outcome `harms`; did you mean `harm`?",
        "  there is no outcome `costs`; did you mean `cost`?",
    ]
    assert json.loads(out)["error"]["kind"] == "UsageError"
    assert said(capsys, "compare", str(path), "--policies", "onec,twice")[2] == (
        "error: there is no policy `onec`; did you mean `once`?\n"
    )


def test_the_flagships_policies_are_compared_and_its_switches_are_not() -> None:
    names = ["no_action", "as_written", "recruitment_prevention"]
    found = playout.compare("us-mexico-cartels", names, objective="less homicides", futures=1500)
    assert found.comparison.reference == "no_action"
    assert [row.name for row in found.comparison.rows][:3] == ["homicides", "disappearances", "civilians_killed"]
    place = [row.name for row in found.comparison.rows].index("civilians_killed")
    force = found.comparison.pair("as_written", "no_action").differences[place]
    assert force.mean.whole.value > 4 * force.mean.whole.se
    assert force.lower.p == 0.0
    again = playout.compare("us-mexico-cartels", names, objective="less homicides", futures=1500)
    assert again.as_json() == found.as_json()
    scenario = playout.load("us-mexico-cartels").scenario
    switches = [policy.name for policy in scenario.policies.values() if policy.switch]
    assert len(switches) == 13
    assert all(name.startswith("without_") for name in switches)
    assert np.isfinite([mean.whole.value for mean in found.comparison.levels["as_written"]]).all()


def test_of_a_handful_of_futures_no_policy_is_said_to_dominate(path: Path) -> None:
    found = playout.compare(path, ["nothing", "spoil"], futures=2)
    assert found.comparison.dominating("dominates") == ()
    assert found.sentences()[0] == (
        "Whether a policy dominates another cannot be told from 2 futures: play 100 or more."
    )
    enough = playout.compare(path, ["nothing", "spoil"], futures=400)
    assert enough.comparison.dominating("dominates") == (("nothing", "spoil"),)


def test_draws_that_make_nothing_surer_are_not_praised() -> None:
    """Where one policy does nothing at all, a difference is as sure as the other's own level."""
    said = playout.compare("sanctions", futures=400).sentences()
    assert said[-1] == "The same draws make differences here no surer than draws of their own would."


def test_the_pictures_names_are_whole_and_its_units_those_of_readers() -> None:
    found = playout.compare("us-mexico-cartels", ["no_action", "joint_covert_with_navy"], futures=1500)
    panel = difference_panels(found, ["civilians_killed"])["concat"][0]
    assert [line["name"] for line in panel["data"]["values"]] == ["Joint covert action with the|navy"]
    assert panel["title"]["text"].endswith(", people")
    assert panel["layer"][0]["encoding"]["x"]["axis"]["labelExpr"].startswith("datum.value == 0 ? '0'")
