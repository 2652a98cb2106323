"""Laws built on the normal distribution: a median, a spread on each side, and a scale on which they are normal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from playout.model.laws.base import Distribution
from playout.model.laws.elementary import log, ndtri
from playout.model.laws.form import Form
from playout.model.laws.quantile import SCORE_QUANTILES, Array

Scale = Literal["linear", "log", "logit"]

_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


class _ScoreLaw(Distribution):
    """A median and a spread on each side of it, normal on a scale that is linear, logarithmic or logit."""

    __slots__ = ()

    scale: ClassVar[Scale]

    @property
    def by_score(self) -> bool:
        return True

    def _pieces(self) -> tuple[float, float, float]:
        """The median, and the spread below and above it on the law's scale."""
        centre, *spreads = self.parameters
        return centre, spreads[0], spreads[-1]

    def quantile(self, u: ArrayLike) -> Array:
        return self.at_score(ndtri(u))

    def at_score(self, z: ArrayLike) -> Array:
        return SCORE_QUANTILES[self.kind](np.asarray(z, dtype=np.float64), *self.parameters)

    def _form(self) -> Form:
        centre, below, above = self._pieces()
        return Form(self.scale, float(special.logit(centre)) if self.scale == "logit" else centre, below, above)

    def score(self, x: ArrayLike) -> Array:
        """The normal score of x: the inverse of `at_score`, ±inf outside the support."""
        centre, below, above = self._pieces()
        x = np.asarray(x, dtype=np.float64)
        natural: Array
        origin: Array | float
        if self.scale == "log":
            natural, origin = log(np.maximum(x, 0.0)), log(centre)
        elif self.scale == "logit":
            natural, origin = special.logit(np.clip(x, 0.0, 1.0)), special.logit(centre)
        else:
            natural, origin = x, centre
        distance = natural - origin
        return np.asarray(distance / np.where(distance < 0.0, below, above))

    def cdf(self, x: ArrayLike) -> Array:
        return np.asarray(special.ndtr(self.score(x)))

    def survival(self, x: ArrayLike) -> Array:
        return np.asarray(special.ndtr(-self.score(x)))

    def median(self) -> float:
        return self.parameters[0]

    def support(self) -> tuple[float, float]:
        return {"linear": (-math.inf, math.inf), "log": (0.0, math.inf), "logit": (0.0, 1.0)}[self.scale]

    def partial_mean(self, low: float, high: float) -> float:
        start, end = float(self.score(low)), float(self.score(high))
        centre, below, above = self._pieces()
        return self._piece_mean(centre, below, start, min(end, 0.0)) + self._piece_mean(
            centre, above, max(start, 0.0), end
        )

    def _piece_mean(self, centre: float, spread: float, start: float, end: float) -> float:
        """∫ x(z) φ(z) dz over scores from start to end, all on one side of the median."""
        if start >= end:
            return 0.0
        if self.scale == "linear":
            density = (math.exp(-start * start / 2.0) - math.exp(-end * end / 2.0)) / _ROOT_TWO_PI
            return centre * _normal_mass(start, end) + spread * density
        if self.scale == "log":
            return centre * math.exp(spread * spread / 2.0) * _normal_mass(start - spread, end - spread)
        # No closed form. Beyond nine standard deviations lies 1e-19 of a value that is at most 1.
        nodes, weights = np.polynomial.legendre.leggauss(200)
        start, end = max(start, -9.0), min(end, 9.0)
        z = (start + end) / 2.0 + (end - start) / 2.0 * nodes
        values = special.expit(special.logit(centre) + spread * z) * np.exp(-z * z / 2.0)
        return float(weights @ values) * (end - start) / 2.0 / _ROOT_TWO_PI


def _normal_mass(start: float, end: float) -> float:
    """Φ(end) − Φ(start), taken in the lower tail so that nothing cancels in the upper."""
    if start > 0.0:
        start, end = -end, -start
    return float(special.ndtr(end) - special.ndtr(start))


