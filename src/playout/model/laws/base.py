"""What every law answers, and the two ways of altering one: other units, and a cut at bounds."""

from __future__ import annotations

import functools
import math
from abc import ABC, abstractmethod
from dataclasses import astuple, dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from playout.model.laws.elementary import NUMPY, clipped
from playout.model.laws.form import Form
from playout.model.laws.quantile import UNIFORM_QUANTILES, Array, open_uniform_of, widened_uniform
from playout.model.laws.table import ABOVE_ZERO, BELOW_ONE

#: Below this share of the whole a truncation is refused: what is left would be a law's far tail, which nobody stated.
_LEAST_MASS = 1e-6
#: What a change of units and back may do to a number, relatively; and how much more a bound reaches for to be safe.
_ROUNDING = 2.0**-50
_REACH = 1e-12


class Distribution(ABC):
    """A law of one number. Values and parameters share one unit, which the law does not know."""

    __slots__ = ()

    kind: ClassVar[str]
    #: The parameters' names in the language, in their order.
    signature: ClassVar[tuple[str, ...]]

    @property
    def parameters(self) -> tuple[float, ...]:
        """The parameters in the order of the quantile function of this kind."""
        return astuple(self)  # type: ignore[call-overload, no-any-return]  # every kind is a dataclass of numbers

    @property
    def by_score(self) -> bool:
        """Whether the law is a function of a normal score, so that `at_score` is exact where Φ would round."""
        return False

    @property
    def is_point(self) -> bool:
        """Whether the law holds one value only."""
        return False

    @property
    def is_discrete(self) -> bool:
        """Whether some single value has a probability of its own."""
        return False

    @property
    def correlates(self) -> bool:
        """Whether the law may stand in `together`: continuous, and one hump of knowledge rather than several."""
        return not self.is_discrete

    def quantile(self, u: ArrayLike) -> Array:
        """The least x with P(X ≤ x) ≥ u, elementwise over uniforms in [0, 1]."""
        return UNIFORM_QUANTILES[self.kind](np.asarray(u, dtype=np.float64), *self.parameters)

    def at_score(self, z: ArrayLike) -> Array:
        """The value whose normal score is z: `quantile` of Φ(z)."""
        return self.quantile(open_uniform_of(z))

    def form(self) -> Form | None:
        """How the law is drawn fast; None for a law that is drawn by its own quantile function."""
        return _form_of(self)

    def _form(self) -> Form | None:
        return None

    def drawn(self, u: Array, spread: Array | None = None) -> Array:
        """What open uniforms u draw, with normal scores multiplied by ``spread``: `quantile`, but for tables' error."""
        form = self.form()
        if form is None:
            return self.quantile(u if spread is None else widened_uniform(u, spread))
        values = form.values(u, spread)
        if form.has_holes:
            self.fill_holes(values, u, spread)
        return values

    def fill_holes(self, values: Array, u: Array, spread: Array | None = None) -> None:
        """Put the exact quantile where a form gave NaN."""
        if (holes := np.isnan(values)).any():
            values[holes] = self.quantile(u[holes] if spread is None else widened_uniform(u[holes], spread[holes]))

    @abstractmethod
    def cdf(self, x: ArrayLike) -> Array:
        """P(X ≤ x) elementwise."""

    def survival(self, x: ArrayLike) -> Array:
        """P(X > x) elementwise, exact to its own last places in laws that can tell."""
        return 1.0 - self.cdf(x)

    @abstractmethod
    def partial_mean(self, low: float, high: float) -> float:
        """E[X · 1(low ≤ X ≤ high)], from which the means of truncated and mixed laws follow."""

    @abstractmethod
    def support(self) -> tuple[float, float]:
        """The least interval that holds every value, ±inf included."""

    def mean(self) -> float:
        """E[X]."""
        return self.partial_mean(-math.inf, math.inf)

    def median(self) -> float:
        """The value that X stays at or below with probability one half."""
        return float(self.quantile(0.5))

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """The central interval of probability `mass`: 0.9 gives the 5% and 95% quantiles."""
        low, high = self.quantile(np.array([(1.0 - mass) / 2.0, (1.0 + mass) / 2.0]))
        return float(low), float(high)

    def scaled(self, factor: float) -> Distribution:
        """The same law in other units: the law of `factor` · X. The factor is finite and above 0."""
        if not (0.0 < factor < math.inf):
            raise ValueError(f"a change of units wants a factor above 0; got {factor:g}")
        return self if factor == 1.0 else self._scaled(factor)

    def _scaled(self, factor: float) -> Distribution:
        return Scaled(self, factor)

    def within(self, low: float, high: float) -> Distribution:
        """The law cut to [low, high]; the law itself where nothing lies outside."""
        least, greatest = self.support()
        if low < high and low <= least and greatest <= high:
            return self
        return Truncated(self, low, high)

    def describe(self) -> str:
        """The law as the language writes it, with its parameters' names: ``normal(mean 3, sd 1)``."""
        named = zip(self.signature, self.parameters, strict=True)
        return f"{self.kind}({', '.join(f'{name} {value:.4g}' for name, value in named)})"

    def check(self, holds: bool, wants: str) -> None:
        form = f"{self.kind}({', '.join(self.signature)})"
        got = listed([f"{value:g}" for value in self.parameters])
        if not all(math.isfinite(value) for value in self.parameters):
            raise ValueError(f"{form} wants finite numbers; got {got}")
        if not holds:
            raise ValueError(f"{form} wants {wants}; got {got}")


