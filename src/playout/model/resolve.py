"""Surface expressions → typed trees: names looked up, indexes bound, units folded into numbers, kinds known.

`Resolver` serves a whole scenario and keeps the meaning of every expression; a `Reader` reads one tree. What is wrong
goes to the findings with its place, and the tree is then None: whoever gets None says nothing more about it.
Operators are read in `operators.py`; calls, reductions and history in `functions.py`. Longer than most modules: one
case for each kind of expression.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Literal, TypeAlias

from playout.errors import Span, did_you_mean
from playout.model import functions, operators
from playout.model.expression import (
    Attribute,
    Binary,
    Call,
    Clock,
    Comprehension,
    Conditional,
    Constant,
    DateNumber,
    EndOdds,
    Expression,
    History,
    IndexVariable,
    MemberOf,
    Name,
    Number,
    Operation,
    PointList,
    Reduction,
    Reference,
    StageTest,
    Subscript,
    Type,
    Typed,
    Unary,
)
from playout.model.findings import Findings, listed
from playout.model.names import BOOL, DATE, Entry, Names, choice_type
from playout.model.tokens import CONSTANTS
from playout.model.typed import (
    constant,
    fits_any_dimension,
    type_words,
    unit_example,
    unit_words,
    with_dimension,
    with_unit,
)
from playout.model.units import PLAIN, TIME, Dimension, Unit, behind_number, is_unit_word

Scope: TypeAlias = Mapping[str, str]
"""The index variables of a definition's left side: variable -> set."""

PLAIN_NUMBER = Type("number")

_LESS_PLAIN = 3  # how many of many names a hint lists


class Resolver:
    """Reads the expressions of a scenario in the scope of their definitions and keeps what each means."""

    def __init__(self, names: Names, findings: Findings) -> None:
        self.names = names
        self.findings = findings
        self.meaning: dict[Expression, Typed] = {}

    def read(self, tree: Expression, scope: Scope, wanted: Type | None = None) -> Typed | None:
        """The typed tree of an expression, of whatever kind; kept in `meaning`.

        ``wanted`` (a member of a set, an option of a decision) says how a lone name is to be looked up.
        """
        return self._kept(tree, Reader(self, scope).read(tree, wanted))

    def number(
        self,
        tree: Expression,
        scope: Scope,
        dimension: Dimension | None,
        role: str,
        unit: Unit | None = None,
        declared: str | None = None,
    ) -> Typed | None:
        """A number of this dimension (None: of any). ``role`` begins the sentence about what is wrong.

        With ``unit`` a bare number takes it, as it does in YAML where a definition declares its unit. ``declared`` is
        the unit that a hint proposes for a number that may not be bare.
        """
        if unit is not None and (bare := _bare_number(tree)) is not None:
            return self._kept(tree, Constant(Type("number", unit.dimension), bare * unit.factor, tree.span))
        typed = Reader(self, scope).read(tree)
        if typed is None or not self.is_number(typed, role) or self._is_undefined(typed, f"{role} is not a number"):
            return None
        if dimension is not None and typed.type.dimension != dimension:
            if not fits_any_dimension(typed):
                hint = None
                value = constant(typed) if typed.type.dimension.plain else None
                if value is not None:
                    hint = with_unit(value, declared or (unit.text if unit else None), dimension)
                found = unit_words(typed.type.dimension)
                self.findings.error(tree.span, "units", f"{role} wants {unit_words(dimension)}; this is {found}", hint)
                return None
            typed = with_dimension(typed, dimension)
        return self._kept(tree, typed)

    def truth(self, tree: Expression, scope: Scope, role: str) -> Typed | None:
        """A condition: true or false."""
        typed = Reader(self, scope).read(tree)
        if typed is None or not self.is_truth(typed, role):
            return None
        if self._is_undefined(typed, f"{role} compares what is not a number"):
            return None
        return self._kept(tree, typed)

    def _is_undefined(self, typed: Typed, message: str) -> bool:
        """Whether a tree of literals comes to no number; says so if it does."""
        value = constant(typed)
        if value is None or not math.isnan(value):
            return False
        hint = "look for a division by 0, a logarithm or root of what is below 0, or a power too large"
        self.findings.error(typed.span, "not-a-number", message, hint)
        return True

    def member(self, tree: Expression, scope: Scope, set_name: str, role: str) -> Typed | None:
        """A member of the set."""
        wanted = Type("member", set=set_name)
        typed = Reader(self, scope).read(tree, wanted)
        if typed is None:
            return None
        if typed.type != wanted:
            message = f"{role} wants {type_words(wanted)}; this is {type_words(typed.type)}"
            self.findings.error(tree.span, "index", message)
            return None
        return self._kept(tree, typed)

    def is_number(self, typed: Typed, role: str) -> bool:
        """Whether a tree is a number; says so if not."""
        if typed.type.kind == "number":
            return True
        hint = None
        if typed.type.kind == "bool":
            hint = "write `1 if … else 0` to make a number of a condition"
        elif typed.type.kind == "date":
            hint = "a date less a date is a time: `date - 2026-01-01`"
        elif isinstance(typed, Reference):
            hint = f"ask which was chosen: `{typed.name} == …`"
        self.findings.error(typed.span, "kind", f"{role} wants a number; this is {type_words(typed.type)}", hint)
        return False

    def is_truth(self, typed: Typed, role: str) -> bool:
        """Whether a tree is true or false; says so if not."""
        if typed.type.kind == "bool":
            return True
        hint = "compare it with something: `… > 0`" if typed.type.kind == "number" else None
        if typed.type.kind in ("member", "option"):
            hint = "ask which one it is: `… == …`"
        self.findings.error(typed.span, "kind", f"{role} wants true or false; this is {type_words(typed.type)}", hint)
        return False

    def _kept(self, tree: Expression, typed: Typed | None) -> Typed | None:
        if typed is not None:
            self.meaning[tree] = typed
        return typed


