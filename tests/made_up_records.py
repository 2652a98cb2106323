"""Raw records in the form of those that the flagship is fitted to, made up, for whoever does not have them.

Every state has 40 victims a month, times a spread where one is asked for; where `calibration/splits.csv` lists a split,
`EXCESS` more for two years. Of the deaths between groups in the year before a split, `SHARES` are its parent's.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from calibration.record import NEEDED
from calibration.splits import CASES

USUAL = 40
MONTHS = 121
EXCESS = {"northeast": 0.5, "anti_union": 1.0, "nueva_plaza": 0.25, "virus": 0.75, "escorpion": 1.5, "colima": 2.0}
SHARES = {"northeast": 0.6, "nueva_plaza": 0.35, "virus": 0.9, "escorpion": 0.4, "colima": 0.5}
"""Where a split is not named, too few deaths are counted to tell."""

SILENT = [(2015, month) for month in (1, 2, 4, 5)] + [(2016, 10)]
"""Months for which Oaxaca stands at zero: it reported 2015 by quarters."""


def write_records(folder: Path, spread: float = 0.0) -> Path:
    """All files that `calibration.record` needs. Gives the folder."""
    for name in NEEDED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    with CASES.open(encoding="utf-8") as file:
        splits = list(csv.DictReader(file))
    _table(
        folder / "sesnsp" / "homicide_victims_by_state_month.csv",
        ("state", "year", "month", "intentional_homicide_victims"),
        list(_victims(splits, spread)),
    )
    columns = ("dyad_name", "side_a", "side_b", "adm_1", "type_of_violence", "date_start", "date_end", "best")
    _table(folder / "ucdp" / "ged_mexico_2005_2022.csv.gz", columns, list(_events(splits)))
    return folder


def _victims(splits: Sequence[dict[str, str]], spread: float) -> Iterator[tuple[str, int, int, int]]:
    chance = random.Random(2015)
    named = {state for split in splits for state in split["states"].split(";")} | {"Oaxaca", "Sinaloa"}
    for state in [*sorted(named), *(f"State {number}" for number in range(32 - len(named)))]:
        for at in range(MONTHS):
            year, month = 2015 + at // 12, at % 12 + 1
            more = 0.0
            for split in splits:
                since = (year - int(split["year"])) * 12 + month - int(split["month"])
                if split["states"] == state and 0 <= since < 24:
                    more += EXCESS.get(split["id"], 0.0)
            victims = USUAL * (1 + more) * (1 + spread * (2 * chance.random() - 1))
            yield state, year, month, 0 if state == "Oaxaca" and (year, month) in SILENT else round(victims)


def _events(splits: Sequence[dict[str, str]]) -> Iterator[tuple[object, ...]]:
    for split in splits:
        began = dt.date(int(split["year"]), int(split["month"]), 1)
        day, state = began - dt.timedelta(days=90), split["states"].partition(";")[0]
        share, parent = SHARES.get(split["id"]), split["parent_name"]
        own, all_ = (2, 5) if share is None else (round(100 * share), 100)
        for side, deaths in ((parent, own), ("Others", all_ - own)):
            yield f"{side} - Rivals", side, "Rivals", f"{state} state", 2, day, day, deaths
        yield "Civilians", parent, "Civilians", f"{state} state", 3, day, day, 1000  # not between groups


def _table(path: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    whole = text.getvalue().encode()
    path.write_bytes(gzip.compress(whole) if path.suffix == ".gz" else whole)
