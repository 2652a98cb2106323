"""What the shipped flagship believes and plays, for comparison with the record: one run, asked many questions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

import playout

if TYPE_CHECKING:
    from playout.simulate.result import Runs

FUTURES = 8192
NAME = "us-mexico-cartels"


@cache
def runs() -> Runs:
    """The flagship as shipped, under no policy, views drawn by credence."""
    return playout.run(NAME, futures=FUTURES).runs


def drawn(belief: str) -> tuple[float, float, float]:
    """The 5%, 50% and 95% quantiles of a belief as drawn for all futures views included, in the belief's own unit."""
    values = runs().beliefs[belief].to_numpy()
    low, middle, high = (float(value) for value in np.quantile(values, (0.05, 0.5, 0.95)))
    return low, middle, high
