"""A policy read against a baseline: what a switch takes away is away in both, and what differs beside is said."""

from __future__ import annotations

from pathlib import Path

import pytest

import playout
from playout.model.checked import CheckedScenario
from playout.present.terminal import summary_lines
from playout.simulate.policy import beside

ODD = Path(__file__).resolve().parent.parent / "odd" / "switches.yaml"


@pytest.fixture(scope="module")
def checked() -> CheckedScenario:
    return playout.load(ODD)


@pytest.mark.parametrize(
    ("policy", "baseline"),
    [
        (None, "held"),
        ("helped", "held"),
        ("held", None),
        ("without_loss", "held+without_loss"),
        ("helped+without_loss", "held+without_loss"),
        ("without_loss+held", None),
        ("held+helped", "held"),
    ],
)
def test_the_baseline_takes_the_switches_of_a_run(
    checked: CheckedScenario, policy: str | None, baseline: str | None
) -> None:
    assert beside(checked, policy)[1] == baseline
    result = playout.run(checked, futures=10, policy=policy)
    assert (None if result.baseline is None else result.baseline.policy) == baseline


def test_a_switch_alone_is_no_difference(checked: CheckedScenario) -> None:
    """What is left is what the baseline holds and the run leaves open, with the switch and without it."""
    plain, switched = (playout.run(checked, futures=400, policy=policy) for policy in (None, "without_loss"))
    gaps = [r.runs.column("harm[2025]") - r.baseline.column("harm[2025]") for r in (plain, switched)]
    assert (gaps[0] - gaps[1]).abs().max() < 1e-4
    assert switched.runs.column("harm[2025]").mean() < plain.runs.column("harm[2025]").mean()


def test_the_baselines_own_change_stands_where_a_switch_makes_it_too(checked: CheckedScenario) -> None:
    result = playout.run(checked, futures=50, policy="without_pace")
    grown = result.baseline.column("harm[2025]") - result.baseline.beliefs["loss"]
    assert grown.round(3).unique().to_list() == [30.0]  # 1 a week over 20 weeks, and not 0
    assert result.summary.as_json()["baseline_also_sets"]["switches"] == {"without_pace": ["pace"]}
    assert "“Held” itself sets pace" in _said(result)


def test_what_differs_beside_the_policy_is_said(checked: CheckedScenario, tmp_path: Path) -> None:
    result = playout.run(checked, futures=300, policy="helped", out=tmp_path / "kept")
    also = result.summary.as_json()["baseline_also_sets"]
    assert also == {"left_open": ["pace"], "views": {"x": ["pace"]}, "switches": {}}
    assert "“Held” also sets pace, which “Helped” leaves open" in _said(result)
    assert "“Held” sets pace, which “X” changes" in _said(result)
    assert "“Held” also sets pace, which “Helped” leaves open" in result.report().read_text(encoding="utf-8")


def test_compare_says_it_of_each_policy(checked: CheckedScenario) -> None:
    found = playout.compare(checked, ["held", "helped", "without_loss", "held+without_loss"], futures=300)
    said = " ".join(found.sentences())
    assert "“Held” also sets pace, which “Helped” and “Without loss” leave open" in said
    assert said.count("“Without loss” is a switch, and “Held” is played without it") == 2
    assert found.as_json()["reference_also_sets"] == {
        "helped": ["pace"], "without_loss": ["pace"], "held+without_loss": [],
    }  # fmt: skip


def test_a_kept_run_is_read_with_its_baseline(checked: CheckedScenario, tmp_path: Path) -> None:
    playout.run(ODD, futures=60, policy="without_loss", out=tmp_path / "kept")
    written = playout.report(tmp_path / "kept", futures=200)
    assert written.result.baseline.policy == "held+without_loss"
    told = playout.stories(ODD, futures=60, policy="without_loss", count=1, results=tmp_path / "kept")
    assert told.baseline.policy == "held+without_loss"


def _said(result: playout.Result) -> str:
    return " ".join(line.text for line in summary_lines(result.summary, result.runs.checked.scenario, width=400))
