"""What decides an outcome, on a terminal: a table of factors, a sentence for each of the first, pairs, and what it is
worth to know a belief."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from playout.analyse.average import Mean
from playout.analyse.sensitivity.factors import Factor
from playout.present.explained import Explained, InformationFound
from playout.present.lines import Line, Mark, table_lines
from playout.present.views.explained import SIZES, Said, share_words, told
from playout.present.views.missing import few_words
from playout.present.views.written import heading, policy_title
from playout.present.words import count, mean_words, percent, quantity

ROWS = 10
SENTENCES = 3
PAIRS = 3
OTHERS = 4
"""Policies that are named beside the best one."""


def explain_lines(explained: Explained, width: int = 80) -> list[Line]:
    """All of it, the outcome before the objective."""
    lines: list[Line] = []
    if explained.said is not None:
        lines += _outcome_lines(explained.said, width)
    if explained.known is not None:
        lines += [Line()] if lines else []
        lines += _information_lines(explained, explained.known, width)
    return lines


def _outcome_lines(said: Said, width: int) -> list[Line]:
    found = said.found
    unit = f" {said.unit}".rstrip()
    mean = said.value(found.mean.value, found.mean.se)
    stopped = (
        f"; {found.stopped:,} of {found.mean.n + found.unasked + found.stopped:,} stopped" if found.stopped else ""
    )
    stopped += f"; the condition holds in {found.mean.n:,}" if said.outcome.conditional else ""
    lines = [
        *_wrapped(f"What decides {said.what}", width, "strong"),
        *_wrapped(
            f"{mean}{'' if said.outcome.chance else unit} on average; {found.samples:,} {_SAMPLES[found.method]}, "
            f"{count(found.plays, 'future')} played{stopped}",
            width,
            "soft",
        ),
    ]
    if found.left_out:
        views = said.checked.scenario.views
        few = [(heading(views[name].title, name), futures) for name, futures in found.left_out.items()]
        lines += _wrapped(f"{few_words(few)}.", width, "soft")
    heads, rows = _table(said)
    if rows:
        lines += [Line(), *table_lines("", heads, rows, width)]
    lines.append(Line())
    for sentence in said.sentences(SENTENCES):
        lines += _wrapped(sentence, width, hang="  ")
    pairs = [pair for pair in found.pairs if told(pair.index)]
    if found.pairs:
        rows = [(said.pair(pair), (share_words(pair.index),)) for pair in pairs[:PAIRS]]
        lines += [Line(), *table_lines("Together, beyond what each has alone", ("share",), rows, width)]
        lines += [] if pairs else [Line.of("No pair can be told from none with so few rows.")]
    return lines


_SAMPLES = {"sobol": "rows", "morris": "trajectories", "delta": "futures"}


def _table(said: Said) -> tuple[tuple[str, ...], list[tuple[str, tuple[str, ...]]]]:
    """The heads, and the first factors with their cells."""
    found = said.found
    if found.method == "sobol":
        shares = [own for own in found.shares if told(own.total, SIZES)]
        rows: list[tuple[Factor, tuple[str, ...]]] = [
            (own.factor, (share_words(own.first), share_words(own.total))) for own in shares
        ]
        heads: tuple[str, ...] = ("alone", "in all")
    elif found.method == "morris":
        effects = [own for own in found.effects if told(own.effects.mu_star, SIZES)]
        rows = [(own.factor, (_size(said, own.effects.mu_star), _size(said, own.effects.sigma))) for own in effects]
        heads = ("mean size", "sd")
    else:
        rows = [(own.factor, (share_words(own.delta),)) for own in found.deltas if told(own.delta)]
        heads = ("delta",)
    return heads, [
        (said.title(factor) + (", together" if factor.grouped else ""), cells) for factor, cells in rows[:ROWS]
    ]


def _size(said: Said, mean: Mean) -> str:
    if said.outcome.chance:
        return f"{100 * mean.value:.2g} (±{100 * mean.se:.1g}) points"
    return f"{quantity(mean.value, 2)} (±{quantity(mean.se, 1)})"


def _information_lines(explained: Explained, own: InformationFound, width: int) -> Iterator[Line]:
    found = own.information
    scenario = explained.setting.checked.scenario
    best = found.policies[found.best]
    yield from _wrapped(f"What it is worth to know before choosing for “{own.objective.text}”", width, "strong")
    mean = found.served[found.best]
    behind = [(name, gap) for name, gap in zip(found.policies, found.behind, strict=True) if name != best]
    behind.sort(key=lambda other: -other[1].value)
    others = [
        f"{policy_title(scenario, name)} {mean_words(gap.value, gap.se, difference=True)} (±{quantity(gap.se, 1)})"
        for name, gap in behind[:OTHERS]
    ]
    others += [f"{len(behind) - OTHERS} more behind them"] if len(behind) > OTHERS else []
    yield from _wrapped(
        f"Without knowing more, “{policy_title(scenario, best)}” serves it best: {mean_words(mean.value, mean.se)} "
        f"points on average. Against it: {'; '.join(others)}.",
        width,
    )
    perfect = found.perfect
    yield from _wrapped(
        f"To know all beliefs beforehand is worth {_worth(perfect.low)} points at least and {_worth(perfect.high)} at "
        f"most; chance as well, {_worth(perfect.with_chance)}.",
        width,
    )
    worth = [known for known in found.known if told(known.worth.gain)]
    if not worth:
        yield from _wrapped("No single belief is worth knowing: none would change the choice to any use.", width)
        return
    yield Line()
    rows = [
        (
            explained.title(known.factor),
            (
                _worth(known.worth.gain),
                percent(known.worth.changes),
            ),
        )
        for known in worth[:ROWS]
    ]
    yield from table_lines("", ("worth", "changes the choice in"), rows, width)


def _worth(mean: Mean) -> str:
    """With its error; a bound that was raised to 0 has none."""
    if mean.value == 0.0:
        return "0"
    return f"{mean_words(mean.value, mean.se)} (±{quantity(mean.se, 1)})"


def _wrapped(text: str, width: int, mark: Mark = "plain", hang: str = "") -> list[Line]:
    return [Line.of(line, mark) for line in textwrap.wrap(text, width, subsequent_indent=hang)]
