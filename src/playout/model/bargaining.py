"""Who bargains over an issue: each actor's position on its scale, what weight it has, and how much it cares."""

from __future__ import annotations

from dataclasses import dataclass

from playout.model.distribution import Distribution


@dataclass(frozen=True, slots=True)
class Bargainer:
    """An actor in a group decision. capability: its weight against the others', above 0, in any unit; position: what it
    wants, on the issue's scale; salience: how much of its capability it brings to this issue, from 0 to 1.

    Each is a law; a number that is known is a point.
    """

    name: str
    capability: Distribution
    position: Distribution
    salience: Distribution

    @property
    def is_known(self) -> bool:
        """Whether all three are points."""
        return all(law.is_point for law in (self.capability, self.position, self.salience))
