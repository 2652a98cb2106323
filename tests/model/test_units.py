"""Units: common words are known at once, and say what pint says."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import pytest

from playout.model import units
from playout.model.units import UnknownUnit, unit

COMPOSED = ("1/week", "usd/year/person", "person**2", "usd/year**2", "1 / year", "person * days / week", "lb/months")
NOT_COMMON = (
    "day day",
    "/day",
    "day*",
    "year**-1",
    "day**0.5",
    "2/year",
    "usd per year",
    "acre",
    "dayss",
    "person.",
    "",
)


def by_pint(text: str, monkeypatch: pytest.MonkeyPatch) -> units.Unit:
    monkeypatch.setattr(units, "_common_unit", lambda _: None)
    units.unit.cache_clear()
    try:
        return unit(text)
    finally:
        units.unit.cache_clear()
        monkeypatch.undo()


@pytest.mark.parametrize(
    "text", [*(f"{a}/{b}" for a, b in product(units._COMMON, ["1", "day", "lb"])), *units._COMMON, *COMPOSED]
)
def test_common_units_are_what_pint_says(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = by_pint(text, monkeypatch)
    found = unit(text)
    assert found.dimension == expected.dimension
    assert found.factor == pytest.approx(expected.factor, rel=1e-14)
    assert found.is_probability == expected.is_probability


@pytest.mark.parametrize("text", NOT_COMMON)
def test_other_texts_are_left_to_pint(text: str) -> None:
    assert text == "" or units._common_unit(text) is None


def test_what_is_no_unit_says_so() -> None:
    with pytest.raises(UnknownUnit, match="`wekk` is not a unit"):
        unit("wekk")


def test_common_units_do_not_load_the_registry() -> None:
    code = "import sys; from playout.model.units import unit; unit('usd/year/person'); sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
