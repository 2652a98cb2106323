"""What results show of themselves in a notebook: Altair charts; a title with sentences, tables and charts as HTML."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playout.errors import InputError

if TYPE_CHECKING:
    import altair
    import polars as pl

ROWS = 60
"""Rows of a table that a notebook shows; the frame itself has all."""


def chart_of(spec: Mapping[str, Any]) -> altair.TopLevelMixin:
    """The chart of a Vega-Lite specification, of whichever kind it is: simple, layered, concatenated, faceted."""
    import altair

    chart: altair.TopLevelMixin = altair.Chart.from_dict(dict(spec))
    return chart


def html_of(
    title: str,
    sentences: Sequence[str] = (),
    tables: Mapping[str, pl.DataFrame] | None = None,
    charts: Sequence[Mapping[str, Any]] = (),
) -> str:
    """A result as HTML for a notebook. tables: by caption. Text is escaped; charts are drawn as SVG, no script runs."""
    parts = [f"<h3>{html.escape(title)}</h3>"]
    parts += [f"<p>{html.escape(sentence)}</p>" for sentence in sentences]
    parts += [_svg(spec) for spec in charts]
    parts += [_table(caption, frame) for caption, frame in (tables or {}).items()]
    return f'<div class="playout">{"".join(parts)}</div>'


def _svg(spec: Mapping[str, Any]) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(spec)))


def _table(caption: str, frame: pl.DataFrame) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in frame.columns)
    rows = ["".join(f"<td>{html.escape(_cell(value))}</td>" for value in row) for row in frame.head(ROWS).iter_rows()]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    left = frame.height - len(rows)
    more = f"<p>and {left:,} further rows</p>" if left > 0 else ""
    about = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{about}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def check_place(file: Path, what: str) -> Path:
    """A file, where it can be written; an InputError else, before minutes are spent. what: is to be written there."""
    if file.is_dir():
        raise InputError(f"{what} cannot be written to {file}: it is a folder; name a file in it")
    if not file.parent.is_dir():
        raise InputError(f"{what} cannot be written to {file}: there is no folder {file.parent}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise InputError(f"{what} cannot be written to {file}: permission denied")
    return file
