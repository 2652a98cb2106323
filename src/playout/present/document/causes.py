"""What feeds what: the things of a scenario gathered in groups, and which of a group's names another group reads.

Groups are the systems that the scenario declares; without any its files, if there are several; else each thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario
from playout.model.systems import CAUSES, belonging, readings, things
from playout.present.views.written import heading


@dataclass(frozen=True, slots=True)
class Causes:
    """groups: their titles by name, in order. feeds: (from, to) → the names of the one that the other reads."""

    groups: Mapping[str, str]
    feeds: Mapping[tuple[str, str], tuple[str, ...]]


def causes_of(checked: CheckedScenario) -> Causes:
    """The causal map of a scenario: what changes as a future unfolds; known numbers and beliefs are no causes."""
    scenario = checked.scenario
    homes = _homes(checked)
    groups = _groups(checked, homes)
    position = {name: number for number, name in enumerate(groups)}
    feeds: dict[tuple[str, str], dict[str, None]] = {}
    changing = {name for kind, name in things(scenario) if kind in CAUSES}
    for (kind, name), read in readings(checked).items():
        if kind not in CAUSES or name not in homes:
            continue
        for other in read:
            if other in changing and homes.get(other, homes[name]) != homes[name]:
                feeds.setdefault((homes[other], homes[name]), {})[other] = None
    ordered = sorted(feeds, key=lambda pair: (position[pair[0]], position[pair[1]]))
    return Causes(groups, {pair: tuple(feeds[pair]) for pair in ordered})


def file_of(scenario: Scenario, file: str) -> str:
    """A file as the scenario's own folder names it."""
    folder = Path(scenario.path).parent
    path = Path(file)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def _homes(checked: CheckedScenario) -> Mapping[str, str]:
    """The group of each thing, by name."""
    scenario = checked.scenario
    if scenario.systems:
        return belonging(checked)
    every = {name: getattr(scenario, kind)[name] for kind, name in things(scenario) if kind in CAUSES}
    files = {name: file_of(scenario, thing.span.file) for name, thing in every.items()}
    return files if len(set(files.values())) > 1 else {name: name for name in every}


def _groups(checked: CheckedScenario, homes: Mapping[str, str]) -> Mapping[str, str]:
    """The titles of the groups that hold anything, in order."""
    scenario = checked.scenario
    if scenario.systems:
        return {name: heading(system.title, name) for name, system in scenario.systems.items()}
    titles = {
        name: heading(getattr(scenario, kind)[name].title, name) for kind, name in things(scenario) if kind in CAUSES
    }
    return {home: titles.get(home, home) for home in dict.fromkeys(homes.values())}
