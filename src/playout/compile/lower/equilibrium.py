"""Where not all is seen: the agent quantal response equilibrium of a part of a game, as a repetition in the Program.

In an information set h a player with precision λ takes the move a with probability p(h, a), proportional to
exp(λ · u(h, a)), where u(h, a) is what a is worth to the player, given that h is reached and that everybody else, and
the same player elsewhere, moves by p (McKelvey and Palfrey 1998, Quantal response equilibria for extensive form games).
With y(h, a) = log p(h, a) − log p(h, 0) the equilibrium is the root of

    H(y, s) = y(h, a) − s · (v(h, a) − v(h, 0)),    v = λ · u / c,

at s = c, the largest precision times spread of pay-offs, so that no v spreads over more than 1. At s = 0 all moves are
equally likely; from there the principal branch is followed by arc length, which takes it around turns, to the first
point with s = c (Turocy 2010, Computing sequential equilibria using agent quantal response equilibria).

A turn of the repetition evaluates H and its derivatives at a trial point and makes one Newton step across the branch.
A trial that has come close becomes the base of the next, longer step; one that does not is taken again from its base
with half the step. When a step reaches s = c the last Newton steps are taken at that s. A trial where the sign of the
determinant is another has come upon another branch, unless branches cross there, as they do in symmetric games: it is
believed only of a very short step, which then has gone straight on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playout.compile import ir
from playout.compile.ir import Carried, Const, Node
from playout.compile.lower.turn import Turn
from playout.model.game_tree import GameTree, InformationSet, Part

TURNS = 600
CONVERGED = 3e-4
"""What the last Newton steps may still change a probability by: they square, so it is rounding in single precision."""

_FIRST_STEP = 0.1
_NEAR, _CLOSE = 1e-3, 1e-5  # of a step's length; of the point's own size
_GOOD = 4.0  # Newton steps that have to be small before the last is believed: once small, they square
_FAR = 0.3  # of a step's length: a first Newton step longer than this shows that the branch bends too much for it
_LONGER = 2.0  # how much longer the next step may be
_BENT = 1.5  # length of the tangent along the last one: a turn by more than some 48 degrees is too far for a step
_FORK = 1e-4
"""A step shorter than this may go straight on where branches cross."""
_LEAST = 1e-30  # odds of chance below this count as this, so that who moves after the impossible believes something


@dataclass(frozen=True)
class Equilibrium:
    """The moves' probabilities by information set, and how far the last Newton step still changed any."""

    moves: dict[str, tuple[Node, ...]]
    change: Node


def equilibrium(
    tree: GameTree,
    part: Part,
    values: dict[str, dict[str, Node]],
    odds: dict[str, tuple[Node, ...]],
    length: Node,
    where: Node,
) -> Equilibrium:
    """The equilibrium of a part that is more than one node.

    values: by leaf and player, pay-off times precision over ``length``. odds: by node of chance, of its ways.
    length: c. Everything is an array or a constant; ``where`` says in which futures it is wanted.
    """
    return _Branch(tree, part, values, odds, length, where).followed()


