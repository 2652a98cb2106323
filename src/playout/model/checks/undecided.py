"""Decisions, and games, must not be read where they may not have been taken, or played, yet.

A decision may be read anywhere if `before` says what holds until then, or if it falls due at the start and always has
something open to choose. A decision that falls due on entering a stage may be read where it is plain that this stage
has been passed: in the moves and shares of stages that every way leads to through it, and beside conditions that hold
only then (``campaign.striking and authority == finding``). Anything less plain is refused. Of a game the same holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from playout.errors import Span
from playout.model.checks.workbench import Workbench
from playout.model.expression import (
    Constant,
    EndOdds,
    Expression,
    IndexVariable,
    LawText,
    Operation,
    Reduction,
    Reference,
    StageTest,
    Type,
    Typed,
)
from playout.model.graph import passed_before
from playout.model.scenario import Decision, Game, Splinter, Track
from playout.model.typed import constant, parts

Fact: TypeAlias = tuple[str, str, tuple[Typed, ...]]
"""A stage that has been reached: track, stage, and of which member."""

Facts: TypeAlias = frozenset[Fact]
NOTHING: Facts = frozenset()

_SHOWN = 3
"""How many further places one diagnostic shows."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A decision taken on entering a stage: ``indices`` are those of the stage test, in the decision's own indexes."""

    track: str
    stage: str
    indices: tuple[Typed, ...]


