"""A future as a dated narrative: sentences in order of date, each pointing to the move, decision or event behind it.

What is told is chosen by how much it matters. First come stages of the main track that are entered for the first time,
then choices made for the first time, the unlikelier the higher; returns to stages of the main track, and choices that
change; then moves of other tracks, events and splinters, the rarer over all futures the higher; then members' moves;
last what happens often, and measures year by year. As many are taken as
there is room for, then put in order of date. The narrative opens with where the future starts and the view it holds,
and ends with what it came to: people first, as a difference from the same future under the baseline where there is one,
and what it believed that was unusual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playout.analyse.stories.facts import Facts
from playout.analyse.stories.features import main_track
from playout.model.scenario import Scenario
from playout.present.narrate.course import EVENT, YEAR, in_one, sayings
from playout.present.narrate.ends import ending, opening
from playout.present.narrate.sentence import Reference, Saying, Sentence
from playout.present.narrate.voice import Voice
from playout.simulate.replay import Told

__all__ = ["Narrative", "Reference", "Sentence", "narrate"]

MOST = 25
"""Sentences in a narrative."""

ENOUGH = 16
"""Sentences from which on only what is rare or weighty is told."""

FEWEST = 12
"""Sentences up to which a second measure is told year by year, where little else happens."""


@dataclass(frozen=True, slots=True)
class Narrative:
    """A told future in sentences."""

    future: int
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(sentence.text for sentence in self.sentences)

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"future": self.future, "sentences": [sentence.as_json() for sentence in self.sentences]}


def narrate(told: Told, scenario: Scenario, facts: Facts) -> Narrative:
    """Tell a future. The same future gives the same sentences."""
    main = main_track(scenario)
    main = None if main is not None and main.binders else main
    voice = Voice(scenario)
    begin, end = list(opening(told, scenario, facts, main)), list(ending(told, scenario, facts, main))
    chosen = _chosen(list(sayings(told, scenario, facts, main)), MOST - len(begin) - len(end), len(begin) + len(end))
    sentences = [saying.said(voice) for saying in (*begin, *in_one(main, chosen))]
    voice.month = None
    sentences += [saying.said(voice) for saying in end]
    return Narrative(told.future, tuple(sentences))


def _chosen(found: list[Saying], room: int, already: int) -> list[Saying]:
    """What there is room for, by weight, of equal ones the earlier first; then in the order in which it happened."""
    ranked = sorted(found, key=lambda saying: (-saying.weight, saying.step))
    few = [saying for place, saying in enumerate(ranked) if place + already < _wanted(saying)]
    return sorted(few[: max(room, 0)], key=lambda saying: (saying.date, saying.step, saying.turn))


def _wanted(saying: Saying) -> int:
    """Up to how many sentences one so weighty is told."""
    return MOST if saying.weight >= EVENT else ENOUGH if saying.weight >= YEAR else FEWEST
