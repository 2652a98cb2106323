"""Laws with single values that have a probability of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from playout.model.laws.base import Distribution, listed
from playout.model.laws.form import Form
from playout.model.laws.quantile import Array

#: How far from one the probabilities of a categorical or the weights of a mixture may sum.
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Poisson(Distribution):
    """A count of independent events, by its mean."""

    expected: float

    kind: ClassVar[str] = "poisson"
    signature: ClassVar[tuple[str, ...]] = ("mean",)

    def __post_init__(self) -> None:
        self.check(self.expected >= 0.0, "a mean of 0 or above")

    @property
    def is_discrete(self) -> bool:
        return True

    def cdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=np.float64)
        return np.where(x < 0.0, 0.0, special.pdtr(np.floor(np.maximum(x, 0.0)), self.expected))

    def partial_mean(self, low: float, high: float) -> float:
        # k P(K = k) = mean · P(K = k − 1), so the sum is the mean times a probability one count lower.
        return self.expected * float(self.cdf(high - 1.0) - self.cdf(math.ceil(low) - 2.0 if low > 0.0 else -1.0))

    def support(self) -> tuple[float, float]:
        return 0.0, math.inf if self.expected > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class Bernoulli(Distribution):
    """1 with probability p, else 0."""

    p: float

    kind: ClassVar[str] = "bernoulli"
    signature: ClassVar[tuple[str, ...]] = ("p",)

    def __post_init__(self) -> None:
        self.check(0.0 <= self.p <= 1.0, "a probability from 0 to 1")

    @property
    def is_discrete(self) -> bool:
        return True

    def cdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=np.float64)
        return np.where(x < 0.0, 0.0, np.where(x < 1.0, 1.0 - self.p, 1.0))

    def _form(self) -> Form:
        return Form("step", 1.0 - self.p)

    def partial_mean(self, low: float, high: float) -> float:
        return self.p if low <= 1.0 <= high else 0.0

    def support(self) -> tuple[float, float]:
        return 0.0 if self.p < 1.0 else 1.0, 1.0 if self.p > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class Categorical(Distribution):
    """One of a few numbers, each with its probability. Kept in ascending order of the values."""

    probabilities: tuple[float, ...]
    values: tuple[float, ...]

    kind: ClassVar[str] = "categorical"
    signature: ClassVar[tuple[str, ...]] = ("p1: v1", "p2: v2", "…")

    def __post_init__(self) -> None:
        form = "categorical(p1: v1, p2: v2, …)"
        probabilities = normalised(form, "probabilities", self.probabilities, len(self.values))
        if not all(math.isfinite(value) for value in self.values):
            raise ValueError(f"{form} wants finite numbers; got {listed([f'{v:g}' for v in self.values])}")
        if len(set(self.values)) < len(self.values):
            raise ValueError(f"{form} wants each value once; got {listed([f'{v:g}' for v in self.values])}")
        order = sorted(range(len(self.values)), key=self.values.__getitem__)
        object.__setattr__(self, "probabilities", tuple(probabilities[i] for i in order))
        object.__setattr__(self, "values", tuple(self.values[i] for i in order))

    @property
    def parameters(self) -> tuple[float, ...]:
        return tuple(x for pair in zip(self.probabilities, self.values, strict=True) for x in pair)

    @property
    def is_discrete(self) -> bool:
        return True

    def cdf(self, x: ArrayLike) -> Array:
        totals = np.concatenate([[0.0], np.cumsum(self.probabilities)[:-1], [1.0]])
        return np.asarray(totals[np.searchsorted(self.values, np.asarray(x, dtype=np.float64), side="right")])

    def partial_mean(self, low: float, high: float) -> float:
        pairs = zip(self.probabilities, self.values, strict=True)
        return math.fsum(p * value for p, value in pairs if low <= value <= high)

    def support(self) -> tuple[float, float]:
        return self.values[0], self.values[-1]

    def _scaled(self, factor: float) -> Distribution:
        return Categorical(self.probabilities, tuple(value * factor for value in self.values))

    def describe(self) -> str:
        pairs = zip(self.probabilities, self.values, strict=True)
        return f"categorical({', '.join(f'{p:.4g}: {value:.4g}' for p, value in pairs)})"


@dataclass(frozen=True, slots=True)
class Point(Distribution):
    """A number taken as known."""

    value: float

    kind: ClassVar[str] = "point"
    signature: ClassVar[tuple[str, ...]] = ("x",)

    def __post_init__(self) -> None:
        self.check(True, "")

    @property
    def is_point(self) -> bool:
        return True

    @property
    def is_discrete(self) -> bool:
        return True

    def cdf(self, x: ArrayLike) -> Array:
        return np.where(np.asarray(x, dtype=np.float64) < self.value, 0.0, 1.0)

    def _form(self) -> Form:
        return Form("uniform", self.value)

    def partial_mean(self, low: float, high: float) -> float:
        return self.value if low <= self.value <= high else 0.0

    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def _scaled(self, factor: float) -> Distribution:
        return Point(self.value * factor)

    def within(self, low: float, high: float) -> Distribution:
        if not low <= self.value <= high:
            raise ValueError(f"the value {self.value:g} lies outside {low:g} to {high:g}")
        return self

    def describe(self) -> str:
        return f"{self.value:.6g}"


def normalised(form: str, what: str, shares: tuple[float, ...], parts: int) -> tuple[float, ...]:
    """Shares that sum to one, or a ValueError."""
    got = listed([f"{share:g}" for share in shares]) if shares else "none"
    if not shares or len(shares) != parts or not all(0.0 < share < math.inf for share in shares):
        raise ValueError(f"{form} wants {what} above 0, one a part; got {got}")
    total = math.fsum(shares)
    if abs(total - 1.0) > _SUM_TOLERANCE:
        raise ValueError(f"{form} wants {what} that sum to 1; got {got}, which sum to {total:g}")
    return tuple(share / total for share in shares)
