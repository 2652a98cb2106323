"""What the split of an organisation does to killing: fitted to splits outside the Sinaloa Cartel, tested on Sinaloa.

A split adds r killings per killing before it, on the ground of the organisation that split, fading by a share δ a
month. The mean excess of the first twelve months, over what the median of the other states did in that time, is

    ē = g r m(δ) + noise,    m(δ) the mean of (1 − δ)^t over the months, t = 0 …

g: the share of organised killing on that ground in which the organisation took part (UCDP, the two years before); 1
where UCDP counts too little there. Noise: the spread of the same excess where no split is listed. r is lognormal over
splits; its two parameters have flat priors (the log-sd half-normal with scale 1) and are summed out on a grid, so the
predictive law carries what ten splits leave unknown. A half-normal law in its place is the light-tailed rival.

Which splits: those that UCDP names as fighting between a group and its own faction or offspring, that begin with a
lethal event in a year for which monthly killings by state are at hand (2007-2010, 2016-2025), none of them out of the
Sinaloa Cartel; and one of 2024, after UCDP's file ends. The month is that of the first lethal event (splits.csv).
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from ruamel.yaml import YAML
from scipy import optimize, stats

import playout
from calibration.homicides import Jumps
from calibration.record import Homicides, month_number
from calibration.scores import Floats
from calibration.table import Row, between, shown

PART = "splits"
MONTHS = 12
GROUND_YEARS = 2
ENOUGH_EVENTS = 30
"""Deaths that UCDP must count on a ground before a share is taken from it."""
SMALLEST_SHARE = 0.25
SINALOA_MEMBERS = 17_825
SINALOA_SPLIT = (2024, 9)
CASES = Path(__file__).with_name("splits.csv")
FLAGSHIP = "us_mexico_cartels"
EQUATIONS = ("usual_killings[o in organisation]", "room_for_killing[o in organisation]")
BOUNDS = {"split_violence": (0.01, 20.0), "feud_fading": (0.1, 12.0)}
"""What the laws are cut to; a year is the slowest fading that ten years of record could show, a month the fastest."""


@dataclass(frozen=True, slots=True)
class Split:
    """One split. path: excess killings per usual killing, month by month from the split. share: g above."""

    id: str
    title: str
    states: tuple[str, ...]
    year: int
    month: int
    path: Floats
    share: float
    share_known: bool
    source: str

    @property
    def excess(self) -> float:
        """Mean over the first twelve months."""
        return float(self.path[:MONTHS].mean())


@dataclass(frozen=True, slots=True)
class Law:
    """The predictive law of r for a further split, as sizes in order and the chance of each size or a smaller one."""

    sizes: Floats
    below: Floats

    def quantile(self, chance: float) -> float:
        """The size that a further split stays under with that chance."""
        return float(np.interp(chance, self.below, self.sizes))

    def place(self, size: float) -> float:
        """The chance that a further split is smaller."""
        return float(np.interp(size, self.sizes, self.below))

    @property
    def median(self) -> float:
        """The middle, which is the median of the lognormal nearest to the law."""
        return self.quantile(0.5)

    @property
    def log_sd(self) -> float:
        """The log-sd of the lognormal with the law's median and 95% quantile."""
        return float(np.log(self.quantile(0.95) / self.median) / stats.norm.ppf(0.95))


def _others(record: Homicides, where: list[int], at: int, months: int) -> float:
    """The median over the other states of killing after over killing before."""
    seen = ~np.isnan(record.counts[at - MONTHS : at + months]).any(axis=0)
    before = record.counts[at - MONTHS : at].mean(axis=0)
    after = record.counts[at : at + months].mean(axis=0)
    usable = seen & (before >= 5)
    usable[where] = False
    return float(np.nanmedian(after[usable] / before[usable]))


def excess(record: Homicides, states: tuple[str, ...], at: int, months: int = 24) -> Floats:
    """Excess by month from `at`, per usual killing: that of the twelve months before, moved as other states moved."""
    where = [record.states.index(state) for state in states]
    total = record.of(states)
    usual = float(np.nanmean(total[at - MONTHS : at])) * _others(record, where, at, MONTHS)
    path: Floats = total[at : at + months] / usual - 1
    return path


