"""Characters that look like others are read as those, or named: in keys, expressions, names, titles and cells."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import playout
from playout.errors import UNSEEN, ScenarioError
from playout.model.check import check
from playout.model.expression import Number
from playout.model.plain_text import bare, composed, label_key, plain
from playout.model.scenario import Scenario
from playout.read.decode import read_text, read_text_partly

TEXT = """playout: 1
title: T
start: 2025-01-01
horizon: 4 weeks
step: 1 week
beliefs:
  spend: {is: 10 to 20, unit: usd/week, assumed: a guess}
stocks:
  money: {starts: 100, unit: usd, minus: {lost: 2 * spend - 3 usd/week}}
measures:
  money: {unit: usd}
policies:
  halved: [spend *= 0.5 from 2025-01-08]
"""

SPACES = [chr(code) for code in range(0x80, 0x3001) if unicodedata.category(chr(code)) == "Zs"]


def wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def same(text: str) -> bool:
    found = check(read_text(text)).scenario
    plainly = check(read_text(TEXT)).scenario
    parts = ("beliefs", "stocks", "measures", "policies")
    return (
        all(getattr(found, part).keys() == getattr(plainly, part).keys() for part in parts)
        and (found.start, found.horizon, found.step_days) == (plainly.start, plainly.horizon, plainly.step_days)
        and numbers(found) == numbers(plainly)
    )


def numbers(scenario: Scenario) -> list[float]:
    """The ends of the belief's range."""
    (entry,) = scenario.beliefs["spend"].entries
    return [parameter.value for parameter in entry.law.parameters if isinstance(parameter, Number)]


@pytest.mark.parametrize("space", SPACES)
def test_every_space_is_a_space(space: str) -> None:
    assert same(TEXT.replace("10 to 20", f"10{space}to{space}20"))
    assert same(TEXT.replace("2 * spend - 3", f"{space}2{space}*{space}spend{space}-{space}3{space}"))
    assert same(TEXT.replace("4 weeks", f"4{space}weeks"))
    assert same(TEXT.replace("0.5 from 2025", f"0.5{space}from{space}2025"))
    assert bare(f"{space}3{space}") == "3"


@pytest.mark.parametrize("sign", ["−", "‐", "‑", "－", "﹣"])
def test_every_minus_sign_is_one(sign: str) -> None:
    assert same(TEXT.replace("spend - 3", f"spend {sign} 3"))
    assert read_text(TEXT.replace("starts: 100", f"starts: {sign}100"))


def test_fullwidth_signs_are_plain_ones() -> None:
    assert same(TEXT.replace("10 to 20", wide("10") + " to " + wide("20")))
    assert same(TEXT.replace("2025-01-01", wide("2025-01-01")).replace("4 weeks", wide("4") + " weeks"))
    assert same(TEXT.replace("  spend:", "  " + wide("spend") + ":").replace("title: T", wide("title") + ": T"))
    assert same(TEXT.replace("2 * spend", wide("2*(spend)")).replace("usd/week", wide("usd/week"), 1))


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u2060", "\u200e", "\u00ad"])
def test_unseen_signs_around_a_word_are_left_out(unseen: str) -> None:
    assert same(TEXT.replace("start:", f"{unseen}start:").replace("10 to 20", f"{unseen}10 to 20{unseen}"))
    assert same(TEXT.replace("starts: 100,", f"starts: {unseen}100{unseen},"))


def said(text: str) -> str:
    with pytest.raises(ScenarioError) as wrong:
        check(*read_text_partly(text))
    return str(wrong.value)


@pytest.mark.parametrize("code", [c for c in range(0x110000) if UNSEEN.match(chr(c))])
def test_an_unseen_sign_in_a_word_is_named(code: int) -> None:
    for old, new in (
        ("2 * spend", f"2 * sp{chr(code)}end"),
        ("starts: 100", f"starts: 1{chr(code)}00"),
        ("unit: usd}", f"unit: us{chr(code)}d}}"),
    ):
        text = said(TEXT.replace(old, new, 1))
        assert f"U+{code:04X}" in text
        assert chr(code) not in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  spend:", "\u00a0\u00a0spend:", "indented with"),
        ("horizon: 4", "horizon:\u00a04", "the space behind this `:`"),
        ("horizon: 4", "horizon：4", "this colon is"),
        ("{starts: 100", "{starts:\u00a0100", "the space behind this `:`"),
        ("2 * spend", "2 * spеnd", "Cyrillic small letter ie"),
        ("2 * spend", "٢ * spend", "write `2`"),
        ("spend - 3", "spend – 3", "write a plain `-`"),
        ("2 * spend", "“2” * spend", "without quotes"),
        ("2 * spend", "spend²", "write `** 2`"),
    ],
)
def test_what_is_not_clear_is_named(old: str, new: str, words: str) -> None:
    assert words in said(TEXT.replace(old, new, 1))


@given(st.text())
def test_plain_text_keeps_every_place(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)


@given(st.text(), st.sampled_from(["NFC", "NFD"]))
def test_labels_that_look_the_same_are_the_same(text: str, form: str) -> None:
    spelt = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    assert label_key(spelt) == label_key(composed(text))
    assert label_key(f"\u200b {spelt}\u00a0") == label_key(spelt)


SETS = """playout: 1
title: T
start: 2025-01-06
horizon: 4 weeks
step: 1 week
sets:
  state: {mexico: {title: México}, michoacan: {title: Michoacán de Ocampo}, ivory: {title: "Côte d'Ivoire"}}
tables:
  deaths[state]: {file: décès.csv, unit: person, assumed: an example}
variables:
  whole: {is: sum(deaths), unit: person}
"""
CELLS = "state,value\nMéxico,1200\nMichoacán de Ocampo,900.5\nCôte d'Ivoire,33\n"


@pytest.mark.parametrize("scenario_form", ["NFC", "NFD"])
@pytest.mark.parametrize("file_form", ["NFC", "NFD"])
@pytest.mark.parametrize("name_form", ["NFC", "NFD"])
def test_accents_match_however_they_are_composed(
    tmp_path: Path, scenario_form: str, file_form: str, name_form: str
) -> None:
    (tmp_path / "s.yaml").write_text(unicodedata.normalize(scenario_form, SETS), encoding="utf-8")  # type: ignore[arg-type]
    cells = unicodedata.normalize(file_form, CELLS.replace("d'I", "d’I").replace(" de ", "\u00a0de\u2009"))  # type: ignore[arg-type]
    (tmp_path / unicodedata.normalize(name_form, "décès.csv")).write_text(cells, encoding="utf-8")  # type: ignore[arg-type]
    found = playout.load(tmp_path / "s.yaml").scenario
    assert found.tables["deaths"].values == (1200.0, 900.5, 33.0)
    assert found.sets["state"].members[0].title == "México"


def test_prose_stays_as_it_is_written() -> None:
    title = "Was kostet\u00a0es? “2020–2025” – 100\u202f% − ｘ"
    assert read_text(TEXT.replace("title: T", f"title: {title}")).title == title
