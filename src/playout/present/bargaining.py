"""`Bargained`: where a group decision ends, as frames, plain data, a chart and words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playout.analyse.bargaining_rounds import Bargaining, Dyad, Forecast
from playout.analyse.estimate import QUANTILES
from playout.analyse.rounding import number
from playout.present.lines import Line, shortened
from playout.present.words import count, percent, quantity

if TYPE_CHECKING:
    import altair
    import polars as pl

Plain = dict[str, Any]

ROUNDS_SHOWN = 8
"""Rounds that the terminal shows; frames and JSON have all."""
NAMES = 14
"""Letters of an actor's name in a table on the terminal."""


@dataclass(frozen=True)
class Bargained:
    """What `playout.bargain` gives. bargaining: the rounds with everything they were played from."""

    bargaining: Bargaining

    @property
    def forecast(self) -> Forecast:
        """The group's decision: the median at the end."""
        return self.bargaining.forecast

    # --- frames ---

    def frame(self) -> pl.DataFrame:
        """One row a round, from 0: the median and the weighted mean with their standard errors, standard deviations and
        quantiles over futures, and the share of futures in which nobody moves any more."""
        import polars as pl

        rows = []
        for place, own in enumerate(self.bargaining.rounds):
            row: Plain = {"round": place}
            for name, forecast in (("median", own.median), ("mean", own.mean)):
                row |= {name: forecast.mean, f"{name}_se": forecast.se, f"{name}_sd": forecast.sd}
                row |= {
                    f"{name}_p{100 * q:02.0f}": value for q, value in zip(QUANTILES, forecast.quantiles, strict=True)
                }
            rows.append({**row, "settled": own.settled})
        return pl.DataFrame(rows)

    def positions(self) -> pl.DataFrame:
        """One row for each round and actor: its position, with its standard error over futures."""
        import polars as pl

        return pl.DataFrame(
            [
                {"round": place, "actor": actor.name, "position": at.mean, "se": at.se, "sd": at.sd}
                for place, own in enumerate(self.bargaining.rounds)
                for actor, at in zip(self.bargaining.actors, own.positions, strict=True)
            ]
        )

    def dyads(self) -> pl.DataFrame:
        """One row a pair at the start: the probability that the first prevails, what each expects of challenging the
        other, where they stand, and the share of futures in which they stand there."""
        import polars as pl

        return pl.DataFrame(
            [
                {
                    "first": own.first,
                    "second": own.second,
                    "p": own.probability.mean,
                    "p_se": own.probability.se,
                    "first_expects": own.gain.mean,
                    "first_expects_se": own.gain.se,
                    "second_expects": own.threat.mean,
                    "second_expects_se": own.threat.se,
                    "quadrant": own.quadrant,
                    "share": own.quadrants[own.quadrant],
                }
                for own in self.bargaining.dyads
            ]
        )

    # --- plain data ---

    def as_json(self) -> Plain:
        """Plain data: what ``playout bargain --json`` prints."""
        found = self.bargaining
        return {
            "reading": found.reading,
            "offers": found.offers,
            "futures": found.futures,
            "seed": found.seed,
            "settled": number(found.settled),
            "forecast": _plain(found.forecast),
            "rounds": [
                {
                    "median": _plain(own.median),
                    "mean": _plain(own.mean),
                    "settled": number(own.settled),
                    "positions": {
                        actor.name: _plain(at) for actor, at in zip(found.actors, own.positions, strict=True)
                    },
                }
                for own in found.rounds
            ],
            "risk": {actor.name: _plain(own) for actor, own in zip(found.actors, found.risk, strict=True)},
            "dyads": [_plain_dyad(own) for own in found.dyads],
        }

    # --- pictures and notebooks ---

    def chart(self) -> altair.TopLevelMixin:
        """Each actor's position by round, and the group's median over them."""
        from playout.present.bargaining_chart import bargaining_spec
        from playout.present.shown import chart_of

        return chart_of(bargaining_spec(self.bargaining))

    def _repr_html_(self) -> str:
        from playout.present.bargaining_chart import bargaining_spec
        from playout.present.shown import html_of

        sentences = [forecast_words(self.bargaining), *settled_words(self.bargaining)]
        return html_of("A group decision", sentences, {"Pairs": self.dyads()}, [bargaining_spec(self.bargaining)])


def _plain(forecast: Forecast) -> Plain:
    quantiles = {f"p{100 * q:02.0f}": number(value) for q, value in zip(QUANTILES, forecast.quantiles, strict=True)}
    return {"mean": number(forecast.mean), "se": number(forecast.se), "sd": number(forecast.sd), **quantiles}


