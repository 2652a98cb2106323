"""Playout's own engines on the shipped recruitment model: 150 groups, each of which may fight each other, 520 weeks.

Runs differ in the five rates of the model, each scattered about its published value by a tenth.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from playout.bench.peers import RECRUITMENT, Outputs, Play
from playout.bench.play import Crew, engine_for
from playout.compile.lower import lower
from playout.compile.rewrite import rewrite
from playout.model.check import check
from playout.read.decode import read_scenario
from playout.read.installed import find_scenario
from playout.simulate.matrix import belief_rows

RATES = ("recruitment_rate", "arrests", "lethality", "retirement", "members_2012")

OUTPUTS = ("members after 2012", "members after 2021", "deaths", "recruits")
"""What is asked of each run; deaths and recruits over all 520 weeks."""


def factors(first: int, runs: int) -> NDArray[np.float64]:
    """What each run multiplies RATES by, [rates, runs]."""
    return np.exp(0.1 * np.random.default_rng(first).standard_normal((len(RATES), runs)))


def player(engine: str, tables: str, scheme: Literal["euler", "rk4"], cores: int) -> Play:
    """engine: `single` or `double` (native), or `reference`. tables: a folder. scheme: `euler` or `rk4`."""
    checked = check(read_scenario(find_scenario(RECRUITMENT), Path(tables)))
    checked = replace(checked, scenario=replace(checked.scenario, integrate=scheme))
    program = rewrite(lower(checked))
    crew = Crew(engine_for(program, engine), 1 if engine == "reference" else cores)
    rows = belief_rows(checked, program.columns)
    order = [RATES.index(name) for name, _ in program.columns]

    def play(first: int, runs: int) -> Outputs:
        scattered = rows.draw(first, runs, 1) * factors(first, runs)[order]
        blocks = crew.play(lambda start, count: scattered[:, start - first :][:, :count], first, runs)
        return np.concatenate([_outputs(block.totals) for block in blocks], axis=-1)

    return play


def _outputs(totals: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    members = totals["all_members"]
    return np.stack([members[0], members[-1], totals["deaths"].sum(0), totals["recruits"].sum(0)])
