"""A Pratt parser for equations: tokens → the tree as written (`model/expression.py`).

The binding powers, loosest first: ``a if c else b``; ``or``; ``and``; ``not``; one comparison; ``+ -``; ``* /``;
``-x``; ``**`` (to the right). Nothing is evaluated. What Python has and this language has not (attributes of
attributes, calls of anything else, strings, lambdas, chained comparisons) is refused with its place and the way out.
Longer than most modules: one grammar, and what is said of each way to miss it.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Collection, Iterator
from typing import Literal, TypeAlias, cast

from playout.errors import Diagnostic, Span, did_you_mean
from playout.model.distribution import KINDS
from playout.model.expression import (
    Attribute,
    Binary,
    Call,
    Comprehension,
    Conditional,
    DateNumber,
    Expression,
    LawText,
    Name,
    Number,
    PointList,
    Subscript,
    Unary,
)
from playout.model.other_distributions import instead_of
from playout.model.tokens import (
    CLAUSE_WORDS,
    FUNCTIONS,
    FUNCTIONS_ELSEWHERE,
    OPERATOR_WORDS,
    REDUCTIONS,
    RESERVED,
    Fault,
    Place,
    Token,
    parse_date,
    tokenise,
    without_commas,
)
from playout.model.units import Unit, UnknownUnit, is_unit_word, no_unit, unit

MAX_NESTING = 60
"""How deep brackets, conditions and the like may stand in one another."""

MAX_DEPTH = 120
"""How deep a tree may be, a long sum counting once for every term: what walks a tree later does so by recursion."""

_Operator: TypeAlias = Literal["+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or"]

WEIGHTED = ("categorical", "mixture")
"""The distributions that are written as pairs, `weight: thing`."""

_TERNARY, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER = range(1, 10)
_BINDING = {
    "if": _TERNARY, "or": _OR, "and": _AND,
    "<": _COMPARISON, "<=": _COMPARISON, ">": _COMPARISON, ">=": _COMPARISON, "==": _COMPARISON, "!=": _COMPARISON,
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER,
}  # fmt: skip
_GROUPS = re.compile(r"(?<![\w.])[1-9]\d{0,2}(?:(?: \d{3})+|(?:[.]\d{3}){2,})(?![\w.])")
_SPREADS = ("±", "+-", "+/-")
_FOREIGN = {
    "lambda": "name the equation under `variables` instead",
    "import": "a scenario runs no code",
    "is": "write `==` to compare",
    "between": "a range is written `2 to 5`",
    "True": "write `true`",
    "False": "write `false`",
    "None": "write `none`",
}


class ExpressionParser:
    """Reads one text from its first token to its last. ``declared`` holds every name the scenario defines."""

    def __init__(self, text: str, place: Place, declared: Collection[str]) -> None:
        self.text = text
        self.place = place
        self.declared = declared
        self.tokens = tokenise(text, place)
        self.index = 0
        self.nesting = 0

    # --- tokens -------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Token:
        return self.tokens[self.index]

    def ahead(self, steps: int = 1) -> Token:
        return self.tokens[min(self.index + steps, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.current
        self.index += token.kind != "end"
        return token

    def at(self, *texts: str) -> bool:
        """Whether the current token is one of these signs or words."""
        return self.current.kind in ("sign", "name") and self.current.text in texts

    def accept(self, text: str) -> bool:
        """Steps over the sign or word if it is the current token."""
        if not self.at(text):
            return False
        self.advance()
        return True

    def expect(self, text: str, opened: str = "") -> None:
        """Steps over the sign or word, or says that it is missing."""
        if not self.accept(text):
            if self.current.kind != "end":
                raise self.unexpected()
            raise self.fault(self.current, f"`{text}` is missing at the end{opened}")

    def span(self, start: int) -> Span:
        """From the offset ``start`` to the end of the last token read."""
        return self.place(start, self.tokens[max(self.index - 1, 0)].end)

    # --- faults -------------------------------------------------------------------------------------------------------

    def fault(self, token: Token, message: str, hint: str | None = None, code: str = "syntax") -> Fault:
        return Fault(Diagnostic(self.place(token.start, max(token.end, token.start + 1)), code, message, hint))

    def unexpected(self) -> Fault:
        """What to say of a token that cannot stand where it does."""
        token, before = self.current, self.tokens[self.index - 1] if self.index else None
        if token.kind == "end":
            if before is None:
                return self.fault(token, "there is nothing here", "write a number or an equation")
            return self.fault(before, f"something must follow `{before.text}`")
        hints: dict[str, str | None] = {
            "=": "write `==` to compare",
            "+=": "changes like this stand under `does` of an event, or in a policy",
            "-=": "changes like this stand under `does` of an event, or in a policy",
            "*=": "changes like this stand under `does` of an event, or in a policy",
            "^": "write `**` for a power",
            "/": "write `/` once; there is no division to whole numbers",
            "%": "`%` stands right after a number; there is no remainder",
            "[": "square brackets stand after a name, as in `members[o]`, or hold the points of `lookup`",
            ".": "a dot stands between a track and its stage, or a decision and its option: `campaign.striking`",
            ",": self.comma_hint(),
            ";": f"write a comma: `{without_commas(self.text).replace(';', ',')}`",
            "if": "write `a if condition else b`" if self.ahead().text == "(" else None,
            "in": "`in` stands in `sum(x[o] for o in organisation)`",
            "for": "`for` stands in `sum(x[o] for o in organisation)`",
        }
        if token.text in _SPREADS:
            return self._no_spread(token)
        hint = hints.get(token.text) or _FOREIGN.get(token.text)
        if hint is None and token.text.lower() in OPERATOR_WORDS and token.text not in OPERATOR_WORDS:
            hint = f"write `{token.text.lower()}` in small letters"
        operand = token.kind in ("name", "number", "date") and token.text not in (*OPERATOR_WORDS, *CLAUSE_WORDS)
        if before is not None and operand and (before.kind != "sign" or before.text in ")]%"):
            message = f"`{before.text}` and `{token.text}` stand side by side with nothing between them"
            hint = hint or self._side_by_side(before, token)
            return self.fault(token, message, hint or "join them with `*`, `+`, `and` or the like")
        if token.text in (")", "]"):
            return self.fault(token, f"`{token.text}` closes nothing", hint)
        return self.fault(token, f"`{token.text}` cannot stand here", hint)

    def comma_hint(self) -> str | None:
        """How to write the numbers of this text, where the current comma stands within one: `1,000`, `0,5`."""
        if not self._within_number():
            return None
        proper = without_commas(self.text)
        if "," in proper:
            proper = without_commas(f"{self.tokens[self.index - 1].text},{self.ahead().text}")
        return f"numbers are written without commas: `{proper}`"

    def _within_number(self) -> bool:
        """Whether the current comma joins two numbers without a space: one number, as others write it."""
        before, comma, after = self.tokens[max(self.index - 1, 0)], self.current, self.ahead()
        joined = before.end == comma.start and comma.end == after.start
        return comma.text == "," and before.kind == "number" == after.kind and joined

    def refuse_comma(self, function: str) -> None:
        """Raises Fault at a comma between arguments that was hardly meant to part them: `min(1,000, x)`."""
        if not self._within_number():
            return
        before, after = self.tokens[self.index - 1], self.ahead()
        grouped = after.text.isdigit() and len(after.text) == 3 and len(before.text) <= 3
        padded = after.text.isdigit() and len(after.text) > 1 and after.text.startswith("0")
        if padded or (grouped and function in ("min", "max")):
            written = f"{before.text},{after.text}"
            hint = f"write `{without_commas(written)}` for one number, `{before.text}, {after.text}` for two"
            where = self.place(before.start, after.end)
            raise Fault(Diagnostic(where, "syntax", f"`{written}` may be one number or two", hint))

    def _side_by_side(self, before: Token, token: Token) -> str | None:
        """What is meant by two things with nothing between them, where that can be told."""
        for grouped in _GROUPS.finditer(self.text):
            if grouped.start() <= token.start < grouped.end():
                return f"numbers are written without spaces and dots between: `{re.sub('[ .]', '', grouped.group())}`"
        if token.text == "per" and before.kind == "name":
            return f"`per` stands in the unit of a number; write `{before.text} / 1 {self.ahead().text or 'year'}`"
        if before.text == "%" and is_unit_word(token.text):
            return f"write `%/{token.text}` for percent a {token.text}"
        return None

    def _no_spread(self, sign: Token) -> Fault:
        """That a number has no `± 0.1` behind it, and how a spread is written."""
        before, after = self.tokens[max(self.index - 1, 0)], self.ahead()
        hint = "write `normal(mean, sd)` or `low to high`, as a belief"
        if before.kind == "number" == after.kind:
            mean, sd = float(before.text), float(after.text)
            hint = (
                f"as a belief, write `normal({before.text}, {after.text})` where {after.text} is a standard deviation"
            )
            if mean != sd:
                hint += f", `{mean - sd:g} to {mean + sd:g}` where it is half a 90% interval"
        if sign.text == "+-" and before.kind != "sign":
            hint = f"write `-` to subtract; {hint}"
        return self.fault(sign, f"`{sign.text}` has no meaning in an equation", hint)

    def finish(self) -> None:
        if self.current.kind != "end":
            raise self.unexpected()

    # --- expressions --------------------------------------------------------------------------------------------------

    def expression(self, floor: int = 0) -> Expression:
        """An expression whose operators bind at least as tightly as ``floor``."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            hint = "give the inner parts names of their own under `variables`"
            raise self.fault(self.current, f"this is nested more than {MAX_NESTING} deep", hint, "too-deep")
        start = self.current.start
        left = self._operand(floor)
        while (binding := self._binding()) and binding >= floor:
            left = self._infix(left, start, binding)
        self.nesting -= 1
        return left

    def _binding(self) -> int:
        return _BINDING.get(self.current.text, 0) if self.current.kind in ("sign", "name") else 0

    def _infix(self, left: Expression, start: int, binding: int) -> Expression:
        operator = self.advance().text
        if binding == _TERNARY:
            condition = self.expression(_OR)
            self.expect("else", ", after `… if …`: say what holds otherwise")
            otherwise = self.expression(_TERNARY)
            return Conditional(self.span(start), left, condition, otherwise)
        # `**` leans to the right and lets a sign stand in its exponent; the rest lean to the left.
        right = self.expression(_SIGN if binding == _POWER else binding + 1)
        if binding == _COMPARISON and self._binding() == _COMPARISON:
            second = self.current.text
            hint = f"join two comparisons with `and`: `a {operator} b and b {second} c`"
            raise self.fault(self.current, "comparisons cannot be chained", hint)
        return Binary(self.span(start), cast(_Operator, operator), left, right)

    def _operand(self, floor: int) -> Expression:
        token = self.current
        if token.kind == "number":
            return self._number()
        if token.kind == "date":
            self.advance()
            span = self.span(token.start)
            return DateNumber(span, parse_date(token.text, span))
        if self.accept("-"):
            operand = self.expression(_SIGN)
            if isinstance(operand, Number):
                return Number(self.span(token.start), -operand.value, operand.unit)
            return Unary(self.span(token.start), "-", operand)
        if self.at("not"):
            if floor > _NOT:
                raise self.fault(token, "`not` cannot stand here", "put `not …` in parentheses")
            self.advance()
            operand = self.expression(_NOT)
            return Unary(self.span(token.start), "not", operand)
        if self.accept("("):
            inner = self.expression()
            if self.at(","):
                raise self.fault(self.current, "a comma stands between the arguments of a function only")
            self.expect(")", f", to close `(` in column {self.place(token.start, token.end).column}")
            return inner
        if token.kind == "name" and token.text not in OPERATOR_WORDS:
            return self._named()
        raise self.unexpected()

    def _named(self) -> Expression:
        token = self.advance()
        if self.at("("):
            return self._call(token)
        if token.text == "inf":
            return Number(self.span(token.start), math.inf)
        if token.text in _FOREIGN and token.text not in self.declared:
            raise self.fault(token, f"`{token.text}` has no meaning here", _FOREIGN[token.text])
        if token.text in FUNCTIONS or token.text in CLAUSE_WORDS:
            hint = f"write `{token.text}(…)`" if token.text in FUNCTIONS else None
            raise self.fault(token, f"`{token.text}` cannot stand here by itself", hint)
        whole = Name(self.span(token.start), token.text)
        base: Name | Subscript = whole
        if self.at("["):
            indices = self._indices(whole)
            base = Subscript(self.span(token.start), whole, indices)
        if not self.accept("."):
            return base
        if self.current.kind != "name":
            raise self.unexpected()
        name = self.advance()
        if self.at("["):
            hint = f"the index stands before the dot: `{token.text}[…].{name.text}`"
            raise self.fault(self.current, f"`[` cannot stand after `.{name.text}`", hint)
        if self.at("(", "."):
            hint = f"only `{token.text}.STAGE` or `{token.text}.OPTION` is written with a dot"
            raise self.fault(self.current, f"`{self.current.text}` cannot stand after `.{name.text}`", hint)
        return Attribute(self.span(token.start), base, name.text)

    def _indices(self, base: Name) -> tuple[Expression, ...]:
        """The indexes in square brackets after a name."""
        opening = self.advance()
        if self.at("]"):
            raise self.fault(opening, f"`{base.name}[]` names no member", f"write `{base.name}` or `{base.name}[o]`")
        indices = [self.expression()]
        while self.accept(","):
            indices.append(self.expression())
        if self.at(":"):
            hint = "there are no ranges; use `sum(… for o in SET)`"
            raise self.fault(self.current, "an index names one member", hint)
        self.expect("]", f", to close `{base.name}[`")
        return tuple(indices)

    def _call(self, function: Token) -> Expression:
        name = function.text
        if name not in FUNCTIONS:
            raise self._no_function(function)
        self.expect("(")
        if self.at(")"):
            raise self.fault(function, f"`{name}()` has nothing in its parentheses")
        arguments = [self._argument(name)]
        if self.accept("for"):
            return self._comprehension(function, arguments[0])
        while self.at(","):
            self.refuse_comma(name)
            self.advance()
            arguments.append(self._argument(name))
        if self.at("="):
            raise self.fault(self.current, "arguments have no names", f"write `{name}(a, b)`, or `==` to compare")
        self.expect(")", f", to close `{name}(`")
        return Call(self.span(function.start), name, tuple(arguments))

    def _no_function(self, function: Token) -> Fault:
        name = function.text
        hint = FUNCTIONS_ELSEWHERE.get(name.lower()) or did_you_mean(name.lower(), FUNCTIONS)
        hint = hint or "the functions are " + ", ".join(FUNCTIONS)
        distribution = name in KINDS or name in WEIGHTED or instead_of(name)
        if name in self.declared:
            hint = f"`{name}` is indexed with square brackets: `{name}[…]`"
        elif name in _FOREIGN:
            hint = _FOREIGN[name]
        elif distribution and name.lower() not in FUNCTIONS_ELSEWHERE and not did_you_mean(name, FUNCTIONS):
            hint = "a distribution stands alone, under `beliefs` or in `lasts`; name it there and use its name here"
        elif name == "splinter":
            hint = "`splinter(from o, share)` stands alone under `does` of an event"
        return self.fault(function, f"there is no function `{name}`", hint, "unknown-function")

    def _argument(self, function: str) -> Expression:
        if function == "lookup" and self.at("["):
            return self._points()
        return self.expression()

    def _comprehension(self, function: Token, body: Expression) -> Expression:
        name = function.text
        if name not in REDUCTIONS:
            hint = "`for` goes with " + ", ".join(f"`{r}`" for r in REDUCTIONS)
            raise self.fault(function, f"`{name}` does not go over the members of a set", hint)
        variable = self.plain_name("an index", "write `for o in organisation`")
        if not self.at("in"):
            raise self.fault(self.current, "`in` is missing after `for`", "write `for o in organisation`")
        self.advance()
        members = self.plain_name("a set", "write `for o in organisation`")
        condition = self.expression() if self.accept("if") else None
        if self.at("for"):
            hint = "put one sum in another: `sum(sum(… for b in B) for a in A)`"
            raise self.fault(self.current, "one `for` at a time", hint)
        self.expect(")", f", to close `{name}(`")
        set_span = self.place(members.start, members.end)
        return Comprehension(self.span(function.start), name, body, variable.text, members.text, set_span, condition)

    def plain_name(self, what: str, hint: str | None = None) -> Token:
        """A name that the language does not keep for itself."""
        if self.current.kind != "name":
            raise self.fault(self.current, f"the name of {what} is missing", hint)
        token = self.advance()
        if token.text in RESERVED:
            raise self.fault(token, f"`{token.text}` means something else and cannot be {what}", hint)
        return token

    def _points(self) -> PointList:
        start = self.current.start
        shape = "write `[[x0, y0], [x1, y1]]`"
        self.expect("[")
        points: list[tuple[Expression, Expression]] = []
        while True:
            if not self.accept("["):
                raise self.fault(self.current, "a point `[x, y]` is missing", shape)
            x = self.expression()
            if not self.accept(","):
                raise self.fault(self.current, "a point has two numbers", shape)
            y = self.expression()
            if not self.accept("]"):
                raise self.fault(self.current, "a point has two numbers", shape)
            points.append((x, y))
            if not self.accept(","):
                break
        self.expect("]", ", to close the points")
        return PointList(self.span(start), tuple(points))

    # --- numbers and their units --------------------------------------------------------------------------------------

    def _number(self) -> Number:
        token = self.advance()
        value = float(token.text)
        if math.isinf(value):
            raise self.fault(token, "this number is too large", "write `inf` for what has no bound")
        written = self.unit_here(after=token)
        return Number(self.span(token.start), value, written)

    def unit_here(self, after: Token) -> Unit | None:
        """The unit that follows a number or a distribution, if one does.

        A name right behind must be a unit. Behind ``*`` or ``/`` it is one only if the scenario defines no such name,
        so that ``25 usd/person`` is a number with a unit and ``25 / members`` is a division. ``per`` is ``/`` there.
        """
        start = self.index
        parts: list[str] = []
        if self.accept("%"):
            parts.append("percent")
        elif self._at_per():
            parts.append("1")
        elif self.current.kind == "name" and self.current.text not in (*OPERATOR_WORDS, *CLAUSE_WORDS):
            parts.append(self._unit_word(after))
        elif self.current.kind == "number" and self.current.text == "1" and self.ahead().text == "/":
            self.advance()
            parts.append("1")
        while self._at_per() or (self.at("*", "/") and (self._unit_ahead() or parts == ["1"])):
            operator = self.advance().text.replace("per", "/")
            if self.current.kind != "name":
                raise self.unexpected()
            if not parts and operator == "/":
                parts.append("1")
            if parts:
                parts.append(operator)
            parts.append(self._unit_word(after))
        if not parts:
            return None
        text = "".join(parts)
        try:
            return unit(text)
        except UnknownUnit as problem:
            first, last = self.tokens[start], self.tokens[self.index - 1]
            where = self.place(first.start, last.end)
            hint = problem.hint(_value_of(after))
            raise Fault(Diagnostic(where, "unknown-unit", str(problem), hint)) from problem

    def _at_per(self) -> bool:
        return self.at("per") and self.ahead().kind == "name"

    def _unit_ahead(self) -> bool:
        """Whether the token behind the current sign is a unit, and no name of the scenario's or the language's."""
        word = self.ahead()
        if word.kind != "name" or word.text in self.declared or word.text in RESERVED:
            return False
        return self.ahead(2).text not in ("(", "[", ".") and is_unit_word(word.text)

    def _unit_word(self, after: Token) -> str:
        word = self.advance()
        if not is_unit_word(word.text):
            problem = no_unit(word.text)
            hint = problem.hint(_value_of(after))
            if word.text in self.declared:
                over = self.tokens[self.index - 2].text == "per"
                hint = f"write `{after.text} {'/' if over else '*'} {word.text}` for a {'ratio' if over else 'product'}"
            elif word.text.strip("_").isdigit():
                hint = "numbers are written without underscores: 1000000, or 1e6"
            elif word.text.lower() in OPERATOR_WORDS:
                hint = f"write `{word.text.lower()}` in small letters"
            raise self.fault(word, str(problem), hint, "unknown-unit")
        if not self.at("**", "^"):
            return word.text
        sign = "-" if self.ahead().text == "-" else ""
        power = self.ahead(2 if sign else 1)
        if power.kind != "number" or not power.text.isdigit() or len(power.text) > 2:
            raise self.fault(power, "the power of a unit is a small whole number", f"write `{word.text}**2`")
        self.index += 3 if sign else 2
        return f"{word.text}**{sign}{power.text}"


def _value_of(token: Token) -> float | None:
    """The number that a unit stands behind; None where it stands behind a distribution."""
    return float(token.text) if token.kind == "number" else None


def refuse_deep(tree: Expression | LawText) -> None:
    """Raises Fault where the tree is deeper than MAX_DEPTH. It walks without recursion."""
    waiting: list[tuple[object, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            message = f"this equation is too long: more than {MAX_DEPTH} operations build on one another"
            hint = "give its parts names of their own under `variables`"
            raise Fault(Diagnostic(tree.span, "too-deep", message, hint))
        waiting += [(part, depth + 1) for part in _parts(node)]


def _parts(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        for item in node:
            yield from _parts(item) if isinstance(item, tuple) else (item,)
    elif dataclasses.is_dataclass(node) and not isinstance(node, (Span, Unit)):
        for field in dataclasses.fields(node):
            value = getattr(node, field.name)
            if isinstance(value, tuple):
                yield from _parts(value)
            elif dataclasses.is_dataclass(value):
                yield value
