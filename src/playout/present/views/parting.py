"""Where the views part: the odds over which the schools of thought lie furthest from each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from playout.present.origin import option_path, question_path, stage_path
from playout.present.views.choices import DecisionView, QuestionView
from playout.present.views.estimate import Share
from playout.present.views.ladder import Ladder

MOST = 10
LEAST = 0.02
"""Views that lie closer than this do not part."""


@dataclass(frozen=True, slots=True)
class Parted:
    """Odds with those of each view. kind: what they are odds of; origin: see `origin.py`."""

    kind: str
    title: str
    share: Share
    origin: str


@dataclass(frozen=True, slots=True)
class PartedAmount:
    """A measure's mean difference over the whole run with that of each view: numbers, and how they are said."""

    name: str
    title: str
    unit: str
    mean: float
    said: str
    by_view: Mapping[str, float]
    said_by_view: Mapping[str, str]

    @property
    def origin(self) -> str:
        """Where its numbers stand: see `origin.py`."""
        path = f"headline/measures/{self.name}/always"
        return f"{path}/mean;{path}/views/*/mean"


def parted(
    ladders: tuple[Ladder, ...], decisions: tuple[DecisionView, ...], questions: tuple[QuestionView, ...]
) -> tuple[Parted, ...]:
    """The odds that part the views most, widest first; of decisions with two options only one is told."""
    found = [*_stages(ladders), *_options(decisions), *_questions(questions)]
    wide = [each for each in found if each.share.spread >= LEAST]
    return tuple(sorted(wide, key=lambda each: -each.share.spread)[:MOST])


def _stages(ladders: tuple[Ladder, ...]) -> Iterator[Parted]:
    for place, ladder in enumerate(ladders):
        for rung in ladder.rungs:
            title = f"{ladder.title}: {rung.title}" if place else rung.title
            yield Parted("is reached", title, rung.reached, stage_path(ladder.name, rung.name))


def _options(decisions: tuple[DecisionView, ...]) -> Iterator[Parted]:
    for decision in decisions:
        told = decision.choices[:1] if len(decision.choices) == 2 else decision.choices
        for choice in told:
            title = f"{decision.title}: {choice.title}"
            yield Parted(
                "is chosen, where it is decided", title, choice.share, option_path(decision.label, choice.name)
            )


def _questions(questions: tuple[QuestionView, ...]) -> Iterator[Parted]:
    for question in questions:
        if question.answer is not None:
            given = f", given that {question.given_words or question.given}" if question.given else ""
            yield Parted(f"yes{given}", question.ask, question.answer, question_path(question.name))
