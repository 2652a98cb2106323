"""Where the checks put what they find: every diagnostic once, errors and warnings apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playout.errors import Diagnostic, Span
from playout.model.units import Unit


@dataclass
class Findings:
    """Diagnostics as they are found. One cause gives one message: what is reported already is not reported again."""

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
        if key not in self._seen:
            self._seen.add(key)
            kept.append(diagnostic)

    def sorted_errors(self) -> tuple[Diagnostic, ...]:
        return tuple(sorted(self.errors, key=_place))

    def sorted_warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(sorted(self.warnings, key=_place))


def _place(diagnostic: Diagnostic) -> tuple[Span, str]:
    return diagnostic.span, diagnostic.code


def listed(names: Sequence[str], join: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``, each in backquotes."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {join} {quoted[-1]}"
