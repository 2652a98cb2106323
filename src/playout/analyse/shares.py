"""Where the spread of an outcome comes from: from what is only assumed, from a group of beliefs, from the choice of a
view, from chance.

The total effect of a part G of what a future depends on is the share of the variance that would be left if all else
were known: S_T(G) = E[Var(f | all but G)] / Var f. Futures are played again with G drawn anew and everything else, the
chance inside the run included, as it was; then E[(f − f′)²] / 2 estimates the numerator (M. J. W. Jansen, Computer
Physics Communications 117, 1999; A. Saltelli and others, Computer Physics Communications 181, 2010, table 2). Where
beliefs are tied by `together`, what is drawn anew is a belief's own part.

Parts work together, so total effects may add up to more than one; a part without effect has zero exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from playout.analyse.estimate import Numbers, ratio
from playout.analyse.outcome import Outcome
from playout.model.checked import CheckedScenario
from playout.model.scenario import Belief, BeliefEntry
from playout.simulate.design import VIEW, Design
from playout.simulate.result import Runs, labelled
from playout.simulate.run import play

FUTURES = 2000
"""Futures played again for each part; more would hardly change a word of what is said."""

ASSUMED, BELIEFS, CHOICE_OF_VIEW, CHANCE = "assumed", "beliefs", "view", "chance"
TITLES = {
    ASSUMED: "Beliefs that are only assumed",
    BELIEFS: "All beliefs",
    CHOICE_OF_VIEW: "The choice of a view",
    CHANCE: "Chance inside the run",
}
_ANEW = 2**63
"""Added to the run's seed, this is the seed under which parts are drawn anew."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that an outcome depends on. group: declared by the scenario under this name. redrawn: what is drawn
    anew for it, as a `Design` names it; nothing for chance, for which futures hold what others believed."""

    name: str
    title: str
    redrawn: tuple[str, ...]
    group: bool = False


@dataclass(frozen=True, slots=True)
class VarianceShare:
    """The total effect of a part on an outcome, with its Monte Carlo standard error."""

    part: Part
    share: float
    se: float


@dataclass(frozen=True, slots=True)
class Spreading:
    """Where one outcome's spread comes from. mean, sd: of the outcome itself, in its unit; futures: of these."""

    outcome: Outcome
    mean: float
    sd: float
    futures: int
    shares: tuple[VarianceShare, ...]

    def share(self, name: str) -> VarianceShare | None:
        """The share of a part by name, or of a declared group."""
        return next((own for own in self.shares if own.part.name == name), None)


def parts(checked: CheckedScenario, *, view: bool) -> tuple[Part, ...]:
    """The parts of a scenario: what is assumed, each declared group, all beliefs, the view (where it is drawn: view),
    chance. Parts that nothing belongs to are left out."""
    scenario = checked.scenario
    drawn = [belief for belief in scenario.beliefs.values() if belief.each == "future"]
    assumed = tuple(label for belief in drawn for label in _assumed(checked, belief))
    found = [Part(ASSUMED, TITLES[ASSUMED], assumed)]
    for group in scenario.groups.values():
        names = [name for name, _ in group.beliefs if scenario.beliefs[name].each == "future"]
        redrawn = (*names, *([VIEW] if group.views and view else []))
        found.append(Part(group.name, group.title, redrawn, group=True))
    found.append(Part(BELIEFS, TITLES[BELIEFS], tuple(belief.name for belief in drawn)))
    found.append(Part(CHOICE_OF_VIEW, TITLES[CHOICE_OF_VIEW], (VIEW,) if view else ()))
    return (*(part for part in found if part.redrawn), Part(CHANCE, TITLES[CHANCE], ()))


def _assumed(checked: CheckedScenario, belief: Belief) -> Iterator[str]:
    """The labels of a belief's members that are only assumed."""
    sets = [checked.scenario.sets[name].labels for name in belief.sets]
    members: list[tuple[str, ...]] = [()]
    for labels in sets:
        members = [(*member, label) for member in members for label in labels]
    stated: dict[tuple[str, ...] | None, BeliefEntry] = {entry.members: entry for entry in belief.entries}
    for member in members:
        entry = stated.get(member) or stated.get(None)
        if entry is not None and entry.support.assumed is not None:
            yield labelled(belief.name, member)


def variance_shares(
    runs: Runs, baseline: Runs | None, outcomes: Sequence[Outcome], futures: int = FUTURES
) -> tuple[Spreading, ...]:
    """The shares of each outcome's variance, over the first futures of a run.

    baseline: as in `summarise`; an outcome that is compared is the difference from it, played anew as well. futures: at
    most so many. Refuses what `play` refuses.
    """
    found = parts(runs.checked, view=bool(runs.checked.scenario.views) and runs.view is None)
    many = min(futures, runs.futures)
    other = np.roll(np.arange(many), -(many // 2))  # for chance: who believes what each future then believes
    designs = [Design(redrawn=part.redrawn, seed=(runs.seed + _ANEW) % 2**64) for part in found[:-1]]
    designs.append(Design(numbers=other))
    anew = [_play(own, designs, many) for own in (runs, baseline) if own is not None]
    before = [outcome.values(runs, baseline)[:many] for outcome in outcomes]
    shares: list[list[VarianceShare]] = [[] for _ in outcomes]
    for part, again in zip(found, zip(*anew, strict=True), strict=True):
        for place, outcome in enumerate(outcomes):
            f = before[place][other] if part.name == CHANCE else before[place]
            share = _total_effect(part, f, outcome.values(*again))
            shares[place] += [share] if share is not None else []
    return tuple(_spreading(outcome, f, own) for outcome, f, own in zip(outcomes, before, shares, strict=True))


def _spreading(outcome: Outcome, f: Numbers, shares: Sequence[VarianceShare]) -> Spreading:
    whole = f[np.isfinite(f)]
    mean = float(whole.mean()) if whole.size else math.nan
    sd = float(whole.std(ddof=1)) if whole.size > 1 else 0.0
    return Spreading(outcome, mean, sd, int(whole.size), tuple(shares))


def _play(runs: Runs, designs: Sequence[Design], many: int) -> Iterator[Runs]:
    """The run's first futures, once for each design. They follow the laws of the run, which was held to the limit on
    stopped futures."""
    for design in designs:
        yield play(
            runs.checked,
            futures=many,
            seed=runs.seed,
            policy=runs.policy,
            view=runs.view,
            engine="numpy" if runs.engine == "numpy" else "native",
            precision=runs.precision,
            allow_stopped=1.0,
            design=design,
        )


def _total_effect(part: Part, f: Numbers, g: Numbers) -> VarianceShare | None:
    """Of outcomes before and after a part is drawn anew, [futures]; None where the outcome does not vary.

    Both are draws of one law, so its variance is estimated from both. The error is that of a ratio of means, to first
    order.
    """
    whole = np.isfinite(f) & np.isfinite(g)
    n = int(whole.sum())
    if n < 2:
        return None
    f, g = f[whole], g[whole]
    middle = (f.mean() + g.mean()) / 2
    within = (f - g) ** 2 / 2
    about = ((f - middle) ** 2 + (g - middle) ** 2) / 2
    if about.mean() <= 0.0:
        return None
    return VarianceShare(part, *ratio(within, about))
