"""What depends on what within a step, and which stages lead to which.

networkx explains what is wrong with a graph; it takes longer to load than most scenarios to check, so the sound ones
are walked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from playout.model.expression import EndOdds, History, Reference, Typed
from playout.model.typed import parts

if TYPE_CHECKING:
    import networkx as nx

NODES = frozenset({"variable", "decision", "game", "flow", "event"})
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
    """The variables, decisions, games, flows and events whose value in this step a tree needs.

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
        elif isinstance(node, EndOdds):
            yield node.game
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
    place = {name: position for position, name in enumerate(needs)}
    missing = {name: {needed for needed in all_ if needed in needs} for name, all_ in needs.items()}
    needed_by = _successors((needed, name) for name, all_ in missing.items() for needed in all_)
    ready = [(place[name], name) for name, all_ in missing.items() if not all_]
    heapify(ready)
    ordered: list[str] = []
    while ready:
        _, name = heappop(ready)
        ordered.append(name)
        for after in needed_by[name]:
            missing[after].remove(name)
            if not missing[after]:
                heappush(ready, (place[after], after))
    return (tuple(ordered), []) if len(ordered) == len(needs) else ((), _loops(needs, place))


def _successors(ways: Iterable[tuple[str, str]]) -> defaultdict[str, list[str]]:
    after: defaultdict[str, list[str]] = defaultdict(list)
    for here, there in ways:
        after[here].append(there)
    return after


def _loops(needs: Mapping[str, Collection[str]], place: Mapping[str, int]) -> list[list[str]]:
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((needed, name) for name, all_ in needs.items() for needed in all_ if needed in needs)
    loops = [
        _shortest_loop(graph.subgraph(tangle), place)
        for tangle in nx.strongly_connected_components(graph)
        if len(tangle) > 1 or graph.has_edge(*(list(tangle) * 2))
    ]
    return sorted(loops, key=lambda loop: place[loop[0]])


def _shortest_loop(tangle: nx.DiGraph, place: Mapping[str, int]) -> list[str]:
    """The shortest loop in a tangle, starting at its first name in file order, each name needing the next."""
    import networkx as nx

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
    after, found, waiting = _successors(ways), {start}, [start]
    while waiting:
        new = set(after[waiting.pop()]) - found
        found |= new
        waiting.extend(new)
    return found


def passed_before(start: str, ways: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """For each reachable stage, the stages that every way to it passes through, itself included (its dominators)."""
    every = list(ways)
    reached = reachable(start, every)
    before = _successors((there, here) for here, there in every if here in reached)
    passed = {stage: frozenset({start} if stage == start else reached) for stage in reached}
    changed = True
    while changed:  # from too many down to those that all ways share; stages are few
        changed = False
        for stage in reached - {start}:
            shared = frozenset.intersection(*(passed[here] for here in before[stage])) | {stage}
            changed |= shared != passed[stage]
            passed[stage] = shared
    return passed
