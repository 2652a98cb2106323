"""What a run would take is told before it is played, whoever plays; what is played can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from conformance import beliefs, scenario
from hostile import functions, nested_sums
from patience import PATIENCE
from playout.compile.cost import playing_time
from playout.compile.engine import Halt, Stopped
from playout.compile.lower import lower
from playout.compile.native.engine import NativeEngine
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite
from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.simulate import limits
from playout.simulate.limits import MOST_SECONDS, VARIABLE, most_seconds, span
from playout.simulate.moment import numbers_at
from playout.simulate.replay import told_engine
from playout.simulate.run import play
from playout.simulate.study import Variant, play_variants

PLAYED = [nested_sums(6, 100), nested_sums(6, 100, of="b")]
"""In every step, and once a future."""


@pytest.mark.parametrize("text", PLAYED)
@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_run_without_end_is_refused_before_it_starts(text: str, engine: str) -> None:
    with pytest.raises(UsageError, match=r"10,000 futures of 1 step would take about \d.* of one core.*12 hours"):
        play(scenario(text), futures=10_000, seed=1, engine=engine)


PLAYERS: dict[str, Callable[[CheckedScenario], object]] = {
    "a run": lambda checked: play(checked, futures=10_000, seed=1, engine="native"),
    "a study": lambda checked: list(play_variants(checked, [Variant()], futures=10_000, seed=1)),
    "a future told": lambda checked: told_engine(checked, None, "native", "single"),
    "a moment": lambda checked: numbers_at(checked, {"v": ((), checked.scenario.measures["m"].of)}),
}


@pytest.mark.parametrize("player", PLAYERS)
def test_every_player_keeps_the_limit(player: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "60")
    with pytest.raises(UsageError, match=r"of 1 step would take about .*, and at most 1 minute are allowed"):
        PLAYERS[player](scenario(nested_sums(6, 100)))


def test_a_study_s_variants_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = scenario(nested_sums(4, 30))
    monkeypatch.setenv(VARIABLE, "1")
    list(play_variants(checked, [Variant()], futures=10, seed=1))
    with pytest.raises(UsageError, match="10 futures of 1 step, 1,000 times, would take"):
        list(play_variants(checked, [Variant()] * 1000, futures=10, seed=1))


@pytest.mark.parametrize(
    ("given", "seconds"), [(None, MOST_SECONDS), ("", MOST_SECONDS), ("30", 30.0), ("inf", float("inf"))]
)
def test_the_limit_can_be_set(given: str | None, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if given is not None:
        monkeypatch.setenv(VARIABLE, given)
    assert most_seconds() == seconds


@pytest.mark.parametrize("given", ["0", "-1", "nan", "soon"])
def test_a_limit_that_is_none_is_told(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(UsageError, match=f"above 0, or `inf` for no limit; got `{given}`"):
        most_seconds()


def test_what_is_too_large_to_compile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "0.05")
    with pytest.raises(UsageError, match=r"too large to compile: .* 0\.05 s(.|\n)*--engine numpy"):
        play(scenario(functions(20, 40)), futures=1, seed=1, engine="native")


def test_values_in_between_that_no_memory_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "inf")
    with pytest.raises(UsageError, match=r"GB of memory for values in between.*`native`"):
        play(scenario(nested_sums(5, 100)), futures=10, seed=1, engine="numpy")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.002, "0.002 seconds"),
        (0.2, "0.2 seconds"),
        (1, "1 second"),
        (90, "1.5 minutes"),
        (43_200, "12 hours"),
        (3.2e9, "101 years"),
    ],
)
def test_spans_are_told_in_their_largest_unit(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_the_estimate_sees_sums_within_sums_and_what_is_done_once() -> None:
    def seconds(text: str) -> float:
        return playing_time(rewrite(lower(scenario(text)))).microseconds

    for of in ("x", "b"):
        small, large = seconds(nested_sums(3, 20, of)), seconds(nested_sums(3, 40, of))
        assert 6 < large / small < 9
        assert seconds(nested_sums(4, 40, of)) > 30 * large


def test_the_reference_engine_s_memory_is_counted_by_futures() -> None:
    engine = NumpyEngine(rewrite(lower(scenario(nested_sums(3, 20)))))
    assert engine.intermediates(64) >= 8 * 64 * 20**3
    assert engine.intermediates(1) == engine.intermediates(64)
    assert engine.intermediates(640) < 11 * engine.intermediates(64)


# --- stopping ---


STOPPED = [
    *((NativeEngine, text, 4096) for text in [*PLAYED, nested_sums(2, 30, horizon="100 years")]),
    (NumpyEngine, nested_sums(3, 40, horizon="20 years"), 64),
]


@pytest.mark.parametrize(("make", "text", "futures"), STOPPED)
def test_an_engine_stops_in_the_middle_of_a_block(
    make: type[NativeEngine | NumpyEngine], text: str, futures: int
) -> None:
    seconds_to_stop(make, text, futures)


@pytest.mark.bench
@pytest.mark.parametrize(("make", "text", "futures"), STOPPED)
def test_an_engine_stops_within_a_second(make: type[NativeEngine | NumpyEngine], text: str, futures: int) -> None:
    assert seconds_to_stop(make, text, futures) < 1.0


def seconds_to_stop(make: type[NativeEngine | NumpyEngine], text: str, futures: int) -> float:
    checked = scenario(text)
    engine = make(rewrite(lower(checked)))
    rows = beliefs(checked, None, engine.program.columns, range(futures), 1)
    halt, ended = Halt(), list[float]()

    def endless() -> None:
        try:
            while True:
                engine.play(0, futures, rows, 1, halt=halt)
        except Stopped:
            ended.append(time.perf_counter())

    thread = threading.Thread(target=endless)
    thread.start()
    time.sleep(0.3)
    assert thread.is_alive()
    asked = time.perf_counter()
    halt.set()
    thread.join(PATIENCE)
    assert ended
    return float(ended[0] - asked)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_run_without_end_ends_after_its_deadline(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SECONDS", float("inf"))
    stop = threading.Event()
    timer = threading.Timer(0.5, stop.set)
    timer.start()
    with pytest.raises(Exception, match="the run was stopped"):
        play(scenario(nested_sums(3, 60, horizon="20 years")), futures=100, seed=1, engine=engine, stop=stop, workers=1)
