"""Beliefs that take a few values: regions and ends say "is 1" and "is 2 or 4", and equal values are never parted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import playout
from playout.analyse.linchpins import belief_ends
from playout.analyse.screening import ends
from playout.present.discovery import discovery_lines
from playout.present.views.discovery import rule

ODD = Path(__file__).resolve().parent.parent / "odd" / "discrete-beliefs.yaml"


@pytest.mark.parametrize("method", ["prim", "cart"])
def test_values_without_an_order_are_sets(method: str) -> None:
    found = playout.discover(ODD, "box > 0", futures=2000, halves=0, method=method)
    (box,) = [own.box for own in found.discovery.found]
    assert box.limit("kind").kept == ("2", "4")
    assert box.coverage > 0.95
    assert box.density > 0.95
    assert "“Kind” is 2 or 4" in rule(found.scenario, box)
    assert "“Cont” is at least 0.7" in rule(found.scenario, box)
    kept = {own["belief"]: own["kept"] for own in found.as_json()["boxes"][0]["limits"]}
    assert kept == {"cont": None, "kind": [2.0, 4.0]}
    assert any("Kind is 2 or 4" in line.text for line in discovery_lines(found))


@pytest.mark.parametrize("method", ["prim", "cart"])
def test_one_of_two_values_is_named_alone(method: str) -> None:
    found = playout.discover(ODD, "flagged > 0", futures=2000, halves=0, method=method)
    text = rule(found.scenario, found.discovery.found[0].box)
    assert "“Flag” is 1" in text
    assert "“Cont” is at most 0." in text


def test_whole_numbers_in_order_are_limited_by_numbers_that_can_be(tmp_path: Path) -> None:
    path = tmp_path / "counts.yaml"
    text = ODD.read_text(encoding="utf-8").replace('"categorical(0.25: 1, 0.25: 2, 0.25: 3, 0.25: 4)"', "poisson(3)")
    path.write_text(text.replace("(kind == 2 or kind == 4)", "kind >= 4"), encoding="utf-8")
    for method in ("prim", "cart"):
        found = playout.discover(path, "box > 0", futures=2000, halves=0, method=method)
        limit = found.discovery.found[0].box.limit("kind")
        assert (limit.low, limit.high) == (4.0, None)
        assert "“Kind” is at least 4" in found.rules()[0]


def test_the_ends_of_a_coin_are_its_two_sides() -> None:
    found = playout.explain(ODD, "flagged", samples=256)
    assert any(sentence.startswith("Whether “Flag” is 0 or 1 moves") for sentence in found.sentences())
    (bar,) = [own for own in found.as_json()["explanation"]["ends"] if own["label"] == "flag"]
    assert [(bar[end]["edge"], bar[end]["only"]) for end in ("low", "high")] == [(0.0, True), (1.0, True)]


def test_of_values_without_an_order_the_ends_are_those_that_matter() -> None:
    bars = playout.explain(ODD, "box", samples=1024).found.explanation.bars
    (bar,) = [own for own in bars if own.label == "kind"]
    assert bar.low.only
    assert bar.low.edge in (1.0, 3.0)
    assert bar.high.edge in (2.0, 4.0)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9])
def test_equal_values_are_never_parted(share: float) -> None:
    drawn = (np.random.default_rng(1).random(1000) < share).astype(float)
    low, high = ends(drawn, drawn)
    assert sorted(low.tolist()) == np.flatnonzero(drawn == 0.0).tolist()
    assert sorted(high.tolist()) == np.flatnonzero(drawn == 1.0).tolist()
    counts = np.random.default_rng(1).poisson(3.0, 1000).astype(float)
    low, high = ends(counts, counts)
    assert counts[low].max() < np.delete(counts, low).min()
    assert counts[high].min() > np.delete(counts, high).max()
    assert max(low.size, high.size) <= 200


def test_values_that_differ_are_parted_at_a_fifth() -> None:
    drawn = np.random.default_rng(1).random(1000)
    low, high = belief_ends(drawn, drawn, ordered=True)
    assert (low.only, high.only) == (False, False)
    assert low.edge == pytest.approx(np.sort(drawn)[199])
    assert high.edge == pytest.approx(np.sort(drawn)[800])
