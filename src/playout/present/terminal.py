"""The summary on a terminal: the answer first, on one screen of 80 by 24.

Lines are made of marked pieces (`Line`), so that what is said is one thing and how it is coloured another; piped output
is the same without colour.
"""

from __future__ import annotations

import math
import os
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from playout.analyse.estimate import Share
from playout.analyse.summary import DecisionFinding, MeasureFinding, StageFinding, Summary, TrackFinding
from playout.model.scenario import Scenario
from playout.present.verdict import coverage_lines
from playout.present.words import count, month, odds, percent, quantity, signed

HEIGHT = 23
"""Lines of a screen of 24, less the one that the prompt takes."""
WIDEST = 100
DIFFERENCE = 27
"""Columns that a difference with its standard error takes."""
FEWEST_FOR_A_VIEW = 100
"""Futures of a view below which its share is mostly chance, and left out of ranges."""

Mark = Literal["plain", "strong", "soft", "bar", "accent"]
COLOURS: dict[Mark, str] = {"plain": "", "strong": "1", "soft": "2", "bar": "34", "accent": "36"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: pieces of text, each with its mark."""

    pieces: tuple[tuple[str, Mark], ...] = ()

    @classmethod
    def of(cls, text: str, mark: Mark = "plain") -> Line:
        return cls(((text, mark),))

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class Screen:
    """What lines are shown on."""

    width: int
    colour: bool

    @classmethod
    def of(cls, stream: TextIO) -> Screen:
        """A terminal as wide as it is (80 to 100 columns); a pipe of 80 columns without colour."""
        tty = stream.isatty()
        width = shutil.get_terminal_size((80, 24)).columns
        return cls(
            max(60, min(width, WIDEST)), tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        )

    def render(self, lines: Sequence[Line]) -> Iterator[str]:
        """The lines as text, with colour where there is some."""
        for line in lines:
            if not self.colour:
                yield line.text.rstrip()
                continue
            pieces = [f"\033[{COLOURS[mark]}m{text}\033[0m" if COLOURS[mark] else text for text, mark in line.pieces]
            yield "".join(pieces)


def summary_lines(summary: Summary, scenario: Scenario, place: Line | None = None, width: int = 80) -> list[Line]:
    """The summary of a run: what was played, the answer, ladder, decisions, measures, and what all that rests on.

    place: the last line, which says where results or report are.
    """
    said = _Said(summary, scenario, width)
    ends = [*said.ground(), *([place] if place is not None else [])]
    parts: list[list[Line]] = [[*said.heading(), *said.answer()]]
    room = HEIGHT - len(parts[0]) - len(ends)
    ladder = said.ladder(rows=7)
    measures = said.measures(rows=4)
    decisions = said.decisions(rows=max(2, room - len(ladder) - len(measures)))
    parts += [part for part in (ladder, decisions, measures, ends) if part]
    gaps = HEIGHT - sum(len(part) for part in parts)
    lines: list[Line] = []
    for number, part in enumerate(parts):
        # What room is left goes between the parts, from the top.
        lines += [Line()] if 0 < number <= gaps else []
        lines += part
    return lines


def place_line(folder: Path | None, report: Path | None, *, reused: bool) -> Line | None:
    """Where the report is, or without one the results. reused: they were there already."""
    if report is None and folder is None:
        return None
    note = "  (nothing had changed since it was played)" if reused else ""
    named, where = ("Results", folder) if report is None else ("Report", report)
    return Line(((f"{named}  ", "strong"), (str(where), "accent"), (note, "soft")))


@dataclass(frozen=True)
class _Said:
    """The parts of the summary."""

    summary: Summary
    scenario: Scenario
    width: int

    def heading(self) -> list[Line]:
        """What was played."""
        summary = self.summary
        played = count(summary.futures, "future")
        about = [_titled(self.scenario, summary.policy), f"{played}, seed {summary.seed}"]
        if summary.view is not None:
            about.insert(1, f"view: {self.scenario.views[summary.view].title or summary.view}")
        if summary.baseline is not None:
            about.append(f"compared with: {_titled(self.scenario, summary.baseline)}")
        lines = [Line.of(_cut(self.scenario.title, self.width), "strong")]
        lines += [Line.of(line, "soft") for line in self._wrapped(" · ".join(about))]
        if summary.stopped:
            share = percent(summary.stopped / summary.futures)
            text = f"{count(summary.stopped, 'future')} ({share}) stopped and count nowhere: {summary.stops[0].what}"
            lines.append(Line.of(_cut(text, self.width), "accent"))
        return lines

    def answer(self) -> list[Line]:
        """How far the story gets; without a track, the first question."""
        text = self._story() or self._question()
        return [Line.of(line) for line in self._wrapped(text)] if text else []

    def _story(self) -> str:
        track = self._track()
        if track is None or len(track.path.stages) < 2:
            return ""
        views = [view.findings for view in self.summary.views if view.findings.futures >= FEWEST_FOR_A_VIEW]
        place = self.summary.findings.tracks.index(track)
        spread = [found.tracks[place].path.whole.p for found in views]
        whole = track.path.whole
        last = next(stage for stage in track.stages if stage.name == track.path.stages[-1])
        said = odds(whole.p, self.scenario.words, max(spread) - min(spread) if spread else 0.0)
        ranged = f"; {percent(min(spread))} to {percent(max(spread))} over the views" if spread else ""
        told = f"all {len(track.path.stages)} steps to " if len(track.path.stages) > 2 else ""
        return f"In this model, {told}“{last.title}” by {month(self.summary.dates[-1])}: {said}{ranged}."

    def _question(self) -> str:
        for question in self.summary.findings.questions:
            if question.answer is not None:
                return f"{question.ask} In this model {odds(question.answer.p, self.scenario.words)}."
        return ""

    def _track(self) -> TrackFinding | None:
        """The first track without an index: the one the story is told along."""
        return next((track for track in self.summary.findings.tracks if not track.member), None)

    # --- parts ---

    def ladder(self, rows: int) -> list[Line]:
        """Stages as bars, those of the story before others if not all have room."""
        track = self._track()
        if track is None:
            return []
        chosen = [stage for stage in track.stages if stage.name in track.path.stages][:rows]
        others = sorted((s for s in track.stages if s not in chosen), key=lambda stage: -stage.reached.p)
        shown = [*chosen, *others[: rows - len(chosen)]]
        given = dict(zip(track.path.stages[1:], track.path.given, strict=True))
        names = min(self.width // 2 - 8, max(len(stage.title) for stage in shown))
        bar = self.width - names - 35
        header = f"{_cut(track.title, names):<{names}}  {'':<{bar}}   reached  given prior    median"
        lines = [Line.of(header, "strong")]
        for stage in track.stages:
            if stage in shown:
                lines.append(self._rung(stage, given.get(stage.name), names, bar))
        return lines

    def _rung(self, stage: StageFinding, given: Share | None, names: int, bar: int) -> Line:
        share = percent(stage.reached.p)
        before = f"{percent(given.p)}" if given is not None else ""
        date = f"{stage.median_date:%b %Y}" if stage.median_date else "never"
        drawn = bars(stage.reached.p, bar)
        return Line(
            (
                (f"{_cut(stage.title, names):<{names}}  ", "plain"),
                (f"{drawn:<{bar}}", "bar"),
                (f"  {share:>8}  {before:>11}  {date:>8}", "plain"),
            )
        )

    def decisions(self, rows: int) -> list[Line]:
        """What was chosen, most often first; where not all have room, the decisions that leave the most open."""
        found = [decision for decision in self.summary.findings.decisions if decision.undecided.p < 1.0]
        if len(found) <= rows:
            return [self._decision(decision) for decision in found]
        shown = sorted(found, key=_open, reverse=True)[: rows - 1]
        more = Line.of(f"and {count(len(found) - len(shown), 'decision')} more", "soft")
        return [*(self._decision(decision) for decision in found if decision in shown), more]

    def _decision(self, decision: DecisionFinding) -> Line:
        titles = self._option_titles(decision)
        ordered = sorted(decision.shares.items(), key=lambda item: -item[1].p)
        said = [f"{titles.get(name, name)} {percent(share.p)}" for name, share in ordered if share.p > 0.0]
        if decision.undecided.p > 0.0:
            said.append(f"not due {percent(decision.undecided.p)}")
        return Line.of(_cut(f"{decision.title}: {', '.join(said)}", self.width))

    def _option_titles(self, decision: DecisionFinding) -> dict[str, str]:
        written = self.scenario.decisions[decision.label.partition("[")[0]]
        options = written.options if written.choose is None else self.scenario.sets[written.choose].members
        return {option.name: option.title or option.name for option in options}

    def measures(self, rows: int) -> list[Line]:
        """People first, and of those the ones that count persons; differences from the baseline where there is one."""
        whole = [measure for measure in self.summary.findings.measures if measure.label == measure.name]
        people = sorted((m for m in whole if m.people), key=lambda measure: measure.unit != "person")
        shown = (people or whole)[:rows]
        if not shown:
            return []
        period = self._period(shown[0])
        against = _titled(self.scenario, self.summary.baseline) if self.summary.baseline is not None else None
        name = "People" if people else "Measures"
        heading = f"{name}, {period}"
        names = max(len(heading), min(self.width // 2, max(len(measure.title) for measure in shown)))
        what = f"against “{_cut(against, 16)}” ± se" if against else "mean ± se"
        lines = [
            Line.of(
                _cut(f"{heading:<{names}}  {what:<{DIFFERENCE}}  {'level' if against else ''}", self.width), "strong"
            )
        ]
        for measure in shown:
            lines.append(Line.of(_cut(self._measure(measure, names, against is not None), self.width)))
        return lines

    def _period(self, measure: MeasureFinding) -> str:
        return measure.dates[measure.reading]

    def _measure(self, measure: MeasureFinding, names: int, compared: bool) -> str:
        place = measure.reading
        level = f"{quantity(measure.level.mean[place])}{_unit(measure)}"
        title = f"{_cut(measure.title, names):<{names}}"
        if not compared or measure.difference is None:
            return f"{title}  {level} ± {quantity(measure.level.se[place], 2)}"
        mean, se = measure.difference.mean[place], measure.difference.se[place]
        difference = "none" if mean == 0.0 and se == 0.0 else f"{signed(mean)} ± {quantity(se, 2)}"
        return f"{title}  {difference:<{DIFFERENCE}}  {level}"

    def ground(self) -> list[Line]:
        """What is only assumed."""
        if self.summary.coverage is None:
            return []
        text = coverage_lines(self.summary.coverage)[0]
        return [Line.of(line, "soft") for line in self._wrapped(text[:1].upper() + text[1:] + ".")]

    def _wrapped(self, text: str) -> list[str]:
        return textwrap.wrap(text, self.width)


def bars(share: float, width: int) -> str:
    """A bar of eighths of a character; what is above zero shows."""
    eighths = round(share * width * 8)
    if share > 0.0:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _open(decision: DecisionFinding) -> float:
    """How much a decision leaves open: the entropy of its shares."""
    return -sum(share.p * math.log(share.p) for share in decision.shares.values() if share.p > 0.0)


def _titled(scenario: Scenario, policy: str | None) -> str:
    """The title of a policy, or of several joined."""
    if policy is None:
        return "choices left open"
    known = scenario.policies
    return " + ".join(known[name].title or name if name in known else name for name in policy.split("+"))


def _unit(measure: MeasureFinding) -> str:
    """The unit of a level; the period stands in the heading, and titles say what is counted."""
    return "" if measure.unit in ("1", "probability", "person", "event") else f" {measure.unit}"
