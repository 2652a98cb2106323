"""Stories as a result: typical futures with their shares, futures at the ends, each told in dated sentences.

Shares are of the futures that ran to their end (in the baseline's run too, where there is one) and add up to one: each
such future is in one story, that of the medoid it lies nearest to. Standard errors take the medoids as given.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playout.analyse.estimate import Share
from playout.analyse.rounding import number
from playout.analyse.stories.facts import Facts
from playout.analyse.stories.tails import Tail
from playout.analyse.stories.typical import Typical
from playout.present.lines import Line, Mark, shortened
from playout.present.narrate import Narrative, narrate
from playout.present.narrate.course import amount
from playout.present.narrate.sentence import Reference
from playout.present.shown import chart_of, html_of
from playout.present.story_chart import story_chart
from playout.present.terminal import bars
from playout.present.views.written import policy_title
from playout.present.words import count
from playout.simulate.replay import Told
from playout.simulate.result import Runs

if TYPE_CHECKING:
    import altair
    import polars as pl

COLUMNS = ("kind", "title", "future", "share", "se", "end", "value", "unit", "sentences")
"""Of `Stories.frame`."""

REFERENCES = 3
"""References that a sentence shows on a page; JSON has all."""


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """One future told. kind: ``typical`` (share: of the futures it tells of), ``tail`` or ``asked``."""

    kind: str
    title: str
    told: Told
    facts: Facts
    narrative: Narrative
    share: Share | None = None
    tail: Tail | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        plain: dict[str, Any] = {"title": self.title, **self.narrative.as_json()}
        if self.share is not None:
            futures = round(self.share.p * self.share.n)
            plain |= {"share": self.share.p, "se": number(self.share.se), "futures": futures}
        if self.tail is not None:
            plain |= _plain_tail(self.tail)
        return plain


def _plain_tail(tail: Tail) -> dict[str, Any]:
    return {
        "end": str(tail.end),
        "value": number(tail.value),
        "unit": tail.unit,
        "difference": tail.compared,
        "median": number(tail.median),
        "among": tail.among,
        "as_far": tail.beyond,
    }


@dataclass(frozen=True, slots=True, eq=False)
class Stories:
    """What `playout.stories` gives. typical: how clusters were found, None where only some futures were asked for.

    counted: futures that ran to their end, which shares are of.
    """

    runs: Runs
    baseline: Runs | None
    typical: Typical | None
    stories: tuple[Story, ...]
    counted: int

    def of(self, kind: str) -> tuple[Story, ...]:
        """The stories of one kind."""
        return tuple(story for story in self.stories if story.kind == kind)

    # --- as data ---

    def frame(self) -> pl.DataFrame:
        """One row a story: its kind, title, the future that tells it, its share with its standard error, or its end."""
        import polars as pl

        rows = [
            {
                "kind": story.kind,
                "title": story.title,
                "future": story.told.future,
                "share": None if story.share is None else story.share.p,
                "se": None if story.share is None else story.share.se,
                "end": None if story.tail is None else str(story.tail.end),
                "value": None if story.tail is None else story.tail.value,
                "unit": None if story.tail is None else story.tail.unit,
                "sentences": len(story.narrative.sentences),
            }
            for story in self.stories
        ]
        numbers = dict.fromkeys(("share", "se", "value"), pl.Float64)
        whole = dict.fromkeys(("future", "sentences"), pl.Int64)
        texts = dict.fromkeys(("kind", "title", "end", "unit"), pl.String)
        schema = {name: {**numbers, **whole, **texts}[name] for name in COLUMNS}
        return pl.DataFrame(rows, schema=schema)

    def sentences(self) -> pl.DataFrame:
        """One row a sentence: story, future, date, text."""
        import polars as pl

        rows = [
            (story.title, story.told.future, sentence.date, sentence.text)
            for story in self.stories
            for sentence in story.narrative.sentences
        ]
        schema = {"story": pl.String, "future": pl.Int64, "date": pl.Date, "text": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def as_json(self) -> dict[str, Any]:
        """Plain data: the same bytes for the same futures."""
        runs, found = self.runs, self.typical
        return {
            "scenario": runs.name,
            "policy": runs.policy,
            "view": runs.view,
            "baseline": None if self.baseline is None else self.baseline.policy,
            "futures": runs.futures,
            "counted": self.counted,
            "seed": runs.seed,
            "engine": runs.engine,
            "precision": runs.precision,
            "stopped_futures": runs.stopped,
            "clusters": None if found is None else _plain_clusters(found),
            "stories": [story.as_json() for story in self.of("typical")],
            "tails": [story.as_json() for story in self.of("tail")],
            "asked": [story.as_json() for story in self.of("asked")],
        }

    # --- to read ---

    def markdown(self, level: int = 1) -> str:
        """The stories as a page. level: of its heading."""
        parts = [f"{'#' * level} Stories of {self._title()}", self._about()]
        for story in self.stories:
            parts.append(f"{'#' * (level + 1)} {self._headed(story)}")
            parts.append(f"*{self.what(story)}*")
            parts.append("\n".join(_item(s.text, s.refs) for s in story.narrative.sentences))
        return "\n\n".join(parts) + "\n"

    def chart(self) -> altair.TopLevelMixin:
        """A row for each story: the stages its future passes through, over time."""
        return chart_of(self.spec())

    def spec(self) -> dict[str, Any]:
        """The chart as a Vega-Lite specification."""
        rows = [(self._headed(story), story.told) for story in self.stories]
        return story_chart(self.runs.checked.scenario, rows, self.finding())

    def finding(self) -> str:
        """What the chart's title says."""
        if not self.of("typical"):
            return self.stories[0].title if self.stories else self._title()
        most = self.of("typical")[0]
        return f"The commonest story: {self._headed(most)} of futures"

    def _repr_html_(self) -> str:
        told = [f"{self._headed(story)}. {story.narrative.text}" for story in self.stories]
        return html_of(f"Stories of {self._title()}", [self._about(), *told], {"": self.frame()}, [self.spec()])

    def _title(self) -> str:
        return self.runs.checked.scenario.title

    def _headed(self, story: Story) -> str:
        shares = self._percents()
        return f"{story.title}, {shares[story.told.future]}%" if story.share is not None else story.title

    def _percents(self) -> Mapping[int, int]:
        """Shares in whole percent that add up to 100: rounded down, and the largest remainders up."""
        shares = {story.told.future: 100.0 * story.share.p for story in self.stories if story.share is not None}
        whole = {future: int(share) for future, share in shares.items()}
        left = 100 - sum(whole.values())
        for future in sorted(shares, key=lambda key: (whole[key] - shares[key], key))[:left]:
            whole[future] += 1
        return whole

    def _about(self) -> str:
        """How the stories were chosen."""
        runs, scenario = self.runs, self.runs.checked.scenario
        under = f" under “{policy_title(scenario, runs.policy)}”" if runs.policy else ""
        played = f"{count(runs.futures, 'future')}{under} (seed {runs.seed})"
        stopped = f"; {count(runs.stopped, 'future')} stopped and count nowhere" if runs.stopped else ""
        if self.typical is None:
            return f"In this model, of {played}{stopped}."
        stories = count(len(self.of("typical")), "story", "stories")
        return (
            f"In this model {played} fall into {stories} by which stages they reach, when, and what that comes to; "
            f"each is told by its medoid, the future to which its others lie nearest{stopped}."
        )

    def what(self, story: Story) -> str:
        """What the future told stands for."""
        future = f"Future {story.told.future:,}"
        if story.share is not None:
            error = f"{100 * story.share.se:.1g} percentage points"
            shares = self._percents()
            return f"{future}, nearest to {shares[story.told.future]}% of all futures (standard error {error})."
        if story.tail is None:
            return f"{future}."
        tail = story.tail
        value, middle = (amount(round(v) if tail.unit == "day" else v, tail.unit) for v in (tail.value, tail.median))
        if tail.compared and self.baseline is not None:
            value += f" above “{policy_title(self.runs.checked.scenario, self.baseline.policy or '')}”"
        among = f"the median of {count(tail.among, 'future')} is {middle}"
        return f"{future}: {value}; {among}, and {tail.beyond:,} go as far or further."

    # --- on a terminal ---

    def lines(self, width: int = 80) -> list[Line]:
        """First all stories with their shares, then each in its sentences."""
        lines = [Line.of(shortened(f"Stories of {self._title()}", width), "strong")]
        lines += [Line.of(line, "soft") for line in textwrap.wrap(self._about(), width)]
        lines += [Line(), *self._overview(width)]
        for story in self.stories:
            lines += [Line(), *(Line.of(line, "strong") for line in textwrap.wrap(self._headed(story), width))]
            lines += [Line.of(line, "soft") for line in textwrap.wrap(self.what(story), width)]
            for sentence in story.narrative.sentences:
                lines += [Line.of(line) for line in textwrap.wrap(sentence.text, width, subsequent_indent="  ")]
        return lines

    def _overview(self, width: int) -> Iterator[Line]:
        names = min(width - 27, max((len(story.title) for story in self.stories), default=0))
        shares = self._percents()
        for story in self.stories:
            first, *others = textwrap.wrap(story.title, names)
            title: tuple[str, Mark] = (f"{first:<{names}}  ", "plain")
            if story.share is None:
                yield Line((title, (f"future {story.told.future:,}", "soft")))
            else:
                cell = f"{shares[story.told.future]:>4}% ± {100 * story.share.se:.1g} pp"
                yield Line((title, (bars(story.share.p, width - names - 17), "bar"), (cell, "plain")))
            yield from (Line.of(f"  {other}") for other in others)


def _plain_clusters(found: Typical) -> dict[str, Any]:
    return {
        "count": len(found.clusters),
        "silhouette": None if found.silhouette is None else number(found.silhouette),
        "tried": {str(k): number(value) for k, value in found.tried.items()},
        "sample": found.sample,
    }


def _item(text: str, refs: Sequence[Reference]) -> str:
    """A sentence with what is behind it."""
    named = [
        f"{ref.kind} `{ref.name}{f'[{ref.member}]' if ref.member else ''}` at step {ref.step}"
        for ref in refs[:REFERENCES]
    ]
    more = f" and {len(refs) - REFERENCES} more" if len(refs) > REFERENCES else ""
    return f"- {text} ({', '.join(named)}{more})"


def told_story(
    runs: Runs, kind: str, title: str, told: Told, facts: Facts, share: Share | None = None, tail: Tail | None = None
) -> Story:
    """A story with its narrative."""
    return Story(kind, title, told, facts, narrate(told, runs.checked.scenario, facts), share, tail)
