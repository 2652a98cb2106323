"""What other verbs gave → what a report shows of it, and the JSON in which its numbers stand.

Compared, Explained, Discovered, Stories ──analysed──▶ Analyses, plain data by verb
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playout.analyse.average import Average
from playout.analyse.outcome import Outcome
from playout.analyse.rounding import least_said
from playout.present import words
from playout.present.origin import Told
from playout.present.views.analyses import Analyses, ComparedRow, Estimate, StoryView, Swing
from playout.present.views.analyses import Compared as ComparedView
from playout.present.views.analyses import Discovered as DiscoveredView
from playout.present.views.analyses import Explained as ExplainedView
from playout.present.views.analyses import Stories as StoriesView
from playout.present.views.belief import belief_title
from playout.present.views.discovery import ending_words, held_out_words, searched_words
from playout.present.views.explained import clear
from playout.present.views.measures import unit_words
from playout.present.words import count, mean_words, percent, quantity, under

if TYPE_CHECKING:
    from playout.analyse.linchpins import End
    from playout.analyse.sensitivity.tornado import Bar
    from playout.present.compared import Compared
    from playout.present.discovery import Discovered
    from playout.present.explained import Explained
    from playout.present.stories import Stories, Story
    from playout.present.views.explained import Said

Plain = dict[str, Any]

SWINGS = 8
"""Beliefs in a tornado."""


@dataclass(frozen=True)
class Given:
    """What other verbs gave, as they gave it; None for what could not be made, with the reason by verb in why_not."""

    compared: Compared | None = None
    explained: tuple[Explained, ...] = ()
    discovered: Discovered | None = None
    stories: Stories | None = None
    why_not: Mapping[str, str] = field(default_factory=dict)

    def analyses(self) -> Analyses:
        """What a report shows of it."""
        explained = [(each, explained_view(each)) for each in self.explained]
        return Analyses(
            compared=None if self.compared is None else compared_view(self.compared),
            explained=tuple(view for _, view in explained if view is not None),
            unmoved=tuple(_outcome_words(each) for each, view in explained if view is None),
            discovered=None if self.discovered is None else discovered_view(self.discovered),
            stories=None if self.stories is None else stories_view(self.stories),
            why_not=self.why_not,
        )

    def as_json(self) -> Plain:
        """What the verbs print as JSON, under ``compare``, ``discover`` and so on; sentences with it."""
        plain: Plain = {}
        if self.compared is not None:
            plain["compare"] = {**self.compared.as_json(), "sentences": list(self.compared.sentences())}
        if self.explained:
            plain["explain"] = {_explained_name(each): each.as_json() for each in self.explained}
        if self.discovered is not None:
            sentences = [_bad_words(self.discovered), *_searched(self.discovered)]
            plain["discover"] = {**self.discovered.as_json(), "sentences": sentences}
        if self.stories is not None:
            tails = [self.stories.what(story) for story in self.stories.of("tail")]
            plain["stories"] = {**self.stories.as_json(), "ends": tails}
        return plain


# --- estimates --------------------------------------------------------------------------------------------------------


def _estimate(outcome: Outcome, found: Average, path: str, *, difference: bool) -> Estimate:
    """A mean with its range over views, said as the outcome's kind asks for."""

    def said(value: float, se: float) -> str:
        """One mean: of chances in points or percent, of anything else no finer than its error."""
        if outcome.chance:
            return _points(value) if difference else percent(value)
        return mean_words(value, se, least_said(outcome.unit), difference=difference)

    whole = found.whole
    error = f"{100 * whole.se:.1g} points" if outcome.chance else _error(whole.se, outcome.unit)
    return Estimate(
        value=whole.value,
        low=found.low,
        high=found.high,
        text=said(whole.value, whole.se),
        se_text=error,
        low_text=said(found.low, whole.se),
        high_text=said(found.high, whole.se),
        origin=f"{path}/mean;{path}/se;{path}/views/*/mean",
    )


