"""Who kills whom: shares of deaths by pair of groups (UCDP), beside the flagship's rivalry; event sizes.

Only groups that the flagship names are compared, Sinaloa as one, since UCDP counts few of the many small groups; and
the war of Sinaloa's factions since 2024, after UCDP's file ends, is left out on both sides. The flagship's share of a
pair is members × rivalry × members at the start, over all such pairs. UCDP's coverage is uneven: little is reported of
Tamaulipas, so the scenario's rivalry is moved toward these shares where they differ most, and not set to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

import playout
from calibration.flagship import NAME
from calibration.table import Row, between, shown

PART = "pairs of groups"
FROM_YEAR = 2018
NAMES = {
    "Jalisco Cartel New Generation": "Jalisco",
    "Sinaloa Cartel": "Sinaloa",
    "Los Zetas": "Northeast",
    "Cártel del Noreste": "Northeast",
    "Gulf Cartel": "Gulf",
    "La Nueva Familia": "Familia Michoacana",
    "La Familia": "Familia Michoacana",
    "Carteles Unidos": "Carteles Unidos",
    "Santa Rosa de Lima Cartel": "Santa Rosa",
    "Juarez Cartel": "Juárez",
    "La Linea": "Juárez",
}
"""UCDP's names and ours. A name that begins otherwise is a group that the flagship does not name."""
MEMBERS = {
    "sinaloa_mayiza": "Sinaloa",
    "sinaloa_chapitos": "Sinaloa",
    "cjng": "Jalisco",
    "northeast": "Northeast",
    "gulf": "Gulf",
    "familia_michoacana": "Familia Michoacana",
    "carteles_unidos": "Carteles Unidos",
    "santa_rosa": "Santa Rosa",
    "juarez": "Juárez",
}
LARGEST = 6
"""Pairs that get a row of their own."""
NEAR = 2.0
"""A factor within which a share counts as near."""
AMONG_TEN = 0.15
"""Share of deaths between groups that falls among the ten largest, by the recruitment study."""


def recorded(events: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Deaths by pair of named groups since 2018, as shares of them all."""
    deaths: dict[tuple[str, str], float] = {}
    for row in events.filter(pl.col("start").dt.year() >= FROM_YEAR).iter_rows(named=True):
        sides = [NAMES.get(row[side].split(" - ")[0]) for side in ("side_a", "side_b")]
        if None in sides or sides[0] == sides[1]:
            continue
        first, second = sorted(side for side in sides if side)
        deaths[first, second] = deaths.get((first, second), 0.0) + float(row["best"])
    total = sum(deaths.values())
    return {pair: value / total for pair, value in deaths.items()}


def believed() -> tuple[dict[tuple[str, str], float], float]:
    """The same shares out of the flagship's members and rivalry, and the share of all clashes among named groups."""
    scenario = playout.load(NAME).scenario
    names = [member.name for member in scenario.sets["organisation"].members]
    size = np.array(scenario.tables["members_2025"].values)
    weight = size[:, None] * np.array(scenario.tables["rivalry"].values).reshape(len(names), len(names)) * size[None, :]
    groups = [MEMBERS.get(name) for name in names]
    shares: dict[tuple[str, str], float] = {}
    within = 0.0
    for i, first in enumerate(groups):
        for j, second in enumerate(groups):
            if first is None or second is None:
                continue
            if first < second:
                shares[first, second] = shares.get((first, second), 0.0) + float(weight[i, j] + weight[j, i])
            elif first == second:
                within += float(weight[i, j])
    total = sum(shares.values())
    return {pair: value / total for pair, value in shares.items()}, total / (float(weight.sum()) - within)


def rows(events: pl.DataFrame) -> tuple[list[Row], Mapping[str, Any]]:
    """The table's part on pairs, and event sizes as estimates."""
    record, (belief, among) = recorded(events), believed()
    found = [
        between(
            "pair_" + "_".join(pair).lower().replace(" ", "_").replace("á", "a"),
            PART,
            f"deaths between {pair[0]} and {pair[1]}, share of those among named groups",
            "1",
            record[pair],
            belief.get(pair, 0.0),
            record[pair] / NEAR,
            record[pair] * NEAR,
            "within a factor of two of the record",
            judged=belief.get(pair, 0.0),
            note="rivalry was moved half way toward UCDP where it was furthest off: no independent test",
        )
        for pair in sorted(record, key=lambda one: -record[one])[:LARGEST]
    ]
    found.append(
        between(
            "pairs_named",
            PART,
            "deaths among named groups, share of all between groups",
            "1",
            AMONG_TEN,
            among,
            AMONG_TEN / NEAR,
            AMONG_TEN * NEAR,
            "within a factor of two of the record",
            judged=among,
            note="the record: the ten largest, by the recruitment study",
        )
    )
    lethal = events.filter((pl.col("best") > 0) & (pl.col("start").dt.year() >= FROM_YEAR))
    dated = lethal.filter(pl.col("days") <= 1)["best"]
    sizes = dated.to_numpy().astype(float)
    found.append(
        shown(
            "event_size",
            PART,
            "deaths in a lethal event between groups dated to the day, mean",
            "person",
            None,
            float(sizes.mean()),
            note=f"{len(sizes):,} events; {float((sizes >= 5).mean()):.1%} with five deaths or more",
        )
    )
    pairs = {" and ".join(pair): value for pair, value in sorted(record.items(), key=lambda one: -one[1])}
    return found, {
        "shares_since_2018": pairs,
        "event_size": {"mean": float(sizes.mean()), "five_or_more": float((sizes >= 5).mean()), "events": len(sizes)},
    }
