"""Random small scenarios, in which every construct may meet every other: engine against interpreter.

Quantities are plain numbers and kept tame (clipped, guarded), so that most futures play to their end; those that break
a bound must break it in both readings at the same step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, reject, settings
from hypothesis import strategies as st

from conformance import ENGINES, MakeEngine, agree, beliefs, scenario, watched
from guarded import GuardedEngine
from playout.compile import cut
from playout.compile.lower import lower
from playout.compile.native.engine import NativeEngine
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite
from playout.errors import ScenarioError

T = TypeVar("T")
WITHOUT_SENSE = {"never"}  # what chance may write and the checks rightly refuse, such as a move that cannot happen
RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
LAWS = ["normal(0, 1)", "uniform(0, 2)", "0.5 to 2", "gamma(2, 0.5)", "bernoulli(0.4)", "0.5 to 2, likely 0.7"]
STAYS = ["1 to 4 weeks", "gamma(2, 5 days)", "10 days", "exponential({})", "lognormal({}, 0.5)", "uniform(0, 30) days"]


@dataclass
class Thing:
    """Something an equation may name: with or without the index over `o`."""

    name: str
    indexed: bool

    def at(self, index: str | None) -> str:
        return f"{self.name}[{index}]" if self.indexed else self.name


@dataclass
class Odds(Thing):
    """The odds of a game's end."""

    end: str = "w0"

    def at(self, index: str | None) -> str:
        return f"odds({Thing.at(self, index)}.{self.end})"


