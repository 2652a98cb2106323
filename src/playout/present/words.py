"""How numbers are said: odds three ways together, percentages no finer than what is known, quantities and dates.

A word of probability never stands alone here: readers put anything from 20 to 80 percent behind "a real possibility"
(see `model/words.py`), and a frequency is understood where a percentage is not (Gigerenzer and Hoffrage, Psychological
Review 102(4), 1995).
"""

from __future__ import annotations

import datetime as dt
import math

from playout.model.words import DEFAULT_STANDARD, STANDARDS, Word

WIDE = 0.2
"""Views further apart than this do not support a percentage finer than the nearest five."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def word(p: float, standard: str = DEFAULT_STANDARD) -> Word:
    """The term whose range holds p, or the nearest one where a standard leaves a gap; at a shared end, the one further
    from even, so that 0.2 is said as less likely and 0.8 as more likely."""
    terms = STANDARDS[standard].words
    distance = {term: max(term.low - p, p - term.high, 0.0) for term in terms}
    least = min(distance.values())
    near = [term for term in terms if distance[term] <= least + 1e-12]
    return max(near, key=lambda term: abs((term.low + term.high) / 2 - 0.5))


def percent(p: float, spread: float = 0.0) -> str:
    """A probability as a percentage, rounded to what is known. ``spread``: how far the views lie apart."""
    if p <= 0.0:
        return "0%"
    if p >= 1.0:
        return "100%"
    if p < 0.001:
        return "under 0.1%"
    if p > 0.99:
        return "over 99%"
    if p < 0.01:
        return f"{100 * p:.1g}%"
    hundredths = 100 * p
    return f"{5 * round(hundredths / 5)}%" if spread > WIDE and 10 <= hundredths <= 90 else f"{round(hundredths)}%"


def frequency(p: float) -> str:
    """A probability as a frequency: "1 future in 8", "7 futures in 10", "no future"."""
    if p <= 0.0:
        return "no future"
    if p >= 1.0:
        return "every future"
    if p < 0.001:
        return "fewer than 1 future in 1,000"
    if p > 0.999:
        return "more than 999 futures in 1,000"
    if p < 0.28:
        return f"1 future in {_rounded(1 / p):,}"
    if p <= 0.93:
        tenths = round(10 * p)
        return "half of the futures" if tenths == 5 else f"{tenths} futures in 10"
    many = _rounded(1 / (1 - p))
    return f"{many - 1:,} futures in {many:,}"


def odds(p: float, standard: str = DEFAULT_STANDARD, spread: float = 0.0) -> str:
    """Odds said three ways: "very unlikely, about 12%, roughly 1 future in 8".

    standard: whose words are used, by name in `STANDARDS`. spread: how far the views lie apart, as a probability.
    """
    if p <= 0.0 or p >= 1.0:
        return f"{word(p, standard).name}, {percent(p)}, {frequency(p)}"
    about = "" if percent(p).startswith(("under", "over")) else "about "
    roughly = "" if frequency(p).startswith(("fewer", "more")) else "roughly "
    return f"{word(p, standard).name}, {about}{percent(p, spread)}, {roughly}{frequency(p)}"


#: How many futures one says one is among; finer numbers sound exact and are not.
ROUND = (*range(1, 13), 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000)


def _rounded(many: float) -> int:
    """The number nearest by ratio among `ROUND`."""
    nearest: int = min(ROUND, key=lambda number: abs(math.log(many / number)))
    return nearest


def quantity(value: float, digits: int = 3, band: float = 0.0) -> str:
    """A number for reading: at most ``digits`` significant digits, thousands set apart, big ones by their name.

    band: the width in which nine futures in ten lie; nothing finer than a tenth of it, or so, is said.
    """
    if not math.isfinite(value):
        return "not a number"
    if band > 0.0:
        grain = 10.0 ** math.floor(math.log10(band / 10))
        value = round(value / grain) * grain
    if value == 0.0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - size)
    for scale, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if abs(rounded) >= scale:
            return f"{rounded / scale:g}".replace("-", "−") + name
    if abs(rounded) >= 10 ** (digits - 1):
        return f"{rounded:,.0f}".replace("-", "−")
    decimals = max(0, digits - 1 - size)
    text = f"{rounded:,.{min(decimals, 10)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def signed(value: float, digits: int = 3, band: float = 0.0) -> str:
    """A difference, with its sign: "+310", "−1,200", "0"."""
    text = quantity(value, digits, band)
    return text if value <= 0 or text == "0" else "+" + text


def under(value: float, least: float) -> str:
    """What stands for a number too near to zero to be said: "under 0.01", "above −0.01"; empty for any other."""
    if value == 0.0 or abs(value) >= least:
        return ""
    return f"under {least:g}" if value > 0.0 else f"above −{least:g}"


def mean_words(value: float, se: float, least: float = 0.0, *, difference: bool = False) -> str:
    """A mean over futures: two significant digits, and none behind its standard error.

    least: what is nearer to zero is only said to be under it.
    """
    band = 10.0 * se if math.isfinite(se) else 0.0
    return under(value, least) or (signed if difference else quantity)(value, 2, band)


def with_error(value: float, se: float, least: float = 0.0, *, difference: bool = False) -> str:
    """A mean over futures and its standard error: "+310 ± 12". least: as of `mean_words`.

    An error that single precision makes by itself is none.
    """
    error = quantity(se, 1) if se > 1e-6 * abs(value) else "0"
    return f"{mean_words(value, se, least, difference=difference)} ± {error}"


def month(date: dt.date) -> str:
    """A date as precisely as a model knows it: "December 2025"; a year before 1000 with its leading zeros."""
    return f"{MONTHS[date.month - 1]} {date.year:04d}"


def day(date: dt.date) -> str:
    """A date in full: "7 March 2025"."""
    return f"{date.day} {month(date)}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number of things: "1 view", "1,204 futures"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
