"""The texts of a scenario file → trees: equations, distributions, effects, assignments and headings.

Every function takes the text, a ``place`` that says where in which file a stretch of it stands, and where needed
``declared``, the names the scenario defines. Each gives a tree or raises
Fault, whatever the text; nothing is evaluated.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal

from playout.errors import did_you_mean
from playout.model.distribution import KINDS
from playout.model.expression import Binary, Binder, Call, Expression, LawText, Number, Target
from playout.model.other_distributions import SUBSTITUTES, instead_of, plain_form
from playout.model.pratt import WEIGHTED, ExpressionParser, refuse_deep
from playout.model.scenario import Assignment, Effect, Splinter
from playout.model.tokens import (
    CONSTANTS,
    FUNCTIONS,
    NAME,
    RESERVED,
    Fault,
    Place,
    Token,
    parse_date,
    without_commas,
)

__all__ = [
    "Fault",
    "Place",
    "parse_assignment",
    "parse_effect",
    "parse_expression",
    "parse_heading",
    "parse_law",
    "parse_target",
]

_EFFECTS: Mapping[str, Literal["=", "+=", "-=", "*="]] = {"=": "=", "+=": "+=", "-=": "-=", "*=": "*="}
_CHANGES: Mapping[str, Literal["*=", "+="]] = {"*=": "*=", "+=": "+="}
_NOT_IN_WORDS = ("to", "if", "else", "from", "until")


def parse_expression(text: str, place: Place, declared: Collection[str]) -> Expression:
    """An equation, such as ``recruitment_rate * members[o] * (1 - deterred[o])``."""
    parser = _StatementParser(text, place, declared)
    tree = parser.expression()
    parser.finish()
    refuse_deep(tree)
    return tree


def parse_law(text: str, place: Place, declared: Collection[str]) -> LawText:
    """What stands behind ``is``: a number, a word, ``a to b``, ``a to b, likely c`` or ``gamma(4, 2 weeks)``.

    Where only the last number of an interval has a unit it is the unit of the whole (``3 to 12 months``): then the
    tree's numbers are bare and the tree has the unit. ``normal(3, 1) weeks`` is such a whole too.
    """
    parser = _StatementParser(text, place, declared)
    tree = parser.law()
    parser.refuse_until()
    if parser.at(","):
        hint = parser.comma_hint() or "a likeliest value is written `2 to 5, likely 3`"
        raise parser.fault(parser.current, "`,` cannot stand here", hint)
    parser.finish()
    refuse_deep(tree)
    return tree


def parse_effect(text: str, place: Place, declared: Collection[str]) -> Effect | Splinter:
    """One line of an event's ``does``: ``trust[s in service] -= 0.1`` or ``splinter(from o, 0.3)``."""
    parser = _StatementParser(text, place, declared)
    effect = parser.splinter() if parser.at("splinter") else parser.effect()
    parser.finish()
    for tree in (effect.parent, effect.share) if isinstance(effect, Splinter) else (effect.value,):
        refuse_deep(tree)
    return effect


def parse_assignment(text: str, place: Place, declared: Collection[str]) -> Assignment:
    """One line of a policy or view: ``x *= 0.5 from 2026-01-01``, ``authority = finding``, ``forbid authority.strike``.

    After ``=`` a lone number, name or equation is an Expression; an interval, a distribution or a word that is no name
    of the scenario is a LawText.
    """
    parser = _StatementParser(text, place, declared)
    assignment = parser.assignment()
    parser.finish()
    if assignment.value is not None:
        refuse_deep(assignment.value)
    return assignment


def parse_target(text: str, place: Place, declared: Collection[str]) -> Target:
    """A name with its indexes, if any: ``leak_rate[navy]``."""
    parser = _StatementParser(text, place, declared)
    target = parser.target()
    parser.finish()
    return target


def parse_heading(text: str, place: Place) -> tuple[str, tuple[Binder, ...]]:
    """The left side of a definition: ``members[o in organisation]`` → its name and its binders.

    A bare set (``rivalry[organisation, organisation]``) is a binder whose variable has the set's name.
    """
    parser = _StatementParser(text, place, ())
    heading = parser.heading()
    parser.finish()
    return heading


_PARAMETER = re.compile(r"\s*([a-z_]\w*)\s*=\s*([^,;()=]+?)\s*[,;)]")


