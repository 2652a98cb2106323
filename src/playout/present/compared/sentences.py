"""What a comparison finds, in sentences: who dominates whom, what the objective makes of it, what it leaves out."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from playout.analyse.average import FEWEST_FOR_A_VIEW
from playout.analyse.compare.dominance import SURE
from playout.analyse.objective import Weight
from playout.present.views.against import told_of_references
from playout.present.words import count, frequency, quantity, with_error

if TYPE_CHECKING:
    from playout.present.compared import Compared

SHOWN = 3
"""Pairs that are named one by one."""


def sentences(compared: Compared) -> Iterator[str]:
    """All that is said, the most certain first."""
    if compared.comparison.by == "policy":
        yield from dominance_sentences(compared)
        yield from objective_sentences(compared)
        yield from ranking_sentences(compared)
        found = compared.comparison
        yield from (text.replace("`", "") for text in told_of_references(found.scenario, found.against))
    yield from sureness_sentences(compared)


def dominance_sentences(compared: Compared) -> Iterator[str]:
    """Whether any policy is at least as good in everything that says which way is better."""
    found = compared.comparison
    counted = [row for row in found.rows if row.better is not None]
    if not counted:
        yield "Nothing here says which way is better: no measure is one of people, and no objective was stated."
        return
    if found.counted < FEWEST_FOR_A_VIEW:
        yield (
            f"Whether a policy dominates another cannot be told from {count(found.counted, 'future')}: play "
            f"{FEWEST_FOR_A_VIEW} or more."
        )
        return
    where = f" in every view ({count(len(found.views), 'view')})" if len(found.views) > 1 else ""
    what = _spoken(compared)
    sure, maybe = found.dominating("dominates"), found.dominating("may dominate")
    if not sure:
        yield (
            f"No policy dominates another: none is shown to be at least as good in {what}{where}, and better in one "
            f"({SURE:g} standard errors)."
        )
    for one, other in sure[:SHOWN]:
        yield (
            f"“{compared.titles[one]}” dominates “{compared.titles[other]}”: at least as good in {what}{where}, and "
            f"better beyond doubt in one at least ({SURE:g} standard errors)."
        )
    for one, other in maybe[:SHOWN]:
        stands = found.pair(one, other).stands
        assert stands is not None
        total = stands.better + stands.same + stands.open
        yield (
            f"“{compared.titles[one]}” may dominate “{compared.titles[other]}”: it is worse in nothing, but "
            f"{stands.open} of {total} differences lie within {SURE:g} standard errors of nought."
        )
    more = max(0, len(sure) - SHOWN) + max(0, len(maybe) - SHOWN)
    if more:
        yield f"Of {count(more, 'further pair')} the same holds: `--json` names them."


def _spoken(compared: Compared) -> str:
    rows = [row for row in compared.comparison.rows if row.better is not None]
    people = sum(row.people for row in rows)
    parts = [f"all {count(people, 'measure')} of people" if people > 1 else "what happens to people"] if people else []
    parts += (
        ["the objective's other wishes" if people else "all that the objective speaks of"] if people < len(rows) else []
    )
    return " and ".join(parts)


def objective_sentences(compared: Compared) -> Iterator[str]:
    """What was wanted, unit by unit, and whom that leaves out; or that nothing was."""
    found = compared.comparison
    aim = found.objective
    if aim is None:
        yield "Policies are not ranked: no objective was stated."
        return
    units = {row.name: row.outcome.unit for row in found.rows}
    titles = {row.name: row.outcome.title for row in found.rows}
    yield f"Objective as stated: {aim.text}."
    if aim.weights:
        told = "; ".join(
            _weight(weight, units[weight.outcome.name], titles[weight.outcome.name]) for weight in aim.weights
        )
        mixed = len({units[weight.outcome.name] for weight in aim.weights}) > 1
        worth = " What a unit of one is worth in units of another is the reader's judgement alone." if mixed else ""
        yield f"In points, over the whole run: {told}.{worth}"
    if aim.limits and not aim.weights:
        yield "A future has 1 point where it keeps every limit, and else none."
    left = aim.left_out(found.scenario)
    if left:
        names = [found.scenario.measures[name].title or name for name in left]
        yield f"The objective leaves out {count(len(left), 'measure')} of people, which the table shows: {_few(names)}."


def _weight(weight: Weight, unit: str, title: str) -> str:
    points = quantity(abs(weight.points))
    if weight.outcome.chance:
        return f"{points} {'for' if weight.points > 0 else 'off for'} “{title}”"
    each = f"each {unit}" if unit not in ("", "1") else "each unit"
    return f"{points} {'for' if weight.points > 0 else 'off for'} {each} of “{title}”"


def _few(names: Sequence[str], most: int = 4) -> str:
    shown = "; ".join(names[:most])
    return shown if len(names) <= most else f"{shown}; and {len(names) - most} more"


def ranking_sentences(compared: Compared) -> Iterator[str]:
    """What the objective makes of policies: the most points, and the least greatest regret over views."""
    found = compared.comparison
    ranking = found.ranking
    if ranking is None:
        return
    best, second = ranking.order[:2]
    lead = found.pair(best, second).points
    assert lead is not None
    by = f"{with_error(lead.mean.whole.value, lead.mean.whole.se)} points"
    sure = "" if lead.mean.whole.value > SURE * lead.mean.whole.se else ", which is within the noise"
    yield (
        f"By this objective “{compared.titles[best]}” comes first, by {by} before “{compared.titles[second]}”{sure}; "
        f"it does better in {frequency(lead.higher.p)} and the same in {frequency(lead.same.p)}."
    )
    if found.objective is not None and found.objective.weights and ranking.kept is not None:
        yield (
            f"It keeps every limit in {frequency(ranking.kept[best].p)}, “{compared.titles[second]}” in "
            f"{frequency(ranking.kept[second].p)}: limits do not change the order by points."
        )
    reached = found.pair(best, second).orders
    if reached is not None and reached.standing == "dominates":
        yield (
            f"Whatever number of points is wanted, “{compared.titles[best]}” is at least as likely to reach it as "
            f"“{compared.titles[second]}”."
        )
    least = ranking.regrets
    if not found.views or least.margin is None:
        return
    own = least.choices[least.minimax]
    margin = with_error(least.margin.value, least.margin.se)
    where = found.scenario.views[own.where].title or own.where
    worst = (
        "no regret in any view"
        if own.greatest.value == 0.0
        else f"at most {quantity(own.greatest.value, 2)} points, where “{where}” holds"
    )
    yield (
        f"Over the views, “{compared.titles[found.names[least.minimax]]}” would be regretted least: {worst}; the next "
        f"would be regretted by {margin} points more."
    )


def sureness_sentences(compared: Compared) -> Iterator[str]:
    """What the same draws save."""
    found = compared.comparison
    known = [
        own.sureness
        for name in found.others
        for row, own in zip(found.rows, found.pair(name, found.reference).differences, strict=True)
        if own.sureness is not None and (row.people or not any(other.people for other in found.rows))
    ]
    if not known:
        return
    middle, low, high = statistics.median(known), min(known), max(known)
    if high < 1.05:
        yield "The same draws make differences here no surer than draws of their own would."
        return
    most = "over 1,000" if high > 1000.0 else quantity(high, 2)
    span = f" ({quantity(low, 2)} to {most} times, by outcome)" if high > 1.05 * low else ""
    yield (
        f"The same draws make a difference as sure as independent ones would in {quantity(middle, 2)} times as many "
        f"futures{span}."
    )
