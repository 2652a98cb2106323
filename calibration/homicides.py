"""Monthly homicides by state: negative binomial with a trend, an autoregressive residual and rare jumps.

    y ~ negative binomial with mean μ and size k (variance μ + μ²/k)
    log μₜ = level + slope · (t − T) + eₜ            T is the last month seen; months
    eₜ₊₁ = φ eₜ + α log((yₜ + ½) / (μₜ + ½))          observation-driven, as in a GLARMA model

after R. Davis, W. Dunsmuir and S. Streett, Observation-driven models for Poisson counts, Biometrika 90 (2003), with a
log residual in place of Pearson's so that one wild month moves the mean by a bounded factor. φ and α are shared by
all states; level, slope and size are each state's own, with priors that pull slopes to none and sizes to each other.
In a forecast a state may also be hit by a jump (a split), at a monthly chance: μ times 1 + r, fading from then on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from calibration.scores import Floats

MEMORY = (0.95, 0.97, 0.985, 0.995, 1.0)
"""Values of φ that are tried; at 1 the mean follows the counts for good, below it returns to trend."""
WEIGHT = (0.15, 0.25, 0.35, 0.45, 0.55, 0.7)
"""Values of α that are tried: how much of one month's surprise the mean takes over."""
SLOPE_SD = 0.02 / 12
"""Standard deviation of a state's trend, in log points a month, before its data are seen."""
SIZE_MEAN, SIZE_SD = np.log(25.0), 0.7
"""Mean and standard deviation of the log of a state's size."""


@dataclass(frozen=True, slots=True)
class Jumps:
    """Rare jumps of a state: chance a month, the law of the added share r (log-median, log-sd), fading a month."""

    chance: float
    log_median: float
    log_sd: float
    fading: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What is fitted to months × states: φ, α, and per state level, slope (a month), size and the last residual."""

    carry: float
    weight: float
    level: Floats
    slope: Floats
    size: Floats
    residual: Floats
    log_likelihood: float


def log_negative_binomial(counts: Floats, mean: Floats, size: Floats) -> Floats:
    """The log probability of counts. Zero where a count is missing (NaN). Shapes broadcast."""
    seen = ~np.isnan(counts)
    y = np.where(seen, counts, 0.0)
    total = size + mean
    value = gammaln(y + size) - gammaln(size) - gammaln(y + 1) + size * np.log(size / total) + y * np.log(mean / total)
    result: Floats = np.where(seen, value, 0.0)
    return result


def means(counts: Floats, level: Floats, slope: Floats, carry: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """One-step means, shape (months, …), and the residual after the last month, shape (…).

    counts: (months, states), NaN where missing; the other arrays broadcast to (…, states).
    """
    months = counts.shape[0]
    residual = np.zeros(np.broadcast_shapes(level.shape, carry.shape))
    found = np.empty((months, *residual.shape))
    for month in range(months):
        mean = np.exp(np.clip(level + slope * (month - months + 1) + residual, -20, 20))
        found[month] = mean
        y = counts[month]
        surprise = np.where(np.isnan(y), 0.0, np.log((y + 0.5) / (mean + 0.5)))
        residual = carry * residual + weight * surprise
    return found, residual


def _posterior(counts: Floats, own: Floats, carry: Floats, weight: Floats) -> Floats:
    """Log posterior of each state, (…, states); own: (3, …, states) of level, slope and log size."""
    found, _ = means(counts, own[0], own[1], carry, weight)
    observed = counts.reshape(counts.shape[0], *(1,) * (found.ndim - 2), counts.shape[1])
    value = log_negative_binomial(observed, found, np.exp(own[2])).sum(axis=0)
    prior = -0.5 * (own[1] / SLOPE_SD) ** 2 - 0.5 * ((own[2] - SIZE_MEAN) / SIZE_SD) ** 2
    result: Floats = value + prior
    return result


def _climb(counts: Floats, own: Floats, carry: Floats, weight: Floats, rounds: int = 7) -> Floats:
    """The states' own parameters that are likeliest, by damped Newton steps with differences, all states at once."""
    step = np.array([1e-3, 1e-5, 1e-3])
    limit = np.array([0.5, 0.004, 0.5])
    for _ in range(rounds):
        here = _posterior(counts, own, carry, weight)
        gradient = np.empty_like(own)
        hessian = np.empty((3, *own.shape))
        up = []
        for i in range(3):
            plus, minus = own.copy(), own.copy()
            plus[i] += step[i]
            minus[i] -= step[i]
            high, low = _posterior(counts, plus, carry, weight), _posterior(counts, minus, carry, weight)
            up.append(high)
            gradient[i] = (high - low) / (2 * step[i])
            hessian[i, i] = (high - 2 * here + low) / step[i] ** 2
        for i, j in ((0, 1), (0, 2), (1, 2)):
            both = own.copy()
            both[i] += step[i]
            both[j] += step[j]
            hessian[i, j] = hessian[j, i] = (_posterior(counts, both, carry, weight) - up[i] - up[j] + here) / (
                step[i] * step[j]
            )
        curvature = np.moveaxis(-hessian, (0, 1), (-2, -1))
        scale = np.sqrt(np.maximum(np.abs(np.einsum("...ii->...i", curvature)), 1e-9))
        curvature = curvature / scale[..., :, None] / scale[..., None, :]
        values, vectors = np.linalg.eigh(curvature)
        slopes = np.moveaxis(gradient, 0, -1) / scale
        turned = np.einsum("...ji,...j->...i", vectors, slopes) / np.maximum(np.abs(values), 0.05)
        move = np.einsum("...ij,...j->...i", vectors, turned) / scale
        own = own + np.clip(
            np.moveaxis(move, -1, 0),
            -limit.reshape(3, *(1,) * (own.ndim - 1)),
            limit.reshape(3, *(1,) * (own.ndim - 1)),
        )
    return own