def _error(se: float, unit: str) -> str:
    return under(se, least_said(unit)) or quantity(se, 1)


def _points(value: float) -> str:
    return f"{100 * value:+.0f} points".replace("-", "−") if abs(value) >= 0.005 else "0 points"


def _sentences(texts: Sequence[str], path: str) -> tuple[Told, ...]:
    return tuple(Told(text, f"{path}/sentences") for text in texts)


# --- policies ---------------------------------------------------------------------------------------------------------


def compared_view(compared: Compared) -> ComparedView:
    """Policies side by side: every measure of people, then what the headline asks."""
    found = compared.comparison
    titles = [compared.titles[name] for name in found.others]
    headline = found.scenario.headline
    asked = headline.question[0] if headline is not None and headline.question is not None else ""
    rows = []
    for place, row in enumerate(found.rows):
        if not (row.people or row.name == asked):
            continue
        estimates = tuple(
            _estimate(
                row.outcome,
                found.pair(name, found.reference).differences[place].mean,
                f"compare/differences/{name}/{row.name}",
                difference=True,
            )
            for name in found.others
        )
        better = 0 if row.better is None else 1 if row.better > 0.0 else -1
        finding = _extremes(row.outcome.title, titles, estimates)
        unit = "" if row.outcome.chance else unit_words(row.outcome.unit)
        rows.append(ComparedRow(row.name, finding, unit, row.people, better, row.outcome.chance, estimates))
    stopped = sum(found.stopped.values())
    left_out = f"; {count(stopped, 'future')} stopped under one of them and are left out" if stopped else ""
    return ComparedView(
        policies=tuple(titles),
        against=compared.titles[found.reference],
        rows=tuple(rows),
        sentences=_sentences(
            [text for text in compared.sentences() if not text.startswith("The same draws")], "compare"
        ),
        source=Told(
            f"Source: this model, {count(found.futures, 'future')} under each policy{left_out}.",
            "compare/futures",
            "compare/stopped_futures",
        ),
    )


def _extremes(title: str, policies: Sequence[str], estimates: Sequence[Estimate]) -> Told:
    """A picture's finding: which policies lie furthest apart."""
    pairs = sorted(zip(policies, estimates, strict=True), key=lambda pair: pair[1].value)
    (least, low), (most, high) = pairs[0], pairs[-1]
    paths = (low.origin, high.origin)
    title = f"{title}:" if not title.endswith("?") else title
    if len(pairs) == 1:
        return Told(f"{title} {low.text} under “{least}”", *paths)
    if low.text == high.text:
        return Told(f"{title} {low.text} under every policy", *paths)
    return Told(f"{title} from {low.text} ({least}) to {high.text} ({most})", *paths)


# --- what decides it --------------------------------------------------------------------------------------------------


def explained_view(explained: Explained) -> ExplainedView | None:
    """The beliefs that swing an outcome most; None where it is the same in all futures, or none swings it."""
    said = explained.said
    if said is None or not said.found.varies:
        return None
    found, path = said.found, f"explain/{_explained_name(explained)}/explanation"
    swings = [(place, bar) for place, bar in enumerate(found.bars) if not bar.low_view and clear(bar)]
    widest = sorted(swings, key=lambda swing: -abs(swing[1].moves))[:SWINGS]
    if not widest:
        return None
    top = widest[0][1]
    finding = f"“{said.title(top.factor)}” moves {said.what} most: {_end(said, top.low)} to {_end(said, top.high)}"
    return ExplainedView(
        name=said.outcome.name,
        title=said.what[:1].upper() + said.what[1:],
        unit=said.unit,
        chance=said.outcome.chance,
        mean=_mean_of(said, found.mean.value, found.mean.se, f"{path}/mean/value"),
        swings=tuple(_swing(said, bar, f"{path}/ends/{place}") for place, bar in widest),
        sentences=(Told(finding, f"{path}/ends/{widest[0][0]}"),),
        source=Told(f"Source: this model, {count(found.mean.n, 'future')}.", f"{path}/samples"),
    )