class _Branch:
    """Follows the principal branch. Unknowns are the y of every move but the first of its set, then s."""

    def __init__(
        self,
        tree: GameTree,
        part: Part,
        values: dict[str, dict[str, Node]],
        odds: dict[str, tuple[Node, ...]],
        length: Node,
        where: Node,
    ) -> None:
        self.tree, self.part, self.values, self.odds = tree, part, values, odds
        self.length, self.where = length, where
        self.paths = list(tree.paths(part))
        self.set_of = {node: one for one in part.sets for node in one.nodes}
        self.unknown = {
            (one.name, move): n
            for n, (one, move) in enumerate((one, m) for one in part.sets for m in range(1, len(one.moves)))
        }
        self.size = len(self.unknown) + 1  # with s

    # --- what is carried: trial, base, tangent, and the state of the search ---

    def followed(self) -> Equilibrium:
        size = self.size
        names = ("step", "tries", "before", "ratio", "good", "side", "change")
        starts: list[Node] = [*([ir.ZERO] * (3 * size - 1)), ir.ONE]
        starts += [Const(_FIRST_STEP), ir.ZERO, ir.ZERO, ir.ZERO, ir.ZERO, ir.ONE, Const(float("inf"))]
        first = {name: 3 * size + n for n, name in enumerate(names)}
        landing, done = len(starts), len(starts) + 1
        starts += [ir.FALSE, ir.FALSE]
        turn = Turn(len(starts))
        z, base, along = ([Carried(k * size + n) for n in range(size)] for k in range(3))
        state = {name: Carried(place) for name, place in first.items()}
        following = self._turn(turn, z, base, along, state, Carried(landing, "bool"))
        places = tuple(node.number for node in following if isinstance(node, Carried))
        assert len(places) == len(starts)

        def picked(number: int) -> Node:
            return ir.Repeat(tuple(starts), tuple(turn.steps), places, done, TURNS, self.where, number)

        moves = {}
        for one in self.part.sets:
            logs: list[Node] = [ir.ZERO, *(picked(self.unknown[one.name, m]) for m in range(1, len(one.moves)))]
            moves[one.name] = tuple(logs)
        return Equilibrium(moves, picked(first["change"]))

    def _turn(
        self,
        turn: Turn,
        z: Sequence[Node],
        base: Sequence[Node],
        along: Sequence[Node],
        state: dict[str, Carried],
        landing: Node,
    ) -> list[Node]:
        size = self.size
        chances = self._chances(turn, z)
        rows = self._system(turn, z, chances)
        last = [turn.pick(landing, ir.ONE if n == size - 1 else ir.ZERO, along[n]) for n in range(size)]
        step, tangent, sign = _solved(turn, [*rows, [*last, ir.ZERO, ir.ONE]], size)
        moved = turn.most([turn.magnitude(x) for x in step])
        scale = turn.add(ir.ONE, turn.most([turn.magnitude(x) for x in z]))
        change = turn.most(
            [
                turn.mul(turn.mul(p, turn.sub(ir.ONE, p)), turn.magnitude(step[n]))
                for (name, move), n in self.unknown.items()
                for p in (chances[name][move],)
            ]
        )
        unseen = turn.both(turn.less(change, Const(CONVERGED)), turn.less(moved, turn.mul(Const(_NEAR), scale)))
        close = turn.either(unseen, turn.less(moved, turn.mul(Const(_CLOSE), scale)))
        ratio = turn.div(moved, state["step"])
        near = turn.either(close, turn.less(ratio, Const(_NEAR)))
        tries, before = state["tries"], state["before"]
        first_try = turn.less(tries, Const(0.5))
        shrinks = turn.pick(first_try, turn.mul(Const(_FAR), state["step"]), turn.mul(Const(0.5), before))
        goes_on = turn.less(moved, shrinks)
        first_ratio = turn.pick(first_try, ratio, state["ratio"])
        here = [turn.add(x, dx) for x, dx in zip(z, step, strict=True)]
        # along the branch
        squares = turn.total([turn.mul(t, t) for t in tangent])
        norm = turn.put(ir.Unary("sqrt", squares))
        begins = turn.negate(turn.less(ir.ZERO, z[-1]))  # then there is no last tangent
        straight = turn.either(begins, turn.less(norm, Const(_BENT)))
        ahead = [turn.div(t, norm) for t in tangent]
        flying = turn.negate(landing)
        turned = turn.less(turn.mul(sign, state["side"]), ir.ZERO)
        astray = turn.both(turned, turn.less(Const(_FORK), state["step"]))
        beyond = turn.less(self.length, here[-1])  # where only a landing stops
        sound = turn.both(straight, turn.negate(turn.either(astray, beyond)))
        arrived = turn.both(flying, turn.both(near, sound))
        good = turn.pick(close, turn.add(state["good"], ir.ONE), ir.ZERO)
        settled = turn.both(landing, turn.both(turn.less(Const(_GOOD - 0.5), good), turn.negate(astray)))
        closing = turn.either(turn.both(close, turn.negate(astray)), turn.less(Const(0.5), state["good"]))
        keeps = turn.either(goes_on, turn.both(landing, closing))
        keeps = turn.both(keeps, turn.negate(turn.both(close, astray)))
        corrects = turn.both(keeps, turn.either(landing, turn.negate(near)))
        # the next step from here, or half of the last one from the base
        factor = turn.put(
            ir.Binary("max", Const(0.5), ir.Binary("min", Const(_LONGER), ir.Binary("div", Const(0.1), first_ratio)))
        )
        length = turn.pick(arrived, turn.mul(state["step"], factor), turn.mul(Const(0.5), state["step"]))
        origin = [turn.pick(arrived, a, b) for a, b in zip(here, base, strict=True)]
        heading = [turn.pick(arrived, a, b) for a, b in zip(ahead, along, strict=True)]
        left = turn.sub(self.length, origin[-1])
        forward = turn.less(ir.ZERO, heading[-1])
        reach = turn.mul(length, heading[-1])
        lands = turn.both(forward, turn.negate(turn.less(reach, left)))
        length = turn.pick(lands, turn.div(left, heading[-1]), length)
        trial = [turn.add(o, turn.mul(length, t)) for o, t in zip(origin, heading, strict=True)]
        trial[-1] = turn.pick(lands, self.length, trial[-1])
        stays = turn.either(corrects, settled)
        return [
            *(turn.pick(stays, a, b) for a, b in zip(here, trial, strict=True)),
            *(turn.pick(stays, a, b) for a, b in zip(base, origin, strict=True)),
            *(turn.pick(stays, a, b) for a, b in zip(along, heading, strict=True)),
            turn.pick(stays, state["step"], length),
            turn.pick(stays, turn.add(tries, ir.ONE), ir.ZERO),
            turn.pick(stays, moved, ir.ZERO),
            turn.pick(stays, first_ratio, ir.ZERO),
            turn.pick(stays, good, ir.ZERO),
            turn.pick(turn.both(arrived, turned), turn.mul(Const(-1.0), state["side"]), state["side"]),
            turn.pick(settled, change, state["change"]),
            turn.pick(stays, landing, lands),
            settled,
        ]

    # --- the equations ---

    def _chances(self, turn: Turn, z: Sequence[Node]) -> dict[str, list[Node]]:
        """The probabilities of the moves of each set."""
        found = {}
        for one in self.part.sets:
            logs = [ir.ZERO, *(z[self.unknown[one.name, m]] for m in range(1, len(one.moves)))]
            top = turn.most(logs)
            weights = [turn.exp(turn.sub(x, top)) for x in logs]
            whole = turn.total(weights)
            found[one.name] = [turn.div(w, whole) for w in weights]
        return found

    def _system(self, turn: Turn, z: Sequence[Node], chances: dict[str, list[Node]]) -> list[list[Node]]:
        """For each unknown y the derivatives of H by every unknown, then −H, then 0."""
        s = z[-1]
        rows = []
        for one in self.part.sets:
            worth, slopes = zip(*(self._worth(turn, z, chances, one, m) for m in range(len(one.moves))), strict=True)
            for m in range(1, len(one.moves)):
                n = self.unknown[one.name, m]
                gain = turn.sub(worth[m], worth[0])
                row: list[Node] = []
                for k in range(self.size - 1):
                    slope = turn.sub(slopes[m][k], slopes[0][k]) if slopes[m][k] != slopes[0][k] else ir.ZERO
                    entry = turn.mul(s, slope)
                    row.append(turn.sub(ir.ONE if k == n else ir.ZERO, entry))
                rows.append([*row, turn.sub(ir.ZERO, gain), turn.sub(turn.mul(s, gain), z[n]), ir.ZERO])
        return rows

    def _worth(
        self, turn: Turn, z: Sequence[Node], chances: dict[str, list[Node]], one: InformationSet, move: int
    ) -> tuple[Node, list[Node]]:
        """What a move is worth where its set is reached, and how that changes with every y."""
        through = [(leaf, taken) for leaf, taken in self.paths if any(n in one.nodes and m == move for n, m in taken)]
        logs = [self._log_weight(turn, z, chances, one, taken) for _, taken in through]
        top = turn.most(logs)
        weights = [turn.exp(turn.sub(x, top)) for x in logs]
        whole = turn.total(weights)
        beliefs = [turn.div(w, whole) for w in weights] if len(weights) > 1 else [ir.ONE]
        worths = [self.values[leaf][one.player] for leaf, _ in through]
        mean = turn.total([turn.mul(b, v) for b, v in zip(beliefs, worths, strict=True)])
        slopes: list[Node] = [ir.ZERO] * (self.size - 1)
        for belief, worth, (_, taken) in zip(beliefs, worths, through, strict=True):
            excess = turn.mul(belief, turn.sub(worth, mean))
            for node, m in taken:
                other = self.set_of.get(node)
                if other is None or other.name == one.name:
                    continue
                for k in range(1, len(other.moves)):
                    n, p = self.unknown[other.name, k], chances[other.name][k]
                    moved = turn.sub(ir.ONE, p) if k == m else turn.sub(ir.ZERO, p)
                    slopes[n] = turn.add(slopes[n], turn.mul(excess, moved))
        return mean, slopes

    def _log_weight(
        self,
        turn: Turn,
        z: Sequence[Node],
        chances: dict[str, list[Node]],
        one: InformationSet,
        taken: Sequence[tuple[str, int]],
    ) -> Node:
        """The logarithm of a path's probability, but for the moves of one set and what is the same in all paths."""
        result: Node = ir.ZERO
        for node, m in taken:
            other = self.set_of.get(node)
            if other is None:
                least = ir.Binary("max", self.odds[node][m], Const(_LEAST))
                result = turn.add(result, turn.put(ir.Unary("log", least)))
            elif other.name != one.name:
                logs = [ir.ZERO, *(z[self.unknown[other.name, k]] for k in range(1, len(other.moves)))]
                top = turn.most(logs)
                whole = turn.total([turn.exp(turn.sub(x, top)) for x in logs])
                level = turn.add(top, turn.put(ir.Unary("log", whole)))
                result = turn.add(result, turn.sub(logs[m], level))
        return result


