"""Calls in equations: elementary functions, reductions over sets, and the history of stages and quantities."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, cast

from playout.errors import did_you_mean
from playout.model.expression import (
    Attribute,
    Call,
    Comprehension,
    Constant,
    Expression,
    History,
    IndexVariable,
    Lookup,
    Name,
    Operation,
    PointList,
    Reduction,
    Reference,
    StageTest,
    Subscript,
    Type,
    Typed,
)
from playout.model.names import BOOL, Entry
from playout.model.tokens import FUNCTIONS, REDUCTIONS
from playout.model.typed import constant, fits_any_dimension, type_words, unit_words, with_dimension, with_unit
from playout.model.units import TIME, Dimension

if TYPE_CHECKING:
    from playout.model.resolve import Reader

_Reducer = Literal["sum", "mean", "min", "max", "any", "all", "count", "argmax"]
_FORMS = {
    "abs": "abs(x)",
    "exp": "exp(x)",
    "log": "log(x)",
    "sqrt": "sqrt(x)",
    "logistic": "logistic(x)",
    "clip": "clip(x, low, high)",
    "lookup": "lookup(x, [[x0, y0], [x1, y1]])",
    "since": "since(TRACK.STAGE)",
    "first": "first(TRACK.STAGE)",
    "reached": "reached(TRACK.STAGE)",
    "enters": "enters(TRACK.STAGE)",
    "total": "total(x)",
    "change": "change(x, 4 weeks)",
    "delay": "delay(x, 8 weeks)",
    "smooth": "smooth(x, 6 months)",
    "odds": "odds(GAME.END)",
}
_ARITY = {"clip": 3, "lookup": 2, "change": 2, "delay": 2, "smooth": 2}


def call(reader: Reader, tree: Call) -> Typed | None:
    """The meaning of ``function(arguments)``."""
    name, arguments = tree.function, tree.arguments
    if name in REDUCTIONS:
        if name in ("min", "max") and len(arguments) > 1:
            return _extreme(reader, tree)
        return _short(reader, tree)
    if name not in _FORMS:
        reader.error(tree.span, "unknown-name", f"there is no function `{name}`", did_you_mean(name, FUNCTIONS))
        return None
    wanted = _ARITY.get(name, 1)
    if len(arguments) != wanted:
        message = f"`{name}` takes {wanted} argument{'s' if wanted > 1 else ''}; this gives {len(arguments)}"
        reader.error(tree.span, "arguments", message, f"write `{_FORMS[name]}`")
        return None
    return _CALLS[name](reader, tree)


# --- elementary functions ---------------------------------------------------------------------------------------------


def _plain_function(reader: Reader, tree: Call) -> Typed | None:
    """exp, log and logistic: of a plain number."""
    argument = reader.plain(tree.arguments[0], f"`{tree.function}`")
    return None if argument is None else Operation(Type("number"), tree.function, (argument,), tree.span)


def _abs(reader: Reader, tree: Call) -> Typed | None:
    argument = reader.number(tree.arguments[0], "`abs`")
    return None if argument is None else Operation(argument.type, "abs", (argument,), tree.span)


def _sqrt(reader: Reader, tree: Call) -> Typed | None:
    argument = reader.number(tree.arguments[0], "`sqrt`")
    if argument is None:
        return None
    return Operation(Type("number", argument.type.dimension**0.5), "sqrt", (argument,), tree.span)


def _clip(reader: Reader, tree: Call) -> Typed | None:
    read = [reader.number(argument, "`clip`") for argument in tree.arguments]
    x, low, high = read
    if x is None or low is None or high is None:
        return None
    low_pair = reader.alike(x, low, tree.span, "clips {} at {}")
    if low_pair is None:
        return None
    high_pair = reader.alike(low_pair[0], high, tree.span, "clips {} at {}")
    if high_pair is None:
        return None
    bounds = constant(low), constant(high)
    if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
        reader.error(tree.span, "arguments", "`clip` wants its low end first", f"write `{_FORMS['clip']}`")
        return None
    x = high_pair[0]
    low = with_dimension(low, x.type.dimension) if fits_any_dimension(low) else low
    return Operation(x.type, "clip", (x, low, high_pair[1]), tree.span)


def _extreme(reader: Reader, tree: Call) -> Typed | None:
    """``min(a, b, …)`` and ``max(a, b, …)`` of numbers or of dates."""
    read = [reader.read(argument) for argument in tree.arguments]
    values = [value for value in read if value is not None]
    if len(values) < len(read):
        return None
    while len(values) > 1:  # in pairs, so that many arguments make a broad tree and not a deep one
        paired: list[Typed] = []
        for left, right in zip(values[::2], values[1::2], strict=False):
            pair = _extreme_of_two(reader, tree, left, right)
            if pair is None:
                return None
            paired.append(pair)
        values = paired + values[2 * len(paired) :]
    return values[0]


def _extreme_of_two(reader: Reader, tree: Call, left: Typed, right: Typed) -> Typed | None:
    if left.type.kind == right.type.kind == "date":
        return Operation(left.type, tree.function, (left, right), tree.span)
    role = f"`{tree.function}`"
    if not reader.resolver.is_number(left, role) or not reader.resolver.is_number(right, role):
        return None
    verb = f"takes the {'smaller' if tree.function == 'min' else 'larger'} of {{}} and {{}}"
    pair = reader.alike(left, right, tree.span, verb)
    return None if pair is None else Operation(pair[0].type, tree.function, pair, tree.span)


def _lookup(reader: Reader, tree: Call) -> Typed | None:
    points = tree.arguments[1]
    argument = reader.number(tree.arguments[0], "`lookup`")
    if not isinstance(points, PointList):
        reader.error(points.span, "arguments", "`lookup` wants its points written out", f"write `{_FORMS['lookup']}`")
        return None
    xs = _known(reader, [x for x, _ in points.points])
    ys = _known(reader, [y for _, y in points.points])
    if argument is None or xs is None or ys is None:
        return None
    x_dimension = argument.type.dimension
    for x in xs:
        if x.type.dimension != x_dimension and not fits_any_dimension(x):
            message = f"`lookup` looks up {unit_words(x_dimension)} among points at {unit_words(x.type.dimension)}"
            hint = "give both the same unit"
            if x.type.dimension.plain:
                hint = with_unit(x.value, reader.declared_unit(argument), x_dimension)
            reader.error(x.span, "units", message, hint)
            return None
    y_dimension = next((y.type.dimension for y in ys if not fits_any_dimension(y)), Dimension())
    for y in ys:
        if y.type.dimension != y_dimension and not fits_any_dimension(y):
            both = f"{unit_words(y_dimension)} and {unit_words(y.type.dimension)}"
            reader.error(y.span, "units", f"the values of `lookup` are of one unit; these are {both}")
            return None
    pairs = tuple((x.value, y.value) for x, y in zip(xs, ys, strict=True))
    if not all(math.isfinite(number) for pair in pairs for number in pair):
        reader.error(points.span, "arguments", "the points of `lookup` are finite numbers")
        return None
    if any(a[0] >= b[0] for a, b in itertools.pairwise(pairs)):
        reader.error(points.span, "arguments", "the points of `lookup` stand in order, each x above the one before")
        return None
    return Lookup(Type("number", y_dimension), argument, pairs, tree.span)


def _known(reader: Reader, trees: Sequence[Expression]) -> list[Constant] | None:
    """Numbers known when the scenario is read."""
    found: list[Constant] = []
    for tree in trees:
        typed = reader.number(tree, "a point of `lookup`")
        if typed is None:
            return None
        value = constant(typed)
        if value is None:
            reader.error(tree.span, "arguments", "the points of `lookup` are known numbers, not equations")
            return None
        found.append(Constant(typed.type, value, typed.span))
    return found


# --- reductions -------------------------------------------------------------------------------------------------------


def comprehension(reader: Reader, tree: Comprehension) -> Typed | None:
    """``sum(body for o in set if condition)``."""
    if tree.function not in REDUCTIONS:
        message = f"`{tree.function}` does not run over a set"
        hint = did_you_mean(tree.function, REDUCTIONS) or f"these do: {', '.join(REDUCTIONS)}"
        reader.error(tree.span, "arguments", message, hint)
        return None
    sets = reader.names.scenario.sets
    if tree.set not in sets:
        known = did_you_mean(tree.set, sets) or (f"the sets are {', '.join(sets)}" if sets else None)
        reader.error(tree.set_span, "unknown-set", f"there is no set `{tree.set}`", known)
        return None
    if tree.variable in reader.scope:
        hint = f"choose another letter: `for {tree.variable}2 in {tree.set}`"
        message = f"`{tree.variable}` stands for a member of `{reader.scope[tree.variable].type.set}` already"
        reader.error(tree.span, "shadow", message, hint)
        return None
    if tree.variable in reader.names.entries:
        entry = reader.names.entries[tree.variable]
        message = f"`{tree.variable}` is {entry.described} and cannot stand for a member too"
        reader.error(tree.span, "shadow", message, "choose another letter")
        return None
    if tree.variable != tree.set and tree.variable in reader.names.members:
        set_name = reader.names.members[tree.variable][0]
        message = f"`{tree.variable}` is a member of `{set_name}` and cannot stand for any other"
        reader.error(tree.span, "shadow", message, "choose another letter")
        return None
    unique = reader.fresh(tree.variable)
    reader.scope[tree.variable] = IndexVariable(Type("member", set=tree.set), unique, tree.span)
    body = reader.read(tree.body)
    condition = None if tree.condition is None else reader.truth(tree.condition, "what stands behind `if`")
    del reader.scope[tree.variable]
    if body is None or (tree.condition is not None and condition is None):
        return None
    return _reduced(reader, tree, cast(_Reducer, tree.function), body, unique, tree.set, condition)


def _reduced(
    reader: Reader,
    tree: Call | Comprehension,
    function: _Reducer,
    body: Typed,
    variable: str,
    set_name: str,
    condition: Typed | None,
) -> Typed | None:
    """One reduction, with a body of the right kind."""
    match function:
        case "any" | "all":
            fits, type_ = reader.resolver.is_truth(body, f"`{function}`"), BOOL
        case "count":
            fits, type_ = _is_counted(reader, body), Type("number")
        case "argmax":
            fits, type_ = reader.resolver.is_number(body, "`argmax`"), Type("member", set=set_name)
        case "min" | "max" if body.type.kind == "date":
            fits, type_ = True, body.type
        case _:
            fits, type_ = _is_summed(reader, body, function), body.type
    return Reduction(type_, function, body, variable, set_name, condition, tree.span) if fits else None


def _is_counted(reader: Reader, body: Typed) -> bool:
    if body.type.kind == "bool":
        return True
    hint = "write the condition that is counted: `count(… > 0 for o in …)`"
    reader.error(body.span, "kind", f"`count` counts where something holds; this is {type_words(body.type)}", hint)
    return False


def _is_summed(reader: Reader, body: Typed, function: str) -> bool:
    if body.type.kind == "bool" and function in ("sum", "mean"):
        hint = "use `count`" if function == "sum" else "write `mean(1 if … else 0 for o in …)`"
        reader.error(body.span, "kind", f"`{function}` wants a number; this is true or false", hint)
        return False
    return reader.resolver.is_number(body, f"`{function}`")


def _short(reader: Reader, tree: Call) -> Typed | None:
    """``sum(x)``: over all indexes of x."""
    name = cast(_Reducer, tree.function)
    form = f"`{name}(x[o] for o in SET)`"
    if len(tree.arguments) != 1:
        reader.error(tree.span, "arguments", f"`{name}` takes one argument", f"write {form}")
        return None
    argument = tree.arguments[0]
    base = argument.base if isinstance(argument, Attribute) else argument
    entry = reader.names.entries.get(base.name) if isinstance(base, Name) else None
    if isinstance(argument, Subscript) and reader.read(argument) is None:
        return None
    if not isinstance(base, Name):
        message = f"`{name}` wants something with an index to run over"
        hint = f"write {form}" + (f", or `{name}(a, b)` of two numbers" if name in ("min", "max") else "")
        reader.error(argument.span, "arguments", message, hint)
        return None
    if entry is None or (entry.what == "track") != isinstance(argument, Attribute):
        reader.read(argument)  # says what is wrong with it
        return None
    if not entry.sets:
        hint = f"write `{name}(a, b)` of two numbers" if name in ("min", "max") else f"write `{entry.name}`"
        reader.error(argument.span, "index", f"`{entry.name}` has no index to run over", hint)
        return None
    if name == "argmax" and len(entry.sets) > 1:
        message = f"`argmax` runs over one index; `{entry.name}` has {len(entry.sets)}"
        reader.error(argument.span, "index", message, "write `argmax(x[o] for o in SET)`")
        return None
    if any(set_name not in reader.names.scenario.sets for set_name in entry.sets):
        return None
    return _over_all(reader, tree, name, argument, entry)


def _over_all(reader: Reader, tree: Call, name: _Reducer, argument: Expression, entry: Entry) -> Typed | None:
    variables = [reader.fresh(set_name) for set_name in entry.sets]
    indices = tuple(
        IndexVariable(Type("member", set=set_name), variable, argument.span)
        for variable, set_name in zip(variables, entry.sets, strict=True)
    )
    result: Typed | None
    if isinstance(argument, Attribute):
        stages = [s.name for s in reader.names.scenario.tracks[entry.name].stages]
        if argument.name not in stages:
            hint = did_you_mean(argument.name, stages)
            reader.error(argument.span, "unknown-stage", f"`{entry.name}` has no stage `{argument.name}`", hint)
            return None
        result = StageTest(BOOL, "in", entry.name, argument.name, indices, argument.span)
    else:
        assert entry.what != "track"
        result = Reference(reader.names.type_of(entry), entry.what, entry.name, indices, argument.span)
    inner = name
    for variable, set_name in reversed(list(zip(variables, entry.sets, strict=True))):
        result = _reduced(reader, tree, inner, result, variable, set_name, None)
        if result is None:
            return None
        inner = "sum" if name == "count" else name  # counts of counts add up
    return result


# --- history ----------------------------------------------------------------------------------------------------------


def _of_stage(reader: Reader, tree: Call) -> Typed | None:
    """since, first, reached and enters."""
    question = cast(Literal["since", "first", "reached", "enters"], tree.function)
    return reader.stage(tree.arguments[0], question)


def _body(reader: Reader, tree: Call) -> Typed | None:
    return reader.number(tree.arguments[0], f"`{tree.function}`")


def _total(reader: Reader, tree: Call) -> Typed | None:
    body = _body(reader, tree)
    if body is None:
        return None
    return History(Type("number", body.type.dimension * TIME), "total", body, span=tree.span)


def _lagged(reader: Reader, tree: Call) -> Typed | None:
    """change and delay: over whole steps known in advance."""
    function = cast(Literal["change", "delay"], tree.function)
    body, lag = _body(reader, tree), _lag(reader, tree)
    return None if body is None or lag is None else History(body.type, function, body, lag, span=tree.span)


def _lag(reader: Reader, tree: Call) -> int | None:
    argument = tree.arguments[1]
    typed = reader.number(argument, f"the span of `{tree.function}`")
    if typed is None:
        return None
    days = constant(typed)
    form = f"write `{_FORMS[tree.function]}`"
    if days is None:
        reader.error(argument.span, "history", f"the span of `{tree.function}` is a known time, not an equation", form)
        return None
    if typed.type.dimension != TIME:
        reader.error(argument.span, "units", f"the span of `{tree.function}` is a time, with its unit", form)
        return None
    step = reader.names.scenario.step_days
    if not 0 < days < math.inf:
        reader.error(argument.span, "history", f"the span of `{tree.function}` is longer than nothing and finite", form)
        return None
    steps = days / step
    if abs(steps - round(steps)) > 1e-9 * max(1.0, steps) or round(steps) < 1:
        nearest = max(1, round(steps))
        unit = "step" if nearest == 1 else "steps"
        message = (
            f"the span of `{tree.function}` is a whole number of steps of {step} day{'s' if step > 1 else ''}; "
            f"this is {days:g} days, or {steps:.4g} steps"
        )
        reader.error(argument.span, "history", message, f"write `{nearest * step} days`, which is {nearest} {unit}")
        return None
    return round(steps)


def _smooth(reader: Reader, tree: Call) -> Typed | None:
    argument = tree.arguments[1]
    body, constant_ = _body(reader, tree), reader.number(argument, "the time constant of `smooth`")
    if body is None or constant_ is None:
        return None
    if fits_any_dimension(constant_):
        constant_ = with_dimension(constant_, TIME)
    if constant_.type.dimension != TIME:
        found = unit_words(constant_.type.dimension)
        message = f"the time constant of `smooth` is a time; this is {found}"
        reader.error(argument.span, "units", message, f"write `{_FORMS['smooth']}`")
        return None
    days, step = constant(constant_), reader.names.scenario.step_days
    if days is not None and not step <= days < math.inf:
        message = f"the time constant of `smooth` is at least one step ({step} days) and finite; this is {days:g} days"
        reader.error(argument.span, "history", message)
        return None
    return History(body.type, "smooth", body, time_constant=constant_, span=tree.span)


def _odds(reader: Reader, tree: Call) -> Typed | None:
    return reader.end_odds(tree.arguments[0])


_CALLS: dict[str, Callable[[Reader, Call], Typed | None]] = {
    "abs": _abs,
    "exp": _plain_function,
    "log": _plain_function,
    "logistic": _plain_function,
    "sqrt": _sqrt,
    "clip": _clip,
    "lookup": _lookup,
    "since": _of_stage,
    "first": _of_stage,
    "reached": _of_stage,
    "enters": _of_stage,
    "total": _total,
    "change": _lagged,
    "delay": _lagged,
    "smooth": _smooth,
    "odds": _odds,
}
