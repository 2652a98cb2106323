"""A setting as a scenario file: the scenario as written, in one file, with what the setting changes in it.

What the setting believes of the world goes into the views (into one of its own where the scenario has none), since a
view describes the world under every policy; what it chooses is a policy, `MINE`. Tables and sets that a scenario reads
from CSV files are written out, so that the file stands by itself.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playout.compile.lower.variant import VIEW
from playout.errors import UsageError
from playout.model.checked import Change, CheckedScenario
from playout.model.expression import Constant
from playout.model.scenario import Assignment, Scenario, Set, Table
from playout.present.web.pictures import differs
from playout.present.web.settings import Way, lever_columns
from playout.simulate.design import Design
from playout.simulate.matrix import belief_rows
from playout.simulate.result import labelled

MINE = "my_setting"

Written = dict[str, Any]
"""A mapping of YAML with its comments."""


def setting_yaml(way: Way) -> str:
    """The text of a file that `playout check` takes, and that `playout run --policy my_setting` plays as here.

    Refuses, with a UsageError, settings that the language cannot say.
    """
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    root = _joined(way.written.scenario, yaml)
    _without_files(root, way.written.scenario)
    _views(root, way)
    _policy(root, way)
    stream = io.StringIO()
    yaml.dump(root, stream)
    return "\n".join([*_head(way), stream.getvalue()])


def _head(way: Way) -> Iterator[str]:
    yield f"# A setting of `{way.setting.scenario}`. What differs from the scenario as written:"
    changes = [" ".join(change["text"].split()) for change in differs(way)]
    for text in changes or ["Nothing."]:
        yield f"#   {text}"
    policy = f" --policy {MINE}" if _has_policy(way) else ""
    yield f"# To play it: playout run THIS_FILE{policy} --seed {way.seed}"


def _joined(scenario: Scenario, yaml: Any) -> Written:
    """All files of a scenario as one: its header, and each section with what every file has in it."""
    root: Written | None = None
    for name, lines in scenario.lines.items():
        if name.lower().endswith(".csv"):
            continue
        tree = yaml.load("\n".join(lines) + "\n")
        if root is None:
            root = tree
            continue
        for section, content in (tree or {}).items():
            if not root.get(section):
                root[section] = content
            elif isinstance(content, list):
                root[section].extend(content)
            else:
                root[section].update(content or {})
    assert root is not None
    root.pop("include", None)
    return root


# --- what stands in other files ---------------------------------------------------------------------------------------


def _without_files(root: Written, scenario: Scenario) -> None:
    """Write out what the scenario reads from files beside it; how a forecast did is left to the original."""
    if isinstance(root.get("headline"), dict):
        root["headline"].pop("held_out", None)
    for name, content in (root.get("sets") or {}).items():
        if isinstance(content, dict) and "from" in content:
            root["sets"][name] = _members(scenario.sets[name])
    for heading, content in (root.get("tables") or {}).items():
        if isinstance(content, dict) and "file" in content:
            table = scenario.tables[heading.partition("[")[0].strip()]
            for key in ("file", "columns", "otherwise"):
                content.pop(key, None)
            content["values"] = _values(table, scenario)
            content["otherwise"] = 0


def _members(own: Set) -> Written:
    named: Written = {member.name: {"title": member.title or member.name} for member in own.members if not member.spare}
    return {**named, "spare": own.spares} if own.spares else named


def _values(table: Table, scenario: Scenario) -> Written:
    """A table's numbers by member, zeros left out but the first."""
    values: Written = {}
    for place, labels in enumerate(itertools.product(*(scenario.sets[name].labels for name in table.sets))):
        if table.values[place] == 0.0 and place:
            continue
        inner = values
        for label in labels[:-1]:
            inner = inner.setdefault(label, {})
        inner[labels[-1]] = table.values[place]
    return values


# --- what is believed -------------------------------------------------------------------------------------------------


def _views(root: Written, way: Way) -> None:
    scenario = way.written.scenario
    if not scenario.views:
        if way.quantiles:
            lines = [f"{label} = {_number(_value(way, label, None, None))}" for label in way.quantiles]
            root["views"] = {MINE: {"title": "The levers as set here", "credence": 1, "is": lines}}
        return
    for place, name in enumerate(scenario.views):
        view = root["views"][name]
        if way.view is not None:
            view["credence"] = 1 if name == way.view else 0
        elif way.credences is not None:
            view["credence"] = round(way.credences[place], 9)
        if way.quantiles:
            pins = {label: _value(way, label, name, None) for label in way.quantiles}
            lines = _changed(way.written, scenario.views[name].assignments, way.written.views[name], pins, force=True)
            view["is"] = lines


