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
      | (?P<sign>\*\*|<=|>=|==|!=|\+=|-=|\*=|[-+*/()\[\],.:<>=%^])
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
    "$": "write money with its unit: `25 usd`",
}


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