def listed(words: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


class _Derived(Distribution):
    """A law made from another one, whose nature it keeps. It has no quantile function of its own kind."""

    __slots__ = ()
    law: Distribution

    @property
    def parameters(self) -> tuple[float, ...]:
        raise TypeError(f"a {self.kind} law has no parameters of its own kind: use the law that it is made from")

    @property
    def is_point(self) -> bool:
        return self.law.is_point

    @property
    def is_discrete(self) -> bool:
        return self.law.is_discrete

    @property
    def correlates(self) -> bool:
        return self.law.correlates


@dataclass(frozen=True, slots=True)
class Scaled(_Derived):
    """A law stated in other units, for kinds that have no scale of their own: the law of factor · X."""

    law: Distribution
    factor: float

    kind: ClassVar[str] = "scaled"
    signature: ClassVar[tuple[str, ...]] = ("law", "factor")

    @property
    def by_score(self) -> bool:
        return self.law.by_score

    def quantile(self, u: ArrayLike) -> Array:
        return self.factor * self.law.quantile(u)

    def at_score(self, z: ArrayLike) -> Array:
        return self.factor * self.law.at_score(z)

    def _form(self) -> Form | None:
        whole = self.law.form()
        return None if whole is None or whole.is_cut or whole.scale != 1.0 else replace(whole, scale=self.factor)

    def survival(self, x: ArrayLike) -> Array:
        return 1.0 - self.cdf(x) if self.is_discrete else self.law.survival(np.asarray(x, float) / self.factor)

    def cdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=np.float64) / self.factor
        # Back in the law's own units a value may have rounded to just below the number it is.
        return self.law.cdf(x + np.abs(x) * _ROUNDING if self.is_discrete else x)

    def partial_mean(self, low: float, high: float) -> float:
        return self.factor * self.law.partial_mean(low / self.factor, high / self.factor)

    def support(self) -> tuple[float, float]:
        low, high = self.law.support()
        return low * self.factor, high * self.factor

    def _scaled(self, factor: float) -> Distribution:
        return self.law.scaled(self.factor * factor)

    def describe(self) -> str:
        return f"{self.factor:.4g} × {self.law.describe()}"


@dataclass(frozen=True, slots=True)
class Truncated(_Derived):
    """A law cut to [low, high] and made whole again: X given low ≤ X ≤ high, by its quantile function."""

    law: Distribution
    low: float
    high: float

    kind: ClassVar[str] = "truncated"
    signature: ClassVar[tuple[str, ...]] = ("law", "low", "high")

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"within wants its low end below its high end; got {self.low:g} and {self.high:g}")
        if not self._share()[1] >= _LEAST_MASS:
            raise ValueError(
                f"within {self.low:g} to {self.high:g} leaves almost nothing of {self.law.describe()}, "
                f"which lies between {self.law.interval()[0]:.4g} and {self.law.interval()[1]:.4g} nine times in ten"
            )

    def _share(self) -> tuple[float, float]:
        """P(X < low) and P(low ≤ X ≤ high) under the whole law."""
        return _share_of(self)

    def _reach(self) -> tuple[float, float]:
        """The bounds, drawn a hair wider for a discrete law: a value on a bound belongs, whatever units did to it."""
        if not self.is_discrete:
            return self.low, self.high
        # An infinite bound stays: inf − inf is not a number.
        wide = [end * _REACH if math.isfinite(end) else 0.0 for end in (self.low, self.high)]
        return self.low - abs(wide[0]), self.high + abs(wide[1])

    def quantile(self, u: ArrayLike) -> Array:
        before, mass = self._share()
        whole = clipped(NUMPY, before + np.asarray(u, dtype=np.float64) * mass, ABOVE_ZERO, BELOW_ONE)
        # Rounding in the two functions may carry a value past the bound it was cut at.
        return np.asarray(clipped(NUMPY, self.law.quantile(whole), self.low, self.high))

    def _form(self) -> Form | None:
        whole = self.law.form()
        if whole is None or whole.is_cut:
            return None
        before, mass = self._share()
        return replace(whole, before=before, mass=mass, low=self.low, high=self.high)

    def survival(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=np.float64)
        inside = np.clip((self.law.survival(x) - self.law.survival(self.high)) / self._share()[1], 0.0, 1.0)
        return 1.0 - self.cdf(x) if self.is_discrete else np.where(x < self.low, 1.0, inside)

    def cdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=np.float64)
        before, mass = self._share()
        inside = np.clip((self.law.cdf(x) - before) / mass, 0.0, 1.0)
        return np.where(x < self.low, 0.0, np.where(x >= self.high, 1.0, inside))

    def partial_mean(self, low: float, high: float) -> float:
        least, greatest = self._reach()
        low, high = max(low, least), min(high, greatest)
        return self.law.partial_mean(low, high) / self._share()[1] if low <= high else 0.0

    def support(self) -> tuple[float, float]:
        low, high = self.law.support()
        return max(low, self.low), min(high, self.high)

    def _scaled(self, factor: float) -> Distribution:
        return Truncated(self.law.scaled(factor), self.low * factor, self.high * factor)

    def describe(self) -> str:
        return f"{self.law.describe()} within {self.low:.4g} to {self.high:.4g}"


@functools.lru_cache(maxsize=4096)
def _form_of(law: Distribution) -> Form | None:
    """`Distribution.form`, remembered: tables take some milliseconds to make."""
    return law._form()


@functools.lru_cache(maxsize=4096)
def _share_of(truncated: Truncated) -> tuple[float, float]:
    """`Truncated._share`, remembered: every block of futures asks for it again."""
    low, high = truncated._reach()
    ends = truncated.law.cdf([math.nextafter(low, -math.inf), high])
    return float(ends[0]), float(ends[1] - ends[0])
