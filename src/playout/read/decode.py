"""A scenario file → the scenario as written. Everything wrong in its form is found in one reading.

Names of things are the scenario's own affair here: whether a name in an equation exists, and whether units and indexes
fit, is for `model/check.py` to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Protocol, TypeVar, cast

from playout.errors import Diagnostic, InputError, ScenarioError, Span, did_you_mean
from playout.model.findings import Unread, in_order
from playout.model.headline import Headline
from playout.model.parse import Fault, parse_heading
from playout.model.scenario import Scenario
from playout.model.words import STANDARDS
from playout.read.belief import decode_belief, decode_correlations
from playout.read.dynamics import decode_decision, decode_event, decode_stock, decode_track, decode_variable
from playout.read.fields import Context, Fields, kind_of
from playout.read.game import decode_game
from playout.read.headline import decode_group, decode_headline
from playout.read.nodes import Entry, Mapping, Node, Scalar, Sequence, scalars
from playout.read.outcomes import (
    decode_actor,
    decode_evidence,
    decode_indicator,
    decode_measure,
    decode_observation,
    decode_policy,
    decode_question,
    decode_source,
    decode_system,
    decode_tie,
    decode_view,
)
from playout.read.source import HEADER, Sources, read_sources, text_sources
from playout.read.table import decode_set, decode_table

SECTIONS = (
    "actors", "sets", "systems", "ties", "tables", "beliefs", "together", "stocks", "variables", "tracks", "decisions",
    "games", "events", "measures", "questions", "indicators", "observations", "policies", "views", "groups", "sources",
    "evidence",
)  # fmt: skip

_PLAINLY_NAMED = (
    "actors", "sets", "systems", "ties", "questions", "indicators", "observations", "policies", "views", "groups",
    "sources", "evidence",
)  # fmt: skip
"""Sections whose definitions have names of their own; the names of the others are used in equations, and shared."""

Period = Literal["day", "week", "month", "year"]


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_Named = TypeVar("_Named", bound=_HasName)

_DURATION = re.compile(r"(\S+)\s+(day|week|month|year)s?")
_MAX_HORIZON_DAYS = 400 * 366


def read_scenario(path: Path, tables_folder: Path | None = None) -> Scenario:
    """The scenario at ``path``, all its files joined, ready for the checks.

    With ``tables_folder`` the CSV files of tables and sets are looked for there. Raises InputError where the file
    cannot be read at all, and ScenarioError with every diagnostic found, in file order, where its form is wrong.
    """
    return _whole(*read_partly(path, tables_folder))


def read_text(text: str, name: str = "scenario.yaml", tables_folder: Path | None = None) -> Scenario:
    """The scenario that ``text`` holds. It stands in no file, so it cannot include others."""
    return _whole(*read_text_partly(text, name, tables_folder))


def read_partly(path: Path, tables_folder: Path | None = None) -> tuple[Scenario, Unread]:
    """As `read_scenario`; but definitions whose form is wrong are left out, so that the rest can be checked at once.

    Raises ScenarioError where so much cannot be read that the rest would only seem to be wrong: a file, a set.
    """
    if tables_folder is not None and not tables_folder.is_dir():
        raise InputError(f"{tables_folder} is not a folder of tables")
    return _decode(read_sources(path), tables_folder)


def read_text_partly(
    text: str, name: str = "scenario.yaml", tables_folder: Path | None = None
) -> tuple[Scenario, Unread]:
    """As `read_text`, and with what is wrong in its form as `read_partly`."""
    return _decode(text_sources(text, name), tables_folder)


def _whole(scenario: Scenario, unread: Unread) -> Scenario:
    if unread:
        raise ScenarioError(unread.errors, scenario.lines)
    return scenario


def _decode(sources: Sources, tables_folder: Path | None) -> tuple[Scenario, Unread]:
    context = Context(sources.folder, tables_folder, sources.report, sources.texts)
    sections = _Sections(context, sources.entries)
    # Where a file could not be made out, the rest of the scenario would only seem to be wrong.
    scenario = None if sources.broken else sections.scenario(sources)
    errors = in_order(context.report, list(sources.texts))
    if scenario is None or "sets" in sections.broken:
        raise ScenarioError(errors, {name: text.lines for name, text in context.texts.items()})
    return scenario, sections.unread(errors, sources)


class _Sections:
    """The root's keys, and what becomes of them."""

    def __init__(self, context: Context, entries: list[Entry]) -> None:
        self.context = context
        self.entries = entries
        self.broken: dict[str, list[Entry]] = {}  # section -> definitions that could not be read
        self.header_broken = self.words_broken = False

    def unread(self, errors: tuple[Diagnostic, ...], sources: Sources) -> Unread:
        """What of the scenario could not be read."""
        names = sources.lost_names | {
            name for entries in self.broken.values() for entry in entries for name in _names_in(entry)
        }
        growing = bool(names)
        while growing:  # a variable is of the kind of what it reads
            reading = [e for e in self._items("variables") if not names.isdisjoint(_words_of(e.value))]
            more = {name for entry in reading for name in _names_in(entry)} - names
            names |= more
            growing = bool(more)
        header_broken = self.header_broken or not sources.lost_keys.isdisjoint(("start", "horizon", "step"))
        words_broken = self.words_broken or "words" in sources.lost_keys
        return Unread(errors, frozenset(names), header_broken, words_broken)

    def scenario(self, sources: Sources) -> Scenario:
        """Everything, sets first: the rest is indexed by them."""
        context = self.context
        self._refuse_unknown()
        actors = self._decode("actors", decode_actor)
        context.sets = self._decode("sets", decode_set)
        context.declared = set(self._declared())
        header = Mapping(sources.span, tuple(e for e in self.entries if e.key.text in HEADER))
        with Fields(context, header, header, "the scenario") as fields:
            fields.lost = sources.lost_keys
            self._version(fields)
            title, description = fields.text("title", "What the scenario is called"), fields.text("description")
            before = len(context.report)
            start, _ = fields.date("start")
            horizon, horizon_span = self._duration(fields, "horizon", "5 years", ("day", "week", "month", "year"))
            step, _ = self._duration(fields, "step", "1 week", ("day", "week"))
            self._refuse_long(horizon, horizon_span)
            self.header_broken = len(context.report) > before
            before = len(context.report)
            words = fields.choice("words", tuple(STANDARDS)) or "icd203"
            self.words_broken = len(context.report) > before
            baseline = next(iter(fields.names("baseline")), None)
            headline = self._headline(fields)
            face = tuple(scalar.prose.strip() for scalar in fields.scalars("face", "a sentence"))
            return Scenario(
                path=sources.name,
                title=title,
                start=start,
                horizon=horizon,
                step_days=step[0] * (7 if step[1] == "week" else 1),
                span=sources.span,
                horizon_span=horizon_span,
                description=description,
                integrate=cast(Literal["euler", "rk4"], fields.choice("integrate", ("euler", "rk4")) or "euler"),
                words=words,
                baseline=baseline[0] if baseline else None,
                baseline_span=baseline[1] if baseline else None,
                face=face,
                headline=headline,
                actors=actors,
                sets=context.sets,
                systems=self._decode("systems", decode_system),
                ties=self._decode("ties", decode_tie),
                tables=self._decode("tables", decode_table),
                beliefs=self._decode("beliefs", decode_belief),
                together=tuple(pair for node in self._nodes("together") for pair in decode_correlations(context, node)),
                stocks=self._decode("stocks", decode_stock),
                variables=self._decode("variables", decode_variable),
                tracks=self._decode("tracks", decode_track),
                decisions=self._decode("decisions", decode_decision),
                games=self._decode("games", decode_game),
                events=self._decode("events", decode_event),
                measures=self._decode("measures", decode_measure),
                questions=self._decode("questions", decode_question),
                indicators=self._decode("indicators", decode_indicator),
                observations=self._decode("observations", decode_observation),
                policies=self._decode("policies", decode_policy),
                views=self._decode("views", decode_view),
                groups=self._decode("groups", decode_group),
                sources=self._decode("sources", decode_source),
                evidence=self._decode("evidence", decode_evidence),
                lines={name: text.lines for name, text in context.texts.items()},
            )

    # --- sections -----------------------------------------------------------------------------------------------------

    def _refuse_unknown(self) -> None:
        known = [*HEADER, "include", *SECTIONS]
        for entry in self.entries:
            if entry.key.text not in known:
                hint = did_you_mean(entry.key.text, known) or "the language's keys are listed in its reference"
                self.context.error(entry.key.span, "unknown-key", f"a scenario has no `{entry.key.text}`", hint)

    def _nodes(self, section: str) -> list[Node]:
        """What stands under a section's key, once for each file that has it."""
        return [entry.value for entry in self.entries if entry.key.text == section]

    def _items(self, section: str) -> Iterator[Entry]:
        """A section's definitions, over all files."""
        for node in self._nodes(section):
            if isinstance(node, Mapping):
                yield from node.entries

    def _decode(self, section: str, decode: Callable[[Context, Entry], _Named | None]) -> dict[str, _Named]:
        for node in self._nodes(section):
            if not isinstance(node, Mapping) and not (isinstance(node, Scalar) and node.empty):
                message = f"`{section}` is written as `name: …`, not as {kind_of(node)}"
                self.context.error(node.span, "wrong-kind", message)
        things: dict[str, _Named] = {}
        for entry in self._items(section):
            before = len(self.context.report)
            if section in _PLAINLY_NAMED:
                self.context.define(section, entry.key.text, f"`{entry.key.text}`", entry.key.span)
            thing = decode(self.context, entry)
            if thing is None or len(self.context.report) > before:
                self.broken.setdefault(section, []).append(entry)
            if thing is not None and (len(self.context.report) == before or section == "sets"):  # all else needs sets
                things.setdefault(thing.name, thing)
        return things

    def _declared(self) -> Iterator[str]:
        """Every name the scenario gives to anything that equations may speak of."""
        for one in self.context.sets.values():
            yield from (one.name, *one.labels)
        for section in (
            "tables",
            "beliefs",
            "stocks",
            "variables",
            "tracks",
            "decisions",
            "games",
            "events",
            "measures",
        ):
            for entry in self._items(section):
                yield from _names_in(entry)

    # --- header -------------------------------------------------------------------------------------------------------

    def _headline(self, fields: Fields) -> Headline | None:
        """The headline, None where there is none or its form is wrong."""
        entry = fields.take("headline")
        before = len(self.context.report)
        headline = decode_headline(self.context, entry) if entry is not None else None
        return headline if len(self.context.report) == before else None

    def _version(self, fields: Fields) -> None:
        entry = fields.need("playout", "1")
        if entry is not None and not (isinstance(entry.value, Scalar) and entry.value.text == "1"):
            written = f"`{entry.value.text}`" if isinstance(entry.value, Scalar) else kind_of(entry.value)
            message = f"this Playout reads version 1 of the language, not {written}"
            self.context.error(entry.value.span, "wrong-version", message, "write `playout: 1`")

    def _duration(
        self, fields: Fields, key: str, example: str, periods: tuple[Period, ...]
    ) -> tuple[tuple[int, Period], Span]:
        """A whole number of days, weeks, months or years above 0."""
        entry = fields.need(key, example)
        if entry is None:
            return (1, periods[0]), fields.span
        node = entry.value
        match = _DURATION.fullmatch(node.text.strip()) if isinstance(node, Scalar) else None
        message, hint = "", f"write `{key}: {example}`"
        if match is None or match[2] not in periods:
            words = ", ".join(f"{period}s" for period in periods[:-1]) + f" or {periods[-1]}s"
            message = f"`{key}` is a whole number of {words}"
        elif re.fullmatch(r"\+?\d{7,}", match[1]):
            message = f"`{match[1]} {match[2]}s` are more than Playout counts"
        elif not re.fullmatch(r"[-+]?\d{1,6}", match[1]):
            message = f"`{match[1]}` is not a whole number"
            if match[2] == "year":
                hint = "use a smaller unit: 18 months for 1.5 years"
        elif int(match[1]) <= 0:
            message = f"`{key}` lies above 0, and `{node.text.strip() if isinstance(node, Scalar) else ''}` does not"
        else:
            return (int(match[1]), cast(Period, match[2])), node.span
        self.context.error(node.span, "bad-duration", message, hint)
        return (1, periods[0]), node.span

    def _refuse_long(self, horizon: tuple[int, Period], span: Span) -> None:
        days = horizon[0] * {"day": 1, "week": 7, "month": 31, "year": 366}[horizon[1]]
        if days > _MAX_HORIZON_DAYS:
            self.context.error(span, "bad-duration", "a horizon has at most 400 years")


def _names_in(entry: Entry) -> Iterator[str]:
    """The names that a definition gives: its own, its indexes, and those of its flows, stages, options or ends."""
    try:
        name, binders = parse_heading(entry.key.text, entry.key.place)
    except Fault:
        return  # reported when the definition itself is decoded
    yield from (name, *(binder.variable for binder in binders))
    for part in ("plus", "minus", "stages", "options", "ends"):
        within = entry.value.get(part) if isinstance(entry.value, Mapping) else None
        if within is not None and isinstance(within.value, Mapping):
            yield from (inner.key.text for inner in within.value.entries)
        elif within is not None and isinstance(within.value, Sequence):
            yield from (item.text for item in within.value.items if isinstance(item, Scalar))


def _words_of(node: Node) -> set[str]:
    """The words of all texts below."""
    return {word for scalar in scalars(node) for word in re.findall(r"\w+", scalar.text)}
