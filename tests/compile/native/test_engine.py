"""The native engine beside the reference on a Program made by hand, and its promise: the same bytes however played."""

from __future__ import annotations

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fighting import BELIEFS, parts, played, program
from playout.compile import ir
from playout.compile.engine import Halt, Stopped
from playout.compile.ir import Const, Uniform, Word
from playout.compile.native.engine import NativeEngine
from playout.compile.numpy import NumpyEngine


def test_double_precision_is_the_reference_within_rounding() -> None:
    theirs, ours = parts(played(NumpyEngine(program()))), parts(played(NativeEngine(program(), "double")))
    assert theirs.keys() == ours.keys()
    assert 0 < np.count_nonzero(ours["status"]) < 300
    for name, value in theirs.items():
        rounding = 1e-6 if name.startswith("paths") else 1e-11
        np.testing.assert_allclose(ours[name], value, rtol=rounding, atol=1e-11, err_msg=name)


def test_single_precision_comes_close() -> None:
    theirs, ours = parts(played(NumpyEngine(program()))), parts(played(NativeEngine(program(), "single")))
    assert np.count_nonzero(theirs["status"] != ours["status"]) <= 1
    np.testing.assert_allclose(ours["totals all"], theirs["totals all"], rtol=1e-4)
    np.testing.assert_array_equal(ours["records many"], theirs["records many"])


@pytest.mark.parametrize("precision", ["single", "double"])
def test_the_same_bytes_at_any_width(precision) -> None:
    first, *others = (parts(played(NativeEngine(program(), precision, lanes))) for lanes in (4, 8, 16, 32))
    for other in others:
        for name, value in first.items():
            assert value.tobytes() == other[name].tobytes(), name


def test_the_same_bytes_in_any_chunks_and_threads() -> None:
    engine = NativeEngine(program(), "single")
    whole = parts(played(engine))
    edges = [0, 1, 70, 128, 300]
    with ThreadPoolExecutor(2) as pool:
        pieces = list(pool.map(lambda ends: parts(played(engine, *ends, keep=0)), itertools.pairwise(edges)))
    for name, value in whole.items():
        if name.startswith("tallies"):
            assert np.array_equal(sum(piece[name] for piece in pieces), value)
        elif not name.startswith("paths"):
            assert np.concatenate([piece[name] for piece in pieces], axis=-1).tobytes() == value.tobytes()


def test_it_stops_when_asked() -> None:
    halt = Halt()
    halt.set()
    for engine in (NativeEngine(program()), NumpyEngine(program())):
        with pytest.raises(Stopped):
            engine.play(0, 10, BELIEFS[:, :10], 1, halt=halt)


def test_a_node_without_code_is_refused() -> None:
    odd = ir.Quantile("cauchy", Uniform(Word("many", ())), (Const(1.0),))
    changed = dataclasses.replace(program(), records=(ir.Record("odd", odd, 1),))
    with pytest.raises(NotImplementedError, match="no code for the distribution cauchy"):
        NativeEngine(changed)
