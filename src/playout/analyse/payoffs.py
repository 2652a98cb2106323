"""What came of a choice: measures among the futures in which each option was chosen.

    Runs, Runs of the baseline or None ──payoffs──▶ decision → option → measure → Mean

A comparison of such means is not the effect of choosing: futures that choose alike are alike in other ways too. What a
choice does is seen where all futures are made to choose it (`playout compare`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from playout.analyse.average import Mean
from playout.analyse.estimate import Numbers
from playout.analyse.outcome import Outcome
from playout.analyse.outcome import outcome as outcome_of
from playout.model.scenario import Scenario
from playout.simulate.result import Runs

MOST = 4
"""Measures that are looked at where the scenario does not say which."""

PayOffs = Mapping[str, Mapping[str, Mapping[str, Mean]]]


def payoffs(runs: Runs, baseline: Runs | None) -> PayOffs:
    """By decision without an index, option and measure: its mean among the futures that chose the option last, over the
    whole run, less the baseline's where there is one. Options that no future chose are left out.
    """
    scenario = runs.checked.scenario
    measures = {each.name: each.values(runs, baseline) for each in _measures(scenario, compared=baseline is not None)}
    found: dict[str, dict[str, dict[str, Mean]]] = {}
    for decision in scenario.decisions.values():
        if decision.binders:
            continue
        chosen = runs.column(decision.name).cast(str).to_numpy()
        for option in scenario.choices(decision):
            held = chosen == option
            means = {name: _mean(values[held & np.isfinite(values)]) for name, values in measures.items()}
            if all(mean.n for mean in means.values()):
                found.setdefault(decision.name, {})[option] = means
    return found


def _measures(scenario: Scenario, *, compared: bool) -> list[Outcome]:
    """The headline's measures; without one, those of people, or else the first."""
    plain = [measure for measure in scenario.measures.values() if not measure.binders]
    people = [measure for measure in plain if measure.people] or plain
    names = [measure.name for measure in people[:MOST]]
    if scenario.headline is not None and scenario.headline.measures:
        names = [name for name, _ in scenario.headline.measures]
    return [outcome_of(scenario, name, compared=compared) for name in names]


def _mean(values: Numbers) -> Mean:
    n = values.size
    if not n:
        return Mean(float("nan"), float("nan"), 0)
    se = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return Mean(float(values.mean()), se, n)
