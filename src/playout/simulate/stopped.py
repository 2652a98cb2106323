"""Futures that stopped: why, and which they are.

    Runs ──explain_stops──▶ Stopped: a likely cause for each of the commonest reasons, and what sets those futures apart

Futures that stop are no random sample of all: the ones that are left believe other things than the scenario says. So a
run is refused where too many did, and what is said of the others says who is missing.

A cause is read from the first future that stopped for a reason, which is played again with the stock and its flows
reported. Beliefs are held against each other by the difference of their means between the stopped futures and the
others, in standard deviations over all (J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.compile.ir import Load as Stored
from playout.compile.ir import Series
from playout.compile.lower import lower
from playout.compile.lower.scope import own_axes
from playout.compile.numpy import NumpyEngine
from playout.errors import RunError
from playout.model.expression import History, Reference, Typed
from playout.model.scenario import Effect, Flow, Scenario, Splinter, Stock
from playout.model.typed import parts
from playout.simulate.gather import members
from playout.simulate.matrix import belief_rows
from playout.simulate.result import Runs, Stop, stopped_by

TOLD = 3
"""Reasons whose cause is looked for, and beliefs that are named."""

FEWEST = 10
"""Futures that stopped, and that did not, without which nothing is said of what sets them apart."""

LOOKED_AT = 20_000
"""Futures whose beliefs are looked at; more would not change what is said."""

SMALL = 0.2
"""Standard deviations below which a difference is called small (Cohen), and not told."""

CLEAR = 4.0
"""Standard errors by which a difference has to differ from nothing: of a thousand beliefs that differ in nothing, none
is told."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why futures stopped, most likely, and what would mend it; names stand in backticks."""

    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Apart:
    """A belief, or a view, in which the stopped futures differ from the others.

    label: as in `Runs.beliefs`, or the view's name (view). stopped, others: the mean among either, of a view the share
    that holds it. size: the difference in standard deviations over all; se: its standard error.
    """

    label: str
    view: bool
    stopped: float
    others: float
    size: float
    se: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """causes: of the commonest reasons, in the order of `Runs.stops`; None where no cause can be told. apart: what sets
    the stopped futures apart, the largest difference first. enough: whether there are enough of either to tell."""

    causes: tuple[Cause | None, ...]
    apart: tuple[Apart, ...]
    enough: bool


def check_stopped(runs: Runs, allowed: float) -> None:
    """Refuse, with a RunError, runs in which more than the allowed share of futures stopped, or all of them."""
    if runs.stopped <= allowed * runs.futures and runs.stopped < runs.futures:
        return
    found = explain_stops(runs)
    shown = []
    for stop, cause in zip(runs.stops[:TOLD], found.causes, strict=True):
        shown.append(f"  {stop}")
        shown += [f"    likely because {cause.text}"] if cause is not None else []
    if len(runs.stops) > TOLD:
        shown.append(f"  and {len(runs.stops) - TOLD} further reasons")
    if found.apart:
        shown.append(
            f"  the futures that are left are no random sample: {apart_words(runs.checked.scenario, found.apart)}"
        )
    remedies = dict.fromkeys(cause.remedy for cause in found.causes if cause is not None)
    shown += [f"  hint: {remedy}" for remedy in remedies] or ["  hint: mend the equations of what is named"]
    share = runs.stopped / runs.futures
    limit = f"{100 * allowed:g}% may" if allowed < 1.0 else "none is left to report"
    raise RunError(
        f"{runs.stopped:,} of {runs.futures:,} futures stopped ({100 * share:.3g}%), and {limit}\n" + "\n".join(shown)
    )


def explain_stops(runs: Runs) -> Stopped:
    """Why futures of a run stopped, and what sets them apart."""
    complete = runs.complete[:LOOKED_AT]
    gone = int(np.count_nonzero(~complete))
    enough = gone >= FEWEST and complete.size - gone >= FEWEST
    return Stopped(
        causes=tuple(_cause(runs, stop) for stop in runs.stops[:TOLD]),
        apart=_apart(runs, complete) if enough else (),
        enough=enough,
    )


