"""Stocks and their flows, by explicit Euler or by the classical Runge–Kutta method of order four."""

from __future__ import annotations

from collections.abc import Sequence

from playout.compile import build, ir
from playout.compile.ir import Const, Load, Node
from playout.compile.lower.extent import FINITE
from playout.compile.lower.scope import NO_NUMBER, Workbench, bind, own_axes
from playout.model.checked import SLACK
from playout.model.expression import Clock, History, Reference, Typed
from playout.model.scenario import Flow, Stock, Variable


def starting_value(bench: Workbench, stock: Stock, index: tuple[ir.Index, ...]) -> Node:
    """What the stock starts with, at the given members."""
    environment = {b.variable: i for b, i in zip(stock.binders, index, strict=True)}
    return bench.lower(stock.starts, environment)


def declare_stock(bench: Workbench, stock: Stock) -> None:
    """The stock's state; the dead start with nothing. A start outside the bounds is not a number, which stops the
    future in its first step."""
    sets = stock.sets
    axes = own_axes(sets)
    start = starting_value(bench, stock, axes)
    if not isinstance(start, Const):  # which would have been refused
        low, high = bounds(stock)
        inside = build.both(ir.Binary("le", Const(low), start), ir.Binary("le", start, Const(high)))
        start = build.select(inside, start, NO_NUMBER)
    bench.state(stock.name, sets, "real", build.select(bench.all_alive(axes, sets), start, ir.ZERO), FINITE)


def bounds(stock: Stock) -> tuple[float, float]:
    """What the stock must lie within, in base units, with a slack for rounding."""
    low, high = stock.within or (float("-inf"), float("inf"))
    low, high = low * stock.unit.factor, high * stock.unit.factor
    return low - SLACK * max(1.0, abs(low)), high + SLACK * max(1.0, abs(high))


def flow_rate(bench: Workbench, stock: Stock, flow: Flow) -> Node:
    """The flow per day, nothing for the dead."""
    sets = stock.sets
    rate = bench.lower(flow.rate, bind(stock.binders))
    return build.select(bench.all_alive(own_axes(sets), sets), rate, ir.ZERO)


def net_rate(bench: Workbench, stock: Stock) -> Node:
    """Everything in less everything out, per day, from the arrays the flows have at present."""
    axes = own_axes(stock.sets)
    loads = {f.name: Load(bench.rename.get(f.name, f.name), axes) for f in stock.flows}
    net = build.total([loads[f.name] for f in stock.plus])
    for flow in stock.minus:
        net = ir.Binary("sub", net, loads[flow.name])
    return net


def flowed(
    bench: Workbench, stocks: Sequence[Stock], order: Sequence[Flow | Variable], owner: dict[str, Stock]
) -> dict[str, Node]:
    """Each stock after the flows of this step: S + Δ·net."""
    if bench.checked.scenario.integrate == "rk4":
        return _runge_kutta(bench, stocks, order, owner)
    return {s.name: _advanced(bench, s, net_rate(bench, s), bench.days) for s in stocks}


def _advanced(bench: Workbench, stock: Stock, net: Node, days: float) -> Node:
    held = Load(stock.name, own_axes(stock.sets))
    return held if net == ir.ZERO else build.add(held, ir.Binary("mul", Const(days), net))


def _runge_kutta(
    bench: Workbench, stocks: Sequence[Stock], order: Sequence[Flow | Variable], owner: dict[str, Stock]
) -> dict[str, Node]:
    """Tracks, decisions, draws, delays and tables stay as they are; what depends on stocks or time is computed anew
    at each of the four stages. Flows are reported as the weighted average, so that they add up to the stock's change.
    """
    moving = _moving(bench, order)
    first = dict(bench.rename)
    stages = [{s.name: net_rate(bench, s) for s in stocks}]
    flows = [dict(bench.rename)]
    for stage, share in ((2, 0.5), (3, 0.5), (4, 1.0)):
        before = stages[-1]
        bench.rename = dict(first)
        for stock in stocks:
            if before[stock.name] != ir.ZERO:
                name, sets = f"{stock.name} at stage {stage}", stock.sets
                bench.assign(name, sets, "real", _advanced(bench, stock, before[stock.name], share * bench.days))
                bench.rename[stock.name] = name
        bench.clock_offset = share * bench.days
        for thing in order:
            if thing.name in moving:
                _recompute(bench, thing, owner, stage)
        stages.append({s.name: net_rate(bench, s) for s in stocks})
        flows.append(dict(bench.rename))
    bench.clock_offset = 0.0
    bench.rename = {}
    for name, stock in owner.items():
        axes = own_axes(stock.sets)
        rates = [Load(renamed.get(name, name), axes) for renamed in flows]
        bench.assign(name, stock.sets, "real", _weighted(list(rates)))
    after = {s.name: _advanced(bench, s, net_rate(bench, s), bench.days) for s in stocks}
    bench.rename = first  # moves and effects read S_k
    return after


def _weighted(rates: list[Node]) -> Node:
    middle = ir.Binary("mul", Const(2.0), build.add(rates[1], rates[2]))
    return ir.Binary("div", build.add(build.add(rates[0], middle), rates[3]), Const(6.0))


def _recompute(bench: Workbench, thing: Flow | Variable, owner: dict[str, Stock], stage: int) -> None:
    name = f"{thing.name} at stage {stage}"
    if isinstance(thing, Flow):
        stock = owner[thing.name]
        bench.assign(name, stock.sets, "real", flow_rate(bench, stock, thing))
    else:
        sets = thing.sets
        bench.define(name, sets, thing.binders, thing.expression)
    bench.rename[thing.name] = name


def _moving(bench: Workbench, order: Sequence[Flow | Variable]) -> set[str]:
    """The variables and flows that change within a step: those that depend on stocks or on time."""
    moving = set(bench.checked.scenario.stocks)
    for thing in order:
        tree = bench.meaning(thing.rate if isinstance(thing, Flow) else thing.expression)
        if _depends(tree, moving):
            moving.add(thing.name)
    return moving - set(bench.checked.scenario.stocks)


def _depends(tree: object, names: set[str]) -> bool:
    match tree:
        case Clock():
            return True
        case History():
            return False
        case Reference() if tree.name in names:
            return True
    parts: list[Typed] = []
    for attribute in ("indices", "arguments"):
        parts += getattr(tree, attribute, ())
    for attribute in ("argument", "body", "condition"):
        if (part := getattr(tree, attribute, None)) is not None:
            parts.append(part)
    return any(_depends(part, names) for part in parts)
