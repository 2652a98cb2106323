"""Playout's own engines on the synthetic workload."""

from __future__ import annotations

import numpy as np

from playout.bench import workload
from playout.bench.peers import Outputs, Play
from playout.bench.play import Crew, engine_for, no_beliefs


def player(engine: str, cores: int) -> Play:
    """engine: `single` or `double` (native), or `reference`."""
    crew = Crew(engine_for(workload.program(), engine), 1 if engine == "reference" else cores)

    def play(first: int, futures: int) -> Outputs:
        blocks = crew.play(no_beliefs, first, futures)
        years = np.concatenate([np.stack([b.totals[m] for m in workload.MEASURES], axis=1) for b in blocks], axis=-1)
        return years.reshape(len(workload.OUTPUTS), futures)

    return play
