"""From a result back to what it rests on: equations, moves and values, the beliefs behind them, evidence, sources.

    CheckedScenario, name ──trace──▶ Trace: what the name reads, what that reads, … down to beliefs and tables

A link leads from a thing to every name that its equations speak of; a stock is also read from the events that change
it, a stage from the stages and moves that lead into it, an option from the choice that it is part of. The walk is
breadth first, so each thing stands at its least distance, with the shortest chain of readers that leads to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from playout.errors import UsageError, did_you_mean
from playout.model.checked import CheckedScenario
from playout.model.coverage import entry_label
from playout.model.expression import EndOdds, Expression, LawText, Reference, StageTest, Typed
from playout.model.scenario import Decision, Effect, Evidence, Game, Scenario, Support, Track
from playout.model.typed import everything

DEPTH = 8
"""How many links a chain has at most, unless asked for more."""


@dataclass(frozen=True, slots=True)
class Part:
    """One equation of a thing: what it says there ("value of finding"), as written, and the names that it reads."""

    what: str
    tree: Expression | LawText
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Something that the result is read from.

    kind: what it is in the scenario (variable, decision, stage, …). parts: its equations. because: evidence that it
    cites or that says to support it. chain: the names from the result to it, both included.
    """

    name: str
    kind: str
    title: str
    parts: tuple[Part, ...]
    support: Support
    because: tuple[str, ...]
    chain: tuple[str, ...]

    @property
    def depth(self) -> int:
        """How many links away from the result."""
        return len(self.chain) - 1


