"""Everything a report shows, as plain data: what the template reads, and nothing else."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass

from playout.present.views.choices import DecisionView, QuestionView, Watch
from playout.present.views.ladder import Ladder
from playout.present.views.measures import MeasureView
from playout.present.views.support import Ground
from playout.present.words import count, month, odds, percent, signed


@dataclass(frozen=True, slots=True)
class VariantView:
    """A policy or a view as written. ``credence`` is a view's; futures: how many drew the view."""

    name: str
    title: str
    about: str
    lines: tuple[str, ...]
    credence: float | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """How the numbers were made. ``stopped``: futures that broke a bound; error: an upper bound on the Monte Carlo
    standard error of any share on the page."""

    version: str
    engine: str
    futures: int
    seed: int
    stopped: int
    digest: str
    policy: str | None
    view: str | None
    seconds: float | None = None

    @property
    def error(self) -> float:
        return 0.5 / math.sqrt(max(self.futures - self.stopped, 1))


@dataclass(frozen=True, slots=True)
class Page:
    """A report's content. ``ladders``: the tracks without an index, the story's first."""

    title: str
    description: str
    start: dt.date
    end: dt.date
    standard: str
    face: tuple[str, ...]
    ladders: tuple[Ladder, ...]
    decisions: tuple[DecisionView, ...]
    measures: tuple[MeasureView, ...]
    questions: tuple[QuestionView, ...]
    watches: tuple[Watch, ...]
    ground: Ground
    policies: tuple[VariantView, ...]
    views: tuple[VariantView, ...]
    baseline: VariantView | None
    made: Made

    @property
    def people(self) -> tuple[MeasureView, ...]:
        return tuple(measure for measure in self.measures if measure.people)

    @property
    def others(self) -> tuple[MeasureView, ...]:
        return tuple(measure for measure in self.measures if not measure.people)

    @property
    def answer(self) -> tuple[str, ...]:
        """The answer in some five sentences."""
        return tuple(_answer(self))

    @property
    def by_view(self) -> tuple[str, ...]:
        """One sentence a view, to be read before any blend of them."""
        return tuple(_by_view(self))


def _answer(page: Page) -> Iterator[str]:
    if page.ladders and len(page.ladders[0].path) > 1:
        yield from _ladder_sentences(page, page.ladders[0])
    if page.decisions:
        decision = page.decisions[0]
        for candidate in page.decisions:
            if page.ladders and candidate.due.p and len(candidate.choices) > len(decision.choices):
                decision = candidate
        best = max(decision.choices, key=lambda choice: choice.share.p)
        yield (
            f"Where the choice “{decision.title}” falls due ({percent(decision.due.p)} of futures), the likeliest is "
            f"“{best.title}”: {odds(best.share.p, page.standard, best.share.spread)}."
        )
    for measure in page.people[:1]:
        difference = measure.series[0].difference
        if difference is not None:
            low, _, middle, _, high = difference.quantiles[difference.reading]
            yield (
                f"{measure.finding}, against “{measure.baseline}”. The median difference is {signed(middle)} "
                f"{measure.plotted}; 9 futures in 10 lie between {signed(low)} and {signed(high)}."
            )
    yield _support_sentence(page)


def _ladder_sentences(page: Page, ladder: Ladder) -> Iterator[str]:
    whole = ladder.whole
    yield (
        f"In this model, the whole path from “{ladder.steps[0].short}” to “{ladder.steps[-1].short}” by "
        f"{month(page.end)}: {odds(whole.p, page.standard, whole.spread)}."
    )
    if ladder.hardest is None:
        return
    before, rung, given = ladder.hardest
    yield (
        f"The hardest step is from “{before.short}” to “{rung.short}”: of the futures that come so far, "
        f"{percent(given.p, given.spread)} go on."
    )
    reached = rung.reached
    if rung.name == ladder.path[-1] or reached.p == 0.0:
        return
    when = f", half of those by {month(rung.median_date)}" if rung.median_date else ""
    if reached.spread > 0.01:
        yield (
            f"“{rung.title}” is reached in {percent(reached.low)} to {percent(reached.high)} of futures over the "
            f"views, and in {percent(reached.p)} with the views blended by credence{when}."
        )
    else:
        yield f"“{rung.title}” is reached in {percent(reached.p)} of futures{when}."


def _support_sentence(page: Page) -> str:
    beliefs = page.ground.of_beliefs
    only = beliefs.assumed + beliefs.nothing
    share = f" ({percent(only / beliefs.total)})" if beliefs.total else ""
    return f"All of it rests on {count(beliefs.total, 'belief')}, of which {only:,}{share} are only assumed."


def _by_view(page: Page) -> Iterator[str]:
    if not page.ladders:
        return
    ladder = page.ladders[0]
    rung = ladder.hardest[1] if ladder.hardest else ladder.rungs[-1]
    for view in page.views:
        if view.name not in rung.reached.by_view:
            continue
        parts = [f"“{rung.title}” is reached in {percent(rung.reached.by_view[view.name])} of futures"]
        if view.name in ladder.whole.by_view:
            parts.append(f"the whole path in {percent(ladder.whole.by_view[view.name])}")
        yield f"{view.title}: {', '.join(parts)}."
