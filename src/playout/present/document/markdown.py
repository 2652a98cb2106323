"""A document as Markdown: equations in text blocks, everything else in tables and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playout.model.coverage import coverage
from playout.present.document import definitions
from playout.present.document.definitions import end, number
from playout.present.document.parts import Row
from playout.present.verdict import coverage_lines, steps_words
from playout.present.views.support import CREDIBILITY, RELIABILITY
from playout.present.views.written import heading
from playout.present.words import day

if TYPE_CHECKING:
    from playout.present.document.select import Document

TITLES = {
    "actors": "Who acts", "sets": "Sets", "systems": "Systems", "ties": "Ties",
    "tables": "Known numbers", "beliefs": "Beliefs",
    "together": "Beliefs that go together", "groups": "Beliefs that are weighed together",
    "stocks": "Stocks", "variables": "Variables", "tracks": "Tracks", "decisions": "Decisions", "games": "Games",
    "events": "Events",
    "measures": "Measures", "questions": "Questions", "indicators": "Indicators", "observations": "Observations",
    "policies": "Policies", "views": "Views", "evidence": "Evidence", "sources": "Sources",
    "coverage": "What the numbers rest on",
}  # fmt: skip

RESTS_ON = {"fact": "fact", "judgement": "judgement only", "assumed": "assumed", "nothing": "nothing"}


def markdown_of(document: Document, level: int = 2) -> str:
    """The document; its headings begin at ``level``, the scenario's own title, where it is shown, one above."""
    blocks = list(_introduction(document, level)) if document.whole else []
    for section, rows in document.sections.items():
        if section == "systems" and not document.whole and len(rows) == 1:
            blocks += _system(rows[0])
            continue
        blocks.append(f"{'#' * level} {TITLES[section]}")
        blocks += _WRITERS[section](rows)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _introduction(document: Document, level: int) -> Iterator[str]:
    scenario = document.checked.scenario
    yield f"{'#' * max(level - 1, 1)} {scenario.title}"
    yield " ".join(scenario.description.split())
    yield "\n".join(f"- {sentence}" for sentence in scenario.face)
    checked = document.checked
    rests = "; ".join(coverage_lines(coverage(checked)))
    yield f"From {day(scenario.start)} to {day(checked.end)} in {steps_words(checked)}; {rests}."


# --- tables -----------------------------------------------------------------------------------------------------------


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _named(row: Row) -> str:
    indexes = row.get("members") or row.get("indexes")
    name = _code(row["name"] + (f"[{', '.join(indexes)}]" if indexes else ""))
    return f"{name} {row['title']}" if "title" in row else name


def _unit(row: Row) -> str:
    return "" if row.get("unit") in (None, "1") else str(row["unit"])


def _beliefs(rows: Sequence[Row]) -> Iterator[str]:
    def quantiles(row: Row) -> str:
        if "p05" not in row:
            return "drawn anew in every step" if row.get("each") == "step" else ""
        if row["p05"] == row["p95"]:
            return number(row["p50"])
        return " · ".join(number(row[key]) for key in ("p05", "p50", "p95"))

    def grounds(row: Row) -> str:
        cited = [
            f"{_code(own['evidence'])} {own['grade']}" + (f", {own['source']}" if "source" in own else "")
            for own in row.get("because", ())
        ]
        return "; ".join([*cited, *([row["assumed"]] if "assumed" in row else [])])

    columns = ("belief", "as written", "5% · 50% · 95%", "unit", "bounds", "rests on", "evidence and grade, or reason")
    yield table(
        columns,
        (
            (
                _named(row), _code(row["is"].removesuffix(" (90% interval)")), quantiles(row), _unit(row),
                f"{end(row['within'][0], '−∞')} to {end(row['within'][1], '∞')}" if "within" in row else "",
                RESTS_ON[row["rests_on"]], grounds(row),
            )
            for row in rows
        ),
    )  # fmt: skip


def _tables(rows: Sequence[Row]) -> Iterator[str]:
    def values(row: Row) -> str:
        if not isinstance(row["values"], Mapping):
            return number(row["values"])
        if any(isinstance(value, Mapping) for value in row["values"].values()):
            return "below"
        return ", ".join(f"{name} {number(value)}" for name, value in row["values"].items())

    def grounds(row: Row) -> str:
        cited = [_code(name) for name in row.get("because", ())]
        return "; ".join(
            [*([", ".join(cited)] if cited else []), *(row[key] for key in ("assumed", "about") if key in row)]
        )

    yield table(
        ("number", "value", "unit", "evidence, or reason"),
        ((_named(row), values(row), _unit(row), grounds(row)) for row in rows),
    )
    for row in rows:
        if isinstance(row["values"], Mapping) and any(isinstance(own, Mapping) for own in row["values"].values()):
            labels = list(next(iter(row["values"].values())))
            cells = ([name, *(number(own[label]) for label in labels)] for name, own in row["values"].items())
            yield table([_named(row), *labels], cells)


def _together(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        ("beliefs", "Spearman's ρ"), ((", ".join(map(_code, row["beliefs"])), number(row["spearman"])) for row in rows)
    )


def _groups(rows: Sequence[Row]) -> Iterator[str]:
    def held(row: Row) -> str:
        return ", ".join([*map(_code, row["beliefs"]), *(["the choice of a view"] if "views" in row else [])])

    yield "\n".join(f"- {_named(row)}: {held(row)}" for row in rows)


def _measures(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        ("measure", "of", "per", "unit", ""),
        (
            (_named(row), _code(row["of"]), row.get("per", "level"), _unit(row), "people" if "people" in row else "")
            for row in rows
        ),
    )


