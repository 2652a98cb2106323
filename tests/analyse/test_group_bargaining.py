"""The group decision model: the published example, and what must hold for any table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from playout.analyse.bargaining_rounds import bargain, draw
from playout.analyse.group_bargaining import (
    QUADRANTS,
    Actors,
    median,
    moved,
    pairs,
    probabilities,
    risk_exponents,
    weighted_mean,
)
from playout.errors import UsageError
from playout.read.bargaining import actors_of

# Bueno de Mesquita (1994), as Scholz, Calbert and Smith (2011) print it in table 1: years until emission standards for
# medium-sized cars.
EMISSION = actors_of(
    [
        ("NL", 0.08, 4, 80),
        ("BE", 0.08, 7, 40),
        ("LU", 0.03, 4, 20),
        ("DE", 0.16, 4, 80),
        ("FR", 0.16, 10, 60),
        ("IT", 0.16, 10, 60),
        ("UK", 0.16, 10, 90),
        ("IE", 0.05, 7, 10),
        ("DK", 0.05, 4, 100),
        ("GR", 0.08, 7, 70),
    ]
)
NAMES = [own.name for own in EMISSION]

# Weighted means by round as the paper shows them, to one digit, as D. Masad read them (BDM_DecisionModel_Replication).
SHOWN = [7.4, 7.4, 7.5, 7.6, 7.3, 7.3, 7.4, 7.5, 7.6, 7.3, 7.2]


def test_the_published_example_has_its_mean_median_and_probabilities() -> None:
    start = draw(EMISSION, 1, 1)
    p = probabilities(start)[0]
    assert weighted_mean(start)[0] == pytest.approx(7.38996, abs=5e-6)
    assert median(start)[0] == 7.0
    assert p[NAMES.index("NL"), NAMES.index("BE")] == pytest.approx(0.36632, abs=5e-6)
    assert p[NAMES.index("NL"), NAMES.index("FR")] == pytest.approx(0.42466, abs=5e-6)


def test_the_reading_computed_gives_the_rounds_that_the_paper_shows() -> None:
    found = bargain(EMISSION, rounds=10, reading="computed")
    assert [own.mean.mean for own in found.rounds] == pytest.approx(SHOWN, abs=0.07)


def test_the_reading_computed_gives_the_expectations_that_the_paper_shows_of_belgium() -> None:
    """Others expect about 0.24 of challenging Belgium, which expects a loss against all but Luxembourg: read from the
    published picture of Belgium's view."""
    found = {(own.first, own.second): own for own in bargain(EMISSION, rounds=1, reading="computed").dyads}
    shown = {"LU": 0.6, "FR": -0.1, "IT": -0.1, "DE": -0.46, "UK": -0.65, "DK": -0.83}
    for name, own in shown.items():
        pair = found["BE", name]
        assert pair.gain.mean == pytest.approx(own, abs=0.08)
        assert pair.threat.mean == pytest.approx(0.24, abs=0.02)


# --- one pair by hand -------------------------------------------------------------------------------------------------


def test_two_actors_by_hand() -> None:
    """P = c_i s_i over both weights; at r = 1, U_s = 1 + … = 2 at full distance: 2 − 4·0, U_f = −2, U_q = 0."""
    both = draw(actors_of([("a", 3, 0, 0.5), ("b", 1, 10, 0.5)]), 1, 1)
    p = probabilities(both)
    assert p[0, 0, 1] == pytest.approx(0.75)
    standing = pairs(both)
    # Against a: s_a (P U_s + (1 − P) U_f) + (1 − s_a) U_s = 0.5 (0.25·2 − 0.75·2) + 0.5·2 = 0.5; against b: 1.5.
    # So R is 1 for b, whom a challenges with more to gain, and −1 for a: r is ½ and 2.
    assert standing.risk[0].tolist() == pytest.approx([2.0, 0.5])
    r = 2.0
    success, failure, stays = 2.0, 2.0 - 4.0, 2.0 - 4.0 * 0.5**r
    assert standing.gain[0, 0, 1] == pytest.approx(0.5 * (0.75 * success + 0.25 * failure) + 0.5 * success - stays)
    r = 0.5
    stays = 2.0 - 4.0 * 0.5**r
    assert standing.gain[0, 1, 0] == pytest.approx(0.5 * (0.25 * success + 0.75 * failure) + 0.5 * success - stays)
    assert standing.threat[0, 0, 1] == standing.gain[0, 1, 0]


