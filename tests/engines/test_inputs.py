"""Tables, beliefs, laws drawn in every step, policies and views: engine against interpreter."""

from __future__ import annotations

import pytest

from conformance import ENGINES, MakeEngine, agree, scenario
from playout.simulate.policy import join_policies
from playout.simulate.run import play

LAWS = [
    "normal(1, 0.5)",
    "lognormal(2, 0.5)",
    "uniform(-1, 3)",
    "triangular(0, 1, 4)",
    "beta(2, 5)",
    "gamma(2, 1.5)",
    "exponential(3)",
    "poisson(2.5)",
    "poisson(150)",
    "poisson(1e4)",
    "beta(0.01, 0.01)",  # too crooked for a table
    "mixture(0.5: beta(0.5, 3), 0.5: gamma(0.4, 2))",
    "bernoulli(0.3)",
    "categorical(0.2: 1, 0.5: -2, 0.3: 7)",
    "mixture(0.3: normal(-2, 1), 0.7: gamma(2, 2))",
    "0.5 to 4",
    "-1 to 4",
    "0.5 to 4, likely 1",
    "-1 to 4, likely 0.5",
    "3",
]


@pytest.mark.parametrize("make", ENGINES)
def test_beliefs_of_every_law(make: MakeEngine) -> None:
    beliefs = "\n".join(f'  b{n}: {{is: "{law}", unit: "1", assumed: a test}}' for n, law in enumerate(LAWS))
    measures = "\n".join(f"  m{n}: {{of: b{n} + s}}" for n in range(len(LAWS)))
    checked = scenario(
        f"""
beliefs:
  chance: {{is: unlikely, unit: probability, assumed: a test}}
  share: {{is: "0.2 to 0.6, likely 0.3", unit: probability, assumed: a test}}
{beliefs}
stocks:
  s: {{unit: "1", starts: chance, plus: {{up: share * 1 1/week}}}}
measures:
{measures}
"""
    )
    agree(checked, make, futures=24)


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("half", [0, 1])
def test_laws_drawn_in_every_step(make: MakeEngine, half: int) -> None:
    laws = [law for n, law in enumerate(LAWS) if n % 2 == half]
    beliefs = "\n".join(
        f'  b{n}: {{is: "{law}", unit: "1", each: step, assumed: a test}}' for n, law in enumerate(laws)
    )
    measures = "\n".join(f"  m{n}: {{of: b{n} + total(b{n}) / 1 week}}" for n in range(len(laws)))
    agree(scenario(f"beliefs:\n{beliefs}\nmeasures:\n{measures}\n"), make, futures=16)


INDEXED = """
sets:
  o: {a: {}, b: {}, c: {}}
  p: {x: {}, y: {}}
tables:
  t[o, p]: {values: {a: {x: 1, y: 2}, b: {x: 3, y: 4}, c: {x: 5, y: 6}}}
  k: {values: 3, unit: 1/month}
beliefs:
  apart[o]: {is: 1 to 3, unit: "1", assumed: a test}
  shared[o]: {is: 1 to 3, unit: "1", assumed: a test, shared: true}
  some[o]:
    a: {is: "normal(5, 1)", unit: 1/month, assumed: a test}
    otherwise: {is: 1 to 2, unit: 1/month, assumed: a test}
  noise[o]: {is: "normal(0, 1)", unit: "1", each: step, assumed: a test}
  wave[o]: {is: "normal(0, 1)", unit: "1", each: step, shared: true, assumed: a test}
  mixed[o]:
    each: step
    assumed: a test
    b: {is: "uniform(5, 6)", unit: "1"}
    otherwise: {is: "normal(0, 1)", unit: "1"}
  grid[o, p]: {is: "uniform(0, 1)", unit: "1", assumed: a test}
  rate: {is: 0.5 to 1, unit: 1/month, assumed: a test}
stocks:
  s[i in o]:
    unit: "1"
    starts: "apart[i] * t[i, x]"
    plus: {up: "rate * shared[i] + k * t[i, y] + some[i] * grid[i, y]"}
variables:
  doubled: {is: 2 * rate, unit: 1/month}
measures:
  s[i in o]: {}
  noise[i in o]: {of: "noise[i] + wave[i]"}
  mixed[i in o]: {of: "mixed[i]"}
  grid[i in o, j in p]: {of: "grid[i, j] * t[i, j]"}
  up: {of: sum(up), per: month}
  doubled: {}
policies:
  more: [rate *= 2 from 2025-02-01 until 2025-03-01, rate += 0.1 1/month from 2025-03-01]
  less:
    is:
      - apart[b] *= 0.5
      - shared = 1
      - some[c] = 3 1/month from 2025-03-03
      - t[a, y] += 10 from 2025-02-10
      - k *= 0.5
  noisy: ["noise *= 3 from 2025-02-10", "noise[c] += 100 until 2025-02-10", wave = 0]
  other_law: ["apart[a] = 10 to 20", "rate = gamma(2, 0.5)", "grid = uniform(5, 6)"]
views:
  one: {credence: 0.3, is: [rate *= 3, "some[a] += 1 1/month", "forget *= 2"]}
  two: {credence: 0.3, is: [spreads *= 2]}
  three: {credence: 0.4, is: ["rate = 5 to 6", "grid[b, x] = 7", "t *= 2 from 2025-04-01"]}
""".replace(', "forget *= 2"', "")


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("policy", [None, "more", "less", "noisy", "other_law"])
def test_indexes_policies_and_views(make: MakeEngine, policy: str | None) -> None:
    agree(scenario(INDEXED), make, policy=policy, futures=24)


