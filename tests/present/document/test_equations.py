"""Equations as text: what is written out reads back as the same tree, with no bracket too many."""

from __future__ import annotations

import re

import pytest

import playout
from playout.errors import Span
from playout.model.checked import CheckedScenario
from playout.model.expression import Expression
from playout.model.names import Names
from playout.model.parse import parse_expression
from playout.present.document.equations import text_of


def place(start: int, end: int) -> Span:
    return Span("equation", 1, start + 1, end + 1)


def bare(tree: Expression) -> str:
    """A tree without the places where it stands."""
    return re.sub(r"(set_)?span=Span\([^)]*\)", "", repr(tree))


@pytest.fixture(scope="module", params=["us-mexico-cartels", "ceasefire", "sanctions", "coin-and-die"])
def scenario(request: pytest.FixtureRequest) -> CheckedScenario:
    return playout.load(request.param)


def test_every_equation_of_the_installed_scenarios_reads_back(scenario: CheckedScenario) -> None:
    names = Names(scenario.scenario)
    declared = {*names.entries, *names.members, *scenario.scenario.sets}
    for tree in scenario.meaning:
        text = text_of(tree)
        assert bare(parse_expression(text, place, declared)) == bare(tree), text


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - c)",
        "a - b - c",
        "a / (b * c)",
        "(a + b) * c",
        "a ** b ** c",
        "(a ** b) ** c",
        "-a ** 2",
        "(-a) ** 2",
        "a if b > c else d if e else f",
        "(a if b > c else d) * 2",
        "not (a and b) or c",
        "sum(x[o] * (1 - y[o]) for o in group if z[o] > 0)",
        "lookup(time / 1 month, [[0, 1], [3, 0.5]])",
        "25 usd/person * n",
        "26/year * a",
        "posture[o].fighting and since(posture[o].fighting) > 90 days",
        "date > 2026-01-01",
    ],
)
def test_brackets_stand_where_they_are_needed_and_nowhere_else(text: str) -> None:
    declared = {"a", "b", "c", "d", "e", "f", "n", "x", "y", "z", "group", "posture"}
    tree = parse_expression(text, place, declared)
    assert text_of(tree) == text
    assert bare(parse_expression(text_of(tree), place, declared)) == bare(tree)
