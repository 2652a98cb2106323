"""How long truces between or with criminal groups live: Weibull, median and shape.

Three ended truces with dates, and one young one still alive, say next to nothing about the shape; so a second record
stands beside them: lulls in fighting between pairs of groups (UCDP). After 90 days without a lethal event dated to
the month a quiet counts as a lull, of age zero; the next lethal event ends it. Lulls are not truces: nobody need have
agreed on them. What they tell is whether a quiet grows safer with age (Weibull shape below 1), once pairs are let to
differ in level (a gamma frailty of each pair), since a mixture of quick and slow pairs alone would look like ageing.
Formulas: D. R. Cox and D. Oakes, Analysis of Survival Data (1984), chapters 3 and 7.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import optimize
from scipy.special import gammaln

from calibration.flagship import drawn
from calibration.scores import Floats
from calibration.table import Row, between, shown

PART = "truces"
CASES = Path(__file__).with_name("truces.csv")
LULL_FROM = 90.0
"""Days of quiet from which a gap counts as a lull. With 30, 60 or 120 the shape comes out between 0.60 and 0.69."""
MONTH = 365.25 / 12
COVERED_FROM = 2015
"""UCDP's coverage of Mexico is even enough from here on for gaps to mean quiet."""


def weibull(days: Floats, ended: Floats) -> tuple[float, float]:
    """Median and shape of Weibull lives by maximum likelihood. ended: 1, or 0 where still alive."""

    def negative(theta: Floats) -> float:
        return -_log_likelihood(theta, days, ended)

    found = optimize.minimize(
        negative, np.array([np.log(np.median(days)), 0.0]), method="Nelder-Mead", options={"maxiter": 2000}
    )
    scale, shape = np.exp(found.x)
    return float(scale * np.log(2) ** (1 / shape)), float(shape)


def _log_likelihood(theta: Floats, days: Floats, ended: Floats) -> float:
    scale, shape = np.exp(theta)
    hazard = np.log(shape / scale) + (shape - 1) * np.log(days / scale)
    return float((ended * hazard - (days / scale) ** shape).sum())


def shape_interval(days: Floats, ended: Floats, level: float = 0.9) -> tuple[float, float]:
    """The likelihood-ratio interval of the shape, scale profiled out, searched from 0.2 to 6."""
    from scipy.stats import chi2

    shapes = np.exp(np.linspace(np.log(0.2), np.log(6), 200))

    def profile(shape: float) -> float:
        # for a given shape the likeliest scale is known in closed form
        scale = float(((days**shape).sum() / ended.sum()) ** (1 / shape))
        return _log_likelihood(np.log([scale, shape]), days, ended)

    values = np.array([profile(shape) for shape in shapes])
    inside = shapes[values >= values.max() - chi2.ppf(level, 1) / 2]
    return float(inside[0]), float(inside[-1])


def frailty_shape(days: Floats, ended: Floats, pair: Floats) -> tuple[float, float, float]:
    """Shape, its standard error, and frailty variance, of Weibull lives that share a gamma frailty within each pair.

    The likelihood of a pair with d ends and total hazard Λ is, with frailty variance v,
    Γ(1/v + d) / Γ(1/v) · v^d · (1 + vΛ)^−(1/v + d) · ∏ hazards.
    """
    groups = [np.flatnonzero(pair == one) for one in np.unique(pair)]

    def negative(theta: Floats) -> float:
        scale, shape, variance = np.exp(theta)
        hazards = np.log(shape / scale) + (shape - 1) * np.log(days / scale)
        total = (days / scale) ** shape
        value = 0.0
        for rows in groups:
            ends = float(ended[rows].sum())
            value += gammaln(1 / variance + ends) - gammaln(1 / variance) + ends * np.log(variance)
            value -= (1 / variance + ends) * np.log1p(variance * float(total[rows].sum()))
            value += float((ended[rows] * hazards[rows]).sum())
        return -value

    start = np.array([np.log(np.median(days)), -0.1, -1.0])
    found = optimize.minimize(negative, start, method="L-BFGS-B", bounds=[(0, 12), (-2, 2), (-6, 3)])
    curvature = _second_differences(negative, found.x)
    error = float(np.sqrt(np.linalg.pinv(curvature)[1, 1]))
    shape = float(np.exp(found.x[1]))
    return shape, shape * error, float(np.exp(found.x[2]))


