"""A comparison as plain data for programs: the object that ``playout compare --json`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playout.analyse.average import Average, Mean
from playout.analyse.compare.asked import UNCHANGED
from playout.analyse.compare.comparison import Comparison, Pair
from playout.analyse.compare.difference import Difference
from playout.analyse.compare.dominance import FirstOrder, Verdict
from playout.analyse.compare.rows import Row
from playout.analyse.estimate import Share
from playout.analyse.rounding import number

if TYPE_CHECKING:
    from playout.present.compared import Compared

Plain = dict[str, Any]


def plain_comparison(compared: Compared) -> Plain:
    """The whole comparison. Numbers have seven significant digits; None stands for what there is no number of."""
    found = compared.comparison
    pairs = {name: found.pair(name, found.reference) for name in found.others}
    return {
        "scenario": found.name,
        "title": found.scenario.title,
        "by": found.by,
        "compared": {name: {"title": compared.titles[name]} for name in found.names},
        "reference": found.reference,
        "held": found.held,
        "futures": found.futures,
        "seed": found.seed,
        "engine": found.engine,
        "precision": found.precision,
        "futures_compared": found.counted,
        "stopped_futures": dict(found.stopped),
        "views": {
            name: {
                "title": found.scenario.views[name].title,
                "credence": found.scenario.views[name].credence,
                "futures": n,
            }
            for name, n in found.views.items()
        },
        "views_left_out": list(found.left_out),
        "reference_also_sets": {own.policy or UNCHANGED: list(own.left_open) for own in found.against},
        "outcomes": {row.name: _row(row) for row in found.rows},
        "levels": {name: _by_row(found, [_average(own) for own in found.levels[name]]) for name in found.names},
        "differences": {
            name: _by_row(found, [_difference(own) for own in pair.differences]) for name, pair in pairs.items()
        },
        "pairs": [_pair(found, *names, pair) for names, pair in found.pairs.items()],
        "dominates": [list(pair) for pair in found.dominating("dominates")],
        "may_dominate": [list(pair) for pair in found.dominating("may dominate")],
        "objective": _objective(found),
        "ranking": _ranking(found),
    }


def _by_row(found: Comparison, values: list[Plain]) -> Plain:
    return {row.name: value for row, value in zip(found.rows, values, strict=True)}


def _row(row: Row) -> Plain:
    own = row.outcome
    return {
        "kind": own.kind,
        "title": own.title,
        "unit": own.unit or None,
        "group": row.group,
        "people": row.people,
        "better": None if row.better is None else "more" if row.better > 0.0 else "less",
    }


def _mean(mean: Mean, name: str = "mean") -> Plain:
    return {name: number(mean.value), "se": number(mean.se)}


def _share(share: Share) -> Plain:
    return {"p": number(share.p), "se": number(share.se)}


def _average(average: Average) -> Plain:
    equal = average.equal
    return {
        **_mean(average.whole),
        "views": {name: {**_mean(mean), "futures": mean.n} for name, mean in average.by_view.items()},
        "equal_weights": None if equal is None else _mean(equal),
    }


def _difference(found: Difference) -> Plain:
    return {
        **_average(found.mean),
        "lower": _share(found.lower),
        "higher": _share(found.higher),
        "same": _share(found.same),
        "sureness": None if found.sureness is None else number(found.sureness),
    }


def _pair(found: Comparison, first: str, second: str, pair: Pair) -> Plain:
    """The first less the second; without views, which `differences` has against the reference."""
    whole = [{key: value for key, value in _difference(own).items() if key != "views"} for own in pair.differences]
    return {
        "first": first,
        "second": second,
        "differences": _by_row(found, whole),
        "points": None if pair.points is None else _difference(pair.points),
        "stands": None if pair.stands is None else _verdict(pair.stands),
        "first_order": None if pair.orders is None else _first_order(pair.orders),
    }


def _verdict(stands: Verdict) -> Plain:
    """In how many measures of people and of the objective, by view, the first is better, worse, the same or open."""
    return {"better": stands.better, "worse": stands.worse, "same": stands.same, "open": stands.open}


def _first_order(orders: FirstOrder) -> Plain:
    return {
        "above": number(orders.above),
        "below": number(orders.below),
        "allowed": number(orders.allowed),
        "standing": orders.standing,
    }


def _objective(found: Comparison) -> Plain | None:
    aim = found.objective
    if aim is None:
        return None
    units = {row.name: row.outcome.unit or None for row in found.rows}
    return {
        "text": aim.text,
        "weights": [
            {"outcome": own.outcome.name, "points": own.points, "unit": units[own.outcome.name]} for own in aim.weights
        ],
        "limits": [
            {
                "outcome": own.outcome.name,
                "wish": "keep" if own.wanted else "avoid",
                "sign": own.sign,
                "bound": own.bound,
                "unit": units[own.outcome.name],
            }
            for own in aim.limits
        ],
        "leaves_out": list(aim.left_out(found.scenario)),
    }


def _ranking(found: Comparison) -> Plain | None:
    ranking = found.ranking
    if ranking is None:
        return None
    least = ranking.regrets
    return {
        "order": list(ranking.order),
        "points": {name: _average(points) for name, points in ranking.points.items()},
        "limits_kept": None if ranking.kept is None else {name: _share(own) for name, own in ranking.kept.items()},
        "best": {view or "all": found.names[place] for view, place in least.best.items()},
        "regret": {
            name: {
                "views": {view: _mean(mean) for view, mean in own.by_view.items() if view},
                "greatest": {**_mean(own.greatest), "view": own.where or None},
                "expected": _mean(own.expected),
            }
            for name, own in zip(found.names, least.choices, strict=True)
        },
        "minimax_regret": {
            "name": found.names[least.minimax],
            "margin": None if least.margin is None else _mean(least.margin),
        },
    }
