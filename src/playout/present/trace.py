"""A trace as text and as plain data: the result, the equations it is read from, beliefs, evidence, sources.

The text shows the beliefs that the result moves with most, and of the equations those on the chains to them; the plain
data holds all of them.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from playout.analyse.outcome import Outcome, outcome
from playout.analyse.rounding import number
from playout.analyse.screening import correlation_ratios
from playout.analyse.summary import Summary
from playout.analyse.trace import Link, Rest, Trace
from playout.errors import Span, UsageError
from playout.model.coverage import ground_of
from playout.model.scenario import Evidence, Scenario
from playout.present.views.support import graded, law_as_written, source_line
from playout.present.views.written import as_written, heading
from playout.present.words import count, day, percent, quantity, signed
from playout.simulate.result import Runs

FEWEST, SHOWN = 4, 8
"""Beliefs that the text shows at least, and at most."""
MOVES = 0.005
"""Beyond the fewest, beliefs are shown with which this share of the outcome's variance goes."""

Plain = dict[str, Any]


@dataclass(frozen=True)
class Traced:
    """A trace with the run that it explains. baseline: as in `summarise`."""

    trace: Trace
    runs: Runs
    baseline: Runs | None
    summary: Summary
    asked: str

    @property
    def scenario(self) -> Scenario:
        return self.runs.checked.scenario

    @property
    def root(self) -> Link:
        return self.trace.links[0]

    def as_json(self) -> dict[str, object]:
        """Plain data: the object under ``trace`` that ``playout run --trace NAME --json`` prints."""
        return plain_trace(self)

    # --- the result ---

    @cached_property
    def results(self) -> Plain:
        """What the run's JSON says of the name, by key and label, as it stands there."""
        return {key: found for key, found in self._results(self.summary.as_json()) if found}

    def _results(self, plain: Plain) -> Iterator[tuple[str, Plain]]:
        name, (head, _, tail) = self.trace.name, self.trace.name.partition(".")
        wanted = self.asked.replace(" ", "") if "[" in self.asked else ""

        def those(key: str, base: str) -> Plain:
            """Of one thing's labels, the one asked for, or all members'."""
            return {
                label: own
                for label, own in plain[key].items()
                if label.partition("[")[0] == base and (not wanted or wanted.startswith(label.replace(" ", "")))
            }

        match self.root.kind:
            case "question":
                yield "questions", those("questions", name)
            case "decision" | "option":
                chosen = those("decisions", head)
                yield "decisions", {k: {tail: own[tail]} if tail else own for k, own in chosen.items()}
                yield "due", those("due", head)
            case "game" | "end":
                ended = those("games", head)
                yield "games", {k: {tail: own[tail]} if tail else own for k, own in ended.items()}
                yield "due", those("due", head)
            case "track" | "stage":
                reached = those("stages", head)
                yield "stages", {k: {tail: own[tail]} if tail else own for k, own in reached.items()}
        measured = [m.name for m in self.scenario.measures.values() if m.name == name or self._reports(m.name)]
        yield "measures", {label: own for each in measured for label, own in those("measures", each).items()}

    def _reports(self, measure: str) -> bool:
        """Whether a measure reports just the thing traced."""
        return as_written(self.scenario, self.scenario.measures[measure].of.span).partition("[")[0] == self.trace.name

    @cached_property
    def outcome(self) -> Outcome | None:
        """What in each future the beliefs are held against; None where the run reports no single number of it."""
        compared = self.baseline is not None
        candidates = [self.asked, self.trace.name, *self.results.get("measures", {})]
        if self.root.kind in ("decision", "game"):
            label, shares = next(iter(self.results[f"{self.root.kind}s"].items()))
            most = max(shares, key=lambda option: shares[option]["share"] * (1 - shares[option]["share"]))
            candidates = [f"{label}.{most}"]
        for name in candidates:
            try:
                return outcome(self.scenario, name, compared=compared)
            except UsageError:
                continue
        return None

    # --- beliefs ---

    @cached_property
    def moves(self) -> Mapping[str, float]:
        """By belief: the share of the outcome's variance that goes with its value, at most of its members."""
        if self.outcome is None:
            return {}
        values = self.outcome.values(self.runs, self.baseline)
        whole = np.isfinite(values)
        names = [name for name in self.runs.beliefs.columns if name in self._columns]
        drawn = self.runs.drawn_beliefs(names)[:, whole]
        found: dict[str, float] = {}
        for name, ratio in zip(names, correlation_ratios(values[np.newaxis, whole], drawn)[0].tolist(), strict=True):
            base = name.partition("[")[0]
            found[base] = max(found.get(base, 0.0), ratio)
        return found

    @cached_property
    def _columns(self) -> frozenset[str]:
        behind = {link.name for link in self.trace.links if link.kind == "belief"}
        return frozenset(name for name in self.runs.beliefs.columns if name.partition("[")[0] in behind)

    @cached_property
    def rests(self) -> tuple[Rest, ...]:
        """Beliefs, those that the result moves with most first, the nearer first of equals; then tables."""
        return tuple(
            sorted(
                self.trace.rests,
                key=lambda r: (r.link.kind != "belief", -self.moves.get(r.link.name, 0.0), r.link.depth),
            )
        )


