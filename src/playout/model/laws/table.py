"""Quantile functions without a closed form, as tables of polynomials over the normal score.

Seen from the normal score z = Φ⁻¹(u) the logarithm of a gamma quantile and the logit of a beta quantile are gently
curved from one tail to the other, so that a polynomial of the fifth degree an eighth of a score wide follows them.
Each piece goes through the exact function at the Chebyshev–Lobatto points, ends included, so that pieces join.

A table is checked between its points; one that is off by more than allowed has its pieces halved, and is given up where
that does not help.
Tables span all open uniforms, from 2⁻²⁰⁰ to 1 − 2⁻⁵³.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from playout.model.laws.elementary import Arithmetic, Number, clipped, exponential, polynomial

Array = NDArray[np.float64]
Scale = Literal["linear", "log", "logit"]

TOLERANCE = 1e-12
"""The greatest error of a table's logarithm or logit, so of the value relatively to itself (and of a share's rest)."""

LOWEST, HIGHEST = -16.5, 8.25
"""The normal scores of 2⁻²⁰⁰ and 1 − 2⁻⁵³, and a little beyond."""

DEGREE = 5
ROUNDING = 1e-14
"""The error that a table may have beyond, for each unit of its logarithm or logit."""

ABOVE_ZERO, BELOW_ONE = 2.0**-200, 1.0 - 2.0**-53
"""The ends of an open uniform: the greatest double below 1, and a number so small that no draw comes near it, yet not
so small that SciPy's inverse of the beta function fails (it gives NaN from 1e-200 down)."""

_POINTS = np.cos(np.pi * np.arange(DEGREE, -1, -1) / DEGREE) / 2.0  # in [-½, ½]
_CHECKED = np.array([-0.47, -0.3, 0.0, 0.13, 0.4])
_FROM_VALUES = np.linalg.inv(np.vander(_POINTS, increasing=True))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """scale⁻¹(a polynomial of the normal score), by pieces of equal width from ``LOWEST`` on.

    rows: coefficients [pieces, DEGREE + 1] in the place within the piece, from -½ to ½. per: pieces a score.
    """

    scale: Scale
    per: float
    rows: Array


def looked_up(m: Arithmetic, rows: Any, per: Number, pieces: Number, z: Number) -> Number:
    """A table's polynomial at normal scores; scores beyond its ends count as its ends."""
    place = (z - LOWEST) * per
    place = m.where(place > 0.0, place, 0.0)  # NaN, too, gets a piece that there is
    place = m.where(place < pieces, place, pieces - 2.0**-30)
    piece = m.whole(place)
    return polynomial(place - m.real(piece) - 0.5, m.rows(rows, piece))


def fitted(exact: Callable[[Array], Array], scale: Scale, unit: float = 1.0) -> Table | None:
    """The table of a function of normal scores that gives values on the table's scale; None where it is too crooked.

    unit: what the error is measured in, for a linear scale.
    """
    for per in (8.0, 16.0, 32.0):
        starts = LOWEST + (np.arange(round((HIGHEST - LOWEST) * per)) + 0.5)[:, np.newaxis] / per
        with np.errstate(all="ignore"):
            points, between = exact((starts + _POINTS / per).ravel()), exact((starts + _CHECKED / per).ravel())
        rows = points.reshape(-1, DEGREE + 1) @ _FROM_VALUES.T
        if not (np.isfinite(rows).all() and np.isfinite(between).all()):
            return None
        apart = np.abs((rows @ np.vander(_CHECKED, DEGREE + 1, increasing=True).T).ravel() - between)
        if np.all(apart <= TOLERANCE * unit + ROUNDING * np.abs(between)):
            return Table(scale, per, np.ascontiguousarray(rows))
    return None


