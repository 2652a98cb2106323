"""The parts of a scenario as plain objects, one a definition: what `playout show` prints and pages are made of.

Keys are the language's own; equations are text. Numbers of beliefs and tables are in the unit declared. What is not
said in the scenario has no key.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any, TypeAlias

from playout.model.checked import CheckedScenario
from playout.model.coverage import coverage, entry_label
from playout.model.expression import Expression, LawText
from playout.model.scenario import (
    BeliefEntry,
    Decision,
    Event,
    Evidence,
    Flow,
    Game,
    GameNode,
    Indicator,
    Move,
    Observation,
    Question,
    Share,
    Source,
    Stage,
    Stock,
    Support,
    Table,
    Track,
    Variable,
    Variant,
)
from playout.present.document.equations import binder_text, effect_text, text_of
from playout.present.views.support import Entry, ground, law_as_written
from playout.present.views.written import as_written

Row: TypeAlias = dict[str, Any]

QUANTILES = {"p05": 0.05, "p50": 0.5, "p95": 0.95}


def rows_of(checked: CheckedScenario, section: str) -> tuple[Row, ...]:
    """The definitions of a section in file order, beliefs one for each entry that the scenario writes down."""
    if section == "beliefs":
        return tuple(_beliefs(checked))
    row = _ROWS[section]
    return tuple(_without_gaps(row(checked, thing)) for thing in getattr(checked.scenario, section).values())


def _without_gaps(row: Row) -> Row:
    """A row without the keys that the scenario leaves out."""
    return {key: value for key, value in row.items() if value not in ("", None, [], {}, ())}


def _head(thing: Any) -> Row:
    """What every definition has: name, indexes, title where it is more than the name, and prose."""
    row: Row = {"name": thing.name}
    indexes = [binder_text(binder) for binder in getattr(thing, "binders", ())] or list(getattr(thing, "sets", ()))
    title = getattr(thing, "title", "")
    row["indexes"] = indexes
    row["title"] = "" if title.lower() == thing.name.replace("_", " ") else title
    row["about"] = _line(getattr(thing, "about", ""))
    return row


def _line(prose: str) -> str:
    return " ".join(prose.split())


def _support(support: Support) -> Row:
    return {"because": list(support.names), "assumed": _line(support.assumed or "")}


def _optional(tree: Expression | None) -> str:
    return "" if tree is None else text_of(tree)


def _law(checked: CheckedScenario, law: LawText | None) -> str:
    return "" if law is None else law_as_written(checked.scenario, law)


def _bounds(within: tuple[float, float] | None) -> list[float | None] | None:
    """The ends of an interval; None for one that is open."""
    return None if within is None else [end if math.isfinite(end) else None for end in within]


# --- who and what -----------------------------------------------------------------------------------------------------


def _plain(_: CheckedScenario, thing: Any) -> Row:
    return _head(thing)


def _set(_: CheckedScenario, set_: Any) -> Row:
    members = [_without_gaps({**_head(member), "spare": member.spare or None}) for member in set_.members]
    return {"name": set_.name, "members": members}


def _system(_: CheckedScenario, system: Any) -> Row:
    return {**_head(system), "holds": [name for name, _ in system.holds]}


def _tie(_: CheckedScenario, tie: Any) -> Row:
    between = [name for name, _ in tie.ends]
    return {**_head(tie), "between": between, "strength": tie.strength[0][0], "above": tie.above or None}


def _group(_: CheckedScenario, group: Any) -> Row:
    return {**_head(group), "beliefs": [name for name, _ in group.beliefs], "views": group.views or None}


def _table(checked: CheckedScenario, table: Table) -> Row:
    labels = product(*(checked.scenario.sets[name].labels for name in table.sets))
    values: Any = dict(zip(labels, table.values, strict=True))
    if not table.sets:
        values = table.values[0]
    elif len(table.sets) == 1:
        values = {label[0]: value for label, value in values.items()}
    else:
        nested: Row = {}
        for label, value in values.items():
            nested.setdefault(label[0], {})[", ".join(label[1:])] = value
        values = nested
    return {**_head(table), "unit": table.unit.text, "values": values, **_support(table.support)}


# --- beliefs ----------------------------------------------------------------------------------------------------------


def _beliefs(checked: CheckedScenario) -> Iterable[Row]:
    """Beliefs, entry by entry, each with the quantiles of its law and with what it rests on."""
    scenario = checked.scenario
    found = coverage(checked)
    kinds = {
        label: kind
        for kind, labels in (
            ("fact", found.evidenced), ("judgement", found.judged),
            ("assumed", found.assumed), ("nothing", found.unsupported),
        )
        for label in labels
    }  # fmt: skip
    lines = iter(ground(checked).beliefs)
    for belief in scenario.beliefs.values():
        for entry in belief.entries:
            line, label = next(lines), entry_label(belief, entry)
            row = {
                **_head(belief),
                "members": list(entry.members or ()),
                "is": line.value,
                "unit": belief.unit.text,
                "within": _bounds(entry.within),
                "each": "step" if belief.each == "step" else "",
                "shared": belief.shared or None,
                **_quantiles(checked, belief.name, entry),
                "rests_on": kinds[label],
                "because": [_cited(cited) for cited in line.entries],
                "assumed": line.assumed,
            }
            yield _without_gaps(row)


def _cited(entry: Entry) -> Row:
    source = {} if entry.source is None else {"source": entry.source.short}
    return {"evidence": entry.name, "kind": entry.kind, "grade": entry.grade, **source}


def _quantiles(checked: CheckedScenario, name: str, entry: BeliefEntry) -> Row:
    """The 5, 50 and 95% quantiles of what is drawn once a future, in the declared unit, bounds taken in."""
    belief = checked.scenario.beliefs[name]
    labels = list(product(*(checked.scenario.sets[set_].labels for set_ in belief.sets)))
    listed = {other.members for other in belief.entries}
    own = entry.members or next((label for label in labels if label not in listed), ())
    law = checked.distributions.get((name, labels.index(own)))
    if law is None:
        return {}
    return {key: float(law.quantile(share)) / belief.unit.factor for key, share in QUANTILES.items()}


# --- what moves -------------------------------------------------------------------------------------------------------


def _stock(_: CheckedScenario, stock: Stock) -> Row:
    return {
        **_head(stock),
        "unit": stock.unit.text,
        "starts": text_of(stock.starts),
        "within": _bounds(stock.within),
        "inherits": stock.inherits if stock.binders and stock.inherits != "divided" else "",
        "plus": _flows(stock.plus),
        "minus": _flows(stock.minus),
    }


def _flows(flows: tuple[Flow, ...]) -> dict[str, str]:
    return {flow.name: text_of(flow.rate) for flow in flows}


def _variable(checked: CheckedScenario, variable: Variable) -> Row:
    number = checked.meaning[variable.expression].type.kind == "number"
    unit = variable.unit.text if number else ""
    return {**_head(variable), "unit": unit, "is": text_of(variable.expression), **_support(variable.support)}


def _track(checked: CheckedScenario, track: Track) -> Row:
    return {
        **_head(track),
        **_support(track.support),
        "stages": [_without_gaps(_stage(checked, stage)) for stage in track.stages],
        "moves": [_without_gaps(_move(move)) for move in track.moves],
    }


def _stage(checked: CheckedScenario, stage: Stage) -> Row:
    then = [_without_gaps(_share(share, alone=len(stage.then) == 1)) for share in stage.then]
    return {**_head(stage), "lasts": _law(checked, stage.lasts), "then": then, **_support(stage.support)}


def _share(share: Share, *, alone: bool) -> Row:
    said = "" if alone and share.share is None else "otherwise" if share.share is None else text_of(share.share)
    return {"to": share.stage, "share": said, "when": _optional(share.when)}


def _move(move: Move) -> Row:
    return {
        "from": [name for name, _ in move.origins],
        "to": move.destination,
        "rate": text_of(move.rate),
        "when": _optional(move.when),
        "about": _line(move.about),
        **_support(move.support),
    }


def _decision(_: CheckedScenario, decision: Decision) -> Row:
    options = [
        _without_gaps({**_head(option), "value": text_of(option.value), "when": _optional(option.when)})
        for option in decision.options
    ]
    return {
        **_head(decision),
        "by": decision.by,
        "when": _optional(decision.when),
        "every": _optional(decision.every),
        "before": decision.before,
        "rationality": _optional(decision.rationality),
        "options": options,
        "choose": decision.choose,
        "value": _optional(decision.value),
        "among": _optional(decision.among),
        **_support(decision.support),
    }


def _game(_: CheckedScenario, game: Game) -> Row:
    return {
        **_head(game),
        "players": {player.name: player.actor for player in game.players},
        "when": _optional(game.when),
        "every": _optional(game.every),
        "before": game.before,
        "rationality": {player: text_of(tree) for player, _, tree in game.rationality},
        "begins": game.begins,
        "nodes": [_without_gaps(_game_node(node)) for node in game.nodes],
        "ends": [
            _without_gaps({**_head(end), "worth": {payoff.player: text_of(payoff.value) for payoff in end.payoffs}})
            for end in game.ends
        ],
        **_support(game.support),
    }


def _game_node(node: GameNode) -> Row:
    ways = []
    for way in node.ways:
        odds = "" if node.by is not None else "otherwise" if way.odds is None else text_of(way.odds)
        ways.append(_without_gaps({**_head(way), "odds": odds, "to": way.to}))
    return {**_head(node), "by": node.by, "knows": node.knows, "chance" if node.by is None else "moves": ways}


def _event(_: CheckedScenario, event: Event) -> Row:
    return {
        **_head(event),
        "rate": _optional(event.rate),
        "when": _optional(event.when),
        "does": [effect_text(effect) for effect in event.does],
        **_support(event.support),
    }


# --- what is told -----------------------------------------------------------------------------------------------------


def _measure(_: CheckedScenario, measure: Any) -> Row:
    unit = "" if measure.unit is None else measure.unit.text
    people = measure.people or None
    return {**_head(measure), "of": text_of(measure.of), "per": measure.per, "unit": unit, "people": people}


def _question(_: CheckedScenario, question: Question) -> Row:
    return {
        "name": question.name,
        "ask": _line(question.ask),
        "by": question.by.isoformat(),
        "that": text_of(question.that),
        "given": _optional(question.given),
        "source": question.source,
        **_support(question.support),
    }


def _indicator(_: CheckedScenario, indicator: Indicator) -> Row:
    chance = {"otherwise" if test is None else text_of(test): text_of(value) for test, value in indicator.chances}
    return {
        **_head(indicator),
        "what": _line(indicator.what),
        "per": indicator.per,
        "chance": chance,
        "observes": _optional(indicator.observes),
        "noise": indicator.noise,
    }


def _observation(_: CheckedScenario, observation: Observation) -> Row:
    return {
        "name": observation.name,
        "of": observation.of,
        "date": observation.date.isoformat(),
        "seen": observation.seen,
        "value": observation.value,
        **_support(observation.support),
    }


def _variant(checked: CheckedScenario, variant: Variant) -> Row:
    changes = [as_written(checked.scenario, line.span) or line.text for line in variant.assignments]
    return {
        **_head(variant),
        "credence": variant.credence,
        "switch": variant.switch or None,
        "is": changes,
        **_support(variant.support),
    }


def _source(_: CheckedScenario, source: Source) -> Row:
    return {**_head(source), "author": source.author, "date": source.date, "address": source.address}


def _evidence(_: CheckedScenario, evidence: Evidence) -> Row:
    return {
        "name": evidence.name,
        "date": evidence.date,
        "claim": _line(evidence.claim),
        "kind": evidence.kind,
        "source": evidence.source,
        "grade": f"{evidence.reliability}{evidence.credibility}",
        "status": evidence.status,
        "hedge": evidence.hedge,
        "supports": [name for name, _ in evidence.supports],
        "contradicts": [name for name, _ in evidence.contradicts],
    }


_ROWS: Mapping[str, Callable[[CheckedScenario, Any], Row]] = {
    "actors": _plain, "sets": _set, "systems": _system, "ties": _tie, "groups": _group,
    "tables": _table, "stocks": _stock,
    "variables": _variable,
    "tracks": _track, "decisions": _decision, "games": _game, "events": _event,
    "measures": _measure, "questions": _question,
    "indicators": _indicator, "observations": _observation, "policies": _variant, "views": _variant,
    "sources": _source, "evidence": _evidence,
}  # fmt: skip
