"""Games: solved by agent quantal response where they fall due, part by part from the ends, then played by the solution.

A part of one node is a logit choice on what follows, as in a decision, or the mean over what chance does; one of more
nodes is solved in `equilibrium.py`. The largest pay-off is taken from all before they are raised, so that nothing
overflows and an infinite rationality takes the best reply (several best ones with equal probability).

A game in which all is seen is one repetition of one turn: nothing of it is computed where nobody is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playout.compile import build, ir
from playout.compile.ir import Carried, Const, Load, Node
from playout.compile.lower.choice import choice_due, declare_choice, keep_choice
from playout.compile.lower.equilibrium import CONVERGED, equilibrium
from playout.compile.lower.scope import Environment, Workbench, bind, own_axes
from playout.compile.lower.turn import Turn
from playout.model.checked import SLACK
from playout.model.game_tree import GameTree, Part
from playout.model.scenario import Game

INFINITE = Const(float("inf"))
_LEAST_LENGTH = Const(1e-30)


def declare_game(bench: Workbench, game: Game) -> None:
    """The game's states: the end last come to, how often and when it was played, and how likely each end was then."""
    declare_choice(bench, game)
    for end in game.ends:
        before = ir.ONE if game.before == end.name else ir.ZERO
        bench.state(f"{game.name}.odds.{end.name} kept", game.sets, "real", before)


def lower_game(bench: Workbench, game: Game) -> None:
    """The end that a game has come to in this step, after it was played if it is due now, and its ends' odds."""
    axes = own_axes(game.sets)
    due = bench.assign(f"{game.name}.due", game.sets, "bool", choice_due(bench, game))
    number = Load(f"{game.name}.count", axes) if game.every is not None else build.integer(0)
    solving = _Solving(bench, game, due, number)
    found = solving.results()
    for name, (value, low, high, what) in solving.checks.items():
        used = build.select(due, found[value], ir.ZERO)
        bench.checks.append(ir.Check(f"{game.name}.{name}", used, low, high, what, game.sets))
    for end in game.ends:
        name = f"{game.name}.odds.{end.name}"
        kept = Load(f"{name} kept", axes)
        now = bench.assign(name, game.sets, "real", build.select(due, found[f"odds of {end.name}"], kept))
        bench.next(f"{name} kept", build.select(due, now, kept))
    keep_choice(bench, game, due, found["end"])


