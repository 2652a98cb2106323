"""What `playout check` says of a sound scenario: what it holds, and what its beliefs rest on."""

from __future__ import annotations

from typing import Any

from playout.analyse.plain import plain_coverage
from playout.model.checked import CheckedScenario
from playout.model.coverage import Coverage, coverage
from playout.present.words import count, day
from playout.simulate.result import scenario_name

PARTS = (
    "actors", "sets", "tables", "beliefs", "stocks", "variables", "tracks", "decisions", "games", "events",
    "measures", "questions", "indicators", "policies", "views", "sources", "evidence",
)  # fmt: skip
SINGULAR = {"policies": "policy"}
NAMED = 5
"""Beliefs that rest on nothing and are named; the JSON counts them, the warnings name them all."""


def plain_verdict(checked: CheckedScenario) -> dict[str, Any]:
    """The object that ``playout check --json`` prints for a sound scenario."""
    scenario = checked.scenario
    return {
        "scenario": scenario_name(scenario),
        "title": scenario.title,
        "sound": True,
        "start": scenario.start.isoformat(),
        "end": checked.end.isoformat(),
        "steps": checked.steps,
        "step_days": scenario.step_days,
        "counts": {part: len(getattr(scenario, part)) for part in PARTS},
        "coverage": plain_coverage(coverage(checked)),
        "diagnostics": [warning.as_json() for warning in checked.warnings],
    }


def verdict_lines(checked: CheckedScenario) -> list[str]:
    """A sound scenario in a few lines."""
    scenario = checked.scenario
    held = [_counted(part, len(getattr(scenario, part))) for part in PARTS if getattr(scenario, part)]
    half = (len(held) + 1) // 2
    lines = [
        f"{scenario_name(scenario)} is sound: {scenario.title}",
        f"  {day(scenario.start)} to {day(checked.end)} in {steps_words(checked)}",
        *(["  " + ", ".join(held[:half]) + ","] if held[half:] else []),
        f"  {', '.join(held[half:] or held)}",
        *(f"  {line}" for line in coverage_lines(coverage(checked))),
    ]
    if checked.warnings:
        lines.append(f"  {count(len(checked.warnings), 'warning')}")
    return lines


def _counted(part: str, number: int) -> str:
    if part == "evidence":
        return count(number, "piece of evidence", "pieces of evidence")
    return count(number, SINGULAR.get(part, part.removesuffix("s")), part)


def steps_words(checked: CheckedScenario) -> str:
    """How many steps a scenario has, and how long: "261 steps of 1 week"."""
    days = checked.scenario.step_days
    length = count(days // 7, "week") if days % 7 == 0 else count(days, "day")
    return f"{count(checked.steps, 'step')} of {length}"


def coverage_lines(found: Coverage) -> list[str]:
    """What the beliefs rest on, in sentences."""
    if not found.beliefs:
        return ["it holds no belief: chance alone tells its futures apart"]
    rests = [
        f"{len(names):,} {one if len(names) == 1 else many}"
        for names, one, many in (
            (found.evidenced, "cites a fact", "cite a fact"),
            (found.judged, "cites only judgement", "cite only judgement"),
            (found.assumed, "is only assumed", "are only assumed"),
            (found.unsupported, "rests on nothing", "rest on nothing"),
        )
        if names
    ]
    said = f"{', '.join(rests[:-1])} and {rests[-1]}" if len(rests) > 1 else rests[0]
    lines = [f"of {count(found.beliefs, 'belief')}, {said}"]
    if found.unsupported:
        named = ", ".join(f"`{name}`" for name in found.unsupported[:NAMED])
        more = f" and {len(found.unsupported) - NAMED:,} more" if len(found.unsupported) > NAMED else ""
        lines.append(f"resting on nothing: {named}{more}")
    return lines