def fit(counts: NDArray[np.float64]) -> Fit:
    """The likeliest parameters for counts of shape (months, states), NaN where a month was not reported."""
    carry, weight = (a.reshape(-1, 1) for a in np.meshgrid(MEMORY, WEIGHT, indexing="ij"))
    states = counts.shape[1]
    usual = np.log(np.nanmean(counts, axis=0) + 0.5)
    own = np.empty((3, carry.shape[0], states))
    own[0], own[1], own[2] = usual, 0.0, SIZE_MEAN
    own = _climb(counts, own, carry, weight)
    totals = _posterior(counts, own, carry, weight).sum(axis=-1)
    best = int(np.argmax(totals))
    level, slope, size = own[0, best], own[1, best], np.exp(own[2, best])
    _, residual = means(counts, level, slope, carry[best], weight[best])
    return Fit(float(carry[best, 0]), float(weight[best, 0]), level, slope, size, residual, float(totals[best]))


def forecast(fitted: Fit, months: int, draws: int, random: np.random.Generator, jumps: Jumps | None = None) -> Floats:
    """Draws of what comes, shape (draws, months, states)."""
    states = len(fitted.level)
    residual = np.broadcast_to(fitted.residual, (draws, states)).copy()
    added = np.zeros((draws, states))
    found = np.empty((draws, months, states))
    for month in range(months):
        if jumps is not None:
            hit = random.random((draws, states)) < jumps.chance
            size = np.exp(jumps.log_median + jumps.log_sd * random.standard_normal((draws, states)))
            added = added * (1 - jumps.fading) + np.where(hit, size, 0.0)
        mean = np.exp(np.clip(fitted.level + fitted.slope * (month + 1) + residual, -20, 20))
        y = random.poisson(random.gamma(fitted.size, mean * (1 + added) / fitted.size))
        found[:, month] = y
        surprise = np.log((y + 0.5) / (mean * (1 + added) + 0.5))
        residual = fitted.carry * residual + fitted.weight * surprise
    return found


def random_walk(counts: Floats, months: int, draws: int, random: np.random.Generator) -> Floats:
    """The naive forecaster, shape (draws, months, states): the last month, moved as far as counts moved before.

    The move over h months is drawn from all of the state's own log changes over h months, so the walk is neither too
    wide nor too narrow by construction.
    """
    logs = np.log(counts + 0.5)
    last = np.array([column[~np.isnan(column)][-1] for column in logs.T])
    found = np.empty((draws, months, counts.shape[1]))
    for ahead in range(1, months + 1):
        for state in range(counts.shape[1]):
            changes = logs[ahead:, state] - logs[:-ahead, state]
            changes = changes[~np.isnan(changes)]
            moved = np.exp(last[state] + random.choice(changes, size=draws)) - 0.5
            found[:, ahead - 1, state] = np.maximum(np.rint(moved), 0)
    return found