def apart_words(scenario: Scenario, found: Sequence[Apart]) -> str:
    """What sets the stopped futures apart: "`u` is 0.9 on average in those that stopped and 0.4 in the others
    (+1.7 standard deviations)"."""
    return "; ".join(_apart_words(scenario, own) for own in found)


def _apart_words(scenario: Scenario, own: Apart) -> str:
    if own.view:
        held = f"{own.stopped:.0%} of those that stopped and {own.others:.0%} of the others"
        return f"the view `{own.label}` is held by {held}"
    unit = scenario.beliefs[own.label.partition("[")[0]].unit.text
    unit = "" if unit in ("1", "probability") else f" {unit}"
    stopped, others = (f"{value:.3g}{unit}".replace("-", "−") for value in (own.stopped, own.others))
    size = f"{own.size:+.2g} standard deviations".replace("-", "−")
    return f"`{own.label}` is {stopped} on average in those that stopped and {others} in the others ({size})"


# --- who --------------------------------------------------------------------------------------------------------------


def _apart(runs: Runs, complete: NDArray[np.bool_]) -> tuple[Apart, ...]:
    """complete: which futures ran to their end, [futures], the first ones."""
    frame = runs.beliefs_of(futures=range(complete.size))
    rows = [(name, False, frame[name].to_numpy()) for name in frame.columns]
    if runs.view is None:
        held = runs.views[: complete.size]
        views = enumerate(runs.checked.scenario.views)
        rows += [(name, True, (held == place).astype(np.float64)) for place, name in views]
    found = [_gap(label, view, values, complete) for label, view, values in rows]
    told = [own for own in found if own is not None and abs(own.size) >= max(SMALL, CLEAR * own.se)]
    return tuple(sorted(told, key=lambda own: -abs(own.size))[:TOLD])


def _gap(label: str, view: bool, values: NDArray[np.float64], complete: NDArray[np.bool_]) -> Apart | None:
    """values, complete: [futures]. None where all futures have the same."""
    sd = float(values.std())
    if not sd > 0.0:
        return None
    gone, left = values[~complete], values[complete]
    error = math.sqrt(gone.var(ddof=1) / gone.size + left.var(ddof=1) / left.size)
    stopped, others = float(gone.mean()), float(left.mean())
    return Apart(label, view, stopped, others, (stopped - others) / sd, error / sd)


# --- why --------------------------------------------------------------------------------------------------------------


def _cause(runs: Runs, stop: Stop) -> Cause | None:
    """Of a stock that left its bounds; None of anything else."""
    scenario = runs.checked.scenario
    stock = next((own for own in scenario.stocks.values() if stopped_by(own.name) == stop.status), None)
    if stock is None or stock.within is None:
        return None
    held, rates = _last_step(runs, stop, stock)
    moved = {flow.name: rates[flow.name] * scenario.step_days for flow in stock.flows}
    taken, given = (sum(moved[flow.name] for flow in flows) for flows in (stock.minus, stock.plus))
    low, high = stock.within
    after = held + given - taken
    if after < low and taken > 0.0:
        return _emptied(runs, stock, held, moved)
    if after > high and given > 0.0:
        return _overfull(runs, stock, held, moved)
    return _moved_by_events(runs, stock) if low <= after <= high else None


def _last_step(runs: Runs, stop: Stop, stock: Stock) -> tuple[float, Mapping[str, float]]:
    """What the stock holds at the start of the step in which the first future stopped, in its unit, and the rates of
    its flows in that step, in that unit a day."""
    program = lower(runs.checked, runs.policy)
    axes, sets, factor = own_axes(stock.sets), tuple(stock.sets), stock.unit.factor
    names = [stock.name, *(flow.name for flow in stock.flows)]
    watched = tuple(Series(f"watched {name}", Stored(name, axes), "level", "year", "1", 1.0, sets) for name in names)
    engine = NumpyEngine(dataclasses.replace(program, series=watched, records=(), tallies=()))
    rows = belief_rows(runs.checked, program.columns, runs.policy, runs.view, runs.design, runs.futures)
    block = engine.play(stop.future, 1, rows.draw(stop.future, 1, runs.seed), runs.seed, keep=1)
    labels = [", ".join(each) for each in members(program, sets)]
    place = labels.index(stop.member)

    def at_stop(name: str) -> float:
        """Of the member that stopped the future."""
        path = block.paths[f"watched {name}"][0].reshape(runs.checked.steps + 1, -1)
        return float(path[stop.step, place]) / factor

    return at_stop(stock.name), {flow.name: at_stop(flow.name) for flow in stock.flows}


