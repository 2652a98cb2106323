"""Every unit of pint converts as pint does or is refused; what is taken for something else has a caution."""

from __future__ import annotations

import re
from functools import cache

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playout.errors import ScenarioError, Span
from playout.model.check import check
from playout.model.checked import CheckedScenario
from playout.model.distribution import KINDS
from playout.model.parse import Fault, parse_expression
from playout.model.tokens import FUNCTIONS, FUNCTIONS_ELSEWHERE
from playout.model.unit_words import CUSTOMARY, MEANINGS, MULTIPLES, NOT_UNITS, REFUSED
from playout.model.units import UnknownUnit, _registry, behind_number, is_unit_word, unit
from playout.read.decode import read_text

SECONDS = 86400.0


@cache
def pints_words() -> tuple[list[str], list[str]]:
    """pint's names and aliases: those that are factors, and those that are not."""
    registry = pint.UnitRegistry()
    factors, others = [], []
    for word, definition in sorted(registry._units.items()):
        if not re.fullmatch(r"Δ?°?[^\W\d]\w*", word):
            continue  # signs such as % have no place in an equation, and are read below
        (factors if definition.is_multiplicative else others).append(word)
    return factors, others


FACTORS, OTHERS = pints_words()


def test_pint_has_units_of_both_kinds() -> None:
    assert len(FACTORS) > 900
    assert {"degC", "degF", "dB", "neper", "degree_Reaumur", "octave", "dBm"} <= set(OTHERS)


@pytest.mark.parametrize("word", OTHERS)
def test_a_unit_that_is_no_factor_is_refused_however_it_is_written(word: str) -> None:
    for text in (
        word,
        f"{word}s",
        f"1/{word}",
        f"usd/{word}",
        f"{word}**2",
        f"kg*{word}",
        f"{word} per day",
        f"m {word}",
    ):
        with pytest.raises(UnknownUnit) as refused:
            unit(text)
        if text != f"{word}s" or is_unit_word(text):
            assert word in str(refused.value)
            assert refused.value.hint()
    for text in (f"x > 20 {word}", f"x * 3/{word}", f"3 usd/{word}", f"5 % * x - 2 {word}**2"):
        if word.isascii():
            with pytest.raises(Fault) as fault:
                parse_expression(text, _place, {"x"})
            assert fault.value.diagnostic.code == "unknown-unit"
            assert fault.value.diagnostic.hint


@pytest.mark.parametrize("word", OTHERS)
@pytest.mark.parametrize("number", [-3.0, 20.0, 1.5])
def test_the_hint_converts_as_pint_does(word: str, number: float) -> None:
    with pytest.raises(UnknownUnit) as refused:
        unit(word)
    hint = refused.value.hint(number)
    assert hint is not None
    if word == "decade":
        return
    written = re.search(r" is `([-+.e\d]+) ?([^`]*)`", hint)
    assert written is not None
    expected = _registry().Quantity(number, word).to_base_units()
    assert float(written[1]) == pytest.approx(expected.magnitude, rel=1e-5)
    assert _registry().Quantity(1.0, written[2] or "1").to_base_units().units == expected.units


@pytest.mark.parametrize("word", [word for word in FACTORS if word not in REFUSED])
def test_a_unit_that_is_a_factor_converts_as_pint_does(word: str) -> None:
    _is_as_pint_says(word)


@given(
    st.sampled_from(sorted(pint.UnitRegistry()._prefixes)),
    st.sampled_from([*FACTORS, *OTHERS]),
    st.sampled_from(["", "s"]),
)
def test_a_prefix_and_a_plural_change_nothing_about_that(prefix: str, word: str, plural: str) -> None:
    whole = prefix + word + plural
    if not is_unit_word(whole):
        with pytest.raises(UnknownUnit, match="is not a unit"):
            unit(whole)
        return
    _, name = _registry().parse_unit_name(whole)[0][:2]
    zero = _registry().Quantity(0.0, whole).to_base_units().magnitude
    if zero != 0.0 or name in REFUSED or whole in REFUSED:
        with pytest.raises(UnknownUnit):
            unit(whole)
    else:
        _is_as_pint_says(whole)


def _is_as_pint_says(word: str) -> None:
    found = unit(word)
    base = _registry().Quantity(1.0, word).to_base_units()
    powers = {name: float(power) for name, power in base.unit_items()}
    factor = base.magnitude / SECONDS ** powers.get("second", 0.0)
    assert found.factor == pytest.approx(factor, rel=1e-14)
    expected = {("day" if name == "second" else name): power for name, power in powers.items()}
    assert {name: float(power) for name, power in found.dimension.exponents} == pytest.approx(expected)


