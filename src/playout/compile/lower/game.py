"""Games: solved by agent quantal response where they fall due, part by part from the ends, then played by the solution.

A part of one node is a logit choice on what follows, as in a decision, or the mean over what chance does; one of more
nodes is solved in `equilibrium.py`. The largest pay-off is taken from all before they are raised, so that nothing
overflows and an infinite rationality takes the best reply (several best ones with equal probability).
"""

from __future__ import annotations

from playout.compile import build, ir
from playout.compile.ir import Const, Load, Node
from playout.compile.lower.choice import choice_due, declare_choice, keep_choice
from playout.compile.lower.equilibrium import CONVERGED, equilibrium
from playout.compile.lower.scope import Environment, Workbench, bind, own_axes
from playout.compile.lower.stock import SLACK
from playout.model.game_tree import GameTree, Part, set_name
from playout.model.scenario import Game, PayOff

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
    solving.solve()
    for end in game.ends:
        name = f"{game.name}.odds.{end.name}"
        kept = Load(f"{name} kept", axes)
        now = bench.assign(name, game.sets, "real", build.select(due, solving.odds_of(end.name), kept))
        bench.next(f"{name} kept", now)
    keep_choice(bench, game, due, solving.played())


class _Solving:
    """One game being solved: what each node is worth to each player, and how likely each way on from it is."""

    def __init__(self, bench: Workbench, game: Game, due: Node, number: Node) -> None:
        self.bench, self.game, self.due, self.number = bench, game, due, number
        self.tree = GameTree(game)
        self.environment: Environment = bind(game.binders)
        self.players = [player.name for player in game.players]
        self.worth: dict[str, dict[str, Node]] = {}
        self.chances: dict[str, tuple[Node, ...]] = {}  # by node, of its ways

    def solve(self) -> None:
        """Everything, from the ends to where the game begins."""
        self.rationality = self._rationality()
        for end in self.game.ends:
            self.worth[end.name] = {payoff.player: self._payoff(end.name, payoff) for payoff in end.payoffs}
        for node in self.tree.nodes.values():
            if node.by is None:
                self.chances[node.name] = self._odds(node.name)
        for part in self.tree.parts:
            if not part.plain:
                self._solve_together(part)
            elif part.sets:
                self._choose(part)
            for name in reversed(part.nodes):
                self._expect(name)

    def _assign(self, name: str, node: Node) -> Node:
        """A number of the game in the futures in which it is due; 0 elsewhere."""
        if isinstance(node, Const):
            return node
        return self.bench.assign(
            f"{self.game.name}.{name}", self.game.sets, "real", build.select(self.due, node, ir.ZERO)
        )

    def _check(self, name: str, node: Node, low: float, high: float, what: str) -> None:
        if not isinstance(node, Const):
            used = build.select(self.due, node, ir.ZERO)
            self.bench.checks.append(ir.Check(f"{self.game.name}.{name}", used, low, high, what, self.game.sets))

    # --- numbers of the game ---

    def _rationality(self) -> dict[str, Node]:
        found = {}
        for player, _, tree in self.game.rationality:
            value = self.bench.lower(tree, self.environment)
            found[player] = self._assign(f"rationality of {player}", value)
            what = f"the rationality of {player} in {self.game.name} was negative or not a number"
            finite = (
                value if isinstance(value, Const) else build.select(ir.Binary("eq", value, INFINITE), ir.ZERO, value)
            )
            self._check(f"rationality of {player}", finite, 0.0, float("inf"), what)
        return found

    def _payoff(self, end: str, payoff: PayOff) -> Node:
        value = self.bench.lower(payoff.value, self.environment)
        what = f"what {end} is worth to {payoff.player} in {self.game.name} was not a finite number"
        name = f"{end} to {payoff.player}"
        made = self._assign(name, value)
        self._check(name, made, float("-inf"), float("inf"), what)
        return made

    def _odds(self, node: str) -> tuple[Node, ...]:
        """What chance does at a node: the odds written, and what they leave."""
        written: Node = ir.ZERO
        parts: list[Node | None] = []
        for way in self.tree.nodes[node].ways:
            value = (
                None
                if way.odds is None
                else self._assign(f"{node}.{way.name}", self.bench.lower(way.odds, self.environment))
            )
            if value is not None:
                what = f"the odds of {way.name} at {node} in {self.game.name} left 0 to 1"
                self._check(f"{node}.{way.name}", value, -SLACK, 1.0 + SLACK, what)
                written = build.add(written, value)
            parts.append(value)
        left = ir.Binary("sub", ir.ONE, written)
        if None in parts and not all(isinstance(part, Const | None) for part in parts):
            what = f"the odds at {node} in {self.game.name} came to more than one"
            self._check(f"{node}.odds", left, -SLACK, 1.0 + SLACK, what)
        rest = ir.Binary("max", left, ir.ZERO)
        return tuple(rest if part is None else part for part in parts)

    # --- solving ---

    def _expect(self, node: str) -> None:
        """What a node is worth to each player: the mean over its ways."""
        ways = self.tree.nodes[node].ways
        self.worth[node] = {
            player: self._assign(
                f"{node} to {player}",
                build.total(
                    [
                        ir.Binary("mul", p, self.worth[way.to][player])
                        for p, way in zip(self.chances[node], ways, strict=True)
                    ]
                ),
            )
            for player in self.players
        }

    def _choose(self, part: Part) -> None:
        """The logit choice at a node where all is seen."""
        (one,) = part.sets
        worths = [self.worth[way.to][one.player] for way in self.tree.nodes[part.root].ways]
        best = worths[0]
        for worth in worths[1:]:
            best = ir.Binary("max", best, worth)
        precision = self.rationality[one.player]
        weights: list[Node] = []
        for worth in worths:
            below = ir.Binary("mul", precision, ir.Binary("sub", worth, best))  # inf · 0 would be no number
            weights.append(ir.Unary("exp", build.select(ir.Binary("lt", worth, best), below, ir.ZERO)))
        self._share(one.name, one.moves, one.nodes, weights)

    def _share(self, name: str, moves: tuple[str, ...], nodes: tuple[str, ...], weights: list[Node]) -> None:
        """Probabilities of the moves of an information set, as their weights are to each other."""
        weights = [self._assign(f"{name}.{move} weight", w) for move, w in zip(moves, weights, strict=True)]
        whole = build.total(weights)
        made = tuple(
            self._assign(f"{name}.{move}", ir.Binary("div", w, whole)) for move, w in zip(moves, weights, strict=True)
        )
        self.chances.update(dict.fromkeys(nodes, made))

    def _solve_together(self, part: Part) -> None:
        """A part in which somebody moves without seeing all."""
        weighed: dict[str, dict[str, Node]] = {leaf: {} for leaf in part.leaves}
        length: Node = ir.ZERO
        moving = dict.fromkeys(one.player for one in part.sets)
        spreads = []
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
        name = f"{part.root} change"
        change = self.bench.assign(f"{self.game.name}.{name}", self.game.sets, "real", found.change)
        what = f"no equilibrium of {self.game.name} was found from {part.root} on"
        self._check(name, change, float("-inf"), CONVERGED, what)
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

    def odds_of(self, end: str) -> Node:
        """How likely the game comes to an end."""
        reached: dict[str, Node] = {self.game.begins: ir.ONE}
        found: list[Node] = []
        for name, node in self.tree.nodes.items():
            for p, way in zip(self.chances[name], node.ways, strict=True):
                here = build.mul(reached[name], p)
                if way.to in self.tree.nodes:
                    reached[way.to] = here
                elif way.to == end:
                    found.append(here)
        return build.total(found)

    def played(self) -> Node:
        """The end come to (int) when a move is sampled by its probability at every node on the way."""
        leads: dict[str, Node] = {end.name: build.integer(n) for n, end in enumerate(self.game.ends)}
        words: dict[str, Node] = {}
        axes = own_axes(self.game.sets)
        for name in reversed(self.tree.nodes):
            node = self.tree.nodes[name]
            drawn = name if node.by is None else set_name(node)
            if drawn not in words:
                stream = f"{self.game.name}.{drawn}"
                words[drawn] = self.bench.word(stream, self.game.sets, axes, "entry", self.number, self.due)
            below: Node = ir.ZERO
            cuts = [below := build.add(below, p) for p in self.chances[name][:-1]]
            result = leads[node.ways[-1].to]
            if len(node.ways) > 2:  # rounding may leave the word above the last cut: the last open way takes it
                for p, way in zip(self.chances[name], node.ways, strict=True):
                    result = build.select(ir.Binary("lt", ir.ZERO, p), leads[way.to], result)
            for cut, way in reversed(list(zip(cuts, node.ways, strict=False))):
                result = build.select(ir.Below(words[drawn], cut), leads[way.to], result)
            leads[name] = self.bench.assign(f"{self.game.name}.{name} leads to", self.game.sets, "int", result)
        return leads[self.game.begins]
