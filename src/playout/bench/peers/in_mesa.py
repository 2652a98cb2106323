"""The synthetic workload in Mesa: a model a future, an agent an organisation, results from its data collector."""

from __future__ import annotations

import math

import mesa
import numpy as np

from playout.bench.peers import Outputs, Play
from playout.bench.workload import FIRST_MEMBERS, MEASURES, OUTPUTS, WEEKS, YEARS


class Organisation(mesa.Agent):
    """Five stocks of its own."""

    def __init__(self, model: Campaign, members: float) -> None:
        super().__init__(model)
        self.members = self.revenue = members
        self.cohesion, self.arms = 0.8, 0.5
        self.territory = members / sum(FIRST_MEMBERS)

    def step(self) -> None:
        """A week of one organisation, which looks at the others as they stood when the week began."""
        model, force, everybody, members = self.model, self.model.force, self.model.everybody, self.members
        shock, luck = model.random.gauss(0, 1), model.random.random()
        recruited = 0.0025 * members * math.exp(-0.5 * force) * (1 + 0.1 * shock)
        lost = 110 * members / everybody + 0.01 * force * members * self.arms
        after = max(members + recruited - lost - self.killed(everybody) - 4e-8 * members**2, 1.0)
        self.revenue = 0.98 * self.revenue + 0.02 * after * self.cohesion * math.exp(-force * self.territory)
        if luck < 1 - math.exp(-0.01 * (1 - self.cohesion) - 0.02 * force):
            model.splits += 1
            self.cohesion *= 0.7
        else:
            self.cohesion += 0.01 * (0.9 - self.cohesion)
        self.arms += 0.01 * self.revenue / (after + 1) - 0.02 * force * self.arms
        self.arms = min(max(self.arms, 0.0), 1.0)
        self.territory += 0.05 * (after / everybody - self.territory)
        self.members = after

    def killed(self, everybody: float) -> float:
        """In a week, of whom ``everybody`` are members somewhere."""
        return 7.5e-8 * self.members * (everybody - self.members)


class Campaign(mesa.Model):
    """One future."""

    def __init__(self, seed: int) -> None:
        super().__init__(rng=seed)
        for members in FIRST_MEMBERS:
            Organisation(self, float(members))
        self.stage, self.will, self.pressure = 0, 0.5, 0.0
        self.count()
        reporters = {
            "all_members": "everybody",
            "all_killed": self.all_killed,
            "all_revenue": self.all_revenue,
            "stage": "stage",
        }
        self.datacollector = mesa.DataCollector(model_reporters=reporters)

    def count(self) -> None:
        self.everybody: float = sum(each.members for each in self.agents)

    def all_killed(self) -> float:
        return math.fsum(each.killed(self.everybody) for each in self.agents)

    def all_revenue(self) -> float:
        return math.fsum(each.revenue for each in self.agents)

    def step(self) -> None:
        """A week."""
        self.force = force = self.pressure if self.stage == 2 else 0.0
        self.splits = 0
        goal = 0.8 if self.stage == 2 else 0.0
        self.agents.do("step")
        self.will += 0.01 * (0.5 - self.will) - 0.02 * force + 0.01 * self.splits
        self.will = min(max(self.will, 0.0), 1.0)
        cohesion = sum(each.cohesion for each in self.agents) / len(self.agents)
        urge = 0.02 * self.will + 0.03 * (1 - self.will) + 0.02 + 0.01 * self.pressure + 0.02 * cohesion
        if self.stage < 4 and self.random.random() < 1 - math.exp(-urge):
            self.stage += 1
        self.pressure = min(max(self.pressure + 0.05 * (goal - self.pressure), 0.0), 1.0)
        self.count()


def player(cores: int) -> Play:
    """Play one model after the other, on the one core of this process."""

    def play(first: int, futures: int) -> Outputs:
        return np.stack([play_one(first + number) for number in range(futures)], axis=1)

    return play


def play_one(seed: int) -> Outputs:
    """[outputs] of one future."""
    model = Campaign(seed)
    for _ in range(YEARS):
        for _ in range(WEEKS):
            model.step()
        model.datacollector.collect(model)
    found = model.datacollector.model_vars
    return np.array([found[name] for name in MEASURES]).T.reshape(len(OUTPUTS))
