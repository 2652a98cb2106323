"""Probabilities under policies and views: `check` tells in what share of futures they leave 0 to 1, and that is so."""

from __future__ import annotations

import json
import math
import re

import pytest

from conformance import scenario
from playout.errors import RunError, ScenarioError
from playout.simulate.run import play

FUTURES = 4_000
LAWS = [
    "0.2 to 0.6",
    "0.1 to 0.9, likely 0.3",
    "uniform(0.1, 0.6)",
    "beta(2, 3)",
    "triangular(0, 0.2, 1)",
    "bernoulli(0.3)",
    "categorical(0.5: 0.2, 0.3: 0.6, 0.2: 0.9)",
    "mixture(0.6: uniform(0, 0.2), 0.4: beta(5, 2))",
    "likely",
]
CHANGES = [
    "p *= 1.7",
    "p += 0.4",
    "p += -0.25",
    "p *= -0.5",
    "p *= 2 from 2025-02-03 until 2025-03-03, p += -0.1 from 2025-03-03",
]


def told_and_played(text: str, policy: str | None) -> tuple[float, float]:
    """The share of futures that `check` says stop under the policy, and the share that does."""
    try:
        checked = scenario(text)
    except ScenarioError as problem:
        if any(found.code != "probability" for found in problem.diagnostics):
            raise
        return 1.0, 1.0
    said = [w.message for w in checked.warnings if w.code == "probability" and (policy is None or policy in w.message)]
    assert len(said) <= 1
    try:
        stopped = play(checked, futures=FUTURES, seed=5, policy=policy, allow_stopped=1.0).stopped
    except RunError:  # none was left
        stopped = FUTURES
    return share_in(said[0]) if said else 0.0, stopped / FUTURES


def share_in(message: str) -> float:
    found = re.search(r"in (all but )?([0-9.e+-]+)% of its futures", message)
    assert found is not None
    share = float(found[2]) / 100.0
    return 1.0 - share if found[1] else share


def agrees(told: float, played: float) -> bool:
    """Within four standard errors and the rounding of what is told to two figures."""
    error = 4.0 * math.sqrt(max(told * (1.0 - told), 1.0 / FUTURES) / FUTURES)
    return abs(told - played) <= error + 0.05 * min(told, 1.0 - told) + 1e-9


@pytest.mark.parametrize("changes", CHANGES)
@pytest.mark.parametrize("each", ["future", "step"])
def test_as_many_futures_stop_as_check_says(changes: str, each: str) -> None:
    """Of every law, drawn once or in every step, by a policy, by a view, and by a policy on top of views."""
    quoted = json.dumps(changes.split(", "))
    for law in LAWS:
        belief = f'{{is: "{law}", unit: probability, each: {each}, assumed: a test}}'
        head = f"beliefs: {{p: {belief}}}\nmeasures: {{p: {{}}}}\n"
        views = "views: {wide: {credence: 0.3, is: [spreads *= 1.5]}, less: {credence: 0.7, is: [p *= 0.8]}}"
        for text, policy in (
            (head + f"policies: {{other: {quoted}}}", "other"),
            (head + f"views: {{only: {{credence: 1, is: {quoted}}}}}", None),
            (head + f"{views}\npolicies: {{other: {quoted}}}", "other"),
        ):
            told, played = told_and_played(text, policy)
            assert agrees(told, played), (law, text, told, played)


def test_of_members_the_one_that_leaves_most_is_named() -> None:
    checked = scenario(
        """
        sets: {o: [a, b, c]}
        beliefs:
          p[o]:
            b: {is: "uniform(0, 0.9)", unit: probability, assumed: a test}
            otherwise: {is: "uniform(0, 0.5)", unit: probability, assumed: a test}
        measures: {p: {of: sum(p)}}
        policies: {more: [p *= 1.5], not_of_b: ["p[a] *= 2", "p[c] *= 2"]}
        """
    )
    (warning,) = (w for w in checked.warnings if w.code == "probability")
    assert "`p[b]`" in warning.message
    assert share_in(warning.message) == pytest.approx(1.0 - 1.0 / 1.35, abs=0.005)


def test_a_policy_is_not_blamed_for_what_a_view_does() -> None:
    checked = scenario(
        """
        beliefs: {p: {is: "uniform(0, 0.9)", unit: probability, assumed: a test}}
        measures: {p: {}}
        policies: {less: [p *= 0.9], lost: [p *= 0.1]}
        views: {far: {credence: 1, is: [p *= 2]}}
        """
    )
    (warning,) = (w for w in checked.warnings if w.code == "probability")
    assert "the view `far`" in warning.message
    assert not play(checked, futures=100, seed=1, policy="lost").stopped


def test_bounds_are_of_the_distribution_and_not_of_what_a_policy_makes_of_the_value() -> None:
    checked = scenario(
        """
        beliefs: {k: {is: 10 to 20, unit: "1", within: [10, 20], assumed: a test}}
        measures: {k: {}}
        policies: {tenfold: [k *= 10], nothing: [k = 0], cut: [k = 5 to 25]}
        """
    )
    ends = {}
    for policy in ("tenfold", "nothing", "cut"):
        values = play(checked, futures=200, seed=1, policy=policy).column("k[2025]")
        ends[policy] = values.min(), values.max()
    assert 100.0 <= ends["tenfold"][0] <= ends["tenfold"][1] <= 200.0
    assert ends["nothing"] == (0.0, 0.0)
    assert 10.0 <= ends["cut"][0] <= ends["cut"][1] <= 20.0
