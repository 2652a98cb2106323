"""Text of an equation → tokens, each with its place; and the words that the language keeps for itself."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from playout.errors import UNSEEN, Diagnostic, Span
from playout.model.plain_text import named, plain

Place: TypeAlias = Callable[[int, int], Span]
"""From the offsets of a stretch of text (start, end) to where it stands in its file."""

REDUCTIONS = ("sum", "mean", "min", "max", "any", "all", "count", "argmax")
ELEMENTARY = ("abs", "exp", "log", "sqrt", "clip", "logistic", "lookup")
HISTORY = ("since", "first", "reached", "enters", "total", "change", "delay", "smooth")
GAMES = ("odds",)
FUNCTIONS = REDUCTIONS + ELEMENTARY + HISTORY + GAMES
OPERATOR_WORDS = ("and", "or", "not", "if", "else", "for", "in")
CLAUSE_WORDS = ("to", "likely", "from", "until")
"""Words that end an equation and begin the next part of a line: `3 to 12, likely 5`, `x = 2 from 2026-01-01`."""
CONSTANTS = ("inf", "never", "none", "true", "false", "time", "date")

RESERVED = frozenset((*FUNCTIONS, *OPERATOR_WORDS, *CLAUSE_WORDS, *CONSTANTS, "forbid", "splinter", "spreads"))
"""Words that mean something by themselves in an equation or a policy: nothing in a scenario may be named so."""

NAME = re.compile(r"[a-z][a-z0-9_]*")

MAX_TEXT = 4000
"""Longest text of one equation, in characters."""


class Fault(Exception):
    """A text that is no sentence of its grammar. It carries the diagnostic; whoever reads the file collects it."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


