"""A scenario as the page shows it: what can be chosen and moved in it, with what each number rests on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from playout.analyse.path import fallbacks, story
from playout.analyse.rounding import number
from playout.model.checked import CheckedScenario
from playout.model.coverage import coverage, entry_label
from playout.model.headline import Headline
from playout.model.scenario import Belief, BeliefEntry, Decision, Member, Scenario, Track, Variant
from playout.model.words import STANDARDS
from playout.present.views.support import BeliefLine, Entry, ground
from playout.present.views.written import heading
from playout.present.web.options import FUTURES, Options
from playout.present.web.settings import lever_columns
from playout.simulate.beliefs import Column
from playout.simulate.result import Reported, labelled

Plain = dict[str, Any]

GRID = (0.01, *(round(0.05 * k, 2) for k in range(1, 20)), 0.99)
"""Quantiles at which a lever's value is told."""


def describe(
    name: str, checked: CheckedScenario, linchpins: Sequence[str], reported: Mapping[str, Reported], options: Options
) -> Plain:
    """A scenario as plain data. linchpins: the labels of the levers that matter most, the first of them first.
    reported: its measures as a run has them."""
    scenario = checked.scenario
    track = headline_track(scenario)
    policies = [policy for policy in scenario.policies.values() if not policy.switch]
    switches = [policy for policy in scenario.policies.values() if policy.switch]
    baseline = scenario.policies.get(scenario.baseline) if scenario.baseline else None
    return {
        "name": name,
        "title": scenario.title,
        "about": " ".join(scenario.description.split()),
        "start": scenario.start.isoformat(),
        "end": checked.end.isoformat(),
        "step": scenario.step_days,
        "information_date": scenario.start.isoformat(),
        "face": list(scenario.face),
        "words": [{"name": word.name, "low": word.low, "high": word.high} for word in STANDARDS[scenario.words].words],
        "policies": [_variant(policy) for policy in policies],
        "switches": [_variant(policy) for policy in switches],
        "baseline": None if baseline is None else _variant(baseline),
        "views": [{**_variant(view), "credence": view.credence} for view in scenario.views.values()],
        "levers": list(_levers(checked, linchpins)),
        "linchpins": list(linchpins),
        "decisions": [line for decision in scenario.decisions.values() for line in _decision(scenario, decision)],
        "tracks": [_track(own) for own in scenario.tracks.values()],
        "track": None if track is None else track.name,
        "path": [] if track is None else list(story(track)),
        "fallback": [] if track is None else sorted(fallbacks(track)),
        "measures": [
            {
                "name": measure.name,
                "title": heading(measure.title, measure.name),
                "about": measure.about,
                "unit": reported[measure.name].unit,
                "per": measure.per,
                "people": measure.people,
            }
            for measure in scenario.measures.values()
            if not measure.binders
        ],
        "questions": [
            {"name": question.name, "ask": question.ask, "by": question.by.isoformat()}
            for question in scenario.questions.values()
        ],
        "headline": None if scenario.headline is None else _headline(scenario.headline),
        "default_futures": min(FUTURES, options.most_futures),
        "limits": {"futures": options.most_futures, "seconds": options.most_seconds, "upload": options.allow_upload},
        "offline": False,
    }


def headline_track(scenario: Scenario) -> Track | None:
    """The track that the ladder shows: the first without an index."""
    return next((track for track in scenario.tracks.values() if not track.binders), None)


def _variant(variant: Variant) -> Plain:
    return {
        "name": variant.name,
        "title": heading(variant.title, variant.name),
        "about": " ".join(variant.about.split()),
        "lines": [assignment.text for assignment in variant.assignments],
    }


def _track(track: Track) -> Plain:
    return {
        "name": track.name,
        "title": heading(track.title, track.name),
        "indexed": bool(track.binders),
        "stages": [
            {"name": stage.name, "title": heading(stage.title, stage.name), "about": " ".join(stage.about.split())}
            for stage in track.stages
        ],
    }


def _headline(headline: Headline) -> Plain:
    return {
        "question": headline.question[0] if headline.question else None,
        "given": headline.given[0] if headline.given else None,
        "short": headline.short,
        "measures": [name for name, _ in headline.measures],
        "base_rates": [
            {"title": rate.title, "happened": rate.happened, "cases": rate.cases} for rate in headline.base_rates
        ],
    }


# --- decisions --------------------------------------------------------------------------------------------------------