def stand(gain: float, threat: float) -> tuple[str, float]:
    """The quadrant of two actors at 0 and 10 of whom the first expects ``gain``, and where the first then goes."""
    both = Actors(np.ones((1, 2)), np.array([[0.0, 10.0]]), np.ones((1, 2)), np.array([10.0]))
    own = np.array([[[0.0, gain], [threat, 0.0]]])
    made = pairs(both)
    standing = type(made)(made.probability, own, np.swapaxes(own, 1, 2), made.risk)
    return QUADRANTS[standing.quadrants(both.position)[0, 0, 1]], float(moved(both, standing)[0, 0])


@pytest.mark.parametrize(
    ("gain", "threat", "quadrant", "to"),
    [
        (0.3, 0.5, "conflict", 10.0),
        (0.5, 0.3, "conflict", 0.0),
        (-0.1, 0.4, "compromise", 2.5),
        (-0.5, 0.4, "capitulation", 10.0),
        (0.4, -0.5, "capitulation", 0.0),
        (-0.1, -0.2, "stalemate", 0.0),
    ],
)
def test_who_loses_moves_as_far_as_the_quadrant_says(gain: float, threat: float, quadrant: str, to: float) -> None:
    assert stand(gain, threat) == (quadrant, to)


# --- what must hold for any table -------------------------------------------------------------------------------------

numbers = st.floats(0.01, 100.0)
places = st.floats(-50.0, 50.0).map(lambda x: round(x, 2))
rows = st.lists(st.tuples(numbers, places, st.floats(0.05, 1.0)), min_size=2, max_size=7)


def table(found: list[tuple[float, float, float]]) -> Actors:
    c, x, s = (np.array([column]) for column in zip(*found, strict=True))
    span = np.ptp(x, axis=1)
    assume(span[0] > 0.5)
    return Actors(c, x, s, span)


@given(rows)
def test_probabilities_are_such_and_add_up_to_one(found: list[tuple[float, float, float]]) -> None:
    p = probabilities(table(found))
    assert ((p >= 0.0) & (p <= 1.0)).all()
    np.testing.assert_allclose(p + np.swapaxes(p, 1, 2), 1.0, atol=1e-12)


@given(rows)
def test_median_and_mean_lie_among_the_positions_and_exponents_between_a_half_and_two(
    found: list[tuple[float, float, float]],
) -> None:
    actors = table(found)
    low, high = actors.position.min(), actors.position.max()
    for position in (median(actors)[0], weighted_mean(actors)[0]):
        assert low - 1e-9 <= position <= high + 1e-9
    risk = risk_exponents(actors, probabilities(actors))
    assert ((risk >= 0.5 - 1e-9) & (risk <= 2.0 + 1e-9)).all()
    after = moved(actors, pairs(actors))
    assert ((after >= low - 1e-9) & (after <= high + 1e-9)).all()


@given(rows)
def test_no_other_position_beats_the_median(found: list[tuple[float, float, float]]) -> None:
    actors = table(found)
    middle = median(actors)[0]
    weight, x = actors.weight[0], actors.position[0]
    for other in x:
        votes = (weight * (np.abs(x - middle) - np.abs(x - other))).sum()
        assert votes <= 1e-9 * weight.sum() * 100.0


