"""What is missing from a run's answer: futures that stopped, and views that too few futures hold."""

from __future__ import annotations

from collections.abc import Sequence

from playout.analyse.average import FEWEST_FOR_A_VIEW
from playout.analyse.summary import Summary
from playout.model.scenario import Scenario
from playout.present.origin import Told
from playout.present.views.written import heading
from playout.present.words import count, percent
from playout.simulate.stopped import apart_words


def told_of_stops(summary: Summary, scenario: Scenario) -> tuple[Told, ...]:
    """How many futures stopped and why, and in what they differ from the others; nothing where none did."""
    found = summary.stopping
    if found is None:
        return ()
    share = percent(summary.stopped / summary.futures)
    reasons = []
    for stop, cause in zip(summary.stops, found.causes, strict=False):
        member = f" for {stop.member}" if stop.member else ""
        reasons.append(f"{stop.what}{member}" + (f", likely because {cause.text}" if cause is not None else ""))
    if len(summary.stops) > len(reasons):
        reasons.append(count(len(summary.stops) - len(reasons), "further reason"))
    verb = "counts" if summary.stopped == 1 else "count"
    said = f"{count(summary.stopped, 'future')} ({share}) stopped and {verb} nowhere: {'; '.join(reasons)}."
    told = [Told(_without_ticks(said), "stopped_futures", "stopped")]
    if found.apart:
        apart = apart_words(scenario, found.apart)
        told.append(Told(_without_ticks(f"The futures that are left are no random sample: {apart}."), "stopped_apart"))
    elif not found.enough:
        told.append(Told("They are too few to tell what sets them apart from the others."))
    return tuple(told)


def _without_ticks(text: str) -> str:
    return text.replace("`", "")


def told_of_few(summary: Summary) -> Told | None:
    """The views that too few futures hold to say anything of; None where there are none."""
    if not summary.left_out:
        return None
    few = few_words([(heading(view.title, view.name), view.futures) for view in summary.left_out])
    stand = "it stands" if len(summary.left_out) == 1 else "they stand"
    return Told(
        f"{few}: {stand} in no range over the views, and no views are weighed equally.", "views_left_out", "text"
    )


def few_words(views: Sequence[tuple[str, int]]) -> str:
    """That too few futures hold some views, by title and futures: "“Doves” (6 futures) is held by fewer than 100
    futures, too few to say anything of"."""
    named = [f"“{title}” ({count(futures, 'future')})" for title, futures in views]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    verb = "is" if len(named) == 1 else "are"
    return f"{listed} {verb} held by fewer than {FEWEST_FOR_A_VIEW} futures, too few to say anything of"
