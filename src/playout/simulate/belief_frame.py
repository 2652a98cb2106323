"""The beliefs of a run as columns with names and units, drawn again from its seed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl

from playout.compile.engine import BLOCK
from playout.compile.lower.variant import AS_WRITTEN, VIEW
from playout.errors import UsageError, unknown
from playout.model.distribution import Distribution
from playout.model.laws.base import Truncated
from playout.model.laws.discrete import Categorical
from playout.simulate.matrix import belief_rows
from playout.simulate.result import Runs, labelled


def belief_rows_by_label(runs: Runs) -> dict[str, tuple[int, float]]:
    """The beliefs that a run drew, by label: the row of its belief matrix, and the factor of the belief's unit."""
    scenario = runs.checked.scenario
    found: dict[str, tuple[int, float]] = {}
    for row, (array, member) in enumerate(runs.drawn):
        if array == VIEW:
            continue
        belief = scenario.beliefs[array.removesuffix(AS_WRITTEN)]
        labels = list(itertools.product(*(scenario.sets[s].labels for s in belief.sets)))[member]
        found[labelled(belief.name, labels)] = row, belief.unit.factor
    return found


def unordered_beliefs(runs: Runs) -> frozenset[str]:
    """The beliefs that a run drew, by label, whose values are names for cases and no amounts: those that are
    `categorical` under its policy and in every view."""
    columns = {}
    for label, (row, _) in belief_rows_by_label(runs).items():
        columns[label] = belief_rows(runs.checked, [runs.drawn[row]], runs.policy, runs.view).columns[0]
    return frozenset(label for label, column in columns.items() if all(map(_is_categorical, column.laws)))


def _is_categorical(law: Distribution) -> bool:
    return isinstance(law.law if isinstance(law, Truncated) else law, Categorical)


def belief_frame(runs: Runs, names: Sequence[str] | None, futures: range) -> pl.DataFrame:
    """Some beliefs of the run (None: all), one row for each of some futures, in their units.

    Refuses, with a UsageError, names that are no beliefs.
    """
    by_label = belief_rows_by_label(runs)
    place = {name: row for name, (row, _) in by_label.items()}
    factor = {name: own for name, (_, own) in by_label.items()}
    wanted = list(place) if names is None else list(names)
    drawn = list(runs.drawn)
    for name in wanted:
        if name not in place:
            raise UsageError(unknown("belief", name, list(place)))
    if not runs.checked.correlations:  # which tie a belief to others: then all are drawn, else only those asked for
        drawn = [runs.drawn[place[name]] for name in wanted]
        place = {name: row for row, name in enumerate(wanted)}
    rows = belief_rows(runs.checked, drawn, runs.policy, runs.view, runs.design, runs.futures)
    found = np.empty((len(wanted), len(futures)))
    for start in range(0, len(futures), BLOCK):
        here = futures[start : start + BLOCK]
        matrix = rows.draw(here.start, len(here), runs.seed)
        for number, name in enumerate(wanted):
            found[number, start : start + len(here)] = matrix[place[name]] / factor[name]
    return pl.DataFrame([pl.Series(name, column) for name, column in zip(wanted, found, strict=True)])
