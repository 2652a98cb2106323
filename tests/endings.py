"""A small scenario whose bad endings are known: where they lie, and how often they come about."""

from __future__ import annotations

SCENARIO = """
playout: 1
title: A test of endings
start: 2025-01-06
horizon: 10 weeks
step: 1 week
baseline: calm
sets:
  side: {north: {title: North}, south: {title: South}}
beliefs:
  heat: {is: "uniform(0, 1)", unit: "1", title: Heat of the summer, assumed: a test}
  consent: {is: "uniform(0, 1)", unit: probability, title: Consent, assumed: a test}
  guards: {is: "categorical(0.25: 0, 0.25: 1, 0.25: 2, 0.25: 3)", unit: "1", assumed: a test}
  known: {is: 4, unit: "1", assumed: a test}
  idle: {is: "uniform(0, 1)", unit: "1", assumed: a test}
  mood[side]: {is: "uniform(0, 1)", shared: true, unit: "1", assumed: a test}
variables:
  violence: {is: "1000 person if heat > 0.7 and consent < 0.5 else 10 person", unit: person}
  harm[s in side]: {is: "mood[s] * (1 + 0 * idle) * known", unit: "1"}
  guarded: {is: "guards", unit: "1"}
  all_of_it: {is: "heat + consent + guards + idle", unit: "1"}
tracks:
  camp:
    stages:
      waiting: {title: Waiting}
      fighting: {title: Fighting}
    moves:
      - {from: waiting, to: fighting, rate: "10 1/week", when: "heat > 0.6"}
measures:
  violence: {unit: person, title: Violence}
  harm[s in side]: {of: "harm[s]", unit: "1"}
  guarded: {unit: "1"}
  all_of_it: {unit: "1"}
questions:
  is_hot: {ask: Is it hot?, by: 2025-03-01, that: heat > 0.5}
  is_hot_where_agreed: {ask: Is it hot?, by: 2025-03-01, that: heat > 0.5, given: consent > 0.5}
policies:
  calm: {title: Calm, is: [heat *= 0.5]}
views:
  plain: {title: Plain, credence: 0.5}
  wild: {title: Wild, credence: 0.5, is: [idle *= 2]}
"""
