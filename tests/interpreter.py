"""The meaning of a step, in plain Python: one future of a checked scenario, played with floats, dicts and loops.

What an engine does is right if it agrees with this, and this is right if it reads like the language's own description
of a step. It takes the typed trees as the checks leave them and knows nothing of Programs, arrays or engines. From the
package it borrows the trees, the quantile functions and the name of a stream; it has a Philox of its own.

A `Moment` is a step as seen from its state S_k: any value asked of it is worked out on the spot and remembered. Every
moment of the future is kept, so history functions simply ask an earlier one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import special

from playout.compile.draws import stream_key
from playout.model.checked import Change, CheckedScenario
from playout.model.distribution import SCORE_QUANTILES, UNIFORM_QUANTILES
from playout.model.expression import (
    Clock,
    Constant,
    History,
    IndexVariable,
    Law,
    Lookup,
    MemberOf,
    Operation,
    Reduction,
    Reference,
    StageTest,
    Typed,
)
from playout.model.scenario import Binder, Decision, Event, Measure, Move, Splinter, Stock, Track

Members = tuple[int, ...]
"""One position per index."""
Env = Mapping[str, int]
"""What the index variables in scope stand for."""
Value = Any
"""float for numbers and dates, bool, or int for members and options (-1: none)."""

NONE = -1
SLACK = 1e-6


# --- what comes out ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a member stands on a track.

    It entered its stage `over` days before the state at step `entry`, for a stay that `lasts` so many days. `waiting`:
    its time was over and no destination open. `first` has the dates of first entries, in days since the start.
    """

    stage: int
    entry: int
    over: float
    lasts: float
    first: Mapping[int, float]
    entries: int = 0
    waiting: bool = False


@dataclass(frozen=True)
class Choice:
    """The option or member chosen last, how often one was chosen, and in which step."""

    option: int = NONE
    made: int = 0
    at: int = 0


@dataclass
class State:
    """S_k, but for histories, which are asked of earlier moments. Dead members have no place and no choices."""

    stocks: dict[str, dict[Members, float]] = field(default_factory=dict)
    alive: dict[str, list[bool]] = field(default_factory=dict)
    places: dict[str, dict[Members, Place]] = field(default_factory=dict)
    choices: dict[str, dict[Members, Choice]] = field(default_factory=dict)
    events: dict[str, dict[Members, float]] = field(default_factory=dict)
    shortage: dict[str, int] = field(default_factory=dict)


@dataclass
class Played:
    """One future. ``stopped``: the step and the checks that failed there, as (name, members), or None."""

    states: list[State] = field(default_factory=list)
    measures: dict[str, list[dict[Members, float]]] = field(default_factory=dict)
    stopped: tuple[int, set[tuple[str, Members]]] | None = None
    stages: dict[str, list[dict[Members, int]]] = field(default_factory=dict)
    first: dict[tuple[str, str], dict[Members, float]] = field(default_factory=dict)
    choices: dict[str, dict[Members, int]] = field(default_factory=dict)
    events: dict[str, dict[Members, float]] = field(default_factory=dict)
    questions: dict[str, bool] = field(default_factory=dict)
    given: dict[str, bool] = field(default_factory=dict)
    shortage: dict[str, int] = field(default_factory=dict)


def play(
    checked: CheckedScenario,
    future: int,
    beliefs: Mapping[tuple[str, int], float],
    view: int | None = None,
    policy: str | None = None,
    seed: int = 0,
) -> Played:
    """Play one future.

    ``beliefs`` maps (belief, flat member position) to its value in base units, as the belief matrix has it: laws that
    a view or policy replaces are replaced there, while ``*=``, ``+=`` and plain numbers are applied here.
    """
    return Player(checked, future, beliefs, view, policy, seed).play()


# --- draws ------------------------------------------------------------------------------------------------------------


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox-4x32-10 of Salmon and others (2011)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ c3 ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [c0, c1, c2, c3]


def fraction(word: int) -> float:
    """A word in [0, 1), to hold against a chance."""
    return word * 2.0**-32


def open_uniform(word: int) -> float:
    """A word strictly inside (0, 1)."""
    return (word + 0.5) * 2.0**-32


def normal_score(word: int) -> float:
    """A standard normal score: the sign from the top bit, the tail from the other 31."""
    tail = -float(special.ndtri(open_uniform(word & 0x7FFFFFFF)))
    return -tail if word >> 31 else tail


