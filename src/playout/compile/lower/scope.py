"""The lowering's workbench: it names arrays and streams, and turns typed expressions into Program expressions.

What is not a number spreads. In a real expression it is NaN; a truth value or member that rests on it has a second
expression beside it that says where it is unknown (`Meant`). Nothing happens where the value is not needed: in the
branch of an `if` that is not taken, behind an `and` that is false already. What needs it, a real, becomes NaN; a
guard, a question or another condition stops the future (`Workbench.condition`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from playout.compile import build, ir
from playout.compile.ir import Axis, Const, Load, Node
from playout.compile.lower.doubt import resting_on
from playout.compile.lower.extent import ANYTHING, Extent, extent
from playout.model.checked import SLACK, CheckedScenario
from playout.model.distribution import SCORE_QUANTILES
from playout.model.expression import (
    Binder,
    Clock,
    Constant,
    EndOdds,
    Expression,
    History,
    IndexVariable,
    Law,
    LawText,
    Lookup,
    MemberOf,
    Operation,
    Reduction,
    Reference,
    StageTest,
    Typed,
)
from playout.model.typed import parts

Environment = Mapping[str, ir.Index]
"""What each index variable stands for."""

_DIRECT = {"add", "sub", "mul", "div", "pow", "min", "max", "lt", "le"}
_FLIPPED = {"gt": "lt", "ge": "le"}
_ORDER = {"lt", "le", "gt", "ge"}
_UNARY = {"neg", "abs", "exp", "log", "sqrt", "logistic", "not"}
_COMPARISONS = {"lt", "le", "gt", "ge", "eq", "ne"}
NEVER = Const(float("inf"))
NO_NUMBER = Const(float("nan"))


class Meant(NamedTuple):
    """What an expression comes to. ``unknown``: where it rests on what is not a number; of a real always false, since
    the value is NaN there."""

    value: Node
    unknown: Node = ir.FALSE


@dataclass(frozen=True)
class Weighed:
    """What a decision chooses by. chosen: whether it does in this step. options: by name, whether each is open and
    rationality × value; of a decision over the members of a set one entry, whose last axis is that set. pinned: whether
    a policy or view chooses instead."""

    sets: tuple[str, ...]
    chosen: Node
    options: Mapping[str, tuple[Node, Node]]
    pinned: Node


@dataclass
class Workbench:
    """What the lowering has made so far. Phases are lists in order; see `ir.Program`.

    ``rename`` maps a scenario name to the array that stands for it at present: the stage values of rk4 and the stocks
    halfway through the effects of a step are other arrays than the state's own. ``at_state`` maps a flow to its rate at
    S_k where rk4 gives the flow's name to its average over the step, which only reports read. ``weighed`` holds what
    stood behind each choice, for who tells of it. ``extents``: what the values of each real array may be.
    """

    checked: CheckedScenario
    arrays: dict[str, ir.Array] = field(default_factory=dict)
    tables: dict[str, tuple[float, ...]] = field(default_factory=dict)
    streams: dict[str, ir.Stream] = field(default_factory=dict)
    once: list[ir.Assign] = field(default_factory=list)
    initial: list[ir.Assign] = field(default_factory=list)
    step: list[ir.Assign | ir.Delay] = field(default_factory=list)
    update: list[ir.Assign] = field(default_factory=list)
    checks: list[ir.Check] = field(default_factory=list)
    rename: dict[str, str] = field(default_factory=dict)
    at_state: dict[str, str] = field(default_factory=dict)
    weighed: dict[str, Weighed] = field(default_factory=dict)
    clock_offset: float = 0.0
    extents: dict[str, Extent] = field(default_factory=dict)
    _histories: dict[tuple[History, tuple[str, ...]], str] = field(default_factory=dict)

    @property
    def days(self) -> float:
        return float(self.checked.scenario.step_days)

    # --- sets and arrays ---

    def alive(self, index: ir.Index, set_name: str) -> Node:
        """Whether a member is alive: true unless its set has spares."""
        if not self.checked.scenario.sets[set_name].spares:
            return ir.TRUE
        return Load(f"alive {set_name}", (index,))

    def all_alive(self, indices: Sequence[ir.Index], sets: Sequence[str]) -> Node:
        """Whether the members at all indices, each of its set, are alive."""
        result: Node = ir.TRUE
        for index, set_name in zip(indices, sets, strict=True):
            result = build.both(result, self.alive(index, set_name))
        return result

    def array(self, name: str, sets: Sequence[str], type_: ir.Type, role: ir.Role) -> None:
        """Declare an array, once."""
        assert name not in self.arrays, f"array {name} made twice"
        self.arrays[name] = ir.Array(name, tuple(sets), type_, role)

    def state(self, name: str, sets: Sequence[str], type_: ir.Type, initial: Node, values: Extent = ANYTHING) -> Node:
        """A new state; returns its value at its own axes. values: what they may be while the future runs."""
        self.array(name, sets, type_, "state")
        self.extents[name] = values
        self.initial.append(ir.Assign(name, initial))
        return Load(name, own_axes(sets))

    def assign(self, name: str, sets: Sequence[str], type_: ir.Type, node: Node, values: Extent | None = None) -> Node:
        """A new value of every step; returns it at its own axes. values: what they may be, if the node does not say."""
        self.array(name, sets, type_, "step")
        if type_ == "real":
            self.extents[name] = extent(node, self.extents) if values is None else values
        self.step.append(ir.Assign(name, node))
        return Load(name, own_axes(sets))

    def define(self, name: str, sets: Sequence[str], binders: Sequence[Binder], expression: Expression) -> Node:
        """A value of every step from an expression of the scenario, with beside it where it is unknown, if anywhere."""
        meant = self.meant(self.meaning(expression), bind(binders))
        if meant.unknown != ir.FALSE:
            self.assign(unknown_of(name), sets, "bool", meant.unknown)
        return self.assign(name, sets, self.type_of(expression), meant.value)

    def check(
        self,
        name: str,
        sets: Sequence[str],
        value: Node,
        bounds: tuple[float, float],
        what: str,
        *,
        where: Node = ir.TRUE,
        at_end: bool = False,
    ) -> None:
        """A future stops where ``where`` holds and the value leaves its bounds or is no finite number. With a
        ``where`` the bounds hold 0. A constant has been checked."""
        if not isinstance(value, Const):
            low, high = bounds
            used = build.select(where, value, ir.ZERO)  # elsewhere it may be anything
            self.checks.append(ir.Check(name, used, low, high, what, tuple(sets), at_end))

    def forbid(self, name: str, sets: Sequence[str], condition: Node, what: str, *, at_end: bool = False) -> None:
        """A future stops where the condition holds."""
        if condition != ir.FALSE:
            self.check(name, sets, build.indicator(condition), (0.0, 0.5), what, at_end=at_end)

    def next(self, name: str, node: Node) -> None:
        """The value of a state at the start of the next step."""
        self.update.append(ir.Assign(name, node))

    def word(
        self,
        stream: str,
        sets: Sequence[str],
        index: tuple[ir.Index, ...],
        per: Literal["step", "entry"],
        number: Node | None = None,
        where: Node | None = None,
    ) -> Node:
        """A random word of a stream, which is declared if new. number: which entry, for a stream that goes by entry."""
        self.streams.setdefault(stream, ir.Stream(stream, tuple(sets), per))
        return ir.Word(stream, index, number, where)

    # --- expressions ---

    def meaning(self, expression: Expression) -> Typed:
        """The typed tree that the checks made of a surface expression."""
        return self.checked.meaning[expression]

    def type_of(self, expression: Expression) -> ir.Type:
        """The Program type of a scenario expression's value."""
        kind = self.meaning(expression).type.kind
        return "bool" if kind == "bool" else "real" if kind in ("number", "date") else "int"

    def lower(self, expression: Expression, environment: Environment) -> Node:
        """The Program expression of a number or member of the scenario; conditions go through `condition`."""
        return self.typed(self.meaning(expression), environment)

    def now(self) -> Node:
        """Days since the start."""
        return build.add(build.mul(build.real(ir.Step()), Const(self.days)), Const(self.clock_offset))

    def condition(
        self, expression: Expression, environment: Environment, sets: Sequence[str], where: Node, name: str
    ) -> Node:
        """A condition that decides something where ``where`` holds: there the future stops if it is unknown.

        name: what is decided, at the sets' own axes; it begins the sentence about what stops the future.
        """
        tree = self.meaning(expression)
        value, unknown = self.meant(tree, environment)
        what = f"{name} compared what was not a number{resting_on(self.checked, tree)}"
        self.forbid(f"{name} known", sets, build.both(where, unknown), what)
        return value

    def typed(self, tree: Typed, environment: Environment) -> Node:
        """The Program expression of a typed tree, where it does not matter that a truth value may be unknown."""
        return self.meant(tree, environment).value

    def meant(self, tree: Typed, environment: Environment) -> Meant:
        """The Program expression of a typed tree, and where it is unknown."""
        match tree:
            case Constant():
                return Meant(Const(tree.value, "bool") if tree.type.kind == "bool" else Const(tree.value))
            case MemberOf():
                return Meant(build.integer(tree.position))
            case IndexVariable():
                return Meant(as_node(environment[tree.name]))
            case Clock():
                return Meant(self.now())
            case Reference():
                array = self.rename.get(tree.name, tree.name)
                return self._loaded(tree, array, tree.indices, environment)
            case StageTest():
                return self._stage(tree, environment)
            case EndOdds():
                end = self.checked.scenario.games[tree.game].ends[tree.end]
                return self._loaded(tree, f"{tree.game}.odds.{end.name}", tree.indices, environment)
            case Operation():
                return self._operation(tree, environment)
            case Lookup():
                return Meant(ir.Piecewise(self.typed(tree.argument, environment), tree.points))
            case Reduction():
                return self._reduction(tree, environment)
            case History():
                return Meant(self._history(tree, environment))

    def place(self, tree: Typed, environment: Environment) -> tuple[ir.Index, Node]:
        """An index, an axis or a fixed member where it is one, else an int expression; and where it is unknown."""
        match tree:
            case IndexVariable():
                return environment[tree.name], ir.FALSE
            case MemberOf():
                return tree.position, ir.FALSE
        return self.meant(tree, environment)

    def places(self, trees: Sequence[Typed], environment: Environment) -> tuple[tuple[ir.Index, ...], Node]:
        """Several indices, and where any of them is unknown."""
        found = [self.place(tree, environment) for tree in trees]
        unknown: Node = ir.FALSE
        for _, missing in found:
            unknown = build.either(unknown, missing)
        return tuple(index for index, _ in found), unknown

    def _loaded(self, tree: Typed, array: str, trees: Sequence[Typed], environment: Environment) -> Meant:
        """An array's value, unknown where an index is, or where the array itself is."""
        indices, unknown = self.places(trees, environment)
        if tree.type.kind not in ("number", "date") and unknown_of(array) in self.arrays:
            unknown = build.either(unknown, Load(unknown_of(array), indices))
        return _spread(tree, Load(array, indices), unknown)

    def _stage(self, tree: StageTest, environment: Environment) -> Meant:
        indices, unknown = self.places(tree.indices, environment)
        track = self.checked.scenario.tracks[tree.track]
        inside = build.same(Load(f"{tree.track}.stage", indices), build.integer(track.position(tree.stage)))
        for index, binder in zip(indices, track.binders, strict=True):
            inside = build.both(inside, self.alive(index, binder.set))
        first = Load(f"{tree.track}.first.{tree.stage}", indices)
        match tree.question:
            case "in":
                return Meant(inside, unknown)
            case "first":
                return _spread(tree, first, unknown)
            case "reached":
                return Meant(ir.Binary("lt", first, Const(float("inf"))), unknown)
            case "enters":
                return Meant(build.both(inside, Load(f"{tree.track}.entered", indices)), unknown)
            case "since":
                return _spread(tree, build.select(inside, Load(f"{tree.track}.since", indices), ir.ZERO), unknown)

    def _operation(self, tree: Operation, environment: Environment) -> Meant:
        meant = [self.meant(a, environment) for a in tree.arguments]
        arguments = [m.value for m in meant]
        node = self._operated(tree, arguments)
        match tree.operator, meant:
            case "and", [left, right]:
                return Meant(node, build.either(left.unknown, build.both(left.value, right.unknown)))
            case "or", [left, right]:
                return Meant(node, build.either(left.unknown, build.both(build.negate(left.value), right.unknown)))
            case "if", [condition, then, otherwise]:
                taken = build.select(condition.value, then.unknown, otherwise.unknown)
                return _spread(tree, node, build.either(condition.unknown, taken))
            case "clip", _:
                return Meant(build.select(ir.Binary("lt", arguments[2], arguments[1]), NO_NUMBER, node))
        if tree.type.kind in ("number", "date"):
            return Meant(node)
        unknown: Node = ir.FALSE
        for argument, part in zip(tree.arguments, meant, strict=True):
            missing = self._no_number(part.value) if argument.type.kind in ("number", "date") else part.unknown
            unknown = build.either(unknown, missing)
            if _may_be_never(argument):  # every comparison with `never` is false, or with the time to or from it
                size = part.value if argument.type.kind == "date" else ir.Unary("abs", part.value)
                node = build.both(node, ir.Binary("lt", size, NEVER))
        return Meant(node, unknown)

    def _no_number(self, node: Node) -> Node:
        """Where a real is not a number."""
        return build.negate(ir.Binary("eq", node, node)) if extent(node, self.extents).nan else ir.FALSE

    def _operated(self, tree: Operation, arguments: list[Node]) -> Node:
        name = tree.operator
        if name in _ORDER and tree.arguments[0].type.kind == "member":
            return _earlier(name, arguments[0], arguments[1])
        if name in _DIRECT:
            return ir.Binary(name, arguments[0], arguments[1])
        if name in _FLIPPED:
            return ir.Binary(_FLIPPED[name], arguments[1], arguments[0])
        if name in _UNARY:
            return build.negate(arguments[0]) if name == "not" else ir.Unary(name, arguments[0])
        match name:
            case "and":
                return build.both(arguments[0], arguments[1])
            case "or":
                return build.either(arguments[0], arguments[1])
            case "if":
                return build.select(*arguments)
            case "clip":
                return ir.Binary("min", ir.Binary("max", arguments[0], arguments[1]), arguments[2])
            case "eq" | "ne":
                equal = self._equal(tree.arguments[0], arguments)
                return equal if name == "eq" else build.negate(equal)
        raise AssertionError(f"no lowering for operation {name}")

    def _equal(self, left: Typed, arguments: list[Node]) -> Node:
        match left.type.kind:
            case "number" | "date":
                return ir.Binary("eq", arguments[0], arguments[1])
            case "bool":
                both = build.both(arguments[0], arguments[1])
                return build.either(both, build.negate(build.either(arguments[0], arguments[1])))
            case "member" | "option":
                # nobody equals nobody never: a choice not made equals nothing
                made = ir.Binary("ilt", build.integer(-1), arguments[0])
                fixed = any(isinstance(a, Const | ir.Position) for a in arguments)
                same = build.same(arguments[0], arguments[1])
                return same if fixed else build.both(same, made)

    def _reduction(self, tree: Reduction, environment: Environment) -> Meant:
        axis = fresh_axis(tree.set, environment)
        inner = {**environment, tree.variable: axis}
        body = self.meant(tree.body, inner)
        counted: Node = self.alive(axis, tree.set)
        unknown: Node = ir.FALSE
        if tree.condition is not None:
            condition = self.meant(tree.condition, inner)
            counted, unknown = build.both(counted, condition.value), build.both(counted, condition.unknown)
        missing = self._no_number(body.value) if tree.function == "argmax" else body.unknown
        unknown = build.either(unknown, build.both(counted, missing))
        if unknown != ir.FALSE:
            unknown = ir.Reduce("any", axis, unknown)
        return _spread(tree, reduction(tree.function, axis, body.value, counted), unknown)

    # --- laws drawn inside a run ---

    def quantile(self, law: Law, word: Node, environment: Environment, where: Node | None) -> Node:
        """The value of a law at a random word."""
        if law.kind in ("mixture", "categorical"):
            return self._weighted(law, word, environment, where)
        return self._drawn(law, ir.Score(word), ir.Uniform(word), environment, where)

    def _drawn(self, law: Law, score: Node, uniform: Node, environment: Environment, where: Node | None) -> Node:
        """The value of a law of one part, by its normal score or its uniform as its quantile function wants."""
        parameters = tuple(self.typed(p, environment) for p in law.parameters)
        if law.kind == "point":
            return parameters[0]
        return ir.Quantile(law.kind, score if law.kind in SCORE_QUANTILES else uniform, parameters, where)

    def _weighted(self, law: Law, word: Node, environment: Environment, where: Node | None) -> Node:
        """A part by its weight; within a part the word's place in that part's share serves as its uniform."""
        weights = [w for w, _ in law.weighted]
        uniform = ir.Uniform(word)
        result: Node | None = None
        below = sum(weights)
        for weight, part in reversed(law.weighted):
            low = below - weight
            value: Node
            if isinstance(part, Law):
                inner = ir.Binary("div", ir.Binary("sub", uniform, Const(low)), Const(weight))
                value = self._drawn(part, ir.Quantile("score", inner, (), where), inner, environment, where)
            else:
                value = Const(part)
            result = value if result is None else build.select(ir.Binary("lt", uniform, Const(below)), value, result)
            below = low
        assert result is not None
        return result

    def law(self, text: LawText) -> Law:
        return self.checked.laws[text]

    # --- history ---

    def _history(self, tree: History, environment: Environment) -> Node:
        """A stored history of the body, kept for every member that the body's index variables range over."""
        variables = index_variables(tree)
        key = (tree, tuple(variables))
        if key not in self._histories:
            self._histories[key] = self._new_history(tree, variables)
        return Load(self._histories[key], tuple(environment[v] for v in variables))

    def _new_history(self, tree: History, variables: dict[str, str]) -> str:
        sets = tuple(variables.values())
        inner = dict(zip(variables, own_axes(sets), strict=True))
        # A total adds up what flowed, the average over a step; the others remember what equations saw.
        outside, self.rename = self.rename, {} if tree.function == "total" else self.at_state
        name = self._keep_history(tree, sets, inner)
        self.rename = outside
        return name

    def _keep_history(self, tree: History, sets: tuple[str, ...], inner: Environment) -> str:
        body = self.typed(tree.body, inner)  # which may keep histories of its own
        name = f"{tree.function} {len(self._histories) + 1}"
        match tree.function:
            case "total":
                found = extent(body, self.extents)
                so_far = self.state(name, sets, "real", ir.ZERO, found | Extent(found.infinite, infinite=False))
                self.next(name, build.add(so_far, ir.Binary("mul", body, Const(self.days))))
            case "delay" | "change":
                delayed = name if tree.function == "delay" else f"{name} before"
                self._delay(delayed, sets, body, tree.lag)
                if tree.function == "change":
                    self.assign(name, sets, "real", ir.Binary("sub", body, Load(delayed, own_axes(sets))))
            case "smooth":
                assert tree.time_constant is not None
                found = extent(body, self.extents)
                kept = self.state(f"{name} kept", sets, "real", ir.ZERO, found | Extent(found.infinite, infinite=False))
                at_start = build.same(ir.Step(), build.integer(0))
                value = self.assign(name, sets, "real", build.select(at_start, body, kept))
                share = ir.Binary("div", Const(self.days), self._time_constant(tree, sets, inner))
                gap = ir.Binary("sub", body, value)
                self.next(f"{name} kept", build.add(value, ir.Binary("mul", share, gap)))
        return name

    def _delay(self, name: str, sets: Sequence[str], body: Node, lag: int) -> None:
        """What the body was ``lag`` steps ago. Where that is no shorter than the run it never is but what it was at the
        start, and one value is kept in place of as many as there are steps."""
        if lag < self.checked.steps:
            self.array(name, sets, "real", "step")
            self.step.append(ir.Delay(name, body, lag))
            self.extents[name] = extent(body, self.extents)
            return
        kept = self.state(f"{name} kept", sets, "real", ir.ZERO, extent(body, self.extents))
        at_start = build.same(ir.Step(), build.integer(0))
        self.next(f"{name} kept", self.assign(name, sets, "real", build.select(at_start, body, kept)))

    def _time_constant(self, tree: History, sets: tuple[str, ...], environment: Environment) -> Node:
        """How slowly a smoothed value follows; what follows faster than in a step would swing about."""
        assert tree.time_constant is not None
        value = self.typed(tree.time_constant, environment)
        living = self.all_alive(own_axes(sets), sets)
        used = build.select(living, value, Const(self.days))
        name = f"the time constant of `smooth` at {tree.span.line}:{tree.span.column}"
        least = self.days * (1.0 - SLACK)
        what = f"{name} was shorter than a step or not a finite number"
        self.check(name, sets, used, (least, float("inf")), what)
        return value


