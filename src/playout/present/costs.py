"""What ``playout check --cost`` says: what a step of a scenario costs, and a whole run."""

from __future__ import annotations

from typing import Any

from playout.analyse.rounding import number
from playout.compile.cost import Cost
from playout.present.words import count, quantity
from playout.simulate.memory import RunMemory

FUTURES = 10_000
"""Futures that the budget is stated for."""
DEAREST = 8
"""Things of the scenario that the text names."""


def plain_cost(cost: Cost, memory: RunMemory) -> dict[str, Any]:
    """The object under ``cost`` in what ``playout check --cost --json`` prints. memory: of a run of FUTURES."""
    return {
        "steps": cost.steps,
        "draws": cost.draws,
        "elementary": dict(cost.elementary),
        "always": cost.always,
        "operations": cost.operations,
        "state_bytes": cost.state_bytes,
        "history_bytes": cost.history_bytes,
        "memory": {
            "futures": memory.futures,
            "bytes": round(memory.total),
            "playing": round(memory.playing),
            "history": round(memory.history),
            "paths": round(memory.paths),
        },
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


def cost_lines(cost: Cost, memory: RunMemory) -> list[str]:
    """What one step costs one future, what a run comes to, and which things are the dearest. memory: of a run of
    FUTURES."""
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
        *([f"  {cost.history_bytes:,} bytes of the past that `delay` and `change` read"] if cost.history_bytes else []),
        f"budget: {FUTURES:,} futures of {count(cost.steps, 'step')} take about {quantity(seconds, 2)} s of one core,",
        "  beside what compiling, drawing beliefs and keeping results take",
        f"memory: about {_size(memory.total)} beside Playout itself, {_size(memory.playing)} of it to play and "
        f"{_size(memory.paths)} to keep paths",
    ]
    if cost.parts:
        lines.append("the dearest things in it, share of a step's time:")
    for part in cost.parts[:DEAREST]:
        share = part.microseconds / cost.microseconds if cost.microseconds else 0.0
        lines.append(
            f"  {part.name:<{names}}  {100 * share:3.0f}%  {_what(part.draws, part.elementary, part.operations)}"
        )
    return lines


def _size(bytes_: float) -> str:
    """A number of bytes in megabytes or gigabytes."""
    return f"{quantity(bytes_ / 1e9, 2)} GB" if bytes_ >= 1e9 else f"{quantity(bytes_ / 1e6, 2)} MB"


def _what(draws: int, calls: int, operations: int) -> str:
    return f"{draws:,} words, {calls:,} calls, {operations:,} operations"
