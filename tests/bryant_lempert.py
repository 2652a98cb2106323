"""The cases of Bryant and Lempert (2010), on which scenario discovery is usually tried."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from playout.analyse.discovery.box import Inputs, inputs_of
from playout.analyse.estimate import Bools

CASES = Path(os.environ.get("PLAYOUT_DATA", Path(__file__).parents[2] / "shared" / "data")) / "prim"
here = pytest.mark.skipif(not CASES.is_dir(), reason="the cases of Bryant and Lempert (2010) are not here")


def bryant_and_lempert() -> tuple[Inputs, Bools]:
    """882 cases: nine inputs, all real, and which cases are of interest (89 of them)."""
    frame = pl.read_csv(CASES / "bryant_lempert_2010.csv", infer_schema_length=None)
    inputs = inputs_of({name: frame[name].cast(pl.Float64).to_numpy() for name in frame.columns[2:11]})
    return inputs, (frame["Greater than 90%"] == 1).to_numpy()
