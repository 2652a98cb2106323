"""Who is tied to whom, and how strongly, as a scenario's tables have it at its start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from playout.model.scenario import Scenario, Tie


@dataclass(frozen=True, slots=True)
class End:
    """One end: the actor, or the set and its member."""

    place: str
    member: str = ""

    @property
    def name(self) -> str:
        """What the end is called: the member of a set, or the actor."""
        return self.member or self.place


@dataclass(frozen=True, slots=True)
class Tied:
    """One tie. strength: in the unit of the kind's table. back: the strength the other way, where both ends are
    members of one set and each tie runs both ways; None elsewhere."""

    kind: str
    first: End
    second: End
    strength: float
    back: float | None = None


def ties_of(scenario: Scenario) -> tuple[Tied, ...]:
    """The ties of a sound scenario, kind by kind, in the order of members; each two members of one set come once."""
    return tuple(tied for tie in scenario.ties.values() for tied in _of(scenario, tie))


def _of(scenario: Scenario, tie: Tie) -> Iterator[Tied]:
    table = scenario.tables[tie.strength[0][0]]
    one, other = (name for name, _ in tie.ends)
    places = {ends: number for number, ends in enumerate(product(_ends(scenario, one), _ends(scenario, other)))}
    spare = {member.name for own in scenario.sets.values() for member in own.members if member.spare}
    for (first, second), number in places.items():
        strength, back = table.values[number], None
        if one == other:
            if places[second, first] <= number:
                continue  # a member by itself, or a pair that came the other way round
            back = table.values[places[second, first]]
        if max(strength, back or 0.0) > tie.above and not spare & {first.member, second.member}:
            yield Tied(tie.name, first, second, strength, back)


def _ends(scenario: Scenario, name: str) -> tuple[End, ...]:
    """The members of a set, or an actor."""
    if name in scenario.sets:
        return tuple(End(name, label) for label in scenario.sets[name].labels)
    return (End(name),)