def _outcome_words(explained: Explained) -> str:
    assert explained.found is not None
    return explained.found.outcome.name if explained.said is None else explained.said.what


def _explained_name(explained: Explained) -> str:
    assert explained.found is not None
    return explained.found.outcome.name


def _swing(said: Said, bar: Bar, path: str) -> Swing:
    low_end, high_end = said.ranges(bar, "{} or below", "{} or above")
    belief = said.checked.scenario.beliefs[bar.label.partition("[")[0]]
    return Swing(
        title=belief_title(said.checked.scenario, bar.label),
        low_end=low_end,
        high_end=high_end,
        low=_mean_of(said, bar.low.mean, bar.low.se, f"{path}/low"),
        high=_mean_of(said, bar.high.mean, bar.high.se, f"{path}/high"),
        assumed=any(entry.support.assumed is not None for entry in belief.entries),
    )


def _end(said: Said, end: End) -> str:
    return said.value(end.mean, end.se)


def _mean_of(said: Said, mean: float, se: float, path: str) -> Estimate:
    text = said.value(mean, se)
    error = f"{100 * se:.1g} points" if said.outcome.chance else _error(se, said.outcome.unit)
    return Estimate(mean, mean, mean, text, error, text, text, path)


# --- what ends badly --------------------------------------------------------------------------------------------------


def discovered_view(discovered: Discovered) -> DiscoveredView:
    """What makes futures end badly: what that means, a rule a box, and how sure the boxes are."""
    rules = []
    for place, rule in enumerate(discovered.rules()):
        box = f"discover/boxes/{place}"
        rules.append(Told(rule, f"{box}/rule"))
    sure = [
        Told(held_out_words(found), f"discover/boxes/{place}/held_out", "discover/settings", "discover/halves")
        for place, found in enumerate(discovered.discovery.found)
        if held_out_words(found)
    ]
    return DiscoveredView(
        what=Told(_bad_words(discovered), "discover/sentences"),
        rules=tuple(rules),
        sentences=(*sure, *_sentences(_searched(discovered), "discover")),
    )


def _bad_words(discovered: Discovered) -> str:
    found = discovered.discovery
    if not found.found:
        return f"Bad means here: {ending_words(found)}. Nowhere among the beliefs is that more frequent than elsewhere."
    return (
        f"Bad means here: {ending_words(found)}, as in {words.frequency(found.bad.p)}. These beliefs hold many of them:"
    )


def _searched(discovered: Discovered) -> list[str]:
    return [". ".join(text[:1].upper() + text[1:] for text in searched_words(discovered.discovery)) + "."]


# --- stories ----------------------------------------------------------------------------------------------------------


def stories_view(stories: Stories) -> StoriesView:
    """Typical futures and those at the ends, each in its sentences."""
    typical = [
        _story(story, f"stories/stories/{place}", _typical(story, place))
        for place, story in enumerate(stories.of("typical"))
    ]
    tails = [
        _story(story, f"stories/tails/{place}", Told(stories.what(story), "stories/ends"))
        for place, story in enumerate(stories.of("tail"))
    ]
    return StoriesView(tuple(typical), tuple(tails))


def _story(story: Story, path: str, about: Told) -> StoryView:
    lines = tuple(Told(sentence.text, f"{path}/sentences/*/text") for sentence in story.narrative.sentences)
    return StoryView(story.title, about, lines)


def _typical(story: Story, place: int) -> Told:
    assert story.share is not None
    path = f"stories/stories/{place}"
    return Told(
        f"{percent(story.share.p)} of futures go like this one (standard error {100 * story.share.se:.1g} points): "
        f"future {story.told.future:,}, to which the others lie nearest.",
        f"{path}/share",
        f"{path}/se",
        f"{path}/future",
    )
