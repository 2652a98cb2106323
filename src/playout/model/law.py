"""Distributions as written → distributions as meant: numbers into one unit, words into ranges, parameters checked.

A belief drawn once a future becomes a `Distribution` in base units. What is drawn inside a run (`lasts`, beliefs with
`each: step`) becomes a `Law`; that of `lasts` may have an equation for its scale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from playout.errors import Span
from playout.model import words
from playout.model.distribution import KINDS, Categorical, Distribution, Mixture, interval
from playout.model.expression import (
    Binary,
    Constant,
    DateNumber,
    Expression,
    Law,
    LawText,
    Number,
    Type,
    Typed,
    Unary,
)
from playout.model.resolve import Resolver, Scope
from playout.model.typed import constant, unit_words, with_unit
from playout.model.units import DIMENSIONLESS, PLAIN, TIME, Dimension, Unit

# Which parameters of a kind are values of the quantity (they have its unit); the rest are plain shapes.
_VALUES: Mapping[str, frozenset[int]] = {
    "normal": frozenset({0, 1}),
    "lognormal": frozenset({0}),
    "uniform": frozenset({0, 1}),
    "triangular": frozenset({0, 1, 2}),
    "gamma": frozenset({1}),
    "exponential": frozenset({0}),
    "poisson": frozenset({0}),
    "point": frozenset({0}),
    "beta": frozenset(),
    "bernoulli": frozenset(),
}
# Which of them may be equations where the law is drawn inside a run.
_SCALES: Mapping[str, frozenset[int]] = {
    "lognormal": frozenset({0}),
    "gamma": frozenset({1}),
    "exponential": frozenset({0}),
    "point": frozenset({0}),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a law is about: the unit of its bare numbers (None: every number states its own) and its dimension."""

    dimension: Dimension
    unit: Unit | None
    probability: bool = False

    @classmethod
    def of(cls, unit: Unit) -> Quantity:
        """A belief declared in this unit."""
        return cls(unit.dimension, unit, unit.is_probability)


_ADVICE = re.compile(r" \((write (?:[^()]|\([^()]*\))*)\)")

_WITHOUT_END = "a stage that ends on a day or by a condition has no `lasts`, and its track has a move"

DURATION = Quantity(TIME, None)
DAY = Unit("day", 1.0, TIME)


