"""A summary as plain data for programs: the scenario's own names, every estimate with its standard error.

A track, decision or measure with an index comes once for each member, as ``posture[cjng]``. Numbers have seven
significant digits: Monte Carlo error eats those behind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

from playout.analyse.average import FEWEST_FOR_A_VIEW
from playout.analyse.estimate import QUANTILES, Share, Spread, largest_error
from playout.analyse.plain_headline import plain_first_screen
from playout.analyse.rounding import number
from playout.analyse.summary import DecisionFinding, Findings, MeasureFinding, Summary
from playout.model.coverage import Coverage

Plain = dict[str, Any]

QUANTILE_NAMES = tuple(f"p{round(100 * q):02d}" for q in QUANTILES)


def plain_summary(summary: Summary) -> Plain:
    """The object that ``playout run --json`` prints."""
    found = summary.findings
    return {
        "scenario": summary.scenario,
        "title": summary.title,
        "policy": summary.policy,
        "view": summary.view,
        "baseline": summary.baseline,
        "baseline_also_sets": _also_set(summary),
        "futures": summary.futures,
        "seed": summary.seed,
        "engine": summary.engine,
        "precision": summary.precision,
        "seconds": {name: round(seconds, 3) for name, seconds in summary.seconds.items()},
        "stopped_futures": summary.stopped,
        "largest_se": number(largest_error(summary.findings.futures)),
        "stopped": _stops(summary),
        "stopped_apart": _apart(summary),
        **plain_findings(found),
        "odds": _odds(found),
        "path": _paths(found),
        "payoffs": _payoffs(summary),
        "views": {
            view.name: {
                "title": view.title,
                "credence": number(view.credence),
                "futures": view.findings.futures,
                "stages": _stages(view.findings),
                "path": _paths(view.findings),
                "decisions": _decisions(view.findings.decisions),
                "games": _decisions(view.findings.games),
                "due": _due(view.findings),
                "measures": {measure.label: _means(measure) for measure in view.findings.measures},
                "questions": _questions(view.findings),
            }
            for view in summary.views
        },
        "views_left_out": {
            view.name: {"title": view.title, "credence": number(view.credence), "futures": view.futures}
            for view in summary.left_out
        },
        "equal_weights": _equal_weights(summary),
        "occupancy": _occupancy(summary),
        "headline": None if summary.headline is None else plain_first_screen(summary.headline),
        "coverage": None if summary.coverage is None else plain_coverage(summary.coverage),
        "ties": _ties(summary),
    }


def plain_findings(found: Findings) -> Plain:
    """What holds over all futures, as it stands in that object."""
    return {
        "stages": _stages(found),
        "decisions": _decisions(found.decisions),
        "games": _decisions(found.games),
        "due": _due(found),
        "measures": {measure.label: _measure(measure) for measure in found.measures},
        "questions": _questions(found),
    }


def _also_set(summary: Summary) -> Plain | None:
    """What the baseline sets that the policy leaves open, and by view what that changes and the baseline has set."""
    found = summary.against
    if found is None:
        return None
    return {
        "left_open": list(found.left_open),
        "views": {view: list(names) for view, names in found.idle.items()},
        "switches": {switch: list(names) for switch, names in found.clash.items()},
    }


def _stops(summary: Summary) -> list[Plain]:
    """By reason: how many futures stopped, first when, and of the commonest reasons the likely cause."""
    causes = summary.stopping.causes if summary.stopping is not None else ()
    return [
        {
            "reason": stop.what,
            "member": stop.member or None,
            "futures": stop.futures,
            "first_date": stop.date.isoformat(),
            "cause": None if cause is None else cause.text,
            "remedy": None if cause is None else cause.remedy,
        }
        for stop, cause in zip_longest(summary.stops, causes)
    ]


def _apart(summary: Summary) -> list[Plain] | None:
    """In which beliefs and views the stopped futures differ from the others, the most first; None where too few
    stopped to tell."""
    if summary.stopping is None or not summary.stopping.enough:
        return None
    return [
        {
            "view" if own.view else "belief": own.label,
            "stopped": number(own.stopped),
            "others": number(own.others),
            "standard_deviations": number(own.size),
            "se": number(own.se),
        }
        for own in summary.stopping.apart
    ]


def plain_coverage(coverage: Coverage) -> Plain:
    """How many of the beliefs rest on what, and how much evidence there is."""
    return {
        "beliefs": coverage.beliefs,
        "only_assumed": coverage.only_assumed,
        "only_assumed_share": number(coverage.only_assumed / coverage.beliefs) if coverage.beliefs else None,
        "evidenced": len(coverage.evidenced),
        "judged": len(coverage.judged),
        "assumed": len(coverage.assumed),
        "assumed_share": number(len(coverage.assumed) / coverage.beliefs) if coverage.beliefs else None,
        "unsupported": len(coverage.unsupported),
        "evidence": dict(coverage.evidence),
        "sources": coverage.sources,
        "mechanisms": {kind: dict(counts) for kind, counts in coverage.mechanisms.items()},
    }


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [number(value) for value in values]


def _share(share: Share, name: str) -> Plain:
    return {name: number(share.p), "se": number(share.se)}


def _stages(found: Findings) -> Plain:
    stages: Plain = {}
    for track in found.tracks:
        stages[track.label] = {
            stage.name: {
                **_share(stage.reached, "reached"),
                "median_date": stage.median_date.isoformat() if stage.median_date else None,
                "dates": dict(zip(QUANTILE_NAMES, (d.isoformat() for d in stage.dates), strict=True))
                if stage.dates
                else None,
            }
            for stage in track.stages
        }
    return stages


def _odds(found: Findings) -> Plain:
    return {
        track.label: [
            {"from": odds.origin, "to": odds.stage, **_share(odds.given, "p"), "futures": odds.given.n}
            for odds in track.odds
        ]
        for track in found.tracks
    }


def _paths(found: Findings) -> Plain:
    """By track: the odds of each step of the story given all before it, and of all of them together."""
    return {
        track.label: {
            "stages": list(track.path.stages),
            "given": [None if share is None else _share(share, "p") for share in track.path.given],
            "whole": _share(track.path.whole, "p"),
            "in_order": _share(track.path.in_order, "p"),
        }
        for track in found.tracks
    }


def _decisions(found: Sequence[DecisionFinding]) -> Plain:
    """By decision and option, or game and end: its share of all futures, and of those in which that fell due."""
    nowhere = {"share_where_due": None, "se_where_due": None}

    def where_due(share: Share | None) -> Plain:
        """One option's share among the futures in which the choice fell due."""
        if share is None:
            return nowhere
        return {"share_where_due": number(share.p), "se_where_due": number(share.se)}

    return {
        decision.label: {
            name: {**_share(share, "share"), **where_due(decision.where_due.get(name))}
            for name, share in decision.shares.items()
        }
        for decision in found
    }


