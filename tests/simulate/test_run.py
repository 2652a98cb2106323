"""Playing: the same bytes however the work is divided, what is refused, and stopping in the middle."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import playout
from playout.compile.engine import BLOCK, Block, Halt, Stopped
from playout.errors import RunError, UsageError
from playout.model.checked import CheckedScenario
from playout.simulate import run as run_module
from playout.simulate.paths import KEPT
from playout.simulate.policy import join_policies
from playout.simulate.run import MOST_FUTURES, play
from playout.simulate.store import run_key

HEADER = """
playout: 1
title: A market
start: 2025-01-06
horizon: 26 weeks
step: 1 week
"""
SCENARIO = (
    HEADER
    + """
actors: {city: {title: The city}}
beliefs:
  demand: {is: 2 to 8, unit: 1/year, assumed: a test}
  growth: {is: "normal(0, 0.2)", unit: 1/year, assumed: a test}
tracks:
  market:
    stages:
      quiet: {title: Quiet}
      pressed: {title: Pressed, lasts: 2 to 8 weeks, then: {quiet: 0.5, otherwise: paying}}
      paying: {title: Paying}
    moves: [{from: quiet, to: pressed, rate: demand}]
stocks:
  traders: {unit: person, starts: 100, within: [0, inf], plus: {came: growth * traders}}
decisions:
  patrols:
    by: city
    when: enters(market.pressed)
    before: stay
    options: {stay: {value: 0}, go: {value: 0.5}}
events:
  attack: {rate: 20 1/year, when: market.pressed and not patrols.go}
measures:
  attack: {per: month, title: Attacks}
  traders: {title: Traders, people: true}
questions:
  paid: {ask: Paid?, by: 2025-05-01, that: reached(market.paying), given: reached(market.pressed)}
policies:
  always: [patrols = go]
  calmer: [demand *= 0.5]
  ruled_out: [forbid patrols.go]
views:
  dull: {credence: 0.5, is: [growth *= 0]}
  wild: {credence: 0.5, is: [demand *= 2]}
"""
)
STOPS = (
    HEADER
    + """
beliefs:
  leak: {is: "uniform(0, 1)", unit: "1", assumed: a test}
stocks:
  water: {unit: "1", starts: 1, within: [0, inf], minus: {lost: (3 1/year) * leak}}