def solved(score: Callable[[Array], Array], scale: Scale, low: float, high: float) -> Table | None:
    """The table of a law that gives the normal score of a value, where only that is at hand: the inverse of ``score``.

    low, high: values with scores below -`SOLVED` and above `SOLVED`. Scores beyond, and pieces in which a jump or a
    bend lies, become holes, which give NaN; None where holes would hold more than a quarter of all draws. Elsewhere the
    error is below 1e-9, of the value relatively or for a linear scale of the law's standard deviation or so.
    """
    per = 32.0
    starts = LOWEST + (np.arange(round((HIGHEST - LOWEST) * per)) + 0.5)[:, np.newaxis] / per
    inside = np.abs(starts[:, 0]) < SOLVED

    def of(y: Array) -> Array:
        return score(np.exp(y) if scale == "log" else special.expit(y) if scale == "logit" else y)

    with np.errstate(all="ignore"):
        ends = np.array([low, high])
        ends = np.log(ends) if scale == "log" else special.logit(ends) if scale == "logit" else ends
        grid = np.linspace(ends[0], ends[1], 1000)
        scores = of(grid)
        nodes = _inverted(of, (starts[inside] + _POINTS / per).ravel(), grid, scores)
        pieces = nodes.reshape(-1, DEGREE + 1) @ _FROM_VALUES.T
        places = _CHECKED[:2]
        between = (pieces @ np.vander(places, DEGREE + 1, increasing=True).T).ravel()
        apart = np.abs(of(between) - (starts[inside] + places / per).ravel()).reshape(-1, places.size)
    unit = float(np.interp(1.0, scores, grid) - np.interp(-1.0, scores, grid)) / 2.0 if scale == "linear" else 1.0
    sound = (apart * np.abs(pieces[:, 1:2]) * per).max(axis=1) <= 1e-9 * unit
    rows = np.full((len(starts), DEGREE + 1), np.nan)
    rows[np.flatnonzero(inside)[sound]] = pieces[sound]
    middle = starts[inside][sound, 0]
    kept = special.ndtr(middle + 0.5 / per) - special.ndtr(middle - 0.5 / per)
    return Table(scale, per, rows) if kept.sum() >= 0.75 else None


SOLVED = 6.5
"""Normal scores that a word's uniform reaches, and a little beyond: there and no further is a law solved for."""


def _inverted(function: Callable[[Array], Array], z: Array, grid: Array, values: Array) -> Array:
    """Where an increasing function takes the values z: by secants from a grid on which it is known. NaN: not found."""
    known = np.isfinite(values)
    y = np.interp(z, values[known], grid[known])
    slope = np.interp(z, values[known][1:], np.diff(grid[known]) / np.diff(values[known]))
    off = z - function(y)
    for _ in range(3):
        step = off * slope
        y = y + step
        left = z - function(y)
        slope = np.where(np.abs(left - off) > 1e-14, -step / (left - off), slope)
        off = left
    return np.asarray(np.where(np.abs(off) <= 1e-11, y, np.nan))


def known(exact: Callable[[Array], Array], scale: Scale) -> Table:
    """The table of a function that is known to be smooth enough."""
    table = fitted(exact, scale)
    assert table is not None
    return table


# --- what is tabulated ------------------------------------------------------------------------------------------------


def gamma_table(shape: float) -> Table | None:
    """The gamma quantile of scale 1."""

    def exact(z: Array) -> Array:
        below = special.gammaincinv(shape, special.ndtr(np.minimum(z, 0.0)))
        above = special.gammainccinv(shape, special.ndtr(-np.maximum(z, 0.0)))
        series = (special.log_ndtr(z) + special.gammaln(shape + 1.0)) / shape
        return np.asarray(np.where(series < _TINY, series, np.log(np.where(z < 0.0, below, above))))

    return fitted(exact, "log")


def beta_table(a: float, b: float) -> Table | None:
    """The beta quantile."""

    def end(score: Array, a: float, b: float) -> tuple[Array, Array]:
        """The distance from the end that low scores are near, and its logarithm."""
        x = np.asarray(special.betaincinv(a, b, special.ndtr(score)))
        series = (special.log_ndtr(score) + math.log(a) + special.betaln(a, b)) / a
        return x, np.where(series < _TINY, series, np.log(x))

    def exact(z: Array) -> Array:
        (x, log_x), (y, log_y) = end(z, a, b), end(-z, b, a)
        # What is left of a whole is exact to the whole's last place only, be it of the value or of the uniform.
        from_below = np.where(z < 0.0, y >= special.ndtr(z), x < special.ndtr(-z))
        return np.where(from_below, log_x - np.log1p(-x), np.log1p(-y) - log_y)

    return fitted(exact, "logit")


_TINY = -200.0
"""Below this logarithm the first term of a quantile's power series is the quantile to the last bit."""

LOWER_TAIL = known(special.log_ndtr, "log")
"""log Φ(z)."""


def normal_distribution(m: Arithmetic, z: Number) -> Number:
    """Φ(z) between 2⁻²⁰⁰ and 1 − 2⁻⁵³, relative error below 1e-12."""
    low = m.where(z < 0.0, z, -z)
    rows = LOWER_TAIL.rows
    tail = exponential(m, looked_up(m, rows, LOWER_TAIL.per, float(len(rows)), low))
    return clipped(m, m.where(z < 0.0, tail, 1.0 - tail), ABOVE_ZERO, BELOW_ONE)
