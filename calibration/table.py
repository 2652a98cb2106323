"""The table of calibration: what is compared, how it comes out, and how it is written.

A row is one quantity: what the record says, what the model says, the test it had to pass. Verdicts: `inside`
(passed), `missed` (failed: it stays in the table), `shown` (no test was set; it is there to be read).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SCHEMA = 1
TABLE_STARTS, TABLE_ENDS = "<!-- the table of calibration starts -->\n", "<!-- the table of calibration ends -->\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity. low and high bound what the test allows, or the model's band; None where there is none."""

    id: str
    part: str
    quantity: str
    unit: str
    record: float | None
    model: float
    low: float | None
    high: float | None
    test: str
    verdict: str
    note: str = ""


def within(
    key: str, part: str, quantity: str, unit: str, record: float, model: float, share: float, note: str = ""
) -> Row:
    """A row whose model must be within that share of the record."""
    low, high = record * (1 - share), record * (1 + share)
    verdict = "inside" if low <= model <= high else "missed"
    return Row(key, part, quantity, unit, record, model, low, high, f"within {share:.1%} of the record", verdict, note)


def between(
    key: str,
    part: str,
    quantity: str,
    unit: str,
    record: float | None,
    model: float,
    low: float,
    high: float,
    test: str,
    *,
    judged: float,
    note: str = "",
) -> Row:
    """A row that passes where `judged` (the record, or the model) lies from low to high."""
    verdict = "inside" if low <= judged <= high else "missed"
    return Row(key, part, quantity, unit, record, model, low, high, test, verdict, note)


def shown(key: str, part: str, quantity: str, unit: str, record: float | None, model: float, note: str = "") -> Row:
    """A row to be read; nothing is tested."""
    return Row(key, part, quantity, unit, record, model, None, None, "none", "shown", note)


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that a calibration found.

    sources: what was read. held_out: the score of the year held out against the naive forecaster. rows: the table.
    estimates: by name, figures that beliefs of the scenario take up. splits: one entry a split.
    """

    information_date: str
    sources: Sequence[Mapping[str, str]]
    held_out: Mapping[str, Any]
    rows: Sequence[Row]
    estimates: Mapping[str, Mapping[str, Any]]
    splits: Sequence[Mapping[str, Any]]

    def plain(self) -> dict[str, Any]:
        """As plain data with rounded numbers, the shape of the YAML and JSON files."""
        missed = [row.id for row in self.rows if row.verdict == "missed"]
        whole = {
            "calibration": SCHEMA,
            "information_date": self.information_date,
            "sources": list(self.sources),
            "held_out": dict(self.held_out),
            "missed": missed,
            "table": [
                {key: value for key, value in asdict(row).items() if value not in (None, "")} for row in self.rows
            ],
            "estimates": self.estimates,
            "splits": list(self.splits),
        }
        rounded = _rounded(whole)
        assert isinstance(rounded, dict)
        return rounded


def _rounded(value: Any) -> Any:
    """Numbers to four significant digits, whole ones above a thousand: what is written is the same on every machine."""
    if isinstance(value, Mapping):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    number = float(value)
    if abs(number) >= 1000:
        return round(number)
    return float(f"{number:.4g}")


def to_yaml(found: Calibration) -> str:
    """The shipped file."""
    yaml = YAML()
    yaml.width = 4096
    yaml.default_flow_style = False
    stream = StringIO()
    yaml.dump(found.plain(), stream)
    head = (
        "# Written by `make calibrate` from raw records that are not part of the package; do not edit.\n"
        "# What it holds and how it was made: docs/explanation/calibration.md.\n"
    )
    return head + stream.getvalue()


def to_json(found: Calibration, path: Path) -> None:
    """The same, for programs."""
    path.write_text(json.dumps(found.plain(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def figure(value: float | None) -> str:
    """A number to read."""
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def markdown(plain: Mapping[str, Any]) -> str:
    """The table as Markdown: quantity, record, model, allowed, verdict. plain: as `Calibration.plain` gives it."""
    lines = ["| quantity | record | model | allowed or band | verdict |", "|---|---|---|---|---|"]
    for row in plain["table"]:
        band = f"{figure(row['low'])} to {figure(row['high'])}" if "low" in row else "–"
        unit = "" if row["unit"] == "1" else f", {row['unit']}"
        lines.append(
            f"| {row['quantity']}{unit} | {figure(row.get('record'))} | {figure(row['model'])} | {band} "
            f"| {row['verdict']} |"
        )
    return "\n".join(lines) + "\n"


def shown_in(page: str, plain: Mapping[str, Any]) -> str:
    """The page with its table of calibration replaced by this one."""
    before, rest = page.split(TABLE_STARTS)
    after = rest.split(TABLE_ENDS)[1]
    missed = ", ".join(row["quantity"] for row in plain["table"] if row["verdict"] == "missed")
    return f"{before}{TABLE_STARTS}\n{markdown(plain)}\nMissed: {missed or 'nothing'}.\n\n{TABLE_ENDS}{after}"
