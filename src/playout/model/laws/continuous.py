"""The other continuous laws: on a bounded range, and for waiting times."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from playout.model.laws.base import Distribution
from playout.model.laws.form import Form, tabulated
from playout.model.laws.quantile import Array
from playout.model.laws.table import beta_table, gamma_table


@dataclass(frozen=True, slots=True)
class Uniform(Distribution):
    """Every value from low to high alike."""

    low: float
    high: float

    kind: ClassVar[str] = "uniform"
    signature: ClassVar[tuple[str, ...]] = ("low", "high")

    def __post_init__(self) -> None:
        self.check(self.low < self.high, "low below high")

    def cdf(self, x: ArrayLike) -> Array:
        return np.clip((np.asarray(x, dtype=np.float64) - self.low) / (self.high - self.low), 0.0, 1.0)

    def _form(self) -> Form:
        return Form("uniform", self.low, self.high - self.low)

    def partial_mean(self, low: float, high: float) -> float:
        low, high = max(low, self.low), min(high, self.high)
        return 0.0 if low >= high else (low + high) / 2.0 * (high - low) / (self.high - self.low)

    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def _scaled(self, factor: float) -> Distribution:
        return Uniform(self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Triangular(Distribution):
    """Rising in a straight line from low to the mode, falling from there to high."""

    low: float
    mode: float
    high: float

    kind: ClassVar[str] = "triangular"
    signature: ClassVar[tuple[str, ...]] = ("low", "mode", "high")

    def __post_init__(self) -> None:
        self.check(
            self.low <= self.mode <= self.high and self.low < self.high, "low below high and the mode between them"
        )

    def cdf(self, x: ArrayLike) -> Array:
        x = np.clip(np.asarray(x, dtype=np.float64), self.low, self.high)
        width = self.high - self.low
        # A mode at an end leaves one side without width, and that side is never asked.
        rising = (x - self.low) ** 2 / (width * (self.mode - self.low or 1.0))
        falling = 1.0 - (self.high - x) ** 2 / (width * (self.high - self.mode or 1.0))
        return np.where(x < self.mode, rising, falling)

    def _form(self) -> Form:
        return Form("triangular", self.low, self.mode, self.high)

    def partial_mean(self, low: float, high: float) -> float:
        low, high = max(low, self.low), min(high, self.high)
        if low >= high:
            return 0.0
        # ∫ F from the integral of F, by parts: ∫ x dF = [x F] − ∫ F.
        ends = self.cdf([low, high])
        return float(high * ends[1] - low * ends[0] - (self._integral(high) - self._integral(low)))

    def _integral(self, x: float) -> float:
        """∫ F from low to x, for x inside the support."""
        width = self.high - self.low
        if x < self.mode:
            return (x - self.low) ** 3 / (3.0 * width * (self.mode - self.low))
        below = (self.mode - self.low) ** 2 / (3.0 * width)
        if self.mode == self.high:
            return below
        falling = ((self.high - self.mode) ** 3 - (self.high - x) ** 3) / (3.0 * width * (self.high - self.mode))
        return below + (x - self.mode) - falling

    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def _scaled(self, factor: float) -> Distribution:
        return Triangular(self.low * factor, self.mode * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Beta(Distribution):
    """The beta law on [0, 1]: a share or a probability, as if after a − 1 successes and b − 1 failures."""

    a: float
    b: float

    kind: ClassVar[str] = "beta"
    signature: ClassVar[tuple[str, ...]] = ("a", "b")

    def __post_init__(self) -> None:
        self.check(self.a > 0.0 and self.b > 0.0, "a and b above 0")

    def cdf(self, x: ArrayLike) -> Array:
        return np.asarray(special.betainc(self.a, self.b, np.clip(x, 0.0, 1.0)))

    def survival(self, x: ArrayLike) -> Array:
        # SciPy's `betaincc` takes ten times as long.
        return np.asarray(special.betainc(self.b, self.a, 1.0 - np.clip(x, 0.0, 1.0)))

    def _form(self) -> Form | None:
        table = beta_table(self.a, self.b)
        return None if table is None else tabulated(table)

    def partial_mean(self, low: float, high: float) -> float:
        ends = special.betainc(self.a + 1.0, self.b, np.clip([low, high], 0.0, 1.0))
        return float(self.a / (self.a + self.b) * (ends[1] - ends[0]))

    def support(self) -> tuple[float, float]:
        return 0.0, 1.0


@dataclass(frozen=True, slots=True)
class Gamma(Distribution):
    """The gamma law by its shape and scale; the mean is their product."""

    shape: float
    unit: float

    kind: ClassVar[str] = "gamma"
    signature: ClassVar[tuple[str, ...]] = ("shape", "scale")

    def __post_init__(self) -> None:
        self.check(self.shape > 0.0 and self.unit > 0.0, "shape and scale above 0")

    def cdf(self, x: ArrayLike) -> Array:
        return np.asarray(special.gammainc(self.shape, np.maximum(x, 0.0) / self.unit))

    def survival(self, x: ArrayLike) -> Array:
        return np.asarray(special.gammaincc(self.shape, np.maximum(x, 0.0) / self.unit))

    def _form(self) -> Form | None:
        table = gamma_table(self.shape)
        return None if table is None else replace(tabulated(table), scale=self.unit)

    def partial_mean(self, low: float, high: float) -> float:
        ends = special.gammainc(self.shape + 1.0, np.maximum([low, high], 0.0) / self.unit)
        return float(self.shape * self.unit * (ends[1] - ends[0]))

    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    def _scaled(self, factor: float) -> Distribution:
        return Gamma(self.shape, self.unit * factor)


@dataclass(frozen=True, slots=True)
class Exponential(Distribution):
    """The wait for something that comes at a constant rate, by its mean."""

    expected: float

    kind: ClassVar[str] = "exponential"
    signature: ClassVar[tuple[str, ...]] = ("mean",)

    def __post_init__(self) -> None:
        self.check(self.expected > 0.0, "a mean above 0")

    def cdf(self, x: ArrayLike) -> Array:
        return np.asarray(-special.expm1(-np.maximum(x, 0.0) / self.expected))

    def survival(self, x: ArrayLike) -> Array:
        return np.asarray(np.exp(-np.maximum(x, 0.0) / self.expected))

    def _form(self) -> Form:
        return Form("exponential", self.expected)

    def partial_mean(self, low: float, high: float) -> float:
        ends = special.gammainc(2.0, np.maximum([low, high], 0.0) / self.expected)
        return float(self.expected * (ends[1] - ends[0]))

    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    def _scaled(self, factor: float) -> Distribution:
        return Exponential(self.expected * factor)
