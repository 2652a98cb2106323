"""A view that too few futures hold is named, and stands in no range over views and no equal weighting of them."""

from __future__ import annotations

from pathlib import Path

import pytest

import playout
from playout.present.compared.terminal import compare_lines
from playout.present.explained_lines import explain_lines
from playout.present.terminal import summary_lines
from playout.present.views.answer import by_view

RARE = Path(__file__).resolve().parent.parent / "odd" / "a-rare-view.yaml"


@pytest.mark.parametrize(("futures", "left_out"), [(20, ["x", "y"]), (100, ["x", "y"]), (150, ["y"])])
def test_it_is_named_and_stands_in_no_range(futures: int, left_out: list[str]) -> None:
    result = playout.run(RARE, futures=futures)
    plain = result.summary.as_json()
    assert list(plain["views_left_out"]) == left_out
    assert sum(view["futures"] for view in plain["views_left_out"].values()) <= futures
    assert set(plain["views"]).isdisjoint(left_out)
    assert plain["equal_weights"] is None
    text = "\n".join(line.text for line in summary_lines(result.summary, result.runs.checked.scenario))
    assert "“Y” (" in text
    assert "held by fewer than 100 futures" in text
    assert "over the views" not in text.replace("range\nover the views", "").replace("range over the views", "")
    page = result.page()
    rung = page.ladders[0].rungs[1]
    assert (rung.reached.ranged, rung.reached.equal) == (False, None)
    assert any("“Y” (" in sentence for sentence in by_view(page))


def test_views_that_enough_futures_hold_have_a_range() -> None:
    result = playout.run(RARE, futures=4000)
    plain = result.summary.as_json()
    assert (plain["views_left_out"], set(plain["views"])) == ({}, {"x", "y"})
    odds = [view["questions"]["q"]["p"] for view in plain["views"].values()]
    assert plain["equal_weights"]["questions"]["q"] == pytest.approx(sum(odds) / 2)


def test_a_report_names_it(tmp_path: Path) -> None:
    result = playout.run(RARE, futures=150, out=tmp_path / "kept")
    html = result.report().read_text(encoding="utf-8")
    assert "held by fewer than 100 futures" in html
    assert "equal weights" not in html


def test_compare_names_it(tmp_path: Path) -> None:
    path = tmp_path / "rare.yaml"
    path.write_text(RARE.read_text(encoding="utf-8") + "policies: {slow: [r *= 0.5]}\n", encoding="utf-8")
    found = playout.compare(path, futures=150)
    assert found.comparison.left_out == ("y",)
    assert found.as_json()["levels"]["slow"]["q"]["equal_weights"] is None
    assert any("too few futures to be spoken of: y" in line.text for line in compare_lines(found))


def test_explain_names_it() -> None:
    lines = explain_lines(playout.explain(RARE, "q", samples=128))
    assert any("“Y” (" in line.text for line in lines)
