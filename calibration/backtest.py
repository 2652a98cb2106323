"""The forecaster of homicides by state put to the test: rolling origins, and the last year held out.

The design (window, priors, jumps) was settled on origins whose year ends before the held-out year begins; that year
was scored once it stood. The record is one vintage, as published by February 2025: earlier months may have been
revised since they first appeared, which a forecaster at the time would not have known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from calibration.homicides import Fit, Jumps, fit, forecast, random_walk
from calibration.record import FIRST_YEAR, Homicides, month_number
from calibration.scores import Floats, coverage, crps
from calibration.table import Row, between, shown

WINDOW = 60
"""Months of the past that a fit sees."""
AHEAD = 12
DRAWS = 1000
HELD_OUT_FROM = (2024, 1)
"""The last month seen before the held-out year."""
ORIGINS = tuple(month_number(2018, 12) + 1 + 3 * k for k in range(17))
"""Months seen at each rolling origin: each quarter from December 2018; the last year ends before the held-out one."""
PART = "state homicides"
TOLERANCE = {0.5: 0.07, 0.9: 0.05}
"""How far coverage may be from nominal and still be called near."""


def scores(history: Floats, came: Floats, jumps: Jumps, seed: int) -> dict[str, Any]:
    """Both forecasters at one origin: draws, CRPS by state and month, and what covers."""
    random = np.random.default_rng(seed)
    fitted = fit(history[-WINDOW:])
    ours = forecast(fitted, AHEAD, DRAWS, random, jumps)
    naive = random_walk(history, AHEAD, DRAWS, random)
    seen = ~np.isnan(came)
    filled = np.where(seen, came, 0.0)
    found: dict[str, Any] = {"fit": fitted, "seen": seen}
    for name, draws in (("model", ours), ("naive", naive)):
        score = np.where(seen, crps(draws, filled), np.nan)
        found[name] = {
            "crps": score,
            "national": crps(draws.sum(axis=2), np.nansum(came, axis=1)),
            "year": crps(draws.sum(axis=(1, 2)), np.nansum(came)),
            "draws": draws,
            **{f"cover_{level}": coverage(draws[:, seen], filled[seen], level, random) for level in TOLERANCE},
        }
    return found


def rolling(record: Homicides, jumps: Jumps) -> list[Row]:
    """Rows on the rolling origins."""
    found = [
        scores(record.counts[:origin], record.counts[origin : origin + AHEAD], jumps, seed)
        for seed, origin in enumerate(ORIGINS)
    ]

    def mean(who: str, what: str) -> float:
        return float(np.mean([np.nanmean(one[who][what]) for one in found]))

    rows = [
        between(
            f"rolling_coverage_{round(100 * level)}",
            PART,
            f"share of state months inside the {level:.0%} interval, rolling origins",
            "1",
            level,
            mean("model", f"cover_{level}"),
            level - slack,
            level + slack,
            f"within {slack:.0%} points of nominal",
            judged=mean("model", f"cover_{level}"),
        )
        for level, slack in TOLERANCE.items()
    ]
    ours, naive = mean("model", "crps"), mean("naive", "crps")
    first, last = (FIRST_YEAR + (origin - 1) // 12 for origin in (ORIGINS[0], ORIGINS[-1]))
    ends = f"{len(ORIGINS)} origins, {first} to {last}, a year ahead each"
    rows += [
        between(
            "rolling_crps",
            PART,
            "CRPS by state and month, rolling origins (record: random walk)",
            "person",
            naive,
            ours,
            0,
            naive,
            "below the random walk's",
            judged=ours,
            note=ends,
        ),
        between(
            "rolling_crps_national",
            PART,
            "CRPS of the national month, rolling origins (record: random walk)",
            "person",
            mean("naive", "national"),
            mean("model", "national"),
            0,
            mean("naive", "national"),
            "below the random walk's",
            judged=mean("model", "national"),
            note=ends,
        ),
    ]
    return rows


def held_out(record: Homicides, jumps: Jumps) -> tuple[list[Row], Mapping[str, Any], Fit]:
    """Rows on the held-out year, the summary for the report's first screen, and the fit to all months for estimates."""
    history = record.until(*HELD_OUT_FROM)
    came = record.counts[len(history) : len(history) + AHEAD]
    one = scores(history, came, jumps, 2024)
    ours, naive = float(np.nanmean(one["model"]["crps"])), float(np.nanmean(one["naive"]["crps"]))
    total = float(np.nansum(came))
    year = one["model"]["draws"].sum(axis=(1, 2))
    middle, low, high = (float(np.quantile(year, q)) for q in (0.5, 0.05, 0.95))
    state = record.states.index("Sinaloa")
    sinaloa = one["model"]["draws"][:, :, state].sum(axis=1)
    rows = [
        between(
            "held_out_crps",
            PART,
            "CRPS by state and month, year held out (record: random walk)",
            "person",
            naive,
            ours,
            0,
            naive,
            "below the random walk's",
            judged=ours,
            note="February 2024 to January 2025, fitted to January 2024",
        ),
        *(
            between(
                f"held_out_coverage_{round(100 * level)}",
                PART,
                f"share of state months inside the {level:.0%} interval, year held out",
                "1",
                level,
                one["model"][f"cover_{level}"],
                level - slack,
                level + slack,
                f"within {slack:.0%} points of nominal",
                judged=one["model"][f"cover_{level}"],
            )
            for level, slack in TOLERANCE.items()
        ),
        between(
            "held_out_national",
            PART,
            "national victims in the year held out",
            "person",
            total,
            middle,
            low,
            high,
            "record inside the 90% band",
            judged=total,
            note=f"error of the median {middle / total - 1:+.1%}",
        ),
        between(
            "held_out_sinaloa",
            PART,
            "Sinaloa's victims in the year held out",
            "person",
            float(np.nansum(came[:, state])),
            float(np.quantile(sinaloa, 0.5)),
            float(np.quantile(sinaloa, 0.05)),
            float(np.quantile(sinaloa, 0.95)),
            "record inside the 90% band",
            judged=float(np.nansum(came[:, state])),
            note="the split of September 2024 was not foreseen; the band holds only the usual chance of a jump",
        ),
        shown(
            "held_out_crps_national",
            PART,
            "CRPS of the national month, year held out (record: random walk)",
            "person",
            float(one["naive"]["national"].mean()),
            float(one["model"]["national"].mean()),
        ),
    ]
    summary = {
        "what": "homicide victims by state and month, February 2024 to January 2025, as published by 7 March 2025",
        "fitted_to": "January 2024",
        "forecaster": "negative binomial with a trend, an autoregressive residual and rare jumps, by state",
        "naive": "random walk: the last month, moved as far as counts moved before",
        "score": "continuous ranked probability score, mean over states and months, in victims; less is better",
        "crps": ours,
        "crps_naive": naive,
        "skill": 1 - ours / naive,
        "coverage_50": one["model"]["cover_0.5"],
        "coverage_90": one["model"]["cover_0.9"],
        "coverage_90_naive": one["naive"]["cover_0.9"],
        "national_record": total,
        "national_median": middle,
        "national_low": low,
        "national_high": high,
    }
    return rows, summary, fit(record.counts[-WINDOW:])


def by_state(record: Homicides, fitted: Fit) -> Mapping[str, Any]:
    """What the forecaster knows at the end: shared figures, and by state the next month's mean and the size."""
    return {
        "carry": fitted.carry,
        "weight": fitted.weight,
        "months": WINDOW,
        "states": {
            state: {"next_month": float(np.exp(level + slope + residual)), "size": float(size)}
            for state, level, slope, residual, size in zip(
                record.states, fitted.level, fitted.slope, fitted.residual, fitted.size, strict=True
            )
        },
    }