measures: {water: {title: Water}}
"""
)


def load(folder: Path, text: str = SCENARIO) -> CheckedScenario:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return playout.load(path)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    return load(tmp_path_factory.mktemp("run"))


def test_the_same_seed_gives_the_same_bytes(checked: CheckedScenario) -> None:
    one, two = (play(checked, futures=300, seed=5) for _ in range(2))
    assert one.identity() == two.identity()
    assert one.outcomes.equals(two.outcomes)
    assert one.paths.identical(two.paths)
    assert play(checked, futures=300, seed=6).identity() != one.identity()


def test_a_future_does_not_depend_on_how_many_others_there_are(checked: CheckedScenario) -> None:
    few, many = play(checked, futures=50, seed=5), play(checked, futures=BLOCK + 50, seed=5)
    assert many.outcomes.head(50).equals(few.outcomes)
    assert many.beliefs.head(50).equals(few.beliefs)


def test_threads_do_not_show(checked: CheckedScenario) -> None:
    one = play(checked, futures=3 * BLOCK, seed=5, workers=1)
    three = play(checked, futures=3 * BLOCK, seed=5, workers=3)
    assert one.identity() == three.identity()
    for name, counts in one.tallies.items():
        np.testing.assert_array_equal(counts, three.tallies[name])


def test_what_comes_back_says_what_was_played(checked: CheckedScenario) -> None:
    runs = play(checked, futures=300, seed=5, policy="always", view="wild")
    assert (runs.policy, runs.view, runs.futures, runs.seed) == ("always", "wild", 300, 5)
    assert (runs.engine, runs.precision, runs.stopped) == ("numpy", "double", 0)
    assert set(runs.outcomes["view"]) == {"wild"}
    assert set(runs.outcomes["patrols"].drop_nulls()) == {"go"}
    assert runs.outcomes["events.attack"].sum() == 0
    assert set(runs.seconds) == {"compile", "run"}
    assert runs.paths.sizes["future"] == min(300, KEPT)
    assert runs.paths.sizes["step"] == 27
    assert runs.dates()[0].isoformat() == "2025-01-06"
    assert runs.periods["month"][0].label == "2025-01"


def test_amounts_of_periods_add_up_to_the_whole(checked: CheckedScenario) -> None:
    runs = play(checked, futures=300, seed=5)
    months = runs.numbers(runs.measures["attack"].columns()).sum(axis=0)
    np.testing.assert_allclose(months, runs.outcomes["events.attack"].to_numpy(), atol=1e-9)


def test_tallies_agree_with_paths(checked: CheckedScenario) -> None:
    runs = play(checked, futures=KEPT, seed=5)
    stage = runs.paths["market"].to_numpy()
    for number in range(3):
        np.testing.assert_array_equal((stage == number).sum(axis=0), runs.tallies["market"][:, number])


def test_policies_share_all_chance_but_what_they_change(checked: CheckedScenario) -> None:
    plain, always = play(checked, futures=300, seed=5), play(checked, futures=300, seed=5, policy="always")
    assert plain.outcomes["market.pressed"].equals(always.outcomes["market.pressed"])
    assert plain.beliefs.equals(always.beliefs)


def test_policies_join(checked: CheckedScenario) -> None:
    joined = play(checked, futures=300, seed=5, policy="always+calmer")
    assert joined.policy == "always+calmer"
    assert set(joined.outcomes["patrols"].drop_nulls()) == {"go"}
    calmer = play(checked, futures=300, seed=5, policy="calmer")
    assert joined.outcomes["market.pressed"].equals(calmer.outcomes["market.pressed"])
    assert list(joined.checked.scenario.policies) == ["always", "calmer", "ruled_out"]


def test_policies_that_change_one_name_do_not_join(checked: CheckedScenario) -> None:
    with pytest.raises(UsageError, match="`always` and `ruled_out` both change `patrols`"):
        play(checked, futures=10, seed=5, policy="always+ruled_out")


def test_a_policy_named_twice_is_one_policy(checked: CheckedScenario) -> None:
    assert join_policies(checked, ["always", "always"])[1] == "always"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"futures": 0}, "at least one future has to be played; 0 were asked for"),
        ({"futures": -5}, "at least one future has to be played; -5 were asked for"),
        ({"futures": 10**15}, "at most 10,000,000 futures"),
        ({"futures": MOST_FUTURES + 1}, "at most 10,000,000 futures"),
        ({"seed": -1}, "a seed is a whole number from 0 to 2**64 - 1; got -1"),
        ({"seed": 2**64}, "a seed is a whole number"),
        ({"policy": "alway"}, "there is no policy `alway`; did you mean `always`?"),
        ({"policy": "xyz"}, "there is no policy `xyz`; the scenario has `always`, `calmer`, `ruled_out`"),
        ({"policy": "always+"}, "there is no policy ``"),
        ({"view": "mild"}, "there is no view `mild`; did you mean `wild`?"),
        ({"view": "q"}, "there is no view `q`; the scenario has `dull`, `wild`"),
        ({"engine": "nmpy"}, "there is no engine `nmpy`; did you mean `numpy`?"),
        ({"precision": "half"}, "there is no precision `half`"),
        ({"precision": "single"}, "the engine `numpy` computes in double precision only"),
    ],
)
def test_what_makes_no_sense_is_refused(checked: CheckedScenario, asked: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        play(checked, **{"futures": 10, "seed": 1, **asked})  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert caught.value.exit_status == 2


def test_more_futures_than_memory_holds_are_refused(checked: CheckedScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "machine_memory", lambda: 1e9)
    with pytest.raises(UsageError, match=r"9,000,000 futures would take about [\d.]+ GB .* ask for [\d,]+ at most"):
        play(checked, futures=9_000_000, seed=1)
    assert play(checked, futures=100, seed=1).futures == 100


def test_a_scenario_without_views_has_none_to_hold(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the scenario has none"):
        play(load(tmp_path, STOPS), futures=10, seed=1, view="wild")


def test_stopped_futures_fail_the_run_unless_allowed(tmp_path: Path) -> None:
    checked = load(tmp_path, STOPS)
    with pytest.raises(RunError, match=r"water left its bounds.*first on .* 2025") as caught:
        play(checked, futures=400, seed=1)
    assert "allow" not in str(caught.value)  # those that are left are another scenario's
    runs = play(checked, futures=400, seed=1, allow_stopped=0.9)
    dry = runs.beliefs["leak"] > 1 / (3 * 26 * 7 / 365.25)
    assert runs.stopped == dry.sum()
    assert runs.outcomes.filter(dry)["water[2025]"].null_count() == runs.stopped
    assert runs.outcomes.filter(~dry)["water[2025]"].null_count() == 0
    assert int(runs.tallies.get("x", np.zeros(1)).sum()) == 0


def test_progress_is_told_from_nothing_to_all(checked: CheckedScenario) -> None:
    told: list[tuple[int, int]] = []
    total = 2 * BLOCK + 7
    play(checked, futures=total, seed=1, workers=2, progress=lambda done, total: told.append((done, total)))
    block = -(-total // 4)  # three blocks would leave one of two workers idle at the end
    assert told == [(done, total) for done in (0, block, 2 * block, 3 * block, total)]


def ours_still_running() -> list[str]:
    """The threads of a crew that have not ended."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("playout")]