# --- plain data -------------------------------------------------------------------------------------------------------


def plain_trace(traced: Traced) -> Plain:
    """A trace with its results, under the scenario's own names."""
    scenario, root = traced.scenario, traced.root
    ends = {rest.link.name for rest in traced.rests}
    return {
        "name": traced.trace.name,
        "kind": root.kind,
        "title": root.title or heading("", root.name),
        "depth": traced.trace.depth,
        "beyond": traced.trace.beyond,
        "results": traced.results,
        "outcome": None if traced.outcome is None else traced.outcome.name,
        "reads": [_plain_link(traced, link) for link in traced.trace.links if link.name not in ends],
        "beliefs": [_plain_rest(traced, rest) for rest in traced.rests if rest.link.kind == "belief"],
        "tables": [_plain_rest(traced, rest) for rest in traced.rests if rest.link.kind == "table"],
        "evidence": {name: _plain_evidence(scenario.evidence[name]) for name in traced.trace.evidence},
        "sources": {
            name: {"text": source_line(scenario.sources[name]).text, "address": scenario.sources[name].address}
            for name in dict.fromkeys(scenario.evidence[e].source for e in traced.trace.evidence)
        },
    }


def _plain_link(traced: Traced, link: Link) -> Plain:
    return {
        "name": link.name,
        "kind": link.kind,
        "title": link.title,
        "chain": list(link.chain),
        "equations": [
            {
                "part": part.what,
                "text": as_written(traced.scenario, part.tree.span),
                "file": part.tree.span.file,
                "line": part.tree.span.line,
            }
            for part in link.parts
        ],
        "assumed": _reason(link.support.assumed),
        "because": list(link.because),
        "contradicted_by": list(traced.trace.against.get(link.name, ())),
    }


def _plain_rest(traced: Traced, rest: Rest) -> Plain:
    kinds = {traced.scenario.evidence[name].kind for name in rest.because}
    plain: Plain = {
        "name": rest.label,
        "title": rest.link.title,
        "chain": list(rest.link.chain),
        "rests_on": ground_of(rest.support.assumed is not None, kinds),
        "assumed": _reason(rest.support.assumed),
        "because": list(rest.because),
        "contradicted_by": list(traced.trace.against.get(rest.link.name, ())),
    }
    if rest.law is None:
        return plain
    unit = traced.scenario.beliefs[rest.link.name].unit.text
    moves = number(traced.moves[rest.link.name]) if rest.link.name in traced.moves else None
    return {**plain, "is": law_as_written(traced.scenario, rest.law), "unit": unit, "moves": moves}


def _plain_evidence(evidence: Evidence) -> Plain:
    return {
        "claim": " ".join(evidence.claim.split()),
        "date": evidence.date,
        "kind": evidence.kind,
        "grade": f"{evidence.reliability}{evidence.credibility}",
        "graded": graded(evidence),
        "status": evidence.status,
        "hedge": evidence.hedge,
        "source": evidence.source,
    }


def _reason(assumed: str | None) -> str | None:
    return None if assumed is None else " ".join(assumed.split())


# --- text -------------------------------------------------------------------------------------------------------------


def trace_lines(traced: Traced, width: int = 80) -> list[str]:
    """The chain as text, from the result to the sources."""
    return [line for part in _Told(traced, width).parts() for line in (*part, "")][:-1]


