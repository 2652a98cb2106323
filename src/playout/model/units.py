"""Dimensions and units. Inside Playout every number is in base units; time is in days.

pint's registry supplies the units; here a unit is reduced to a factor and a dimension, so that checking an expression
is adding small dictionaries. `person`, `event` and `usd` are base dimensions of their own; `probability` is a number.
A unit that is no factor (degrees Celsius, decibels) is refused: with it a sum, a difference and a product would have no
one meaning. So is one whose size is not agreed upon (`barrel`). One that is easily taken for another has a caution.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from tokenize import TokenError
from typing import TYPE_CHECKING

from playout.errors import did_you_mean
from playout.model.unit_words import CUSTOMARY, MEANINGS, MULTIPLES, NOT_UNITS, PLURALS_OF_SYMBOLS, REFUSED

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
class Caution:
    """A word of a unit that is easily taken for another: what it is here, and what to write instead."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written: base value = written value × factor."""

    text: str
    factor: float
    dimension: Dimension
    is_probability: bool = False
    cautions: tuple[Caution, ...] = ()


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


COMMON_UNITS = (
    "day", "days", "week", "weeks", "month", "months", "year", "years", "person", "persons", "event", "events",
    "usd", "kg", "tonne", "percent", "probability",
)  # fmt: skip
"""The units to think of first when a word is none."""

_WORD = re.compile(r"Δ?°?[^\W\d]\w*|[%‰$€£¥°]")
_PER = re.compile(r"\s+per\s+")
_BEHIND_NUMBER = re.compile(r"(?:1|[A-Za-z_]\w*(?:\*\*-?\d\d?)?)(?:\s?[*/]\s?[A-Za-z_]\w*(?:\*\*-?\d\d?)?)*", re.ASCII)


def behind_number(text: str) -> str | None:
    """A unit's text as it is written behind a number in an equation; None where it cannot stand there."""
    one = _PER.sub("/", text)
    return one if _BEHIND_NUMBER.fullmatch(one) else None


class UnknownUnit(ValueError):
    """The text names no unit, or one that is not read. ``way_out``: from the number that stands before it to a hint."""

    def __init__(self, message: str, way_out: Callable[[float], str | None]) -> None:
        super().__init__(message)
        self.way_out = way_out

    def hint(self, number: float | None = None) -> str | None:
        """What to write instead, for this number or, where none is known, for an example."""
        return self.way_out(20.0 if number is None else number)


_LEAKED = (AttributeError, ValueError, TypeError, ArithmeticError, KeyError, AssertionError, SyntaxError, TokenError)
"""What pint and Python's tokenizer, which it uses, raise over text that is no unit."""


@functools.cache
def _registry() -> pint.UnitRegistry[float]:
    import pint

    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    registry.define("person = [person] = _ = people = persons")
    registry.define("usd = [currency] = _ = dollar = dollars")
    registry.define("event = [event] = _ = events")
    registry.define("probability = 1")
    return registry


def _parsed(text: str) -> pint.Unit | None:
    """What pint makes of a text of units; None where it is none."""
    import pint

    try:
        return _registry().parse_units(text, as_delta=False)
    except (*_LEAKED, pint.errors.PintError):
        return None


@functools.cache
def unit(text: str) -> Unit:
    """The unit that ``text`` names, such as ``person``, ``1/week``, ``usd/kg`` or ``1``.

    Raises UnknownUnit with a sentence when it names none, or one that is refused.
    """
    cleaned = text.strip()
    if cleaned in ("", "1"):
        return PLAIN
    common = _common_unit(cleaned)
    if common is not None:
        return common
    parsed = _parsed(cleaned)
    if parsed is None:
        raise no_unit(cleaned)
    registry = _registry()
    words = [word for word in dict.fromkeys(_WORD.findall(cleaned)) if _parsed(word) is not None]
    for word in [*words, *(name for name, _ in registry.Quantity(1.0, parsed).unit_items())]:
        _refuse(word)
    base = registry.Quantity(1.0, parsed).to_base_units()
    factor = float(base.magnitude)
    exponents: dict[str, Fraction] = {}
    for name, power in base.unit_items():
        exact = Fraction(str(power)).limit_denominator(1000)
        if name == "second":
            exponents["day"] = exact
            factor /= 86400.0 ** float(exact)
        else:
            exponents[name] = exact
    cautions = tuple(caution for word in words if (caution := _caution(word)) is not None)
    return Unit(cleaned, factor, _dimension(exponents), cleaned == "probability", cautions)


