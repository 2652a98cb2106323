"""`python -m calibration [--data FOLDER] [--write] [--json FILE]`: fit, compare, print; with --write, ship it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from calibration import backtest, dyads, force, national, record, recruitment, splits, truces
from calibration.table import Calibration, markdown, shown_in, to_json, to_yaml

SHIPPED = record.REPOSITORY / "src" / "playout" / "scenarios" / "us_mexico_cartels" / "calibration.yaml"
PAGE = record.REPOSITORY / "docs" / "explanation" / "calibration.md"
SOURCES = (
    {
        "id": "prieto_2023",
        "title": "Prieto-Curiel, Campedelli and Hope, Science 381 (2023): groups, ties and yearly trends 2012-2021",
    },
    {
        "id": "sesnsp_states",
        "title": "SESNSP, victims of intentional homicide by state and month, January 2015 to January 2025, one "
        "vintage, published by February 2025",
    },
    {
        "id": "ucdp_ged",
        "title": "Uppsala Conflict Data Program, Georeferenced Event Dataset, Mexico, 2005-2022, CC BY 4.0",
    },
    {
        "id": "federal_rivalry",
        "title": "Federal government of Mexico, deaths by presumed criminal rivalry, December 2006 to December 2010, "
        "as kept by D. Valle-Jones (sinaloa-discrepancy, 2012); with INEGI homicides by state to 2008 "
        "(Homicide-MX-Drug-War, 2010)",
    },
    {"id": "own_coding", "title": "Own coding of listings and force, and of truces with a known end"},
)


def calibrate(place: Path) -> Calibration:
    """Every part in turn. place: the folder of raw records."""
    homicides, events = record.homicides(place), record.events(place)
    jumps = splits.jumps_known_at(homicides, events, backtest.ORIGINS[0])
    held_rows, held_out, fitted = backtest.held_out(homicides, jumps)
    size = float(fitted.size[homicides.states.index("Sinaloa")])
    split_rows, split_estimates, entries = splits.rows(homicides, events, size)
    pair_rows, pair_estimates = dyads.rows(events)
    truce_rows, truce_estimates = truces.rows(events)
    national_rows, national_estimates = national.rows(homicides, fitted, jumps)
    force_rows, force_estimates = force.rows()
    rows = [
        *recruitment.rows(place),
        *backtest.rolling(homicides, jumps),
        *held_rows,
        *national_rows,
        *split_rows,
        *pair_rows,
        *truce_rows,
        *force_rows,
    ]
    estimates = {
        **split_estimates,
        **truce_estimates,
        "pairs": pair_estimates,
        "homicide_wave": national_estimates,
        "homicides_by_state": backtest.by_state(homicides, fitted),
        "force": force_estimates,
    }
    return Calibration(record.INFORMATION_DATE, SOURCES, held_out, rows, estimates, entries)


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0, or 2 where the raw records are absent."""
    parser = argparse.ArgumentParser(prog="python -m calibration", description=(__doc__ or "").strip())
    parser.add_argument("--data", type=Path, default=None, help="folder of raw records")
    parser.add_argument("--write", action="store_true", help="write the shipped table")
    parser.add_argument("--json", type=Path, default=None, help="write the same as JSON to this file")
    options = parser.parse_args(arguments)
    try:
        place = record.folder(options.data)
    except record.RecordsAbsentError as absent:
        print(absent, file=sys.stderr)
        return 2
    found = calibrate(place)
    plain = found.plain()
    print(markdown(plain))
    print("Missed: " + (", ".join(plain["missed"]) or "nothing") + ".")
    if options.write:
        SHIPPED.write_text(to_yaml(found), encoding="utf-8")
        PAGE.write_text(shown_in(PAGE.read_text(encoding="utf-8"), plain), encoding="utf-8")
        for path in (SHIPPED, PAGE):
            print(f"Written: {path.relative_to(record.REPOSITORY)}")
    if options.json is not None:
        to_json(found, options.json)
        print(f"Written: {options.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