def ground_share(events: pl.DataFrame, parent: str, states: tuple[str, ...], at: dt.date) -> float | None:
    """The share of UCDP's deaths between groups in those states, in the two years before, in which it fought."""
    near = events.filter(
        pl.col("state").is_in(states)
        & (pl.col("start") < at)
        & (pl.col("start") >= at.replace(year=at.year - GROUND_YEARS))
    )
    total = float(near["best"].sum())
    if total < ENOUGH_EVENTS:
        return None
    names = pl.col("side_a") + pl.lit("|") + pl.col("side_b")
    taking_part = near.filter(names.str.contains(parent, literal=True))
    return float(taking_part["best"].sum()) / total


def cases(record: Homicides, events: pl.DataFrame) -> list[Split]:
    """The splits of splits.csv whose first year the record holds, with what it says of each."""
    found = []
    with CASES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            states = tuple(row["states"].split(";"))
            year, month = int(row["year"]), int(row["month"])
            if month_number(year, month) + MONTHS > len(record.counts):
                continue
            if row["series"] == "federal":
                after = np.array([float(value) for value in row["after"].split()])
                path = (after - float(row["before"]) * float(row["others"])) / float(row["usual"])
            else:
                path = excess(record, states, month_number(year, month))
            share = ground_share(events, row["parent_name"], states, dt.date(year, month, 1))
            known = share is not None and share > 0
            found.append(
                Split(
                    row["id"],
                    row["title"],
                    states,
                    year,
                    month,
                    path,
                    max(share or 1.0, SMALLEST_SHARE) if known else 1.0,
                    known,
                    row["source"],
                )
            )
    return found


def noise(record: Homicides, splits: list[Split]) -> float:
    """The standard deviation of the twelve-month excess of a state where no split is listed within a year."""
    near = {
        (state, at)
        for split in splits
        for state in split.states
        for at in range(
            month_number(split.year, split.month) - MONTHS, month_number(split.year, split.month) + MONTHS + 1
        )
    }
    near |= {("Sinaloa", at) for at in range(month_number(2023, 9), len(record.counts))}
    found = []
    for at in range(MONTHS, len(record.counts) - MONTHS, 3):
        for state in record.states:
            usual = np.mean(record.of((state,))[at - MONTHS : at])
            if (state, at) not in near and usual >= 15:
                found.append(float(excess(record, (state,), at, MONTHS).mean()))
    return float(np.nanstd(found))


def fading_of(path: Floats) -> float:
    """The share by which an excess fades a month, over the year that follows its highest quarter, by least squares."""
    quarters = np.convolve(path[: MONTHS + 2], np.ones(3) / 3, mode="valid")
    after = path[int(np.argmax(quarters)) :][: MONTHS + 1]

    def misfit(share: float) -> float:
        shape = (1 - share) ** np.arange(len(after))
        height = max(float(after @ shape / (shape @ shape)), 0.0)
        return float(((after - height * shape) ** 2).sum())

    return float(optimize.minimize_scalar(misfit, bounds=(0.0, 0.6), method="bounded").x)


def kept(share: float, months: int) -> float:
    """The mean of (1 − share)^t over that many months."""
    return float(((1 - share) ** np.arange(months)).mean())


def law_of_sizes(splits: list[Split], spread: float, share_fading: float, tail: str) -> Law:
    """The predictive law of r. tail: `lognormal`, or `half-normal` for the light-tailed rival."""
    observed = np.array([split.excess for split in splits])
    slope = np.array([split.share for split in splits]) * kept(share_fading, MONTHS)
    nodes = stats.norm.ppf((np.arange(400) + 0.5) / 400)
    middle = np.linspace(-2.5, 2.5, 61)[:, None, None]
    if tail == "lognormal":
        log_sd = np.linspace(0.1, 3.0, 59)[None, :, None]
        sizes = np.exp(middle + log_sd * nodes)
    else:
        log_sd = np.ones((1, 1, 1))
        sizes = np.exp(middle) * np.abs(nodes)
    log_posterior = -(log_sd[..., 0] ** 2) / 2 + np.zeros(sizes.shape[:2])
    for seen, one in zip(observed, slope, strict=True):
        density = stats.norm.pdf(seen, one * sizes, spread).mean(axis=2)
        log_posterior += np.log(np.maximum(density, 1e-300))
    weights = np.exp(log_posterior - log_posterior.max())[..., None] * np.ones(len(nodes))
    order = np.argsort(sizes, axis=None)
    below = np.cumsum(weights.ravel()[order])
    return Law(sizes.ravel()[order], below / below[-1])


