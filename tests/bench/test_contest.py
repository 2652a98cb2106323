"""Tools side by side: the models agree, so that speeds compare; and what happens to a tool that cannot be measured."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from made_up_tables import write_tables
from playout.bench import contest, workload
from playout.bench.contest import WIDE, Moments, Plan, Standing, Team, hold
from playout.bench.peers import SYNTHETIC, Missing, Peer, recruitment
from playout.bench.play import Crew, engine_for, no_beliefs
from playout.compile.draws import belief_stream, stream_key
from playout.errors import RunError
from playout.simulate.matrix import belief_rows

TINY = Plan(check=0.01, turn=0.01, turns=1, patience=1.0)


def silent(stage: str, done: int, total: int) -> None:
    pass


def few(peers: tuple[Peer, ...], batch: int) -> tuple[Peer, ...]:
    """The same tools, which may play fewer futures at once than they are best at."""
    return tuple(replace(peer, batch=min(peer.batch, batch)) for peer in peers)


@pytest.fixture(scope="module")
def standings() -> dict[str, Standing]:
    return {each.peer.name: each for each in hold(few(SYNTHETIC, 512), TINY, silent)}


@pytest.mark.parametrize(
    "name",
    [pytest.param(peer.name, marks=[] if peer.package is None else [pytest.mark.beside]) for peer in SYNTHETIC],
)
def test_every_tool_computes_the_synthetic_workload(standings: dict[str, Standing], name: str) -> None:
    found = standings[name]
    if found.why is not None and name == "c":
        pytest.skip(found.why)  # without a compiler
    assert found.why is None
    assert len(found.clock) == len(found.processor) == 1
    assert min(*found.clock, *found.processor) > 0
    if name != contest.REFERENCE:
        assert found.compared >= 1
        assert found.largest <= WIDE


def test_every_tool_computes_the_recruitment_model(tmp_path: Path) -> None:
    for found in hold(few(recruitment(str(write_tables(tmp_path))), 8), TINY, silent):
        assert found.why is None
        assert found.peer.name == contest.REFERENCE or found.largest <= WIDE


def test_the_c_program_draws_what_the_engine_draws() -> None:
    from playout.bench.peers import in_c

    try:
        play = in_c.player(1)
        crew = Crew(engine_for(workload.program(), "double"), 1)
    except Missing as why:
        pytest.skip(str(why))
    by_hand = play(64, 96).reshape(workload.YEARS, len(workload.MEASURES), 96)
    (block,) = crew.play(no_beliefs, 64, 96)
    for place, measure in enumerate(workload.MEASURES):
        close = np.isclose(by_hand[:, place], block.totals[measure], rtol=1e-3)
        assert close.mean() > 0.98, (
            measure
        )  # a uniform of 24 bits now and then falls on the other side of its threshold


def test_the_c_program_names_the_streams_of_the_scenario() -> None:
    text = workload.source("synthetic.c")
    for stream in (belief_stream("shock"), belief_stream("luck"), "campaign.moves"):
        assert f"0x{stream_key(stream):08X}u" in text
    assert set(workload.program().streams) == {belief_stream("shock"), belief_stream("luck"), "campaign.moves"}


def test_the_tools_start_from_the_scenarios_numbers() -> None:
    checked = workload.scenario()
    assert checked.scenario.tables["first_members"].values == workload.FIRST_MEMBERS
    assert checked.steps == workload.YEARS * workload.WEEKS
    assert tuple(checked.scenario.measures) == workload.MEASURES
    assert len(belief_rows(checked, workload.program().columns).columns) == 0


def test_the_workload_grows_as_asked() -> None:
    program = workload.program(organisations=11, weeks=7)
    assert (program.sizes["organisation"], program.steps) == (11, 7)
    assert program.tables["first_members"][8] == workload.FIRST_MEMBERS[0]


def test_a_difference_is_told_in_standard_errors() -> None:
    expected = Moments(400, np.array([10.0, 5.0]), np.array([4.0, 0.0]))
    same = Moments(100, np.array([10.0, 5.0]), np.array([4.0, 0.0]))
    assert same.largest_difference(expected) == 0.0
    apart = Moments(100, np.array([11.0, 5.0]), np.array([9.0, 9.0]))
    allowed = contest.SLACK * 10.0
    together = math.sqrt((100 * 9.0 + 400 * 4.0) / 500)
    error = together * math.sqrt(1 / 100 + 1 / 400)
    assert apart.largest_difference(expected) == pytest.approx((1.0 - allowed) / error)
    rare = Moments(400, np.array([10.0, 5.1]), np.array([4.0, 4.0]))
    assert rare.largest_difference(same) < 1.0  # it happened in the larger of the two alone
    certain = Moments(100, np.array([10.0, 5.1]), np.array([4.0, 0.0]))
    assert certain.largest_difference(expected) == math.inf


def test_a_tool_that_disagrees_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "WIDE", -1.0)
    peers = few(tuple(p for p in SYNTHETIC if p.name in ("reference", "numpy")), 64)
    reference, numpy = hold(peers, TINY, silent)
    assert reference.timed
    assert not numpy.timed
    assert numpy.why is not None
    assert numpy.why.startswith("disagrees with the reference by ")


def test_a_tool_that_is_not_installed_is_passed_over() -> None:
    (found,) = hold((Peer("absent", "Absent", "in_absent", package=("no_such_tool", "no-such-tool")),), TINY, silent)
    assert (found.why, found.timed) == ("not installed: pip install no-such-tool", False)


def test_a_tool_that_cannot_be_loaded_says_so() -> None:
    (found,) = hold((Peer("absent", "Absent", "in_absent"),), TINY, silent)
    assert found.why is not None
    assert found.why.startswith("cannot be loaded: No module named")


def test_a_tool_that_breaks_down_is_a_run_error_with_its_last_words(tmp_path: Path) -> None:
    broken = Peer("broken", "Broken tool", "recruits_in_numpy", {"tables": str(tmp_path)})
    with Team(broken) as team, pytest.raises(RunError, match=r"measuring Broken tool failed: FileNotFoundError: "):
        team.ready()