def _emptied(runs: Runs, stock: Stock, held: float, moved: Mapping[str, float]) -> Cause:
    flow = max(stock.minus, key=lambda own: moved[own.name])
    step, unit = _step(runs), _unit(stock)
    took = (
        f"`{flow.name}` takes {moved[flow.name]:.3g}{unit} in one step of {step}, and `{stock.name}` holds "
        f"{held:.3g}{unit}"
    )
    if _follows(runs, flow, stock.name):
        return Cause(f"{took}: the flow times the step is more than there is", _shorter(runs))
    return Cause(
        f"{took}: the flow does not slow down as `{stock.name}` runs out",
        f"let `{flow.name}` depend on what `{stock.name}` holds, so that it ends where nothing is left",
    )


def _overfull(runs: Runs, stock: Stock, held: float, moved: Mapping[str, float]) -> Cause:
    assert stock.within is not None
    flow = max(stock.plus, key=lambda own: moved[own.name])
    step, unit = _step(runs), _unit(stock)
    gave = (
        f"`{flow.name}` adds {moved[flow.name]:.3g}{unit} in one step of {step}, and `{stock.name}` holds "
        f"{held:.3g}{unit} of {stock.within[1]:.3g}"
    )
    if _follows(runs, flow, stock.name):
        return Cause(f"{gave}: the flow times the step is more than there is room for", _shorter(runs))
    return Cause(
        f"{gave}: the flow does not slow down as `{stock.name}` fills",
        f"let `{flow.name}` depend on the room that `{stock.name}` has left, so that it ends where there is none",
    )


def _moved_by_events(runs: Runs, stock: Stock) -> Cause | None:
    events = runs.checked.scenario.events.values()
    names = [own.name for own in events if any(_changes(effect, stock.name) for effect in own.does)]
    if not names:
        return None
    listed = " or ".join(f"`{name}`" for name in names)
    text = f"its flows leave `{stock.name}` within its bounds, and an effect of {listed} takes it out of them"
    return Cause(text, f"let the effect of {listed} depend on what `{stock.name}` holds")


def _changes(effect: Effect | Splinter, stock: str) -> bool:
    return isinstance(effect, Effect) and effect.target.name == stock


def _step(runs: Runs) -> str:
    days = runs.checked.scenario.step_days
    return f"{days} day{'s' if days != 1 else ''}"


def _unit(stock: Stock) -> str:
    return "" if stock.unit.text == "1" else f" {stock.unit.text}"


def _shorter(runs: Runs) -> str:
    other = " or `integrate: rk4`" if runs.checked.scenario.integrate != "rk4" else ""
    return f"play with a shorter `step`{other}, and look whether results move"


def _follows(runs: Runs, flow: Flow, stock: str) -> bool:
    """Whether a flow depends, within the step, on what a stock holds."""
    scenario, meaning = runs.checked.scenario, runs.checked.meaning
    flows = {own.name: own for other in scenario.stocks.values() for own in other.flows}
    waiting: list[Typed] = [meaning[flow.rate]]
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, History):
            continue
        if isinstance(node, Reference):
            if node.name == stock:
                return True
            if node.name not in seen:
                seen.add(node.name)
                if node.name in scenario.variables:
                    waiting.append(meaning[scenario.variables[node.name].expression])
                elif node.name in flows:
                    waiting.append(meaning[flows[node.name].rate])
        waiting.extend(parts(node))
    return False
