"""The network of ties: who stands where in which layer, and how each tie is drawn.

Layers stand under each other: the members of each set in one, in the order in which ties name the sets, and each actor
right above the highest of those it is tied to, so that no tie passes behind a box. Ties between layers run straight
down, ties within a layer as arcs below it. Coordinates are those of a drawing `WIDTH` wide.
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
BOX_HEIGHT = 62.0
APART = 12.0
"""Between boxes of a layer."""
GAP = 62.0
"""Between layers."""
SHALLOWEST, DEEPEST = 20.0, 128.0
"""How far an arc hangs below its layer: between neighbours, and at most."""
LETTER = 7.3
"""Width of a letter of a box's text."""
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
    """Each end's box, and how high the drawing is. Members keep their set's order, actors stand above."""
    partners: dict[End, dict[End, None]] = {}
    for tied in ties:
        partners.setdefault(tied.first, {})[tied.second] = None
        partners.setdefault(tied.second, {})[tied.first] = None
    order = list(titles)
    layers = _layers(sorted(partners, key=order.index), partners, [tie.ends for tie in scenario.ties.values()])
    x: dict[End, float] = {}
    for members in reversed(layers):  # from below, so that what is tied to a layer below stands over it
        x.update(_spread(members, {end: [x[other] for other in partners[end] if other in x] for end in members}))
    places: dict[End, _Box] = {}
    top = 2.0
    for number, members in enumerate(layers):
        width = min(WIDTH / len(members) - APART, 230.0)
        places.update({end: _Box(number, x[end], top, width) for end in members})
        within = [abs(x[end] - x[other]) for end in members for other in partners[end] if other in members]
        top += BOX_HEIGHT + (GAP if members is not layers[-1] else 8.0) + (_depth(max(within)) if within else 0.0)
    return places, top


def _layers(
    ends: Sequence[End], partners: Mapping[End, Iterable[End]], kinds: Iterable[Sequence[tuple[str, object]]]
) -> list[list[End]]:
    """Ends by layer, the top one first."""
    sets = list(
        dict.fromkeys(name for kind in kinds for name, _ in kind if any(e.place == name and e.member for e in ends))
    )
    height = {name: len(sets) - place for place, name in enumerate(sets)}
    found: dict[int, list[End]] = {}
    for end in ends:
        own = height[end.place] if end.member else 1 + max(height.get(other.place, 0) for other in partners[end])
        found.setdefault(own, []).append(end)
    return [found[level] for level in sorted(found, reverse=True)]


def _spread(members: Sequence[End], over: Mapping[End, Sequence[float]]) -> dict[End, float]:
    """Where the boxes of a layer stand: over the middle of what they are tied to below, else evenly."""
    step = WIDTH / len(members)
    wanted = {end: step * (place + 0.5) for place, end in enumerate(members)}
    wanted |= {end: sum(below) / len(below) for end, below in over.items() if below}
    least = min(step, 230.0 + APART)
    found: dict[End, float] = {}
    edge = least / 2
    for place, end in enumerate(sorted(members, key=lambda end: wanted[end])):
        found[end] = min(max(wanted[end], edge), WIDTH - least * (len(members) - place - 0.5))
        edge = found[end] + least
    return found


def _depth(apart: float) -> float:
    """How far an arc between two that stand so far apart hangs below them."""
    return SHALLOWEST + (DEEPEST - SHALLOWEST) * apart / WIDTH


def _path(one: _Box, other: _Box) -> str:
    """Straight down from one layer to another, with a bend; an arc below where both stand in one."""
    if one.layer == other.layer:
        left, right = sorted((one.x, other.x))
        bottom = one.y + BOX_HEIGHT
        deep = bottom + _depth(right - left) / 0.75  # a cubic curve goes three quarters of the way to its handles
        return f"M{left:.1f},{bottom:.1f} C{left:.1f},{deep:.1f} {right:.1f},{deep:.1f} {right:.1f},{bottom:.1f}"
    high, low = sorted((one, other), key=lambda box: box.layer)
    start, end = high.y + BOX_HEIGHT, low.y
    middle = (start + end) / 2
    return f"M{high.x:.1f},{start:.1f} C{high.x:.1f},{middle:.1f} {low.x:.1f},{middle:.1f} {low.x:.1f},{end:.1f}"


def _lines(title: str, width: float) -> list[str]:
    """A title in at most four lines that fit a box."""
    lines = textwrap.wrap(title, max(8, int(width / LETTER)), break_long_words=False)
    return lines if len(lines) <= 4 else [*lines[:3], lines[3] + "…"]
