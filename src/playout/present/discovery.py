"""`Discovered`: what makes futures end badly, as frames, plain data, charts and words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from playout.analyse.discovery.discover import Discovery, Found
from playout.analyse.rounding import number
from playout.errors import UsageError
from playout.present.lines import Line
from playout.present.views.discovery import (
    condition,
    ending_words,
    held_out_words,
    input_title,
    limit_words,
    rule,
    searched_words,
    share_words,
)
from playout.present.words import count, percent

if TYPE_CHECKING:
    import altair
    import polars as pl

    from playout.model.scenario import Belief, Scenario

Plain = dict[str, Any]


@dataclass(frozen=True)
class Discovered:
    """What `playout.discover` gives. discovery: the boxes as found, with everything they were found in."""

    discovery: Discovery

    @property
    def scenario(self) -> Scenario:
        return self.discovery.runs.checked.scenario

    def rules(self) -> list[str]:
        """A sentence for each box."""
        return [rule(self.scenario, found.box) for found in self.discovery.found]

    # --- frames ---

    def frame(self) -> pl.DataFrame:
        """The limits: one row for each box and limited belief, in the belief's unit.

        Columns: box (from 1), belief, title, unit, low, high, kept, quasi_p_low, quasi_p_high, found_again (the share
        of halves in which the box nearest in coverage limits the belief).
        """
        import polars as pl

        schema: dict[str, Any] = {
            "box": pl.Int64, "belief": pl.String, "title": pl.String, "unit": pl.String, "low": pl.Float64,
            "high": pl.Float64, "kept": pl.List(pl.String), "quasi_p_low": pl.Float64, "quasi_p_high": pl.Float64,
            "found_again": pl.Float64,
        }  # fmt: skip
        rows = [
            {"box": place, **self._limit(found, own.name)}
            for place, found in enumerate(self.discovery.found, start=1)
            for own in found.box.limits
        ]
        return pl.DataFrame(rows, schema=schema)

    def boxes(self) -> pl.DataFrame:
        """One row a box: futures and bad futures in it, coverage, density and mass with their standard errors, how many
        beliefs it limits, and its coverage and density in futures that it was not chosen by."""
        import polars as pl

        return pl.DataFrame([_flat(self._box(found)) for found in self.discovery.found], infer_schema_length=None)

    def trajectory(self, box: int = 1) -> pl.DataFrame:
        """The way of a box, one row a step: place, futures, bad, coverage, density, mass, limited, and whether it was
        peeled or pasted. Refuses, with a UsageError, boxes that are not there or were leaves of a tree."""
        import polars as pl

        way = self._found(box).way
        if way is None:
            raise UsageError("a tree's leaf has no trajectory: look for boxes with the method `prim`")
        return pl.DataFrame(
            [
                {
                    "place": place,
                    "futures": own.cases,
                    "bad": own.of_interest,
                    "coverage": own.coverage,
                    "density": own.density,
                    "mass": own.mass,
                    "limited": own.restricted,
                    "step": "all" if place == 0 else "peeled" if place < way.peeled else "pasted",
                }
                for place, own in enumerate(way.boxes)
            ]
        )

    def _found(self, box: int) -> Found:
        if not 1 <= box <= len(self.discovery.found):
            have = count(len(self.discovery.found), "box", "boxes")
            raise UsageError(f"there is no box {box}: {have} were found" if have != "1 box" else "there is 1 box only")
        return self.discovery.found[box - 1]

    # --- plain data ---

    def as_json(self) -> Plain:
        """Plain data under the scenario's own names: what ``playout discover --json`` prints."""
        found, runs = self.discovery, self.discovery.runs
        return {
            "scenario": runs.name,
            "policy": runs.policy,
            "view": runs.view,
            "futures": runs.futures,
            "seed": runs.seed,
            "engine": runs.engine,
            "bad": {"text": found.ending.text, "p": number(found.bad.p), "se": number(found.bad.se), "n": found.bad.n},
            "method": found.method,
            "settings": {**asdict(found.settings)},
            "searched": len(found.inputs.names),
            "left_out": {"known": list(found.known), "screened": found.screened, "same": dict(found.same)},
            "together": {"coverage": number(found.together.p), "se": number(found.together.se)},
            "boxes": [self._plain(own) for own in found.found],
        }

    def _plain(self, found: Found) -> Plain:
        way = found.way
        return {
            **self._box(found),
            "rule": rule(self.scenario, found.box),
            "limits": [self._limit(found, own.name) for own in found.box.limits],
            "place": found.place,
            "dropped": list(found.dropped),
            "trajectory": None
            if way is None
            else [
                {"coverage": number(own.coverage), "density": number(own.density), "limited": own.restricted}
                for own in way.boxes
            ],
        }

    def _box(self, found: Found) -> Plain:
        box, again = found.box, found.reproduced
        held_out = {
            name: None if mean is None else {"mean": number(mean.value), "se": number(mean.se)}
            for name, mean in (
                ("coverage", again.coverage if again else None),
                ("density", again.density if again else None),
            )
        }
        return {
            "futures": box.cases,
            "bad": box.of_interest,
            "coverage": {"p": number(box.coverage), "se": number(box.coverage_se)},
            "density": {"p": number(box.density), "se": number(box.density_se)},
            "base_rate": number(box.base_rate),
            "mass": number(box.mass),
            "limited": box.restricted,
            "held_out": held_out,
        }

    def _limit(self, found: Found, name: str) -> Plain:
        own = found.box.limit(name)
        assert own is not None
        low, high = found.quasi_p[name]
        belief = self.scenario.beliefs.get(name.partition("[")[0])
        return {
            "belief": name,
            "title": input_title(self.scenario, name),
            "unit": belief.unit.text if belief is not None else "",
            "low": None if own.low is None else number(own.low),
            "high": None if own.high is None else number(own.high),
            "kept": None if own.kept is None else [_category(belief, label) for label in own.kept],
            "quasi_p_low": None if low is None else number(low),
            "quasi_p_high": None if high is None else number(high),
            "found_again": found.reproduced.by_coverage.get(name, 0.0) if found.reproduced else None,
        }

    # --- pictures and notebooks ---

    def chart(self, box: int = 1) -> altair.TopLevelMixin:
        """One box: its way through coverage and density with the chosen box marked, above the limits it puts on
        beliefs. Refuses, with a UsageError, a box that is not there."""
        from playout.present.discovery_charts import discovery_spec
        from playout.present.shown import chart_of

        self._found(box)
        return chart_of(discovery_spec(self.discovery, box - 1))

    def _repr_html_(self) -> str:
        from playout.present.discovery_charts import discovery_spec
        from playout.present.shown import html_of

        found = self.discovery
        sentences = [*self.rules(), *(held_out_words(own) for own in found.found if held_out_words(own))]
        sentences.append(". ".join(searched_words(found)) + ".")
        charts = [discovery_spec(found)] if found.found else []
        return html_of(f"What makes futures end badly: {ending_words(found)}", sentences, {"": self.frame()}, charts)


