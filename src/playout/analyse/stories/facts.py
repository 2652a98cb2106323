"""What is said beside a future's own course: how common what happened in it is, what it comes to beside the same future
under the baseline, and what it believed that was unusual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import Numbers
from playout.analyse.outcome import Outcome
from playout.simulate.replay import Told
from playout.simulate.result import Runs, labelled

SAMPLE = 2000
"""Futures whose beliefs are looked at."""

TAIL = 0.1
"""A belief in the lowest or highest tenth is unusual."""

MOST_BELIEFS = 2

COMMON_FROM = 20_000
"""Futures of which what is common is counted: a share is then known to less than half a percent."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """A belief far from what most futures hold. value: in its unit; below: the share of futures that hold less."""

    belief: str
    value: float
    unit: str
    below: float


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Beside one future.

    reached: (track, member, stage) -> the share of futures that ever reach it. happens: (event, member) -> the share in
    which it happens at all. baseline: its name; against: (measure, member) -> the same measure in the same future under
    it, by period. answers: of each question, None where its condition did not hold. views: by name, the share
    of futures that hold it.
    """

    reached: Mapping[tuple[str, str, str], float]
    happens: Mapping[tuple[str, str], float]
    baseline: str | None
    against: Mapping[tuple[str, str], tuple[float, ...]]
    answers: Mapping[str, bool | None]
    views: Mapping[str, float]
    unusual: tuple[Unusual, ...]


def facts(runs: Runs, baseline: Runs | None, told: Sequence[Told], measures: Sequence[Outcome]) -> tuple[Facts, ...]:
    """The facts beside each future. measures: what beliefs are weighed by; see `unusual`."""
    reached, happens = _common(runs, told)
    views = _views(runs)
    odd = unusual(runs, baseline, [each.future for each in told], measures)
    return tuple(
        Facts(
            reached=reached,
            happens=happens,
            baseline=None if baseline is None else baseline.policy,
            against={} if baseline is None else _against(baseline, each),
            answers=_answers(runs, each.future),
            views=views,
            unusual=beliefs,
        )
        for each, beliefs in zip(told, odd, strict=True)
    )


def _common(runs: Runs, told: Sequence[Told]) -> tuple[dict[tuple[str, str, str], float], dict[tuple[str, str], float]]:
    """How common each stage and event of these futures is, over the first futures of the run that ran to their end."""
    stages = dict.fromkeys((m.track, m.member, m.stage) for each in told for m in each.moves)
    events = dict.fromkeys((e.event, e.member) for each in told for e in each.events)
    columns = [f"{_label(track, member)}.{stage}" for track, member, stage in stages]
    columns += [f"events.{_label(event, member)}" for event, member in events]
    counted = runs.complete[:COMMON_FROM]
    values = runs.numbers(columns, np.float32)[:, :COMMON_FROM][:, counted]
    shares = np.concatenate([np.isfinite(values[: len(stages)]), values[len(stages) :] > 0.0]).mean(axis=1).tolist()
    return (
        dict(zip(stages, shares[: len(stages)], strict=True)),
        dict(zip(events, shares[len(stages) :], strict=True)),
    )


def _label(name: str, member: str) -> str:
    return labelled(name, member.split(", ") if member else ())


def _views(runs: Runs) -> dict[str, float]:
    names = list(runs.checked.scenario.views)
    counts = np.bincount(runs.views, minlength=len(names))
    return {name: float(count) / runs.futures for name, count in zip(names, counts, strict=False)}


def _against(baseline: Runs, told: Told) -> dict[tuple[str, str], tuple[float, ...]]:
    """Each measure in the same future under the baseline; empty where that stopped."""
    if not bool(baseline.complete[told.future]):
        return {}
    members = [(reported, member) for reported in baseline.measures.values() for member in reported.members]
    columns = [name for reported, member in members for name in reported.columns(member)]
    row = baseline.row(columns, told.future)
    return {
        (reported.name, ", ".join(member)): tuple(row[name] for name in reported.columns(member))
        for reported, member in members
    }


def _answers(runs: Runs, future: int) -> dict[str, bool | None]:
    questions = runs.checked.scenario.questions
    columns = [f"question.{name}" for name in questions]
    columns += [f"given.{q.name}" for q in questions.values() if q.given is not None]
    if not columns:
        return {}
    row = runs.row(columns, future)
    return {name: row[f"question.{name}"] if row.get(f"given.{name}", True) else None for name in questions}


def unusual(
    runs: Runs, baseline: Runs | None, futures: Sequence[int], measures: Sequence[Outcome]
) -> tuple[tuple[Unusual, ...], ...]:
    """For each future its beliefs in the lowest or highest tenth, those first that are furthest out and matter most.

    Far out is the distance of a belief's place among a sample of futures from the middle; what matters is the largest
    rank correlation (Spearman) with one of the measures over the sample. Of some two hundred beliefs a few are extreme
    in any future: those that no measure follows are not worth a sentence.
    """
    sample = range(min(SAMPLE, runs.futures))
    drawn = runs.beliefs_of(futures=sample)
    if not drawn.columns or len(sample) < 3:
        return tuple(() for _ in futures)
    beliefs = drawn.to_numpy()
    matters = _follows(beliefs, np.array([m.values(runs, baseline)[: len(sample)] for m in measures]))
    units = {name: runs.checked.scenario.beliefs[name.partition("[")[0]].unit.text for name in drawn.columns}
    return tuple(_unusual(runs, future, drawn.columns, beliefs, matters, units) for future in futures)


def _follows(beliefs: Numbers, measures: Numbers) -> NDArray[np.float64]:
    """The largest size of a rank correlation of each belief [futures, beliefs] with a measure [measures, futures]; ones
    without measures."""
    from scipy.stats import rankdata

    if not measures.size:
        return np.ones(beliefs.shape[1])
    counted = np.isfinite(measures).all(axis=0)
    x = _standard(rankdata(beliefs[counted], axis=0))
    y = _standard(rankdata(measures[:, counted], axis=1).T)
    together = np.einsum("fb,fm->bm", x, y)  # as `silhouette`: no matrix product, for the sake of the last digits
    return np.asarray(np.abs(together).max(axis=1) / max(len(x), 1))


def _standard(ranks: Numbers) -> NDArray[np.float64]:
    """Ranks [futures, things] with mean 0 and standard deviation 1; zeros where all are equal."""
    centred = ranks - ranks.mean(axis=0)
    spread = centred.std(axis=0)
    return np.asarray(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0.0))


def _unusual(
    runs: Runs,
    future: int,
    names: Sequence[str],
    sample: Numbers,
    matters: NDArray[np.float64],
    units: Mapping[str, str],
) -> tuple[Unusual, ...]:
    own = runs.beliefs_of(futures=range(future, future + 1)).to_numpy()[0]
    below, equal = (sample < own).mean(axis=0), (sample == own).mean(axis=0)
    place = below + equal / 2.0
    far = np.where((equal < TAIL) & (np.abs(place - 0.5) > 0.5 - TAIL), np.abs(place - 0.5), 0.0)
    order = np.argsort(-far * matters, kind="stable")[:MOST_BELIEFS]
    return tuple(
        Unusual(names[n], float(own[n]), units[names[n]], float(below[n])) for n in order.tolist() if far[n] > 0.0
    )
