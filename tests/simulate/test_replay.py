"""A future played again is the run's own, and what is told of it is what happened in it."""

from __future__ import annotations

import dataclasses
import itertools
from functools import cache

import numpy as np
import polars as pl
import pytest

import playout
from conformance import beliefs, split
from interpreter import Played
from interpreter import play as interpret
from playout.compile.lower import lower
from playout.errors import RunError, UsageError
from playout.simulate.outcomes import Outcomes
from playout.simulate.replay import Told, replay, stays
from playout.simulate.result import Runs, labelled
from playout.simulate.run import play
from told import two_shores

SEED = 5


@cache
def shores(engine: str = "native", precision: str = "single", policy: str | None = None) -> Runs:
    return play(two_shores(), futures=120, seed=SEED, engine=engine, precision=precision, policy=policy)


@cache
def told_of(engine: str = "native", precision: str = "single") -> tuple[Told, ...]:
    return replay(shores(engine, precision), range(40))


def interpreted(runs: Runs, future: int) -> Played:
    columns = lower(runs.checked, runs.policy).columns
    values, view = split(columns, beliefs(runs.checked, runs.policy, columns, range(future, future + 1), SEED)[:, 0])
    return interpret(runs.checked, future, values, view, runs.policy, SEED)


@pytest.mark.parametrize(("engine", "precision"), [("numpy", "double"), ("native", "double")])
@pytest.mark.parametrize("future", range(12))
def test_what_is_told_is_what_the_interpreter_finds(engine: str, precision: str, future: int) -> None:
    runs = shores(engine, precision)
    told, played = told_of(engine, precision)[future], interpreted(runs, future)
    scenario = runs.checked.scenario
    states = played.states

    def label(sets: tuple[str, ...], at: tuple[int, ...]) -> str:
        return ", ".join(scenario.sets[s].labels[i] for s, i in zip(sets, at, strict=True))

    moves = set()
    for track in scenario.tracks.values():
        for k, state in enumerate(states):
            for at, place in state.places[track.name].items():
                before = states[k - 1].places[track.name].get(at) if k else None
                if before is None or place.entries > before.entries:
                    moves.add((track.name, label(track.sets, at), track.stages[place.stage].name, k))
    assert {(m.track, m.member, m.stage, m.step) for m in told.moves} == moves

    choices, births, counts = set(), set(), {}
    for k, (state, after) in enumerate(itertools.pairwise(states)):
        for decision in scenario.decisions.values():
            for at, choice in after.choices[decision.name].items():
                earlier = state.choices[decision.name].get(at)
                if earlier is not None and choice.made > earlier.made:
                    name = scenario.choices(decision)[choice.option]
                    choices.add((decision.name, label(decision.sets, at), name, k))
        for event in scenario.events.values():
            for at, total in after.events[event.name].items():
                if total > state.events[event.name].get(at, 0.0):
                    own = total - state.events[event.name].get(at, 0.0)
                    counts[event.name, label(event.sets, at), k] = int(own)
        births |= {
            (scenario.sets["side"].labels[n], k + 1)
            for n, (was, now) in enumerate(zip(state.alive["side"], after.alive["side"], strict=True))
            if now and not was
        }
    last = len(states) - 1
    assert {(c.decision, c.member, c.option, c.step) for c in told.choices if c.step < last} == choices
    assert {(e.event, e.member, e.step): e.count for e in told.events} == counts
    assert {(b.member, b.step) for b in told.births} == births


def test_everything_that_can_be_told_happens_in_these_futures() -> None:
    told = told_of()
    assert all(each.moves and each.choices and each.events for each in told)
    assert any(each.births for each in told)
    assert {each.view for each in told} == {"hot", "cold"}
    assert {c.decision for each in told for c in each.choices} == {"answer", "where", "tone"}


@pytest.mark.parametrize(("engine", "precision"), [("native", "single"), ("native", "double"), ("numpy", "double")])
def test_a_replay_is_the_run_to_the_bit(engine: str, precision: str) -> None:
    runs = shores(engine, precision)
    outcomes = runs.outcomes
    for told in told_of(engine, precision):
        row = outcomes.row(told.future, named=True)
        assert row["view"] == told.view
        for move in told.moves:
            if move.first:
                column = f"{labelled(move.track, [move.member] if move.member else [])}.{move.stage}"
                assert row[column] == move.day
        for level in told.levels:
            assert level.totals == tuple(row[name] for name in runs.measures[level.name].columns())
        events = {name: value for name, value in row.items() if name.startswith("events.")}
        for name, total in events.items():
            event, _, member = name.removeprefix("events.").partition("[")
            own = [e.count for e in told.events if (e.event, e.member) == (event, member.removesuffix("]"))]
            assert sum(own) == total


def test_stages_and_measures_step_by_step_are_those_of_the_kept_paths() -> None:
    runs = shores()
    paths = runs.path_arrays().variables
    stages = [stage.name for stage in runs.checked.scenario.tracks["dispute"].stages]
    for told in told_of():
        for step, number in enumerate(paths["dispute"][1][told.future].tolist()):
            assert told.stage("dispute", step=step) == stages[int(number)]
        (temper,) = (level for level in told.levels if level.name == "temper")
        assert np.array_equal(temper.steps, paths["temper"][1][told.future])


