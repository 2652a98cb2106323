"""Runs that stream to a folder: the same bytes however they were played, gone on with, level in memory."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import playout
from playout.compile.engine import BLOCK
from playout.errors import RunError, UsageError
from playout.model.checked import CheckedScenario
from playout.simulate import gather as gather_module
from playout.simulate import run as run_module
from playout.simulate import store as store_module
from playout.simulate.memory import HELD
from playout.simulate.result import Runs
from playout.simulate.run import play
from playout.simulate.store import Written, load_runs

SCENARIO = """
playout: 1
title: A market
start: 2025-01-06
horizon: 26 weeks
step: 1 week
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
measures:
  traders: {title: Traders}
questions:
  paid: {ask: Paid?, by: 2025-05-01, that: reached(market.paying), given: reached(market.pressed)}
views:
  dull: {credence: 0.5, is: [growth *= 0]}
  wild: {credence: 0.5, is: [demand *= 2]}
"""
FUTURES = 4 * BLOCK + 100


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path = tmp_path_factory.mktemp("store") / "market.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return playout.load(path)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of one block, so that few futures make several."""
    for module in (run_module, gather_module):
        monkeypatch.setattr(module, "PART", BLOCK)


def played(checked: CheckedScenario, folder: Path, key: str = "key", **asked: object) -> Runs:
    with Written(folder, key) as keeper:
        return keeper.finish(
            play(checked, **{"futures": FUTURES, "seed": 5, "engine": "native", "keeper": keeper, **asked})  # type: ignore[arg-type]
        )


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a run but the provenance, which tells when."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "provenance.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


