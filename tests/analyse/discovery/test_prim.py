"""PRIM ends where the EMA Workbench ends, step by step; and finds regions that were put there."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from discovery_cases import SOLUTIONS, bryant_and_lempert, here, mixed, reals
from playout.analyse.discovery.box import Inputs, Limit, box_of, inputs_of, quasi_p_values
from playout.analyse.discovery.prim import Settings, Trajectory, prim
from playout.analyse.discovery.resample import resample
from playout.analyse.estimate import Bools
from playout.errors import UsageError

KEPT = json.loads(SOLUTIONS.read_text("utf-8"))
PUBLISHED = json.loads((Path(__file__).parent / "ema_workbench_prim.json").read_text("utf-8"))["settings"]


def settings_of(row: dict[str, Any]) -> Settings:
    return Settings(row["peel_alpha"], row["paste_alpha"], row["mass_min"], row["objective"], threshold=0.8)


def as_published(way: Trajectory) -> list[list[int]]:
    return [[box.cases, box.of_interest, box.restricted] for box in way.boxes]


def named(row: dict[str, Any]) -> str:
    return f"{row['objective']}-{row['peel_alpha']}-{row['mass_min']}"


def hold(inputs: Inputs, interest: Bools, row: dict[str, Any]) -> None:
    """The boxes of a search are the Workbench's: how each was come to, and all that is said of it."""
    ways = prim(inputs, interest, settings_of(row), boxes=3)
    assert [as_published(way) for way in ways] == [box["trajectory"] for box in row["boxes"]]
    for way, box in zip(ways, row["boxes"], strict=True):
        end, published = way.boxes[-1], box["end"]
        found = (end.coverage, end.density, end.mass)
        assert found == pytest.approx((published["coverage"], published["density"], published["mass"]), abs=5e-7)
        assert {limit.name for limit in end.limits} == set(published["limits"])
        quasi_p = way.quasi_p(end)
        for limit in end.limits:
            low, high = published["limits"][limit.name]
            assert limit.low is None or limit.low == pytest.approx(low, rel=1e-8)
            assert limit.high is None or limit.high == pytest.approx(high, rel=1e-8)
            for own, theirs in zip(quasi_p[limit.name], published["quasi_p"][limit.name], strict=True):
                assert own == (None if theirs is None else pytest.approx(theirs, rel=1e-5))


@pytest.mark.parametrize("row", KEPT["settings"], ids=named)
def test_every_box_on_the_way_is_that_of_the_ema_workbench(row: dict[str, Any]) -> None:
    columns, interest = reals()
    hold(inputs_of(columns), interest, row)


@here
@pytest.mark.parametrize("row", PUBLISHED, ids=named)
def test_every_box_is_that_of_the_ema_workbench_on_the_cases_of_bryant_and_lempert(row: dict[str, Any]) -> None:
    hold(*bryant_and_lempert(), row)


@pytest.mark.parametrize("seed", range(4))
def test_mixed_inputs_go_the_way_of_the_ema_workbench(seed: int) -> None:
    """Reals that have ties, and categories; pasting included."""
    columns, interest = mixed(seed)
    (way,) = prim(inputs_of(columns), interest, Settings(peel_alpha=0.1, threshold=0.5))
    assert as_published(way) == KEPT["mixed"][seed]


# --- what no peer is needed for ---------------------------------------------------------------------------------------


def corner(n: int = 5000, seed: int = 1) -> tuple[Inputs, Bools]:
    """Bad are 9 in 10 cases where a > 0.7, w ≤ 3 and k is not z, and 1 in 50 elsewhere; five inputs do nothing."""
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {
        "a": random.random(n),
        "w": random.integers(0, 10, n),
        "k": random.choice(list("xyz"), n),
    }
    columns |= {f"noise{i}": random.random(n) for i in range(5)}
    region = (columns["a"] > 0.7) & (columns["w"] <= 3) & (columns["k"] != "z")
    return inputs_of(columns), random.random(n) < np.where(region, 0.9, 0.02)


def test_a_region_that_was_put_there_is_found() -> None:
    inputs, interest = corner()
    (way,) = prim(inputs, interest)
    box = way.chosen()
    limits = {limit.name: limit for limit in box.limits}
    assert set(limits) == {"a", "w", "k"}
    assert limits["a"].low == pytest.approx(0.7, abs=0.02)
    assert limits["a"].high is None
    assert limits["w"].high == 3
    assert limits["k"].kept == ("x", "y")
    assert box.density == pytest.approx(0.9, abs=4 * box.density_se + 0.01)
    assert box.coverage > 0.75


def test_limits_that_do_nothing_have_large_quasi_p_values_and_go() -> None:
    inputs, interest = corner()
    (way,) = prim(inputs, interest, Settings(mass_min=0.02))
    last = way.boxes[-1]
    noise = [limit.name for limit in last.limits if limit.name.startswith("noise")]
    assert noise  # peeling to the end limits something that does nothing
    assert {limit.name for limit in way.without_idle_limits(last).limits} <= {"a", "w", "k"}


