"""Decisions: logit choice among options or members, sampled by Gumbel-max.

Adding independent standard Gumbel noise to rationality × value and taking the largest gives the logit probabilities
(McFadden 1974, Conditional logit analysis of qualitative choice behavior).
"""

from __future__ import annotations

from collections.abc import Sequence

from playout.compile import build, ir
from playout.compile.ir import Const, Load, Node
from playout.compile.lower.choice import choice_due, keep_choice
from playout.compile.lower.scope import Environment, Weighed, Workbench, bind, own_axes
from playout.compile.lower.variant import Edit, applies
from playout.model.checked import SLACK
from playout.model.scenario import Decision

IMPOSSIBLE = Const(float("-inf"))


def lower_decision(bench: Workbench, decision: Decision, edits: Sequence[Edit]) -> None:
    """The choice as it stands in this step, after it was made if it is due now. Of two pins the later holds."""
    name = decision.name
    sets = decision.sets
    axes, environment = own_axes(sets), bind(decision.binders)
    due = bench.assign(f"{name}.due", sets, "bool", choice_due(bench, decision))
    _check_rationality(bench, decision, environment, due)
    number = Load(f"{name}.count", axes) if decision.every is not None else build.integer(0)
    options: dict[str, tuple[Node, Node]] = {}
    if decision.choose is None:
        best, open_ = _among_options(bench, decision, environment, sets, due, number, edits, options)
    else:
        best, open_ = _among_members(bench, decision, environment, sets, due, number, edits, options)
    pins: Node = ir.FALSE
    for edit in edits:
        option = edit[1].option
        if edit[1].operator == "=":
            assert option is not None
            pinned = _pinned(bench, edit, edits, axes)
            best = build.select(pinned, build.integer(option), best)
            open_ = build.either(pinned, open_)
            pins = build.either(pins, pinned)
    chosen = keep_choice(bench, decision, build.both(due, open_), best)
    bench.weighed[name] = Weighed(tuple(sets), chosen, options, pins)


def _pinned(bench: Workbench, pin: Edit, edits: Sequence[Edit], axes: Sequence[ir.Axis]) -> Node:
    """Where a pin holds. A view cannot pin what the policy forbids."""
    here = applies(bench, pin, axes)
    for view, change in edits:
        if pin[0] is not None and view is None and change.operator == "forbid" and change.option == pin[1].option:
            here = build.both(here, build.negate(applies(bench, (view, change), axes)))
    return here


def _weight(bench: Workbench, decision: Decision, value: Node, environment: Environment) -> Node:
    """rationality × value."""
    rationality = ir.ONE if decision.rationality is None else bench.lower(decision.rationality, environment)
    return build.mul(rationality, value)


def _check_rationality(bench: Workbench, decision: Decision, environment: Environment, due: Node) -> None:
    if decision.rationality is not None:
        value = bench.lower(decision.rationality, environment)
        what = f"the rationality of {decision.name} was negative or not a finite number"
        bench.check(f"{decision.name}.rationality", decision.sets, value, (-SLACK, float("inf")), what, where=due)


def _noisy(weight: Node, word: Node, open_: Node) -> Node:
    """The weight with Gumbel noise; minus infinity where the option is not open."""
    noise = ir.Unary("neg", ir.Unary("log", ir.Unary("neg", ir.Unary("log", ir.Uniform(word)))))
    return build.select(open_, build.add(weight, noise), IMPOSSIBLE)


def _check_value(bench: Workbench, decision: Decision, label: str, value: Node, due: Node, sets: Sequence[str]) -> None:
    what = f"the value of {label} in {decision.name} was not a finite number"
    bench.check(f"{decision.name}.{label}", sets, value, (float("-inf"), float("inf")), what, where=due)


def _among_options(
    bench: Workbench,
    decision: Decision,
    environment: Environment,
    sets: Sequence[str],
    due: Node,
    number: Node,
    edits: Sequence[Edit],
    options: dict[str, tuple[Node, Node]],
) -> tuple[Node, Node]:
    """The best option (int), and whether any is open; each option's openness and weight go into ``options``."""
    axes = own_axes(sets)
    utilities = []
    for position, option in enumerate(decision.options):
        open_ = due
        if option.when is not None:
            name = f"`when` of {option.name} in {decision.name}"
            open_ = build.both(due, bench.condition(option.when, environment, sets, due, name))
        for edit in edits:
            if edit[1].operator == "forbid" and edit[1].option == position:
                open_ = build.both(open_, build.negate(applies(bench, edit, axes)))
        value = bench.assign(
            f"{decision.name}.{option.name}.value", sets, "real", bench.lower(option.value, environment)
        )
        _check_value(bench, decision, option.name, value, build.both(due, open_), sets)
        word = bench.word(f"{decision.name}.{option.name}", sets, axes, "entry", number, due)
        weight = _weight(bench, decision, value, environment)
        options[option.name] = open_, weight
        noisy = _noisy(weight, word, open_)
        utilities.append(bench.assign(f"{decision.name}.{option.name}.utility", sets, "real", noisy))
    best, choice = utilities[0], build.integer(0)
    chosen: Node = choice
    for position, utility in enumerate(utilities[1:], start=1):
        chosen = build.select(ir.Binary("lt", best, utility), build.integer(position), chosen)
        best = ir.Binary("max", best, utility)
    return chosen, ir.Binary("lt", IMPOSSIBLE, best)


def _among_members(
    bench: Workbench,
    decision: Decision,
    environment: Environment,
    sets: Sequence[str],
    due: Node,
    number: Node,
    edits: Sequence[Edit],
    options: dict[str, tuple[Node, Node]],
) -> tuple[Node, Node]:
    """The best member (int), and whether any is eligible; their openness and weight go into ``options``."""
    assert decision.choose is not None
    assert decision.value is not None
    over = [*sets, decision.choose]
    candidate = own_axes(over)[-1]
    inner = {**environment, decision.choose: candidate}
    open_ = build.both(due, bench.alive(candidate, decision.choose))
    if decision.among is not None:
        among = bench.condition(decision.among, inner, over, open_, f"`among` of {decision.name}")
        open_ = build.both(open_, among)
    for edit in edits:
        if edit[1].operator == "forbid":
            assert edit[1].option is not None
            this = build.same(ir.Position(candidate), build.integer(edit[1].option))
            forbidden = build.both(this, applies(bench, edit, own_axes(sets)))
            open_ = build.both(open_, build.negate(forbidden))
    open_ = bench.assign(f"{decision.name}.open", over, "bool", open_)
    value = bench.assign(f"{decision.name}.value", over, "real", bench.lower(decision.value, inner))
    _check_value(bench, decision, "a candidate", value, open_, over)
    word = bench.word(decision.name, over, own_axes(over), "entry", number, due)
    weight = _weight(bench, decision, value, environment)
    options[decision.choose] = open_, weight
    noisy = _noisy(weight, word, open_)
    utility = bench.assign(f"{decision.name}.utility", over, "real", noisy)
    return ir.Reduce("argmax", candidate, utility), ir.Reduce("any", candidate, open_)
