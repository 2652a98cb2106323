"""The stages from a file to an answer, one assignment each; one module for each verb that plays.

In:   a scenario file, folder or name, and what is asked
Out:  what the verb gives, data first

path             = find_scenario(name)               which file is meant
written, unread  = read_partly(path)                 YAML → Scenario, as written, and what could not be read
checked          = check_scenario(written, unread)   Scenario → CheckedScenario: names, units, meaning

What follows stands in `pipeline/run.py` and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playout.errors import Diagnostic, ScenarioError
from playout.model.check import check as check_scenario
from playout.model.checked import CheckedScenario
from playout.read.decode import read_partly
from playout.read.installed import find_scenario

if TYPE_CHECKING:
    from playout.compile.ir import Program
    from playout.present.document.select import Document

Progress = Callable[[str, int, int], None]
"""Told a stage's name, how much of it is done, and of how much."""

FUTURES = 10_000
"""How many are played unless the caller says how many, or how exactly."""


def silent(stage: str, done: int, total: int) -> None:
    """Progress that tells nobody."""


def load(scenario: str | Path, *, tables: str | Path | None = None) -> CheckedScenario:
    """A sound scenario. See `playout.load`."""
    path = find_scenario(scenario)
    written, unread = read_partly(path, None if tables is None else Path(tables))
    return check_scenario(written, unread)


@dataclass(frozen=True)
class Verdict:
    """What the checks say. scenario: None where it is unsound. diagnostics: errors, or warnings of a sound scenario."""

    scenario: CheckedScenario | None
    diagnostics: tuple[Diagnostic, ...]
    lines: dict[str, list[str]]

    @property
    def sound(self) -> bool:
        return self.scenario is not None


def check(scenario: str | Path, *, tables: str | Path | None = None) -> Verdict:
    """What is wrong with a scenario. See `playout.check`."""
    try:
        checked = load(scenario, tables=tables)
    except ScenarioError as wrong:
        return Verdict(None, wrong.diagnostics, dict(wrong.lines))
    return Verdict(checked, checked.warnings, dict(checked.scenario.lines))


def show(
    scenario: str | Path | CheckedScenario,
    what: Sequence[str] = (),
    *,
    inside: Sequence[str] = (),
    tables: str | Path | None = None,
) -> Document:
    """A scenario as a document. See `playout.show`."""
    from playout.present.document.select import document_of

    checked = scenario if isinstance(scenario, CheckedScenario) else load(scenario, tables=tables)
    return document_of(checked, what, inside)


def program_of(checked: CheckedScenario, policy: str | None = None) -> Program:
    """The Program that engines play."""
    from playout.compile.lower import lower
    from playout.compile.rewrite import rewrite
    from playout.simulate.policy import join_policies

    joined, name = join_policies(checked, [policy] if policy else [])
    lowered = lower(joined, name)
    return rewrite(lowered)
