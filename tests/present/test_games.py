"""A scenario's games, solved, summed up, shown and traced."""

from __future__ import annotations

import json
import math
import textwrap
from pathlib import Path

import numpy as np
import pytest

import playout
from playout.analyse.outcome import outcome
from playout.errors import UsageError
from playout.model.checked import CheckedScenario

MARKET = """
playout: 1
title: Entry
start: 2025-01-06
horizon: 40 weeks
step: 1 week
actors: {outsider: {title: A newcomer}, monopolist: {title: The firm}}
sets:
  place: {north: {title: North}, south: {title: South}, spare: 1}
beliefs:
  precision: {is: 1 to 3, unit: "1", assumed: a test}
  prize[place]: {is: "normal(1, 0.3)", unit: "1", assumed: a test}
stocks:
  cash[i in place]: {unit: "1", starts: 0, plus: {earned: 0.1 1/week}}
tracks:
  season:
    stages: {closed: {lasts: 8 weeks, then: open_}, open_: {}}
games:
  market[i in place]:
    title: Entry into a market
    assumed: a test
    players: {newcomer: outsider, firm: monopolist}
    when: season.open_
    every: 4 weeks
    before: none
    rationality: {newcomer: precision, firm: inf}
    begins: entry
    nodes:
      entry: {by: newcomer, moves: {stay_out: out, come: weather}}
      weather: {chance: {fair: {odds: 0.8, to: answer}, foul: {odds: otherwise, to: lost}}}
      answer: {by: firm, moves: {share: shared, fight: fought}}
    ends:
      out: {title: Stays out, newcomer: 1, firm: 5}
      shared: {title: Shares, newcomer: "prize[i] + 1 + cash[i]", firm: 2}
      fought: {title: Fights, newcomer: 0, firm: 0}
      lost: {title: Is lost, newcomer: 0, firm: 4}
measures:
  odds_out[i in place]: {of: "odds(market[i].out)"}
questions:
  entered: {ask: Does it enter the north?, by: 2025-10-13, that: "market[north] == shared"}
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path = tmp_path_factory.mktemp("market") / "scenario.yaml"
    path.write_text(MARKET, encoding="utf-8")
    return playout.load(path)


def test_games_are_solved_at_the_medians_and_over_futures(checked: CheckedScenario) -> None:
    games = playout.games(checked, futures=64)
    assert [found.label for found in games.games] == ["market[north]", "market[south]"]
    found = games.games[0]
    worth = found.ends[1].worth["newcomer"]
    precision = found.rationality["newcomer"]
    come = 1 / (1 + math.exp(precision * (1 - 0.8 * worth)))
    assert found.solution.moves["entry"]["come"] == pytest.approx(come, abs=1e-12)
    assert found.solution.moves["answer"]["share"] == 1.0
    assert found.ends[1].odds == pytest.approx(0.8 * come, abs=1e-12)
    assert abs(found.ends[1].mean - found.ends[1].odds) < 0.1
    assert games.frame()["probability"].sum() == pytest.approx(4.0)
    assert json.loads(json.dumps(games.as_json()))["games"]["market[north]"]["ends"]["out"]["se"] > 0
    assert "Entry into a market" in str(games.chart().to_dict())
    assert "Stays out" in games._repr_html_() or "Shares" in games._repr_html_()


def test_a_later_date_has_its_own_numbers(checked: CheckedScenario) -> None:
    """After eighteen weeks 1.8 more are to be had."""
    now, later = (playout.games(checked, ["market"], at=at, futures=16).games[0] for at in (None, "2025-05-12"))
    assert later.ends[1].worth["newcomer"] == pytest.approx(now.ends[1].worth["newcomer"] + 1.8)


def test_what_cannot_be_solved_is_refused(checked: CheckedScenario) -> None:
    with pytest.raises(UsageError, match="no game `markt`"):
        playout.games(checked, ["markt"])
    with pytest.raises(UsageError, match="outside of the run"):
        playout.games(checked, at="2035-01-01")
    with pytest.raises(UsageError, match="not a date"):
        playout.games(checked, at="next year")


def test_ends_are_summed_up_beside_decisions(checked: CheckedScenario) -> None:
    result = playout.run(checked, futures=2000)
    said = result.summary.as_json()
    assert set(said["games"]) == {"market[north]", "market[south]", "market[spare_1]"}
    ends = said["games"]["market[north]"]
    column = result.runs.column("market[north]")
    for end, own in ends.items():
        assert own["share"] == pytest.approx(float((column == end).mean()), abs=1e-6)
    assert said["due"]["market[north]"]["share"] == 1.0
    assert ends["fought"]["share"] == 0.0
    assert said["questions"]["entered"]["p"] == pytest.approx(ends["shared"]["share"], abs=1e-6)
    assert np.nanmean(outcome(checked.scenario, "market[north].shared", compared=False).values(result.runs)) > 0.3


def test_a_game_is_shown_as_a_tree(checked: CheckedScenario) -> None:
    shown = playout.show(checked, ["market"]).markdown()
    tree = """
      entry: newcomer moves
        stay_out → out
        come →
          weather: chance
            fair (odds 0.8) →
              answer: firm moves
                share → shared
                fight → fought
            foul (odds otherwise) → lost
    """
    assert textwrap.indent(textwrap.dedent(tree).strip(), "  ") in shown
    assert "newcomer prize[i] + 1 + cash[i], firm 2" in shown


def test_a_result_is_traced_through_a_game(checked: CheckedScenario) -> None:
    traced = playout.run(checked, futures=500).trace("odds_out").as_json()
    assert {"market.out", "market"} <= {each["name"] for each in traced["reads"]}
    assert {each["name"].partition("[")[0] for each in traced["beliefs"]} >= {"precision", "prize"}


def test_the_report_has_a_section_of_games(checked: CheckedScenario, tmp_path: Path) -> None:
    result = playout.run(checked, futures=300)
    page = Path(result.report(tmp_path / "report.html")).read_text(encoding="utf-8")
    assert 'id="games"' in page
    assert "A newcomer and The firm play" in page
