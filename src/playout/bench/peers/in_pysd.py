"""The synthetic workload in PySD: a Vensim model (`synthetic.mdl`), translated to Python by PySD and run by it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pysd

from playout.bench import workload
from playout.bench.peers import Outputs, Play

COLUMNS = [name.replace("_", " ") for name in workload.MEASURES]
"""The measures as the Vensim model names them."""


def player(cores: int) -> Play:
    """Translate, and run one future after the other on the one core of this process."""
    with tempfile.TemporaryDirectory() as folder:  # PySD writes its translation beside the model
        path = Path(folder) / "synthetic.mdl"
        path.write_text(workload.source(path.name), encoding="utf-8")
        model = pysd.read_vensim(str(path))

    def play_one() -> Outputs:
        found = model.run(return_columns=COLUMNS, progress=False)  # saved at the start and every 52 weeks
        return np.reshape(found[COLUMNS].to_numpy(float)[1:], len(workload.OUTPUTS))

    def play(first: int, futures: int) -> Outputs:
        np.random.seed(first)  # which is where PySD draws from
        return np.stack([play_one() for _ in range(futures)], axis=1)

    return play
