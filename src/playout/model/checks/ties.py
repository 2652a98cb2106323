"""Ties: their ends are there, and the table of their strength is indexed by them."""

from __future__ import annotations

from playout.errors import did_you_mean
from playout.model.checks.workbench import Workbench
from playout.model.findings import listed
from playout.model.scenario import Tie


def check_ties(bench: Workbench) -> None:
    """Ends and tables that are not there, and tables over other sets than the ends."""
    for tie in bench.scenario.ties.values():
        if len(tie.ends) == 2 and _ends_known(bench, tie):
            _check_strength(bench, tie)


def _ends_known(bench: Workbench, tie: Tie) -> bool:
    known = [*bench.scenario.actors, *bench.scenario.sets]
    unknown = [(name, span) for name, span in tie.ends if name not in known]
    for name, span in unknown:
        hint = did_you_mean(name, known) or "an end is an actor or a set"
        bench.findings.error(span, "unknown-name", f"there is no actor or set `{name}`", hint)
    return not unknown


def _check_strength(bench: Workbench, tie: Tie) -> None:
    tables = bench.scenario.tables
    for name, span in tie.strength:
        if name not in tables:
            hint = did_you_mean(name, tables) or "how strong ties are is written down in a table"
            bench.findings.error(span, "unknown-name", f"there is no table `{name}`", hint)
            continue
        sets = tuple(end for end, _ in tie.ends if end in bench.scenario.sets)
        if tables[name].sets != sets:
            wanted = f"by {listed(sets)}" if sets else "by nothing"
            message = f"the ends of `{tie.name}` ask for a table indexed {wanted}, and `{name}` is another"
            bench.findings.error(span, "index", message, "name the ends in the order of the table's indexes")
