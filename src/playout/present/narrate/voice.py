"""How a narrative speaks: dates in words, names in full once and short after, numbers as words where they are small."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from playout.model.scenario import Scenario
from playout.present.words import month

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

HEADS = (
    *("agency", "alliance", "army", "bank", "cartel", "commission", "company", "congress", "council", "court"),
    *("department", "embassy", "faction", "front", "government", "group", "ministry", "navy", "office", "parliament"),
    *("party", "president", "secretariat", "senate", "state", "union"),
)
"""Nouns that take an article in a name: the Gulf Cartel, the Senate of Mexico."""

NO_ARTICLE = ("A", "An", "The", "All", "La", "Las", "Los", "El", "Le", "Les")
"""What a name may begin with instead of one."""


def number(count: int) -> str:
    """A number of things: in words up to twelve."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else f"{count:,}"


def times(count: int) -> str:
    """How often: once, twice, three times."""
    return {1: "once", 2: "twice"}.get(count, f"{number(count)} times")


def listed(parts: Sequence[str]) -> str:
    """Parts with commas and a last "and"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def ordinary_words(scenario: Scenario) -> frozenset[str]:
    """Words that a scenario's own prose writes small: those lose their capital inside a sentence, names keep theirs."""
    texts = [scenario.description]
    things: list[Any] = [
        *scenario.beliefs.values(), *scenario.stocks.values(), *scenario.variables.values(), *scenario.events.values(),
        *scenario.tracks.values(), *scenario.decisions.values(), *scenario.measures.values(), *scenario.tables.values(),
    ]  # fmt: skip
    texts += [text for thing in things for text in (thing.title, thing.about)]
    texts += [stage.title for track in scenario.tracks.values() for stage in track.stages]
    texts += [question.ask for question in scenario.questions.values()]
    texts += [evidence.claim for evidence in scenario.evidence.values()]
    return _ORDINARY | {word for text in texts for word in re.findall(r"(?<!^)\b[a-z]+\b", text)}


_ORDINARY = frozenset(
    (
        *("a", "all", "an", "another", "business", "deaths", "first", "in", "members", "more", "new", "no", "open"),
        *("other", "people", "sanctions", "some", "talks", "the", "trade", "trust", "war"),
    )
)


def words_of(name: str) -> str:
    """A name as words."""
    return name.replace("_", " ")


@dataclass
class Voice:
    """What has been said so far. month: of the last sentence told."""

    scenario: Scenario
    month: tuple[int, int] | None = None
    _named: set[str] = field(default_factory=set)
    _ordinary: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._ordinary = ordinary_words(self.scenario)

    def lowered(self, title: str) -> str:
        """A title inside a sentence."""
        first = title.partition(" ")[0]
        small = first.istitle() and first.lower() in self._ordinary
        return title[:1].lower() + title[1:] if small else title

    def when(self, date: dt.date) -> str:
        """The month of a date: "in July 2025", or "the same month" after a sentence on it."""
        return "the same month" if self.month == (date.year, date.month) else f"in {month(date)}"

    def actor(self, name: str) -> str:
        """Who decides."""
        known = self.scenario.actors.get(name)
        title = words_of(name) if known is None else known.title or words_of(name)
        return self._with_article(title) if known is not None else f"the {title}"

    def member(self, set_name: str, label: str) -> str:
        """A member of a set: in full the first time, short from then on."""
        known = next(member for member in self.scenario.sets[set_name].members if member.name == label)
        title = known.title or words_of(label)
        if label in self._named:
            return self._with_article(_short(label, title))
        self._named.add(label)
        return self._with_article(title)

    def members(self, sets: Sequence[str], labels: str) -> str:
        """Members of one or more sets, from their labels with commas between them."""
        parts = labels.split(", ")
        return ", ".join(self.member(set_name, label) for set_name, label in zip(sets, parts, strict=True))

    def _with_article(self, title: str) -> str:
        """A name as it stands in a sentence, with its article where it takes one."""
        head, _, tail = title.partition(", ")
        words = re.findall(r"[^\W\d]+", head)
        heads = [word.lower() for word in (*words[:2], *words[-1:], *tail.split()[-1:])]
        takes = any(word in HEADS for word in heads) or "Cartel" in words
        return f"the {title}" if takes and words[0] not in NO_ARTICLE else self.lowered(title)


def _short(label: str, title: str) -> str:
    """The short name of a member: an abbreviation where its label is one; of a part of something the part; else what
    stands before "and" or a bracket."""
    if not re.search(r"[aeiouy]", label):
        return label.upper().replace("_", " ")
    head, comma, tail = title.partition(", ")
    if comma and len(tail.split()) <= 3:
        return tail
    return re.split(r" and | \(", head)[0]
