"""Measures, questions and indicators."""

from __future__ import annotations

import datetime as dt
import re

from playout.errors import Span, did_you_mean
from playout.model.checks.workbench import Workbench
from playout.model.expression import Name, StageTest, Subscript
from playout.model.findings import listed
from playout.model.graph import reads
from playout.model.scenario import Indicator, Measure, Observation, Question
from playout.model.typed import constant, type_words, unit_words
from playout.model.units import DIMENSIONLESS, PER_TIME, Dimension, unit

EVENT = unit("event").dimension
"""Counts of events are plain numbers, and may be shown in events."""

_NOISE = re.compile(r"\s*([a-z_]+)\s*\(([^()]*)\)\s*")
_NOISES = {"negative_binomial": 1, "poisson": 0, "normal": 1, "lognormal": 1}

# --- measures ---------------------------------------------------------------------------------------------------------


def check_measure(bench: Workbench, measure: Measure) -> None:
    """Something to report: a level, or with `per` an amount that adds up."""
    if measure.unit is not None:
        bench.findings.caution(measure.span, measure.unit)
    scope = bench.scope(measure.binders)
    if _names_nothing(bench, measure):
        return
    typed = bench.resolver.read(measure.of, scope)
    if typed is None:
        return
    span = measure.of.span
    if typed.type.kind not in ("number", "bool"):
        message = f"a measure is a number, or true or false; `{measure.name}` is {type_words(typed.type)}"
        hint = "report whether it is one of them: `of: … == …`" if typed.type.set is not None else None
        bench.findings.error(span, "kind", message, hint)
        return
    dimension = typed.type.dimension
    counts_events = any(node.what == "event" for node in reads(typed))
    if measure.per is not None:
        amount = dimension / PER_TIME
        adds_up = counts_events or dict(dimension.exponents).get("day") == -1
        if typed.type.kind == "bool" or not adds_up:
            found = type_words(typed.type) if typed.type.kind == "bool" else unit_words(dimension)
            message = f"`per: {measure.per}` adds up flows, rates and event counts; `{measure.name}` is {found}"
            hint = "leave out `per` to report it as a level"
            bench.findings.error(span, "per", message, hint)
            return
        dimension = amount if dict(dimension.exponents).get("day") == -1 else dimension
    counted = measure.per is not None and counts_events
    if not (counted and dimension.plain and measure.unit is not None and measure.unit.dimension == EVENT):
        _check_unit(bench, measure, dimension, typed.type.kind == "bool")


def _names_nothing(bench: Workbench, measure: Measure) -> bool:
    """Whether a measure without `of` has nothing of its own name to report; says so."""
    of = measure.of
    base = of.base if isinstance(of, Subscript) else of
    if not isinstance(base, Name) or (base.name, base.span) != (measure.name, measure.span):
        return False
    entry = bench.names.entries.get(measure.name)
    if entry is not None and entry.what != "track" and len(measure.binders) == len(entry.sets):
        return False
    if entry is None:
        known = [e.name for e in bench.names.entries.values() if e.what not in ("track", "table")]
        message = f"the measure `{measure.name}` has no `of`, and there is nothing of its name"
        hint = did_you_mean(measure.name, known) or "say what it reports: `of: sum(members)`"
    elif entry.what == "track":
        message = f"the measure `{measure.name}` has no `of`, and the track of that name has no value"
        hint = f"report a stage: `of: {entry.indexed()}.STAGE`"
    elif not entry.sets:
        message = f"`{measure.name}` has no indexes, and the measure gives it some"
        hint = f"write `{measure.name}:`"
    else:
        message = f"`{measure.name}` is indexed by {listed(entry.sets)}: the measure does not say which"
        over = ", ".join(f"{letter} in {s}" for letter, s in zip(entry.letters, entry.sets, strict=True))
        hint = f"write `{measure.name}[{over}]:` for each, or `of: sum({measure.name})` for all together"
    bench.findings.error(measure.span, "measure", message, hint)
    return True


def _check_unit(bench: Workbench, measure: Measure, dimension: Dimension, is_truth: bool) -> None:
    if measure.unit is None or measure.unit.dimension == dimension:
        return
    if is_truth:
        message = f"`{measure.name}` is true or false and has no unit"
        bench.findings.error(measure.span, "units", message, "leave out `unit`")
        return
    what = f"an amount per {measure.per} of" if measure.per else "in"
    message = f"`{measure.name}` is {what} {unit_words(dimension)}; it cannot be shown in `{measure.unit.text}`"
    hint = None
    if measure.per and measure.unit.dimension == dimension * PER_TIME:
        hint = f"`per` says over what time: write `unit: {measure.unit.text.split('/')[0]}`"
    bench.findings.error(measure.span, "units", message, hint)


# --- questions --------------------------------------------------------------------------------------------------------


