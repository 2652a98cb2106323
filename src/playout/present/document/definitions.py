"""What moves a scenario, as blocks of text: equations with their units, one definition after the other."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from playout.present.document.parts import Row

WIDTH = 116
"""Columns of a text block; longer equations are wrapped."""


def _text_block(definitions: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "```text\n" + "\n\n".join("\n".join(lines) for lines in definitions) + "\n```"


def _defined(row: Row, unit: str = "") -> str:
    """The first line of a definition: its name with its indexes, its unit, its title."""
    name = row["name"] + (f"[{', '.join(row['indexes'])}]" if "indexes" in row else "")
    return "  ".join(part for part in (name, f"[{unit}]" if unit else "", row.get("title", "")) if part)


def _lines(pairs: Iterable[tuple[str, str]], indent: int = 4) -> Iterator[str]:
    """Labels and texts under each other, long texts wrapped."""
    kept = [(label, text) for label, text in pairs if text]
    wide = max((len(label) for label, _ in kept), default=0)
    for label, text in kept:
        start = " " * indent + label.ljust(wide) + ("  " if wide else "")
        whole = textwrap.wrap(text, max(WIDTH - len(start), 40), break_long_words=False, break_on_hyphens=False)
        yield start + whole[0]
        yield from (" " * len(start) + line for line in whole[1:])


def _because(row: Row) -> tuple[tuple[str, str], ...]:
    return (
        ("about", row.get("about", "")),
        ("because", ", ".join(row.get("because", ()))),
        ("assumed", row.get("assumed", "")),
    )


def stocks(rows: Sequence[Row]) -> Iterator[str]:
    """Stocks with what they start from and their flows."""

    def lines(row: Row) -> Iterator[str]:
        yield _defined(row, row["unit"])
        flows = [
            (f"{sign} {name}", rate)
            for sign, key in (("+", "plus"), ("-", "minus"))
            for name, rate in row.get(key, {}).items()
        ]
        within = f"{end(row['within'][0], '-inf')} to {end(row['within'][1], 'inf')}" if "within" in row else ""
        inherits = ("a splinter gets", row.get("inherits", ""))
        yield from _lines((("starts", row["starts"]), ("within", within), inherits, *flows, *_because(row)))

    yield from _text_block(lines(row) for row in rows)


def variables(rows: Sequence[Row]) -> Iterator[str]:
    """Variables, each equal to its equation."""
    yield from _text_block(
        [_defined(row, row.get("unit", "")), *_lines((("=", row["is"]), *_because(row)))] for row in rows
    )


def tracks(rows: Sequence[Row]) -> Iterator[str]:
    """Tracks, stage by stage, with every way out of each."""

    def lines(row: Row) -> Iterator[str]:
        yield _defined(row)
        yield from _lines(_because(row))
        for stage in row["stages"]:
            yield ""
            yield "  " + _defined(stage)
            ways = [("then " + share["to"], _way(share)) for share in stage.get("then", ())]
            moves = [
                (f"at a rate to {move['to']}", move["rate"] + (f", when {move['when']}" if "when" in move else ""))
                for move in row.get("moves", ())
                if stage["name"] in move["from"]
            ]
            yield from _lines((("lasts", stage.get("lasts", "")), *ways, *moves, *_because(stage)))

    yield from _text_block(lines(row) for row in rows)


def _way(share: Row) -> str:
    return ", ".join((share.get("share", "always"), *([f"when {share['when']}"] if "when" in share else [])))


def decisions(rows: Sequence[Row]) -> Iterator[str]:
    """Decisions with their options and what each is worth."""

    def lines(row: Row) -> Iterator[str]:
        yield _defined(row)
        due = row.get("when", "at the start") + (f", again every {row['every']}" if "every" in row else "")
        options = [
            (option["name"], option["value"] + (f"   open when {option['when']}" if "when" in option else ""))
            for option in row.get("options", ())
        ]
        chosen = f"a member of {row['choose']}, worth {row['value']}" if "choose" in row else ""
        yield from _lines(
            (
                ("by", row["by"]), ("due", due), ("before that", row.get("before", "")),
                ("rationality", row.get("rationality", "")), ("chooses", chosen), ("among", row.get("among", "")),
                *options, *_because(row),
            )
        )  # fmt: skip

    yield from _text_block(lines(row) for row in rows)


def games(rows: Sequence[Row]) -> Iterator[str]:
    """Games as trees: under each node its moves, and under each move where it leads; then what the ends are worth."""

    def lines(row: Row) -> Iterator[str]:
        yield _defined(row)
        due = row.get("when", "at the start") + (f", again every {row['every']}" if "every" in row else "")
        players = ", ".join(f"{name} is {actor}" for name, actor in row["players"].items())
        precisions = ", ".join(f"{player} {text}" for player, text in row["rationality"].items())
        yield from _lines(
            (
                ("players", players), ("due", due), ("before that", row.get("before", "")),
                ("rationality", precisions), *_because(row),
            )
        )  # fmt: skip
        yield ""
        yield from _branches(row, row["begins"], "  ")
        yield ""
        worths = [", ".join(f"{player} {text}" for player, text in each["worth"].items()) for each in row["ends"]]
        yield from _lines(zip((each["name"] for each in row["ends"]), worths, strict=True), indent=2)

    yield from _text_block(lines(row) for row in rows)


def _branches(row: Row, name: str, indent: str) -> Iterator[str]:
    """A node with all that follows it."""
    node = next(node for node in row["nodes"] if node["name"] == name)
    knows = f", knowing only {node['knows']}" if "knows" in node else ""
    yield f"{indent}{name}: " + (f"{node['by']} moves{knows}" if "by" in node else "chance")
    nodes = {each["name"] for each in row["nodes"]}
    for way in (*node.get("moves", ()), *node.get("chance", ())):
        odds = f" (odds {way['odds']})" if "odds" in way else ""
        if way["to"] in nodes:
            yield f"{indent}  {way['name']}{odds} →"
            yield from _branches(row, way["to"], indent + "    ")
        else:
            yield f"{indent}  {way['name']}{odds} → {way['to']}"


def events(rows: Sequence[Row]) -> Iterator[str]:
    """Events with their rate and what they do."""
    yield from _text_block(
        [
            _defined(row),
            *_lines(
                (
                    ("rate", row.get("rate", "")), ("when", row.get("when", "")),
                    *(("does" if place == 0 else "", effect) for place, effect in enumerate(row.get("does", ()))),
                    *_because(row),
                )
            ),
        ]
        for row in rows
    )  # fmt: skip


def end(value: float | None, open_: str) -> str:
    """An end of an interval, or the sign for one that is open."""
    return open_ if value is None else number(value)


def number(value: float) -> str:
    """A number for reading, to three digits."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        digits = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
        return digits.replace("-", "−")
    return f"{value:.3g}".replace("-", "−")
