from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

import playout
from playout.errors import InputError
from playout.present.report import render, write_page
from playout.present.views.analyses import Analyses
from playout.present.views.choices import OTHERWISE, Watch, watch_table
from playout.present.views.conditions import in_words
from playout.present.views.page import Page
from playout.present.views.read import page_of
from present.made_up import made_up_page

PAGE = made_up_page()


class Outline(HTMLParser):
    """Tags with their attributes, and the text of headings and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.styles: list[str] = []
        self.text: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag
        if tag == "script":
            self.scripts.append((self.tags[-1][1], ""))
        if tag == "style":
            self.styles.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self._inside == "style":
            self.styles[-1] += data
        else:
            self.text.append(data)


def read(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    return outline


@pytest.fixture(scope="module")
def html() -> str:
    return render(PAGE)


@pytest.fixture(scope="module")
def outline(html: str) -> Outline:
    return read(html)


def test_nothing_is_fetched(html: str, outline: Outline) -> None:
    assert len(html.encode()) < 6_000_000
    for tag, attributes in outline.tags:
        if tag != "a":
            assert "href" not in attributes
        assert "src" not in attributes
        assert not any(name.startswith("on") for name in attributes), "no code in attributes"
    assert "url(" not in "".join(outline.styles)
    assert "@import" not in "".join(outline.styles)


def test_the_policy_names_every_script_and_sheet_and_nothing_else(outline: Outline) -> None:
    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    policy = next(a["content"] for tag, a in outline.tags if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    run = [text for attributes, text in outline.scripts if attributes.get("type") != "application/json"]
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == [hashed(text) for text in run]
    assert rules["style-src"].split() == [hashed(text) for text in outline.styles]
    assert not any("style" in attributes for _, attributes in outline.tags)


def test_every_chart_has_data_to_draw_words_and_numbers(outline: Outline) -> None:
    held = {a["id"]: json.loads(text) for a, text in outline.scripts if a.get("type") == "application/json"}
    drawn = [a for _, a in outline.tags if "data-chart" in a]
    assert {a["data-chart"] for a in drawn} == set(held["charts"])
    assert all(a["role"] == "img" and len(a["aria-label"]) > 20 for a in drawn)
    figures = [i for i, (tag, _) in enumerate(outline.tags) if tag == "figure"]
    for begin, end in zip(figures, [*figures[1:], len(outline.tags)], strict=True):
        tags = [tag for tag, _ in outline.tags[begin:end]]
        assert "table" in tags


def test_headings_form_an_outline_and_names_are_unique(outline: Outline) -> None:
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    ids = [a["id"] for _, a in outline.tags if "id" in a]
    assert len(ids) == len(set(ids))
    links = {a["href"][1:] for tag, a in outline.tags if tag == "a" and a["href"].startswith("#")}
    pointed = links | {a["popovertarget"] for _, a in outline.tags if "popovertarget" in a}
    pointed |= {a["aria-labelledby"] for _, a in outline.tags if "aria-labelledby" in a}
    assert pointed <= set(ids)


def test_the_order_is_face_answer_ladder_people_evidence(html: str) -> None:
    places = [
        html.index(text)
        for text in (
            "An explorable model of one published scenario",
            "The answer</h2>",
            "In this model, all 6 steps",
            'data-chart="ladder"',
            "Does the US use force on Mexican soil by 7 March 2026? Very unlikely",
            "By school of thought",
            "How far it gets, and when</h2>",
            "Decisions: what is chosen, and what came of it</h2>",
            "What it does to people</h2>",
            "Other measures</h2>",
            "Policies side by side</h2>",
            "Where the views part</h2>",
            "What decides it, and what makes it end badly</h2>",
            "Five stories</h2>",
            "not yet simulated</strong>",
            "Questions with odds, to be scored later</h2>",
            "Institutions and organisations</h2>",
            "Evidence: what it rests on</h2>",
            "How it was made</h2>",
            "Responsible use</h2>",
        )
    ]
    assert places == sorted(places)


NASTY = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"


def test_text_from_a_stranger_stays_text() -> None:
    first, *rest = PAGE.measures
    strange = dataclasses.replace(
        PAGE,
        title=NASTY,
        description=NASTY,
        face=(NASTY,),
        measures=(dataclasses.replace(first, title=NASTY, about=NASTY, unit=NASTY), *rest),
        questions=tuple(dataclasses.replace(question, ask=NASTY, source=NASTY) for question in PAGE.questions),
        decisions=tuple(
            dataclasses.replace(
                decision,
                title=NASTY,
                choices=tuple(dataclasses.replace(choice, title=NASTY) for choice in decision.choices),
            )
            for decision in PAGE.decisions
        ),
        ladders=tuple(
            dataclasses.replace(
                ladder, title=NASTY, rungs=tuple(dataclasses.replace(rung, title=NASTY) for rung in ladder.rungs)
            )
            for ladder in PAGE.ladders
        ),
    )
    outline = read(render(strange))
    assert [a.get("type") for a, _ in outline.scripts] == ["application/json"] * 3 + [None] * 2
    assert not any(tag == "img" for tag, _ in outline.tags)
    assert NASTY in "".join(outline.text)
    for attributes, text in outline.scripts:
        if attributes.get("type"):
            json.loads(text)


def test_a_measure_that_never_differs_shows_its_level_only() -> None:
    first, *rest = PAGE.measures
    (series,) = first.series
    assert series.difference is not None
    nothing = dataclasses.replace(
        series.difference,
        quantiles=((0.0,) * 5,) * 6,
        above=(0.0,) * 6,
        below=(0.0,) * 6,
    )
    same = dataclasses.replace(first, series=(dataclasses.replace(series, difference=nothing),))
    html = render(dataclasses.replace(PAGE, measures=(same, *rest)))
    card = html.partition('id="m-homicides"')[2].partition("</figure>")[0]
    assert "no different from “No action” in any future" in card
    assert 'data-chart="l-homicides"' in card
    assert "Difference from" not in card


def test_signs_stand_in_a_table_by_stage() -> None:
    seen = Watch("a", "Flights", "month", (("Step 1", "30%"), ("Step 2", "30%"), ("Step 3", "60%"), (OTHERWISE, "5%")))
    rare = Watch("b", "Talks", "year", (("Step 1", "1%"), ("Step 2", "1%"), ("Step 3", "2%")))
    observed = Watch("c", "", "month", (), "Homicides")
    table = watch_table((seen, rare, observed))
    assert table.places == (("Step 1", "Step 2"), ("Step 3",), (OTHERWISE,))
    assert [cells for _, cells in table.rows] == [("30%", "60%", "5%"), ("1%", "2%", ""), ("", "", "")]
    text = "".join(read(render(dataclasses.replace(PAGE, watches=(seen, rare, observed)))).text)
    assert "Step 1;Step 2" in text
    assert "observed: Homicides" in text


CONDITIONS = """\
playout: 1
title: Conditions
start: 2025-01-06
horizon: 1 year
step: 1 week
sets: {group: {north: {title: The north}, south: {}}}
actors: {city: {title: The city}}
beliefs: {x: {is: 1 to 2, assumed: a test}}
tracks:
  story:
    title: The story
    stages: {calm: {title: "Step 1: calm"}, storm: {title: "Step 2: storm"}}
    moves: [{from: calm, to: storm, rate: 1 1/year}]
  mood[group]: {stages: {good: {}, bad: {title: Bad mood}}, moves: [{from: good, to: bad, rate: 1 1/year}]}
