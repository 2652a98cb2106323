"""Laws as a formula and a few numbers: how beliefs are drawn, whoever draws them.

    u ──cut──▶ before + u · mass ──formula──▶ x ──scale, bounds──▶ value

Formulas are written once over an `Arithmetic`, so that NumPy (`Form.values`) and machine code
(`compile/native/columns.py`) give the same bits. A law without a form is drawn by its own quantile function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playout.model.laws.elementary import (
    NUMPY,
    Arithmetic,
    Number,
    clipped,
    exponential,
    logarithm,
    logistic,
    normal_quantile,
)
from playout.model.laws.table import ABOVE_ZERO, BELOW_ONE, Table, looked_up, normal_distribution

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Form:
    """A formula's name and its numbers, which in machine code are vectors.

    a, b, c: the formula's own; 0 where it takes fewer. rows: of a table's coefficients; has_holes: whether it gives NaN
    where only the law's own quantile function knows. scale: what x is multiplied by.
    before, mass: of the part of the whole law that is kept, P(X < low) and P(low ≤ X ≤ high); low, high: its bounds.
    """

    formula: str
    a: Number = 0.0
    b: Number = 0.0
    c: Number = 0.0
    rows: Any = None
    has_holes: bool = False
    scale: Number = 1.0
    before: Number = 0.0
    mass: Number = 1.0
    low: Number = -math.inf
    high: Number = math.inf

    @property
    def is_cut(self) -> bool:
        """Whether part of the law is left out."""
        return (self.before, self.mass, self.low, self.high) != (0.0, 1.0, -math.inf, math.inf)

    @property
    def by_score(self) -> bool:
        """Whether a wider spread multiplies the formula's own score, so that no tail is rounded."""
        return self.formula in ON_SCORES and not self.is_cut

    def values(self, u: Array, spread: Array | None = None) -> Array:
        """The law's values where the uniforms are u, with normal scores multiplied by ``spread``."""
        with np.errstate(all="ignore"):
            if spread is None or self.by_score:
                return np.asarray(evaluate(NUMPY, self, u, 1.0 if spread is None else spread))
            return np.asarray(evaluate(NUMPY, self, widened(NUMPY, u, spread), 1.0))


def tabulated(table: Table) -> Form:
    """The form of a law whose quantile function is a table."""
    return Form(f"table {table.scale}", table.per, float(len(table.rows)), rows=table.rows)


def evaluate(m: Arithmetic, form: Form, u: Number, spread: Number) -> Number:
    """The value of a form. ``spread`` multiplies the normal score."""
    whole = clipped(m, form.before + u * form.mass, ABOVE_ZERO, BELOW_ONE)
    if form.formula in ON_UNIFORMS:
        x = ON_UNIFORMS[form.formula](m, whole, form)
    else:
        z = normal_quantile(m, whole) * spread
        x = FORMULAS[form.formula](m, z, form)
    return clipped(m, x * form.scale, form.low, form.high)


def widened(m: Arithmetic, u: Number, spread: Number) -> Number:
    """Φ(spread · Φ⁻¹(u)): the uniform of a value so many times as many normal scores from its median; u itself at 1."""
    return m.where((spread < 1.0) | (spread > 1.0), normal_distribution(m, spread * normal_quantile(m, u)), u)


# --- formulas ---------------------------------------------------------------------------------------------------------


def _distance(m: Arithmetic, z: Number, form: Form) -> Number:
    """z times the spread of its side, b below the median and c above it."""
    return z * m.where(z < 0.0, form.b, form.c)


def _triangular(m: Arithmetic, u: Number, form: Form) -> Number:
    """a: low, b: mode, c: high."""
    width = form.c - form.a
    rising = form.a + m.sqrt(u * width * (form.b - form.a))
    falling = form.c - m.sqrt((1.0 - u) * width * (form.c - form.b))
    return m.where(u * width < form.b - form.a, rising, falling)


def _looked_up(m: Arithmetic, z: Number, form: Form) -> Number:
    return looked_up(m, form.rows, form.a, form.b, z)


Formula = Callable[[Arithmetic, Number, Form], Number]

ON_SCORES: Mapping[str, Formula] = MappingProxyType(
    {
        "linear": lambda m, z, form: form.a + _distance(m, z, form),
        "log": lambda m, z, form: form.a * exponential(m, _distance(m, z, form)),
        "logit": lambda m, z, form: logistic(m, form.a + _distance(m, z, form)),
    }
)
"""Formulas of a normal score, by the scale on which they are normal. a: the median there (for the logarithm itself)."""

TABLES: Mapping[str, Formula] = MappingProxyType(
    {
        "table linear": _looked_up,
        "table log": lambda m, z, form: exponential(m, _looked_up(m, z, form)),
        "table logit": lambda m, z, form: logistic(m, _looked_up(m, z, form)),
    }
)
"""Formulas of a normal score by table. a: pieces a score, b: pieces."""

ON_UNIFORMS: Mapping[str, Formula] = MappingProxyType(
    {
        "uniform": lambda m, u, form: form.a + u * form.b,
        "triangular": _triangular,
        # 1 − u is exact for a 32-bit uniform, so nothing is lost against log1p.
        "exponential": lambda m, u, form: form.a * -logarithm(m, 1.0 - u),
        "step": lambda m, u, form: m.where(u > form.a, 1.0, 0.0),
    }
)
"""Formulas of a uniform. uniform: a, low; b, the width. exponential: a, the mean. step: a, where 0 turns to 1."""

FORMULAS: Mapping[str, Formula] = MappingProxyType({**ON_SCORES, **TABLES, **ON_UNIFORMS})
