"""The stages of a track and the ways between them as a graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from playout.model.checked import CheckedScenario
from playout.model.scenario import Stage, Track
from playout.present.document.equations import text_of
from playout.present.views.support import law_as_written
from playout.present.views.written import heading


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from one stage to another, by their positions. by_rate: a move; else what follows on the end of a stay."""

    number: int
    origin: int
    to: int
    by_rate: bool
    words: str


@dataclass(frozen=True, slots=True)
class StageGraph:
    """A track as a graph. stages: title and length of stay of each, in file order."""

    title: str
    stages: tuple[tuple[str, str], ...]
    arrows: tuple[Arrow, ...]


def stage_graph(checked: CheckedScenario, track: Track) -> StageGraph:
    """The stages of a track, and every way between them with its conditions, numbered stage by stage."""
    arrows: list[Arrow] = []
    for origin, stage in enumerate(track.stages):
        for destination, by_rate, words in (*_ends(stage), *_moves(track, stage)):
            arrows.append(Arrow(len(arrows) + 1, origin, track.position(destination), by_rate, words))
    stages = []
    for stage in track.stages:
        stay = f"lasts {law_as_written(checked.scenario, stage.lasts)}" if stage.lasts else ""
        stages.append((heading(stage.title, stage.name), stay))
    return StageGraph(heading(track.title, track.name), tuple(stages), tuple(arrows))


def _ends(stage: Stage) -> Iterator[tuple[str, bool, str]]:
    """Where a stay leads when it ends."""
    for share in stage.then:
        words = "otherwise" if share.share is None else f"share {text_of(share.share)}"
        if len(stage.then) == 1 and share.share is None:
            words = "always"
        yield share.stage, False, words + (f", when {text_of(share.when)}" if share.when else "")


def _moves(track: Track, stage: Stage) -> Iterator[tuple[str, bool, str]]:
    """The moves by rate out of a stage."""
    for move in track.moves:
        if stage.name in (name for name, _ in move.origins):
            words = f"at rate {text_of(move.rate)}" + (f", when {text_of(move.when)}" if move.when else "")
            yield move.destination, True, words
