"""The value of information: how much better a stated objective could be served if something were known before a policy
is chosen.

With v(d) the objective under policy d, a larger one better, and x what would be known (H. Raiffa and R. Schlaifer,
Applied Statistical Decision Theory, 1961, chapter 4; M. Strong, J. E. Oakley and A. Brennan, Medical Decision Making
34, 2014):

    EVPPI(x) = E_x[max_d E[v(d) | x]] − max_d E[v(d)]
    EVPI     = the same, with x all beliefs and the choice of a view

Chance inside the run is never known beforehand: the means inside are over it and over all beliefs but x. What it would
be worth to know chance as well is a bound that nothing can pass.

`partial_information` regresses the policies' differences on x over futures that were played anyway. A rule (choose
the policy that looks best at x) is learnt from nine tenths of them and valued on the remaining tenth, ten times over.
No rule serves better than the best one, so the estimate is at most too low on average, and about 0 where x tells
nothing: the maximum of noisy means, which finds value where there is none, is never taken. `perfect_information` wants
futures that share beliefs and differ in chance, and gives a bound on either side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.average import Mean
from playout.analyse.estimate import Bools, Numbers

FOLDS = 10
FEWEST = 500
"""Futures below which no rule is learnt."""
KNOTS = 6
"""Pieces of the line that is fitted along each belief."""
FUTURES_A_TERM = 20
"""Futures that each fitted number has at least."""
FEW_VALUES = 12
"""A belief with no more values than this is fitted value by value."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What knowing something is worth, in the objective's unit. gain: never below 0. changes: the share of futures in
    which another policy would be chosen than without it. choices: that share by policy, [policies]."""

    gain: Mean
    changes: float
    choices: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Perfect:
    """What knowing all beliefs is worth: at least ``low``, at most ``high``. with_chance: if chance were known too.

    best: the position of the policy that is best without knowing anything, with its mean in ``served``.
    """

    best: int
    served: tuple[Mean, ...]
    low: Mean
    high: Mean
    with_chance: Mean


def best_policy(values: Numbers) -> int:
    """The policy with the largest mean, by position: of equals the first. values: [policies, futures]."""
    return int(values[:, whole(values)].mean(axis=1).argmax())


def whole(values: Numbers) -> Bools:
    """The futures in which no policy's run stopped, [futures]."""
    return np.asarray(np.isfinite(values).all(axis=0))


def partial_information(values: Numbers, known: Numbers) -> Worth:
    """What knowing some beliefs is worth, and nothing else.

    values: the objective [policies, futures]; futures in which any is not finite are left out. known: [beliefs,
    futures]; their effects are fitted one by one and added, so that what they tell only together is left out.
    """
    complete = whole(values)
    values, known = values[:, complete], known[:, complete]
    many, n = values.shape
    if n < FEWEST:
        return Worth(Mean(math.nan, math.nan, n), math.nan, (math.nan,) * many)
    best = best_policy(values)
    gaps = (values - values[best]).T
    chosen = _learnt(_terms(known), gaps, best)
    gain = gaps[np.arange(n), chosen]
    shares = np.bincount(chosen, minlength=many) / n
    return Worth(_never_below(gain), 1.0 - float(shares[best]), tuple(shares.tolist()))


def perfect_information(values: Numbers) -> Perfect:
    """What knowing all beliefs is worth.

    values: [policies, beliefs, chances]: the same beliefs are played under several draws of chance, two at least, and
    each draw under every policy. low: the policy is chosen by all draws but one and valued on that one; high: it is
    chosen and valued by the same draws, which flatters it. Rows in which a run stopped are left out.
    """
    values = values[:, np.isfinite(values).all(axis=(0, 2))]
    many, rows, draws = values.shape
    if rows < 2:
        nothing = Mean(math.nan, math.nan, rows)
        return Perfect(0, (nothing,) * many, nothing, nothing, nothing)
    means = values.mean(axis=2)
    best = int(means.mean(axis=1).argmax())
    gaps = values - values[best]
    others = (gaps.sum(axis=2, keepdims=True) - gaps) / (draws - 1)
    learnt = np.take_along_axis(gaps, others.argmax(axis=0)[np.newaxis], axis=0)[0]
    return Perfect(
        best=best,
        served=tuple(_mean(row) for row in means),
        low=_never_below(learnt.mean(axis=1)),
        high=_never_below(gaps.mean(axis=2).max(axis=0)),
        with_chance=_never_below(gaps.max(axis=0).mean(axis=1)),
    )


# --- the rule ---------------------------------------------------------------------------------------------------------


def _learnt(terms: Numbers, gaps: Numbers, best: int) -> NDArray[np.int64]:
    """The policy that looks best in each future, by a fit to the futures of the other folds, [futures].

    terms: [futures, terms]; gaps: each policy's objective less the best one's, [futures, policies].
    """
    fold = np.arange(len(terms)) % FOLDS
    squares = np.stack([terms[fold == k].T @ terms[fold == k] for k in range(FOLDS)])
    products = np.stack([terms[fold == k].T @ gaps[fold == k] for k in range(FOLDS)])
    chosen = np.full(len(terms), best, np.int64)
    for k in range(FOLDS):
        left = squares.sum(axis=0) - squares[k]
        ridge = 1e-6 * np.trace(left) / len(left)  # terms that always sum to one are told apart
        fit = np.linalg.solve(left + ridge * np.eye(len(left)), products.sum(axis=0) - products[k])
        fitted = terms[fold == k] @ fit
        fitted[:, best] = 0.0
        order = np.argsort(np.arange(fitted.shape[1]) != best, kind="stable")  # of equals, the policy that stands
        chosen[fold == k] = order[fitted[:, order].argmax(axis=1)]
    return chosen


def _terms(known: Numbers) -> Numbers:
    """What is fitted: a line with bends along each belief's ranks, or a number for each of few values, and a constant;
    [futures, terms]."""
    n = known.shape[1]
    knots = int(min(KNOTS, max(1, n // (FUTURES_A_TERM * max(len(known), 1)))))
    return np.column_stack([np.ones(n), *(_bends(row, knots) for row in known)])


def _bends(row: Numbers, knots: int) -> Numbers:
    ordered, place, counts = np.unique(row, return_inverse=True, return_counts=True)
    if len(ordered) <= FEW_VALUES:
        return np.eye(len(ordered))[place]
    rank = (np.cumsum(counts) - counts / 2)[place] / row.size
    return np.maximum(0.0, rank[:, np.newaxis] - np.arange(knots) / knots)


# --- means ------------------------------------------------------------------------------------------------------------


def _mean(rows: Numbers) -> Mean:
    se = float(rows.std(ddof=1)) / math.sqrt(rows.size) if rows.size > 1 else math.nan
    return Mean(float(rows.mean()), se, rows.size)


def _never_below(rows: Numbers) -> Mean:
    found = _mean(rows)
    return Mean(max(0.0, found.value), found.se, found.n)