decisions:
  answer: {title: The answer, by: city, options: {yes_: {title: Agreed, value: 1}, no_: {value: 0}}}
measures: {x: {of: x}}
questions: {q: {ask: Is it so?, by: 2025-06-01, that: x > 1, given: "GIVEN"}}
"""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("reached(story.storm)", "The story: “Step 2: storm” is reached"),
        ("not reached(story.storm)", "The story: “Step 2: storm” is not reached"),
        ("reached(mood[north].bad)", "Mood of The north: “Bad mood” is reached"),
        ("answer == yes_", "The answer is “Agreed”"),
        ("answer != yes_", "The answer is not “Agreed”"),
        ("answer.no_", "The answer is “No”"),
        (
            "reached(story.storm) and answer == yes_",
            "The story: “Step 2: storm” is reached and The answer is “Agreed”",
        ),
        ("x > 1.5", ""),
        ("reached(story.storm) and x > 1.5", ""),
    ],
)
def test_a_simple_condition_is_said_in_words(tmp_path: Path, given: str, said: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(CONDITIONS.replace("GIVEN", given), encoding="utf-8")
    scenario = playout.load(path).scenario
    condition = scenario.questions["q"].given
    assert condition is not None
    assert in_words(scenario, condition) == said


def test_only_web_addresses_become_links(outline: Outline) -> None:
    addresses = [a["href"] for tag, a in outline.tags if tag == "a" and not a["href"].startswith("#")]
    assert addresses
    assert all(address.startswith("https://") for address in addresses)


def test_a_page_with_next_to_nothing_on_it_is_still_a_page() -> None:
    bare = dataclasses.replace(
        PAGE,
        ladders=(),
        decisions=(),
        measures=(),
        questions=(),
        watches=(),
        policies=(),
        views=(),
        baseline=None,
        face=(),
    )
    outline = read(render(bare))
    headings = "".join(outline.text)
    assert "Decisions" not in headings
    assert "Not run." not in headings
    outline = read(render(dataclasses.replace(bare, analyses=Analyses())))
    assert "".join(outline.text).count("Not run.") == 3, "explain, discover and stories; policies there are none"
    assert "What it rests on" in headings


def test_the_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "new" / "report.html"
    assert write_page(PAGE, place) == place
    assert [path.name for path in place.parent.iterdir()] == ["report.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_page(PAGE, tmp_path / "file" / "report.html")
    with pytest.raises(InputError, match="cannot be written"):
        write_page(PAGE, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "new"]


# --- from a run -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result() -> object:
    return playout.run("ceasefire", futures=600, seed=3)


@pytest.fixture(scope="module")
def page(result) -> Page:  # type: ignore[no-untyped-def]
    return page_of(result.runs, result.baseline, result.summary)


def test_the_page_says_what_the_summary_says(result, page: Page) -> None:  # type: ignore[no-untyped-def]
    found = result.summary.findings
    ladder = page.ladders[0]
    assert [rung.reached.p for rung in ladder.rungs] == [stage.reached.p for stage in found.tracks[0].stages]
    assert [rung.median_date for rung in ladder.rungs] == [stage.median_date for stage in found.tracks[0].stages]
    assert ladder.path == ("war", "talks", "holding")
    killed = page.people[0].series[0]
    level = found.measures[0].level
    assert killed.level.mean == level.mean
    assert [row[2] for row in killed.level.quantiles] == list(level.quantiles[2])
    assert killed.difference is not None
    assert killed.difference.mean == found.measures[0].difference.mean
    assert page.questions[0].answer is not None
    assert page.questions[0].answer.p == found.questions[0].answer.p
    decision, counted = page.decisions[0], found.decisions[0]
    assert decision.due.p == counted.due.p
    assert sum(choice.share.p for choice in decision.choices) == pytest.approx(1.0)
    sent = next(choice for choice in decision.choices if choice.name == "sent")
    assert sent.share.p * decision.due.p == pytest.approx(counted.shares["sent"].p)


def test_beliefs_stand_as_they_are_written(page: Page) -> None:
    beliefs = {(belief.name, belief.title): belief for belief in page.ground.beliefs}
    government = beliefs["weekly_deaths", "Weekly deaths — Government forces"]
    assert (government.value, government.unit, government.assumed) == (
        "4 to 12 (90% interval)",
        "person/week",
        "the example's own",
    )
    assert beliefs["monitors_work", "Monitors work"].value == "likely (55–80%)"
    assert page.ground.of_beliefs.total == len(page.ground.beliefs)


def test_the_report_of_a_run_is_written(result, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    place = result.report(tmp_path / "report.html")
    text = "".join(read(place.read_text(encoding="utf-8")).text)
    assert "A ceasefire under strain" in text
    assert "Difference from No monitors" in text
    assert "nan" not in text.lower().split()
