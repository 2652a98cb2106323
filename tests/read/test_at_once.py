"""All that is wrong with a scenario is said at once: form, names, units and dates, and nothing that only follows."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


# --- files that are no YAML -------------------------------------------------------------------------------------------

NO_YAML = {
    "a quote that stays open": '"as if: it were never closed',
    "a bracket that stays open": "{is: [1, 2",
    "a colon too many": "a text: with another: colon",
    "a sign that begins nothing": "@what",
    "an anchor": "&here {is: 1}",
    "a tag": "!!python/object {is: 1}",
    "text behind a quote": '"quoted" and more',
    "a tab": "\n\t\tis: 1",
}


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_fault_of_yaml_is_said_and_nothing_that_follows(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TEXTS)))
    lines = TEXTS[name].splitlines()
    found = [d for d in definitions(TEXTS[name]) if d[0] != "sets"]
    numbers = sorted(data.draw(st.sets(st.sampled_from(range(len(found))), min_size=1, max_size=4)), reverse=True)
    expected = set()
    for number in numbers:  # from the end, so that lines before stay where they are
        _, entry, first, last = found[number]
        fault = data.draw(st.sampled_from(list(NO_YAML.values())))
        indent = " " * (len(lines[first]) - len(lines[first].lstrip()))
        if isinstance(entry.value, Mapping) and entry.value.span.line > first + 1:  # what follows stays under it
            changed = [f'{" " * (entry.value.span.column - 1)}"key": {fault}']
            lines[first + 1 : first + 1] = "\n".join(changed).splitlines()
            expected = {range(w.start + 1 + fault.count("\n"), w.stop + 1 + fault.count("\n")) for w in expected}
            expected.add(range(first + 2, last + 2 + fault.count("\n")))
        elif "\n" not in fault:
            lines[first:last] = [f'{indent}"{entry.key.text}": {fault}', *[""] * (last - first - 1)]
            expected.add(range(first + 1, first + 2))
    said_at = [diagnostic.span.line for diagnostic in said("\n".join(lines) + "\n")]
    assert all(any(line in where for where in expected) for line in said_at), (said_at, expected)
    assert all(sum(line in where for line in said_at) == 1 for where in expected), (said_at, expected)


def test_faults_of_yaml_form_names_and_units_in_one_file() -> None:
    lines = [*TEXTS["coin_and_die"].splitlines(), "variables:", "  open: [1", "  form: 3 +", *PLANTED]
    lines[lines.index(next(line for line in lines if line.startswith("title")))] = "title: A coin: and a die"
    codes = sorted(diagnostic.code for diagnostic in said("\n".join(lines) + "\n"))
    assert codes == ["syntax", "units", "unknown-name", "yaml", "yaml"]


@pytest.mark.bench
def test_a_large_file_full_of_faults_is_answered_in_seconds() -> None:
    header = "playout: 1\ntitle: T\nstart: 2025-01-01\nhorizon: 1 year\nstep: 1 week\nvariables:\n"
    begun = time.process_time()
    found = said(header + "".join(f"  v{n}: [\n" for n in range(20_000)))
    assert {diagnostic.code for diagnostic in found} == {"yaml"}
    assert time.process_time() - begun < 10