def mechanism(folder: Path, split_violence: str, feud_fading: str) -> Path:
    """A scenario of one organisation of Sinaloa's size that splits on 1 September 2024, by the flagship's equations.

    The equations of a split's killing are taken from the shipped file by name, with every table and belief they name;
    only the two laws given here are put in, and views are left out, for the test is of what was fitted.
    """
    place = resources.files("playout") / "scenarios" / FLAGSHIP
    shipped = YAML(typ="safe", pure=True).load((place / "organisations.yaml").read_text("utf-8"))
    feud = shipped["stocks"]["feud[o in organisation]"]
    does = [one for one in shipped["events"]["breaks_up[o in organisation]"]["does"] if one.startswith("feud")]
    variables = {name: shipped["variables"][name] for name in EQUATIONS}
    named = set(re.findall(r"[a-z_]+", json.dumps([feud, does, variables])))
    tables = {key: _unsupported(table) for key, table in shipped["tables"].items() if key.split("[")[0] in named}
    beliefs = {key: _unsupported(belief) for key, belief in shipped["beliefs"].items() if key in named}
    for name, law in (("split_violence", split_violence), ("feud_fading", feud_fading)):
        beliefs[name] = {**beliefs[name], "is": law, "within": list(BOUNDS[name])}
    organisations = [name for name in shipped["sets"]["organisation"] if name != "spare"]
    scenario = {
        "playout": 1,
        "title": "One organisation splits",
        "start": dt.date(2024, 9, 1),
        "horizon": "26 weeks",
        "step": "1 week",
        "sets": {"organisation": organisations},
        "tables": {
            **tables,
            "size[organisation]": {
                "unit": "person",
                "values": {organisations[0]: SINALOA_MEMBERS},
                "otherwise": 0,
                "assumed": "2022",
            },
        },
        "beliefs": beliefs,
        "stocks": {
            "members[o in organisation]": {"unit": "person", "starts": "size[o]"},
            "feud[o in organisation]": {**feud, "starts": 0},
        },
        "variables": variables,
        "events": {"breaks_up[o in organisation]": {"when": "time < 1 week", "does": does}},
        "measures": {"killings": {"of": "sum(usual_killings[o] + feud[o] for o in organisation)", "per": "month"}},
    }
    path = folder / "scenario.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(scenario, file)
    return path


