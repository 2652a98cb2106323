"""Decisions and events: what can be chosen, and what happens to stocks and spare members."""

from __future__ import annotations

import math

from playout.errors import Span, did_you_mean
from playout.model.checks.tracks import check_finite_rate
from playout.model.checks.workbench import Workbench
from playout.model.expression import Binder, Constant, Expression, IndexVariable, Name, Type, Typed
from playout.model.findings import listed
from playout.model.resolve import Scope
from playout.model.scenario import Decision, Effect, Event, Game, Splinter
from playout.model.typed import constant, fits_any_dimension, type_words, unit_example, unit_words
from playout.model.units import DIMENSIONLESS, PER_TIME, TIME, Dimension, unit

EVENTS_PER_TIME = unit("event").dimension * PER_TIME

# --- decisions --------------------------------------------------------------------------------------------------------


def check_decision(bench: Workbench, decision: Decision) -> None:
    """Who decides, when, among what, by which pay-off."""
    scope = bench.scope(decision.binders)
    findings, actors = bench.findings, bench.scenario.actors
    if actors and decision.by not in actors:
        hint = did_you_mean(decision.by, actors) or f"the actors are {', '.join(actors)}"
        message = f"`{decision.name}` is taken by `{decision.by}`, who is no actor"
        findings.error(decision.span, "unknown-actor", message, hint)
    check_when(bench, decision, scope)
    if decision.every is not None:
        check_every(bench, decision, decision.every)
    rationality: Dimension | None = DIMENSIONLESS
    if decision.rationality is not None:
        typed = bench.resolver.number(decision.rationality, scope, None, f"`rationality` of `{decision.name}`")
        value = None if typed is None else constant(typed)
        if value is not None and not 0.0 <= value < math.inf:
            message = f"`rationality` is 0 or above and finite; this is {value:g}"
            findings.error(decision.rationality.span, "rationality", message)
        rationality = None if typed is None else typed.type.dimension
    if decision.choose is None:
        _check_options(bench, decision, scope, rationality)
    else:
        _check_choose(bench, decision, scope, rationality)
    _check_before(bench, decision)


def check_when(bench: Workbench, chosen: Decision | Game, scope: Scope) -> None:
    """The condition on which a decision or game falls due."""
    if chosen.when is None:
        return
    when = bench.resolver.truth(chosen.when, scope, f"`when` of `{chosen.name}`")
    if when is not None and constant(when) == 0.0:
        verb = "played" if isinstance(chosen, Game) else "taken"
        message = f"`{chosen.name}` is never {verb}: its `when` is always false"
        bench.findings.error(chosen.when.span, "never", message)


def check_every(bench: Workbench, decision: Decision | Game, every: Expression) -> None:
    """The spacing of what is decided or played again and again: whole steps."""
    typed = bench.resolver.number(every, {}, TIME, f"`every` of `{decision.name}`")
    days = None if typed is None else constant(typed)
    if typed is None:
        return
    step = bench.scenario.step_days
    if days is None or not isinstance(typed, Constant):
        message = f"`every` of `{decision.name}` is a known time, not an equation"
        bench.findings.error(every.span, "every", message, "write `every: 4 weeks`")
    elif not 0.0 < days < math.inf:
        message = f"`every` of `{decision.name}` is longer than nothing and finite; this is {days:g} days"
        bench.findings.error(every.span, "every", message, "write `every: 4 weeks`")
    elif abs(days / step - round(days / step)) > 1e-9 * days:
        nearest = max(1, round(days / step)) * step
        message = f"`every` of `{decision.name}` is a whole number of steps of {step} days; this is {days:g} days"
        bench.findings.error(every.span, "every", message, f"write `every: {nearest} days`")


def _check_options(bench: Workbench, decision: Decision, scope: Scope, rationality: Dimension | None) -> None:
    if len(decision.options) == 1:
        message = f"`{decision.name}` has one option, so there is nothing to decide"
        hint = "add what else could be done, if only `nothing: 0`"
        bench.findings.error(decision.span, "no-choice", message, hint)
    for option in decision.options:
        _check_value(bench, option.value, scope, rationality, f"the value of `{option.name}` in `{decision.name}`")
        if option.when is not None:
            when = bench.resolver.truth(option.when, scope, f"`when` of `{option.name}` in `{decision.name}`")
            if when is not None and constant(when) == 0.0:
                message = f"`{option.name}` of `{decision.name}` is never open: its `when` is always false"
                bench.findings.error(option.when.span, "never", message, "leave the option out")


