"""A trace leads from a result to the beliefs it is read from, and from there to evidence and sources."""

from __future__ import annotations

from pathlib import Path

import pytest

import playout
from playout.analyse.trace import Trace, trace
from playout.errors import UsageError

CHAIN = """
playout: 1
title: A chain
start: 2025-01-01
horizon: 1 year
step: 1 week
sets: {side: {north: {}, south: {}}}
beliefs:
  nerve: {is: 0.1 to 0.4, unit: probability, because: [poll], title: Nerve}
  pace: {is: 1 to 3, unit: 1/year, assumed: "nobody counted"}
  luck: {is: 0.1 to 1, unit: "1", assumed: unread by the talks}
tables: {scale: {unit: "1", values: 2, assumed: an example}}
variables:
  resolve: {is: nerve * scale, unit: "1"}
  idle: {is: luck, unit: "1"}
stocks:
  hope: {unit: "1", starts: 0.5, plus: {gained: pace * (1 - hope)}}
tracks:
  talks:
    because: [poll]
    stages: {off: {}, on: {}}
    moves: [{from: off, to: on, rate: pace * resolve * hope, because: [rumour]}]
events:
  leak: {rate: pace, does: [hope *= 0.9]}
decisions:
  answer: {by: town, when: enters(talks.on), before: wait, options: {go: {value: resolve}, wait: {value: 0}}}
measures: {hope_left: {of: hope}}
questions: {agreed: {ask: Do they talk?, by: 2025-06-30, that: reached(talks.on)}}
sources: {desk: {publisher: The desk, title: Polls, date: 2024-12-01}}
evidence:
  poll: {claim: Few dare., kind: fact, source: desk, date: 2024-12-01, reliability: B, credibility: 2}
  rumour: {claim: They met., kind: judgement, source: desk, hedge: reportedly, status: denied}
  doubt: {claim: The poll was small., kind: judgement, source: desk, contradicts: [nerve]}
"""


@pytest.fixture
def traced(tmp_path: Path) -> object:
    path = tmp_path / "chain.yaml"
    path.write_text(CHAIN, encoding="utf-8")
    checked = playout.load(path)

    def of(name: str, depth: int = 8) -> Trace:
        return trace(checked, name, depth)

    return of


def names(found: Trace) -> set[str]:
    return {link.name for link in found.links}


def test_a_question_leads_to_beliefs_evidence_and_sources(traced) -> None:  # type: ignore[no-untyped-def]
    found = traced("agreed")
    assert found.links[0].kind == "question"
    assert names(found) >= {"talks.on", "resolve", "hope", "leak", "pace", "nerve", "scale"}
    assert "luck" not in names(found), "nothing on the way reads it"
    nerve = next(link for link in found.links if link.name == "nerve")
    assert nerve.chain == ("agreed", "talks.on", "resolve", "nerve")
    assert [rest.label for rest in found.rests if rest.link.kind == "belief"] == ["pace", "nerve"]
    assert set(found.evidence) == {"poll", "rumour", "doubt"}
    assert found.against == {"nerve": ("doubt",)}


def test_depth_bounds_the_chain_and_says_what_lies_beyond(traced) -> None:  # type: ignore[no-untyped-def]
    near = traced("agreed", depth=1)
    assert names(near) == {"agreed", "talks.on"}
    assert near.beyond > 0
    assert traced("agreed", depth=8).beyond == 0
    with pytest.raises(UsageError, match="no links or more"):
        traced("agreed", depth=-1)


@pytest.mark.parametrize("name", ["answer", "answer.go", "go", "talks", "talks.on", "on", "resolve", "hope", "gained",
                                  "leak", "hope_left", "nerve", "scale"])  # fmt: skip
def test_everything_with_a_name_can_be_traced(traced, name: str) -> None:  # type: ignore[no-untyped-def]
    assert traced(name).links[0].name.endswith(name)


def test_an_unknown_name_is_told_with_the_nearest(traced) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match="there is nothing called `agreeed`") as told:
        traced("agreeed")
    assert "did you mean `agreed`?" in str(told.value)


def test_an_option_reads_the_choice_it_is_part_of(traced) -> None:  # type: ignore[no-untyped-def]
    found = traced("answer.go")
    assert [part.what for part in found.links[0].parts] == ["value of go"]
    assert {"answer", "resolve", "nerve"} <= names(found)
