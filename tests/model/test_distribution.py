"""Laws against SciPy's, their own promises under hypothesis, intervals, and the sentences of refusal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from playout.model.distribution import (
    KINDS,
    SCORE_QUANTILES,
    UNIFORM_QUANTILES,
    Bernoulli,
    Beta,
    Categorical,
    Distribution,
    Exponential,
    Gamma,
    Logitnormal,
    Lognormal,
    Mixture,
    Normal,
    Point,
    Poisson,
    Scaled,
    Triangular,
    Truncated,
    TwoPieceLogitnormal,
    TwoPieceLognormal,
    TwoPieceNormal,
    Uniform,
    interval,
    natural_scale,
    widened_uniform,
)

GRID = (np.arange(2000) + 0.5) / 2000.0

WITH_SCIPY: list[tuple[Distribution, Any]] = [
    (Normal(3.0, 2.0), stats.norm(3.0, 2.0)),
    (Lognormal(3.0, 0.7), stats.lognorm(0.7, scale=3.0)),
    (Uniform(-2.0, 5.0), stats.uniform(-2.0, 7.0)),
    (Triangular(1.0, 2.0, 5.0), stats.triang(0.25, 1.0, 4.0)),
    (Triangular(1.0, 1.0, 5.0), stats.triang(0.0, 1.0, 4.0)),
    (Triangular(1.0, 5.0, 5.0), stats.triang(1.0, 1.0, 4.0)),
    (Beta(2.0, 3.0), stats.beta(2.0, 3.0)),
    (Beta(0.4, 0.7), stats.beta(0.4, 0.7)),
    (Gamma(0.3, 2.0), stats.gamma(0.3, scale=2.0)),
    (Gamma(6.0, 0.5), stats.gamma(6.0, scale=0.5)),
    (Exponential(4.0), stats.expon(scale=4.0)),
    (Poisson(0.2), stats.poisson(0.2)),
    (Poisson(11.9), stats.poisson(11.9)),
    (Poisson(12.1), stats.poisson(12.1)),
    (Poisson(1e6), stats.poisson(1e6)),
    (Bernoulli(0.3), stats.bernoulli(0.3)),
    (Truncated(Normal(0.0, 1.0), -0.5, 2.0), stats.truncnorm(-0.5, 2.0)),
    (Truncated(Normal(0.0, 1.0), 3.0, math.inf), stats.truncnorm(3.0, math.inf)),
]

OTHERS: list[Distribution] = [
    Logitnormal(0.2, 1.5),
    TwoPieceNormal(1.0, 0.5, 3.0),
    TwoPieceLognormal(2.0, 0.2, 0.9),
    TwoPieceLogitnormal(0.7, 0.4, 1.5),
    Categorical((0.2, 0.5, 0.3), (4.0, 1.0, 2.5)),
    Mixture((0.3, 0.7), (Normal(0.0, 1.0), Lognormal(5.0, 0.3))),
    Mixture((0.25, 0.25, 0.5), (Point(2.0), Uniform(0.0, 1.0), Poisson(3.0))),
    Scaled(Beta(2.0, 5.0), 30.0),
    Truncated(Lognormal(2.0, 1.0), 1.0, 10.0),
    Truncated(Mixture((0.5, 0.5), (Normal(0.0, 1.0), Normal(5.0, 1.0))), 0.0, 6.0),
    Truncated(Poisson(4.0), 2.0, 7.0),
]

EVERY = [law for law, _ in WITH_SCIPY] + OTHERS
CONTINUOUS = [law for law in EVERY if not law.is_discrete]


def named(law: object) -> str:
    return law.describe() if isinstance(law, Distribution) else ""


@pytest.mark.parametrize(("law", "reference"), WITH_SCIPY, ids=named)
def test_quantiles_cdf_and_moments_are_scipys(law: Distribution, reference: Any) -> None:
    np.testing.assert_allclose(law.quantile(GRID), reference.ppf(GRID), rtol=1e-11, atol=1e-13)
    x = reference.ppf(GRID)
    np.testing.assert_allclose(law.cdf(x), reference.cdf(x), rtol=1e-11, atol=1e-12)
    assert law.mean() == pytest.approx(reference.mean(), rel=1e-10, abs=1e-12)
    assert law.median() == pytest.approx(reference.median(), rel=1e-11, abs=1e-13)
    low, high = law.interval(0.8)
    assert (low, high) == pytest.approx((reference.ppf(0.1), reference.ppf(0.9)), rel=1e-11)


@pytest.mark.parametrize("law", EVERY, ids=named)
def test_mean_is_the_integral_of_the_quantile_function(law: Distribution) -> None:
    if law.is_discrete:
        u = (np.arange(400_000) + 0.5) / 400_000.0
        expected = float(law.quantile(u).mean())
        tolerance = 2e-4
    else:
        expected = integrate.quad(
            lambda z: float(law.at_score(z)) * math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi),
            -9.0, 9.0, points=[0.0], limit=200,
        )[0]  # fmt: skip
        tolerance = 1e-6
    assert law.mean() == pytest.approx(expected, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("law", EVERY, ids=named)
def test_quantile_is_the_least_value_whose_cdf_reaches_u(law: Distribution) -> None:
    q = law.quantile(GRID)
    assert np.all(law.cdf(q) >= GRID - 1e-12)
    assert np.all(law.cdf(q - 1e-6 * np.maximum(np.abs(q), 1.0)) <= GRID)
    assert np.all(np.diff(q) >= 0.0)
    low, high = law.support()
    assert np.all((q >= low) & (q <= high))
    assert law.cdf(np.nextafter(low, -np.inf)) == 0.0
    assert law.cdf(high) == 1.0


@pytest.mark.parametrize("law", CONTINUOUS, ids=named)
def test_cdf_undoes_the_quantile_function(law: Distribution) -> None:
    np.testing.assert_allclose(law.cdf(law.quantile(GRID)), GRID, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("law", EVERY, ids=named)
@pytest.mark.parametrize("factor", [7.0, 1.0 / 365.25])
def test_other_units_scale_every_answer(law: Distribution, factor: float) -> None:
    other = law.scaled(factor)
    np.testing.assert_allclose(other.quantile(GRID), factor * law.quantile(GRID), rtol=1e-9, atol=1e-15)
    assert other.mean() == pytest.approx(factor * law.mean(), rel=1e-9)
    assert other.support() == pytest.approx(tuple(factor * end for end in law.support()))
    # Off the jumps of a discrete law, whose places a change of units may round.
    x = law.quantile(GRID) + 1e-7
    np.testing.assert_allclose(other.cdf(factor * x), law.cdf(x), rtol=1e-6, atol=1e-9)
    assert other.is_discrete == law.is_discrete
    assert other.correlates == law.correlates


@pytest.mark.parametrize("law", EVERY, ids=named)
def test_a_value_by_its_score_is_the_value_by_its_uniform(law: Distribution) -> None:
    z = np.linspace(-5.0, 5.0, 101) + 1e-3
    np.testing.assert_allclose(law.at_score(z), law.quantile(special.ndtr(z)), rtol=1e-8, atol=1e-12)
    extreme = law.at_score(np.array([-40.0, 40.0]))
    if law.support()[1] < math.inf:
        assert extreme[1] <= law.support()[1]
    elif not law.by_score:
        assert np.isfinite(extreme[1])


@pytest.mark.parametrize("law", EVERY, ids=named)
def test_elements_do_not_see_each_other(law: Distribution) -> None:
    together = law.quantile(GRID[:97])
    apart = np.array([float(law.quantile(u)) for u in GRID[:97]])
    assert np.array_equal(together, apart)
    assert np.array_equal(np.concatenate([law.quantile(GRID[:31]), law.quantile(GRID[31:97])]), together)


# --- the tables: array parameters -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*SCORE_QUANTILES, *UNIFORM_QUANTILES])
def test_parameters_may_be_arrays(kind: str) -> None:
    parameters: dict[str, list[tuple[float, ...]]] = {
        "normal": [(1.0, 2.0), (-3.0, 0.5)],
        "lognormal": [(1.0, 2.0), (3.0, 0.5)],
        "logitnormal": [(0.1, 2.0), (0.9, 0.5)],
        "two_piece_normal": [(1.0, 2.0, 3.0), (2.0, 1.0, 0.5)],
        "two_piece_lognormal": [(1.0, 2.0, 3.0), (2.0, 1.0, 0.5)],
        "two_piece_logitnormal": [(0.1, 2.0, 3.0), (0.4, 1.0, 0.5)],
        "uniform": [(0.0, 1.0), (3.0, 9.0)],
        "triangular": [(0.0, 0.5, 1.0), (3.0, 3.0, 9.0)],
        "beta": [(2.0, 3.0), (0.5, 0.5)],
        "gamma": [(2.0, 3.0), (0.5, 9.0)],
        "exponential": [(2.0,), (0.1,)],
        "poisson": [(2.0,), (500.0,)],
        "bernoulli": [(0.2,), (0.9,)],
        "categorical": [(0.2, 1.0, 0.8, 2.0), (0.6, 3.0, 0.4, 7.0)],
        "point": [(2.0,), (5.0,)],
    }  # fmt: skip
    table, first = (
        (SCORE_QUANTILES, special.ndtri(GRID[::50])) if kind in SCORE_QUANTILES else (UNIFORM_QUANTILES, GRID[::50])
    )
    columns = [np.array(values)[:, np.newaxis] for values in zip(*parameters[kind], strict=True)]
    found = table[kind](first, *columns)
    assert found.shape == (2, len(first))
    for row, own in zip(found, parameters[kind], strict=True):
        assert np.array_equal(row, table[kind](first, *own))


def test_every_plain_kind_has_one_quantile_function_and_one_class() -> None:
    for kind, law in KINDS.items():
        assert law.kind == kind
        assert (kind in SCORE_QUANTILES) != (kind in UNIFORM_QUANTILES)
    assert not set(SCORE_QUANTILES) & set(UNIFORM_QUANTILES)


@pytest.mark.parametrize("mean", [0.0, 1e-9, 5.0, 11.999, 12.001, 40.0, 1e4, 1e6])
def test_poisson_is_exact_to_the_ends_of_a_32_bit_uniform(mean: float) -> None:
    words = np.concatenate([np.arange(50), 2**32 - 1 - np.arange(50), np.random.default_rng(1).integers(0, 2**32, 500)])
    u = (words + 0.5) * 2.0**-32
    k = UNIFORM_QUANTILES["poisson"](u, mean)
    assert np.all(special.pdtr(k, mean) >= u)
    assert np.all((k == 0.0) | (special.pdtr(np.maximum(k - 1.0, 0.0), mean) < u))


@pytest.mark.parametrize("mean", [1e8, 1e10, 1e12])
def test_poisson_of_a_huge_mean_is_as_good_as_its_distribution_function(mean: float) -> None:
    u = (np.random.default_rng(1).integers(0, 2**32, 500) + 0.5) * 2.0**-32
    np.testing.assert_allclose(special.pdtr(UNIFORM_QUANTILES["poisson"](u, mean), mean), u, atol=1.0 / math.sqrt(mean))


def test_poisson_of_a_negative_mean_is_not_a_number() -> None:
    assert np.array_equal(
        np.isnan(UNIFORM_QUANTILES["poisson"](0.5, np.array([-1.0, np.nan, 1.0]))), [True, True, False]
    )


# --- widening and truncation ------------------------------------------------------------------------------------------


@given(st.floats(1e-9, 1.0 - 1e-9), st.floats(0.1, 10.0))
def test_widening_multiplies_the_normal_score_and_stays_inside(u: float, factor: float) -> None:
    wide = float(widened_uniform(u, factor))
    assert 0.0 < wide < 1.0
    if 1e-12 < wide < 1.0 - 1e-12:
        assert special.ndtri(wide) == pytest.approx(factor * special.ndtri(u), rel=1e-3, abs=1e-9)


def test_widening_by_one_changes_no_bit() -> None:
    assert np.array_equal(widened_uniform(GRID, 1.0), GRID)


SOME_LAWS = st.one_of(
    st.builds(Normal, st.floats(-5.0, 5.0), st.floats(0.1, 5.0)),
    st.builds(Lognormal, st.floats(0.1, 5.0), st.floats(0.05, 2.0)),
    st.builds(Logitnormal, st.floats(0.05, 0.95), st.floats(0.05, 3.0)),
    st.builds(TwoPieceNormal, st.floats(-5.0, 5.0), st.floats(0.1, 5.0), st.floats(0.1, 5.0)),
    st.builds(Beta, st.floats(0.3, 20.0), st.floats(0.3, 20.0)),
    st.builds(Gamma, st.floats(0.3, 20.0), st.floats(0.1, 5.0)),
    st.builds(Exponential, st.floats(0.1, 5.0)),
    st.builds(lambda low, width: Uniform(low, low + width), st.floats(-5.0, 5.0), st.floats(0.1, 9.0)),
    st.builds(Poisson, st.floats(0.1, 30.0)),
)


@given(SOME_LAWS, st.floats(0.01, 0.6), st.floats(0.2, 0.39))
def test_truncation_keeps_values_inside_and_shares_in_proportion(law: Distribution, start: float, width: float) -> None:
    low, high = (float(x) for x in law.quantile(np.array([start, start + width])))
    if not low < high:
        return
    cut = law.within(low, high)
    values = cut.quantile(GRID)
    assert values.min() >= low
    assert values.max() <= high
    assert np.all(np.diff(values) >= 0.0)
    assert low <= cut.mean() <= high
    inside = float(law.cdf(high) - law.cdf(np.nextafter(low, -np.inf)))
    middle = (low + high) / 2.0
    expected = (float(law.cdf(middle)) - float(law.cdf(np.nextafter(low, -np.inf)))) / inside
    assert float(cut.cdf(middle)) == pytest.approx(expected, abs=1e-9)


@given(SOME_LAWS)
def test_bounds_outside_the_support_change_nothing(law: Distribution) -> None:
    assert law.within(-math.inf, math.inf) is law
    assert law.within(*law.support()) is law


# --- intervals --------------------------------------------------------------------------------------------------------


@given(st.floats(1e-4, 1e4), st.floats(1.01, 1e4), st.floats(0.02, 0.98))
def test_the_ends_of_an_interval_are_its_5_and_95_percent_quantiles(low: float, ratio: float, where: float) -> None:
    high = low * ratio
    for law in (interval(low, high), interval(low, high, low * ratio**where), interval(low, high, scale="linear")):
        assert law.interval(0.9) == pytest.approx((low, high), rel=1e-9)
        assert law.cdf([low, high]) == pytest.approx([0.05, 0.95], abs=1e-9)
    assert interval(low, high, low * ratio**where).median() == low * ratio**where
    across = interval(-low, high, high * where)
    assert across.interval(0.9) == pytest.approx((-low, high), rel=1e-9)
    assert across.median() == high * where


@given(st.floats(0.001, 0.9), st.floats(0.01, 0.99), st.floats(0.02, 0.98))
def test_an_interval_of_a_probability_stays_a_probability(low: float, part: float, where: float) -> None:
    high = low + (0.999 - low) * part
    likely = low + (high - low) * where
    for law in (interval(low, high, scale="logit"), interval(low, high, likely, scale="logit")):
        assert law.interval(0.9) == pytest.approx((low, high), rel=1e-9)
        assert law.support() == (0.0, 1.0)
    assert interval(low, high, likely, scale="logit").median() == likely


def test_the_scale_follows_from_the_ends() -> None:
    assert isinstance(interval(0.2, 1.5), Lognormal)
    assert isinstance(interval(-1.0, 2.0), Normal)
    assert isinstance(interval(0.1, 0.4, scale="logit"), Logitnormal)
    assert isinstance(interval(0.1, 0.4, 0.2), TwoPieceLognormal)
    assert isinstance(interval(-1.0, 2.0, 0.1), TwoPieceNormal)
    assert isinstance(interval(0.1, 0.4, 0.2, scale="logit"), TwoPieceLogitnormal)
    assert [natural_scale(1.0, 2.0), natural_scale(-1.0, 2.0), natural_scale(0.1, 0.2, probability=True)] == [
        "log", "linear", "logit",
    ]  # fmt: skip


def test_a_likely_value_in_the_middle_gives_the_plain_interval() -> None:
    np.testing.assert_allclose(interval(1.0, 4.0, 2.0).quantile(GRID), interval(1.0, 4.0).quantile(GRID), rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: interval(0.0, 2.0), "ends other than 0.*write `0.1 to 2`, or `uniform"),
        (lambda: interval(-2.0, 0.0), "ends other than 0.*got -2 to 0"),
        (lambda: interval(-3.0, -1.0), r"write 1 to 3 and a minus sign"),
        (lambda: interval(3.0, 1.0), "low end first; got 3 to 1"),
        (lambda: interval(1.0, math.inf), "finite ends"),
        (lambda: interval(0.0, 0.5, scale="logit"), "both ends between 0 and 1, neither of them reached"),
        (lambda: interval(0.5, 1.5, scale="logit"), "both ends between 0 and 1"),
        (lambda: interval(-1.0, 1.5, scale="log"), "logarithmic scale wants both ends above 0"),
        (lambda: interval(1.0, 2.0, 3.0), "likely value between its ends; got 1 to 2, likely 3"),
        (lambda: Uniform(3.0, 1.0), r"^uniform\(low, high\) wants low below high; got 3 and 1$"),
        (lambda: Normal(1.0, 0.0), r"^normal\(mean, sd\) wants sd above 0 .*; got 1 and 0$"),
        (lambda: Normal(math.nan, 1.0), "wants finite numbers; got nan and 1"),
        (lambda: Lognormal(-1.0, 1.0), r"lognormal\(median, sigma\) wants a median above 0"),
        (lambda: Triangular(1.0, 7.0, 5.0), "the mode between them; got 1, 7 and 5"),
        (lambda: Beta(0.0, 1.0), "a and b above 0"),
        (lambda: Gamma(1.0, -1.0), "shape and scale above 0"),
        (lambda: Exponential(0.0), r"exponential\(mean\) wants a mean above 0; got 0"),
        (lambda: Poisson(-1.0), "a mean of 0 or above"),
        (lambda: Bernoulli(1.5), "a probability from 0 to 1"),
        (lambda: Logitnormal(1.0, 1.0), "a median between 0 and 1"),
        (lambda: TwoPieceNormal(1.0, 0.0, 1.0), "both standard deviations above 0"),
        (lambda: Categorical((0.5, 0.4), (1.0, 2.0)), "sum to 1; got 0.5 and 0.4, which sum to 0.9"),
        (lambda: Categorical((0.5, 0.5), (1.0, 1.0)), "each value once"),
        (lambda: Categorical((1.5, -0.5), (1.0, 2.0)), "probabilities above 0"),
        (lambda: Mixture((0.5, 0.6), (Point(1.0), Point(2.0))), "weights that sum to 1"),
        (lambda: Mixture((), ()), "one a part; got none"),
        (lambda: Normal(0.0, 1.0).within(2.0, 1.0), "low end below its high end"),
        (lambda: Normal(0.0, 1.0).within(9.0, 10.0), "leaves almost nothing of normal"),
        (lambda: Point(3.0).within(0.0, 1.0), "the value 3 lies outside 0 to 1"),
        (lambda: Normal(0.0, 1.0).scaled(-1.0), "a factor above 0"),
    ],
)  # fmt: skip
def test_refusals_say_what_is_wrong_and_what_would_be_right(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


def test_descriptions_name_the_parameters() -> None:
    assert Normal(3.0, 1.0).describe() == "normal(mean 3, sd 1)"
    assert Lognormal(0.5, 0.25).scaled(4.0).describe() == "lognormal(median 2, sigma 0.25)"
    assert (
        Mixture((0.25, 0.75), (Point(1.0), Exponential(2.0))).describe()
        == "mixture(0.25: 1, 0.75: exponential(mean 2))"
    )
    assert Normal(3.0, 1.0).within(0.0, math.inf).describe() == "normal(mean 3, sd 1) within 0 to inf"
    assert Poisson(3.0).scaled(7.0).describe() == "7 × poisson(mean 3)"
    assert Categorical((0.75, 0.25), (2.0, 1.0)).describe() == "categorical(0.25: 1, 0.75: 2)"


def test_what_is_known_discrete_or_fit_to_correlate() -> None:
    assert Point(1.0).is_point
    assert not Uniform(0.0, 1.0).is_point
    assert [law.is_discrete for law in (Point(1.0), Poisson(1.0), Bernoulli(0.5), Normal(0.0, 1.0))] == [True] * 3 + [
        False
    ]
    assert not Mixture((0.5, 0.5), (Normal(0.0, 1.0), Normal(1.0, 1.0))).correlates
    assert Beta(1.0, 2.0).scaled(3.0).correlates
    assert not Poisson(3.0).within(1.0, 5.0).correlates
