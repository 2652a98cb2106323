"""The synthetic workload: `synthetic.yaml`, as it stands or with other counts of organisations and weeks.

What is asked of each future: all members, all killed in a week, all revenue and the campaign's stage, at the end of
each 52 weeks. Peers give them as [year, output] flattened, by futures.
"""

from __future__ import annotations

import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

from ruamel.yaml import YAML

from playout.compile.ir import Program
from playout.compile.lower import lower
from playout.compile.rewrite import rewrite
from playout.model.check import check
from playout.model.checked import CheckedScenario
from playout.read.decode import read_scenario

FIRST_MEMBERS = (28000, 17000, 10000, 8000, 7500, 6800, 5500, 4600)
"""Of each organisation, at the start; the same numbers as in `synthetic.yaml`, for the peers."""

YEARS = 5
WEEKS = 52
"""In a year of the workload."""

MEASURES = ("all_members", "all_killed", "all_revenue", "stage")
OUTPUTS = tuple(f"{measure} after year {year + 1}" for year in range(YEARS) for measure in MEASURES)

PLACE = files("playout.bench")


def source(name: str) -> str:
    """The text of a file of this folder: the scenario, or the model in another tool's language."""
    return (PLACE / name).read_text(encoding="utf-8")


@cache
def scenario(organisations: int = len(FIRST_MEMBERS), weeks: int = YEARS * WEEKS) -> CheckedScenario:
    """The workload as a scenario. More organisations than eight begin as the eight do, again and again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "synthetic.yaml"
        yaml = YAML()
        written = yaml.load(source("synthetic.yaml"))
        names = written["sets"]["organisation"]
        table = written["tables"]["first_members[organisation]"]
        first = table["values"]
        written["sets"]["organisation"] = [f"{names[n % len(names)]}_{n}" for n in range(organisations)]
        table["values"] = [first[n % len(first)] for n in range(organisations)]
        written["horizon"] = f"{weeks} weeks"
        yaml.dump(written, path)
        return check(read_scenario(path, None))


def program(organisations: int = len(FIRST_MEMBERS), weeks: int = YEARS * WEEKS) -> Program:
    """The workload as engines play it."""
    return rewrite(lower(scenario(organisations, weeks)))
