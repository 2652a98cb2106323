"""Diagrams as SVG that stands by itself: the stages of a track with the ways between them, and what feeds what.

Both are drawn on paper of their own, light or dark as the reader's system asks, with text as text. Stages stand under
each other in file order; an arrow that leads on runs on the right, one that leads back on the left, each in a lane of
its own and under a number that the key below spells out. No arrow crosses a box, whatever the graph.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from playout.present.charts import DARK, LIGHT
from playout.present.document.causes import Causes
from playout.present.document.stages import Arrow, StageGraph

FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
MARGIN, LANE, PORT = 16, 24, 13
BOX = 320
KEY_WIDTH = 120
"""Characters of a line of the key; at its size a character is about 6.2 wide."""

CELL = 40


def draw_stages(graph: StageGraph) -> str:
    """The graph as SVG."""
    right = [arrow for arrow in graph.arrows if arrow.to > arrow.origin]
    left = [arrow for arrow in graph.arrows if arrow.to <= arrow.origin]
    lanes = {**_lanes(right), **_lanes(left)}
    rooms = [max(1 + max((lanes[a.number] for a in side), default=-1), 0) for side in (left, right)]
    x = MARGIN + LANE * (rooms[0] + 0.5)
    ports = [_ports(side, place) for side in (left, right) for place in range(len(graph.stages))]
    many = len(graph.stages)
    heights = [max(PORT * max(len(ports[n]), len(ports[many + n])) + 14, 50) for n in range(many)]
    tops = [MARGIN + 34 + sum(heights[:n]) + 22 * n for n in range(many)]
    parts = [_text(MARGIN, MARGIN + 14, graph.title, "title")]
    for n, (title, stay) in enumerate(graph.stages):
        middle = tops[n] + heights[n] / 2
        parts.append(f'<rect class="box" x="{x:g}" y="{tops[n]:g}" width="{BOX}" height="{heights[n]:g}" rx="6"/>')
        parts.append(_text(x + 14, middle + (-2 if stay else 5), title, "name"))
        parts += [_text(x + 14, middle + 15, stay, "small")] if stay else []
    for arrow in graph.arrows:
        on = arrow.to > arrow.origin
        side = many if on else 0
        out, into = (
            tops[place]
            + (heights[place] - PORT * (len(ports[side + place]) - 1)) / 2
            + PORT * ports[side + place].index(end)
            for place, end in ((arrow.origin, (arrow.number, "out")), (arrow.to, (arrow.number, "in")))
        )
        edge, way = (x + BOX, 1) if on else (x, -1)
        parts.append(_arrow(edge, way, out, into, edge + way * LANE * (lanes[arrow.number] + 1), arrow))
    y = tops[-1] + heights[-1] + 34
    for line in _key(graph):
        parts.append(_text(MARGIN, y, line, "key"))
        y += 17
    width = max(x + BOX + LANE * (rooms[1] + 0.5) + MARGIN, KEY_WIDTH * 6.4 + 2 * MARGIN)
    what = f"{graph.title}: {len(graph.stages)} stages and the ways between them. " + " ".join(_key(graph))
    return _svg(width, y, graph.title, what, parts)


def _lanes(arrows: Iterable[Arrow]) -> dict[int, int]:
    """A lane for each arrow, counted from the boxes outwards, so that no two in one lane share a row."""
    taken: list[list[tuple[int, int]]] = []
    found: dict[int, int] = {}
    for arrow in sorted(arrows, key=lambda a: (abs(a.to - a.origin), min(a.to, a.origin), a.number)):
        low, high = sorted((arrow.origin, arrow.to))
        lane = next(
            (n for n, rows in enumerate(taken) if all(high < start or end < low for start, end in rows)), len(taken)
        )
        taken += [[]] if lane == len(taken) else []
        taken[lane].append((low, high))
        found[arrow.number] = lane
    return found


def _ports(arrows: Sequence[Arrow], place: int) -> list[tuple[int, str]]:
    """Where arrows touch a box on one side, from top to bottom, so that lanes nest: those to and from above first."""
    above = [(abs(a.to - a.origin), a.number, "in") for a in arrows if a.to == place and a.origin < place]
    above += [(abs(a.to - a.origin), a.number, "out") for a in arrows if a.origin == place and a.to <= place]
    below = [(abs(a.to - a.origin), a.number, "out") for a in arrows if a.origin == place and a.to > place]
    below += [(abs(a.to - a.origin), a.number, "in") for a in arrows if a.to == place and a.origin >= place]
    ordered = [*sorted(above), *sorted(below, reverse=True)]
    return [(number, end) for _, number, end in ordered]


def _arrow(edge: float, way: int, out: float, into: float, lane: float, arrow: Arrow) -> str:
    """From the edge of one box along a lane to the edge of another, with a head and its number."""
    turn = 6 if into > out else -6
    path = (
        f"M{edge:g},{out:g} H{lane - way * 6:g} Q{lane:g},{out:g} {lane:g},{out + turn:g} "
        f"V{into - turn:g} Q{lane:g},{into:g} {lane - way * 6:g},{into:g} H{edge + way * 5:g}"
    )
    head = f"{edge:g},{into:g} {edge + way * 8:g},{into - 4:g} {edge + way * 8:g},{into + 4:g}"
    middle = (out + into) / 2
    style = "way rate" if arrow.by_rate else "way"
    return (
        f'<path class="{style}" d="{path}"/><polygon class="head" points="{head}"/>'
        f'<circle class="badge" cx="{lane:g}" cy="{middle:g}" r="9"/>'
        f'<text class="number" x="{lane:g}" y="{middle + 3.5:g}">{arrow.number}</text>'
    )


def _key(graph: StageGraph) -> list[str]:
    """What each number stands for, wrapped."""
    lines = [
        "Whole lines: where a stay leads when it ends. Broken lines: moves at a rate a year while the stage holds."
    ]
    for arrow in graph.arrows:
        ends = f"{_short(graph.stages[arrow.origin][0])} → {_short(graph.stages[arrow.to][0])}"
        lines += textwrap.wrap(f"{arrow.number}  {ends}: {arrow.words}", KEY_WIDTH, subsequent_indent="\u2003\u2002")
    return lines


def _short(title: str) -> str:
    """A stage's title without its number: "Step 3: campaign" is "campaign"."""
    head, colon, tail = title.partition(": ")
    return tail if colon and len(head) <= 8 else title


