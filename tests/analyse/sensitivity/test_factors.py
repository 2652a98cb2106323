"""What is varied as one: beliefs that are no single number, members, groups, the choice of a view, chance."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import playout
from explained_scenario import known
from playout.analyse.sensitivity.factors import factors, whole_of_beliefs
from playout.errors import UsageError
from playout.model.checked import CheckedScenario
from playout.simulate.design import VIEW


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    return known(tmp_path_factory.mktemp("factors"))


def test_a_belief_that_is_one_number_is_no_factor(checked: CheckedScenario) -> None:
    found = {factor.name: factor for factor in factors(checked)}
    assert list(found) == ["a", "b", "p", "q", "part", "both", "view", "chance"]
    assert found["part"].labels == ("part[north]", "part[south]")
    assert found["both"].redrawn == ("a", VIEW)
    assert found["chance"].redrawn == ()


def test_a_policy_may_settle_a_belief_and_another_leave_it_open(checked: CheckedScenario) -> None:
    assert "a" not in {factor.name for factor in factors(checked, ["settled"])}
    assert "a" in {factor.name for factor in factors(checked, ["settled", None])}


def test_where_a_view_is_held_its_choice_is_no_factor(checked: CheckedScenario) -> None:
    found = factors(checked, view="low")
    assert "view" not in {factor.name for factor in found}
    assert {factor.name: factor.redrawn for factor in found}["both"] == ("a",)
    assert VIEW not in whole_of_beliefs(checked, "low")
    assert VIEW in whole_of_beliefs(checked, None)


def test_members_may_be_varied_apart(checked: CheckedScenario) -> None:
    found = {factor.name: factor.redrawn for factor in factors(checked, grain="member")}
    assert found["part[south]"] == ("part[south]",)
    assert "part" not in found


def test_only_what_is_named_is_varied(checked: CheckedScenario) -> None:
    found = factors(checked, names=["part[north]", "both", "q", "view", "q"])
    assert [factor.name for factor in found] == ["part[north]", "both", "q", "view", "chance"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["gift"], "`gift` is one number in every future"),
        (["lift"], "`lift` is one number in every future"),
        (["jolt"], "`jolt` is drawn anew in every step: it belongs to `chance`"),
        (["paert"], "there is no belief or group `paert`; did you mean `part`"),
        (["part[east]"], "there is no belief or group `part[east]`"),
    ],
)
def test_what_cannot_be_varied_is_refused(checked: CheckedScenario, names: Sequence[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        factors(checked, names=names)
    assert said in str(caught.value)


def test_the_flagship_has_a_factor_for_every_belief_that_varies() -> None:
    scenario = playout.load("us-mexico-cartels")
    found = factors(scenario, ["no_action", None])
    beliefs = [factor for factor in found if factor.kind == "belief"]
    assert len(beliefs) > 150
    assert sum(len(factor.labels) for factor in beliefs) > 190
    assert {factor.kind for factor in found} == {"belief", "group", "view", "chance"}