def unknown_of(array: str) -> str:
    """The array that says where a truth value or member is unknown."""
    return f"{array} unknown"


def _spread(tree: Typed, value: Node, unknown: Node) -> Meant:
    """A value that is unknown there: a real is then not a number."""
    if tree.type.kind in ("number", "date"):
        return Meant(build.select(unknown, NO_NUMBER, value))
    return Meant(value, unknown)


def _may_be_never(tree: Typed) -> bool:
    """Whether a date may be `never`, not where it is written out, nor now; or a time the one to or from `never`."""
    if tree.type.kind == "date":
        return not isinstance(tree, Clock) and not (isinstance(tree, Constant) and math.isfinite(tree.value))
    return (
        isinstance(tree, Operation)
        and tree.operator == "sub"
        and any(argument.type.kind == "date" and _may_be_never(argument) for argument in tree.arguments)
    )


def _earlier(operator: str, left: Node, right: Node) -> Node:
    """Members compare by the order in which their set lists them."""
    if operator in ("gt", "le"):
        left, right = right, left
    before = ir.Binary("ilt", left, right)
    return before if operator in ("lt", "gt") else build.negate(before)


def own_axes(sets: Sequence[str]) -> tuple[Axis, ...]:
    """The axes of an array over these sets, numbered from 0 per set."""
    seen: dict[str, int] = {}
    axes = []
    for name in sets:
        axes.append(Axis(name, seen.get(name, 0)))
        seen[name] = seen.get(name, 0) + 1
    return tuple(axes)