_Kind: TypeAlias = Literal["number", "date", "name", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """``start`` and ``end`` are offsets into the text; the last token of every text has kind ``end``."""

    kind: _Kind
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<date>\d{4}-\d{2}-\d{2}(?![\w.]))
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?![^\W\d_]))
      | (?P<sign>\*\*|<=|>=|==|!=|\+=|-=|\*=|\+/?-|[-+*/()\[\],.:<>=%^;±])
    """,
    re.VERBOSE | re.ASCII,
)

# What other languages write, and what is written here.
_ELSEWHERE = {
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    "~": "write `not`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
    "×": "write `*`",
    "·": "write `*`",
    "÷": "write `/`",
    **dict.fromkeys("‘’‚“”„«»", "write the name of a member or an option without quotes"),
    "²": "write `** 2`",
    "³": "write `** 3`",
    "½": "write `0.5`",
    "¼": "write `0.25`",
    "¾": "write `0.75`",
    "√": "write `sqrt(…)`",
    "∞": "write `inf`",
    "–": "write a plain `-`, or `to` for a range",
    "—": "write a plain `-`, or `to` for a range",
    "#": "a comment stands on a line of its own, or behind the text and outside its quotes",
    "{": "a table of numbers for `lookup` is written `[[x0, y0], [x1, y1]]`",
    "'": "write the name of a member or an option without quotes",
    '"': "write the name of a member or an option without quotes",
    **dict.fromkeys("$€£¥", "write money with its unit, `25 usd`"),
    "°": "write temperatures in kelvin: 20 degrees Celsius are `293.15 K`",
}

_CASES = "write `a if condition else b`"
_CYCLE = "write what goes round as points: `lookup(time / 1 year, [[0, 0], [0.25, 1], [0.5, 0], [0.75, -1], [1, 0]])`"
_WHOLE = "numbers are not rounded; compare with a bound: `1 if x > 0.5 else 0`"
_CALENDAR = "compare whole dates: `date >= 2026-03-01 and date < 2026-04-01`; the time gone by is `time`"
_DRAWN = 'draw it once as a belief: `x: {is: "uniform(0, 1)"}`; with `each: step`, anew in every step'
_SPREAD = "no function tells it; report the quantity as a measure, and its spread is shown"

FUNCTIONS_ELSEWHERE = {
    name: hint
    for names, hint in (
        ("sin cos tan asin acos atan atan2 sinh cosh", _CYCLE),
        ("tanh", "write `2 * logistic(2 * x) - 1`"),
        ("sigmoid expit", "write `logistic(x)`"),
        ("ln", "write `log(x)`, the natural logarithm"),
        ("log10", "write `log(x) / log(10)`"),
        ("log2", "write `log(x) / log(2)`"),
        ("log1p", "write `log(1 + x)`"),
        ("expm1", "write `exp(x) - 1`"),
        ("pow power", "write `x ** y`"),
        ("sqr square", "write `x ** 2`"),
        ("cbrt", "write `x ** (1/3)`"),
        ("sign sgn", "write `1 if x > 0 else -1 if x < 0 else 0`"),
        ("round floor ceil ceiling int trunc", _WHOLE),
        ("mod", "there is no remainder; write what goes round as points of `lookup`"),
        ("avg average", "write `mean(x)`, or `mean(x[o] for o in organisation)`"),
        ("prod product", "write `exp(sum(log(x)))`"),
        ("len length size", "write `count(true for o in organisation)`"),
        ("median std stdev stddev var variance quantile percentile", _SPREAD),
        ("clamp limit bound", "write `clip(x, low, high)`"),
        ("interp interpolate graph table with_lookup", "write `lookup(x, [[x0, y0], [x1, y1]])`"),
        ("iif ifelse if_else if_then_else where ite switch", _CASES),
        ("step", "write `height if date >= 2026-01-01 else 0`"),
        ("pulse", "write `height if date >= 2026-01-01 and date < 2026-02-01 else 0`"),
        ("ramp", "write `slope * max(0, time - 3 months)`"),
        ("integ integral integrate", "let it be a stock, with the flow under `plus`"),
        ("deriv derivative diff", "write `change(x, 1 week) / 1 week`"),
        ("lag prev previous last delay1 delay3 delay_fixed", "write `delay(x, 1 week)`"),
        ("smooth3 smoothi smooth1 ema moving_average", "write `smooth(x, 3 months)`"),
        ("cumsum cumulative accumulate", "write `total(x)`"),
        ("month year day week weekday quarter day_of_year", _CALENDAR),
        ("now today", "write `date`, the date of the step"),
        ("rand random randn rnd runif rnorm", _DRAWN),
        ("isnan isfinite", "a value that is no number stops its future; keep the denominator above 0: `max(x, 1e-9)`"),
        ("print assert", "report it as a measure"),
    )
    for name in names.split()
}
"""Functions of other languages that there are none of here: what to write instead."""

_COMMA = re.compile(r"(?<![\w.,])\d+(?:[.]\d{3})*(?:,\d+)+(?:[.]\d+)?(?!\w|,\d)")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:[.]\d+)?")


def without_commas(text: str) -> str:
    """The text with every number that has a comma written as numbers are here: `1,000` as 1000, `0,5` as 0.5.

    One comma that can only be a decimal one makes decimal commas of all.
    """
    numbers = _COMMA.findall(text)
    decimal = not all(_GROUPED.fullmatch(number) for number in numbers)
    if decimal:
        return _COMMA.sub(lambda found: found.group().replace(".", "").replace(",", "."), text)
    return _COMMA.sub(lambda found: found.group().replace(",", ""), text)


def tokenise(text: str, place: Place) -> list[Token]:
    """The tokens of ``text`` with an ``end`` token behind them. Raises Fault at the first sign that means nothing."""
    if len(text) > MAX_TEXT:
        message = f"this text has {len(text)} characters; an equation may have {MAX_TEXT}"
        hint = "give its parts names of their own under `variables`"
        raise Fault(Diagnostic(place(0, 1), "too-long", message, hint))
    text = plain(text)
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _stray(text, position, place)
        if match.lastgroup != "space":
            tokens.append(Token(cast(_Kind, match.lastgroup), match.group(), match.start(), match.end()))
        position = match.end()
    tokens.append(Token("end", "", len(text.rstrip()), len(text.rstrip())))
    return tokens


def _stray(text: str, position: int, place: Place) -> Fault:
    character = text[position]
    if UNSEEN.match(character):
        message = f"{named(character)}, stands here and cannot be seen"
        return Fault(Diagnostic(place(position, position + 1), "syntax", message, "delete it, or write the word anew"))
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        message = f"{named(character)}, has no meaning in an equation"
        return Fault(Diagnostic(place(position, position + 1), "syntax", message, f"write `{digit}`"))
    for word in () if character in _ELSEWHERE else re.finditer(r"\w+", text):
        if word.start() <= position < word.end():
            message = f"`{word.group()}` has a letter that names do not use: {named(character)}"
            hint = "names are written with a to z, 0 to 9 and _; write the readable form in `title`"
            return Fault(Diagnostic(place(word.start(), word.end()), "syntax", message, hint))
    shown = character if character.isprintable() else f"character U+{ord(character):04X}"
    message = f"`{shown}` has no meaning in an equation"
    return Fault(Diagnostic(place(position, position + 1), "syntax", message, _ELSEWHERE.get(character)))


def parse_date(text: str, span: Span) -> dt.date:
    """A date written as 2026-01-31. Raises Fault where there is no such day."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as problem:
        message = f"`{text}` is not a day of the calendar"
        raise Fault(Diagnostic(span, "bad-date", message, "dates are written year-month-day: 2026-01-31")) from problem
