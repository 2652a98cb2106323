"""Tables, beliefs, stocks with their flows, and variables."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping

from playout.errors import Span
from playout.model.checks.workbench import Workbench
from playout.model.expression import Clock, EndOdds, History, Reference, StageTest, Typed
from playout.model.findings import listed
from playout.model.law import Quantity
from playout.model.scenario import Belief, BeliefEntry, Flow, Stock, Table, Variable
from playout.model.typed import constant, everything, type_words, unit_words
from playout.model.units import PER_TIME


def check_table(bench: Workbench, table: Table) -> None:
    """Numbers that are numbers, and probabilities between 0 and 1."""
    bench.findings.caution(table.span, table.unit)
    labels = itertools.product(*(bench.scenario.sets[s].labels for s in table.sets if s in bench.scenario.sets))
    for label, value in zip(labels, table.values, strict=False):
        where = f"{table.name}[{', '.join(label)}]" if label else table.name
        if math.isnan(value):
            bench.findings.error(table.span, "table", f"`{where}` is not a number")
            return
        if table.unit.is_probability and not 0.0 <= value <= 1.0:
            message = f"a probability lies between 0 and 1; `{where}` is {value:g}"
            bench.findings.error(table.span, "probability", message)
            return


def check_belief(bench: Workbench, belief: Belief) -> None:
    """One law for every member: a distribution, or a law drawn in every step."""
    sets = [bench.scenario.sets.get(name) for name in belief.sets]
    if any(set_ is None for set_ in sets):
        return  # said where the belief is read
    bench.findings.caution(belief.span, belief.unit)
    quantity = Quantity.of(belief.unit)
    laws = {}
    for entry in belief.entries:
        law = bench.read.distribution(entry.law, quantity, entry.within, entry.span)
        if law is not None and belief.each == "step":
            drawn = bench.read.drawn(law, entry.law.span)
            if drawn is not None:
                bench.laws[entry.law] = drawn
        laws[entry.members] = law
    if belief.each == "step":
        return
    members = itertools.product(*(set_.labels for set_ in sets if set_ is not None))
    for position, labels in enumerate(members):
        law = laws.get(labels, laws.get(None)) if labels else laws.get(None, laws.get(()))
        if law is not None:
            bench.distributions[belief.name, position] = law
        elif labels not in laws and None not in laws:
            bench.findings.error(belief.span, "missing-member", f"`{belief.name}` says nothing of {listed(labels)}")


def entries_of(bench: Workbench, belief: Belief) -> list[BeliefEntry | None]:
    """What a belief says of each member, by flat position."""
    sets = [bench.scenario.sets[name].labels for name in belief.sets]
    by_label = {entry.members: entry for entry in belief.entries}
    return [by_label.get(labels) or by_label.get(None) for labels in itertools.product(*sets)]


def check_stock(bench: Workbench, stock: Stock) -> None:
    """The start in the stock's unit, the flows in its unit over time, the bounds in order."""
    scope = bench.scope(stock.binders)
    role = f"`starts` of `{stock.name}`"
    bench.findings.caution(stock.span, stock.unit)
    start = bench.resolver.number(stock.starts, scope, stock.unit.dimension, role, stock.unit)
    value = None if start is None else constant(start)
    if value is not None and not math.isfinite(value):
        bench.findings.error(stock.starts.span, "starts", f"{role} is a finite number; this is {value:g}")
    elif stock.within is not None:
        low, high = stock.within
        if value is not None and not low <= value / stock.unit.factor <= high:
            shown = f"{value / stock.unit.factor:g}"
            message = f"`{stock.name}` starts at {shown}, outside its own bounds, {low:g} to {high:g}"
            bench.findings.error(stock.starts.span, "within", message, "change `starts` or `within`")
    for flow in stock.flows:
        check_flow(bench, stock, flow, scope)


def check_flow(bench: Workbench, stock: Stock, flow: Flow, scope: dict[str, str]) -> None:
    """A flow is an amount of its stock per time."""
    role = f"the flow `{flow.name}` of `{stock.name}`"
    dimension = stock.unit.dimension * PER_TIME
    bench.resolver.number(flow.rate, scope, dimension, role, declared=f"{stock.unit.text}/time")


def check_variable(bench: Workbench, variable: Variable) -> None:
    """A number in the declared unit, or anything else without a unit."""
    scope = bench.scope(variable.binders)
    bench.findings.caution(variable.span, variable.unit)
    kind = bench.names.type_of(bench.names.entries[variable.name])
    role = f"the variable `{variable.name}`"
    if kind.kind == "number":
        typed = bench.resolver.number(variable.expression, scope, variable.unit.dimension, role, variable.unit)
        value = None if typed is None else constant(typed)
        if variable.unit.is_probability and value is not None and not 0.0 <= value <= 1.0:
            message = f"a probability lies between 0 and 1; `{variable.name}` is {value:g}"
            bench.findings.error(variable.expression.span, "probability", message)
        return
    typed = bench.resolver.read(variable.expression, scope)
    if typed is not None and (not variable.unit.dimension.plain or typed.type.kind == "option"):
        message = f"{role} is declared in {unit_words(variable.unit.dimension)}; this is {type_words(typed.type)}"
        if typed.type.kind == "option":
            message = f"{role} cannot hold {type_words(typed.type)}: compare it with one of them"
        bench.findings.error(variable.expression.span, "kind", message)


def check_starts(bench: Workbench, needs: Mapping[str, Collection[str]]) -> None:
    """What stocks start from is known before the run: tables, beliefs, and variables that depend on those alone.

    ``needs``: what each variable reads within a step.
    """
    trees = {name: bench.resolver.meaning.get(v.expression) for name, v in bench.scenario.variables.items()}
    moving = {name for name, tree in trees.items() if tree is not None and next(_changing(bench, tree, set()), None)}
    while more := {name for name in trees if name not in moving and moving.intersection(needs.get(name, ()))}:
        moving |= more
    for stock in bench.scenario.stocks.values():
        tree = bench.resolver.meaning.get(stock.starts)
        cause = None if tree is None else next(_changing(bench, tree, moving), None)
        if cause is not None:
            message = f"`starts` of `{stock.name}` is known before the run, and {cause[0]} is not"
            hint = "use tables, beliefs, and variables that depend on those alone"
            bench.findings.error(cause[1], "starts", message, hint)


def _changing(bench: Workbench, tree: Typed, moving: Collection[str]) -> Iterator[tuple[str, Span]]:
    """What in a tree changes during a run: its description and place."""
    for node in everything(tree):
        match node:
            case Reference(what="stock" | "flow" | "decision" | "game" | "event"):
                yield f"the {node.what} `{node.name}`", node.span
            case Reference(what="belief") if bench.scenario.beliefs[node.name].each == "step":
                yield f"`{node.name}`, drawn anew in every step,", node.span
            case Reference(what="variable") if node.name in moving:
                yield f"the variable `{node.name}`, which changes with the run,", node.span
            case StageTest():
                yield f"the stage of `{node.track}`", node.span
            case EndOdds():
                yield f"the game `{node.game}`", node.span
            case Clock():
                yield "the time", node.span
            case History():
                yield f"`{node.function}`", node.span
