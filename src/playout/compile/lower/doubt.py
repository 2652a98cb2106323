"""Where in the scenario a number may come from that is none: what the sentence about a stopped future points to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from playout.model.checked import CheckedScenario
from playout.model.expression import Operation, Reduction, Reference, Typed
from playout.model.typed import constant, parts

_MOST = 3  # places that one sentence names
_LOOKED_AT = 50  # of many, so that large scenarios are not walked whole for every sentence
_OPERATIONS = {
    "div": "a division by 0",
    "log": "a logarithm of 0 or less",
    "sqrt": "a root of less than 0",
    "pow": "a power",
    "exp": "an exponential too large",
}


def resting_on(checked: CheckedScenario, tree: Typed) -> str:
    """What a value may be no number for, in words that go behind a sentence; empty where nothing is seen."""
    found = list(dict.fromkeys(itertools.islice(_doubts(checked, tree), _LOOKED_AT)))
    if not found:
        return ""
    more = " or other operations" if len(found) > _MOST else ""
    return f"; it rests on {' or '.join(found[:_MOST])}{more}"


def _doubts(checked: CheckedScenario, root: Typed) -> Iterator[str]:
    """What each part may be no number for, outermost first, through variables and flows. Walks without recursion."""
    scenario, seen = checked.scenario, set[str]()
    waiting: list[tuple[Typed, str]] = [(root, "")]
    while waiting:
        tree, inside = waiting.pop()
        place = f" in `{inside}`" if inside else ""
        match tree:
            case Operation(operator="div", arguments=(_, divisor)) if constant(divisor):
                pass
            case Operation(operator="clip", arguments=(_, low, high)) if (
                constant(low) is None or constant(high) is None
            ):
                yield f"a `clip` with its low end above its high end{place}"
            case Operation(operator=operator) if operator in _OPERATIONS:
                yield f"{_OPERATIONS[operator]}{place}"
            case Reduction(function="mean" | "min" | "max") if tree.condition or scenario.sets[tree.set].spares:
                yield f"a `{tree.function}` over nobody{place}"
            case Reference(what="variable", name=name) if name not in seen:
                seen.add(name)
                waiting.append((checked.meaning[scenario.variables[name].expression], name))
            case Reference(what="flow", name=name) if name not in seen:
                seen.add(name)
                flow = next(f for s in scenario.stocks.values() for f in s.flows if f.name == name)
                waiting.append((checked.meaning[flow.rate], name))
        waiting += [(part, inside) for part in reversed(parts(tree))]