def _check_choose(bench: Workbench, decision: Decision, scope: Scope, rationality: Dimension | None) -> None:
    sets, name = bench.scenario.sets, decision.choose
    assert name is not None
    if name not in sets:
        hint = did_you_mean(name, sets) or (f"the sets are {', '.join(sets)}" if sets else None)
        message = f"`{decision.name}` chooses from `{name}`, which is no set"
        bench.findings.error(decision.span, "unknown-set", message, hint)
        return
    if len(sets[name].members) < 2:
        message = f"`{decision.name}` chooses from `{name}`, which has one member, so there is nothing to decide"
        bench.findings.error(decision.span, "no-choice", message)
    if name in scope:
        message = f"in `{decision.name}` `{name}` stands for who decides and for whom is chosen"
        bench.findings.error(decision.span, "shadow", message, f"write `{decision.name}[a in {name}]`")
        return
    inner = {**scope, name: name}
    if decision.value is None:
        message = f"`{decision.name}` has no value by which a member of `{name}` is chosen"
        bench.findings.error(decision.span, "no-value", message, f"add `value: x[{name}]`")
    else:
        _check_value(bench, decision.value, inner, rationality, f"the value of `{decision.name}`")
    if decision.among is not None:
        among = bench.resolver.truth(decision.among, inner, f"`among` of `{decision.name}`")
        if among is not None and constant(among) == 0.0:
            message = f"`among` of `{decision.name}` is always false, so there is nobody to choose"
            bench.findings.error(decision.among.span, "never", message)


def _check_value(bench: Workbench, value: Expression, scope: Scope, rationality: Dimension | None, role: str) -> None:
    """A pay-off: times rationality it is a plain number."""
    typed = bench.resolver.number(value, scope, None, role)
    if typed is None or not is_finite_value(bench, typed, role) or rationality is None or fits_any_dimension(typed):
        return
    product = typed.type.dimension * rationality
    if not product.plain:
        message = f"{role} times rationality is a plain number; this is {unit_words(product)}"
        per_value = unit_example(typed.type.dimension**-1)
        hint = f"divide the value by what counts as one, or give it a `rationality` in {per_value}"
        if typed.type.dimension.plain:
            hint = "leave out the unit of `rationality`"
        bench.findings.error(value.span, "units", message, hint)


def is_finite_value(bench: Workbench, value: Typed, role: str) -> bool:
    """Whether a pay-off may be a finite number; says so if it is known not to be."""
    known = constant(value)
    if known is None or math.isfinite(known):
        return True
    hint = "to close an option, use `when`; to make sure of it, a policy that pins it"
    bench.findings.error(value.span, "value", f"{role} is a finite number; this is {known:g}", hint)
    return False


def _check_before(bench: Workbench, decision: Decision) -> None:
    before = decision.before
    if before is None or before == "none":
        return
    if decision.choose is not None:
        if decision.choose not in bench.scenario.sets:
            return
        known: list[str] = list(bench.scenario.sets[decision.choose].labels)
        code, message = (
            "unknown-member",
            f"`before` of `{decision.name}` is `{before}`, no member of `{decision.choose}`",
        )
    else:
        known = [option.name for option in decision.options]
        code, message = "unknown-option", f"`before` of `{decision.name}` is `{before}`, none of its options"
    if before not in known:
        hint = did_you_mean(before, [*known, "none"]) or f"there are {', '.join(known)}, and `none`"
        bench.findings.error(decision.span, code, message, hint)


# --- events -----------------------------------------------------------------------------------------------------------


def check_event(bench: Workbench, event: Event) -> None:
    """How often an event happens, and what it does."""
    scope = bench.scope(event.binders)
    findings = bench.findings
    if event.rate is None and event.when is None:
        message = f"nothing says when `{event.name}` happens"
        findings.error(event.span, "never", message, "give it a `rate`, or a condition in `when`")
    if event.rate is not None:
        _check_rate(bench, event, event.rate, scope)
    if event.when is not None:
        when = bench.resolver.truth(event.when, scope, f"`when` of `{event.name}`")
        if when is not None and constant(when) == 0.0:
            findings.error(event.when.span, "never", f"`{event.name}` can never happen: its `when` is always false")
    for effect in event.does:
        if isinstance(effect, Splinter):
            _check_splinter(bench, event, effect, scope)
        else:
            _check_effect(bench, event, effect, scope)


def _check_rate(bench: Workbench, event: Event, rate: Expression, scope: Scope) -> None:
    typed = bench.resolver.number(rate, scope, None, f"the rate of `{event.name}`")
    if typed is None:
        return
    found = typed.type.dimension
    if found not in (PER_TIME, EVENTS_PER_TIME):
        if fits_any_dimension(typed):
            bench.resolver.number(rate, scope, PER_TIME, f"the rate of `{event.name}`")
        else:
            message = f"the rate of `{event.name}` wants 1/time; this is {unit_words(found)}"
            bare = constant(typed) if found.plain else None
            hint = f"write over what time: `{bare:g} 1/year`" if bare is not None else None
            bench.findings.error(rate.span, "units", message, hint)
            return
    check_finite_rate(bench, rate, f"the rate of `{event.name}`")
    value = constant(typed)
    if value is not None and value <= 0.0:
        found_text = "0" if value == 0.0 else "below 0"
        bench.findings.error(rate.span, "never", f"`{event.name}` can never happen: its rate is {found_text}")


