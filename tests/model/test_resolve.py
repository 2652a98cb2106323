"""What an equation means: names, indexes, units, kinds and history, as typed trees."""

from __future__ import annotations

import math

import pytest

from playout.errors import ScenarioError
from playout.model.check import check
from playout.model.checked import CheckedScenario
from playout.model.expression import (
    Clock,
    Constant,
    History,
    IndexVariable,
    Lookup,
    MemberOf,
    Operation,
    Reduction,
    Reference,
    StageTest,
    Type,
    Typed,
)
from playout.model.typed import constant, everything
from playout.model.units import TIME, unit
from playout.read.decode import read_text

PERSON = unit("person").dimension
YEAR = 365.25

BASE = """\
playout: 1
title: A scenario to resolve equations in
start: 2025-03-07
horizon: 1 year
step: 1 week
sets:
  organisation: {north: {}, south: {}, spare: 1}
  business: [drugs, fuel]
tables:
  rivalry[organisation, organisation]: {values: {north: {south: 1}, south: {north: 1}}, otherwise: 0, assumed: no}
beliefs:
  rate: {is: 0.1 to 0.3, unit: 1/year, assumed: no}
  size: {is: 10 to 20, unit: person, assumed: no}
stocks:
  members[o in organisation]:
    unit: person
    starts: 100
    minus: {killed: "rate * members[o]"}
  income[o in organisation, b in business]: {unit: usd/year, starts: 10}
tracks:
  campaign:
    stages: {waiting: {lasts: 1 to 2 months, then: striking}, striking: {}}
  posture[o in organisation]:
    stages: {quiet: {lasts: 1 to 2 months, then: fighting}, fighting: {}}
decisions:
  authority: {by: president, options: {finding: 1, strikes: 2}, before: none}
  target: {by: president, choose: organisation, value: 1, before: none}
events:
  attack[o in organisation]: {rate: 0.5 1/year}
variables:
"""


def checked(*variables: str) -> CheckedScenario:
    """The base scenario with these variables, each a line of YAML."""
    return check(read_text(BASE + "".join(f"  {line}\n" for line in variables)))


def meaning(equation: str, unit_text: str = "1", name: str = "x") -> Typed:
    """The typed tree of one equation, the value of a variable in this unit."""
    result = checked(f'{name}: {{is: "{equation}", unit: "{unit_text}"}}')
    return result.meaning[result.scenario.variables[name.split("[")[0]].expression]


def refused(equation: str, unit_text: str = "1") -> str:
    """The one code with which an equation is refused."""
    with pytest.raises(ScenarioError) as problem:
        meaning(equation, unit_text)
    (diagnostic,) = problem.value.diagnostics
    return diagnostic.code


# --- numbers and units ------------------------------------------------------------------------------------------------


def test_numbers_are_folded_into_base_units() -> None:
    tree = meaning("3 years", "year")
    assert isinstance(tree, Constant)
    assert tree.value == pytest.approx(3 * YEAR)
    assert tree.type == Type("number", TIME)
    assert constant(meaning("-26 1/year", "1/year")) == pytest.approx(-26 / YEAR)


def test_a_bare_number_takes_the_unit_that_its_definition_declares() -> None:
    assert constant(meaning("3", "year")) == pytest.approx(3 * YEAR)
    result = checked("x: 1")
    start = result.meaning[result.scenario.stocks["members"].starts]
    assert (start.type.dimension, constant(start)) == (PERSON, 100)


def test_zero_and_infinity_fit_any_dimension_and_other_numbers_do_not() -> None:
    tree = meaning("max(size, 0) + (0 if time > 0 else -inf)", "person")
    assert {t.type.dimension for t in everything(tree) if isinstance(t, Constant) and t.type.kind == "number"} == {
        PERSON,
        TIME,
    }
    assert refused("size + 5", "person") == "units"
    assert refused("size > 5") == "units"


@pytest.mark.parametrize(
    ("equation", "unit_text"),
    [
        ("size * rate", "person/year"),
        ("size / rate", "person*day"),
        ("size ** 2", "person**2"),
        ("sqrt(size * size)", "person"),
        ("abs(-size)", "person"),
        ("clip(size, 0, 3 person)", "person"),
        ("min(size, 5 person, inf)", "person"),
        ("total(rate * size)", "person"),
        ("change(size, 4 weeks)", "person"),
        ("delay(rate, 1 week)", "1/week"),
        ("smooth(size, 1 / rate)", "person"),
        ("lookup(size, [[0, 1 week], [5 person, 0]])", "month"),
        ("since(campaign.striking)", "day"),
        ("date - 2026-01-01", "year"),
        ("sum(killed)", "person/week"),
        ("sum(attack)", "1"),
        ("mean(members[o] for o in organisation)", "person"),
    ],
)
def test_dimensions_follow_the_operations(equation: str, unit_text: str) -> None:
    assert meaning(equation, unit_text).type == Type("number", unit(unit_text).dimension)
    assert refused(equation, "kg") == "units"  # no quantity here is in kg


