"""The keys of one mapping, taken one at a time and each as what it must be.

`Fields` is the whole declarative side of decoding: a section's decoder takes the keys it knows by calling `text`,
`expression`, `date` and the like, and when it is done every key that nobody took is reported as unknown. What is wrong
goes to the report and a stand-in comes back, so one decoder run finds everything; stand-ins never leave the reader,
because a report with an error in it is raised.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from playout.errors import Diagnostic, Span, did_you_mean
from playout.model.expression import Expression, LawText, Number
from playout.model.parse import Fault, Place, parse_expression, parse_law
from playout.model.scenario import Set, Support
from playout.model.tokens import NAME, RESERVED, parse_date
from playout.model.units import PLAIN, Unit, UnknownUnit, no_unit, unit
from playout.read.nodes import Entry, Mapping, Node, Scalar, Sequence, SourceText

Tree = TypeVar("Tree")

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_INFINITE = re.compile(r"[-+]?\.?(?:inf|Inf|INF)")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_UNIT_WORD = r"[A-Za-z_%µ°]\w*(?:\s*(?:\*\*|\^)\s*-?\d{1,2})?"
_UNIT = re.compile(rf"(?:\d{{1,12}}(?:\.\d{{1,6}})?|{_UNIT_WORD})(?:\s*[*/ ]\s*{_UNIT_WORD})*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY = dt.date(1970, 1, 1)


@dataclass(slots=True)
class Context:
    """What decoding one scenario shares: the report, the names defined, the sets, and where CSV files are."""

    folder: Path | None
    tables_folder: Path | None = None
    report: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, SourceText] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    sets: dict[str, Set] = field(default_factory=dict)
    places: dict[str, tuple[str, Span]] = field(default_factory=dict)

    def error(
        self,
        span: Span,
        code: str,
        message: str,
        hint: str | None = None,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        self.report.append(Diagnostic(span, code, message, hint, related=related))

    def define(self, space: str, name: str, what: str, span: Span) -> bool:
        """Notes that ``name`` is defined in a space of names; False, with a diagnostic, where it was already."""
        first = self.places.setdefault(f"{space} {name}", (what, span))
        if first[1] == span:
            return True
        related = ((first[1], f"{first[0]} is defined here"),)
        self.error(span, "duplicate-name", f"`{name}` is defined twice", related=related)
        return False

    def parsed(self, parse: Callable[[str, Place, set[str]], Tree], scalar: Scalar) -> Tree | None:
        """The tree that ``parse`` makes of a scalar; None, with its diagnostic, where it makes none."""
        try:
            return parse(scalar.text, scalar.place, self.declared)
        except Fault as fault:
            self.report.append(fault.diagnostic)
            return None

    def name(self, scalar: Scalar, what: str) -> str:
        """A name that the scenario gives to ``what``, such as "a stage"."""
        text = scalar.text
        if not NAME.fullmatch(text):
            proper = readable_name(text)
            hint = f"write `{proper}`, and the readable form in `title`" if proper else None
            message = f"`{text}` cannot name {what}: names have small letters, digits and _"
            self.error(scalar.span, "bad-name", message, hint)
        elif text in RESERVED:
            message = f"`{text}` already means something in equations and cannot name {what}"
            self.error(scalar.span, "bad-name", message, "choose another name")
        return text

    def number(self, node: Node, what: str, *, infinite: bool = False) -> float:
        """A number; nan, with a diagnostic, where there is none. ``infinite`` allows inf."""
        text = node.text if isinstance(node, Scalar) else ""
        if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        if infinite and _INFINITE.fullmatch(text):
            return -math.inf if text.startswith("-") else math.inf
        if isinstance(node, Scalar) and node.empty:
            self.error(node.span, "missing-value", f"{what} is empty", "write a number")
        elif isinstance(node, Scalar):
            self.error(node.span, "wrong-kind", f"{what} is a number, and `{text}` is not", number_hint(text))
        else:
            self.error(node.span, "wrong-kind", f"{what} is a number, not {kind_of(node)}")
        return math.nan

    def scalars_of(self, node: Node, what: str, wanted: str) -> Iterator[Scalar]:
        """The scalars of a list; one alone counts as a list of one. ``wanted`` says what each should be."""
        items = node.items if isinstance(node, Sequence) else () if isinstance(node, Scalar) and node.empty else (node,)
        rest = iter(enumerate(items))
        for index, item in rest:
            if not isinstance(item, Scalar) or item.empty:
                found = "is empty" if isinstance(item, Scalar) else f"is {kind_of(item)}"
                self.error(item.span, "wrong-kind", f"each item of {what} is {wanted}, and this {found}")
                continue
            follower = items[index + 1] if index + 1 < len(items) else None
            split = item.plain and item.text.count("(") > item.text.count(")")
            if split and isinstance(follower, Scalar) and follower.plain:
                hint = f'write `"{item.text}, {follower.text}"`'
                self.error(item.span, "unquoted", "text with a comma needs quotes inside [ ]", hint)
                next(rest)
                continue
            yield item

    def unknown(self, key: Scalar, known: list[str], owner: str) -> None:
        """Reports a key that means nothing here."""
        hint = did_you_mean(key.text, known)
        if hint is None and known:
            hint = "known here: " + ", ".join(known)
        self.error(key.span, "unknown-key", f"{owner} has no `{key.text}`", hint)


def kind_of(node: Node) -> str:
    """What a node is, in words: "a list", "a mapping", "text"."""
    return {Mapping: "`key: value`", Sequence: "a list", Scalar: "text"}[type(node)]


def readable_name(text: str) -> str:
    """The nearest proper name, or "" where there is none: ``Gulf Cartel`` → ``gulf_cartel``."""
    proper = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return proper if NAME.fullmatch(proper) else ""


def readable_title(name: str) -> str:
    """A name as a title: ``first_organisation`` → ``First organisation``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def number_hint(text: str) -> str | None:
    """The way from what somebody took for a number to one."""
    if re.fullmatch(r"[-+]?\d+,\d{1,2}", text):
        return f"write the decimal point: {text.replace(',', '.')}"
    if re.fullmatch(r"[-+]?\d[\d,_' ]*(\.\d+)?", text):
        return "write " + re.sub(r"[,_' ]", "", text)
    if re.fullmatch(r"[-+]?[\d.]+ *%", text):
        return "write it as a share: 12% is 0.12"
    if re.match(r"[-+]?[\d.]+ *[A-Za-z]", text):
        return "the unit stands in `unit`, the number alone here"
    return None


