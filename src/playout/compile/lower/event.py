"""Events: how often they happen in a step, and what they do to stocks and to spare members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playout.compile import build, ir
from playout.compile.ir import Axis, Const, Load, Node
from playout.compile.lower.extent import FINITE, extent
from playout.compile.lower.scope import NO_NUMBER, Workbench, bind, fresh_axis, own_axes
from playout.compile.lower.stock import bounds, starting_value
from playout.model.checked import SLACK
from playout.model.expression import IndexVariable, Typed
from playout.model.scenario import Effect, Event, Splinter, Stock


def lower_count(bench: Workbench, event: Event) -> None:
    """How often the event happens in this step: Poisson by rate, or once where only `when` is given."""
    sets = event.sets
    axes, environment = own_axes(sets), bind(event.binders)
    here = bench.all_alive(axes, sets)
    if event.when is not None:
        when = bench.condition(event.when, environment, sets, here, f"`when` of {event.name}")
        here = build.both(here, when)
    if event.rate is None:
        bench.assign(event.name, sets, "real", build.indicator(here))
    else:
        rate = build.select(here, bench.lower(event.rate, environment), ir.ZERO)
        mean = bench.assign(f"{event.name}.expected", sets, "real", ir.Binary("mul", rate, Const(bench.days)))
        what = f"the rate of {event.name} was negative or not a finite number"
        bench.check(f"{event.name}.rate", sets, mean, (0.0, float("inf")), what)
        word = bench.word(event.name, sets, axes, "step")
        bench.assign(event.name, sets, "real", ir.Quantile("poisson", ir.Uniform(word), (mean,)), FINITE)
    count = Load(event.name, axes)
    so_far = bench.state(f"{event.name}.total", sets, "real", ir.ZERO, FINITE)
    bench.next(f"{event.name}.total", build.add(so_far, count))


@dataclass
class Effects:
    """Applies effects in file order. ``current`` holds each stock's value as it stands after the effects so far."""

    bench: Workbench
    current: dict[str, Node]
    demand: dict[str, int] = field(default_factory=dict)  # set -> splinter effects so far
    alive: dict[str, Node] = field(default_factory=dict)
    shortage: dict[str, Node] = field(default_factory=dict)
    _temporaries: int = 0

    def apply(self, event: Event) -> None:
        for effect in event.does:
            if isinstance(effect, Splinter):
                self._splinter(event, effect)
            else:
                self._effect(event, effect)

    # --- on stocks ---

    def _effect(self, event: Event, effect: Effect) -> None:
        stock = self.bench.checked.scenario.stocks[effect.target.name]
        sets = stock.sets
        axes = own_axes(sets)
        indices = self.bench.checked.targets[effect.target]
        environment, here, rest, unknown = self._meet(event, indices, axes)
        here = build.either(here, unknown)  # nobody knows whom it changes: nobody's value is a number then
        count = self._count(event, environment)
        value = build.select(unknown, NO_NUMBER, self.bench.lower(effect.value, environment))
        before = self.current[stock.name]
        after: Node
        match effect.operator:
            case "+=" | "-=":
                if extent(value, self.bench.extents) != FINITE:  # which times nought would be no number
                    here = build.both(here, ir.Binary("lt", ir.ZERO, count))
                change: Node = build.select(here, ir.Binary("mul", count, value), ir.ZERO)
                for axis in rest:
                    change = ir.Reduce("sum", axis, change)
                operator = "add" if effect.operator == "+=" else "sub"
                after = ir.Binary(operator, before, change)
            case "*=":
                happened = ir.Binary("lt", ir.ZERO, count)
                once = event.rate is None
                power = value if once else ir.Binary("pow", value, count)
                factor = build.select(build.both(here, happened), power, ir.ONE)
                for axis in rest:
                    factor = ir.Reduce("prod", axis, factor)
                after = ir.Binary("mul", before, factor)
            case _:
                after = self._overwritten(before, here, count, value, rest, environment, event, effect)
        after = build.select(self.bench.all_alive(axes, sets), after, before)
        self._keep(stock, after)

    def _overwritten(
        self,
        before: Node,
        here: Node,
        count: Node,
        value: Node,
        rest: Sequence[Axis],
        environment: dict[str, ir.Index],
        event: Event,
        effect: Effect,
    ) -> Node:
        """``=``: of the members for which the event happened, the last one's value stands."""
        happened = build.both(here, ir.Binary("lt", ir.ZERO, count))
        if not rest:
            return build.select(happened, value, before)
        assert len(rest) == 1, "the checks allow one free index in an assignment"
        (axis,) = rest
        position = build.select(happened, ir.Position(axis), build.integer(-1))
        last = ir.Reduce("imax", axis, position)
        at_last = {name: last if index == axis else index for name, index in environment.items()}
        some = ir.Binary("ilt", build.integer(-1), last)
        return build.select(some, self.bench.lower(effect.value, at_last), before)

    def _count(self, event: Event, environment: dict[str, ir.Index]) -> Node:
        return Load(event.name, tuple(environment[b.variable] for b in event.binders))

    def _meet(
        self, event: Event, indices: Sequence[Typed], axes: Sequence[Axis]
    ) -> tuple[dict[str, ir.Index], Node, list[Axis], Node]:
        """Match the event's indexes with the target's axes.

        Returns what each index variable stands for, where the target is meant, the event's axes that are left over,
        and where it is unknown which member is meant.
        """
        bound = {b.variable for b in event.binders}
        environment: dict[str, ir.Index] = {}
        conditions: list[tuple[Axis, Typed]] = []
        for axis, index in zip(axes, indices, strict=True):
            if isinstance(index, IndexVariable) and index.name not in environment:
                environment[index.name] = axis  # the event's own index, or a binder of the target
            else:
                conditions.append((axis, index))
        rest = []
        taken: dict[str, ir.Index] = {f"target {n}": axis for n, axis in enumerate(axes)}
        for binder in event.binders:
            if binder.variable not in environment:
                axis = fresh_axis(binder.set, {**taken, **environment})
                environment[binder.variable] = axis
                rest.append(axis)
        assert bound <= environment.keys()
        here: Node = ir.TRUE
        unknown: Node = ir.FALSE
        for axis, index in conditions:
            meant = self.bench.meant(index, environment)
            here = build.both(here, build.same(ir.Position(axis), meant.value))
            unknown = build.either(unknown, meant.unknown)
        return environment, here, rest, unknown

    def _keep(self, stock: Stock, value: Node) -> None:
        """Name the stock's new value, so that expressions stay small."""
        self._temporaries += 1
        name = f"{stock.name} after {self._temporaries}"
        self.current[stock.name] = self.bench.assign(name, stock.sets, "real", value)

    # --- on spare members ---

    def _splinter(self, event: Event, effect: Splinter) -> None:
        """Each spare in turn, if it is free, takes its share of the first parent that still waits for one."""
        bench = self.bench
        parent_type = bench.meaning(effect.parent).type
        assert parent_type.set is not None
        set_name = parent_type.set
        (axis,) = own_axes([set_name])
        environment, here, rest, unknown = self._meet(event, (bench.meaning(effect.parent),), (axis,))
        for extra in rest if unknown != ir.FALSE else ():
            unknown = ir.Reduce("any", extra, unknown)
        here = build.either(here, unknown)
        waiting: Node = build.select(here, self._count(event, environment), ir.ZERO)
        for extra in rest:
            waiting = ir.Reduce("sum", extra, waiting)
        number = self.demand[set_name] = self.demand.get(set_name, 0) + 1
        name = f"splinter {set_name} {number}"
        waiting = bench.assign(f"{name} waiting 0", [set_name], "real", waiting)
        value = bench.lower(effect.share, environment)
        share = bench.assign(f"{name} share", [set_name], "real", build.select(unknown, NO_NUMBER, value))
        if not isinstance(value, Const) or unknown != ir.FALSE:
            what = f"the share that a splinter of {set_name} takes left 0 to 1"
            splits = ir.Binary("lt", ir.ZERO, waiting)
            bench.check(f"{name} share", (set_name,), share, (-SLACK, 1.0 + SLACK), what, where=splits)
        members = bench.checked.scenario.sets[set_name].members
        alive = self.alive.get(set_name, Load(f"alive {set_name}", (axis,)))
        for child in (n for n, m in enumerate(members) if m.spare):
            waiting, alive = self._come_alive(f"{name} of {members[child].name}", set_name, child, waiting, alive)
        self.alive[set_name] = alive
        unserved = ir.Reduce("sum", axis, waiting)
        self.shortage[set_name] = build.add(self.shortage.get(set_name, ir.ZERO), unserved)

    def _come_alive(self, name: str, set_name: str, child: int, waiting: Node, alive: Node) -> tuple[Node, Node]:
        bench = self.bench
        (axis,) = own_axes([set_name])
        asks = ir.Binary("lt", ir.ZERO, waiting)
        assert isinstance(alive, Load)
        free = build.negate(Load(alive.array, (child,)))
        happens = bench.assign(f"{name} happens", (), "bool", build.both(free, ir.Reduce("any", axis, asks)))
        parent = bench.assign(f"{name} from", (), "int", ir.Reduce("argmax", axis, build.indicator(asks)))
        share_name = name.split(" of ")[0] + " share"
        for stock in bench.checked.scenario.stocks.values():
            if stock.sets.count(set_name) == 1:
                self._inherit(stock, set_name, child, happens, parent, Load(share_name, (parent,)))
        is_child = build.same(ir.Position(axis), build.integer(child))
        is_parent = build.same(ir.Position(axis), parent)
        served = build.indicator(build.both(happens, is_parent))
        waiting = bench.assign(f"{name} waiting", [set_name], "real", ir.Binary("sub", waiting, served))
        alive = bench.assign(f"{name} alive", [set_name], "bool", build.either(alive, build.both(happens, is_child)))
        return waiting, alive

    def _inherit(self, stock: Stock, set_name: str, child: int, happens: Node, parent: Node, share: Node) -> None:
        axes = own_axes(stock.sets)
        place = stock.sets.index(set_name)
        current = self.current[stock.name]
        if not isinstance(current, Load):
            self._keep(stock, current)
            current = self.current[stock.name]
        assert isinstance(current, Load)
        at_parent = Load(current.array, tuple(parent if n == place else a for n, a in enumerate(axes)))
        at_child: tuple[ir.Index, ...] = tuple(child if n == place else a for n, a in enumerate(axes))
        is_child = build.both(happens, build.same(ir.Position(axes[place]), build.integer(child)))
        is_parent = build.both(happens, build.same(ir.Position(axes[place]), parent))
        taken: Node
        after: Node
        match stock.inherits:
            case "divided":
                taken = ir.Binary("mul", share, at_parent)
                after = build.select(is_parent, ir.Binary("sub", current, taken), current)
            case "copied":
                taken, after = at_parent, current
            case "fresh":
                taken, after = starting_value(self.bench, stock, at_child), current
        self._keep(stock, build.select(is_child, taken, after))


