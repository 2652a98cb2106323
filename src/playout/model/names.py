"""What every name in an equation means: one table of all tables, beliefs, stocks, flows, variables, tracks, decisions,
games and events, with their indexes and units, and the kind of value each variable has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from playout.errors import Span
from playout.model.expression import (
    Attribute,
    Binary,
    Binder,
    Call,
    Comprehension,
    Conditional,
    DateNumber,
    Expression,
    Name,
    Subscript,
    Type,
    Unary,
)
from playout.model.scenario import Decision, Game, Scenario, Track, Variable
from playout.model.units import DIMENSIONLESS, PER_TIME, Dimension

What = Literal["table", "belief", "stock", "flow", "variable", "decision", "game", "event", "track"]

BOOL = Type("bool")
DATE = Type("date")

_TRUTHS = frozenset({"any", "all", "reached", "enters"})
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "and", "or"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One name: what it is, what it is indexed by, its dimension and the unit it is declared in (for messages)."""

    what: What
    name: str
    sets: tuple[str, ...]
    dimension: Dimension
    unit: str
    span: Span
    binders: tuple[Binder, ...] = ()

    @property
    def described(self) -> str:
        return f"a{'n' if self.what == 'event' else ''} {self.what}"

    @property
    def letters(self) -> list[str]:
        """A letter for each index: the definition's own, or the first of the set's name."""
        if self.binders:
            return [b.variable for b in self.binders]
        first = [s[0] for s in self.sets]
        return [f"{c}{n}" if (n := first[: i + 1].count(c)) > 1 else c for i, c in enumerate(first)]

    def indexed(self) -> str:
        """The name with the indexes it wants, as one would write them: ``members[o]``."""
        if not self.sets:
            return self.name
        return f"{self.name}[{', '.join(self.letters)}]"


@dataclass
class Names:
    """The names of a scenario. `entries` holds each name's first definition."""

    scenario: Scenario
    entries: dict[str, Entry] = field(default_factory=dict)
    repeated: list[tuple[Entry, Entry]] = field(default_factory=list)  # (the second, the first)
    members: dict[str, list[str]] = field(default_factory=dict)  # member -> its sets
    options: dict[str, list[str]] = field(default_factory=dict)  # option or end -> its decisions and games
    _types: dict[str, Type] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in _entries(self.scenario):
            first = self.entries.setdefault(entry.name, entry)
            if first is not entry:
                self.repeated.append((entry, first))
        for set_ in self.scenario.sets.values():
            for member in set_.members:
                self.members.setdefault(member.name, []).append(set_.name)
        for decision in self.scenario.decisions.values():
            for option in decision.options:
                self.options.setdefault(option.name, []).append(decision.name)
        for game in self.scenario.games.values():
            for end in game.ends:
                self.options.setdefault(end.name, []).append(game.name)

    def position(self, set_name: str, member: str) -> int | None:
        """Where a member stands in its set, or None."""
        set_ = self.scenario.sets.get(set_name)
        return None if set_ is None or member not in set_.labels else set_.labels.index(member)

    def outcomes(self, chosen: str) -> list[str]:
        """The options of a decision, or the ends of a game."""
        if chosen in self.scenario.games:
            return [end.name for end in self.scenario.games[chosen].ends]
        return [option.name for option in self.scenario.decisions[chosen].options]

    def option(self, chosen: str, option: str) -> int | None:
        """Where an option stands in its decision, or an end in its game, or None."""
        names = self.outcomes(chosen)
        return names.index(option) if option in names else None

    def type_of(self, entry: Entry) -> Type:
        """What a reference to this name evaluates to."""
        match entry.what:
            case "decision":
                return choice_type(self.scenario.decisions[entry.name])
            case "game":
                return choice_type(self.scenario.games[entry.name])
            case "variable":
                return self._type_of_variable(entry.name)
            case _:
                return Type("number", entry.dimension)

    def _type_of_variable(self, name: str) -> Type:
        if not self._types:
            self._find_types()
        return self._types[name]

    def _find_types(self) -> None:
        """The type of every variable. One that takes its kind from another one waits for a further round.

        Variables in a loop may never settle; the loop itself is reported elsewhere.
        """
        variables = self.scenario.variables
        self._types = {name: Type("number", v.unit.dimension) for name, v in variables.items()}
        for _ in variables:
            before = dict(self._types)
            for name, variable in variables.items():
                kind = self.kind_of(variable.expression, {b.variable: b.set for b in variable.binders})
                self._types[name] = Type("number", variable.unit.dimension) if kind.kind == "number" else kind
            if self._types == before:
                return

    def kind_of(self, tree: Expression, indexes: Mapping[str, str]) -> Type:
        """The kind of a surface tree, which its form alone decides. Dimensions are left to the resolver."""
        match tree:
            case DateNumber():
                return DATE
            case Attribute():
                return BOOL
            case Name() | Subscript():
                return self._kind_of_name(tree.name if isinstance(tree, Name) else tree.base.name, indexes)
            case Unary():
                return BOOL if tree.operator == "not" else Type("number")
            case Binary():
                return self._kind_of_binary(tree, indexes)
            case Conditional():
                return self.kind_of(tree.then, indexes)
            case Call() | Comprehension():
                return self._kind_of_call(tree, indexes)
        return Type("number")

    def _kind_of_name(self, name: str, indexes: Mapping[str, str]) -> Type:
        if name in indexes:
            return Type("member", set=indexes[name])
        if name in ("true", "false"):
            return BOOL
        if name in ("date", "never"):
            return DATE
        entry = self.entries.get(name)
        return Type("number") if entry is None else self.type_of(entry)

    def _kind_of_binary(self, tree: Binary, indexes: Mapping[str, str]) -> Type:
        if tree.operator in _COMPARISONS:
            return BOOL
        dates = [self.kind_of(side, indexes).kind == "date" for side in (tree.left, tree.right)]
        if tree.operator in ("+", "-") and any(dates) and not (tree.operator == "-" and all(dates)):
            return DATE
        return Type("number")

    def _kind_of_call(self, tree: Call | Comprehension, indexes: Mapping[str, str]) -> Type:
        if tree.function in _TRUTHS:
            return BOOL
        if tree.function == "first":
            return DATE
        inner = tree.body if isinstance(tree, Comprehension) else tree.arguments[0] if tree.arguments else None
        within = {**indexes, tree.variable: tree.set} if isinstance(tree, Comprehension) else indexes
        if tree.function in ("min", "max") and inner is not None:
            return self.kind_of(inner, within)
        if tree.function == "argmax":
            if isinstance(tree, Comprehension):
                return Type("member", set=tree.set)
            entry = self.entries.get(inner.name) if isinstance(inner, Name) else None
            if entry is not None and entry.sets:
                return Type("member", set=entry.sets[0])
        return Type("number")


