"""What a process may have, and when one that works for another ends."""

from __future__ import annotations

import math
import os
import threading
import time

LOOK = 0.5
"""Seconds between two looks at whether the parent is still there."""


def end_with_parent(parent: int) -> None:
    """Have this process end within a second when the process that started it is gone, which it may be by now."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=watch, name="playout-orphan", daemon=True).start()


def files_allowed() -> float:
    """How many files this process may have open; without end where nobody says."""
    try:
        import resource
    except ImportError:  # Windows
        return math.inf
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if soft == resource.RLIM_INFINITY else soft
