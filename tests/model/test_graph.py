"""Graphs of names and of stages, against networkx."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from playout.model.graph import order, passed_before, reachable

NAMES = [f"n{number}" for number in range(7)]
WAYS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14)


def graph_of(ways: list[tuple[str, str]]) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(NAMES)
    graph.add_edges_from(ways)
    return graph


@given(WAYS)
def test_an_order_keeps_to_the_file_where_it_can_and_loops_are_found(ways: list[tuple[str, str]]) -> None:
    ordered, loops = order({name: [here for here, there in ways if there == name] for name in NAMES})
    graph = graph_of(ways)
    if nx.is_directed_acyclic_graph(graph):
        assert list(ordered) == list(nx.lexicographical_topological_sort(graph, key=NAMES.index))
        assert not loops
    else:
        assert not ordered
        steps = [(loop[n - 1], name) for loop in loops for n, name in enumerate(loop)]
        assert all(graph.has_edge(needed, name) for name, needed in steps)


@given(WAYS)
def test_reachable(ways: list[tuple[str, str]]) -> None:
    assert reachable("n0", ways) == {"n0", *nx.descendants(graph_of(ways), "n0")}


@given(WAYS)
def test_what_every_way_passes_through(ways: list[tuple[str, str]]) -> None:
    graph = graph_of(ways)
    for stage, passed in passed_before("n0", ways).items():
        without = {other: graph.subgraph(set(NAMES) - {other}) for other in NAMES if other not in ("n0", stage)}
        needed = {other for other, rest in without.items() if not nx.has_path(rest, "n0", stage)}
        assert passed == needed | {"n0", stage}