def _bare_number(tree: Expression) -> float | None:
    """The value of a number written without a unit."""
    match tree:
        case Number(unit=None):
            return tree.value
        case Unary(operator="-", operand=Number(unit=None) as number):
            return -number.value
    return None


class Reader:
    """Reads one tree. Index variables get names unique within it."""

    def __init__(self, resolver: Resolver, scope: Scope) -> None:
        self.resolver = resolver
        self.names = resolver.names
        self.findings = resolver.findings
        nowhere = Span("", 0, 0, 0)
        self.scope: dict[str, IndexVariable] = {
            name: IndexVariable(Type("member", set=set_name), name, nowhere) for name, set_name in scope.items()
        }
        self.used = set(scope)

    # --- what functions.py uses too ---

    def error(self, span: Span, code: str, message: str, hint: str | None = None) -> None:
        self.findings.error(span, code, message, hint)

    def fresh(self, name: str) -> str:
        """A name for an index variable that this tree does not have yet."""
        candidate, number = name, 1
        while candidate in self.used:
            number += 1
            candidate = f"{name}_{number}"
        self.used.add(candidate)
        return candidate

    def number(self, tree: Expression, role: str) -> Typed | None:
        typed = self.read(tree)
        return typed if typed is not None and self.resolver.is_number(typed, role) else None

    def plain(self, tree: Expression, role: str) -> Typed | None:
        """A number without a unit."""
        typed = self.number(tree, role)
        if typed is None or typed.type.dimension.plain:
            return typed
        declared = behind_number((self.declared_unit(typed) or "").replace("/time", "/week"))
        hint = f"divide it by `1 {declared or unit_example(typed.type.dimension)}` or by something of the same unit"
        found = unit_words(typed.type.dimension)
        self.error(typed.span, "units", f"{role} wants a plain number; this is {found}", hint)
        return None

    def truth(self, tree: Expression, role: str) -> Typed | None:
        typed = self.read(tree)
        return typed if typed is not None and self.resolver.is_truth(typed, role) else None

    def alike(self, left: Typed, right: Typed, span: Span, verb: str) -> tuple[Typed, Typed] | None:
        """Both numbers in one dimension, or a message with both sides' units. ``verb``: ``adds {} and {}``."""
        a, b = left.type.dimension, right.type.dimension
        if a == b:
            return left, right
        if fits_any_dimension(left):
            return with_dimension(left, b), right
        if fits_any_dimension(right):
            return left, with_dimension(right, a)
        hint = None
        for side, other in ((left, right), (right, left)):
            if isinstance(side, Constant) and side.type.dimension.plain:
                hint = with_unit(side.value, self.declared_unit(other), other.type.dimension)
        self.error(span, "units", "this " + verb.format(self._unit(left), self._unit(right)), hint)
        return None

    def _unit(self, tree: Typed) -> str:
        """The unit of a number in words: as declared where the tree is a name."""
        if isinstance(tree, Reference) and not tree.type.dimension.plain:
            return self.names.entries[tree.name].unit
        return unit_words(tree.type.dimension)

    def declared_unit(self, tree: Typed) -> str | None:
        """The unit that a number's parts are declared in, where that is one; a product of two has none."""
        match tree:
            case Reference():
                return self.names.entries[tree.name].unit
            case Operation(operator="add" | "sub" | "neg" | "abs" | "min" | "max" | "clip" | "if"):
                alike = [part for part in tree.arguments if part.type == tree.type]
            case Operation(operator="mul" | "div"):
                alike = [part for part in tree.arguments if not part.type.dimension.plain]
                if len(alike) != 1 or alike[0].type != tree.type:
                    return None
            case Reduction() | History(function="delay" | "smooth" | "change"):
                alike = [tree.body]
            case _:
                return None
        return next((unit for part in alike if (unit := self.declared_unit(part)) is not None), None)

    # --- reading ---

    def read(self, tree: Expression, wanted: Type | None = None) -> Typed | None:
        """The typed tree, or None where something is wrong and has been said."""
        match tree:
            case Number():
                unit = tree.unit or PLAIN
                self.findings.caution(tree.span, unit)
                return Constant(Type("number", unit.dimension), tree.value * unit.factor, tree.span)
            case DateNumber():
                return Constant(DATE, float((tree.value - self.names.scenario.start).days), tree.span)
            case Name():
                return self._name(tree, wanted)
            case Subscript():
                return self._subscript(tree)
            case Attribute():
                return self._attribute(tree)
            case Unary():
                return operators.unary(self, tree)
            case Binary():
                return operators.binary(self, tree)
            case Conditional():
                return operators.conditional(self, tree, wanted)
            case Call():
                return functions.call(self, tree)
            case Comprehension():
                return functions.comprehension(self, tree)
            case PointList():
                self.error(tree.span, "kind", "a list of points stands in `lookup(x, [[x0, y0], …])` only")
                return None

    # --- names ---

    def _name(self, tree: Name, wanted: Type | None) -> Typed | None:
        name, span = tree.name, tree.span
        if name in self.scope:
            return dataclasses.replace(self.scope[name], span=span)
        if name in CONSTANTS:
            return self._constant(tree, wanted)
        if name in self.names.entries:
            return self.reference(self.names.entries[name], (), span)
        if wanted is not None and wanted.set is not None:
            if wanted.kind == "member":
                position = self.names.position(wanted.set, name)
            else:
                position = self.names.option(wanted.set, name)
            if position is not None:
                return MemberOf(wanted, position, span)
        self._unknown(tree, wanted)
        return None

    def _constant(self, tree: Name, wanted: Type | None) -> Typed | None:
        match tree.name:
            case "true" | "false":
                return Constant(BOOL, float(tree.name == "true"), tree.span)
            case "inf":
                return Constant(PLAIN_NUMBER, float("inf"), tree.span)
            case "never":
                return Constant(DATE, float("inf"), tree.span)
            case "time":
                return Clock(Type("number", TIME), tree.span)
            case "date":
                return Clock(DATE, tree.span)
        if wanted is not None:
            return MemberOf(wanted, -1, tree.span)
        hint = "write `first_target == none` for a choice not made"
        self.error(tree.span, "kind", "`none` stands beside a choice, on the other side of `==` or `!=`", hint)
        return None

    def _unknown(self, tree: Name, wanted: Type | None) -> None:
        """Say what an unknown name might have been meant to be."""
        name, names = tree.name, self.names
        if wanted is not None and wanted.set is not None and name not in names.scenario.sets:
            self._no_such(tree, wanted)
            return
        hint: str | None = None
        message = f"there is no `{name}`"
        if name in names.members:
            set_name = names.members[name][0]
            message = f"`{name}` is a member of `{set_name}` and has no value of its own"
            hint = f"index something with it, or compare: `o == {name}`"
        elif name in names.options:
            chosen = names.options[name][0]
            kind = "end" if chosen in names.scenario.games else "option"
            message, hint = f"`{name}` is an {kind} of `{chosen}`", f"write `{chosen} == {name}`"
        elif name in names.scenario.sets:
            message = f"`{name}` is a set and has no value of its own"
            hint = f"count its members with `count(true for o in {name})`"
        elif name in names.scenario.measures:
            message = f"`{name}` is a measure: it reports, and equations do not read it"
            hint = "make it a variable, and let the measure name that"
        elif stages := [t.name for t in names.scenario.tracks.values() if name in [s.name for s in t.stages]]:
            message, hint = f"`{name}` is a stage of `{stages[0]}`", f"write `{stages[0]}.{name}`"
        elif len(name) == 1:
            message = f"nothing says whom `{name}` stands for"
            hint = f"write `[{name} in SET]` on the left side, or `sum(… for {name} in SET)`"
        else:
            hint = did_you_mean(name, [*names.entries, *self.scope, *CONSTANTS])
            if hint is None and is_unit_word(name):
                hint = f"a unit stands behind its number: `3 {name}`"
        self.error(tree.span, "unknown-name", message, hint)

    def _no_such(self, tree: Name, wanted: Type) -> None:
        """An unknown member, option or end."""
        assert wanted.set is not None
        if wanted.kind == "member" and wanted.set not in self.names.scenario.sets:
            return  # that set is not there, and that has been said
        if wanted.kind == "option":
            known = self.names.outcomes(wanted.set)
            kind = "end" if wanted.set in self.names.scenario.games else "option"
            message = f"`{wanted.set}` has no {kind} `{tree.name}`"
        else:
            known = list(self.names.scenario.sets[wanted.set].labels)
            message = f"`{wanted.set}` has no member `{tree.name}`"
            elsewhere = [s for s in self.names.members.get(tree.name, ()) if s != wanted.set]
            if elsewhere:
                message = f"`{tree.name}` is a member of `{elsewhere[0]}`; a member of `{wanted.set}` is wanted here"
            elif len(tree.name) == 1:
                message = f"nothing says whom `{tree.name}` stands for"
                example = f"sum(… for {tree.name} in {wanted.set})"
                self.error(
                    tree.span,
                    "unknown-name",
                    message,
                    f"write `[{tree.name} in {wanted.set}]` on the left side, or `{example}`",
                )
                return
        hint = did_you_mean(tree.name, [*known, *self.scope]) or f"there are {_some(known)}"
        code = f"unknown-{kind}" if wanted.kind == "option" else "unknown-member"
        self.error(tree.span, code, message, hint)

    def _subscript(self, tree: Subscript) -> Typed | None:
        entry = self._entry(tree.base)
        return None if entry is None else self.reference(entry, tree.indices, tree.span)

    def _entry(self, base: Name) -> Entry | None:
        """What stands before brackets or a dot."""
        entry = self.names.entries.get(base.name)
        if entry is not None:
            return entry
        if base.name in self.scope:
            self.error(base.span, "index", f"`{base.name}` is an index; an index has no indexes itself")
        elif base.name in CONSTANTS:
            self.error(base.span, "index", f"`{base.name}` has no indexes")
        else:
            self._unknown(base, None)
        return None

    def reference(self, entry: Entry, indices: tuple[Expression, ...], span: Span) -> Typed | None:
        """The value of a named thing, with as many indexes as it wants."""
        if entry.what == "track":
            stages = [s.name for s in self.names.scenario.tracks[entry.name].stages]
            message, hint = f"`{entry.name}` is a track: it has stages and no value", None
            if stages:
                hint = f"ask for a stage: `{entry.indexed()}.{stages[0]}`"
            self.error(span, "kind", message, hint)
            return None
        positions = self.indices(entry, indices, span)
        if positions is None:
            return None
        return Reference(self.names.type_of(entry), entry.what, entry.name, positions, span)

    def indices(self, entry: Entry, indices: tuple[Expression, ...], span: Span) -> tuple[Typed, ...] | None:
        """The indexes of a name, each a member of the set it wants."""
        if len(indices) != len(entry.sets):
            self._wrong_count(entry, indices, span)
            return None
        read = [self._index(entry, tree, set_name) for tree, set_name in zip(indices, entry.sets, strict=True)]
        found = tuple(index for index in read if index is not None)
        return found if len(found) == len(read) else None

    def _wrong_count(self, entry: Entry, indices: tuple[Expression, ...], span: Span) -> None:
        if not entry.sets:
            self.error(span, "index", f"`{entry.name}` has no indexes", f"write `{entry.name}`")
            return
        over = listed(entry.sets)
        if not indices:
            message = f"`{entry.name}` is indexed by {over}: this does not say which"
            hint = f"write `{entry.indexed()}`"
            if entry.what == "track":
                hint = f"say of whom: `{entry.indexed()}`, or `any(… for {entry.letters[0]} in {entry.sets[0]})`"
            elif self.names.type_of(entry).kind == "number":
                hint += f", or `sum({entry.name})` for all together"
        else:
            message = f"`{entry.name}` is indexed by {over}, and this gives {len(indices)} of {len(entry.sets)} indexes"
            if len(indices) > len(entry.sets):
                message = f"`{entry.name}` is indexed by {over} only, and this gives {len(indices)} indexes"
            hint = f"write `{entry.indexed()}`"
        self.error(span, "index", message, hint)

    def _index(self, entry: Entry, tree: Expression, set_name: str) -> Typed | None:
        wanted = Type("member", set=set_name)
        if set_name not in self.names.scenario.sets:
            return None  # the definition names a set that is not there, and that has been said
        index = self.read(tree, wanted)
        if index is None or index.type == wanted:
            return index
        if index.type.kind == "member" and index.type.set not in self.names.scenario.sets:
            return None  # so has the left side's unknown set
        found = type_words(index.type)
        if isinstance(index, IndexVariable):
            found = f"`{index.name}` runs over `{index.type.set}`"
        else:
            found = f"this is {found}"
        self.error(tree.span, "index", f"`{entry.name}` wants a member of `{set_name}` here; {found}")
        return None

    # --- stages and options ---

    def _attribute(self, tree: Attribute) -> Typed | None:
        base = tree.base if isinstance(tree.base, Name) else tree.base.base
        entry = self._entry(base)
        if entry is None:
            return None
        if entry.what == "track":
            return self.stage(tree, "in")
        if entry.what not in ("decision", "game"):
            message = (
                f"`{entry.name}` is {entry.described}: only tracks have stages, decisions have options and games ends"
            )
            self.error(tree.span, "kind", message)
            return None
        chosen = self.reference(entry, tree.base.indices if isinstance(tree.base, Subscript) else (), tree.base.span)
        wanted = choice_type(self.names.scenario.chosen[entry.name])
        option = Name(_tail(tree), tree.name)
        assert wanted.set is not None
        if wanted.kind == "member":
            position = self.names.position(wanted.set, tree.name)
        else:
            position = self.names.option(wanted.set, tree.name)
        if position is None:
            self._no_such(option, wanted)
        if chosen is None or position is None:
            return None
        return Operation(BOOL, "eq", (chosen, MemberOf(wanted, position, option.span)), tree.span)

    def end_odds(self, tree: Expression) -> Typed | None:
        """How likely an end of a game was when it was last played: ``odds(bargain[o].deal)``."""
        form = "write `odds(GAME.END)`"
        if not isinstance(tree, Attribute):
            self.error(tree.span, "kind", "`odds` wants an end of a game", form)
            return None
        entry = self._entry(tree.base if isinstance(tree.base, Name) else tree.base.base)
        if entry is None:
            return None
        if entry.what != "game":
            self.error(tree.span, "kind", f"`odds` wants an end of a game; `{entry.name}` is {entry.described}", form)
            return None
        indices = tree.base.indices if isinstance(tree.base, Subscript) else ()
        positions = self.indices(entry, indices, tree.base.span)
        end = self.names.option(entry.name, tree.name)
        if end is None:
            self._no_such(Name(_tail(tree), tree.name), choice_type(self.names.scenario.games[entry.name]))
        if positions is None or end is None:
            return None
        return EndOdds(PLAIN_NUMBER, entry.name, end, positions, tree.span)

    def stage(self, tree: Expression, question: Literal["in", "reached", "enters", "since", "first"]) -> Typed | None:
        """A fact about a stage: ``campaign.striking`` or ``posture[o].fighting``."""
        if not isinstance(tree, Attribute):
            self.error(tree.span, "kind", f"`{question}` wants a stage", f"write `{question}(TRACK.STAGE)`")
            return None
        base = tree.base if isinstance(tree.base, Name) else tree.base.base
        entry = self._entry(base)
        if entry is None:
            return None
        if entry.what != "track":
            message = f"`{question}` wants a stage of a track; `{entry.name}` is {entry.described}"
            hint = "decisions and games have no history; ask for the stage in which they fall due"
            self.error(tree.span, "kind", message, hint)
            return None
        track = self.names.scenario.tracks[entry.name]
        stages = [s.name for s in track.stages]
        known = tree.name in stages
        if not known:
            hint = did_you_mean(tree.name, stages) or f"its stages are {_some(stages)}"
            self.error(_tail(tree), "unknown-stage", f"`{entry.name}` has no stage `{tree.name}`", hint)
        indices = tree.base.indices if isinstance(tree.base, Subscript) else ()
        positions = self.indices(entry, indices, tree.base.span)
        if positions is None or not known:
            return None
        match question:
            case "since":
                type_ = Type("number", TIME)
            case "first":
                type_ = DATE
            case _:
                type_ = BOOL
        return StageTest(type_, question, entry.name, tree.name, positions, tree.span)


def _tail(tree: Attribute) -> Span:
    """Where the word behind the dot stands."""
    span = tree.span
    return Span(span.file, span.line, max(span.column, span.end - len(tree.name)), span.end)


def _some(names: list[str]) -> str:
    """The first few of many names."""
    shown = listed(names[:_LESS_PLAIN]) if len(names) <= _LESS_PLAIN else ", ".join(f"`{n}`" for n in names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"
