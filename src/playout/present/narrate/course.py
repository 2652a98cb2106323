"""What happened in a future, as sentences that could be told: moves, choices, events, splinters, years."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from playout.analyse.stories.facts import Facts
from playout.model.expression import Attribute, Call, Subscript
from playout.model.scenario import Decision, Event, Measure, Scenario, Splinter, Track
from playout.present.narrate.sentence import Reference, Saying
from playout.present.narrate.voice import Voice, listed, number, times, words_of
from playout.present.views.measures import in_unit
from playout.present.views.written import policy_title
from playout.present.words import month, percent, quantity
from playout.simulate.replay import Birth, Choice, Happening, Level, Move, Told

MONTHS_APART = 4
"""An event that comes in more months than this is told in one sentence for all of them."""

#: How much things matter, before how rare they are is added; `narrate` says why.
MAIN, CHOICE, AGAIN, CHANGED, TRACK, EVENT, MEMBER, OFTEN, YEAR, FILL = (
    20.0,
    15.0,
    12.0,
    10.0,
    8.0,
    6.0,
    5.0,
    3.0,
    1.0,
    0.5,
)

MOST_MEASURES = 4

Kept = TypeVar("Kept", Move, Happening)


def sayings(told: Told, scenario: Scenario, facts: Facts, main: Track | None) -> Iterator[Saying]:
    """Everything that happened after the start, in no order. main: the track that the story is told along."""
    yield from _moves(told, scenario, facts, main)
    yield from _choices(told, scenario)
    yield from _events(told, scenario, facts)
    yield from (_birth(birth) for birth in told.births)
    yield from _years(told, scenario, facts)


def stage_title(track: Track, stage: str) -> str:
    """A stage's title in quotation marks."""
    known = next(each for each in track.stages if each.name == stage)
    return f"“{known.title or words_of(stage)}”"


def named(thing: Track | Event | Measure | Decision) -> str:
    """The title of a thing, or its name as words."""
    return thing.title or words_of(thing.name)


def move_reference(move: Move) -> Reference:
    """What points to a move."""
    return Reference("move", f"{move.track}.{move.stage}", move.member, move.step)


# --- moves ------------------------------------------------------------------------------------------------------------


def _moves(told: Told, scenario: Scenario, facts: Facts, main: Track | None) -> Iterator[Saying]:
    together: dict[tuple[str, str, bool, int, int], list[Move]] = {}
    for move in told.moves:
        track = scenario.tracks[move.track]
        if move.step == 0 or move.origin is None:
            continue  # where tracks start; and the newborn, told as splinters
        if track.binders:
            together.setdefault((move.track, move.stage, move.first, *_month(move.date)), []).append(move)
            continue
        if main is not None and track.name == main.name:
            weight = MAIN if move.first else AGAIN
        else:
            weight = TRACK * (1.0 if move.first else 0.5) + 1.0 - facts.reached[move.track, move.member, move.stage]
        if track is main:
            yield Saying(weight, move.date, (move_reference(move),), partial(_moved_along, track, [move]), move)
        else:
            yield Saying(weight, move.date, (move_reference(move),), partial(_move, track, move))
    for moves in together.values():
        rare = max(1.0 - facts.reached[m.track, m.member, m.stage] for m in moves)
        weight = (MEMBER if moves[0].first else OFTEN) + rare
        refs = tuple(map(move_reference, moves))
        yield Saying(weight, moves[-1].date, refs, partial(_member_moves, scenario.tracks[moves[0].track], moves))


def in_one(main: Track | None, told: Iterable[Saying]) -> Iterator[Saying]:
    """The same, with moves of the main track that follow each other within a month told in one sentence."""
    for _, group in itertools.groupby(told, key=lambda saying: (_month(saying.date), saying.lead is not None)):
        sayings = list(group)
        moves = [saying.lead for saying in sayings if saying.lead is not None]
        if main is None or len(moves) < 2:
            yield from sayings
            continue
        refs = tuple(ref for saying in sayings for ref in saying.refs)
        yield Saying(sayings[0].weight, sayings[-1].date, refs, partial(_moved_along, main, moves))


def _moved_along(track: Track, moves: Sequence[Move], voice: Voice) -> str:
    """One move or several of the main track; a verb is not said again."""
    verbs = ["reached" if move.first else "went back to" for move in moves]
    said = [
        f"{'' if before == verb else f'{verb} '}{stage_title(track, move.stage)}"
        for move, verb, before in zip(moves, verbs, ["", *verbs], strict=False)
    ]
    return f"{voice.when(moves[0].date)} the scenario {', then '.join(said)}."


