"""Numbers as programs read them."""

from __future__ import annotations

import math


def number(value: float) -> float | None:
    """Seven significant digits; None for what is not a finite number."""
    return float(f"{value:.7g}") if math.isfinite(value) else None


ROUNDING = 1e-6
"""Parts of the greatest value that numbers of single precision may be off by, and no more is meant by."""

COUNTED = ("person", "event")
LEAST = 0.01
"""Of people and events, a part that nothing hangs on: what is less is said to be so."""


def least_said(unit: str) -> float:
    """What numbers in a unit are only said to be under, where they are nearer to zero."""
    return LEAST if unit in COUNTED else 0.0