def _due(found: Findings) -> Plain:
    """By decision and game: the share of futures in which it fell due."""
    return {decision.label: _share(decision.due, "share") for decision in (*found.decisions, *found.games)}


def _payoffs(summary: Summary) -> Plain:
    """By decision, option and measure: its mean among the futures in which the option was chosen."""
    return {
        decision: {
            option: {
                name: {"mean": number(mean.value), "se": number(mean.se), "futures": mean.n}
                for name, mean in of_option.items()
            }
            for option, of_option in options.items()
        }
        for decision, options in summary.payoffs.items()
    }


def _ties(summary: Summary) -> Plain:
    """By kind, what ties whom to whom: ends by name, strength in the unit of the kind's table."""
    plain: Plain = {}
    for tied in summary.ties:
        row = {"between": [tied.first.name, tied.second.name], "strength": number(tied.strength)}
        back = {} if tied.back is None else {"back": number(tied.back)}
        plain.setdefault(tied.kind, []).append(row | back)
    return plain


def _questions(found: Findings) -> Plain:
    questions: Plain = {}
    for question in found.questions:
        answer = {"p": None, "se": None} if question.answer is None else _share(question.answer, "p")
        questions[question.name] = {**answer, "by": question.by.isoformat()}
        if question.given is not None:
            questions[question.name]["given"] = _share(question.given, "p")
    return questions


def _equal_weights(summary: Summary) -> Plain | None:
    """Odds with the same weight on every view: of stages, options where due, and questions. None where a view is left
    out, and None of what too few futures of a view come to."""
    found = [view.findings for view in summary.views]
    if not found or summary.left_out:
        return None

    def mean(shares: Iterable[Share | None]) -> float | None:
        """Where enough futures were counted in every view."""
        known = [share.p if share is not None and share.n >= FEWEST_FOR_A_VIEW else math.nan for share in shares]
        return number(sum(known) / len(known))

    whole = summary.findings
    return {
        "stages": {
            track.label: {
                stage.name: mean(own.tracks[place].stages[rung].reached for own in found)
                for rung, stage in enumerate(track.stages)
            }
            for place, track in enumerate(whole.tracks)
        },
        "decisions": {
            decision.label: {
                name: mean(own.decisions[place].where_due.get(name) for own in found) for name in decision.shares
            }
            for place, decision in enumerate(whole.decisions)
        },
        "questions": {
            question.name: mean(own.questions[place].answer for own in found)
            for place, question in enumerate(whole.questions)
        },
    }


def _measure(measure: MeasureFinding) -> Plain:
    plain: Plain = {
        "title": measure.title,
        "unit": measure.unit,
        "per": measure.per,
        "people": measure.people,
        "dates": list(measure.dates),
        "complete": list(measure.complete),
        **_spread(measure.level),
    }
    if measure.difference is not None:
        plain["difference"] = _spread(measure.difference)
    if measure.signs is not None:
        plain["difference"] |= {"more": _numbers(measure.signs.more), "less": _numbers(measure.signs.less)}
    return plain


def _means(measure: MeasureFinding) -> Plain:
    """A measure within a view: means only."""
    plain = _spread(measure.level)
    if measure.difference is not None:
        plain["difference"] = _spread(measure.difference)
    return plain


def _spread(spread: Spread) -> Plain:
    plain: Plain = {"mean": _numbers(spread.mean), "se": _numbers(spread.se)}
    if spread.quantiles is not None:
        plain.update((name, _numbers(row)) for name, row in zip(QUANTILE_NAMES, spread.quantiles, strict=True))
    return plain


def _occupancy(summary: Summary) -> Plain:
    """Tracks without an index: the share of futures in each stage, step by step."""
    plain: Plain = {}
    for track in summary.findings.tracks:
        if not track.member:
            shares = summary.occupancy[track.name]
            stages = {stage.name: _numbers(shares[:, place].tolist()) for place, stage in enumerate(track.stages)}
            plain[track.name] = {"dates": [date.isoformat() for date in summary.dates], "stages": stages}
    return plain