def _unsupported(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A table or belief without the evidence that the shipped scenario cites for it."""
    return {**{key: value for key, value in entry.items() if key != "because"}, "assumed": "as shipped"}


def played(split_violence: str, feud_fading: str, size: float, futures: int = 8192) -> Floats:
    """Monthly victims, September 2024 to January 2025, out of the mechanism, [futures, 5], the state's chance added."""
    with tempfile.TemporaryDirectory() as name:
        runs = playout.run(mechanism(Path(name), split_violence, feud_fading), futures=futures).runs
    months = ("2024-09", "2024-10", "2024-11", "2024-12", "2025-01")
    mean = runs.numbers([f"killings[{month}]" for month in months]).T
    random = np.random.default_rng(7)
    drawn: Floats = random.poisson(random.gamma(size, mean / size)).astype(np.float64)
    return drawn


def rows(
    record: Homicides, events: pl.DataFrame, size: float
) -> tuple[list[Row], Mapping[str, Any], list[dict[str, Any]]]:
    """The table's part on splits, estimates, and one entry a split. size: of Sinaloa's monthly negative binomial."""
    splits = cases(record, events)
    spread = noise(record, splits)
    own = np.array([fading_of(split.path) for split in splits if split.excess > 2 * spread])
    logs = np.log(-12 * np.log(1 - np.maximum(own, 0.01)))
    yearly, yearly_sd = float(np.exp(logs.mean())), float(logs.std(ddof=1))
    shared = 1 - float(np.exp(-yearly / 12))
    heavy = law_of_sizes(splits, spread, shared, "lognormal")
    light = law_of_sizes(splits, spread, shared, "half-normal")
    whole = law_of_sizes([dataclasses.replace(split, share=1.0) for split in splits], spread, shared, "lognormal")
    at = month_number(*SINALOA_SPLIT)
    counts = record.of(("Sinaloa",))
    before, after = float(counts[at - MONTHS : at].mean()), float(counts[at : at + 4].mean())
    fading_text = f"lognormal({yearly:.2g}, {yearly_sd:.2g})"
    law_text = f"lognormal({heavy.median:.2g}, {heavy.log_sd:.2g})"
    drawn = played(law_text, fading_text, size)
    first = drawn[:, :4].mean(axis=1)
    low, middle, high = (float(np.quantile(first, q)) for q in (0.05, 0.5, 0.95))
    place = float((first < after).mean())
    needed = (after / before - 1) / kept(shared, 4)
    light_place = light.place(needed)
    heavy_place = heavy.place(needed)
    sinaloa_fading = fading_of(excess(record, ("Sinaloa",), at))
    found = [
        between(
            "sinaloa_split",
            PART,
            "Sinaloa's victims a month, September to December 2024, out of the splintering mechanism",
            "person",
            after,
            middle,
            low,
            high,
            "record inside the 90% band, fitted without Sinaloa",
            judged=after,
            note=f"at {place:.0%} of the band's law; 42 a month before",
        ),
        between(
            "sinaloa_heavy_tail",
            PART,
            "place of Sinaloa's split under the lognormal law of sizes",
            "1",
            None,
            heavy_place,
            0.05,
            0.95,
            "between 5% and 95%",
            judged=heavy_place,
            note="heavy tail",
        ),
        between(
            "sinaloa_light_tail",
            PART,
            "place of Sinaloa's split under a half-normal law of sizes",
            "1",
            None,
            light_place,
            0.05,
            0.95,
            "between 5% and 95%",
            judged=light_place,
            note="light tail; outside means that only a heavy tail holds Sinaloa",
        ),
        between(
            "sinaloa_without_shares",
            PART,
            "place of Sinaloa's split under the lognormal law, every organisation taken to hold its whole ground",
            "1",
            None,
            whole.place(needed),
            0.05,
            0.95,
            "between 5% and 95%",
            judged=whole.place(needed),
            note="without the shares of the ground that UCDP gives",
        ),
        between(
            "sinaloa_fading",
            PART,
            "fading a month of Sinaloa's added killings, from the highest quarter to January 2025",
            "1",
            sinaloa_fading,
            shared,
            float(own.min()),
            float(own.max()),
            "record inside the range of the other splits",
            judged=sinaloa_fading,
            note=f"{len(own)} splits that show: " + ", ".join(f"{one:.0%}" for one in own),
        ),
        shown("splits_number", PART, "splits fitted, none out of the Sinaloa Cartel", "1", None, len(splits)),
        shown("splits_noise", PART, "spread of the twelve-month excess where no split is listed", "1", None, spread),
    ]
    seen = np.array([split.excess / split.share for split in splits if split.excess > 2 * spread]) / kept(
        shared, MONTHS
    )
    estimates = {
        "split_violence_where_it_shows": {
            "median": float(np.exp(np.log(seen).mean())),
            "log_sd": float(np.log(seen).std(ddof=1) * np.sqrt(1 + 1 / len(seen))),
            "number": len(seen),
        },
        "split_violence": {
            "is": law_text,
            "because": "predictive law over splits outside Sinaloa",
            "median": heavy.median,
            "log_sd": heavy.log_sd,
            "quantile_05": heavy.quantile(0.05),
            "quantile_95": heavy.quantile(0.95),
        },
        "feud_fading": {
            "is": fading_text,
            "because": "fading of the splits outside Sinaloa that show",
            "median": yearly,
            "log_sd": yearly_sd,
            "number": len(own),
        },
    }
    entries = [
        {
            "id": split.id,
            "title": split.title,
            "states": list(split.states),
            "month": f"{split.year}-{split.month:02}",
            "excess_first_year": split.excess,
            "share_of_ground": split.share,
            "share_known": split.share_known,
            "source": split.source,
        }
        for split in splits
    ]
    return found, estimates, entries


def jumps_known_at(record: Homicides, events: pl.DataFrame, months: int) -> Jumps:
    """What a forecaster could have learned of jumps from the first so many months, splits whose first year was over."""
    past = Homicides(record.states, record.counts[:months])
    known = cases(past, events)
    spread = noise(past, known)
    shared = float(np.median([fading_of(split.path) for split in known if split.excess > 2 * spread]))
    law = law_of_sizes(known, spread, shared, "lognormal")
    monthly = sum(month_number(split.year, split.month) >= 0 for split in known)
    return Jumps(monthly / (months * len(record.states)), float(np.log(law.median)), law.log_sd, shared)
