"""What it would be worth to know a belief before choosing among policies: futures played under each, and what is read
from them.

    Asked, policies, factors ──information_study──▶ Information

Every policy is played twice: once with beliefs of its own in each future, from which each factor's worth is read; and
once with CHANCES futures to each set of beliefs, from which bounds on the worth of knowing all of them are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playout.analyse.average import Mean
from playout.analyse.estimate import Numbers
from playout.analyse.information import FEWEST, Perfect, Worth, best_policy, partial_information, perfect_information
from playout.analyse.sensitivity.factors import Factor
from playout.analyse.sensitivity.replay import Asked, Progress
from playout.errors import RunError, UsageError
from playout.simulate.design import VIEW, Design
from playout.simulate.result import Runs
from playout.simulate.study import Variant, play_variants

CHANCES = 8
"""Draws of chance to each set of beliefs where these are all known."""
SAMPLES = 8192
"""Futures under each policy unless the caller says."""


@dataclass(frozen=True, slots=True)
class Known:
    """What knowing one factor is worth."""

    factor: Factor
    worth: Worth


@dataclass(frozen=True, slots=True)
class Information:
    """What knowing beliefs is worth for a stated objective, in its unit. served: the objective's mean under each of
    the policies; best: the position of the one with the largest; behind: each one's mean less the best one's, future by
    future. known: by factor, the largest worth first.

    futures: under each policy, in each of the two plays; stopped: how many of the first stopped under any of them.
    """

    policies: tuple[str, ...]
    served: tuple[Mean, ...]
    best: int
    behind: tuple[Mean, ...]
    perfect: Perfect
    known: tuple[Known, ...]
    futures: int
    stopped: int
    plays: int


def information_study(
    asked: Asked, policies: Mapping[str, str | None], factors: Sequence[Factor], progress: Progress | None = None
) -> Information:
    """What knowing each factor before choosing is worth. asked.read: the objective in each future, larger is better;
    asked.futures: under each policy, in each of two plays. policies: two names at least, with the policy that `play` is
    told (None: as written).

    Refuses, with a UsageError, what `play` refuses and too few futures; with a RunError, a play of which too few
    futures ran to their end.
    """
    least = max(FEWEST, 2 * CHANCES)
    if asked.futures < least:
        raise UsageError(f"the value of information wants {least:,} futures at least; {asked.futures:,} were asked for")
    sets = asked.futures // CHANCES
    shared = Design(numbers=np.minimum(np.arange(asked.futures) // CHANCES, sets - 1))
    plays = play_variants(
        asked.checked,
        [
            Variant(policy, asked.view, design, limited=design is None)
            for design in (None, shared)
            for policy in policies.values()
        ],
        futures=asked.futures,
        seed=asked.seed,
        engine=asked.setting.engine,
        precision=asked.setting.precision,
        wanted=asked.wanted,
        allow_stopped=asked.setting.allow_stopped,
        progress=progress,
    )
    own = [next(plays) for _ in policies]
    values = np.vstack([asked.read(runs, None) for runs in own])
    nested = np.stack([asked.read(runs, None)[: sets * CHANCES].reshape(sets, CHANCES) for runs in plays])
    ran = np.isfinite(values).all(axis=0)
    if np.count_nonzero(ran) < FEWEST:
        raise RunError(
            f"only {np.count_nonzero(ran):,} of {asked.futures:,} futures ran to their end under every policy, and the "
            f"value of information wants {FEWEST:,}: ask for more"
        )
    best = best_policy(values)
    drawn = _Drawn(own, factors)
    told = [
        Known(factor, partial_information(values, drawn.of(factor)))
        for factor in factors
        if factor.kind != "chance" and (factor.labels or factor.kind == "view")
    ]
    return Information(
        policies=tuple(policies),
        served=tuple(_mean(row[ran]) for row in values),
        best=best,
        behind=tuple(_mean((row - values[best])[ran]) for row in values),
        perfect=perfect_information(nested),
        known=tuple(sorted(told, key=lambda known: -known.worth.gain.value)),
        futures=asked.futures,
        stopped=int(np.count_nonzero(~ran)),
        plays=2 * len(policies) * asked.futures,
    )


class _Drawn:
    """What each future believed. A policy may make a belief one number; what is drawn is then read from another's run,
    for all follow the same random numbers."""

    def __init__(self, own: Sequence[Runs], factors: Sequence[Factor]) -> None:
        self._views = own[0].views.astype(np.float64)
        self._columns: dict[str, Numbers] = {}
        left = list(dict.fromkeys(label for factor in factors for label in factor.labels))
        for runs in own:
            frame = runs.beliefs_of(left)
            self._columns.update((label, frame[label].to_numpy()) for label in left)
            left = [label for label in left if self._columns[label].min() == self._columns[label].max()]
            if not left:
                break

    def of(self, factor: Factor) -> Numbers:
        """Of one factor, [columns, futures]."""
        columns = [self._columns[label] for label in factor.labels]
        return np.vstack([self._views, *columns] if VIEW in factor.redrawn else columns)


def _mean(values: Numbers) -> Mean:
    return Mean(float(values.mean()), float(values.std(ddof=1)) / values.size**0.5, values.size)
