"""Scenarios of a kilobyte to a hundred that ask for much: long chains, sums within sums, large arrays."""

from __future__ import annotations

import itertools
from collections.abc import Callable

LINE = "\n"


def names(letter: str, count: int) -> str:
    return ", ".join(f"{letter}{n}" for n in range(count))


def nested_sums(deep: int, members: int, of: str = "x", horizon: str = "1 week") -> str:
    """Sums within sums over one set; of: a stock's values, or what beliefs alone decide."""
    indexes = [f"i{n}" for n in range(deep)]
    body = " + ".join(f"{of}[{i}]" for i in indexes)
    tree = f"sqrt({body})"
    for i in reversed(indexes):
        tree = f"sum({tree} for {i} in s)"
    return f"""
horizon: {horizon}
sets:
  s: [{names("a", members)}]
beliefs:
  b[s]: {{is: 1 to 2, unit: "1", assumed: x}}
stocks:
  x[i in s]: {{unit: "1", starts: "b[i]", plus: {{g: "0.1 1/week * x[i]"}}}}
variables:
  v: {{is: "{tree}", unit: "1"}}
measures:
  m: {{of: v, title: X}}
"""


def options(count: int) -> str:
    made = LINE.join(f'      o{n}: {{value: "{n % 7} if t.a else {n % 5}"}}' for n in range(count))
    return f"""
horizon: 8 weeks
actors: {{p: {{}}}}
tracks: {{t: {{stages: {{a: {{}}, b: {{}}}}, moves: [{{from: a, to: b, rate: 1 1/year}}]}}}}
decisions:
  d:
    by: p
    every: 1 week
    before: none
    options:
{made}
measures:
  m: {{of: "1 if t.a else 0", title: M}}
questions:
  q: {{ask: Is it?, by: 2025-02-03, that: d == o1}}
"""


def moves(count: int) -> str:
    stages = LINE.join(f"      s{n}: {{}}" for n in range(count))
    made = LINE.join(f"      - {{from: a, to: s{n}, rate: {0.001 * (n + 1):.3f} 1/week}}" for n in range(count))
    back = LINE.join(f"      - {{from: s{n}, to: a, rate: 1 1/week}}" for n in range(count))
    return f"""
horizon: 8 weeks
tracks:
  t:
    stages:
      a: {{}}
{stages}
    moves:
{made}
{back}
measures:
  m: {{of: "1 if t.a else 0", title: M}}
"""


def then(count: int) -> str:
    share = f"{1 / count:.6f}"
    ways = ", ".join(f"s{n}: {share}" for n in range(count - 1))
    stages = LINE.join(f"      s{n}: {{lasts: 1 to 3 weeks, then: a}}" for n in range(count))
    return f"""
horizon: 8 weeks
tracks:
  t:
    stages:
      a: {{lasts: 1 to 3 weeks, then: {{{ways}, s{count - 1}: otherwise}}}}
{stages}
measures:
  m: {{of: "1 if t.a else 0", title: M}}
""".replace(f"s{count - 1}: otherwise", f"otherwise: s{count - 1}")


def views(count: int) -> str:
    made = LINE.join(f"  v{n}: {{credence: {1 / count:.12f}, is: [b *= 1.{n % 9 + 1}]}}" for n in range(count))
    return f"""
horizon: 8 weeks
beliefs:
  b: {{is: 1 to 2, unit: "1", assumed: x}}
views:
{made}
measures:
  m: {{of: b, title: M}}
"""


def flows(count: int) -> str:
    made = LINE.join(f"      f{n}: 0.{n % 9 + 1} 1/year * x" for n in range(count))
    return f"""
horizon: 8 weeks
stocks:
  x:
    unit: "1"
    starts: 1
    plus:
{made}
measures:
  m: {{of: "x / 1e9", title: M}}
"""


def if_chain(count: int) -> str:
    """Variables of which each reads the two before it under a condition."""
    made = ['  v0: "time / 1 year"', '  v1: "v0 if time > 1 days else v0 + 1"']
    made += [f'  v{n}: "v{n - 1} if time > {n} days else v{n - 2} + 1"' for n in range(2, count)]
    return f"""
horizon: 8 weeks
variables:
{LINE.join(made)}
measures:
  m: {{of: v{count - 1}, title: M}}
"""


def functions(variables: int, calls: int) -> str:
    """Variables that each call functions so often."""
    number = itertools.count(1)
    made = []
    for v in range(variables):
        parts = [f"exp(0.{next(number):06} * x)" for _ in range(calls)]
        while len(parts) > 1:
            parts = [f"({' + '.join(parts[n : n + 2])})" for n in range(0, len(parts), 2)]
        made.append(f'  v{v}: {{is: "{parts[0]}", unit: "1"}}')
    shown = LINE.join(f"  m{v}: {{of: v{v}, title: M}}" for v in range(variables))
    return f"""
horizon: 4 weeks
stocks: {{x: {{unit: "1", starts: 1, plus: {{g: "0.01 1/week * x"}}}}}}
variables:
{LINE.join(made)}
measures:
{shown}
"""


WIDE: dict[str, tuple[Callable[[int], str], int]] = {
    "options": (options, 200),
    "moves": (moves, 300),
    "then": (then, 300),
    "views": (views, 500),
    "flows": (flows, 1000),
    "chained ifs": (if_chain, 2000),
}
"""What makes long chains, and how long they were when they could not be compiled."""
