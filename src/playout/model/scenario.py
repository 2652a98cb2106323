"""The scenario as written: what the decoder makes of the YAML and the checks give a meaning to.

Everything is frozen, in file order, and knows its span. Expressions are surface trees (`model/expression.py`).
Longer than most modules: the language's constructs, one after the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from playout.errors import Span
from playout.model.expression import Binder, Expression, LawText, Target
from playout.model.headline import Group, Headline
from playout.model.units import Unit


@dataclass(frozen=True, slots=True)
class Support:
    """What a number or mechanism rests on: evidence by name, or a reason why it is only assumed."""

    because: tuple[tuple[str, Span], ...] = ()
    assumed: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.because)


class Indexed:
    """What is defined once, or once for each member of the sets of its indexes."""

    __slots__ = ()
    binders: tuple[Binder, ...]

    @property
    def sets(self) -> tuple[str, ...]:
        """The sets of its indexes, in order."""
        return tuple(binder.set for binder in self.binders)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a set."""

    span: Span
    name: str
    title: str
    about: str = ""
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Set:
    """An index. Spare members stand last: dead until a splinter brings one alive."""

    span: Span
    name: str
    members: tuple[Member, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(m.name for m in self.members)

    @property
    def spares(self) -> int:
        return sum(m.spare for m in self.members)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides: an institution or office."""

    span: Span
    name: str
    title: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """A part of the scenario under one heading, by the names it ``holds``: for reading, without effect on a run."""

    span: Span
    name: str
    title: str
    holds: tuple[tuple[str, Span], ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """A kind of tie between actors or members of sets, for reading, without effect on a run.

    ``ends`` names an actor or a set each; ``strength`` the table that says how strong each tie is, indexed by the sets
    among the ends in their order. Ties no stronger than ``above`` are not told of.
    """

    span: Span
    name: str
    title: str
    ends: tuple[tuple[str, Span], ...]
    strength: tuple[tuple[str, Span], ...]
    above: float = 0.0
    about: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Known numbers over zero or more sets, in the declared unit, row-major in member order."""

    span: Span
    name: str
    sets: tuple[str, ...]
    unit: Unit
    values: tuple[float, ...]
    title: str = ""
    support: Support = Support()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Belief:
    """One uncertain quantity, or one a member. ``entries`` maps a flat member position to its law; one entry at -1
    serves every member (drawn apart, unless ``shared``)."""

    span: Span
    name: str
    sets: tuple[str, ...]
    unit: Unit
    entries: tuple[BeliefEntry, ...]
    each: Literal["future", "step"] = "future"
    shared: bool = False
    title: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class BeliefEntry:
    """What is believed of one member, or of all that have no entry of their own."""

    span: Span
    members: tuple[str, ...] | None  # labels in set order; None: all (or all others)
    law: LawText
    within: tuple[float, float] | None = None  # declared unit
    support: Support = Support()
    is_probability: bool = False


@dataclass(frozen=True, slots=True)
class Correlation:
    """``together: [[a, b[sinaloa], 0.6]]``: Spearman's rho between two beliefs."""

    span: Span
    first: Target
    second: Target
    rho: float


@dataclass(frozen=True, slots=True)
class Flow:
    """A named rate into or out of a stock."""

    span: Span
    name: str
    rate: Expression
    about: str = ""


@dataclass(frozen=True, slots=True)
class Stock(Indexed):
    """Something that accumulates. ``inherits`` says what a splinter gets of it."""

    span: Span
    name: str
    binders: tuple[Binder, ...]
    unit: Unit
    starts: Expression
    plus: tuple[Flow, ...] = ()
    minus: tuple[Flow, ...] = ()
    within: tuple[float, float] | None = None  # declared unit
    inherits: Literal["divided", "copied", "fresh"] = "divided"
    title: str = ""
    about: str = ""

    @property
    def flows(self) -> tuple[Flow, ...]:
        """What flows in, then what flows out."""
        return (*self.plus, *self.minus)


@dataclass(frozen=True, slots=True)
class Variable(Indexed):
    """Something that follows from the rest within a step."""

    span: Span
    name: str
    binders: tuple[Binder, ...]
    unit: Unit
    expression: Expression
    title: str = ""
    about: str = ""
    support: Support = Support()


@dataclass(frozen=True, slots=True)
class Share:
    """One destination of ``then``. ``share`` is None for ``otherwise`` and for a lone destination."""

    span: Span
    stage: str
    share: Expression | None = None
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a track. ``lasts`` is the length of a stay, ``then`` where it leads."""

    span: Span
    name: str
    title: str
    lasts: LawText | None = None
    then: tuple[Share, ...] = ()
    about: str = ""
    support: Support = Support()


@dataclass(frozen=True, slots=True)
class Move:
    """A move by rate, while its guard holds."""

    span: Span
    origins: tuple[tuple[str, Span], ...]
    destination: str
    destination_span: Span
    rate: Expression
    when: Expression | None = None
    about: str = ""
    support: Support = Support()


@dataclass(frozen=True, slots=True)
class Track(Indexed):
    """Which stage the scenario, or each member, is in; the first stage is where it starts."""

    span: Span
    name: str
    binders: tuple[Binder, ...]  # none or one
    stages: tuple[Stage, ...]
    moves: tuple[Move, ...] = ()
    title: str = ""
    about: str = ""
    support: Support = Support()

    def position(self, stage: str) -> int:
        return [s.name for s in self.stages].index(stage)


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a decision."""

    span: Span
    name: str
    title: str
    value: Expression
    when: Expression | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Decision(Indexed):
    """A choice among ``options``, or among the members of ``choose`` (then ``value`` is indexed by that set's name)."""

    span: Span
    name: str
    binders: tuple[Binder, ...]
    by: str
    options: tuple[Option, ...] = ()
    choose: str | None = None
    value: Expression | None = None
    among: Expression | None = None
    when: Expression | None = None
    every: Expression | None = None  # a number with a unit of time
    before: str | None = None  # an option, a member, or "none"
    rationality: Expression | None = None
    title: str = ""
    about: str = ""
    support: Support = Support()


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody who plays a game: under which name, and which actor, or member of which set, that is."""

    span: Span
    name: str
    actor: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way on from a node of a game: a move of who plays there, or what chance does there with these ``odds`` (None:
    with what the others leave). ``to`` names a node or an end."""

    span: Span
    name: str
    title: str
    to: str
    to_span: Span
    odds: Expression | None = None


@dataclass(frozen=True, slots=True)
class GameNode:
    """Where somebody moves in a game, or chance (then ``by`` is None). Nodes that share ``knows`` are one information
    set: who moves there cannot tell them apart."""

    span: Span
    name: str
    title: str
    by: str | None
    knows: str | None
    ways: tuple[Way, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class PayOff:
    """What an end of a game is worth to a player."""

    span: Span
    player: str
    value: Expression


@dataclass(frozen=True, slots=True)
class End:
    """How a game may end."""

    span: Span
    name: str
    title: str
    payoffs: tuple[PayOff, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Game(Indexed):
    """A game in extensive form, solved by agent quantal response and played wherever it falls due. ``rationality``
    pairs a player with its logit precision."""

    span: Span
    name: str
    binders: tuple[Binder, ...]
    players: tuple[Player, ...]
    rationality: tuple[tuple[str, Span, Expression], ...]
    begins: str
    begins_span: Span
    nodes: tuple[GameNode, ...]
    ends: tuple[End, ...]
    when: Expression | None = None
    every: Expression | None = None  # a number with a unit of time
    before: str | None = None  # an end, or "none"
    title: str = ""
    about: str = ""
    support: Support = Support()

    def expressions(self) -> tuple[Expression, ...]:
        """Every equation of the game, but for the spacing of its repetition."""
        odds = [way.odds for node in self.nodes for way in node.ways]
        precisions = [tree for _, _, tree in self.rationality]
        values = [payoff.value for end in self.ends for payoff in end.payoffs]
        return tuple(tree for tree in (self.when, *precisions, *odds, *values) if tree is not None)


@dataclass(frozen=True, slots=True)
class Effect:
    """A change of a stock."""

    span: Span
    target: Target
    operator: Literal["=", "+=", "-=", "*="]
    value: Expression


@dataclass(frozen=True, slots=True)
class Splinter:
    """``splinter(from o, share)``."""

    span: Span
    parent: Expression
    share: Expression


@dataclass(frozen=True, slots=True)
class Event(Indexed):
    """What happens to us: by rate (a Poisson count), or once in each step in which `when` holds."""

    span: Span
    name: str
    binders: tuple[Binder, ...]
    rate: Expression | None = None
    when: Expression | None = None
    does: tuple[Effect | Splinter, ...] = ()
    title: str = ""
    about: str = ""
    support: Support = Support()


@dataclass(frozen=True, slots=True)
class Measure(Indexed):
    """What is reported. ``per`` year or month adds up a flow, a rate or an event's count; without it a level."""

    span: Span
    name: str
    binders: tuple[Binder, ...]
    of: Expression
    per: Literal["year", "month"] | None = None
    unit: Unit | None = None
    title: str = ""
    about: str = ""
    people: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A dated question with a yes or no answer."""

    span: Span
    name: str
    ask: str
    by: dt.date
    by_span: Span
    that: Expression
    given: Expression | None = None
    source: str = ""
    support: Support = Support()


@dataclass(frozen=True, slots=True)
class Indicator:
    """What to watch. ``chances`` pairs a stage test (None: otherwise) with a chance per period."""

    span: Span
    name: str
    what: str
    per: Literal["week", "month", "year"]
    chances: tuple[tuple[Expression | None, Expression], ...] = ()
    observes: Expression | None = None
    noise: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What an indicator showed in the world in the period that holds ``date``: seen or not, or the value observed, in
    the measure's unit over that period."""

    span: Span
    name: str
    of: str
    of_span: Span
    date: dt.date
    seen: bool | None = None
    value: float | None = None
    support: Support = Support()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line of a policy or view. ``forbid`` has its option in ``option``."""

    span: Span
    text: str
    operator: Literal["=", "*=", "+=", "forbid"]
    target: Target
    value: Expression | LawText | None = None
    option: str | None = None
    start: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A policy, or a view (then it has a credence). switch: it takes a part of the scenario away to see what that part
    does, and nobody could choose it."""

    span: Span
    name: str
    title: str
    assignments: tuple[Assignment, ...]
    credence: float | None = None
    about: str = ""
    support: Support = Support()
    switch: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where evidence comes from."""

    span: Span
    name: str
    author: str
    title: str
    date: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim in the analyst's words. Reliability A-F and credibility 1-6: the NATO admiralty code."""

    span: Span
    name: str
    claim: str
    kind: Literal["fact", "judgement", "forecast"]
    source: str
    source_span: Span
    date: str = ""
    reliability: str = "F"
    credibility: int = 6
    status: str = ""
    hedge: str = ""
    supports: tuple[tuple[str, Span], ...] = ()
    contradicts: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, all files joined. Mappings are in file order."""

    path: str
    title: str
    start: dt.date
    horizon: tuple[int, Literal["day", "week", "month", "year"]]
    step_days: int
    span: Span
    horizon_span: Span
    description: str = ""
    integrate: Literal["euler", "rk4"] = "euler"
    words: str = "icd203"
    baseline: str | None = None
    baseline_span: Span | None = None
    face: tuple[str, ...] = ()
    headline: Headline | None = None
    actors: Mapping[str, Actor] = field(default_factory=dict)
    sets: Mapping[str, Set] = field(default_factory=dict)
    systems: Mapping[str, System] = field(default_factory=dict)
    ties: Mapping[str, Tie] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    beliefs: Mapping[str, Belief] = field(default_factory=dict)
    together: tuple[Correlation, ...] = ()
    stocks: Mapping[str, Stock] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    tracks: Mapping[str, Track] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    games: Mapping[str, Game] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    observations: Mapping[str, Observation] = field(default_factory=dict)
    policies: Mapping[str, Variant] = field(default_factory=dict)
    views: Mapping[str, Variant] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    lines: Mapping[str, list[str]] = field(default_factory=dict)  # file name -> its lines, for diagnostics

    @property
    def chosen(self) -> Mapping[str, Decision | Game]:
        """All that comes out one way or another: decisions by an option or member, games by an end."""
        return {**self.decisions, **self.games}

    def outcomes(self, of: Decision | Game) -> tuple[Option, ...] | tuple[Member, ...] | tuple[End, ...]:
        """How a decision or game may come out, by position: its options, the members it chooses among, its ends."""
        if isinstance(of, Game):
            return of.ends
        return of.options if of.choose is None else self.sets[of.choose].members

    def choices(self, of: Decision | Game) -> tuple[str, ...]:
        """Their names."""
        return tuple(outcome.name for outcome in self.outcomes(of))
