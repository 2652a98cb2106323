"""The answer in some five sentences with numbers, and one sentence a view to be read before any blend."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from playout.present.views.choices import DecisionView, QuestionView
from playout.present.views.ladder import Ladder, Rung
from playout.present.views.measures import MeasureView, unit_words
from playout.present.views.page import Page
from playout.present.views.written import inside
from playout.present.words import count, month, odds, percent, signed

PARTED = 0.01
"""Views closer than this are not worth telling apart."""


def answer(page: Page) -> tuple[str, ...]:
    """How far it goes, what is decided, what it does to people, and what all that rests on."""
    return tuple(_answer(page))


def _answer(page: Page) -> Iterator[str]:
    if page.ladders and len(page.ladders[0].path) > 1:
        yield _whole(page, page.ladders[0])
        yield _reach(page.ladders[0])
    question = near(page)
    if question is not None:
        yield _near(page, question)
    decision = max(page.decisions, key=_open, default=None)
    if decision is not None and decision.choices:
        yield _decision(page, decision)
    measure = headline(page)
    if measure is not None:
        yield _difference(measure)
        yield from _total(page, measure)
    elif page.people and not page.people[0].indexed:
        yield f"{page.people[0].finding} ({page.people[0].plotted})."
    yield _support(page)


def by_view(page: Page) -> tuple[str, ...]:
    """One sentence for each view that enough futures hold: how far it goes, and what it does to people."""
    if not page.ladders:
        return ()
    ladder = page.ladders[0]
    rung = parting(ladder) or ladder.steps[-1]
    measure = headline(page)
    gap = measure.series[0].difference if measure is not None else None
    sentences = []
    for view in page.views:
        if view.name not in rung.reached.by_view:
            continue
        parts = [f"“{rung.short}” in {percent(rung.reached.by_view[view.name])} of futures"]
        if len(ladder.path) > 1 and view.name in ladder.whole.by_view:
            parts.append(f"every step in {percent(ladder.whole.by_view[view.name])}")
        if measure is not None and gap is not None and view.name in gap.by_view:
            mean = gap.by_view[view.name][gap.reading]
            said = "on average no different" if not mean else f"on average {signed(mean, 2)}"
            parts.append(f"{inside(measure.title)} in {gap.labels[gap.reading]} {said}")
        sentences.append(f"{view.title}: {'; '.join(parts)}.")
    return tuple(sentences)


def parting(ladder: Ladder) -> Rung | None:
    """The rung of the path over which views are furthest apart, but the first; None where they hardly differ."""
    rung = max(ladder.steps[1:], key=lambda rung: rung.reached.spread, default=None)
    return rung if rung is not None and rung.reached.spread > PARTED else None


def headline(page: Page) -> MeasureView | None:
    """The measure that sentences speak of: the first of people that has a difference and no index."""
    return next((m for m in page.people if not m.indexed and m.series[0].difference is not None), None)


def near(page: Page) -> QuestionView | None:
    """The question whose deadline is nearest to a year after the start: an answer that can be checked soon.

    Of several, the one that is asked again with other deadlines, which is what a scenario's authors care for most; then
    the first. Questions with a condition, and those that end a page's whole stretch, are left out.
    """
    asked = [q for q in page.questions if q.given is None and q.answer is not None and q.by < page.end]
    year = page.start + dt.timedelta(days=365)

    def order(question: QuestionView) -> tuple[int, int]:
        """How far from a year, and how seldom asked."""
        return abs((question.by - year).days), -sum(bool(q.that) and q.that == question.that for q in asked)

    return min(asked, key=order, default=None)


def _near(page: Page, question: QuestionView) -> str:
    answer = question.answer
    assert answer is not None
    over = f"; {percent(answer.low)} to {percent(answer.high)} over the views" if answer.spread > PARTED else ""
    said = odds(answer.p, page.standard, answer.spread)
    dated = "" if str(question.by.year) in question.ask else f" (by {month(question.by)})"
    return f"{question.ask}{dated} {said[:1].upper()}{said[1:]}{over}."


def _total(page: Page, measure: MeasureView) -> Iterator[str]:
    """What a difference in amounts comes to over the whole run."""
    gap = measure.series[0].difference
    if measure.per is None or gap is None or gap.never:
        return
    totals = [sum(mean) for mean in gap.by_view.values()]
    over = f" ({signed(min(totals), 2)} to {signed(max(totals), 2)} over the views)" if totals else ""
    unit = unit_words(measure.unit)
    total = f"{signed(sum(gap.mean), 2)} {unit}".strip()
    yield (
        f"Over the whole run, {month(page.start)} to {month(page.end)}, the difference adds up to "
        f"{total} on average{over}."
    )


def _open(decision: DecisionView) -> float:
    """How much a decision on the way leaves open: the entropy of its shares, times how often it falls due."""
    if not decision.later:
        return 0.0
    shares = (choice.share.p for choice in decision.choices)
    return -decision.due.p * sum(p * math.log(p) for p in shares if p > 0.0)


def _whole(page: Page, ladder: Ladder) -> str:
    whole = ladder.whole
    over = f"; {percent(whole.low)} to {percent(whole.high)} over the views" if whole.spread > PARTED else ""
    return (
        f"In this model, all {len(ladder.path)} steps from “{ladder.steps[0].short}” to “{ladder.steps[-1].short}” by "
        f"{month(page.end)}: {odds(whole.p, page.standard, whole.spread)}{over}."
    )


def _reach(ladder: Ladder) -> str:
    """The ladder in words, the range over views where it is widest."""
    parts: list[str] = []
    widest = parting(ladder)
    for rung in ladder.steps[1:]:
        reached = rung.reached
        part = f"“{rung.short}” is reached in {percent(reached.p)} of futures" if not parts else ""
        part = part or f"“{rung.short}” in {percent(reached.p)}"
        if rung is widest:
            when = f", half of them by {month(rung.median_date)}" if rung.median_date else ""
            part += f" ({percent(reached.low)} to {percent(reached.high)} over the views{when})"
        parts.append(part)
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] + "."


def _decision(page: Page, decision: DecisionView) -> str:
    best = max(decision.choices, key=lambda choice: choice.share.p)
    return (
        f"Where “{decision.title}” is decided ({percent(decision.due.p)} of futures), the likeliest choice is "
        f"“{best.title}”: {odds(best.share.p, page.standard, best.share.spread)}."
    )


def _difference(measure: MeasureView) -> str:
    gap = measure.series[0].difference
    assert gap is not None
    number = gap.reading
    low, high = (signed(gap.quantiles[number][place], band=gap.band(number)) for place in (0, -1))
    means = [mean[number] for mean in gap.by_view.values()]
    over = f" ({signed(min(means), 2)} to {signed(max(means), 2)} over the views)" if means else ""
    mean = f"{signed(gap.mean[number], 2)} {measure.counted}".strip()
    return (
        f"{measure.finding}, against “{measure.baseline}”; on average {mean}{over}, and 9 futures in 10 between {low} "
        f"and {high}."
    )


def _support(page: Page) -> str:
    beliefs = page.ground.of_beliefs
    if not beliefs.total:
        return "No number in it is uncertain: chance alone tells its futures apart."
    only = beliefs.assumed + beliefs.nothing
    assumed = f"{only:,} ({percent(only / beliefs.total)}) are only assumed" if only else "none is only assumed"
    facts = f"{beliefs.facts:,} cite a fact" if beliefs.facts else "none cites a fact"
    return f"All of it rests on {count(beliefs.total, 'belief')}: {assumed}, and {facts}."
