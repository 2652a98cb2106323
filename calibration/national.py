"""The nation's monthly homicides: how far the level wanders in a week, and how slowly it returns to trend.

    log yₜ = a + b t + xₜ + noise,   xₜ₊₁ = e^(−1/τ) xₜ + innovation          months

fitted by restricted maximum likelihood (trend summed out) to victims per day, with the time of return τ on a grid,
since 121 months can hardly tell a slow return from none. The flagship's wave of homicide is the same process in
weekly steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import optimize

import playout
from calibration import flagship
from calibration.homicides import Fit, Jumps, forecast
from calibration.record import Homicides
from calibration.scores import Floats
from calibration.table import Row, between, shown

PART = "national homicides"
RETURNS = (3.0, 6.0, 9.0, 12.0, 18.0, 24.0, 36.0, 60.0)
"""Months of return that are tried."""
WEEKS_A_MONTH = 365.25 / 12 / 7
SPANS = (("since 2015", 0), ("since 2018", 36))
DAYS = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
YEAR_AHEAD = slice(11, 23)
"""2026 among the months that follow January 2025."""


def likelihood(logs: Floats, innovation: float, noise: float, months: float) -> float:
    """The restricted log likelihood of a wave that returns in that many months."""
    count = len(logs)
    carry = np.exp(-1 / months)
    distance = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    spread = innovation**2 / (1 - carry**2) * carry**distance + noise**2 * np.eye(count)
    root = np.linalg.cholesky(spread)
    trend = np.linalg.solve(root, np.column_stack([np.ones(count), np.arange(count) / count]))
    whitened = np.linalg.solve(root, logs)
    coefficients, *_ = np.linalg.lstsq(trend, whitened, rcond=None)
    left = whitened - trend @ coefficients
    return float(-0.5 * left @ left - np.log(np.diag(root)).sum() - 0.5 * np.linalg.slogdet(trend.T @ trend)[1])


def wave(logs: Floats, months: float) -> tuple[float, float]:
    """The likeliest weekly swing for a time of return, and its log likelihood."""
    found = optimize.minimize(
        lambda theta: -likelihood(logs, np.exp(theta[0]), np.exp(theta[1]), months),
        np.log([0.03, 0.03]),
        method="Nelder-Mead",
    )
    return float(np.exp(found.x[0]) / np.sqrt(WEEKS_A_MONTH)), -float(found.fun)


def rows(record: Homicides, fitted: Fit, jumps: Jumps) -> tuple[list[Row], Mapping[str, Any]]:
    """The table's part on the nation, and estimates. fitted: the states' forecaster, fitted to all months."""
    total = np.nansum(record.counts, axis=1)
    logs = np.log(total / DAYS[np.arange(len(total)) % 12])
    low, middle, high = flagship.drawn("homicide_swing")
    found: list[Row] = []
    estimates: dict[str, Any] = {}
    for name, start in SPANS:
        tried = {months: wave(logs[start:], months) for months in RETURNS}
        best = max(tried, key=lambda months: tried[months][1])
        likely = [months for months in RETURNS if tried[months][1] > tried[best][1] - 1.35]
        swing = tried[best][0]
        key = name.replace(" ", "_")
        found.append(
            between(
                f"homicide_swing_{key}",
                PART,
                f"weekly swing of the log of homicide, record {name} (model: middle of the belief)",
                "1",
                swing,
                middle,
                low,
                high,
                "record inside the belief",
                judged=swing,
                note=f"the belief is fitted to this; returns of {min(likely):.0f} to {max(likely):.0f} months "
                "are as good as any tried",
            )
        )
        estimates[key] = {"weekly_swing": swing, "return_months": best, "return_as_good": [min(likely), max(likely)]}
    ahead = forecast(fitted, YEAR_AHEAD.stop, 2000, np.random.default_rng(2026), jumps)
    year = ahead[:, YEAR_AHEAD].sum(axis=(1, 2))
    played = playout.run(flagship.NAME, futures=flagship.FUTURES, policy="no_action").runs.outcomes["homicides[2026]"]
    quantiles = [float(np.quantile(year, q)) for q in (0.05, 0.5, 0.95)]
    flagships = [float(np.quantile(played.to_numpy(), q)) for q in (0.05, 0.5, 0.95)]
    found.append(
        shown(
            "homicides_2026",
            PART,
            "homicides in 2026 with no action (record: middle of the forecaster, police cases; model: of the flagship)",
            "person",
            quantiles[1],
            flagships[1],
            note=f"90% bands {quantiles[0]:,.0f} to {quantiles[2]:,.0f} and {flagships[0]:,.0f} to {flagships[2]:,.0f}",
        )
    )
    return found, estimates
