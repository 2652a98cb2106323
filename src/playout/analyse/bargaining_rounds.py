"""Rounds of a group decision, in many futures where its table has ranges.

    Bargainers ──draw──▶ Actors ──pairs, moved, round by round──▶ Bargaining: forecasts with their standard errors

The model itself, with its sources and what is uncertain in it, stands in `analyse/group_bargaining.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import QUANTILES, Bools, Numbers
from playout.analyse.group_bargaining import (
    OFFERS,
    QUADRANTS,
    READINGS,
    Actors,
    Offers,
    Pairs,
    Quadrant,
    Reading,
    median,
    moved,
    pairs,
    weighted_mean,
)
from playout.compile.draws import open_uniform, stream_key, words
from playout.errors import UsageError
from playout.model.bargaining import Bargainer

ROUNDS = 20
FUTURES = 2000
"""Futures that are played where a table has ranges."""
STILL = 1e-4
"""Nobody moves: by less than this share of the range of first positions."""
MOST_ROUNDS, MOST_FUTURES = 1000, 1_000_000
AT_ONCE = 2_000_000
"""Votes that are counted together."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A position over futures: its mean with its Monte Carlo standard error (0 where nothing is drawn), standard
    deviation and quantiles at QUANTILES."""

    mean: float
    se: float
    sd: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What stands after a round, round 0 being the start. settled: the share of futures in which nobody moves any more.
    positions: of each actor."""

    median: Forecast
    mean: Forecast
    positions: tuple[Forecast, ...]
    settled: float


@dataclass(frozen=True, slots=True)
class Dyad:
    """How two actors stand at the start: the mean probability that the first prevails, what each expects of challenging
    the other, and the share of futures in which they stand in each quadrant, in the eyes of the first."""

    first: str
    second: str
    probability: Forecast
    gain: Forecast
    threat: Forecast
    quadrants: dict[Quadrant, float]

    @property
    def quadrant(self) -> Quadrant:
        """The most frequent one."""
        return max(QUADRANTS, key=lambda name: self.quadrants[name])


@dataclass(frozen=True, slots=True)
class Bargaining:
    """Where a group ends. rounds: from the start on, as many as were played; risk: each actor's exponent at the start.
    drawn: whether the table has ranges, so that futures differ. medians: at the end, by future."""

    actors: tuple[Bargainer, ...]
    reading: Reading
    offers: Offers
    futures: int
    seed: int
    drawn: bool
    rounds: tuple[Round, ...]
    risk: tuple[Forecast, ...]
    dyads: tuple[Dyad, ...]

    @property
    def forecast(self) -> Forecast:
        """The group's decision: the median at the end."""
        return self.rounds[-1].median

    @property
    def settled(self) -> float:
        """The share of futures in which nobody moves any more."""
        return self.rounds[-1].settled


