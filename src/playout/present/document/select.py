"""Which parts of a scenario a document shows: sections, single definitions, and what stands in a system or a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from playout.errors import UsageError, did_you_mean
from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario
from playout.model.systems import KINDS, belonging
from playout.present.document.causes import Causes, causes_of, file_of
from playout.present.document.drawing import draw_causes, draw_stages
from playout.present.document.equations import target_text
from playout.present.document.markdown import markdown_of
from playout.present.document.parts import Row, rows_of
from playout.present.document.stages import StageGraph, stage_graph
from playout.present.views.support import ground
from playout.simulate.result import scenario_name

SECTIONS = (
    "actors", "sets", "systems", "ties", "tables", "beliefs", "together", "groups", "stocks", "variables", "tracks",
    "decisions", "games", "events", "measures", "questions", "indicators", "observations", "policies", "views",
    "evidence", "sources", "coverage",
)  # fmt: skip
"""What a document may hold, in its order: the sections of the language, and what the numbers rest on."""

NAMED = tuple(section for section in SECTIONS if section not in ("together", "coverage"))
"""Those whose definitions have names."""


Diagram: TypeAlias = Literal["stages", "causes"]


@dataclass(frozen=True)
class Document:
    """The parts chosen. whole: nothing was left out, so the scenario is introduced. sections: those that hold any."""

    checked: CheckedScenario
    sections: Mapping[str, tuple[Row, ...]]
    whole: bool

    def as_json(self) -> dict[str, Any]:
        """What ``playout show --json`` prints."""
        scenario = self.checked.scenario
        head = {"scenario": scenario_name(scenario), "title": scenario.title}
        dates = {"start": scenario.start.isoformat(), "end": self.checked.end.isoformat()}
        steps = {"step_days": scenario.step_days, "integrate": scenario.integrate}
        prose = {"description": " ".join(scenario.description.split()), "face": list(scenario.face)}
        return {**head, **(dates | steps | prose if self.whole else {}), "parts": dict(self.sections)}

    def markdown(self, level: int = 2) -> str:
        """The document as Markdown, its headings beginning at ``level``."""
        return markdown_of(self, level)

    def graph(self, kind: Diagram) -> StageGraph | Causes:
        """What a diagram shows: of ``stages`` the first track chosen that has no index, or of ``causes`` all."""
        if kind == "causes":
            return causes_of(self.checked)
        tracks = self.checked.scenario.tracks
        chosen = [tracks[row["name"]] for row in self.sections.get("tracks", ())]
        track = min(chosen, key=lambda track: bool(track.binders), default=None)
        if track is None:
            raise UsageError("there is no track to draw\n  hint: `playout show SCENARIO tracks` lists those there are")
        return stage_graph(self.checked, track)

    def graph_as_json(self, kind: Diagram) -> dict[str, Any]:
        """What ``playout show --diagram … --json`` prints."""
        graph = self.graph(kind)
        head = {"scenario": scenario_name(self.checked.scenario), "diagram": kind}
        if isinstance(graph, StageGraph):
            stages = [{"title": title, "stay": stay} for title, stay in graph.stages]
            return {**head, "title": graph.title, "stages": stages, "arrows": [asdict(arrow) for arrow in graph.arrows]}
        feeds = [{"from": giver, "to": taker, "names": list(names)} for (giver, taker), names in graph.feeds.items()]
        return {**head, "groups": dict(graph.groups), "feeds": feeds}

    def diagram(self, kind: Diagram) -> str:
        """A diagram as SVG."""
        graph = self.graph(kind)
        return draw_stages(graph) if isinstance(graph, StageGraph) else draw_causes(graph, "What feeds what")


def document_of(checked: CheckedScenario, what: Sequence[str] = (), inside: Sequence[str] = ()) -> Document:
    """The parts of a scenario that are asked for.

    what: sections, or names of single definitions; all where there are none. inside: systems or files, where only what
    stands in one of them is wanted. Raises a UsageError for a name that is neither.
    """
    scenario = checked.scenario
    sections = [name for name in what if name in SECTIONS]
    names = {name for name in what if name not in SECTIONS}
    known = _named(scenario)
    for name in sorted(names - known):
        hint = did_you_mean(name, [*SECTIONS, *known]) or f"the parts are {', '.join(SECTIONS)}"
        raise UsageError(f"there is no part or name `{name}` in this scenario\n  hint: {hint}")
    kept = _inside(checked, inside) if inside else None
    found: dict[str, tuple[Row, ...]] = {}
    for section in SECTIONS:
        if what and section not in sections and not names:
            continue
        rows = _rows(checked, section)
        if what and section not in sections:
            rows = tuple(row for row in rows if row.get("name") in names)
        if kept is not None:
            rows = tuple(row for row in rows if (section, row.get("name")) in kept)
        if rows:
            found[section] = rows
    return Document(checked, found, whole=not what and not inside)


def _rows(checked: CheckedScenario, section: str) -> tuple[Row, ...]:
    if section == "together":
        pairs = checked.scenario.together
        return tuple({"beliefs": [target_text(p.first), target_text(p.second)], "spearman": p.rho} for p in pairs)
    if section == "coverage":
        return tuple(
            {"of": ratio.kind, "fact": ratio.facts, "judgement": ratio.judged, "assumed": ratio.assumed,
             "nothing": ratio.nothing}
            for ratio in ground(checked).ratios
        )  # fmt: skip
    rows = rows_of(checked, section)
    return _with_links(checked, rows) if section == "systems" else rows


def _named(scenario: Scenario) -> set[str]:
    return {name for section in NAMED for name in getattr(scenario, section)}


def _inside(checked: CheckedScenario, places: Iterable[str]) -> set[tuple[str, str]]:
    """What stands in the systems and files named, as (section, name); of a system, the variants that touch it too."""
    scenario = checked.scenario
    files = {file_of(scenario, file) for file in scenario.lines}
    home = belonging(checked)
    kept: set[tuple[str, str]] = set()
    for place in places:
        if place in scenario.systems:
            kept.add(("systems", place))
            kept.update((kind, name) for kind in KINDS for name in getattr(scenario, kind) if home.get(name) == place)
        elif place in files:
            kept.update(
                (section, name)
                for section in NAMED
                for name, thing in getattr(scenario, section).items()
                if file_of(scenario, thing.span.file) == place
            )
        else:
            hint = did_you_mean(place, [*scenario.systems, *files])
            hint = hint or f"there are {', '.join([*scenario.systems, *sorted(files)])}"
            raise UsageError(f"this scenario has no system or file `{place}`\n  hint: {hint}")
    return kept


# --- systems ----------------------------------------------------------------------------------------------------------


def _with_links(checked: CheckedScenario, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Systems with what they read of others, what others read of them, and what turns them."""
    if not rows:
        return rows
    causes = causes_of(checked)
    home = belonging(checked)
    return tuple({**row, **_links(causes, row["name"]), **_turned_by(checked, home, row["name"])} for row in rows)


def _links(causes: Causes, system: str) -> Row:
    reads = {giver: list(names) for (giver, taker), names in causes.feeds.items() if taker == system}
    read_by = {taker: list(names) for (giver, taker), names in causes.feeds.items() if giver == system}
    return {"reads": reads, "read_by": read_by}


def _turned_by(checked: CheckedScenario, home: Mapping[str, str], system: str) -> Row:
    """The decisions it holds, and the policies and views that change anything it holds."""
    turned: Row = {"decisions": [name for name in checked.scenario.decisions if home.get(name) == system]}
    for kind, variants in (("policies", checked.policies), ("views", checked.views)):
        turned[kind] = [
            name for name, changes in variants.items() if any(home.get(change.name) == system for change in changes)
        ]
    return {"turned_by": turned}
