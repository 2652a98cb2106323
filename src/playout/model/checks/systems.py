"""Systems: each name they hold is there, and is held once. They change nothing in a run, so a slip is a warning."""

from __future__ import annotations

from playout.errors import Span, did_you_mean
from playout.model.checks.workbench import Workbench


def check_systems(bench: Workbench) -> None:
    """Unknown names, and names that two systems hold."""
    scenario, findings = bench.scenario, bench.findings
    known = {**bench.names.entries, **scenario.measures, **scenario.questions}
    held: dict[str, tuple[str, Span]] = {}
    for system in scenario.systems.values():
        for name, span in system.holds:
            if name not in known:
                message = f"the system `{system.name}` holds `{name}`, which is not there"
                findings.warn(span, "unknown-name", message, did_you_mean(name, known))
                continue
            entry = bench.names.entries.get(name)
            if entry is not None and entry.what == "flow":
                message = f"`{name}` is a flow, and belongs where its stock does"
                findings.warn(span, "kind", message, "name the stock")
                continue
            first = held.setdefault(name, (system.name, span))
            if first[1] != span:
                related = [(first[1], f"the system `{first[0]}` holds it here")]
                findings.warn(span, "duplicate-name", f"`{name}` is held twice", "leave it in one system", related)
