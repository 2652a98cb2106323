"""Tracks: stages, how long they last, and the moves between them (docs: the meaning of a step).

A stay ends by its clock (`lasts`, then `then`) or by rate. Clocks are exact: a stay that ends within a step passes what
was left over on to the next stage, so that chained durations do not round up to whole steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playout.compile import build, ir
from playout.compile.ir import Const, Load, Node
from playout.compile.lower.extent import ENDLESS, FINITE
from playout.compile.lower.scope import NEVER, Environment, Workbench, bind, own_axes
from playout.model.checked import SLACK
from playout.model.scenario import Move, Share, Stage, Track

INFINITE = Const(float("inf"))


def declare_track(bench: Workbench, track: Track) -> None:
    """The track's states, and its clock for this step. Stands before everything that reads the track."""
    sets = track.sets
    name, start, axes = track.name, track.stages[0], own_axes(sets)
    alive = bench.all_alive(axes, sets)
    bench.state(f"{name}.stage", sets, "int", build.integer(0))
    bench.state(f"{name}.entered", sets, "bool", alive)
    entry = bench.state(f"{name}.entry", sets, "int", build.integer(0))
    over = bench.state(f"{name}.over", sets, "real", ir.ZERO, FINITE)
    bench.state(f"{name}.entries", sets, "int", build.integer(0))
    for stage in track.stages:
        at_start = build.select(alive, ir.ZERO, NEVER) if stage is start else NEVER
        bench.state(f"{name}.first.{stage.name}", sets, "real", at_start, ENDLESS)
    bench.state(f"{name}.lasts", sets, "real", _duration(bench, track, start, build.integer(0), None))
    whole = build.mul(build.real(ir.Binary("isub", ir.Step(), entry)), Const(bench.days))
    bench.assign(f"{name}.since", sets, "real", build.add(whole, over))
    if _may_wait(track):
        bench.state(f"{name}.waiting", sets, "bool", ir.FALSE)


def _may_wait(track: Track) -> bool:
    return any(share.when is not None for stage in track.stages for share in stage.then)


def _duration(bench: Workbench, track: Track, stage: Stage, entry: Node, where: Node | None) -> Node:
    """The length of one stay, drawn on its entry."""
    if stage.lasts is None:
        return INFINITE
    sets = track.sets
    environment = bind(track.binders)
    word = bench.word(f"{track.name}.lasts", sets, own_axes(sets), "entry", entry, where)
    return bench.quantile(bench.law(stage.lasts), word, environment, where)


def _check_stay(bench: Workbench, track: Track, stage: Stage, begins: Node) -> None:
    """What a stay is drawn by where one begins, its length or its scale, is not negative. Nought is left at once."""
    assert stage.lasts is not None
    law, sets = bench.law(stage.lasts), track.sets
    if stage is track.stages[0]:
        at_start = build.both(build.same(ir.Step(), build.integer(0)), bench.all_alive(own_axes(sets), sets))
        begins = build.either(begins, at_start)
    for parameter in law.parameters:
        value = bench.typed(parameter, bind(track.binders))
        what = f"the length of {track.name}.{stage.name} was negative or not a finite number"
        bench.check(f"{track.name}.{stage.name} lasts", sets, value, (-SLACK, float("inf")), what, where=begins)


@dataclass(frozen=True)
class _Exit:
    """One stage's `then`: the chances of its destinations, and whether any is open."""

    open: Node
    destination: Node


def lower_track(bench: Workbench, track: Track, born: dict[str, Node]) -> None:
    """The track's next state. ``born`` maps a set to where its members come alive in this step."""
    name = track.name
    sets = track.sets
    axes = own_axes(sets)
    environment = bind(track.binders)
    stage, since = Load(f"{name}.stage", axes), Load(f"{name}.since", axes)
    entries = Load(f"{name}.entries", axes)
    alive = bench.all_alive(axes, sets)
    delta = Const(bench.days)

    left: Node = ir.Binary("sub", Load(f"{name}.lasts", axes), since)
    if _may_wait(track):
        left = build.select(Load(f"{name}.waiting", axes), ir.ZERO, left)
    left = bench.assign(f"{name}.left", sets, "real", left)
    due = bench.assign(f"{name}.due", sets, "bool", ir.Binary("le", left, delta))
    exits = _exits(bench, track, environment, sets, entries, due)
    can_end: Node = ir.FALSE
    for number, exit_ in exits.items():
        can_end = build.either(can_end, build.both(build.same(stage, build.integer(number)), exit_.open))
    can_end = bench.assign(f"{name}.can end", sets, "bool", can_end)

    rates = _rates(bench, track, environment, sets, stage, alive)
    if rates:
        within = ir.Binary("min", ir.Binary("max", left, ir.ZERO), delta)
        exposure = build.select(can_end, within, delta)
        moved, by_rate = _race(bench, track, sets, rates, exposure)
    else:
        moved, by_rate = ir.FALSE, stage

    ends = build.both(build.both(can_end, due), build.both(alive, build.negate(moved)))
    ends = bench.assign(f"{name}.ends", sets, "bool", ends)
    destination: Node = by_rate
    for number, exit_ in exits.items():
        leaving = build.both(ends, build.same(stage, build.integer(number)))
        destination = build.select(leaving, exit_.destination, destination)
    entered: Node = build.either(moved, ends)
    newborn: Node = ir.FALSE
    for binder in track.binders:
        newborn = build.either(newborn, born.get(binder.set, ir.FALSE))
    entered = bench.assign(f"{name}.enters", sets, "bool", build.either(entered, newborn))
    destination = build.select(newborn, build.integer(0), build.select(entered, destination, stage))
    destination = bench.assign(f"{name}.to", sets, "int", destination)
    over = build.select(build.both(ends, build.negate(newborn)), ir.Binary("sub", delta, left), ir.ZERO)
    over = bench.assign(f"{name}.left over", sets, "real", over)
    _enter(bench, track, sets, entered, destination, over, can_end, left)


