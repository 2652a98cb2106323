"""Tracks: durations, what follows them, moves, and stages that nobody can reach."""

from __future__ import annotations

import math

from playout.errors import Span, did_you_mean
from playout.model.checks.workbench import Workbench
from playout.model.expression import Expression, IndexVariable, Operation, StageTest, Typed
from playout.model.findings import listed
from playout.model.graph import reachable
from playout.model.resolve import Scope
from playout.model.scenario import Move, Share, Stage, Track
from playout.model.typed import constant
from playout.model.units import DIMENSIONLESS, PER_TIME

_SUM_TOLERANCE = 1e-6


def check_track(bench: Workbench, track: Track) -> None:
    """One track: its stages in file order, then its moves, then which stages can be reached."""
    scope = bench.scope(track.binders)
    if len(track.binders) > 1:
        message = f"the track `{track.name}` has {len(track.binders)} indexes; a track is one, or one a member of a set"
        bench.findings.error(track.span, "index", message)
        return
    if not track.stages:
        return
    ways = bench.ways.setdefault(track.name, [])
    sound = True
    for stage in track.stages:
        if stage.lasts is not None:
            law = bench.read.duration(stage.lasts, scope)
            if law is not None:
                bench.laws[stage.lasts] = law
        sound &= _check_then(bench, track, stage, scope, ways)
    for move in track.moves:
        sound &= _check_move(bench, track, move, scope, ways)
    if sound:  # a misspelt stage is reported once, not again as one that nobody reaches
        _check_reach(bench, track, ways)


def _check_reach(bench: Workbench, track: Track, ways: list[tuple[str, str]]) -> None:
    reached = reachable(track.stages[0].name, ways)
    lost = [stage for stage in track.stages if stage.name not in reached]
    entered = {destination for origin, destination in ways if origin != destination}
    for stage in lost:
        # Of stages that hang on another lost one only the first is the cause.
        if stage.name not in entered:
            message = f"nothing leads to the stage `{stage.name}` of `{track.name}`"
            hint = f"name it under `then` of a stage or `to` of a move; the track starts in `{track.stages[0].name}`"
            bench.findings.error(stage.span, "unreachable", message, hint)
    if lost and all(stage.name in entered for stage in lost):
        names = listed([stage.name for stage in lost])
        message = f"these stages of `{track.name}` lead to each other, and nothing else leads to them: {names}"
        bench.findings.error(lost[0].span, "unreachable", message, f"the track starts in `{track.stages[0].name}`")


def _is_stage(bench: Workbench, track: Track, name: str, span: Span) -> bool:
    stages = [stage.name for stage in track.stages]
    if name in stages:
        return True
    hint = did_you_mean(name, stages) or f"its stages are {listed(stages)}"
    bench.findings.error(span, "unknown-stage", f"`{track.name}` has no stage `{name}`", hint)
    return False


# --- then -------------------------------------------------------------------------------------------------------------


def _check_then(bench: Workbench, track: Track, stage: Stage, scope: Scope, ways: list[tuple[str, str]]) -> bool:
    """Where a stage goes when it is over. False where a destination is unknown."""
    if stage.lasts is not None and not stage.then:
        message = f"the stage `{stage.name}` ends, and nothing says what comes then"
        hint = "add `then: STAGE`, or leave out `lasts` for a stage that ends by its moves alone"
        bench.findings.error(stage.lasts.span, "then", message, hint)
    sound = True
    shares: list[float | None] = []
    for way in stage.then:
        share, open_ = _check_share(bench, stage, way, scope)
        if way.share is not None:
            shares.append(share)
        if not _is_stage(bench, track, way.stage, way.span):
            sound = False
        elif share != 0.0 and open_:
            ways.append((stage.name, way.stage))
    has_rest = any(way.share is None for way in stage.then)
    if sum(way.share is None for way in stage.then) > 1:
        message = f"`then` of `{stage.name}` has more than one stage for the rest"
        bench.findings.error(stage.then[-1].span, "shares", message, "one `otherwise` takes what the shares leave")
    elif shares:
        _check_sum(bench, stage, shares, has_rest)
    return sound


