"""How a scenario's games are solved, to look at: frames, plain objects, a chart, and what a notebook shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playout.analyse.rounding import number
from playout.analyse.solved import GameFinding
from playout.present import charts
from playout.present.shown import chart_of, html_of
from playout.present.words import day, percent

if TYPE_CHECKING:
    import altair
    import polars as pl


@dataclass(frozen=True)
class Games:
    """The games of a scenario on a date. scenario: its title."""

    scenario: str
    date: dt.date
    games: tuple[GameFinding, ...]

    def frame(self) -> pl.DataFrame:
        """Moves, one a row: game, information set, player, move, its probability at the medians, and the regret of the
        set: what the best move there would bring above what is expected there."""
        import polars as pl

        rows = [
            (found.label, known, _player(found, known), move, p, found.solution.regret[known])
            for found in self.games
            for known, moves in found.solution.moves.items()
            for move, p in moves.items()
        ]
        names = ["game", "information_set", "player", "move", "probability", "regret"]
        return pl.DataFrame(rows, schema=names, orient="row")

    def ends(self) -> pl.DataFrame:
        """Ends, one a row: game, end, its odds at the medians, their mean over futures with its standard error."""
        import polars as pl

        rows = [(found.label, end.name, end.odds, end.mean, end.se) for found in self.games for end in found.ends]
        return pl.DataFrame(rows, schema=["game", "end", "odds", "mean", "se"], orient="row")

    def as_json(self) -> dict[str, Any]:
        """Plain data with the scenario's own names."""
        return {
            "scenario": self.scenario,
            "date": self.date.isoformat(),
            "games": {
                found.label: {
                    "futures": found.futures,
                    "rationality": {name: number(value) for name, value in found.rationality.items()},
                    "moves": {
                        known: {move: number(p) for move, p in moves.items()}
                        for known, moves in found.solution.moves.items()
                    },
                    "regret": {known: number(value) for known, value in found.solution.regret.items()},
                    "expected": {name: number(value) for name, value in found.solution.expected.items()},
                    "ends": {
                        end.name: {
                            "worth": {name: number(value) for name, value in end.worth.items()},
                            "odds": number(end.odds),
                            "mean": number(end.mean),
                            "se": number(end.se),
                        }
                        for end in found.ends
                    },
                }
                for found in self.games
            },
        }

    def chart(self, game: str = "") -> altair.TopLevelMixin:
        """The odds of a game's ends at the medians; of the first game unless one is named."""
        return chart_of(self._spec(next(found for found in self.games if game in ("", found.label))))

    def _spec(self, found: GameFinding) -> dict[str, Any]:
        ordered = sorted(found.ends, key=lambda end: -end.odds)
        bars = [charts.Bar(end.title, end.odds, percent(end.odds), None, None) for end in ordered]
        spec = charts.with_colours(charts.share_bars(bars))
        title = f"{found.game.title}: “{ordered[0].title}” in {percent(ordered[0].odds)}"
        subtitle = f"odds of each end on {day(self.date)}, at the medians of the game's numbers"
        return {**spec, "width": charts.USUAL, "title": {"text": title, "subtitle": subtitle}}

    def _repr_html_(self) -> str:
        most = [max(found.ends, key=lambda end: end.odds) for found in self.games]
        sentences = [
            f"{found.label}: the likeliest end is “{end.title}”, with {percent(end.odds)} at the medians of the game's "
            f"numbers and {percent(end.mean)} on average over {found.futures} futures."
            for found, end in zip(self.games, most, strict=True)
        ]
        tables = {"Moves": self.frame(), "Ends": self.ends()}
        specs = [self._spec(found) for found in self.games[:1]]
        return html_of(f"{self.scenario}: its games on {day(self.date)}", sentences, tables, specs)


def _player(found: GameFinding, known: str) -> str:
    """Who moves in an information set."""
    return next(str(node.by) for node in found.game.nodes if node.by is not None and (node.knows or node.name) == known)
