"""What follows from the form of a game: its information sets, and the parts it can be solved by.

A part is a proper subgame less the smaller ones inside it: what happens in a subgame does not depend on what happened
before, so the parts are solved one after the other, the innermost first, and where information is perfect every part
is one node. (Selten 1965, Spieltheoretische Behandlung eines Oligopolmodells mit Nachfrageträgheit.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from playout.model.scenario import Game, GameNode


@dataclass(frozen=True, slots=True)
class InformationSet:
    """Nodes that their player cannot tell apart, and the moves there. ``name``: what is known, or the lone node's."""

    name: str
    player: str
    moves: tuple[str, ...]
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A subgame less those inside it. ``nodes``: its own, each after the one that leads to it. ``leaves``: the ends and
    the roots of inner parts that they lead to. ``sets``: its information sets; ``free``: how many probabilities of
    moves can be chosen in them."""

    root: str
    nodes: tuple[str, ...]
    leaves: tuple[str, ...]
    sets: tuple[InformationSet, ...]

    @property
    def free(self) -> int:
        return sum(len(one.moves) - 1 for one in self.sets)

    @property
    def plain(self) -> bool:
        """Whether one node is all of it, so that it is solved at once."""
        return len(self.nodes) == 1


@dataclass(frozen=True)
class GameTree:
    """The tree of a sound game."""

    game: Game

    @cached_property
    def nodes(self) -> dict[str, GameNode]:
        """The nodes by name, each after the one that leads to it."""
        known = {node.name: node for node in self.game.nodes}
        found: dict[str, GameNode] = {}
        waiting = [self.game.begins]
        while waiting:
            node = known[waiting.pop()]
            found[node.name] = node
            waiting += [way.to for way in reversed(node.ways) if way.to in known]
        return found

    @cached_property
    def sets(self) -> Mapping[str, InformationSet]:
        """The information sets by name, in file order."""
        together: dict[str, list[GameNode]] = {}
        for node in self.game.nodes:
            if node.by is not None:
                together.setdefault(set_name(node), []).append(node)
        return {
            name: InformationSet(
                name, nodes[0].by or "", tuple(way.name for way in nodes[0].ways), tuple(node.name for node in nodes)
            )
            for name, nodes in together.items()
        }

    def below(self, name: str) -> set[str]:
        """A node and all that follow it."""
        found, waiting = set(), [name]
        while waiting:
            node = self.nodes[waiting.pop()]
            found.add(node.name)
            waiting += [way.to for way in node.ways if way.to in self.nodes]
        return found

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the game, each after those inside it."""
        return tuple(self._part(root) for root in reversed(self.nodes) if self._is_root(root))

    def _is_root(self, name: str) -> bool:
        """Whether a subgame begins here: no information set lies half inside."""
        inside = self.below(name)
        sets = [one for one in self.sets.values() if not inside.isdisjoint(one.nodes)]
        return all(inside.issuperset(one.nodes) for one in sets)

    def _part(self, root: str) -> Part:
        nodes: list[str] = []
        leaves: dict[str, None] = {}
        waiting = [root]
        while waiting:
            name = waiting.pop()
            nodes.append(name)
            for way in reversed(self.nodes[name].ways):
                if way.to in self.nodes and not self._is_root(way.to):
                    waiting.append(way.to)
        for name in nodes:
            leaves.update((way.to, None) for way in self.nodes[name].ways if way.to not in nodes)
        own = [one for one in self.sets.values() if not set(nodes).isdisjoint(one.nodes)]
        return Part(root, tuple(nodes), tuple(leaves), tuple(own))

    def paths(self, part: Part) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
        """Every way through a part: the leaf it leads to, and the nodes passed with the position of the way taken."""
        yield from self._paths(part, part.root, ())

    def _paths(
        self, part: Part, name: str, taken: tuple[tuple[str, int], ...]
    ) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
        if name not in part.nodes:
            yield name, taken
            return
        for number, way in enumerate(self.nodes[name].ways):
            yield from self._paths(part, way.to, (*taken, (name, number)))


def set_name(node: GameNode) -> str:
    """The information set that a player's node belongs to."""
    return node.knows or node.name
