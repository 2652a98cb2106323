"""Unit words that are taken for something else, and words that are taken for units.

`model/units.py` asks here about every word it reads. Spellings that are proposed instead stand in backticks; a test
holds each of them to be a unit, or a number with one, that needs no caution itself.
"""

from __future__ import annotations

from collections.abc import Mapping

_TON = ("a short ton, 2000 pounds (907.185 kg)", "write `tonne` for 1000 kg, `short_ton` or `long_ton`")
_PRINT = (
    "a printer's point, a length of 1/72 inch",
    "write `percent` for a percentage point (a basis point is 0.01 of it), or `printers_point` for the length",
)
_SPEED = ("a speed, a nautical mile an hour", "write `nmi/hour` for the speed, `nmi` for the distance")
_OUNCE = (
    "an ounce of mass, 28.3495 g",
    "write `avdp_ounce` for the mass, `troy_ounce` for precious metals, `US_fluid_ounce` for a volume",
)
_US = "the American one"
_ANGLE = ("an angle, and no temperature", "write `angular_degree` for the angle, `K` for temperatures")
_FOOD = ("4.184 J, a thousandth of what food is counted in", "write `kilocalorie`, or `thermochemical_calorie`")
_GRAM = ("a grain, 0.0648 g", "write `gram` or `grain`")