class _Solving:
    """One game being solved: what each node is worth to each player, and how likely each way on from it is.

    ``turn`` takes the steps of a game in which all is seen; of another one they are arrays. ``checks``: by name, the
    result that is checked, its bounds, and what stops a future.
    """

    def __init__(self, bench: Workbench, game: Game, due: Node, number: Node) -> None:
        self.bench, self.game, self.due, self.number = bench, game, due, number
        self.tree = GameTree(game)
        self.environment: Environment = bind(game.binders)
        self.players = [player.name for player in game.players]
        self.worth: dict[str, dict[str, Node]] = {}
        self.chances: dict[str, tuple[Node, ...]] = {}  # by node, of its ways
        self.given: dict[str, Node] = {}
        self.checks: dict[str, tuple[str, float, float, str]] = {}
        self.sound: Node = ir.ZERO  # a finite number where all numbers of the game are what they must be
        self.demands = 0
        seen = all(part.plain for part in self.tree.parts)
        # carried: the odds of the ends, a number that is checked, the end come to, and whether that is all
        self.turn = Turn(len(game.ends) + 3) if seen else None

    def results(self) -> dict[str, Node]:
        """By name: ``odds of END``, ``end`` (int), and what is checked."""
        self._solve()
        ways = list(self._ways_through(self.game.begins, ir.ONE))
        found = {
            f"odds of {end.name}": build.total([p for name, p in ways if name == end.name]) for end in self.game.ends
        }
        found.update(self.given)
        played = self._played(ways)
        if self.turn is None:
            return {**found, "end": played}
        names = [*found, "end"]
        made = [self.turn.put(node) for node in found.values()] + [self.turn.put(played, "int")]
        made = [made_of if isinstance(made_of, Carried) else self._at_hand(made_of) for made_of in made]
        spare = self.turn.carried - len(made) - 1
        starts = (*([ir.ZERO] * len(found)), build.integer(0), *([ir.ZERO] * spare), ir.FALSE)
        done = self._at_hand(ir.TRUE, "bool")
        following = (*(node.number for node in made if isinstance(node, Carried)), *range(len(made), len(made) + spare))
        steps = tuple(self.turn.steps)

        def picked(number: int) -> Node:
            return ir.Repeat(starts, steps, (*following, done.number), len(starts) - 1, 1, self.due, number)

        return {name: picked(number) for number, name in enumerate(names)}

    def _at_hand(self, node: Node, type_: ir.Type = "real") -> Carried:
        """A place at hand for a constant."""
        assert self.turn is not None
        self.turn.steps.append(node)
        return Carried(self.turn.carried + len(self.turn.steps) - 1, type_)

    def _assign(self, name: str, node: Node) -> Node:
        """A number of the game in the futures in which it is due."""
        if self.turn is not None or isinstance(node, Const):
            return node if self.turn is None else self.turn.put(node)
        return self.bench.assign(
            f"{self.game.name}.{name}", self.game.sets, "real", build.select(self.due, node, ir.ZERO)
        )

    def _check(self, name: str, node: Node, low: float, high: float, what: str) -> None:
        if not isinstance(node, Const):
            self.given[name] = node
            self.checks[name] = (name, low, high, f"{what} {self.game.name} {_WRONG[name.partition(' ')[0]]}")

    # --- numbers of the game ---

    def _solve(self) -> None:
        """Everything, from the ends to where the game begins."""
        self._read_rationality()
        self._read_payoffs()
        self._read_odds()
        self._check("numbers", self.sound, float("-inf"), float("inf"), "a pay-off, rationality or chance of")
        for part in self.tree.parts:
            if not part.plain:
                self._solve_together(part)
            elif part.sets:
                self._choose(part)
            for name in reversed(part.nodes):
                self._expect(name)

    def _read_rationality(self) -> None:
        self.rationality: dict[str, Node] = {}
        for player, _, tree in self.game.rationality:
            value = self._assign(f"rationality of {player}", self.bench.lower(tree, self.environment))
            self.rationality[player] = value
            if not isinstance(value, Const):
                self._demand(ir.Binary("le", ir.ZERO, value))

    def _read_payoffs(self) -> None:
        for end in self.game.ends:
            self.worth[end.name] = {}
            for payoff in end.payoffs:
                value = self._assign(f"{end.name} to {payoff.player}", self.bench.lower(payoff.value, self.environment))
                self.worth[end.name][payoff.player] = value
                if not isinstance(value, Const):  # what is no finite number leaves no finite sum
                    self.sound = self._assign(
                        f"numbers with {end.name} to {payoff.player}", build.add(self.sound, value)
                    )

    def _read_odds(self) -> None:
        """What chance does at each of its nodes: the odds written, and what they leave."""
        for name, node in self.tree.nodes.items():
            if node.by is not None:
                continue
            written: Node = ir.ZERO
            parts: list[Node | None] = []
            for way in node.ways:
                value = None
                if way.odds is not None:
                    value = self._assign(f"{name}.{way.name}", self.bench.lower(way.odds, self.environment))
                    written = build.add(written, value)
                parts.append(value)
            left = self._assign(f"{name} left", ir.Binary("sub", ir.ONE, written))
            if any(part is not None and not isinstance(part, Const) for part in parts):
                for value in (*(part for part in parts if part is not None), left):
                    self._demand(ir.Binary("le", Const(-SLACK), value))
            rest = self._assign(f"{name} rest", ir.Binary("max", left, ir.ZERO))
            self.chances[name] = tuple(rest if part is None else part for part in parts)

    def _demand(self, condition: Node) -> None:
        """Something that holds of a game's numbers, or the future stops."""
        number = build.select(condition, ir.ZERO, Const(float("nan")))
        self.sound = self._assign(f"demand {self.demands}", build.add(self.sound, number))
        self.demands += 1

    # --- solving ---

    def _expect(self, node: str) -> None:
        """What a node is worth to each player: the mean over its ways."""
        ways = self.tree.nodes[node].ways
        self.worth[node] = {}
        for player in self.players:
            parts = [
                ir.Binary("mul", p, self.worth[way.to][player]) for p, way in zip(self.chances[node], ways, strict=True)
            ]
            self.worth[node][player] = self._assign(f"{node} to {player}", build.total([*parts]))

    def _choose(self, part: Part) -> None:
        """The logit choice at a node where all is seen."""
        (one,) = part.sets
        worths = [self.worth[way.to][one.player] for way in self.tree.nodes[part.root].ways]
        best = worths[0]
        for worth in worths[1:]:
            best = ir.Binary("max", best, worth)
        best = self._assign(f"{one.name} best", best)
        precision = self.rationality[one.player]
        weights: list[Node] = []
        for worth in worths:
            below = ir.Binary("mul", precision, ir.Binary("sub", worth, best))  # inf · 0 would be no number
            weights.append(ir.Unary("exp", build.select(ir.Binary("lt", worth, best), below, ir.ZERO)))
        self._share(one.name, one.moves, one.nodes, weights)

    def _share(self, name: str, moves: tuple[str, ...], nodes: tuple[str, ...], weights: list[Node]) -> None:
        """Probabilities of the moves of an information set, as their weights are to each other."""
        weights = [self._assign(f"{name}.{move} weight", w) for move, w in zip(moves, weights, strict=True)]
        whole = self._assign(f"{name} weights", build.total(weights))
        made = tuple(
            self._assign(f"{name}.{move}", ir.Binary("div", w, whole)) for move, w in zip(moves, weights, strict=True)
        )
        self.chances.update(dict.fromkeys(nodes, made))

    def _solve_together(self, part: Part) -> None:
        """A part in which somebody moves without seeing all."""
        weighed: dict[str, dict[str, Node]] = {leaf: {} for leaf in part.leaves}
        moving = dict.fromkeys(one.player for one in part.sets)
        spreads: list[Node] = []
        for player in moving:
            worths = [self.worth[leaf][player] for leaf in part.leaves]
            low, high = worths[0], worths[0]
            for worth in worths[1:]:
                low, high = ir.Binary("min", low, worth), ir.Binary("max", high, worth)
            lowest = self._assign(f"{part.root} least to {player}", low)
            spreads.append(ir.Binary("mul", self.rationality[player], ir.Binary("sub", high, lowest)))
            for leaf, worth in zip(part.leaves, worths, strict=True):
                weighed[leaf][player] = ir.Binary("sub", worth, lowest)
        length = spreads[0]
        for spread in spreads[1:]:
            length = ir.Binary("max", length, spread)
        length = self._assign(f"{part.root} length", length)
        over = ir.Binary("max", length, _LEAST_LENGTH)
        for player in moving:
            scale = self._assign(f"{part.root} scale of {player}", ir.Binary("div", self.rationality[player], over))
            for leaf in part.leaves:
                weighed[leaf][player] = self._assign(
                    f"{part.root} {leaf} to {player}", ir.Binary("mul", scale, weighed[leaf][player])
                )
        found = equilibrium(self.tree, part, weighed, self.chances, length, self.due)
        change = self._assign(f"{part.root} change", found.change)
        self._check(f"change {part.root}", change, float("-inf"), CONVERGED, "no equilibrium of")
        for one in part.sets:
            logs = [
                self._assign(f"{one.name}.{move} log", y)
                for move, y in zip(one.moves, found.moves[one.name], strict=True)
            ]
            top: Node = logs[0]
            for log in logs[1:]:
                top = ir.Binary("max", top, log)
            self._share(one.name, one.moves, one.nodes, [ir.Unary("exp", ir.Binary("sub", y, top)) for y in logs])

    # --- what comes of it ---

    def _ways_through(self, name: str, chance: Node) -> Iterator[tuple[str, Node]]:
        """The ends that may follow a place reached with a chance, way after way, each with the chance of that way."""
        if name not in self.tree.nodes:
            yield name, chance
            return
        for p, way in zip(self.chances[name], self.tree.nodes[name].ways, strict=True):
            yield from self._ways_through(way.to, self._assign(f"{name}.{way.name} reached", build.mul(chance, p)))

    def _played(self, ways: Sequence[tuple[str, Node]]) -> Node:
        """The end come to (int): one word picks a way through, which comes to a move at every node by its chance."""
        ends = {end.name: build.integer(n) for n, end in enumerate(self.game.ends)}
        axes = own_axes(self.game.sets)
        word = self.bench.word(self.game.name, self.game.sets, axes, "entry", self.number, self.due)
        cuts: list[Node] = []
        result: Node = ends[ways[-1][0]]
        for number, (_, p) in enumerate(ways[:-1]):
            cuts.append(self._assign(f"to way {number}", build.add(cuts[-1] if cuts else ir.ZERO, p)))
        for end, p in ways:  # rounding may leave the word above the last cut: the last open way takes it
            result = build.select(ir.Binary("lt", ir.ZERO, p), ends[end], result)
        for cut, (end, _) in reversed(list(zip(cuts, ways, strict=False))):
            result = build.select(ir.Below(word, cut), ends[end], result)
        return result


_WRONG = {"numbers": "was no number or out of its range", "change": "was found"}
