"""Every number on a report's page is traced to the JSON of the run that it reports on.

`shown_on` walks the page's text and text alternatives with the origin that each names (see `playout.present.origin`);
`faults` says which numbers are not what stands there, formatted as `playout.present.words` says numbers.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html.parser import HTMLParser
from typing import Any

from playout.model.scenario import Scenario
from playout.model.words import STANDARDS
from playout.present import words

MONTH = "|".join(words.MONTHS)
DATES = re.compile(rf"\b\d{{1,2}} (?:{MONTH}) \d{{4}}|\b(?:{MONTH}) \d{{4}}|\b\d{{4}}-\d\d(?:-\d\d)?|\b(?:19|20)\d\d\b")
HASH = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{10,}\b")
GRADE = re.compile(r"\b[A-F][1-6]\b")
DIGITS = r"\d+(?:,\d{3})*"
FREQUENCY = re.compile(rf"(?:fewer than |more than )?\b{DIGITS} futures? in {DIGITS}")
NUMBER = re.compile(
    rf"(?:under |over (?=99%)|above )?(?:[+−±] ?)?{DIGITS}(?:\.\d+)?(?:e-?\d+)?(?: (?:trillion|billion|million)\b)?%?"
)
VOID = {"meta", "input", "br"}
FAN = ("p05", "p25", "p50", "p75", "p95", "mean", "se")


@dataclasses.dataclass(frozen=True)
class Shown:
    """A text on the page and the origin that its element names; empty where none of the elements around it does."""

    text: str
    origin: str


class Walk(HTMLParser):
    """All texts and text alternatives of a page with their origins."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[Shown] = []
        self._stack: list[tuple[str, dict[str, str]]] = []
        self._cell = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self._stack.append((tag, named))
        if tag == "tr":
            self._cell = -1
        if tag == "td":
            self._cell += 1
        for attribute in ("aria-label", "title", "data-label"):
            if attribute in named:
                self._show(named[attribute])
        if tag in VOID:
            self._stack.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._stack.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not {"script", "style", "head"} & {tag for tag, _ in self._stack}:
            self._show(data)

    def _show(self, text: str) -> None:
        self.shown.append(Shown(" ".join(text.split()), self._origin()))

    def _origin(self) -> str:
        """Of the nearest element that has one; a row of a fan's table adds its column and period."""
        at = ""
        for _, named in reversed(self._stack):
            at = named.get("data-at", at)
            if "data-from" in named:
                if not at:
                    return named["data-from"]
                return f"{named['data-from']}/*/{at}" if self._cell < 0 else self._in_fan(named["data-from"], at)
        return ""

    def _in_fan(self, path: str, at: str) -> str:
        """The paths that a fan table's cell may stand for: of seven columns, or of two where all is yes or no."""
        last = ("mean", "se")[self._cell] if self._cell < 2 else FAN[self._cell]
        return f"{path}/{FAN[self._cell]}/{at};{path}/{last}/{at}"


def shown_on(html: str) -> list[Shown]:
    """What a page shows, in its order."""
    walk = Walk()
    walk.feed(html)
    return walk.shown


# --- the JSON ---------------------------------------------------------------------------------------------------------


def leaves(plain: Any, origin: str) -> list[float]:
    """The numbers that an origin leads to."""
    return [value for path in origin.split(";") for value in _of_path(plain, path)]


def strings(plain: Any, origin: str) -> list[str]:
    """The texts that an origin leads to, bare of what `_without` takes out."""
    found = [each for path in origin.split(";") if ":" not in path for each in _reached(plain, path.split("/"))]
    return [" ".join(text.split()) for each in found for text in _texts(each)]


def _texts(plain: Any) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, (list, dict)):
        for child in plain.values() if isinstance(plain, dict) else plain:
            yield from _texts(child)


def _of_path(plain: Any, path: str) -> list[float]:
    how, colon, rest = path.partition(":")
    found = list(_reached(plain, (rest if colon else path).split("/")))
    if how == "sum":
        return [math.fsum(_leaves(each)) for each in found]
    if how == "len":
        return [float(len(each)) for each in found]
    return [value for each in found for value in _leaves(each)]


def _reached(plain: Any, keys: Sequence[str]) -> Iterator[Any]:
    if not keys:
        yield plain
    elif isinstance(plain, list) and keys[0].isdecimal():
        if int(keys[0]) < len(plain):
            yield from _reached(plain[int(keys[0])], keys[1:])
    elif keys[0] == "*":
        children = plain.values() if isinstance(plain, Mapping) else plain if isinstance(plain, list) else ()
        for child in children:
            yield from _reached(child, keys[1:])
    elif isinstance(plain, Mapping) and keys[0] in plain:
        yield from _reached(plain[keys[0]], keys[1:])