@dataclass
class Writer:
    """Writes one scenario. Atoms are offered to equations as soon as they are declared, so nothing loops.

    ties: comparisons may be of numbers that are equal but for rounding, so that every future is a matter of it.
    """

    draw: st.DrawFn
    ties: bool = True
    numbers: list[Thing] = field(default_factory=list)
    tracks: list[tuple[Thing, list[str]]] = field(default_factory=list)
    ends: list[tuple[Thing, list[str]]] = field(default_factory=list)
    options: list[tuple[Thing, list[str]]] = field(default_factory=list)
    targets: list[Thing] = field(default_factory=list)
    stock_names: list[tuple[Thing, bool]] = field(default_factory=list)  # and whether it is over both sets
    belief_names: list[Thing] = field(default_factory=list)
    starters: list[Thing] = field(default_factory=lambda: [Thing("k", True)])  # what a stock may start from
    event_names: list[Thing] = field(default_factory=list)
    spares: int = 0
    used: int = 0
    history: bool = True

    # --- choosing ---

    def pick(self, items: Sequence[T]) -> T:
        return self.draw(st.sampled_from(list(items)))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(1, 100)) > 100 - percent

    def number_between(self, low: float, high: float) -> str:
        return f"{self.draw(st.integers(round(low * 20), round(high * 20))) / 20:g}"

    def fresh(self) -> str:
        """An index variable that nobody uses yet."""
        self.used += 1
        return f"v{self.used}"

    # --- equations ---

    def index(self, i: str | None) -> str:
        return i if i is not None and not self.chance(15) else self.pick(["a", "b"])

    def atom(self, i: str | None) -> str:
        if not self.numbers or self.chance(15):
            return self.number_between(-2, 2)
        return self.pick(self.numbers).at(self.index(i))

    def number(self, i: str | None, depth: int = 2) -> str:
        """An equation that is a tame number, in the scope of index ``i`` over `o`."""
        if depth == 0 or self.chance(20):
            return self.atom(i)
        x, y = self.number(i, depth - 1), self.atom(i)
        kind = self.pick(["+", "*", "/", "if", "call", "reduce", "history", "time", "pick"])
        match kind:
            case "+":
                return f"({x} {self.pick('+-')} {y})"
            case "*":
                return f"clip({x}, -5, 5) * clip({y}, -2, 2)"
            case "/":
                return f"{x} / (1 + abs({y}))"
            case "if":
                return f"({x} if {self.truth(i, depth - 1)} else {y})"
            case "call":
                call = self.pick(
                    ["abs({})", "logistic({})", "min({}, {y})", "max({}, {y})", "exp(clip({}, -3, 1))",
                     "sqrt(abs({}))", "log(1 + abs({}))", "clip({}, -1, 1)", "-({})", "abs({}) ** 0.5",
                     "lookup({}, [[-1, 0], [0, 2], [2, 1]])"]
                )  # fmt: skip
                return call.format(x, y=y)
            case "reduce":
                return self.reduction(depth - 1)
            case "history" if self.history and (self.numbers or self.tracks):
                return self.past(i, depth - 1)
            case "time":
                return f"(time / 10 weeks + {x})"
            case "pick" if self.targets:
                target = self.pick(self.targets).at(self.index(i))
                inner = [n for n in self.numbers if n.indexed]
                if inner:
                    return f"({self.pick(inner).at(target)} if {target} != none else {x})"
        return x

    def reduction(self, depth: int) -> str:
        v = self.fresh()
        condition = f" if {self.truth(v, 1)}" if self.chance(30) else ""
        body = self.number(v, depth)
        function = self.pick(["sum", "mean", "min", "max", "count"] if not condition else ["sum", "count"])
        if function == "count":
            body = self.truth(v, depth)
        return f"clip({function}({body} for {v} in o{condition}), -9, 9)"

    def past(self, i: str | None, depth: int) -> str:
        if self.tracks and self.chance(40):
            track, stages = self.pick(self.tracks)
            return f"(since({track.at(self.index(i))}.{self.pick(stages)}) / 5 weeks)"
        x = self.number(i, depth)
        form = self.pick(
            ["delay({}, 2 weeks)", "delay({}, 1 week)", "change({}, 3 weeks)", "total({}) / 10 weeks",
             "smooth({}, 3 weeks)", "smooth({}, 2 weeks * (1 + abs({y})))"]
        )  # fmt: skip
        return form.format(x, y=self.atom(i))

    def truth(self, i: str | None, depth: int = 1) -> str:
        """A condition."""
        kind = self.pick(["<", "and", "not", "stage", "date", "option", "any", "first"])
        match kind:
            case "and" if depth > 0:
                return f"({self.truth(i, depth - 1)} {self.pick(['and', 'or'])} {self.truth(i, depth - 1)})"
            case "not" if depth > 0:
                return f"(not {self.truth(i, depth - 1)})"
            case "stage" if self.tracks:
                track, stages = self.pick(self.tracks)
                test = f"{track.at(self.index(i))}.{self.pick(stages)}"
                return self.pick(["{}", "reached({})", "enters({})", "since({}) > 2 weeks"]).format(test)
            case "first" if self.tracks:
                track, stages = self.pick(self.tracks)
                at = track.at(self.index(i))
                other = self.pick([f"first({at}.{self.pick(stages)})", "2025-02-10", "date"])
                return f"(first({at}.{self.pick(stages)}) {self.pick(['<', '<=', '>', '>='])} {other})"
            case "option" if self.options or self.ends:
                decision, names = self.pick([*self.options, *self.ends])
                return f"({decision.at(self.index(i))} {self.pick(['==', '!='])} {self.pick(names)})"
            case "any" if depth > 0:
                v = self.fresh()
                return f"{self.pick(['any', 'all'])}({self.truth(v, depth - 1)} for {v} in o)"
            case "date":
                return f"date {self.pick(['<', '>=', '>'])} {self.pick(['2025-01-20', '2025-02-10', '2025-03-03'])}"
        aside = "" if self.ties else " + 0.0137"
        return f"({self.number(i, max(depth, 0))} {self.pick(['<', '<=', '>', '>='])} {self.atom(i)}{aside})"

    def rate(self, i: str | None, scale: str = "1") -> str:
        return f"{scale} 1/week * min(0.05 + abs({self.number(i)}), 3)"

    # --- definitions ---

    def scenario(self) -> str:
        self.spares = self.draw(st.integers(0, 2))
        spare = f", spare: {self.spares}" if self.spares else ""
        parts = [
            f"integrate: {self.pick(['euler', 'euler', 'rk4'])}",
            self.pick(["horizon: 9 weeks", "step: 2 weeks\nhorizon: 14 weeks"]),
            "actors: {chief: {title: The chief}}",
            f"sets:\n  o: {{a: {{}}, b: {{}}{spare}}}\n  p: {{x: {{}}, y: {{}}}}",
            "tables:\n  k[o]: {values: {a: 1, b: -0.5}, otherwise: 0.3}",
        ]
        if "2 weeks" in parts[1]:
            self.history = False  # spans of delays are whole steps
        self.numbers.append(Thing("k", True))
        parts.append(self.beliefs())
        self.declare_stocks()
        self.declare_tracks()
        parts += [self.variables_and_decisions(), self.flows(), self.moves(), self.events(), self.measures()]
        if self.chance(40):
            parts.append(self.variants())
        return "\n".join(p for p in parts if p)

    def beliefs(self) -> str:
        lines = []
        for n in range(self.draw(st.integers(1, 3))):
            thing = Thing(f"b{n}", self.chance(40))
            shared = ", shared: true" if thing.indexed and self.chance(25) else ""
            each = self.pick(["", "", "", ", each: step"])
            head = f"{thing.name}{'[o]' if thing.indexed else ''}"
            lines.append(f'  {head}: {{is: "{self.pick(LAWS)}", unit: "1", assumed: a test{each}{shared}}}')
            self.belief_names.append(thing)
            if not each:
                self.starters.append(thing)
        self.numbers += self.belief_names
        return "beliefs:\n" + "\n".join(lines)

    def declare_stocks(self) -> None:
        """Names first: flows are written when everything they may read has a name."""
        for n in range(self.draw(st.integers(1, 3))):
            kind = self.pick(["plain", "o", "o", "op"])
            thing = Thing(f"s{n}", kind != "plain")
            self.stock_names.append((thing, kind == "op"))
            self.numbers.append(Pair(thing.name, True) if kind == "op" else thing)

    def declare_tracks(self) -> None:
        for n in range(self.draw(st.integers(0, 2))):
            stages = [f"g{m}" for m in range(self.draw(st.integers(2, 3)))]
            self.tracks.append((Thing(f"t{n}", self.chance(50)), stages))

    def variables_and_decisions(self) -> str:
        variables, decisions, games = [], [], []
        for n in range(self.draw(st.integers(0, 4))):
            indexed = self.chance(50)
            i = "i" if indexed else None
            binder = "[i in o]" if indexed else ""
            if self.chance(60):
                variables.append(f'  v_{n}{binder}: {{is: "{self.number(i, 3)}", unit: "1"}}')
                self.numbers.append(Thing(f"v_{n}", indexed))
                continue
            when = f'    when: "{self.truth(i)}"\n' if self.chance(50) else ""
            every = f"    every: {self.pick(['2 weeks', '4 weeks'])}\n" if self.chance(50) else ""
            if self.chance(30):
                games.append(f"  d_{n}{binder}:\n{when}{every}{self.game(i)}")
                self.ends.append((Thing(f"d_{n}", indexed), ["w0", "w1", "w2"]))
                self.numbers += [Odds(f"d_{n}", indexed, end) for end in ("w0", "w2")]
                continue
            rational = f'    rationality: "abs({self.atom(i)})"\n' if self.chance(30) else ""
            if self.chance(60):
                options = []
                for m in range(self.draw(st.integers(2, 3))):
                    open_ = f', when: "{self.truth(i)}"' if m and self.chance(30) else ""
                    options.append(f'      q{m}: {{value: "{self.number(i)}"{open_}}}')
                before = self.pick(["q0", "q1", "none"])
                text = f"    before: {before}\n    options:\n" + "\n".join(options)
                self.options.append((Thing(f"d_{n}", indexed), [f"q{m}" for m in range(len(options))]))
            else:
                value = self.number("o")
                among = f'    among: "{self.truth("o")}"\n' if self.chance(40) else ""
                text = f'    before: none\n    choose: o\n{among}    value: "{value}"'
                self.targets.append(Thing(f"d_{n}", indexed))
            decisions.append(f"  d_{n}{binder}:\n    by: chief\n{when}{every}{rational}{text}")
        text = "variables:\n" + "\n".join(reversed(variables)) if variables else ""
        text += "\ngames:\n" + "\n".join(games) if games else ""
        return text + ("\ndecisions:\n" + "\n".join(decisions) if decisions else "")

    def game(self, i: str | None) -> str:
        """Two players, chance, and a second move that may be made in the dark; its numbers are finite."""

        def finite() -> str:
            return f"clip({self.pick(self.belief_names).at(self.index(i))}, -3, 3)"

        knows = ", knows: nothing" if self.chance(60) else ""
        ends = "".join(f'      w{m}: {{one: "{finite()}", two: "{finite()} + {m}"}}\n' for m in range(3))
        return (
            f"    before: {self.pick(['w0', 'none'])}\n    players: {{one: chief, two: chief}}\n    begins: top\n"
            f'    rationality: {{one: "abs({finite()})", two: {self.pick(["0", "1.5", "8"])}}}\n    nodes:\n'
            f"      top: {{by: one, moves: {{m0: left, m1: right}}}}\n"
            f"      left: {{by: two{knows}, moves: {{k0: w0, k1: luck}}}}\n"
            f"      right: {{by: two{knows}, moves: {{k0: w2, k1: w1}}}}\n"
            f'      luck: {{chance: {{h: {{odds: "logistic({finite()})", to: w1}}, t: {{odds: otherwise, to: w2}}}}}}\n'
            f"    ends:\n{ends}"
        )

    def flows(self) -> str:
        lines = ["stocks:"]
        for n, (thing, both) in enumerate(self.stock_names):
            i = "i" if thing.indexed else None
            binder = "[i in o, j in p]" if both else "[i in o]" if thing.indexed else ""
            start = f"clip({self.pick(self.starters).at(i or 'a')}, 0.1, 3) + {self.number_between(0, 1)}"
            within = f", within: [{self.pick(['-3', '-20', '-inf'])}, {self.pick(['5', '40', 'inf'])}]"
            inherits = f", inherits: {self.pick(['divided', 'copied', 'fresh'])}"
            lines.append(f'  {thing.name}{binder}:\n    {{unit: "1", starts: "{start}"{within}{inherits},')
            plus = f'up{n}: "0.1 1/week * clip({self.number(i, 3)}, -5, 5)"'
            minus = f'down{n}: "0.05 1/week * {thing.name}{binder.replace(" in o", "").replace(" in p", "")}"'
            lines.append(f"     plus: {{{plus}}}, minus: {{{minus}}}}}")
        return "\n".join(lines)

    def moves(self) -> str:
        if not self.tracks:
            return ""
        lines = ["tracks:"]
        for thing, stages in self.tracks:
            i = "i" if thing.indexed else None
            lines.append(f"  {thing.name}{'[i in o]' if thing.indexed else ''}:\n    stages:")
            moves = []
            for m, stage in enumerate(stages):
                following = stages[(m + 1) % len(stages)]
                if self.chance(60):
                    scale = f"(3 days + 1 week * min(abs({self.atom(i)}), 3))"
                    stay = self.pick(STAYS).format(scale)
                    lines.append(f'      {stage}: {{lasts: "{stay}", then: {self.then(stages, stage, following, i)}}}')
                else:
                    lines.append(f"      {stage}: {{}}")
                    moves.append(f'      - {{from: {stage}, to: {following}, rate: "{self.rate(i, "0.3")}"}}')
                if self.chance(30):
                    to = self.pick([s for s in stages if s != stage])
                    when = f', when: "{self.truth(i)}"' if self.chance(50) else ""
                    moves.append(f'      - {{from: {stage}, to: {to}, rate: "{self.rate(i, "0.2")}"{when}}}')
            if moves:
                lines += ["    moves:", *moves]
        return "\n".join(lines)

    def then(self, stages: list[str], stage: str, following: str, i: str | None) -> str:
        others = [s for s in stages if s != stage and s != following]
        if not others or self.chance(40):
            return following
        guard = f', when: "{self.truth(i)}"' if self.chance(60) else ""
        if self.chance(50):
            return f'{{{others[0]}: {{share: "logistic({self.number(i, 1)})"{guard}}}, otherwise: {following}}}'
        second = f', when: "{self.truth(i)}"' if self.chance(30) else ""
        return f"{{{others[0]}: {{share: 0.4{guard}}}, {following}: {{share: 0.6{second}}}}}"

    def events(self) -> str:
        lines = []
        for n in range(self.draw(st.integers(0, 3))):
            indexed = self.chance(50)
            i = "i" if indexed else None
            does = [self.effect(i) for _ in range(self.draw(st.integers(1, 3)))]
            if self.spares and indexed and self.chance(40):
                does.insert(self.draw(st.integers(0, len(does))), "splinter(from i, 0.3)")
            when = f', when: "{self.truth(i)}"'
            rate = f'rate: "{self.rate(i, "0.4")}"' + (when if self.chance(30) else "") if self.chance(75) else when[2:]
            quoted = ", ".join(f'"{d}"' for d in does)
            lines.append(f"  e{n}{'[i in o]' if indexed else ''}: {{{rate}, does: [{quoted}]}}")
            self.event_names.append(Thing(f"e{n}", indexed))
        return "events:\n" + "\n".join(lines) if lines else ""

    def effect(self, i: str | None) -> str:
        thing, both = self.pick(self.stock_names)
        operator = self.pick(["+=", "-=", "*=", "="])
        scope = i
        where = ""
        if thing.indexed:
            choices = ["a", "b"] + ([i, i] if i else []) + (["z in o", "z in o"] if operator != "=" or not i else [])
            chosen = self.pick(choices)
            scope = "z" if chosen == "z in o" else i
            where = f"[{chosen}, {self.pick(['x', 'y', 'u in p'])}]" if both else f"[{chosen}]"
        value = f"clip({self.number(scope)}, -2, 2)"
        scaled = {"+=": f"0.2 * {value}", "-=": f"0.2 * {value}", "*=": f"1 + 0.1 * {value}", "=": value}[operator]
        return f"{thing.name}{where} {operator} {scaled}"

    def measures(self) -> str:
        lines = ["measures:"]
        for thing, both in self.stock_names:
            binder = "[i in o, j in p]" if both else "[i in o]" if thing.indexed else ""
            lines.append(f"  {thing.name}{binder}: {{}}")
        for n, (thing, _) in enumerate(self.stock_names):
            lines.append(f"  flow{n}: {{of: {f'sum(up{n})' if thing.indexed else f'up{n}'}, per: month}}")
        for thing in self.numbers:
            if thing.name.startswith("v_"):
                lines.append(f"  {thing.name}{'[i in o]' if thing.indexed else ''}: {{}}")
        for thing in self.event_names:
            lines.append(f"  {thing.name}: {{of: {f'sum({thing.name})' if thing.indexed else thing.name}, per: month}}")
        lines.append(f'  extra: {{of: "{self.number(None, 3)}"}}')
        question = f'questions:\n  q: {{ask: Is it?, by: 2025-02-20, that: "{self.truth(None, 2)}"}}'
        return "\n".join(lines) + "\n" + question

    def variants(self) -> str:
        belief = self.pick(self.belief_names)
        name = f"{belief.name}[a]" if belief.indexed and self.chance(50) else belief.name
        window = self.pick(["", " from 2025-01-27", " until 2025-02-03", " from 2025-01-20 until 2025-02-17"])
        change = self.pick(["*= 2", "+= 0.5", "= 0.7"])
        policy = [f'"{name} {change}{window}"']
        if self.options:
            decision, names = self.pick(self.options)
            where = "[b]" if decision.indexed and self.chance(50) else ""
            pick = self.pick(names)
            pin = f"{decision.name}{where} = {pick}"
            policy.append(f'"{self.pick([pin, f"forbid {decision.name}{where}.{pick}"])}{window}"')
        view = f'"{self.pick(self.belief_names).name} *= 0.5"'
        return (
            f"policies:\n  other: [{', '.join(policy)}]\n"
            f"views:\n  one: {{credence: 0.5, is: [{view}]}}\n  two: {{credence: 0.5, is: [spreads *= 1.5]}}"
        )