def _exits(
    bench: Workbench, track: Track, environment: Environment, sets: Sequence[str], entries: Node, due: Node
) -> dict[int, _Exit]:
    exits = {}
    for number, stage in enumerate(track.stages):
        if not stage.then:
            continue
        if len(stage.then) == 1:
            lone = stage.then[0]
            open_ = _way_open(bench, track, stage, lone, environment)
            exits[number] = _Exit(open_, build.integer(track.position(lone.stage)))
            continue
        word = bench.word(f"{track.name}.then", sets, own_axes(sets), "entry", entries, due)
        exits[number] = _shared_exit(bench, track, stage, environment, sets, word)
    return exits


def _shared_exit(
    bench: Workbench, track: Track, stage: Stage, environment: Environment, sets: Sequence[str], word: Node
) -> _Exit:
    """Cut the unit interval among the destinations whose guard holds, in file order."""
    shares = _shares(bench, track, stage, environment, sets)
    cumulative = []
    so_far: Node = ir.ZERO
    for number, share in enumerate(shares):
        so_far = bench.assign(f"{track.name}.{stage.name}.then {number}", sets, "real", build.add(so_far, share))
        cumulative.append(so_far)
    whole = cumulative[-1]
    last = len(shares) - 1
    destination: Node = build.integer(track.position(stage.then[last].stage))
    for number in reversed(range(last)):
        chance = ir.Binary("div", cumulative[number], whole)
        here = build.integer(track.position(stage.then[number].stage))
        destination = build.select(ir.Below(word, chance), here, destination)
    return _Exit(ir.Binary("lt", ir.ZERO, whole), destination)


def _shares(bench: Workbench, track: Track, stage: Stage, environment: Environment, sets: Sequence[str]) -> list[Node]:
    """The share of each destination: 0 where its guard fails; `otherwise` takes what the written ones leave."""
    written: Node = ir.ZERO
    parts: list[tuple[Share, Node | None]] = []
    here = _in_stage(bench, track, stage)  # in other stages the shares may be anything
    for share in stage.then:
        value = None if share.share is None else bench.lower(share.share, environment)
        if value is not None:
            written = build.add(written, value)
            what = f"the share of {track.name}.{stage.name} that goes to {share.stage} left 0 to 1"
            name = f"{track.name}.{stage.name}.{share.stage} share"
            bench.check(name, sets, value, (-SLACK, 1.0 + SLACK), what, where=here)
        parts.append((share, value))
    if sum(value is not None for _, value in parts) > 1 and not all(isinstance(v, Const) for _, v in parts if v):
        what = f"the shares of {track.name}.{stage.name} were more than one together"
        most = (float("-inf"), 1.0 + SLACK)
        bench.check(f"{track.name}.{stage.name} shares", sets, written, most, what, where=here)
    rest = ir.Binary("max", ir.Binary("sub", ir.ONE, written), ir.ZERO)
    shares = []
    for share, value in parts:
        size: Node = rest if value is None else value
        if share.when is not None:
            size = build.select(_way_open(bench, track, stage, share, environment), size, ir.ZERO)
        shares.append(size)
    return shares


def _in_stage(bench: Workbench, track: Track, stage: Stage) -> Node:
    """Where a living member is in the stage."""
    axes = own_axes(track.sets)
    here = build.same(Load(f"{track.name}.stage", axes), build.integer(track.position(stage.name)))
    return build.both(here, bench.all_alive(axes, track.sets))


def _way_open(bench: Workbench, track: Track, stage: Stage, way: Share, environment: Environment) -> Node:
    """Whether a way on from a stage is open."""
    if way.when is None:
        return ir.TRUE
    name = f"`when` of {track.name} from {stage.name} to {way.stage}"
    return bench.condition(way.when, environment, track.sets, _in_stage(bench, track, stage), name)


