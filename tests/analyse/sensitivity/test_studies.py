"""Studies of a scenario whose indices are known, against their closed form; played by either engine."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import playout
from explained_scenario import SCENARIO, known
from playout.analyse.outcome import outcome
from playout.analyse.sensitivity.factors import factors
from playout.analyse.sensitivity.replay import Asked, Setting
from playout.analyse.sensitivity.studies import Explanation, delta_study, morris_study, sobol_study
from playout.errors import UsageError
from playout.model.checked import CheckedScenario

ERRORS = 3.5  # of some thirty indices


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    return known(tmp_path_factory.mktemp("studies"))


def asked(checked: CheckedScenario, name: str, futures: int, *, compared: bool = False) -> Asked:
    named = outcome(checked.scenario, name, compared=compared)
    return Asked(
        Setting(checked, 5, None, "no_gift", precision="double"), named.values, (named.source,), futures, compared
    )


@pytest.fixture(scope="module")
def reading(checked: CheckedScenario) -> Explanation:
    return sobol_study(asked(checked, "reading", 8192), factors(checked), paired=5)


def test_shares_have_their_closed_form_and_add_up_with_that_of_chance(reading: Explanation) -> None:
    expected = {"a": 1 / 9, "b": 4 / 9, "view": 1 / 9, "chance": 3 / 9, "both": 2 / 9, "p": 0.0, "q": 0.0, "part": 0.0}
    assert {own.factor.name for own in reading.shares} == set(expected)
    for own in reading.shares:
        for index in (own.first, own.total):
            assert abs(index.value - expected[own.factor.name]) <= ERRORS * index.se + 1e-6, own
    alone = [own for own in reading.shares if not own.factor.grouped]
    error = math.sqrt(sum(own.first.se**2 for own in alone))
    assert abs(sum(own.first.value for own in alone) - 1.0) <= ERRORS * error
    assert reading.share("p") is not None
    assert reading.share("p").total.value == 0.0  # type: ignore[union-attr]


def test_of_beliefs_that_are_tied_an_index_is_of_their_own_part(tmp_path: Path) -> None:
    """b follows a with the normal scores' correlation r; what is its own is the rest."""
    path = tmp_path / "tied.yaml"
    path.write_text(SCENARIO.replace("stocks:", "together: [[a, b, 0.6]]\nstocks:"), encoding="utf-8")
    tied = playout.load(path)
    found = sobol_study(asked(tied, "reading", 8192), factors(tied, names=["a", "b"]))
    r = 2 * math.sin(math.pi * 0.6 / 6)
    parts = {"a": (1 + 2 * r) ** 2, "b": 4 * (1 - r * r), "chance": 3.0}
    for own in found.shares:
        expected = parts[own.factor.name] / (sum(parts.values()) + 1)
        for index in (own.first, own.total):
            assert abs(index.value - expected) <= ERRORS * index.se, own


def test_all_beliefs_together_are_what_chance_leaves(reading: Explanation) -> None:
    assert reading.beliefs is not None
    for index in (reading.beliefs.first, reading.beliefs.total):
        assert abs(index.value - 6 / 9) <= ERRORS * index.se


def test_a_sum_has_no_pairs_and_a_product_is_nothing_but_one(reading: Explanation, checked: CheckedScenario) -> None:
    assert len(reading.pairs) == 10
    assert all(abs(pair.index.value) <= ERRORS * pair.index.se + 1e-6 for pair in reading.pairs)
    found = sobol_study(asked(checked, "spoiled", 4096), factors(checked, names=["p", "q"]), paired=2)
    assert [pair.index.value for pair in found.pairs] == [pytest.approx(1.0, abs=ERRORS * found.pairs[0].index.se)]
    for own in found.shares[:2]:
        assert abs(own.first.value) <= ERRORS * own.first.se
        assert abs(own.total.value - 1.0) <= ERRORS * own.total.se


def test_a_belief_with_members_is_one_factor_or_one_a_member(checked: CheckedScenario) -> None:
    whole = sobol_study(asked(checked, "pair", 2048), factors(checked, names=["part"]))
    assert abs(whole.shares[0].total.value - 1.0) <= ERRORS * whole.shares[0].total.se
    apart = sobol_study(asked(checked, "pair", 2048), factors(checked, names=["part[north]", "part[south]"]))
    by_name = {own.factor.name: own.total for own in apart.shares}
    assert abs(by_name["part[south]"].value - 0.8) <= ERRORS * by_name["part[south]"].se
    bar = whole.bars[0]
    assert bar.label == "part[south]"  # the member that it goes with most
    assert (bar.low.edge, bar.high.edge) == (pytest.approx(0.4, abs=0.03), pytest.approx(1.6, abs=0.03))
    assert bar.moves == pytest.approx(1.6, abs=0.05)


