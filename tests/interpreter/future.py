"""From one state to the next."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from interpreter.draws import drawn, fraction, open_uniform, philox
from interpreter.moment import Moment, Substep, ieee, is_unknown
from interpreter.report import bad_stays, bounds, conclude, failures, out_of_bounds, read, unreportable, within
from interpreter.state import NONE, Choice, Env, Members, Place, Played, State, bound
from playout.compile.draws import stream_key
from playout.model.checked import Change, CheckedScenario
from playout.model.distribution import SCORE_QUANTILES, UNIFORM_QUANTILES
from playout.model.expression import IndexVariable, Law, Typed
from playout.model.scenario import Binder, Event, Game, Move, Splinter, Stock, Track


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
            read(self, moment, played)
            if moment.k == self.checked.steps:
                if failed := unreportable(self, moment):
                    played.stopped = (moment.k, failed)
                    return played
                break
            failed = failures(self, moment)
            try:
                state = self.update(moment)
                failed |= out_of_bounds(self, state) | bad_stays(self, moment, state)
            except (ArithmeticError, ValueError, StopIteration, RuntimeWarning):
                if not failed:  # what fails already may have no next state
                    raise
            if failed:
                played.stopped = (moment.k, failed)
                return played
            self.moments.append(Moment(self, moment.k + 1, state))
        conclude(self, played)
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
        for chosen in scenario.chosen.values():
            odds = tuple(float(end.name == chosen.before) for end in chosen.ends) if isinstance(chosen, Game) else ()
            state.choices[chosen.name] = {m: Choice(odds=odds) for m in self.everyone(chosen.sets)}
        for event in scenario.events.values():
            state.events[event.name] = dict.fromkeys(self.everyone(tuple(b.set for b in event.binders)), 0.0)
        for stock in scenario.stocks.values():
            sets, tree = tuple(b.set for b in stock.binders), self.meaning[stock.starts]
            living = set(self.living(state, sets))
            state.stocks[stock.name] = {
                m: self.moments[0].number(tree, bound(stock.binders, m)) if m in living else 0.0
                for m in self.everyone(sets)
            }
            values = state.stocks[stock.name]  # a start outside the bounds is not a number, which stops the future
            values |= {m: math.nan for m in living if not within(values[m], *bounds(stock))}
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
        """What a decision or game stands at until it is made or played."""
        chosen = self.scenario.chosen[name]
        if chosen.before is None or chosen.before == "none":
            return NONE
        return self.scenario.choices(chosen).index(chosen.before)

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
            binders = scenario.chosen[name].binders
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
            second = Substep(moment, moment, 0.5)
            third = Substep(moment, second, 0.5)
            fourth = Substep(moment, third, 1.0)
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
                    if any(map(is_unknown, at)):  # it might be anybody
                        known = [(n, inner[i.name]) for n, i in enumerate(indices) if isinstance(i, IndexVariable)]
                        meant = [m for m in values if all(m[n] == member for n, member in known)]
                        values |= dict.fromkeys(meant, math.nan)
                        continue
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
                            values[at] *= ieee(np.power, amount, n)

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
                if sets.count(set_name) == 1:  # between members of one set nothing says what a newcomer gets
                    self.inherit(stock, sets.index(set_name), parent, free[0], share, moment, new)

    def waiting(self, item: Splinter, event: Event, moment: Moment) -> list[tuple[int, float]]:
        """The parents that split in this step, in member order and as often as they do, with the shares given up."""
        found = []
        for m in self.everyone(tuple(b.set for b in event.binders)):
            env, n = bound(event.binders, m), int(moment.count(event.name, m))
            parent = moment.value(self.meaning[item.parent], env) if n else NONE
            if is_unknown(parent):  # it might be anybody, and a share of what is not a number stops the future
                found += [(p, math.nan) for p in range(self.sizes[str(self.meaning[item.parent].type.set)])]
            elif parent != NONE:
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
            if (d.when is None or moment.holds(self.meaning[d.when], env)) and (rest if share is None else share) > 0
        ]

    def hazards(self, track: Track, at: Members, place: Place, moment: Moment) -> list[tuple[Move, float]]:
        """The moves out of a member's stage whose guards hold, with their rates."""
        name, env = track.stages[place.stage].name, bound(track.binders, at)
        return [
            (m, moment.number(self.meaning[m.rate], env))
            for m in track.moves
            if name in [origin for origin, _ in m.origins]
            and (m.when is None or moment.holds(self.meaning[m.when], env))
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
