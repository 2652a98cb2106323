"""Texts of the language → trees, and the faults of everything else."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from playout.errors import Span
from playout.model.distribution import KINDS
from playout.model.expression import (
    Attribute,
    Binary,
    Binder,
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
from playout.model.other_distributions import SUBSTITUTES, SYNONYMS
from playout.model.parse import (
    Fault,
    parse_assignment,
    parse_effect,
    parse_expression,
    parse_heading,
    parse_law,
    parse_target,
)
from playout.model.pratt import WEIGHTED
from playout.model.scenario import Effect, Splinter
from playout.model.tokens import FUNCTIONS, MAX_TEXT, RESERVED

DECLARED = frozenset(
    (
        "members",
        "rivalry",
        "organisation",
        "sinaloa",
        "o",
        "campaign",
        "authority",
        "finding",
        "x",
        "y",
        "trust",
        "rate",
    )
)


def place(start: int, end: int) -> Span:
    return Span("test", 1, start + 1, end + 1)


def expression(text: str, *more: str) -> Expression:
    return parse_expression(text, place, DECLARED.union(more))


def law(text: str) -> LawText:
    return parse_law(text, place, DECLARED)


def written(tree: Any) -> str:
    """A tree as fully bracketed text, to compare shapes by."""
    match tree:
        case Number(_, value, unit):
            return f"{value:g}" + (f" {unit.text}" if unit else "")
        case DateNumber(_, value):
            return value.isoformat()
        case Name(_, name):
            return name
        case Subscript(_, base, indices):
            return f"{base.name}[{', '.join(map(written, indices))}]"
        case Attribute(_, base, name):
            return f"{written(base)}.{name}"
        case Unary(_, operator, operand):
            return f"({operator} {written(operand)})"
        case Binary(_, operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
        case Conditional(_, then, condition, otherwise):
            return f"({written(then)} if {written(condition)} else {written(otherwise)})"
        case Call(_, function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
        case PointList(_, points):
            return "[" + ", ".join(f"[{written(x)}, {written(y)}]" for x, y in points) + "]"
        case Comprehension(_, function, body, variable, members, _, condition):
            tail = f" if {written(condition)}" if condition else ""
            return f"{function}({written(body)} for {variable} in {members}{tail})"
        case Binder(_, variable, members):
            return f"{variable} in {members}"
    raise AssertionError(tree)


def fault(parse: Callable[[], object]) -> tuple[str, str, int, str | None]:
    """Code, message, column and hint of what is wrong."""
    with pytest.raises(Fault) as caught:
        parse()
    diagnostic = caught.value.diagnostic
    return diagnostic.code, diagnostic.message, diagnostic.span.column, diagnostic.hint


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("x - y - 1", "((x - y) - 1)"),
        ("x / y * 2", "((x / y) * 2)"),
        ("2 ** x ** y", "(2 ** (x ** y))"),
        ("-x ** 2", "(- (x ** 2))"),
        ("2 ** -x", "(2 ** (- x))"),
        ("-2", "-2"),
        ("- 3 months", "-3 months"),
        ("-2 ** 2", "(- (2 ** 2))"),
        ("x * -y", "(x * (- y))"),
        ("not x and y or x", "(((not x) and y) or x)"),
        ("x or y and not x == y", "(x or (y and (not (x == y))))"),
        ("x + 1 < y * 2", "((x + 1) < (y * 2))"),
        ("x if y else 1 if x else 2", "(x if y else (1 if x else 2))"),
        ("x + 1 if x > 1 and y < 2 else y", "((x + 1) if ((x > 1) and (y < 2)) else y)"),
        ("members[o]", "members[o]"),
        ("rivalry[o, sinaloa]", "rivalry[o, sinaloa]"),
        ("campaign.striking", "campaign.striking"),
        ("posture[o].fighting", "posture[o].fighting"),
        ("authority == finding", "(authority == finding)"),
        ("clip(x, 0, inf)", "clip(x, 0, inf)"),
        ("sum(members)", "sum(members)"),
        ("sum(members[o] for o in organisation)", "sum(members[o] for o in organisation)"),
        ("any(x for o in organisation if x > 1)", "any(x for o in organisation if (x > 1))"),
        ("x if y else 0 if x else 1", "(x if y else (0 if x else 1))"),
        ("sum(x if y else 0 for o in organisation)", "sum((x if y else 0) for o in organisation)"),
        ("lookup(x, [[0, 1], [-5, y * 2]])", "lookup(x, [[0, 1], [-5, (y * 2)]])"),
        ("since(posture[o].fighting) > 3 months", "(since(posture[o].fighting) > 3 months)"),
        ("date >= 2026-01-01", "(date >= 2026-01-01)"),
        ("2026-01-01 - 2025-01-01", "(2026-01-01 - 2025-01-01)"),
        ("first(campaign.striking) == never", "(first(campaign.striking) == never)"),
        ("x\n  + y", "(x + y)"),
        ("1e-6 * .5", "(1e-06 * 0.5)"),
    ],
)
def test_shape(text: str, shape: str) -> None:
    assert written(expression(text)) == shape


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("3 months", "3 months"),
        ("25 usd/person", "25 usd/person"),
        ("0.2 1/year", "0.2 1/year"),
        ("0.2 /year", "0.2 1/year"),
        ("0.2/year", "0.2 1/year"),
        ("2 1/person/week", "2 1/person/week"),
        ("5 m**2", "5 m**2"),
        ("5 m^2 / day", "5 m**2/day"),
        ("4 person * day", "4 person*day"),
        ("12%", "12 percent"),
        # names of the scenario and of the language are no units behind a sign
        ("25 usd/members", "(25 usd / members)"),
        ("2 / members", "(2 / members)"),
        ("5 * members", "(5 * members)"),
        ("2 * min(x, y)", "(2 * min(x, y))"),
        ("2 * time", "(2 * time)"),
        ("2 / week[o]", "(2 / week[o])"),
        ("3 months * members / 2 weeks", "((3 months * members) / 2 weeks)"),
        ("0.2 * 1/year", "(0.2 * 1 1/year)"),
    ],
)
def test_units(text: str, shape: str) -> None:
    assert written(expression(text)) == shape


def test_a_declared_name_behind_a_sign_is_not_a_unit() -> None:
    assert written(expression("25 usd/person")) == "25 usd/person"
    assert written(expression("25 usd/person", "person")) == "(25 usd / person)"


def test_spans_cover_what_they_name() -> None:
    text = "1 + members[o] * (2 - campaign.striking)"
    tree = expression(text)
    assert isinstance(tree, Binary)
    assert (tree.span.column, tree.span.end) == (1, len(text) + 1)
    assert isinstance(tree.right, Binary)
    product = tree.right
    assert text[product.left.span.column - 1 : product.left.span.end - 1] == "members[o]"
    assert text[product.right.span.column - 1 : product.right.span.end - 1] == "2 - campaign.striking"


@pytest.mark.parametrize(
    ("text", "code", "column", "said"),
    [
        ("", "syntax", 1, "there is nothing here"),
        ("x = 3", "syntax", 3, "write `==`"),
        ("x < y < 3", "syntax", 7, "join two comparisons with `and`: `a < b and b < c`"),
        ("x && y", "syntax", 3, "write `and`"),
        ("x ^ 2", "syntax", 3, "write `**`"),
        ("3 foo", "unknown-unit", 3, "`foo` is not a unit"),
        ("3 members", "unknown-unit", 3, "write `3 * members`"),
        ("x y", "syntax", 3, "side by side"),
        ("(x", "syntax", 3, "`)` is missing"),
        ("foo(x)", "unknown-function", 1, "no function `foo`"),
        ("smm(x)", "unknown-function", 1, "did you mean `sum`"),
        ("members(o)", "unknown-function", 1, "square brackets"),
        ("campaign.striking.x", "syntax", 18, "STAGE"),
        ("campaign.striking[o]", "syntax", 18, "before the dot"),
        ("sum", "syntax", 1, "write `sum(…)`"),
        ("sqrt(x for o in organisation)", "syntax", 1, "does not go over"),
        ("2026-13-01", "bad-date", 1, "not a day"),
        ("1e400", "syntax", 1, "too large"),
        ("cártel", "syntax", 1, "`cártel` has a letter"),
        ("x\x07", "syntax", 2, "U+0007"),
        ("(" * 100 + "x" + ")" * 100, "too-deep", 61, "nested"),
        ("x" + " + x" * 200, "too-deep", 1, "too long"),
        ("x" * (MAX_TEXT + 1), "too-long", 1, "characters"),
    ],
)
def test_fault(text: str, code: str, column: int, said: str) -> None:
    found_code, message, found_column, hint = fault(lambda: expression(text))
    assert (found_code, found_column) == (code, column)
    assert said in f"{message} {hint}"


# --- distributions ----------------------------------------------------------------------------------------------------


def numbers(tree: LawText) -> list[str]:
    return [written(parameter) for parameter in tree.parameters]


@pytest.mark.parametrize(
    ("text", "kind", "parameters", "unit"),
    [
        ("3", "point", ["3"], None),
        ("-3", "point", ["-3"], None),
        ("5 weeks", "point", ["5 weeks"], None),
        ("x * 2", "point", ["(x * 2)"], None),
        ("x", "point", ["x"], None),
        ("point(3)", "point", ["3"], None),
        ("0.2 to 0.5", "interval", ["0.2", "0.5"], None),
        ("-1 to 2", "interval", ["-1", "2"], None),
        ("3 to 12 months", "interval", ["3", "12"], "months"),
        ("0.2 to 1.5 1/year", "interval", ["0.2", "1.5"], "1/year"),
        ("3 days to 2 weeks", "interval", ["3 days", "2 weeks"], None),
        ("3 to 12 months, likely 5", "interval", ["3", "12", "5"], "months"),
        ("3 to 12, likely 5 months", "interval", ["3", "12", "5"], "months"),
        ("3 to 12, likely 5", "interval", ["3", "12", "5"], None),
        ("normal(3, 1)", "normal", ["3", "1"], None),
        ("normal(3, 1) weeks", "normal", ["3", "1"], "weeks"),
        ("gamma(4, 2 weeks)", "gamma", ["4", "2 weeks"], None),
        ("exponential(6 months * (1 + x))", "exponential", ["(6 months * (1 + x))"], None),
    ],
)
def test_law(text: str, kind: str, parameters: list[str], unit: str | None) -> None:
    tree = law(text)
    assert (tree.kind, numbers(tree)) == (kind, parameters)
    assert (tree.unit.text if tree.unit else None) == unit


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("likely", "likely"),
        ("Very Likely", "very likely"),
        ("highly-likely", "highly likely"),
        ("even chance", "even chance"),
        ("almost certainly not", "almost certainly not"),
        ("likely or probable", "likely or probable"),
        ("frobable", "frobable"),  # whether it is a word of the scenario's standard is for the checks
    ],
)
def test_word(text: str, word: str) -> None:
    tree = law(text)
    assert (tree.kind, tree.word) == ("word", word)


def test_weighted() -> None:
    mixture = law("mixture(0.3: normal(1, 2), 0.7: 1 to 3, likely 2)")
    assert [written(weight) for weight, _ in mixture.weighted] == ["0.3", "0.7"]
    assert [thing.kind for _, thing in mixture.weighted if isinstance(thing, LawText)] == ["normal", "interval"]
    categorical = law("categorical(0.25: 1, 0.75: 5)")
    assert [(written(w), written(v)) for w, v in categorical.weighted] == [("0.25", "1"), ("0.75", "5")]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("normal(1)", "takes 2 numbers, not 1"),
        ("normal(mean=1, sd=2)", "normal(mean, sd)"),
        ("3 months to 12", "some numbers of this interval have a unit"),
        ("0.2 - 0.5", "a range is written"),
        ("between 2 and 5", "a range is written"),
        ("2 to 5, about 3", "likely 3"),
        ("mixture(0.3, 0.7)", "`:` is missing"),
        ("2 * normal(0, 1)", "stands alone"),
        ("0.2 to", "something must follow `to`"),
    ],
)
def test_law_fault(text: str, said: str) -> None:
    _, message, _, hint = fault(lambda: law(text))
    assert said in f"{message} {hint}"


# --- effects, changes, headings ---------------------------------------------------------------------------------------


def test_effect() -> None:
    effect = parse_effect("trust[s in service, sinaloa] -= 0.1 * x", place, DECLARED)
    assert isinstance(effect, Effect)
    assert (effect.target.name, effect.operator, written(effect.value)) == ("trust", "-=", "(0.1 * x)")
    assert [written(index) for index in effect.target.indices] == ["s in service", "sinaloa"]


def test_splinter() -> None:
    splinter = parse_effect("splinter(from o, 0.3)", place, DECLARED)
    assert isinstance(splinter, Splinter)
    assert (written(splinter.parent), written(splinter.share)) == ("o", "0.3")


def test_assignment_to_a_number() -> None:
    change = parse_assignment("rate *= 0.5 from 2026-01-01 until 2027-01-01", place, DECLARED)
    assert (change.target.name, change.operator, written(change.value)) == ("rate", "*=", "0.5")
    assert (change.start, change.until) == (dt.date(2026, 1, 1), dt.date(2027, 1, 1))
    assert change.text == "rate *= 0.5 from 2026-01-01 until 2027-01-01"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("authority = finding", "finding"),
        ("x = 3", "3"),
        ("x[sinaloa] = 3 months", "3 months"),
        ("x = y * 2", "(y * 2)"),
    ],
)
def test_assignment_of_an_expression(text: str, value: str) -> None:
    assert written(parse_assignment(text, place, DECLARED).value) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [("x = 0.2 to 0.5", "interval"), ("x = very likely until 2026-01-01", "word"), ("x = normal(1, 2)", "normal")],
)
def test_assignment_of_a_law(text: str, kind: str) -> None:
    value = parse_assignment(text, place, DECLARED).value
    assert isinstance(value, LawText)
    assert value.kind == kind


def test_forbid_and_spreads() -> None:
    forbid = parse_assignment("forbid authority[sinaloa].strikes until 2026-03-07", place, DECLARED)
    assert (forbid.operator, forbid.target.name, forbid.option) == ("forbid", "authority", "strikes")
    assert forbid.value is None
    spreads = parse_assignment("spreads *= 2", place, DECLARED)
    assert (spreads.target.name, spreads.operator, written(spreads.value)) == ("spreads", "*=", "2")


@pytest.mark.parametrize(
    "text",
    ["x", "x -= 1", "x == 1", "x = 1 from today", "x = 1 from 2026-01-01 from 2026-01-02", "forbid x", "= 1", "x /= 2"],
)
def test_assignment_fault(text: str) -> None:
    fault(lambda: parse_assignment(text, place, DECLARED))


def test_heading() -> None:
    name, binders = parse_heading("revenue[o in organisation, business]", place)
    assert name == "revenue"
    assert [(b.variable, b.set) for b in binders] == [("o", "organisation"), ("business", "business")]
    assert parse_heading("intelligence", place) == ("intelligence", ())


@pytest.mark.parametrize(
    "text", ["", "Members", "2nd", "a b", "a[", "a[]", "a[o of b]", "a[1]", "time", "a.b", "a[o]]"]
)
def test_heading_fault(text: str) -> None:
    fault(lambda: parse_heading(text, place))


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_no_definition_takes_a_word_of_the_language(word: str) -> None:
    assert fault(lambda: parse_heading(word, place))[0] == "bad-name"


def test_target() -> None:
    target = parse_target("rate[sinaloa]", place, DECLARED)
    assert (target.name, [written(i) for i in target.indices]) == ("rate", ["sinaloa"])


# --- any text at all --------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "x",
            "y",
            "members[o]",
            "campaign.striking",
            "3",
            "0.5",
            "1e3",
            "2026-01-01",
            "inf",
            "never",
            "months",
            "usd",
        ),
        *("1/year", "%", "(", ")", "[", "]", ",", ".", ":", "+", "-", "*", "/", "**", "^", "<", "<=", "==", "!=", "="),
        *("+=", "and", "or", "not", "if", "else", "for", "in", "to", "likely", "very", "from", "until", "sum(", "min("),
        *(
            "lookup(",
            "normal(",
            "mixture(",
            "gamma(",
            "forbid",
            "splinter(",
            "'",
            '"',
            "\\",
            "{",
            "#",
            "é",
            "∞",
            "\x00",
        ),
    ]
)
ANY_TEXT = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map(" ".join), st.lists(PIECES).map("".join))


@given(ANY_TEXT)
@example("-" * 3000)
@example("not " * 900)
@example("[" * 3000)
@example("x if " * 700)
@example("mixture(0.1: " * 300)
@example("1 m**" + "9" * 50)
@example("9" * 3999)
def test_any_text_gives_a_tree_or_a_fault(text: str) -> None:
    parsers: list[Callable[[], object]] = [
        lambda: parse_expression(text, place, DECLARED),
        lambda: parse_law(text, place, DECLARED),
        lambda: parse_effect(text, place, DECLARED),
        lambda: parse_assignment(text, place, DECLARED),
        lambda: parse_target(text, place, DECLARED),
        lambda: parse_heading(text, place),
    ]
    for parse in parsers:
        try:
            tree = parse()
        except Fault:
            continue
        hash(tree)  # shallow enough for what walks it later


NAMES = st.sampled_from(["x", "y", "rate"])
ATOMS = st.one_of(
    st.builds(Number, st.just(place(0, 1)), st.floats(0, 1e9).map(lambda v: float(f"{v:g}"))),
    st.builds(Name, st.just(place(0, 1)), NAMES),
)
OPERATORS = st.sampled_from(["+", "-", "*", "/", "**", "and", "or"])
TREES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(Binary, st.just(place(0, 1)), OPERATORS, inner, inner),
        st.builds(Unary, st.just(place(0, 1)), st.just("not"), inner),
        st.builds(Conditional, st.just(place(0, 1)), inner, inner, inner),
        st.builds(Call, st.just(place(0, 1)), st.sampled_from(["max", "exp"]), st.tuples(inner, inner)),
    ),
    max_leaves=12,
)


@given(TREES)
def test_a_tree_written_out_parses_back(tree: Expression) -> None:
    text = written(tree)
    assert written(expression(text)) == text


def test_infinity_is_a_number() -> None:
    tree = expression("-inf")
    assert isinstance(tree, Number)
    assert tree.value == -math.inf


# --- names of distributions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, *WEIGHTED])
def test_a_misspelt_distribution_is_told_its_name(kind: str) -> None:
    for written in (kind[:-1], kind + "x", kind[0] + kind[2:], kind.upper(), kind.capitalize()):
        code, message, column, hint = fault(lambda written=written: law(f"{written}(1, 2)"))  # type: ignore[misc]
        assert (code, column) == ("unknown-distribution", 1)
        assert f"`{written}`" in message
        assert f"`{kind}`" in str(hint)


@pytest.mark.parametrize("name", [*SYNONYMS, *SUBSTITUTES])
def test_a_distribution_of_other_tools_is_told_what_to_write_instead(name: str) -> None:
    for written in (name, name.upper(), f"{name}_distribution"):
        code, _, _, hint = fault(lambda written=written: law(f"{written}(1, 2)"))  # type: ignore[misc]
        assert code == "unknown-distribution"
        assert hint == SUBSTITUTES.get(name, f"write `{SYNONYMS.get(name)}`")
    assert SYNONYMS.get(name, "normal") in (*KINDS, *WEIGHTED)


@pytest.mark.parametrize("name", SUBSTITUTES)
def test_what_is_written_instead_can_be_read(name: str) -> None:
    """Every form between backquotes is an equation or a distribution, once its parameters stand for numbers."""
    for form in re.findall(r"`([^`]*)`", SUBSTITUTES[name]):
        if name not in form and "within" not in form:
            form = form.replace("mean", "m")  # which is a function's name as well
            words = set(re.findall(r"[a-z]+", form)) - {*KINDS, *WEIGHTED, *FUNCTIONS, "to", "likely"}
            try:
                parse_law(form, place, words)
            except Fault:
                parse_expression(form, place, words)
