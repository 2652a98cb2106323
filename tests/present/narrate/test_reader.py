"""A reader's check: every sentence of a narrative is held against the future it tells of, by its references.

The check reads the text: months, dates, number words, odds, quantities and titles have to be those of what is
referred to, and what is referred to has to have happened at that step.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import playout
from playout.analyse.stories.facts import Facts, facts
from playout.analyse.stories.features import key_measures, main_track
from playout.model.scenario import Scenario
from playout.present.narrate import Narrative, Reference, Sentence, narrate
from playout.present.words import MONTHS, percent, quantity
from playout.simulate.replay import Told, replay
from playout.simulate.result import Runs
from playout.simulate.run import play
from told import two_shores

MONTH = rf"({'|'.join(MONTHS)}) (\d{{4}})"
TIMES = r"(once|twice|[a-z]+ times|[\d,]+ times)"
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
FUTURES = 150


def counted(words: str) -> int:
    first = words.split()[0]
    if first in ("once", "twice"):
        return 1 if first == "once" else 2
    return WORDS.index(first) if first in WORDS else int(first.replace(",", ""))


@cache
def runs_of(name: str) -> tuple[Runs, Runs | None]:
    checked = two_shores() if name == "two-shores" else playout.load(name)
    base = checked.scenario.baseline
    play_as = [None, base] if base is not None else [None]
    both = [
        play(checked, futures=FUTURES, seed=4, policy=policy, engine="native", precision="single") for policy in play_as
    ]
    return both[0], both[1] if base is not None else None


@cache
def told(name: str, future: int) -> tuple[Told, Facts, Narrative]:
    runs, baseline = runs_of(name)
    scenario = runs.checked.scenario
    own = replay(runs, [future])
    (beside,) = facts(runs, baseline, own, key_measures(scenario, compared=baseline is not None))
    return own[0], beside, narrate(own[0], scenario, beside)


# --- the check --------------------------------------------------------------------------------------------------------


def check(name: str, future: int) -> None:
    own, beside, narrative = told(name, future)
    scenario = runs_of(name)[0].checked.scenario
    before: Sentence | None = None
    for sentence in narrative.sentences:
        assert sentence.refs, sentence.text
        assert sentence.text[0].isupper() or not sentence.text[0].isalpha()
        assert sentence.text.endswith(".")
        check_month(sentence, before, scenario)
        kinds = {ref.kind for ref in sentence.refs}
        for ref in sentence.refs:
            CHECKS[ref.kind](ref, sentence, own, beside, scenario)
        if kinds == {"event"}:
            check_counts(sentence, own)
        if "choices" in sentence.text:
            assert f"{WORDS[len(sentence.refs)]} choices" in sentence.text
        before = sentence


def check_month(sentence: Sentence, before: Sentence | None, scenario: Scenario) -> None:
    """The date that a sentence begins with is its own."""
    text, date = sentence.text, sentence.date
    if text.startswith("The same month"):
        assert before is not None
        assert (before.date.year, before.date.month) == (date.year, date.month)
    elif (found := re.match(rf"In {MONTH} ", text)) is not None:
        assert (found[1], int(found[2])) == (MONTHS[date.month - 1], date.year)
    elif (found := re.match(rf"On (\d+) {MONTH} ", text)) is not None:
        assert (int(found[1]), found[2], int(found[3])) == (date.day, MONTHS[date.month - 1], date.year)
    elif (found := re.match(rf"Between {MONTH} and {MONTH} ", text)) is not None:
        assert (found[3], int(found[4])) == (MONTHS[date.month - 1], date.year)
    elif (found := re.match(r"(?:In|At the end of) (\d{4}) ", text)) is not None:
        assert int(found[1]) == date.year
    elif text.startswith("In this model, future"):
        assert f"begins on {date.day} {MONTHS[date.month - 1]} {date.year}" in text
        assert date == scenario.start


def check_move(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    track_name, stage_name = ref.name.split(".")
    (move,) = (
        m for m in own.moves if (m.track, m.stage, m.member, m.step) == (track_name, stage_name, ref.member, ref.step)
    )
    track = scenario.tracks[track_name]
    stage = next(s for s in track.stages if s.name == stage_name)
    assert f"“{stage.title or stage.name}”" in sentence.text
    if "stood at" in sentence.text:
        assert own.stage(track_name) == stage_name
        assert sentence.date == own.dates[own.steps]
        return
    assert verb_of(sentence, ref) == ("reached" if move.first else "went back") or track is not main_track(scenario)
    assert ("went back" in sentence.text) == (not move.first) or ref.step == 0 or len(sentence.refs) > 1
    if track.binders:
        title = next(m.title for m in scenario.sets[track.sets[0]].members if m.name == ref.member)
        assert any(part in sentence.text for part in shown(ref.member, title)), sentence.text
        assert (move.date.year, move.date.month) == (sentence.date.year, sentence.date.month)
    else:
        assert (move.date.year, move.date.month) == (sentence.date.year, sentence.date.month)


def verb_of(sentence: Sentence, ref: Reference) -> str:
    """What a sentence on moves of the main track says of one of them; a verb holds until another one comes."""
    if " begins on " in sentence.text:
        return "reached"
    verb = ""
    said = re.findall(r"(?:the scenario|, then) (reached|went back to)?", sentence.text)
    for found, each in zip(said, sentence.refs, strict=False):
        verb = found or verb
        if each == ref:
            break
    return verb.removesuffix(" to")


def shown(label: str, title: str) -> list[str]:
    """Ways in which a member may be named."""
    return [title, label.upper(), title.partition(", ")[2] or title, title.partition(" and ")[0], title[1:]]


def check_decision(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    choices = [c for c in own.choices if (c.decision, c.member) == (ref.name, ref.member)]
    (choice,) = (c for c in choices if c.step == ref.step)
    earlier = [c.option for c in choices if c.step < ref.step]
    assert not earlier or earlier[-1] != choice.option, "only what changes is told"
    decision = scenario.decisions[ref.name]
    if decision.choose is None:
        title = next(o.title or o.name for o in decision.options if o.name == choice.option)
        assert f"“{title}”" in sentence.text
    else:
        title = next(m.title for m in scenario.sets[decision.choose].members if m.name == choice.option)
        assert any(part in sentence.text for part in shown(choice.option, title))
    assert f"“{decision.title or ref.name}”" in sentence.text
    if choice.pinned:
        assert "not left open" in sentence.text
    elif len(choice.chances) == 1:
        assert "the only one open" in sentence.text
    else:
        assert f"odds in this model {percent(choice.chances[choice.option])}" in sentence.text
    assert sentence.date == choice.date == own.dates[ref.step]


def check_event(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    assert any((e.event, e.member, e.step) == (ref.name, ref.member, ref.step) for e in own.events)
    title = scenario.events[ref.name].title or ref.name
    assert title[1:] in sentence.text
    assert own.dates[ref.step] <= sentence.date


def check_counts(sentence: Sentence, own: Told) -> None:
    """What is counted in a sentence on events is what its references count."""
    counts = {
        ref: e.count
        for ref in sentence.refs
        for e in own.events
        if (e.event, e.member, e.step) == (ref.name, ref.member, ref.step)
    }
    said = re.search(rf"this happened {TIMES}", sentence.text)
    assert said is not None
    assert counted(said[1]) == sum(counts.values())
    months = {(own.dates[ref.step].year, own.dates[ref.step].month) for ref in sentence.refs}
    if sentence.text.startswith("Between"):
        found = re.match(rf"Between {MONTH} and {MONTH} ", sentence.text)
        assert found is not None
        assert min(months) == (int(found[2]), MONTHS.index(found[1]) + 1)
        if (peak := re.search(rf"most often in {MONTH}, {TIMES}", sentence.text)) is not None:
            by_month: dict[tuple[int, int], int] = {}
            for ref, count in counts.items():
                date = own.dates[ref.step]
                by_month[date.year, date.month] = by_month.get((date.year, date.month), 0) + count
            assert counted(peak[3]) == max(by_month.values())
            assert by_month[int(peak[2]), MONTHS.index(peak[1]) + 1] == max(by_month.values())
        return
    assert months == {(sentence.date.year, sentence.date.month)}
    members = {ref.member for ref in sentence.refs}
    if len(members) > 1:
        shares = re.findall(TIMES, sentence.text.partition("(")[2])
        assert sum(map(counted, shares)) == sum(counts.values())


def check_splinter(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    (birth,) = (b for b in own.births if (b.set, b.member, b.step) == (ref.name, ref.member, ref.step))
    assert birth.date == sentence.date
    title = next(m.title for m in scenario.sets[ref.name].members if m.name == birth.parent)
    assert "splinter" in sentence.text
    assert any(part in sentence.text for part in shown(birth.parent, title))


def check_measure(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    if ref.step == 0:
        return
    level = next(each for each in own.levels if (each.name, each.member) == (ref.name, ref.member))
    against = beside.against.get((ref.name, ref.member))
    if (year := re.match(r"(?:In|At the end of) (\d{4}) ", sentence.text)) is not None:
        place = level.periods.index(year[1])
        value, other = level.totals[place], None if against is None else against[place]
        assert own.dates[ref.step] <= dt.date(int(year[1]), 12, 31)
        assert own.dates[ref.step + 1] > dt.date(int(year[1]), 12, 31)
    else:
        assert ref.step == own.steps
        whole = sum if level.kind == "amount" else (lambda row: row[-1])
        value, other = whole(level.totals), None if against is None else whole(against)
    assert said(value, level.unit) in sentence.text, (sentence.text, value)
    if other is None:
        assert "same future" not in sentence.text
    elif value == other:
        assert "as in the same future" in sentence.text
    elif other == 0.0:
        assert "against none in the same future" in sentence.text
    else:
        assert f"{said(abs(value - other), level.unit)}" in sentence.text
        assert f"{'above' if value > other else 'below'} the same future" in sentence.text


def said(value: float, unit: str) -> str:
    return quantity(round(value) if unit in ("person", "event") and abs(value) >= 10 else value)


def check_question(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    question = scenario.questions[ref.name]
    assert f"“{question.ask}” was answered {'yes' if beside.answers[ref.name] else 'no'}" in sentence.text
    assert own.dates[ref.step] <= question.by or ref.step == 0


def check_view(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    assert ref.name == own.view
    assert f"the view “{scenario.views[ref.name].title}”, as {percent(beside.views[ref.name])}" in sentence.text


def check_belief(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    label = f"{ref.name}[{ref.member}]" if ref.member else ref.name
    (odd,) = (each for each in beside.unusual if each.belief == label)
    number = percent(odd.value) if odd.unit == "probability" else quantity(odd.value)
    assert number in sentence.text
    side = ("higher", odd.below) if odd.below > 0.5 else ("lower", 1.0 - odd.below)
    assert f"{side[0]} than in {percent(min(side[1], 0.995))}" in sentence.text


def check_stop(ref: Reference, sentence: Sentence, own: Told, beside: Facts, scenario: Scenario) -> None:
    assert own.stop is not None
    assert (ref.name, ref.step) == (own.stop.status, own.stop.step)
    assert own.stop.what in sentence.text


CHECKS = {
    "move": check_move,
    "decision": check_decision,
    "event": check_event,
    "splinter": check_splinter,
    "measure": check_measure,
    "question": check_question,
    "view": check_view,
    "belief": check_belief,
    "stop": check_stop,
}

# --- on scenarios -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two-shores", "ceasefire", "coin-and-die", "sanctions"])
@settings(max_examples=40)
@given(st.data())
def test_every_sentence_holds(name: str, data: st.DataObject) -> None:
    check(name, data.draw(st.integers(0, FUTURES - 1)))


@pytest.mark.parametrize("future", range(0, FUTURES, 15))
def test_every_sentence_on_the_flagship_holds(future: int) -> None:
    check("us-mexico-cartels", future)


@pytest.mark.parametrize("name", ["two-shores", "ceasefire", "coin-and-die", "sanctions", "us-mexico-cartels"])
def test_sentences_stand_in_order_and_the_path_is_told(name: str) -> None:
    scenario = runs_of(name)[0].checked.scenario
    main = main_track(scenario)
    assert main is not None
    for future in range(0, FUTURES, 10):
        own, _, narrative = told(name, future)
        dates = [sentence.date for sentence in narrative.sentences]
        assert dates == sorted(dates)
        assert len(dates) <= 25
        moves = [m for m in own.moves if m.track == main.name and m.first]
        refs = {(ref.name, ref.step) for s in narrative.sentences for ref in s.refs if ref.kind == "move"}
        if len(own.moves) < 15 or name == "us-mexico-cartels":
            assert {(f"{m.track}.{m.stage}", m.step) for m in moves} <= refs
        assert narrative.sentences[0].text.startswith("In this model, future")


def test_the_flagship_has_twelve_sentences_or_more_whatever_happens() -> None:
    lengths = [len(told("us-mexico-cartels", future)[2].sentences) for future in range(0, FUTURES, 15)]
    assert all(12 <= length <= 25 for length in lengths)


def test_people_come_first_at_the_end_and_unusual_beliefs_last() -> None:
    _, _, narrative = told("us-mexico-cartels", 0)
    scenario = runs_of("us-mexico-cartels")[0].checked.scenario
    measured = [
        ref.name
        for s in narrative.sentences
        for ref in s.refs
        if ref.kind == "measure" and s.date == narrative.sentences[-1].date
    ]
    people = [scenario.measures[name].people for name in measured]
    assert people == sorted(people, reverse=True)
    assert {ref.kind for ref in narrative.sentences[-1].refs} == {"belief"}


def test_moves_of_one_month_stand_in_one_sentence_and_nothing_is_told_of_what_is_not_there() -> None:
    for future in range(0, FUTURES, 5):
        _, _, narrative = told("coin-and-die", future)
        moves = [" the scenario reached" in s.text or " the scenario went back" in s.text for s in narrative.sentences]
        follows = [s.text.startswith("The same month") for s in narrative.sentences]
        assert not any(
            before and own and same for before, own, same in zip(moves, moves[1:], follows[1:], strict=False)
        )
        _, _, narrative = told("sanctions", future)
        assert not any(re.match(r"(At the end of|In) \d{4} .* (at|to) 0[, ]", s.text) for s in narrative.sentences)


def test_a_member_is_named_in_full_once() -> None:
    long, short = "the Sinaloa Cartel, Chapitos faction", "the Chapitos faction"
    found = 0
    for future in range(0, FUTURES, 5):
        _, _, narrative = told("us-mexico-cartels", future)
        text = narrative.text
        if short in text:
            found += 1
            assert text.count(long) == 1
            assert text.index(long) < text.index(short)
    assert found


def test_a_future_that_stopped_says_so_and_tells_nothing_after() -> None:
    checked = two_shores('  anger[s in side]: {unit: "1", starts: 1, within: [0, 3], plus: {up: "0.05 * heat[s]"}}')
    runs = play(checked, futures=80, seed=5, engine="native", precision="single", allow_stopped=0.9)
    stopped = np.flatnonzero(~runs.complete).tolist()[:8]
    own = replay(runs, stopped)
    for each, beside in zip(own, facts(runs, None, own, ()), strict=True):
        narrative = narrate(each, checked.scenario, beside)
        last = narrative.sentences[-1]
        assert "the model stopped this future, because anger left its bounds for" in last.text
        assert all(s.date <= each.dates[each.steps] for s in narrative.sentences)
        for sentence in narrative.sentences:
            for ref in sentence.refs:
                CHECKS[ref.kind](ref, sentence, each, beside, checked.scenario)


def test_the_same_future_is_told_in_the_same_words() -> None:
    runs, baseline = runs_of("two-shores")
    scenario = runs.checked.scenario
    texts = []
    for _ in range(2):
        own = replay(runs, [7])
        beside = facts(runs, baseline, own, key_measures(scenario, compared=True))
        texts.append(narrate(own[0], scenario, beside[0]).text)
    assert texts[0] == texts[1]


def test_an_event_that_only_follows_from_a_stage_is_not_told_twice() -> None:
    seen = 0
    for future in range(0, FUTURES, 5):
        own, _, narrative = told("two-shores", future)
        seen += any(e.event == "ends" for e in own.events)
        assert "the fighting ends" not in narrative.text.lower()  # the scenario reached “Over”
    assert seen
