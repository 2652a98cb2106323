"""What decides an outcome, in sentences: one for each of the factors that decide it most.

"Whether “Base rate of force” is at most 4% or at least 16% moves homicides by +630 people. 5% (±1) of the variance goes
with it alone, 29% (±8) counting what it does together with others. It is only assumed."
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from playout.analyse.average import Mean
from playout.analyse.outcome import Outcome
from playout.analyse.rounding import least_said
from playout.analyse.sensitivity.factors import Factor
from playout.analyse.sensitivity.studies import Delta, Effect, Explanation, Pair, Share
from playout.analyse.sensitivity.tornado import Bar
from playout.model.checked import CheckedScenario
from playout.model.coverage import coverage
from playout.model.scenario import Scenario
from playout.present.views.belief import belief_title, in_own_unit, of_members
from playout.present.views.measures import unit_words
from playout.present.views.written import heading, inside
from playout.present.words import mean_words, percent, quantity, signed

CLEAR = 3.0
"""Standard errors by which something has to differ from nothing to be spoken of: with a hundred factors looked at, two
would be reached by some that do nothing."""
SIZES = 2.0
"""The same of total effects and of effects' sizes, which are 0 exactly where a factor does nothing."""

GROUNDS: Mapping[str, str] = {
    "assumed": "It is only assumed.",
    "judged": "It rests on judgement only.",
    "evidenced": "It rests on evidence.",
    "unsupported": "It rests on nothing.",
}
MEMBERS: Mapping[str, str] = {
    "assumed": "only assumed",
    "judged": "on judgement only",
    "evidenced": "on evidence",
    "unsupported": "on nothing",
}