def bargain(
    table: Sequence[Bargainer],
    *,
    rounds: int = ROUNDS,
    futures: int | None = None,
    seed: int = 1,
    reading: Reading = "printed",
    offers: Offers = "least",
) -> Bargaining:
    """Play a group decision: once where all is known, else in many futures.

    rounds: at most; they end earlier where nobody moves any more. futures: 2,000 by default where the table has ranges.
    An actor's numbers are drawn under its own name, so that another actor leaves them as they were. Refuses, with a
    UsageError, numbers and readings out of range.
    """
    check_request(rounds, futures, seed, reading, offers)
    drawn = not all(own.is_known for own in table)
    many = (FUTURES if futures is None else futures) if drawn else 1
    start = draw(table, many, seed)
    chunk = max(1, AT_ONCE // len(table) ** 3)
    ways, still, first = [], [], []
    for begin in range(0, many, chunk):
        part = start.among(slice(begin, begin + chunk))
        first.append(pairs(part, reading))
        way, settled = _play(part, rounds, reading, offers)
        ways.append(way)
        still.append(settled)
    length = max(len(way) for way in ways)
    whole = np.concatenate([_as_long(way, length) for way in ways], axis=1)
    at_rest = np.concatenate([_as_long(settled, length) for settled in still], axis=1)
    return Bargaining(
        actors=tuple(table),
        reading=reading,
        offers=offers,
        futures=many,
        seed=seed,
        drawn=drawn,
        rounds=tuple(_round(start.at(position), rest) for position, rest in zip(whole, at_rest, strict=True)),
        risk=tuple(_forecasts(np.concatenate([own.risk for own in first]))),
        dyads=tuple(_dyads(table, start, first)),
    )


def check_request(rounds: int, futures: int | None, seed: int, reading: str, offers: str) -> tuple[Reading, Offers]:
    """The reading and the rule for offers by their names. Refuses, with a UsageError, what `bargain` refuses."""
    if not 1 <= rounds <= MOST_ROUNDS:
        raise UsageError(f"rounds is a number from 1 to {MOST_ROUNDS:,}; got {rounds:,}")
    if futures is not None and not 1 <= futures <= MOST_FUTURES:
        raise UsageError(f"futures is a number from 1 to {MOST_FUTURES:,}; got {futures:,}")
    if not 0 <= seed < 2**64:
        raise UsageError(f"a seed is a whole number from 0 to 2**64 - 1; got {seed}")
    way = next((own for own in READINGS if own == reading), None)
    if way is None:
        raise UsageError(f"there is no reading `{reading}`; there are {' and '.join(READINGS)}")
    taken = next((own for own in OFFERS if own == offers), None)
    if taken is None:
        raise UsageError(f"there are no offers `{offers}`; the one taken is the {' or the '.join(OFFERS)}")
    if way == "computed" and taken != "least":
        raise UsageError("the reading `computed` has its own rule for offers: leave `offers` out")
    return way, taken


def draw(table: Sequence[Bargainer], futures: int, seed: int) -> Actors:
    """The numbers of each future's actors."""
    columns = {}
    for what in ("capability", "position", "salience"):
        laws = [getattr(own, what) for own in table]
        streams = [stream_key(f"bargain {what} {own.name}") for own in table]
        uniforms = open_uniform(words(seed, streams, np.arange(futures), [0] * len(table)))
        columns[what] = np.array([law.drawn(u) for law, u in zip(laws, uniforms, strict=True)]).T
    span = np.ptp(columns["position"], axis=1)
    return Actors(columns["capability"], columns["position"], columns["salience"], np.where(span > 0.0, span, 1.0))


def _play(actors: Actors, rounds: int, reading: Reading, offers: Offers) -> tuple[Numbers, Bools]:
    """Positions after each round, [rounds + 1, futures, actors], and in which futures nobody moves any more, [rounds +
    1, futures]; as many rounds as the last to settle wants."""
    way, rest = [actors.position], [np.zeros(len(actors.position), bool)]
    for _ in range(rounds):
        going = ~rest[-1]
        here = actors.at(way[-1]).among(going)
        after = moved(here, pairs(here, reading), reading, offers)
        position, settled = way[-1].copy(), rest[-1].copy()
        settled[going] = np.abs(after - here.position).max(axis=1) < STILL * here.span
        position[going] = after
        way.append(position)
        rest.append(settled)
        if settled.all():
            break
    return np.array(way), np.array(rest)


def _as_long(rows: Numbers | Bools, length: int) -> NDArray[Any]:
    """The rows, the last of them again until they are so many."""
    return np.concatenate([rows, np.repeat(rows[-1:], length - len(rows), axis=0)])


def _round(actors: Actors, rest: Bools) -> Round:
    return Round(
        median=_forecast(median(actors)),
        mean=_forecast(weighted_mean(actors)),
        positions=tuple(_forecasts(actors.position)),
        settled=float(rest.mean()),
    )


def _forecasts(columns: Numbers) -> Iterator[Forecast]:
    for column in columns.T:
        yield _forecast(column)


def _forecast(values: Numbers) -> Forecast:
    n = values.size
    sd = float(values.std(ddof=1)) if n > 1 else 0.0
    quantiles = tuple(np.quantile(values, QUANTILES).tolist())
    return Forecast(float(values.mean()), sd / n**0.5, sd, quantiles)


def _dyads(table: Sequence[Bargainer], start: Actors, parts: Sequence[Pairs]) -> Iterator[Dyad]:
    begin = 0
    quadrants = []
    for part in parts:
        end = begin + len(part.gain)
        quadrants.append(part.quadrants(start.position[begin:end]))
        begin = end
    standing = np.concatenate(quadrants)
    for i, first in enumerate(table):
        for j, second in enumerate(table[i + 1 :], start=i + 1):
            probability, gain, threat = (
                _forecast(np.concatenate([getattr(part, what)[:, i, j] for part in parts]))
                for what in ("probability", "gain", "threat")
            )
            shares = np.bincount(standing[:, i, j], minlength=len(QUADRANTS)) / len(standing)
            quadrant = dict(zip(QUADRANTS, shares.tolist(), strict=True))
            yield Dyad(first.name, second.name, probability, gain, threat, quadrant)
