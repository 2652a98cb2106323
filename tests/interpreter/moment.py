"""A step as seen from its state.

A `Moment` works out any value that is asked of it, and remembers it. Every moment of a future is kept, so history
functions simply ask an earlier one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from interpreter.draws import drawn, open_uniform
from interpreter.game import play_game
from interpreter.state import NONE, Choice, Env, Members, State, Value, bound
from playout.model.expression import (
    Clock,
    Constant,
    EndOdds,
    History,
    IndexVariable,
    Lookup,
    MemberOf,
    Operation,
    Reduction,
    Reference,
    StageTest,
    Typed,
)
from playout.model.scenario import Decision, Event, Game, Stock

if TYPE_CHECKING:
    from interpreter.future import Player


# --- arithmetic as IEEE 754 has it, where Python would raise ----------------------------------------------------------


def ieee(function: Any, *arguments: float) -> float:
    with np.errstate(all="ignore"):
        return float(function(*map(np.float64, arguments)))


def extreme(function: Any, values: Sequence[float]) -> float:
    """The smallest or largest; not a number where any is not."""
    return math.nan if any(map(math.isnan, values)) else float(function(values))


def is_unknown(value: Value) -> bool:
    """Whether a value of any kind rests on what is not a number. It is then NaN, also for a truth value or member."""
    return isinstance(value, float) and math.isnan(value)


ARITHMETIC = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: ieee(np.divide, a, b),
    "pow": lambda a, b: ieee(np.power, a, b),
    "neg": lambda a: -a,
    "not": lambda a: not a,
    "min": lambda *a: extreme(min, a),
    "max": lambda *a: extreme(max, a),
    "abs": abs,
    "exp": lambda a: ieee(np.exp, a),
    "log": lambda a: ieee(np.log, a),
    "sqrt": lambda a: ieee(np.sqrt, a),
    "clip": lambda x, low, high: extreme(min, (extreme(max, (x, low)), high)) if low <= high else math.nan,
    "logistic": lambda a: ieee(special.expit, a),
}
COMPARISONS = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
}


def may_be_never(tree: Typed) -> bool:
    """Whether a tree is a date, or the time between two."""
    dates = [tree] if not isinstance(tree, Operation) or tree.operator != "sub" else list(tree.arguments)
    return any(date.type.kind == "date" for date in dates)


# --- a moment ---------------------------------------------------------------------------------------------------------


class Moment:
    """Step k as seen from its state S_k."""

    def __init__(self, player: Player, k: int, state: State) -> None:
        self.player = player
        self.k = k
        self.state = state
        self.root = self  # the moment whose tracks, decisions, draws and delays hold
        self.days = k * player.days  # the time now
        self.memo: dict[Any, Value] = {}

    def once(self, key: Any, make: Any) -> Value:
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    # --- expressions ---

    def value(self, tree: Typed, env: Env) -> Value:
        match tree:
            case Constant(type, value):
                return bool(value) if type.kind == "bool" else float(value)
            case MemberOf():
                return tree.position
            case IndexVariable():
                return env[tree.name]
            case Clock():
                return self.days
            case Reference():
                return self.reference(tree, tuple(self.value(i, env) for i in tree.indices))
            case StageTest():
                return self.root.stage_test(tree, tuple(self.value(i, env) for i in tree.indices))
            case EndOdds():
                at = tuple(self.value(i, env) for i in tree.indices)
                return math.nan if any(map(is_unknown, at)) else self.root.choice(tree.game, at).odds[tree.end]
            case Lookup():
                xs, ys = zip(*tree.points, strict=True)
                return float(np.interp(self.value(tree.argument, env), xs, ys))
            case Operation():
                return self.operation(tree, env)
            case Reduction():
                return self.reduction(tree, env)
            case History():
                return self.root.history(tree, env)
        raise TypeError(tree)

    def number(self, tree: Typed, env: Env) -> float:
        return float(self.value(tree, env))

    def holds(self, tree: Typed, env: Env) -> bool:
        """Whether a condition is known to be true."""
        value = self.value(tree, env)
        return not is_unknown(value) and bool(value)

    def operation(self, tree: Operation, env: Env) -> Value:
        a = tree.arguments
        match tree.operator:
            case "if" | "and" | "or" | "not" if is_unknown(first := self.value(a[0], env)):
                return math.nan
            case "if":
                return self.value(a[1] if first else a[2], env)
            case "and":
                return self.value(a[1], env) if first else False
            case "or":
                return True if first else self.value(a[1], env)
            case operator if operator in COMPARISONS:
                left, right = self.value(a[0], env), self.value(a[1], env)
                if is_unknown(left) or is_unknown(right):
                    return math.nan
                if any(math.isinf(value) and may_be_never(tree) for value, tree in zip((left, right), a, strict=True)):
                    return False  # every comparison with `never` is false, or with the time to or from it
                if a[0].type.kind in ("member", "option") and left == right == NONE:
                    # Nobody equals nobody, unless the question is just that: `target == none`.
                    return any(isinstance(x, MemberOf) for x in a) == (operator == "eq")
                return COMPARISONS[operator](left, right)
        return ARITHMETIC[tree.operator](*(self.value(x, env) for x in a))

    def reduction(self, tree: Reduction, env: Env) -> Value:
        """Over the living members for which the condition holds, in their order."""
        found = []
        for member in self.player.living(self.state, (tree.set,)):
            inner = {**env, tree.variable: member[0]}
            condition = True if tree.condition is None else self.value(tree.condition, inner)
            if is_unknown(condition):
                return math.nan
            if condition:
                found.append((self.value(tree.body, inner), member[0]))
        values = [v for v, _ in found]
        if any(map(is_unknown, values)):
            return math.nan
        match tree.function:
            case "sum":
                return float(sum(values))
            case "count":
                return float(sum(map(bool, values)))
            case "any":
                return any(values)
            case "all":
                return all(values)
            case "argmax":
                return max(found, key=lambda pair: pair[0])[1] if found else NONE
            case "mean":
                return sum(values) / len(values) if values else math.nan
            case "min":
                return min(values) if values else math.nan
            case "max":
                return max(values) if values else math.nan

    def reference(self, tree: Reference, at: Members) -> Value:
        if any(map(is_unknown, at)):
            return math.nan
        if NONE in at:  # the member that an unmade choice stands for
            return {"bool": False, "member": NONE, "option": NONE}.get(tree.type.kind, math.nan)
        match tree.what:
            case "table":
                return self.player.table(self.root, tree.name, at)
            case "belief":
                return self.player.belief(self.root, tree.name, at)
            case "stock":
                return self.stock(tree.name, at)
            case "flow":
                return self.flow(tree.name, at)
            case "variable":
                return self.variable(tree.name, at)
            case "decision" | "game":
                option = self.root.choice(tree.name, at).option
                return self.player.before(tree.name) if option == NONE else option
            case "event":
                return self.root.count(tree.name, at)

    def stock(self, name: str, at: Members) -> float:
        return self.state.stocks[name][at]

    def variable(self, name: str, at: Members) -> Value:
        variable = self.player.scenario.variables[name]
        tree = self.player.meaning[variable.expression]
        return self.once(("variable", name, at), lambda: self.value(tree, bound(variable.binders, at)))

    def flow(self, name: str, at: Members) -> float:
        stock, flow = self.player.flows[name]
        if not self.player.is_alive(self.state, stock.binders, at):
            return 0.0
        tree = self.player.meaning[flow.rate]
        return self.once(("flow", name, at), lambda: self.number(tree, bound(stock.binders, at)))

    def net(self, stock: Stock, at: Members) -> float:
        """What a stock gains per day."""
        return sum(self.flow(f.name, at) for f in stock.plus) - sum(self.flow(f.name, at) for f in stock.minus)

    # --- tracks and history ---

    def stage_test(self, tree: StageTest, at: Members) -> Value:
        if any(map(is_unknown, at)):
            return math.nan
        stage = self.player.scenario.tracks[tree.track].position(tree.stage)
        place = self.state.places[tree.track].get(at)
        here = place is not None and place.stage == stage
        match tree.question:
            case "in":
                return here
            case "enters":
                return here and place is not None and place.entry == self.k
            case "reached":
                return place is not None and stage in place.first
            case "since":
                return (self.k - place.entry) * self.player.days + place.over if here and place is not None else 0.0
            case "first":
                return place.first.get(stage, math.inf) if place is not None else math.inf

    def history(self, tree: History, env: Env) -> Value:
        moments = self.player.moments
        match tree.function:
            case "delay":
                return moments[max(0, self.k - tree.lag)].value(tree.body, env)
            case "change":
                return self.value(tree.body, env) - moments[max(0, self.k - tree.lag)].value(tree.body, env)
        for earlier in moments[: self.k]:  # one after the other, lest a long past recurses too deep
            earlier.accumulated(tree, env)
        return self.accumulated(tree, env)

    def accumulated(self, tree: History, env: Env) -> float:
        make = self.total if tree.function == "total" else self.smooth
        return self.once((tree, tuple(sorted(env.items()))), lambda: make(tree, env))

    def total(self, tree: History, env: Env) -> float:
        """The integral since the start, each step's value times its length."""
        if self.k == 0:
            return 0.0
        before = self.player.moments[self.k - 1]
        return before.accumulated(tree, env) + self.player.days * Report(before).number(tree.body, env)

    def smooth(self, tree: History, env: Env) -> float:
        """Exponential smoothing: each step goes part of the way from what it was to x."""
        if self.k == 0:
            return self.number(tree.body, env)
        before = self.player.moments[self.k - 1]
        assert tree.time_constant is not None
        share = self.player.days / before.number(tree.time_constant, env)
        so_far = before.accumulated(tree, env)
        return so_far + share * (before.number(tree.body, env) - so_far)

    # --- decisions ---

    def choice(self, name: str, at: Members) -> Choice:
        """The choice as it holds in this step, made just now if it falls due."""
        return self.once(("choice", name, at), lambda: self.choose(self.player.scenario.chosen[name], at))

    def choose(self, decision: Decision | Game, at: Members) -> Choice:
        if isinstance(decision, Game):
            return play_game(self, decision, at)
        last = self.state.choices[decision.name][at]
        if not self.is_due(decision, at):
            return last
        taken = self.pinned(decision, at)
        if taken is None:
            taken = self.best(decision, at)
        return last if taken == NONE else Choice(taken, last.made + 1, self.k)

    def is_due(self, decision: Decision | Game, at: Members) -> bool:
        """For the first time, or again after the spacing, while the condition holds."""
        when, env = decision.when, bound(decision.binders, at)
        return self.may_fall_due(decision, at) and (when is None or self.holds(self.player.meaning[when], env))

    def may_fall_due(self, decision: Decision | Game, at: Members) -> bool:
        """Whether it would be due if its condition held."""
        player, env = self.player, bound(decision.binders, at)
        if not player.is_alive(self.state, decision.binders, at):
            return False
        last = self.state.choices[decision.name][at]
        if last.made:
            if decision.every is None:
                return False
            if self.k - last.at < round(self.number(player.meaning[decision.every], env) / player.days):
                return False
        return True

    def pinned(self, decision: Decision, at: Members) -> int | None:
        """The option that the policy, or else the view, imposes on choices due now."""
        player = self.player
        mine = player.changes(self, decision.name, at, player.policy)
        theirs = player.changes(self, decision.name, at, player.view)
        closed = [c.option for c in mine if c.operator == "forbid"]
        pins = [c.option for c in theirs if c.operator == "=" and c.option not in closed]
        pins += [c.option for c in mine if c.operator == "="]
        return pins[-1] if pins else None

    def best(self, decision: Decision, at: Members) -> int:
        """The open option with the largest sum of rationality × value and Gumbel noise, the first among equals."""
        rationality = 1.0
        if decision.rationality is not None:
            rationality = self.number(self.player.meaning[decision.rationality], bound(decision.binders, at))
        best, highest = NONE, -math.inf
        for position, value, word in self.offers(decision, at):
            utility = rationality * value - math.log(-math.log(open_uniform(word)))
            if math.isnan(utility):
                return NONE  # the future stops here
            if utility > highest:
                best, highest = position, utility
        return best

    def offers(self, decision: Decision, at: Members) -> list[tuple[int, float, int]]:
        """What can be chosen now: position, value, and the random word it is drawn by."""
        player, env = self.player, bound(decision.binders, at)
        changes = player.changes(self, decision.name, at, [*player.view, *player.policy])
        forbidden = {c.option for c in changes if c.operator == "forbid"}
        number = self.state.choices[decision.name][at].made
        offers = []
        if decision.choose is not None:
            assert decision.value is not None
            sets = (*(b.set for b in decision.binders), decision.choose)
            for (candidate,) in player.living(self.state, (decision.choose,)):
                inner = {**env, decision.choose: candidate}
                if decision.among is None or self.holds(player.meaning[decision.among], inner):
                    word = player.word(decision.name, sets, (*at, candidate), number)
                    offers.append((candidate, self.number(player.meaning[decision.value], inner), word))
        else:
            sets = tuple(b.set for b in decision.binders)
            for position, option in enumerate(decision.options):
                if option.when is None or self.holds(player.meaning[option.when], env):
                    word = player.word(f"{decision.name}.{option.name}", sets, at, number)
                    offers.append((position, self.number(player.meaning[option.value], env), word))
        return [offer for offer in offers if offer[0] not in forbidden]

    # --- events ---

    def mean(self, event: Event, at: Members) -> float | None:
        """The expected count of an event with a rate in this step, None for one that goes by its condition alone."""
        if event.rate is None:
            return None
        return self.number(self.player.meaning[event.rate], bound(event.binders, at)) * self.player.days

    def count(self, name: str, at: Members) -> float:
        return self.once(("count", name, at), lambda: self.occurrences(self.player.scenario.events[name], at))

    def occurrences(self, event: Event, at: Members) -> float:
        player, env = self.player, bound(event.binders, at)
        if not player.is_alive(self.state, event.binders, at):
            return 0.0
        if event.when is not None and not self.holds(player.meaning[event.when], env):
            return 0.0
        mean = self.mean(event, at)
        if mean is None:
            return 1.0
        word = player.word(event.name, tuple(b.set for b in event.binders), at, self.k)
        return drawn("poisson", [mean], word)


class Substep(Moment):
    """A stage of rk4: stocks and smoothed values moved on along the slopes of the stage before, all else held still."""

    def __init__(self, root: Moment, before: Moment, part: float) -> None:
        super().__init__(root.player, root.k, root.state)
        self.root = root
        self.before = before
        self.part = part * root.player.days
        self.days = root.days + self.part

    def stock(self, name: str, at: Members) -> float:
        gain = self.before.net(self.player.scenario.stocks[name], at)
        return self.root.stock(name, at) + self.part * gain


class Report(Moment):
    """A moment as measures see it: a flow is its weighted average over the step."""

    def __init__(self, root: Moment) -> None:
        super().__init__(root.player, root.k, root.state)
        self.root = root
        self.memo = root.memo  # variables are those of the state

    def flow(self, name: str, at: Members) -> float:
        return sum(weight * stage.flow(name, at) for weight, stage in self.player.stages(self.root))

    def variable(self, name: str, at: Members) -> Value:
        return self.root.variable(name, at)
