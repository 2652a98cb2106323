"""The synthetic workload in NumPy, as one would write it for many futures at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playout.bench.peers import Outputs, Play
from playout.bench.workload import FIRST_MEMBERS, MEASURES, OUTPUTS, WEEKS, YEARS

CHUNK = 4096
"""Futures at once: where it is fastest on processors with a megabyte or two of cache a core."""


def player(cores: int) -> Play:
    """Play in chunks, on the one core of this process."""

    def play(first: int, futures: int) -> Outputs:
        starts = range(first, first + futures, CHUNK)
        return np.concatenate([play_chunk(s, min(CHUNK, first + futures - s)) for s in starts], axis=1)

    return play


def play_chunk(seed: int, futures: int) -> NDArray[np.float32]:
    """[outputs, futures]; the arrays of organisations are [8, futures]."""
    random = np.random.default_rng(seed)
    members = np.repeat(np.array(FIRST_MEMBERS, np.float32)[:, None], futures, axis=1)
    revenue = members.copy()
    cohesion, arms = np.full_like(members, 0.8), np.full_like(members, 0.5)
    territory = members / members.sum(0)
    will, pressure = np.full(futures, 0.5, np.float32), np.zeros(futures, np.float32)
    stage = np.zeros(futures, np.int32)
    outputs = np.empty((YEARS, len(MEASURES), futures), np.float32)
    for week in range(YEARS * WEEKS):
        shock = random.standard_normal(members.shape, np.float32)
        luck = random.random(members.shape, np.float32)
        move = random.random(futures, np.float32)
        everybody = members.sum(0)
        pressing = stage == 2
        force = np.where(pressing, pressure, np.float32(0))
        recruited = 0.0025 * members * np.exp(-0.5 * force) * (1 + 0.1 * shock)
        lost = 110 * members / everybody + 0.01 * force * members * arms
        killed = 7.5e-8 * members * (everybody - members)
        following = np.maximum(members + recruited - lost - killed - 4e-8 * members * members, 1)
        revenue = 0.98 * revenue + 0.02 * following * cohesion * np.exp(-force * territory)
        splits = luck < 1 - np.exp(-0.01 * (1 - cohesion) - 0.02 * force)
        cohesion = np.clip(np.where(splits, 0.7 * cohesion, cohesion + 0.01 * (0.9 - cohesion)), 0, 1)
        arms = np.clip(arms + 0.01 * revenue / (following + 1) - 0.02 * force * arms, 0, 1)
        territory = territory + 0.05 * (following / everybody - territory)
        many = splits.sum(0, dtype=np.float32)
        will = np.clip(will + 0.01 * (0.5 - will) - 0.02 * force + 0.01 * many, 0, 1)
        urge = 0.02 * will + 0.03 * (1 - will) + 0.02 + 0.01 * pressure + 0.02 * cohesion.mean(0)
        stage = stage + ((stage < 4) & (move < 1 - np.exp(-urge)))
        goal = np.where(pressing, np.float32(0.8), np.float32(0))
        pressure = np.clip(pressure + 0.05 * (goal - pressure), 0, 1)
        members = following
        if week % WEEKS == WEEKS - 1:
            everybody = members.sum(0)
            killed = 7.5e-8 * members * (everybody - members)
            outputs[week // WEEKS] = everybody, killed.sum(0), revenue.sum(0), stage
    return outputs.reshape(len(OUTPUTS), futures)
