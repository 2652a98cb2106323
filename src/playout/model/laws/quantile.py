"""Quantile functions over arrays: how a random number becomes a value, for beliefs and for values drawn inside a run.

Two tables from a kind's name to its function. `SCORE_QUANTILES` holds the kinds built on the normal distribution, which
take a standard normal score z; `UNIFORM_QUANTILES` the others, which take a uniform u in the open interval (0, 1).
Parameters follow in the order of the language and broadcast against the first argument; they are not checked here (the
laws of `model/laws/` check theirs), so a parameter outside its range gives NaN or a value of no meaning.
Every function is monotone in its first argument, draws no further random number, and gives the same bits for an element
whatever stands beside it.

A mixture has no entry: its quantile function is the inverse of a sum (`Mixture.quantile`), and its parts are known
numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from playout.model.laws.elementary import NUMPY, exp
from playout.model.laws.form import FORMULAS, Form, widened
from playout.model.laws.table import BELOW_ONE, normal_distribution

Array: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = float | NDArray[np.float64]


def open_uniform_of(score: ArrayLike) -> Array:
    """Φ(z), kept inside the open interval (0, 1) where rounding would reach its ends."""
    with np.errstate(all="ignore"):
        return np.asarray(normal_distribution(NUMPY, np.asarray(score, dtype=np.float64)))


def widened_uniform(u: ArrayLike, factor: ArrayLike) -> Array:
    """`form.widened` over arrays: u and the factor, which is above 0, broadcast against each other."""
    with np.errstate(all="ignore"):
        return np.asarray(widened(NUMPY, *np.broadcast_arrays(np.asarray(u, float), np.asarray(factor, float))))


def _of_form(formula: str, a: Numbers, b: Numbers, c: Numbers, argument: Numbers) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(FORMULAS[formula](NUMPY, argument, Form(formula, a, b, c)))


def _normal(z: Numbers, mean: Numbers, sd: Numbers) -> Array:
    return _of_form("linear", mean, sd, sd, z)


def _lognormal(z: Numbers, median: Numbers, sigma: Numbers) -> Array:
    return _of_form("log", median, sigma, sigma, z)


def _logitnormal(z: Numbers, median: Numbers, sigma: Numbers) -> Array:
    return _of_form("logit", special.logit(median), sigma, sigma, z)


def _two_piece_normal(z: Numbers, median: Numbers, below: Numbers, above: Numbers) -> Array:
    return _of_form("linear", median, below, above, z)


def _two_piece_lognormal(z: Numbers, median: Numbers, below: Numbers, above: Numbers) -> Array:
    return _of_form("log", median, below, above, z)


def _two_piece_logitnormal(z: Numbers, median: Numbers, below: Numbers, above: Numbers) -> Array:
    return _of_form("logit", special.logit(median), below, above, z)


def _uniform(u: Numbers, low: Numbers, high: Numbers) -> Array:
    return _of_form("uniform", low, high - low, 0.0, u)


def _triangular(u: Numbers, low: Numbers, mode: Numbers, high: Numbers) -> Array:
    return _of_form("triangular", low, mode, high, u)


def _beta(u: Numbers, a: Numbers, b: Numbers) -> Array:
    return np.asarray(special.betaincinv(a, b, u))


def _gamma(u: Numbers, shape: Numbers, scale: Numbers) -> Array:
    return np.asarray(scale * special.gammaincinv(shape, u))


def _exponential(u: Numbers, mean: Numbers) -> Array:
    return _of_form("exponential", mean, 0.0, 0.0, u)


#: Up to this mean the Poisson count is found by adding up probabilities from 0: some 50 terms at most.
_POISSON_BY_INVERSION = 12.0


def _poisson(u: Numbers, mean: Numbers) -> Array:
    """The least k with P(K ≤ k) ≥ u, as a double; NaN where the mean is negative or not a number.

    Most counts of a run are 0, and those cost one comparison.
    """
    u, mean = np.broadcast_arrays(np.asarray(u, dtype=np.float64), np.asarray(mean, dtype=np.float64))
    count = np.zeros(u.shape)
    rest = ~((u <= exp(-mean)) & (mean >= 0.0))
    if rest.any():
        count[rest] = _poisson_above_zero(u[rest], mean[rest])
    return count


def _poisson_above_zero(u: Array, mean: Array) -> Array:
    count = np.full(u.shape, np.nan)
    small = (mean >= 0.0) & (mean <= _POISSON_BY_INVERSION)
    if small.any():
        count[small] = _poisson_by_inversion(u[small], mean[small])
    large = mean > _POISSON_BY_INVERSION
    if large.any():
        count[large] = _poisson_by_expansion(u[large], mean[large])
    count[(u >= 1.0) & (mean > 0.0)] = np.inf
    return count


def _poisson_by_inversion(u: Array, mean: Array) -> Array:
    """Sequential search (Devroye 1986, X.3.3): subtract probabilities from the uniform until none is left."""
    count = np.zeros(u.shape)
    term = exp(-mean)
    total = term.copy()
    k = 0
    while (more := (u > total) & (term > 0.0)).any():
        k += 1
        count[more] = k
        term *= mean / k
        # Once the sum has stopped growing a uniform above it is above every double the sum can reach.
        grown = total + term
        term[(grown == total) & (k > mean)] = 0.0
        total = grown
    return count


def _poisson_by_expansion(u: Array, mean: Array) -> Array:
    """Cornish–Fisher's expansion to second order, then single steps until the distribution function agrees.

    SciPy's `pdtrik` is not used: it fails for means near 10⁹ and above. Steps are bounded, for in the far tail of such
    means neighbouring counts round to one probability.
    """
    z = special.ndtri(np.minimum(u, BELOW_ONE))
    root = np.sqrt(mean)
    count = np.maximum(np.ceil(mean + root * z + (z * z - 1.0) / 6.0 + (z - z * z * z) / (72.0 * root) - 0.5), 0.0)
    for _ in range(16):
        high = (count > 0.0) & (special.pdtr(count - 1.0, mean) >= u)
        low = special.pdtr(count, mean) < u
        if not (high | low).any():
            break
        count = np.where(high, count - 1.0, np.where(low, count + 1.0, count))
    return np.asarray(count)


def _bernoulli(u: Numbers, p: Numbers) -> Array:
    return _of_form("step", 1.0 - p, 0.0, 0.0, u)


def _categorical(u: Numbers, *pairs: Numbers) -> Array:
    """`pairs` are p₁, v₁, p₂, v₂, … with the values ascending; the last takes what is left."""
    total: Numbers = 0.0
    value = np.asarray(pairs[1] + np.zeros(np.shape(u)))
    for p, following in zip(pairs[0::2], pairs[3::2], strict=False):
        total = total + p
        value = np.where(np.greater(u, total), following, value)
    return value


def _point(u: Numbers, value: Numbers) -> Array:
    return np.asarray(value + np.zeros(np.shape(u)))


Quantile = Callable[..., Array]

#: Kind → function of a standard normal score and the kind's parameters.
SCORE_QUANTILES: dict[str, Quantile] = {
    "normal": _normal,
    "lognormal": _lognormal,
    "logitnormal": _logitnormal,
    "two_piece_normal": _two_piece_normal,
    "two_piece_lognormal": _two_piece_lognormal,
    "two_piece_logitnormal": _two_piece_logitnormal,
}

#: Kind → function of an open uniform and the kind's parameters.
UNIFORM_QUANTILES: dict[str, Quantile] = {
    "uniform": _uniform,
    "triangular": _triangular,
    "beta": _beta,
    "gamma": _gamma,
    "exponential": _exponential,
    "poisson": _poisson,
    "bernoulli": _bernoulli,
    "categorical": _categorical,
    "point": _point,
}