def draw_causes(causes: Causes, title: str) -> str:
    """The causal map as a matrix: a row gives, a column takes, and a cell says how many names."""
    groups = list(causes.groups)
    left = MARGIN + 8 + 7.5 * max(len(text) for text in causes.groups.values())
    top = MARGIN + 62 + 5.2 * max(len(text) for text in causes.groups.values())
    parts = [
        _text(MARGIN, MARGIN + 14, title, "title"),
        _text(MARGIN, MARGIN + 34, "A row gives, a column takes; the number says how many names are read.", "small"),
    ]
    for place, name in enumerate(groups):
        x, y = left + CELL * place, top + CELL * place  # of the cell on the diagonal
        parts.append(_text(left - 10, y + CELL / 2 + 4, causes.groups[name], "row"))
        turned = f'transform="rotate(-45 {x + CELL / 2:g} {top - 8:g})"'
        parts.append(
            f'<text class="column" x="{x + CELL / 2:g}" y="{top - 8:g}" {turned}>{escape(causes.groups[name])}</text>'
        )
        for column, other in enumerate(groups):
            names = causes.feeds.get((name, other), ())
            style = "self" if name == other else "cell"
            spot = f'x="{left + CELL * column:g}" y="{y:g}" width="{CELL}" height="{CELL}"'
            parts.append(f'<rect class="{style}" {spot}/>')
            if names:
                said = escape(f"{causes.groups[name]} → {causes.groups[other]}: {', '.join(names)}")
                shade = min(0.14 + 0.08 * len(names), 0.55)
                parts.append(f'<rect class="shade" {spot} fill-opacity="{shade:.2f}"><title>{said}</title></rect>')
                parts.append(_text(left + CELL * (column + 0.5), y + CELL / 2 + 5, str(len(names)), "count"))
    width = left + CELL * len(groups) + 3.8 * max(len(text) for text in causes.groups.values()) + MARGIN
    what = "; ".join(
        f"{causes.groups[a]} gives {causes.groups[b]} {len(names)}" for (a, b), names in causes.feeds.items()
    )
    return _svg(width, top + CELL * len(groups) + MARGIN, title, what, parts)


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text class="{style}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _svg(width: float, height: float, title: str, what: str, parts: Iterable[str]) -> str:
    width, height = round(width), round(height)
    body = "\n".join(parts)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    )
    dark = f"@media (prefers-color-scheme:dark){{{_style(DARK)}}}"
    return (
        f'{opening} role="img" aria-labelledby="title what">\n<title id="title">{escape(title)}</title>\n'
        f'<desc id="what">{escape(what)}</desc>\n<style>{_style(LIGHT)}{dark}</style>\n'
        f'<rect class="paper" width="{width}" height="{height}"/>\n{body}\n</svg>\n'
    )


def _style(colours: Mapping[str, str]) -> str:
    c = colours
    return (
        f"text{{font:13px {FONT};fill:{c['ink']}}}.title{{font-size:16px;font-weight:700}}.name,.row{{font-size:14px}}"
        f".small,.key{{font-size:12px;fill:{c['muted']}}}.key{{fill:{c['ink']}}}.row{{text-anchor:end}}"
        f".number,.count{{text-anchor:middle}}.number{{font-size:11px}}.count{{font-size:14px}}"
        f".paper,.badge{{fill:{c['paper']}}}.box{{fill:none;stroke:{c['ink']};stroke-width:1.3}}"
        f".way{{fill:none;stroke:{c['muted']};stroke-width:1.3}}.rate{{stroke-dasharray:5 3}}.head{{fill:{c['muted']}}}"
        f".badge{{stroke:{c['muted']}}}.cell,.self{{fill:none;stroke:{c['line']}}}.self{{fill:{c['line']}}}.shade{{fill:{c['accent']}}}"
    )
