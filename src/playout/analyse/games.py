"""One game solved outside a run, at given numbers, in double precision.

    tree of the game, pay-offs, rationality, odds of chance ──solve──▶ Solution

The solution is the agent quantal response equilibrium on the principal branch (McKelvey and Palfrey 1998): in each
information set a player with precision λ takes a move with probability proportional to exp(λ · u), u being what the
move is worth where the set is reached and everybody moves so. λ = 0 is a toss-up and infinity a best reply. Parts in
which all is seen are solved from the ends; the others by following the branch from λ = 0 (Turocy 2010).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from playout.analyse.estimate import Numbers
from playout.errors import UsageError
from playout.model.game_tree import GameTree, InformationSet, Part
from playout.model.scenario import Game

_TOLERANCE = 1e-13
_STEPS = 20_000
_FORK = 1e-4
"""A step shorter than this goes on straight where branches cross, as they do in symmetric games; a longer one might
only have passed between two that come close to each other."""
_LEAST = 1e-300  # odds of chance below this count as this where beliefs after them are asked for


@dataclass(frozen=True, slots=True)
class Solution:
    """How a game is played. moves: by information set and move, its probability. odds: by end. expected: by player, the
    expected pay-off. regret: by information set, what the best move there would bring above what is expected there, in
    the player's pay-off, where the set is reached."""

    moves: Mapping[str, Mapping[str, float]]
    odds: Mapping[str, float]
    expected: Mapping[str, float]
    regret: Mapping[str, float]


def solve(
    game: Game,
    payoffs: Mapping[str, Mapping[str, float]],
    rationality: Mapping[str, float],
    chance: Mapping[str, Sequence[float]] | None = None,
) -> Solution:
    """The equilibrium of a game at these numbers.

    payoffs: by end and player. rationality: by player, 0 or above, in one over the pay-off's unit; infinite only where
    the player's moves are all made in sight of everything before. chance: by node, the odds of its ways, which sum to
    one. Probabilities are good to 1e-9. Refuses, with a UsageError, numbers that are not finite, and games of which no
    equilibrium is found.
    """
    _refuse(game, payoffs, rationality)
    solving = _Solving(GameTree(game), payoffs, rationality, chance or {})
    for part in solving.tree.parts:
        solving.solve(part)
    return solving.solution()


def _refuse(game: Game, payoffs: Mapping[str, Mapping[str, float]], rationality: Mapping[str, float]) -> None:
    for end in game.ends:
        for player in game.players:
            if not math.isfinite(payoffs[end.name][player.name]):
                raise UsageError(f"what `{end.name}` of `{game.name}` is worth to `{player.name}` is no finite number")
    for player in game.players:
        if not rationality[player.name] >= 0.0:
            raise UsageError(f"the rationality of `{player.name}` in `{game.name}` is not 0 or above")


