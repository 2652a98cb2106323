"""What is read off a future, and what stops it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from interpreter.game import failed_game
from interpreter.moment import Moment, Report, is_unknown
from interpreter.state import NONE, Env, Members, Place, Played, State, bound
from playout.model.expression import Constant, Expression, History, IndexVariable, Reduction
from playout.model.scenario import Decision, Event, Measure, Question, Splinter, Stock, Track
from playout.model.typed import constant, everything

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
        if moment.k == asked_at(player, question):
            played.questions[question.name] = moment.holds(player.meaning[question.that], {})
            if question.given is not None:
                played.given[question.name] = moment.holds(player.meaning[question.given], {})


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
        failed |= {(stock.name, m) for m, v in state.stocks[stock.name].items() if not within(v, *bounds(stock))}
    return failed


def bounds(stock: Stock) -> tuple[float, float]:
    low, high = stock.within or (-math.inf, math.inf)
    return low * stock.unit.factor, high * stock.unit.factor


def bad_stays(player: Player, moment: Moment, new: State) -> set[tuple[str, Members]]:
    """Stays that begin with this step's end, or with the run, and are drawn by what is negative or no number."""
    failed = set()
    for track in player.scenario.tracks.values():
        begun = {m: p for m, p in new.places[track.name].items() if p.entry == moment.k + 1}
        at_start = moment.state.places[track.name].items() if moment.k == 0 else ()
        for m, place in (*begun.items(), *at_start):
            stage = track.stages[place.stage]
            law = None if stage.lasts is None else player.checked.laws[stage.lasts]
            if law is None:
                continue
            for tree in law.parameters:
                value = moment.number(tree, bound(track.binders, m))
                if not isinstance(tree, Constant) and not within(value, 0.0, math.inf):
                    failed.add((f"{track.name}.{stage.name} lasts", m))
    return failed


def unreportable(player: Player, moment: Moment) -> set[tuple[str, Members]]:
    """What is reported of a state and is no finite number, or not known."""
    scenario, failed = player.scenario, set()
    for measure in scenario.measures.values():
        for m in player.living(moment.state, tuple(b.set for b in measure.binders)):
            last = moment.k == player.checked.steps
            if not (last and measure.per) and not math.isfinite(measured(player, measure, m, moment)):
                failed.add((f"measure {measure.name}", m))
    for question in scenario.questions.values():
        if moment.k == asked_at(player, question):
            for kind, tree in (("question", question.that), ("given", question.given)):
                if tree is not None and is_unknown(moment.value(player.meaning[tree], {})):
                    failed.add((f"{kind} {question.name}", ()))
    return failed


