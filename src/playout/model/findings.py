"""Where the checks put what they find: every diagnostic once, errors and warnings apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from playout.errors import Diagnostic, Span
from playout.model.units import Unit

_FROM_THE_WHOLE = frozenset({"correlation", "credence", "empty", "uncited"})
"""Errors that follow from all definitions of a kind together: they say nothing while one of them is missing."""

_FROM_THE_HEADER = frozenset({"every", "history", "horizon", "observation", "question-date", "step", "window"})
"""Errors that follow from the start, the horizon and the step."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What of a scenario could not be read, while the rest is checked all the same.

    errors: what is wrong there, in file order. names: what the definitions that could not be read give names to; an
    error that speaks of one of them may be no error, and is not reported. header: whether start, horizon or step is not
    known. words: whether the standard of words is not.
    """

    errors: tuple[Diagnostic, ...] = ()
    names: frozenset[str] = frozenset()
    header: bool = False
    words: bool = False

    def __bool__(self) -> bool:
        return bool(self.errors)

    def explains(self, diagnostic: Diagnostic, lines: Mapping[str, list[str]]) -> bool:
        """Whether an error may only follow from what could not be read."""
        if not self:
            return False
        code, span = diagnostic.code, diagnostic.span
        if code in _FROM_THE_WHOLE or (self.header and code in _FROM_THE_HEADER):
            return True
        if self.words and code == "unknown-word":
            return True
        source = lines.get(span.file, [])
        written = source[span.line - 1][span.column - 1 : span.end - 1] if span.line <= len(source) else ""
        spoken = [written, *re.findall(r"`([^`]*)`", diagnostic.message)]
        return not self.names.isdisjoint(re.findall(r"\w+", " ".join(spoken)))


@dataclass
class Findings:
    """Diagnostics as they are found. One cause gives one message: what is reported already is not reported again.

    unread: what could not be read, and lines, the files' lines: what may only follow from that is not reported.
    """

    unread: Unread = field(default_factory=Unread)
    lines: Mapping[str, list[str]] = field(default_factory=dict)
    errors: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    _seen: set[tuple[Span, str, str]] = field(default_factory=set)

    def error(
        self, span: Span, code: str, message: str, hint: str | None = None, related: Sequence[tuple[Span, str]] = ()
    ) -> None:
        """Something that stops the scenario from being played."""
        self._add(self.errors, Diagnostic(span, code, message, hint, "error", tuple(related)))

    def warn(
        self, span: Span, code: str, message: str, hint: str | None = None, related: Sequence[tuple[Span, str]] = ()
    ) -> None:
        """Something an analyst should know that stops nothing."""
        self._add(self.warnings, Diagnostic(span, code, message, hint, "warning", tuple(related)))

    def caution(self, span: Span, unit: Unit) -> None:
        """That a unit is easily taken for another."""
        for caution in unit.cautions:
            self.warn(span, "unit-meaning", caution.message, caution.hint)

    def _add(self, kept: list[Diagnostic], diagnostic: Diagnostic) -> None:
        key = (diagnostic.span, diagnostic.code, diagnostic.message)
        if key not in self._seen and not self.unread.explains(diagnostic, self.lines):
            self._seen.add(key)
            kept.append(diagnostic)

    def sorted_errors(self) -> tuple[Diagnostic, ...]:
        if not self.unread:
            return tuple(sorted(self.errors, key=_place))
        return in_order([*self.unread.errors, *self.errors], list(self.lines))

    def sorted_warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(sorted(self.warnings, key=_place))


def in_order(diagnostics: Sequence[Diagnostic], files: Sequence[str]) -> tuple[Diagnostic, ...]:
    """By file as read, then by line and column; no diagnostic twice."""
    positions = {name: position for position, name in enumerate(files)}
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=lambda d: (positions.get(d.span.file, len(files)), d.span.line, d.span.column)))


def _place(diagnostic: Diagnostic) -> tuple[Span, str]:
    return diagnostic.span, diagnostic.code


def listed(names: Sequence[str], join: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``, each in backquotes."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {join} {quoted[-1]}"
