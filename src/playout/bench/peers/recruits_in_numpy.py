"""The recruitment model in NumPy: explicit Euler, a matrix product a week for many runs at once."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from playout.bench.peers import Outputs, Play
from playout.bench.peers.recruits import factors

CHUNK = 256
"""Runs at once."""

WEEKS = 520
PUBLISHED = (2.527474e-3, 110.0, 1.549231e-8, 4e-8, 115000.0)
"""Recruitment, arrests, lethality, retirement (a week) and members at the start: the order of `recruits.RATES`."""


def player(tables: str, cores: int) -> Play:
    """Read the published tables; play in chunks, on the one core of this process."""
    conflict, shares = read_tables(Path(tables))

    def play(first: int, runs: int) -> Outputs:
        rates = (np.array(PUBLISHED)[:, None] * factors(first, runs)).astype(np.float32)
        chunks = [play_chunk(conflict, shares, rates[:, at : at + CHUNK]) for at in range(0, runs, CHUNK)]
        return np.concatenate(chunks, axis=1)

    return play


def read_tables(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How hard each group fights each other [groups, groups], and each group's share of members at the start."""
    with (folder / "BACRIM2020_Nodes.csv").open(encoding="utf-8-sig", newline="") as file:
        place = {row["Node"]: number for number, row in enumerate(csv.DictReader(file))}
    groups = len(place)

    def ties(name: str) -> NDArray[np.float64]:
        found = np.zeros((groups, groups))
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                found[place[row["Node"]], place[row["RNode"]]] = float(row["weight"])
        return np.maximum(found, found.T)

    allies = ties("BACRIM2020_Alliances.csv").sum(1)
    rivals = ties("BACRIM2020_Rivals.csv")
    conflict = (rivals + 1) / (allies[:, None] + 1)
    np.fill_diagonal(conflict, 0.0)
    ranks = np.empty(groups)
    ranks[np.argsort(-(allies + rivals.sum(1)), kind="stable")] = np.arange(1, groups + 1)
    return conflict.astype(np.float32), (1 / ranks / (1 / ranks).sum()).astype(np.float32)


def play_chunk(
    conflict: NDArray[np.float32], shares: NDArray[np.float32], rates: NDArray[np.float32]
) -> NDArray[np.float32]:
    """[outputs, runs]; members are [groups, runs]."""
    recruitment, arrests, lethality, retirement, everybody = rates
    members = shares[:, None] * everybody
    deaths, recruits = np.zeros_like(everybody), np.zeros_like(everybody)
    after_first_year = everybody
    for week in range(WEEKS):
        everybody = members.sum(0)
        killed = lethality * members * (conflict @ members)
        deaths += killed.sum(0)
        recruits += recruitment * everybody
        gained = recruitment * members - arrests * members / everybody - retirement * members * members
        members = members + gained - killed
        if week == 51:
            after_first_year = members.sum(0)
    return np.stack([after_first_year, members.sum(0), deaths, recruits])