def _check_effect(bench: Workbench, event: Event, effect: Effect, scope: Scope) -> None:
    """A stock, with its indexes, and a value in its unit."""
    target = effect.target
    stock = bench.scenario.stocks.get(target.name)
    if stock is None:
        entry = bench.names.entries.get(target.name)
        message = f"there is no stock `{target.name}`"
        hint = did_you_mean(target.name, bench.scenario.stocks)
        if entry is not None:
            message = f"effects change stocks, and `{target.name}` is {entry.described}"
            hint = "to change it, make it a stock" if entry.what == "variable" else hint
        bench.findings.error(target.span, "effect", message, hint)
        return
    own = [index for index in target.indices if isinstance(index, Binder)]
    inner = {**scope, **_own_scope(bench, scope, tuple(own))}
    indices = _target_indices(bench, effect, inner)
    if effect.operator == "*=":
        wanted, role = DIMENSIONLESS, f"what `{target.name}` is multiplied by"
    else:
        wanted, role = stock.unit.dimension, f"what is {_verb(effect)} `{target.name}`"
    bench.resolver.number(effect.value, inner, wanted, role, declared=stock.unit.text)
    if indices is None:
        return
    bench.targets[target] = indices
    named = {index.name for index in indices if isinstance(index, IndexVariable)}
    left_over = [binder.variable for binder in event.binders if binder.variable not in named]
    if effect.operator == "=" and len(left_over) > 1:
        message = f"`{event.name}` sets `{target.name}` for each {listed(left_over)}: it cannot be told which holds"
        bench.findings.error(effect.span, "effect", message, "use `+=`, or name one of the indexes in the target")


def _own_scope(bench: Workbench, scope: Scope, binders: tuple[Binder, ...]) -> dict[str, str]:
    for binder in binders:
        if binder.variable in scope:
            message = f"`{binder.variable}` stands for a member of `{scope[binder.variable]}` already"
            hint = f"write `[{binder.variable}]` for that member, or another letter"
            bench.findings.error(binder.span, "shadow", message, hint)
    return bench.scope(binders)


def _verb(effect: Effect) -> str:
    return {"=": "written to", "+=": "added to", "-=": "taken from"}[effect.operator]


def _target_indices(bench: Workbench, effect: Effect, scope: Scope) -> tuple[Typed, ...] | None:
    target = effect.target
    entry = bench.names.entries[target.name]
    if len(target.indices) != len(entry.sets):
        over = listed(entry.sets) if entry.sets else ""
        message = f"`{target.name}` has no indexes"
        if over:
            given = len(target.indices)
            message = f"`{target.name}` is indexed by {over}" + (
                f", and this gives {given} indexes" if given else ": this does not say which"
            )
        example = ", ".join(f"{b.variable} in {b.set}" for b in entry.binders)
        hint = f"write `{target.name}[{example}]` for all, or name the member" if over else f"write `{target.name}`"
        bench.findings.error(target.span, "index", message, hint)
        return None
    found: list[Typed] = []
    for index, set_name in zip(target.indices, entry.sets, strict=True):
        if isinstance(index, Binder):
            if index.set != set_name:
                message = (
                    f"`{target.name}` wants a member of `{set_name}` here; `{index.variable}` runs over `{index.set}`"
                )
                bench.findings.error(index.span, "index", message)
                return None
            found.append(IndexVariable(Type("member", set=set_name), index.variable, index.span))
        else:
            typed = bench.resolver.member(index, scope, set_name, f"the index of `{target.name}`")
            if typed is None:
                return None
            found.append(typed)
    return tuple(found)


def _check_splinter(bench: Workbench, event: Event, effect: Splinter, scope: Scope) -> None:
    """Who splits is a member of a set with spares; the share is above 0 and at most 1."""
    share = bench.resolver.number(effect.share, scope, DIMENSIONLESS, "the share that splits off")
    value = None if share is None else constant(share)
    if value is not None and not 0.0 < value <= 1.0:
        message = f"the share that splits off lies between 0 and 1; this is {value:g}"
        bench.findings.error(effect.share.span, "probability", message)
    wanted = None
    if isinstance(effect.parent, Name) and effect.parent.name in bench.names.members:
        wanted = Type("member", set=bench.names.members[effect.parent.name][0])
    parent = bench.resolver.read(effect.parent, scope, wanted)
    if parent is None:
        return
    if parent.type.kind != "member" or parent.type.set is None:
        message = f"who splits is a member of a set; this is {type_words(parent.type)}"
        bench.findings.error(effect.parent.span, "splinter", message, "write `splinter(from o, 0.3)`")
        return
    set_ = bench.scenario.sets.get(parent.type.set)
    if set_ is not None and not set_.spares:
        message = f"`{set_.name}` has no spare members that could come alive"
        place: Span = set_.span
        hint = f"add `spare: 3` to the members of `{set_.name}`"
        bench.findings.error(effect.span, "splinter", message, hint, [(place, "the set stands here")])
