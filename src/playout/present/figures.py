"""A page's pictures: which chart stands where, under which name, and what it says to somebody who cannot see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from playout.present import charts, sides
from playout.present.charts import Bar, Spec
from playout.present.fans import fan_chart, member_intervals
from playout.present.origin import Told
from playout.present.views.choices import DecisionView
from playout.present.views.estimate import Fan
from playout.present.views.ladder import Ladder
from playout.present.views.measures import MeasureView, Series, fan_text
from playout.present.views.page import Page, VariantView
from playout.present.views.parting import Parted
from playout.present.words import frequency, percent, quantity, signed

PEOPLE_HEIGHT, OTHER_HEIGHT = 170, 130


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a measure: heading, text alternative, and its chart by name; without one, the text stands."""

    title: str
    text: Told
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
    if page.parted:
        specs["parting"] = sides.view_strips(page.parted, [view.name for view in page.views])
    for effect in page.first.effects if page.first is not None else ():
        if effect.parted.by_view:
            specs[f"parting-{effect.name}"] = sides.amount_strip(effect.parted, [view.name for view in page.views])
    if (compared := page.analyses.compared) is not None:
        for row in compared.rows:
            specs[f"policies-{row.name}"] = sides.policy_dots(row, compared.policies)
    for found in page.analyses.explained:
        specs[f"tornado-{found.name}"] = sides.tornado(found)
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
        low, high = (share.low, share.high) if share.ranged else (None, None)
        bars.append(Bar(choice.title, share.p, percent(share.p), low, high))
    return charts.share_bars(bars)


def decision_text(decision: DecisionView) -> str:
    """The text alternative of these bars."""
    return f"Bars: {', '.join(f'{choice.title} {percent(choice.share.p)}' for choice in decision.choices)}."


def _panels(measure: MeasureView, start: float) -> Iterator[Panel]:
    if measure.indexed:
        yield from _member_panels(measure)
        return
    series = measure.series[0]
    height = PEOPLE_HEIGHT if measure.people else OTHER_HEIGHT
    if series.difference is not None and not series.difference.never:  # a chart of zeros says nothing
        title = f"Difference from {measure.baseline}"
        if series.difference.empty:
            yield Panel(title, _hardly_different(measure.name, series.difference, measure.baseline or ""))
        else:
            spec = fan_chart(series.difference, start, difference=True, height=height)
            text = fan_text(measure, series.difference, difference=True)
            yield Panel(title, text, f"d-{measure.name}", spec)
    if series.level.empty:
        words = "Zero in every future." if series.level.never else "Zero in more than 19 futures of 20."
        yield Panel("Level", Told(words, "text"))
    else:
        spec = fan_chart(series.level, start, height=height)
        text = fan_text(measure, series.level, difference=False)
        yield Panel("Level", text, f"l-{measure.name}", spec)


def _hardly_different(name: str, fan: Fan, baseline: str) -> Told:
    """What is said of a difference that is none in nearly all futures."""
    ways = [("more", max(fan.above)), ("less", max(fan.below))]
    said = " and ".join(f"{way} in at most {frequency(most)}" for way, most in ways if most)
    paths = (f"measures/{name}/difference/more", f"measures/{name}/difference/less")
    return Told(f"Compared with “{baseline}”, {said} in any year: too few to draw.", *paths)


def _member_panels(measure: MeasureView) -> Iterator[Panel]:
    """Members side by side in the period that sentences speak of; members that are always zero are left out."""
    reading = measure.series[0].level.reading
    when = measure.series[0].level.labels[reading]
    differences = [(s, s.difference) for s in measure.series if s.difference and not s.difference.never]
    levels = [(s, s.level) for s in measure.series if not s.level.never]
    if differences:
        yield _member_panel(measure, differences, f"Difference from {measure.baseline}, {when}", difference=True)
    yield _member_panel(measure, levels, f"Level, {when}", difference=False)


def _member_panel(measure: MeasureView, members: list[tuple[Series, Fan]], title: str, *, difference: bool) -> Panel:
    if not members:
        return Panel(title, Told("Zero in every future."))
    say = signed if difference else quantity
    at = [(series.member, fan.quantiles[fan.reading]) for series, fan in members]

    def interval(q: Sequence[float]) -> str:
        """Quantiles in words."""
        low, middle, high = (say(q[place], band=q[4] - q[0]) for place in (0, 2, 4))
        return f"median {middle}, nine in ten {low} to {high}"

    listed = "; ".join(f"{name} {interval(q)}" for name, q in at)
    text = f"Intervals of {measure.title}, {title.lower()}, by member: {listed}."
    name = f"{'d' if difference else 'l'}-{measure.name}"
    own = "/difference" if difference else ""
    paths = [
        f"measures/{series.label}{own}/{key}/{fan.reading}" for series, fan in members for key in ("p05", "p50", "p95")
    ]
    return Panel(title, Told(text, *paths), name, member_intervals(at, difference=difference))


def ladder_finding(ladder: Ladder) -> Told:
    """The ladder's title: what the picture shows."""
    final = max(ladder.rungs, key=lambda rung: rung.shares[-1])
    words = f"{percent(final.shares[-1])} of futures end in “{final.short}”"
    paths = [f"occupancy/{ladder.name}/stages/{final.name}/{len(final.shares) - 1}"]
    if ladder.hardest is not None:
        words += f"; {percent(ladder.whole.p)} take every step of “{ladder.title}”"
        paths.append(f"path/{ladder.name}/whole/p")
    return Told(words, *paths)


def ladder_text(ladder: Ladder) -> Told:
    """The text alternative of the ladder's picture."""
    end = "; ".join(f"{rung.short} {percent(rung.shares[-1])}" for rung in ladder.rungs)
    span = f"{ladder.dates[0]} to {ladder.dates[-1]}"
    return Told(
        f"Bands of the share of futures in each stage of {ladder.title} by week, {span}. At the end: {end}.",
        f"occupancy/{ladder.name}/stages/*/{len(ladder.dates) - 1}",
    )


def parting_finding(first: Parted) -> Told:
    """What parts the views most."""
    low, high = percent(first.share.low), percent(first.share.high)
    return Told(f"Views part most over “{first.title}”: {low} to {high}", first.origin)


def parting_text(rows: Sequence[Parted], views: Sequence[VariantView]) -> Told:
    """The text alternative of that picture."""
    titles = {view.name: view.title for view in views}
    said = []
    for each in rows:
        odds = ", ".join(f"{titles.get(name, name)} {percent(p)}" for name, p in each.share.by_view.items())
        said.append(f"{each.title} ({each.kind}): {odds}")
    return Told(f"Odds by view. {'; '.join(said)}.", *(each.origin for each in rows))
