"""The page on the flagship says what the flagship says: blocks that a command makes are as it makes them now, and every
name in the prose is the name of something."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

import playout
from playout.model.checked import CheckedScenario
from playout.model.names import Names
from playout.model.systems import KINDS, belonging

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "explanation" / "us-mexico-cartels.md"
CLAIMS = PAGE.with_suffix(".claims.yaml")
MEND = "`make document` makes it anew (`python docs/refresh.py` in seconds, without the figures that come from playing)"


@pytest.fixture(scope="module")
def flagship() -> CheckedScenario:
    return playout.load("us-mexico-cartels")


def program(name: str) -> ModuleType:
    """A program of docs/, imported."""
    spec = importlib.util.spec_from_file_location(name, REPOSITORY / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_the_page_takes_from_the_scenario_is_what_the_scenario_says_now() -> None:
    _, _, outdated = program("refresh").stale(PAGE, everything=False)
    assert outdated == [], MEND


def test_every_figure_from_playing_names_a_table_that_is_made() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = re.findall(r"<!-- made by: python docs/findings\.py (\w+) -->", page)
    assert sorted(named) == sorted(program("findings").TABLES)
    empty = re.findall(r"<!-- made by: ([^\n]*) -->\n<!-- end -->", page)
    assert empty == [], MEND


def test_every_name_in_the_prose_is_the_name_of_something(flagship: CheckedScenario) -> None:
    scenario = flagship.scenario
    sections = (*KINDS, "evidence", "policies", "views", "systems", "actors", "sources")
    known = {name for section in sections for name in getattr(scenario, section)} | {*Names(scenario).options}
    prose = re.sub(r"<!-- made by.*?<!-- end -->", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    said = {word for word in re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", prose) if not word.startswith("test_")}
    assert said - known == set()


def test_every_test_that_the_page_names_is_there() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests").glob("**/test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    assert {name for name in named if f"def {name}(" not in tests} == set()


def test_claims_name_evidence_and_systems_that_are_there(flagship: CheckedScenario) -> None:
    scenario = flagship.scenario
    for claim in YAML(typ="safe").load(CLAIMS.read_text(encoding="utf-8")):
        assert set(claim["says"]) | set(claim["critics"]) <= set(scenario.evidence), claim["claim"]
        assert set(claim["part"]) <= set(scenario.systems), claim["claim"]


def test_every_system_has_a_section_and_everything_belongs_to_one(flagship: CheckedScenario) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert {name for name in flagship.scenario.systems if f"--in {name} " not in page} == set()
    home = belonging(flagship)
    homeless = [name for section in KINDS for name in getattr(flagship.scenario, section) if name not in home]
    assert homeless == [], "name them in systems.yaml, each under the part of the article that it works for"
