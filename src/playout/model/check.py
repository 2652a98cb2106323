"""The checks: a scenario as written → a scenario with its meaning, or everything that is wrong with it at once.

names      what each name means; sets; the header                      checks/header.py
trees      units, kinds and indexes of every equation                  checks/quantities … reports, resolve.py
variants   policies and views                                          checks/variants.py
record     evidence and sources; systems; ties      checks/support.py, checks/systems.py, checks/ties.py
whole      loops, order, starts, decisions read too early, what is unused
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from playout.errors import ScenarioError
from playout.model.checked import CheckedScenario
from playout.model.checks.choices import check_decision, check_event
from playout.model.checks.dates import check_dates
from playout.model.checks.games import check_game
from playout.model.checks.header import check_names, check_time
from playout.model.checks.headline import check_headline
from playout.model.checks.probabilities import check_probabilities
from playout.model.checks.quantities import check_belief, check_starts, check_stock, check_table, check_variable
from playout.model.checks.reports import check_indicator, check_measure, check_observation, check_question
from playout.model.checks.support import check_support, warn_of_unused
from playout.model.checks.systems import check_systems
from playout.model.checks.ties import check_ties
from playout.model.checks.together import check_together
from playout.model.checks.tracks import check_track
from playout.model.checks.undecided import Undecided
from playout.model.checks.variants import check_variants
from playout.model.checks.workbench import Workbench
from playout.model.coverage import Coverage, coverage
from playout.model.expression import Expression
from playout.model.findings import Unread
from playout.model.graph import order, reads_at_once
from playout.model.scenario import Scenario

__all__ = ["Coverage", "check", "coverage"]


def check(scenario: Scenario, unread: Unread = Unread()) -> CheckedScenario:  # noqa: B008 (frozen)
    """The scenario with its meaning: typed trees, laws, the order of a step, changes of policies and views.

    unread: what could not be read, with its errors; the scenario then holds the rest.
    Raises ScenarioError with every error found, by file, line and column; warnings are kept in the result.
    """
    bench = Workbench.of(scenario, unread)
    steps, end = check_time(bench)
    check_names(bench)
    for table in scenario.tables.values():
        check_table(bench, table)
    for belief in scenario.beliefs.values():
        check_belief(bench, belief)
    for stock in scenario.stocks.values():
        check_stock(bench, stock)
    for variable in scenario.variables.values():
        check_variable(bench, variable)
    for track in scenario.tracks.values():
        check_track(bench, track)
    for decision in scenario.decisions.values():
        check_decision(bench, decision)
    for game in scenario.games.values():
        check_game(bench, game)
    for event in scenario.events.values():
        check_event(bench, event)
    for measure in scenario.measures.values():
        check_measure(bench, measure)
    for question in scenario.questions.values():
        check_question(bench, question, end)
    for indicator in scenario.indicators.values():
        check_indicator(bench, indicator)
    for observation in scenario.observations.values():
        check_observation(bench, observation)
    policies, views = check_variants(bench, end)
    check_probabilities(bench, policies, views, steps)
    correlations = check_together(bench, [*chain(*policies.values()), *chain(*views.values())])
    check_headline(bench)
    check_support(bench)
    check_dates(bench, end)
    check_systems(bench)
    check_ties(bench)
    step_order = _check_whole(bench)
    if bench.findings.errors or unread:
        raise ScenarioError(bench.findings.sorted_errors(), scenario.lines)
    warn_of_unused(bench, _observed(scenario))
    return CheckedScenario(
        scenario=scenario,
        warnings=bench.findings.sorted_warnings(),
        steps=steps,
        end=end,
        meaning=bench.resolver.meaning,
        laws=bench.laws,
        distributions=bench.distributions,
        targets=bench.targets,
        order=step_order,
        policies=policies,
        views=views,
        correlations=correlations,
    )


def _check_whole(bench: Workbench) -> tuple[str, ...]:
    """Loops within a step, starts that are not known before the run, decisions read too early; the order of a step."""
    needs = {name: _needed(bench, trees) for name, trees in _computed(bench.scenario)}
    ordered, loops = order(needs)
    for loop in loops:
        entry = bench.names.entries[loop[0]]
        message = "these need each other within the same step: " + " → ".join([*loop, loop[0]])
        hint = "let one of them be a stock, which changes at the end of a step"
        if len(loop) == 1:
            message = f"`{loop[0]}` needs its own value within the same step"
            hint = "let it be a stock, which changes at the end of a step"
        related = [(bench.names.entries[name].span, f"`{name}` stands here") for name in loop[1:]]
        bench.findings.error(entry.span, "loop", message, hint, related)
    check_starts(bench, needs)
    Undecided(bench).check()
    return ordered


def _needed(bench: Workbench, trees: list[Expression | None]) -> set[str]:
    found: set[str] = set()
    for tree in trees:
        typed = None if tree is None else bench.resolver.meaning.get(tree)
        if typed is not None:
            found.update(reads_at_once(typed))
    return found


def _computed(scenario: Scenario) -> Iterator[tuple[str, list[Expression | None]]]:
    """What is computed anew in every step, and the equations it is computed from, in file order."""
    for variable in scenario.variables.values():
        yield variable.name, [variable.expression]
    for decision in scenario.decisions.values():
        whole = [decision.when, decision.among, decision.value, decision.rationality]
        yield decision.name, [*whole, *(tree for o in decision.options for tree in (o.value, o.when))]
    for game in scenario.games.values():
        yield game.name, list(game.expressions())
    for stock in scenario.stocks.values():
        for flow in stock.flows:
            yield flow.name, [flow.rate]
    for event in scenario.events.values():
        yield event.name, [event.rate, event.when]


def _observed(scenario: Scenario) -> Iterator[str]:
    """The names that the noise of an indicator reads, and the tables of ties."""
    for indicator in scenario.indicators.values():
        yield from re.findall(r"[a-z][a-z0-9_]*", indicator.noise or "")
    for tie in scenario.ties.values():
        yield from (name for name, _ in tie.strength)
