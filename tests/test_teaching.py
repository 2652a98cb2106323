"""The small scenarios that ship with Playout: what they teach is true."""

from __future__ import annotations

import csv
import math
import os
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import playout
from made_up_tables import write_tables
from playout.bench.peers.recruits_in_numpy import read_tables

SCENARIOS = resources.files("playout") / "scenarios"
RECRUITMENT = Path(os.environ.get("PLAYOUT_DATA", Path(__file__).parents[2] / "shared" / "data")) / "recruitment"


@pytest.mark.parametrize("name", ["ceasefire", "coin_and_die", "sanctions"])
def test_a_teaching_scenario_is_short_and_sound(name: str) -> None:
    text = (SCENARIOS / name / "scenario.yaml").read_text("utf-8")
    assert len(text.splitlines()) < 60
    assert not playout.load(name).warnings


def coin_and_die_by_hand() -> dict[str, float]:
    """The answers as a Markov chain: one toss, roll or week of waiting a step."""
    back = -math.expm1(-0.5 / (365.25 / 12) * 7)
    stages = ["tossing", "rolling", "won", "lost"]
    step = np.array(
        [
            [0, 1 / 2, 0, 1 / 2],
            [0, 0, 1 / 6, 5 / 6],
            [0, 0, 1, 0],
            [back, 0, 0, 1 - back],
        ]
    )
    after_a_year = np.linalg.matrix_power(step, 52)[0]
    return {
        "wins_at_once": 1 / 12,
        "loses_at_once": 1 / 2,
        "wins_within_a_year": float(after_a_year[stages.index("won")]),
    }


def test_a_coin_and_a_die_have_the_odds_worked_out_by_hand() -> None:
    futures = 20_000
    outcomes = playout.run("coin_and_die", futures=futures).runs.outcomes
    for question, exact in coin_and_die_by_hand().items():
        share = outcomes[f"question.{question}"].mean()
        assert share == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / futures))
    large = (outcomes["stake"] == "large").mean()
    assert large == pytest.approx(math.e / (1 + math.e), abs=4 * math.sqrt(0.2 / futures))


def test_monitors_make_a_ceasefire_last() -> None:
    """Fewer die where monitors are always sent than where they never are, under the same draws."""
    result = playout.run("ceasefire", futures=4096, policy="always_monitors")
    assert result.baseline is not None
    killed = [column for column in result.runs.outcomes.columns if column.startswith("killed[")]
    with_monitors = result.runs.outcomes.select(killed).sum_horizontal()
    without = result.baseline.outcomes.select(killed).sum_horizontal()
    difference = with_monitors - without
    assert difference.mean() < -4 * difference.std() / math.sqrt(len(difference))


def test_sanctions_cost_trade_and_move_some_targets() -> None:
    imposed = playout.run("sanctions", futures=4096, policy="always_impose")
    assert imposed.baseline is not None
    assert imposed.baseline.outcomes["trade_lost[2026]"].max() == 0
    assert imposed.runs.outcomes["trade_lost[2026]"].mean() > 0
    ends = "question.ends_by_2027"
    assert imposed.runs.outcomes[ends].mean() > imposed.baseline.outcomes[ends].mean()


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("tables"))


def recruitment_solved(tables: Path) -> tuple[float, float, float]:
    """Members after 520 weeks, and all deaths and recruits of these weeks: the paper's equations, solved to 1e-10."""
    conflict, shares = (np.asarray(part, np.float64) for part in read_tables(tables))
    groups = len(shares)

    def change(_: float, now: np.ndarray) -> np.ndarray:
        members = now[:groups]
        killed, recruited = 1.549231e-8 * members * (conflict @ members), 2.527474e-3 * members
        grown = recruited - 110 * members / members.sum() - killed - 4e-8 * members**2
        return np.array([*grown, killed.sum(), recruited.sum()])

    start = [*(115_000 * shares), 0, 0]
    end = solve_ivp(change, (0, 520), start, method="DOP853", rtol=1e-10, atol=1e-8).y[:, -1]
    return float(end[:groups].sum()), float(end[-2]), float(end[-1])


def with_scheme(folder: Path, integrate: str) -> Path:
    """The recruitment model with a scheme of its own."""
    text = (SCENARIOS / "recruitment" / "scenario.yaml").read_text("utf-8")
    path = folder / "scenario.yaml"
    path.write_text(text.replace("integrate: rk4", f"integrate: {integrate}"), "utf-8")
    return path


@pytest.mark.parametrize(("integrate", "within"), [("rk4", 1e-5), ("euler", 0.003)])
def test_the_recruitment_model_ends_where_its_equations_do(
    tmp_path: Path, made_up: Path, integrate: str, within: float
) -> None:
    runs = playout.run(with_scheme(tmp_path, integrate), futures=1, tables=made_up).runs
    members, deaths, recruits = recruitment_solved(made_up)
    assert runs.outcomes["all_members[2021]"][0] == pytest.approx(members, rel=within)
    for measure, exact in (("deaths", deaths), ("recruits", recruits)):
        assert runs.paths.isel(future=0)[measure].values[:520].sum() == pytest.approx(exact, rel=within)


def test_recruitment_halved_loses_members_and_arrests_doubled_take_some(made_up: Path) -> None:
    def members(policy: str | None) -> float:
        runs = playout.run("recruitment", futures=1, policy=policy, tables=made_up).runs
        return float(runs.outcomes["all_members[2021]"][0])

    assert members("prevention") < members("double_arrests") < members(None)


published = pytest.mark.skipif(
    not RECRUITMENT.is_dir(),
    reason="the tables published with the recruitment paper (Science 381, 2023) are not here: PLAYOUT_DATA names a "
    "folder that holds them under recruitment/",
)


@published
@pytest.mark.parametrize(("integrate", "within"), [("rk4", 0.001), ("euler", 0.003)])
def test_the_recruitment_model_ends_where_the_paper_does(tmp_path: Path, integrate: str, within: float) -> None:
    """173,837 members after 520 weeks, deaths from 67.24 to 124.30 a week, recruits from 290.66 to 439.37."""
    runs = playout.run(with_scheme(tmp_path, integrate), futures=1, tables=RECRUITMENT).runs
    assert runs.outcomes["all_members[2021]"][0] == pytest.approx(173_837, rel=within)
    weekly = runs.paths.isel(future=0)
    for measure, first, last in (("deaths", 67.24, 124.30), ("recruits", 290.66, 439.37)):
        # a step's amount lies between the rates at its two ends
        amounts = weekly[measure].values[:520]
        assert amounts[0] == pytest.approx(first, rel=within)
        assert amounts[-1] == pytest.approx(last, rel=within)


@published
def test_recruitment_prevented_beats_arrests_doubled() -> None:
    """The paper's finding: halving recruitment lowers violence, doubling arrests leaves it above today's."""
    halved = playout.run("recruitment", futures=1, policy="prevention", tables=RECRUITMENT).runs.outcomes
    arrested = playout.run("recruitment", futures=1, policy="double_arrests", tables=RECRUITMENT).runs.outcomes
    as_is = playout.run("recruitment", futures=1, tables=RECRUITMENT).runs.outcomes
    deaths = "deaths[2021]"
    assert halved[deaths][0] < arrested[deaths][0] < as_is[deaths][0]
    with (RECRUITMENT / "BACRIM2020_Nodes.csv").open(encoding="utf-8-sig") as nodes:
        assert len(list(csv.DictReader(nodes))) == 150
