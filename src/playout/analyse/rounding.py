"""Numbers as programs read them."""

from __future__ import annotations

import math


def number(value: float) -> float | None:
    """Seven significant digits; None for what is not a finite number."""
    return float(f"{value:.7g}") if math.isfinite(value) else None
