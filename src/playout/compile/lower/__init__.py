"""Scenario → Program: `lower`.

The order of a step's assignments is the meaning of a step (docs/explanation/meaning-of-a-step.md): edits of tables and
beliefs, clocks of tracks, then variables, decisions, games, flows and event counts in dependency order, then the moves,
the stocks after their flows, the effects in file order, and what is reported.
"""

from __future__ import annotations

from playout.compile import build, ir
from playout.compile.draws import belief_stream, find_collisions
from playout.compile.ir import Const, Load
from playout.compile.lower.choice import declare_choice
from playout.compile.lower.decision import lower_decision
from playout.compile.lower.event import declare_lives, lower_count, lower_effects
from playout.compile.lower.game import declare_game, lower_game
from playout.compile.lower.report import calendar, lower_records, lower_series, lower_tallies
from playout.compile.lower.scope import Workbench, own_axes
from playout.compile.lower.start import settle_start
from playout.compile.lower.stock import declare_stock, flow_rate, flowed
from playout.compile.lower.told import told_series
from playout.compile.lower.track import declare_track, lower_track
from playout.compile.lower.variant import VIEW_STREAM, changes_of, lower_inputs
from playout.errors import Diagnostic, ScenarioError
from playout.model.checked import SLACK, CheckedScenario
from playout.model.scenario import Decision, Event, Flow, Game, Variable

__all__ = ["lower"]


def lower(checked: CheckedScenario, policy: str | None = None, *, told: bool = False) -> ir.Program:
    """The Program of a scenario under one policy (None: as written). The belief matrix's last row chooses the view.

    told: with what its futures are told by step by step, see `told_series`.
    Refuses, with a ScenarioError, names that would draw the same random numbers.
    """
    scenario = checked.scenario
    bench = Workbench(checked)
    declare_lives(bench)
    columns = lower_inputs(bench, policy)
    for decision in scenario.decisions.values():
        declare_choice(bench, decision)
    for game in scenario.games.values():
        declare_game(bench, game)
    for track in scenario.tracks.values():
        declare_track(bench, track)
    for stock in scenario.stocks.values():
        declare_stock(bench, stock)

    owner = {f.name: s for s in scenario.stocks.values() for f in s.flows}
    flows = {f.name: f for s in scenario.stocks.values() for f in s.flows}
    things = {**scenario.variables, **scenario.chosen, **scenario.events, **flows}
    moving: list[Flow | Variable] = []
    for name in checked.order:
        match things[name]:
            case Variable() as thing:
                bench.define(name, thing.sets, thing.binders, thing.expression)
                check_probability(bench, thing)
                moving.append(thing)
            case Flow() as thing:
                stock = owner[name]
                array = f"{name} at stage 1" if scenario.integrate == "rk4" else name
                bench.assign(array, stock.sets, "real", flow_rate(bench, stock, thing))
                bench.rename[name] = bench.at_state[name] = array
                moving.append(thing)
            case Decision() as thing:
                lower_decision(bench, thing, changes_of(bench, policy, name))
            case Game() as thing:
                lower_game(bench, thing)
            case Event() as thing:
                lower_count(bench, thing)

    after_flows = flowed(bench, list(scenario.stocks.values()), moving, owner)
    born = lower_effects(bench, list(scenario.events.values()), after_flows)
    for track in scenario.tracks.values():
        lower_track(bench, track, born)
    bench.rename = {}  # reports read a flow as its average over the step
    series, records, tallies = lower_series(bench), lower_records(bench), lower_tallies(bench)
    if told:
        series = (*series, *told_series(bench))
    settle_start(bench)
    _refuse_collisions(bench)
    return ir.Program(
        title=scenario.title,
        days=bench.days,
        steps=checked.steps,
        labels={name: set_.labels for name, set_ in scenario.sets.items()},
        arrays=bench.arrays,
        tables=bench.tables,
        columns=columns,
        streams=bench.streams,
        once=tuple(bench.once),
        initial=tuple(bench.initial),
        step=tuple(bench.step),
        update=tuple(bench.update),
        checks=tuple(bench.checks),
        series=series,
        records=records,
        tallies=tallies,
        periods=calendar(scenario.start, checked.end),
    )


def check_probability(bench: Workbench, variable: Variable) -> None:
    """A variable declared a probability stays between 0 and 1. What is not a number stops whoever needs it."""
    sets, axes = variable.sets, own_axes(variable.sets)
    if variable.unit.is_probability and bench.type_of(variable.expression) == "real":
        value = Load(variable.name, axes)
        beyond = build.either(ir.Binary("lt", value, Const(-SLACK)), ir.Binary("lt", Const(1.0 + SLACK), value))
        beyond = build.both(beyond, bench.all_alive(axes, sets))
        bench.forbid(f"{variable.name} probability", sets, beyond, f"the probability {variable.name} left 0 to 1")


def _refuse_collisions(bench: Workbench) -> None:
    """Stream keys have 32 bits: of scenarios with a thousand names, one in ten thousand holds two that agree."""
    scenario = bench.checked.scenario
    groups = find_collisions([*bench.streams, *map(belief_stream, scenario.beliefs), VIEW_STREAM])
    if groups:
        hint = "give one of them another name"
        raise ScenarioError(
            [
                Diagnostic(scenario.span, "same-draws", f"{listed} would draw the same random numbers", hint)
                for listed in (" and ".join(f"`{name}`" for name in group) for group in groups)
            ],
            scenario.lines,
        )
