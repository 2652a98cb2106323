"""The queue: first steps go first, nobody waits for ever, nothing is left running."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from patience import PATIENCE, until
from playout.errors import RunError
from playout.present.web.faults import Refused
from playout.present.web.lane import Asked, Lane, Task


class Steps(Task):
    """So many steps, each of which leaves its mark; none begins before it is let."""

    def __init__(self, name: str, steps: int, marks: list[str], let: threading.Event) -> None:
        super().__init__(name, "run", PATIENCE)
        self.name, self.many, self.marks, self.let = name, steps, marks, let
        self.ended = threading.Event()
        self.problem: BaseException | None = None

    def steps(self) -> Iterator[None]:
        for number in range(self.many):
            while not self.let.wait(0.01):
                if self.stop.is_set():
                    raise RunError("the run was stopped")
            self.marks.append(f"{self.name}{number}")
            if number < self.many - 1:
                yield

    def done(self) -> None:
        self.ended.set()

    def failed(self, problem: BaseException) -> None:
        self.problem = problem
        self.ended.set()


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane(side_by_side=1, waiting=3)
    yield lane
    lane.stop()
    lane.join()


def test_whoever_comes_sees_a_first_step_before_anybody_is_refined(lane: Lane) -> None:
    marks: list[str] = []
    let = threading.Event()
    tasks = [Steps(name, 2, marks, let) for name in "abc"]
    for task in tasks:
        lane.submit(task, replace=True)
    let.set()
    assert all(task.ended.wait(PATIENCE) for task in tasks)
    assert marks == ["a0", "b0", "c0", "a1", "b1", "c1"]


def test_a_refinement_goes_before_a_first_step_that_comes_long_after(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playout.present.web.lane.YIELDS", -1.0)  # as if the seconds had gone by
    marks: list[str] = []
    let = threading.Event()
    tasks = [Steps(name, 2, marks, let) for name in "ab"]
    for task in tasks:
        lane.submit(task, replace=True)
    let.set()
    assert all(task.ended.wait(PATIENCE) for task in tasks)
    assert marks == ["a0", "a1", "b0", "b1"]


def test_the_queue_is_bounded_and_says_when_to_come_back(lane: Lane) -> None:
    let = threading.Event()
    lane.submit(Steps("begun", 1, [], let), replace=True)
    assert until(lambda: not lane.waiting)
    for name in "abc":
        lane.submit(Steps(name, 1, [], let), replace=True)
    with pytest.raises(Refused, match="all places in the queue are taken") as refused:
        lane.submit(Steps("d", 1, [], let), replace=True)
    assert refused.value.status == 429
    assert refused.value.after


def test_a_client_has_one_task_of_a_kind(lane: Lane) -> None:
    let = threading.Event()
    earlier = Steps("a", 1, [], let)
    lane.submit(earlier, replace=True)
    with pytest.raises(Refused, match="one of these under way already"):
        lane.submit(Steps("a", 1, [], let), replace=False)
    lane.submit(later := Steps("a", 1, [], let), replace=True)
    assert earlier.ended.wait(PATIENCE)
    assert isinstance(earlier.problem, RunError | Exception)
    let.set()
    assert later.ended.wait(PATIENCE)
    assert later.problem is None


def test_what_takes_too_long_is_stopped(lane: Lane) -> None:
    task = Steps("a", 1, [], threading.Event())
    task.seconds = 0.1
    lane.submit(task, replace=True)
    assert task.ended.wait(PATIENCE)
    assert task.late


def test_a_fault_of_one_task_is_told_and_ends_no_thread(lane: Lane) -> None:
    def fail(_: threading.Event) -> int:
        raise ZeroDivisionError("of ours")

    broken, sound = Asked("a", "x", PATIENCE, fail), Asked("b", "x", PATIENCE, lambda _: 7)
    for task in (broken, sound):
        lane.submit(task, replace=False)
    assert isinstance(broken.found.exception(PATIENCE), ZeroDivisionError)
    assert sound.found.result(PATIENCE) == 7


def test_at_the_end_nothing_runs_and_nothing_is_taken_in() -> None:
    lane = Lane(side_by_side=2, waiting=3)
    tasks = [Steps(name, 1, [], threading.Event()) for name in "abc"]
    for task in tasks:
        lane.submit(task, replace=True)
    lane.stop()
    lane.join()
    assert all(task.ended.is_set() for task in tasks)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("playout-lane")]
    with pytest.raises(Refused):
        lane.submit(tasks[0], replace=True)


# --- shares -----------------------------------------------------------------------------------------------------------


def queued(client: str, address: str, marks: list[str], let: threading.Event) -> Asked[None]:
    """Work that leaves the address's mark."""

    def work(_: threading.Event) -> None:
        let.wait(PATIENCE)
        marks.append(address)

    return Asked(client, "run", 5.0, work, address)


def test_made_up_names_win_an_address_no_more_than_its_share_of_the_queue() -> None:
    lane, let, marks = Lane(side_by_side=1, waiting=8), threading.Event(), []
    try:
        taken = [queued("first", "one", marks, let)]
        lane.submit(taken[0], replace=True)
        refused = 0
        for number in range(20):
            own = queued(f"name-{number}", "one", marks, let)
            try:
                lane.submit(own, replace=True)
                taken.append(own)
            except Refused:
                refused += 1
        assert refused >= 15
        with pytest.raises(Refused, match="your address has as many places in the queue as it may") as last:
            lane.submit(queued("one more", "one", marks, let), replace=True)
        assert last.value.status == 429
        others = [queued(f"other-{number}", f"address-{number}", marks, let) for number in range(4)]
        for other in others:
            lane.submit(other, replace=True)
        let.set()
        for own in (*taken, *others):
            own.found.result(PATIENCE)
    finally:
        lane.stop()
        lane.join()


def test_an_address_that_had_much_waits_for_one_that_had_nothing() -> None:
    lane, marks, free = Lane(side_by_side=1, waiting=16), [], threading.Event()
    free.set()
    try:
        busy = Asked("busy", "run", 5.0, lambda _: time.sleep(0.5), "one")
        lane.submit(busy, replace=True)
        mine = [queued(f"name-{number}", "one", marks, free) for number in range(4)]
        for own in mine:
            lane.submit(own, replace=True)
        other = queued("other", "two", marks, free)
        lane.submit(other, replace=True)
        for own in (*mine, other):
            own.found.result(PATIENCE)
        assert marks == ["two", "one", "one", "one", "one"]
    finally:
        lane.stop()
        lane.join()


def test_one_address_never_has_all_threads() -> None:
    lane, let, marks = Lane(side_by_side=2, waiting=8), threading.Event(), []
    try:
        for number in range(3):
            lane.submit(queued(f"name-{number}", "one", marks, let), replace=True)
        other = Asked("other", "run", 5.0, lambda _: 7, "two")
        lane.submit(other, replace=True)
        assert other.found.result(PATIENCE) == 7
        let.set()
    finally:
        lane.stop()
        lane.join()
