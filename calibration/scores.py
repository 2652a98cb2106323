"""Proper scores of forecasts given as draws, and how often a central interval holds what came.

Formulas: T. Gneiting and A. E. Raftery, Strictly proper scoring rules, prediction, and estimation, JASA 102 (2007).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def crps(draws: ArrayLike, observed: ArrayLike) -> Floats:
    """The continuous ranked probability score, E|X − y| − ½ E|X − X′|, in the unit of what is forecast; less is better.

    draws: shape (n, …), n at least two draws of each forecast; observed: shape (…). The second expectation is over
    pairs of different draws (the fair form, which does not reward few draws), summed from sorted draws.
    """
    x = np.sort(np.asarray(draws, dtype=np.float64), axis=0)
    y = np.asarray(observed, dtype=np.float64)
    n = x.shape[0]
    if n < 2:
        raise ValueError("a score needs at least two draws of each forecast")
    weights = (2 * np.arange(1, n + 1) - n - 1).reshape((n,) + (1,) * (x.ndim - 1))
    spread = 2 * (weights * x).sum(axis=0) / (n * (n - 1))
    score: Floats = np.abs(x - y).mean(axis=0) - spread / 2
    return score


def normal_crps(mean: float, sd: float, observed: float) -> float:
    """The same score of a normal forecast, in closed form (Gneiting and Raftery, equation 21)."""
    from scipy.stats import norm

    z = (observed - mean) / sd
    return float(sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi)))


def coverage(draws: ArrayLike, observed: ArrayLike, level: float, ties: np.random.Generator) -> float:
    """The share of observations inside the central interval of that level, between 0 and 1.

    Counts have ties, so the place of an observation among the draws is drawn evenly from the places it may take: a
    right forecast then covers exactly its level (C. Czado, T. Gneiting and L. Held, Biometrics 65, 2009).
    """
    places = place_among(draws, observed, ties)
    tail = (1 - level) / 2
    return float(((places > tail) & (places < 1 - tail)).mean())


def place_among(draws: ArrayLike, observed: ArrayLike, ties: np.random.Generator) -> Floats:
    """Where each observation stands among its draws, 0 to 1, ties broken at random. Shapes as in `crps`."""
    x = np.asarray(draws, dtype=np.float64)
    y = np.asarray(observed, dtype=np.float64)
    below = (x < y).mean(axis=0)
    at_most = (x <= y).mean(axis=0)
    places: Floats = below + ties.random(y.shape) * (at_most - below)
    return places
