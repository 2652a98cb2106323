"""A run as one HTML file: everything inside, nothing fetched, readable with the network off, on paper and on a phone.

    Page ──figures──▶ specifications ──┐
      └─────────────────────────── templates ──▶ HTML

Scenario text may come from a stranger: templates escape everything, data stands in the page as JSON, and the page's
content-security policy runs only the two scripts, and uses only the one sheet, whose hashes it names.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from playout.compile.keep import kept
from playout.compile.whole import write_whole
from playout.errors import InputError
from playout.model.words import STANDARDS
from playout.present import charts, words
from playout.present.charts import Spec
from playout.present.fans import fan_mean, fan_value
from playout.present.figures import decision_text, figures, ladder_finding, ladder_text, parting_finding, parting_text
from playout.present.origin import Told, from_path, origin_of, question_path, stage_path
from playout.present.views.analyses import Analyses
from playout.present.views.answer import answer, by_view, headline, reach
from playout.present.views.choices import watch_table
from playout.present.views.ladder import Ladder
from playout.present.views.measures import MeasureView
from playout.present.views.page import Page
from playout.present.views.ties import Network
from playout.present.views.written import inside

if TYPE_CHECKING:
    from playout.analyse.summary import Summary
    from playout.simulate.result import Runs

GLOSSARY = (
    (
        "future",
        "A future is one play of the scenario, start to end, with every uncertain number and chance drawn once.",
    ),
    ("median", "The median stands in the middle: half of the futures lie below it and half above."),
    ("band", "Nine futures in ten lie in the light band, one in twenty above it and one in twenty below."),
    (
        "view",
        "A view is a school of thought: beliefs that go together. Each future holds one, drawn by the view’s credence.",
    ),
    (
        "grade",
        "A letter for the source, from A, completely reliable, to E, unreliable (F: cannot be judged), and a digit for "
        "the claim, from 1, confirmed by other sources, to 5, improbable (6: cannot be judged).",
    ),
)


def write_report(
    runs: Runs, baseline: Runs | None, summary: Summary, path: Path, analyses: Analyses | None = None
) -> Path:
    """Write the report on a run and give back where it is.

    baseline: the same futures under the policy that results are read against; None where there is none. summary: of
    these two. analyses: what other verbs made of the scenario; the report says of the rest that it was not run.
    Refuses, with an InputError, a place that cannot be written to.
    """
    from playout.present.views.read import page_of

    page = page_of(runs, baseline, summary, analyses)
    return write_page(page, path)


def write_page(page: Page, path: Path) -> Path:
    """Write the page's report and give back where it is. The file appears whole or not at all.

    Refuses, with an InputError, a place that cannot be written to.
    """
    html = render(page)
    try:
        write_whole(path, html.encode())
    except OSError as problem:
        raise InputError(f"{path}: the report cannot be written there ({problem.strerror or problem})") from problem
    return path


def render(page: Page) -> str:
    """The report as HTML."""
    drawn = figures(page)
    style, library, script = _style(), vega_library(), _shipped("report.js")
    main = page.ladders[0] if page.ladders else None
    context: dict[str, Any] = {
        "page": page,
        "answer": answer(page),
        "by_view": by_view(page),
        "headline": headline(page),
        "first": page.first,
        "ladder": main,
        "panels": drawn.panels,
        "charts": drawn.specs,
        "chart_config": charts.CONFIG,
        "colour": charts.colour_of,
        "fan_value": fan_value,
        "fan_mean": fan_mean,
        "watches": watch_table(page.watches),
        "measure_sections": _measure_sections(page),
        "contents": _contents(page),
        "network": page.network,
        "compared": page.analyses.compared,
        "explained": page.analyses.explained,
        "discovered": page.analyses.discovered,
        "stories": page.analyses.stories,
        "glossary": GLOSSARY,
        "source": _source(page),
        "coverage_sentence": _coverage_sentence(page),
        "stopped_sentence": _stopped_sentence(page),
        "words_sentence": _words_sentence(page),
        "security": _security(style, library, script),
        "style": Markup(style),
        "library": Markup(library),
        "script": Markup(script),
        "reach": reach(main) if main and len(main.path) > 1 else None,
        "parting_finding": parting_finding(page.parted[0]) if page.parted else None,
        "parting_text": parting_text(page.parted, page.views) if page.parted else None,
        **(_ladder_context(main) if main else {}),
    }
    environment = _environment()
    environment.filters["odds"] = lambda p, spread=0.0: words.odds(p, page.standard, spread)
    return environment.get_template("report.html.j2").render(context)


def render_picture(title: str, subtitle: str, source: str, text: str, spec: Spec | None, drawn: str = "") -> str:
    """One picture as a page by itself. text: its alternative; spec: as a report holds it, or drawn: SVG."""
    style, library, script = _style(), vega_library(), _shipped("report.js")
    scripts = (library, script) if spec is not None else ()
    context = {
        "title": title,
        "subtitle": subtitle,
        "source": source,
        "text": text,
        "charts": {"picture": spec} if spec is not None else {},
        "chart_config": charts.CONFIG,
        "drawn": Markup(drawn),
        "security": _security(style, *scripts),
        "style": Markup(style),
        "scripts": [Markup(each) for each in scripts],
    }
    return _environment().get_template("picture.html.j2").render(context)


def ties_svg(network: Network) -> str:
    """The network of ties as SVG in which classes stand for colours."""
    module = _environment().get_template("network.svg.j2").make_module()
    return str(module.ties(network)).strip()  # type: ignore[attr-defined]


def _ladder_context(ladder: Ladder) -> dict[str, Any]:
    """What the main picture needs besides itself; the week first pinned is a year in, or the middle of a short run."""
    drawn = ladder.thinned()
    last = len(drawn.dates) - 1
    days = (ladder.dates[-1] - ladder.dates[0]).days
    year = round(last * 365 / days) if days else 0
    return {
        "pinned": year if year < last else last // 2,
        "drawn_steps": ladder.drawn_steps,
        "told": [ladder.drawn_steps[place] for place in sorted({*range(0, last, max(1, round(last / 20))), last})],
        "ladder_finding": ladder_finding(ladder),
        "ladder_text": ladder_text(ladder),
        "pins": {
            "dates": [charts.milliseconds(date) for date in drawn.dates],
            "shares": [[round(share, 4) for share in rung.shares] for rung in drawn.rungs],
        },
    }


def _measure_sections(page: Page) -> list[tuple[str, str, tuple[MeasureView, ...], str]]:
    """Anchor, heading, measures and lead of each section of measures: people first."""
    baseline = page.baseline.title if page.baseline else None
    lead = (
        f"Each picture shows first the difference from “{baseline}”, future by future under the same draws, and beside "
        "it the level. Levels hold much that no policy decides."
        if baseline
        else "This scenario names no baseline, so only levels can be shown."
    )
    sections = [
        ("people", "What it does to people", page.people, lead),
        ("measures", "Other measures", page.others, "Read as the pictures above." if page.people else lead),
    ]
    return [section for section in sections if section[2]]


def _contents(page: Page) -> list[tuple[str, str]]:
    entries = [
        ("about", "The scenario", True),
        ("steps", "How far, and when", bool(page.ladders)),
        ("decisions", "Decisions", bool(page.decisions)),
        ("games", "Games", bool(page.games)),
        ("people", "People", bool(page.people)),
        ("measures", "Other measures", bool(page.others)),
        ("policies", "Policies side by side", bool(page.policies)),
        ("parting", "Where views part", bool(page.views)),
        ("decides", "What decides it", True),
        ("stories", "Stories", True),
        ("watch", "What to watch", bool(page.watches)),
        ("questions", "Questions", bool(page.questions)),
        ("ties", "Who is tied to whom", page.network is not None),
        ("evidence", "Evidence", True),
        ("sources", "Sources", bool(page.ground.sources)),
        ("made", "How it was made", True),
    ]
    return [(anchor, name) for anchor, name, there in entries if there]


def _source(page: Page) -> str:
    run = f", run {page.made.digest[:10]}" if page.made.digest else ""
    return f"Source: this model, {words.count(page.made.futures, 'future')}{run}."


def _coverage_sentence(page: Page) -> Told:
    beliefs = page.ground.of_beliefs
    if not beliefs.total:
        return Told("The scenario has no uncertain numbers: chance alone tells its futures apart.")
    sentence = (
        f"Of {words.count(beliefs.total, 'belief')}, {beliefs.facts:,} cite a fact, {beliefs.judged:,} judgements or "
        f"forecasts only, and {beliefs.assumed:,} ({words.percent(beliefs.assumed / beliefs.total)}) are assumed, with "
        "the analyst’s reason"
    )
    nothing = f"; {beliefs.nothing:,} say nothing of their ground" if beliefs.nothing else ""
    counts = ("beliefs", "evidenced", "judged", "assumed", "assumed_share", "unsupported")
    said = f"{sentence}{nothing}. Evidence for a judgement is not yet evidence for a number."
    return Told(said, *(f"coverage/{key}" for key in counts))


def _words_sentence(page: Page) -> str:
    standard = STANDARDS[page.standard]
    return f"Words as in {standard.title}: {', '.join(word.describe() for word in standard.words)}."


def _stopped_sentence(page: Page) -> str:
    return " ".join(str(told) for told in page.made.of_stopped) or "None was stopped."


# --- what is inlined --------------------------------------------------------------------------------------------------


@cache
def vega_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script that fetches nothing, in a scope of its own."""

    def bundle() -> bytes:
        """Two seconds' work, which is why it is kept."""
        import vl_convert

        made: str = vl_convert.javascript_bundle(exposing)
        return made.encode()

    exposing = "window.vegaEmbed = vegaEmbed;"
    key = f"vega\0{importlib.metadata.version('vl-convert-python')}\0{exposing}"
    name = f"{hashlib.sha256(key.encode()).hexdigest()}.js"
    text = kept(name, bundle, "the charts' script could not be kept", "the next report makes it again").decode()
    # "</script" or "<!--" inside a script would end it, or hide its end, for an HTML parser.
    text = text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return f"(() => {{{text}}})();"


