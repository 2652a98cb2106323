"""Cases on which scenario discovery is tried: made up here, and those of Bryant and Lempert (2010) where one has them.

What the EMA Workbench finds in those made up here is kept in solutions/prim.json; `make solutions` finds it anew. The
cases are drawn with Python's own generator, whose numbers stay the same from version to version.
"""

from __future__ import annotations

import os
import random
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from playout.analyse.discovery.box import Inputs, inputs_of
from playout.analyse.estimate import Bools

SOLUTIONS = Path(__file__).resolve().parent / "solutions" / "prim.json"

CASES = Path(os.environ.get("PLAYOUT_DATA", Path(__file__).parents[2] / "shared" / "data")) / "prim"
here = pytest.mark.skipif(
    not CASES.is_dir(),
    reason="the cases of Bryant and Lempert (2010) are not here: PLAYOUT_DATA names a folder that holds "
    "prim/bryant_lempert_2010.csv, which the EMA Workbench's source has among its examples' data",
)


def bryant_and_lempert() -> tuple[Inputs, Bools]:
    """882 cases: nine inputs, all real, and which cases are of interest (89 of them)."""
    frame = pl.read_csv(CASES / "bryant_lempert_2010.csv", infer_schema_length=None)
    inputs = inputs_of({name: frame[name].cast(pl.Float64).to_numpy() for name in frame.columns[2:11]})
    return inputs, (frame["Greater than 90%"] == 1).to_numpy()


def reals() -> tuple[dict[str, Any], Bools]:
    """600 cases: seven inputs, all real, of which four make a tenth of the cases those of interest, with some noise."""
    chance = random.Random(2010)
    drawn = np.array([[chance.random() for _ in range(7)] for _ in range(600)])
    score = 2 * drawn[:, 0] - 1.5 * drawn[:, 1] + drawn[:, 2] * drawn[:, 3]
    score += [0.3 * chance.random() for _ in range(600)]
    return {f"input {number}": drawn[:, number] for number in range(7)}, score > np.quantile(score, 0.9)


def mixed(seed: int) -> tuple[dict[str, Any], Bools]:
    """600 cases: reals, some with ties, and categories of four and of two."""
    chance = random.Random(seed)

    def normal() -> float:
        return statistics.NormalDist().inv_cdf(max(chance.random(), 1e-12))

    def any_of(names: str) -> str:
        return names[int(chance.random() * len(names))]

    n = 600
    columns = {
        "a": np.array([chance.random() for _ in range(n)]),
        "b": np.array([round(normal(), 1) for _ in range(n)]),
        "c": np.array([any_of("pqrs") for _ in range(n)]),
        "d": np.array([any_of("xy") for _ in range(n)]),
    }
    score = 3 * columns["a"] + columns["b"] + 1.5 * (columns["c"] == "p") + 0.8 * (columns["d"] == "x")
    score += [0.5 * normal() for _ in range(n)]
    return columns, score > np.quantile(score, 0.85)