def check_question(bench: Workbench, question: Question, end: dt.date) -> None:
    """Something that is true or false at a date within the run."""
    bench.resolver.truth(question.that, {}, f"`that` of `{question.name}`")
    if question.given is not None:
        bench.resolver.truth(question.given, {}, f"`given` of `{question.name}`")
    start = bench.scenario.start
    if not start <= question.by <= end:
        when = "before the scenario starts" if question.by < start else "after it ends"
        message = f"`{question.name}` is settled by {question.by}, {when}: it runs from {start} to {end}"
        hint = "extend the horizon, or ask for an earlier date" if question.by > end else None
        bench.findings.error(question.by_span, "question-date", message, hint)


# --- indicators -------------------------------------------------------------------------------------------------------


def check_indicator(bench: Workbench, indicator: Indicator) -> None:
    """Chances by stage, or a measure that is observed with noise."""
    findings = bench.findings
    if bool(indicator.chances) == (indicator.observes is not None):
        message = f"the indicator `{indicator.name}` says either `chance` by stage or what it `observes`"
        findings.error(indicator.span, "indicator", message)
    stages: dict[str, set[str]] = {}
    otherwise = False
    for test, chance in indicator.chances:
        typed = bench.resolver.number(chance, {}, DIMENSIONLESS, f"a chance of `{indicator.name}`")
        value = None if typed is None else constant(typed)
        if value is not None and not 0.0 <= value <= 1.0:
            message = f"a chance lies between 0 and 1; this is {value:g}"
            findings.error(chance.span, "probability", message)
        if test is None:
            otherwise = True
            continue
        read = bench.resolver.read(test, {})
        if isinstance(read, StageTest):
            stages.setdefault(read.track, set()).add(read.stage)
        elif read is not None:
            findings.error(test.span, "indicator", "chances are given by stage", "write `campaign.striking: 0.3`")
        else:
            otherwise = True  # which stages are left out cannot be told
    complete = [t for t, named in stages.items() if named == {s.name for s in bench.scenario.tracks[t].stages}]
    if indicator.chances and not otherwise and not complete:
        message = f"the indicator `{indicator.name}` does not say how likely it is in the other stages"
        findings.error(indicator.span, "indicator", message, "add `otherwise: 0.05`")
    if indicator.observes is not None:
        _check_observed(bench, indicator)


def _check_observed(bench: Workbench, indicator: Indicator) -> None:
    observed = indicator.observes
    assert observed is not None
    base = observed.base if isinstance(observed, Subscript) else observed
    if not (isinstance(base, Name) and base.name in bench.scenario.measures):
        known = bench.names.entries
        if isinstance(base, Name) and base.name not in known:
            hint = did_you_mean(base.name, bench.scenario.measures)
            message = f"`{indicator.name}` observes `{base.name}`, and there is no such measure"
            bench.findings.error(observed.span, "unknown-name", message, hint)
        else:
            bench.resolver.number(observed, {}, None, f"what `{indicator.name}` observes")
    if indicator.noise is not None:
        _check_noise(bench, indicator, indicator.noise, indicator.span)


def _check_noise(bench: Workbench, indicator: Indicator, noise: str, span: Span) -> None:
    """``negative_binomial(dispersion)``: a known kind, with beliefs, tables or numbers."""
    match = _NOISE.fullmatch(noise)
    kind = match.group(1) if match else noise.split("(")[0].strip()
    if match is None or kind not in _NOISES:
        hint = did_you_mean(kind, _NOISES) or f"there are {', '.join(_NOISES)}"
        bench.findings.error(span, "indicator", f"`{noise}` is no noise of observation", hint)
        return
    arguments = [a.strip() for a in match.group(2).split(",") if a.strip()]
    if len(arguments) != _NOISES[kind]:
        numbers = "1 number" if _NOISES[kind] == 1 else f"{_NOISES[kind]} numbers"
        message = f"`{kind}` takes {numbers}; this gives {len(arguments)}"
        bench.findings.error(span, "indicator", message)
    known = {**bench.scenario.beliefs, **bench.scenario.tables}
    for argument in arguments:
        if argument not in known and not re.fullmatch(r"[0-9.]+(e[-+]?[0-9]+)?", argument):
            meant = did_you_mean(argument, known)
            message = f"the noise of `{indicator.name}` names `{argument}`, which is no belief or table"
            bench.findings.error(span, "unknown-name", message, meant)


# --- observations -----------------------------------------------------------------------------------------------------


def check_observation(bench: Workbench, observation: Observation) -> None:
    """Of an indicator that is there, and of its kind: seen or not, or a value."""
    findings, indicators = bench.findings, bench.scenario.indicators
    indicator = indicators.get(observation.of)
    if indicator is None:
        hint = did_you_mean(observation.of, indicators) or "observations are of indicators: add it under `indicators`"
        message = f"`{observation.name}` is an observation of `{observation.of}`, and there is no such indicator"
        findings.error(observation.of_span, "unknown-name", message, hint)
        return
    if indicator.observes is None and observation.value is not None:
        message = f"the indicator `{indicator.name}` is seen or not, and `{observation.name}` gives it a value"
        findings.error(observation.span, "observation", message, "write `seen: true` or `seen: false`")
    if indicator.observes is not None and observation.seen is not None:
        message = f"the indicator `{indicator.name}` is a number, and `{observation.name}` does not give one"
        findings.error(observation.span, "observation", message, "write the number observed in `value`")
