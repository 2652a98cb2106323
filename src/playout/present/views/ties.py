"""The network of ties: who stands where in which layer, and how each tie is drawn.

Layers stand under each other: actors first, then the members of each set in the order in which ties name them. Ties
between layers run straight down, ties within a layer as arcs below it. Coordinates are those of a drawing `WIDTH` wide.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from playout.model.scenario import Scenario
from playout.model.ties import End, Tied
from playout.present.views.support import Entry
from playout.present.views.written import heading
from playout.present.words import quantity

WIDTH = 960.0
BOX_HEIGHT, LINE_HEIGHT = 52.0, 14.5
GAP = 74.0
"""Between layers."""
DEEPEST = 150.0
"""How far an arc hangs below its layer at most."""
THICKEST, THINNEST = 9.0, 1.2
KINDS = 4
"""Kinds that have a look of their own."""


@dataclass(frozen=True, slots=True)
class NodeView:
    """One end as a box: its middle and width, its title in lines, and the ties that meet in it by number."""

    name: str
    title: str
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    ties: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TieView:
    """One tie. path: as SVG draws it; width: of its line; kind: by number in `Network.kinds`. origin: see
    `origin.py`."""

    number: int
    kind: int
    first: str
    second: str
    said: str
    path: str
    width: float
    origin: str


@dataclass(frozen=True, slots=True)
class TieKind:
    """A kind of tie: what it is called, in which unit strength is counted, and what that rests on."""

    name: str
    title: str
    about: str
    unit: str
    assumed: str
    entries: tuple[Entry, ...]
    most: str


@dataclass(frozen=True, slots=True)
class Network:
    """All of it, ready to be drawn."""

    kinds: tuple[TieKind, ...]
    nodes: tuple[NodeView, ...]
    ties: tuple[TieView, ...]
    height: float

    @property
    def finding(self) -> str:
        """Its title: the strongest tie of the kind that ties most."""
        most = max(range(len(self.kinds)), key=lambda kind: sum(tie.kind == kind for tie in self.ties))
        strongest = max((tie for tie in self.ties if tie.kind == most), key=lambda tie: tie.width)
        return f"{self.kinds[most].title} is strongest between {strongest.first} and {strongest.second}"


def network(scenario: Scenario, ties: Sequence[Tied], entries: Mapping[str, Entry]) -> Network | None:
    """The network of a scenario's ties; None where it has none. entries: its evidence as a page has it, by name."""
    if not ties:
        return None
    titles = _titles(scenario)
    names = [name for name in scenario.ties if any(tied.kind == name for tied in ties)]
    places, height = _placed(scenario, ties, titles)
    drawn = []
    counts: dict[str, int] = {}
    for number, tied in enumerate(ties):
        place = counts[tied.kind] = counts.get(tied.kind, -1) + 1
        most = max(max(other.strength, other.back or 0.0) for other in ties if other.kind == tied.kind)
        strength = max(tied.strength, tied.back or 0.0)
        back = f" ({quantity(tied.back)} the other way)" if tied.back not in (None, tied.strength) else ""
        drawn.append(
            TieView(
                number=number,
                kind=names.index(tied.kind),
                first=titles[tied.first],
                second=titles[tied.second],
                said=f"{quantity(tied.strength)}{back}",
                path=_path(places[tied.first], places[tied.second]),
                width=THINNEST + (THICKEST - THINNEST) * strength / most,
                origin=f"ties/{tied.kind}/{place}/strength;ties/{tied.kind}/{place}/back",
            )
        )
    nodes = tuple(
        NodeView(
            name=f"{end.place}-{end.name}",
            title=titles[end],
            lines=tuple(_lines(titles[end], box.width)),
            x=box.x,
            y=box.y,
            width=box.width,
            ties=tuple(n for n, tied in enumerate(ties) if end in (tied.first, tied.second)),
        )
        for end, box in places.items()
    )
    return Network(tuple(_kind(scenario, name, ties, entries) for name in names), nodes, tuple(drawn), height)


def _titles(scenario: Scenario) -> dict[End, str]:
    titles = {End(actor.name): heading(actor.title, actor.name) for actor in scenario.actors.values()}
    for own in scenario.sets.values():
        titles |= {End(own.name, member.name): heading(member.title, member.name) for member in own.members}
    return titles


def _kind(scenario: Scenario, name: str, ties: Iterable[Tied], entries: Mapping[str, Entry]) -> TieKind:
    tie = scenario.ties[name]
    table = scenario.tables[tie.strength[0][0]]
    unit = "" if table.unit.text == "1" else table.unit.text
    return TieKind(
        name=name,
        title=heading(tie.title, name),
        about=" ".join((tie.about or table.about).split()),
        unit=unit,
        assumed=" ".join((table.support.assumed or "").split()),
        entries=tuple(entries[each] for each in table.support.names),
        most=quantity(max(max(tied.strength, tied.back or 0.0) for tied in ties if tied.kind == name)),
    )


@dataclass(frozen=True, slots=True)
class _Box:
    layer: int
    x: float
    y: float
    width: float


def _placed(scenario: Scenario, ties: Sequence[Tied], titles: Mapping[End, str]) -> tuple[dict[End, _Box], float]:
    """Each end's box, and how high the drawing is. Members stand in their set's order, actors in theirs."""
    ends = dict.fromkeys(end for tied in ties for end in (tied.first, tied.second))
    order = list(titles)
    layers: dict[str, list[End]] = {"": sorted((e for e in ends if not e.member), key=order.index)}
    for end in ends:
        if end.member:
            layers.setdefault(end.place, []).append(end)
    places: dict[End, _Box] = {}
    top = 2.0
    for number, members in enumerate(own for own in layers.values() if own):
        step = WIDTH / len(members)
        for place, end in enumerate(sorted(members, key=order.index)):
            places[end] = _Box(number, step * (place + 0.5), top, min(step - 10.0, 230.0))
        within = any(tied.first in members and tied.second in members for tied in ties)
        top += BOX_HEIGHT + GAP + (DEEPEST if within else 0.0)
    return places, top - GAP + 8.0


def _path(one: _Box, other: _Box) -> str:
    """Straight down from one layer to another, with a bend; an arc below where both stand in one."""
    if one.layer == other.layer:
        left, right = sorted((one.x, other.x))
        bottom = one.y + BOX_HEIGHT
        deep = bottom + 24.0 + (DEEPEST - 24.0) * 1.3 * (right - left) / WIDTH
        return f"M{left:.1f},{bottom:.1f} C{left:.1f},{deep:.1f} {right:.1f},{deep:.1f} {right:.1f},{bottom:.1f}"
    high, low = sorted((one, other), key=lambda box: box.layer)
    start, end = high.y + BOX_HEIGHT, low.y
    middle = (start + end) / 2
    return f"M{high.x:.1f},{start:.1f} C{high.x:.1f},{middle:.1f} {low.x:.1f},{middle:.1f} {low.x:.1f},{end:.1f}"


def _lines(title: str, width: float) -> list[str]:
    """A title in at most three lines that fit a box."""
    lines = textwrap.wrap(title, max(8, int(width / 6.6)), break_long_words=False)
    return lines if len(lines) <= 3 else [*lines[:2], lines[2] + "…"]