def _questions(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        ("question", "by", "yes if", "settled by"),
        (
            (f"{_code(row['name'])} {row['ask']}", row["by"], _code(row["that"]) + _given(row), row.get("source", ""))
            for row in rows
        ),
    )


def _given(row: Row) -> str:
    return f" given {_code(row['given'])}" if "given" in row else ""


def _indicators(rows: Sequence[Row]) -> Iterator[str]:
    def seen(row: Row) -> str:
        if "observes" in row:
            return f"observes {_code(row['observes'])}" + (
                f" with noise {_code(row['noise'])}" if "noise" in row else ""
            )
        return ", ".join(f"{test} {chance}" for test, chance in row.get("chance", {}).items())

    yield table(
        ("indicator", "per", "chance that it is seen"),
        ((f"{_code(row['name'])} {row['what']}", row["per"], seen(row)) for row in rows),
    )


def _observations(rows: Sequence[Row]) -> Iterator[str]:
    def shown(row: Row) -> str:
        return f"{row['value']:,g}" if "value" in row else "seen" if row["seen"] else "not seen"

    yield table(
        ("observation", "of", "date", "what was observed", "evidence"),
        (
            (
                _code(row["name"]), _code(row["of"]), row["date"], shown(row),
                ", ".join(_code(name) for name in row.get("because", ())),
            )
            for row in rows
        ),
    )  # fmt: skip


def _evidence(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        ("evidence", "date", "claim", "kind, grade", "hedge; status", "source"),
        (
            (
                _code(row["name"]), row.get("date", ""), row["claim"], f"{row['kind']}, {row['grade']}",
                "; ".join(row[key] for key in ("hedge", "status") if key in row), _code(row["source"]),
            )
            for row in rows
        ),
    )  # fmt: skip
    letters = ", ".join(f"{letter} {words}" for letter, words in RELIABILITY.items())
    digits = ", ".join(f"{digit} {words}" for digit, words in CREDIBILITY.items())
    yield f"Grades are the NATO admiralty code: of the source, {letters}; of the claim, {digits}."


def _sources(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        ("source", "author or publisher", "title", "date", "address"),
        (
            (
                _code(row["name"]),
                row.get("author", ""),
                row.get("title", ""),
                row.get("date", ""),
                row.get("address", ""),
            )
            for row in rows
        ),
    )


def _coverage(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        ("", "cite a fact", "cite judgement only", "are assumed, with a reason", "rest on nothing"),
        ((row["of"], *(str(row[key]) for key in ("fact", "judgement", "assumed", "nothing"))) for row in rows),
    )


# --- lists ------------------------------------------------------------------------------------------------------------


def _listed(rows: Sequence[Row]) -> Iterator[str]:
    yield "\n".join(f"- {_named(row)}" + (f": {row['about']}" if "about" in row else "") for row in rows)


def _sets(rows: Sequence[Row]) -> Iterator[str]:
    def member(own: Row) -> str:
        return _named(own) + (f" ({own['about']})" if "about" in own else "") + (" (spare)" if "spare" in own else "")

    yield "\n".join(f"- {_code(row['name'])}: {'; '.join(member(own) for own in row['members'])}" for row in rows)


def _variants(rows: Sequence[Row]) -> Iterator[str]:
    def line(row: Row) -> Iterator[str]:
        credence = f" (credence {row['credence']:g})" if "credence" in row else ""
        yield f"- {_named(row)}{credence}" + (f": {row['about']}" if "about" in row else "")
        yield from (f"  - {_code(change)}" for change in row.get("is", ()))
        cited = ", ".join(_code(name) for name in row.get("because", ()))
        yield from [f"  - rests on {cited}"] if cited else []

    yield "\n".join(text for row in rows for text in line(row))


def _systems(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        ("system", "reads of others", "is read by", "decisions", "policies", "views"),
        (
            (
                heading(row.get("title", ""), row["name"]), _feeds(row["reads"]), ", ".join(row["read_by"]),
                *(", ".join(map(_code, names)) for names in row["turned_by"].values()),
            )
            for row in rows
        ),
    )  # fmt: skip


def _feeds(feeds: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{name} ({', '.join(map(_code, names))})" for name, names in feeds.items())


def _ties(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        ("tie", "between", "strength", "told of above"),
        (
            (heading(row.get("title", ""), row["name"]), " and ".join(row["between"]), _code(row["strength"]),
             f"{row.get('above', 0):g}")
            for row in rows
        ),
    )  # fmt: skip


def _system(row: Row) -> Iterator[str]:
    """A system that is shown by itself: its name is the page's affair."""
    lines = [
        ("Reads", _feeds(row["reads"])),
        ("Is read by", _feeds(row["read_by"])),
        *((f"Turned by {kind}", ", ".join(_code(name) for name in names)) for kind, names in row["turned_by"].items()),
    ]
    yield "\n".join(f"- {label}: {text}" for label, text in lines if text)


_WRITERS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "actors": _listed, "sets": _sets, "systems": _systems, "ties": _ties, "tables": _tables, "beliefs": _beliefs,
    "together": _together, "groups": _groups,
    "stocks": definitions.stocks, "variables": definitions.variables, "tracks": definitions.tracks,
    "decisions": definitions.decisions, "games": definitions.games, "events": definitions.events,
    "measures": _measures, "questions": _questions, "indicators": _indicators,
    "observations": _observations, "policies": _variants, "views": _variants,
    "evidence": _evidence, "sources": _sources, "coverage": _coverage,
}  # fmt: skip
