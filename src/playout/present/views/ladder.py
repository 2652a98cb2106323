"""The step ladder: how far futures get, when, and with what odds each step follows the ones before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from playout.present.views.estimate import Share

MOST_DATES = 400
"""Dates at which a ladder is drawn: a picture is some 700 pixels wide."""

MOST_SHARES = 40_000
"""Shares of stages that a ladder is drawn from: of a hundred stages still all of the dates."""


def without_number(title: str) -> str:
    """A stage's title without the number of its step: "Step 3: campaign" is "Campaign"."""
    head, colon, tail = title.partition(":")
    words = tail.strip() if colon and tail.strip() and len(head) <= 8 else title
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Rung:
    """One stage of a track. ``shares``: the share of futures in it at each step's start.

    reached: the share that enters it at all. median_date: of first entry, among those that do. given: on the path, the
    odds among the futures that took every step before; None off the path, on its first rung, and where no future came
    so far. fallback: where futures go that leave the path.
    """

    name: str
    title: str
    about: str
    shares: tuple[float, ...]
    reached: Share
    median_date: dt.date | None
    fallback: bool = False
    given: Share | None = None

    @property
    def short(self) -> str:
        """The title without its number."""
        return without_number(self.title)


@dataclass(frozen=True, slots=True)
class Ladder:
    """A track as a picture. ``rungs`` in file order; ``path`` names the rungs of the story in theirs.

    whole: the share of futures that reach every rung of the path, which is the product of the odds on it. in_order: the
    share that enter them for the first time in its order.
    dates: one for each step's start.
    """

    name: str
    title: str
    dates: tuple[dt.date, ...]
    rungs: tuple[Rung, ...]
    path: tuple[str, ...]
    whole: Share
    in_order: Share | None = None

    @property
    def drawn_steps(self) -> Sequence[int]:
        """The steps at which it is drawn, no more than a picture has room for: of all, the first, the last, and some
        between that stand equally far apart. All of them where they are few."""
        room = max(2, min(MOST_DATES, MOST_SHARES // max(len(self.rungs), 1)))
        last = len(self.dates) - 1
        if last < room:
            return range(last + 1)
        return [round(number * last / (room - 1)) for number in range(room)]

    def thinned(self) -> Ladder:
        """The same at the steps at which it is drawn."""
        kept = self.drawn_steps
        if len(kept) == len(self.dates):
            return self
        rungs = tuple(replace(rung, shares=tuple(rung.shares[step] for step in kept)) for rung in self.rungs)
        return replace(self, dates=tuple(self.dates[step] for step in kept), rungs=rungs)

    @property
    def steps(self) -> tuple[Rung, ...]:
        """The rungs of the path, in its order."""
        return tuple(rung for name in self.path for rung in self.rungs if rung.name == name)

    @property
    def ribbon(self) -> tuple[tuple[Rung, float, float, float | None], ...]:
        """Each rung of the path, the share that took every step to it, the share that takes the next too, its odds."""
        so_far, drawn = 1.0, []
        for rung, following in zip_longest(self.steps, self.steps[1:]):
            given = following.given.p if following is not None and following.given is not None else None
            after = so_far if following is None else so_far * (given or 0.0)
            drawn.append((rung, so_far, after, given))
            so_far = after
        return tuple(drawn)

    @property
    def hardest(self) -> tuple[Rung, Rung, Share] | None:
        """The step that most of those who come to it never take: its two rungs and its odds."""
        steps = [
            (before, rung, rung.given)
            for before, rung in zip(self.steps, self.steps[1:], strict=False)
            if rung.given is not None
        ]
        return min(steps, key=lambda step: step[2].p, default=None)