def _rates(
    bench: Workbench, track: Track, environment: Environment, sets: Sequence[str], stage: Node, alive: Node
) -> list[tuple[Node, int]]:
    """The hazard of each move now (0 where it does not apply) and its destination, in file order."""
    rates = []
    for number, move in enumerate(track.moves):
        rate = bench.lower(move.rate, environment)
        here = build.both(_origin(track, move, stage), alive)
        origins = ", ".join(name for name, _ in move.origins)
        way = f"{track.name} from {origins} to {move.destination}"
        if move.when is not None:
            here = build.both(here, bench.condition(move.when, environment, sets, here, f"`when` of {way}"))
        hazard = bench.assign(f"{track.name}.hazard {number}", sets, "real", build.select(here, rate, ir.ZERO))
        what = f"the rate of {way} was negative or not a finite number"
        bench.check(f"{track.name}.rate {number}", sets, hazard, (0.0, float("inf")), what)
        rates.append((hazard, track.position(move.destination)))
    return rates


def _origin(track: Track, move: Move, stage: Node) -> Node:
    here: Node = ir.FALSE
    for origin, _ in move.origins:
        here = build.either(here, build.same(stage, build.integer(track.position(origin))))
    return here


def _race(
    bench: Workbench, track: Track, sets: Sequence[str], rates: list[tuple[Node, int]], exposure: Node
) -> tuple[Node, Node]:
    """Whether a rate move happens in this step, and where to: one word, cut in file order."""
    name, axes = track.name, own_axes(sets)
    cumulative: list[Node] = []
    so_far: Node = ir.ZERO
    for number, (hazard, _) in enumerate(rates):
        so_far = build.add(so_far, hazard)
        if number:
            so_far = bench.assign(f"{name}.hazard to {number}", sets, "real", so_far)
        cumulative.append(so_far)
    hazard = cumulative[-1]
    chance: Node = ir.Unary("neg", ir.Unary("expm1", ir.Unary("neg", ir.Binary("mul", hazard, exposure))))
    chance = bench.assign(f"{name}.chance", sets, "real", chance)
    word = bench.word(f"{name}.moves", sets, axes, "step")
    moved = bench.assign(f"{name}.moves", sets, "bool", ir.Below(word, chance))
    if len(rates) == 1:
        return moved, build.integer(rates[0][1])
    scale = bench.assign(f"{name}.scale", sets, "real", ir.Binary("div", chance, hazard))
    destination: Node = build.integer(rates[0][1])
    for hazard_i, to in rates[1:]:  # rounding may leave the word above the last cut: the last open move takes it
        destination = build.select(ir.Binary("lt", ir.ZERO, hazard_i), build.integer(to), destination)
    for cut, (_, to) in reversed(list(zip(cumulative, rates, strict=True))):
        below = ir.Below(word, ir.Binary("mul", scale, cut))
        destination = build.select(below, build.integer(to), destination)
    return moved, bench.assign(f"{name}.by rate", sets, "int", destination)


def _enter(
    bench: Workbench,
    track: Track,
    sets: Sequence[str],
    entered: Node,
    destination: Node,
    over: Node,
    can_end: Node,
    left: Node,
) -> None:
    """The states of whoever enters a stage at the end of this step."""
    name, axes = track.name, own_axes(sets)
    following = ir.Binary("iadd", ir.Step(), build.integer(1))
    entries = Load(f"{name}.entries", axes)
    next_entry = ir.Binary("iadd", entries, build.integer(1))
    bench.next(f"{name}.stage", destination)
    bench.next(f"{name}.entered", entered)
    bench.next(f"{name}.entry", build.select(entered, following, Load(f"{name}.entry", axes)))
    bench.next(f"{name}.over", build.select(entered, over, Load(f"{name}.over", axes)))
    bench.next(f"{name}.entries", build.select(entered, next_entry, entries))
    lasts: Node = INFINITE
    for number, stage in enumerate(track.stages):
        if stage.lasts is not None:
            at = build.same(destination, build.integer(number))
            lasts = build.select(at, _duration(bench, track, stage, next_entry, entered), lasts)
            _check_stay(bench, track, stage, build.both(entered, at))
    bench.next(f"{name}.lasts", build.select(entered, lasts, Load(f"{name}.lasts", axes)))
    date = ir.Binary("sub", build.mul(build.real(following), Const(bench.days)), over)
    for number, stage in enumerate(track.stages):
        first = Load(f"{name}.first.{stage.name}", axes)
        here = build.both(entered, build.same(destination, build.integer(number)))
        new = build.both(here, ir.Binary("eq", first, NEVER))
        bench.next(f"{name}.first.{stage.name}", build.select(new, date, first))
    if _may_wait(track):
        due = Load(f"{name}.due", axes)
        stays = build.both(build.negate(entered), build.negate(can_end))
        bench.next(f"{name}.waiting", build.both(stays, due))
