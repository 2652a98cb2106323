"""What decides an outcome, as a reader gets it: sentences, frames, plain data, pictures, and the command line."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

import playout
from explained_scenario import known, written
from playout.analyse.average import Mean
from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.present.cli import answer
from playout.present.cli.arguments import names
from playout.present.explained import Explained
from playout.present.explained_lines import explain_lines
from playout.present.views.explained import share_words

POLICIES = ["no_gift", "pushed", "pulled"]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    return known(tmp_path_factory.mktemp("explained"))


@pytest.fixture(scope="module")
def reading(checked: CheckedScenario) -> Explained:
    return playout.explain(checked, "high", samples=2048, second_order=True, seed=3)


@pytest.fixture(scope="module")
def informed(checked: CheckedScenario) -> Explained:
    return playout.explain(checked, objective="more served", policies=POLICIES, samples=4000)


def plain(explained: Explained) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(explained.as_json(), allow_nan=False))
    return found


# --- words ------------------------------------------------------------------------------------------------------------


def test_a_sentence_says_the_two_ends_both_shares_and_what_the_belief_rests_on(reading: Explained) -> None:
    first = reading.sentences()[0]
    assert first.startswith("Whether “B” is at most −1.7 or at least 1.7 moves the odds of “Is it high?” from ")
    assert "of the variance goes with it alone" in first
    assert "counting what it does together with others" in first
    assert first.endswith("It rests on evidence.")
    assert any("Chance inside the run:" in sentence for sentence in reading.sentences())
    assert any("It is only assumed." in sentence for sentence in reading.sentences())
    assert any("“It is low” or “It is high”" in sentence for sentence in reading.sentences())


def test_an_outcome_of_a_member_names_it(checked: CheckedScenario) -> None:
    found = playout.explain(checked, "parts[south]", policy="no_gift", samples=64)
    assert found.heading == "What decides parts, The south"


def test_members_that_rest_on_different_things_are_counted(checked: CheckedScenario) -> None:
    found = playout.explain(checked, "pair", policy="no_gift", samples=512)
    assert "Its members rest on different things: 1 only assumed, 1 on evidence." in found.sentences()[0]
    assert "(Part, The south) moves pair by +" in found.sentences()[0]


def test_without_evidence_a_belief_rests_on_nothing_and_with_judgement_on_that_only(checked: CheckedScenario) -> None:
    said = " ".join(playout.explain(checked, "spoiled", policy="no_gift", samples=1024).sentences())
    assert "It rests on judgement only." in said
    assert "It rests on nothing." in said
    assert "hardly moves spoiled on average" in said


def test_what_does_not_vary_is_said_to_be_decided_by_nothing(checked: CheckedScenario) -> None:
    found = playout.explain(checked, "still", samples=64)
    assert found.sentences() == ["In every future still against “No gift” is the same: nothing decides it."]
    assert plain(found)["explanation"]["factors"][0]["total"] == {"value": None, "se": None}
    assert found.charts == ()


def test_the_terminal_has_room_for_it(reading: Explained, informed: Explained) -> None:
    for explained in (reading, informed):
        lines = [line.text for line in explain_lines(explained, 80)]
        assert max(len(line) for line in lines) <= 80
        assert len(lines) <= 30
    assert lines[0] == "What it is worth to know before choosing for “more served”"


# --- data -------------------------------------------------------------------------------------------------------------


def test_frames_and_plain_data_say_the_same(reading: Explained) -> None:
    frame = reading.frame()
    rows = plain(reading)["explanation"]["factors"]
    assert frame["name"].to_list() == [row["name"] for row in rows]
    assert frame["total"].to_list() == pytest.approx([row["total"]["value"] for row in rows], rel=1e-6)
    assert (frame["first_se"] >= 0).all()
    assert reading.frame("pairs").height == 21  # of seven factors
    assert reading.frame("ends").filter(label="b")["unit"].to_list() == ["1"]
    with pytest.raises(UsageError, match="there is no table `end`"):
        reading.frame("end")


def test_the_value_of_information_is_that_of_the_one_belief_that_matters(informed: Explained) -> None:
    """Of pushing, pulling and neither, the best depends on a: |a − 0.5| is served where it is known."""
    found = plain(informed)["information"]
    assert found["best"] == "pulled"
    by_name = {row["name"]: row for row in found["evppi"]}
    expected = math.sqrt(2 / math.pi) * math.exp(-0.125) + 0.5 * math.erf(0.5 / math.sqrt(2)) - 0.5
    for name in ("a", "both"):
        assert abs(by_name[name]["gain"]["value"] - expected) <= 3.5 * by_name[name]["gain"]["se"]
    assert by_name["b"]["gain"]["value"] <= 3.5 * by_name["b"]["gain"]["se"]
    low, high = found["evpi"]["at_least"], found["evpi"]["at_most"]
    assert low["value"] - 3.5 * low["se"] <= expected <= high["value"] + 3.5 * high["se"]
    assert found["policies"]["pulled"]["behind"] == {"value": 0.0, "se": 0.0}
    assert plain(informed)["explanation"] is None


def test_an_outcome_and_an_objective_may_be_asked_for_together(checked: CheckedScenario) -> None:
    found = playout.explain(checked, "high", method="morris", samples=8, objective="more served", policies=POLICIES)
    assert found.found is not None
    assert found.known is not None
    assert {"morris", "information"} & set(found.charts)


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_every_picture_is_sound_and_its_title_a_finding(
    reading: Explained, informed: Explained, checked: CheckedScenario
) -> None:
    others = [
        playout.explain(checked, "reading", method=method, samples=many)
        for method, many in (("morris", 30), ("delta", 3000))
    ]
    assert reading.charts == ("tornado", "interactions")
    assert [own.charts[-1] for own in others] == ["morris", "delta"]
    for explained in (reading, informed, *others):
        for name in explained.charts:
            spec = explained.chart(name).to_dict()
            top = spec["vconcat"][0] if "vconcat" in spec else spec
            assert top["title"]["text"]
            assert top["description"]
            assert "var(--" not in json.dumps(spec)
    assert "“B” moves the odds of “Is it high?” most" in " ".join(reading.spec("tornado")["title"]["text"])
    with pytest.raises(UsageError, match="there is no chart `morris`"):
        reading.chart("morris")


def test_a_notebook_shows_sentences_pictures_and_tables(reading: Explained) -> None:
    page = reading._repr_html_()
    assert "What decides the odds of “Is it high?”" in page
    assert page.count("<svg") == 2
    assert page.count("<table>") == 3


# --- the command line -------------------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = answer(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


def test_the_command_prints_a_table_and_writes_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario, picture = written(tmp_path), tmp_path / "tornado.svg"
    status, out, err = said(
        capsys, "explain", str(scenario), "--outcome", "high", "--samples", "256", "--chart", str(picture)
    )
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "What decides the odds of “Is it high?”"
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_json_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(
        capsys, "explain", str(written(tmp_path)), "--method", "delta", "--samples", "600", "--json", "--quiet"
    )
    found = json.loads(out)
    assert status == 0
    assert found["explanation"]["method"] == "delta"
    assert found["explanation"]["outcome"]["name"] == "high"  # the first question: there is no headline


def test_a_picture_cannot_go_where_there_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = str(tmp_path / "none" / "picture.svg")
    status, _, err = said(capsys, "explain", str(written(tmp_path)), "--chart", picture)
    assert status == 1
    assert "the picture cannot be written" in err


@pytest.mark.parametrize(("edge", "status"), [("0.9", 1), ("-0.9", 0)])
def test_futures_that_stop_are_counted_and_too_many_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], edge: str, status: int
) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("is: p * q * (1 year)", f"is: log(p - {edge})"))
    arguments = ["explain", str(path), "--outcome", "spoiled", "--policy", "no_gift", "--samples", "128", "--json"]
    got, out, err = said(capsys, *arguments)
    assert (got, "of 128 futures stopped" in err) == (1, True)
    got, out, err = said(capsys, *arguments, "--allow-stopped", "1")
    assert got == status
    if status:
        assert "of 128 futures ran to their end, too few to explain anything" in err
        return
    found = json.loads(out)["explanation"]
    assert 0 < found["stopped_futures"] < 20
    assert found["factors"][0]["name"] == "p"
    assert found["factors"][0]["total"]["value"] == pytest.approx(1.0, abs=0.5)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--outcome", "hihg"], "there is no outcome `hihg`; did you mean `high"),
        (["--outcome", "parts"], "`parts` wants a member of `side`, as in `parts[north]`"),
        (["--outcome", "higher", "--method", "sobol"], "the question `higher` has a condition"),
        (["--beliefs", "gift"], "`gift` is one number in every future"),
        (["--beliefs", "nobody"], "there is no belief or group `nobody`"),
        (["--method", "sobel"], "there is no method `sobel`; did you mean `sobol`?"),
        (["--by", "side"], "there is no grain `side`"),
        (["--samples", "10"], "`sobol` wants 64 rows at least; 10 were asked for"),
        (["--method", "delta", "--samples", "100"], "`delta` wants 500 futures at least"),
        (["--method", "morris", "--second-order"], "second order is of shares of variance"),
        (["--policies", "pushed,pulled"], "policies are chosen among for an objective, and none is stated"),
        (["--objective", "more served", "--policies", "pushed"], "wants two policies at least"),
        (["--objective", "more served", "--policies", "pushed,pulled,pushed"], "the policy `pushed` is named twice"),
        (["--objective", "more served", "--policies", "pushed,puled"], "there is no policy `puled`"),
        (["--objective", "more of it", "--policies", "pushed,pulled"], "is not a wish"),
        (["--objective", "more served", "--policies", "pushed,pulled", "--samples", "99"], "wants 500 futures"),
        (["--policy", "pushd"], "there is no policy `pushd`; did you mean `pushed`?"),
        (["--view", "middle"], "there is no view `middle`"),
        (["--chart", "picture.bmp"], "`picture.bmp` is no picture"),
        (["--outcome", "still", "--samples", "64", "--chart", "picture.svg"], "there is nothing to draw"),
        (["--draw", "tornado"], "say where the picture goes"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    status, out, err = said(capsys, "explain", str(written(tmp_path)), *arguments)
    assert (status, out) == (2, "")
    assert text in err


def test_a_comma_inside_brackets_belongs_to_a_name() -> None:
    assert names("pace, strength[north, 2],b") == ["pace", "strength[north, 2]", "b"]


# --- what is too small to be told -------------------------------------------------------------------------------------


def test_a_share_no_larger_than_its_error_is_said_to_be_under_what_it_may_be() -> None:
    assert share_words(Mean(-0.004, 0.01, 100)) == "under 2%"
    assert share_words(Mean(0.031, 0.019, 100)) == "under 7%"
    assert share_words(Mean(0.23, 0.02, 100)) == "23% (±2)"
    assert share_words(Mean(0.0, 0.0, 100)) == "0% (±0)"


def test_months_are_said_in_the_plural() -> None:
    said = " ".join(playout.explain("ceasefire", samples=512).sentences())
    assert re.search(r"“Patience” is at most [\d.]+ months or at least [\d.]+ months moves", said)


def test_where_no_belief_varies_chance_alone_is_named_and_naming_none_is_refused() -> None:
    assert playout.explain("coin-and-die", samples=64).sentences()[0].startswith("No belief varies: only chance")
    with pytest.raises(UsageError, match="no belief is named"):
        playout.explain("ceasefire", beliefs=[], samples=64)


def test_a_tornado_is_filled_up_with_beliefs_whose_ends_are_not_clear_in_grey() -> None:
    found = playout.explain("sanctions", samples=256)
    spec = found.spec("tornado")
    rows = spec["data"]["values"]
    ends = {row["label"]: row["end"] for row in rows}
    assert len(ends) == 5
    assert "unclear" in ends.values()
    assert "grey: ends that chance could set apart" in spec["description"]
