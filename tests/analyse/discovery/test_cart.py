"""The leaves of a tree are boxes that part all cases, those of the EMA Workbench among them."""

from __future__ import annotations

import json

import numpy as np

from discovery_cases import SOLUTIONS, bryant_and_lempert, here, reals
from playout.analyse.discovery.box import Inputs, inputs_of
from playout.analyse.discovery.cart import cart
from playout.analyse.estimate import Bools

# Coverage, density, mass and limited inputs of each leaf: EMA Workbench 2.5.3 with scikit-learn 1.9.1, Python 3.11:
# cart.CART(x, y, mass_min=0.05), build_tree(), stats; inputs and outcome of Bryant and Lempert (2010).
LEAVES = [
    (0.0, 0.0, 0.0510, 3),
    (0.0, 0.0, 0.1032, 2),
    (0.0, 0.0, 0.5465, 2),
    (0.0112, 0.0217, 0.0522, 2),
    (0.0449, 0.0909, 0.0499, 2),
    (0.1124, 0.2273, 0.0499, 3),
    (0.2247, 0.4348, 0.0522, 2),
    (0.6067, 0.6429, 0.0952, 2),
]


def rows(inputs: Inputs, interest: Bools) -> list[tuple[float, float, float, int]]:
    boxes = [leaf.box for leaf in cart(inputs, interest, mass_min=0.05)]
    return sorted((round(b.coverage, 4), round(b.density, 4), round(b.mass, 4), b.restricted) for b in boxes)


def test_leaves_are_those_of_the_ema_workbench() -> None:
    columns, interest = reals()
    kept = json.loads(SOLUTIONS.read_text(encoding="utf-8"))["leaves"]
    assert rows(inputs_of(columns), interest) == [tuple(row) for row in kept]


@here
def test_leaves_are_those_of_the_ema_workbench_on_the_cases_of_bryant_and_lempert() -> None:
    assert rows(*bryant_and_lempert()) == LEAVES


def test_leaves_part_all_cases_among_them() -> None:
    random = np.random.default_rng(2)
    inputs = inputs_of(
        {"a": random.random(3000), "w": random.integers(0, 5, 3000), "c": random.choice(list("xyz"), 3000)}
    )
    interest = random.random(3000) < np.where((inputs.values[0] > 0.5) & (inputs.values[2] == 1), 0.7, 0.1)
    leaves = cart(inputs, interest)
    inside = np.sum([leaf.box.inside(inputs) for leaf in leaves], axis=0)
    assert (inside == 1).all()
    assert sum(leaf.box.of_interest for leaf in leaves) == np.count_nonzero(interest)
    assert all(leaf.box.mass >= 0.05 for leaf in leaves)
    assert leaves[0].box.limit("c") is not None