class Interrupting:
    """Progress that interrupts, as Ctrl-C does, when so many futures have been played."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.began: list[int] = []

    def __call__(self, done: int, total: int) -> None:
        self.began.append(done)
        if done >= self.at:
            raise KeyboardInterrupt


@contextlib.contextmanager
def interrupted(at: int = 2 * BLOCK) -> Iterator[Interrupting]:
    with pytest.raises(KeyboardInterrupt):
        yield Interrupting(at)


@pytest.mark.usefixtures("small_parts")
def test_the_same_bytes_on_any_number_of_threads_and_in_memory(checked: CheckedScenario, tmp_path: Path) -> None:
    one = played(checked, tmp_path / "one", workers=1)
    three = played(checked, tmp_path / "three", workers=3)
    assert contents(tmp_path / "one") == contents(tmp_path / "three")
    assert len(list((tmp_path / "one" / "outcomes").iterdir())) == 5
    memory = play(checked, futures=FUTURES, seed=5, engine="native", workers=2)
    assert one.identity() == three.identity() == memory.identity()
    assert one.outcomes.equals(memory.outcomes)
    assert one.beliefs.equals(memory.beliefs)


@pytest.mark.usefixtures("small_parts")
def test_columns_are_read_some_at_a_time(checked: CheckedScenario, tmp_path: Path) -> None:
    runs = played(checked, tmp_path / "out")
    paying = runs.column("market.paying")
    assert paying.equals(runs.outcomes["market.paying"])
    assert runs.columns(["view", "question.paid"]).columns == ["view", "question.paid"]
    numbers = runs.numbers(["market.paying", "question.paid"])
    assert np.isnan(numbers[0]).sum() == paying.null_count() > 0
    assert runs.scan().select("market.paying").collect()["market.paying"].equals(paying)
    some = runs.beliefs_of(["growth"], range(BLOCK - 3, BLOCK + 5))
    assert some["growth"].equals(runs.beliefs["growth"][BLOCK - 3 : BLOCK + 5])
    with pytest.raises(UsageError, match="there is no belief `growht`; did you mean `growth`"):
        runs.beliefs_of(["growht"])


@pytest.mark.usefixtures("small_parts")
def test_an_interrupted_run_goes_on_where_it_was_and_ends_with_the_same_bytes(
    checked: CheckedScenario, tmp_path: Path
) -> None:
    played(checked, tmp_path / "whole")
    folder = tmp_path / "out"
    with interrupted() as progress, Written(folder, "key") as keeper:
        play(checked, futures=FUTURES, seed=5, engine="native", keeper=keeper, progress=progress)
    assert keeper.left() == "8,192 futures are kept, and the same run goes on from there"
    assert not folder.exists()
    again = Interrupting(10**9)
    played(checked, folder, progress=again)
    assert again.began[0] == 2 * BLOCK
    assert contents(folder) == contents(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "whole"]


@pytest.mark.usefixtures("small_parts")
def test_a_damaged_part_is_played_again(checked: CheckedScenario, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with interrupted() as progress, Written(folder, "key") as keeper:
        play(checked, futures=FUTURES, seed=5, engine="native", keeper=keeper, progress=progress)
    part = tmp_path / ".out.partial" / "outcomes" / "part-00001.parquet"
    part.write_bytes(part.read_bytes()[:-9])
    again = Interrupting(10**9)
    runs = played(checked, folder, progress=again)
    assert again.began[0] == BLOCK
    assert runs.identity() == play(checked, futures=FUTURES, seed=5, engine="native").identity()


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("name", ["part-00001.kept", "outcomes/part-00001.parquet"])
def test_a_flipped_bit_costs_its_own_part_and_no_other(checked: CheckedScenario, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    with interrupted(at=4 * BLOCK) as progress, Written(folder, "key") as keeper:
        play(checked, futures=FUTURES, seed=5, engine="native", keeper=keeper, progress=progress)
    place = tmp_path / ".out.partial" / name
    whole = place.read_bytes()
    wanted = contents_of_a_run(checked, tmp_path / "whole")
    for at in range(0, len(whole), max(1, len(whole) // 6)):
        flipped = bytearray(whole)
        flipped[at] ^= 1
        with interrupted(at=3 * BLOCK) as progress, Written(folder, "key") as keeper:
            place.write_bytes(flipped)
            play(checked, futures=FUTURES, seed=5, engine="native", keeper=keeper, progress=progress)
        assert progress.began == [BLOCK, 2 * BLOCK, 4 * BLOCK], "the second part is played, and what was not there"
        assert place.read_bytes() == whole
    played(checked, folder)
    assert contents(folder) == wanted


def contents_of_a_run(checked: CheckedScenario, folder: Path) -> dict[str, bytes]:
    played(checked, folder)
    return contents(folder)


@pytest.mark.usefixtures("small_parts")
def test_what_another_run_left_is_not_taken_up(checked: CheckedScenario, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with interrupted() as progress, Written(folder, "one") as keeper:
        play(checked, futures=FUTURES, seed=5, engine="native", keeper=keeper, progress=progress)
    again = Interrupting(10**9)
    played(checked, folder, key="another", progress=again, seed=6)
    assert again.began[0] == 0
    assert load_runs(folder, checked).seed == 6
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_interruption_before_any_part_leaves_nothing(checked: CheckedScenario, tmp_path: Path) -> None:
    with interrupted(at=BLOCK) as progress, Written(tmp_path / "deep" / "out", "key") as keeper:
        play(checked, futures=FUTURES, seed=5, engine="native", keeper=keeper, progress=progress)
    assert keeper.left() == ""
    assert list(tmp_path.iterdir()) == []


def test_two_runs_may_write_to_one_folder_at_once(checked: CheckedScenario, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with Written(folder, "first") as first:
        runs = play(checked, futures=50, seed=5, engine="native", keeper=first)
        assert played(checked, folder, key="second", futures=60).futures == 60
        assert load_runs(folder, checked).futures == 60
        assert first.finish(runs).outcomes.height == 50
    assert load_runs(folder, checked).futures == 50
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# --- until a standard error -------------------------------------------------------------------------------------------


def test_a_run_until_a_standard_error_looks_only_at_doubled_sizes(checked: CheckedScenario) -> None:
    runs = play(checked, futures=100_000, seed=5, engine="native", until_se=0.003)
    before = play(checked, futures=runs.futures // 2, seed=5, engine="native")
    assert runs.futures in {BLOCK * 2**k for k in range(5)}
    assert runs.largest_error <= 0.003 < before.largest_error
    assert runs.outcomes.head(before.futures).equals(before.outcomes)


def test_the_largest_error_is_that_of_a_stage_or_an_answer(checked: CheckedScenario) -> None:
    runs = play(checked, futures=3000, seed=5, engine="native")
    shares = [(runs.column(f"market.{stage}").is_not_null().mean(), 3000) for stage in ("quiet", "pressed", "paying")]
    met = runs.outcomes.filter("given.paid")
    shares.append((met["question.paid"].mean(), met.height))
    assert runs.largest_error == pytest.approx(max((p * (1 - p) / n) ** 0.5 for p, n in shares))


def test_a_ceiling_that_does_not_suffice_is_told(checked: CheckedScenario, tmp_path: Path) -> None:
    for _ in range(2):  # the second time from the folder
        with pytest.warns(RuntimeWarning, match="after 5,000 futures, the most that were allowed, .* not 0.0001"):
            result = playout.run(checked, futures=5000, until_se=0.0001, out=tmp_path / "out")
        assert result.runs.futures == 5000


@pytest.mark.usefixtures("small_parts")
def test_a_run_until_a_standard_error_can_be_gone_on_with(checked: CheckedScenario, tmp_path: Path) -> None:
    asked = {"futures": 100_000, "until_se": 0.003}
    whole = played(checked, tmp_path / "whole", **asked)
    with interrupted(at=3 * BLOCK + 1) as progress, Written(tmp_path / "out", "key") as keeper:
        play(checked, seed=5, engine="native", keeper=keeper, progress=progress, **asked)  # type: ignore[arg-type]
    assert played(checked, tmp_path / "out", **asked).futures == whole.futures
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


# --- when the machine fails -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_parts")
def test_room_that_will_not_suffice_is_told_after_the_first_part(
    checked: CheckedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr(store_module.shutil, "disk_usage", lambda _: usage)
    progress = Interrupting(10**9)
    with pytest.raises(RunError, match=r"12,388 further futures would take about .* GB, and .* has room for 1e-06 GB"):
        played(checked, tmp_path / "out", progress=progress)
    assert progress.began == [0]
    assert list(tmp_path.iterdir()) == []


def test_too_little_memory_is_told(checked: CheckedScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(gather_module.Gathering, "add", none_left)
    with pytest.raises(RunError, match="too little memory for a run of this size: ask for fewer futures"):
        play(checked, futures=100, seed=5, engine="native")


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from playout.present.cli import answer
sys.exit(answer(sys.argv[2:]))
"""


