"""One picture by itself: with its finding as title, what it plots, where it comes from, and a text alternative.

Page ──pictures──▶ Picture by name ──write──▶ PNG, SVG or HTML
"""

from __future__ import annotations

import html
import json
import math
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playout.compile.whole import write_whole
from playout.errors import InputError, UsageError, unknown
from playout.present import charts, sides
from playout.present.charts import Bar, Spec
from playout.present.figures import (
    Panel,
    decision_chart,
    decision_text,
    figures,
    ladder_finding,
    ladder_text,
    parting_finding,
    parting_text,
)
from playout.present.report import render_picture, ties_svg
from playout.present.views.answer import answer
from playout.present.views.ladder import Ladder
from playout.present.views.measures import MeasureView
from playout.present.views.page import Page
from playout.present.words import count, percent

if TYPE_CHECKING:
    import altair

ANALYSED = ("policies", "tornado")
SUFFIXES = (".png", ".svg", ".html")
WIDTH = 640
WIDTHS = (200, 4000)
SHOWN = 2
"""Measures of people of which a notebook shows a picture."""
SCALE = 2.0
"""Pixels of a PNG for each of the drawing's."""


@dataclass(frozen=True)
class Picture:
    """A picture. spec: a Vega-Lite specification without colours or size, or drawn: SVG. key: names of colours that
    have no name in the picture itself."""

    name: str
    title: str
    subtitle: str
    source: str
    text: str
    spec: Spec | None = None
    drawn: str = ""
    key: tuple[tuple[str, str], ...] = ()

    def as_json(self, *, dark: bool = False, width: int = WIDTH) -> Spec:
        """The whole picture as a Vega-Lite specification, words and colours in it. Refuses, with a UsageError, one that
        is drawn without."""
        if self.spec is None:
            raise UsageError(f"`{self.name}` is drawn without Vega-Lite: it has no specification, only SVG")
        title = {
            "text": textwrap.wrap(self.title, int(width / 7.6)),
            "subtitle": textwrap.wrap(self.subtitle, int(width / 6.0)),
            "anchor": "start",
            "color": "var(--ink)",
            "subtitleColor": "var(--muted)",
            "fontSize": 15,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
            "offset": 10,
        }
        key, below = self._key(width)
        source = _text(self.source, 0.0, below, "muted", 11)
        whole = {
            **self.spec,
            "title": title,
            "width": width,
            "autosize": "pad",
            "padding": 14,
            "config": charts.CONFIG,
            "layer": [*self.spec["layer"], *key, source],
            "description": self.text,
        }
        return charts.with_colours(whole, charts.DARK if dark else charts.LIGHT)

    def _key(self, width: int) -> tuple[list[Spec], float]:
        """Squares with names under the picture, some in a row; and how far below it the next thing stands."""
        columns = max(1, width // 210)
        made: list[Spec] = []
        for place, (name, colour) in enumerate(self.key):
            x, y = 210.0 * (place % columns), 30.0 + 17.0 * (place // columns)
            square = {"type": "point", "shape": "square", "filled": True, "size": 90, "opacity": 1}
            made.append({**_at(x + 5.0, y + 5.0), "mark": {**square, "color": f"var(--{colour})"}})
            made.append(_text(name, x + 15.0, y, "ink", 11.5))
        return made, 26.0 + (12.0 + 17.0 * math.ceil(len(self.key) / columns) if self.key else 0.0)

    def chart(self) -> altair.TopLevelMixin:
        """The picture as an Altair chart."""
        from playout.present.shown import chart_of

        return chart_of(self.as_json())

    def svg(self, *, dark: bool = False, width: int = WIDTH) -> str:
        """The picture as SVG, its text alternative in it."""
        if self.spec is None:
            return self._framed(charts.DARK if dark else charts.LIGHT)
        import vl_convert

        drawn = str(vl_convert.vegalite_to_svg(json.dumps(self.as_json(dark=dark, width=width))))
        words = f"<title>{html.escape(self.title)}</title><desc>{html.escape(self.text)}</desc>"
        head, mark, rest = drawn.partition(">")
        return f'{head} role="img"{mark}{words}{rest}'

    def _framed(self, colours: Mapping[str, str]) -> str:
        """What is drawn already, in colours, with its words around it."""
        rules = "".join(
            f".kind-{kind}{{stroke:{colours[f'band-{band}']}}}" for kind, band in enumerate(charts.TIE_BANDS)
        )
        style = (
            f"text{{font-family:{charts.FONT};fill:{colours['ink']};font-size:11px;font-weight:600}}"
            f".head{{font-size:17px}}.small{{font-size:12px;font-weight:400;fill:{colours['muted']}}}"
            f".tie{{fill:none;opacity:0.7}}.node rect{{fill:{colours['paper']};stroke:{colours['ink']}}}{rules}"
        )
        head, _, rest = self.drawn.partition(">")
        width, height = (float(size) for size in head.partition('viewBox="0 0 ')[2].partition('"')[0].split())
        body = rest.rpartition("</svg>")[0]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 28:.0f}" height="{height + 90:.0f}" role="img" '
            f'viewBox="-14 -58 {width + 28:.0f} {height + 90:.0f}"><title>{html.escape(self.title)}</title>'
            f"<desc>{html.escape(self.text)}</desc><style>{style}</style>"
            f'<rect x="-14" y="-58" width="100%" height="100%" fill="{colours["paper"]}"/>'
            f'<text class="head" y="-34">{html.escape(self.title)}</text>'
            f'<text class="small" y="-14">{html.escape(self.subtitle)}</text>{body}'
            f'<text class="small" y="{height + 22:.0f}">{html.escape(self.source)}</text></svg>'
        )

    def png(self, *, dark: bool = False, width: int = WIDTH) -> bytes:
        """The picture as PNG, two pixels for each of the drawing's."""
        import vl_convert

        return bytes(vl_convert.svg_to_png(self.svg(dark=dark, width=width), scale=SCALE))

    def html(self) -> str:
        """The picture as a page by itself, light and dark, with nothing fetched."""
        return render_picture(self.title, self.subtitle, self.source, self.text, self.spec, self.drawn)

    def write(self, path: str | Path, *, dark: bool = False, width: int = WIDTH) -> Path:
        """Write it as what the path's ending says, and say where it is. The file appears whole or not at all.

        Refuses, with a UsageError, another ending than .png, .svg or .html; with an InputError, a place that cannot be
        written to.
        """
        place = Path(path)
        check_look(place, width)
        match place.suffix.lower():
            case ".png":
                content = self.png(dark=dark, width=width)
            case ".svg":
                content = self.svg(dark=dark, width=width).encode()
            case _:
                content = self.html().encode()
        try:
            write_whole(place, content)
        except OSError as problem:
            raise InputError(f"{place}: cannot be written there ({problem.strerror or problem})") from problem
        return place

    def _repr_html_(self) -> str:
        return self.svg()


