"""The answer in some five sentences with numbers, and one sentence a view to be read before any blend."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from playout.present.origin import Told, option_path, over_views, question_path, stage_path
from playout.present.views.choices import DecisionView, QuestionView
from playout.present.views.first import First
from playout.present.views.ladder import Ladder, Rung
from playout.present.views.measures import MeasureView, unit_words
from playout.present.views.page import Page
from playout.present.views.written import inside
from playout.present.words import count, month, odds, percent, signed

IN_A_SENTENCE = 2
"""Measures that one sentence tells of; a table tells of more."""

PARTED = 0.01
"""Views closer than this are not worth telling apart."""


def answer(page: Page) -> tuple[Told, ...]:
    """Five sentences at most: the odds of the dated question, how far it gets, what it does to people, what is decided,
    and what all that rests on; how far it gets comes first where the scenario puts no question first. Where
    futures stopped, how many, why, and who is missing."""
    return tuple(_answer(page))


def _answer(page: Page) -> Iterator[Told]:
    first, question = page.first, near(page)
    if first is not None and first.odds:
        yield first.odds
    if page.ladders and len(page.ladders[0].path) > 1:
        yield _whole(page, page.ladders[0])
    if question is not None and (first is None or not first.odds):
        yield _near(page, question)
    measure = headline(page)
    if first is not None and first.effects:
        yield _effects(first)
    elif measure is not None:
        yield _difference(page, measure)
    elif page.people and not page.people[0].indexed:
        yield Told(f"{page.people[0].finding} ({page.people[0].plotted}).", *_measure_paths(page.people[0]))
    decision = max(page.decisions, key=_open, default=None)
    if decision is not None and decision.choices:
        yield _decision(page, decision)
    yield from (Told(text.replace("`", ""), "baseline_also_sets", "text") for text in page.made.against)
    yield from page.made.of_stopped
    yield _support(page)


def by_view(page: Page) -> tuple[Told, ...]:
    """One sentence for each view that enough futures hold: how far it goes, and what it does to people; and one that
    names the others."""
    if not page.ladders:
        return () if page.made.left_out is None else (page.made.left_out,)
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
        paths = [f"views/{view.name}/stages/{ladder.name}/{rung.name}/reached"]
        paths.append(f"views/{view.name}/path/{ladder.name}/whole/p")
        if measure is not None and gap is not None:
            paths.append(f"views/{view.name}/measures/{measure.name}/difference/mean/{gap.reading}")
        sentences.append(Told(f"{view.title}: {'; '.join(parts)}.", *paths))
    if page.made.left_out is not None:
        sentences.append(page.made.left_out)
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


def _near(page: Page, question: QuestionView) -> Told:
    answer = question.answer
    assert answer is not None
    over = f"; {percent(answer.low)} to {percent(answer.high)} over the views" if answer.spread > PARTED else ""
    said = odds(answer.p, page.standard, answer.spread)
    dated = "" if str(question.by.year) in question.ask else f" (by {month(question.by)})"
    return Told(f"{question.ask}{dated} {said[:1].upper()}{said[1:]}{over}.", question_path(question.name))


def _effects(first: First) -> Told:
    """What it does to people over the whole run: on average, and where the stage it hinges on is reached."""
    parts = []
    for row in first.effects[:IN_A_SENTENCE]:
        over = f" ({row.always.over} over the views)" if row.always.over else ""
        given = f", and {row.given.mean} given {first.short}" if row.given is not None else ""
        parts.append(f"{row.always.mean} {inside(row.title)}{over}{given}")
    against = f"against “{first.against}”, " if first.against else ""
    paths = [f"headline/measures/{row.name}" for row in first.effects]
    return Told(f"Over the whole run, {against}on average {'; '.join(parts)}.", *paths)


def _open(decision: DecisionView) -> float:
    """How much a decision on the way leaves open: the entropy of its shares, times how often it falls due."""
    if not decision.later:
        return 0.0
    shares = (choice.share.p for choice in decision.choices)
    return -decision.due.p * sum(p * math.log(p) for p in shares if p > 0.0)


def _whole(page: Page, ladder: Ladder) -> Told:
    whole, path = ladder.whole, f"path/{ladder.name}"
    over = f"; {percent(whole.low)} to {percent(whole.high)} over the views" if whole.spread > PARTED else ""
    hardest, paths = "", [f"len:{path}/stages", over_views(f"{path}/whole/p")]
    if ladder.hardest is not None:
        before, after, given = ladder.hardest
        hardest = f". Most are lost between “{before.short}” and “{after.short}”, which {percent(given.p)} go on to"
        paths.append(f"{path}/given/*/p")
    return Told(
        f"In this model, all {len(ladder.path)} steps from “{ladder.steps[0].short}” to “{ladder.steps[-1].short}” by "
        f"{month(page.end)}: {odds(whole.p, page.standard, whole.spread)}{over}{hardest}.",
        *paths,
    )


def reach(ladder: Ladder) -> Told:
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
    said = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    return Told(f"{said}.", *(stage_path(ladder.name, rung.name) for rung in ladder.steps))


def _decision(page: Page, decision: DecisionView) -> Told:
    best = max(decision.choices, key=lambda choice: choice.share.p)
    return Told(
        f"Where “{decision.title}” is decided ({percent(decision.due.p)} of futures), the likeliest choice is "
        f"“{best.title}”: {odds(best.share.p, page.standard, best.share.spread)}.",
        f"due/{decision.label}/share",
        option_path(decision.label, best.name),
    )


def _difference(page: Page, measure: MeasureView) -> Told:
    """By how much a measure of people differs from the baseline: over the whole run, or at its end."""
    gap = measure.series[0].difference
    assert gap is not None
    words = f"{measure.finding}, against “{measure.baseline}”"
    if measure.per is not None and not gap.never:
        totals, total = [sum(mean) for mean in gap.by_view.values()], sum(gap.mean)
        over = f" ({signed(min(totals), 2)} to {signed(max(totals), 2)} over the views)" if len(totals) > 1 else ""
        amount = f"{signed(total, 2)} {unit_words(measure.unit)}".strip()
        words += f"; over the whole run, {month(page.start)} to {month(page.end)}, {amount} on average{over}"
    else:
        low, high = (signed(gap.quantiles[gap.reading][place], band=gap.band(gap.reading)) for place in (0, -1))
        mean = f"{signed(gap.mean[gap.reading], 2)} {measure.counted}".strip()
        words += f"; on average {mean}, and nine futures in ten between {low} and {high}"
    return Told(f"{words}.", *_measure_paths(measure))


def _measure_paths(measure: MeasureView) -> tuple[str, ...]:
    """Where what is said of a measure stands: the period that sentences speak of, and sums over all."""
    path = f"measures/{measure.name}/difference/mean"
    return (measure.origin, f"sum:{path}", f"sum:views/*/{path}")


def _support(page: Page) -> Told:
    beliefs = page.ground.of_beliefs
    if not beliefs.total:
        return Told("No number in it is uncertain: chance alone tells its futures apart.")
    only = beliefs.assumed + beliefs.nothing
    assumed = f"{only:,} ({percent(only / beliefs.total)}) are only assumed" if only else "none is only assumed"
    facts = f"{beliefs.facts:,} cite a fact" if beliefs.facts else "none cites a fact"
    judgement = f"{page.first.judgement} {page.first.judged_of}. " if page.first and page.first.judgement else ""
    return Told(
        f"{judgement}All of it rests on {count(beliefs.total, 'belief')}: {assumed}, and {facts}.",
        "headline/face_share/share",
        *(f"coverage/{key}" for key in ("beliefs", "only_assumed", "only_assumed_share", "evidenced")),
    )