def drawn(kind: str, parameters: list[float], word: int) -> float:
    """The value of a law without parts at a word."""
    if kind in SCORE_QUANTILES:
        return float(SCORE_QUANTILES[kind](normal_score(word), *parameters))
    return float(UNIFORM_QUANTILES[kind](open_uniform(word), *parameters))


# --- arithmetic as IEEE 754 has it, where Python would raise ----------------------------------------------------------


def _ieee(function: Any, *arguments: float) -> float:
    with np.errstate(all="ignore"):
        return float(function(*map(np.float64, arguments)))


ARITHMETIC = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: _ieee(np.divide, a, b),
    "pow": lambda a, b: _ieee(np.power, a, b),
    "neg": lambda a: -a,
    "not": lambda a: not a,
    "min": lambda *a: a[0] if len(a) == 1 else min(a),
    "max": lambda *a: a[0] if len(a) == 1 else max(a),
    "abs": abs,
    "exp": lambda a: _ieee(np.exp, a),
    "log": lambda a: _ieee(np.log, a),
    "sqrt": lambda a: _ieee(np.sqrt, a),
    "clip": lambda x, low, high: min(max(x, low), high),
    "logistic": lambda a: _ieee(special.expit, a),
}
COMPARISONS = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
}


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

    def operation(self, tree: Operation, env: Env) -> Value:
        a = tree.arguments
        match tree.operator:
            case "if":
                return self.value(a[1] if self.value(a[0], env) else a[2], env)
            case "and":
                return self.value(a[0], env) and self.value(a[1], env)
            case "or":
                return self.value(a[0], env) or self.value(a[1], env)
            case operator if operator in COMPARISONS:
                left, right = self.value(a[0], env), self.value(a[1], env)
                if a[0].type.kind == "date" and math.inf in (left, right):
                    return False  # every comparison with `never` is false
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
            if tree.condition is None or self.value(tree.condition, inner):
                found.append((self.value(tree.body, inner), member[0]))
        values = [v for v, _ in found]
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
            case "decision":
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
        return self.once(("choice", name, at), lambda: self.choose(self.player.scenario.decisions[name], at))

    def choose(self, decision: Decision, at: Members) -> Choice:
        player, env = self.player, bound(decision.binders, at)
        if not player.is_alive(self.state, decision.binders, at):
            return Choice()
        last = self.state.choices[decision.name][at]
        every = player.meaning[decision.every] if decision.every is not None else None
        if last.made and (every is None or self.k - last.at < round(self.number(every, env) / player.days)):
            return last
        if decision.when is not None and not self.value(player.meaning[decision.when], env):
            return last
        taken = self.pinned(decision, at)
        if taken is None:
            taken = self.best(decision, at, last.made)
        return last if taken == NONE else Choice(taken, last.made + 1, self.k)

    def pinned(self, decision: Decision, at: Members) -> int | None:
        """The option that the policy, or else the view, imposes on choices due now."""
        player = self.player
        mine = player.changes(self, decision.name, at, player.policy)
        theirs = player.changes(self, decision.name, at, player.view)
        closed = [c.option for c in mine if c.operator == "forbid"]
        pins = [c.option for c in theirs if c.operator == "=" and c.option not in closed]
        pins += [c.option for c in mine if c.operator == "="]
        return pins[-1] if pins else None

    def best(self, decision: Decision, at: Members, number: int) -> int:
        """The open option with the largest sum of rationality × value and Gumbel noise, the first among equals."""
        player, env = self.player, bound(decision.binders, at)
        changes = player.changes(self, decision.name, at, [*player.view, *player.policy])
        forbidden = {c.option for c in changes if c.operator == "forbid"}
        rationality = 1.0
        if decision.rationality is not None:
            rationality = self.number(player.meaning[decision.rationality], env)
        offers = []  # (position, value, word)
        if decision.choose is not None:
            assert decision.value is not None
            sets = (*(b.set for b in decision.binders), decision.choose)
            for (candidate,) in player.living(self.state, (decision.choose,)):
                inner = {**env, decision.choose: candidate}
                if decision.among is None or self.value(player.meaning[decision.among], inner):
                    word = player.word(decision.name, sets, (*at, candidate), number)
                    offers.append((candidate, self.number(player.meaning[decision.value], inner), word))
        else:
            sets = tuple(b.set for b in decision.binders)
            for position, option in enumerate(decision.options):
                if option.when is None or self.value(player.meaning[option.when], env):
                    word = player.word(f"{decision.name}.{option.name}", sets, at, number)
                    offers.append((position, self.number(player.meaning[option.value], env), word))
        best, highest = NONE, -math.inf
        for position, value, word in offers:
            utility = rationality * value - math.log(-math.log(open_uniform(word)))
            if position not in forbidden and utility > highest:
                best, highest = position, utility
        return best

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
        if event.when is not None and not self.value(player.meaning[event.when], env):
            return 0.0
        mean = self.mean(event, at)
        if mean is None:
            return 1.0
        word = player.word(event.name, tuple(b.set for b in event.binders), at, self.k)
        return drawn("poisson", [mean], word)