class Undecided:
    """Walks every tree of a scenario with what is known to have happened where it is read."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.meaning = bench.resolver.meaning
        self.passed = {
            track.name: passed_before(track.stages[0].name, bench.ways.get(track.name, []))
            for track in bench.scenario.tracks.values()
            if track.stages
        }
        self._early: dict[str, list[Span]] = {}  # decision -> where it is read too early
        self.risky = {d.name: d for d in bench.scenario.chosen.values() if self._may_be_open(d)}

    def _may_be_open(self, decision: Decision | Game) -> bool:
        """Whether a decision or game may still be open at some time."""
        if decision.before is not None:
            return False
        always = _always_comes_out(decision)
        when = None if decision.when is None else self.meaning.get(decision.when)
        at_start = decision.when is None or (when is not None and constant(when) == 1.0)
        return not (always and at_start)

    def check(self) -> None:
        """Report every read of a decision that may not have been taken."""
        if not self.risky:
            return
        for tree, facts in self._places():
            self._walk(tree, facts)
        for name, spans in self._early.items():
            self._report(self.risky[name], spans)

    def _report(self, decision: Decision | Game, spans: list[Span]) -> None:
        first, *others = sorted(spans)
        played = isinstance(decision, Game)
        done = "played" if played else "decided"
        message = f"`{decision.name}` may not have been {done} yet where it is read here"
        hint = f"say in `{decision.name}` what holds until then: `before: none`"
        if isinstance(decision, Game):
            hint += f", or an end such as `before: {decision.ends[0].name}`"
        elif decision.options:
            hint += f", or an option such as `before: {decision.options[0].name}`"
        related = [(decision.span, f"the {'game' if played else 'decision'} stands here")]
        related += [(span, "and it is read here") for span in others[:_SHOWN]]
        if len(others) > _SHOWN:
            message += f", and in {len(others)} other places"
        self.bench.findings.error(first, "undecided", message, hint, related)

    # --- the places ---

    def _places(self) -> Iterator[tuple[Typed, Facts]]:
        scenario = self.bench.scenario
        for stock in scenario.stocks.values():
            yield from self._each((stock.starts, *(f.rate for f in stock.flows)), NOTHING)
        yield from self._each((v.expression for v in scenario.variables.values()), NOTHING)
        for track in scenario.tracks.values():
            yield from self._of_track(track)
        for decision in scenario.decisions.values():
            yield from self._of_decision(decision)
        for game in scenario.games.values():
            yield from self._each((game.when, *(tree for _, _, tree in game.rationality)), NOTHING)
            yield from self._each(game.expressions(), self._holding(game.when))
        for event in scenario.events.values():
            yield from self._each((event.rate, event.when), NOTHING)
            facts = self._holding(event.when)
            for effect in event.does:
                trees = (effect.parent, effect.share) if isinstance(effect, Splinter) else (effect.value,)
                yield from self._each(trees, facts)
        yield from self._each((m.of for m in scenario.measures.values()), NOTHING)
        for question in scenario.questions.values():
            yield from self._each((question.given,), NOTHING)
            yield from self._each((question.that,), self._holding(question.given))

    def _of_track(self, track: Track) -> Iterator[tuple[Typed, Facts]]:
        own = tuple(_own_index(b.variable, b.set) for b in track.binders)
        for stage in track.stages:
            if isinstance(stage.lasts, LawText) and stage.lasts in self.bench.laws:
                for parameter in self.bench.laws[stage.lasts].parameters:
                    yield parameter, NOTHING
            inside: Facts = frozenset({(track.name, stage.name, own)})
            for way in stage.then:
                yield from self._each((way.share, way.when), inside)
        for move in track.moves:
            passed = [self.passed[track.name].get(origin, frozenset()) for origin, _ in move.origins]
            common = frozenset.intersection(*passed) if passed else frozenset()
            inside = frozenset((track.name, stage, own) for stage in common)
            yield from self._each((move.when,), inside)
            yield from self._each((move.rate,), inside | self._holding(move.when))

    def _of_decision(self, decision: Decision) -> Iterator[tuple[Typed, Facts]]:
        yield from self._each((decision.when, decision.rationality), NOTHING)
        due = self._holding(decision.when)
        yield from self._each((decision.among,), due)
        yield from self._each((decision.value,), due | self._holding(decision.among))
        for option in decision.options:
            yield from self._each((option.when,), due)
            yield from self._each((option.value,), due | self._holding(option.when))

    def _each(self, trees: Iterable[Expression | None], facts: Facts) -> Iterator[tuple[Typed, Facts]]:
        for tree in trees:
            typed = None if tree is None else self.meaning.get(tree)
            if typed is not None:
                yield typed, facts

    def _holding(self, condition: Expression | None) -> Facts:
        typed = None if condition is None else self.meaning.get(condition)
        return NOTHING if typed is None else _facts(typed)

    # --- the walk ---

    def _walk(self, tree: Typed, facts: Facts) -> None:
        match tree:
            case Reference(what="decision" | "game", name=name) | EndOdds(game=name) if name in self.risky:
                self._check_read(self.risky[name], tree, facts)
                for index in tree.indices:
                    self._walk(index, facts)
            case Operation(operator="and"):
                left, right = tree.arguments
                self._walk(left, facts)
                self._walk(right, facts | _facts(left))
            case Operation(operator="if"):
                condition, then, otherwise = tree.arguments
                self._walk(condition, facts)
                self._walk(then, facts | _facts(condition))
                self._walk(otherwise, facts)
            case Reduction(condition=condition) if condition is not None:
                self._walk(condition, facts)
                self._walk(tree.body, facts | _facts(condition))
            case _:
                for part in parts(tree):
                    self._walk(part, facts)

    def _check_read(self, decision: Decision | Game, read: Reference | EndOdds, facts: Facts) -> None:
        due = self._due(decision)
        if due is None or not self._is_taken(due, decision, read, facts):
            self._early.setdefault(decision.name, []).append(read.span)

    def _due(self, decision: Decision | Game) -> _Due | None:
        """The stage on entering which a decision is taken for sure."""
        always = _always_comes_out(decision)
        when = None if decision.when is None else self.meaning.get(decision.when)
        if not always or not isinstance(when, StageTest) or when.question not in ("enters", "in"):
            return None
        own = {b.variable for b in decision.binders}
        if any(not isinstance(index, IndexVariable) or index.name not in own for index in when.indices):
            return None
        return _Due(when.track, when.stage, when.indices)

    def _is_taken(self, due: _Due, decision: Decision | Game, read: Reference | EndOdds, facts: Facts) -> bool:
        """Whether what is known where the decision is read implies that its stage has been passed."""
        meant = dict(zip((b.variable for b in decision.binders), read.indices, strict=True))
        indices = tuple(meant[index.name] for index in due.indices if isinstance(index, IndexVariable))
        passed = self.passed.get(due.track, {})
        return any(
            track == due.track and of == indices and due.stage in passed.get(stage, frozenset())
            for track, stage, of in facts
        )


def _always_comes_out(decision: Decision | Game) -> bool:
    """Whether something is always open to choose; a game always comes to an end."""
    if isinstance(decision, Game):
        return True
    if decision.choose is not None:
        return decision.among is None
    return any(option.when is None for option in decision.options)


def _own_index(variable: str, set_name: str) -> IndexVariable:
    return IndexVariable(Type("member", set=set_name), variable, Span("", 0, 0, 0))


def _facts(condition: Typed) -> Facts:
    """The stages that have been reached wherever a condition holds."""
    match condition:
        case StageTest(question="in" | "reached" | "enters"):
            return frozenset({(condition.track, condition.stage, condition.indices)})
        case Operation(operator="and"):
            return _facts(condition.arguments[0]) | _facts(condition.arguments[1])
        case Operation(operator="gt", arguments=(StageTest(question="since") as stage, Constant() as least)):
            return frozenset({(stage.track, stage.stage, stage.indices)}) if least.value >= 0.0 else NOTHING
    return NOTHING