def _solved(turn: Turn, rows: list[list[Node]], size: int) -> tuple[list[Node], list[Node], Node]:
    """Both right sides of a system solved, by elimination with the largest pivot of each column; and the sign of its
    determinant."""
    table = [list(row) for row in rows]
    sign: Node = ir.ONE
    for k in range(size):
        for i in range(k + 1, size):
            if table[i][k] == ir.ZERO:
                continue
            larger = turn.less(turn.magnitude(table[k][k]), turn.magnitude(table[i][k]))
            sign = turn.mul(sign, turn.pick(larger, Const(-1.0), ir.ONE))
            for j in range(k, size + 2):
                a, b = table[k][j], table[i][j]
                if a != b:
                    table[k][j], table[i][j] = turn.pick(larger, b, a), turn.pick(larger, a, b)
        for i in range(k + 1, size):
            if table[i][k] == ir.ZERO:
                continue
            factor = turn.div(table[i][k], table[k][k])
            for j in range(k + 1, size + 2):
                table[i][j] = turn.sub(table[i][j], turn.mul(factor, table[k][j]))
        sign = turn.mul(sign, turn.pick(turn.less(table[k][k], ir.ZERO), Const(-1.0), ir.ONE))
    answers: list[list[Node]] = []
    for column in (size, size + 1):
        found: list[Node] = [ir.ZERO] * size
        for k in reversed(range(size)):
            rest = table[k][column]
            for j in range(k + 1, size):
                rest = turn.sub(rest, turn.mul(table[k][j], found[j]))
            found[k] = turn.div(rest, table[k][k])
        answers.append(found)
    return answers[0], answers[1], sign