def _second_differences(f: Any, x: Floats, step: float = 1e-3) -> Floats:
    eye = np.eye(len(x)) * step
    found = np.empty((len(x), len(x)))
    for i in range(len(x)):
        for j in range(len(x)):
            found[i, j] = (
                f(x + eye[i] + eye[j]) - f(x + eye[i] - eye[j]) - f(x - eye[i] + eye[j]) + f(x - eye[i] - eye[j])
            ) / (4 * step**2)
    return found


def lulls(events: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Age of each lull in days, whether fighting ended it, and the number of its pair."""
    lethal = events.filter((pl.col("best") > 0) & (pl.col("days") <= 31) & (pl.col("start").dt.year() >= COVERED_FROM))
    last = np.datetime64(str(events["start"].max()))
    days, ended, pair = [], [], []
    for number, (_, group) in enumerate(lethal.group_by("dyad_name", maintain_order=True)):
        starts = np.sort(group["start"].unique().to_numpy())
        if len(starts) < 5:
            continue
        gaps = np.diff(starts) / np.timedelta64(1, "D")
        tail = (last - starts[-1]) / np.timedelta64(1, "D")
        for gap, end in [*((float(gap), 1.0) for gap in gaps), (float(tail), 0.0)]:
            if gap > LULL_FROM:
                days.append(gap - LULL_FROM)
                ended.append(end)
                pair.append(float(number))
    return np.array(days), np.array(ended), np.array(pair)


def rows(events: pl.DataFrame) -> tuple[list[Row], Mapping[str, Any]]:
    """The table's part on truces, and the estimates for `truce_median` and `truce_ageing`."""
    belief_low, belief_median, belief_high = (12 * years for years in drawn("truce_median"))
    shape_low, belief_shape, shape_high = drawn("truce_ageing")
    with CASES.open(encoding="utf-8") as file:
        cases = list(csv.DictReader(file))
    days = np.array([float(case["days"]) for case in cases])
    ended = np.array([float(case["ended"]) for case in cases])
    median, shape = weibull(days, ended)
    low, high = shape_interval(days, ended)
    quiet, broken, pair = lulls(events)
    lull_shape, error, variance = frailty_shape(quiet, broken, pair)
    bottom, top = lull_shape - 1.645 * error, lull_shape + 1.645 * error
    found = [
        between(
            "truce_median",
            PART,
            "median life of a truce (record: three ended, one alive; model: middle of the belief)",
            "month",
            median / MONTH,
            belief_median,
            belief_low,
            belief_high,
            "record inside the belief",
            judged=median / MONTH,
        ),
        shown(
            "truce_shape_cases",
            PART,
            "Weibull shape of those truces",
            "1",
            shape,
            belief_shape,
            note=f"90% interval {low:.2f} to {high:.2f}: four truces cannot tell ageing from its opposite",
        ),
        between(
            "truce_shape_lulls",
            PART,
            "Weibull shape of lulls between groups (model: middle of the belief)",
            "1",
            lull_shape,
            belief_shape,
            shape_low,
            shape_high,
            "record inside the belief",
            judged=lull_shape,
            note=f"the belief leans on this; 90% interval {bottom:.2f} to {top:.2f}; {len(quiet)} lulls in "
            f"{len(np.unique(pair))} pairs, pairs let to differ",
        ),
    ]
    estimates = {
        "truce_ageing": {
            "shape": lull_shape,
            "error": error,
            "quantile_05": bottom,
            "quantile_95": top,
            "lulls": len(quiet),
            "pairs": len(np.unique(pair)),
            "frailty_variance": variance,
        },
        "truce_median": {"months": median / MONTH, "truces": len(days)},
    }
    return found, estimates