@pytest.mark.parametrize("most", [20_000, 150_000])
def test_a_disk_that_fills_up_ends_the_run_and_leaves_nothing(tmp_path: Path, most: int) -> None:
    """A file that may not grow further fails as a full disk does, in the real writers."""
    (tmp_path / "market.yaml").write_text(SCENARIO, encoding="utf-8")
    asked = ["run", "market.yaml", "--futures", "30000", "--out", "out", "--no-report", "--quiet"]
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(most), *asked], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "error: results could not be written to out: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["market.yaml"]


GROWTH = """
import resource, sys, playout
runs = playout.run("long.yaml", futures=int(sys.argv[1]), out="out" + sys.argv[1]).runs
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is in other units elsewhere")
def test_memory_hardly_grows_with_futures(tmp_path: Path) -> None:
    """A hundred columns a future, of two runs that in memory would take 800 bytes."""
    text = SCENARIO.replace("horizon: 26 weeks", "horizon: 8 years").replace("step: 1 week", "step: 4 weeks")
    text = text.replace("traders: {title: Traders}", "came: {title: Came, per: month}")
    (tmp_path / "long.yaml").write_text(text, encoding="utf-8")
    peaks = []
    futures = (2 * 65_536, 10 * 65_536)
    for n in futures:
        done = subprocess.run(
            [sys.executable, "-c", GROWTH, str(n)], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        peaks.append(1024 * int(done.stdout))
    assert peaks[1] - peaks[0] < HELD * (futures[1] - futures[0])
