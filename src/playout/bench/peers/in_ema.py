"""The synthetic workload under the EMA Workbench: an experiment a future, its model a function of plain Python.

The workbench runs experiments and brings no language for models, so what it adds to the function is measured with it.
"""

from __future__ import annotations

import math
import random
import warnings

import numpy as np

from playout.bench.peers import Outputs, Play
from playout.bench.workload import FIRST_MEMBERS, MEASURES, OUTPUTS, WEEKS, YEARS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it tells of every package that it could also use
    from ema_workbench import ArrayOutcome, IntegerParameter, Model, SequentialEvaluator

MOST = 2**31 - 1
"""The largest number that seeds an experiment."""


def player(cores: int) -> Play:
    """Run experiments one after the other, on the one core of this process."""
    model = Model("synthetic", function=play_one)
    model.uncertainties = [IntegerParameter("number", 0, MOST)]
    model.outcomes = [ArrayOutcome(name) for name in MEASURES]

    def play(first: int, futures: int) -> Outputs:
        np.random.seed(first)  # which is where the workbench draws experiments from
        with SequentialEvaluator(model) as evaluator:
            _, found = evaluator.perform_experiments(futures)
        return np.stack([found[name] for name in MEASURES]).transpose(2, 0, 1).reshape(len(OUTPUTS), futures)

    return play


def play_one(number: int) -> dict[str, list[float]]:
    """One future: each measure at the end of each year."""
    draw = random.Random(int(number))
    organisations = range(len(FIRST_MEMBERS))
    members = [float(count) for count in FIRST_MEMBERS]
    revenue, cohesion, arms = members.copy(), [0.8] * len(members), [0.5] * len(members)
    territory = [count / sum(FIRST_MEMBERS) for count in FIRST_MEMBERS]
    will, pressure, stage = 0.5, 0.0, 0
    everybody = sum(members)
    found: dict[str, list[float]] = {name: [] for name in MEASURES}
    for week in range(YEARS * WEEKS):
        goal, force = (0.8, pressure) if stage == 2 else (0.0, 0.0)
        deterred, splits = math.exp(-0.5 * force), 0
        for o in organisations:
            count = members[o]
            recruited = 0.0025 * count * deterred * (1 + 0.1 * draw.gauss(0, 1))
            lost = 110 * count / everybody + 0.01 * force * count * arms[o]
            killed = 7.5e-8 * count * (everybody - count)
            members[o] = after = max(count + recruited - lost - killed - 4e-8 * count**2, 1.0)
            revenue[o] = 0.98 * revenue[o] + 0.02 * after * cohesion[o] * math.exp(-force * territory[o])
            if draw.random() < 1 - math.exp(-0.01 * (1 - cohesion[o]) - 0.02 * force):
                splits += 1
                cohesion[o] *= 0.7
            else:
                cohesion[o] += 0.01 * (0.9 - cohesion[o])
            arms[o] = min(max(arms[o] + 0.01 * revenue[o] / (after + 1) - 0.02 * force * arms[o], 0.0), 1.0)
            territory[o] += 0.05 * (after / everybody - territory[o])
        will = min(max(will + 0.01 * (0.5 - will) - 0.02 * force + 0.01 * splits, 0.0), 1.0)
        mean_cohesion = sum(cohesion) / len(cohesion)
        urge = 0.02 * will + 0.03 * (1 - will) + 0.02 + 0.01 * pressure + 0.02 * mean_cohesion
        if stage < 4 and draw.random() < 1 - math.exp(-urge):
            stage += 1
        pressure = min(max(pressure + 0.05 * (goal - pressure), 0.0), 1.0)
        everybody = sum(members)
        if week % WEEKS == WEEKS - 1:
            killed = sum(7.5e-8 * count * (everybody - count) for count in members)
            for name, value in zip(MEASURES, (everybody, killed, sum(revenue), float(stage)), strict=True):
                found[name].append(value)
    return found
