"""The summary on a terminal: it fits the screen, says the answer first, and is the same without colour."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

import playout
from playout.analyse.summary import Summary, summarise
from playout.model.check import coverage
from playout.model.scenario import Scenario
from playout.present.terminal import HEIGHT, Line, Screen, bars, place_line, shortened, summary_lines
from playout.simulate.run import play

HEADER = "playout: 1\ntitle: {title}\nstart: 2025-01-06\nhorizon: 2 years\nstep: 1 week\n"


def crowded() -> str:
    """More of everything than there is room for, under titles that are too long."""
    long = "that goes by a title longer than a line of a terminal has ever been or will be"
    stages = "\n".join(
        f"      s{n}: {{title: 'Step {n} {long}', lasts: 1 to 6 weeks, then: {{s{n + 1}: 0.8, otherwise: failed}}}}"
        for n in range(11)
    )
    decisions = "\n".join(
        f"  d{n}: {{title: 'Decision {n} {long}', by: city, options: {{go: {{value: {n}}}, stay: {{value: 0}}}}}}"
        for n in range(9)
    )
    measures = "\n".join(f"  m{n}: {{of: x * {n}, title: 'Measure {n} {long}', people: true}}" for n in range(9))
    return (
        HEADER.format(title=f"A scenario {long}")
        + "actors: {city: {title: The city}}\n"
        + f"beliefs:\n  x: {{is: 1 to 2, unit: person, assumed: '{long}'}}\n"
        + f"tracks:\n  story:\n    stages:\n{stages}\n"
        + "      s11: {title: The end}\n      failed: {title: It failed}\n"
        + f"decisions:\n{decisions}\nmeasures:\n{measures}\n"
        + "baseline: idle\npolicies:\n"
        + f"  idle: {{title: 'A policy {long}', is: [d0 = stay]}}\n  busy: {{title: 'Another {long}', is: [d0 = go]}}\n"
        + "views:\n  dull: {title: Dull, credence: 0.5, is: [x *= 1]}\n"
        + "  wild: {title: Wild, credence: 0.5, is: [x *= 2]}\n"
    )


def summed_up(folder: Path, text: str, policy: str | None = None) -> tuple[Summary, Scenario]:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    checked = playout.load(path)
    runs = play(checked, futures=400, seed=2, policy=policy)
    name = checked.scenario.baseline
    baseline = play(checked, futures=400, seed=2, policy=name) if name and name != policy else None
    return summarise(runs, baseline, coverage(checked)), checked.scenario


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, Scenario]:
    return summed_up(tmp_path_factory.mktemp("crowded"), crowded(), "busy")


PLACE = place_line(Path("playout-results/scenario"), Path("playout-results/scenario/report.html"), reused=False)


def test_it_fits_a_screen_however_much_there_is(crowd: tuple[Summary, Scenario]) -> None:
    lines = [line.text for line in summary_lines(*crowd, PLACE)]
    assert len(lines) <= HEIGHT
    assert max(len(line) for line in lines) <= 80
    text = "\n".join(lines)
    assert "In this model, all 12 steps to “The end” by January 2027: " in text
    assert "over the views" in text
    assert "decisions more" in text
    assert lines[-1] == "Report  playout-results/scenario/report.html"
    assert lines[-2] == "Of 1 belief, 1 is only assumed."


def test_a_wider_terminal_shows_more_of_each_line(crowd: tuple[Summary, Scenario]) -> None:
    wide = [line.text for line in summary_lines(*crowd, PLACE, 100)]
    assert 80 < max(len(line) for line in wide) <= 100


def test_a_range_over_views_stands_beside_the_standard_error(tmp_path: Path) -> None:
    text = HEADER.format(title="Harm") + (
        "beliefs:\n  x: {is: 100 to 200, unit: person/year, assumed: a test}\n"
        '  tempo: {is: 1 to 2, unit: "1", assumed: a test}\n'
        "actors: {city: {title: The city}}\n"
        "decisions: {act: {by: city, options: {go: {value: 1}, stay: {value: 0}}}}\n"
        "measures:\n"
        "  dead: {of: x * (tempo if act == go else 1), per: year, people: true, title: 'People killed, all counts'}\n"
        "baseline: idle\npolicies: {idle: {title: Idle, is: [act = stay]}, busy: {title: Busy, is: [act = go]}}\n"
    )
    views = "views: {calm: {credence: 0.5, is: [tempo *= 1]}, wild: {credence: 0.5, is: [tempo *= 3]}}\n"
    for given in (views, ""):
        lines = [line.text.rstrip() for line in summary_lines(*summed_up(tmp_path, text + given, "busy"))]
        number = next(n for n, line in enumerate(lines) if line.startswith("People, 2026"))
        assert ("People, 2026, against “Idle” " if given else " against “Idle” ± se ") in lines[number]
        assert ("over views" in lines[number]) == bool(given)
        assert lines[number].endswith("level")
        pattern = r"^People killed, all counts +\+[\d,]+ ± [\d.]+" + (r" +\+\d+ to \+\d+" if given else "") + r" +\d+$"
        assert re.match(pattern, lines[number + 1]), lines[number + 1]


def test_a_decision_says_what_its_shares_are_shares_of(tmp_path: Path) -> None:
    text = HEADER.format(title="A door") + (
        "actors: {city: {title: The city}}\n"
        "tracks: {door: {stages: {shut: {}, open: {}}, moves: [{from: shut, to: open, rate: 0.5 1/year}]}}\n"
        "decisions:\n  lock: {title: The lock, by: city, when: enters(door.open),"
        " options: {renew: {value: 1}, keep: {value: 1}}}\n"
        "measures: {ajar: {of: 1 if door.open else 0}}\n"
    )
    summary, scenario = summed_up(tmp_path, text)
    (lock,) = summary.findings.decisions
    line = next(line.text for line in summary_lines(summary, scenario) if line.text.startswith("The lock"))
    found = re.fullmatch(r"The lock, where due \((\d+)%\): \w+ (\d+)%, \w+ (\d+)%", line)
    assert found is not None
    due, most, least = map(int, found.groups())
    assert due == round(100 * lock.due.p) < 100
    assert most + least == pytest.approx(100, abs=1)


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (60, "Civilians killed by the campaign, official count (people)"),
        (56, "Civilians killed by the campaign, official count"),
        (36, "Civilians killed…, official count"),
        (40, "Civilians killed…, official count"),
        (24, "Civilians killed…"),
        (8, "Civilia…"),
    ],
)
def test_titles_are_shortened_by_whole_words(width: int, said: str) -> None:
    assert shortened("Civilians killed by the campaign, official count (people)", width) == said


def test_a_small_scenario_is_given_air(tmp_path: Path) -> None:
    text = HEADER.format(title="A door") + (
        "tracks: {door: {stages: {shut: {title: It is shut}, open: {title: It is open}},"
        " moves: [{from: shut, to: open, rate: 1 1/year}]}}\n"
        "measures: {ajar: {of: 1 if door.open else 0, title: Ajar}}\n"
    )
    summary, scenario = summed_up(tmp_path, text)
    lines = [line.text for line in summary_lines(summary, scenario, PLACE)]
    assert lines[0] == "A door"
    assert lines[1] == "choices left open · 400 futures, seed 2"
    assert lines[2].startswith("In this model, “It is open” by January 2027: very likely, about ")
    assert lines[4] == ""
    assert lines[5].startswith("Door ")
    assert any(line.startswith("It is open") and "█" in line for line in lines)
    assert "It holds no belief: chance alone tells its futures apart." in lines


def test_without_a_track_the_first_question_is_the_answer(tmp_path: Path) -> None:
    text = HEADER.format(title="Rain") + (
        "beliefs: {wet: {is: 0.2 to 0.6, unit: probability, assumed: a test}}\n"
        "measures: {wet: {title: Wet}}\n"
        "questions: {rains: {ask: Does it rain?, by: 2025-06-01, that: wet > 0.05}}\n"
    )
    lines = [line.text for line in summary_lines(*summed_up(tmp_path, text))]
    assert "Does it rain? In this model almost certain, 100%, every future." in lines


def test_a_held_view_and_stopped_futures_are_said(tmp_path: Path) -> None:
    text = HEADER.format(title="A leak") + (
        'beliefs: {leak: {is: "uniform(0, 1)", unit: "1", assumed: a test}}\n'
        'stocks: {water: {unit: "1", starts: 1, within: [0, inf], minus: {lost: (1 1/year) * leak}}}\n'
        "measures: {water: {title: Water}}\n"
        "views: {half: {title: Half of it, credence: 0.5, is: [leak *= 0.6]}, rest: {credence: 0.5, is: [leak *= 1]}}\n"
    )
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    checked = playout.load(path)
    runs = play(checked, futures=400, seed=2, view="half", allow_stopped=0.9)
    text = "\n".join(line.text for line in summary_lines(summarise(runs), checked.scenario))
    assert "view: Half of it" in text
    assert re.search(r"\d+ futures \(\d+%\) stopped and count nowhere: water left its bounds", text)


def test_colour_is_all_that_a_terminal_adds() -> None:
    lines = [Line((("12% ", "plain"), ("███", "bar"))), Line.of("A title", "strong")]
    plain = list(Screen(80, colour=False).render(lines))
    coloured = list(Screen(80, colour=True).render(lines))
    assert plain == ["12% ███", "A title"]
    assert coloured != plain
    assert [re.sub("\033\\[[0-9;]*m", "", line) for line in coloured] == plain


def test_a_pipe_has_no_colour_and_is_80_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert Screen.of(io.StringIO()) == Screen(80, colour=False)


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colour_can_be_turned_off(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert Screen.of(Terminal()).colour
    monkeypatch.setenv(variable, value)
    assert not Screen.of(Terminal()).colour


def test_bars_are_as_long_as_the_share_and_never_hide_one() -> None:
    assert bars(0.0, 10) == ""
    assert bars(1.0, 10) == "█" * 10
    assert bars(0.5, 10) == "█" * 5
    assert bars(0.0001, 10) == "▏"
    assert bars(0.56, 10) == "█████▋"


def test_where_results_are_is_said_with_or_without_a_report() -> None:
    assert place_line(None, None, reused=False) is None
    results = place_line(Path("out"), None, reused=True)
    assert results is not None
    assert results.text == "Results  out  (nothing had changed since it was played)"


def test_no_option_of_a_long_decision_is_dropped(tmp_path: Path) -> None:
    options = ", ".join(
        f"way_{n}: {{title: The {n}th way out of what nobody wanted, value: {n / 10}}}" for n in range(6)
    )
    path = tmp_path / "long.yaml"
    path.write_text(
        "playout: 1\ntitle: A long choice\nstart: 2025-01-01\nhorizon: 4 weeks\nstep: 1 week\n"
        f"decisions: {{way: {{by: nobody, title: Which way is taken, options: {{{options}}}}}}}\n",
        encoding="utf-8",
    )
    result = playout.run(path, futures=600)
    lines = [line.text for line in summary_lines(result.summary, result.runs.checked.scenario, None, 80)]
    told = " ".join(line.strip() for line in lines if "way" in line or "%" in line)
    assert told.count("%") >= 6
    assert max(map(len, lines)) <= 80