@cache
def _shipped(name: str) -> str:
    return files("playout.present").joinpath("templates", name).read_text(encoding="utf-8")


def _style() -> str:
    """The sheet, with the palette of the charts before it: light, dark where the system asks, light on paper."""

    def variables(colours: Any) -> str:
        """A palette as CSS."""
        return "".join(f"--{name}:{colour};" for name, colour in colours.items())

    swatches = "".join(f".{name}{{--swatch:var(--{name})}}" for name in charts.LIGHT if name.startswith("band-"))
    return (
        f":root{{color-scheme:light dark;{variables(charts.LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{variables(charts.DARK)}}}}}"
        f"{swatches}\n{_shipped('report.css')}"
    )


def _security(style: str, *scripts: str) -> str:
    """The page's content-security policy: two scripts and one sheet by their hashes, nothing from anywhere."""
    allowed = " ".join(_hash(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_shipped),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=words.percent,
        frequency=words.frequency,
        day=words.day,
        month=words.month,
        count=words.count,
        inside=inside,
        origin=origin_of,
        marked=_marked,
        small=lambda se: words.quantity(se, 1),
        json=_json,
        sentence=lambda text: text[:1].upper() + text[1:],
    )
    environment.globals.update(
        at=from_path, stage_path=stage_path, question_path=question_path, decision_text=decision_text
    )
    return environment


def _marked(text: str) -> Markup:
    """A message in which backticks hold names of the scenario, as HTML."""
    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def _json(value: object) -> Markup:
    """Data for a script element of type application/json: no character in it can end the element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