@pytest.mark.parametrize("make", ENGINES)
def test_a_start_that_a_policy_changes(make: MakeEngine) -> None:
    """What a stock starts with, and how long the first stay lasts, follow the edits that hold at the start."""
    checked = scenario(
        """
        beliefs:
          b: {is: 1 to 2, unit: "1", assumed: a test}
        tables:
          k: {values: 3}
        variables:
          product: b * k
        stocks:
          s: {unit: "1", starts: product + k}
          r: {unit: "1", starts: product, plus: {up: product * 1 1/week}}
        tracks:
          t:
            stages: {one: {lasts: exponential(product * 1 week), then: two}, two: {}}
        measures:
          s: {}
          r: {}
        policies:
          now: [b *= 2, k += 1]
          from_the_start: [b *= 2 until 2025-02-01]
          later: [k = 5 from 2025-02-01]
        """
    )
    for policy in (None, "now", "from_the_start", "later"):
        agree(checked, make, policy=policy, futures=8)


@pytest.mark.parametrize("make", ENGINES)
def test_a_first_stay_whose_scale_reads_the_state(make: MakeEngine) -> None:
    checked = scenario(
        """
        beliefs:
          b: {is: 1 to 2, unit: "1", assumed: a test}
        stocks:
          s: {unit: "1", starts: b, plus: {up: 0.1 1/week}}
        variables:
          wait: {is: "s * 1 week * (2 if other.one else 1)", unit: day}
        tracks:
          t:
            stages: {one: {lasts: exponential(wait), then: two}, two: {lasts: exponential(2 * wait), then: one}}
          other:
            stages: {one: {lasts: 1 to 6 weeks, then: two}, two: {lasts: 3 weeks, then: one}}
        measures:
          s: {}
        """
    )
    agree(checked, make, futures=16)


PROBABILITIES = """
sets:
  o: {a: {}, b: {}, spare: 1}
tables:
  caught[o]: {values: {a: 0.3, b: 0.5}, otherwise: 0.9, unit: probability, assumed: a test}
beliefs:
  drawn: {is: 0.2 to 0.9, unit: probability, assumed: a test}
  each_of[o]: {is: "uniform(0, 0.8)", unit: probability, assumed: a test}
  noise: {is: "uniform(0, 0.9)", unit: probability, each: step, assumed: a test}
stocks:
  s[i in o]: {unit: "1", starts: "drawn", plus: {up: "each_of[i] * caught[i] * noise / 1 week"}}
measures:
  s[i in o]: {}
policies:
  constant: [drawn *= 1.4]
  windowed: ["drawn *= 1.6 from 2025-02-03 until 2025-03-03", "drawn += 0.3 from 2025-03-03"]
  below: [drawn += -0.4]
  by_member: ["each_of[b] *= 1.5 from 2025-03-01"]
  in_a_step: [noise *= 1.2]
  of_a_table: ["caught[b] *= 1.5 from 2025-02-01"]
  back_again: [drawn *= 0.4]
  law: ["drawn = 0.1 to 0.2"]
  in_reach: [drawn *= 0.9, noise *= 0, each_of = 1]
views:
  far: {credence: 0.3, is: [drawn *= 2]}
  near: {credence: 0.3, is: ["caught[b] += 0.2 until 2025-03-01"]}
  wide: {credence: 0.4, is: [spreads *= 2]}
"""


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize(
    "policy",
    [
        None, "constant", "windowed", "below", "by_member", "in_a_step", "of_a_table", "back_again", "law", "in_reach",
        "law+of_a_table",
    ],
)  # fmt: skip
def test_probabilities_carried_out_of_0_to_1_stop_the_future(make: MakeEngine, policy: str | None) -> None:
    checked = scenario(PROBABILITIES)
    if policy is not None:
        checked, policy = join_policies(checked, [policy])
    games = agree(checked, make, policy=policy, futures=48)
    some_stop = policy not in ("back_again", "law")
    assert any(game.stopped for game in games) == some_stop
    assert not all(game.stopped for game in games) or policy == "in_a_step"


@pytest.mark.parametrize("factor", [1.0 + 1e-9, 1.0 - 1e-9, 3.0 / 3.0000000001, 2.0])
@pytest.mark.parametrize("engine", [("numpy", "double"), ("native", "double"), ("native", "single")])
def test_rounding_carries_no_probability_out(factor: float, engine: tuple[str, str]) -> None:
    """A value that comes to 1 exactly, or as near as rounding lets it, stays a probability."""
    value = 1.0 / max(factor, 1.0)
    checked = scenario(
        f"""
beliefs: {{p: {{is: {value!r}, unit: probability, assumed: a test}}}}
measures: {{p: {{}}}}
policies: {{more: ["p *= {factor!r}"]}}
"""
    )
    runs = play(checked, futures=64, seed=1, policy="more", engine=engine[0], precision=engine[1])
    assert not checked.warnings
    assert not runs.stopped
