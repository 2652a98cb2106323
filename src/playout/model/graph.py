"""What depends on what within a step, and which stages lead to which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import networkx as nx

from playout.model.expression import History, Reference, Typed
from playout.model.typed import parts

NODES = frozenset({"variable", "decision", "flow", "event"})
"""What is computed anew in every step and so has a place in the order."""


def reads(tree: Typed) -> Iterator[Reference]:
    """Every reference in a tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Reference):
            yield node
        waiting.extend(parts(node))


def reads_at_once(tree: Typed) -> Iterator[str]:
    """The variables, decisions, flows and events whose value in this step a tree needs.

    `total` needs none: it is what was added up before this step. `delay`, `change` and `smooth` do need their body,
    for at the start they take its value of that moment.
    """
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, History) and node.function == "total":
            waiting.extend(_histories(node.body))
            continue
        if isinstance(node, Reference) and node.what in NODES:
            yield node.name
        waiting.extend(parts(node))


def _histories(tree: Typed) -> Iterator[Typed]:
    """The histories inside a tree: those within a `total` are kept from this step's values."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, History):
            yield node
        else:
            waiting.extend(parts(node))


def order(needs: Mapping[str, Collection[str]]) -> tuple[tuple[str, ...], list[list[str]]]:
    """An order in which each name stands after all it needs, file order kept where it can be; and the loops.

    A loop is a list of names of which each needs the next and the last the first; of names that are tangled in
    several loops the shortest is given. With loops the order is empty.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((needed, name) for name, all_ in needs.items() for needed in all_ if needed in needs)
    place = {name: position for position, name in enumerate(needs)}
    loops = [
        _shortest_loop(graph.subgraph(tangle), place)
        for tangle in nx.strongly_connected_components(graph)
        if len(tangle) > 1 or graph.has_edge(*(list(tangle) * 2))
    ]
    if loops:
        return (), sorted(loops, key=lambda loop: place[loop[0]])
    return tuple(nx.lexicographical_topological_sort(graph, key=place.__getitem__)), []


def _shortest_loop(tangle: nx.DiGraph, place: Mapping[str, int]) -> list[str]:
    """The shortest loop in a tangle, starting at its first name in file order, each name needing the next."""
    best: list[str] | None = None
    for name in sorted(tangle, key=place.__getitem__):
        if tangle.has_edge(name, name):
            return [name]
        for needed in sorted(tangle.predecessors(name), key=place.__getitem__):
            path = nx.shortest_path(tangle, name, needed)  # edges run from what is needed to what needs it
            if best is None or len(path) < len(best):
                best = list(reversed(path))
    assert best is not None
    first = min(range(len(best)), key=lambda n: place[best[n]])
    return best[first:] + best[:first]


def reachable(start: str, ways: Iterable[tuple[str, str]]) -> set[str]:
    """The stages that can be reached from the first one."""
    graph = nx.DiGraph()
    graph.add_node(start)
    graph.add_edges_from(ways)
    return {start, *nx.descendants(graph, start)}


def passed_before(start: str, ways: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """For each reachable stage, the stages that every way to it passes through, itself included (its dominators)."""
    graph = nx.DiGraph()
    graph.add_node(start)
    graph.add_edges_from(ways)
    above = dict(nx.immediate_dominators(graph, start))
    above.pop(start, None)
    result: dict[str, frozenset[str]] = {}
    for stage in {start, *above}:
        chain, here = {stage}, stage
        while here != start and here in above and above[here] is not None:
            here = above[here]
            chain.add(here)
        result[stage] = frozenset(chain)
    return result