MEANINGS: Mapping[str, tuple[str, str]] = {
    "quarter": ("a mass of 28 pounds, not of a year", "write `3 months` for a quarter of a year, `28 lb` for the mass"),
    "knot": _SPEED,
    "kn": _SPEED,
    "kt": (_SPEED[0] + ", not a kilotonne", "write `nmi/hour` for the speed, `kilotonne` for the mass"),
    "bp": _PRINT,
    "pp": _PRINT,
    "point": _PRINT,
    "ton": _TON,
    "gallon": (f"{_US}, 3.78541 l", "write `US_liquid_gallon` or `imperial_gallon`"),
    "gal": (f"the gallon, {_US}, 3.78541 l", "write `US_liquid_gallon` or `imperial_gallon`"),
    "quart": (f"{_US}, 0.946353 l", "write `US_liquid_quart` or `imperial_quart`"),
    "pint": (f"{_US}, 0.473176 l", "write `US_pint` or `imperial_pint`"),
    "pt": (f"the pint, {_US}, 0.473176 l", "write `US_pint` or `imperial_pint`"),
    "cup": (f"{_US}, 0.236588 l", "write `US_liquid_cup` or `imperial_cup`"),
    "cp": (f"the cup, {_US}, 0.236588 l", "write `US_liquid_cup`; a centipoise is `centipoise`"),
    "fluid_ounce": (f"{_US}, 29.5735 ml", "write `US_fluid_ounce` or `imperial_fluid_ounce`"),
    "floz": (f"{_US}, 29.5735 ml", "write `US_fluid_ounce` or `imperial_fluid_ounce`"),
    "bushel": (f"a volume, {_US}, 35.2391 l", "write `35.2391 l`, `imperial_bushel`, or a mass such as `60 lb`"),
    "hundredweight": ("the short one, 100 pounds", "write `short_hundredweight` or `long_hundredweight`"),
    "cwt": ("the short hundredweight, 100 pounds", "write `short_hundredweight` or `long_hundredweight`"),
    "ounce": _OUNCE,
    "oz": _OUNCE,
    "pound": ("a mass, 0.453592 kg, and no money", "write `lb` for the mass, `usd` for money"),
    "mil": ("an angle, 1/6400 of a turn", "write `thou` for a thousandth of an inch; a million is `1e6`"),
    "hand": ("a length of 4 inches", "write `4 inch` for the length, `person` for people"),
    "bag": ("a mass of 94 pounds", "write `94 lb` for the mass"),
    "shot": ("a volume of 3 tablespoons", "write `3 tablespoon` for the volume, `event` for what happens"),
    "fifth": ("a fifth of a gallon", "write `US_liquid_fifth` for the volume; a share is a number, `0.2`"),
    "section": ("an area, a square mile", "write `square_mile` for the area"),
    "pole": ("a length of 16.5 feet", "write `16.5 survey_foot` for the length"),
    "perch": ("a length of 16.5 feet", "write `16.5 survey_foot` for the length"),
    "rod": ("a length of 16.5 feet", "write `16.5 survey_foot` for the length"),
    "link": ("a length of 0.66 feet", "write `0.66 survey_foot` for the length"),
    "chain": ("a length of 66 feet", "write `66 survey_foot` for the length"),
    "cycle": ("an angle, a whole turn", "write `revolution` for the angle, `event` for what happens"),
    "circle": ("an angle, a whole turn", "write `revolution` for the angle"),
    "turn": ("an angle, a whole turn", "write `revolution` for the angle, `event` for what happens"),
    "grade": ("an angle, 1/400 of a turn", "write `gon` for the angle; a grade is a plain number"),
    "degree": _ANGLE,
    "deg": _ANGLE,
    "particle": ("a part of a mole, 1/6.02e23", "write `molecule` for that; a count is a plain number"),
    "strain": ("a plain number", "a count is a plain number"),
    "gravity": ("the acceleration, 9.80665 m/s²", "write `standard_gravity` for the acceleration"),
    "mass": ("milliarcseconds, an angle", "write `kg`, or `milliarcsecond` for the angle"),
    "rads": ("a dose of radiation, 0.01 gray", "write `radian` for the angle, `0.01 gray` for the dose"),
    "gr": _GRAM,
    "ct": ("a carat, 0.2 g", "write `carat` for the mass; a cent is `0.01 usd`"),
    "pcs": ("parsecs, 3.26 light-years each", "write `parsec` for the length; pieces are a plain number"),
    "eu": ("a unit of entropy", "write `entropy_unit`; money is counted in `usd`"),
    "EU": ("an exa-enzyme unit", "money is counted in `usd`"),
    "at": ("a technical atmosphere, a pressure", "write `technical_atmosphere` for the pressure"),
    "bus": ("bushels", "write `imperial_bushel` for the volume"),
    "b": ("a barn, an area of 1e-28 m²", "write `barn` for the area, `bit` for information; a billion is `1e9`"),
    "B": ("a byte", "write `byte` for information; a billion is `1e9`"),
    "Gb": ("a gilbert", "write `Gbit` for information, `gilbert` for the magnetic unit"),
    "k": ("Boltzmann's constant", "write `boltzmann_constant` for that; a thousand is `1e3`"),
    "M": ("moles a litre", "write `mole/liter` for that; a million is `1e6`"),
    "T": ("a tesla", "write `tesla` for that; a trillion is `1e12`"),
    "G": ("a gauss", "write `gauss` for that; a billion is `1e9`"),
    "C": ("a coulomb, and no degree Celsius", "write `coulomb` for the charge, `K` for temperatures"),
    "F": ("a farad, and no degree Fahrenheit", "write `farad` for the capacitance, `K` for temperatures"),
    "R": ("the gas constant", "write `molar_gas_constant` for that, `degree_Rankine` for temperatures"),
    "P": ("a poise, a viscosity", "write `poise` for that, `person` for people"),
    "c": ("the speed of light", "write `speed_of_light` for that; a cent is `0.01 usd`"),
    "e": ("the charge of an electron", "write `elementary_charge` for that"),
    "Nm": ("a unit of yarn", "write `N*m` for a newton-metre, `number_meter` for yarn"),
    "nm": ("a nanometre", "write `nmi` for a nautical mile, `nanometer` for the small length"),
    "mcm": ("a micrometre", "write `um` for the small length; a million cubic metres is `1e6 m**3`"),
    "unit": ("a micronit, a luminance", "write `1` for a plain number, `micronit` for the luminance"),
    "pct": ("a picocarat", "write `percent`, or `picocarat` for the mass"),
    "ppt": ("a picopint", "write `1e-12` for a part in a trillion, `picopint` for the volume"),
    "musd": ("a thousandth of a `usd`", "write `Musd` for a million, `milliusd` for a thousandth"),
    "mt": ("a millitonne, 1 kg", "write `tonne`, `Mt` for a million of them, or `kg`"),
    "MT": ("a megatesla", "write `Mt` for a megatonne, `megatesla` for the magnetic field"),
    "pa": ("a picoyear", "write `1/year` for what is meant each year, `picoyear` for the time"),
    "calorie": _FOOD,
    "cal": _FOOD,
}
"""By word, without a plural's s: what it is here, and what to write instead."""

_BARREL = "a barrel is 31.5 gallons in tables of units, and 42 where oil is counted"

