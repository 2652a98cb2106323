"""Studies of one outcome: futures are played as a method wants them, and its indices are read from what comes of them.

    Asked, factors ──sobol_study, morris_study, delta_study──▶ Explanation

Whatever the method, the run's own futures give the outcome's mean and spread, and a tornado.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Literal

import numpy as np

from playout.analyse.average import FEWEST_FOR_A_VIEW, Mean
from playout.analyse.estimate import Numbers
from playout.analyse.sensitivity.factors import Factor
from playout.analyse.sensitivity.moment_independent import FEWEST, deltas
from playout.analyse.sensitivity.morris import Elementary, Trajectories, elementary, trajectories
from playout.analyse.sensitivity.replay import Asked, Progress, played, replayed
from playout.analyse.sensitivity.sobol import first_order, second_order, total_order
from playout.analyse.sensitivity.tornado import Bar, tornado
from playout.errors import RunError, UsageError
from playout.simulate.belief_frame import unordered_beliefs
from playout.simulate.design import VIEW, Design
from playout.simulate.result import Reported, Runs

Method = Literal["sobol", "morris", "delta"]

LEAST = {"sobol": 64, "morris": 4, "delta": FEWEST}
"""The fewest samples by method: rows, trajectories, futures."""
SAMPLES = {"sobol": 2048, "morris": 64, "delta": 20_000}
"""How many there are unless the caller says."""
FOR_ENDS = 4096
"""Futures that a tornado beside trajectories is read from."""
FEWEST_THAT_RAN = 32
"""Futures that have to run to their end."""
PAIRED = 8
"""Factors that are paired for second order: those with the largest total effects."""


@dataclass(frozen=True, slots=True)
class Share:
    """A factor's share of the outcome's variance: alone (first), and with all that it does together with others
    (total)."""

    factor: Factor
    first: Mean
    total: Mean


@dataclass(frozen=True, slots=True)
class Pair:
    """The share of the variance that two factors have together, beyond what each has alone."""

    one: Factor
    other: Factor
    index: Mean


@dataclass(frozen=True, slots=True)
class Effect:
    """A factor's elementary effects."""

    factor: Factor
    effects: Elementary


@dataclass(frozen=True, slots=True)
class Delta:
    """How far knowing one belief or member moves the outcome's distribution."""

    factor: Factor
    delta: Mean


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a study finds; of shares, pairs, effects and deltas those that its method gives, largest first.

    samples: rows, trajectories or futures, as the method has it. mean, sd: of the outcome in the run's own futures;
    stopped: how many of these stopped; unasked: in how many more the question's condition did not hold. plays: how many
    futures were played in all, the baseline's included. measures: how these futures report them.
    left_out: views that too few futures hold to stand in a tornado, with how many do. beliefs: all beliefs and the
    choice of a view taken together.
    """

    method: Method
    samples: int
    mean: Mean
    sd: float
    stopped: int
    plays: int
    bars: tuple[Bar, ...]
    measures: Mapping[str, Reported]
    unasked: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    shares: tuple[Share, ...] = ()
    pairs: tuple[Pair, ...] = ()
    beliefs: Share | None = None
    effects: tuple[Effect, ...] = ()
    deltas: tuple[Delta, ...] = ()

    @property
    def varies(self) -> bool:
        """Whether there is anything to explain."""
        return self.sd > 0.0

    def share(self, name: str) -> Share | None:
        """The share of a factor by name."""
        return next((own for own in self.shares if own.factor.name == name), None)

    def bar(self, factor: Factor) -> Bar | None:
        """A factor's bar."""
        return next((bar for bar in self.bars if bar.factor == factor), None)


def check_samples(method: Method, samples: int) -> None:
    """Refuse, with a UsageError, too few samples for a method."""
    what = {"sobol": "rows", "morris": "trajectories", "delta": "futures"}[method]
    if samples < LEAST[method]:
        raise UsageError(f"`{method}` wants {LEAST[method]:,} {what} at least; {samples:,} were asked for")


# --- shares of variance -----------------------------------------------------------------------------------------------