def asked_at(player: Player, question: Question) -> int:
    """The step at whose state a question is answered."""
    return min(player.checked.steps, (question.by - player.scenario.start).days // player.scenario.step_days)


def failures(player: Player, moment: Moment) -> set[tuple[str, Members]]:
    """What stops a future at S_k: numbers out of their range, conditions that compare what is not a number."""
    failed = unreportable(player, moment) | failed_shares(player, moment) | changed_probabilities(player, moment)
    for event in player.scenario.events.values():
        for m in player.living(moment.state, tuple(b.set for b in event.binders)):
            if not within(mean_if_on(player, event, m, moment), 0.0, math.inf, slack=0.0):
                failed.add((f"{event.name}.rate", m))
            if unsure(moment, event.when, bound(event.binders, m)):
                failed.add((f"`when` of {event.name} known", m))
    for track in player.scenario.tracks.values():
        for m, place in moment.state.places[track.name].items():
            failed |= {(name, m) for name in failed_ways(player, moment, track, m, place)}
    for decision in player.scenario.chosen.values():
        for m in player.living(moment.state, decision.sets):
            if moment.may_fall_due(decision, m) and unsure(moment, decision.when, bound(decision.binders, m)):
                failed.add((f"`when` of {decision.name} known", m))
    for decision in player.scenario.decisions.values():
        for m in player.living(moment.state, decision.sets):
            if moment.is_due(decision, m):
                failed |= failed_choice(moment, decision, m)
    for game in player.scenario.games.values():
        for m in player.living(moment.state, game.sets):
            if moment.is_due(game, m):
                failed |= {(name, m) for name in failed_game(moment, game, m)}
    for variable in player.scenario.variables.values():
        for m in player.living(moment.state, variable.sets) if variable.unit.is_probability else ():
            value = moment.variable(variable.name, m)
            if not is_unknown(value) and not -SLACK <= value <= 1.0 + SLACK:
                failed.add((f"{variable.name} probability", m))
    return failed | failed_time_constants(player, moment)


def unsure(moment: Moment, condition: Expression | None, env: Env) -> bool:
    """Whether a condition compares what is not a number."""
    return condition is not None and is_unknown(moment.value(moment.player.meaning[condition], env))


def failed_ways(player: Player, moment: Moment, track: Track, at: Members, place: Place) -> set[str]:
    """The checks of a member's ways out of its stage that fail."""
    stage, env = track.stages[place.stage], bound(track.binders, at)
    failed = {
        f"{track.name}.rate {track.moves.index(move)}"
        for move, rate in player.hazards(track, at, place, moment)
        if not within(rate, 0.0, math.inf, slack=0.0)
    }
    for move in track.moves:
        names = [origin for origin, _ in move.origins]
        if stage.name in names and unsure(moment, move.when, env):
            failed.add(f"`when` of {track.name} from {', '.join(names)} to {move.destination} known")
    written = 0.0
    for way in stage.then:
        if unsure(moment, way.when, env):
            failed.add(f"`when` of {track.name} from {stage.name} to {way.stage} known")
        if way.share is not None:
            value = moment.number(player.meaning[way.share], env)
            written += value
            if not within(value, 0.0, 1.0):
                failed.add(f"{track.name}.{stage.name}.{way.stage} share")
    if not within(written, -math.inf, 1.0):
        failed.add(f"{track.name}.{stage.name} shares")
    return failed


def failed_choice(moment: Moment, decision: Decision, at: Members) -> set[tuple[str, Members]]:
    """The checks of a due decision that fail."""
    meaning, env, failed = moment.player.meaning, bound(decision.binders, at), set()
    rationality = 1.0 if decision.rationality is None else moment.number(meaning[decision.rationality], env)
    if not within(rationality, 0.0, math.inf):
        failed.add((f"{decision.name}.rationality", at))
    for option in decision.options:
        if unsure(moment, option.when, env):
            failed.add((f"`when` of {option.name} in {decision.name} known", at))
    for (candidate,) in moment.player.living(moment.state, (decision.choose,)) if decision.choose else ():
        if unsure(moment, decision.among, {**env, str(decision.choose): candidate}):
            failed.add((f"`among` of {decision.name} known", (*at, candidate)))
    for position, value, _ in moment.offers(decision, at):
        if not math.isfinite(value) and decision.choose is not None:
            failed.add((f"{decision.name}.a candidate", (*at, position)))
        elif not math.isfinite(value):
            failed.add((f"{decision.name}.{decision.options[position].name}", at))
    return failed


def failed_time_constants(player: Player, moment: Moment) -> set[tuple[str, Members]]:
    """What is smoothed over less than a step, or no finite time."""
    failed = set()
    for tree in (node for root in player.meaning.values() for node in everything(root)):
        if isinstance(tree, History) and tree.time_constant is not None and constant(tree.time_constant) is None:
            parts = list(everything(tree))
            inner = {part.variable for part in parts if isinstance(part, Reduction)}
            indices = [part for part in parts if isinstance(part, IndexVariable) and part.name not in inner]
            free = {index.name: str(index.type.set) for index in indices}
            for m in player.living(moment.state, tuple(free.values())):
                value = moment.number(tree.time_constant, dict(zip(free, m, strict=True)))
                if not (math.isfinite(value) and value >= player.days * (1.0 - SLACK)):
                    failed.add((f"the time constant of `smooth` at {tree.span.line}:{tree.span.column}", m))
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
    if event.when is not None and not moment.holds(player.meaning[event.when], bound(event.binders, at)):
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
