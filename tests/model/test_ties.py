from __future__ import annotations

from pathlib import Path

import playout
from playout.model.ties import ties_of

SCENARIO = """\
playout: 1
title: Ties
start: 2025-01-06
horizon: 1 year
step: 1 week
actors: {city: {title: The city}}
sets: {group: {north: {}, south: {}, east: {}, spare: 1}}
tables:
  trust[group]: {unit: "1", values: {north: 0.4, south: 0.2}, otherwise: 0, assumed: a test}
  feud[group, group]:
    unit: "1"
    assumed: a test
    values: {north: {south: 3, east: 1}, south: {north: 2}}
    otherwise: 1
ties:
  trust: {between: [city, group], strength: trust, above: 0.3}
  feud: {between: [group, group], strength: feud, above: 1}
measures: {x: {of: sum(trust)}}
"""


def test_each_two_are_tied_once_and_weak_ties_and_spares_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    checked = playout.load(path)
    assert not any("feud" in warning.message for warning in checked.warnings), "ties read a table"
    found = [(t.kind, t.first.name, t.second.name, t.strength, t.back) for t in ties_of(checked.scenario)]
    assert found == [("trust", "city", "north", 0.4, None), ("feud", "north", "south", 3.0, 2.0)]
