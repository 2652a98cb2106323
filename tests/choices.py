"""A scenario in which every difference has a closed form, and policies that it can be played under."""

from __future__ import annotations

#: harm = 20 + a + use · c + extra, with a from N(0, 3) and c from N(1, 1) in one view and N(−3, 1) in the other.
CHOICES = """
playout: 1
title: Three ways to act
start: 2025-01-01
horizon: 4 weeks
step: 1 week
baseline: nothing
beliefs:
  a: {is: "normal(0, 3)", unit: "1", assumed: nobody knows}
  c: {is: "normal(1, 1)", unit: "1", assumed: nobody knows}
  use: {is: 0, unit: "1", assumed: a switch}
  extra: {is: 0, unit: "1", assumed: a switch}
variables:
  harm: {is: 20 + a + use * c + extra, unit: "1"}
  cost: {is: 5 * use, unit: "1"}
measures:
  harm: {title: Harm, people: true}
  cost: {title: Cost}
questions:
  bad: {ask: Is it bad?, by: 2025-01-22, that: harm > 20}
  worse: {ask: Is it worse?, by: 2025-01-22, that: harm > 22, given: harm > 20}
policies:
  nothing: {title: Do nothing, is: [use = 0]}
  once: {title: Do it once, is: [use = 1]}
  twice: {title: Do it twice, is: [use = 2]}
  spoil: {title: Spoil it, is: [extra = 1]}
  without_chance: {title: No chance, switch: true, is: [a = 0]}
views:
  hurts: {title: It hurts, credence: 0.5, is: [c *= 1], assumed: a guess}
  helps: {title: It helps, credence: 0.5, is: [c += -4], assumed: a guess}
"""