class Endless:
    """An engine whose blocks end only when they are told to."""

    name = "endless"
    begun = threading.Event()
    width = BLOCK

    def __init__(self, program: object) -> None:
        self.program = program

    def play(
        self,
        first: int,
        futures: int,
        beliefs: NDArray[np.float64],
        seed: int,
        keep: int = 0,
        halt: Halt | None = None,
    ) -> Block:
        assert halt is not None
        self.begun.set()
        while not halt.is_set():
            time.sleep(0.01)
        raise Stopped


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_stops_it_and_leaves_no_thread(checked: CheckedScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(run_module.ENGINES, "endless", Endless)
    main = threading.main_thread().ident
    assert main is not None
    begun = threading.Event()
    monkeypatch.setattr(Endless, "begun", begun)

    def interrupt() -> None:
        begun.wait()
        signal.pthread_kill(main, signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        play(checked, futures=8 * BLOCK, seed=1, engine="endless", workers=2)
    interrupting.join()
    assert not ours_still_running()


def test_a_fault_in_a_block_ends_the_run_and_its_threads(
    checked: CheckedScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faulty(Endless):
        def play(self, first: int, *arguments: object, **named: object) -> Block:
            if first == 0:
                raise ZeroDivisionError("a fault")
            return super().play(first, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setitem(run_module.ENGINES, "faulty", Faulty)
    with pytest.raises(ZeroDivisionError):
        play(checked, futures=8 * BLOCK, seed=1, engine="faulty", workers=2)
    assert not ours_still_running()


def test_a_key_tells_runs_apart(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, same = load(tmp_path / "a"), load(tmp_path / "b")
    asked = {
        "policy": None, "view": None, "futures": 10, "seed": 1, "engine": "numpy", "precision": "double",
        "allow_stopped": 0.01,
    }  # fmt: skip

    def key(checked: CheckedScenario, **changed: object) -> str:
        return run_key(checked, **{**asked, **changed})  # type: ignore[arg-type]

    assert key(one) == key(same)
    changes: list[dict[str, object]] = [
        {"policy": "always"}, {"view": "wild"}, {"futures": 11}, {"seed": 2}, {"engine": "native"},
        {"precision": "single"}, {"allow_stopped": 0.5},
    ]  # fmt: skip
    keys = {key(one), *(key(one, **change) for change in changes)}
    assert len(keys) == 1 + len(changes)
    assert key(load(tmp_path / "b", SCENARIO.replace("2 to 8", "2 to 9"))) != key(one)


def test_a_key_sees_the_values_of_a_csv_file(tmp_path: Path) -> None:
    text = HEADER + (
        "sets: {side: {north: {title: N}, south: {title: S}}}\n"
        "tables:\n  size[side]: {file: size.csv, unit: '1', assumed: a test}\n"
        "measures: {size: {of: sum(size)}}\n"
    )
    keys = set()
    for value in (1, 2):
        (tmp_path / "size.csv").write_text(f"side,value\nnorth,1\nsouth,{value}\n", encoding="utf-8")
        checked = load(tmp_path, text)
        keys.add(
            run_key(
                checked, policy=None, view=None, futures=1, seed=1, engine="numpy", precision="double", allow_stopped=0
            )
        )
    assert len(keys) == 2


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_level_that_fails_in_the_last_state_stops_the_future(tmp_path: Path, engine: str) -> None:
    """No step follows the last state, so nothing else would notice."""
    path = tmp_path / "scenario.yaml"
    path.write_text(
        HEADER
        + """
beliefs: {which: {is: "bernoulli(0.2)", unit: "1", assumed: a test}}
variables:
  share: {is: "1 / max((26 weeks - time) / (1 week), 1 - which)", unit: "1"}
measures: {share: {}}
"""
    )
    runs = play(playout.load(path), futures=200, seed=1, engine=engine, allow_stopped=1.0)
    failing = runs.beliefs["which"] == 1
    assert runs.stopped == failing.sum() > 0
    assert runs.outcomes.filter(failing)["share[2025]"].null_count() == runs.stopped
    assert {stop.step for stop in runs.stops} == {26}
