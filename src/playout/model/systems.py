"""What reads what, thing by thing, and which system of the scenario each thing belongs to.

A thing is whatever has an equation or a number: a table, belief, stock, variable, track, decision, game, event,
measure or question. A flow is part of its stock and a stage part of its track.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playout.model.checked import CheckedScenario
from playout.model.expression import EndOdds, Expression, LawText, StageTest, Typed
from playout.model.graph import reads
from playout.model.scenario import Effect, Scenario
from playout.model.typed import everything

KINDS = (
    "tables", "beliefs", "stocks", "variables", "tracks", "decisions", "games", "events", "measures", "questions",
)  # fmt: skip
"""The sections whose definitions are things, in the order of the language."""

CAUSES = ("stocks", "variables", "tracks", "decisions", "games", "events")
"""Those that change as a future unfolds."""


def things(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Every thing as (section, name), section by section, in file order."""
    for kind in KINDS:
        yield from ((kind, name) for name in getattr(scenario, kind))


def readings(checked: CheckedScenario) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """For each thing that has equations, the names of the things it reads, each once, in the order of reading.

    An event that changes a stock is read by that stock.
    """
    scenario = checked.scenario
    owner = {flow.name: stock.name for stock in scenario.stocks.values() for flow in stock.flows}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for kind, name in things(scenario):
        own = found.setdefault((kind, name), {})
        for tree in _trees(checked, kind, name):
            own.update(dict.fromkeys(owner.get(read, read) for read in _read(tree)))
    for event in scenario.events.values():
        for effect in event.does:
            if isinstance(effect, Effect):
                found["stocks", effect.target.name][event.name] = None
    return {thing: tuple(names) for thing, names in found.items()}


def belonging(checked: CheckedScenario) -> Mapping[str, str]:
    """The system of each thing that belongs to one, by name.

    What no system names goes where it is needed, to the first system in the scenario's order: a table or belief to one
    that reads it, a measure or question to one that it reads. Anything else that no system names belongs to none.
    """
    scenario = checked.scenario
    home = {name: system.name for system in scenario.systems.values() for name, _ in system.holds}
    place = {name: number for number, name in enumerate(scenario.systems)}
    numbers = (*scenario.tables, *scenario.beliefs)
    told = (*scenario.measures, *scenario.questions)
    read: dict[str, list[str]] = {}
    readers: dict[str, list[str]] = {}
    for (_, name), names in readings(checked).items():
        read.setdefault(name, []).extend(names)
        for other in names:
            readers.setdefault(other, []).append(name)
    # Twice for numbers: some are read by a measure or question alone.
    for names, near in ((numbers, readers), (told, read), (numbers, readers)):
        homeless = [name for name in names if name not in home]
        for name in homeless:
            systems = [home[other] for other in near.get(name, ()) if other in home]
            if systems:
                home[name] = min(systems, key=place.__getitem__)
    return home


def _read(tree: Typed) -> Iterator[str]:
    yield from (reference.name for reference in reads(tree))
    for node in everything(tree):
        if isinstance(node, StageTest | EndOdds):
            yield node.track if isinstance(node, StageTest) else node.game


def _trees(checked: CheckedScenario, kind: str, name: str) -> Iterator[Typed]:
    """The typed trees of a thing's equations."""
    for part in _equations(checked.scenario, kind, name):
        if isinstance(part, LawText):
            law = checked.laws.get(part)
            yield from law.parameters if law is not None else ()
        elif part is not None and part in checked.meaning:
            yield checked.meaning[part]


def _equations(scenario: Scenario, kind: str, name: str) -> Iterator[Expression | LawText | None]:
    match kind:
        case "stocks":
            stock = scenario.stocks[name]
            yield from (stock.starts, *(flow.rate for flow in stock.flows))
        case "variables":
            yield scenario.variables[name].expression
        case "tracks":
            track = scenario.tracks[name]
            for stage in track.stages:
                yield stage.lasts
                yield from (part for share in stage.then for part in (share.share, share.when))
            yield from (part for move in track.moves for part in (move.rate, move.when))
        case "decisions":
            decision = scenario.decisions[name]
            yield from (decision.when, decision.rationality, decision.value, decision.among)
            yield from (part for option in decision.options for part in (option.value, option.when))
        case "games":
            yield from scenario.games[name].expressions()
        case "events":
            event = scenario.events[name]
            yield from (event.rate, event.when)
            for effect in event.does:
                yield effect.value if isinstance(effect, Effect) else effect.share
        case "measures":
            yield scenario.measures[name].of
        case "questions":
            question = scenario.questions[name]
            yield from (question.that, question.given)