@dataclass(frozen=True)
class _Told:
    """The parts of the text."""

    traced: Traced
    width: int

    @property
    def scenario(self) -> Scenario:
        return self.traced.scenario

    @cached_property
    def shown(self) -> tuple[Rest, ...]:
        """The beliefs shown: all parts of those that the result moves with most."""
        moves = self.traced.moves
        names = list(dict.fromkeys(rest.link.name for rest in self.traced.rests))[:SHOWN]
        names = [name for n, name in enumerate(names) if n < FEWEST or not moves or moves.get(name, 0.0) >= MOVES]
        return tuple(rest for rest in self.traced.rests if rest.link.name in names)

    @cached_property
    def cited(self) -> tuple[str, ...]:
        """Evidence of the thing itself and of the beliefs shown, in the order of the text."""
        named = [*self.traced.root.because, *self.traced.trace.against.get(self.traced.trace.name, ())]
        for rest in self.shown:
            named += [*rest.because, *self.traced.trace.against.get(rest.link.name, ())]
        return tuple(dict.fromkeys(named))

    def parts(self) -> Iterator[list[str]]:
        yield self._result()
        if self.traced.root.parts:
            yield self._equations()
        yield self._beliefs()
        if self.cited:
            yield self._evidence()
            yield self._sources()

    def _wrap(self, text: str, indent: int = 2, hang: int = 4) -> list[str]:
        return textwrap.wrap(
            text, self.width, initial_indent=" " * indent, subsequent_indent=" " * hang, break_on_hyphens=False
        )

    def _result(self) -> list[str]:
        root, summary = self.traced.root, self.traced.summary
        lines = self._wrap(f"{root.name}: {root.title or heading('', root.name)} ({root.kind})", 0, 2)
        played = f"{count(summary.futures, 'future')}, seed {summary.seed}"
        lines.append(f"Result ({played}; ± is the Monte Carlo standard error)")
        said = [line for text in self._results() for line in self._wrap(text)]
        return lines + (said or ["  the run reports no number of it by itself"])

    def _results(self) -> Iterator[str]:
        results = self.traced.results
        for label, own in results.get("questions", {}).items():
            given = f", where its condition holds ({percent(own['given']['p'])} of futures)" if "given" in own else ""
            yield f"{label}: yes in {_share(own['p'], own['se'])}{given}" if own["p"] is not None else f"{label}: none"
        for label, own in results.get("stages", {}).items():
            for stage, found in own.items():
                median = f", half of them by {found['median_date']}" if found["median_date"] else ""
                yield f"{label}.{stage}: reached in {_share(found['reached'], found['se'])} of futures{median}"
        for label, own in {**results.get("decisions", {}), **results.get("games", {})}.items():
            due = results["due"][label]
            yield f"{label}: falls due in {_share(due['share'], due['se'])} of futures; of these"
            for option, found in sorted(own.items(), key=lambda item: -item[1]["share"]):
                if found["share_where_due"]:
                    yield f"- {option}: {_share(found['share_where_due'], found['se_where_due'])}"
        for label, own in results.get("measures", {}).items():
            yield from self._measure(label, own)

    def _measure(self, label: str, own: Plain) -> Iterator[str]:
        """A measure in its last whole period, or its last."""
        whole = [place for place, complete in enumerate(own["complete"]) if complete]
        place = whole[-1] if whole else -1
        unit = f" {own['unit']}" if own["unit"] not in ("1", "probability", "") else ""
        per = f" a {own['per']}" if own["per"] else ""
        for what, found, say in (("", own, quantity), ("difference from the baseline ", own.get("difference"), signed)):
            if found is None:
                continue
            error = f" ± {quantity(found['se'][place], 1)}" if found["se"][place] is not None else ""
            ends = f"; 9 futures in 10 between {say(found['p05'][place])} and {say(found['p95'][place])}"
            yield f"{label}, {own['dates'][place]}: {what}mean {say(found['mean'][place])}{error}{unit}{per}{ends}"

    def _equations(self) -> list[str]:
        """The equations on the chains to what is shown."""
        on_the_way = {name for rest in self.shown for name in rest.link.chain}
        lines = ["Read from"]
        told = 0
        for link in self.traced.trace.links:
            if link.name not in on_the_way or not link.parts:
                continue
            told += 1
            lines += self._wrap(f"{link.name} ({link.kind}){_titled(link) if link.depth else ''}")
            for part in link.parts:
                if link.depth == 0 or on_the_way.intersection(part.reads):
                    text = as_written(self.scenario, part.tree.span)
                    lines += self._wrap(f"{part.what}: {text}   [{self._where(part.tree.span)}]", 4, 8)
        others = sum(1 for link in self.traced.trace.links if link.parts) - told
        if others > 0:
            lines.append(
                f"  and {count(others, 'further equation')} within {self.traced.trace.depth} links: see --json"
            )
        if self.traced.trace.beyond:
            lines.append(f"  {count(self.traced.trace.beyond, 'name')} lie deeper: see --trace-depth")
        return lines

    def _where(self, span: Span) -> str:
        """A place in the scenario's files, without the folder that they share."""
        folder = os.path.dirname(self.scenario.path)
        file = span.file.removeprefix(folder).lstrip("/\\") if folder else span.file
        return f"{file}:{span.line}"

    def _beliefs(self) -> list[str]:
        parts = [rest for rest in self.traced.rests if rest.link.kind == "belief"]
        if not self.shown:
            return ["It rests on no belief: chance alone tells its futures apart"]
        names = len({rest.link.name for rest in parts})
        most = ", those it moves with most first" if self.traced.moves else ""
        lines = [f"Beliefs behind it: {names}{most}"] if names else ["It rests on tables alone"]
        chained = ""
        for rest in self.shown:
            lines += self._rest(rest, chained=rest.link.name != chained)
            chained = rest.link.name
        left = len({rest.link.name for rest in self.traced.rests}) - len({rest.link.name for rest in self.shown})
        if left:
            lines.append(f"  and {count(left, 'belief or table', 'beliefs and tables')} more: see --json")
        return lines

    def _rest(self, rest: Rest, *, chained: bool) -> Iterator[str]:
        """One belief, or one member's part of it. chained: say how it is read."""
        unit = self.scenario.beliefs[rest.link.name].unit.text if rest.law is not None else ""
        value = f": {law_as_written(self.scenario, rest.law)}" if rest.law is not None else " (table)"
        said = f" {unit}" if unit not in ("", "1", "probability") and unit not in value else ""
        yield from self._wrap(f"{rest.label}{value}{said}{_titled(rest.link)}")
        chain = " ← ".join(rest.link.chain)
        moved = self.traced.moves.get(rest.link.name)
        share = f"; {percent(moved)} of the variance goes with it" if moved is not None and moved >= 0.005 else ""
        if chained:
            yield from self._wrap(f"{chain}{share}", 4, 6)
        if rest.support.assumed is not None:
            yield from self._wrap(f"assumed: {_reason(rest.support.assumed)}", 4, 6)
        for said, names in (
            ("rests on", rest.because),
            ("against it", self.traced.trace.against.get(rest.link.name, ())),
        ):
            if names:
                yield from self._wrap(f"{said} {', '.join(f'[{self.cited.index(n) + 1}]' for n in names)}", 4, 6)
        if rest.support.assumed is None and not rest.because:
            yield "    rests on nothing"

    def _evidence(self) -> list[str]:
        lines = ["Evidence"]
        for place, name in enumerate(self.cited, start=1):
            found = self.scenario.evidence[name]
            tags = [found.date, found.kind, f"graded {found.reliability}{found.credibility}: {graded(found)}"]
            tags += [found.status and f"status: {found.status}", found.hedge and f"hedged “{found.hedge}”"]
            lines += self._wrap(f"[{place}] {name}: {' '.join(found.claim.split())}", 2, 6)
            lines += self._wrap(f"({'; '.join(tag for tag in tags if tag)}; source: {found.source})", 6, 6)
        return lines

    def _sources(self) -> list[str]:
        lines = ["Sources"]
        for name in dict.fromkeys(self.scenario.evidence[e].source for e in self.cited):
            line = source_line(self.scenario.sources[name])
            lines += self._wrap(f"{name}: {line.text}")
            lines += [f"    {line.address}"] if line.address else []  # whole, so that it can be followed
        return [*lines, "", f"Information date: {day(self.scenario.start)}"]


def _titled(link: Link) -> str:
    """A title behind a name that says more than the name does."""
    return f"  — {link.title}" if link.title and link.title != heading("", link.name) else ""


def _share(p: float, se: float) -> str:
    return f"{percent(p)} ± {100 * se:.1f}"
