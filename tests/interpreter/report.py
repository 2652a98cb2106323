"""What is read off a future, and what stops it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from interpreter.game import failed_game
from interpreter.moment import Moment, Report
from interpreter.state import NONE, Members, Played, State, bound
from playout.model.scenario import Event, Measure, Splinter

if TYPE_CHECKING:
    from interpreter.future import Player

SLACK = 1e-6
"""How far a bound gives way to rounding, relative to the bound or to 1."""


def read(player: Player, moment: Moment, played: Played) -> None:
    state, scenario = moment.state, player.scenario
    played.states.append(state)
    for measure in scenario.measures.values():
        played.measures.setdefault(measure.name, []).append(
            {m: measured(player, measure, m, moment) for m in player.everyone(tuple(b.set for b in measure.binders))}
        )
    for track in scenario.tracks.values():
        members = player.everyone(tuple(b.set for b in track.binders))
        places = state.places[track.name]
        played.stages.setdefault(track.name, []).append({m: places[m].stage if m in places else NONE for m in members})
    for question in scenario.questions.values():
        if moment.k == min(player.checked.steps, (question.by - scenario.start).days // scenario.step_days):
            played.questions[question.name] = bool(moment.value(player.meaning[question.that], {}))
            if question.given is not None:
                played.given[question.name] = bool(moment.value(player.meaning[question.given], {}))


def measured(player: Player, measure: Measure, at: Members, moment: Moment) -> float:
    """A level at S_k, or the amount of step k: a rate times the step, or a count."""
    if not player.is_alive(moment.state, measure.binders, at):
        return 0.0
    tree = player.meaning[measure.of]
    value = Report(moment).number(tree, bound(measure.binders, at))
    per_time = dict(tree.type.dimension.exponents).get("day") == -1
    return value * player.days if measure.per and per_time else value


def out_of_bounds(player: Player, state: State) -> set[tuple[str, Members]]:
    """The stocks that the step left outside their bounds, or no finite numbers."""
    failed = set()
    for stock in player.scenario.stocks.values():
        low, high = (b * stock.unit.factor for b in stock.within or (-math.inf, math.inf))
        failed |= {(stock.name, m) for m, v in state.stocks[stock.name].items() if not within(v, low, high)}
    return failed


def failures(player: Player, moment: Moment) -> set[tuple[str, Members]]:
    """What stops a future at S_k: rates below 0, shares and changed probabilities outside 0 to 1, measures that are no
    numbers."""
    failed = changed_probabilities(player, moment)
    for event in player.scenario.events.values():
        for m in player.living(moment.state, tuple(b.set for b in event.binders)):
            if not within(mean_if_on(player, event, m, moment), 0.0, math.inf, slack=0.0):
                failed.add((f"{event.name}.rate", m))
    for track in player.scenario.tracks.values():
        for m, place in moment.state.places[track.name].items():
            for move, rate in player.hazards(track, m, place, moment):
                if not within(rate, 0.0, math.inf, slack=0.0):
                    failed.add((f"{track.name}.rate {track.moves.index(move)}", m))
            for share in track.stages[place.stage].then:
                if share.share is not None:
                    value = moment.number(player.meaning[share.share], bound(track.binders, m))
                    if not within(value, 0.0, 1.0):
                        failed.add((f"{track.name}.{track.stages[place.stage].name}.{share.stage} share", m))
    for decision in player.scenario.decisions.values():
        for m in player.living(moment.state, tuple(b.set for b in decision.binders)):
            for position, value, _ in moment.offers(decision, m) if moment.is_due(decision, m) else ():
                if not math.isfinite(value) and decision.choose is not None:
                    failed.add((f"{decision.name}.a candidate", (*m, position)))
                elif not math.isfinite(value):
                    failed.add((f"{decision.name}.{decision.options[position].name}", m))
    for game in player.scenario.games.values():
        for m in player.living(moment.state, game.sets):
            if moment.is_due(game, m):
                failed |= {(name, m) for name in failed_game(moment, game, m)}
    failed |= failed_shares(player, moment)
    for measure in player.scenario.measures.values():
        for m in player.living(moment.state, tuple(b.set for b in measure.binders)):
            if not math.isfinite(measured(player, measure, m, moment)):
                failed.add((f"measure {measure.name}", m))
    return failed


def changed_probabilities(player: Player, moment: Moment) -> set[tuple[str, Members]]:
    """Tables and beliefs that are probabilities and that a policy or view has carried out of 0 to 1."""
    failed = set()
    inputs = ((player.scenario.tables, player.table), (player.scenario.beliefs, player.belief))
    for things, value in inputs:
        for thing in things.values():
            if thing.unit.is_probability and any(c.name == thing.name for c in (*player.view, *player.policy)):
                for m in player.living(moment.state, thing.sets):
                    if not within(value(moment, thing.name, m), 0.0, 1.0):
                        failed.add((f"{thing.name} changed", m))
    return failed


def failed_shares(player: Player, moment: Moment) -> set[tuple[str, Members]]:
    """Splinters that happen in this step and would take less than nothing or more than all."""
    failed, number = set(), dict.fromkeys(player.scenario.sets, 0)
    for event in player.scenario.events.values():
        for item in event.does:
            if isinstance(item, Splinter):
                set_name = str(player.meaning[item.parent].type.set)
                number[set_name] += 1
                for parent, share in player.waiting(item, event, moment):
                    if not within(share, 0.0, 1.0):
                        failed.add((f"splinter {set_name} {number[set_name]} share", (parent,)))
    return failed


def mean_if_on(player: Player, event: Event, at: Members, moment: Moment) -> float:
    if event.when is not None and not moment.value(player.meaning[event.when], bound(event.binders, at)):
        return 0.0
    mean = moment.mean(event, at)
    return 0.0 if mean is None else mean


def conclude(player: Player, played: Played) -> None:
    end, state = player.moments[-1], player.moments[-1].state
    for track in player.scenario.tracks.values():
        members = list(player.everyone(tuple(b.set for b in track.binders)))
        places = state.places[track.name]
        for position, stage in enumerate(track.stages):
            played.first[track.name, stage.name] = {
                m: places[m].first.get(position, math.inf) if m in places else math.inf for m in members
            }
    for decision in player.scenario.chosen.values():
        members = list(player.everyone(tuple(b.set for b in decision.binders)))
        played.choices[decision.name] = {m: end.choice(decision.name, m).option for m in members}
    played.events = state.events
    played.shortage = state.shortage


def within(value: float, low: float, high: float, slack: float = SLACK) -> bool:
    """Whether a number is finite and inside its bounds, but for rounding."""
    if math.isfinite(low):
        low -= slack * max(1.0, abs(low))
    if math.isfinite(high):
        high += slack * max(1.0, abs(high))
    return math.isfinite(value) and low <= value <= high
