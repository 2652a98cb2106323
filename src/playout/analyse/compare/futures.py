"""What a comparison keeps of a run: one number a future of each outcome compared, and nothing else of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.compare.rows import Row
from playout.analyse.estimate import Bools
from playout.simulate.result import Reported, Runs, Stop


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """One run. name: of what was varied, a policy or a view. values: float32 [rows, futures], as `Outcome.values` has
    them. complete: which futures ran to their end. views: as of Runs. measures: how the run reports them."""

    name: str
    policy: str | None
    view: str | None
    seed: int
    engine: str
    precision: str
    values: NDArray[np.float32]
    complete: Bools
    views: NDArray[np.int64]
    stops: tuple[Stop, ...]
    measures: dict[str, Reported]


def kept(runs: Runs, name: str, rows: Sequence[Row]) -> Kept:
    """What a comparison keeps of a run, so that the run itself can go."""
    values = np.empty((len(rows), runs.futures), np.float32)
    for place, row in enumerate(rows):
        values[place] = row.outcome.values(runs)
    return Kept(
        name=name,
        policy=runs.policy,
        view=runs.view,
        seed=runs.seed,
        engine=runs.engine,
        precision=runs.precision,
        values=values,
        complete=runs.complete,
        views=runs.views.astype(np.int64),
        stops=runs.stops,
        measures=dict(runs.measures),
    )
