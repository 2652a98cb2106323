"""How a narrative begins and ends: where the future starts, what it came to for people, what it believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from playout.analyse.stories.facts import Facts, Unusual
from playout.model.scenario import Scenario, Track
from playout.present.narrate.course import (
    amount,
    difference,
    move_reference,
    named,
    quoted,
    stage_title,
    told_measures,
)
from playout.present.narrate.sentence import Reference, Saying
from playout.present.narrate.voice import Voice, listed, words_of
from playout.present.views.written import policy_title
from playout.present.words import day, percent
from playout.simulate.replay import Level, Move, Told

SURE = 0.995
"""What a share of a sample of futures is told as at most: "over 99%"."""


def opening(told: Told, scenario: Scenario, facts: Facts, main: Track | None) -> Iterator[Saying]:
    """Where the future starts, and which view it holds."""
    start = told.dates[0]
    first = next((m for m in told.moves if main is not None and m.track == main.name and m.step == 0), None)
    number = f"in this model, future {told.future:,} begins on {day(start)}"
    if main is not None and first is not None:
        refs: tuple[Reference, ...] = (move_reference(first),)
        text = f"{number} with {stage_title(main, first.stage)}"
    else:
        refs, text = tuple(Reference("measure", level.name, level.member, 0) for level in told.levels[:1]), number
    if told.view is not None:
        view = scenario.views[told.view].title or words_of(told.view)
        text += f"; it holds the view “{view}”, as {percent(facts.views[told.view])} of futures do"
        refs = (*refs, Reference("view", told.view, "", 0))
    if refs:
        yield Saying(0.0, start, refs, lambda voice: f"{text}.")


def ending(told: Told, scenario: Scenario, facts: Facts, main: Track | None) -> Iterator[Saying]:
    """What it came to: the last stage, people first among measures, the headline's question, unusual beliefs."""
    if main is not None:
        last = [m for m in told.moves if m.track == main.name and not m.member][-1:]
        yield from (_stood(told, main, move) for move in last)
    if told.stop is not None:
        yield _stopped(told)
        return
    yield from _measures(told, scenario, facts)
    question = scenario.headline.question[0] if scenario.headline and scenario.headline.question else None
    question = question or next(iter(scenario.questions), None)
    if question is not None and facts.answers.get(question) is not None:
        yield _answer(told, scenario, question, bool(facts.answers[question]))
    if facts.unusual:
        refs = tuple(Reference("belief", *_parts(odd.belief), 0) for odd in facts.unusual)
        yield Saying(0.0, told.dates[-1], refs, lambda voice: _believed(scenario, facts.unusual))


def _stood(told: Told, main: Track, move: Move) -> Saying:
    date = told.dates[told.steps]

    def say(voice: Voice) -> str:
        """Where the main track stands."""
        return f"on {day(date)} the scenario stood at {stage_title(main, move.stage)}."

    return Saying(0.0, date, (move_reference(move),), say)


def _stopped(told: Told) -> Saying:
    assert told.stop is not None
    stop = told.stop
    member = f" for {stop.member}" if stop.member else ""
    text = (
        f"on {day(stop.date)} the model stopped this future, because {stop.what}{member}; nothing is told after that."
    )
    return Saying(0.0, stop.date, (Reference("stop", stop.status, stop.member, stop.step),), lambda voice: text)


# --- measures ---------------------------------------------------------------------------------------------------------


def _measures(told: Told, scenario: Scenario, facts: Facts) -> Iterator[Saying]:
    """The measures told, in their order; those that came out as under the baseline together, where the first stands."""
    levels = told_measures(told, scenario)
    others = [_over_run(level, facts) for level in levels]
    alike = [level for level, other in zip(levels, others, strict=True) if other == level.whole]
    for level, other in zip(levels, others, strict=True):
        if level not in alike:
            yield _measured(told, [level], partial(_came_to, scenario, level, other, facts.baseline))
        elif level is alike[0]:
            yield _measured(told, alike, partial(_as_before, scenario, alike, facts.baseline or ""))


def _over_run(level: Level, facts: Facts) -> float | None:
    """The same measure over the whole run under the baseline."""
    against = facts.against.get((level.name, level.member))
    if against is None:
        return None
    return sum(against) if level.kind == "amount" else against[-1]


def _measured(told: Told, levels: Sequence[Level], say: partial[str]) -> Saying:
    refs = tuple(Reference("measure", level.name, level.member, told.steps) for level in levels)
    return Saying(0.0, told.dates[told.steps], refs, say)


def _came_to(scenario: Scenario, level: Level, other: float | None, baseline: str | None, voice: Voice) -> str:
    how, span = ("came to", "over the whole run") if level.kind == "amount" else ("stood at", "at the end")
    title, value = quoted(named(scenario.measures[level.name]), voice), amount(level.whole, level.unit)
    return f"{title} {how} {value} {span}{difference(scenario, level, level.whole, other, baseline)}."


def _as_before(scenario: Scenario, levels: Sequence[Level], baseline: str, voice: Voice) -> str:
    titles = [quoted(named(scenario.measures[level.name]), voice) for level in levels]
    values = [f"{title} ({amount(own.whole, own.unit)})" for title, own in zip(titles, levels, strict=True)]
    under = policy_title(scenario, baseline)
    return f"{listed(values)} came out at the end as in the same future under “{under}”."


# --- question and beliefs ---------------------------------------------------------------------------------------------


def _answer(told: Told, scenario: Scenario, name: str, yes: bool) -> Saying:
    question = scenario.questions[name]
    last = len(told.dates) - 1
    step = min(last, max(k for k, date in enumerate(told.dates) if date <= question.by or k == 0))
    text = f"the question “{question.ask}” was answered {'yes' if yes else 'no'} in this future."
    return Saying(0.0, told.dates[-1], (Reference("question", name, "", step),), lambda voice: text)


def _believed(scenario: Scenario, unusual: Sequence[Unusual]) -> str:
    parts = []
    for odd in unusual:
        name, member = _parts(odd.belief)
        belief = scenario.beliefs[name]
        whose = f": {_member_titles(scenario, belief.sets, member)}" if member else ""
        value = percent(odd.value) if odd.unit == "probability" else amount(odd.value, odd.unit)
        share, how = (odd.below, "higher") if odd.below > 0.5 else (1.0 - odd.below, "lower")
        title = f"{belief.title or words_of(name)}{whose}"
        parts.append(f"“{title}” was {value}, {how} than in {percent(min(share, SURE))} of futures")
    return f"what this future believed that was unusual: {'; '.join(parts)}."


def _member_titles(scenario: Scenario, sets: Sequence[str], labels: str) -> str:
    found = []
    for set_name, label in zip(sets, labels.split(", "), strict=True):
        known = next(each for each in scenario.sets[set_name].members if each.name == label)
        found.append(known.title or words_of(label))
    return ", ".join(found)


def _parts(label: str) -> tuple[str, str]:
    """A label's name and members."""
    name, _, member = label.partition("[")
    return name, member.removesuffix("]")
