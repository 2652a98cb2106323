"""How far a run has come, on standard error: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[str, int, int], None]
"""Told a stage's name, how much of it is done, and of how much."""


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Told]:
    """A bar that follows what it is told, and is gone when all is done."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        now = ""

        def told(stage: str, done: int, total: int) -> None:
            nonlocal now
            if stage != now:
                now = stage
                bar.reset(task, total=total, description=stage)
            # A stage of one part has nothing to count: the bar moves to and fro until it is over.
            bar.update(task, completed=done, total=total if total > 1 else None)

        yield told