def _at(x: float, below: float) -> Spec:
    """Where a mark stands: so far from the left, so far below the picture."""
    return {
        "data": {"values": [{}]},
        "encoding": {"x": {"value": x}, "y": {"value": {"expr": f"height + {below:g}"}}},
    }


def _text(text: str, x: float, below: float, colour: str, size: float) -> Spec:
    """Text below the picture."""
    made = _at(x, below)
    mark = {"type": "text", "align": "left", "baseline": "top", "fontSize": size, "fill": f"var(--{colour})"}
    return {**made, "mark": mark, "encoding": {**made["encoding"], "text": {"value": text}}}


def check_look(path: Path, width: int = WIDTH) -> None:
    """Refuse, with a UsageError, a file name that says no format that pictures have, or a width that none can have."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"`{path}` says no format\n  hint: a picture's name ends in {', '.join(SUFFIXES)}")
    low, high = WIDTHS
    if not low <= width <= high:
        raise UsageError(f"a picture is {low} to {high:,} pixels wide, not {width:,}")


def pictures(page: Page) -> Mapping[str, Picture]:
    """Every picture of a page by name.

    ``ladder``, ``questions``, ``views``, ``ties``, decisions and measures by their names (of a measure the difference
    from the baseline where there is one, and ``NAME.level``); ``policies.OUTCOME`` and ``tornado.OUTCOME`` where these
    were compared and explained.
    """
    return {picture.name: picture for picture in _pictures(page)}


def picture_of(page: Page, what: str) -> Picture:
    """One picture of a page; of ``policies`` and ``tornado`` without an outcome the first. Refuses, with a UsageError,
    a name that is none, and says which there are."""
    found = pictures(page)
    if what in ANALYSED:
        what = next((name for name in found if name.startswith(f"{what}.")), what)
    if what not in found:
        names = ", ".join(name for name in found if not name.endswith(".level"))
        hint = (
            f"there are {names}; with .level behind a measure, the measure itself and not its difference; policies and "
            "tornado, with .OUTCOME behind them for one outcome"
        )
        raise UsageError(f"{unknown('picture', what, list(found))}\n  hint: {hint}")
    return found[what]


def _pictures(page: Page) -> Iterator[Picture]:
    source = source_line(page)
    drawn = figures(page)
    if page.ladders:
        yield _of_ladder(page.ladders[0], source, drawn.specs["ladder"])
    yield from _of_questions(page, source)
    if page.parted:
        numbered = " · ".join(f"{number} {view.title}" for number, view in enumerate(page.views, start=1))
        what = f"Odds in each view by its number; the mark above is all views together. {numbered}"
        text = parting_text(page.parted, page.views)
        yield Picture("views", parting_finding(page.parted[0]), what, source, text, drawn.specs["parting"])
    if page.network is not None:
        words = "; ".join(f"{tie.first} and {tie.second} {tie.said}" for tie in page.network.ties)
        what = f"Ties at the start: {', '.join(kind.title for kind in page.network.kinds)}; wider is stronger"
        yield Picture("ties", page.network.finding, what, source, words, drawn=ties_svg(page.network))
    for decision in page.decisions:
        if decision.choices:
            due = percent(decision.due.p)
            what = f"{decision.by}; shares of the futures in which it falls due, {due} of all"
            spec = decision_chart(decision)
            yield Picture(decision.name, decision.finding, what, source, decision_text(decision), spec)
    for measure in page.measures:
        yield from _of_measure(measure, drawn.panels[measure.name], source)
    yield from _of_policies(page)
    yield from _of_tornados(page)


def _of_ladder(ladder: Ladder, source: str, spec: Spec) -> Picture:
    steps = " → ".join(percent(given) for _, _, _, given in ladder.ribbon if given is not None)
    odds = f". Odds of each step given those before: {steps}; of all of them {percent(ladder.whole.p)}" if steps else ""
    what = f"Share of futures in each stage of “{ladder.title}” by week{odds}"
    key = tuple((rung.short, charts.colour_of(ladder, rung)) for rung in ladder.rungs)
    return Picture("ladder", ladder_finding(ladder), what, source, ladder_text(ladder), spec, key=key)


def _of_questions(page: Page, source: str) -> Iterator[Picture]:
    asked = [(question.ask, question.answer) for question in page.questions if question.answer is not None]
    if asked:
        bars = [Bar(ask, answer.p, percent(answer.p), answer.low, answer.high) for ask, answer in asked]
        likely = sum(answer.p >= 0.5 for _, answer in asked)
        title = f"{likely} of {count(len(asked), 'question')} more likely yes than no"
        text = f"Bars: {'; '.join(f'{bar.label} {bar.text}' for bar in bars)}."
        what = "Odds that the answer is yes; the thin line runs over the views"
        yield Picture("questions", title, what, source, text, charts.share_bars(bars))


def _of_policies(page: Page) -> Iterator[Picture]:
    compared = page.analyses.compared
    if compared is None:
        return
    for row in compared.rows:
        what = f"Difference from “{compared.against}” over the whole run{f', in {row.unit}' if row.unit else ''}"
        text = "; ".join(f"{name} {each.text}" for name, each in zip(compared.policies, row.estimates, strict=True))
        spec = sides.policy_dots(row, compared.policies)
        yield Picture(f"policies.{row.name}", row.title, what, compared.source, text, spec)


def _of_tornados(page: Page) -> Iterator[Picture]:
    for found in page.analyses.explained:
        title = found.sentences[0] if found.sentences else found.title
        what = f"{found.title}{f', {found.unit}' if found.unit else ''}: its mean at a belief's two ends"
        text = "; ".join(f"{s.title} {s.low.text} at {s.low_end}, {s.high.text} at {s.high_end}" for s in found.swings)
        yield Picture(f"tornado.{found.name}", title, what, found.source, text, sides.tornado(found))


def _of_measure(measure: MeasureView, panels: tuple[Panel, ...], source: str) -> Iterator[Picture]:
    """The pictures of a measure: the first under its own name, its level under ``NAME.level``."""
    drawn = [panel for panel in panels if panel.spec is not None]
    for panel in drawn:
        level = panel.title.startswith("Level")
        name = f"{measure.name}.level" if level and len(drawn) > 1 else measure.name
        what = f"{panel.title}: {measure.plotted}. Line: median; bands: half and nine in ten of futures"
        yield Picture(name, measure.finding if not level else measure.title, what, source, panel.text, panel.spec)


def source_line(page: Page) -> str:
    """Where the numbers of a picture come from."""
    run = f", run {page.made.digest[:10]}" if page.made.digest else ""
    return f"Source: {page.title}, a model of a written scenario; {count(page.made.futures, 'future')}{run}."


def shown_run(page: Page) -> str:
    """What a notebook shows of a run: its title, the answer, the ladder and the first pictures of people, as HTML."""
    found = pictures(page)
    first = [page.people[place].name for place in range(min(SHOWN, len(page.people)))]
    drawn = [found[name] for name in ("ladder", *first) if name in found]
    parts = [f"<h3>{html.escape(page.title)}</h3>", *(f"<p>{html.escape(sentence)}</p>" for sentence in answer(page))]
    return f'<div class="playout">{"".join(parts)}{"".join(picture.svg() for picture in drawn)}</div>'