@functools.cache
def is_unit_word(word: str) -> bool:
    """Whether a bare word is a unit, singular or plural, be it one that is refused."""
    return _common_unit(word) is not None or _parsed(word) is not None


def no_unit(text: str) -> UnknownUnit:
    """That a text is no unit, and for its first word that is none, what to write instead."""
    words = (found.group() for found in _WORD.finditer(text))
    word = next((word for word in words if _parsed(word) is None and word != "per"), text)
    message = f"`{text}` is not a unit" if word == text else f"`{word}` in `{text}` is not a unit"
    if word in MULTIPLES:
        whole = "write the number out: {0:g} {1} is `{2:.15g}`"
        return UnknownUnit(message, lambda number: whole.format(number, word, number * MULTIPLES[word]))
    return UnknownUnit(message, lambda _: NOT_UNITS.get(word) or did_you_mean(word.lower(), COMMON_UNITS))


def _refuse(word: str) -> None:
    """Raises UnknownUnit where a word's unit is no factor, or its size is not agreed upon."""
    prefix, name = _taken_apart(word)
    refused = REFUSED.get(word) or REFUSED.get(name)
    if refused is not None:
        raise UnknownUnit(f"`{word}` is not read: {refused[0]}", lambda _: refused[1])
    if _size(0.0, prefix + name) == 0.0:
        return
    delta = f"delta_{name}"
    if _parsed(delta) is not None:
        raise UnknownUnit(
            f"`{word}` counts from a zero of its own: its sums, differences and products have no one meaning",
            lambda number: (
                f"write kelvin: {number:g} {word} is `{_size(number, name):g} K`, and a difference of "
                f"{number:g} {word} is `{_size(number, delta):g} K` or `{number:g} {delta}`"
            ),
        )
    base = _registry().Quantity(1.0, name).to_base_units().units
    shown = "" if base.dimensionless else f" {base}".replace(" ** ", "**")
    raise UnknownUnit(
        f"`{word}` is a logarithm: it does not add up or multiply like what it measures",
        lambda number: f"write what it measures: {number:g} {word} is `{_size(number, name):g}{shown}`",
    )


def _size(number: float, name: str) -> float:
    """A number of a unit in base units."""
    return float(_registry().Quantity(number, name).to_base_units().magnitude)


def _taken_apart(word: str) -> tuple[str, str]:
    """The prefix and the unit that a word is read as, by pint's names: ``("kilo", "meter")``."""
    found = _registry().parse_unit_name(word)
    return found[0][:2] if found else ("", word)


def _caution(word: str) -> Caution | None:
    """What to know of a word that is easily taken for another."""
    prefix, name = _taken_apart(word)
    plural = word.endswith("s") and word != "s" and _taken_apart(word[:-1]) == (prefix, name)
    stem = word[:-1] if plural else word
    known = MEANINGS.get(word) or MEANINGS.get(stem)
    if known is not None:
        return Caution(f"`{word}` is {known[0]}", known[1])
    if _customary(stem, prefix, name, plural):
        return None
    meant = f"write `{prefix}{name}` if that is meant; what has no unit of its own is a plain number, `1`"
    return Caution(f"`{word}` is read as `{prefix}{name}`", meant)


def _customary(stem: str, prefix: str, name: str, plural: bool) -> bool:
    """Whether people write a unit so: a prefix's symbol before a unit's symbol, its name before a unit's name, and no
    plural of a symbol."""
    if not prefix:
        return not plural or len(stem) > 3 or stem in (name, *PLURALS_OF_SYMBOLS)
    if stem.startswith(prefix):
        return len(stem) - len(prefix) > 2
    symbols = (_registry().get_symbol(name), *(("L",) if name == "liter" else ()))
    return prefix in CUSTOMARY.get(name, ()) and stem.endswith(symbols) and not plural
