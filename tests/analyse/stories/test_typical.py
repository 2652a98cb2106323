"""Typical futures: shares of all, medoids that are futures, features that say what they say; and the ends."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import playout
from playout.analyse.stories.contrast import apart
from playout.analyse.stories.facts import facts, unusual
from playout.analyse.stories.features import Features, features, key_measures
from playout.analyse.stories.tails import AT, Tail, ends, tails, usual_ends
from playout.analyse.stories.typical import typical
from playout.errors import UsageError
from playout.simulate.replay import replay, stays
from playout.simulate.result import Runs
from playout.simulate.run import play
from told import two_shores

NAMES = ["ceasefire", "coin-and-die", "sanctions", "us-mexico-cartels"]


@cache
def runs_of(name: str, futures: int = 400) -> tuple[Runs, Runs | None]:
    checked = playout.load(name)
    base = checked.scenario.baseline
    runs = play(checked, futures=futures, seed=3, engine="native", precision="single")
    if base is None:
        return runs, None
    return runs, play(checked, futures=futures, seed=3, policy=base, engine="native", precision="single")


@cache
def features_of(name: str) -> Features:
    return features(*runs_of(name))


# --- features ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_distances_go_from_nothing_to_one_and_are_symmetric(name: str) -> None:
    found = features_of(name)
    some = np.arange(len(found.rows))
    between = found.distances(some, some)
    assert np.all(between.diagonal() == 0.0)
    assert np.allclose(between, between.T)
    assert 0.0 < between.max() <= 1.0 + 1e-6
    through = between[:, :40, None] + between[None, :40, :]
    assert np.all(between[:, None, :] <= through + 1e-6)


def test_the_distance_is_what_its_page_says() -> None:
    runs, baseline = runs_of("sanctions")
    found = features_of("sanctions")
    first = runs.numbers([f"dispute.{s.name}" for s in runs.checked.scenario.tracks["dispute"].stages])
    horizon = float((runs.checked.end - runs.checked.scenario.start).days)
    values = np.array([m.values(runs, baseline) for m in found.measures])
    ranks = [[(np.sum(v < own) + (np.sum(v == own) - 1) / 2) / (len(v) - 1) for own in v] for v in values]
    for i, j in ((0, 1), (2, 77), (150, 399)):
        stages = []
        for dates in first[1:]:  # all start in the first
            reached = [np.isfinite(dates[n]) for n in (i, j)]
            when = [min(dates[n] / horizon, 1.0) if np.isfinite(dates[n]) else 1.0 for n in (i, j)]
            stages.append((abs(reached[0] - reached[1].astype(float)) + abs(when[0] - when[1])) / 2.0)
        measures = [abs(rank[i] - rank[j]) for rank in ranks]
        expected = np.mean(stages) / 2.0 + np.mean(measures) / 2.0
        assert found.distances(np.array([i]), np.array([j]))[0, 0] == pytest.approx(expected, abs=1e-5)


def test_measures_are_the_headlines_and_those_about_people() -> None:
    scenario = playout.load("us-mexico-cartels").scenario
    names = [m.name for m in key_measures(scenario, compared=True)]
    assert names[:4] == ["homicides", "civilians_killed", "displaced", "overdose_deaths"]
    assert set(names) >= {m.name for m in scenario.measures.values() if m.people and not m.binders}
    assert "escalating_acts" not in names


# --- clusters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [None, 5])
def test_every_future_is_in_one_story_and_shares_add_up_to_one(name: str, count: int | None) -> None:
    found = features_of(name)
    clusters = typical(found, count).clusters
    assert len(clusters) == count or 3 <= len(clusters) <= 8
    assert np.all(sum(cluster.within.astype(int) for cluster in clusters) == 1)
    assert sum(round(c.share.p * c.share.n) for c in clusters) == len(found.rows)
    assert sum(c.share.p for c in clusters) == pytest.approx(1.0, abs=1e-12)
    assert [c.share.p for c in clusters] == sorted((c.share.p for c in clusters), reverse=True)
    places = {int(n): place for place, n in enumerate(found.numbers)}
    assert all(cluster.within[places[cluster.medoid]] for cluster in clusters)


def test_as_many_stories_as_the_best_silhouette() -> None:
    found = typical(features_of("sanctions"))
    assert found.silhouette == max(found.tried.values())
    assert len(found.clusters) == max(found.tried, key=lambda k: found.tried[k])
    runs, _ = runs_of("sanctions")
    settled = np.isfinite(runs.numbers(["dispute.settled"])[0])
    sanctioned = np.isfinite(runs.numbers(["dispute.sanctioned"])[0])
    pure = [(settled[c.within].mean(), sanctioned[c.within].mean()) for c in found.clusters]
    assert all(min(p, 1.0 - p) < 0.05 for pair in pure for p in pair)  # each cluster has one way through the stages


def test_too_few_futures_and_too_many_stories_are_refused() -> None:
    checked = playout.load("coin-and-die")
    few = play(checked, futures=20, seed=1, engine="native", precision="single")
    with pytest.raises(UsageError, match="30 futures at least, and 20 ran to their end: ask for more"):
        typical(features(few, None))
    found = features_of("coin-and-die")
    distinct = len(np.unique(found.rows, axis=0))
    with pytest.raises(UsageError, match=rf"{distinct + 1} stories were asked for, .* only \d+ differ"):
        typical(found, distinct + 1)
    with pytest.raises(UsageError, match="at least one story"):
        typical(found, 0)
    assert len(typical(found, 1).clusters) == 1


def test_futures_that_stopped_are_in_no_story() -> None:
    checked = two_shores('  anger[s in side]: {unit: "1", starts: 1, within: [0, 3], plus: {up: "0.05 * heat[s]"}}')
    runs = play(checked, futures=200, seed=5, engine="native", precision="single", allow_stopped=0.9)
    found = features(runs, None)
    assert runs.stopped
    assert list(found.numbers) == np.flatnonzero(runs.complete).tolist()
    assert sum(int(c.within.sum()) for c in typical(found).clusters) == 200 - runs.stopped


def test_what_sets_a_cluster_apart_is_counted() -> None:
    runs, baseline = runs_of("sanctions")
    found = features_of("sanctions")
    clusters = typical(found, 4).clusters
    settled = np.isfinite(runs.numbers(["dispute.settled"])[0])
    for cluster, own in zip(clusters, apart(runs, baseline, found, [c.within for c in clusters]), strict=True):
        (stage,) = (each for each in own.stages if each.stage == "settled")
        assert stage.inside == pytest.approx(settled[cluster.within].mean())
        assert stage.outside == pytest.approx(settled[~cluster.within].mean())
        sizes = [abs(each.size) for each in own.stages]
        assert sizes == sorted(sizes, reverse=True)


# --- ends -------------------------------------------------------------------------------------------------------------


def named(found: tuple[Tail, ...]) -> dict[str, Tail]:
    return {str(tail.end): tail for tail in found}


def test_the_flagship_tells_the_worst_for_people_the_fastest_truce_and_the_longest_campaign() -> None:
    runs, _ = runs_of("us-mexico-cartels")
    assert [str(end) for end in usual_ends(runs)] == [
        "worst:homicides", "worst:civilians_killed", "worst:displaced", "worst:overdose_deaths",
        "fastest:campaign.enforcing", "longest:campaign.striking",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ceasefire", ["worst:killed", "fastest:peace.holding", "longest:peace.war"]),
        ("sanctions", ["worst:hardship", "fastest:dispute.lapsed", "longest:dispute.sanctioned"]),
        ("coin-and-die", ["fastest:game.won", "longest:game.lost"]),
    ],
)
def test_any_scenario_has_ends_of_its_own(name: str, expected: list[str]) -> None:
    assert [str(end) for end in usual_ends(runs_of(name)[0])] == expected


def test_ends_are_futures_at_the_percentile() -> None:
    runs, baseline = runs_of("ceasefire")
    asked = ["worst:killed", "fastest:peace.holding", "longest:peace.war"]
    found = named(tails(runs, baseline, ends(runs.checked.scenario, asked)))
    killed = runs.numbers(runs.measures["killed"].columns()).sum(axis=0)  # the baseline makes hardly any difference
    first = runs.numbers(["peace.holding"])[0]
    war = stays(runs, [("peace", "", "war")], runs.futures)[0]
    for tail, values, sign in (
        (found["worst:killed"], killed, 1.0),
        (found["fastest:peace.holding"], first, -1.0),
        (found["longest:peace.war"], war, 1.0),
    ):
        having = values[np.isfinite(values)]
        assert tail.value == pytest.approx(values[tail.future])
        assert tail.among == len(having)
        assert tail.median == pytest.approx(np.median(having))
        beyond = np.count_nonzero(sign * having >= sign * values[tail.future])
        assert tail.beyond == beyond
        assert beyond >= (1.0 - AT) * len(having)
        assert np.count_nonzero(sign * having > sign * values[tail.future]) <= (1.0 - AT) * len(having)


def test_an_end_by_member_takes_whichever_is_first() -> None:
    runs, _ = runs_of("us-mexico-cartels")
    scenario = runs.checked.scenario
    found = named(tails(runs, None, ends(scenario, ["fastest:posture.complying", "fastest:posture[cjng].complying"])))
    labels = scenario.sets["organisation"].labels
    columns = [f"posture[{label}].complying" for label in labels]
    first = runs.numbers(columns)
    anyone = found["fastest:posture.complying"]
    assert anyone.value == np.nanmin(first[:, anyone.future])
    one = found["fastest:posture[cjng].complying"]
    assert one.value == runs.numbers(["posture[cjng].complying"])[0][one.future]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fastest:peace.hoding", r"there is no stage `peace\.hoding`; did you mean `peace\.holding`"),
        ("longest:peace", r"there is no stage `peace`"),
        ("fastest:peace[north].war", r"there is no member `north`"),
        ("worst:kiled", r"there is no measure `kiled`; did you mean `killed`"),
        ("best:killed", r"`best:killed` is no end of a run: write worst:MEASURE"),
        ("killed", r"`killed` is no end of a run"),
    ],
)
def test_ends_that_do_not_exist_are_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ends(playout.load("ceasefire").scenario, [name])


def test_a_stage_that_no_future_reaches_is_refused_where_it_is_named() -> None:
    runs = play(playout.load("sanctions"), futures=50, seed=1, policy="words_only", engine="native", precision="single")
    asked = ends(runs.checked.scenario, ["fastest:dispute.sanctioned"])
    with pytest.raises(UsageError, match=r"none of 50 futures reaches `dispute\.sanctioned`: play more"):
        tails(runs, None, asked)


# --- facts ------------------------------------------------------------------------------------------------------------


def test_unusual_beliefs_lie_in_the_outer_tenths_and_belong_to_the_future() -> None:
    runs, baseline = runs_of("ceasefire")
    measures = key_measures(runs.checked.scenario, compared=False)
    beliefs = runs.beliefs
    for future, odd in zip((5, 60, 333), unusual(runs, baseline, (5, 60, 333), measures), strict=True):
        for each in odd:
            assert each.value == pytest.approx(beliefs[each.belief][future])
            assert each.below == pytest.approx((beliefs[each.belief] < each.value).mean(), abs=1e-9)
            assert each.below < 0.1 or each.below > 0.9 - 1e-9


def test_facts_are_those_of_the_runs() -> None:
    runs, baseline = runs_of("ceasefire")
    assert baseline is not None
    told = replay(runs, [4, 9])
    for own, beside in zip(told, facts(runs, baseline, told, ()), strict=True):
        row = baseline.outcomes.row(own.future, named=True)
        assert beside.against["killed", ""] == tuple(row[name] for name in baseline.measures["killed"].columns())
        reached = np.isfinite(runs.numbers(["peace.talks"])[0]).mean()
        assert beside.reached["peace", "", "talks"] == pytest.approx(reached)
        assert beside.answers == {"truce_by_2026": runs.outcomes["question.truce_by_2026"][own.future]}
        assert beside.baseline == "no_monitors"
