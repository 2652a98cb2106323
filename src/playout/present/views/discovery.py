"""Boxes in words: what each limit says of its belief, and how much of what ends badly lies in the box."""

from __future__ import annotations

from playout.analyse.discovery.box import Box, Limit
from playout.analyse.discovery.discover import VIEW, Discovery, Found
from playout.analyse.ending import Clause, Ending, Event, Tail
from playout.model.scenario import Scenario
from playout.present.views.belief import belief_title
from playout.present.views.measures import in_unit
from playout.present.views.written import heading
from playout.present.words import count, percent, quantity


def input_title(scenario: Scenario, label: str) -> str:
    """What a belief, a member's belief, or the choice of a view is called."""
    return "The view" if label == VIEW else belief_title(scenario, label)


def value_words(scenario: Scenario, label: str, value: float) -> str:
    """A value of a belief in its unit: "5.7%", "2.1 a year"."""
    unit = scenario.beliefs[label.partition("[")[0]].unit.text
    if unit == "probability":
        return f"{quantity(100 * value)}%"
    return in_unit(quantity(value), unit)


def limit_words(scenario: Scenario, limit: Limit) -> str:
    """What a box asks a belief to be: "at least 0.3", "from 2 to 4 a year", "1", "2 or 4", "“Optimists” or
    “Sceptics”"."""
    if limit.kept is not None:
        if limit.name == VIEW:
            return " or ".join(f"“{heading(scenario.views[name].title, name)}”" for name in limit.kept)
        return " or ".join(value_words(scenario, limit.name, float(label)) for label in limit.kept)
    low, high = (None if end is None else value_words(scenario, limit.name, end) for end in (limit.low, limit.high))
    if low is None:
        return f"at most {high}"
    if high is None:
        return f"at least {low}"
    return f"from {low} to {high}" if limit.low != limit.high else f"{low}"


def condition(scenario: Scenario, box: Box) -> str:
    """All limits of a box: "“Consent” is at most 30% and “Leaks” is at least 2.1 a year"."""
    parts = [f"“{input_title(scenario, own.name)}” is {limit_words(scenario, own)}" for own in box.limits]
    if not parts:
        return "no limit on any belief"
    return " and ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def share_words(box: Box) -> str:
    """How much of what ends badly lies in a box, and how much of what lies in it ends badly."""
    return (
        f"{percent(box.coverage)} of the bad futures lie here, and {percent(box.density)} of the futures here are bad, "
        f"against {percent(box.base_rate)} of all"
    )


def rule(scenario: Scenario, box: Box) -> str:
    """The sentence of a box."""
    said = condition(scenario, box)
    return f"{said[:1].upper()}{said[1:]}: {share_words(box)}."


def held_out_words(found: Found) -> str:
    """How the box fares in futures that it was not chosen by."""
    again = found.reproduced
    if again is None or again.coverage is None or again.density is None:
        return ""
    return (
        f"Boxes chosen in the same way in {again.halves} random halves of the futures hold "
        f"{percent(again.coverage.value)} of the bad ones in the other half, at a density of "
        f"{percent(again.density.value)} (± {100 * again.coverage.se:.2g} and {100 * again.density.se:.2g} points "
        f"between halves)."
    )


def ending_words(discovery: Discovery) -> str:
    """The ending as a reader said it, with titles for names: "Homicides in Mexico above 30,000 people"."""
    joint = f" {discovery.ending.joined} "
    return joint.join(_clause(discovery, clause) for clause in discovery.ending.clauses)


def _clause(discovery: Discovery, clause: Clause) -> str:
    scenario = discovery.runs.checked.scenario
    title, test = clause.outcome.title, clause.test
    if isinstance(test, Event):
        if clause.outcome.kind == "question":
            return f"“{title}” answered {'no' if test.denied else 'yes'}"
        came = "chosen" if clause.outcome.kind == "option" else "reached"
        return f"“{title}” {'never ' if test.denied else ''}{came}"
    against = ""
    if clause.against is not None:
        known = scenario.policies.get(clause.against)
        against = f" against “{heading(known.title if known else '', clause.against)}”"
    if isinstance(test, Tail):
        return f"{title}{against} among the {test.end} {percent(test.share)}"
    words = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}
    unit = discovery.runs.measures[clause.outcome.name.partition("[")[0]].unit
    return f"{title}{against} {words[test.test]} {in_unit(quantity(test.number, 6), unit)}"


def searched_words(discovery: Discovery) -> list[str]:
    """What was searched, and what was left out and why."""
    runs, many = discovery.runs, len(discovery.inputs.names)
    views = 1 if VIEW in discovery.inputs.names else 0
    said = [
        f"{count(many - views, 'belief')}{' and the view' if views else ''} of {discovery.bad.n:,} futures searched"
    ]
    if discovery.screened:
        further = count(discovery.screened, "further one hardly goes", "further ones hardly go")
        said.append(f"{further} with the ending and {'was' if discovery.screened == 1 else 'were'} left out")
    if discovery.known:
        said.append(count(len(discovery.known), "is known and does not vary", "are known and do not vary"))
    if discovery.same:
        said.append(f"{len(discovery.same):,} are the same number as another, which stands for them")
    if discovery.uncounted:
        why = "stopped or did not come to the question" if _conditional(discovery.ending, runs.checked.scenario) else ""
        said.append(f"{discovery.uncounted:,} futures {why or 'stopped'} and are not counted")
    return said


def _conditional(ending: Ending, scenario: Scenario) -> bool:
    asked = [clause.outcome.name for clause in ending.clauses if clause.outcome.kind == "question"]
    return any(scenario.questions[name].given is not None for name in asked)