@given(rows, st.sampled_from((-3.0, 0.5, 4.0)), st.sampled_from((-64.0, 0.0, 16.0)))
def test_the_scale_of_the_issue_has_no_part(
    found: list[tuple[float, float, float]], factor: float, shift: float
) -> None:
    actors = table(found)
    moved_scale = Actors(
        actors.capability, factor * actors.position + shift, actors.salience, abs(factor) * actors.span
    )
    one, other = pairs(actors), pairs(moved_scale)
    np.testing.assert_allclose(one.probability, other.probability, atol=1e-9)
    np.testing.assert_allclose(one.gain, other.gain, atol=1e-6)
    np.testing.assert_allclose(factor * median(actors) + shift, median(moved_scale), atol=1e-6)


@given(rows, st.floats(0.1, 10.0))
def test_the_unit_of_capability_has_no_part(found: list[tuple[float, float, float]], factor: float) -> None:
    actors = table(found)
    stronger = Actors(factor * actors.capability, actors.position, actors.salience, actors.span)
    np.testing.assert_allclose(pairs(actors).gain, pairs(stronger).gain, atol=1e-6)


@given(rows, st.integers(0, 6), st.floats(1.0, 20.0))
def test_more_capability_on_one_side_never_lowers_its_chances(
    found: list[tuple[float, float, float]], who: int, factor: float
) -> None:
    actors = table(found)
    k = who % len(found)
    capability = actors.capability.copy()
    capability[0, k] *= factor
    stronger = Actors(capability, actors.position, actors.salience, actors.span)
    before, after = probabilities(actors)[0], probabilities(stronger)[0]
    x = actors.position[0]
    nearer = np.abs(x[k] - x)
    for_i = nearer[:, np.newaxis] <= nearer[np.newaxis, :]
    assert (after[for_i] >= before[for_i] - 1e-12).all()


# --- many futures -----------------------------------------------------------------------------------------------------


RANGED = actors_of(
    [("a", "0.5 to 1.5", 2, 60), ("b", 1, "4 to 6, likely 5", "40 to 80"), ("c", 0.7, 9, "uniform(50; 100)")]
)


def test_ranges_give_a_distribution_with_standard_errors_the_same_for_a_seed() -> None:
    found, again = bargain(RANGED, futures=500, seed=3), bargain(RANGED, futures=500, seed=3)
    assert found.rounds == again.rounds
    assert found.drawn
    assert found.forecast.sd > 0.0
    assert found.forecast.se == pytest.approx(found.forecast.sd / 500**0.5)
    other = bargain(RANGED, futures=500, seed=4)
    assert found.forecast != other.forecast
    assert abs(found.forecast.mean - other.forecast.mean) < 5 * (found.forecast.se + other.forecast.se)


def test_a_future_does_not_depend_on_how_many_are_played() -> None:
    few, many = draw(RANGED, 10, 1), draw(RANGED, 100, 1)
    np.testing.assert_array_equal(few.capability, many.capability[:10])
    longer = actors_of([*[("z", 1, 3, 50)], ("a", "0.5 to 1.5", 2, 60)])
    np.testing.assert_array_equal(draw(longer, 10, 1).capability[:, 1], few.capability[:, 0])


def test_what_is_known_is_played_once_and_without_error() -> None:
    found = bargain(EMISSION, futures=5000)
    assert found.futures == 1
    assert not found.drawn
    assert found.forecast.se == 0.0


def test_rounds_end_where_nobody_moves() -> None:
    found = bargain(EMISSION, rounds=200, offers="strongest")
    assert found.settled == 1.0
    assert len(found.rounds) < 200
    assert found.rounds[-1].positions == found.rounds[-2].positions


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rounds": 0}, "rounds is a number from 1 to 1,000; got 0"),
        ({"futures": 0}, "futures is a number from 1 to 1,000,000; got 0"),
        ({"reading": "mine"}, "there is no reading `mine`; there are printed and computed"),
        ({"offers": "best"}, "there are no offers `best`; the one taken is the least or the strongest"),
        ({"reading": "computed", "offers": "strongest"}, "the reading `computed` has its own rule for offers"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        bargain(EMISSION, **wrong)  # type: ignore[arg-type]
