"""The raw records: where they are looked for, what is read from them, and what is said where they are absent.

The folder is `--data FOLDER`, else the environment variable PLAYOUT_DATA, else `shared/data` beside the repository.
It holds

    recruitment/   BACRIM2020_*.csv, Trends2012_2021.csv: published with Prieto-Curiel and others (Science, 2023)
    sesnsp/        homicide_victims_by_state_month.csv: SESNSP, victims of homicide, January 2015 to January 2025
    ucdp/          ged_mexico_2005_2022.csv.gz: UCDP Georeferenced Event Dataset, Mexico
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from calibration.scores import Floats

REPOSITORY = Path(__file__).resolve().parent.parent
FIRST_YEAR = 2015
INFORMATION_DATE = "2025-03-07"
NEEDED = (
    "recruitment/BACRIM2020_Nodes.csv",
    "recruitment/BACRIM2020_Alliances.csv",
    "recruitment/BACRIM2020_Rivals.csv",
    "recruitment/Trends2012_2021.csv",
    "sesnsp/homicide_victims_by_state_month.csv",
    "ucdp/ged_mexico_2005_2022.csv.gz",
)


class RecordsAbsentError(Exception):
    """Some raw records are not where they were looked for."""


def folder(given: Path | None) -> Path:
    """The folder of raw records, complete; raises RecordsAbsentError, which names every file that is missing."""
    place = given or Path(os.environ.get("PLAYOUT_DATA", REPOSITORY.parent / "shared" / "data"))
    missing = [name for name in NEEDED if not (place / name).is_file()]
    if missing:
        listed = "\n".join(f"  {name}" for name in missing)
        raise RecordsAbsentError(
            f"The raw records are not in {place}; missing:\n{listed}\n"
            "They are not part of the repository. What was derived from them is: the flagship ships it\n"
            "(scenarios/us_mexico_cartels/calibration.yaml), and docs/explanation/calibration.md shows it.\n"
            "To fit anew, name their folder: make calibrate DATA=FOLDER"
        )
    return place


@dataclass(frozen=True, slots=True)
class Homicides:
    """Victims by month and state. counts: (months, states) from January 2015, NaN where a state did not report."""

    states: tuple[str, ...]
    counts: Floats

    def until(self, year: int, month: int) -> Floats:
        """The months up to and with that one."""
        return self.counts[: month_number(year, month) + 1]

    def of(self, states: tuple[str, ...]) -> Floats:
        """The sum over some states, by month."""
        where = [self.states.index(state) for state in states]
        total: Floats = self.counts[:, where].sum(axis=1)
        return total


def month_number(year: int, month: int) -> int:
    """Months since January 2015."""
    return (year - FIRST_YEAR) * 12 + month - 1


def homicides(place: Path) -> Homicides:
    """The monthly record by state.

    A month counts as not reported where it stands at zero though the state's median month has more than 20: Oaxaca in
    October 2016, and in 2015, when it reported by quarters and the whole year is left out.
    """
    rows = pl.read_csv(place / "sesnsp" / "homicide_victims_by_state_month.csv")
    wide = (
        rows.with_columns(((pl.col("year") - FIRST_YEAR) * 12 + pl.col("month") - 1).alias("at"))
        .pivot(on="state", index="at", values="intentional_homicide_victims")
        .sort("at")
    )
    counts = wide.drop("at").to_numpy().astype(np.float64)
    silent = (counts == 0) & (np.median(counts, axis=0) > 20)
    for state in np.flatnonzero(silent[:12].any(axis=0)):
        silent[:12, state] = True
    return Homicides(tuple(wide.columns[1:]), np.where(silent, np.nan, counts))


def trends(place: Path) -> dict[int, float]:
    """Homicides a year, 2012 to 2021, as published with the recruitment paper (INEGI)."""
    rows = pl.read_csv(place / "recruitment" / "Trends2012_2021.csv")
    return {int(row["YEAR"]): float(row["homicide"]) for row in rows.iter_rows(named=True)}


def events(place: Path) -> pl.DataFrame:
    """UCDP's events between groups: dyad_name, side_a, side_b, state, start (date), days it spans, best (deaths)."""
    return (
        pl.read_csv(place / "ucdp" / "ged_mexico_2005_2022.csv.gz", infer_schema_length=20_000)
        .filter(pl.col("type_of_violence") == 2)
        .with_columns(pl.col("date_start").str.to_date().alias("start"), pl.col("date_end").str.to_date().alias("end"))
        .select(
            "dyad_name",
            "side_a",
            "side_b",
            pl.col("adm_1").str.strip_suffix(" state").alias("state"),
            "start",
            (pl.col("end") - pl.col("start")).dt.total_days().alias("days"),
            "best",
        )
    )