class Pair(Thing):
    """A stock over both sets, read through its sum over the second."""

    def at(self, index: str | None) -> str:
        return f"(sum({self.name}[{index}, w] for w in p))"


@st.composite
def scenarios(draw: st.DrawFn, *, ties: bool = True) -> str:
    return Writer(draw, ties).scenario()


def hold_together(text: str, make: MakeEngine, futures: int = 5) -> None:
    note(text)
    try:
        checked = scenario(text)
    except ScenarioError as refused:
        if {d.code for d in refused.diagnostics} <= WITHOUT_SENSE:
            reject()
        raise
    for policy in (None, *checked.policies):
        agree(checked, make, policy=policy, futures=futures)


@pytest.mark.parametrize("make", ENGINES)
@settings(max_examples=20, suppress_health_check=RELAXED)
@given(text=scenarios())
def test_random_scenarios(make: MakeEngine, text: str) -> None:
    hold_together(text, make)


@pytest.mark.parametrize("make", ENGINES)
@settings(max_examples=10, suppress_health_check=RELAXED)
@given(text=scenarios())
def test_random_scenarios_cut_into_pieces(make: MakeEngine, text: str) -> None:
    """Where expressions may have a few nodes only, most become several arrays."""
    with patch.multiple(cut, DEEPEST=3, LARGEST=12, SHARED_FROM=2):
        hold_together(text, make)


