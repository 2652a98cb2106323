"""What the scenario rests on: beliefs, the evidence behind each, sources, and how much is only assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from playout.model.checked import CheckedScenario
from playout.model.coverage import GROUNDS, Coverage, coverage, entry_label, supporters
from playout.model.expression import LawText
from playout.model.scenario import Evidence, Scenario, Source
from playout.model.words import lookup
from playout.present.views.written import as_written, heading

#: What the letters and digits of the NATO admiralty code say (AJP-2.1).
RELIABILITY = {
    "A": "completely reliable source",
    "B": "usually reliable source",
    "C": "fairly reliable source",
    "D": "not usually reliable source",
    "E": "unreliable source",
    "F": "reliability of the source cannot be judged",
}
CREDIBILITY = {
    1: "confirmed by other sources",
    2: "probably true",
    3: "possibly true",
    4: "doubtfully true",
    5: "improbable",
    6: "truth cannot be judged",
}


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source as a reader looks it up. ``address`` is a web address, or empty; short: its author or title alone."""

    name: str
    text: str
    short: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of evidence. ``number`` is its place on the page; grade: "B2", in words in ``graded``."""

    number: int
    name: str
    claim: str
    date: str
    kind: str
    grade: str
    graded: str
    status: str
    hedge: str
    source: SourceLine | None
    against: bool


@dataclass(frozen=True, slots=True)
class BeliefLine:
    """One belief, or one member's part of it: its value as written, in its unit, and what that rests on."""

    name: str
    title: str
    value: str
    unit: str
    entries: tuple[Entry, ...]
    assumed: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many of a kind of thing cite a fact, judgements or forecasts only, a stated assumption, or nothing."""

    kind: str
    facts: int
    judged: int
    assumed: int
    nothing: int

    @property
    def total(self) -> int:
        return self.facts + self.judged + self.assumed + self.nothing

    @property
    def cited(self) -> int:
        return self.facts + self.judged


@dataclass(frozen=True, slots=True)
class Ground:
    """All of it: beliefs in file order, evidence numbered, sources that some evidence cites, and the counts."""

    beliefs: tuple[BeliefLine, ...]
    entries: tuple[Entry, ...]
    sources: tuple[SourceLine, ...]
    ratios: tuple[Ratio, ...]

    @property
    def of_beliefs(self) -> Ratio:
        return self.ratios[0]


def ground(checked: CheckedScenario) -> Ground:
    """What a scenario rests on."""
    scenario = checked.scenario
    sources = {name: source_line(source) for name, source in scenario.sources.items()}
    entries = {
        name: Entry(
            number=number,
            name=name,
            claim=" ".join(evidence.claim.split()),
            date=evidence.date,
            kind=evidence.kind,
            grade=f"{evidence.reliability}{evidence.credibility}",
            graded=graded(evidence),
            status=evidence.status,
            hedge=evidence.hedge,
            source=sources.get(evidence.source),
            against=bool(evidence.contradicts),
        )
        for number, (name, evidence) in enumerate(scenario.evidence.items(), start=1)
    }
    beliefs = tuple(_belief_lines(scenario, entries))
    cited = {evidence.source for evidence in scenario.evidence.values()}
    return Ground(
        beliefs=beliefs,
        entries=tuple(entries.values()),
        sources=tuple(line for name, line in sources.items() if name in cited),
        ratios=tuple(_ratios(coverage(checked))),
    )


def graded(evidence: Evidence) -> str:
    """A grade in words."""
    return f"{RELIABILITY.get(evidence.reliability, '')}; {CREDIBILITY.get(evidence.credibility, '')}"


def source_line(source: Source) -> SourceLine:
    """One source as text; only web addresses become links."""
    parts = [part.rstrip(".") for part in (source.author, source.title, source.date) if part]
    address = source.address if source.address.startswith(("https://", "http://")) else ""
    return SourceLine(source.name, ". ".join(parts) + ".", source.author or source.title, address)


def _belief_lines(scenario: Scenario, entries: dict[str, Entry]) -> Iterator[BeliefLine]:
    members = {
        (set_.name, member.name): heading(member.title, member.name)
        for set_ in scenario.sets.values()
        for member in set_.members
    }
    supporting = supporters(scenario)
    for belief in scenario.beliefs.values():
        title = heading(belief.title, belief.name)
        for entry in belief.entries:
            own = title
            if entry.members:
                names = [members.get(key, key[1]) for key in zip(belief.sets, entry.members, strict=False)]
                own = f"{title} — {', '.join(names)}"
            elif belief.sets and len(belief.entries) > 1:
                own = f"{title} — all others"
            label = entry_label(belief, entry)
            cited = [*entry.support.names, *supporting.get(belief.name, ())]
            cited += supporting.get(label.replace(" ", ""), [])
            yield BeliefLine(
                name=belief.name,
                title=own,
                value=law_as_written(scenario, entry.law),
                unit="" if belief.unit.text in ("1", "probability") else belief.unit.text,
                entries=tuple(entries[name] for name in dict.fromkeys(cited)),
                assumed=" ".join((entry.support.assumed or "").split()),
            )


def law_as_written(scenario: Scenario, law: LawText) -> str:
    """A distribution as written; a word of probability with its range."""
    if law.word is not None:
        return lookup(scenario.words, law.word).describe()
    text = as_written(scenario, law.span)
    return f"{text} (90% interval)" if law.kind == "interval" else text


def _ratios(found: Coverage) -> Iterator[Ratio]:
    """The counts that `playout check` prints, and the same for tables and for what moves futures on."""
    yield Ratio("Beliefs", len(found.evidenced), len(found.judged), len(found.assumed), len(found.unsupported))
    for kind, counts in found.mechanisms.items():
        yield Ratio(kind.capitalize(), *(counts[ground] for ground in GROUNDS))
