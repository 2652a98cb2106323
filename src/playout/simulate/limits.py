"""What a run may take. It is estimated before anything is played, and refused where it is more than is allowed."""

from __future__ import annotations

import math
import os

from playout.compile.cost import PlayingTime
from playout.compile.numpy import NumpyEngine
from playout.errors import UsageError

VARIABLE = "PLAYOUT_MOST_SECONDS"
"""The environment variable that sets another limit."""

MOST_SECONDS = 12 * 3600.0
"""Seconds of one core that compiling and playing may be estimated to take each, unless the variable says otherwise."""

_SLOWER = {("native", "single"): 3.0, ("native", "double"): 5.0, ("numpy", "double"): 150.0}
"""How many times as long an engine takes as is counted, which is for the best case."""

_SPANS = ((365.25 * 86400.0, "year"), (86400.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def most_seconds() -> float:
    """The limit in force."""
    given = os.environ.get(VARIABLE)
    if not given:
        return MOST_SECONDS
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not seconds > 0.0:
        raise UsageError(f"{VARIABLE} is a number of seconds above 0, or `inf` for no limit; got `{given}`")
    return seconds


def span(seconds: float) -> str:
    """So many seconds in the largest unit that is not larger."""
    size, unit = next((each for each in _SPANS if seconds >= each[0]), _SPANS[-1])
    count = seconds / size
    shown = f"{count:,.1f}".removesuffix(".0") if count < 9.95 else f"{count:,.0f}"
    if count >= 1e6 or count < 0.1:
        shown = f"{count:.0e}" if count >= 1e6 else f"{count:.1g}"
    return _counted(shown, unit)


def _counted(number: str, unit: str) -> str:
    return f"{number} {unit}" if number == "1" else f"{number} {unit}s"


def check_time(each: PlayingTime, futures: int, engine: str, precision: str, times: int = 1) -> None:
    """Refuse, with a UsageError, so many futures, played ``times`` times, that they would take longer than the limit.

    each: what one takes. engine, precision: as they are asked for.
    """
    limit = most_seconds()
    slower = _SLOWER.get((engine, precision), max(_SLOWER.values()))
    seconds = slower * each.microseconds * futures * times / 1e6
    if seconds <= limit:
        return
    again = f", {times:,} times," if times > 1 else ""
    what = f"{_counted(f'{futures:,}', 'future')} of {_counted(f'{each.steps:,}', 'step')}{again}"
    raise UsageError(
        f"to play {what} would take about {span(seconds)} of one core, and "
        f"at most {span(limit)} are allowed; the dearest in it is `{each.dearest}`\n"
        f"  hint: make it cheaper (sums within sums take all members of one set for each of the other), shorten the "
        f"horizon, or ask for fewer futures; {VARIABLE} sets another limit"
    )


def check_intermediates(engine: NumpyEngine, futures: int, workers: int, memory: float) -> None:
    """Refuse, with a UsageError, a Program of which the reference engine's intermediate values do not fit into
    ``memory`` bytes where so many workers play so many futures each at once."""
    needed = workers * engine.intermediates(futures)
    if needed > memory:
        raise UsageError(
            f"the reference engine would take about {needed / 1e9:,.1f} GB of memory for values in between, and there "
            f"are {memory / 1e9:,.1f} GB: play with the engine `native`, with fewer workers, or with smaller sets"
        )
