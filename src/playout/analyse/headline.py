"""The first screen: what a scenario's `headline` asks of a run.

    Runs, Runs of the baseline, Headline ──first_screen──▶ FirstScreen

Measures are summed over the whole run (levels are read at its end), less the baseline's under the same draws; once over
all futures and once over those that reach the stage under `given`, for what harms only there is far larger there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from playout.analyse.average import Average, average
from playout.analyse.estimate import Bools, Numbers
from playout.analyse.linchpins import FUTURES, Linchpin, Words, linchpins
from playout.analyse.outcome import Outcome, outcome
from playout.analyse.rivals import Rivals, rivals
from playout.analyse.shares import Spreading, VarianceShare, variance_shares
from playout.model.headline import BaseRate, Headline
from playout.simulate.belief_frame import belief_rows_by_label, unordered_beliefs
from playout.simulate.result import Runs


@dataclass(frozen=True, slots=True)
class Effect:
    """What it does to one measure: over all futures, and over those that reach the stage `given` (None: none does)."""

    outcome: Outcome
    always: Average
    given: Average | None


@dataclass(frozen=True, slots=True)
class PastRate:
    """A base rate, and what the scenario's own evidence makes of it; moved: over futures, None where not asked for."""

    rate: BaseRate
    moved: Average | None

    @property
    def share(self) -> float:
        """How many of the past cases had it happen."""
        return self.rate.happened / self.rate.cases


@dataclass(frozen=True, slots=True)
class ClaimAnswered:
    """What a text says, and what the model makes of it."""

    evidence: str
    outcome: Outcome
    answer: Average | None


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """Everything on the first screen. reached: the stage `given`. spreads: where each outcome's spread comes from.

    group: the share on the report's face, of the first effect (of the question where there is none).
    """

    headline: Headline
    question: tuple[Outcome, Average] | None
    reached: tuple[Outcome, Average] | None
    effects: tuple[Effect, ...]
    past: tuple[PastRate, ...]
    spreads: tuple[Spreading, ...]
    linchpins: tuple[Linchpin, ...]
    claims: tuple[ClaimAnswered, ...]
    rivals: Rivals

    @property
    def group(self) -> tuple[Spreading, VarianceShare] | None:
        if self.headline.group is None:
            return None
        for spread in sorted(self.spreads, key=lambda spread: spread.outcome.chance):
            share = spread.share(self.headline.group[0])
            if share is not None:
                return spread, share
        return None


def first_screen(
    runs: Runs, baseline: Runs | None, headline: Headline, word: Words, *, weigh: bool = True
) -> FirstScreen:
    """What the headline asks of a run. baseline: as in `summarise`. word: the scenario's word for a probability.

    weigh: play some futures again for what the results rest on; without, `spreads` and `linchpins` stay empty. Refuses
    what `play` refuses.
    """
    reader = _Reader(runs, baseline)
    if baseline is None and runs.checked.scenario.baseline is not None:
        headline = replace(headline, group=None)  # levels, and no difference for a group to have a share in
    measures = [reader.outcome(name) for name, _ in headline.measures]
    question = reader.outcome(headline.question[0]) if headline.question else None
    given = reader.outcome(headline.given[0]) if headline.given else None
    told = [each for each in (question, given) if each is not None] + measures
    effects = [_effect(reader, own, given) for own in measures]
    return FirstScreen(
        headline=headline,
        question=reader.pair(question),
        reached=reader.pair(given),
        effects=tuple(effect for effect in effects if effect is not None),
        past=tuple(
            PastRate(rate, reader.average(reader.outcome(rate.moved[0], compared=False)) if rate.moved else None)
            for rate in headline.base_rates
        ),
        spreads=variance_shares(runs, baseline, told) if weigh else (),
        linchpins=reader.linchpins([question, *measures] if question is not None else measures, word) if weigh else (),
        claims=tuple(_claim(reader, claim.evidence[0], claim.result[0]) for claim in headline.claims),
        rivals=rivals(runs.checked),
    )


def _effect(reader: _Reader, own: Outcome, given: Outcome | None) -> Effect | None:
    always = reader.average(own)
    if always is None:
        return None
    among = None if given is None else reader.values(given) == 1.0
    return Effect(own, always, None if among is None else reader.average(own, among))


def _claim(reader: _Reader, evidence: str, result: str) -> ClaimAnswered:
    """An option counts among the futures in which it was open, a question among those that meet its condition."""
    asked = reader.outcome(result)
    among = None
    if asked.kind == "question" and reader.runs.checked.scenario.questions[result].given is not None:
        among = reader.runs.numbers([f"given.{result}"])[0] == 1.0
    if asked.kind == "option":
        among = reader.runs.column(result.rpartition(".")[0]).is_not_null().to_numpy()
    return ClaimAnswered(evidence, asked, reader.average(asked, among))


class _Reader:
    """A run, each outcome read once."""

    def __init__(self, runs: Runs, baseline: Runs | None) -> None:
        self.runs, self.baseline = runs, baseline
        held = {} if runs.view is not None else runs.checked.scenario.views
        self.views: Mapping[str, Bools] = {
            name: runs.views == number for number, (name, view) in enumerate(held.items()) if view.credence
        }
        self._known: dict[Outcome, Numbers] = {}

    def outcome(self, name: str, *, compared: bool = True) -> Outcome:
        found = outcome(self.runs.checked.scenario, name, compared=compared and self.baseline is not None)
        return replace(found, unit=self.runs.measures[name].unit) if found.kind == "measure" else found

    def values(self, asked: Outcome) -> Numbers:
        if asked not in self._known:
            self._known[asked] = asked.values(self.runs, self.baseline)
        return self._known[asked]

    def average(self, asked: Outcome, among: Bools | None = None) -> Average | None:
        return average(self.values(asked), self.views, among)

    def pair(self, asked: Outcome | None) -> tuple[Outcome, Average] | None:
        found = None if asked is None else self.average(asked)
        return (asked, found) if asked is not None and found is not None else None

    def linchpins(self, outcomes: list[Outcome], word: Words) -> tuple[Linchpin, ...]:
        names = list(belief_rows_by_label(self.runs))
        drawn = self.runs.drawn_beliefs(names, range(min(FUTURES, self.runs.futures)))
        values = [(own, self.values(own)[:FUTURES]) for own in outcomes]
        return linchpins(values, names, drawn, word, unordered=unordered_beliefs(self.runs))