@settings(max_examples=10, suppress_health_check=RELAXED)
@given(text=scenarios())
def test_random_scenarios_touch_no_memory_but_their_own(text: str) -> None:
    hold_together(text, GuardedEngine)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("make", [*ENGINES, pytest.param(GuardedEngine, id="guarded")])
@settings(max_examples=200, suppress_health_check=RELAXED)
@given(text=scenarios())
def test_many_random_scenarios(make: MakeEngine, text: str) -> None:
    hold_together(text, make, futures=10)


# --- single precision ---

FUTURES = 64
APART = FUTURES // 8
"""Futures that may go another way in single precision: where a comparison is a matter of rounding."""


def hold_close(text: str) -> None:
    """Single precision beside the reference, and the same bytes at two widths."""
    note(text)
    try:
        checked = scenario(text)
    except ScenarioError as refused:
        if {d.code for d in refused.diagnostics} <= WITHOUT_SENSE:
            reject()
        raise
    program = rewrite(watched(lower(checked), checked))
    rows = beliefs(checked, None, program.columns, range(FUTURES), 3)
    engines = NumpyEngine(program), NativeEngine(program), NativeEngine(program, lanes=8)
    exact, single, narrow = (engine.play(0, FUTURES, rows, 3) for engine in engines)
    apart = exact.status != single.status
    for name, values in exact.records.items():
        assert single.records[name].tobytes() == narrow.records[name].tobytes(), name
        close = np.isclose(values, single.records[name], rtol=2e-3, atol=2e-3, equal_nan=True)
        apart |= ~close.reshape(-1, FUTURES).all(axis=0)
    assert np.count_nonzero(apart) <= APART
    for name, values in single.totals.items():
        assert values.tobytes() == narrow.totals[name].tobytes(), name


@settings(max_examples=20, suppress_health_check=RELAXED)
@given(text=scenarios(ties=False))
def test_random_scenarios_in_single_precision(text: str) -> None:
    hold_close(text)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=200, suppress_health_check=RELAXED)
@given(text=scenarios(ties=False))
def test_many_random_scenarios_in_single_precision(text: str) -> None:
    hold_close(text)
