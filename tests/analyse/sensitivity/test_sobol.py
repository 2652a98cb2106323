"""Shares of variance against analytic indices and against SALib on the same samples."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from playout.analyse.sensitivity.sobol import first_order, second_order, total_order
from uniform_functions import REFERENCES, Known, ishigami, play

ERRORS = 3.0


@pytest.mark.parametrize("name", REFERENCES)
def test_indices_have_their_closed_form(name: str) -> None:
    known: Known = REFERENCES[name]
    seen = play(known, 16_384, seed=7)
    for factor, (first, total) in enumerate(zip(known.first, known.total, strict=True)):
        for found, expected in (
            (first_order(seen.a, seen.b, seen.ab[factor]), first),
            (total_order(seen.a, seen.b, seen.ab[factor]), total),
        ):
            assert found.n == 16_384
            assert found.se < 0.05
            assert abs(found.value - expected) <= ERRORS * found.se, (factor, found, expected)


def test_standard_errors_are_those_of_many_repeats() -> None:
    known = ishigami()
    told: dict[str, list[tuple[float, float]]] = {}
    for seed in range(200):
        seen = play(known, 256, seed)
        for factor in range(3):
            first, total = (own(seen.a, seen.b, seen.ab[factor]) for own in (first_order, total_order))
            told.setdefault(f"first {factor}", []).append((first.value, first.se))
            told.setdefault(f"total {factor}", []).append((total.value, total.se))
        pair = second_order(seen.a, seen.b, (seen.ab[0], seen.ab[2]), (seen.ba[0], seen.ba[2]))
        told.setdefault("pair", []).append((pair.value, pair.se))
    for name, pairs in told.items():
        values, errors = np.array(pairs).T
        assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.2), name


def test_second_order_of_ishigami_is_that_of_one_and_three() -> None:
    known = ishigami()
    seen = play(known, 16_384, seed=3)
    for i, j, expected in ((0, 1, 0.0), (0, 2, known.total[2]), (1, 2, 0.0)):
        found = second_order(seen.a, seen.b, (seen.ab[i], seen.ab[j]), (seen.ba[i], seen.ba[j]))
        assert abs(found.value - expected) <= ERRORS * found.se
        swapped = second_order(seen.a, seen.b, (seen.ab[j], seen.ab[i]), (seen.ba[j], seen.ba[i]))
        assert swapped.value == pytest.approx(found.value)


def test_salib_says_the_same_of_the_same_samples() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import sobol
    known = REFERENCES["g"]
    rows = 4096
    seen = play(known, rows, seed=11)
    # One row of SALib's sample: A, then every A_B, then every B_A, then B.
    outcomes = np.vstack([seen.a, seen.ab, seen.ba, seen.b]).T.reshape(-1)
    problem = {"num_vars": known.factors, "names": [f"x{k}" for k in range(known.factors)],
               "bounds": [[0, 1]] * known.factors}  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = sobol.analyze(problem, outcomes, calc_second_order=True, num_resamples=50, seed=1)
    for i in range(known.factors):
        first, total = (own(seen.a, seen.b, seen.ab[i]) for own in (first_order, total_order))
        assert total.value == pytest.approx(theirs["ST"][i], rel=1e-9)
        assert first.value == pytest.approx(theirs["S1"][i], abs=0.05 * first.se + 1e-4)  # centred on all of its rows
        for j in range(i + 1, known.factors):
            found = second_order(seen.a, seen.b, (seen.ab[i], seen.ab[j]), (seen.ba[i], seen.ba[j]))
            assert abs(found.value - theirs["S2"][i, j]) <= ERRORS * (found.se + theirs["S2_conf"][i, j] / 1.96)


def test_a_constant_does_not_change_an_index() -> None:
    seen = play(ishigami(), 512, seed=2)
    for own in (first_order, total_order):
        there, here = own(seen.a, seen.b, seen.ab[0]), own(seen.a + 1e6, seen.b + 1e6, seen.ab[0] + 1e6)
        assert here.value == pytest.approx(there.value, abs=1e-6)
        assert here.se == pytest.approx(there.se, rel=1e-3)


def test_a_factor_without_effect_has_a_total_of_zero_exactly() -> None:
    seen = play(ishigami(), 512, seed=2)
    found = total_order(seen.a, seen.b, seen.a)
    assert (found.value, found.se) == (0.0, 0.0)


def test_rows_that_stopped_are_left_out() -> None:
    seen = play(ishigami(), 600, seed=2)
    holed = seen.ab[0].copy()
    holed[500:] = np.nan
    found = total_order(seen.a, seen.b, holed)
    assert found == total_order(seen.a[:500], seen.b[:500], seen.ab[0, :500])
    assert found.n == 500


def test_nothing_is_said_of_what_does_not_vary() -> None:
    one = np.ones(100)
    assert math.isnan(total_order(one, one, one).value)
    assert math.isnan(first_order(one[:1], one[:1], one[:1]).value)