def _value(way: Way, label: str, view: str | None, policy: str | None) -> float:
    """What a lever is at its quantile, in the belief's unit, before anything changes it inside the run."""
    column = lever_columns(way.written)[label]
    rows = [(column.name, column.member), *([(VIEW, 0)] if way.written.scenario.views else [])]
    design = Design(uniforms={label: [way.quantiles[label]]})
    drawn = belief_rows(way.written, rows, policy, view, design, 1).draw(0, 1, way.seed)
    return float(drawn[0, 0]) / way.written.scenario.beliefs[column.name].unit.factor


def _number(value: float) -> str:
    return f"{value:.12g}"


def _changed(
    checked: CheckedScenario,
    lines: Sequence[Assignment],
    changes: Sequence[Change],
    pins: Mapping[str, float],
    *,
    force: bool,
) -> list[str]:
    """The lines of a view or policy with some beliefs held at a number.

    force: whether what no line speaks of is held too. A line on several members, some of them held, becomes one for
    each. What acts on a belief inside the run acts on the number that it is held at.
    """
    scenario = checked.scenario
    left = dict(pins)
    found: list[str] = []
    for line in lines:
        name = line.target.name
        held = {label: value for label, value in pins.items() if label.partition("[")[0] == name}
        if not held or name not in scenario.beliefs:
            found.append(line.text)
            continue
        own = [change for change in changes if change.span == line.span]
        for label in _labels(scenario, name, own[0]):
            if label not in held:
                found.append(
                    f"{label}{line.text[line.text.index(line.operator) - 1 :]}" if label != name else line.text
                )
                continue
            if line.start is not None or line.until is not None:
                raise UsageError(f"`{label}` is changed for a part of the run only (`{line.text}`): set its lever back")
            left.pop(label, None)
            found.append(f"{label} = {_number(_acted(held[label], own[0], scenario.beliefs[name].unit.factor))}")
    if force:
        found += [f"{label} = {_number(value)}" for label, value in left.items()]
    return found


def _labels(scenario: Scenario, name: str, change: Change) -> list[str]:
    """The members that a change is of, as labels."""
    belief = scenario.beliefs[name]
    if belief.shared or not belief.sets:
        return [name]
    labels = itertools.product(*(enumerate(scenario.sets[own].labels) for own in belief.sets))
    wanted = change.members or (-1,) * len(belief.sets)
    return [
        labelled(name, [label for _, label in member])
        for member in labels
        if all(position in (-1, place) for position, (place, _) in zip(wanted, member, strict=True))
    ]


def _acted(value: float, change: Change, factor: float) -> float:
    """A number after a change that acts inside the run; a new law has acted already."""
    if change.law is not None or not isinstance(change.value, Constant):
        return value
    match change.operator:
        case "*=":
            return value * change.value.value
        case "+=":
            return value + change.value.value / factor
        case _:
            return change.value.value / factor


# --- what is chosen ---------------------------------------------------------------------------------------------------


def _has_policy(way: Way) -> bool:
    return way.setting.policy is not None or bool(way.setting.decisions)


def _policy(root: Written, way: Way) -> None:
    if not _has_policy(way):
        return
    scenario = way.written.scenario
    names = [part.strip() for part in (way.setting.policy or "").split("+") if part.strip()]
    lines: list[str] = []
    for name in names:
        policy, changes = scenario.policies[name], way.written.policies[name]
        spoken = {line.target.name for line in policy.assignments}
        pins = {label: _value(way, label, None, name) for label in way.quantiles if label.partition("[")[0] in spoken}
        lines += _changed(way.written, policy.assignments, changes, pins, force=False)
    decided = {label.partition("[")[0] for label in way.setting.decisions}
    lines = [
        line for line in lines if line.removeprefix("forbid ").partition("=")[0].split(".")[0].strip() not in decided
    ]
    lines += [f"{label} = {option}" for label, option in way.setting.decisions.items()]
    title = scenario.policies[names[0]].title if len(names) == 1 and not decided else "The choices taken here"
    policies = root.setdefault("policies", {})
    policies[MINE] = {"title": title or MINE, "is": lines}
