"""Machines that are unlike others: no home, few files, odd settings, a full disk, a parent that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from playout.compile import keep
from playout.simulate import store

COMMAND = (sys.executable, "-m", "playout")
RUN = ("run", "coin-and-die", "--futures", "200", "--quiet", "--no-report", "--out", "results")

LIMITED = """
import resource, sys
from playout.present.cli import answer
name, most = sys.argv[1], int(sys.argv[2])
resource.setrlimit(getattr(resource, name), (most, most))
sys.exit(answer(sys.argv[3:]))
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ended(*arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return done.returncode, done.stderr


@pytest.mark.parametrize("threads", ["0", " 0", "-1", "many", ""])
def test_a_number_of_threads_that_is_none_is_not_heeded(threads: str) -> None:
    status, said = ended(*COMMAND, *RUN, POLARS_MAX_THREADS=threads)
    assert status == 0
    assert "Traceback" not in said


def test_without_a_home_nothing_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv(keep.FOLDER, raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    assert keep.folder() is None
    assert keep.kept("name", lambda: b"made", "", "") == b"made"


def test_a_clock_that_stands_nowhere_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        UTC = None

        class datetime:  # noqa: N801 (as it is called)
            @staticmethod
            def now(_: object) -> None:
                raise ValueError("year 586524 is out of range")

    monkeypatch.setattr(store, "dt", Clock)
    assert store._now() is None


@pytest.mark.parametrize("most", [6, 8, 14, 20, 40])
def test_too_few_files_are_told_in_a_sentence(most: int) -> None:
    asked = ("run", "ceasefire", "--futures", "5000", "--engine", "numpy", "--quiet", "--no-report", "--out", "results")
    status, said = ended(sys.executable, "-c", LIMITED, "RLIMIT_NOFILE", str(most), *asked)
    assert status in (0, 1)
    assert "a fault of Playout" not in said
    assert status == 0 or "too few files may be open at a time: allow more, with `ulimit -n 256` say" in said


def test_a_scenario_that_finds_no_room_on_the_disk_leaves_nothing(elsewhere: Path) -> None:
    for name in ("mine", "deep/er/mine", "mine.yaml"):
        status, said = ended(sys.executable, "-c", LIMITED, "RLIMIT_FSIZE", "100", "new", name)
        assert status == 1
        assert said.startswith(f"error: {name} cannot be written: ")
        assert os.listdir(elsewhere) == []


@pytest.mark.parametrize("after", [0.0, 0.5, 3.0])
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="a lone processor needs no worker")
def test_workers_end_with_who_started_them(after: float) -> None:
    asked = ("run", "ceasefire", "--futures", "3000000", "--engine", "numpy", "--quiet", "--no-report")
    parent = subprocess.Popen([*COMMAND, *asked], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60.0
        while len(workers := _children_of(parent.pid)) < 3 and time.monotonic() < end:
            time.sleep(0.1)
        assert len(workers) >= 3, "two workers, and what keeps count of their semaphores"
        time.sleep(after)  # they may be starting, or at work
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    end = time.monotonic() + 20.0
    while any(map(_lives, workers)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not [worker for worker in workers if _lives(worker)]


def _children_of(parent: int) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "stat").read_text().rpartition(")")[2].split()[1] == str(parent):
                found.append(int(place.name))
        except OSError:
            continue
    return found


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
