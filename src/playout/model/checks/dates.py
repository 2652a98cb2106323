"""Dates of the record beside those of the run: what was not known yet, what no period holds, what was mistyped.

All of these are warnings. The start is the information date, and what came after it has no place in a scenario; a
scenario that plays a known past again has a reason to say so, and reads the warning as a reminder of it.
"""

from __future__ import annotations

import datetime as dt
import re

from playout.errors import Span
from playout.model.checks.support import supports
from playout.model.checks.workbench import Workbench

_WRITTEN = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_FIRST_YEAR = 1000
"""An earlier year was hardly meant: a digit of it is missing or wrong."""


def check_dates(bench: Workbench, end: dt.date) -> None:
    """The start, and every observation, piece of evidence and source that has a date."""
    scenario = bench.scenario
    _mistyped(bench, scenario.span, "the scenario starts", scenario.start)
    for observation in scenario.observations.values():
        what = f"`{observation.name}` is dated"
        if _mistyped(bench, observation.span, what, observation.date):
            continue
        if observation.date > end:
            message = f"{what} {observation.date}, after the run ends: it runs from {scenario.start} to {end}"
            bench.findings.warn(observation.span, "dated", message, "correct the date, or extend the horizon")
        elif observation.date > scenario.start:
            _after_start(bench, observation.span, what, observation.date)
    cited = {name for support in supports(scenario) for name, _ in support.because}
    for evidence in scenario.evidence.values():
        source = scenario.sources.get(evidence.source)
        date = first_day(evidence.date or (source.date if source else ""))
        what = f"the evidence `{evidence.name}` is dated"
        if date is None or (evidence.date and _mistyped(bench, evidence.span, what, date)):
            continue
        if date > scenario.start and (evidence.name in cited or evidence.supports or evidence.contradicts):
            _after_start(bench, evidence.span, what, date)
    for source in scenario.sources.values():
        if (date := first_day(source.date)) is not None:
            _mistyped(bench, source.span, f"the source `{source.name}` is dated", date)


def first_day(text: str) -> dt.date | None:
    """The first day that a date, a month or a year as written may mean; None for other words."""
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return None
    year, month, day = (int(part or 1) for part in written.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _after_start(bench: Workbench, span: Span, what: str, date: dt.date) -> None:
    message = f"{what} {date}, after the information date, {bench.scenario.start}: it was not known when the run starts"
    hint = "leave out what came later, or let the scenario start when it was known"
    bench.findings.warn(span, "dated", message, hint)


def _mistyped(bench: Workbench, span: Span, what: str, date: dt.date) -> bool:
    """Whether a year has fewer digits than anybody means; says so."""
    if date.year >= _FIRST_YEAR:
        return False
    message = f"{what} {date}, in the year {date.year}"
    bench.findings.warn(span, "dated", message, "write the year in full")
    return True