def _move(track: Track, move: Move, voice: Voice) -> str:
    assert move.origin is not None
    stage = stage_title(track, move.stage)
    how = "went" if move.first else "went back"
    return f"{voice.when(move.date)} “{named(track)}” {how} from {stage_title(track, move.origin)} to {stage}."


def _member_moves(track: Track, moves: Sequence[Move], voice: Voice) -> str:
    names = list(dict.fromkeys(move.member for move in moves))
    who = listed([voice.members(track.sets, name) for name in names])
    how = "moved to" if moves[0].first else "went back to"
    return f"{voice.when(moves[-1].date)} {who} {how} {stage_title(track, moves[0].stage)}."


# --- choices ----------------------------------------------------------------------------------------------------------


def _choices(told: Told, scenario: Scenario) -> Iterator[Saying]:
    """Choices that are the first or another than before; of one actor in one step together."""
    standing: dict[tuple[str, str], str] = {}
    opened: set[tuple[int, str]] = set()
    together: dict[tuple[int, str], list[Choice]] = {}
    for choice in told.choices:
        who, when = (choice.decision, choice.member), (choice.step, scenario.decisions[choice.decision].by)
        if standing.get(who) != choice.option:
            opened |= set() if who in standing else {when}
            standing[who] = choice.option
            together.setdefault(when, []).append(choice)
    for (step, actor), choices in together.items():
        unlikely = max(1.0 - choice.chances.get(choice.option, 1.0) for choice in choices)
        refs = tuple(Reference("decision", c.decision, c.member, c.step) for c in choices)
        weight = CHOICE if (step, actor) in opened else CHANGED
        yield Saying(weight + unlikely, choices[0].date, refs, partial(_choice, scenario, actor, choices))


def _choice(scenario: Scenario, actor: str, choices: Sequence[Choice], voice: Voice) -> str:
    begin = f"{voice.when(choices[0].date)} {voice.actor(actor)}"
    parts = [_chosen(scenario.decisions[choice.decision], choice, voice) for choice in choices]
    if len(parts) == 1:
        return f"{begin} chose {parts[0]}."
    return f"{begin} made {number(len(parts))} choices: {listed(parts)}."


def _chosen(decision: Decision, choice: Choice, voice: Voice) -> str:
    if decision.choose is not None:
        option = voice.member(decision.choose, choice.option)
    else:
        known = next(each for each in decision.options if each.name == choice.option)
        option = f"“{known.title or words_of(known.name)}”"
    whose = f" for {voice.members(decision.sets, choice.member)}" if choice.member else ""
    return f"{option} on “{named(decision)}”{whose} ({odds_of(choice)})"


def odds_of(choice: Choice) -> str:
    """What stood behind a choice, in a few words."""
    if choice.pinned:
        return "not left open"
    if len(choice.chances) == 1:
        return "the only one open"
    return f"odds in this model {percent(choice.chances[choice.option])}"


# --- events and splinters ---------------------------------------------------------------------------------------------


def _events(told: Told, scenario: Scenario, facts: Facts) -> Iterator[Saying]:
    for name, event in scenario.events.items():
        own = [each for each in told.events if each.event == name and not _told_otherwise(told, event, each)]
        months = [list(group) for _, group in itertools.groupby(own, key=lambda each: _month(each.date))]
        rare = 1.0 - max((facts.happens[each.event, each.member] for each in own), default=1.0)
        if len(months) > MONTHS_APART:
            yield Saying(OFTEN + rare, own[-1].date, _event_references(own), partial(_often, event, months))
            continue
        for group in months:
            say = partial(_happened, event, group)
            yield Saying(EVENT * (0.5 + rare), group[-1].date, _event_references(group), say)


def _told_otherwise(told: Told, event: Event, happening: Happening) -> bool:
    """Whether an event only says what a splinter of it does, or the entry into a stage that it follows from."""
    if event.rate is not None or happening.count != 1:
        return False
    if any(isinstance(effect, Splinter) for effect in event.does):
        return any((b.step, b.parent) == (happening.step + 1, happening.member) for b in told.births)
    match event.when:
        case Call(function="enters", arguments=(Attribute(base=base, name=stage),)):
            track = base.base.name if isinstance(base, Subscript) else base.name
            entry = (track, stage, happening.member, happening.step)
            return any((m.track, m.stage, m.member, m.step) == entry and m.step > 0 for m in told.moves)
    return False


def _event_references(events: Iterable[Happening]) -> tuple[Reference, ...]:
    return tuple(Reference("event", each.event, each.member, each.step) for each in events)


def _happened(event: Event, events: Sequence[Happening], voice: Voice) -> str:
    counts = _by_member(events)
    members = [
        voice.members(event.sets, member) + (f" {times(count)}" if len(counts) > 1 else "")
        for member, count in counts.items()
        if member
    ]
    whole = times(sum(counts.values()))
    begin = f"{voice.when(events[-1].date)} this happened {whole}: {voice.lowered(named(event))}"
    return f"{begin} ({listed(members)})." if members else f"{begin}."


