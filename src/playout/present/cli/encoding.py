"""Output on a stream that is not UTF-8: signs that it lacks are written as the nearest that it has.

A pipe, an old terminal or a log may take ASCII or Latin-1 alone. A minus sign (U+2212) must stay a minus there: a `?`
in its place would turn a fall into a number that nobody can read.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

#: Signs → what is written where they are lacking, the nearest first. One column wide where that can be understood, so
#: that tables stay in line.
_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "−": "-", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "─": "-",
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "′": "'", "″": '"',
        "·": "|", "•": "*", "│": "|", "├": "|", "└": "`", "┐": "+", "┘": "+", "┌": "+", "▶": ">", "◀": "<",
        "▲": "^", "▼": "v",
        "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "+", "▍": "+", "▎": "-", "▏": "-", "░": ".", "▒": ":", "▓": "#",
        "±": "+-", "×": "x", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "→": "->", "←": "<-", "↔": "<->",
        "√": "sqrt", "∞": "inf", "°": " deg", "µ": "u", "μ": "u", "⌈": "ceil(", "⌉": ")", "⁄": "/", "∫": "integral ",
        "€": "EUR", "£": "GBP", "¥": "JPY", "§": "sec. ",
        "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "λ": "lambda", "π": "pi", "ρ": "rho",
        "σ": "sigma", "Σ": "Sum", "φ": "phi", "Φ": "Phi",
        "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "æ": "ae", "Æ": "AE", "œ": "oe", "ı": "i",
    }
)  # fmt: skip


def write_nearest(stream: Any) -> None:
    """Let a text stream write the nearest of what its encoding lacks, in place of raising."""
    if not hasattr(stream, "reconfigure"):
        return
    encoding: str = stream.encoding  # which the error of a codec by table does not tell

    def replace(problem: UnicodeError) -> tuple[str | bytes, int]:
        if not isinstance(problem, UnicodeEncodeError):
            raise problem
        lacking = problem.object[problem.start : problem.end]
        return "".join(nearest(character, encoding) for character in lacking), problem.end

    handler = f"playout-nearest-{encoding}"
    codecs.register_error(handler, replace)
    stream.reconfigure(errors=handler)


def is_unicode(stream: Any) -> bool:
    """Whether a stream can write every character."""
    name = getattr(stream, "encoding", None) or "utf-8"
    return codecs.lookup(name).name.startswith("utf")


def nearest(character: str, encoding: str) -> str:
    """What is written of a character: itself, the nearest sign, its letter without accents, or its number."""
    for candidate in _candidates(character):
        try:
            candidate.encode(encoding)
        except UnicodeEncodeError:
            continue
        if candidate:
            return candidate
    return character.encode("ascii", "backslashreplace").decode()


def _candidates(character: str) -> Iterator[str]:
    yield character
    yield _PLAIN.get(character, "")
    if character.isspace():
        yield " "
    decomposed = unicodedata.normalize("NFKD", character)
    yield "".join(_PLAIN.get(part, part) for part in decomposed if not unicodedata.combining(part))