def test_quasi_p_values_are_one_sided_binomial_tests_without_the_limit() -> None:
    inputs, interest = corner()
    limits = (Limit("a", low=0.7, high=0.95), Limit("k", kept=("x", "y")))
    box = box_of(limits, inputs, interest)
    found = quasi_p_values(box, inputs, interest)
    for side, without in (
        (0, (Limit("a", high=0.95), limits[1])),
        (1, (Limit("a", low=0.7), limits[1])),
    ):
        wider = box_of(without, inputs, interest)
        test = stats.binomtest(box.of_interest, box.cases, wider.density, alternative="greater")
        assert found["a"][side] == pytest.approx(test.pvalue, rel=1e-9)
    wider = box_of(limits[:1], inputs, interest)
    test = stats.binomtest(box.of_interest, box.cases, wider.density, alternative="greater")
    assert found["k"] == (pytest.approx(test.pvalue, rel=1e-9), None)


def test_a_second_box_covers_what_the_first_left() -> None:
    random = np.random.default_rng(3)
    columns = {"a": random.random(4000), "b": random.random(4000)}
    low, high = columns["a"] < 0.15, columns["b"] > 0.85
    interest = low | high
    first, second = prim(inputs_of(columns), interest, boxes=2, choose=lambda way: way.boxes[way.trade_off()])
    chosen = [way.boxes[way.trade_off()] for way in (first, second)]
    assert {box.limits[0].name for box in chosen} == {"a", "b"}
    assert second.boxes[0].cases == 4000 - chosen[0].cases
    assert sum(box.coverage for box in chosen) > 0.97


def test_a_box_is_found_again_in_halves_and_keeps_its_density_in_the_others() -> None:
    inputs, interest = corner()
    (way,) = prim(inputs, interest)
    box = way.chosen()
    again = resample(way, box, Settings(), choose=Trajectory.chosen)
    assert [name for name, share in again.by_coverage.items() if share == 1.0][:3] == ["a", "k", "w"]
    assert again.density is not None
    assert again.density.value == pytest.approx(box.density, abs=0.1)
    assert again.halves == 10
    assert resample(way, box, Settings(), choose=Trajectory.chosen) == again


def test_nothing_is_found_where_there_is_nothing() -> None:
    """The search is flattered by its own cases; the other halves say that nothing is there."""
    random = np.random.default_rng(5)
    inputs = inputs_of({f"x{i}": random.random(2000) for i in range(10)})
    interest = random.random(2000) < 0.2
    (way,) = prim(inputs, interest)
    again = resample(way, way.boxes[-1], Settings())
    assert way.boxes[-1].density > 0.4
    assert again.density is not None
    assert again.density.value == pytest.approx(0.2, abs=0.06)
    assert way.chosen().limits == ()


columns_of_numbers = st.integers(0, 10_000).map(np.random.default_rng)


@given(columns_of_numbers, st.sampled_from((0.05, 0.1, 0.3)), st.sampled_from(("lenient1", "lenient2", "original")))
def test_what_a_box_counts_lies_in_it(random: np.random.Generator, alpha: float, objective: Any) -> None:
    n = 120
    inputs = inputs_of(
        {
            "real": random.random(n).round(1),
            "whole": random.integers(0, 4, n),
            "kind": random.choice(["p", "q", "r"], n),
        }
    )
    interest = random.random(n) < 0.3
    interest[0] = True
    for way in prim(inputs, interest, Settings(alpha, objective=objective), boxes=2):
        for place, box in enumerate(way.boxes):
            assert box == box_of(box.limits, inputs, interest, way.remaining)
            assert box.mass >= 0.05 or place == 0
        peeled = way.boxes[: way.peeled]
        assert all(later.cases < earlier.cases for earlier, later in itertools.pairwise(peeled))
        pasted = way.boxes[way.peeled - 1 :]
        assert all(later.density > earlier.density for earlier, later in itertools.pairwise(pasted))


@given(st.integers(0, 1000))
def test_boxes_do_not_care_in_which_unit_an_input_is(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = random.integers(0, 1000, 200).astype(float), random.random(200)
    interest = a + 500 * b > 900
    if not interest.any():
        return
    (plain,) = prim(inputs_of({"a": a, "b": b}), interest)
    (scaled,) = prim(inputs_of({"a": 4.0 * a + 8.0, "b": b}), interest)
    assert as_published(plain) == as_published(scaled)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"peel_alpha": 0.6}, "peel_alpha is a share between 0 and 0.5; got 0.6"),
        ({"paste_alpha": 0.0}, "paste_alpha is a share between 0 and 0.5; got 0"),
        ({"mass_min": 1.5}, "mass_min is a share between 0 and 1; got 1.5"),
        ({"threshold": 2.0}, "threshold is a density from 0 to 1; got 2"),
        ({"objective": "best"}, "there is no objective `best`; there are lenient1, lenient2, original"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=f"^{said}$"):
        Settings(**wrong)
