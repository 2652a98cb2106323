"""The same seed gives the same bytes, in any division of the futures, and whatever else is drawn beside."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from conformance import ENGINES, MakeEngine, beliefs, scenario
from playout.compile.engine import Block
from playout.compile.lower import lower
from playout.compile.rewrite import rewrite
from playout.model.checked import CheckedScenario

TEXT = """
horizon: 30 weeks
sets:
  o: {a: {}, b: {}, spare: 2}
tables:
  link[o, o]: {values: {a: {a: 0.1, b: 0.2}, b: {a: 0.3, b: 0.4}}, otherwise: 0.05}
actors: {chief: {title: The chief}}
beliefs:
  r[o]: {is: 0.5 to 3, unit: 1/month, assumed: a test}
  noise: {is: "normal(0, 1)", unit: "1", each: step, assumed: a test}
stocks:
  x[i in o]: {unit: "1", starts: 1, plus: {up: "r[i] * sum(link[i, j] * x[j] for j in o) * exp(0.1 * noise)"}}
tracks:
  t[i in o]:
    stages:
      calm: {lasts: "gamma(2, 4 weeks)", then: {tense: 0.5, calm_too: 0.5}}
      tense: {lasts: 2 to 5 weeks, then: calm}
      calm_too: {lasts: 1 week, then: tense}
    moves: [{from: calm, to: tense, rate: "r[i]"}]
decisions:
  target: {by: chief, every: 3 weeks, choose: o, value: "log(x[o])"}
events:
  blow: {rate: 1 1/month, does: ["x[target] *= 0.7"]}
  split[i in o]: {rate: 0.1 1/month, does: ["splinter(from i, 0.4)"]}
measures:
  x[i in o]: {}
  up: {of: sum(up), per: month}
views:
  high: {credence: 0.4, is: [r *= 2]}
  low: {credence: 0.6, is: []}
"""


def played(
    checked: CheckedScenario, make: MakeEngine, cuts: list[int], seed: int = 5, policy: str | None = None
) -> dict[str, NDArray[np.float64]]:
    """Futures cuts[0] to cuts[-1], played in the blocks that the cuts make; outcomes joined up."""
    program = rewrite(lower(checked, policy))
    engine = make(program)
    blocks: list[Block] = []
    for first, after in itertools.pairwise(cuts):
        rows = beliefs(checked, policy, program.columns, range(first, after), seed)
        blocks.append(engine.play(first, after - first, rows, seed, keep=after - first))
    one = blocks[0]
    joined = {f"record {name}": np.concatenate([b.records[name] for b in blocks], axis=-1) for name in one.records}
    joined |= {f"total {name}": np.concatenate([b.totals[name] for b in blocks], axis=-1) for name in one.totals}
    joined |= {f"path {name}": np.concatenate([b.paths[name] for b in blocks], axis=0) for name in one.paths}
    joined |= {f"tally {name}": np.sum([b.tallies[name] for b in blocks], axis=0) for name in one.tallies}
    joined["status"] = np.concatenate([b.status for b in blocks])
    joined["stopped"] = np.concatenate([b.stopped for b in blocks], axis=-1)
    return joined


def assert_same_bytes(a: dict[str, NDArray[np.float64]], b: dict[str, NDArray[np.float64]]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        assert a[name].tobytes() == b[name].tobytes(), name


@pytest.mark.parametrize("make", ENGINES)
def test_same_seed_same_bytes(make: MakeEngine) -> None:
    checked = scenario(TEXT)
    one, two = (played(checked, make, [0, 200]) for _ in range(2))
    assert_same_bytes(one, two)
    other = played(checked, make, [0, 200], seed=6)
    assert not np.array_equal(one["record events blow"], other["record events blow"])


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("cuts", [[100, 101, 103, 400], [100, 250, 400]])
def test_chunks_do_not_change_a_byte(make: MakeEngine, cuts: list[int]) -> None:
    checked = scenario(TEXT)
    assert_same_bytes(played(checked, make, [100, 400]), played(checked, make, cuts))


@pytest.mark.parametrize("make", ENGINES)
def test_large_future_numbers_and_seeds(make: MakeEngine) -> None:
    checked = scenario(TEXT)
    first = 2**32 - 50
    assert_same_bytes(
        played(checked, make, [first, first + 20], seed=2**63 + 11),
        played(checked, make, [first, first + 7, first + 20], seed=2**63 + 11),
    )


@pytest.mark.parametrize("make", ENGINES)
def test_another_belief_or_event_leaves_all_other_chance_as_it_was(make: MakeEngine) -> None:
    before = played(scenario(TEXT), make, [0, 60])
    more = TEXT.replace("beliefs:\n", '  \nbeliefs:\n  another: {is: 1 to 2, unit: "1", assumed: a test}\n').replace(
        "events:\n", "events:\n  another_one: {rate: 5 1/month}\n"
    )
    after = played(scenario(more), make, [0, 60])
    for name, values in before.items():
        if name != "status":
            np.testing.assert_array_equal(values, after[name], name)


@pytest.mark.parametrize("make", ENGINES)
def test_a_policy_shares_all_chance_until_it_acts(make: MakeEngine) -> None:
    text = TEXT + 'policies:\n  late: ["r[a] *= 3 from 2025-06-02"]\n'
    checked = scenario(text)
    as_is, late = played(checked, make, [0, 60]), played(checked, make, [0, 60], policy="late")
    acts = 21  # weeks from 2025-01-06 to 2025-06-02
    np.testing.assert_array_equal(as_is["path x"][:, : acts + 1], late["path x"][:, : acts + 1])
    assert not np.array_equal(as_is["path x"][:, acts + 1], late["path x"][:, acts + 1])


@pytest.mark.parametrize("make", ENGINES)
def test_rewriting_changes_no_outcome(make: MakeEngine) -> None:
    checked = scenario(TEXT)
    plain = lower(checked)
    rows = beliefs(checked, None, plain.columns, range(40), 9)
    one = make(plain).play(0, 40, rows, 9, keep=40)
    two = make(rewrite(plain)).play(0, 40, rows, 9, keep=40)
    for item in dataclasses.fields(Block):
        a, b = getattr(one, item.name), getattr(two, item.name)
        if isinstance(a, dict):
            for name in a:
                np.testing.assert_array_equal(a[name], b[name], name)
        else:
            np.testing.assert_array_equal(a, b)