@dataclass(frozen=True)
class Said:
    """The words for one outcome of one scenario. against: the baseline's title, where the outcome is compared."""

    checked: CheckedScenario
    outcome: Outcome
    found: Explanation
    against: str = ""

    @property
    def what(self) -> str:
        """The outcome inside a sentence: "homicides against “No action”", "the odds of “Is force used?”"."""
        own, scenario = self.outcome, self.checked.scenario
        indexed = {"measure": scenario.measures, "stage": scenario.tracks, "option": scenario.decisions}.get(own.kind)
        sets = indexed[own.source].sets if indexed is not None else ()
        title = of_members(scenario, own.title, sets, own.name.partition("[")[2].partition("]")[0])
        if own.kind == "measure":
            return inside(title) + (f" against “{self.against}”" if own.compared and self.against else "")
        verb = {"question": "of", "stage": "of reaching", "option": "of choosing"}[own.kind]
        return f"the odds {verb} “{title}”" + (", where its condition holds" if own.conditional else "")

    @property
    def unit(self) -> str:
        """Of the outcome, as one says it."""
        return "" if self.outcome.chance else unit_words(self.outcome.unit)

    def title(self, factor: Factor) -> str:
        """What a factor is called."""
        return factor_title(self.checked.scenario, factor)

    def value(self, mean: float, se: float = 0.0) -> str:
        """A mean of the outcome, no finer than it is known."""
        if self.outcome.chance:
            return percent(mean)
        return mean_words(mean, se, least_said(self.outcome.unit), difference=self.outcome.compared)

    def edges(self, bar: Bar) -> tuple[str, str]:
        """A bar's two ends: values in the belief's unit, or views; `ranges` says on which side of them an end lies."""
        views = self.checked.scenario.views
        if bar.low_view:
            low, high = (f"“{heading(views[name].title, name)}”" for name in (bar.low_view, bar.high_view))
        else:
            low, high = (in_own_unit(self.checked.scenario, bar.label, end.edge) for end in (bar.low, bar.high))
        return low, high

    def ranges(self, bar: Bar, below: str = "at most {}", above: str = "at least {}") -> tuple[str, str]:
        """A bar's two ends as one says them. below, above: of an end that reaches to a value; one that is a single
        value, or a view, is named alone."""
        low, high = self.edges(bar)
        single = bool(bar.low_view)
        return (
            low if single or bar.low.only else below.format(low),
            high if single or bar.high.only else above.format(high),
        )

    # --- sentences ---

    def sentences(self, many: int) -> list[str]:
        """One for each of the factors that decide most, chance among them where it is."""
        found = self.found
        if not found.varies:
            verb = "are" if self.outcome.chance else "is"
            return [f"In every future {self.what} {verb} the same: nothing decides it."]
        if all(own.factor.kind == "chance" for own in found.shares or found.effects or found.deltas):
            return [f"No belief varies: only chance inside the run decides {self.what}."]
        said = [self._of_share(own) for own in found.shares if not own.factor.grouped and told(own.total, SIZES)]
        said += [self._of_effect(own) for own in found.effects if told(own.effects.mu_star, SIZES)]
        said += [self._of_delta(own) for own in found.deltas if told(own.delta)]
        return said[:many] or ["No single factor can be told from none with so few samples."]

    def _of_share(self, own: Share) -> str:
        alone = share_words(own.first)
        whole = share_words(own.total)
        together = "beliefs" if own.factor.kind == "chance" else "others"
        shares = f"{alone} of the variance goes with it alone, {whole} counting what it does together with {together}."
        return self._sentence(own.factor, shares)

    def _of_effect(self, own: Effect) -> str:
        size, spread = own.effects.mu_star, own.effects.sigma
        grain = 10 * size.se
        unit = " percentage points" if self.outcome.chance else f" {self.unit}".rstrip()
        factor = 100.0 if self.outcome.chance else 1.0
        moved, sd = (quantity(factor * each.value, 2, factor * grain) for each in (size, spread))
        same = "the same way" if abs(own.effects.mu.value) > 0.95 * size.value else "now one way and now the other"
        return self._sentence(
            own.factor,
            f"Going all the way across its range moves {self.what} by {moved}{unit} on average, {same} and with a "
            f"standard deviation of {sd} from place to place.",
        )

    def _of_delta(self, own: Delta) -> str:
        moved = share_words(own.delta)
        return self._sentence(own.factor, f"Of the outcome's distribution, {moved} lies elsewhere once it is known.")

    def _sentence(self, factor: Factor, shares: str) -> str:
        moves = self._moves(factor)
        if moves.endswith("."):
            shares = shares[:1].upper() + shares[1:]
        return " ".join(part for part in (moves, shares, self._ground(factor)) if part)

    def _moves(self, factor: Factor) -> str:
        """What the factor's two ends make of the outcome."""
        title = self.title(factor)
        bar = self.found.bar(factor)
        if bar is None or not all(math.isfinite(end.se) for end in (bar.low, bar.high)):
            return f"{title}:"
        ends = " or ".join(self.ranges(bar))
        one_of_many = not bar.low_view and bar.label != factor.name
        member = f" ({belief_title(self.checked.scenario, bar.label)})" if one_of_many else ""
        name = inside(title) if bar.low_view else f"“{title}”"
        if not clear(bar):
            return f"Whether {name} is {ends}{member} hardly moves {self.what} on average."
        if self.outcome.chance:
            moved = f"from {percent(bar.low.mean)} to {percent(bar.high.mean)}"
        else:
            moved = f"by {signed(bar.moves, 2, 10 * bar.se)} {self.unit}".rstrip()
        return f"Whether {name} is {ends}{member} moves {self.what} {moved}."

    # --- what it rests on ---

    def _ground(self, factor: Factor) -> str:
        """What a belief rests on; nothing is said of groups, views and chance."""
        if factor.kind != "belief":
            return ""
        base = factor.name.partition("[")[0]
        named = [ground for label, ground in self._grounds.items() if label in (base, factor.name)]
        named = named or [own for label, own in self._grounds.items() if label.partition("[")[0] == base]
        if len(set(named)) == 1:
            return GROUNDS[named[0]]
        counts = [f"{named.count(ground)} {MEMBERS[ground]}" for ground in MEMBERS if ground in named]
        return f"Its members rest on different things: {', '.join(counts)}."

    @cached_property
    def _grounds(self) -> dict[str, str]:
        """By label, which of GROUNDS it is."""
        found = coverage(self.checked)
        return {label: ground for ground in GROUNDS for label in getattr(found, ground)}

    # --- pairs ---

    def pair(self, own: Pair) -> str:
        """What two factors are called together."""
        return f"{self.title(own.one)} with {inside(self.title(own.other))}"


def factor_title(scenario: Scenario, factor: Factor) -> str:
    """What a factor is called."""
    if factor.kind == "belief":
        return belief_title(scenario, factor.name)
    return heading(factor.title, factor.name)


def told(mean: Mean, errors: float = CLEAR) -> bool:
    """Whether an estimate can be told from nothing."""
    return math.isfinite(mean.value) and mean.value > errors * mean.se


def clear(bar: Bar) -> bool:
    """Whether a belief's two ends can be told apart."""
    return abs(bar.moves) > CLEAR * bar.se


def share_words(share: Mean) -> str:
    """A share of the variance with its standard error, in percentage points: "23% (±2)"; of one that cannot be told
    from none, what it is likely to be under."""
    if not math.isfinite(share.value):
        return "an unknown share"
    if not told(share, SIZES) and share.se > 0.0:
        return f"under {min(100, math.ceil(100 * (max(share.value, 0.0) + SIZES * share.se)))}%"
    value, points = min(max(share.value, 0.0), 1.0), 100 * share.se
    if points >= 1.0:
        return f"{100 * value:.0f}% (±{points:.0f})"
    return f"{percent(value)} (±{points:.1g})"
