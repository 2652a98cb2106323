"""What all checks share while a scenario is being given its meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

from playout.errors import did_you_mean
from playout.model.distribution import Distribution
from playout.model.expression import Binder, Law, LawText, Target, Typed
from playout.model.findings import Findings, Unread
from playout.model.law import Laws
from playout.model.names import Names
from playout.model.resolve import Resolver
from playout.model.scenario import Scenario


@dataclass
class Workbench:
    """The scenario, its names, the resolver with what it has found so far, and the laws and targets."""

    scenario: Scenario
    findings: Findings
    names: Names
    resolver: Resolver
    read: Laws
    laws: dict[LawText, Law] = field(default_factory=dict)
    distributions: dict[tuple[str, int], Distribution] = field(default_factory=dict)
    targets: dict[Target, tuple[Typed, ...]] = field(default_factory=dict)
    ways: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # track -> pairs of stages, from and to

    @classmethod
    def of(cls, scenario: Scenario, unread: Unread) -> Workbench:
        findings = Findings(unread, scenario.lines)
        names = Names(scenario)
        resolver = Resolver(names, findings)
        return cls(scenario, findings, names, resolver, Laws(resolver, scenario.words))

    def scope(self, binders: tuple[Binder, ...]) -> dict[str, str]:
        """The index variables of a definition's left side. Unknown sets and clashes are reported here."""
        scope: dict[str, str] = {}
        sets = self.scenario.sets
        for binder in binders:
            if binder.set not in sets:
                hint = did_you_mean(binder.set, sets)
                if hint is None and binder.set in self.names.members:
                    hint = f"`{binder.set}` is a member of `{self.names.members[binder.set][0]}`"
                self.findings.error(binder.span, "unknown-set", f"there is no set `{binder.set}`", hint)
            if binder.variable in scope:
                first, second = binder.set[0], binder.set[0] + "2"
                hint = f"name both: `[{first} in {scope[binder.variable]}, {second} in {binder.set}]`"
                message = f"`{binder.variable}` stands for two indexes at once"
                self.findings.error(binder.span, "shadow", message, hint)
            elif binder.variable in self.names.entries:
                described = self.names.entries[binder.variable].described
                message = f"`{binder.variable}` is {described} and cannot stand for a member too"
                self.findings.error(binder.span, "shadow", message, "choose another letter")
            elif binder.variable != binder.set and binder.variable in self.names.members:
                set_name = self.names.members[binder.variable][0]
                message = f"`{binder.variable}` is a member of `{set_name}` and cannot stand for any member too"
                self.findings.error(binder.span, "shadow", message, "choose another letter")
            scope[binder.variable] = binder.set
        return scope
