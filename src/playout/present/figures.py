"""A page's pictures: which chart stands where, under which name, and what it says to somebody who cannot see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from playout.present import charts
from playout.present.charts import Bar, Spec
from playout.present.fans import fan_chart, member_intervals
from playout.present.views.choices import DecisionView
from playout.present.views.estimate import Fan
from playout.present.views.ladder import Ladder
from playout.present.views.measures import MeasureView, fan_text
from playout.present.views.page import Page
from playout.present.words import count, frequency, percent, quantity, signed

PEOPLE_HEIGHT, OTHER_HEIGHT = 170, 130


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a measure: heading, text alternative, and its chart by name; without one, the text stands."""

    title: str
    text: str
    chart: str = ""
    spec: Spec | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a page's pictures. ``panels``: by measure; ``specs``: by name."""

    panels: Mapping[str, tuple[Panel, ...]]
    specs: Mapping[str, Spec]


def figures(page: Page) -> Figures:
    """The page's pictures."""
    start = decimal_year(page.start)
    panels = {measure.name: tuple(_panels(measure, start)) for measure in page.measures}
    specs: dict[str, Spec] = {}
    if page.ladders:
        specs["ladder"] = charts.ladder_stream(page.ladders[0])
    for decision in (*page.decisions, *page.games):
        if decision.choices:
            specs[f"decision-{decision.name}"] = decision_chart(decision)
    for panel in (panel for each in panels.values() for panel in each):
        if panel.spec is not None:
            specs[panel.chart] = panel.spec
    return Figures(panels, {name: {key: spec[key] for key in spec if key != "config"} for name, spec in specs.items()})


def decimal_year(date: dt.date) -> float:
    """A date as a year with a fraction."""
    first, following = dt.date(date.year, 1, 1), dt.date(date.year + 1, 1, 1)
    return date.year + (date - first).days / (following - first).days


def decision_chart(decision: DecisionView) -> Spec:
    """Bars of a decision's shares, with the range over views."""
    bars = []
    for choice in decision.choices:
        share = choice.share
        low, high = (share.low, share.high) if share.by_view else (None, None)
        bars.append(Bar(choice.title, share.p, percent(share.p), low, high))
    return charts.share_bars(bars)


def _panels(measure: MeasureView, start: float) -> Iterator[Panel]:
    if measure.indexed:
        yield from _member_panels(measure)
        return
    series = measure.series[0]
    height = PEOPLE_HEIGHT if measure.people else OTHER_HEIGHT
    if series.difference is not None and not series.difference.never:  # a chart of zeros says nothing
        title = f"Difference from {measure.baseline}"
        if series.difference.empty:
            yield Panel(title, _hardly_different(series.difference, measure.baseline or ""))
        else:
            spec = fan_chart(series.difference, start, difference=True, height=height)
            yield Panel(title, fan_text(measure, series.difference, difference=True), f"d-{measure.name}", spec)
    if series.level.empty:
        yield Panel("Level", "Zero in every future." if series.level.never else "Zero in more than 19 futures of 20.")
    else:
        spec = fan_chart(series.level, start, height=height)
        yield Panel("Level", fan_text(measure, series.level, difference=False), f"l-{measure.name}", spec)


def _hardly_different(fan: Fan, baseline: str) -> str:
    most = max(above + below for above, below in zip(fan.above, fan.below, strict=True))
    return f"Different from “{baseline}” in at most {frequency(most)} in any year: too few to draw."


def _member_panels(measure: MeasureView) -> Iterator[Panel]:
    """Members side by side in the period that sentences speak of; members that are always zero are left out."""
    reading = measure.series[0].level.reading
    when = measure.series[0].level.labels[reading]
    differences = [(s.member, s.difference) for s in measure.series if s.difference and not s.difference.never]
    levels = [(s.member, s.level) for s in measure.series if not s.level.never]
    if differences:
        yield _member_panel(measure, differences, f"Difference from {measure.baseline}, {when}", difference=True)
    yield _member_panel(measure, levels, f"Level, {when}", difference=False)


def _member_panel(measure: MeasureView, members: list[tuple[str, Fan]], title: str, *, difference: bool) -> Panel:
    if not members:
        return Panel(title, "Zero in every future.")
    say = signed if difference else quantity
    at = [(name, fan.quantiles[fan.reading]) for name, fan in members]

    def interval(q: Sequence[float]) -> str:
        """Quantiles in words."""
        low, middle, high = (say(q[place], band=q[4] - q[0]) for place in (0, 2, 4))
        return f"median {middle}, 90% {low} to {high}"

    listed = "; ".join(f"{name} {interval(q)}" for name, q in at)
    text = f"Intervals of {measure.title}, {title.lower()}, over {count(len(at), 'member')}: {listed}."
    name = f"{'d' if difference else 'l'}-{measure.name}"
    return Panel(title, text, name, member_intervals(at, difference=difference))


def ladder_finding(ladder: Ladder) -> str:
    """The ladder's title: what the picture shows."""
    final = max(ladder.rungs, key=lambda rung: rung.shares[-1])
    ends = f"{percent(final.shares[-1])} of futures end in “{final.short}”"
    if ladder.hardest is None:
        return ends
    return f"{ends}; {percent(ladder.whole.p)} take every step of “{ladder.title}”"


def ladder_text(ladder: Ladder) -> str:
    """The text alternative of the ladder's picture."""
    end = "; ".join(f"{rung.short} {percent(rung.shares[-1])}" for rung in ladder.rungs)
    span = f"{ladder.dates[0]} to {ladder.dates[-1]}"
    return f"Bands of the share of futures in each stage of {ladder.title} by week, {span}. At the end: {end}."