def test_an_oil_barrel_is_one() -> None:
    assert unit("oil_barrel").factor / unit("litre").factor == pytest.approx(158.987, rel=1e-5)
    for text in ("barrel", "barrels", "bbl", "Mbbl", "kilobarrel", "usd/barrel", "bbl/day"):
        with pytest.raises(UnknownUnit) as refused:
            unit(text)
        assert "oil_barrel" in str(refused.value.hint())


# --- words that are taken for something else ---


@pytest.mark.parametrize("word", MEANINGS)
def test_a_word_with_two_meanings_is_a_unit_and_has_a_caution(word: str) -> None:
    assert [c.message for c in unit(word).cautions] == [f"`{word}` is {MEANINGS[word][0]}"]
    assert unit(f"usd/{word}").cautions == unit(word).cautions


@pytest.mark.parametrize(
    "hint", sorted({h for _, h in (*MEANINGS.values(), *REFUSED.values())} | set(NOT_UNITS.values()))
)
def test_what_is_proposed_instead_needs_no_caution(hint: str) -> None:
    for proposed in re.findall(r"`([^`]+)`", hint):
        text = re.sub(r"^[\d.]+(?:e-?\d+)?(?:\s+|$)", "", proposed)
        assert text in ("per year", "title", "%", "") or not unit(text).cautions


@pytest.mark.parametrize("word", [*NOT_UNITS, *MULTIPLES])
def test_words_that_are_no_unit_are_none_to_pint(word: str) -> None:
    assert not is_unit_word(word)
    with pytest.raises(UnknownUnit) as refused:
        unit(f"kg/{word}" if word != "per" else "per")
    assert refused.value.hint(2.5)


@pytest.mark.parametrize(
    "word", ["rats", "cats", "unit", "units", "pct", "ppt", "PH", "MT", "musd", "pa", "exam", "mass", "mt"]
)
def test_letters_that_happen_to_be_a_prefix_and_a_unit_have_a_caution(word: str) -> None:
    (caution,) = unit(word).cautions
    assert word in caution.message


CUSTOM = (
    "km kWh GWh MW Musd kusd Mt Gt hPa cm ml kL kV MHz kilometres lbs hrs yrs megatonne milliseconds kcal Mbit GB acre "
    "hectare mile feet inch hp psi toe Mtoe kPa mm ms GW TWh mg ha"
)


@pytest.mark.parametrize("text", CUSTOM.split())
def test_what_people_write_has_none(text: str) -> None:
    assert unit(text).cautions == ()


def test_customary_prefixes_are_pints() -> None:
    registry = _registry()
    for name, prefixes in CUSTOMARY.items():
        assert registry.get_name(name) == name
        assert all(registry.parse_unit_name(f"{prefix}{name}")[0][:2] == (prefix, name) for prefix in prefixes)


# --- every place in a scenario ---

PLACES = """\
playout: 1
title: Every place a unit can be written in
start: 2026-01-01
horizon: 1 year
step: 1 week
tables:
  t: {{values: 20, unit: {0}, assumed: a test}}
beliefs:
  b: {{is: 1 to 2, unit: {1}, within: [0, 9], assumed: a test}}
  c: {{is: 1 to 2 {2}, assumed: a test}}
  d: {{is: "normal(1 {3}, 1 {3})", assumed: a test}}
  e: {{is: "mixture(0.5: 1 to 2 {4}, 0.5: 3)", unit: K, assumed: a test}}
stocks:
  s: {{unit: {5}, starts: 3}}
  r: {{unit: K, starts: 3 {6}, plus: {{in_r: 2 {7}/day}}}}
variables:
  v: {{is: 3, unit: {8}}}
  w: {{is: "s + 2 {9}", unit: K}}
  x: "lookup(r, [[0 K, 1], [300 {10}, 2]])"
  y: "t + b + c + d + e + v + w > 20 {11}"
measures:
  m: {{of: r, unit: {12}}}
  n: {{of: 1 if y else x}}
questions:
  q: {{ask: is it, by: 2026-06-01, that: r > 20 {13}}}
events:
  happens: {{rate: "1 1/year if r > 3 {14} else 2 1/year", does: [r += 3 {15}]}}
policies:
  p: [b = 3 {16}]
  o: [b = 1 to 2 {17}]
"""
COUNT = 18


def with_unit_at(word: str, place: int) -> CheckedScenario:
    units = ["K"] * COUNT
    units[place] = word
    return check(read_text(PLACES.format(*units)))


