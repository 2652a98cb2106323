"""Words of estimative probability: what a standard says that "likely" means, as a range of probabilities.

A word stands for a uniform law on its published range, and whoever shows the word shows the range with it: readers
left to themselves read "real possibility" as anything from 20 to 80 percent (Mauboussin and Mauboussin, HBR, 2018).
Where a standard prints a second row of terms, or several wordings of one term, all of them are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from playout.errors import did_you_mean
from playout.model.distribution import Uniform


@dataclass(frozen=True, slots=True)
class Word:
    """One term of a standard: its wordings (the standard's own first) and its range, both ends probabilities."""

    wordings: tuple[str, ...]
    low: float
    high: float

    @property
    def name(self) -> str:
        return self.wordings[0]

    @property
    def law(self) -> Uniform:
        """The uniform law on the range."""
        return Uniform(self.low, self.high)

    def describe(self) -> str:
        """The word with its range, as it is to be shown: ``likely (55–80%)``."""
        return f"{self.name} ({100.0 * self.low:g}–{100.0 * self.high:g}%)"


@dataclass(frozen=True, slots=True)
class Standard:
    """A published scale of words. ``note`` says what in it was not checked against the publication itself."""

    name: str
    title: str
    source: str
    words: tuple[Word, ...]
    address: str | None = None
    note: str | None = None


_ICD203 = Standard(
    name="icd203",
    title="US Intelligence Community Directive 203",
    source="Office of the Director of National Intelligence, ICD 203, Analytic Standards, 2 January 2015, D.6.e(2)(a)",
    address="https://github.com/wesinator/ICD203-intel-analysis",
    words=(
        Word(("almost no chance", "remote"), 0.01, 0.05),
        Word(("very unlikely", "highly improbable"), 0.05, 0.20),
        Word(("unlikely", "improbable", "improbably"), 0.20, 0.45),
        Word(("roughly even chance", "roughly even odds"), 0.45, 0.55),
        Word(("likely", "probable", "probably"), 0.55, 0.80),
        Word(("very likely", "highly probable"), 0.80, 0.95),
        Word(("almost certain", "almost certainly", "nearly certain"), 0.95, 0.99),
    ),
)

_KENT = Standard(
    name="kent",
    title="Sherman Kent's scale",
    source="S. Kent, Words of Estimative Probability, CIA Studies in Intelligence, Fall 1964",
    address="https://webharvest.gov/peth04/20041016062723/http://www.cia.gov/csi/books/shermankent/6words.html",
    note="The five ranges are checked; the variants of each term are given from memory of the essay's second half.",
    words=(
        Word(
            (
                "almost certainly not",
                "virtually impossible",
                "almost impossible",
                "some slight chance",
                "highly doubtful",
            ),
            0.02,
            0.12,
        ),
        Word(("probably not", "doubtful", "improbable", "unlikely", "we doubt"), 0.20, 0.40),
        Word(
            (
                "chances about even",
                "about even",
                "chances a little better than even",
                "chances a little less than even",
            ),
            0.40,
            0.60,
        ),
        Word(("probable", "probably", "likely", "we believe", "we estimate"), 0.63, 0.87),
        Word(
            (
                "almost certain",
                "almost certainly",
                "virtually certain",
                "all but certain",
                "highly probable",
                "highly likely",
                "odds overwhelming",
                "chances overwhelming",
            ),
            0.87,
            0.99,
        ),
    ),
)

_PHIA = Standard(
    name="phia",
    title="UK PHIA probability yardstick",
    source="Professional Head of Intelligence Assessment, Explaining uncertainty in UK intelligence assessment, "
    "Cabinet Office, 24 March 2025 (bands in use since 2018)",
    address="https://www.gov.uk/government/publications/explaining-uncertainty-in-uk-intelligence-assessment/"
    "explaining-uncertainty-in-uk-intelligence-assessment",
    words=(
        Word(("remote chance",), 0.0, 0.05),
        Word(("highly unlikely",), 0.10, 0.20),
        Word(("unlikely",), 0.25, 0.35),
        Word(("realistic possibility",), 0.40, 0.50),
        Word(("likely", "probable", "probably", "likely or probable"), 0.55, 0.75),
        Word(("highly likely",), 0.80, 0.90),
        Word(("almost certain", "almost certainly"), 0.95, 1.0),
    ),
)

_NATO = Standard(
    name="nato",
    title="NATO AJP-2.1",
    source="NATO Standardization Office, AJP-2.1, Allied Joint Doctrine for Intelligence Procedures, May 2016",
    note="Given from memory; the publication itself was not seen.",
    words=(
        Word(("highly unlikely",), 0.0, 0.10),
        Word(("unlikely",), 0.10, 0.40),
        Word(("even chance",), 0.40, 0.60),
        Word(("likely",), 0.60, 0.90),
        Word(("highly likely",), 0.90, 1.0),
    ),
)

#: What `words:` may name, the default first.
STANDARDS: Mapping[str, Standard] = MappingProxyType({s.name: s for s in (_ICD203, _KENT, _PHIA, _NATO)})

DEFAULT_STANDARD = "icd203"

_BY_WORDING: Mapping[str, Mapping[str, Word]] = MappingProxyType(
    {s.name: MappingProxyType({w: word for word in s.words for w in word.wordings}) for s in STANDARDS.values()}
)
_ALL_WORDINGS = frozenset(wording for words in _BY_WORDING.values() for wording in words)


def _plain(text: str) -> str:
    """One spelling: small letters, single spaces for spaces, underscores and hyphens, no leading article."""
    words = text.lower().replace("_", " ").replace("-", " ").split()
    if words[:1] in (["a"], ["an"], ["the"]):
        words = words[1:]
    return " ".join(words)


def is_word(text: str) -> bool:
    """Whether any standard knows the text: how a word is told from a misspelt name."""
    return _plain(text) in _ALL_WORDINGS


def lookup(standard: str, text: str) -> Word:
    """The term that `text` is under a standard; underscores, hyphens and capitals do not matter.

    Refuses, with a ValueError, a standard that is not in `STANDARDS` and a word the standard does not have: the
    sentence names the nearest words, or the standard whose word it is.
    """
    if standard not in STANDARDS:
        hint = did_you_mean(standard, STANDARDS)
        raise ValueError(f"`{standard}` is no standard of words: there are {', '.join(STANDARDS)}" + _also(hint))
    wording, words = _plain(text), _BY_WORDING[standard]
    if wording in words:
        return words[wording]
    said = f"`{text}` is no word of {STANDARDS[standard].title} (words: {standard})"
    elsewhere = [name for name, others in _BY_WORDING.items() if wording in others]
    if elsewhere:
        raise ValueError(f"{said}; it is one under {' and '.join(elsewhere)}" + _also(did_you_mean(wording, words)))
    own = ", ".join(word.name for word in STANDARDS[standard].words)
    raise ValueError(said + (_also(did_you_mean(wording, words)) or f"; its words are {own}"))


def _also(hint: str | None) -> str:
    return f"; {hint}" if hint else ""
