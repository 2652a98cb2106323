"""Conditions in words: tests of stages, decisions and options under the titles that the reader knows them by."""

from __future__ import annotations

from playout.model.expression import Attribute, Binary, Call, Expression, Name, Subscript, Unary
from playout.model.scenario import Scenario, Track
from playout.present.views.written import heading


def in_words(scenario: Scenario, condition: Expression) -> str:
    """ "Campaign: “Strikes” is reached", "Authority is “Finding”"; empty for what is not as simple as that."""
    match condition:
        case Call(function="reached" | "enters" as function, arguments=(Attribute(base=base, name=stage),)):
            verb = "is reached" if function == "reached" else "is entered"
            return _in_stage(scenario, base, stage, verb)
        case Attribute(base=base, name=name):
            return _in_stage(scenario, base, name, "is where it stands") or _chosen(scenario, base, name, "is")
        case Binary(operator="==" | "!=" as operator, left=Name() | Subscript() as left, right=Name(name=option)):
            return _chosen(scenario, left, option, "is" if operator == "==" else "is not")
        case Binary(operator="and" | "or" as operator, left=left, right=right):
            parts = [in_words(scenario, side) for side in (left, right)]
            mixed = any(isinstance(side, Binary) and side.operator in ("and", "or") for side in (left, right))
            return f" {operator} ".join(parts) if all(parts) and not mixed else ""
        case Unary(operator="not", operand=Call() as test):
            said = in_words(scenario, test)
            return f"{said.removesuffix(' is reached')} is not reached" if said.endswith(" is reached") else ""
    return ""


def _in_stage(scenario: Scenario, base: Name | Subscript, stage: str, verb: str) -> str:
    """A stage under its track's title; empty if it is none, or if no one member's."""
    track = scenario.tracks.get(_name(base))
    member = _member(scenario, base, track)
    if track is None or member is None:
        return ""
    found = next((own for own in track.stages if own.name == stage), None)
    whose = f"{heading(track.title, track.name)}{member}"
    return f"{whose}: “{heading(found.title, stage)}” {verb}" if found is not None else ""


def _chosen(scenario: Scenario, base: Name | Subscript, option: str, verb: str) -> str:
    """An option or end under its decision's or game's title; empty if it is none."""
    decision = scenario.chosen.get(_name(base))
    if decision is None or isinstance(base, Subscript):
        return ""
    found = next((own for own in scenario.outcomes(decision) if own.name == option), None)
    title = heading(decision.title, decision.name)
    return f"{title} {verb} “{heading(found.title, option)}”" if found is not None else ""


def _name(base: Name | Subscript) -> str:
    return base.name if isinstance(base, Name) else base.base.name


def _member(scenario: Scenario, base: Name | Subscript, track: Track | None) -> str | None:
    """Whose track it is: nothing without an index, a member's title with one; None where that is not one member."""
    if isinstance(base, Name):
        return ""
    if track is None or len(base.indices) != 1 or len(track.binders) != 1:
        return None
    index = base.indices[0]
    members = scenario.sets[track.binders[0].set].members
    found = next((own for own in members if isinstance(index, Name) and own.name == index.name), None)
    return f" of {heading(found.title, found.name)}" if found is not None else None