@dataclass(frozen=True, slots=True)
class Laws:
    """Reads the distributions of one scenario. What is wrong is reported, and the law is then None."""

    resolver: Resolver
    standard: str

    def distribution(
        self, text: LawText, quantity: Quantity, within: tuple[float, float] | None = None, span: Span | None = None
    ) -> Distribution | None:
        """A law of known numbers, in base units. ``within`` is in the declared unit and truncates."""
        law = self._built(text, quantity)
        unit = quantity.unit or DAY
        if law is not None and within is not None:
            law = self._truncated(law, within, unit, span or text.span)
        if law is None:
            return None
        if quantity.probability:
            low, high = law.support()
            if low < 0.0 or high > 1.0:
                written = self._written(text, law, unit)
                message = f"a probability lies between 0 and 1; {written} reaches {_beyond(low, high)}"
                hint: str | None = "add `within: [0, 1]`, or write an interval such as `0.2 to 0.5`"
                if law.is_point:
                    message, hint = f"a probability lies between 0 and 1; this is {written}", None
                self._error(text.span, "probability", message, hint)
                return None
        return law

    def _truncated(self, law: Distribution, within: tuple[float, float], unit: Unit, span: Span) -> Distribution | None:
        try:
            return law.scaled(1.0 / unit.factor).within(*within).scaled(unit.factor)
        except ValueError as problem:
            self._refused(span, problem)
            return None

    def duration(self, text: LawText, scope: Scope) -> Law | None:
        """A stage's ``lasts``: a law of time, longer than nothing, whose scale may be an equation."""
        if any(isinstance(tree, DateNumber) for tree in text.parameters):
            message = "a stage lasts for a length of time; this is a day"
            self._error(text.span, "kind", message, f"write `3 to 12 months`; {_WITHOUT_END}")
            return None
        if (drawn := self._with_equation(text, scope)) is not None:
            return drawn.law
        distribution = self._built(text, DURATION)
        if distribution is None:
            return None
        low, high = distribution.support()
        if low < 0.0 or high <= 0.0:
            message = "a stage lasts longer than nothing" + ("; this can be negative" if low < 0.0 else "")
            advice = "write an interval such as `3 to 12 months`, a gamma or a lognormal" if low < 0.0 else None
            self._error(text.span, "distribution", message, advice)
            return None
        return self.drawn(distribution, text.span)

    def drawn(self, distribution: Distribution, span: Span) -> Law | None:
        """A known distribution as a law drawn inside a run."""
        dimension = Type("number")  # the lowering reads values only
        if isinstance(distribution, Mixture):
            inner = [self.drawn(part, span) for part in distribution.laws]
            laws = [part for part in inner if part is not None]
            if len(laws) < len(inner):
                return None
            return Law("mixture", (), tuple(zip(distribution.weights, laws, strict=True)), span)
        if isinstance(distribution, Categorical):
            pairs = tuple(zip(distribution.probabilities, distribution.values, strict=True))
            return Law("categorical", (), pairs, span)
        try:
            numbers = distribution.parameters
        except TypeError:
            message = "this is drawn inside a run, and there a distribution can be neither cut nor stretched"
            self._error(span, "distribution", message, "leave out `within`; write an interval, a gamma or a lognormal")
            return None
        return Law(distribution.kind, tuple(Constant(dimension, number, span) for number in numbers), (), span)

    # --- known numbers ---

    def _built(self, text: LawText, quantity: Quantity) -> Distribution | None:
        """The law in base units, whatever unit it was written in."""
        work = self._unit(text, quantity)
        if work is None:
            return None
        try:
            return self._of_kind(text, quantity, work)
        except ValueError as problem:
            self._refused(text.span, problem, None if quantity.probability else text.unit)
            return None

    def _of_kind(self, text: LawText, quantity: Quantity, work: Unit) -> Distribution | None:
        """The law in base units. Its numbers are in the unit ``work``; a probability's interval is made of shares."""
        match text.kind:
            case "word":
                return self._word(text, quantity)
            case "interval":
                ends = self._numbers(text.parameters, text, quantity, work, frozenset(range(3)))
                if ends is None:
                    return None
                # An end at 0 or 1 of a probability is refused by `interval` itself, with its reason.
                if quantity.probability:
                    return interval(*(end * work.factor for end in ends), scale="logit")
                return interval(*ends).scaled(work.factor)
            case "mixture":
                return self._mixture(text, quantity, work)
            case "categorical":
                weights = self._numbers([w for w, _ in text.weighted], text, quantity, work, frozenset())
                values = [v for _, v in text.weighted if not isinstance(v, LawText)]
                numbers = self._numbers(values, text, quantity, work, frozenset(range(len(values))))
                if weights is None or numbers is None:
                    return None
                return Categorical(tuple(weights), tuple(numbers)).scaled(work.factor)
        parameters = self._numbers(text.parameters, text, quantity, work, _VALUES[text.kind])
        return None if parameters is None else KINDS[text.kind](*parameters).scaled(work.factor)

    def _mixture(self, text: LawText, quantity: Quantity, work: Unit) -> Distribution | None:
        weights = self._numbers([w for w, _ in text.weighted], text, quantity, work, frozenset())
        inherited = quantity if text.unit is None else replace(quantity, unit=work)
        inner = [self._built(part, inherited) for _, part in text.weighted if isinstance(part, LawText)]
        laws = [law for law in inner if law is not None]
        if weights is None or len(laws) < len(weights):
            return None
        return Mixture(tuple(weights), tuple(laws))

    def _word(self, text: LawText, quantity: Quantity) -> Distribution | None:
        assert text.word is not None
        try:
            law = words.lookup(self.standard, text.word).law
        except ValueError as problem:
            message: str = str(problem)
            hint: str | None = None
            if not quantity.dimension.plain:
                message, hint = f"`{text.word}` is no {unit_words(quantity.dimension)}", "write a range: `2 to 5`"
            if quantity is DURATION:
                hint = f"write `3 to 12 months`; {_WITHOUT_END}"
            self._error(text.span, "unknown-word", message, hint)
            return None
        if not quantity.dimension.plain:
            found = unit_words(quantity.dimension)
            message = f"`{text.word}` is a probability; what it stands for here is {found}"
            self._error(text.span, "units", message, "write a range: `2 to 5`")
            return None
        return law

    def _unit(self, text: LawText, quantity: Quantity) -> Unit | None:
        """The unit to build the law in: its own, the declared one, or the one its numbers are written in."""
        if text.kind == "word":
            return PLAIN
        if text.unit is not None:
            self.resolver.findings.caution(text.span, text.unit)
            if text.unit.dimension == quantity.dimension:
                return text.unit
            message = f"a duration is a time; this is in `{text.unit.text}`"
            if quantity.unit is not None:
                message = f"this is declared in `{quantity.unit.text}`, and written in `{text.unit.text}`"
            self._error(text.span, "units", message)
            return None
        if quantity.unit is not None:
            return quantity.unit
        if any(states_unit(p) for p in self._parameters(text)):
            return DAY
        hint = "write it behind the last number: `3 to 12 months`"
        self._error(text.span, "units", "a duration states its unit", hint)
        return None

    def _parameters(self, text: LawText) -> list[Expression]:
        found = list(text.parameters)
        for _, part in text.weighted:
            found += self._parameters(part) if isinstance(part, LawText) else [part]
            if isinstance(part, LawText) and part.unit is not None:
                found.append(Number(part.span, 1.0, part.unit))
        return found

    def _numbers(
        self,
        trees: list[Expression] | tuple[Expression, ...],
        text: LawText,
        quantity: Quantity,
        work: Unit,
        values: frozenset[int],
    ) -> list[float] | None:
        """The parameters: those in ``values`` in the unit ``work``, the rest plain."""
        found: list[float] = []
        for position, tree in enumerate(trees):
            number = self._number(tree, text, quantity, work, is_value=position in values)
            if number is None:
                return None
            found.append(number)
        return found

    def _number(
        self, tree: Expression, text: LawText, quantity: Quantity, work: Unit, *, is_value: bool
    ) -> float | None:
        typed = self.resolver.read(tree, {})
        if typed is None or not self.resolver.is_number(typed, "a distribution"):
            return None
        value = constant(typed)
        if value is None:
            message = "a distribution is made of known numbers; this is an equation"
            hint = "beliefs do not depend on each other: let a variable join them, or correlate them under `together`"
            if quantity.unit is None:
                hint = f"only the scale of {', '.join(_SCALES)} may be an equation"
            self._error(tree.span, "distribution", message, hint)
            return None
        if not is_value:
            if typed.type.dimension.plain:
                return value
            signature = f"{text.kind}({', '.join(KINDS[text.kind].signature)})" if text.kind in KINDS else text.kind
            self._error(tree.span, "units", f"this number of {signature} is a plain number, without a unit")
            return None
        if not states_unit(tree) and (quantity.unit is not None or text.unit is not None):
            return value
        if typed.type.dimension != quantity.dimension:
            found = unit_words(typed.type.dimension)
            message = f"this is {found}; it should be {unit_words(quantity.dimension)}"
            bare = not quantity.dimension.plain and typed.type.dimension.plain
            declared = None if quantity.unit is None else quantity.unit.text
            example = with_unit(value, declared, quantity.dimension) if bare else None
            self._error(tree.span, "units", message, example)
            return None
        return value / work.factor

    # --- equations ---

    def _with_equation(self, text: LawText, scope: Scope) -> _Drawn | None:
        """The law of a duration whose scale is an equation; None where all its numbers are known."""
        scales = _SCALES.get(text.kind, frozenset())
        if not any(_has_names(tree) for position, tree in enumerate(text.parameters) if position in scales):
            return None
        if text.unit is not None:
            message = f"the unit `{text.unit.text}` cannot stand behind an equation"
            self._error(text.span, "units", message, f"write `x * 1 {text.unit.text}` inside, or let x be a time")
            return _Drawn(None)
        parameters: list[Typed] = []
        for position, tree in enumerate(text.parameters):
            if position in scales:
                typed = self.resolver.number(tree, scope, TIME, "the length of a stage")
            else:
                typed = self.resolver.number(tree, {}, DIMENSIONLESS, f"the shape of `{text.kind}`")
                if typed is not None and constant(typed) is None:
                    message = f"the shape of `{text.kind}` is a known number; only its scale may be an equation"
                    self._error(tree.span, "distribution", message)
                    return _Drawn(None)
            if typed is None:
                return _Drawn(None)
            parameters.append(typed)
        try:  # any scale will do to see whether the shape is sound
            KINDS[text.kind](*(1.0 if n in scales else constant(p) for n, p in enumerate(parameters)))
        except ValueError as problem:
            self._refused(text.span, problem)
            return _Drawn(None)
        return _Drawn(Law(text.kind, tuple(parameters), (), text.span))

    def _written(self, text: LawText, law: Distribution, unit: Unit) -> str:
        return f"`{text.word}`" if text.word else law.scaled(1.0 / unit.factor).describe()

    def _refused(self, span: Span, problem: ValueError, unit: Unit | None = None) -> None:
        """What a distribution says of its own parameters; its advice, in brackets, becomes the hint.

        Behind each example of the hint stands the unit that stood behind the distribution.
        """
        said = str(problem)
        advice = _ADVICE.search(said)
        if advice is None:
            self._error(span, "distribution", said)
            return
        hint = advice.group(1)
        if unit is not None:
            behind = "%" if unit.text == "percent" else f" {unit.text}"
            hint = re.sub(r"`([^`]+)`", rf"`\1{behind}`", hint)
        self._error(span, "distribution", said[: advice.start()] + said[advice.end() :], hint)

    def _error(self, span: Span, code: str, message: str, hint: str | None = None) -> None:
        self.resolver.findings.error(span, code, message, hint)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A law with an equation in it, or none where it is wrong and that has been said."""

    law: Law | None


def _beyond(low: float, high: float) -> str:
    if low < 0.0 and high > 1.0:
        return "below 0 and above 1"
    return "below 0" if low < 0.0 else "above 1"


def states_unit(tree: Expression) -> bool:
    """Whether a number is written with a unit of its own."""
    match tree:
        case Number():
            return tree.unit is not None
        case Unary():
            return states_unit(tree.operand)
        case Binary():
            return states_unit(tree.left) or states_unit(tree.right)
    return _has_names(tree)


def _has_names(tree: Expression) -> bool:
    """Whether an expression is more than numbers."""
    match tree:
        case Number():
            return False
        case Unary():
            return _has_names(tree.operand)
        case Binary():
            return _has_names(tree.left) or _has_names(tree.right)
    return True