def _plain_dyad(own: Dyad) -> Plain:
    return {
        "first": own.first,
        "second": own.second,
        "p": {"mean": number(own.probability.mean), "se": number(own.probability.se)},
        "first_expects": {"mean": number(own.gain.mean), "se": number(own.gain.se)},
        "second_expects": {"mean": number(own.threat.mean), "se": number(own.threat.se)},
        "quadrants": {name: number(share) for name, share in own.quadrants.items() if share},
    }


# --- words ------------------------------------------------------------------------------------------------------------


def forecast_words(found: Bargaining) -> str:
    """The forecast: "The group's median ends at 7.4 (start: 7)"."""
    start, end = found.rounds[0].median, found.forecast
    if not found.drawn:
        return f"The group's median ends at {quantity(end.mean)} after {_rounds(found)}; it starts at {start.mean:g}."
    low, high = end.quantiles[0], end.quantiles[-1]
    return (
        f"The group's median ends at {quantity(end.quantiles[2])} in the middle future, between {quantity(low)} and "
        f"{quantity(high)} in 9 of 10 (mean {quantity(end.mean)} ± {quantity(end.se, 1)}, {found.futures:,} futures), "
        f"after {_rounds(found)}; it starts at {quantity(start.mean)} on average."
    )


def _rounds(found: Bargaining) -> str:
    return count(len(found.rounds) - 1, "round")


def settled_words(found: Bargaining) -> list[str]:
    """Whether positions have come to rest, and that the reading matters."""
    if found.settled == 1.0:
        said = "Nobody moves any more."
    elif not found.drawn:
        said = "Positions still move in the last round: read the forecast as where they stand, not as where they end."
    else:
        said = f"In {percent(1.0 - found.settled)} of futures positions still move in the last round."
    return [said, "The published model is ambiguous; its readings can give other forecasts (see --reading, --offers)."]


def bargain_lines(bargained: Bargained, width: int = 80) -> list[Line]:
    """The forecast, the rounds, and who stands how against whom at the start."""
    found = bargained.bargaining
    lines = [Line.of(line, "strong") for line in textwrap.wrap(forecast_words(found), width)]
    for sentence in settled_words(found):
        lines += [Line.of(line, "soft") for line in textwrap.wrap(sentence, width)]
    lines += [Line(), *_round_lines(found), Line(), *_dyad_lines(found, width)]
    return lines


def _round_lines(found: Bargaining) -> Iterator[Line]:
    """Median, mean and each actor by round; the first rounds and the last."""
    last = len(found.rounds) - 1
    shown = [*range(min(last, ROUNDS_SHOWN - 2) + 1)]
    shown += [last] if last not in shown else []
    rows = [(str(place), found.rounds[place]) for place in shown]
    heads = "".join(f"{'round ' + name if name == '0' else name:>8}" for name, _ in rows)
    yield Line.of(f"{'Position':<{NAMES}}{heads}", "strong")
    yield Line.of(_row("median", [own.median for _, own in rows]), "accent")
    yield Line.of(_row("weighted mean", [own.mean for _, own in rows]))
    for place, actor in enumerate(found.actors):
        yield Line.of(_row(actor.name, [own.positions[place] for _, own in rows]))


def _row(name: str, cells: list[Forecast]) -> str:
    return f"{shortened(name, NAMES - 1):<{NAMES}}" + "".join(f"{quantity(own.mean):>8}" for own in cells)


def _dyad_lines(found: Bargaining, width: int) -> Iterator[Line]:
    """Pairs that do not agree, by where they stand at the start."""
    yield Line.of("Who stands how against whom at the start", "strong")
    said = {
        "conflict": "both expect to gain by challenging: the one who expects more prevails",
        "compromise": "one expects to gain more than the other to lose: the other comes part of the way",
        "capitulation": "the other expects to lose more than that: it comes all the way",
        "stalemate": "neither expects to gain",
    }
    for quadrant, meaning in said.items():
        pairs = [_pair(own) for own in found.dyads if own.quadrant == quadrant]
        if pairs:
            text = f"{quadrant} ({meaning}): {', '.join(pairs)}"
            for line in textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    "):
                yield Line.of(line)


def _pair(own: Dyad) -> str:
    """The one who expects more first."""
    first, second = (own.first, own.second) if own.gain.mean >= own.threat.mean else (own.second, own.first)
    return f"{first}–{second}"
