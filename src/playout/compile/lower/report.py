"""What a run reports: series of measures, answers to questions, dates of stages, choices, tallies, and the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Literal

from playout.compile import build, ir
from playout.compile.ir import Const, Load, Node
from playout.compile.lower.doubt import resting_on
from playout.compile.lower.scope import NO_NUMBER, Workbench, bind, own_axes
from playout.model.expression import Expression, Name, Reference, Subscript, Typed
from playout.model.scenario import Measure
from playout.model.units import PER_TIME, Dimension, Unit


def lower_series(bench: Workbench) -> tuple[ir.Series, ...]:
    """One series per measure. What is per time is multiplied by the step; counts and amounts are taken as they are.
    Of a dead member a measure is 0."""
    made = []
    for measure in bench.checked.scenario.measures.values():
        tree = bench.meaning(measure.of)
        node, unknown = bench.meant(tree, bind(measure.binders))
        if tree.type.kind == "bool":
            node = build.select(unknown, NO_NUMBER, build.indicator(node))
        dimension = tree.type.dimension
        kind: Literal["amount", "level"] = "amount" if measure.per else "level"
        if measure.per and is_per_time(dimension):
            node, dimension = ir.Binary("mul", node, Const(bench.days)), dimension / PER_TIME
        sets = measure.sets
        node = build.select(bench.all_alive(own_axes(sets), sets), node, ir.ZERO)
        unit = measure_unit(bench, measure, tree, dimension)
        value = bench.assign(f"measure {measure.name}", sets, "real", node)
        what = f"the measure {measure.name} was not a finite number{resting_on(bench.checked, tree)}"
        infinity, at_end = float("inf"), kind == "level"
        bench.check(f"measure {measure.name}", sets, value, (-infinity, infinity), what, at_end=at_end)
        series = ir.Series(measure.name, value, kind, measure.per or "year", unit.text, unit.factor, sets)
        made.append(series)
    return tuple(made)


def is_per_time(dimension: Dimension) -> bool:
    """Whether something is a rate: it has one power of time below the line."""
    return dict(dimension.exponents).get("day") == -1


def measure_unit(bench: Workbench, measure: Measure, tree: Typed, dimension: Dimension) -> Unit:
    """The unit a measure is shown in: its own, else that of the thing it names, else base units."""
    if measure.unit is not None:
        return measure.unit
    if isinstance(measure.of, Name | Subscript) and isinstance(tree, Reference):
        scenario = bench.checked.scenario
        owners = {f.name: s for s in scenario.stocks.values() for f in s.flows}
        named = scenario.stocks.get(tree.name) or scenario.variables.get(tree.name) or owners.get(tree.name)
        if named is not None and named.unit.dimension == dimension:
            return named.unit
        if tree.name in scenario.events:
            return Unit("event", 1.0, dimension)
    return Unit("1" if dimension.plain else str(dimension), 1.0, dimension)


def lower_records(bench: Workbench) -> tuple[ir.Record, ...]:
    """One value a future each: first dates of stages, choices, totals of events, answers to questions, shortages."""
    scenario, last = bench.checked.scenario, bench.checked.steps
    records = []
    for track in scenario.tracks.values():
        sets = track.sets
        for stage in track.stages:
            name = f"{track.name}.first.{stage.name}"
            records.append(ir.Record(name, Load(name, own_axes(sets)), last, sets))
    for decision in scenario.chosen.values():
        sets = decision.sets
        made = build.real(Load(f"{decision.name}.after", own_axes(sets)))
        records.append(ir.Record(f"choice {decision.name}", made, last, sets))
    for event in scenario.events.values():
        sets = event.sets
        records.append(ir.Record(f"events {event.name}", Load(f"{event.name}.total", own_axes(sets)), last, sets))
    for question in scenario.questions.values():
        step = min(last, int((question.by - scenario.start).days // bench.days))
        for kind, expression in (("question", question.that), ("given", question.given)):
            if expression is not None:
                name = f"{kind} {question.name}"
                records.append(ir.Record(name, _answer(bench, name, expression, step), step))
    for name, set_ in scenario.sets.items():
        if set_.spares:
            records.append(ir.Record(f"shortage {name}", Load(f"shortage {name}"), last))
    return tuple(records)


def _answer(bench: Workbench, name: str, expression: Expression, step: int) -> Node:
    """1 or 0 at the state of a step, where the future stops if the answer is unknown."""
    tree = bench.meaning(expression)
    value, unknown = bench.meant(tree, {})
    asked = build.both(build.same(ir.Step(), build.integer(step)), unknown)
    what = f"the {name} compared what was not a number{resting_on(bench.checked, tree)}"
    bench.forbid(name, (), asked, what, at_end=True)
    return build.indicator(value)


def lower_tallies(bench: Workbench) -> tuple[ir.Tally, ...]:
    """Each track: in which stage the futures are, step by step. The dead are counted nowhere."""
    tallies = []
    for track in bench.checked.scenario.tracks.values():
        sets = track.sets
        axes = own_axes(sets)
        stage = Load(f"{track.name}.stage", axes)
        node = build.select(bench.all_alive(axes, sets), stage, build.integer(-1))
        tallies.append(ir.Tally(track.name, node, tuple(s.name for s in track.stages), sets))
    return tuple(tallies)


def calendar(start: dt.date, end: dt.date) -> dict[str, tuple[ir.Period, ...]]:
    """The calendar years and months between two dates."""
    return {
        "year": _periods(start, end, start.replace(month=1, day=1), _next_year, len("2025")),
        "month": _periods(start, end, start.replace(day=1), _next_month, len("2025-01")),
    }


def _next_year(day: dt.date) -> dt.date:
    return dt.date(day.year + 1, 1, 1)


def _next_month(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _periods(
    start: dt.date, end: dt.date, first: dt.date, following: Callable[[dt.date], dt.date], length: int
) -> tuple[ir.Period, ...]:
    """The periods from the one that begins on ``first`` to the one that holds ``end``. length: of their labels, the
    beginnings of ISO dates."""
    found = []
    while first < end:
        after = following(first)
        complete = first >= start and after <= end
        low, high = max(first, start), min(after, end)
        found.append(
            ir.Period(first.isoformat()[:length], float((low - start).days), float((high - start).days), complete)
        )
        first = after
    return tuple(found)
