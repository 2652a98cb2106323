"""How much of a scenario rests on evidence, how much on judgement, and how much on nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from playout.model.checked import CheckedScenario
from playout.model.scenario import Belief, BeliefEntry, Scenario, Support

Ground = Literal["evidenced", "judged", "assumed", "unsupported"]
GROUNDS: tuple[Ground, ...] = ("evidenced", "judged", "assumed", "unsupported")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the beliefs rest on. Each number that is stated counts once: one a belief, or one a member listed.

    assumed: gives a reason in words, whatever it cites beside it: evidence of a judgement is no evidence of a number.
    evidenced: cites at least one fact. judged: cites judgements or forecasts only. unsupported: nothing. Each holds
    names such as ``leak_rate[navy]``. evidence: entries by kind; sources: how many that evidence cites.
    mechanisms: of tables and of what moves futures on, by section, how many rest on what.
    """

    evidenced: tuple[str, ...]
    judged: tuple[str, ...]
    assumed: tuple[str, ...]
    unsupported: tuple[str, ...]
    evidence: Mapping[str, int]
    sources: int
    mechanisms: Mapping[str, Mapping[Ground, int]]

    @property
    def beliefs(self) -> int:
        return len(self.evidenced) + len(self.judged) + self.only_assumed

    @property
    def only_assumed(self) -> int:
        """How many cite nothing that would count: what is assumed, and what says nothing."""
        return len(self.assumed) + len(self.unsupported)


def coverage(checked: CheckedScenario) -> Coverage:
    """What the beliefs of a scenario rest on, and its evidence by kind.

    Evidence counts for a belief where the belief names it in `because` and where it names the belief in `supports`.
    """
    scenario = checked.scenario
    supporting = supporters(scenario)
    found: dict[str, list[str]] = {"evidenced": [], "judged": [], "assumed": [], "unsupported": []}
    for belief in scenario.beliefs.values():
        for entry in belief.entries:
            label = entry_label(belief, entry)
            cited = [*entry.support.names, *supporting.get(belief.name, ())]
            cited += supporting.get(label.replace(" ", ""), []) if label != belief.name else []
            kinds = {scenario.evidence[name].kind for name in cited}
            found[ground_of(entry.support.assumed is not None, kinds)].append(label)
    kinds_of_evidence = {"fact": 0, "judgement": 0, "forecast": 0}
    for evidence in scenario.evidence.values():
        kinds_of_evidence[evidence.kind] += 1
    return Coverage(
        evidenced=tuple(found["evidenced"]),
        judged=tuple(found["judged"]),
        assumed=tuple(found["assumed"]),
        unsupported=tuple(found["unsupported"]),
        evidence=kinds_of_evidence,
        sources=len({evidence.source for evidence in scenario.evidence.values()}),
        mechanisms=_mechanisms(scenario, supporting),
    )


def supporters(scenario: Scenario) -> dict[str, list[str]]:
    """Evidence by what it says it supports, names without blanks."""
    found: dict[str, list[str]] = {}
    for evidence in scenario.evidence.values():
        for name, _ in evidence.supports:
            found.setdefault(name.replace(" ", ""), []).append(evidence.name)
    return found


def _mechanisms(scenario: Scenario, supporting: Mapping[str, list[str]]) -> dict[str, dict[Ground, int]]:
    kinds: dict[str, list[tuple[str, Support]]] = {
        "tables": [(table.name, table.support) for table in scenario.tables.values()],
        "stages": [
            (f"{track.name}.{stage.name}", stage.support)
            for track in scenario.tracks.values()
            for stage in track.stages
        ],
        "moves": [(track.name, move.support) for track in scenario.tracks.values() for move in track.moves],
        "decisions": [(decision.name, decision.support) for decision in scenario.decisions.values()],
        "games": [(game.name, game.support) for game in scenario.games.values()],
        "events": [(event.name, event.support) for event in scenario.events.values()],
    }
    found = {kind: dict.fromkeys(GROUNDS, 0) for kind in kinds}
    for kind, things in kinds.items():
        for name, support in things:
            cited = {scenario.evidence[e].kind for e in (*support.names, *supporting.get(name, ()))}
            found[kind][ground_of(support.assumed is not None, cited)] += 1
    return found


def ground_of(assumed: bool, kinds: Collection[str]) -> Ground:
    """What something rests on that is assumed or not and cites evidence of these kinds."""
    if assumed:
        return "assumed"
    return "evidenced" if "fact" in kinds else "judged" if kinds else "unsupported"


def entry_label(belief: Belief, entry: BeliefEntry) -> str:
    """A belief's name with the members an entry is about: ``leak_rate[navy]``."""
    return f"{belief.name}[{', '.join(entry.members)}]" if entry.members else belief.name
