"""Distributions: what a belief says about a number nobody knows, and what a stage's duration is drawn from.

A law (one frozen dataclass a kind) answers for its quantiles, distribution function, moments and support, and can be
stated in other units or cut to bounds. How a random number becomes a value is written once, in the two tables of
quantile functions, which laws and engines share. The families stand in `model/laws/`; here are the door to them and
`interval`, which turns ``a to b, likely c`` into a law.

Constructors refuse parameters that make no law, with a ValueError whose sentence says what is wrong and what would be
right; the caller gives it a place in the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from scipy import special

from playout.model.laws.base import Distribution, Scaled, Truncated
from playout.model.laws.continuous import Beta, Exponential, Gamma, Triangular, Uniform
from playout.model.laws.discrete import Bernoulli, Categorical, Point, Poisson
from playout.model.laws.mixture import Mixture
from playout.model.laws.normal import (
    Logitnormal,
    Lognormal,
    Normal,
    Scale,
    TwoPieceLogitnormal,
    TwoPieceLognormal,
    TwoPieceNormal,
)
from playout.model.laws.quantile import SCORE_QUANTILES, UNIFORM_QUANTILES, open_uniform_of, widened_uniform

__all__ = [
    "Distribution",
    "Normal", "Lognormal", "Logitnormal", "TwoPieceNormal", "TwoPieceLognormal", "TwoPieceLogitnormal",
    "Uniform", "Triangular", "Beta", "Gamma", "Exponential",
    "Poisson", "Bernoulli", "Categorical", "Point",
    "Mixture", "Scaled", "Truncated",
    "KINDS", "Scale", "natural_scale", "interval",
    "SCORE_QUANTILES", "UNIFORM_QUANTILES", "open_uniform_of", "widened_uniform",
]  # fmt: skip

#: The kinds the language writes as ``kind(numbers)``: name → class, called with the numbers in their order.
#: `categorical` and `mixture` take pairs instead: ``Categorical(probabilities, values)``, ``Mixture(weights, laws)``.
KINDS: Mapping[str, type[Distribution]] = MappingProxyType(
    {
        law.kind: law
        for law in (Normal, Lognormal, Uniform, Triangular, Beta, Gamma, Exponential, Poisson, Bernoulli, Point)
    }
)

#: The normal score of an interval's upper end: Φ(_SCORE_95) = 0.95.
_SCORE_95 = float(special.ndtri(0.95))


def natural_scale(low: float, high: float, *, probability: bool = False) -> Scale:
    """The scale on which ``low to high`` is normal: logit for a probability, log above 0, linear across 0.

    Refuses, with a ValueError, ends in the wrong order, an end at 0, and ends that are both negative.
    """
    written = _checked_ends(low, high)
    if probability:
        if not (low > 0.0 and high < 1.0):
            raise ValueError(
                f"an interval of a probability wants both ends between 0 and 1, neither of them reached; got {written} "
                f"({_as_probability(low, high)})"
            )
        return "logit"
    if low == 0.0 or high == 0.0:
        advice = f"`uniform({low:g}, {high:g})` for a range with hard ends"
        if low == 0.0:
            advice = f"`{high / 20.0:g} to {high:g}`, or {advice}"
        raise ValueError(
            f"an interval wants ends other than 0, for its ends are the 5% and 95% quantiles; got {written} "
            f"(write {advice})"
        )
    if high < 0.0:
        raise ValueError(
            f"an interval wants ends above 0, or one on each side of it; got {written} (write {-high:g} to {-low:g} "
            f"and a minus sign in the equation, or normal(mean, sd))"
        )
    return "log" if low > 0.0 else "linear"


def _as_probability(low: float, high: float) -> str:
    """What to write instead of an interval of a probability that reaches 0 or 1, or goes beyond."""
    if low < 0.0 or high > 1.0:
        percent = f"`{low:g} to {high:g}%` if these are percent, or " if low > 0.0 and high < 100.0 else ""
        return f"write {percent}ends such as 0.01 and 0.99"
    inside = f"{low or high / 20.0:g} to {high if high < 1.0 else 1.0 - (1.0 - low) / 20.0:g}"
    return f"write `{inside}`, or `uniform({low:g}, {high:g})` for a range with hard ends"


def _checked_ends(low: float, high: float) -> str:
    """The interval as written, once its ends are finite and in order."""
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"an interval wants finite ends; got {low:g} to {high:g}")
    if not low < high:
        raise ValueError(f"an interval wants its low end first; got {low:g} to {high:g}")
    return f"{low:g} to {high:g}"


def interval(low: float, high: float, likely: float | None = None, *, scale: Scale | None = None) -> Distribution:
    """``low to high``: the law whose 5% and 95% quantiles are the ends; ``, likely c``: with its median at c.

    ``scale`` is where the law is normal (default: `natural_scale` of the ends; a probability passes "logit"). With
    `likely` the two sides have spreads of their own, a two-piece normal law on that scale.
    Refuses, with a ValueError, ends that do not fit the scale (see `natural_scale`) and a likely value that does not
    lie between them.
    """
    written = _checked_ends(low, high)
    if scale is None or scale == "logit":
        scale = natural_scale(low, high, probability=scale == "logit")
    if scale == "log" and low <= 0.0:
        raise ValueError(f"an interval on a logarithmic scale wants both ends above 0; got {written}")
    if likely is not None and not low < likely < high:
        raise ValueError(f"an interval wants its likely value between its ends; got {written}, likely {likely:g}")
    if scale == "log":
        a, b = math.log(low), math.log(high)
        if likely is None:
            return Lognormal(math.exp((a + b) / 2.0), (b - a) / 2.0 / _SCORE_95)
        c = math.log(likely)
        return TwoPieceLognormal(likely, (c - a) / _SCORE_95, (b - c) / _SCORE_95)
    if scale == "logit":
        a, b = float(special.logit(low)), float(special.logit(high))
        if likely is None:
            return Logitnormal(float(special.expit((a + b) / 2.0)), (b - a) / 2.0 / _SCORE_95)
        c = float(special.logit(likely))
        return TwoPieceLogitnormal(likely, (c - a) / _SCORE_95, (b - c) / _SCORE_95)
    if likely is None:
        return Normal((low + high) / 2.0, (high - low) / 2.0 / _SCORE_95)
    return TwoPieceNormal(likely, (likely - low) / _SCORE_95, (high - likely) / _SCORE_95)