REFUSED: Mapping[str, tuple[str, str]] = {
    "barrel": (_BARREL, "write `oil_barrel` (158.987 l), or `31.5 liquid_gallon`"),
    "bbl": (_BARREL, "write `oil_barrel` (158.987 l), or `31.5 liquid_gallon`"),
    "pH": (
        "it is a logarithm to a chemist and a picohenry to an electrician",
        "write the concentration, `1e-7 mole/liter` for a pH of 7, or `picohenry`",
    ),
    "decade": (
        "in tables of units it is a factor of ten on a logarithmic scale, and not ten years",
        "write years, ten for each: `10 years`; or the factor: `10`",
    ),
}
"""By word or pint's own name: why the word is not read, and what to write instead."""

_MONEY = (
    "money is counted in `usd`: convert it at a rate of your own, or write `usd` and say in `title` which money it is"
)

MULTIPLES: Mapping[str, float] = {
    word: size
    for words, size in (
        ("dozen dozens", 12.0),
        ("hundred hundreds", 100.0),
        ("thousand thousands", 1e3),
        ("million millions mn mln mio", 1e6),
        ("billion billions bn", 1e9),
        ("trillion trillions tn", 1e12),
    )
    for word in words.split()
}
"""Words for a number that multiplies another."""

NOT_UNITS: Mapping[str, str] = {
    word: hint
    for words, hint in (
        ("per", "write what it is over: `2 per year`"),
        ("USD US$ $ bucks", "write `usd`"),
        ("eur EUR euro euros € gbp GBP £ sterling yen jpy JPY ¥ cny CNY yuan rmb RMB rub RUB ruble rubles", _MONEY),
        ("peso pesos mxn MXN inr INR rupee rupees chf CHF franc francs cad CAD aud AUD krw KRW", _MONEY),
        ("cent cents", "write a cent as `0.01 usd`"),
        ("bpd bopd", "write `oil_barrel/day`"),
        ("mbd mbpd", "write `1e6 oil_barrel/day`"),
        ("boe", "write the energy: `5.8e6 Btu`"),
        ("mmbtu MMBtu MMBTU mmBtu", "write `1e6 Btu`"),
        ("kwh Kwh KWh KWH", "write `kWh`"),
        ("Mwh mwh MWH", "write `MWh`"),
        ("m2 m3 km2 km3 sqm sqkm sq_km sq_m", "write a power: `m**2`, `km**2`, `m**3`"),
        ("percentage perc", "write `percent`"),
        ("qtr qtrs quarterly", "count in months: a quarter of a year is `3 months`"),
        ("mo mos", "write `month`"),
        ("monthly", "write `1/month`"),
        ("wk wks", "write `week`"),
        ("weekly", "write `1/week`"),
        ("y annum", "write `year`"),
        ("yearly annual annually", "write `1/year`"),
        ("daily", "write `1/day`"),
        ("head heads household man men human humans capita", "write `person`"),
        ("ratio fraction share index number", "write `1`, a plain number"),
    )
    for word in words.split()
}
"""Words that are no unit, as newcomers write them: what to write instead."""

_LARGE = "kilo mega giga tera peta exa"
_SMALL = "milli micro nano pico femto"
_SCIENCE = f"{_SMALL} kilo mega giga tera peta"

_OF_LARGE = "usd person event metric_ton tonne_of_oil_equivalent bit byte baud parsec"
_OF_SMALL = "second farad henry tesla gray coulomb molar"
_OF_SCIENCE = (
    "ampere volt watt watt_hour joule newton hertz ohm siemens weber becquerel sievert mole candela lumen lux katal "
    "kelvin electron_volt volt_ampere ampere_hour bar calorie"
)

CUSTOMARY: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_OF_SCIENCE.split(), frozenset(_SCIENCE.split())),
    "pascal": frozenset(f"{_SCIENCE} hecto".split()),
    "meter": frozenset(f"{_SMALL} centi deci kilo".split()),
    "gram": frozenset(f"{_SMALL} kilo mega giga tera".split()),
    "liter": frozenset(f"{_SMALL} centi deci hecto kilo mega giga".split()),
    **dict.fromkeys(_OF_SMALL.split(), frozenset(_SMALL.split())),
    **dict.fromkeys(_OF_LARGE.split(), frozenset(_LARGE.split())),
}
"""By pint's name of a unit: the prefixes that are written before its symbol by custom. Any other makes a word of
letters that were hardly meant so: `rats` is a rontotechnical atmosphere, `PH` a petahenry."""

PLURALS_OF_SYMBOLS = frozenset(("lb", "hr", "yr", "min", "sec", "amp"))
"""Symbols that are written with a plural's s."""
