"""Studies: many runs under the same draws, and runs that hold only what is asked of them."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import playout
from playout.errors import RunError, UsageError
from playout.model.checked import CheckedScenario
from playout.simulate.design import Design
from playout.simulate.result import Runs
from playout.simulate.run import play
from playout.simulate.study import Variant, play_variants

ENGINES = {"native": "single", "numpy": "double"}
VARIANTS = [
    Variant(),
    Variant(policy="always_impose"),
    Variant(design=Design(redrawn=["resolve"], seed=9)),
    Variant(policy="always_impose", design=Design(redrawn=["resolve"], seed=9)),
    Variant(),
]


@pytest.fixture(scope="module")
def scenario() -> CheckedScenario:
    return playout.load("sanctions")


def plain(scenario: CheckedScenario, engine: str, variant: Variant, futures: int = 300) -> Runs:
    return play(
        scenario,
        futures=futures,
        seed=3,
        engine=engine,
        precision=ENGINES[engine],
        policy=variant.policy,
        design=variant.design,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_variants_come_in_their_order_and_are_what_they_are_alone(scenario: CheckedScenario, engine: str) -> None:
    runs = list(play_variants(scenario, VARIANTS, futures=300, seed=3, engine=engine, precision=ENGINES[engine]))
    assert [each.identity() for each in runs] == [plain(scenario, engine, each).identity() for each in VARIANTS]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_how_many_are_played_at_once_does_not_show(scenario: CheckedScenario, workers: int) -> None:
    runs = play_variants(scenario, VARIANTS, futures=300, seed=3, workers=workers)
    assert [each.identity() for each in runs] == [plain(scenario, "native", each).identity() for each in VARIANTS]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_wanted_is_the_same_whether_or_not_the_rest_is_computed(scenario: CheckedScenario, engine: str) -> None:
    whole = plain(scenario, engine, Variant())
    measure, question = next(iter(whole.measures)), next(iter(scenario.scenario.questions))
    track = next(iter(scenario.scenario.tracks))
    part = play(
        scenario, futures=300, seed=3, engine=engine, precision=ENGINES[engine], wanted=[measure, question, track]
    )
    assert set(part.measures) == {measure}
    names = [name for name in part.outcomes.columns if name not in ("view", "status", "stopped_member")]
    assert f"question.{question}" in names
    assert len(names) < len(whole.outcomes.columns)
    assert part.columns(names).equals(whole.columns(names))


@pytest.mark.parametrize("engine", ENGINES)
def test_tracks_that_are_wanted_may_be_tallied(scenario: CheckedScenario, engine: str) -> None:
    track = next(iter(scenario.scenario.tracks))
    whole = plain(scenario, engine, Variant())
    part, bare = (
        play(
            scenario,
            futures=300,
            seed=3,
            engine=engine,
            precision=ENGINES[engine],
            wanted=[track],
            tallied=tallied,
        )
        for tallied in (True, False)
    )
    assert set(part.tallies) == {track}
    assert np.array_equal(part.tallies[track], whole.tallies[track])
    assert not bare.tallies


def test_progress_ends_with_all_futures_of_all_variants(scenario: CheckedScenario) -> None:
    told: list[tuple[int, int]] = []
    list(play_variants(scenario, VARIANTS, futures=100, seed=3, progress=lambda *at: told.append(at)))
    assert told[0] == (0, 500)
    assert told[-1] == (500, 500)
    assert told == sorted(told)


def test_who_takes_no_more_runs_leaves_none_being_played(scenario: CheckedScenario) -> None:
    runs = play_variants(scenario, VARIANTS, futures=300, seed=3)
    next(runs)
    runs.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("playout")]


def test_a_variant_that_cannot_be_played_is_refused(scenario: CheckedScenario) -> None:
    with pytest.raises(UsageError, match="there is no policy `always_imposed`; did you mean `always_impose`"):
        list(play_variants(scenario, [Variant(), Variant(policy="always_imposed")], futures=10, seed=3))
    with pytest.raises(UsageError, match="there is no view `hawks`"):
        list(play_variants(scenario, [Variant(), Variant(view="hawks")], futures=10, seed=3))


def test_a_run_that_is_told_to_stop_stops(scenario: CheckedScenario) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(RunError, match="stopped"):
        play(scenario, futures=10, seed=3, engine="native", precision="single", stop=stop)


def test_a_run_of_nothing_still_tells_which_futures_ran(scenario: CheckedScenario) -> None:
    runs = play(scenario, futures=50, seed=3, engine="native", precision="single", wanted=[])
    assert np.all(runs.complete)
    assert runs.outcomes.columns == ["future", "view", "status", "stopped_step", "stopped_member"]
