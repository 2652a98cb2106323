"""How long a test waits for what must come.

A busy machine stretches every clock, so no test but those of `make bench` is about time: a test waits for what it is
about, as long as that takes, and `PATIENCE` only ends what will never come. What a child process does is waited for
without a limit of its own; the whole suite's, in pyproject.toml, ends a test that hangs.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 180.0
"""Seconds: a hundred times what anything here takes on a quiet machine."""


def until(holds: Callable[[], bool]) -> bool:
    """Waits until something holds; whether it came to."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
