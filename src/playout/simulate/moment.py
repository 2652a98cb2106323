"""What equations of a scenario come to at one moment: the numbers of a step, future by future, without a run's results.

CheckedScenario, equations, step ──numbers_at──▶ float64 [*members, futures] each
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from playout.compile import ir
from playout.compile.cost import playing_time
from playout.compile.engine import BLOCK
from playout.compile.lower import lower
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite
from playout.errors import Span
from playout.model.checked import CheckedScenario
from playout.model.expression import Binder, Expression
from playout.model.scenario import Measure
from playout.simulate.limits import check_intermediates, check_time
from playout.simulate.matrix import belief_rows
from playout.simulate.memory import machine_memory


def numbers_at(
    checked: CheckedScenario,
    equations: Mapping[str, tuple[tuple[Binder, ...], Expression]],
    *,
    step: int = 0,
    futures: int = 500,
    seed: int = 1,
    policy: str | None = None,
    view: str | None = None,
) -> Mapping[str, NDArray[np.float64]]:
    """The values of equations at a step, in base units, [*members, futures], by the reference engine.

    equations: by name, the indexes they are written with and the equation itself, which the checks have read. Of dead
    members a value is 0. A future whose equations are no numbers keeps what they are.
    """
    nowhere = Span("", 0, 0, 0)
    asked = {name: Measure(nowhere, name, binders, tree) for name, (binders, tree) in equations.items()}
    scenario = dataclasses.replace(checked.scenario, measures=asked, questions={})
    lowered = lower(dataclasses.replace(checked, scenario=scenario), policy)
    records = tuple(ir.Record(series.name, series.node, step, series.sets) for series in lowered.series)
    program = dataclasses.replace(lowered, steps=max(step, 1), series=(), tallies=(), checks=(), records=records)
    program = rewrite(program)
    check_time(playing_time(program), futures, "numpy", "double")
    engine = NumpyEngine(program)
    check_intermediates(engine, futures, 1, machine_memory())
    rows = belief_rows(checked, engine.program.columns, policy, view)
    parts: dict[str, list[NDArray[np.float64]]] = {name: [] for name in equations}
    for first in range(0, futures, BLOCK):
        count = min(BLOCK, futures - first)
        block = engine.play(first, count, rows.draw(first, count, seed), seed)
        for name, values in block.records.items():
            parts[name].append(values)
    return {name: np.concatenate(values, axis=-1) for name, values in parts.items()}