@dataclass(frozen=True, slots=True)
class Normal(_ScoreLaw):
    """The normal law by its mean and standard deviation."""

    centre: float
    sd: float

    kind: ClassVar[str] = "normal"
    signature: ClassVar[tuple[str, ...]] = ("mean", "sd")
    scale: ClassVar[Scale] = "linear"

    def __post_init__(self) -> None:
        self.check(self.sd > 0.0, "sd above 0 (write the mean alone for a number that is known)")

    def _scaled(self, factor: float) -> Distribution:
        return Normal(self.centre * factor, self.sd * factor)


@dataclass(frozen=True, slots=True)
class Lognormal(_ScoreLaw):
    """The lognormal law by its median and the standard deviation of the logarithm."""

    centre: float
    sigma: float

    kind: ClassVar[str] = "lognormal"
    signature: ClassVar[tuple[str, ...]] = ("median", "sigma")
    scale: ClassVar[Scale] = "log"

    def __post_init__(self) -> None:
        wants = "a median above 0 and sigma, the standard deviation of the logarithm, above 0"
        self.check(self.centre > 0.0 and self.sigma > 0.0, wants)

    def _scaled(self, factor: float) -> Distribution:
        return Lognormal(self.centre * factor, self.sigma)


@dataclass(frozen=True, slots=True)
class Logitnormal(_ScoreLaw):
    """A probability whose logit is normal, by its median and the standard deviation of the logit."""

    centre: float
    sigma: float

    kind: ClassVar[str] = "logitnormal"
    signature: ClassVar[tuple[str, ...]] = ("median", "sigma")
    scale: ClassVar[Scale] = "logit"

    def __post_init__(self) -> None:
        wants = "a median between 0 and 1 and sigma, the standard deviation of the logit, above 0"
        self.check(0.0 < self.centre < 1.0 and self.sigma > 0.0, wants)


@dataclass(frozen=True, slots=True)
class TwoPieceNormal(_ScoreLaw):
    """Half a normal law on each side of the median, with a standard deviation of its own."""

    centre: float
    below: float
    above: float

    kind: ClassVar[str] = "two_piece_normal"
    signature: ClassVar[tuple[str, ...]] = ("median", "sd_below", "sd_above")
    scale: ClassVar[Scale] = "linear"

    def __post_init__(self) -> None:
        self.check(self.below > 0.0 and self.above > 0.0, "both standard deviations above 0")

    def _scaled(self, factor: float) -> Distribution:
        return TwoPieceNormal(self.centre * factor, self.below * factor, self.above * factor)


@dataclass(frozen=True, slots=True)
class TwoPieceLognormal(_ScoreLaw):
    """A two-piece normal law of the logarithm."""

    centre: float
    below: float
    above: float

    kind: ClassVar[str] = "two_piece_lognormal"
    signature: ClassVar[tuple[str, ...]] = ("median", "sigma_below", "sigma_above")
    scale: ClassVar[Scale] = "log"

    def __post_init__(self) -> None:
        positive = self.centre > 0.0 and self.below > 0.0 and self.above > 0.0
        self.check(positive, "a median above 0 and both standard deviations of the logarithm above 0")

    def _scaled(self, factor: float) -> Distribution:
        return TwoPieceLognormal(self.centre * factor, self.below, self.above)


@dataclass(frozen=True, slots=True)
class TwoPieceLogitnormal(_ScoreLaw):
    """A two-piece normal law of a probability's logit."""

    centre: float
    below: float
    above: float

    kind: ClassVar[str] = "two_piece_logitnormal"
    signature: ClassVar[tuple[str, ...]] = ("median", "sigma_below", "sigma_above")
    scale: ClassVar[Scale] = "logit"

    def __post_init__(self) -> None:
        sound = 0.0 < self.centre < 1.0 and self.below > 0.0 and self.above > 0.0
        self.check(sound, "a median between 0 and 1 and both standard deviations of the logit above 0")
