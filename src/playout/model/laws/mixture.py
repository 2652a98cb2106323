"""One of several laws, each with its weight."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from playout.model.laws.base import Distribution
from playout.model.laws.discrete import normalised
from playout.model.laws.form import Form, tabulated
from playout.model.laws.quantile import Array
from playout.model.laws.table import SOLVED, Scale, solved


@dataclass(frozen=True, slots=True)
class Mixture(Distribution):
    """One of several laws, each with its weight."""

    weights: tuple[float, ...]
    laws: tuple[Distribution, ...]

    kind: ClassVar[str] = "mixture"
    signature: ClassVar[tuple[str, ...]] = ("w1: dist", "w2: dist", "…")

    def __post_init__(self) -> None:
        weights = normalised("mixture(w1: dist, w2: dist, …)", "weights", self.weights, len(self.laws))
        object.__setattr__(self, "weights", weights)

    @property
    def parameters(self) -> tuple[float, ...]:
        raise TypeError("a mixture's parameters are its parts: use its weights and laws")

    @property
    def is_discrete(self) -> bool:
        return any(law.is_discrete for law in self.laws)

    @property
    def correlates(self) -> bool:
        return False

    def quantile(self, u: ArrayLike) -> Array:
        """The inverse of the mixed distribution function, which the parts' quantiles bracket."""
        u = np.asarray(u, dtype=np.float64)
        parts = np.stack([law.quantile(u) for law in self.laws])
        return _inverse(self.cdf, u, parts.min(axis=0), parts.max(axis=0))

    def _form(self) -> Form | None:
        low, high = self.support()
        scale: Scale = "linear" if self.is_discrete or low < 0.0 else "logit" if high <= 1.0 else "log"
        u = special.ndtr(np.array([-SOLVED, SOLVED]))
        parts = np.stack([law.quantile(u) for law in self.laws])
        table = solved(self.score, scale, parts.min(), parts.max())
        return None if table is None else replace(tabulated(table), has_holes=True)

    def score(self, x: Array) -> Array:
        """The normal score of a value, from the tail that is nearer."""
        share = self.cdf(x)
        upper = share > 0.5
        share[upper] = self.survival(x[upper])
        score: Array = special.ndtri(share)
        return np.where(upper, -score, score)

    def survival(self, x: ArrayLike) -> Array:
        total = np.zeros(np.shape(x))
        for weight, law in zip(self.weights, self.laws, strict=True):
            total = total + weight * law.survival(x)
        return total

    def cdf(self, x: ArrayLike) -> Array:
        total = np.zeros(np.shape(x))
        for weight, law in zip(self.weights, self.laws, strict=True):
            total = total + weight * law.cdf(x)
        return np.minimum(total, 1.0)

    def partial_mean(self, low: float, high: float) -> float:
        pairs = zip(self.weights, self.laws, strict=True)
        return math.fsum(weight * law.partial_mean(low, high) for weight, law in pairs)

    def support(self) -> tuple[float, float]:
        ends = [law.support() for law in self.laws]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def _scaled(self, factor: float) -> Distribution:
        return Mixture(self.weights, tuple(law.scaled(factor) for law in self.laws))

    def describe(self) -> str:
        pairs = zip(self.weights, self.laws, strict=True)
        return f"mixture({', '.join(f'{weight:.4g}: {law.describe()}' for weight, law in pairs)})"


def _inverse(cdf: Callable[[Array], Array], u: Array, low: Array, high: Array) -> Array:
    """The least x with cdf(x) ≥ u, to the last bit of what cdf can tell, for brackets with cdf(low) ≤ u ≤ cdf(high).

    Chandrupatla's method (Advances in Engineering Software 28, 1997): inverse quadratic steps where they can be
    trusted, halving elsewhere, which also finds the jump of an atom. Elements do not see each other.
    """
    shape = np.shape(u)
    u, low, high = np.ravel(u), np.ravel(low), np.ravel(high)
    found = np.where(cdf(low) >= u, low, high)
    todo = np.flatnonzero((found > low) & np.isfinite(low) & np.isfinite(high))
    # Newest point, the bracket's other end, and the point left behind, each with what cdf says there less u.
    x1, x2 = low[todo], high[todo]
    f1, f2 = cdf(x1) - u[todo], cdf(x2) - u[todo]
    step = np.full(todo.shape, 0.5)
    while todo.size:
        x = x1 + step * (x2 - x1)
        f = cdf(x) - u[todo]
        same = (f >= 0.0) == (f1 >= 0.0)
        x3, f3 = np.where(same, x1, x2), np.where(same, f1, f2)
        x2, f2 = np.where(same, x2, x1), np.where(same, f2, f1)
        x1, f1 = x, f
        upper = np.where(f1 >= 0.0, x1, x2)
        done = np.nextafter(np.minimum(x1, x2), np.inf) >= upper
        found[todo[done]] = upper[done]
        todo = todo[~done]
        x1, x2, x3, f1, f2, f3 = (a[~done] for a in (x1, x2, x3, f1, f2, f3))
        step = _next_step(x1, x2, x3, f1, f2, f3)
    return found.reshape(shape)


def _next_step(x1: Array, x2: Array, x3: Array, f1: Array, f2: Array, f3: Array) -> Array:
    """How far from x1 towards x2 to look next, as a share of the way."""
    with np.errstate(divide="ignore", invalid="ignore"):
        xi = (x1 - x2) / (x3 - x2)
        phi = (f1 - f2) / (f3 - f2)
        quadratic = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
        trusted = (phi * phi < xi) & ((1.0 - phi) ** 2 < 1.0 - xi) & np.isfinite(quadratic)
        # At least one double away from either end, or a bracket would never close.
        least = np.minimum(np.spacing(np.maximum(np.abs(x1), np.abs(x2))) / np.abs(x2 - x1), 0.5)
    return np.clip(np.where(trusted, quadratic, 0.5), least, 1.0 - least)
