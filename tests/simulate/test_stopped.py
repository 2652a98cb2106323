"""Futures that stopped: the likely cause is the one that was put there, and who is missing is said with how much."""

from __future__ import annotations

from pathlib import Path

import pytest

import playout
from playout.errors import RunError
from playout.simulate.run import play
from playout.simulate.stopped import explain_stops

ODD = Path(__file__).resolve().parent.parent / "odd"

TANK = """\
playout: 1
title: A tank
start: 2025-01-01
horizon: 30 days
step: 1 day
{header}
beliefs:
  speed: {{is: "uniform(0.1, 1.3)", unit: 1/day, assumed: a test}}
  idle: {{is: "uniform(0, 1)", unit: "1", assumed: a test}}
stocks:
  tank: {{unit: "1", starts: 10, within: [0, {most}], {flows}}}
{more}
measures: {{tank: {{title: Tank}}}}
"""


def tank(
    folder: Path, flows: str, *, most: str = "inf", header: str = "", more: str = ""
) -> playout.model.checked.CheckedScenario:
    path = folder / "tank.yaml"
    path.write_text(TANK.format(flows=flows, most=most, header=header, more=more), encoding="utf-8")
    return playout.load(path)


@pytest.mark.parametrize(
    ("flows", "most", "more", "cause", "remedy"),
    [
        ("minus: {leak: speed * tank}", "inf", "", "`leak` takes 10", "a shorter `step` or `integrate: rk4`"),
        (
            "minus: {leak: loss}", "inf", "variables: {loss: {is: speed * tank, unit: 1/day}}",
            "the flow times the step is more than there is", "a shorter `step` or `integrate: rk4`",
        ),
        ("minus: {leak: speed}", "inf", "", "the flow does not slow down as `tank` runs out", "let `leak` depend on"),
        ("plus: {rain: speed}", "30", "", "does not slow down as `tank` fills", "let `rain` depend on the room"),
        ("plus: {rain: speed * tank}", "1000", "", "more than there is room for", "a shorter `step`"),
        (
            "minus: {}", "inf", "events: {raid: {rate: speed, does: [tank -= 3]}}",
            "an effect of `raid` takes it out of them", "let the effect of `raid` depend on what `tank` holds",
        ),
    ],
)  # fmt: skip
def test_the_likely_cause_is_the_one_that_was_put_there(
    tmp_path: Path, flows: str, most: str, more: str, cause: str, remedy: str
) -> None:
    runs = play(tank(tmp_path, flows, most=most, more=more), futures=200, seed=1, allow_stopped=1.0)
    (found,) = explain_stops(runs).causes
    assert found is not None
    assert cause in found.text
    assert remedy in found.remedy


def test_the_remedy_for_large_steps_is_one(tmp_path: Path) -> None:
    flows = "minus: {leak: speed * tank}"
    assert play(tank(tmp_path, flows), futures=200, seed=1, allow_stopped=1.0).stopped > 20
    assert play(tank(tmp_path, flows, header="integrate: rk4"), futures=200, seed=1).stopped == 0


def test_who_is_missing_is_said_with_how_much(tmp_path: Path) -> None:
    runs = play(tank(tmp_path, "minus: {leak: speed * tank}"), futures=2000, seed=1, allow_stopped=1.0)
    (own,) = explain_stops(runs).apart  # and `idle`, which has no part in it, is not named
    gone = runs.beliefs["speed"].to_numpy()[~runs.complete]
    assert (own.label, own.view) == ("speed", False)
    assert own.stopped == pytest.approx(gone.mean())
    assert own.size == pytest.approx((own.stopped - own.others) / runs.beliefs["speed"].std(ddof=0))
    assert own.size > 1.0


@pytest.mark.parametrize("name", ["a-fifth-stops", "large-steps"])
def test_a_refusal_names_cause_and_who_is_missing_and_proposes_a_remedy_alone(name: str) -> None:
    with pytest.raises(RunError) as caught:
        playout.run(ODD / f"{name}.yaml", futures=500)
    said = str(caught.value)
    belief = "u" if name == "a-fifth-stops" else "speed"
    assert "likely because `leak` takes" in said
    assert f"no random sample: `{belief}` is " in said
    assert "standard deviations)" in said
    assert "hint: " in said
    assert "allow" not in said


def test_a_few_that_stop_are_too_few_to_tell(tmp_path: Path) -> None:
    runs = play(tank(tmp_path, "minus: {leak: speed * tank}"), futures=20, seed=1, allow_stopped=1.0)
    found = explain_stops(runs)
    assert (found.enough, found.apart) == (False, ())


def test_what_is_missing_stands_in_run_json_and_report(tmp_path: Path) -> None:
    result = playout.run(ODD / "a-fifth-stops.yaml", futures=500, allow_stopped=0.5, out=tmp_path / "kept")
    plain = result.summary.as_json()
    assert plain["stopped"][0]["cause"].startswith("`leak` takes 0.5 in one step of 1 day")
    assert plain["stopped_apart"][0]["belief"] == "u"
    assert plain["stopped_apart"][0]["standard_deviations"] > 1.0
    html = result.report().read_text(encoding="utf-8")
    assert html.count("no random sample: u is") == 2  # beside the answer, and where it is said how it was made


def test_explain_keeps_to_the_limit_as_run_does() -> None:
    for method in ("sobol", "morris", "delta"):
        with pytest.raises(RunError, match=r"futures stopped \(\d+.*%\), and 1% may"):
            playout.explain(ODD / "a-fifth-stops.yaml", "ratio.level", method=method, samples=512)
    found = playout.explain(ODD / "a-fifth-stops.yaml", "ratio.level", samples=512, allow_stopped=0.3)
    assert found.found.explanation.stopped > 50
