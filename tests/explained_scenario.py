"""A scenario whose shares of variance are known: a sum of independent normals, a product, and chance.

reading = a + 2 b + lift + gift + walk: variances 1 of a, 4 of b, 1 of lift (0 or 2, evenly, by view), 3 of chance.
spoiled = p q, both uniform on (−1, 1): nothing alone, all of it together. pair = the sum of two members, uniform.
served  = push · a where the policy pushes, else 0: what is best depends on a.
"""

from __future__ import annotations

from pathlib import Path

import playout
from playout.model.checked import CheckedScenario

SCENARIO = """
playout: 1
title: Known shares
start: 2025-01-01
horizon: 12 weeks
step: 1 week
baseline: no_gift
sets: {side: {north: {title: The north}, south: {title: The south}}}
beliefs:
  a: {is: "normal(0, 1)", unit: "1", title: The first, assumed: nobody knows}
  b: {is: "normal(0, 2)", unit: "1", because: [seen]}
  p: {is: "uniform(-1, 1)", unit: "1", because: [thought]}
  q: {is: "uniform(-1, 1)", unit: 1/year, title: Pace}
  part[side]:
    north: {is: "uniform(0, 1)", unit: "1", assumed: an example}
    south: {is: "uniform(0, 2)", unit: "1", because: [seen]}
  lift: {is: 0, unit: "1", because: [seen]}
  jolt: {is: "normal(0, 1)", unit: "1", each: step, assumed: chance}
  gift: {is: 3, unit: "1", assumed: an example}
  push: {is: 0, unit: "1", assumed: an example}
stocks:
  walk: {unit: "1", starts: 0, plus: {jolted: jolt * 0.5 / (1 week)}}
variables:
  reading: {is: a + b + lift + walk + gift, unit: "1"}
  spoiled: {is: p * q * (1 year), unit: "1"}
  pair: {is: sum(part), unit: "1"}
  served: {is: push * (a - 0.5) + 0.1 * walk, unit: "1"}
  still: {is: gift, unit: "1"}
measures:
  reading: {title: The reading}
  spoiled: {}
  pair: {}
  served: {title: What is served}
  still: {}
  parts[s in side]: {of: "part[s]"}
questions:
  high: {ask: Is it high?, by: 2025-03-01, that: reading > 3}
  higher: {ask: Is it higher still?, by: 2025-03-01, that: reading > 4, given: reading > 3}
policies: {no_gift: [gift = 0], pushed: [push = 1], settled: [a = 0], pulled: [push = -1]}
views:
  low: {credence: 0.5, is: [lift = 0], because: [seen], title: It is low}
  high_view: {credence: 0.5, is: [lift = 2], because: [seen], title: It is high}
groups:
  both: {title: A and the view, beliefs: [a], views: true}
sources: {desk: {title: The desk, date: 2024-12-01}}
evidence:
  seen: {claim: It was seen., kind: fact, source: desk}
  thought: {claim: It was thought., kind: judgement, source: desk}
"""


def written(folder: Path) -> Path:
    """The scenario as a file in a folder."""
    path = folder / "known.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def known(folder: Path) -> CheckedScenario:
    """The scenario, checked."""
    return playout.load(written(folder))