@dataclass(frozen=True, slots=True)
class Rest:
    """A belief, or one member's part of it, or a table, where a chain ends. ``link`` is the thing as a whole."""

    label: str
    link: Link
    law: LawText | None
    support: Support
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything behind a name. links: nearest first, the thing itself as the first; rests: beliefs, then tables.

    beyond: how many further things lie deeper than ``depth``. against: evidence that contradicts something on the way.
    """

    name: str
    depth: int
    links: tuple[Link, ...]
    rests: tuple[Rest, ...]
    against: Mapping[str, tuple[str, ...]]
    beyond: int

    @property
    def evidence(self) -> tuple[str, ...]:
        """The evidence cited on the way, nearest first, each once."""
        cited = [name for link in self.links for name in link.because]
        cited += [name for rest in self.rests for name in rest.because]
        return tuple(dict.fromkeys([*cited, *(name for names in self.against.values() for name in names)]))


def trace(checked: CheckedScenario, name: str, depth: int = DEPTH) -> Trace:
    """The chain behind a measure, question, decision, option, game, end, track, stage, stock, flow, variable, event,
    table or belief.

    name: as in the scenario, an option or stage behind its decision's or track's name and a dot; a member in brackets
    is allowed, and the chain is that of all members. Refuses, with a UsageError, unknown names and a depth under 0.
    """
    if depth < 0:
        raise UsageError(f"a chain has no links or more, and not {depth}")
    things = _Things(checked)
    start = things.resolve(name)
    chains: dict[str, tuple[str, ...]] = {start: (start,)}
    waiting = deque([start])
    order, beyond = [], set()
    while waiting:
        here = waiting.popleft()
        order.append(here)
        for read in things.reads(here):
            if read in chains:
                continue
            if len(chains[here]) > depth:
                beyond.add(read)
                continue
            chains[read] = (*chains[here], read)
            waiting.append(read)
    links = tuple(things.link(found, chains[found]) for found in order)
    rests = [rest for link in links for rest in things.rests(link)]
    return Trace(
        name=start,
        depth=depth,
        links=links,
        rests=tuple(sorted(rests, key=lambda rest: rest.link.kind != "belief")),
        against={link.name: found for link in links if (found := things.against(link.name))},
        beyond=len(beyond - set(chains)),
    )


@dataclass(frozen=True)
class _Things:
    """Everything with a name in a scenario: what it is, its equations, and what these read."""

    checked: CheckedScenario

    @property
    def scenario(self) -> Scenario:
        return self.checked.scenario

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """What each name is. Where a measure has the name of what it reports, the thing reported has it here."""
        scenario = self.scenario
        found: dict[str, str] = {}
        sections = {
            "table": scenario.tables, "belief": scenario.beliefs, "stock": scenario.stocks,
            "variable": scenario.variables, "track": scenario.tracks, "decision": scenario.decisions,
            "game": scenario.games,
            "event": scenario.events, "question": scenario.questions, "measure": scenario.measures,
        }  # fmt: skip
        for kind, section in sections.items():
            for name in section:
                found.setdefault(name, kind)
        for stock in scenario.stocks.values():
            found.update((flow.name, "flow") for flow in stock.flows)
        for track in scenario.tracks.values():
            found.update((f"{track.name}.{stage.name}", "stage") for stage in track.stages)
        for chosen in scenario.chosen.values():
            kind = "end" if isinstance(chosen, Game) else "option"
            found.update((f"{chosen.name}.{outcome}", kind) for outcome in scenario.choices(chosen))
        return found

    def resolve(self, name: str) -> str:
        """A name as the scenario has it: members' brackets go, and a stage or option that is the only one of its name
        may stand without its track or decision."""
        head, _, tail = name.replace(" ", "").partition("[")
        plain = head + tail.partition("]")[2]
        if plain in self.kinds:
            return plain
        behind = [known for known in self.kinds if known.partition(".")[2] == plain]
        if len(behind) == 1:
            return behind[0]
        if behind:
            listed = " or ".join(f"`{known}`" for known in behind)
            raise UsageError(f"`{name}` stands in several places: say {listed}")
        hint = did_you_mean(plain, self.kinds) or "`playout check --print-program` prints the names of all quantities"
        raise UsageError(f"there is nothing called `{name}` to trace\n  hint: {hint}")

    # --- what things are ---

    def link(self, name: str, chain: tuple[str, ...]) -> Link:
        """A thing with its equations and its ground."""
        support, because = self._ground(name)
        parts = tuple(Part(what, tree, tuple(self._read_by(tree))) for what, tree in self._parts(name))
        return Link(name, self.kinds[name], self._title(name), parts, support, because, chain)

    def _title(self, name: str) -> str:
        scenario, (head, _, tail) = self.scenario, name.partition(".")
        kind = self.kinds[name]
        if kind == "question":
            return scenario.questions[name].ask
        if kind == "stage":
            return next(stage.title for stage in scenario.tracks[head].stages if stage.name == tail)
        if kind in ("option", "end"):
            outcomes = scenario.outcomes(scenario.chosen[head])
            return next(outcome.title for outcome in outcomes if outcome.name == tail)
        if kind == "flow":
            return ""
        section: Mapping[str, object] = getattr(scenario, f"{kind}s")
        return str(getattr(section[name], "title", ""))

    def _parts(self, name: str) -> Iterator[tuple[str, Expression | LawText]]:
        """The equations of a thing, each with what it says."""
        scenario, (head, _, tail) = self.scenario, name.partition(".")
        match self.kinds[name]:
            case "variable":
                yield "is", scenario.variables[name].expression
            case "measure":
                yield "of", scenario.measures[name].of
            case "question":
                yield "that", scenario.questions[name].that
                if (given := scenario.questions[name].given) is not None:
                    yield "given", given
            case "stock":
                stock = scenario.stocks[name]
                yield "starts", stock.starts
                yield from ((f"plus {flow.name}", flow.rate) for flow in stock.plus)
                yield from ((f"minus {flow.name}", flow.rate) for flow in stock.minus)
            case "flow":
                yield "rate", next(f.rate for stock in scenario.stocks.values() for f in stock.flows if f.name == name)
            case "event":
                event = scenario.events[name]
                named = [("rate", event.rate), ("when", event.when)]
                yield from ((part, tree) for part, tree in named if tree is not None)
            case "track":
                track = scenario.tracks[name]
                for stage in track.stages:
                    yield from _ways_in(track, stage.name)
            case "stage":
                yield from _ways_in(scenario.tracks[head], tail)
            case "decision":
                yield from _choice(scenario.decisions[name], None)
            case "option":
                yield from _choice(scenario.decisions[head], tail)
            case "game":
                yield from _play(scenario.games[name], None)
            case "end":
                yield from _play(scenario.games[head], tail)

    def _ground(self, name: str) -> tuple[Support, tuple[str, ...]]:
        """What a thing says it rests on; and the evidence that it cites, or that says to support it."""
        scenario, (head, _, tail) = self.scenario, name.partition(".")
        support, cited = Support(), []
        match self.kinds[name]:
            case "belief":
                pass  # each of its entries has its own
            case "stage":
                track = scenario.tracks[head]
                support = next(stage.support for stage in track.stages if stage.name == tail)
                cited = [e for move in track.moves if move.destination == tail for e in move.support.names]
            case "option" | "end" | "flow" | "measure" | "stock":
                pass
            case kind:
                support = getattr(scenario, f"{kind}s")[name].support
        return support, tuple(dict.fromkeys([*support.names, *cited, *self._bearing[0].get(name, ())]))

    @cached_property
    def _bearing(self) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
        """Evidence by what it supports, and by what it contradicts."""
        evidence = self.scenario.evidence.values()
        return _by_name(evidence, "supports"), _by_name(evidence, "contradicts")

    def against(self, name: str) -> tuple[str, ...]:
        """Evidence that contradicts a thing."""
        return self._bearing[1].get(name, ())

    def rests(self, link: Link) -> Iterator[Rest]:
        """What a belief's parts, or a table, rest on."""
        if link.kind == "table":
            yield Rest(link.name, link, None, link.support, link.because)
        if link.kind != "belief":
            return
        belief = self.scenario.beliefs[link.name]
        for entry in belief.entries:
            label = entry_label(belief, entry)
            named = [*entry.support.names, *link.because, *self._bearing[0].get(label.replace(" ", ""), ())]
            yield Rest(label, link, entry.law, entry.support, tuple(dict.fromkeys(named)))

    # --- what things read ---

    def reads(self, name: str) -> tuple[str, ...]:
        """The names that a thing is read from, in the order in which its equations speak of them."""
        found: dict[str, None] = {}
        for _, tree in self._parts(name):
            found.update(dict.fromkeys(self._read_by(tree)))
        head, _, tail = name.partition(".")
        match self.kinds[name]:
            case "stock":
                found.update(dict.fromkeys(self._events_on(name)))
            case "stage":
                found.update((f"{head}.{origin}", None) for origin in _origins(self.scenario.tracks[head], tail))
            case "option" | "end":
                found[head] = None
        found.pop(name, None)
        return tuple(found)

    def _read_by(self, tree: Expression | LawText) -> Iterator[str]:
        """The names that an equation speaks of; a stage under its track's."""
        for typed in self._meaning(tree):
            for node in everything(typed):
                if isinstance(node, Reference):
                    yield node.name
                elif isinstance(node, StageTest):
                    yield f"{node.track}.{node.stage}"
                elif isinstance(node, EndOdds):
                    yield f"{node.game}.{self.scenario.games[node.game].ends[node.end].name}"

    def _meaning(self, tree: Expression | LawText) -> tuple[Typed, ...]:
        if isinstance(tree, LawText):
            law = self.checked.laws.get(tree)
            return law.parameters if law is not None else ()
        typed = self.checked.meaning.get(tree)
        return (typed,) if typed is not None else ()

    def _events_on(self, stock: str) -> Iterator[str]:
        for event in self.scenario.events.values():
            if any(isinstance(effect, Effect) and effect.target.name == stock for effect in event.does):
                yield event.name


