"""What stands in the scenario file, word for word: a report shows an analyst's numbers as the analyst wrote them."""

from __future__ import annotations

from playout.analyse.compare.asked import UNCHANGED
from playout.errors import Span
from playout.model.scenario import Scenario
from playout.simulate.policy import JOIN


def as_written(scenario: Scenario, span: Span) -> str:
    """The text of a span on one line, without the quotes YAML may want around it; empty where it is not to be had."""
    lines = scenario.lines.get(span.file, [])
    if not 1 <= span.line <= len(lines):
        return ""
    return lines[span.line - 1][span.column - 1 : span.end - 1].strip().strip("'\"")


def heading(title: str, name: str) -> str:
    """The title of a thing, or its name as words."""
    if title:
        return title
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def policy_title(scenario: Scenario, name: str) -> str:
    """The title of a policy, of several joined, or of none at all."""
    if name == UNCHANGED and name not in scenario.policies:
        return "The scenario as it stands"
    return " + ".join(heading(scenario.policies[part].title, part) for part in name.split(JOIN))


def inside(title: str) -> str:
    """A title inside a sentence: its first letter small, unless the word is an abbreviation."""
    first = title.split(maxsplit=1)[0] if title else ""
    return title if first.isupper() else title[:1].lower() + title[1:]