@dataclass
class _Solving:
    """Numbers by node as they become known: worth to each player, and the probabilities of the ways on."""

    tree: GameTree
    payoffs: Mapping[str, Mapping[str, float]]
    rationality: Mapping[str, float]
    odds: Mapping[str, Sequence[float]]
    worth: dict[str, Mapping[str, float]] = field(default_factory=dict)
    ways: dict[str, Sequence[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.worth.update(self.payoffs)
        self.ways.update({name: self.odds[name] for name, node in self.tree.nodes.items() if node.by is None})

    def solve(self, part: Part) -> None:
        """The probabilities and worths of a part whose leaves are known."""
        if part.plain and part.sets:
            (one,) = part.sets
            worths = [self.worth[way.to][one.player] for way in self.tree.nodes[part.root].ways]
            self.ways[part.root] = _logit(worths, self.rationality[one.player])
        elif not part.plain:
            for one, moves in zip(part.sets, _Branch(self, part).end(), strict=True):
                self.ways.update(dict.fromkeys(one.nodes, moves))
        for name in reversed(part.nodes):
            players = (player.name for player in self.tree.game.players)
            self.worth[name] = {player: self._mean(name, player) for player in players}

    def _mean(self, name: str, player: str) -> float:
        ways = self.tree.nodes[name].ways
        return math.fsum(p * self.worth[way.to][player] for p, way in zip(self.ways[name], ways, strict=True))

    def solution(self) -> Solution:
        reached = {self.tree.game.begins: 1.0}
        for name, node in self.tree.nodes.items():
            for p, way in zip(self.ways[name], node.ways, strict=True):
                reached[way.to] = reached.get(way.to, 0.0) + reached[name] * p
        sets = self.tree.sets.values()
        return Solution(
            moves={one.name: dict(zip(one.moves, map(float, self.ways[one.nodes[0]]), strict=True)) for one in sets},
            odds={end.name: reached.get(end.name, 0.0) for end in self.tree.game.ends},
            expected=dict(self.worth[self.tree.game.begins]),
            regret={one.name: self._regret(one, reached) for one in sets},
        )

    def _regret(self, one: InformationSet, reached: Mapping[str, float]) -> float:
        """Nodes of the set weigh as they are reached, all alike where none is."""
        weights = np.array([reached[node] for node in one.nodes])
        weights = weights / weights.sum() if weights.sum() > 0.0 else np.full(len(weights), 1.0 / len(weights))
        worths = np.array([[self.worth[way.to][one.player] for way in self.tree.nodes[n].ways] for n in one.nodes])
        moves = weights @ worths
        return float(moves.max() - moves @ np.array(self.ways[one.nodes[0]]))


def _logit(worths: Sequence[float], precision: float) -> list[float]:
    best = max(worths)
    weights = [math.exp(precision * (worth - best)) if worth < best else 1.0 for worth in worths]
    return [weight / sum(weights) for weight in weights]


class _Branch:
    """The principal branch of a part that is solved together. Unknowns: the log odds of every move against the first of
    its set, then s = c · (share of the way to the full precision)."""

    def __init__(self, solving: _Solving, part: Part) -> None:
        self.sets = part.sets
        tree = solving.tree
        ends = itertools.accumulate(len(one.moves) - 1 for one in part.sets)
        self.slices = [slice(end - len(one.moves) + 1, end) for end, one in zip(ends, part.sets, strict=True)]
        self.free = part.free
        paths = list(tree.paths(part))
        number = {node: k for k, one in enumerate(part.sets) for node in one.nodes}
        # taken[path, set]: the move made there, -1 where the path does not pass the set
        self.taken = np.full((len(paths), len(part.sets)), -1)
        self.chance = np.zeros(len(paths))
        for place, (_, taken) in enumerate(paths):
            for node, way in taken:
                if node in number:
                    self.taken[place, number[node]] = way
                else:
                    self.chance[place] += math.log(max(float(solving.ways[node][way]), _LEAST))
        worth = np.array([[solving.worth[leaf][one.player] for leaf, _ in paths] for one in part.sets])
        precision = np.array([solving.rationality[one.player] for one in part.sets])
        if not np.isfinite(precision).all():
            raise UsageError(
                f"`{tree.game.name}` is not solved at infinite rationality where not all is seen\n"
                "  hint: give a large number"
            )
        spread = precision * np.ptp(worth, axis=1)
        self.length = float(spread.max())
        self.value = (worth - worth.min(axis=1, keepdims=True)) * precision[:, None] / max(self.length, _LEAST)
        self.name = f"`{tree.game.name}` from `{part.root}` on"

    def end(self) -> list[list[float]]:
        """The moves' probabilities by information set where the branch first comes to s = c."""
        here: Numbers = np.zeros(self.free + 1)
        along: Numbers = np.zeros(self.free + 1)
        along[-1], step = 1.0, 0.05
        along = self._tangent(here, along)
        side = 1.0
        for _ in range(_STEPS):
            left = self.length - here[-1]
            lands = along[-1] > 0.0 and step * along[-1] >= left
            trial = here + (left / along[-1] if lands else step) * along
            if lands:
                trial[-1] = self.length
            border = np.eye(self.free + 1)[-1] if lands else along
            found, first = self._corrected(trial, border)
            if found is None or (not lands and (first > 0.3 * step or found[-1] > self.length)):
                step *= 0.5
                continue
            turned = side * self._side(found, border) < 0.0
            if turned and step > _FORK:  # beyond a fork, or on another branch
                step *= 0.5
                continue
            side = -side if turned else side
            if lands:
                return [[float(p) for p in np.exp(self._logs(found, k))] for k in range(len(self.sets))]
            tangent = self._tangent(found, along)
            if float(tangent @ along) < 0.8:
                step *= 0.5
                continue
            here, along = found, tangent
            step *= float(np.clip(0.1 * step / max(first, 1e-12), 0.5, 1.5))
        raise UsageError(f"no equilibrium of {self.name} was found")

    def _corrected(self, point: Numbers, border: Numbers) -> tuple[Numbers | None, float]:
        """The point of the branch beside a point, across the border; and how far the first Newton step went."""
        first, last = 0.0, math.inf
        for turn in range(30):
            value, slopes = self._equations(point)
            try:
                move = np.linalg.solve(np.vstack([slopes, border]), -np.append(value, 0.0))
            except np.linalg.LinAlgError:
                return None, math.inf
            size = float(np.abs(move).max())
            if not np.isfinite(size) or (turn > 1 and size > last and size > 1e-8 * (1.0 + np.abs(point).max())):
                return None, math.inf
            point = point + move
            first = size if turn == 0 else first
            if size <= _TOLERANCE * (1.0 + float(np.abs(point).max())) or (turn > 3 and size >= 0.5 * last):
                return point, first
            last = size
        return None, math.inf

    def _side(self, point: Numbers, border: Numbers) -> float:
        """The sign of the determinant, which stays the same along a branch but for forks."""
        return float(np.linalg.slogdet(np.vstack([self._equations(point)[1], border]))[0])

    def _tangent(self, point: Numbers, along: Numbers) -> Numbers:
        _, slopes = self._equations(point)
        tangent = np.linalg.solve(np.vstack([slopes, along]), np.eye(self.free + 1)[-1])
        result: Numbers = tangent / np.linalg.norm(tangent)
        return result

    def _logs(self, point: Numbers, k: int) -> Numbers:
        """The logarithms of the probabilities of a set's moves."""
        logs = np.append(0.0, point[self.slices[k]])
        top = logs.max()
        result: Numbers = logs - top - math.log(float(np.exp(logs - top).sum()))
        return result

    def _equations(self, point: Numbers) -> tuple[Numbers, Numbers]:
        """H and its derivatives by all unknowns, [free] and [free, free + 1]; see `compile/lower/equilibrium.py`."""
        logs = [self._logs(point, k) for k in range(len(self.sets))]
        each = np.array(
            [np.where(t >= 0, np.append(log, 0.0)[t], 0.0) for log, t in zip(logs, self.taken.T, strict=True)]
        )
        # change[path, n]: how the logarithm of a path's probability changes with each y
        change = np.zeros((len(self.taken), self.free))
        for k, log in enumerate(logs):
            taken = self.taken[:, k]
            passes = taken >= 0
            moves = np.arange(1, len(log))
            change[:, self.slices[k]] = passes[:, None] * ((taken[:, None] == moves) - np.exp(log[1:]))
        s = point[-1]
        value, slopes = np.zeros(self.free), np.zeros((self.free, self.free + 1))
        for k, here in enumerate(self.slices):
            others = self.chance + each.sum(axis=0) - each[k]
            outside = change.copy()
            outside[:, here] = 0.0
            worth, slope = [], []
            for move in range(here.stop - here.start + 1):
                through = self.taken[:, k] == move
                weights = np.exp(others[through] - others[through].max())
                weights /= weights.sum()
                mean = float(weights @ self.value[k, through])
                worth.append(mean)
                slope.append((weights * (self.value[k, through] - mean)) @ outside[through])
            gain = np.array(worth[1:]) - worth[0]
            value[here] = point[here] - s * gain
            slopes[here, :-1] = -s * (np.array(slope[1:]) - slope[0])
            slopes[here, -1] = -gain
        slopes[:, :-1] += np.eye(self.free)
        return value, slopes
