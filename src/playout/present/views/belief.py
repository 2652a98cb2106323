"""A belief as readers see it: its title with its member's, and its values in its own unit."""

from __future__ import annotations

from collections.abc import Sequence

from playout.model.scenario import Scenario
from playout.present.views.measures import TIMES, unit_words
from playout.present.views.written import heading
from playout.present.words import percent, quantity


def belief_title(scenario: Scenario, label: str) -> str:
    """The title of a belief or of one member's: "Leaks a year, the navy"."""
    base, _, member = label.partition("[")
    belief = scenario.beliefs[base]
    return of_members(scenario, heading(belief.title, base), belief.sets, member.removesuffix("]"))


def of_members(scenario: Scenario, title: str, sets: Sequence[str], labels: str) -> str:
    """A title with those of members behind it. labels: of members of the sets, with commas, or empty."""
    if not labels:
        return title
    known = [own for name in sets for own in scenario.sets[name].members]
    titles = [next((heading(m.title, m.name) for m in known if m.name == own), own) for own in labels.split(", ")]
    return f"{title}, {', '.join(titles)}"


def in_own_unit(scenario: Scenario, label: str, value: float) -> str:
    """A value of a belief: "20%", "1.5 a year", "13 months"."""
    unit = scenario.beliefs[label.partition("[")[0]].unit.text
    if unit == "probability":
        return percent(value)
    said = quantity(value, 2)
    several = "s" if unit in TIMES and said != "1" else ""
    return f"{said} {unit_words(unit)}{several}".strip()
