"""From base rates to the chance of force within twelve months, step by step, and the delay where force comes.

Mixture-cure: force comes at all with a chance p, and if it does, after a lognormal delay. p starts from how often
listings were followed by US force within twelve months (Jeffreys posteriors of three reference classes, by our
coding) and is moved by evidence of intent in log-odds: the signals share one cause, so most of what they say is said
once. The flagship does the same with each future's own draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import expit, logit
from scipy.stats import beta

from calibration.flagship import drawn, runs
from calibration.table import Row, between, shown

PART = "force"
CLASSES = (
    ("listings in new theatres", 3, 44, 0.7),
    ("all listings", 14, 55, 0.15),
    ("listings in Latin America", 0, 6, 0.15),
)
"""Reference class, hits, number, weight. The weights are the scenario's judgement: Mexico is a new theatre."""
DELAYS = (131.0, 156.0, 263.0)
"""Days from listing to force for the three hits in new theatres: Nusrah Front 2014, Ansar al-Sharia in Benghazi 2014 (a
capture), Revolutionary Guard 2019-20. The last is sourced; the dates of the others come from memory."""
YEAR = 365.0


def jeffreys(hits: int, number: int) -> tuple[float, float, float]:
    """The 5%, mean and 95% of the posterior of a rate under Jeffreys' prior."""
    law = beta(hits + 0.5, number - hits + 0.5)
    return float(law.ppf(0.05)), float(law.mean()), float(law.ppf(0.95))


def intent_log_odds() -> np.ndarray:
    """What the evidence of intent adds at the start, one a future, from the shipped likelihood ratios."""
    beliefs = runs().beliefs
    ratios = np.log(
        np.array([beliefs[name].to_numpy() for name in beliefs.columns if name.startswith("likelihood_ratio[")])
    )
    one_cause = beliefs["one_cause"].to_numpy()
    moved: np.ndarray = one_cause * ratios.max(axis=0) + (1 - one_cause) * ratios.sum(axis=0)
    return moved


def rows() -> tuple[list[Row], Mapping[str, Any]]:
    """The table's part on the time to force, and the arithmetic as data."""
    intent = intent_log_odds()
    low, middle, high = (float(np.quantile(intent, q)) for q in (0.05, 0.5, 0.95))
    found: list[Row] = []
    arithmetic = []
    for name, hits, number, weight in CLASSES:
        bottom, mean, top = jeffreys(hits, number)
        moved = float(expit(logit(mean) + middle))
        key = name.split()[-1].lower() if name != "all listings" else "all"
        found.append(
            shown(
                f"force_{key}",
                PART,
                f"chance of force within 12 months from {name}: base rate, then with intent",
                "1",
                hits / number,
                moved,
                note=f"{hits} of {number}; posterior mean {mean:.3f} ({bottom:.3f} to {top:.3f}); "
                f"log-odds {logit(mean):+.2f} {middle:+.2f}",
            )
        )
        arithmetic.append(
            {
                "class": name,
                "hits": hits,
                "number": number,
                "weight": weight,
                "base_rate": hits / number,
                "posterior_mean": mean,
                "log_odds": float(logit(mean)),
                "intent": middle,
                "with_intent": moved,
            }
        )
    base = runs().beliefs["base_rate"].to_numpy()
    said = float(expit(logit(np.clip(base, 0.001, 0.9)) + intent).mean())
    days = runs().outcomes["campaign.striking"].to_numpy().astype(float)
    came = days < YEAR
    played = float(came.mean())
    error = float(np.sqrt(played * (1 - played) / len(days)))
    delay = np.log(DELAYS)
    found += [
        between(
            "force_played",
            PART,
            "chance of force within 12 months (record: said by base rates and intent; model: played out)",
            "1",
            said,
            played,
            said - 0.03,
            said + 0.03,
            "played within three points of what is said",
            judged=played,
            note=f"Monte Carlo error {error:.3f}; intent {low:+.2f} to {high:+.2f} in log-odds",
        ),
        shown(
            "force_delay",
            PART,
            "median delay of force that came within 12 months",
            "day",
            float(np.exp(delay.mean())),
            float(np.median(days[came])),
            note=f"three cases, log-sd {delay.std(ddof=1):.2f}; the scenario's clock starts 15 days after the listing",
        ),
    ]
    low_rate, middle_rate, high_rate = drawn("base_rate")
    return found, {
        "arithmetic": arithmetic,
        "intent": {"quantile_05": low, "median": middle, "quantile_95": high},
        "base_rate": {"quantile_05": low_rate, "median": middle_rate, "quantile_95": high_rate},
        "said": said,
        "played": played,
        "delay": {"median_days": float(np.exp(delay.mean())), "log_sd": float(delay.std(ddof=1)), "cases": len(DELAYS)},
    }
