"""What other verbs made of the same scenario, as a report shows it: plain data, and None for what was not run.

Numbers keep their place in what the verb prints as JSON: see `origin.py`. A report's own JSON has them under
``compare``, ``explain``, ``discover`` and ``stories``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playout.present.origin import Told


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its Monte Carlo standard error and its range over views, and how these are said. origin: where they
    stand."""

    value: float
    low: float
    high: float
    text: str
    se_text: str
    low_text: str
    high_text: str
    origin: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One outcome under each policy, as a difference from the one that is read against. better: 1 where more is better,
    -1 where less is, 0 where nobody has said. chance: estimates are probabilities."""

    name: str
    title: Told
    unit: str
    people: bool
    better: int
    chance: bool
    estimates: tuple[Estimate, ...]

    @property
    def origin(self) -> str:
        """Where all of its numbers stand."""
        return ";".join(each.origin for each in self.estimates)


@dataclass(frozen=True, slots=True)
class Compared:
    """Policies side by side. policies: titles, in the order of each row's estimates; against: what they are differences
    from; sentences: what can be said of them, dominance among it."""

    policies: tuple[str, ...]
    against: str
    rows: tuple[ComparedRow, ...]
    sentences: tuple[Told, ...]
    source: Told


@dataclass(frozen=True, slots=True)
class Swing:
    """A belief's two ends, written out in its own unit, and the outcome's mean at each."""

    title: str
    low_end: str
    high_end: str
    low: Estimate
    high: Estimate
    assumed: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """What decides one outcome: the beliefs that swing it most, widest first. mean: over all futures; chance: it is a
    probability."""

    name: str
    title: str
    unit: str
    chance: bool
    mean: Estimate
    swings: tuple[Swing, ...]
    sentences: tuple[Told, ...]
    source: Told

    @property
    def origin(self) -> str:
        """Where all of its numbers stand."""
        return ";".join(f"{swing.low.origin};{swing.high.origin}" for swing in self.swings)


@dataclass(frozen=True, slots=True)
class Discovered:
    """What makes futures end badly: which those are, and the regions of beliefs that hold many of them, in words."""

    what: Told
    rules: tuple[Told, ...]
    sentences: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class StoryView:
    """One future as a story. about: for how many futures it stands, or how far out it lies; lines: its sentences."""

    title: str
    about: Told
    lines: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Stories:
    """Typical futures, and those at the ends."""

    told: tuple[StoryView, ...]
    tails: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class Analyses:
    """All of them. why_not: by verb, why something could not be made; what is missing else was not asked for.
    unmoved: outcomes that were explained, and that no belief can be seen to move."""

    compared: Compared | None = None
    explained: tuple[Explained, ...] = ()
    discovered: Discovered | None = None
    stories: Stories | None = None
    why_not: Mapping[str, str] = field(default_factory=dict)
    unmoved: tuple[str, ...] = ()