def sobol_study(
    asked: Asked, factors: Sequence[Factor], *, paired: int = 0, progress: Progress | None = None
) -> Explanation:
    """Shares of variance of each factor. asked.futures: rows of either sample. paired: how many factors with the
    largest total effects are paired for second order, groups aside; fewer than two for none.

    Refuses what `check_samples` and `play` refuse.
    """
    check_samples("sobol", asked.futures)
    told = _Told(progress, asked, 2 + len(factors) + (paired if paired > 1 else 0))
    drawn = [factor for factor in factors if factor.kind != "chance"]
    first, *_ = runs = next(played(asked, [None], asked.seed, told.next(1)))
    f_a = asked.read(*runs)
    anew = replayed(asked, [asked.anew(factor) for factor in drawn], asked.seed, told.next(len(drawn)))
    f_ab = dict(zip(drawn, anew, strict=True))
    chance = [factor for factor in factors if factor.kind == "chance"]
    under_other: list[Design | None] = [None, *(asked.anew(factor) for factor in chance)]
    f_b, *rest = replayed(asked, under_other, asked.other_seed, told.next(len(under_other)))
    f_ab.update(zip(chance, rest, strict=True))
    shares = [
        Share(factor, first_order(f_a, f_b, f_ab[factor]), total_order(f_a, f_b, f_ab[factor])) for factor in factors
    ]
    shares.sort(key=lambda own: -_known(own.total))
    top = [own.factor for own in shares if not own.factor.grouped][:paired] if paired > 1 else []
    found = _explained("sobol", asked, factors, (first, f_a), told.done)
    return replace(
        found,
        shares=tuple(shares),
        pairs=_pairs(asked, top, f_a, f_b, f_ab, told),
        beliefs=next((_all_but(own) for own in shares if own.factor.kind == "chance"), None),
        plays=told.done,
    )


def _all_but(chance: Share) -> Share:
    """All beliefs taken together: what chance leaves. First order is what is lost to chance in total, and the other
    way round."""
    everything = Factor("beliefs", "group", "All beliefs", ())
    first, total = (Mean(1.0 - own.value, own.se, own.n) for own in (chance.total, chance.first))
    return Share(everything, first, total)


def _pairs(
    asked: Asked, top: Sequence[Factor], f_a: Numbers, f_b: Numbers, f_ab: dict[Factor, Numbers], told: _Told
) -> tuple[Pair, ...]:
    """Second order among some factors: the other sample is played with each of them from the run's own."""
    drawn = [factor for factor in top if factor.kind != "chance"]
    kept = replayed(asked, [asked.kept(factor) for factor in drawn], asked.other_seed, told.next(len(drawn)))
    f_ba = dict(zip(drawn, kept, strict=True))
    for factor in top:
        if factor.kind == "chance":
            f_ba[factor] = next(replayed(asked, [asked.kept(factor)], asked.seed, told.next(1)))
    pairs = []
    for one, other in combinations(top, 2):
        ab, ba = ((by[one], by[other]) for by in (f_ab, f_ba))
        pairs.append(Pair(one, other, second_order(f_a, f_b, ab, ba)))
    return tuple(sorted(pairs, key=lambda pair: -_known(pair.index)))


# --- elementary effects -----------------------------------------------------------------------------------------------


def morris_study(asked: Asked, factors: Sequence[Factor], *, progress: Progress | None = None) -> Explanation:
    """Elementary effects of each factor that can be moved: beliefs and the choice of a view. asked.futures: how many
    trajectories. Refuses what `check_samples` and `play` refuse."""
    check_samples("morris", asked.futures)
    moved = [factor for factor in factors if factor.kind in ("belief", "view")]
    draws = [_draws(asked, factor) for factor in moved]
    ways = trajectories([len(own) for own in draws], asked.futures, asked.seed % 2**63)
    names = [name for own in draws for name in own]
    told = _Told(progress, asked, ways.steps)
    own = next(played(asked, [None], asked.seed, futures=FOR_ENDS))
    outcomes = np.vstack([*replayed(asked, _places(ways, names), asked.seed, told.next(ways.steps))])
    effects = [Effect(factor, elementary(row)) for factor, row in zip(moved, ways.effects(outcomes), strict=True)]
    found = _explained("morris", asked, factors, (own[0], asked.read(*own)), told.done)
    effects.sort(key=lambda effect: -_known(effect.effects.mu_star))
    return replace(found, effects=tuple(effects), plays=told.done + FOR_ENDS * len(asked.policies))


def _places(ways: Trajectories, names: Sequence[str]) -> list[Design | None]:
    """A design for each step of the trajectories."""
    return [
        Design(uniforms=dict(zip(names, ways.place(step), strict=True))) for step in range(ways.steps)
    ]  # each [columns, trajectories] of numbers: some 200 steps of 200 columns


def _draws(asked: Asked, factor: Factor) -> tuple[str, ...]:
    """The random numbers that drive a factor, as a `Design` names them."""
    if factor.kind == "view":
        return (VIEW,)
    shared = asked.checked.scenario.beliefs[factor.name.partition("[")[0]].shared
    return factor.redrawn if shared else factor.labels


# --- distances between distributions ----------------------------------------------------------------------------------


