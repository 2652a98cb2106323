"""A file that is no YAML: all its faults at once, and what of it can still be read.

A YAML parser stops at the first fault. A scenario is a list of sections, and a section a list of definitions, told
apart by their indentation alone; so the file is parted there, block by block, until the smallest blocks that are no
YAML are found. Each gives its fault; the definitions they stand in are blanked, and the rest is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from playout.errors import Diagnostic, Span
from playout.model.tokens import Fault
from playout.read.nodes import Node, SourceText
from playout.read.yaml import NotYaml, parse_yaml

MAX_FAULTS = 50
"""Faults looked for in one file: more are mended in several rounds."""

MAX_SEARCHED = 500_000
"""Characters of a file that is searched for all its faults, which takes some readings of it; of a larger one the first
fault is told."""

_HEAD = re.compile(r"(?:- |[^\s#\-][^#]*?:(?:\s|$))")
_NAME_OF = re.compile(r"[\"']?(\w+)")
_KEYS = re.compile(r"\b(\w++)(?:\[[^\]\n]{0,200}+\])?[\"']?\s*+:(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Lost:
    """What of a file is not read. sections: the top-level keys that are missing or incomplete. names: what the blanked
    definitions give names to, and more words of theirs. everything: the file as a whole cannot be made out."""

    sections: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of a file, from ``first`` to before ``end``, that stand under one head; level 0 is the file."""

    first: int
    end: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Excerpt(SourceText):
    """Part of a file, whose places are those of the file."""

    whole: SourceText = field(repr=False)
    start: int

    def span(self, start: int, end: int) -> Span:
        return self.whole.span(self.start + start, self.start + end)


def parse_as_far_as_possible(source: SourceText, report: list[Diagnostic]) -> tuple[Node | None, Lost]:
    """The tree of a file. Where it is no YAML, all faults go to ``report``, and the tree is that of the rest."""
    try:
        return parse_yaml(source, report, explain=False), Lost()
    except Fault as fault:
        if fault.diagnostic.code == "too-large":  # no part of it is
            report.append(fault.diagnostic)
            return None, Lost(everything=True)
    except NotYaml:
        pass
    return _Search(source, report).rest()


class _Search:
    """Looks for the faults of one file."""

    def __init__(self, source: SourceText, report: list[Diagnostic]) -> None:
        self.source = source
        self.report = report
        self.lines = source.lines
        self.faults: list[Diagnostic] = []

    def rest(self) -> tuple[Node | None, Lost]:
        """The tree of what is sound, and what is lost. Faults have gone to the report."""
        whole = _Block(0, len(self.lines), 0)
        found = self._smallest(whole) if len(self.source.text) <= MAX_SEARCHED else self._explained(whole, [])
        self.report += self.faults
        if any(block.level == 0 for block in found) or len(self.faults) >= MAX_FAULTS:
            return None, Lost(everything=True)
        sections = list(self._parts(_Block(0, len(self.lines), 0)))
        definitions = [part for section in sections for part in self._parts(section)]
        blanked: list[_Block] = []
        for block in found:
            around = [d for d in definitions if d.first <= block.first and block.end <= d.end]
            around = around or [s for s in sections if s.first <= block.first and block.end <= s.end]
            blanked += around[:1]
        try:
            tree = parse_yaml(self._excerpt(_Block(0, len(self.lines), 0), blanked), [])
        except Fault:
            return None, Lost(everything=True)
        touched = {self._name(s) for s in sections if any(s.first <= b.first and b.end <= s.end for b in blanked)}
        words = {word for b in blanked for line in self.lines[b.first : b.end] for word in _KEYS.findall(line)}
        return tree, Lost(frozenset(touched), frozenset(words))

    def _smallest(self, block: _Block) -> list[_Block]:
        """The smallest blocks in this one that are no YAML; none where it is sound."""
        if len(self.faults) >= MAX_FAULTS or self._is_sound(block):
            return []
        found = self._among(list(self._parts(block)))
        if found and (len(self.faults) >= MAX_FAULTS or self._is_sound(block, found)):
            return found
        return self._explained(block, found)

    def _explained(self, block: _Block, found: list[_Block]) -> list[_Block]:
        """What was found, and this block too if it is no YAML without that; its fault is then kept."""
        try:
            parse_yaml(self._excerpt(block, found), [], depth=max(block.level, 1))
        except Fault as fault:
            self.faults.append(fault.diagnostic)
            return [*found, block]
        return found

    def _among(self, parts: list[_Block]) -> list[_Block]:
        """The smallest blocks that are no YAML in neighbouring ones, halved until they are found: most are sound."""
        if len(parts) <= 1:
            return [inner for part in parts for inner in self._smallest(part)]
        if self._is_sound(_Block(parts[0].first, parts[-1].end, parts[0].level)):
            return []
        middle = len(parts) // 2
        return [*self._among(parts[:middle]), *self._among(parts[middle:])]

    def _is_sound(self, block: _Block, without: list[_Block] | None = None) -> bool:
        try:
            parse_yaml(self._excerpt(block, without or []), [], depth=max(block.level, 1), explain=False)
        except (Fault, NotYaml):
            return False
        return True

    def _excerpt(self, block: _Block, without: list[_Block]) -> SourceText:
        lines = self.lines[block.first : block.end]
        for gone in without:
            for number in range(gone.first - block.first, gone.end - block.first):
                lines[number] = " " * len(lines[number])
        text = "\n".join(lines)
        if block.level == 0:
            return SourceText(self.source.name, text, self.source.folder)
        start = self.source.line_starts[block.first]
        return _Excerpt(self.source.name, text, self.source.folder, whole=self.source, start=start)

    def _parts(self, block: _Block) -> Iterator[_Block]:
        """The blocks that a block is made of: at each line of the smallest indentation there that begins an entry."""
        first = block.first + (block.level > 0)  # behind its own head
        if block.level > 0 and re.search(r"[|>][-+]?\d?\s*$", self.lines[block.first]):
            return  # a text of several lines
        heads: list[int] = []
        least = None
        for number in range(first, block.end):
            line = self.lines[number]
            text = line.lstrip(" ")
            if not _HEAD.match(text):
                continue
            indent = len(line) - len(text)
            least = indent if least is None else least
            if indent <= least:
                heads.append(number)
        for head, following in zip(heads, [*heads[1:], block.end], strict=False):
            yield _Block(head, following, block.level + 1)

    def _name(self, block: _Block) -> str:
        found = _NAME_OF.match(self.lines[block.first])
        return found[1] if found else ""
