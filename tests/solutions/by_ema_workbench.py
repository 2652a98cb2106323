"""Looks for boxes in the made-up cases of tests/discovery_cases.py with the EMA Workbench, and keeps what it finds: run
by `make solutions`."""

from __future__ import annotations

import importlib.metadata
import json
import warnings
from typing import Any

import numpy as np
import pandas as pd
from ema_workbench.analysis import cart, prim

from discovery_cases import SOLUTIONS, mixed, reals

SETTINGS = (
    ("lenient1", 0.05, 0.05, 0.05),
    ("lenient1", 0.1, 0.05, 0.05),
    ("lenient1", 0.1, 0.1, 0.02),
    ("lenient2", 0.05, 0.1, 0.05),
    ("lenient2", 0.1, 0.05, 0.02),
    ("original", 0.05, 0.05, 0.02),
    ("original", 0.1, 0.05, 0.05),
)
"""Objective, peel_alpha, paste_alpha and mass_min of each search."""

BOXES = 3


def way(box: Any) -> list[list[int]]:
    """Cases, cases of interest and limited inputs of each box on the way."""
    found: list[list[int]] = box.peeling_trajectory[["n", "k", "res_dim"]].to_numpy().astype(int).tolist()
    return found


def shown(box: Any) -> dict[str, Any]:
    """The way to a box, and the box at its end. A side without a limit has no quasi-p-value: null."""
    limited = {name: [None if p == -1 else float(p) for p in sides] for name, sides in box.qp[-1].items()}
    limits = {name: [float(end) for end in box.box_lims[-1][name]] for name in limited}
    end = {"coverage": float(box.coverage), "density": float(box.density), "mass": float(box.mass)}
    return {"trajectory": way(box), "end": end | {"limits": limits, "quasi_p": limited}}


def searched(objective: str, peel_alpha: float, paste_alpha: float, mass_min: float) -> dict[str, Any]:
    """The boxes of one search, until it finds none as dense as 0.8, three at most."""
    asked = {"peel_alpha": peel_alpha, "paste_alpha": paste_alpha, "mass_min": mass_min}
    columns, interest = reals()
    search = prim.Prim(
        pd.DataFrame(columns),
        interest.astype(int),
        threshold=0.8,
        obj_function=prim.PRIMObjectiveFunctions(objective),
        **asked,
    )
    boxes = []
    while len(boxes) < BOXES and (box := search.find_box()) is not None and box.density >= 0.8:
        boxes.append(shown(box))
    return {"objective": objective, **asked, "boxes": boxes}


def leaves() -> list[list[float]]:
    """Coverage, density, mass and limited inputs of each leaf of a tree, in order."""
    columns, interest = reals()
    tree = cart.CART(pd.DataFrame(columns), interest.astype(int), mass_min=0.05)
    tree.build_tree()
    rows = [[each[name] for name in ("coverage", "density", "mass", "res dim")] for each in tree.stats]
    return sorted([*(round(float(share), 4) for share in row[:3]), int(row[3])] for row in rows)


def peeled(seed: int) -> list[list[int]]:
    """The way to the first box in mixed cases. (Whole numbers the Workbench can peel but not paste.)"""
    columns, interest = mixed(seed)
    return way(prim.Prim(pd.DataFrame(columns), interest.astype(int), threshold=0.5, peel_alpha=0.1).find_box())


def main() -> None:
    """All that the tests hold ours to."""
    warnings.simplefilter("ignore")  # the Workbench's own
    found = {
        "made_by": "make solutions",
        "ema_workbench": importlib.metadata.version("ema-workbench"),
        "numpy": np.__version__,
        "settings": [searched(*asked) for asked in SETTINGS],
        "leaves": leaves(),
        "mixed": [peeled(seed) for seed in range(4)],
    }
    SOLUTIONS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