class Fields:
    """Takes the keys of a mapping. As a context manager it reports at its end the keys nobody took.

    ``what`` names the thing in messages ("the stock `members`"), ``owner`` is where it is named. ``lost`` are keys that
    are there and could not be read. ``short`` is the key
    that a value without keys stands for: ``prevention: [x *= 2]`` for ``prevention: {is: [x *= 2]}``.
    """

    def __init__(self, context: Context, owner: Scalar | Mapping, node: Node, what: str, short: str = "") -> None:
        self.context = context
        self.what = what
        self.span = owner.span
        self.entries: dict[str, Entry] = {}
        self.taken: dict[str, None] = {}
        self.broken = False
        self.lost: set[str] = set()
        if isinstance(node, Mapping):
            self.entries = {entry.key.text: entry for entry in node.entries}
            self._find_split_text(node)
        elif isinstance(node, Scalar) and node.empty:
            pass
        elif short:
            key = owner if isinstance(owner, Scalar) else None
            if key is not None:
                self.entries = {short: Entry(key, node)}
        else:
            self.broken = True
            context.error(node.span, "wrong-kind", f"{what} is written as `key: value`, not as {kind_of(node)}")

    def __enter__(self) -> Fields:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        if problem is not None:
            return
        for key, entry in self.entries.items():
            if key not in self.taken:
                self.context.unknown(entry.key, list(self.taken), self.what)

    def _find_split_text(self, node: Mapping) -> None:
        """`{is: normal(1, 2)}` reaches us as `is: normal(1` and an empty `2)`: say what happened, once."""
        rest = iter(node.entries)
        before = next(rest, None)
        tail: list[str] = []
        end = 0
        for entry in rest:
            if before is not None and isinstance(before.value, Scalar) and before.value.plain:
                end = end if tail else before.value.end
                text = entry.key.source.text
                bare = text[end : entry.key.start].strip() == "," and text[entry.key.end :].lstrip()[:1] in (",", "}")
                if isinstance(entry.value, Scalar) and entry.value.empty and bare:
                    tail.append(entry.key.text)
                    end = entry.key.end
                    continue
            self._report_split(before, tail)
            before, tail = entry, []
        self._report_split(before, tail)

    def _report_split(self, before: Entry | None, tail: list[str]) -> None:
        if before is None or not isinstance(before.value, Scalar) or not tail:
            return
        key = before.key.text
        whole = ", ".join([before.value.text, *tail])
        hint = f'write `{key}: "{whole}"`'
        self.context.error(before.value.span, "unquoted", "text with a comma needs quotes inside { }", hint)
        self.broken = True
        for part in (key, *tail):
            self.entries.pop(part, None)

    # --- taking -------------------------------------------------------------------------------------------------------

    def has(self, key: str) -> bool:
        return key in self.entries

    def take(self, key: str) -> Entry | None:
        """The entry of a key, if it is there."""
        self.taken[key] = None
        return self.entries.get(key)

    def need(self, key: str, example: str) -> Entry | None:
        """The entry of a key that must be there."""
        entry = self.take(key)
        if entry is None and not self.broken and key not in self.lost:
            self.context.error(self.span, "missing-key", f"{self.what} has no `{key}`", f"add `{key}: {example}`")
        return entry

    def _scalar(self, key: str, entry: Entry, wanted: str) -> Scalar | None:
        node = entry.value
        if not isinstance(node, Scalar):
            message = f"`{key}` of {self.what} is {wanted}, not {kind_of(node)}"
            hint = "text that begins with a bracket or brace needs quotes"
            self.context.error(node.span, "wrong-kind", message, hint)
            return None
        if node.empty:
            self.context.error(entry.key.span, "missing-value", f"`{key}` of {self.what} is empty", f"write {wanted}")
            return None
        return node

    def text(self, key: str, example: str = "") -> str:
        """A sentence or phrase, "" where there is none. With an ``example`` the key must be there."""
        entry = self.need(key, example) if example else self.take(key)
        node = self._scalar(key, entry, "text") if entry else None
        if node is None:
            return ""
        if node.plain and (_NUMBER.fullmatch(node.text) or node.text in _TRUTH):
            message = f"`{key}` of {self.what} is text, and `{node.text}` is read as a number or a truth value"
            self.context.error(node.span, "wrong-kind", message, f'write `{key}: "{node.text}"`')
        return node.prose.strip()

    def words(self, key: str) -> str:
        """Text, or a number taken as it is written: a year, a date, a grade."""
        entry = self.take(key)
        node = self._scalar(key, entry, "text") if entry else None
        return node.prose.strip() if node else ""

    def title(self, name: str) -> str:
        """The title, or the name made readable."""
        return self.text("title") or readable_title(name)

    def expression(self, key: str, example: str) -> Expression:
        """An equation that must be there."""
        self.need(key, example)
        return self.optional_expression(key) or Number(self.span, math.nan)

    def optional_expression(self, key: str) -> Expression | None:
        entry = self.take(key)
        node = self._scalar(key, entry, "an equation") if entry else None
        return self.context.parsed(parse_expression, node) if node else None

    def optional_law(self, key: str) -> LawText | None:
        """A distribution, interval, word or number."""
        entry = self.take(key)
        node = self._scalar(key, entry, "a number, an interval, a word or a distribution") if entry else None
        return self.context.parsed(parse_law, node) if node else None

    def law(self, key: str, example: str) -> LawText:
        self.need(key, example)
        stand_in = LawText(self.span, "point", (Number(self.span, math.nan),))
        return self.optional_law(key) or stand_in

    def unit(self) -> Unit | None:
        """The unit under `unit`, None where none is stated."""
        entry = self.take("unit")
        node = self._scalar("unit", entry, "a unit") if entry else None
        if node is None:
            return None
        try:
            if not _UNIT.fullmatch(node.text):  # a unit is looked up only where it is no sum to be worked out
                raise no_unit(node.text)
            return unit(node.text)
        except UnknownUnit as problem:
            known = "units are like person, usd, event, week, 1/year, person/week, probability, or 1 for a plain number"
            self.context.error(node.span, "unknown-unit", str(problem), problem.hint() or known)
            return PLAIN

    def number(self, key: str) -> float | None:
        entry = self.take(key)
        return None if entry is None else self.context.number(entry.value, f"`{key}` of {self.what}")

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        """A whole number in a range."""
        value = self.number(key)
        if value is None or math.isnan(value):
            return default
        if value != int(value) or not low <= value <= high:
            message = f"`{key}` of {self.what} is a whole number from {low} to {high}"
            self.context.error(self.entries[key].value.span, "wrong-kind", message)
            return default
        return int(value)

    def flag(self, key: str) -> bool:
        """True or false; false where there is nothing."""
        entry = self.take(key)
        if entry is None:
            return False
        if isinstance(entry.value, Scalar) and entry.value.text in _TRUTH:
            return _TRUTH[entry.value.text]
        message = f"`{key}` of {self.what} is true or false"
        self.context.error(entry.value.span, "wrong-kind", message, f"write `{key}: true`, or leave it out")
        return False

    def choice(self, key: str, options: tuple[str, ...]) -> str | None:
        """One of a few words, None where there is nothing or nothing valid."""
        entry = self.take(key)
        if entry is None:
            return None
        if isinstance(entry.value, Scalar) and entry.value.text in options:
            return entry.value.text
        shown = ", ".join(f"`{option}`" for option in options)
        message = f"`{key}` of {self.what} is one of {shown}"
        written = entry.value.text if isinstance(entry.value, Scalar) else ""
        self.context.error(entry.value.span, "wrong-kind", message, did_you_mean(written, options))
        return None

    def date(self, key: str) -> tuple[dt.date, Span]:
        """A date that must be there, and its place."""
        entry = self.need(key, "2026-01-31")
        if entry is None:
            return _DAY, self.span
        node = entry.value
        if not isinstance(node, Scalar) or not _DATE.fullmatch(node.text):
            hint = "dates are written year-month-day: 2026-01-31"
            self.context.error(node.span, "bad-date", f"`{key}` of {self.what} is not a date", hint)
            return _DAY, node.span
        try:
            return parse_date(node.text, node.span), node.span
        except Fault as fault:
            self.context.report.append(fault.diagnostic)
            return _DAY, node.span

    def bounds(self, key: str) -> tuple[float, float] | None:
        """``[low, high]``, either of them possibly infinite."""
        entry = self.take(key)
        if entry is None:
            return None
        node, shape = entry.value, "write `within: [0, 1]` or `within: [0, inf]`"
        if not isinstance(node, Sequence) or len(node.items) != 2:
            self.context.error(node.span, "wrong-kind", f"`{key}` of {self.what} wants a low and a high bound", shape)
            return None
        low, high = (self.context.number(item, f"a bound of {self.what}", infinite=True) for item in node.items)
        if low >= high:
            self.context.error(
                node.span, "wrong-kind", f"the low bound of {self.what} is not below the high one", shape
            )
        return low, high

    def names(self, key: str) -> tuple[tuple[str, Span], ...]:
        """A list of names, or one name, each with its place."""
        return tuple((scalar.text, scalar.span) for scalar in self.scalars(key, "a name"))

    def scalars(self, key: str, wanted: str) -> Iterator[Scalar]:
        """The scalars of a list; one alone counts as a list of one."""
        entry = self.take(key)
        if entry is not None:
            yield from self.context.scalars_of(entry.value, f"`{key}` of {self.what}", wanted)

    def support(self) -> Support:
        """`because` and `assumed`."""
        return Support(self.names("because"), self.text("assumed") or None)

    def mapping(self, key: str, shape: str) -> tuple[Entry, ...]:
        """The entries of a mapping, none where there is nothing."""
        entry = self.take(key)
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.empty):
            return ()
        if isinstance(entry.value, Mapping):
            return entry.value.entries
        message = f"`{key}` of {self.what} is written as `name: …`, not as {kind_of(entry.value)}"
        self.context.error(entry.value.span, "wrong-kind", message, shape)
        return ()
