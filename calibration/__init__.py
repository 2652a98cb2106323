"""Calibration of the flagship to the record: `make calibrate`, or `python -m calibration --data FOLDER --write`.

A program beside the package, not part of it. It reads raw records that the repository does not hold (`record.py` says
which), fits what can be fitted, plays Playout against what cannot, and writes one small file of derived figures,
which the package ships: src/playout/scenarios/us_mexico_cartels/calibration.yaml. Nothing published after 7 March
2025 enters a fit.

    record.py       the raw records, and a clear refusal where they are absent
    scores.py       proper scores and coverage
    recruitment.py  the 150-group model against its solution and 2012-2021
    homicides.py    homicides by state and month: the statistical forecaster and its naive rival
    backtest.py     both on rolling origins, and on the last year held out
    national.py     the nation's wave of homicide, and 2026 with no action
    splits.py       what splits of organisations did to killing, without Sinaloa; then Sinaloa
    dyads.py        who kills whom, beside the flagship's rivalry
    truces.py       how long truces and lulls live
    force.py        from base rates to the chance of force, in log-odds
    flagship.py     the flagship as shipped, played once and asked by several
    table.py        rows "quantity, record, model, inside or missed"; YAML, JSON and a table to read
"""