def _in_order(kind: str, text: str) -> str | None:
    """``(sd=3, mean=2)`` as it is written here, `normal(2, 3)`; None where the names are not the parameters'."""
    signature = KINDS[kind].signature
    named = dict(_PARAMETER.findall(text[1 : text.find(")") + 1]))
    if set(named) != set(signature):
        return None
    return f"`{kind}({', '.join(named[name] for name in signature)})`"


class _StatementParser(ExpressionParser):
    """What a scenario says besides equations."""

    # --- distributions ------------------------------------------------------------------------------------------------

    def law(self) -> LawText:
        start = self.current
        if words := self._words():
            self.index += len(words)
            word = " ".join(t.text.lower() for t in words if t.kind == "name")
            return LawText(self.span(start.start), "word", word=word)
        if self.ahead().text == "(" and self.current.text in (*KINDS, *WEIGHTED):
            law = self._weighted() if self.current.text in WEIGHTED else self._distribution()
            whole = self.unit_here(after=start)
            return replace(law, span=self.span(start.start), unit=whole)
        self.refuse_until()
        self._refuse_unknown_distribution()
        first = self.expression()
        if isinstance(first, Call) and first.function in SUBSTITUTES and len(first.arguments) > 1:
            raise self._no_distribution(start)
        if not self.accept("to"):
            self._refuse_dash(start, first)
            return LawText(self.span(start.start), "point", (first,))
        numbers = [first, self.expression()]
        if self.at(",") and self.ahead().text == "likely":
            self.index += 2
            numbers.append(self.expression())
        return self._interval(start, numbers)

    def refuse_until(self) -> None:
        """`lasts: until 2026-10-18` is no length of time."""
        if self.at("until"):
            token, day = self.current, self.ahead()
            condition = f"date >= {day.text}" if day.kind == "date" else "CONDITION"
            hint = (
                "a stage that ends on a day or by a condition has no `lasts`; its track has a move: "
                f'`moves: [{{from: STAGE, to: NEXT, when: "{condition}"}}]`'
            )
            raise self.fault(token, "`until` gives no length of time", hint)

    def _refuse_unknown_distribution(self) -> None:
        """`weibull(2, 3)` is looked for among the distributions; what else is called may be a function of numbers."""
        name = self.current.text
        if self.current.kind == "name" and self.ahead().text == "(" and name not in (*FUNCTIONS, *self.declared):
            raise self._no_distribution(self.current)

    def _no_distribution(self, token: Token) -> Fault:
        known = (*KINDS, *WEIGHTED)
        written = plain_form(token.text)
        hint = f"write `{written}`" if written in known else instead_of(token.text)
        if hint is None:
            hint = did_you_mean(written, (*known, *FUNCTIONS)) or "the distributions are " + ", ".join(known)
        return self.fault(token, f"there is no distribution `{token.text}`", hint, "unknown-distribution")

    def _refuse_dash(self, start: Token, tree: Expression) -> None:
        """`0.2 - 0.5` is a range to its writer and -0.3 to arithmetic: neither is taken for granted."""
        if isinstance(tree, Binary) and tree.operator == "-":
            ends = (tree.left, tree.right)
            if all(isinstance(end, Number) for end in ends):
                raise self.fault(start, "this reads as one number less another", "a range is written `0.2 to 0.5`")

    def _words(self) -> list[Token]:
        """The tokens of a word of estimative probability (``very likely``, ``even-chance``), if that is what comes."""
        words: list[Token] = []
        hyphens = 0
        index = self.index
        while self.tokens[index].kind == "name" and self.tokens[index].text not in _NOT_IN_WORDS:
            words.append(self.tokens[index])
            hyphen, following = self.tokens[index + 1], self.tokens[min(index + 2, len(self.tokens) - 1)]
            joined = hyphen.text == "-" and hyphen.start == words[-1].end and following.start == hyphen.end
            if joined and following.kind == "name":
                words.append(hyphen)
                hyphens += 1
                index += 1
            index += 1
        behind = self.tokens[index]
        if (behind.kind == "sign" and behind.text not in (",", ")")) or behind.kind in ("number", "date"):
            return []
        names = [w.text for w in words if w.kind == "name"]
        if len(names) == 1 or len(names) == hyphens + 1:  # could be a name or a difference of names
            known = (*CONSTANTS, *FUNCTIONS, *KINDS, *WEIGHTED)
            if any(name in self.declared or (name in known and name != "likely") for name in names):
                return []
        return words

    def _distribution(self) -> LawText:
        kind = self.advance()
        signature = KINDS[kind.text].signature
        form = f"`{kind.text}({', '.join(signature)})`"
        opened = self.current
        self.expect("(")
        parameters: list[Expression] = []
        while not self.at(")"):
            if self.ahead().text == "=":
                hint = f"write {_in_order(kind.text, self.text[kind.end :]) or form}"
                raise self.fault(self.current, "parameters are given in order, without names", hint)
            parameters.append(self.expression())
            if self.at(":"):
                raise self.fault(self.current, "`:` stands in `mixture` and `categorical` only", f"write {form}")
            self.refuse_comma(kind.text)
            if not self.accept(","):
                break
        self.expect(")", f", to close `{kind.text}(`")
        if len(parameters) != len(signature):
            wanted = f"{len(signature)} number{'s' if len(signature) > 1 else ''}"
            proper = without_commas(self.text[opened.start : self.tokens[self.index - 1].end])
            if proper.count(",") == len(signature) - 1:
                form = f"numbers without commas: `{kind.text}{proper}`"
            raise self.fault(kind, f"`{kind.text}` takes {wanted}, not {len(parameters)}", f"write {form}")
        return LawText(self.span(kind.start), kind.text, tuple(parameters))

    def _weighted(self) -> LawText:
        kind = self.advance()
        mixture = kind.text == "mixture"
        shape = "`mixture(0.3: normal(2, 1), 0.7: 4 to 8)`" if mixture else "`categorical(0.3: 1, 0.7: 5)`"
        self.nesting += 1
        self.expect("(")
        pairs: list[tuple[Expression, Expression | LawText]] = []
        while not self.at(")"):
            weight = self.expression()
            if not self.accept(":"):
                what = "a distribution" if mixture else "a value"
                hint = self.comma_hint() or f"write {shape}"
                raise self.fault(self.current, f"`:` is missing between a weight and {what}", hint)
            pairs.append((weight, self.law() if mixture else self.expression()))
            if not self.accept(","):
                break
        self.expect(")", f", to close `{kind.text}(`")
        self.nesting -= 1
        if not pairs:
            raise self.fault(kind, f"`{kind.text}()` has nothing in its parentheses", f"write {shape}")
        return LawText(self.span(kind.start), kind.text, weighted=tuple(pairs))

    def _interval(self, start: Token, numbers: list[Expression]) -> LawText:
        span = self.span(start.start)
        plain = [n for n in numbers if isinstance(n, Number)]
        united = [n for n in plain if n.unit is not None]
        if len(plain) < len(numbers) or len(united) in (0, len(numbers)):
            return LawText(span, "interval", tuple(numbers))
        if len(united) > 1 or united[0] is plain[0]:
            hint = "give every number its unit, or write one unit behind the last: `3 to 12 months`"
            raise self.fault(start, "some numbers of this interval have a unit and others have none", hint)
        bare = tuple(replace(n, unit=None) for n in plain)
        return LawText(span, "interval", bare, unit=united[0].unit)

    # --- effects ------------------------------------------------------------------------------------------------------

    def target(self) -> Target:
        token = self.plain_name("what is changed", "write `x += …`: the name first, then how it changes")
        indices: list[Expression | Binder] = []
        if self.accept("["):
            indices.append(self._target_index())
            while self.accept(","):
                indices.append(self._target_index())
            self.expect("]", f", to close `{token.text}[`")
        return Target(self.span(token.start), token.text, tuple(indices))

    def _target_index(self) -> Expression | Binder:
        if self.current.kind == "name" and self.ahead().text == "in":
            return self._binder()
        return self.expression()

    def effect(self) -> Effect:
        start = self.current.start
        shape = "an effect reads `stock += equation`, with `=`, `+=`, `-=` or `*=`"
        target = self.target()
        token = self.advance()
        operator = _EFFECTS.get(token.text)
        if operator is not None:
            value = self.expression()
            return Effect(self.span(start), target, operator, value)
        if token.text == ".":
            hint = "a stage is entered by `moves` of its track, an option is chosen by its decision"
            raise self.fault(token, "an effect changes a stock, not a stage or an option", hint)
        if token.text == "/":
            shape = "to divide, multiply by the inverse: `*= 0.5`"
        raise self.fault(token, f"this does not say how `{target.name}` changes", shape)

    def splinter(self) -> Splinter:
        token = self.advance()
        shape = "write `splinter(from o, 0.3)`: who splits, and the share that leaves"
        if not self.accept("(") or not self.accept("from"):
            raise self.fault(self.current, "`splinter` says from whom and which share", shape)
        parent = self.expression()
        if not self.accept(","):
            raise self.fault(self.current, "the share that leaves is missing", shape)
        share = self.expression()
        self.expect(")", ", to close `splinter(`")
        return Splinter(self.span(token.start), parent, share)

    # --- policies and views -------------------------------------------------------------------------------------------

    def assignment(self) -> Assignment:
        start = self.current.start
        if self.at("forbid"):
            self.advance()
            target = self.target()
            if not self.accept("."):
                hint = f"write `forbid {target.name}.OPTION`"
                raise self.fault(self.current, "this does not say which option is forbidden", hint)
            option = self.plain_name("an option").text
            begin, until = self._window()
            return Assignment(self.span(start), self.text.strip(), "forbid", target, None, option, begin, until)
        target = self._spreads() if self.at("spreads") else self.target()
        token = self.advance()
        if token.text == "=":
            law = self.law()
            value = law.parameters[0] if law.kind == "point" and law.unit is None and not self._pointed(law) else law
            begin, until = self._window()
            return Assignment(self.span(start), self.text.strip(), "=", target, value, None, begin, until)
        operator = _CHANGES.get(token.text)
        if operator is not None:
            factor = self.expression()
            begin, until = self._window()
            return Assignment(self.span(start), self.text.strip(), operator, target, factor, None, begin, until)
        hint = "write `x = …`, `x *= …`, `x += …` or `forbid decision.option`"
        if token.text == "-=":
            hint = f"write `{target.name} += -…`"
        elif token.text == ".":
            hint = f"write `{target.name} = {self.current.text or 'OPTION'}` to choose an option"
        raise self.fault(token, f"this does not say how `{target.name}` is changed", hint)

    def _pointed(self, law: LawText) -> bool:
        """Whether a point was written ``point(x)`` and not just ``x``: then it is a belief's law on any reading."""
        return law.span != law.parameters[0].span

    def _spreads(self) -> Target:
        token = self.advance()
        return Target(self.span(token.start), token.text)

    def _window(self) -> tuple[dt.date | None, dt.date | None]:
        begin: dt.date | None = None
        until: dt.date | None = None
        while self.at("from", "until"):
            word = self.advance()
            if (begin if word.text == "from" else until) is not None:
                raise self.fault(word, f"`{word.text}` stands here twice")
            token = self.current
            if token.kind != "date":
                hint = f"write `{word.text} 2026-01-31`"
                raise self.fault(token, f"a date is missing after `{word.text}`", hint)
            self.advance()
            date = parse_date(token.text, self.span(token.start))
            begin, until = (date, until) if word.text == "from" else (begin, date)
        if begin is not None and until is not None and until <= begin:
            last = self.tokens[self.index - 1]
            raise self.fault(last, "this ends before it begins", "put the earlier date after `from`")
        return begin, until

    # --- headings -----------------------------------------------------------------------------------------------------

    def heading(self) -> tuple[str, tuple[Binder, ...]]:
        name = self.declared_name("a definition")
        binders: list[Binder] = []
        if self.accept("["):
            binders.append(self._binder())
            while self.accept(","):
                binders.append(self._binder())
            self.expect("]", f", to close `{name}[`")
        elif self.current.kind != "end":
            hint = f"write `{name}`, or `{name}[o in organisation]` for one a member"
            raise self.fault(self.current, "a heading is one name, with its sets in brackets", hint)
        return name, tuple(binders)

    def declared_name(self, what: str) -> str:
        """A name that the scenario gives to something: lower case, and not one of the language's own words."""
        token = self.current
        if token.kind != "name":
            missing = token.kind in ("sign", "end")
            message = f"the name of {what} is missing" if missing else f"the name of {what} starts with a letter"
            raise self.fault(token, message, "names are like `members_2025`", "bad-name")
        self.advance()
        if not NAME.fullmatch(token.text):
            proper = token.text.lower().lstrip("_")
            message = "names are written in small letters, digits and _, and start with a letter"
            raise self.fault(token, message, f"write `{proper}`" if proper else None, "bad-name")
        if token.text in RESERVED:
            message = f"`{token.text}` already means something in equations"
            raise self.fault(token, message, f"choose another name, such as `{token.text}_value`", "bad-name")
        return token.text

    def _binder(self) -> Binder:
        start = self.current.start
        variable = self.declared_name("an index or a set")
        members = variable
        if self.accept("in"):
            members = self.declared_name("a set")
        elif self.at("for", "of", "on", "from"):
            raise self.fault(self.current, f"`{self.current.text}` cannot stand here", f"write `{variable} in SET`")
        return Binder(self.span(start), variable, members)
