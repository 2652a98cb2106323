"""Measures: people first, each as a difference from the baseline and as a level."""

from __future__ import annotations

from dataclasses import dataclass

from playout.analyse.rounding import COUNTED
from playout.present.origin import Told
from playout.present.views.estimate import Fan
from playout.present.words import count, frequency, percent, quantity, signed

#: How units are said to a reader; any other is said as it is written.
UNITS = {"person": "people", "event": "events", "usd": "US dollars", "lb": "pounds", "1": "", "probability": ""}
TIMES = ("year", "month", "week", "day")

SMALL = 0.02
"""A share of futures under this is left out of a sentence."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a measure: the measure itself (``member`` empty), or one member of it. label: its name in a run.

    difference: from the baseline, future by future under the same draws; None where there is no baseline.
    """

    member: str
    level: Fan
    difference: Fan | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A measure as shown. ``per``: the period that it is added up over; None for a level. baseline: its title."""

    name: str
    title: str
    about: str
    unit: str
    per: str | None
    people: bool
    series: tuple[Series, ...]
    baseline: str | None = None

    @property
    def indexed(self) -> bool:
        return bool(self.series and self.series[0].member)

    @property
    def origin(self) -> str:
        """Where the numbers of its finding stand: those of the period that sentences speak of."""
        first = self.series[0]
        if first.difference is None:
            return f"measures/{self.name}/*/{first.level.reading}"
        path = f"measures/{self.name}/difference/*/{first.difference.reading}"
        return f"measures/{self.name}/*/{first.level.reading};{path}" if first.difference.never else path

    @property
    def plotted(self) -> str:
        """What the numbers are: "people a year", "US dollars a year at the end of each year"."""
        unit = unit_words(self.unit)
        if self.series[0].level.binary:
            return "share of futures at the end of each year"
        if self.per:
            return f"{unit or 'number'} a {self.per}"
        return f"{unit or 'level'} at the end of each year"

    @property
    def counted(self) -> str:
        """What follows a number in a sentence: "people a year", or nothing for a plain level."""
        unit = unit_words(self.unit)
        return f"{unit} a {self.per}".strip() if self.per else unit

    @property
    def finding(self) -> str:
        """The title of the picture: what it shows, in one sentence."""
        first = self.series[0]
        if self.indexed:
            return self.title
        if first.difference is None:
            return f"{self.title}, {first.level.labels[first.level.reading]}: {level_words(first.level)}"
        difference = first.difference
        if difference.never:
            level = f"{self.title}, {first.level.labels[first.level.reading]}: {level_words(first.level)}"
            return f"{level}; no different from “{self.baseline}” in any future"
        return f"{self.title}, {difference.labels[difference.reading]}: {difference_words(difference)}"


def unit_words(unit: str) -> str:
    """A unit as one says it: "usd/year" is "US dollars a year"."""
    over, _, under = unit.partition("/")
    said = UNITS.get(over.strip(), over.strip())
    if not under:
        return said
    below = f"a {under}" if under in TIMES else f"per {under}"
    return f"{said} {below}".strip()


def in_unit(number: str, unit: str) -> str:
    """A number, already in words, with its unit behind it: "14 months", "1 person", "2.3 a year"."""
    words, over = unit_words(unit), unit.partition("/")[0].strip()
    if number in ("1", "+1", "−1"):
        words = words.replace(UNITS[over], over, 1) if over in COUNTED else words
    elif over in TIMES:
        words = words.replace(over, f"{over}s", 1)
    return f"{number} {words}".strip()


def difference_words(fan: Fan) -> str:
    """Which way a difference goes in the period spoken of: "more in 1 future in 4, less in 1 future in 15"."""
    number = fan.reading
    above, below = fan.above[number], fan.below[number]
    same = max(0.0, 1.0 - above - below)
    if same > 1.0 - SMALL:
        return "no different in any future" if same == 1.0 else "no different in nearly every future"
    if max(above, below) > 1.0 - SMALL:
        return f"{'more' if above > below else 'less'} in nearly every future"
    ways = sorted((("more", above), ("less", below)), key=lambda way: -way[1])
    said = [f"{word} in {frequency(p)}" for word, p in ways if p >= SMALL]
    return ", ".join([*said, "no different in the rest"] if same >= SMALL else said)


def level_words(fan: Fan) -> str:
    """Where a level stands in the period spoken of: "median 23,000, 16,000 to 32,000 in 9 futures of 10"."""
    low, _, middle, _, high = fan.quantiles[fan.reading]
    if low == high:
        return quantity(middle)
    least, median, most = (quantity(value, band=high - low) for value in (low, middle, high))
    return f"median {median}, {least} to {most} in nine futures in ten"


def fan_text(measure: MeasureView, fan: Fan, *, difference: bool) -> Told:
    """The text alternative of a fan: what it plots, and where it begins and ends."""
    say = signed if difference else quantity
    first = next((i for i, complete in enumerate(fan.complete) if complete), 0)
    last = fan.reading
    what = f"difference from {measure.baseline}" if difference else measure.plotted
    path = f"measures/{measure.name}/difference" if difference else f"measures/{measure.name}"

    def at(number: int) -> str:
        """One period in words."""
        if fan.binary:
            share = f"{100 * fan.mean[number]:+.0f} points" if difference else percent(fan.mean[number])
            return f"{fan.labels[number]} {share}".replace("-", "−")
        low, _, middle, _, high = (say(value, band=fan.band(number)) for value in fan.quantiles[number])
        return f"{fan.labels[number]} median {middle}, nine futures in ten between {low} and {high}"

    ends = at(first) if first == last else f"{at(first)}; {at(last)}"
    return Told(
        f"Fan chart of {measure.title}, {what}, over {count(len(fan.labels), 'period')}. {ends}.",
        f"len:measures/{measure.name}/dates",
        *(f"{path}/*/{number}" for number in sorted({first, last})),
    )
