"""Functions of uniforms whose shares of variance are known exactly, and samples of them as Saltelli's scheme wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """f: of uniforms [rows, factors]. first, total: its indices."""

    f: Callable[[Rows], Rows]
    first: tuple[float, ...]
    total: tuple[float, ...]

    @property
    def factors(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Played:
    """The function under A, B, A_B^i and B_A^i; mixed ones are [factors, rows]."""

    a: Rows
    b: Rows
    ab: Rows
    ba: Rows


def play(known: Known, rows: int, seed: int) -> Played:
    a, b = np.random.default_rng(seed).random((2, rows, known.factors))

    def mixed(one: Rows, other: Rows) -> Rows:
        found = []
        for factor in range(known.factors):
            both = one.copy()
            both[:, factor] = other[:, factor]
            found.append(known.f(both))
        return np.array(found)

    return Played(known.f(a), known.f(b), mixed(a, b), mixed(b, a))


def ishigami(a: float = 7.0, b: float = 0.1) -> Known:
    """T. Ishigami and T. Homma, 1990: sin x₁ + a sin² x₂ + b x₃⁴ sin x₁ on (−π, π)."""

    def f(u: Rows) -> Rows:
        x = np.pi * (2 * u - 1)
        return np.asarray(np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0]))

    one = (1 + b * np.pi**4 / 5) ** 2 / 2
    two = a**2 / 8
    together = b**2 * np.pi**8 * 8 / 225
    whole = one + two + together
    return Known(f, (one / whole, two / whole, 0.0), ((one + together) / whole, two / whole, together / whole))


def product(terms: Callable[[Rows], Rows], variances: Sequence[float]) -> Known:
    """A product of independent terms of mean 1 with these variances."""
    each = np.array(variances)
    whole = np.prod(1 + each) - 1
    total = each * np.prod(1 + each) / (1 + each) / whole
    return Known(lambda u: np.prod(terms(u), axis=1), tuple(each / whole), tuple(total))


def sobol_g(a: Sequence[float] = (0, 1, 4.5, 9, 99, 99, 99, 99)) -> Known:
    """I. M. Sobol's g function: Π (|4u − 2| + a) / (1 + a)."""
    wide = np.array(a)
    return product(lambda u: (np.abs(4 * u - 2) + wide) / (1 + wide), 1 / (3 * (1 + wide) ** 2))


def g_star(a: Sequence[float], alpha: Sequence[float], shift: Sequence[float]) -> Known:
    """G* of A. Saltelli and others, Computer Physics Communications 181, 2010, section 4: bent and shifted."""
    wide, bent, moved = np.array(a), np.array(alpha), np.array(shift)

    def terms(u: Rows) -> Rows:
        x = u + moved
        return np.asarray(((1 + bent) * np.abs(2 * (x - np.floor(x)) - 1) ** bent + wide) / (1 + wide))

    return product(terms, bent**2 / ((1 + 2 * bent) * (1 + wide) ** 2))


MANY = (0.0, 0.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0)
REFERENCES = {
    "ishigami": ishigami(),
    "g": sobol_g(),
    "g_star_2": g_star((0, 0.1, 0.2, 0.3, 0.4, 0.8, 1, 2, 3, 4), (1,) * 10, tuple(0.07 * k for k in range(10))),
    "g_star_concave": g_star(MANY, (0.5,) * 10, (0.3,) * 10),
    "g_star_convex": g_star(MANY, (2.0,) * 10, (0.6,) * 10),
}