def delta_study(asked: Asked, factors: Sequence[Factor], *, progress: Progress | None = None) -> Explanation:
    """Borgonovo's delta of each factor that is one number, beliefs with several members taken member by member, and of
    the choice of a view, from asked.futures futures. Refuses what `check_samples` and `play` refuse."""
    check_samples("delta", asked.futures)
    told = _Told(progress, asked, 1)
    runs = next(played(asked, [None], asked.seed, told.next(1)))
    outcome = asked.read(*runs)
    single = [own for factor in factors for own in _singles(asked, factor)]
    drawn = _beliefs(runs[0], single)
    rows = [runs[0].views.astype(np.float64) if f.kind == "view" else drawn[f.labels[0]] for f in single]
    found = _explained("delta", asked, single, (runs[0], outcome), told.done, drawn)
    told_of = [Delta(factor, own) for factor, own in zip(single, deltas(outcome, rows), strict=True)]
    return replace(found, deltas=tuple(sorted(told_of, key=lambda own: -_known(own.delta))))


def _singles(asked: Asked, factor: Factor) -> list[Factor]:
    """A factor as factors of one number each; nothing of chance and of groups, whose beliefs stand for themselves."""
    if factor.kind == "view" or (factor.kind == "belief" and len(_draws(asked, factor)) == 1):
        return [factor]
    if factor.kind == "belief":
        return [replace(factor, name=label, redrawn=(label,), labels=(label,)) for label in factor.labels]
    return []


# --- what all have in common ------------------------------------------------------------------------------------------


def _explained(
    method: Method,
    asked: Asked,
    factors: Sequence[Factor],
    own: tuple[Runs, Numbers],
    plays: int,
    drawn: Mapping[str, Numbers] | None = None,
) -> Explanation:
    """The outcome's mean and spread and its tornado, from the run's own futures. drawn: what these believed, where it
    has been drawn already."""
    runs, outcome = own
    known = outcome[np.isfinite(outcome)]
    n = known.size
    unasked = 0 if asked.compared else int(np.count_nonzero(runs.complete & ~np.isfinite(outcome)))
    if n < min(FEWEST_THAT_RAN, outcome.size):
        raise _too_few(n, outcome.size, unasked)
    sd = float(known.std(ddof=1))
    views = {} if asked.view is not None else asked.checked.scenario.views
    held = {name: runs.views == place for place, (name, view) in enumerate(views.items()) if view.credence}
    sizes = {name: int(np.count_nonzero(own & np.isfinite(outcome))) for name, own in held.items()}
    return Explanation(
        method=method,
        samples=asked.futures,
        mean=Mean(float(known.mean()), sd / math.sqrt(n), n),
        sd=sd,
        stopped=outcome.size - n - unasked,
        plays=plays,
        bars=tornado(outcome, factors, drawn or _beliefs(runs, factors), held, unordered_beliefs(runs)),
        measures=runs.measures,
        unasked=unasked,
        left_out={name: size for name, size in sizes.items() if size < FEWEST_FOR_A_VIEW},
    )


def _too_few(known: int, futures: int, unasked: int) -> RunError:
    """That an outcome is known in too few futures to be explained. unasked: in how many a condition did not hold."""
    if not unasked:
        return RunError(
            f"only {known:,} of {futures:,} futures ran to their end, too few to explain anything\n"
            "  hint: `playout run` says why the others stopped"
        )
    return RunError(
        f"the condition of the question holds in {known:,} of {futures:,} futures, and {FEWEST_THAT_RAN} are wanted to "
        f"explain anything\n  hint: play more with `--samples`, or ask for the odds of the condition itself"
    )


def _beliefs(runs: Runs, factors: Sequence[Factor]) -> dict[str, Numbers]:
    """What each future believed of all that the factors are made of, by label."""
    labels = dict.fromkeys(label for factor in factors for label in factor.labels if factor.kind == "belief")
    frame = runs.beliefs_of(list(labels))
    return {label: frame[label].to_numpy() for label in labels}


def _known(mean: Mean) -> float:
    """What to sort by: what is not a number comes last."""
    return mean.value if math.isfinite(mean.value) else -math.inf


class _Told:
    """Progress over several calls of `played`. done: futures played in all."""

    def __init__(self, progress: Progress | None, asked: Asked, designs: int) -> None:
        self._progress, self._each = progress, asked.futures * len(asked.policies)
        self._total = designs * self._each
        self.done = 0

    def next(self, designs: int) -> Progress:
        """What the next call tells of so many designs."""
        before = self.done
        self.done += designs * self._each

        def told(done: int, of: int) -> None:
            if self._progress is not None:
                self._progress(min(before + done, self._total), self._total)

        return told