def choice_type(of: Decision | Game) -> Type:
    """The type of an outcome: an option or end of its own, or a member of the set that a decision chooses from."""
    if isinstance(of, Decision) and of.choose is not None:
        return Type("member", set=of.choose)
    return Type("option", set=of.name)


def _entries(scenario: Scenario) -> Iterator[Entry]:
    for table in scenario.tables.values():
        yield Entry("table", table.name, table.sets, table.unit.dimension, table.unit.text, table.span)
    for belief in scenario.beliefs.values():
        yield Entry("belief", belief.name, belief.sets, belief.unit.dimension, belief.unit.text, belief.span)
    for stock in scenario.stocks.values():
        unit = stock.unit
        yield Entry("stock", stock.name, stock.sets, unit.dimension, unit.text, stock.span, stock.binders)
        for flow in stock.flows:
            per_time, text = unit.dimension * PER_TIME, f"{unit.text}/time"
            yield Entry("flow", flow.name, stock.sets, per_time, text, flow.span, stock.binders)
    for variable in scenario.variables.values():
        yield _bound("variable", variable, variable.unit.dimension, variable.unit.text)
    for track in scenario.tracks.values():
        yield _bound("track", track, DIMENSIONLESS, "1")
    for decision in scenario.decisions.values():
        yield _bound("decision", decision, DIMENSIONLESS, "1")
    for game in scenario.games.values():
        yield _bound("game", game, DIMENSIONLESS, "1")
    for event in scenario.events.values():
        yield Entry("event", event.name, event.sets, DIMENSIONLESS, "1", event.span, event.binders)


def _bound(what: What, thing: Variable | Track | Decision | Game, dimension: Dimension, unit: str) -> Entry:
    return Entry(what, thing.name, thing.sets, dimension, unit, thing.span, thing.binders)
