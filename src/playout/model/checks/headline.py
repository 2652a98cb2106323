"""The first screen and groups of beliefs: whether what they name is there and can be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from playout.errors import did_you_mean
from playout.model.checks.workbench import Workbench
from playout.model.headline import Headline, Named
from playout.model.scenario import Game


def check_headline(bench: Workbench) -> None:
    """Names in `headline` and `groups` that are not there; measures with an index; groups with no belief."""
    for group in bench.scenario.groups.values():
        if not group.beliefs:
            message = f"the group `{group.name}` has no belief"
            bench.findings.error(group.span, "empty", message, "name at least one in `beliefs`")
        for named in group.beliefs:
            _known(bench, named, "belief", bench.scenario.beliefs)
    headline = bench.scenario.headline
    if headline is not None:
        _check(bench, headline)


def _check(bench: Workbench, headline: Headline) -> None:
    scenario = bench.scenario
    plain = [measure.name for measure in scenario.measures.values() if not measure.binders]
    if headline.question is not None:
        _known(bench, headline.question, "question", scenario.questions)
    if headline.given is not None:
        _known(bench, headline.given, "stage", _stages(bench))
    if headline.group is not None:
        _known(bench, headline.group, "group", scenario.groups)
    for named in headline.measures:
        _known(bench, named, "measure without an index", plain)
    for rate in headline.base_rates:
        if rate.moved is not None:
            _known(bench, rate.moved, "measure without an index", plain)
        for named in rate.because:
            _known(bench, named, "evidence", scenario.evidence)
    results = [*scenario.questions, *plain, *_stages(bench), *_options(bench)]
    for claim in headline.claims:
        _known(bench, claim.evidence, "evidence", scenario.evidence)
        _known(bench, claim.result, "result", results)


def _stages(bench: Workbench) -> Iterator[str]:
    """The stages of tracks without an index, behind their track's name."""
    for track in bench.scenario.tracks.values():
        if not track.binders:
            yield from (f"{track.name}.{stage.name}" for stage in track.stages)


def _options(bench: Workbench) -> Iterator[str]:
    """How decisions and games without an index may come out, behind their name."""
    for decision in bench.scenario.chosen.values():
        known = isinstance(decision, Game) or decision.choose is None or decision.choose in bench.scenario.sets
        if not decision.binders and known:
            yield from (f"{decision.name}.{option}" for option in bench.scenario.choices(decision))


def _known(bench: Workbench, named: Named, what: str, known: Iterable[str]) -> None:
    name, span = named
    names = list(known)
    if name in names:
        return
    hint = did_you_mean(name, names)
    if hint is None:
        hint = f"there is {', '.join(f'`{each}`' for each in names[:6])}" if names else f"the scenario has no {what}"
    code = "unknown-evidence" if what == "evidence" else "unknown-name"
    bench.findings.error(span, code, f"there is no {what} `{name}`", hint)