def _decision(scenario: Scenario, decision: Decision) -> Iterator[Plain]:
    """One decision, or one member's each."""
    chosen = scenario.sets[decision.choose].members if decision.choose else decision.options
    actor = scenario.actors.get(decision.by)
    options = [
        {"name": own.name, "title": heading(own.title, own.name), "about": " ".join(own.about.split())}
        for own in chosen
        if not (isinstance(own, Member) and own.spare)
    ]
    for members in itertools.product(*(scenario.sets[name].members for name in decision.sets)):
        if any(member.spare for member in members):
            continue
        titles = [heading(member.title, member.name) for member in members]
        yield {
            "name": labelled(decision.name, [member.name for member in members]),
            "title": " — ".join([heading(decision.title, decision.name), *titles]),
            "about": " ".join(decision.about.split()),
            "by": heading(actor.title if actor else "", decision.by),
            "later": decision.when is not None,
            "options": options,
        }


# --- levers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stated:
    """A number that a scenario states, and what it rests on."""

    belief: Belief
    line: BeliefLine
    rests_on: str
    group: str


def _levers(checked: CheckedScenario, linchpins: Sequence[str]) -> Iterator[Plain]:
    stated = _stated(checked)
    views = list(checked.scenario.views)
    for label, column in lever_columns(checked).items():
        own = stated[column.name, column.member if (column.name, column.member) in stated else -1]
        values = _at(column, own.belief.unit.factor, GRID)
        yield {
            "label": label,
            "title": _title(checked.scenario, own.belief, label),
            "about": " ".join(own.belief.about.split()),
            "unit": own.belief.unit.text,
            "p05": values[GRID.index(0.05)],
            "p50": values[GRID.index(0.5)],
            "p95": values[GRID.index(0.95)],
            "grid": [[quantile, value] for quantile, value in zip(GRID, values, strict=True)],
            "written": own.line.value,
            "by_view": [views[number] for number in sorted(column.alternatives)],
            "rests_on": own.rests_on,
            "evidence": [_evidence(entry) for entry in own.line.entries],
            "assumed": own.line.assumed or None,
            "group": own.group,
            "linchpin": label in linchpins,
        }


def value_at(checked: CheckedScenario, label: str, quantile: float) -> tuple[float, str]:
    """A lever's value at a quantile of its law as written, and its unit."""
    column = lever_columns(checked)[label]
    unit = checked.scenario.beliefs[column.name].unit
    return float(column.law.drawn(np.array([quantile]))[0]) / unit.factor, unit.text


def _at(column: Column, factor: float, quantiles: Sequence[float]) -> list[float | None]:
    return [number(value) for value in (column.law.drawn(np.array(quantiles)) / factor).tolist()]


def _evidence(entry: Entry) -> Plain:
    return {
        "id": entry.name,
        "claim": entry.claim,
        "source": entry.source.text if entry.source else "",
        "address": entry.source.address if entry.source else "",
        "grade": entry.grade,
        "graded": entry.graded,
        "status": entry.status,
        "kind": entry.kind,
    }


def _stated(checked: CheckedScenario) -> dict[tuple[str, int], _Stated]:
    """By belief and flat member, or -1 for all members that have no number of their own."""
    scenario = checked.scenario
    found = coverage(checked)
    rests = {
        label: kind for kind in ("evidenced", "judged", "assumed", "unsupported") for label in getattr(found, kind)
    }
    groups = {name: group.title or group.name for group in scenario.groups.values() for name, _ in group.beliefs}
    lines = iter(ground(checked).beliefs)
    stated = {}
    for belief in scenario.beliefs.values():
        group = groups.get(belief.name) or heading("", PurePath(belief.span.file).stem)
        for entry in belief.entries:
            kind = rests[entry_label(belief, entry)]
            stated[belief.name, _flat(scenario, belief, entry)] = _Stated(belief, next(lines), kind, group)
    return stated


def _flat(scenario: Scenario, belief: Belief, entry: BeliefEntry) -> int:
    if entry.members is None:
        return -1
    flat = 0
    for name, member in zip(belief.sets, entry.members, strict=True):
        labels = scenario.sets[name].labels
        flat = flat * len(labels) + labels.index(member)
    return flat


def _title(scenario: Scenario, belief: Belief, label: str) -> str:
    title = heading(belief.title, belief.name)
    if "[" not in label:
        return title
    labels = label.partition("[")[2].removesuffix("]").split(", ")
    names = [
        next(heading(own.title, own.name) for own in scenario.sets[set_name].members if own.name == member)
        for set_name, member in zip(belief.sets, labels, strict=True)
    ]
    return f"{title} — {', '.join(names)}"