def test_views_have_a_bar_of_their_own(reading: Explanation) -> None:
    bar = next(bar for bar in reading.bars if bar.factor.kind == "view")
    assert (bar.low_view, bar.high_view) == ("low", "high_view")
    assert abs(bar.moves - 2.0) <= ERRORS * bar.se
    assert reading.bar(reading.shares[0].factor) == next(bar for bar in reading.bars if bar.label == "b")
    assert "chance" not in {bar.factor.kind for bar in reading.bars}


def test_a_belief_may_be_called_what_a_factor_is_called(tmp_path: Path) -> None:
    path = tmp_path / "named.yaml"
    text = (
        SCENARIO.replace("  a: {is", "  chance: {is")
        .replace("is: a + b", "is: chance + b")
        .replace("(a - 0.5)", "chance")
    )
    path.write_text(text.replace("beliefs: [a]", "beliefs: [chance]").replace("[a = 0]", "[b = 0]"), encoding="utf-8")
    named = playout.load(path)
    found = sobol_study(asked(named, "reading", 4096), factors(named))
    expected = {"belief": 1 / 9, "chance": 3 / 9}
    for own in found.shares:
        if own.factor.name == "chance":
            assert abs(own.total.value - expected[own.factor.kind]) <= ERRORS * own.total.se


def test_a_difference_that_is_the_same_everywhere_has_nothing_to_explain(checked: CheckedScenario) -> None:
    found = sobol_study(asked(checked, "still", 64, compared=True), factors(checked, names=["a"]))
    assert not found.varies
    assert found.mean.value == pytest.approx(3.0)
    assert found.plays == 2 * 64 * 4
    assert math.isnan(found.shares[0].total.value)


def test_elementary_effects_are_slopes_across_the_range_and_chance_does_not_move_them(checked: CheckedScenario) -> None:
    found = morris_study(asked(checked, "pair", 12), factors(checked))
    effects = {own.factor.name: own.effects for own in found.effects}
    assert set(effects) == {"a", "b", "p", "q", "part", "view"}
    assert effects["part"].mu.value == pytest.approx(3.0, rel=1e-5)  # one and two, both members the same way
    assert effects["part"].sigma.value == pytest.approx(0.0, abs=1e-5)
    assert effects["a"].mu_star.value == 0.0
    noisy = morris_study(asked(checked, "reading", 12), factors(checked, names=["view"]))
    assert noisy.effects[0].effects.mu.value == pytest.approx(4.0, rel=1e-4)  # from one view to the other, in half


def test_delta_is_of_single_numbers(checked: CheckedScenario) -> None:
    found = delta_study(asked(checked, "pair", 6000), factors(checked))
    assert [own.factor.name for own in found.deltas][:2] == ["part[south]", "part[north]"]
    assert {own.factor.name for own in found.deltas} == {"a", "b", "p", "q", "part[north]", "part[south]", "view"}
    assert all(abs(own.delta.value) <= ERRORS * own.delta.se for own in found.deltas[2:])


@pytest.mark.parametrize("study", [sobol_study, morris_study, delta_study])
def test_too_few_samples_are_refused_with_the_number_needed(checked: CheckedScenario, study: object) -> None:
    assert callable(study)
    with pytest.raises(UsageError, match=r"wants [\d,]+ \w+ at least; 3 were asked for"):
        study(asked(checked, "reading", 3), factors(checked))


def test_the_reference_engine_finds_the_same(checked: CheckedScenario) -> None:
    some = factors(checked, names=["a", "view"])
    how = asked(checked, "reading", 256)
    native = sobol_study(how, some)
    numpy = sobol_study(replace(how, setting=replace(how.setting, engine="numpy")), some)
    for one, other in zip(native.shares, numpy.shares, strict=True):
        assert one.total.value == pytest.approx(other.total.value, rel=1e-9)


def test_a_study_is_the_same_for_a_seed_and_tells_how_far_it_is(checked: CheckedScenario) -> None:
    some = factors(checked, names=["a"])
    told: list[tuple[int, int]] = []
    one = sobol_study(asked(checked, "high", 128), some, progress=lambda done, of: told.append((done, of)))
    assert sobol_study(asked(checked, "high", 128), some).shares == one.shares
    assert told[-1][0] == one.plays
    assert np.all(np.diff([done for done, _ in told]) >= 0)
    assert {of for _, of in told} == {one.plays}
