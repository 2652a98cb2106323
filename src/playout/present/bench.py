"""What `playout bench` prints and writes: tables of speeds and ratios."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path

from playout.bench.contest import NATIVE, REFERENCE, Standing
from playout.bench.flagship import Cost
from playout.bench.machine import Machine
from playout.bench.measure import Goal, Report, standing
from playout.bench.scale import Curve
from playout.present.lines import Line
from playout.simulate.store import write_text

TITLE = 36
"""Columns for a tool's title."""


def write_report(report: Report, file: Path) -> None:
    """The figures as JSON."""
    write_text(file, json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n")


def report_lines(report: Report, out: Path | None) -> list[Line]:
    """Everything that was measured. out: where it was written to."""
    machine = report.machine
    lines = [*_machine_lines(machine), Line()]
    lines += _contest_lines(
        "The synthetic workload: 8 organisations of 5 stocks each, 260 weeks", "futures", report.synthetic
    )
    lines.append(Line())
    heading = "Recruitment into cartels: 150 groups that fight each other, 520 weeks, Euler"
    if isinstance(report.recruitment, str):
        lines += [Line.of(heading, "strong"), Line.of(f"  not measured: {report.recruitment}")]
    else:
        lines += _contest_lines(heading, "runs", report.recruitment)
    lines += [Line(), *_growth_lines(report.growth), Line(), *_flagship_lines(report.flagship, machine.cores), Line()]
    lines += _goal_lines(report.goals, "processor time" if report.disturbed else "the clock")
    if report.disturbed:
        lines += [
            Line(),
            Line.of("Something else used the processors meanwhile: trust the figures per core-second more.", "accent"),
        ]
    taken = f"Measured in {report.seconds:.0f} s"
    if report.size == "quick":
        taken += ", quickly: these are rough figures"
    lines += [Line(), Line.of(taken)]
    if out is not None:
        lines.append(Line((("Written to  ", "strong"), (str(out), "accent"))))
    return lines


def _machine_lines(machine: Machine) -> list[Line]:
    cores = f"{machine.cores} core{'s' if machine.cores > 1 else ''}"
    lines = [
        Line.of(machine.processor, "strong"),
        Line.of(f"{cores}, {machine.memory / 2**30:.0f} GiB, {machine.system}, Python {machine.python}"),
        Line.of(f"vectors: {', '.join(machine.features) or 'not told'}"),
    ]
    if not machine.quiet:
        load = f"The machine is not quiet: on average {machine.load:.1f} processes ran over the last minute."
        lines.append(Line.of(f"{load} Trust the figures per core-second more than those by the clock.", "accent"))
    return lines


def _contest_lines(heading: str, what: str, standings: Sequence[Standing]) -> list[Line]:
    native, by_clock, by_core = standing(tuple(standings), NATIVE), f"{what}/s", "per core-s"
    lines = [
        Line.of(heading, "strong"),
        Line.of(f"  {'':{TITLE}}{by_clock:>11}{by_core:>12}{'native is':>13}{'ready in':>10}", "soft"),
    ]
    timed = sorted((each for each in standings if each.timed), key=lambda each: -statistics.median(each.clock))
    for each in timed:
        clock, core = statistics.median(each.clock), statistics.median(each.processor)
        ratio = ""
        if native.timed:
            ratio = f"{_short(statistics.median(native.clock) / clock)}×"
        ready = f"{each.importing + each.preparing:.1f} s"
        lines.append(Line.of(f"  {each.peer.title:{TITLE}}{_short(clock):>11}{_short(core):>12}{ratio:>13}{ready:>10}"))
    lines += [Line.of(f"  {each.peer.title}: {each.why}", "soft") for each in standings if not each.timed]
    compared = [each for each in timed if each.peer.name != REFERENCE and each.compared]
    if compared:
        largest = max(each.largest for each in compared)
        lines.append(
            Line.of(
                f"  Each was first held against the reference engine: means agree within {largest:.1f} standard errors."
            )
        )
    lines.append(Line.of("  Medians of turns taken one after the other; by the clock on all cores.", "soft"))
    return lines


def _short(number: float) -> str:
    """Three figures that count, without an exponent."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def _growth_lines(growth: Sequence[Curve] | str) -> list[Line]:
    lines = [Line.of("How cost grows: nanoseconds of one core a future, organisation and week", "strong")]
    if isinstance(growth, str):
        return [*lines, Line.of(f"  not measured: {growth}")]
    for curve in growth:
        points = "  ".join(f"{count:,}: {cost:.2f}" for count, cost in zip(curve.counts, curve.units, strict=True))
        lines.append(Line.of(f"  {curve.name:10}{points}"))
        lines.append(
            Line.of(f"  {'':10}grows with the power {curve.exponent:.2f} of their number (1: in proportion)", "soft")
        )
    return lines


def _flagship_lines(cost: Cost | str, cores: int) -> list[Line]:
    if isinstance(cost, str):
        return [Line.of("The shipped scenario", "strong"), Line.of(f"  not measured: {cost}")]
    compiled = f"{cost.compile:.2f} s compile ({cost.load:.2f} s once compiled)"
    return [
        Line.of(f"The shipped scenario, {cost.scenario}: {cost.assignments} assignments a step", "strong"),
        Line.of(
            f"  {cost.read:.2f} s read and check, {cost.lower:.2f} s lower, {cost.write:.2f} s write code, {compiled}"
        ),
        Line.of(
            f"  a future, of one core: {cost.beliefs:.0f} µs its beliefs, {cost.single:.0f} µs in single precision, "
            f"{cost.double:.0f} µs in double"
        ),
        Line.of(f"  {_short(cost.futures_per_second)} futures a second on {cores} cores, in single precision"),
    ]


def _goal_lines(goals: Sequence[Goal], by: str) -> list[Line]:
    lines = [Line.of(f"Goals of the native engine in single precision, by {by}", "strong")]
    for goal in goals:
        if goal.measured is None:
            found, said = "not measured", ""
        else:
            found, said = _short(goal.measured), "met" if goal.met else "missed"
        lines.append(Line.of(f"  at least {goal.least:,g} {goal.what}: {found}{f' ({said})' if said else ''}"))
    return lines