def test_dates_are_those_of_the_steps() -> None:
    for told in told_of():
        for dated in (*told.choices, *told.events, *told.births):
            assert dated.date == told.dates[dated.step]
        for move in told.moves:
            assert told.dates[max(move.step - 1, 0)] <= move.date <= told.dates[move.step]


def test_chances_are_logit_and_only_of_what_is_open() -> None:
    runs = play(playout.load("coin-and-die"), futures=40, seed=1, engine="native", precision="single")
    (stake,) = replay(runs, [3])[0].choices
    assert stake.chances == pytest.approx({"small": 0.2689414, "large": 0.7310586}, abs=1e-6)
    assert stake.values == {"small": 0.0, "large": 1.0}
    offered = [set(c.chances) for told in told_of() for c in told.choices if c.decision == "answer"]
    assert {"talk", "fight"} in offered
    assert {"talk", "fight", "wait"} in offered
    assert all(abs(sum(c.chances.values()) - 1.0) < 1e-12 for told in told_of() for c in told.choices)
    assert all(c.option in c.chances for told in told_of() for c in told.choices)
    (first,) = {tuple(c.chances) for told in told_of() for c in told.choices if c.decision == "where"}
    assert first == ("east", "west")


def test_chosen_options_are_as_frequent_as_their_chances() -> None:
    choices = [c for told in replay(shores(), range(120)) for c in told.choices if c.decision == "answer"]
    expected = sum(c.chances["fight"] for c in choices)
    variance = sum(c.chances["fight"] * (1.0 - c.chances["fight"]) for c in choices)
    assert abs(sum(c.option == "fight" for c in choices) - expected) < 4.0 * variance**0.5


def test_what_a_policy_chooses_is_marked() -> None:
    under = replay(shores(policy="calm"), range(20))
    answers = [c for told in under for c in told.choices if c.decision == "answer"]
    assert answers
    assert all(c.pinned and c.option == "talk" for c in answers)
    assert not any(c.pinned for told in under for c in told.choices if c.decision != "answer")
    barred = [
        c for told in replay(shores(policy="no_fight"), range(20)) for c in told.choices if c.decision == "answer"
    ]
    assert all("fight" not in c.chances and not c.pinned for c in barred)


def test_a_future_that_stopped_is_told_up_to_its_stop() -> None:
    checked = two_shores('  anger[s in side]: {unit: "1", starts: 1, within: [0, 3], plus: {up: "0.05 * heat[s]"}}')
    runs = play(checked, futures=60, seed=SEED, engine="native", precision="single", allow_stopped=0.9)
    stopped = np.flatnonzero(~runs.complete).tolist()
    assert 0 < len(stopped) < 60
    rows = runs.columns(["stopped_step", "stopped_member"])
    for told in replay(runs, stopped):
        assert told.stop is not None
        assert (told.stop.step, told.stop.member) == rows.row(told.future)
        assert told.steps == told.stop.step
        assert all(each.step <= told.stop.step for each in (*told.moves, *told.choices, *told.events, *told.births))
        assert all(len(level.steps) == told.stop.step + 1 and level.totals == () for level in told.levels)
    assert all(told.stop is None for told in replay(runs, np.flatnonzero(runs.complete).tolist()[:3]))


def test_stays_are_what_the_moves_say() -> None:
    runs = shores()
    stages = [("dispute", "", "calm"), ("dispute", "", "war"), ("dispute", "", "over"), ("mood", "south", "loud")]
    days = stays(runs, stages, 120)
    assert np.allclose(days[:3].sum(axis=0), 7.0 * runs.checked.steps)
    for told in told_of():
        for (track, member, stage), own in zip(stages, days[:, told.future], strict=True):
            at = [told.stage(track, member, step) for step in range(runs.checked.steps)]
            assert own == pytest.approx(7.0 * at.count(stage))


def test_a_future_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"there is no future 120; the run has futures 0 to 119"):
        replay(shores(), [120])
    with pytest.raises(UsageError, match="there is no future -1"):
        replay(shores(), [-1])


def test_a_run_that_was_tampered_with_is_noticed() -> None:
    runs = shores()
    other = runs.outcomes.with_columns(pl.lit(3.5).cast(pl.Float32).alias("dispute.war"))
    with pytest.raises(RunError, match=r"future 4 does not come out as the run has it \(`dispute\.war`"):
        replay(dataclasses.replace(runs, source=Outcomes(other.lazy())), [4])


def test_the_flagship_comes_out_again() -> None:
    runs = play(playout.load("us-mexico-cartels"), futures=40, seed=2, engine="native", precision="single")
    outcomes = runs.outcomes
    for told in replay(runs, [0, 7, 21, 39]):
        row = outcomes.row(told.future, named=True)
        last = {(c.decision, c.member): c.option for c in told.choices}
        assert all(row[name] == option for (name, _), option in last.items())
        assert all(
            level.totals
            == tuple(row[c] for c in runs.measures[level.name].columns([level.member] if level.member else []))
            for level in told.levels
        )
