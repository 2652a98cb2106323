"""A scenario file and what it includes → one joined tree, every part of which knows its file, line and column.

`include` names files relative to the file it stands in, inside the folder of the root scenario after links are
followed. An included file's sections are read as if they stood where the `include` stands; header keys stand in the
root only; each file counts once, so files may include each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playout.errors import Diagnostic, InputError, Span
from playout.model.plain_text import composed
from playout.read.files import Unreadable, inside, read_text_file
from playout.read.nodes import Entry, Mapping, Node, Scalar, Sequence, SourceText
from playout.read.yaml_faults import parse_as_far_as_possible

MAX_FILE_BYTES = 2_000_000
"""Largest scenario file; data belong in tables' CSV files."""

MAX_TOTAL_BYTES = 10_000_000
"""Largest scenario, all files together."""

MAX_FILES = 100

HEADER = (
    "playout", "title", "description", "start", "horizon", "step", "integrate", "words", "baseline", "face", "headline",
)  # fmt: skip


_NEEDED = ("include", "sets")
"""Sections without which the rest cannot be understood."""


@dataclass(slots=True)
class Sources:
    """What was read.

    ``entries`` are the root's and the included files' keys, joined in reading order; a section may come more than once.
    ``broken`` says that so much is missing that the rest would only seem to be wrong. ``lost_keys`` are header keys
    that could not be read, ``lost_names`` what definitions give names to that could not. ``texts`` are the files by
    their names as shown.
    """

    name: str
    folder: Path | None
    span: Span
    broken: bool = False
    lost_keys: set[str] = field(default_factory=set)
    lost_names: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    report: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, SourceText] = field(default_factory=dict)


def read_sources(path: Path) -> Sources:
    """The scenario at ``path`` with all it includes. Raises InputError where that file cannot be read at all."""
    try:
        text = read_text_file(path, MAX_FILE_BYTES, "a scenario file")
    except Unreadable as problem:
        hint = f"\n  hint: {problem.hint}" if problem.hint else ""
        raise InputError(f"{path} {problem.sentence}{hint}") from problem
    return _join(SourceText(str(path), text, path.parent), {path.resolve()})


def text_sources(text: str, name: str) -> Sources:
    """A scenario that stands in no file. It cannot include others."""
    return _join(SourceText(name, composed(text.lstrip("\ufeff").replace("\r\n", "\n"))), set())


def _join(root: SourceText, seen: set[Path]) -> Sources:
    sources = Sources(root.name, root.folder, root.span(0, 1))
    _Joiner(sources, seen).add(root, is_root=True)
    return sources


class _Joiner:
    """Follows includes from file to file."""

    def __init__(self, sources: Sources, seen: set[Path]) -> None:
        self.sources = sources
        self.report = sources.report
        self.seen = seen
        self.bytes = 0

    def add(self, text: SourceText, is_root: bool) -> None:
        self.sources.texts[text.name] = text
        self.bytes += len(text.text)
        tree, lost = parse_as_far_as_possible(text, self.report)
        if lost.everything or not lost.sections.isdisjoint(_NEEDED):
            self.sources.broken = True
            return
        self.sources.lost_keys |= lost.sections & set(HEADER)
        self.sources.lost_names |= lost.names
        if tree is None or (isinstance(tree, Scalar) and tree.empty):
            if is_root:
                self._refuse(text.span(0, 1), "empty", "this file holds no scenario", "start with `playout: 1`")
            return
        if not isinstance(tree, Mapping):
            message = "a scenario is written as `key: value`"
            self._refuse(tree.span, "wrong-kind", message, "start with `playout: 1`")
            return
        for entry in tree.entries:
            if entry.key.text == "include":
                self._include(entry.value, text)
            elif entry.key.text in HEADER and not is_root:
                message = f"`{entry.key.text}` stands in the scenario's first file only"
                self._error(entry.key.span, "header-elsewhere", message, f"move it to {self.sources.name}")
            else:
                self.sources.entries.append(entry)

    def _error(self, span: Span, code: str, message: str, hint: str | None = None) -> None:
        self.report.append(Diagnostic(span, code, message, hint))

    def _refuse(self, span: Span, code: str, message: str, hint: str | None = None) -> None:
        """An error that leaves part of the scenario unread."""
        self._error(span, code, message, hint)
        self.sources.broken = True

    def _include(self, node: Node, source: SourceText) -> None:
        names = node.items if isinstance(node, Sequence) else (node,)
        for name in names:
            if not isinstance(name, Scalar) or not name.text:
                self._refuse(name.span, "wrong-kind", "`include` lists files", "write `include: [evidence.yaml]`")
            else:
                self._include_file(name, source)

    def _include_file(self, name: Scalar, source: SourceText) -> None:
        if source.folder is None or self.sources.folder is None:
            self._refuse(name.span, "include", "a scenario that stands in no file cannot include others")
            return
        found = inside(self.sources.folder, source.folder, name.text)
        if found is None:
            hint = "put the file into the scenario's folder"
            self._refuse(name.span, "include", f"`{name.text}` lies outside the scenario's folder", hint)
            return
        if found in self.seen:
            return
        self.seen.add(found)
        shown = self.sources.folder / found.relative_to(self.sources.folder.resolve())
        if len(self.sources.texts) >= MAX_FILES:
            self._refuse(name.span, "too-large", f"a scenario may have {MAX_FILES} files")
            return
        try:
            text = read_text_file(shown, MAX_FILE_BYTES, "a scenario file")
        except Unreadable as problem:
            self._refuse(name.span, "include", f"`{name.text}` {problem.sentence}", problem.hint)
            return
        if self.bytes + len(text) > MAX_TOTAL_BYTES:
            limit = MAX_TOTAL_BYTES // 1_000_000
            self._refuse(name.span, "too-large", f"with `{name.text}` the scenario has over {limit} MB")
            return
        self.add(SourceText(str(shown), text, shown.parent), is_root=False)