def bind(binders: Sequence[Binder]) -> dict[str, ir.Index]:
    """The environment of a definition's right side."""
    axes = own_axes([b.set for b in binders])
    return {b.variable: axis for b, axis in zip(binders, axes, strict=True)}


def fresh_axis(set_name: str, environment: Environment) -> Axis:
    """The next axis over a set that the environment does not use."""
    used = {axis.number for index in environment.values() for axis in _axes_of(index) if axis.set == set_name}
    return Axis(set_name, next(n for n in range(len(used) + 1) if n not in used))


def _axes_of(index: ir.Index) -> frozenset[Axis]:
    if isinstance(index, Axis):
        return frozenset({index})
    return frozenset() if isinstance(index, int) else ir.axes(index)


def as_node(index: ir.Index) -> Node:
    """The member an index stands at, as an int expression."""
    if isinstance(index, Axis):
        return ir.Position(index)
    return build.integer(index) if isinstance(index, int) else index


def reduction(function: str, axis: Axis, body: Node, counted: Node) -> Node:
    """A reduction over the members for which ``counted`` holds (model/expression.py says over nobody what)."""
    match function:
        case "any":
            return ir.Reduce("any", axis, build.both(counted, body))
        case "all":
            return ir.Reduce("all", axis, build.either(build.negate(counted), body))
        case "count":
            return ir.Reduce("sum", axis, build.indicator(build.both(counted, body)))
        case "sum":
            return ir.Reduce("sum", axis, build.select(counted, body, ir.ZERO))
        case "mean":
            number = ir.Reduce("sum", axis, build.indicator(counted))
            return ir.Binary("div", ir.Reduce("sum", axis, build.select(counted, body, ir.ZERO)), number)
    worst = Const(float("inf") if function == "min" else float("-inf"))
    masked = build.select(counted, body, worst)
    if function == "argmax":
        best: Node = ir.Reduce("argmax", axis, masked)
        empty: Node = build.integer(-1)
    else:
        best, empty = ir.Reduce(function, axis, masked), Const(float("nan"))
    if counted == ir.TRUE:
        return best
    return build.select(ir.Reduce("any", axis, counted), best, empty)


def index_variables(tree: Typed) -> dict[str, str]:
    """The free index variables of a typed tree, with their sets, in order of appearance."""
    found: dict[str, str] = {}

    def visit(node: Typed, bound: frozenset[str]) -> None:
        match node:
            case IndexVariable():
                if node.name not in bound:
                    assert node.type.set is not None
                    found.setdefault(node.name, node.type.set)
            case _:
                inside = bound | {node.variable} if isinstance(node, Reduction) else bound
                for part in parts(node):
                    visit(part, inside)

    visit(tree, frozenset())
    return found
