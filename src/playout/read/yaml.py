"""YAML text → a tree of nodes. libyaml finds the structure, twenty times faster than Python could; where it minds
something, ruamel.yaml reads the file again, because it says more exactly what and where. What it says is translated
here, once.

Refused: anchors and aliases (one written value then stands in two places, and a handful of them can unfold to
billions), tags (a file must not say which Python class it becomes), two documents in one file, keys that are no words,
characters that steer a terminal, nesting deeper than MAX_DEPTH and more than MAX_NODES parts. Numbers, dates and truth
values are left as written: see `Scalar`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from playout.errors import Diagnostic, Span
from playout.model.plain_text import ODD_COLON, inner, is_odd_space, named, plain
from playout.model.tokens import Fault
from playout.read.nodes import Entry, Mapping, Node, Scalar, Sequence, SourceText

MAX_DEPTH = 30
"""How deep mappings and lists may stand in one another."""

MAX_NODES = 100_000
"""How many keys, values and items a file may have: some seconds' work."""

Event: TypeAlias = Any
"""An event of libyaml or of ruamel.yaml: the same classes by name, not by kin."""

_QUOTE_IT = "put text that holds commas, colons, brackets or quotes in quotes"
_NEVER_CLOSED = "this quote is never closed"

#: What a backslash in double quotes can stand for and no text holds: signs that steer a terminal, half characters.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")

_NODES = ("AliasEvent", "ScalarEvent", "SequenceStartEvent", "MappingStartEvent")

# What ruamel.yaml says (a stretch of it) → what is said here, and the way out.
_TRANSLATION: tuple[tuple[str, str, str | None], ...] = (
    (
        "mapping values are not allowed",
        "a second `:` cannot stand here",
        "put text that holds `: ` in quotes, or check how far this line is indented",
    ),
    ("character '\\t'", "a tab stands where spaces are wanted", "indent with spaces"),
    ("that cannot start any token", "text cannot begin with this sign", "put the text in quotes"),
    ("end of stream", _NEVER_CLOSED, "close it on the line where its text ends"),
    ("document separator", _NEVER_CLOSED, "close it on the line where its text ends"),
    (
        "unknown escape character",
        "this backslash stands for nothing",
        "write `\\\\` for a backslash, or put the text in single quotes",
    ),
    ("expected escape sequence", "this backslash stands for nothing", "put the text in single quotes"),
    ("but got '['", "text with square brackets needs quotes inside { } and [ ]", 'write `{of: "members[o]"}`'),
    ("expected ',' or '}'", "a comma or `}` is missing", f"close the braces; {_QUOTE_IT}"),
    ("expected ',' or ']'", "a comma or `]` is missing", f"close the brackets; {_QUOTE_IT}"),
    (
        "but found '<scalar>'",
        "text stands behind a closing quote or bracket",
        "put the whole text in one pair of quotes",
    ),
    (
        "expected '<document start>'",
        "this line does not continue what stands above it",
        "a scenario is one list of `key: value`, each key in the first column",
    ),
    (
        "expected <block end>",
        "this line does not continue what stands above it",
        "entries that belong together start in one column: all `key: value`, or all `- item`",
    ),
    ("expected the node content", "a value is missing here", _QUOTE_IT),
    ("could not find expected ':'", "a key without `:`", "write `key: value`, one a line, and a space behind the `:`"),
    (
        "expected a comment or a line break",
        "`|` and `>` stand alone behind their key",
        "write the text on the next line",
    ),
    ("found undefined tag handle", "YAML tags (`!…`) are not used in scenarios", "leave the tag out"),
)


class NotYaml(Exception):
    """A text is no YAML, and nobody asked why."""


def parse_yaml(source: SourceText, report: list[Diagnostic], *, depth: int = 1, explain: bool = True) -> Node | None:
    """The tree of one file, or None for an empty one.

    Duplicate keys go to ``report``, and reading continues with the first of each. Raises Fault where the text is no
    YAML or holds what is refused; where it is no YAML and nobody asks to ``explain`` that, which takes long, NotYaml.
    ``depth`` is how deep the text stands in its file.
    """
    return _Builder(source, _events(source, explain), report).document(depth)