def _check_share(bench: Workbench, stage: Stage, way: Share, scope: Scope) -> tuple[float | None, bool]:
    """The share if it is a known number, and whether the way may ever be open."""
    share: float | None = None
    if way.share is not None:
        role = f"the share of `{stage.name}` that goes to `{way.stage}`"
        typed = bench.resolver.number(way.share, scope, DIMENSIONLESS, role)
        share = None if typed is None else constant(typed)
        if share is not None and not 0.0 <= share <= 1.0:
            message = f"{role} lies between 0 and 1; this is {share:g}"
            bench.findings.error(way.share.span, "probability", message)
            share = None
    open_ = True
    if way.when is not None:
        guard = bench.resolver.truth(way.when, scope, f"`when` of the way from `{stage.name}` to `{way.stage}`")
        if guard is not None and constant(guard) == 0.0:
            open_ = False
            message = f"the way from `{stage.name}` to `{way.stage}` is never open: its guard is always false"
            bench.findings.error(way.when.span, "never", message)
    return share, open_


def _check_sum(bench: Workbench, stage: Stage, shares: list[float | None], has_rest: bool) -> None:
    known = [share for share in shares if share is not None]
    span = stage.then[0].span
    if len(known) < len(shares):
        equations = [w for w in stage.then if w.share is not None and _is_equation(bench, w)]
        if equations and not has_rest:
            message = f"the shares of `{stage.name}` are equations, and may not sum to one"
            bench.findings.error(equations[0].span, "shares", message, "add `otherwise: STAGE` for what they leave")
        return
    total = sum(known)
    written = " + ".join(f"{share:g}" for share in known)
    if total > 1.0 + _SUM_TOLERANCE or (not has_rest and abs(total - 1.0) > _SUM_TOLERANCE):
        message = f"the shares of `{stage.name}` must sum to one; {written} is {total:g}"
        hint = "add `otherwise: STAGE` for the rest" if total < 1.0 else None
        bench.findings.error(span, "shares", message, hint)


def _is_equation(bench: Workbench, way: Share) -> bool:
    typed = None if way.share is None else bench.resolver.meaning.get(way.share)
    return typed is not None and constant(typed) is None


# --- moves ------------------------------------------------------------------------------------------------------------


def _check_move(bench: Workbench, track: Track, move: Move, scope: Scope, ways: list[tuple[str, str]]) -> bool:
    """A move's stages, rate and guard. False where a stage is unknown."""
    rate = bench.resolver.number(move.rate, scope, PER_TIME, "the rate of a move")
    check_finite_rate(bench, move.rate, "the rate of a move")
    guard = None
    if move.when is not None:
        guard = bench.resolver.truth(move.when, scope, "`when` of a move")
    origins = [name for name, span in move.origins if _is_stage(bench, track, name, span)]
    sound = _is_stage(bench, track, move.destination, move.destination_span) and len(origins) == len(move.origins)
    if move.destination in origins:
        message = f"this move leads from `{move.destination}` to itself"
        bench.findings.error(move.destination_span, "never", message, "a move changes the stage; leave this one out")
    if not sound:
        return False
    reason = _never(track, rate, guard, origins)
    if reason is not None:
        span = move.rate.span if move.when is None or reason.startswith("its rate") else move.when.span
        message = f"the move from {listed(origins, 'or')} to `{move.destination}` can never happen: {reason}"
        bench.findings.error(span, "never", message)
    # A move that never fires is reported as such; its destination is not called unreachable besides.
    ways += [(origin, move.destination) for origin in origins]
    return True


def check_finite_rate(bench: Workbench, rate: Expression, role: str) -> None:
    """A known rate is a finite number; how to say that something happens at once."""
    typed = bench.resolver.meaning.get(rate)
    value = None if typed is None else constant(typed)
    if value is not None and not math.isfinite(value):
        hint = "for what happens at once write a high rate that holds under a condition: `rate: 1000 /day, when: …`"
        bench.findings.error(rate.span, "rate", f"{role} is a finite number; this is {value:g}", hint)


def _never(track: Track, rate: Typed | None, guard: Typed | None, origins: list[str]) -> str | None:
    value = None if rate is None else constant(rate)
    if value is not None and value <= 0.0:
        return "its rate is 0" if value == 0.0 else "its rate is below 0"
    if guard is None:
        return None
    if constant(guard) == 0.0:
        return "its guard is always false"
    here = {binder.variable for binder in track.binders}
    for part in _conjuncts(guard):
        if not isinstance(part, StageTest) or part.question != "in" or part.track != track.name:
            continue
        of_itself = {index.name for index in part.indices if isinstance(index, IndexVariable)} == here
        if of_itself and part.stage not in origins:
            return f"in {listed(origins, 'or')} the track is not in `{part.stage}`"
    return None


def _conjuncts(tree: Typed) -> list[Typed]:
    if isinstance(tree, Operation) and tree.operator == "and":
        return [part for argument in tree.arguments for part in _conjuncts(argument)]
    return [tree]