def _by_member(events: Iterable[Happening]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for each in events:
        counts[each.member] = counts.get(each.member, 0) + each.count
    return counts


def _often(event: Event, months: Sequence[Sequence[Happening]], voice: Voice) -> str:
    totals = [sum(each.count for each in group) for group in months]
    most = max(totals)
    peak = months[totals.index(most)][0].date
    first, last = months[0][0].date, months[-1][-1].date
    peaked = f"; most often in {month(peak)}, {times(most)}" if totals.count(most) == 1 else ""
    title = voice.lowered(named(event))
    return f"between {month(first)} and {month(last)} this happened {times(sum(totals))}: {title}{peaked}."


def _birth(birth: Birth) -> Saying:
    def say(voice: Voice) -> str:
        """The splinter, and what it broke from."""
        parent = voice.member(birth.set, birth.parent)
        return f"{voice.when(birth.date)} a splinter, {voice.member(birth.set, birth.member)}, broke from {parent}."

    return Saying(EVENT, birth.date, (Reference("splinter", birth.set, birth.member, birth.step),), say)


# --- years ------------------------------------------------------------------------------------------------------------


def _years(told: Told, scenario: Scenario, facts: Facts) -> Iterator[Saying]:
    """Year by year the first measures that are told, those first in which one lies furthest from the baseline's."""
    if told.stop is not None:
        return
    for rank, level in enumerate(told_measures(told, scenario)[:2]):
        if any(len(label) != 4 for label in level.periods):
            continue
        against = facts.against.get((level.name, ""))
        for place, label in enumerate(level.periods):
            end = dt.date(int(label), 12, 31)
            if end >= told.dates[-1] or (level.kind == "amount" and told.dates[0] > dt.date(int(label), 1, 1)):
                continue  # not covered whole
            step = max(k for k, date in enumerate(told.dates) if date <= end)
            other = None if against is None else against[place]
            if level.totals[place] == 0.0 and not other:
                continue  # nothing of it yet, here or there
            gap = 0.0 if other is None else abs(level.totals[place] - other) / max(abs(other), 1.0)
            refs = (Reference("measure", level.name, "", step),)
            say = partial(_year, scenario, level, place, other, facts.baseline)
            yield Saying((YEAR if rank == 0 else FILL) + min(gap, 0.4), end, refs, say)


def _year(scenario: Scenario, level: Level, place: int, other: float | None, baseline: str | None, voice: Voice) -> str:
    title = quoted(named(scenario.measures[level.name]), voice)
    value, year = level.totals[place], level.periods[place]
    beside = difference(scenario, level, value, other, baseline)
    if level.kind == "amount":
        return f"in {year} {title} came to {amount(value, level.unit)}{beside}."
    return f"at the end of {year} {title} stood at {amount(value, level.unit)}{beside}."


def told_measures(told: Told, scenario: Scenario) -> list[Level]:
    """The headline's measures, those about people first; without a headline those about people, then the others; at
    most `MOST_MEASURES`, and only measures without an index."""
    plain = {level.name: level for level in told.levels if not level.member}
    people = [name for name in plain if scenario.measures[name].people]
    first = [name for name, _ in scenario.headline.measures] if scenario.headline is not None else list(plain)
    order = sorted(first, key=lambda name: name not in people)
    return [plain[name] for name in order if name in plain][:MOST_MEASURES]


def quoted(title: str, voice: Voice) -> str:
    """A title inside a sentence, with marks around it where a comma would break the sentence."""
    return f"“{title}”" if "," in title else voice.lowered(title)


def amount(value: float, unit: str) -> str:
    """A measure's value with its unit, where that is not plain from what it counts; people and events by whole ones
    from ten on."""
    if unit in ("person", "event") and abs(value) >= 10.0:
        value = float(round(value))
    said = quantity(value)
    if unit in ("1", "person", "event", "probability"):
        return said
    return in_unit(said, unit)


def difference(scenario: Scenario, level: Level, value: float, other: float | None, baseline: str | None) -> str:
    """How a value lies beside that of the same future under the baseline; empty without one."""
    if other is None or baseline is None:
        return ""
    under = f"the same future under “{policy_title(scenario, baseline)}”"
    if value == other:
        return f", as in {under}"
    if other == 0.0:
        return f", against none in {under}"
    return f", {amount(abs(value - other), level.unit)} {'above' if value > other else 'below'} {under}"


def _month(date: dt.date) -> tuple[int, int]:
    return date.year, date.month
