"""What the scenario rests on: sources, evidence, who cites it, and beliefs that rest on nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from playout.errors import did_you_mean
from playout.model.checks.workbench import Workbench
from playout.model.graph import reads
from playout.model.scenario import Scenario, Support


def check_support(bench: Workbench) -> None:
    """Unknown evidence and sources, evidence nobody cites, beliefs without support."""
    scenario, findings = bench.scenario, bench.findings
    cited: set[str] = set(cited_first(scenario))
    for support in supports(scenario):
        for name, span in support.because:
            cited.add(name)
            if name not in scenario.evidence:
                hint = did_you_mean(name, scenario.evidence)
                if hint is None:
                    hint = "add it under `evidence`, or give a reason with `assumed`"
                findings.error(span, "unknown-evidence", f"there is no evidence `{name}`", hint)
    known = set(_supportable(bench))
    for evidence in scenario.evidence.values():
        if evidence.source not in scenario.sources:
            hint = did_you_mean(evidence.source, scenario.sources) or "add it under `sources`"
            findings.error(evidence.source_span, "unknown-source", f"there is no source `{evidence.source}`", hint)
        for name, span in (*evidence.supports, *evidence.contradicts):
            if name not in known and name.split("[")[0] not in known:
                hint = did_you_mean(name, known)
                findings.error(span, "unknown-name", f"`{evidence.name}` bears on `{name}`, which is not there", hint)
        if evidence.name not in cited and not evidence.supports and not evidence.contradicts:
            message = f"nothing rests on the evidence `{evidence.name}`"
            hint = "name it in `because` where it belongs, or say what it `supports` or `contradicts`"
            findings.error(evidence.span, "uncited", message, hint)
    _warn_of_sources(bench)
    _warn_of_unsupported(bench)


def _warn_of_sources(bench: Workbench) -> None:
    used = {evidence.source for evidence in bench.scenario.evidence.values()}
    for source in bench.scenario.sources.values():
        if source.name not in used:
            bench.findings.warn(source.span, "unused", f"no evidence names the source `{source.name}`")


def _warn_of_unsupported(bench: Workbench) -> None:
    supported = {name.split("[")[0] for e in bench.scenario.evidence.values() for name, _ in e.supports}
    for belief in bench.scenario.beliefs.values():
        if belief.name in supported:
            continue
        for entry in belief.entries:
            if not entry.support.because and entry.support.assumed is None:
                where = f"{belief.name}[{', '.join(entry.members)}]" if entry.members else belief.name
                message = f"`{where}` rests on nothing"
                hint = "name evidence in `because`, or give a reason in `assumed`"
                bench.findings.warn(entry.span, "unsupported", message, hint)


def warn_of_unused(bench: Workbench, observed: Iterable[str]) -> None:
    """Beliefs and tables that nothing reads. ``observed``: names that indicators read."""
    used = set(observed)
    for tree in bench.resolver.meaning.values():
        used.update(reference.name for reference in reads(tree))
    for law in bench.laws.values():
        for parameter in law.parameters:
            used.update(reference.name for reference in reads(parameter))
    things: list[tuple[str, Mapping[str, object]]] = [
        ("belief", bench.scenario.beliefs),
        ("table", bench.scenario.tables),
    ]
    for what, named in things:
        for name in named:
            if name not in used:
                entry = bench.names.entries[name]
                bench.findings.warn(entry.span, "unused", f"nothing reads the {what} `{name}`")


def _supportable(bench: Workbench) -> Iterator[str]:
    """Everything that evidence may support: all that has a name, stages and options with their dot."""
    scenario = bench.scenario
    yield from bench.names.entries
    yield from bench.names.options
    yield from scenario.evidence
    for section in (scenario.measures, scenario.questions, scenario.indicators, scenario.policies, scenario.views):
        yield from section
    yield from scenario.actors
    yield from scenario.sets
    for set_ in scenario.sets.values():
        yield from set_.labels
    for track in scenario.tracks.values():
        yield from (name for stage in track.stages for name in (stage.name, f"{track.name}.{stage.name}"))
    for decision in scenario.decisions.values():
        yield from (f"{decision.name}.{option.name}" for option in decision.options)
    for game in scenario.games.values():
        yield from (f"{game.name}.{end.name}" for end in game.ends)


def cited_first(scenario: Scenario) -> Iterator[str]:
    """The evidence that the first screen cites."""
    if scenario.headline is not None:
        yield from (claim.evidence[0] for claim in scenario.headline.claims)
        yield from (name for rate in scenario.headline.base_rates for name, _ in rate.because)


def supports(scenario: Scenario) -> Iterator[Support]:
    """Every `because` and `assumed` of a scenario."""
    yield from (table.support for table in scenario.tables.values())
    yield from (entry.support for belief in scenario.beliefs.values() for entry in belief.entries)
    yield from (variable.support for variable in scenario.variables.values())
    for track in scenario.tracks.values():
        yield track.support
        yield from (stage.support for stage in track.stages)
        yield from (move.support for move in track.moves)
    yield from (decision.support for decision in scenario.decisions.values())
    yield from (game.support for game in scenario.games.values())
    yield from (event.support for event in scenario.events.values())
    yield from (question.support for question in scenario.questions.values())
    yield from (observation.support for observation in scenario.observations.values())
    yield from (variant.support for variant in (*scenario.policies.values(), *scenario.views.values()))