class Stage4(Moment):
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


# --- the whole future -------------------------------------------------------------------------------------------------


class Player:
    """Plays one future."""

    def __init__(
        self,
        checked: CheckedScenario,
        future: int,
        beliefs: Mapping[tuple[str, int], float],
        view: int | None,
        policy: str | None,
        seed: int,
    ) -> None:
        self.checked = checked
        self.scenario = checked.scenario
        self.meaning = checked.meaning
        self.future = future
        self.seed = seed
        self.beliefs = beliefs
        self.days = float(self.scenario.step_days)
        self.sizes = {name: len(s.members) for name, s in self.scenario.sets.items()}
        self.flows = {f.name: (s, f) for s in self.scenario.stocks.values() for f in (*s.plus, *s.minus)}
        self.view = () if view is None else list(checked.views.values())[view]
        self.policy = () if policy is None else checked.policies[policy]
        self.moments: list[Moment] = []

    def play(self) -> Played:
        played = Played()
        state = self.start()
        while True:
            moment = self.moments[-1]
            self.read(moment, played)
            if moment.k == self.checked.steps:
                break
            failed = self.failures(moment)
            if not failed:
                state = self.update(moment)
                failed = self.out_of_bounds(state)
            if failed:
                played.stopped = (moment.k, failed)
                return played
            self.moments.append(Moment(self, moment.k + 1, state))
        self.conclude(played)
        return played

    # --- members, draws, inputs ---

    def everyone(self, sets: tuple[str, ...]) -> Iterator[Members]:
        return itertools.product(*(range(self.sizes[s]) for s in sets))

    def living(self, state: State, sets: tuple[str, ...]) -> list[Members]:
        return [m for m in self.everyone(sets) if all(state.alive[s][i] for s, i in zip(sets, m, strict=True))]

    def is_alive(self, state: State, binders: tuple[Binder, ...], at: Members) -> bool:
        return all(state.alive[b.set][i] for b, i in zip(binders, at, strict=True))

    def flat(self, sets: tuple[str, ...], at: Members) -> int:
        """Row-major position."""
        position = 0
        for name, i in zip(sets, at, strict=True):
            position = position * self.sizes[name] + i
        return position

    def word(self, stream: str, sets: tuple[str, ...], at: Members, number: int) -> int:
        counter = [self.future, stream_key(stream), self.flat(sets, at), number // 4]
        return philox(counter, [self.seed & 0xFFFFFFFF, self.seed >> 32])[number % 4]

    def law(self, law: Law, word: int, moment: Moment, env: Env) -> float:
        """The value of a law drawn inside the run."""
        if not law.weighted:
            return drawn(law.kind, [moment.number(p, env) for p in law.parameters], word)
        u, below = open_uniform(word), 0.0
        for share, part in law.weighted:
            if u < below + share or (share, part) == law.weighted[-1]:
                break
            below += share
        if not isinstance(part, Law):
            return part
        inside = (u - below) / share
        parameters = [moment.number(p, env) for p in part.parameters]
        if part.kind in SCORE_QUANTILES:
            return float(SCORE_QUANTILES[part.kind](special.ndtri(inside), *parameters))
        return float(UNIFORM_QUANTILES[part.kind](inside, *parameters))

    def changes(self, moment: Moment, name: str, at: Members, of: Sequence[Change]) -> list[Change]:
        """The changes of a name that hold now for this member."""
        return [
            c
            for c in of
            if c.name == name
            and (c.start is None or c.start <= moment.root.days)
            and (c.until is None or moment.root.days < c.until)
            and all(want in (NONE, have) for want, have in zip(c.members or at, at, strict=True))
        ]

    def edited(self, moment: Moment, name: str, at: Members, value: float) -> float:
        mine = self.changes(moment, name, at, self.policy)
        theirs = self.changes(moment, name, at, self.view)
        if any(c.law is not None for c in mine):
            theirs = []  # the policy has given it a law of its own
        for change in [*theirs, *mine]:
            if change.value is None:
                continue  # a law, already in the belief matrix
            amount = moment.number(change.value, {})
            value = {"=": amount, "*=": value * amount, "+=": value + amount}[change.operator]
        return value

    def table(self, moment: Moment, name: str, at: Members) -> float:
        table = self.scenario.tables[name]
        return self.edited(moment, name, at, table.values[self.flat(table.sets, at)] * table.unit.factor)

    def belief(self, moment: Moment, name: str, at: Members) -> float:
        belief = self.scenario.beliefs[name]
        if belief.each == "future":
            return self.edited(moment, name, at, self.beliefs[name, self.flat(belief.sets, at)])
        labels = tuple(self.scenario.sets[s].labels[i] for s, i in zip(belief.sets, at, strict=True))
        entry = next((e for e in belief.entries if e.members == labels), None)
        entry = entry or next(e for e in belief.entries if e.members is None)
        drawn_for = tuple(0 for _ in at) if belief.shared else at
        word = self.word(f"belief {name}", belief.sets, drawn_for, moment.k)
        return self.edited(moment, name, at, self.law(self.checked.laws[entry.law], word, moment, {}))

    # --- the start ---

    def start(self) -> State:
        """S_0. Its parts are filled in while moment 0 is asked for what they rest on."""
        scenario, state = self.scenario, State()
        self.moments = [Moment(self, 0, state)]
        state.alive = {name: [not m.spare for m in s.members] for name, s in scenario.sets.items()}
        state.shortage = {name: 0 for name, s in scenario.sets.items() if s.spares}
        for decision in scenario.decisions.values():
            sets = tuple(b.set for b in decision.binders)
            state.choices[decision.name] = {m: Choice() for m in self.everyone(sets)}
        for event in scenario.events.values():
            state.events[event.name] = dict.fromkeys(self.everyone(tuple(b.set for b in event.binders)), 0.0)
        for stock in scenario.stocks.values():
            sets, tree = tuple(b.set for b in stock.binders), self.meaning[stock.starts]
            living = set(self.living(state, sets))
            state.stocks[stock.name] = {
                m: self.moments[0].number(tree, bound(stock.binders, m)) if m in living else 0.0
                for m in self.everyone(sets)
            }
        for track in scenario.tracks.values():  # every track stands in its first stage before any clock is drawn
            living_ = self.living(state, tuple(b.set for b in track.binders))
            state.places[track.name] = {m: Place(0, 0, 0.0, math.inf, {0: 0.0}) for m in living_}
        clocks = {
            track.name: {m: self.clock(track, 0, m, 0, self.moments[0]) for m in state.places[track.name]}
            for track in scenario.tracks.values()
        }
        for track_name, places in state.places.items():
            for m, place in places.items():
                places[m] = replace(place, lasts=clocks[track_name][m])
        return state

    def before(self, name: str) -> int:
        """What a decision stands at until it is made."""
        decision = self.scenario.decisions[name]
        if decision.before is None or decision.before == "none":
            return NONE
        if decision.choose is not None:
            return self.scenario.sets[decision.choose].labels.index(decision.before)
        return [o.name for o in decision.options].index(decision.before)

    # --- one step ---

    def update(self, moment: Moment) -> State:
        """S_{k+1}."""
        now, scenario = moment.state, self.scenario
        new = State(alive={name: list(a) for name, a in now.alive.items()}, shortage=dict(now.shortage))
        for stock in scenario.stocks.values():
            new.stocks[stock.name] = {
                m: v + self.days * sum(w * stage.net(stock, m) for w, stage in self.stages(moment))
                for m, v in now.stocks[stock.name].items()
            }
        for event in scenario.events.values():
            self.apply(event, moment, new)
        for track in scenario.tracks.values():
            sets = tuple(b.set for b in track.binders)
            new.places[track.name] = {m: self.move(track, m, p, moment) for m, p in now.places[track.name].items()}
            for m in set(self.living(new, sets)) - set(self.living(now, sets)):
                unborn = Place(0, 0, 0.0, math.inf, {})
                new.places[track.name][m] = self.enter(track, m, unborn, 0, 0.0, moment)
        for name, choices in now.choices.items():
            binders = scenario.decisions[name].binders
            new.choices[name] = {
                m: moment.choice(name, m) if self.is_alive(now, binders, m) else c for m, c in choices.items()
            }
        for name, counts in now.events.items():
            new.events[name] = {m: n + moment.count(name, m) for m, n in counts.items()}
        return new

    def stages(self, moment: Moment) -> list[tuple[float, Moment]]:
        """The slopes that carry a step, with their weights: one for Euler, four for Runge and Kutta."""
        if self.scenario.integrate == "euler":
            return [(1.0, moment)]

        def four() -> list[tuple[float, Moment]]:
            second = Stage4(moment, moment, 0.5)
            third = Stage4(moment, second, 0.5)
            fourth = Stage4(moment, third, 1.0)
            return [(1 / 6, moment), (1 / 3, second), (1 / 3, third), (1 / 6, fourth)]

        return moment.once("stages", four)  # type: ignore[no-any-return]

    # --- effects ---

    def apply(self, event: Event, moment: Moment, new: State) -> None:
        """An event's effects, effect by effect and member by member, on the values as they stand."""
        firing = [(m, int(moment.count(event.name, m))) for m in self.everyone(tuple(b.set for b in event.binders))]
        for item in event.does:
            if isinstance(item, Splinter):
                self.splinter(item, event, moment, new)
                continue
            for m, n in firing:
                env = bound(event.binders, m)
                if not n:
                    continue
                stock, values = self.scenario.stocks[item.target.name], new.stocks[item.target.name]
                indices = self.checked.targets[item.target]
                for inner in self.over_binders(indices, env, moment):
                    at = tuple(moment.value(i, inner) for i in indices)
                    if NONE in at or not self.is_alive(moment.state, stock.binders, at):
                        continue
                    amount = moment.number(self.meaning[item.value], inner)
                    match item.operator:
                        case "=":
                            values[at] = amount
                        case "+=":
                            values[at] += n * amount
                        case "-=":
                            values[at] -= n * amount
                        case "*=":
                            values[at] *= _ieee(np.power, amount, n)

    def over_binders(self, indices: tuple[Typed, ...], env: Env, moment: Moment) -> Iterator[Env]:
        """The index variables a target brings along (`trust[s in service]`) run over the living."""
        own = [i for i in indices if isinstance(i, IndexVariable) and i.name not in env]
        for members in self.living(moment.state, tuple(str(i.type.set) for i in own)):
            yield {**env, **{i.name: m for i, m in zip(own, members, strict=True)}}

    def splinter(self, item: Splinter, event: Event, moment: Moment, new: State) -> None:
        """Parents, in member order, get the lowest free spares, one each time the event fired; each takes its share."""
        set_name = str(self.meaning[item.parent].type.set)
        for parent, share in self.waiting(item, event, moment):
            free = [i for i, alive in enumerate(new.alive[set_name]) if not alive]
            if not free:
                new.shortage[set_name] += 1
                continue
            new.alive[set_name][free[0]] = True
            for stock in self.scenario.stocks.values():
                sets = [b.set for b in stock.binders]
                if set_name in sets:
                    self.inherit(stock, sets.index(set_name), parent, free[0], share, moment, new)

    def waiting(self, item: Splinter, event: Event, moment: Moment) -> list[tuple[int, float]]:
        """The parents that split in this step, in member order and as often as they do, with the shares given up."""
        found = []
        for m in self.everyone(tuple(b.set for b in event.binders)):
            env, n = bound(event.binders, m), int(moment.count(event.name, m))
            parent = moment.value(self.meaning[item.parent], env) if n else NONE
            if parent != NONE:
                found += [(parent, moment.number(self.meaning[item.share], env))] * n
        return sorted(found, key=lambda pair: pair[0])

    def inherit(
        self, stock: Stock, axis: int, parent: int, child: int, share: float, moment: Moment, new: State
    ) -> None:
        values = new.stocks[stock.name]
        for of_parent in [m for m in values if m[axis] == parent]:
            of_child = (*of_parent[:axis], child, *of_parent[axis + 1 :])
            match stock.inherits:
                case "divided":
                    values[of_child] = share * values[of_parent]
                    values[of_parent] -= values[of_child]
                case "copied":
                    values[of_child] = values[of_parent]
                case "fresh":
                    values[of_child] = moment.number(self.meaning[stock.starts], bound(stock.binders, of_child))

    # --- tracks ---

    def move(self, track: Track, at: Members, place: Place, moment: Moment) -> Place:
        """Where a member stands at S_{k+1}: moved by a rate, by its clock, or where it was."""
        step, sets = self.days, tuple(b.set for b in track.binders)
        open_ = self.destinations(track, at, place, moment)
        # A stay that ran out before this step goes on from its true end; one that had to wait, from the step's start.
        left = 0.0 if place.waiting else place.lasts - ((moment.k - place.entry) * step + place.over)
        exposure = min(step, max(left, 0.0)) if open_ else step
        hazards = self.hazards(track, at, place, moment)
        hazard = sum(rate for _, rate in hazards)
        chance = -math.expm1(-hazard * exposure)
        u = fraction(self.word(f"{track.name}.moves", sets, at, moment.k))
        if u < chance:
            cuts = itertools.accumulate(rate for _, rate in hazards)
            taken = next(m for (m, _), cut in zip(hazards, cuts, strict=True) if u < chance * cut / hazard)
            return self.enter(track, at, place, track.position(taken.destination), 0.0, moment)
        if open_ and left <= step:
            u = fraction(self.word(f"{track.name}.then", sets, at, place.entries))
            cuts = itertools.accumulate(share for _, share in open_)
            whole = sum(share for _, share in open_)
            stage = next(s for (s, _), cut in zip(open_, cuts, strict=True) if u < cut / whole)
            return self.enter(track, at, place, stage, step - left, moment)
        return replace(place, waiting=left <= step)

    def destinations(self, track: Track, at: Members, place: Place, moment: Moment) -> list[tuple[int, float]]:
        """Where a member may go from S_k if its time is over, with the shares."""
        stage, env = track.stages[place.stage], bound(track.binders, at)
        shares = [None if d.share is None else moment.number(self.meaning[d.share], env) for d in stage.then]
        rest = max(0.0, 1.0 - sum(s for s in shares if s is not None))
        return [
            (track.position(d.stage), rest if share is None else share)
            for d, share in zip(stage.then, shares, strict=True)
            if (d.when is None or moment.value(self.meaning[d.when], env)) and (rest if share is None else share) > 0
        ]

    def hazards(self, track: Track, at: Members, place: Place, moment: Moment) -> list[tuple[Move, float]]:
        """The moves out of a member's stage whose guards hold, with their rates."""
        name, env = track.stages[place.stage].name, bound(track.binders, at)
        return [
            (m, moment.number(self.meaning[m.rate], env))
            for m in track.moves
            if name in [origin for origin, _ in m.origins]
            and (m.when is None or moment.value(self.meaning[m.when], env))
        ]

    def enter(self, track: Track, at: Members, place: Place, stage: int, over: float, moment: Moment) -> Place:
        """A member in a new stage, which it entered `over` days before the step's end."""
        date = (moment.k + 1) * self.days - over
        entries = place.entries + 1
        lasts = self.clock(track, stage, at, entries, moment)
        return Place(stage, moment.k + 1, over, lasts, {stage: date, **place.first}, entries)

    def clock(self, track: Track, stage: int, at: Members, entry: int, moment: Moment) -> float:
        """How long a stay lasts, drawn on entry."""
        text = track.stages[stage].lasts
        if text is None:
            return math.inf
        word = self.word(f"{track.name}.lasts", tuple(b.set for b in track.binders), at, entry)
        return self.law(self.checked.laws[text], word, moment, bound(track.binders, at))

    # --- what is reported ---

    def read(self, moment: Moment, played: Played) -> None:
        state, scenario = moment.state, self.scenario
        played.states.append(state)
        for measure in scenario.measures.values():
            played.measures.setdefault(measure.name, []).append(
                {m: self.measure(measure, m, moment) for m in self.everyone(tuple(b.set for b in measure.binders))}
            )
        for track in scenario.tracks.values():
            members = self.everyone(tuple(b.set for b in track.binders))
            places = state.places[track.name]
            played.stages.setdefault(track.name, []).append(
                {m: places[m].stage if m in places else NONE for m in members}
            )
        for question in scenario.questions.values():
            if moment.k == min(self.checked.steps, (question.by - scenario.start).days // scenario.step_days):
                played.questions[question.name] = bool(moment.value(self.meaning[question.that], {}))
                if question.given is not None:
                    played.given[question.name] = bool(moment.value(self.meaning[question.given], {}))

    def measure(self, measure: Measure, at: Members, moment: Moment) -> float:
        """A level at S_k, or the amount of step k: a rate times the step, or a count."""
        if not self.is_alive(moment.state, measure.binders, at):
            return 0.0
        tree = self.meaning[measure.of]
        value = Report(moment).number(tree, bound(measure.binders, at))
        per_time = dict(tree.type.dimension.exponents).get("day") == -1
        return value * self.days if measure.per and per_time else value

    def out_of_bounds(self, state: State) -> set[tuple[str, Members]]:
        """The stocks that the step left outside their bounds, or no finite numbers."""
        failed = set()
        for stock in self.scenario.stocks.values():
            low, high = (b * stock.unit.factor for b in stock.within or (-math.inf, math.inf))
            failed |= {(stock.name, m) for m, v in state.stocks[stock.name].items() if not within(v, low, high)}
        return failed

    def failures(self, moment: Moment) -> set[tuple[str, Members]]:
        """What stops a future at S_k: rates below 0, shares outside 0 to 1, measures that are no numbers."""
        failed: set[tuple[str, Members]] = set()
        for event in self.scenario.events.values():
            for m in self.living(moment.state, tuple(b.set for b in event.binders)):
                if not within(self.mean_if_on(event, m, moment), 0.0, math.inf, slack=0.0):
                    failed.add((f"{event.name}.rate", m))
        for track in self.scenario.tracks.values():
            for m, place in moment.state.places[track.name].items():
                for move, rate in self.hazards(track, m, place, moment):
                    if not within(rate, 0.0, math.inf, slack=0.0):
                        failed.add((f"{track.name}.rate {track.moves.index(move)}", m))
                for share in track.stages[place.stage].then:
                    if share.share is not None:
                        value = moment.number(self.meaning[share.share], bound(track.binders, m))
                        if not within(value, 0.0, 1.0):
                            failed.add((f"{track.name}.{track.stages[place.stage].name}.{share.stage} share", m))
        failed |= self.failed_shares(moment)
        for measure in self.scenario.measures.values():
            for m in self.living(moment.state, tuple(b.set for b in measure.binders)):
                if not math.isfinite(self.measure(measure, m, moment)):
                    failed.add((f"measure {measure.name}", m))
        return failed

    def failed_shares(self, moment: Moment) -> set[tuple[str, Members]]:
        """Splinters that happen in this step and would take less than nothing or more than all."""
        failed, number = set(), dict.fromkeys(self.scenario.sets, 0)
        for event in self.scenario.events.values():
            for item in event.does:
                if isinstance(item, Splinter):
                    set_name = str(self.meaning[item.parent].type.set)
                    number[set_name] += 1
                    for parent, share in self.waiting(item, event, moment):
                        if not within(share, 0.0, 1.0):
                            failed.add((f"splinter {set_name} {number[set_name]} share", (parent,)))
        return failed

    def mean_if_on(self, event: Event, at: Members, moment: Moment) -> float:
        if event.when is not None and not moment.value(self.meaning[event.when], bound(event.binders, at)):
            return 0.0
        mean = moment.mean(event, at)
        return 0.0 if mean is None else mean

    def conclude(self, played: Played) -> None:
        end, state = self.moments[-1], self.moments[-1].state
        for track in self.scenario.tracks.values():
            members = list(self.everyone(tuple(b.set for b in track.binders)))
            places = state.places[track.name]
            for position, stage in enumerate(track.stages):
                played.first[track.name, stage.name] = {
                    m: places[m].first.get(position, math.inf) if m in places else math.inf for m in members
                }
        for decision in self.scenario.decisions.values():
            members = list(self.everyone(tuple(b.set for b in decision.binders)))
            played.choices[decision.name] = {m: end.choice(decision.name, m).option for m in members}
        played.events = state.events
        played.shortage = state.shortage


def bound(binders: tuple[Binder, ...], at: Members) -> dict[str, int]:
    return {b.variable: i for b, i in zip(binders, at, strict=True)}


def within(value: float, low: float, high: float, slack: float = SLACK) -> bool:
    """Whether a number is finite and inside its bounds, but for rounding."""
    if math.isfinite(low):
        low -= slack * max(1.0, abs(low))
    if math.isfinite(high):
        high += slack * max(1.0, abs(high))
    return math.isfinite(value) and low <= value <= high
