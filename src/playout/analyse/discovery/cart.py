"""CART: a tree of yes-or-no splits whose leaves are boxes (L. Breiman, J. H. Friedman, R. A. Olshen and C. J. Stone,
Classification and Regression Trees, 1984), grown by scikit-learn.

Unlike PRIM's, its boxes part all cases among them and never overlap; a region may be cut across several leaves. For
scenario discovery the two are compared by R. J. Lempert, B. P. Bryant and S. C. Bankes, RAND WR-557 (2008).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from playout.analyse.discovery.box import Box, Inputs, Limit, box_of
from playout.analyse.estimate import Bools, Numbers


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf as a box. splits: how many stand above it."""

    box: Box
    splits: int


def cart(
    inputs: Inputs, interest: Bools, *, mass_min: float = 0.05, most_splits: int | None = None
) -> tuple[Leaf, ...]:
    """The leaves of the tree, those first in which cases of interest are densest.

    interest: which cases are of interest, [cases]. mass_min: the least share of all cases in a leaf. most_splits: that
    may stand above a leaf; None for no limit. The same cases give the same tree.
    """
    from sklearn.tree import DecisionTreeClassifier

    columns, features = _features(inputs, interest)
    least = max(1, int(mass_min * inputs.cases))
    tree = DecisionTreeClassifier(min_samples_leaf=least, max_depth=most_splits, random_state=0)
    tree.fit(np.array([column for column, _ in columns]).T, interest)
    leaves = [
        Leaf(box_of(_joined(limits, inputs), inputs, interest), splits)
        for limits, splits in _leaves(tree.tree_, features, columns)
    ]
    return tuple(sorted(leaves, key=lambda leaf: (-leaf.box.density, -leaf.box.coverage)))


def _features(
    inputs: Inputs, interest: Bools
) -> tuple[list[tuple[Numbers, Numbers | None]], list[tuple[str, tuple[str, ...] | None]]]:
    """What the tree splits on: the rank of each number among those that occur (with these), so that single precision,
    in which trees are grown, loses nothing; and the rank of a category among its labels in the order of the share of
    cases of interest, for the best of all splits of labels into two sets lies in that order (Breiman and others,
    section 4.2.2). Names beside them, with the labels so ordered."""
    columns: list[tuple[Numbers, Numbers | None]] = []
    features: list[tuple[str, tuple[str, ...] | None]] = []
    for name, kind, values in zip(inputs.names, inputs.kinds, inputs.values, strict=True):
        if kind == "category":
            places = values.astype(np.int64)
            labels = inputs.categories[name]
            cases = np.bincount(places, minlength=len(labels))
            shares = np.bincount(places, weights=interest, minlength=len(labels)) / np.maximum(cases, 1)
            order = np.argsort(shares, kind="stable")
            columns.append((np.argsort(order)[places].astype(np.float32), None))
            features.append((name, tuple(labels[place] for place in order)))
            continue
        distinct, ranks = np.unique(values, return_inverse=True)
        columns.append((ranks.astype(np.float32), distinct))
        features.append((name, None))
    return columns, features


def _leaves(tree: Any, features: Any, columns: Any) -> Iterator[tuple[list[tuple[str, str, Any]], int]]:
    """The splits above each leaf, as input, side and value; and how many there are."""
    waiting: list[tuple[int, list[tuple[str, str, Any]]]] = [(0, [])]
    while waiting:
        node, above = waiting.pop()
        if tree.children_left[node] < 0:
            yield above, len(above)
            continue
        name, labels = features[tree.feature[node]]
        below = int(tree.threshold[node])
        if labels is not None:
            left, right = (name, "among", labels[: below + 1]), (name, "among", labels[below + 1 :])
        else:
            distinct = columns[tree.feature[node]][1]
            low, high = float(distinct[below]), float(distinct[below + 1])
            middle = (low + high) / 2.0
            if low < middle < high:  # else no number lies between them
                low = high = middle
            left, right = (name, "high", low), (name, "low", high)
        waiting.append((int(tree.children_right[node]), [*above, right]))
        waiting.append((int(tree.children_left[node]), [*above, left]))


def _joined(splits: list[tuple[str, str, Any]], inputs: Inputs) -> tuple[Limit, ...]:
    """One limit for each input, in the order of the inputs."""
    found: dict[str, Limit] = {}
    for name, side, value in splits:
        before = found.get(name, Limit(name))
        if side == "high":
            high = value if before.high is None else min(before.high, value)
            found[name] = Limit(name, before.low, high)
        elif side == "low":
            low = value if before.low is None else max(before.low, value)
            found[name] = Limit(name, low, before.high)
        else:
            kept = before.kept or inputs.categories[name]
            found[name] = Limit(name, kept=tuple(label for label in kept if label in value))
    return tuple(sorted(found.values(), key=lambda limit: inputs.position(limit.name)))
