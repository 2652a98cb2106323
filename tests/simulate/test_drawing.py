"""Fast drawing gives the bits of `beliefs.py`, whatever the columns hold."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from playout.model.distribution import (
    Beta,
    Categorical,
    Gamma,
    Lognormal,
    Mixture,
    Normal,
    Point,
    Poisson,
    Uniform,
    interval,
)
from playout.simulate import drawing
from playout.simulate.beliefs import Column, belief_uniforms, belief_values, ties_between
from playout.simulate.drawing import Drawing

MIXED = Mixture((0.5, 0.5), (Normal(0.0, 1.0), Lognormal(40.0, 0.1)))
COLUMNS = [
    Column("a", 0, interval(0.2, 1.5)),
    Column("b", 0, interval(1.0, 6.0, 2.0), {0: Point(5.0), 2: Normal(3.0, 1.0).within(2.0, 9.0)}),
    Column("c", 0, Beta(2.0, 5.0), {1: Poisson(3.0)}),
    Column("d", 3, MIXED, {1: MIXED.within(-1.0, 45.0), 2: Uniform(0.0, 1.0)}),
    Column("e", 0, Categorical((0.2, 0.8), (1.0, 5.0))),
    Column("e", 1, Gamma(3.0, 2.0), shared=0),
    Column("f", 0, Normal(0.0, 1.0)),
    Column("g", 0, Lognormal(2.0, 0.5).within(0.5, 9.0)),
]
RHO = np.eye(len(COLUMNS))
RHO[0, 7] = RHO[7, 0] = 0.6
RHO[6, 7] = RHO[7, 6] = -0.3
FUTURES = np.arange(1003)
VIEW = FUTURES % 3
SPREAD = np.where(VIEW == 2, 2.0, 1.0)
SEEDS = [5, 5, 5, 9, 5, 5, 9, 5]


@pytest.mark.parametrize("machine_code", [True, False], ids=["machine code", "NumPy"])
@pytest.mark.parametrize("spread", [None, SPREAD], ids=["one spread", "spreads"])
@pytest.mark.parametrize("correlation", [None, RHO], ids=["apart", "correlated"])
@pytest.mark.parametrize("view", [None, VIEW], ids=["one view", "views"])
def test_the_bits_are_those_of_the_slow_way(
    machine_code: bool,
    spread: np.ndarray | None,
    correlation: np.ndarray | None,
    view: np.ndarray | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not machine_code:
        monkeypatch.setattr(Drawing, "_kernels", lambda self: {})
    given = {1: np.linspace(0.001, 0.999, FUTURES.size), 3: np.linspace(0.001, 0.999, FUTURES.size)}
    drawn = Drawing(COLUMNS, SEEDS, correlation, given).matrix(FUTURES, spread=spread, view=view, more=1)
    uniforms = belief_uniforms(COLUMNS, FUTURES, SEEDS)
    for row, values in given.items():
        uniforms[row] = values
    ties = None if correlation is None else ties_between(COLUMNS, correlation)
    expected = belief_values(COLUMNS, uniforms, ties=ties, spread=spread, view=view)
    assert drawn.shape == (len(COLUMNS) + 1, FUTURES.size)
    assert drawn[:-1].tobytes() == expected.tobytes()


def test_a_drawing_may_be_sent_to_another_process_and_used_by_several_threads() -> None:
    one = Drawing(COLUMNS, 5, RHO)
    whole = one.matrix(FUTURES, spread=SPREAD, view=VIEW)
    two = pickle.loads(pickle.dumps(one))
    assert "_made" not in vars(two)
    assert np.array_equal(two.matrix(FUTURES, spread=SPREAD, view=VIEW), whole)
    fresh = Drawing(COLUMNS, 5, RHO)
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda k: fresh.matrix(FUTURES, spread=SPREAD, view=VIEW), range(8))
        assert all(np.array_equal(part, whole) for part in parts)


def test_a_bend_costs_no_column_its_formula() -> None:
    made = Drawing(COLUMNS, 5)
    assert made.holes == (3,)
    assert made.rest == (2, 4)
    assert np.isnan(MIXED.form().values(np.array([0.5]))).all()  # type: ignore[union-attr]


def test_numbers_of_futures_that_have_no_address_are_refused() -> None:
    with pytest.raises(ValueError, match="a future is addressed by"):
        Drawing(COLUMNS, 5).matrix(np.array([2**32]))
    assert drawing.belief_matrix(COLUMNS, [2**32 - 1], 5).shape == (len(COLUMNS), 1)
