"""What is on the screen, to be taken away: data, charts, a page that works without the server, and paper."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import textwrap
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from playout.errors import RunError, UsageError, unknown
from playout.present.charts import CONFIG, LIGHT, with_colours
from playout.present.figures import figures, ladder_finding
from playout.present.views.measures import level_words
from playout.present.views.page import Page
from playout.present.web.faults import Refused
from playout.present.web.playing import play_alone
from playout.present.web.settings import Way
from playout.present.words import count

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PRINTING = 60.0
"""Seconds that a browser may take to print a page."""

WIDTH = 720
"""Pixels that a chart is wide where no page is around it."""

MOST_DRAWN = 8_000_000
"""Bytes of a chart's specification: several times what a full ladder takes."""

TITLE, SUBTITLE = 84, 108
"""Letters in a line of a chart's title, and of what stands under it."""


def write_data(way: Way, futures: int, kind: str, path: Path, stop: threading.Event) -> None:
    """Write the futures of a setting, one row each, as CSV or Parquet."""
    frame = play_alone(way, futures, stop).outcomes
    if kind == "csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)


# --- charts -----------------------------------------------------------------------------------------------------------


def chart_spec(page: Page, what: str, changed: Sequence[str] = ()) -> dict[str, Any]:
    """The Vega-Lite specification of a chart by its name, with a title, colours and a width of its own. changed: what
    differs from the scenario as written, each a sentence; the chart says so.

    ``ladder``, ``decision-authority``, a measure's name for its level, and ``d-`` before it for its difference from the
    baseline. Refuses, with a UsageError, names that the page has no chart for.
    """
    specs = figures(page).specs
    name = next((known for known in (what, f"l-{what}") if known in specs), None)
    if name is None:
        raise UsageError(unknown("chart", what, list(specs)))
    finding, plotted = _titles(page, name)
    title = {
        "text": textwrap.wrap(finding, TITLE),
        "subtitle": [
            *textwrap.wrap(plotted, SUBTITLE),
            *textwrap.wrap(f"Not as written: {' '.join(changed)}" if changed else "", SUBTITLE),
            *textwrap.wrap(_source(page), SUBTITLE),
        ],
        "anchor": "start",
        "frame": "group",
        "offset": 12,
        "fontSize": 15,
        "subtitleFontSize": 12,
        "color": "var(--ink)",
        "subtitleColor": "var(--muted)",
    }
    spec = {**specs[name], "config": CONFIG, "width": WIDTH, "autosize": {"type": "pad"}, "title": title}
    return with_colours({**spec, "padding": 12}, LIGHT)


def _titles(page: Page, name: str) -> tuple[str, str]:
    """What a chart shows, in a sentence, and what is plotted."""
    if name == "ladder":
        return ladder_finding(page.ladders[0]), "Share of futures in each stage, week by week"
    if name.startswith("decision-"):
        decision = next(own for own in page.decisions if own.name == name.removeprefix("decision-"))
        return decision.title, "Share of the futures in which it is decided; the line spans the views"
    kind, _, measure_name = name.partition("-")
    measure = next(own for own in page.measures if own.name == measure_name)
    if measure.indexed:
        return measure.title, measure.plotted
    if kind == "d":
        return measure.finding, f"Difference from “{measure.baseline}”, {measure.plotted}; half of futures, nine in ten"
    level = measure.series[0].level
    finding = f"{measure.title}, {level.labels[level.reading]}: {level_words(level)}"
    return finding, f"{measure.plotted[:1].upper()}{measure.plotted[1:]}; median, half of futures, nine in ten"


def _source(page: Page) -> str:
    """Where it comes from, and that it is a model's."""
    return f"“{page.title}”: {count(page.made.futures, 'future')} of this model, run {page.made.digest[:10]}"


def chart_picture(spec: Mapping[str, Any], kind: Literal["svg", "png"]) -> bytes:
    """A chart as a picture. Refuses, with a UsageError, one that holds too much to be drawn."""
    import vl_convert

    text = json.dumps(spec)
    if len(text) > MOST_DRAWN:
        raise UsageError(
            f"this chart holds {len(text) / 1e6:.1f} MB, and {MOST_DRAWN / 1e6:g} MB can be drawn: take its data"
        )
    if kind == "svg":
        return str(vl_convert.vegalite_to_svg(text)).encode()
    return bytes(vl_convert.vegalite_to_png(text, scale=2))


# --- paper ------------------------------------------------------------------------------------------------------------


def printed(html: str, stop: threading.Event) -> bytes:
    """A page as a PDF, by the system's Chromium, which is let out to no network.

    Refuses, with 422, where there is no such browser or it cannot print.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise Refused(
            422, "there is no Chromium on this machine to print with", "take export.html and print it from a browser"
        )
    with tempfile.TemporaryDirectory(prefix="playout-") as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(html, encoding="utf-8")
        arguments = [
            *("--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--no-pdf-header-footer"),
            *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=8000", f"--user-data-dir={folder}/user"),
            f"--print-to-pdf={target}",
        ]
        if os.geteuid() == 0:  # a container's only user: Chromium has no sandbox for it
            arguments.append("--no-sandbox")
        process = subprocess.Popen(
            [browser, *arguments, source.as_uri()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait(process, stop)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if not target.is_file():
            raise Refused(422, "Chromium could not print the page", "take export.html and print it from a browser")
        return target.read_bytes()


def _wait(process: subprocess.Popen[bytes], stop: threading.Event) -> None:
    for _ in range(int(PRINTING / 0.1)):
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            return
        if stop.is_set():
            raise RunError("the run was stopped")
