"""Dimensions and units. Inside Playout every number is in base units; time is in days.

pint's registry supplies the units; here a unit is reduced to a factor and a dimension, so that checking an expression
is adding small dictionaries. `person`, `event` and `usd` are base dimensions of their own; `probability` is a number.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from tokenize import TokenError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint


@dataclass(frozen=True, slots=True)
class Dimension:
    """Exponents of base units, sorted by name, zero exponents left out."""

    exponents: tuple[tuple[str, Fraction], ...] = ()

    def __mul__(self, other: Dimension) -> Dimension:
        total = dict(self.exponents)
        for base, power in other.exponents:
            total[base] = total.get(base, Fraction(0)) + power
        return _dimension(total)

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    def __pow__(self, power: Fraction | int | float) -> Dimension:
        exact = Fraction(power).limit_denominator(1000)
        return _dimension({base: exponent * exact for base, exponent in self.exponents})

    @property
    def plain(self) -> bool:
        return not self.exponents

    def __str__(self) -> str:
        over = [_power(base, e) for base, e in self.exponents if e > 0]
        under = [_power(base, -e) for base, e in self.exponents if e < 0]
        return "/".join([" ".join(over) or "1", *under])


def _dimension(exponents: Mapping[str, Fraction]) -> Dimension:
    return Dimension(tuple(sorted((b, e) for b, e in exponents.items() if e)))


def _power(base: str, exponent: Fraction) -> str:
    return base if exponent == 1 else f"{base}^{exponent}"


DIMENSIONLESS = Dimension()
TIME = Dimension((("day", Fraction(1)),))
PER_TIME = TIME**-1


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written: base value = written value × factor."""

    text: str
    factor: float
    dimension: Dimension
    is_probability: bool = False


PLAIN = Unit("1", 1.0, DIMENSIONLESS)


_COMMON: dict[str, tuple[float, str | None]] = {
    "1": (1.0, None),
    "probability": (1.0, None),
    "day": (1.0, "day"),
    "days": (1.0, "day"),
    "week": (7.0, "day"),
    "weeks": (7.0, "day"),
    "month": (365.25 / 12, "day"),
    "months": (365.25 / 12, "day"),
    "year": (365.25, "day"),
    "years": (365.25, "day"),
    "person": (1.0, "person"),
    "persons": (1.0, "person"),
    "people": (1.0, "person"),
    "event": (1.0, "event"),
    "events": (1.0, "event"),
    "usd": (1.0, "usd"),
    "kg": (1.0, "kilogram"),
    "lb": (0.45359237, "kilogram"),
}
"""What most scenarios are measured in, each as pint has it: without these, every command would wait for pint's registry
of a thousand units."""

_FACTOR = re.compile(r"\s*([*/]|)\s*([a-z]+|1)\s*(?:\*\*\s*([1-9]))?(?![\w.*])")


def _common_unit(text: str) -> Unit | None:
    """The unit of a text of common words, multiplied and divided; None where pint has to be asked."""
    factor, dimension, place = 1.0, DIMENSIONLESS, 0
    while place < len(text):
        found = _FACTOR.match(text, place)
        if found is None or (found[1] == "") != (place == 0) or found[2] not in _COMMON:
            return None
        size, base = _COMMON[found[2]]
        power = int(found[3] or 1) * (-1 if found[1] == "/" else 1)
        factor *= size**power
        dimension *= DIMENSIONLESS if base is None else Dimension(((base, Fraction(power)),))
        place = found.end()
    return Unit(text, factor, dimension, is_probability=text == "probability")


class UnknownUnit(ValueError):
    """The text names no unit."""


_LEAKED = (AttributeError, ValueError, TypeError, ArithmeticError, KeyError, AssertionError, SyntaxError, TokenError)
"""What pint and Python's tokenizer, which it uses, raise over text that is no unit."""


@functools.cache
def _registry() -> pint.UnitRegistry[float]:
    import pint

    registry: pint.UnitRegistry[float] = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    registry.define("person = [person] = _ = people = persons")
    registry.define("usd = [currency] = _ = dollar = dollars")
    registry.define("event = [event] = _ = events")
    registry.define("probability = 1")
    return registry


@functools.cache
def unit(text: str) -> Unit:
    """The unit that ``text`` names, such as ``person``, ``1/week``, ``usd/kg`` or ``1``.

    Raises UnknownUnit with a sentence when it names none.
    """
    cleaned = text.strip()
    if cleaned in ("", "1"):
        return PLAIN
    common = _common_unit(cleaned)
    if common is not None:
        return common
    import pint

    try:
        base = _registry().Quantity(1.0, cleaned).to_base_units()
    except (*_LEAKED, pint.errors.PintError) as problem:
        raise UnknownUnit(f"`{cleaned}` is not a unit") from problem
    factor = float(base.magnitude)
    exponents: dict[str, Fraction] = {}
    for name, power in base.unit_items():
        exact = Fraction(str(power)).limit_denominator(1000)
        if name == "second":
            exponents["day"] = exact
            factor /= 86400.0 ** float(exact)
        else:
            exponents[name] = exact
    return Unit(cleaned, factor, _dimension(exponents), is_probability=cleaned == "probability")


@functools.cache
def is_unit_word(word: str) -> bool:
    """Whether a bare word is a unit, singular or plural."""
    try:
        unit(word)
    except UnknownUnit:
        return False
    return True
