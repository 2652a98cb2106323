"""How the games of a scenario stand at one moment: their numbers over futures, and what they come to.

CheckedScenario, date ──find_games──▶ GameFinding, one for each game and member
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playout.analyse.estimate import Numbers
from playout.analyse.games import Solution, solve
from playout.errors import UsageError, unknown
from playout.model.checked import CheckedScenario
from playout.model.expression import Binder, Expression
from playout.model.scenario import Game
from playout.simulate.moment import numbers_at
from playout.simulate.result import labelled


@dataclass(frozen=True, slots=True)
class EndFinding:
    """One end: what it is worth to each player and how likely it is, at the medians; and how likely it is on average
    over futures, each solved at its own numbers, with the standard error."""

    name: str
    title: str
    worth: Mapping[str, float]
    odds: float
    mean: float
    se: float


@dataclass(frozen=True, slots=True)
class GameFinding:
    """A game at one moment. label: the game's name, with its member. rationality: by player, at the median.
    solution: at the medians of all its numbers. futures: over how many the ends' means go."""

    label: str
    game: Game
    rationality: Mapping[str, float]
    solution: Solution
    ends: tuple[EndFinding, ...]
    futures: int


def find_games(
    checked: CheckedScenario,
    names: Sequence[str] = (),
    *,
    at: dt.date | None = None,
    futures: int = 200,
    seed: int = 1,
    policy: str | None = None,
    view: str | None = None,
) -> tuple[GameFinding, ...]:
    """The games of a scenario, all or those named, as they would be played on a date, the start by default.

    Their numbers are those of the last step dated on or before ``at``, whether the game falls due there or not.
    Refuses, with a UsageError, unknown games, dates outside the run, and games of which no equilibrium is found.
    """
    scenario = checked.scenario
    for name in names:
        if name not in scenario.games:
            raise UsageError(unknown("game", name, list(scenario.games)))
    date = at or scenario.start
    if not scenario.start <= date <= checked.end:
        raise UsageError(f"{date} lies outside of the run, which goes from {scenario.start} to {checked.end}")
    step = (date - scenario.start).days // scenario.step_days
    games = [game for game in scenario.games.values() if not names or game.name in names]
    equations: dict[str, tuple[tuple[Binder, ...], Expression]] = {}
    for game in games:
        equations.update((name, (game.binders, tree)) for name, tree in _numbers(game))
    values = numbers_at(checked, equations, step=step, futures=futures, seed=seed, policy=policy, view=view)
    found = []
    for game in games:
        for member in itertools.product(*(enumerate(scenario.sets[name].members) for name in game.sets)):
            if any(one.spare for _, one in member):
                continue
            place = tuple(position for position, _ in member)
            own = {name: values[name][place] for name, _ in _numbers(game)}
            found.append(_finding(game, labelled(game.name, tuple(one.name for _, one in member)), own))
    return tuple(found)


def _numbers(game: Game) -> Iterator[tuple[str, Expression]]:
    """The equations a game is solved by, each under a name of its own."""
    for player, _, tree in game.rationality:
        yield f"{game.name} rationality {player}", tree
    for end in game.ends:
        yield from ((f"{game.name} {end.name} {payoff.player}", payoff.value) for payoff in end.payoffs)
    for node in game.nodes:
        odds = [(way.name, way.odds) for way in node.ways]
        yield from ((f"{game.name} {node.name} {name}", tree) for name, tree in odds if tree is not None)


def _finding(game: Game, label: str, values: Mapping[str, Numbers]) -> GameFinding:
    sound = np.all([~np.isnan(value) for value in values.values()], axis=0)
    if not sound.any():
        raise UsageError(f"`{label}` has no numbers to be solved by on this date")
    middle = {name: float(np.median(value[sound])) for name, value in values.items()}
    solution = _solved(game, middle)
    each = [_solved(game, {name: float(v[n]) for name, v in values.items()}) for n in np.flatnonzero(sound)]
    ends = []
    for end in game.ends:
        odds = np.array([one.odds[end.name] for one in each])
        error = float(odds.std(ddof=1) / math.sqrt(len(odds))) if len(odds) > 1 else math.nan
        worth = {payoff.player: middle[f"{game.name} {end.name} {payoff.player}"] for payoff in end.payoffs}
        ends.append(EndFinding(end.name, end.title, worth, solution.odds[end.name], float(odds.mean()), error))
    rationality = {player: middle[f"{game.name} rationality {player}"] for player, _, _ in game.rationality}
    return GameFinding(label, game, rationality, solution, tuple(ends), len(each))


def _solved(game: Game, values: Mapping[str, float]) -> Solution:
    payoffs = {
        end.name: {payoff.player: values[f"{game.name} {end.name} {payoff.player}"] for payoff in end.payoffs}
        for end in game.ends
    }
    rationality = {player: values[f"{game.name} rationality {player}"] for player, _, _ in game.rationality}
    chance = {}
    for node in game.nodes:
        if node.by is None:
            odds = [None if w.odds is None else values[f"{game.name} {node.name} {w.name}"] for w in node.ways]
            rest = max(1.0 - sum(p for p in odds if p is not None), 0.0)
            chance[node.name] = [rest if p is None else p for p in odds]
    return solve(game, payoffs, rationality, chance)
