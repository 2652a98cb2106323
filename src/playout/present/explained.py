"""`Explained`: what decides an outcome and what it would be worth to know it, as frames, plain data, charts, words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from playout.analyse.average import Mean
from playout.analyse.information_study import Information
from playout.analyse.objective import Objective
from playout.analyse.outcome import Outcome
from playout.analyse.rounding import number
from playout.analyse.sensitivity.factors import Factor
from playout.analyse.sensitivity.replay import Setting
from playout.analyse.sensitivity.studies import Explanation
from playout.analyse.sensitivity.tornado import Bar
from playout.errors import UsageError, unknown
from playout.present import explained_charts as charts
from playout.present.views.explained import Said, factor_title
from playout.present.views.written import policy_title
from playout.simulate.result import scenario_name

if TYPE_CHECKING:
    import altair
    import polars as pl

Plain = dict[str, Any]

SENTENCES = 5


@dataclass(frozen=True, slots=True)
class OutcomeFound:
    """What decides an outcome."""

    outcome: Outcome
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class InformationFound:
    """What knowing beliefs is worth for an objective."""

    objective: Objective
    information: Information


@dataclass(frozen=True)
class Explained:
    """What `playout.explain` gives. found: of an outcome, None where only an objective was stated; known: of an
    objective, None where none was."""

    setting: Setting
    found: OutcomeFound | None
    known: InformationFound | None

    @cached_property
    def said(self) -> Said | None:
        """The words for the outcome."""
        if self.found is None:
            return None
        name = self.setting.baseline
        against = "" if name is None else policy_title(self.setting.checked.scenario, name)
        return Said(self.setting.checked, self.found.outcome, self.found.explanation, against)

    def sentences(self, many: int = SENTENCES) -> list[str]:
        """A plain sentence for each of the factors that decide the outcome most."""
        return [] if self.said is None else self.said.sentences(many)

    def title(self, factor: Factor) -> str:
        """What a factor is called."""
        return factor_title(self.setting.checked.scenario, factor)

    # --- frames ---

    def frame(self, name: str | None = None) -> pl.DataFrame:
        """A table: ``indices`` (a row a factor, the method's indices), ``pairs``, ``ends`` or ``information``; the
        first that there is where none is named.

        Refuses, with a UsageError, one that this study does not have.
        """
        import polars as pl

        frames = self._rows()
        if name is None:
            name = next(iter(frames))
        if name not in frames:
            raise UsageError(unknown("table", name, list(frames)).replace("the scenario has", "there is"))
        return pl.DataFrame(frames[name], infer_schema_length=None)

    def _rows(self) -> dict[str, list[Plain]]:
        """By table, its rows."""
        frames: dict[str, list[Plain]] = {}
        if self.found is not None:
            found = self.found.explanation
            frames["indices"] = [
                {**_named(self, factor), **{f"{key}{end}": value for key, mean in indices.items()
                   for end, value in (("", mean.value), ("_se", mean.se))}}
                for factor, indices in _indices(found)
            ]  # fmt: skip
            if found.pairs:
                frames["pairs"] = [
                    {"one": p.one.name, "other": p.other.name, "second": p.index.value, "second_se": p.index.se}
                    for p in found.pairs
                ]
            frames["ends"] = [_end_row(self, bar) for bar in found.bars]
        if self.known is not None:
            frames["information"] = [
                {**_named(self, own.factor), "gain": own.worth.gain.value, "gain_se": own.worth.gain.se,
                 "changes": own.worth.changes}
                for own in self.known.information.known
            ]  # fmt: skip
        return frames

    # --- plain data ---

    def as_json(self) -> Plain:
        """Plain data: the scenario's own names, every estimate with its standard error."""
        setting = self.setting
        plain: Plain = {
            "scenario": scenario_name(setting.checked.scenario),
            "policy": setting.policy,
            "view": setting.view,
            "seed": setting.seed,
            "engine": setting.engine,
            "precision": setting.precision,
            "explanation": None if self.found is None else self._plain_explanation(self.found),
            "information": None if self.known is None else self._plain_information(self.known),
        }
        return plain

    def _plain_explanation(self, own: OutcomeFound) -> Plain:
        found, outcome = own.explanation, own.outcome
        return {
            "outcome": {"name": outcome.name, "kind": outcome.kind, "title": outcome.title, "unit": outcome.unit},
            "baseline": self.setting.baseline if outcome.compared else None,
            "method": found.method,
            "samples": found.samples,
            "futures_played": found.plays,
            "stopped_futures": found.stopped,
            "condition_not_met": found.unasked,
            "views_left_out": dict(found.left_out),
            "mean": _plain(found.mean),
            "sd": number(found.sd),
            "beliefs": None if found.beliefs is None else _plain_each(
                {"first": found.beliefs.first, "total": found.beliefs.total}),
            "factors": [{**_named(self, factor), **_plain_each(indices)} for factor, indices in _indices(found)],
            "pairs": [{"one": p.one.name, "other": p.other.name, "second": _plain(p.index)} for p in found.pairs],
            "ends": [_plain_bar(bar) for bar in found.bars],
            "sentences": self.sentences(),
        }  # fmt: skip

    def _plain_information(self, own: InformationFound) -> Plain:
        found = own.information
        perfect = found.perfect
        return {
            "objective": own.objective.text,
            "futures": found.futures,
            "futures_played": found.plays,
            "stopped_futures": found.stopped,
            "policies": {
                name: {**_plain(mean), "behind": _plain(behind)}
                for name, mean, behind in zip(found.policies, found.served, found.behind, strict=True)
            },
            "best": found.policies[found.best],
            "evpi": {"at_least": _plain(perfect.low), "at_most": _plain(perfect.high)},
            "with_chance_known": _plain(perfect.with_chance),
            "evppi": [
                {
                    **_named(self, known.factor),
                    "gain": _plain(known.worth.gain),
                    "changes": number(known.worth.changes),
                    "choices": dict(zip(found.policies, map(number, known.worth.choices), strict=True)),
                }
                for known in found.known
            ],
        }  # fmt: skip

    # --- pictures ---

    @property
    def charts(self) -> tuple[str, ...]:
        """The names of the charts that there are."""
        return tuple(self._specs)

    def spec(self, name: str | None = None) -> Mapping[str, Any]:
        """A chart as a Vega-Lite specification; the first where none is named. Refuses, with a UsageError, one that
        this study does not have."""
        if not self._specs:
            raise UsageError("there is nothing to draw: no factor can be told from none with so few samples")
        if name is None:
            name = self.charts[0]
        if name not in self._specs:
            raise UsageError(unknown("chart", name, self.charts).replace("the scenario has", "there is"))
        return self._specs[name]

    def chart(self, name: str | None = None) -> altair.TopLevelMixin:
        """A chart: ``tornado``, ``interactions`` (of sobol), ``morris``, ``delta`` or ``information``."""
        from playout.present.shown import chart_of

        return chart_of(self.spec(name))

    @cached_property
    def _specs(self) -> dict[str, Mapping[str, Any]]:
        specs: dict[str, Mapping[str, Any]] = {}
        if self.found is not None and self.said is not None:
            specs.update(charts.outcome_specs(self.said))
        if self.known is not None:
            specs["information"] = charts.information_spec(self.known.information, self.known.objective, self.title)
        return specs

    def _repr_html_(self) -> str:
        from playout.present.shown import html_of

        tables = {name: self.frame(name) for name in self._rows()}
        return html_of(self.heading, self.sentences(), tables, list(self._specs.values()))

    @property
    def heading(self) -> str:
        """What this is of."""
        if self.said is not None:
            return f"What decides {self.said.what}"
        assert self.known is not None
        return f"What it is worth to know before choosing for “{self.known.objective.text}”"


def _indices(found: Explanation) -> list[tuple[Factor, dict[str, Mean]]]:
    """By factor, what the method measures, largest first."""
    return [
        *((own.factor, {"first": own.first, "total": own.total}) for own in found.shares),
        *(
            (own.factor, {"mu": own.effects.mu, "mu_star": own.effects.mu_star, "sigma": own.effects.sigma})
            for own in found.effects
        ),
        *((own.factor, {"delta": own.delta}) for own in found.deltas),
    ]


def _named(explained: Explained, factor: Factor) -> Plain:
    return {"name": factor.name, "kind": factor.kind, "title": explained.title(factor)}


def _end_row(explained: Explained, bar: Bar) -> Plain:
    beliefs = explained.setting.checked.scenario.beliefs
    unit = "" if bar.low_view else beliefs[bar.label.partition("[")[0]].unit.text
    return {
        "name": bar.factor.name,
        "label": bar.label,
        "unit": unit,
        "low": None if bar.low_view else bar.low.edge,
        "high": None if bar.high_view else bar.high.edge,
        "low_view": bar.low_view or None,
        "high_view": bar.high_view or None,
        "low_mean": bar.low.mean,
        "low_se": bar.low.se,
        "high_mean": bar.high.mean,
        "high_se": bar.high.se,
    }


def _plain_bar(bar: Bar) -> Plain:
    return {
        "name": bar.factor.name,
        "label": bar.label,
        **{
            end: {
                "edge": view or number(own.edge),
                "only": bool(view) or own.only,
                "mean": number(own.mean),
                "se": number(own.se),
            }
            for end, own, view in (("low", bar.low, bar.low_view), ("high", bar.high, bar.high_view))
        },
    }


def _plain(mean: Mean) -> Plain:
    return {"value": number(mean.value), "se": number(mean.se)}


def _plain_each(means: Mapping[str, Mean]) -> Plain:
    return {name: _plain(mean) for name, mean in means.items()}
