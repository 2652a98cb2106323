"""The belief matrix: its laws, its independence of chunks and neighbours, correlation, views and spreads."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import special, stats

from playout.compile.draws import open_uniform, stream_key, words
from playout.model.correlation import CorrelationError
from playout.model.distribution import (
    Bernoulli,
    Beta,
    Categorical,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Normal,
    Point,
    Poisson,
    Uniform,
    interval,
)
from playout.simulate.beliefs import Column, belief_uniforms, belief_values
from playout.simulate.drawing import belief_matrix

LAWS: list[Distribution] = [
    Normal(3.0, 2.0),
    interval(0.2, 1.5),
    interval(1.0, 6.0, 2.0),
    interval(0.1, 0.4, scale="logit"),
    Uniform(0.2, 0.45),
    Beta(2.0, 5.0),
    Gamma(3.0, 2.0),
    Exponential(4.0),
    Poisson(3.0),
    Bernoulli(0.3),
    Categorical((0.2, 0.8), (1.0, 5.0)),
    Mixture((0.5, 0.5), (Normal(0.0, 1.0), Lognormal(4.0, 0.2))),
    Normal(0.0, 1.0).within(0.0, 2.0),
    Point(7.0),
]
COLUMNS = [Column(f"belief_{i}", 0, law) for i, law in enumerate(LAWS)]


def tie(n: int, *entries: tuple[int, int, float]) -> np.ndarray:
    rho = np.eye(n)
    for i, j, value in entries:
        rho[i, j] = rho[j, i] = value
    return rho


def test_a_belief_is_the_quantile_of_word_0_of_its_address() -> None:
    futures = np.array([5, 0, 4_000_000_000], np.uint32)
    found = belief_matrix([Column("consent", 2, Uniform(0.2, 0.45))], futures, 9)
    word = words(9, stream_key("belief consent"), futures, [2], 0)
    assert np.array_equal(found, Uniform(0.2, 0.45).quantile(open_uniform(word)))
    assert found.shape == (1, 3)
    assert found.dtype == np.float64


def test_moments_through_the_draws_are_the_laws() -> None:
    """Within four standard errors, the error taken from the sample."""
    n = 40_000
    values = belief_matrix(COLUMNS, range(n), 3)
    for column, row in zip(COLUMNS, values, strict=True):
        assert abs(row.mean() - column.law.mean()) <= 4.0 * row.std() / np.sqrt(n)
        below = (row <= column.law.median()).mean()
        expected = float(column.law.cdf(column.law.median()))
        assert abs(below - expected) <= 4.0 * np.sqrt(0.25 / n)


TIES = tie(len(COLUMNS), (0, 1, 0.6), (1, 4, -0.3), (2, 12, 0.5), (0, 13, 0.9))


@pytest.mark.parametrize("correlation", [None, TIES], ids=["apart", "correlated"])
def test_any_chunk_holds_the_same_bits(correlation: np.ndarray | None) -> None:
    n = 1000
    view, spread = np.arange(n) % 3, np.where(np.arange(n) % 3 == 2, 2.0, 1.0)
    columns = [*COLUMNS[:-1], Column("belief_13", 0, Point(7.0), {1: Point(8.0)})]
    columns[1] = Column("belief_1", 0, LAWS[1], {1: LAWS[2], 2: Point(1.0)})
    whole = belief_matrix(columns, range(n), 3, correlation=correlation, spread=spread, view=view)
    for cut in ([0, 1, 2, 500, 997, n], [0, 333, n]):
        parts = [
            belief_matrix(
                columns, range(a, b), 3, correlation=correlation, spread=spread[a:b], view=view[a:b]
            )
            for a, b in itertools.pairwise(cut)
        ]  # fmt: skip
        assert np.array_equal(np.concatenate(parts, axis=1), whole)
    backwards = belief_matrix(
        columns, np.arange(n)[::-1], 3, correlation=correlation, spread=spread[::-1], view=view[::-1]
    )
    assert np.array_equal(backwards[:, ::-1], whole)


def test_adding_beliefs_leaves_the_others_as_they_were() -> None:
    before = belief_matrix(COLUMNS, range(300), 3, correlation=TIES)
    added = [Column("another", 0, Normal(0.0, 1.0)), *COLUMNS[:5], Column("more", 0, Beta(1.0, 1.0)), *COLUMNS[5:]]
    kept = [1, 2, 3, 4, 5, *range(7, len(added))]
    rho = np.eye(len(added))
    rho[np.ix_(kept, kept)] = TIES
    assert np.array_equal(belief_matrix(added, range(300), 3, correlation=rho)[kept], before)
    assert np.array_equal(belief_matrix(added, range(300), 3)[kept], belief_matrix(COLUMNS, range(300), 3))


def test_members_are_drawn_apart_or_together() -> None:
    law = Normal(0.0, 1.0)
    apart = [Column("rate", m, law) for m in range(3)]
    a = belief_matrix(apart, range(2000), 1)
    assert abs(stats.spearmanr(a[0], a[1]).statistic) < 0.1
    assert np.array_equal(belief_matrix(apart[::-1], range(2000), 1), a[::-1])
    shared = [Column("rate", m, Normal(float(m), 1.0), shared=0) for m in range(3)]
    s = belief_matrix(shared, range(2000), 1)
    assert np.array_equal(s[0], a[0])
    np.testing.assert_allclose(s[2], s[0] + 2.0)


# --- correlation ------------------------------------------------------------------------------------------------------


def test_ranks_are_correlated_as_asked_whatever_the_laws() -> None:
    n = 40_000
    columns = [
        Column("a", 0, interval(0.2, 9.0)),
        Column("b", 0, Beta(0.5, 0.5)),
        Column("c", 0, Normal(0.0, 1.0).within(-0.5, 0.7)),
        Column("d", 0, Exponential(2.0)),
    ]
    asked = tie(4, (0, 1, 0.6), (0, 2, -0.4), (1, 2, 0.2))
    values = belief_matrix(columns, range(n), 8, correlation=asked)
    found = stats.spearmanr(values, axis=1).statistic
    np.testing.assert_allclose(found, asked, atol=4.0 / np.sqrt(n))
    for column, row in zip(columns, values, strict=True):
        assert stats.kstest(row[:5000], column.law.cdf).pvalue > 1e-3
    free = belief_matrix(columns, range(n), 8)
    assert np.array_equal(values[3], free[3])
    np.testing.assert_allclose(values[0], free[0], rtol=1e-12)


def test_a_point_drops_out_of_the_correlation() -> None:
    columns = [Column("a", 0, Normal(0.0, 1.0)), Column("known", 0, Point(2.0)), Column("b", 0, Normal(0.0, 1.0))]
    values = belief_matrix(columns, range(500), 8, correlation=tie(3, (0, 1, 0.99), (1, 2, -0.99), (0, 2, 0.5)))
    assert np.all(values[1] == 2.0)
    pair = belief_matrix([columns[0], columns[2]], range(500), 8, correlation=tie(2, (0, 1, 0.5)))
    assert np.array_equal(values[[0, 2]], pair)


@pytest.mark.parametrize(
    "law", [LAWS[8], LAWS[9], LAWS[10], LAWS[11], Poisson(3.0).within(1.0, 5.0), LAWS[11].within(0.0, 5.0)]
)
def test_laws_without_ranks_to_tie_are_refused(law: Distribution) -> None:
    columns = [Column("a", 0, Normal(0.0, 1.0)), Column("b", 0, law)]
    with pytest.raises(CorrelationError, match=r"`b` is .*one continuous range") as caught:
        belief_matrix(columns, range(5), 1, correlation=tie(2, (0, 1, 0.5)))
    assert caught.value.pairs == (("a", "b"),)
    belief_matrix(columns, range(5), 1, correlation=np.eye(2))
    other = [columns[0], Column("b", 0, Normal(0.0, 1.0), {1: law})]
    with pytest.raises(CorrelationError, match="`b` is"):
        belief_matrix(other, range(5), 1, correlation=tie(2, (0, 1, 0.5)), view=np.zeros(5, np.int64))


def test_impossible_correlations_name_their_pairs() -> None:
    columns = [Column("x", m, Normal(0.0, 1.0)) for m in range(2)] + [Column("y", 0, Normal(0.0, 1.0))]
    with pytest.raises(CorrelationError) as caught:
        belief_matrix(columns, range(5), 1, correlation=tie(3, (0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)))
    assert set(caught.value.pairs) == {("x[0]", "x[1]"), ("x[1]", "y"), ("x[0]", "y")}


def test_columns_of_one_draw_are_tied_as_one() -> None:
    """A shared belief, and the same belief under another law from some date on, are one random number."""
    shared = [Column("x", m, Normal(0.0, 1.0), shared=0) for m in range(2)]
    columns = [*shared, Column("y", 0, Normal(0.0, 1.0)), Column("x", 0, Uniform(0.0, 1.0))]
    values = belief_matrix(columns, range(4000), 1, correlation=tie(4, (0, 2, 0.7)))
    assert np.array_equal(values[0], values[1])
    np.testing.assert_allclose(special.ndtri(values[3]), values[0], atol=1e-9)
    assert stats.spearmanr(values[1], values[2]).statistic == pytest.approx(0.7, abs=0.05)
    with pytest.raises(CorrelationError, match="use one draw"):
        belief_matrix(columns, range(5), 1, correlation=tie(4, (0, 1, 0.7)))
    with pytest.raises(CorrelationError, match=r"given 0\.7 and 0\.6"):
        belief_matrix(columns, range(5), 1, correlation=tie(4, (0, 2, 0.7), (1, 2, 0.6)))


# --- views, spreads, designs ------------------------------------------------------------------------------------------


def test_a_view_changes_the_law_and_keeps_the_random_number() -> None:
    view = np.arange(300) % 3
    columns = [Column("a", 0, Normal(0.0, 1.0), {2: Uniform(10.0, 11.0), 1: Point(5.0)})]
    values = belief_matrix(columns, range(300), 4, view=view)[0]
    u = belief_uniforms(columns, range(300), 4)[0]
    assert np.array_equal(values[view == 0], Normal(0.0, 1.0).quantile(u[view == 0]))
    assert np.all(values[view == 1] == 5.0)
    assert np.array_equal(values[view == 2], Uniform(10.0, 11.0).quantile(u[view == 2]))
    assert np.array_equal(belief_matrix(columns, range(300), 4)[0], Normal(0.0, 1.0).quantile(u))


def test_a_spread_multiplies_the_normal_score_where_it_holds() -> None:
    spread = np.where(np.arange(2000) % 2 == 1, 2.0, 1.0)
    plain = belief_matrix(COLUMNS, range(2000), 3)
    wide = belief_matrix(COLUMNS, range(2000), 3, spread=spread)
    assert np.array_equal(wide[:, ::2], plain[:, ::2])
    np.testing.assert_allclose(wide[0, 1::2] - 3.0, 2.0 * (plain[0, 1::2] - 3.0), rtol=1e-9)
    median = LAWS[1].median()
    np.testing.assert_allclose(wide[1, 1::2] / median, (plain[1, 1::2] / median) ** 2, rtol=1e-9)
    assert np.all(np.isfinite(wide))
    for row, column in zip(wide, COLUMNS, strict=True):
        low, high = column.law.support()
        assert row.min() >= low
        assert row.max() <= high
    widest = belief_matrix(COLUMNS, range(2000), 3, spread=50.0)
    assert not np.any(np.isnan(widest))


@pytest.mark.parametrize("spread", [0.0, -1.0, np.inf, np.nan])
def test_a_spread_is_above_0(spread: float) -> None:
    with pytest.raises(ValueError, match="factor above 0"):
        belief_matrix(COLUMNS, range(3), 3, spread=spread)


def test_a_design_puts_its_own_uniforms_in_place_of_the_draws() -> None:
    design = np.linspace(0.1, 0.9, 5)[np.newaxis].repeat(2, axis=0)
    columns = [Column("a", 0, Normal(0.0, 1.0)), Column("b", 0, Uniform(0.0, 2.0))]
    values = belief_values(columns, design)
    np.testing.assert_allclose(values, [special.ndtri(design[0]), 2.0 * design[1]])


def test_no_beliefs_and_no_futures() -> None:
    assert belief_matrix([], range(4), 1).shape == (0, 4)
    assert belief_matrix(COLUMNS, range(0), 1, correlation=TIES).shape == (len(COLUMNS), 0)