def _leaves(plain: Any) -> Iterator[float]:
    if isinstance(plain, Mapping):
        for child in plain.values():
            yield from _leaves(child)
    elif isinstance(plain, list):
        for child in plain:
            yield from _leaves(child)
    elif isinstance(plain, (int, float)) and not isinstance(plain, bool):
        yield float(plain)


# --- how a value may be said ------------------------------------------------------------------------------------------


@cache
def sayings(value: float) -> frozenset[str]:
    """All that a value may be called, however finely it is known."""
    found = {words.percent(value), words.percent(value, 1.0), words.frequency(value)}
    for scaled in (value, 100.0 * value):
        found |= {f"{scaled:,.0f}", f"{scaled:.1f}", f"{scaled:+.0f}".replace("-", "−"), f"{100 * value:.0f}%"}
        size = math.floor(math.log10(abs(scaled))) if scaled else 0
        for digits in (1, 2, 3):
            for band in (0.0, *(10.0 ** (size + k) for k in range(-3, 3))):
                found |= {words.quantity(scaled, digits, band), words.signed(scaled, digits, band)}
    found |= {words.under(value, 0.01), words.under(value, 0.001)}
    return frozenset(found)


def _bare(said: str) -> str:
    return said.removeprefix("±").removeprefix("+").strip()


def faults(html: str, plain: Mapping[str, Any], scenario: Scenario, version: str) -> list[str]:
    """Numbers on a page that name no origin, and those that are not what stands there."""
    written = _written(scenario)
    own = {text for text in _strings(scenario) if re.search(r"\d", text) and re.search(r"[^\W\d_]{3}", text)}
    own = sorted(own, key=len, reverse=True)
    found = []
    for shown in shown_on(html):
        text = _without(shown.text, [*own, version])
        tokens = [*FREQUENCY.findall(text), *NUMBER.findall(FREQUENCY.sub(" ", text))]
        origins = shown.origin.split(";") if shown.origin else []
        if not tokens or "text" in origins:
            continue
        if not origins:
            found.append(f"no origin: {tokens} in {shown.text!r}")
            continue
        if any(shown.text in string for string in strings(plain, shown.origin)):
            continue
        said = {saying for value in leaves(plain, shown.origin) for saying in sayings(value)}
        bare = {_bare(saying) for saying in said}
        for token in tokens:
            known = token in said or _bare(token) in bare or (token == "0" and _next_to_nothing(plain, shown.origin))
            if not known and not ("scenario" in origins and _in_scenario(token, written)):
                found.append(f"{token!r} in {shown.text!r} is not at {shown.origin}")
    return found


def _next_to_nothing(plain: Any, origin: str) -> bool:
    """Whether a number of a fan is little beside what others of its period come to: that is said as "0"."""
    near = origin.split(";")[0].rpartition("/")
    others = leaves(plain, f"{near[0].rpartition('/')[0]}/*/{near[2]}")
    least = min((abs(value) for value in leaves(plain, origin)), default=math.inf)
    return least <= 0.05 * max((abs(value) for value in others), default=0.0)


def _without(text: str, strings: Sequence[str]) -> str:
    """A text without dates, hashes, grades and what the scenario itself writes."""
    for string in strings:
        if string.lower() in text.lower():
            text = re.sub(rf"(?<!\w){re.escape(string)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return GRADE.sub(" ", HASH.sub(" ", DATES.sub(" ", text)))


def _strings(thing: Any) -> Iterator[str]:
    """Every text of a scenario, and titles without the number of their step."""
    if isinstance(thing, str):
        plain = " ".join(thing.split())
        yield plain
        head, colon, tail = plain.partition(": ")
        if colon and len(head) <= 8:
            yield tail
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for field in dataclasses.fields(thing):
            if field.name not in ("lines", "span"):
                yield from _strings(getattr(thing, field.name))
    elif isinstance(thing, Mapping):
        for child in thing.values():
            yield from _strings(child)
    elif isinstance(thing, (list, tuple)):
        for child in thing:
            yield from _strings(child)


def _written(scenario: Scenario) -> set[float]:
    """Every number in the scenario's files, and those of the words of probability."""
    text = "\n".join(line for lines in scenario.lines.values() for line in lines)
    text += " ".join(word.describe() for standard in STANDARDS.values() for word in standard.words)
    found = {float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", text)}
    return found | {float(len(scenario.evidence) - k) for k in range(len(scenario.evidence))}


def _in_scenario(token: str, written: set[float]) -> bool:
    text = _bare(token).removeprefix("−").replace(",", "")
    value = float(re.search(r"[\d.]+(?:e-?\d+)?", text)[0])  # type: ignore[index]
    return any(math.isclose(candidate, other) for other in written for candidate in (value, value / 100.0))
