"""CSV as spreadsheets of many countries write it: read where it can be read in one way alone, else named."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import playout
from playout.errors import ScenarioError
from playout.read.csv_form import Unclear, decimal_sign, number_of, rows_of

SCENARIO = """
playout: 1
title: T
start: 2025-01-01
horizon: 1 week
step: 1 week
sets:
  town: {ashford: {title: Ashford}, bridge: {title: Bridge}, cove: {title: Cove}}
tables:
  rain[town]: {file: rain.csv, unit: kg, assumed: an example}
variables:
  whole: {is: sum(rain), unit: kg}
"""


def rain(folder: Path, text: str) -> tuple[float, ...]:
    (folder / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "rain.csv").write_bytes(text.encode())
    return playout.load(folder / "s.yaml").scenario.tables["rain"].values


@pytest.mark.parametrize(
    "text",
    [
        "town,value\nashford,1.5\nbridge,20\ncove,-3\n",
        "town;value\nashford;1,5\nbridge;20\ncove;-3\n",
        "town;value\r\nashford;1.5\r\nbridge;20\r\ncove;-3\r\n",
        "town\tvalue\nashford\t1.5\nbridge\t20\ncove\t-3\n",
        "town|value\nashford|1.5\nbridge|20\ncove|-3\n",
        "sep=;\ntown;value\nashford;1,5\nbridge;20\ncove;-3\n",
        '"sep=,"\ntown,value\nashford,1.5\nbridge,20\ncove,-3\n',
        "# Rain, by town; a source\n\ntown,value\nashford,1.5\n# checked, twice\nbridge,20\ncove,-3\n#\n",
        "town,value,,\nashford,1.5,,\nbridge,20,,\ncove,-3,,\n,,,\n",
        "town,value\nashford,1.5,\nbridge,20,\ncove,-3,\n",
        'town,value\n"ashford","1,5"\n"bridge","20,0"\n"cove","-3,0"\n',
        "\ufefftown,value\nashford,1.5\nbridge,20\ncove,-3\n",
        "\ufeff\ufefftown;value\nashford;1,50\nbridge;20,00\ncove;-3,00\n",
        "town,value\nAshford,1.5\nBridge,20\nCove,−3\n",
        "town,value\nashford,１.５\nbridge,２０\ncove,－３\n",
        "town,value\n\u00a0ashford\u00a0,1.5\u200b\n\u200bbridge,\u202f20\ncove,-3\u00a0\n",
        "town, value\nashford, 1.5\nbridge, 20\ncove, -3\n",
    ],
)
def test_the_same_numbers_however_they_are_written(tmp_path: Path, text: str) -> None:
    assert rain(tmp_path, text) == (1.5, 20.0, -3.0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("town;value\nashford;1.200,5\nbridge;1.200\ncove;1.200.000\n", (1200.5, 1200.0, 1.2e6)),
        ('town,value\nashford,"1,200.5"\nbridge,"1,200"\ncove,"1,200,000"\n', (1200.5, 1200.0, 1.2e6)),
        ("town,value\nashford,1 200.5\nbridge,1\u202f200\ncove,1\u00a0200\u00a0000\n", (1200.5, 1200.0, 1.2e6)),
        ("town;value\nashford;1'200.5\nbridge;1’200\ncove;1’200’000\n", (1200.5, 1200.0, 1.2e6)),
        ("town,value\nashford,1.200\nbridge,1e3\ncove,.5\n", (1.2, 1000.0, 0.5)),
    ],
)
def test_thousands_separators_that_are_clear(tmp_path: Path, text: str, number: tuple[float, ...]) -> None:
    assert rain(tmp_path, text) == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("town;value\nashford;1,200\nbridge;1\ncove;2\n", "`1,200` may be 1200 or 1.2"),
        ("town;value\nashford;1.200\nbridge;1\ncove;2\n", "`1.200` may be 1.2 or 1200"),
        ('town,value\nashford,"1,200"\nbridge,1\ncove,2\n', "`1,200` may be 1200 or 1.2"),
        ("town,a;value\nashford,b;1\nbridge,b;1\ncove,b;1\n", "parted by commas or semicolons"),
        ("town,value\n#ashford,1\nbridge,1\ncove,1\n", "may be a comment or a row"),
        ("town,value\nashford,1 2\nbridge,1\ncove,1\n", "`1 2` is not a number"),
        ("town,value\nashford,12_000\nbridge,1\ncove,1\n", "`12_000` is not a number"),
        ("town,value\nashford,nan\nbridge,1\ncove,1\n", "`nan` is not a number"),
        ("town,value\nashford,٣\nbridge,1\ncove,1\n", "`٣` is not a number"),
        ("town,value\nashford,1,7\nbridge,1\ncove,1\n", "this row has 3 cells"),
        ('town,value\nashford,"1\nbridge,1\ncove,1\n', "is not CSV"),
    ],
)
def test_what_is_not_clear_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as wrong:
        rain(tmp_path, text)
    assert said in str(wrong.value)
    assert all(diagnostic.span.file.endswith("rain.csv") for diagnostic in wrong.value.diagnostics)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    header = [f"column{n}" for n in range(width)]
    rows = draw(st.lists(st.lists(WORDS, min_size=width, max_size=width), min_size=1, max_size=6))
    return [header, *rows]


@given(
    tables(),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_writes_is_read_the_same(
    table: list[list[str]], separator: str, quoting: int, end: str
) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, quoting=quoting, lineterminator=end).writerows(table)
    wanted = [row for row in table if any(cell.strip() for cell in row)]
    assume(not any(cell.lstrip().startswith("#") for row in wanted for cell in row))
    assume(not any(cell[:1].isspace() for row in wanted for cell in row))
    try:
        found = rows_of(stream.getvalue().replace("\r\n", "\n"))
    except Unclear as problem:
        assume("may be parted by" not in problem.message)
        raise
    assert found.separator == separator
    assert found.cells == wanted


NUMBERS = st.one_of(st.integers(-(10**9), 10**9).map(float), st.floats(-1e9, 1e9).map(lambda x: round(x, 2)))


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.sampled_from(["en", "de", "fr", "ch", "plain"]))
def test_numbers_of_a_column_are_read_as_they_were_meant_or_not_at_all(numbers: list[float], country: str) -> None:
    written = []
    for number in numbers:
        text = f"{number:,.2f}" if country != "plain" else repr(number)
        signs = {"de": {",": ".", ".": ","}, "fr": {",": " ", ".": ","}, "ch": {",": "'"}}.get(country, {})
        written.append("".join(signs.get(sign, sign) for sign in text))
    sign = decimal_sign(written)
    for text, number in zip(written, numbers, strict=True):
        found = number_of(text, sign, plain_point=country in ("en", "plain"))
        assert found is not None
        assert math.isclose(found, number, abs_tol=0.005)
