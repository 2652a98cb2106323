"""Every number on the page of a report is one of the run's JSON, said as Playout says numbers."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

import playout
from playout.present.report import render
from playout.present.views.read import page_of
from present.test_first import RECORD, SCENARIO
from traced import faults


@pytest.fixture(scope="module", params=["ceasefire", "a strike", "us-mexico-cartels"])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A page, what its run prints as JSON, and its scenario."""
    name: Any = request.param
    if name == "a strike":
        name = tmp_path_factory.mktemp("strike") / "strike.yaml"
        name.write_text(SCENARIO, encoding="utf-8")
        (name.parent / "record.yaml").write_text(RECORD, encoding="utf-8")
    result = playout.run(name, futures=1200, seed=5)
    page = page_of(result.runs, result.baseline, result.summary)
    plain = json.loads(json.dumps(result.summary.as_json(), allow_nan=False))
    return render(page), plain, result.runs.checked.scenario


def test_every_number_on_the_page_stands_in_the_runs_json(shown: Any) -> None:
    html, plain, scenario = shown
    assert faults(html, plain, scenario, playout.__version__) == []


def test_a_number_that_is_another_is_found(shown: Any) -> None:
    html, given, scenario = shown
    plain = copy.deepcopy(given)
    whole = next(iter(plain["path"].values()))["whole"]
    whole["p"] = 0.5 * whole["p"] + 0.29
    found = faults(html, plain, scenario, playout.__version__)
    assert found
    assert all("path/" in fault for fault in found)


def test_a_number_without_an_origin_is_found(shown: Any) -> None:
    html, plain, scenario = shown
    added = html.replace('<section id="made"', '<p>Some 4711 of them.</p><section id="made"')
    assert any(
        "no origin" in fault and "4711" in fault for fault in faults(added, plain, scenario, playout.__version__)
    )


def test_the_pictures_hold_the_numbers_of_the_json(shown: Any) -> None:
    html, plain, _ = shown
    charts = json.loads(html.partition('id="charts">')[2].partition("</script>")[0])
    fans = {name: spec for name, spec in charts.items() if re.match(r"[dl]-", name) and name[2:] in plain["measures"]}
    assert fans
    for name, spec in fans.items():
        measure = plain["measures"][name[2:]]
        found = measure["difference"] if name.startswith("d-") else measure
        largest = max(abs(value) for key in ("p05", "p95") for value in found[key])
        for place, row in enumerate(spec["data"]["values"]):
            if row["p05"] != row["p95"]:  # where all is yes or no the mean is drawn
                for key in ("p05", "p25", "p50", "p75", "p95"):
                    assert row[key] == pytest.approx(found[key][place], rel=1e-6, abs=1e-5 * largest + 0.01)


def test_the_origin_of_every_number_is_written_once(tmp_path: Path) -> None:
    from playout.present.origin import Told, origin_of

    told = Told("12% of futures", "stages/a/b/reached", "", "stages/a/b/reached")
    assert str(origin_of(told)) == ' data-from="stages/a/b/reached"'
    assert str(origin_of("plain")) == ""
