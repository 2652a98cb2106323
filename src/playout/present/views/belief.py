"""A belief as readers see it: its title with its member's, and its values in its own unit."""

from __future__ import annotations

from playout.model.scenario import Scenario
from playout.present.views.measures import unit_words
from playout.present.views.written import heading
from playout.present.words import percent, quantity


def belief_title(scenario: Scenario, label: str) -> str:
    """The title of a belief or of one member's: "Leaks a year, the navy"."""
    base, _, member = label.partition("[")
    belief = scenario.beliefs[base]
    title = heading(belief.title, base)
    if not member:
        return title
    known = [own for name in belief.sets for own in scenario.sets[name].members]
    labels = member.removesuffix("]").split(", ")
    titles = [next((heading(m.title, m.name) for m in known if m.name == own), own) for own in labels]
    return f"{title}, {', '.join(titles)}"


def in_own_unit(scenario: Scenario, label: str, value: float) -> str:
    """A value of a belief: "20%", "1.5 1/year"."""
    unit = scenario.beliefs[label.partition("[")[0]].unit.text
    return percent(value) if unit == "probability" else f"{quantity(value, 2)} {unit_words(unit)}".strip()