def test_what_adds_up_has_one_dimension_and_the_message_names_both() -> None:
    with pytest.raises(ScenarioError) as problem:
        meaning("size + 3 usd", "person")
    assert "adds person and usd" in str(problem.value)


# --- names ------------------------------------------------------------------------------------------------------------


def test_references_say_what_they_refer_to() -> None:
    result = checked(
        "other: 2", 'x: {is: "(rate + killed[north] / members[south]) / (1 1/year) + attack[north] + other"}'
    )
    tree = result.meaning[result.scenario.variables["x"].expression]
    found = {t.name: t.what for t in everything(tree) if isinstance(t, Reference)}
    assert found == {
        "rate": "belief",
        "killed": "flow",
        "members": "stock",
        "attack": "event",
        "other": "variable",
    }


def test_an_index_is_the_definitions_own_or_a_member() -> None:
    own = meaning("members[o] + members[south]", "person", "x[o in organisation]")
    first, second = (t for t in everything(own) if isinstance(t, Reference))
    by_position = {type(t.indices[0]): t.indices[0] for t in (first, second)}
    assert by_position[IndexVariable].name == "o"
    assert by_position[MemberOf].position == 1


def test_a_choice_may_index() -> None:
    tree = meaning("members[target] if target != none else 0", "person")
    inner = next(t for t in everything(tree) if isinstance(t, Reference) and t.name == "members")
    assert isinstance(inner.indices[0], Reference)
    assert inner.indices[0].type == Type("member", set="organisation")


@pytest.mark.parametrize("equation", ["authority == finding", "finding == authority", "authority.finding"])
def test_options_are_understood_on_the_other_side(equation: str) -> None:
    tree = meaning(equation)
    assert isinstance(tree, Operation)
    assert tree.type == Type("bool")
    assert next(t for t in everything(tree) if isinstance(t, MemberOf)).position == 0


def test_nobody_is_position_minus_one() -> None:
    for equation in ("target == none", "none != target", "authority == none"):
        assert next(t for t in everything(meaning(equation)) if isinstance(t, MemberOf)).position == -1


def test_stages_and_their_history() -> None:
    for equation, question in (
        ("posture[south].fighting", "in"),
        ("reached(posture[south].fighting)", "reached"),
        ("enters(posture[south].fighting)", "enters"),
    ):
        tree = meaning(equation)
        assert isinstance(tree, StageTest)
        assert (tree.question, tree.track, tree.stage) == (question, "posture", "fighting")
        assert tree.type.kind == "bool"
    first = meaning("first(campaign.striking)")
    assert first.type.kind == "date"


# --- kinds ------------------------------------------------------------------------------------------------------------


def test_a_variable_may_be_a_condition_a_date_or_a_member() -> None:
    result = checked(
        "pressed: campaign.striking and size > 12 person",
        "began: first(campaign.striking)",
        "largest: argmax(members)",
        "use: (1 if pressed and began < 2026-01-01 and largest == north else 0)",
    )
    kinds = {n: result.meaning[v.expression].type.kind for n, v in result.scenario.variables.items()}
    assert kinds == {"pressed": "bool", "began": "date", "largest": "member", "use": "number"}


def test_the_kind_of_a_variable_passes_through_others_in_any_order() -> None:
    lines = [f"c{n}: c{n + 1}" for n in range(60)]
    result = checked(*lines, "c60: campaign.striking")
    assert result.meaning[result.scenario.variables["c0"].expression].type.kind == "bool"


@pytest.mark.parametrize(
    "equation",
    [
        "campaign.striking + 1",
        "1 if size else 0",
        "not 3",
        "authority * 2",
        "sum(members[o] > 3 person for o in organisation)",
        "count(members[o] for o in organisation)",
        "campaign.striking if time > 1 week else 3",
        "first(campaign.striking) > 3 weeks",
        "authority < finding or true",
    ],
)
def test_kinds_do_not_mix(equation: str) -> None:
    assert refused(equation) in ("kind", "unknown-name")


def test_dates_are_days_since_the_start() -> None:
    tree = meaning("date > 2025-03-17 + 1 week")
    literal = next(t for t in everything(tree) if isinstance(t, Constant) and t.type.kind == "date")
    assert literal.value == 10
    assert any(isinstance(t, Clock) for t in everything(tree))
    never = meaning("(never if time > 1 week else date) < date")
    assert math.inf in [t.value for t in everything(never) if isinstance(t, Constant)]
    assert refused("date < never") == "never"


# --- reductions -------------------------------------------------------------------------------------------------------


