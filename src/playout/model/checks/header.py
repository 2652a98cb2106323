"""The header and the names: horizon and step, sets, names used twice or taken by units."""

from __future__ import annotations

import calendar
import datetime as dt
import math

from playout.errors import Span, did_you_mean
from playout.model.checks.workbench import Workbench
from playout.model.words import STANDARDS

MAX_STEPS = 20_000
"""More steps than this are refused: a run keeps every measure at every step."""

LAST_YEAR = dt.MAXYEAR - 1
"""A run ends in it at the latest, so that the year after its last one is on the calendar too."""

# Units so common that a quantity named so would be taken for one behind a number; rarer ones (`turn`, `mass`) are free.
_UNITS_OF_TIME = ("second", "minute", "hour", "day", "week", "fortnight", "month", "year", "decade")
_OTHER_UNITS = (
    "person", "event", "usd", "dollar", "probability", "percent",
    "gram", "kg", "kilogram", "tonne", "lb", "pound", "metre", "meter", "km", "mile", "litre", "liter",
    "gallon", "barrel",
)  # fmt: skip
_COMMON_UNITS = frozenset(w + plural for w in (*_UNITS_OF_TIME, *_OTHER_UNITS) for plural in ("", "s")) | {"people"}


def check_time(bench: Workbench) -> tuple[int, dt.date]:
    """How many steps there are, and the date of the last state. After an error: one step, and the start."""
    scenario, findings = bench.scenario, bench.findings
    nothing = 1, scenario.start
    number, unit = scenario.horizon
    if scenario.step_days < 1:
        hint = "write `step: 1 week` or `step: 1 day`"
        findings.error(scenario.span, "step", "the step is longer than nothing", hint)
        return nothing
    if number < 1:
        message = f"the horizon is longer than nothing; this is {number} {unit}{'' if abs(number) == 1 else 's'}"
        findings.error(scenario.horizon_span, "horizon", message, "write `horizon: 5 years`")
        return nothing
    end: dt.date | None = None
    try:
        asked = later(scenario.start, number, unit)
        steps = math.ceil((asked - scenario.start).days / scenario.step_days)
        end = scenario.start + dt.timedelta(days=steps * scenario.step_days)
    except (OverflowError, ValueError):
        pass
    if end is None or end.year > LAST_YEAR:
        message = f"this horizon ends after the year {LAST_YEAR}, where the calendar ends"
        findings.error(scenario.horizon_span, "horizon", message, "take an earlier start or a shorter horizon")
        return nothing
    if steps > MAX_STEPS:
        step = "1 day" if scenario.step_days == 1 else f"{scenario.step_days} days"
        message = f"this horizon has {steps:,} steps of {step}; at most {MAX_STEPS:,} are played"
        longer = math.ceil((asked - scenario.start).days / MAX_STEPS)
        findings.error(scenario.horizon_span, "horizon", message, f"take a step of {longer} days or more")
        return nothing
    return steps, end


def later(date: dt.date, number: int, unit: str) -> dt.date:
    """A date that many days, weeks, months or years later on the calendar. 31 January and a month is 28 February."""
    if unit in ("day", "week"):
        return date + dt.timedelta(days=number * (7 if unit == "week" else 1))
    months = date.year * 12 + date.month - 1 + number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def check_names(bench: Workbench) -> None:
    """Sets that hold nobody, names used twice, names that would be read as something else."""
    scenario, findings, names = bench.scenario, bench.findings, bench.names
    if scenario.words not in STANDARDS:
        hint = did_you_mean(scenario.words, STANDARDS) or f"there are {', '.join(STANDARDS)}"
        findings.error(scenario.span, "unknown-word", f"there is no standard of words `{scenario.words}`", hint)
    for second, first in names.repeated:
        message = f"`{second.name}` names both {first.described} and {second.described}"
        hint = "a name in an equation means one thing: choose another for one of them"
        findings.error(second.span, "duplicate-name", message, hint, [(first.span, f"the {first.what} stands here")])
    for entry in names.entries.values():
        if entry.name in _COMMON_UNITS:
            message = f"`{entry.name}` is a unit and cannot name {entry.described}"
            findings.error(entry.span, "unit-name", message, f"choose another name, such as `{entry.name}_number`")
        elif entry.name in scenario.sets:
            message = f"`{entry.name}` names both a set and {entry.described}"
            related = [(scenario.sets[entry.name].span, "the set stands here")]
            findings.error(entry.span, "duplicate-name", message, "choose another name for one of them", related)
    for set_ in scenario.sets.values():
        _check_set(bench, set_.name)
    for decision in scenario.decisions.values():
        for option in decision.options:
            _check_is_no_quantity(bench, option.name, f"an option of `{decision.name}`", option.span)
    for game in scenario.games.values():
        for end in game.ends:
            _check_is_no_quantity(bench, end.name, f"an end of `{game.name}`", end.span)


def _check_set(bench: Workbench, name: str) -> None:
    set_ = bench.scenario.sets[name]
    if len(set_.members) == set_.spares:
        message = f"the set `{name}` has no members" + (" but spare ones" if set_.spares else "")
        bench.findings.error(set_.span, "empty", message, "name at least one member")
    for member in set_.members:
        _check_is_no_quantity(bench, member.name, f"a member of `{name}`", member.span)
        if member.name in bench.scenario.sets:
            message = f"`{member.name}` names both a set and a member of `{name}`"
            bench.findings.error(member.span, "duplicate-name", message, "choose another name for one of them")


def _check_is_no_quantity(bench: Workbench, name: str, what: str, span: Span) -> None:
    entry = bench.names.entries.get(name)
    if entry is not None:
        message = f"`{name}` names both {what} and {entry.described}"
        hint = "a name in an equation means one thing: choose another for one of them"
        bench.findings.error(span, "duplicate-name", message, hint, [(entry.span, f"the {entry.what} stands here")])