def _flat(plain: Plain) -> Plain:
    """Nested shares as columns: coverage, coverage_se and so on."""
    flat: Plain = {}
    for name, value in plain.items():
        if name == "held_out":
            for what, mean in value.items():
                flat[f"held_out_{what}"] = mean["mean"] if mean else None
                flat[f"held_out_{what}_se"] = mean["se"] if mean else None
        elif isinstance(value, dict):
            flat[name], flat[f"{name}_se"] = value["p"], value["se"]
        else:
            flat[name] = value
    return flat


def _category(belief: Belief | None, label: str) -> str | float | None:
    """A value of a belief, or the name of a view."""
    return label if belief is None else number(float(label))


# --- the terminal -----------------------------------------------------------------------------------------------------


def discovery_lines(discovered: Discovered, width: int = 80) -> list[Line]:
    """The boxes in words: how often futures end badly, then for each box its limits and what lies in it."""
    found = discovered.discovery
    lines = [Line.of(line, "strong") for line in textwrap.wrap(f"Bad: {ending_words(found)}", width)]
    often = f"{percent(found.bad.p)} of {found.bad.n:,} futures (± {100 * found.bad.se:.1g} points)"
    lines.append(Line.of(often))
    if not found.found:
        lines += [Line(), Line.of("No region was found in which futures end badly more often than elsewhere.")]
    for place, own in enumerate(found.found, start=1):
        lines += [Line(), *_box_lines(discovered, own, place, width)]
    if len(found.found) > 1:
        together = f"Together the {len(found.found)} boxes hold {percent(found.together.p)} of the bad futures."
        lines += [Line(), Line.of(together)]
    lines.append(Line())
    lines += [Line.of(line, "soft") for line in textwrap.wrap("; ".join(searched_words(found)) + ".", width)]
    return lines


def _box_lines(discovered: Discovered, found: Found, place: int, width: int) -> Iterator[Line]:
    scenario, box = discovered.scenario, found.box
    many = len(discovered.discovery.found)
    left = ", of what was left" if place > 1 and found.way is not None else ""
    name = f"Box {place}{left}: " if many > 1 else ""
    for line in textwrap.wrap(f"{name}{share_words(box)}", width):
        yield Line.of(line, "accent")
    for limit in box.limits:
        title = input_title(scenario, limit.name)
        again = found.reproduced
        share = "" if again is None else f"  in {percent(again.by_coverage.get(limit.name, 0.0))} of halves"
        yield from _indented(f"{title} is {limit_words(scenario, limit)}{share}", width)
    if not box.limits:
        yield from _indented(condition(scenario, box), width)
    if found.dropped:
        titles = ", ".join(input_title(scenario, name) for name in found.dropped)
        yield from _indented(f"(taken off, as chance could explain them: limits on {titles})", width)
    if held_out_words(found):
        yield from _indented(held_out_words(found), width)


def _indented(text: str, width: int) -> Iterator[Line]:
    for line in textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    "):
        yield Line.of(line)