def test_a_short_sum_runs_over_all_indexes() -> None:
    tree = meaning("sum(income)", "usd/year")
    assert isinstance(tree, Reduction)
    assert isinstance(tree.body, Reduction)
    assert (tree.set, tree.body.set) == ("organisation", "business")
    assert isinstance(tree.body.body, Reference)
    names = [index.name for index in tree.body.body.indices if isinstance(index, IndexVariable)]
    assert names == [tree.variable, tree.body.variable]


def test_counts_of_counts_add_up() -> None:
    result = checked('rich[o in organisation, b in business]: "income[o, b] > 1 usd/year"', "x: count(rich)")
    tree = result.meaning[result.scenario.variables["x"].expression]
    assert isinstance(tree, Reduction)
    assert isinstance(tree.body, Reduction)
    assert (tree.function, tree.body.function) == ("sum", "count")


def test_index_variables_are_unique_within_a_tree() -> None:
    equation = "sum(members[r] for r in organisation) + sum(members[r] for r in organisation) + sum(members)"
    tree = meaning(equation, "person")
    variables = [t.variable for t in everything(tree) if isinstance(t, Reduction)]
    assert len(set(variables)) == 3
    for reduction in (t for t in everything(tree) if isinstance(t, Reduction)):
        assert isinstance(reduction.body, Reference)
        assert isinstance(reduction.body.indices[0], IndexVariable)
        assert reduction.body.indices[0].name == reduction.variable


def test_a_sum_has_a_condition_and_sees_the_outer_index() -> None:
    tree = meaning(
        "sum(rivalry[o, r] * members[r] for r in organisation if posture[r].fighting)", "person", "x[o in organisation]"
    )
    assert isinstance(tree, Reduction)
    assert isinstance(tree.condition, StageTest)
    rivalry = next(t for t in everything(tree.body) if isinstance(t, Reference) and t.name == "rivalry")
    assert [i.name for i in rivalry.indices if isinstance(i, IndexVariable)] == ["o", "r"]


def test_any_of_a_stage_in_short() -> None:
    tree = meaning("any(posture.fighting)")
    assert isinstance(tree, Reduction)
    assert isinstance(tree.body, StageTest)


def test_min_and_max_of_many_make_a_broad_tree() -> None:
    tree = meaning("max(" + ", ".join(str(n) for n in range(1, 65)) + ")")
    assert constant(tree) == 64

    def depth(node: Typed) -> int:
        return 1 + max((depth(part) for part in node.arguments), default=0) if isinstance(node, Operation) else 1

    assert depth(tree) == 7


# --- history and tables of points -------------------------------------------------------------------------------------


def test_spans_are_whole_steps() -> None:
    tree = meaning("delay(size, 8 weeks) - change(size, 14 days)", "person")
    assert sorted(t.lag for t in everything(tree) if isinstance(t, History)) == [2, 8]
    assert refused("delay(size, 10 days)", "person") == "history"
    assert refused("change(size, 3 months)", "person") == "history"
    assert refused("delay(size, 1 / rate)", "person") == "history"
    assert refused("delay(size, 4)", "person") == "units"


def test_the_nearest_whole_span_is_said() -> None:
    with pytest.raises(ScenarioError, match="write `91 days`, which is 13 steps"):
        meaning("delay(size, 3 months)", "person")


def test_smooth_keeps_its_time_constant() -> None:
    tree = meaning("smooth(size, 6 months)", "person")
    assert isinstance(tree, History)
    assert tree.time_constant is not None
    assert constant(tree.time_constant) == pytest.approx(YEAR / 2)
    assert refused("smooth(size, 1 day)", "person") == "history"


def test_points_are_in_base_units() -> None:
    tree = meaning("lookup(time, [[0, 1], [1 week, 3], [2 weeks, 0]])")
    assert isinstance(tree, Lookup)
    assert tree.points == ((0, 1), (7, 3), (14, 0))
    assert refused("lookup(time, [[1 week, 1], [0, 3]])") == "arguments"


# --- what a known number is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equation", "value"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("2 ** 3", 8),
        ("exp(0) + log(1) + sqrt(4) + abs(-3)", 6),
        ("clip(7, 0, 5)", 5),
        ("min(3, 1, 2)", 1),
        ("3 if 2 > 1 else 4", 3),
        ("0 * log(size / 1 person)", 0),
        ("1 + log(size / 1 person)", None),
    ],
)
def test_known_numbers(equation: str, value: float | None) -> None:
    found = constant(meaning(equation))
    assert found == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    "equation", ["1 / 0", "log(-1)", "1 if sqrt(-1) < 2 else 0", "clip(1, 3, 2) ** 2", "min(0 / 0, 1)"]
)
def test_what_comes_to_no_number_is_refused(equation: str) -> None:
    assert refused(equation) in ("not-a-number", "arguments")
