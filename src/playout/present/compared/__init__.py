"""A comparison to read, draw and compute with: frames, plain data, a chart, what a notebook shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from playout.analyse.average import Average, Mean
from playout.analyse.compare.comparison import Comparison
from playout.analyse.compare.difference import Difference
from playout.analyse.compare.rows import Row
from playout.present.views.written import policy_title

if TYPE_CHECKING:
    import altair

SAYS = {1.0: "more", -1.0: "less", None: None}
"""Which way is better, as data says it."""


@dataclass(frozen=True)
class Compared:
    """What `playout.compare` gives. comparison: the numbers, as `playout.analyse.compare` has them."""

    comparison: Comparison

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Of what is compared, by name."""
        return {name: self.title(name) for name in self.comparison.names}

    def title(self, name: str) -> str:
        """The title of a policy, of several joined, or of a view."""
        scenario = self.comparison.scenario
        if self.comparison.by == "view":
            return scenario.views[name].title or name
        return policy_title(scenario, name)

    def frame(self, reference: str | None = None) -> pl.DataFrame:
        """One row for each policy (or view), outcome and view; in rows of all futures `view` is null.

        Columns: policy (or view compared, under `of`), outcome, title, kind, group, unit, better (less, more or null);
        view, futures; level and its standard error; then against the reference, future by future: difference and its
        standard error; in rows of all futures also lower, higher and same, the shares of futures, better_in, the share
        in which it does better (null where nobody has said which way is better), and sureness, the variance under
        independent draws over the one under the same draws. reference: another than the comparison's own.
        """
        against = self.comparison.reference if reference is None else reference
        return pl.DataFrame(list(self._lines(against)), schema=_SCHEMA, orient="row")

    def regrets(self) -> pl.DataFrame | None:
        """Points of the objective by policy and view, and their regret; None without an objective.

        Columns: policy, view, points, points_se, regret, regret_se; `view` is null in rows of all futures, where regret
        is its expectation.
        """
        ranking = self.comparison.ranking
        if ranking is None:
            return None
        lines: list[tuple[object, ...]] = []
        for name, regret in zip(self.comparison.names, ranking.regrets.choices, strict=True):
            points = ranking.points[name]
            for view, mean in points.by_view.items():
                own = regret.by_view[view]
                lines.append((name, view, mean.value, mean.se, own.value, own.se))
            lines.append((name, None, points.whole.value, points.whole.se, regret.expected.value, regret.expected.se))
        names = ("policy", "view", "points", "points_se", "regret", "regret_se")
        kinds = (pl.String, pl.String, pl.Float64, pl.Float64, pl.Float64, pl.Float64)
        return pl.DataFrame(lines, schema=dict(zip(names, kinds, strict=True)), orient="row")

    def as_json(self) -> dict[str, Any]:
        """Plain data under the scenario's own names; every estimate with its standard error."""
        from playout.present.compared.plain import plain_comparison

        return plain_comparison(self)

    def sentences(self) -> tuple[str, ...]:
        """What is found, in sentences: which policy dominates, what the objective makes of them."""
        from playout.present.compared.sentences import sentences

        return tuple(sentences(self))

    def chart(self, outcomes: Sequence[str] | None = None) -> altair.TopLevelMixin:
        """Differences from the reference: a panel for each outcome (of people, unless said), a line for each policy."""
        from playout.present.charts import with_colours
        from playout.present.compared.drawing import difference_panels
        from playout.present.shown import chart_of

        return chart_of(with_colours(difference_panels(self, outcomes)))

    def _repr_html_(self) -> str:
        from playout.present.charts import with_colours
        from playout.present.compared.drawing import difference_panels
        from playout.present.shown import html_of

        people = pl.col("group") == "people"
        table = self.frame().filter(people & pl.col("view").is_null() & (pl.col("of") != self.comparison.reference))
        told = table.select("of", "title", "unit", "difference", "difference_se", "better_in")
        title = f"{self.comparison.scenario.title}: {len(self.comparison.names)} {self.plural} compared"
        return html_of(title, self.sentences(), {"": told}, [with_colours(difference_panels(self, None))])

    def write(self, folder: Path) -> None:
        """Write `comparison.json`, `comparison.csv` and the chart, `comparison.svg`, into a folder, which is made."""
        import json

        import vl_convert

        from playout.present.charts import with_colours
        from playout.present.compared.drawing import difference_panels
        from playout.simulate.store import write_text

        write_text(folder / "comparison.json", json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")
        write_text(folder / "comparison.csv", self.frame().write_csv())
        drawn = json.dumps(with_colours(difference_panels(self, None)))
        write_text(folder / "comparison.svg", str(vl_convert.vegalite_to_svg(drawn)))

    @property
    def plural(self) -> str:
        """Policies, or views."""
        return "policies" if self.comparison.by == "policy" else "views"

    def _lines(self, against: str) -> Iterator[tuple[object, ...]]:
        found = self.comparison
        for name in found.names:
            pair = None if name == against else found.pair(name, against)
            for place, row in enumerate(found.rows):
                gap = None if pair is None else pair.differences[place]
                yield from _lines_of(name, row, found.levels[name][place], gap)


_SCHEMA = {
    **dict.fromkeys(("of", "outcome", "title", "kind", "group", "unit", "better", "view"), pl.String),
    "futures": pl.Int64,
    **dict.fromkeys(("level", "level_se", "difference", "difference_se"), pl.Float64),
    **dict.fromkeys(("lower", "higher", "same", "better_in", "sureness"), pl.Float64),
}


def _lines_of(name: str, row: Row, level: Average, gap: Difference | None) -> Iterator[tuple[object, ...]]:
    """The rows of one outcome: over all futures, then by view."""
    own = row.outcome
    head = (name, row.name, own.title, own.kind, row.group, own.unit, SAYS[row.better])
    shares: tuple[float | None, ...] = (None,) * 5
    if gap is not None:
        better = None if row.better is None else gap.beats(row.better).p
        shares = (gap.lower.p, gap.higher.p, gap.same.p, better, gap.sureness)
    yield (*head, None, level.whole.n, *_pair(level.whole), *_pair(None if gap is None else gap.mean.whole), *shares)
    for view, mean in level.by_view.items():
        other = None if gap is None else gap.mean.by_view[view]
        yield (*head, view, mean.n, *_pair(mean), *_pair(other), *(None,) * 5)


def _pair(mean: Mean | None) -> tuple[float | None, float | None]:
    return (None, None) if mean is None else (mean.value, mean.se)
