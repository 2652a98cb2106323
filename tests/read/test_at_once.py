"""All that is wrong with a scenario is said at once: form, names, units and dates together, and nothing that only follows."""

from __future__ import annotations

from pathlib import Path

import pytest

import playout
from playout.errors import Diagnostic, ScenarioError
from playout.model.check import check
from playout.read.decode import SECTIONS, read_text_partly
from playout.read.nodes import Entry, Mapping, SourceText
from playout.read.yaml import parse_yaml

SHIPPED = Path(playout.__file__).parent / "scenarios"
TEXTS = {
    "ceasefire": (SHIPPED / "ceasefire" / "scenario.yaml").read_text(encoding="utf-8"),
    "coin_and_die": (SHIPPED / "coin_and_die" / "scenario.yaml").read_text(encoding="utf-8"),
    "sanctions": (SHIPPED / "sanctions" / "scenario.yaml").read_text(encoding="utf-8"),
    "everything": (Path(__file__).parents[1] / "docs" / "base.yaml").read_text(encoding="utf-8"),
}

PLANTED = ["  planted_units: 1 usd + 1 week", "  planted_name: 2 * nothing_of_that_name"]


def definitions(text: str) -> list[tuple[str, Entry, int, int]]:
    """Every definition of a scenario: its section, itself, its first line and the line behind its last, from 0."""
    root = parse_yaml(SourceText("s.yaml", text), [])
    assert isinstance(root, Mapping)
    starts = sorted({entry.key.span.line for entry in root.entries} | {len(text.splitlines()) + 1})
    found = []
    for section in root.entries:
        if section.key.text in SECTIONS and isinstance(section.value, Mapping):
            end = next(line for line in starts if line > section.key.span.line)
            lines = [*(entry.key.span.line for entry in section.value.entries), end]
            for entry, first, last in zip(section.value.entries, lines, lines[1:], strict=False):
                if first == section.key.span.line:  # all on one line
                    continue
                found.append((section.key.text, entry, first - 1, last - 1))
    return found


def said(text: str) -> list[Diagnostic]:
    try:
        check(*read_text_partly(text, "s.yaml"))
    except ScenarioError as wrong:
        return list(wrong.diagnostics)
    return []


BROKEN = [
    pytest.param(name, number, id=f"{name}-{section}-{entry.key.text}")
    for name, text in TEXTS.items()
    for number, (section, entry, _, _) in enumerate(definitions(text))
    if section != "sets"
]


def broken(name: str, number: int) -> tuple[list[str], range]:
    """A scenario's lines, one of whose definitions has a key that it cannot have, and the lines it now stands on."""
    lines = TEXTS[name].splitlines()
    _, entry, first, last = definitions(TEXTS[name])[number]
    node = entry.value
    if isinstance(node, Mapping) and node.span.line == first + 1:  # { }
        line = lines[first]
        lines[first] = f"{line[: node.span.column]}no_such_key: 1, {line[node.span.column :]}"
    elif isinstance(node, Mapping):
        lines.insert(first + 1, " " * (node.span.column - 1) + "no_such_key: 1")
        last += 1
    else:
        indent = " " * (len(lines[first]) - len(lines[first].lstrip()))
        lines[first:last] = [f'{indent}"{entry.key.text}": {{no_such_key: 1}}']
        last = first + 1
    return lines, range(first + 1, last + 1)


@pytest.mark.parametrize(("name", "number"), BROKEN)
def test_a_definition_that_cannot_be_read_is_all_that_is_wrong(name: str, number: int) -> None:
    lines, where = broken(name, number)
    found = said("\n".join(lines) + "\n")
    assert found
    assert {diagnostic.span.line for diagnostic in found} <= set(where), [d.message for d in found]


@pytest.mark.parametrize(("name", "number"), BROKEN)
def test_what_else_is_wrong_is_said_as_well(name: str, number: int) -> None:
    lines, _ = broken(name, number)
    if "variables:" not in lines:
        lines.append("variables:")
    at = lines.index("variables:") + 1
    whole = [*lines[:at], *PLANTED, *lines[at:]]
    codes = {diagnostic.code for diagnostic in said("\n".join(whole) + "\n")}
    assert {"units", "unknown-name"} <= codes
    assert codes & {"unknown-key", "missing-key", "unknown-member"}


def test_what_follows_over_variables_is_not_said() -> None:
    """`now` is true or false, which only its own equation tells, and so is what copies it."""
    lines = TEXTS["coin_and_die"].splitlines()
    section = ["variables:", "  now: 3 <", "  copied: now", "  again: copied", "  chosen: 1 if again else 2"]
    found = said("\n".join([*lines, *section]) + "\n")
    assert [diagnostic.code for diagnostic in found] == ["syntax"]