def lower_effects(bench: Workbench, events: Sequence[Event], flowed: dict[str, Node]) -> dict[str, Node]:
    """All effects of this step, and every stock's next value with its bounds checked.

    Returns, for each set with spares, where a member comes alive in this step.
    """
    effects = Effects(bench, flowed)
    for event in events:
        effects.apply(event)
    for stock in bench.checked.scenario.stocks.values():
        sets = stock.sets
        value = bench.assign(f"{stock.name} next", sets, "real", effects.current[stock.name])
        low, high = bounds(stock)
        what = f"{stock.name} left its bounds" if stock.within else f"{stock.name} was not a finite number"
        bench.checks.append(ir.Check(stock.name, value, low, high, what, tuple(sets)))
        bench.next(stock.name, value)
    born = {}
    for set_name, set_ in bench.checked.scenario.sets.items():
        if set_.spares:
            born[set_name] = _lives(bench, set_name, effects)
    return born


def declare_lives(bench: Workbench) -> None:
    """Who is alive, for each set with spares, and how many splinters found no free spare."""
    for name, set_ in bench.checked.scenario.sets.items():
        if set_.spares:
            (axis,) = own_axes([name])
            settled = build.integer(len(set_.members) - set_.spares)
            bench.state(f"alive {name}", [name], "bool", ir.Binary("ilt", ir.Position(axis), settled))
            bench.state(f"shortage {name}", [], "real", ir.ZERO)


def _lives(bench: Workbench, name: str, effects: Effects) -> Node:
    (axis,) = own_axes([name])
    before = Load(f"alive {name}", (axis,))
    after = effects.alive.get(name, before)
    bench.next(f"alive {name}", after)
    short = Load(f"shortage {name}")
    bench.next(f"shortage {name}", build.add(short, effects.shortage.get(name, ir.ZERO)))
    return bench.assign(f"born {name}", [name], "bool", build.both(after, build.negate(before)))
