"""What stories are called: where their future stands at the end, and what sets it apart from the other stories.

"Shelved or over, without force" stands at a stage and never was in another. Qualities are added one by one, those first
by which a cluster differs most from all other futures and which its own future has, then since when the future stands
there, until no two titles are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from playout.analyse.stories.contrast import Apart
from playout.analyse.stories.features import main_track
from playout.analyse.stories.tails import Tail, placed
from playout.model.scenario import Scenario
from playout.present.narrate.course import named
from playout.present.narrate.voice import Voice, words_of
from playout.present.views.ladder import without_number
from playout.present.words import month
from playout.simulate.replay import Told

MOST_QUALITIES = 5

TELLING = 0.1
"""Shares of futures, or mean ranks, that lie no further apart than this set nothing apart."""


def story_titles(scenario: Scenario, told: Sequence[Told], apart: Sequence[Apart]) -> list[str]:
    """A title for each cluster's future, no two the same."""
    voice = Voice(scenario)
    ends = [_end(scenario, each) for each in told]
    qualities = [
        list(islice(_qualities(scenario, voice, each, own), MOST_QUALITIES))
        for each, own in zip(told, apart, strict=True)
    ]
    taken = [int(bool(own) and not own[0].startswith("from ")) for own in qualities]
    for _ in range(MOST_QUALITIES):
        titles = [", ".join([end, *own[:n]]) for end, own, n in zip(ends, qualities, taken, strict=True)]
        alike = [titles.count(title) > 1 for title in titles]
        if not any(alike):
            break
        taken = [min(n + same, len(own)) for n, same, own in zip(taken, alike, qualities, strict=True)]
    return [
        f"{title} ({titles[:place].count(title) + 1})" if titles.count(title) > 1 else title
        for place, title in enumerate(titles)
    ]


def _end(scenario: Scenario, told: Told) -> str:
    """The stage of the main track at the end; without one, the scenario's title."""
    track = main_track(scenario)
    if track is None or track.binders:
        return scenario.title
    stage = told.stage(track.name)
    return next(without_number(s.title or words_of(s.name)) for s in track.stages if s.name == stage)


def _qualities(scenario: Scenario, voice: Voice, told: Told, apart: Apart) -> Iterator[str]:
    main = main_track(scenario)
    given = scenario.headline.given[0] if scenario.headline is not None and scenario.headline.given else None
    entered = {(move.track, move.stage) for move in told.moves}
    end = None if main is None or main.binders else (main.name, told.stage(main.name))
    # The headline's stage first, then what was reached, then what was not.
    ordered = sorted(apart.stages, key=lambda each: (f"{each.track}.{each.stage}" != given, each.size <= 0.0))
    for each in ordered:
        here = each.track, each.stage
        is_given = f"{each.track}.{each.stage}" == given
        if here == end or not (is_given or (main is not None and each.track == main.name)):
            continue
        if not is_given and (abs(each.size) < TELLING or (each.size > 0.0) != (here in entered)):
            continue
        title = next(s.title or words_of(s.name) for s in scenario.tracks[each.track].stages if s.name == each.stage)
        short = scenario.headline.short if is_given and scenario.headline is not None else ""
        yield f"{'after' if here in entered else 'without'} {short or f'“{without_number(title)}”'}"
    if main is not None and end is not None:
        entered_last = [move for move in told.moves if move.track == main.name and not move.member][-1]
        yield f"from {month(entered_last.date)}"
    for gap in apart.measures:
        if abs(gap.gap) >= TELLING:
            title = voice.lowered(named(scenario.measures[gap.measure]))
            yield f"{'higher' if gap.gap > 0.0 else 'lower'} “{title}”"


def tail_title(scenario: Scenario, tail: Tail) -> str:
    """What an end is called."""
    if tail.end.kind == "worst":
        name, _, member = tail.end.name.partition("[")
        measure = scenario.measures[name]
        whose = f", {member.removesuffix(']')}" if member else ""
        return f"Among the worst{' for people' if measure.people else ''}: {named(measure)}{whose}"
    track, labels, stage = placed(scenario, tail.end.name)
    title = next(without_number(s.title or words_of(s.name)) for s in track.stages if s.name == stage)
    whose = ""
    if track.binders and len(labels) == 1:
        members = scenario.sets[track.sets[0]].members
        whose = f", {next(m.title or m.name for m in members if m.name == labels[0])}"
    return f"Among the {'fastest to' if tail.end.kind == 'fastest' else 'longest'}: {title}{whose}"
