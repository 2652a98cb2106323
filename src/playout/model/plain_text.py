"""Characters that look like others, or like nothing: what people paste from web pages and spreadsheets.

What can be meant in one way alone is read so: a no-break space is a space, a fullwidth digit a digit, a minus sign a
hyphen. Prose is left as it is written. Signs that nobody can see are shown in messages by their code.
"""

from __future__ import annotations

import re
import unicodedata

from playout.errors import UNSEEN, visible

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_MINUS = "\u2212\u2010\u2011\ufe63\uff0d"
_QUOTES = {**dict.fromkeys("‘’‚‛′ʼ", "'"), **dict.fromkeys("“”„‟″«»", '"')}
_DASHES = dict.fromkeys("‒–—―", "-")

#: One character for one, so that places in a text stay where they are.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys(_SPACES, " "),
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # fullwidth ASCII
        **dict.fromkeys(_MINUS, "-"),
    }
)
_LABEL = str.maketrans({**_QUOTES, **_DASHES})

_AROUND = re.compile(rf"(?:[\s{_SPACES}]|{UNSEEN.pattern})*(.*?)(?:[\s{_SPACES}]|{UNSEEN.pattern})*", re.DOTALL)

ODD_COLON = re.compile(f":(?=[{_SPACES}])|\uff1a")
"""A colon that YAML takes for text: a fullwidth one, or one with no plain space behind it."""


def plain(text: str) -> str:
    """Text that is no prose, with plain spaces, digits, letters and minus signs; as long as before."""
    return text if text.isascii() else text.translate(_PLAIN)


def composed(text: str) -> str:
    """Text with accents joined to their letters (NFC), so that what looks the same is the same."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def bare(cell: str) -> str:
    """A cell of a data file without the spaces and unseen signs around it, and with plain digits and signs."""
    return cell.strip() if cell.isascii() else UNSEEN.sub("", plain(cell)).strip()


def label_key(label: str) -> str:
    """What labels have in common that a reader takes for the same: spaces, quotes, dashes and unseen signs aside."""
    return " ".join(UNSEEN.sub("", plain(composed(label))).translate(_LABEL).split())


def inner(text: str) -> tuple[int, int]:
    """From where to where a text goes without the spaces and unseen signs around it."""
    found = _AROUND.fullmatch(text)
    assert found is not None
    return found.span(1)


def is_odd_space(character: str) -> bool:
    """Whether this is a space that YAML does not take for one."""
    return character in _SPACES


def named(character: str) -> str:
    """A character and what it is called: `é`, Latin small letter e with acute."""
    name = unicodedata.name(character, "").capitalize()
    shown = visible(character)
    shown = shown if shown.isprintable() else f"character U+{ord(character):04X}"
    return f"`{shown}`, {name}" if name else f"`{shown}`"
