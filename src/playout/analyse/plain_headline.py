"""The first screen as plain data, under ``headline`` in what ``playout run --json`` prints."""

from __future__ import annotations

from typing import Any

from playout.analyse.average import Average, Mean
from playout.analyse.headline import Effect, FirstScreen
from playout.analyse.linchpins import End, Linchpin
from playout.analyse.outcome import Outcome
from playout.analyse.rivals import Rivals
from playout.analyse.rounding import number
from playout.analyse.shares import Spreading
from playout.model.headline import HeldOut

Plain = dict[str, Any]


def plain_first_screen(found: FirstScreen) -> Plain:
    """All of it, under the scenario's own names, every estimate with its standard error."""
    group = found.group
    return {
        "question": None if found.question is None else _outcome(*found.question),
        "given": None if found.reached is None else _outcome(*found.reached),
        "measures": {effect.outcome.name: _effect(effect) for effect in found.effects},
        "base_rates": {
            past.rate.name: {
                "title": past.rate.title,
                "happened": past.rate.happened,
                "of": past.rate.cases,
                "p": number(past.share),
                "with_evidence": None if past.moved is None else _average(past.moved),
            }
            for past in found.past
        },
        "variance": {spread.outcome.name: _spread(spread) for spread in found.spreads},
        "face_share": None
        if group is None
        else {"group": group[1].part.name, "outcome": group[0].outcome.name, "share": number(group[1].share)},
        "linchpins": [_linchpin(each) for each in found.linchpins],
        "claims": [
            {
                "evidence": claim.evidence,
                "result": claim.outcome.name,
                "answer": None if claim.answer is None else _average(claim.answer),
            }
            for claim in found.claims
        ],
        "held_out": None if found.headline.held_out is None else _held_out(found.headline.held_out),
        "rivals": _rivals(found.rivals),
    }


def _held_out(found: HeldOut) -> Plain:
    return {
        "what": found.what,
        "fitted_to": found.fitted_to,
        "score": found.score,
        "reached": number(found.reached),
        "naive": number(found.naive),
        "naive_forecaster": found.naive_forecaster,
        "skill": number(found.skill),
        "coverage_90": None if found.coverage_90 is None else number(found.coverage_90),
    }


def _mean(mean: Mean) -> Plain:
    return {"mean": number(mean.value), "se": number(mean.se), "futures": mean.n}


def _average(found: Average) -> Plain:
    """A mean with its range over views, credence weights first and equal weights beside them."""
    return {
        **_mean(found.whole),
        "low": number(found.low),
        "high": number(found.high),
        "equal_weights": None if found.equal is None else _equal(found.equal),
        "views": {name: _mean(mean) for name, mean in found.by_view.items()},
    }


def _equal(mean: Mean) -> Plain:
    return {"mean": number(mean.value), "se": number(mean.se)}


def _outcome(asked: Outcome, found: Average) -> Plain:
    return {"name": asked.name, "kind": asked.kind, **_average(found)}


def _effect(effect: Effect) -> Plain:
    return {
        "unit": effect.outcome.unit,
        "difference": effect.outcome.compared,
        "always": _average(effect.always),
        "given": None if effect.given is None else _average(effect.given),
    }


def _spread(spread: Spreading) -> Plain:
    return {
        "futures": spread.futures,
        "mean": number(spread.mean),
        "sd": number(spread.sd),
        "shares": {own.part.name: {"share": number(own.share), "se": number(own.se)} for own in spread.shares},
    }


def _linchpin(each: Linchpin) -> Plain:
    def end(own: End) -> Plain:
        """One end of the belief."""
        return {"edge": number(own.edge), "only": own.only, "mean": number(own.mean), "se": number(own.se)}

    return {
        "belief": each.belief,
        "outcome": each.outcome.name,
        "share": number(each.share),
        "low": end(each.low),
        "high": end(each.high),
        "flips": each.flips,
    }


def _rivals(found: Rivals) -> Plain:
    return {
        "for": dict(found.for_),
        "against": dict(found.against),
        "evidence": {
            row.evidence: {
                "views": {view: stance or None for view, stance in row.stances.items()},
                "beliefs": list(row.beliefs),
                "diagnosticity": row.diagnosticity,
            }
            for row in found.rows
        },
    }