def _by_name(
    evidence: Iterable[Evidence], bearing: Literal["supports", "contradicts"]
) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for entry in evidence:
        for name, _ in getattr(entry, bearing):
            found.setdefault(name.replace(" ", ""), []).append(entry.name)
    return {name: tuple(names) for name, names in found.items()}


def _origins(track: Track, stage: str) -> Iterator[str]:
    """The stages that lead into one."""
    for origin in track.stages:
        if any(way.stage == stage for way in origin.then):
            yield origin.name
    for move in track.moves:
        if move.destination == stage:
            yield from (name for name, _ in move.origins)


def _ways_in(track: Track, stage: str) -> Iterator[tuple[str, Expression | LawText]]:
    """How futures come into a stage: by the shares of stages that lead there, after their stays, and by moves."""
    for origin in track.stages:
        for way in origin.then:
            if way.stage != stage:
                continue
            if origin.lasts is not None:
                yield f"stay in {origin.name}", origin.lasts
            parts = [(f"share of {origin.name}", way.share), (f"share of {origin.name} when", way.when)]
            yield from ((part, tree) for part, tree in parts if tree is not None)
    for move in track.moves:
        if move.destination == stage:
            origins = ", ".join(name for name, _ in move.origins)
            yield f"rate from {origins}", move.rate
            if move.when is not None:
                yield f"rate from {origins} when", move.when


def _choice(decision: Decision, option: str | None) -> Iterator[tuple[str, Expression | LawText]]:
    """What a decision weighs: all of it, or of one option."""
    if decision.choose is not None:
        whole = [("value", decision.value), ("among", decision.among)]
    else:
        of = [each for each in decision.options if option in (None, each.name)]
        whole = [(f"{part} of {each.name}", getattr(each, part)) for each in of for part in ("value", "when")]
    if option is None:
        whole += [("when", decision.when), ("rationality", decision.rationality)]
    yield from ((part, tree) for part, tree in whole if tree is not None)


def _play(game: Game, end: str | None) -> Iterator[tuple[str, Expression | LawText]]:
    """What players weigh in a game, and what chance does: all of it, or what one end is worth."""
    for each in game.ends:
        if end in (None, each.name):
            yield from ((f"{each.name} to {payoff.player}", payoff.value) for payoff in each.payoffs)
    if end is None:
        for node in game.nodes:
            yield from ((f"odds of {way.name} at {node.name}", way.odds) for way in node.ways if way.odds is not None)
        yield from ((f"rationality of {player}", tree) for player, _, tree in game.rationality)
        if game.when is not None:
            yield "when", game.when