def test_the_scenario_of_all_places_is_sound() -> None:
    assert not [w for w in with_unit_at("K", 0).warnings if w.code == "unit-meaning"]


@pytest.mark.parametrize("place", range(COUNT))
@pytest.mark.parametrize("word", ["degC", "dB", "barrel", "decade"])
def test_refused_at_every_place(word: str, place: int) -> None:
    with pytest.raises(ScenarioError) as wrong:
        with_unit_at(word, place)
    assert "unknown-unit" in {d.code for d in wrong.value.diagnostics}
    assert all(d.hint for d in wrong.value.diagnostics if d.code == "unknown-unit")


@pytest.mark.parametrize("place", range(COUNT))
def test_a_caution_at_every_place(place: int) -> None:
    units = ["lb"] * COUNT
    units[place] = "pounds"
    checked = check(read_text(PLACES.replace(" K", " lb").format(*units)))
    (message,) = {w.message for w in checked.warnings if w.code == "unit-meaning"}
    assert "`pounds` is a mass" in message


# --- hints keep the number ---

BARE = """\
playout: 1
title: A bare number beside one with a unit
start: 2026-01-01
horizon: 1 year
step: 1 week
tables: {{t: {{values: 3, unit: "{unit}", assumed: a test}}}}
beliefs: {{b: {{is: 1 to 2, unit: "{unit}", assumed: a test}}}}
stocks: {{s: {{unit: "{unit}", starts: 1}}}}
variables: {{v: {{is: 2, unit: "{unit}"}}}}
questions: {{q: {{ask: is it, by: 2026-06-01, that: "{left} > {number}"}}}}
"""
LEFT = [
    "t",
    "b",
    "s",
    "v",
    "-t",
    "2 * t",
    "t / 3",
    "t + v",
    "min(t, b)",
    "max(t if s > v else v, b)",
    "abs(t)",
    "delay(s, 1 week)",
]


@given(
    st.sampled_from(
        ["usd/oil_barrel", "km", "tonne/day", "month", "usd per kg", "kWh/year", "m**2", "feet", "usd/tonne*km"]
    ),
    st.sampled_from(LEFT),
    st.sampled_from([90.0, 1234567.0, 0.1, 1e-9]),
)
def test_a_hint_proposes_the_number_in_the_unit_declared(text: str, left: str, number: float) -> None:
    with pytest.raises(ScenarioError) as wrong:
        check(read_text(BARE.format(unit=text, left=left, number=number)))
    (found,) = wrong.value.diagnostics
    proposed = re.search(r"`([^ `]+) ([^`]+)`", found.hint or "")
    assert proposed is not None
    assert float(proposed[1]) == number
    assert (unit(proposed[2]).factor, unit(proposed[2]).dimension) == (unit(text).factor, unit(text).dimension)
    check(read_text(BARE.format(unit=text, left=left, number=f"{proposed[1]} {proposed[2]}")))


@pytest.mark.parametrize("left", ["t * s", "t * 1 km", "1 km", "time"])
def test_a_hint_repeats_no_number_before_a_unit_it_was_not_meant_in(left: str) -> None:
    with pytest.raises(ScenarioError) as wrong:
        check(read_text(BARE.format(unit="km", left=left, number="90")))
    (found,) = wrong.value.diagnostics
    assert found.hint is not None
    assert "90" not in found.hint


@pytest.mark.parametrize("text", ["square mile", "m²", "5", "usd/°F", ""])
def test_what_cannot_stand_behind_a_number_is_not_proposed(text: str) -> None:
    assert behind_number(text) is None


# --- functions of other languages ---


@pytest.mark.parametrize("name", FUNCTIONS_ELSEWHERE)
def test_a_function_of_another_language_says_what_to_write_here(name: str) -> None:
    assert name not in FUNCTIONS
    assert name not in KINDS
    with pytest.raises(Fault) as fault:
        parse_expression(f"3 * {name.upper()}(x)", _place, {"x"})
    assert fault.value.diagnostic.hint == FUNCTIONS_ELSEWHERE[name]
    declared = {"x", "y", "low", "high", "height", "slope", "a", "b", "condition"}
    for proposed in re.findall(r"`([^`]+)`", FUNCTIONS_ELSEWHERE[name]):
        if ":" not in proposed and proposed not in ("plus", "lookup"):
            parse_expression(proposed, _place, declared)


def _place(start: int, end: int) -> Span:
    return Span("f", 1, start + 1, end + 1)