def _events(source: SourceText, explain: bool) -> Iterator[Event]:
    """The events of one file. Raises Fault, now or while they are walked, where the text is no YAML."""
    try:
        return iter(list(_as_far_as_allowed(yaml.parse(source.text, Loader=yaml.CSafeLoader))))
    except AttributeError:  # no libyaml here
        return _explained(source)
    except yaml.YAMLError as problem:  # for ruamel.yaml to explain
        if not explain:
            raise NotYaml from problem
        return _explained(source)


def _as_far_as_allowed(events: Iterator[Event]) -> Iterator[Event]:
    """Events up to the first that stands too deep: what comes behind is never looked at, and so costs no time."""
    depth = 0
    for event in events:
        yield event
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > MAX_DEPTH + 4:  # stream and document begin and end too
            return


def _explained(source: SourceText) -> Iterator[Event]:
    """The events as ruamel.yaml finds them, with its exceptions turned into faults."""
    try:
        yield from YAML(typ="safe", pure=True).parse(source.text)
    except ReaderError as problem:
        code = ord(problem.character) if isinstance(problem.character, str) else problem.character
        message = f"character U+{code:04X} cannot stand in a text file"
        raise Fault(Diagnostic(source.span(problem.position, problem.position + 1), "yaml", message)) from problem
    except MarkedYAMLError as problem:
        raise Fault(_translate(problem, source)) from problem
    except (YAMLError, ValueError, IndexError, AttributeError, AssertionError, OverflowError) as problem:
        # Texts that hit an oversight in the library itself: the file is at fault all the same.
        raise Fault(Diagnostic(source.span(0, 1), "yaml", "this is not YAML")) from problem


def _translate(problem: MarkedYAMLError, source: SourceText) -> Diagnostic:
    said = str(problem.problem or problem.context or "")
    mark = problem.problem_mark or problem.context_mark
    opening = problem.context_mark
    message, hint = f"this is not YAML: {said}", None
    for stretch, translated, way_out in _TRANSLATION:
        if stretch in said:
            message, hint = translated, way_out
            break
    start = min(mark.index, len(source.text)) if mark is not None else 0
    first = source.text.rfind("\n", 0, min(start, opening.index) if opening is not None else start) + 1
    odd = ODD_COLON.search(source.text, first, max(source.text.find("\n", start), start + 1))
    if odd is not None and hint is not None and "`:`" in f"{message}{hint}":
        return _odd_colon(source, odd.start())
    related: tuple[tuple[Span, str], ...] = ()
    if opening is not None and source.text[opening.index : opening.index + 1] in ("{", "[", "'", '"'):
        sign = source.text[opening.index]
        at_end = start >= len(source.text.rstrip())
        if message == _NEVER_CLOSED or at_end:
            start = opening.index
            message = _NEVER_CLOSED if message == _NEVER_CLOSED else f"this `{sign}` is never closed"
        elif message.endswith("is missing"):
            related = ((source.span(opening.index, opening.index + 1), "opened here"),)
    return Diagnostic(source.span(start, start + 1), "yaml", message, hint, related=related)


def _odd_colon(source: SourceText, at: int) -> Diagnostic:
    """What to say of a colon that YAML takes for text."""
    sign = source.text[at]
    message = (
        f"this colon is {named(sign)}" if sign != ":" else f"the space behind this `:` is {named(source.text[at + 1])}"
    )
    return Diagnostic(source.span(at, at + 1), "yaml", message, "write a plain `:` and a plain space behind it")


