"""What ``playout check --cost`` says: what a step of a scenario costs, and a whole run."""

from __future__ import annotations

from typing import Any

from playout.analyse.rounding import number
from playout.compile.cost import Cost
from playout.present.words import count, quantity

FUTURES = 10_000
"""Futures that the budget is stated for."""
DEAREST = 8
"""Things of the scenario that the text names."""


def plain_cost(cost: Cost) -> dict[str, Any]:
    """The object under ``cost`` in what ``playout check --cost --json`` prints."""
    return {
        "steps": cost.steps,
        "draws": cost.draws,
        "elementary": dict(cost.elementary),
        "always": cost.always,
        "operations": cost.operations,
        "state_bytes": cost.state_bytes,
        "microseconds": number(cost.microseconds),
        "parts": [
            {
                "name": part.name,
                "draws": part.draws,
                "elementary": part.elementary,
                "operations": part.operations,
                "microseconds": number(part.microseconds),
            }
            for part in cost.parts
        ],
    }


def cost_lines(cost: Cost) -> list[str]:
    """What one step costs one future, what a run comes to, and which things are the dearest."""
    calls = sum(cost.elementary.values())
    named = ", ".join(f"{name} {many:,}" for name, many in sorted(cost.elementary.items(), key=lambda item: -item[1]))
    seconds = cost.microseconds * cost.steps * FUTURES / 1e6
    names = max((len(part.name) for part in cost.parts[:DEAREST]), default=0)
    lines = [
        "a step of one future:",
        f"  {count(cost.draws, 'random word')}",
        f"  {count(calls, 'elementary call')}" + (f" ({named})" if named else ""),
        *([f"    {cost.always:,} of them in every step, the rest where a condition asks for them"] if calls else []),
        f"  {count(cost.operations, 'other operation')}",
        f"  {cost.state_bytes:,} bytes of state in single precision",
        f"budget: {FUTURES:,} futures of {count(cost.steps, 'step')} take about {quantity(seconds, 2)} s of one core,",
        "  beside what compiling, drawing beliefs and keeping results take",
    ]
    if cost.parts:
        lines.append("the dearest things in it, share of a step's time:")
    for part in cost.parts[:DEAREST]:
        share = part.microseconds / cost.microseconds if cost.microseconds else 0.0
        lines.append(
            f"  {part.name:<{names}}  {100 * share:3.0f}%  {_what(part.draws, part.elementary, part.operations)}"
        )
    return lines


def _what(draws: int, calls: int, operations: int) -> str:
    return f"{draws:,} words, {calls:,} calls, {operations:,} operations"
