"""Elementary effects: what moving one factor does, from many places (M. D. Morris, Technometrics 33, 1991).

A trajectory starts at a random place and moves every factor once, in a random order; each move gives one elementary
effect. Places are uniforms that beliefs are drawn from, on a grid of LEVELS inside (0, 1), and a move is half the way
across: up from the lower half, or down from the upper one. All columns of a factor move together and the same way,
each from a place of its own. Chance inside the run is one draw a trajectory, so a move never changes it.

    mu       the mean effect of moving up: positive and negative ones cancel
    mu_star  the mean of the effects' sizes (Campolongo and others, Environmental Modelling & Software 22, 2007)
    sigma    their standard deviation: above 0 where the effect depends on the place, so on other factors or itself
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.average import Mean
from playout.analyse.estimate import Numbers

LEVELS = 4
"""Places on the grid of each uniform; an even number."""
STEP = 0.5
"""How far a factor moves, as a share of the way across."""


@dataclass(frozen=True, slots=True)
class Elementary:
    """A factor's elementary effects, in the outcome's unit per whole way across, each with its standard error."""

    mu: Mean
    mu_star: Mean
    sigma: Mean


@dataclass(frozen=True, slots=True, eq=False)
class Trajectories:
    """Where to play. rank: when each factor moves in each trajectory, [factors, trajectories], from 0. before, after:
    the uniforms of each column before its factor moves and after, [columns, trajectories]. of: each column's factor,
    [columns]. up: whether a factor moves up, [factors, trajectories]."""

    rank: NDArray[np.int64]
    before: Numbers
    after: Numbers
    of: NDArray[np.int64]
    up: NDArray[np.bool_]

    @property
    def steps(self) -> int:
        """How many places a trajectory has: one more than there are factors."""
        return len(self.rank) + 1

    def place(self, step: int) -> Numbers:
        """The uniforms at a step from 0 to ``steps - 1``, [columns, trajectories]."""
        return np.where(self.rank[self.of] < step, self.after, self.before)

    def effects(self, outcomes: Numbers) -> Numbers:
        """Elementary effects [factors, trajectories] from the outcome at every place, [steps, trajectories]."""
        here = np.arange(self.rank.shape[1])
        moved = outcomes[self.rank + 1, here] - outcomes[self.rank, here]
        return np.asarray(np.where(self.up, moved, -moved) / STEP)


def trajectories(columns: Sequence[int], many: int, seed: int) -> Trajectories:
    """``many`` trajectories. columns: how many columns each factor has."""
    rng = np.random.default_rng(seed)
    factors = len(columns)
    rank = np.argsort(rng.random((factors, many)), axis=0)
    up = rng.random((factors, many)) < 0.5
    of = np.repeat(np.arange(factors), columns)
    lower = (rng.integers(0, LEVELS // 2, (len(of), many)) + 0.5) / LEVELS
    upper = lower + STEP
    return Trajectories(rank, np.where(up[of], lower, upper), np.where(up[of], upper, lower), of, up)


def elementary(effects: Numbers) -> Elementary:
    """What the effects of one factor come to, [trajectories]; those that are not finite are left out."""
    known = effects[np.isfinite(effects)]
    n = known.size
    if n < 2:
        nothing = Mean(math.nan, math.nan, n)
        return Elementary(nothing, nothing, nothing)
    sd = float(known.std(ddof=1))
    size = np.abs(known)
    mu = Mean(float(known.mean()), sd / math.sqrt(n), n)
    mu_star = Mean(float(size.mean()), float(size.std(ddof=1)) / math.sqrt(n), n)
    return Elementary(mu, mu_star, Mean(sd, _error_of_sd(known, sd), n))


def _error_of_sd(values: Numbers, sd: float) -> float:
    """√((m₄ − s⁴)/n) / 2s, to first order; 0 where nothing varies."""
    if sd == 0.0:
        return 0.0
    fourth = float(((values - values.mean()) ** 4).mean())
    return math.sqrt(max(fourth - sd**4, 0.0) / values.size) / (2.0 * sd)