class _Builder:
    """Turns the events of one file into nodes."""

    def __init__(self, source: SourceText, events: Iterator[Event], report: list[Diagnostic]) -> None:
        self.source = source
        self.events = events
        self.report = report
        self.nodes = 0

    def document(self, depth: int) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self.events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise self._fault(event, "yaml", "a second document starts here", "leave out the line `---`")
            elif kind in _NODES:
                root = self._node(event, depth)
        return root

    def _fault(self, event: Event, code: str, message: str, hint: str | None = None) -> Fault:
        start, end = event.start_mark.index, event.end_mark.index
        return Fault(Diagnostic(self.source.span(start, max(end, start + 1)), code, message, hint))

    def _node(self, event: Event, depth: int) -> Node:
        kind = type(event).__name__
        if kind == "AliasEvent" or event.anchor is not None:
            what = f"`*{event.anchor}` is a YAML alias" if kind == "AliasEvent" else "this is a YAML anchor"
            hint = "write the value out, or give it a name under `tables` or `variables`; text with & or * needs quotes"
            raise self._fault(event, "alias", f"{what}, and scenarios do without", hint)
        if getattr(event, "tag", None) is not None:
            message = "this is a YAML tag, and scenarios do without"
            raise self._fault(event, "yaml-tag", message, "leave it out; text that begins with ! needs quotes")
        if depth > MAX_DEPTH:
            raise self._fault(event, "too-deep", f"this is nested more than {MAX_DEPTH} deep")
        self.nodes += 1
        if self.nodes > MAX_NODES:
            hint = "keep tables of numbers in CSV files"
            raise self._fault(event, "too-large", f"a file may have {MAX_NODES} keys, values and items", hint)
        if kind == "ScalarEvent":
            return self._scalar(event)
        if kind == "SequenceStartEvent":
            items = tuple(self._node(item, depth + 1) for item in self._until("SequenceEndEvent"))
            return Sequence(self._start(event), items)
        return self._mapping(event, depth)

    def _until(self, end: str) -> Iterator[Event]:
        for event in self.events:
            if type(event).__name__ == end:
                return
            yield event

    def _start(self, event: Event) -> Span:
        start = event.start_mark.index
        return self.source.span(start, start + 1)

    def _scalar(self, event: Event) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        value, text = event.value, plain(event.value)
        if not event.style and not value.isascii():
            first, last = inner(value)
            start, end, value = start + first, end - (len(value) - last), value[first:last]
            text = plain(value)
        span = self.source.span(start, end)
        unfit = _UNFIT.search(event.value)
        if unfit is not None:
            message = f"character U+{ord(unfit[0]):04X} cannot stand in a text"
            raise self._fault(event, "yaml", message, "leave out the backslash that stands for it")
        return Scalar(span, text, not event.style, self.source, start, end, value)

    def _refuse_odd_signs(self, at_key: Event) -> None:
        """Spaces and colons that look like YAML's and are none: what they part would be one word."""
        if type(at_key).__name__ != "ScalarEvent" or at_key.style or at_key.value.isascii():
            return
        if is_odd_space(at_key.value[:1]):
            message = f"this line is indented with {named(at_key.value[0])}"
            raise self._fault(at_key, "yaml", message, "indent with plain spaces")
        if found := ODD_COLON.search(at_key.value):
            raise Fault(_odd_colon(self.source, at_key.start_mark.index + found.start()))

    def _mapping(self, event: Event, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        events = self._until("MappingEndEvent")
        for at_key in events:
            self._refuse_odd_signs(at_key)
            key = self._node(at_key, depth + 1)
            value = self._node(next(events), depth + 1)
            if not isinstance(key, Scalar) or key.empty:
                hint = "a heading with square brackets needs quotes inside { }"
                raise self._fault(at_key, "yaml", "a key is a word", hint)
            if key.text in entries:
                first = ((entries[key.text].key.span, "it stood here first"),)
                message = f"`{key.text}` stands here twice"
                self.report.append(Diagnostic(key.span, "duplicate-key", message, related=first))
            else:
                entries[key.text] = Entry(key, value)
        return Mapping(self._start(event), tuple(entries.values()))
