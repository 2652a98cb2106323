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
from typing import TextIO

from playout.analyse.estimate import Share
from playout.analyse.headline import FirstScreen
from playout.analyse.rounding import least_said
from playout.analyse.summary import DecisionFinding, MeasureFinding, StageFinding, Summary, TrackFinding
from playout.model.scenario import Scenario
from playout.present.lines import COLOURS, Line, shortened
from playout.present.terminal_first import FEWEST_RUNGS, effect_lines, judgement_lines, odds_lines, view_lines
from playout.present.verdict import coverage_lines
from playout.present.views.against import told_of_baseline
from playout.present.views.first import first_view
from playout.present.views.missing import told_of_few, told_of_stops
from playout.present.words import count, day, mean_words, month, odds, percent, quantity, signed, under

HEIGHT = 23
"""Lines of a screen of 24, less the one that the prompt takes."""
WIDEST = 100
OPTION_ROOM = (60, 24, 16, 10)
"""Columns for an option's title, tried in turn until a decision fits into its lines."""
OPTION_LINES = 2


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
    if summary.headline is not None:
        return _first_screen(summary, scenario, summary.headline, place, width)
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


def _first_screen(
    summary: Summary, scenario: Scenario, found: FirstScreen, place: Line | None, width: int
) -> list[Line]:
    """The summary of a run whose scenario says what comes first. The ladder takes the room that is left."""
    said = _Said(summary, scenario, width)
    against = "" if summary.baseline is None else _titled(scenario, summary.baseline)
    first = first_view(found, scenario, end=month(summary.dates[-1]), against=against)
    before = [*said.heading(), *view_lines(first, width), *odds_lines(first, said.steps(), width)]
    after = [*effect_lines(first, width), *judgement_lines(first, summary.coverage, width)]
    after += [place] if place is not None else []
    room = HEIGHT - len(before) - len(after) - 1
    return [*before, *said.ladder(rows=max(FEWEST_RUNGS, room)), *after]


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
        dated = f" · information date {day(self.scenario.start)}" if summary.headline is not None else ""
        title = shortened(self.scenario.title, self.width - len(dated))
        lines = [Line(((title, "strong"), (dated, "soft")))]
        lines += [Line.of(line, "soft") for line in self._wrapped(" · ".join(about))]
        if summary.against is not None:
            for text in told_of_baseline(self.scenario, summary.against):
                lines += [Line.of(line, "soft") for line in self._wrapped(text.replace("`", ""))]
        if summary.stopped:
            for told in told_of_stops(summary, self.scenario):
                lines += [Line.of(line, "accent") for line in self._wrapped(told)]
        few = told_of_few(summary)
        return lines if few is None else [*lines, *(Line.of(line, "soft") for line in self._wrapped(few))]

    def answer(self) -> list[Line]:
        """How far the story gets; without a track, the first question."""
        text = self._story() or self._question()
        return [Line.of(line) for line in self._wrapped(text)] if text else []

    def _story(self) -> str:
        track = self._track()
        if track is None or len(track.path.stages) < 2:
            return ""
        views = [view.findings for view in self.summary.views]
        place = self.summary.findings.tracks.index(track)
        spread = [found.tracks[place].path.whole.p for found in views]
        whole = track.path.whole
        last = next(stage for stage in track.stages if stage.name == track.path.stages[-1])
        said = odds(whole.p, self.scenario.words, max(spread) - min(spread) if len(spread) > 1 else 0.0)
        ranged = f"; {percent(min(spread))} to {percent(max(spread))} over the views" if len(spread) > 1 else ""
        told = f"all {len(track.path.stages)} steps to " if len(track.path.stages) > 2 else ""
        return f"In this model, {told}“{last.title}” by {month(self.summary.dates[-1])}: {said}{ranged}."

    def steps(self) -> str:
        """The odds of all steps together, in a few words."""
        track = self._track()
        if track is None or len(track.path.stages) < 2:
            return ""
        return f"All {len(track.path.stages)} steps by {month(self.summary.dates[-1])}: {percent(track.path.whole.p)}."

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
        """Stages as bars, those of the story before others if not all have room, and of the story the last."""
        track = self._track()
        if track is None:
            return []
        chosen = [stage for stage in track.stages if stage.name in track.path.stages][-rows:]
        others = sorted((s for s in track.stages if s not in chosen), key=lambda stage: -stage.reached.p)
        shown = [*chosen, *others[: rows - len(chosen)]]
        given = dict(zip(track.path.stages[1:], track.path.given, strict=True))
        names = min(self.width // 2 - 8, max(len(stage.title) for stage in shown))
        bar = self.width - names - 35
        header = f"{shortened(track.title, names):<{names}}  {'':<{bar}}   reached  given prior    median"
        lines = [Line.of(header, "strong")]
        for stage in track.stages:
            if stage in shown:
                lines.append(self._rung(stage, given.get(stage.name), names, bar))
        return lines

    def _rung(self, stage: StageFinding, given: Share | None, names: int, bar: int) -> Line:
        share = percent(stage.reached.p)
        before = f"{percent(given.p)}" if given is not None else ""
        date = f"{stage.median_date:%b} {stage.median_date.year:04d}" if stage.median_date else "never"
        drawn = bars(stage.reached.p, bar)
        return Line(
            (
                (f"{shortened(stage.title, names):<{names}}  ", "plain"),
                (f"{drawn:<{bar}}", "bar"),
                (f"  {share:>8}  {before:>11}  {date:>8}", "plain"),
            )
        )

    def decisions(self, rows: int) -> list[Line]:
        """What was chosen where a choice fell due, and how games ended where they were played; where not all have room,
        those that leave the most open."""
        findings = self.summary.findings
        found = [decision for decision in (*findings.decisions, *findings.games) if decision.due.p > 0.0]
        told = {decision.label: self._decision(decision) for decision in found}
        if sum(map(len, told.values())) <= rows:
            return [line for lines in told.values() for line in lines]
        room, shown = rows - 1, set()
        for decision in sorted(found, key=_open, reverse=True):
            if len(told[decision.label]) <= room:
                room -= len(told[decision.label])
                shown.add(decision.label)
        more = Line.of(f"and {count(len(found) - len(shown), 'decision')} more", "soft")
        return [*(line for label, lines in told.items() if label in shown for line in lines), more]

    def _decision(self, decision: DecisionFinding) -> list[Line]:
        """A decision's title, how often it falls due, and the shares of its options there, likeliest first: all of
        them, on a second line if need be, their titles shortened if even that is too little."""
        titles = self._option_titles(decision)
        ordered = sorted(decision.where_due.items(), key=lambda item: -item[1].p)
        chosen = [(titles.get(name, name), percent(share.p)) for name, share in ordered if share.p > 0.0]
        due = f", where due ({percent(decision.due.p)})" if decision.due.p < 1.0 else ""
        head = f"{shortened(decision.title, self.width // 2 - len(due))}{due}"
        for room in OPTION_ROOM:
            options = ", ".join(f"{shortened(title, room)} {share}" for title, share in chosen)
            lines = textwrap.wrap(f"{head}: {options}", self.width, subsequent_indent="  ")
            if len(lines) <= OPTION_LINES:
                break
        return [Line.of(line) for line in lines]

    def _option_titles(self, decision: DecisionFinding) -> dict[str, str]:
        options = self.scenario.outcomes(self.scenario.chosen[decision.label.partition("[")[0]])
        return {option.name: option.title or option.name for option in options}

    def measures(self, rows: int) -> list[Line]:
        """People first, and of those the ones that count persons; differences from the baseline where there is one."""
        whole = [measure for measure in self.summary.findings.measures if measure.label == measure.name]
        people = sorted((m for m in whole if m.people), key=lambda measure: measure.unit != "person")
        shown = (people or whole)[:rows]
        if not shown:
            return []
        name = "People" if people else "Measures"
        heading = f"{name}, {shown[0].dates[shown[0].reading]}"
        compared = self.summary.baseline is not None
        against = f"against “{_titled(self.scenario, self.summary.baseline)}”" if compared else ""
        ranged = any(self._over_views(measure) for measure in shown)
        header = [*(["mean ± se", "over views"] if ranged else ["± se"]), *(["level"] if compared else [])]
        if not ranged:
            header[0] = f"{shortened(against, 22)}{'”' if len(against) > 22 else ''} ± se" if compared else "mean ± se"
            against = ""
        table = [self._measure(measure, compared, ranged) for measure in shown]
        widths = [max(len(cell) for cell in column) for column in zip(header, *table, strict=True)]
        names = self.width - sum(widths) - 2 * len(widths)
        title = f"{heading}, {against}" if against else heading
        if len(title) > names:
            title = shortened(title, names - 1) + "”" if against else shortened(title, names)
        if against and "“" not in title:
            title = shortened(heading, names)
        rows_of = [(title, header), *zip((shortened(m.title or m.name, names) for m in shown), table, strict=True)]
        return [
            Line.of(
                f"{first:<{names}}" + "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True)),
                "plain" if number else "strong",
            )
            for number, (first, cells) in enumerate(rows_of)
        ]

    def _over_views(self, measure: MeasureFinding) -> tuple[float, ...]:
        """The means of a measure, or of its difference from the baseline, in the views that enough futures hold."""
        place = next(number for number, own in enumerate(self.summary.findings.measures) if own.label == measure.label)
        means = []
        for view in self.summary.views:
            own = view.findings.measures[place]
            spread = own.level if measure.difference is None else own.difference
            means += [spread.mean[measure.reading]] if spread is not None else []
        return tuple(means) if len(means) > 1 else ()

    def _measure(self, measure: MeasureFinding, compared: bool, ranged: bool) -> list[str]:
        """The cells of a measure's line behind its title: mean and error, range over views, level."""
        place = measure.reading
        least = least_said(measure.unit)
        spread = measure.level if measure.difference is None else measure.difference
        mean, se = spread.mean[place], spread.se[place]
        differs = measure.difference is not None
        if compared and differs and mean == 0.0 and se == 0.0:
            cells = ["none"]
        elif ranged:
            cells = [f"{mean_words(mean, se, least, difference=differs)} ± {quantity(se, 1)}"]
        else:
            cells = [f"{(signed if differs else quantity)(mean)} ± {quantity(se, 2)}"]
        if ranged:
            means = [under(m, least) or (signed if differs else quantity)(m, 2) for m in self._over_views(measure)]
            ends = sorted(zip(self._over_views(measure), means, strict=True))
            cells.append(f"{ends[0][1]} to {ends[-1][1]}" if ends and cells[0] != "none" else "")
        if compared:
            level = measure.level.mean[place]
            cells.append(under(level, least) or quantity(level, 2 if ranged else 3))
        return cells

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


def _open(decision: DecisionFinding) -> float:
    """How much a decision leaves open: the entropy of its shares where it falls due, times how often it does."""
    shares = (share.p for share in decision.where_due.values())
    return -decision.due.p * sum(p * math.log(p) for p in shares if p > 0.0)


def _titled(scenario: Scenario, policy: str | None) -> str:
    """The title of a policy, or of several joined."""
    if policy is None:
        return "choices left open"
    known = scenario.policies
    return " + ".join(known[name].title or name if name in known else name for name in policy.split("+"))
