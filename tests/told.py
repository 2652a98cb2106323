"""A small scenario in which everything that can be told happens, for tests of replays and of narratives."""

from __future__ import annotations

from conformance import scenario
from playout.model.checked import CheckedScenario

TEXT = """
title: Two shores
horizon: 60 weeks
baseline: calm
sets:
  side: {north: {title: Northern Coast Party}, south: {title: The southern league}, spare: 2}
  port: {east: {title: "Harbour, east side"}, west: {title: West pier}}
actors: {chief: {title: President of the coast}, leaders: {title: Leaders}}
beliefs:
  heat[side]: {is: 0.5 to 3, unit: 1/month, assumed: a test}
  weight: {is: 0.5 to 2, unit: "1", assumed: a test}
  noise: {is: "normal(0, 1)", unit: "1", each: step, assumed: a test}
stocks:
  anger[s in side]: {unit: "1", starts: 1, within: [0, 40], plus: {up: "0.05 * heat[s] * exp(0.1 * noise)"}}
  dead: {unit: person, starts: 0, plus: {dying: "sum(anger) * 1 person/week if dispute.war else 0 person/week"}}
tracks:
  dispute:
    title: The dispute
    stages:
      calm: {title: "Step 1: calm", lasts: 2 to 12 weeks, then: {war: 0.7, otherwise: over}}
      war: {title: "Step 2: war", lasts: 1 to 9 weeks, then: {calm: 0.5, over: 0.5}}
      over: {title: Over}
    moves: [{from: over, to: calm, rate: 1 1/month}]
  mood[s in side]:
    stages:
      quiet: {title: Quiet}
      loud: {title: Loud, lasts: 3 weeks, then: quiet}
    moves: [{from: quiet, to: loud, rate: "heat[s]", when: dispute.war}]
decisions:
  answer:
    title: Answer to war
    by: chief
    when: enters(dispute.war)
    every: 1 week
    rationality: weight
    options: {talk: {title: Talk first, value: 0.4}, fight: {value: 0.5}, wait: {value: 0, when: "anger[north] < 1.4"}}
  where: {by: chief, every: 9 weeks, choose: port, value: "1 if port == east else 0.5"}
  tone[s in side]:
    by: leaders
    when: enters(mood[s].loud)
    every: 2 weeks
    options: {soft: {value: 1}, hard: {value: 1}}
events:
  clash: {title: A clash, rate: "3 1/month if dispute.war else 0 1/month"}
  rally[s in side]: {title: A rally, rate: "0.4 1/month"}
  breakup[s in side]: {title: A side breaks up, rate: "0.05 1/month", does: ["splinter(from s, 0.4)"]}
  ends: {title: The fighting ends, when: enters(dispute.over)}
measures:
  killed: {of: dying, per: year, title: People killed, people: true}
  temper: {of: max(anger), title: "Highest anger, of any side"}
questions:
  war_soon: {ask: Is there war by March 2025?, by: 2025-03-31, that: reached(dispute.war)}
policies:
  calm: {title: A calm policy, is: [answer = talk]}
  no_fight: [forbid answer.fight]
views:
  hot: {title: It boils over, credence: 0.4, is: [heat *= 2]}
  cold: {title: It cools down, credence: 0.6, is: []}
"""


def two_shores(more: str = "") -> CheckedScenario:
    """The scenario; more: lines that take the place of those that begin like them."""
    lines = TEXT.splitlines()
    for line in more.splitlines():
        lines = [line if own.split(":")[0] == line.split(":")[0] else own for own in lines]
    return scenario("\n".join(lines))
