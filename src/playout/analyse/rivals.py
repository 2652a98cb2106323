"""Evidence against views, in the manner of competing hypotheses.

A piece of evidence speaks for a view that cites it or that it says to support, against one that it says to contradict,
and bears on one that changes a belief which cites it. What speaks to all views alike tells none apart; what is against
a view weighs more than what is for it (R. J. Heuer, Psychology of Intelligence Analysis, 1999, chapter 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playout.model.checked import CheckedScenario
from playout.model.scenario import Evidence

Stance = Literal["for", "against", "bears", ""]
_WEIGHT: Mapping[Stance, int] = {"for": 1, "against": -1, "bears": 0, "": 0}


@dataclass(frozen=True, slots=True)
class Weighed:
    """One piece of evidence by view. beliefs: that any view changes and that cite it.

    diagnosticity: 2 where it speaks for one view and against another, 1 where it speaks to some views only, 0 where it
    treats all alike.
    """

    evidence: str
    stances: Mapping[str, Stance]
    beliefs: tuple[str, ...]

    @property
    def diagnosticity(self) -> int:
        weights = [_WEIGHT[stance] for stance in self.stances.values()]
        return max(weights) - min(weights)


@dataclass(frozen=True, slots=True)
class Rivals:
    """The table, what tells views apart most first. for_, against: how many pieces speak so, by view."""

    rows: tuple[Weighed, ...]
    for_: Mapping[str, int]
    against: Mapping[str, int]


def rivals(checked: CheckedScenario) -> Rivals:
    """Evidence by view: the pieces that speak for or against any view, or bear on a belief that one changes."""
    scenario = checked.scenario
    changed = {name: {c.name for c in changes if c.what == "belief"} for name, changes in checked.views.items()}
    citing: dict[str, set[str]] = {}
    for belief in scenario.beliefs.values():
        for entry in belief.entries:
            for name in entry.support.names:
                citing.setdefault(name, set()).add(belief.name)

    def stance(evidence: Evidence, view: str) -> Stance:
        """What one piece says of one view."""
        if view in (name for name, _ in evidence.contradicts):
            return "against"
        if evidence.name in scenario.views[view].support.names or view in (name for name, _ in evidence.supports):
            return "for"
        return "bears" if citing.get(evidence.name, set()) & changed[view] else ""

    rows = []
    for evidence in scenario.evidence.values():
        stances = {view: stance(evidence, view) for view in scenario.views}
        if any(stances.values()):
            beliefs = sorted(citing.get(evidence.name, set()).intersection(*[set().union(*changed.values())]))
            rows.append(Weighed(evidence.name, stances, tuple(beliefs)))
    rows.sort(key=lambda row: -row.diagnosticity)
    return Rivals(
        rows=tuple(rows),
        for_={view: sum(row.stances[view] == "for" for row in rows) for view in scenario.views},
        against={view: sum(row.stances[view] == "against" for row in rows) for view in scenario.views},
    )
