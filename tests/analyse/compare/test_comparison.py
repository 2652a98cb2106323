"""Differences, odds, regret and what the same draws save, against their closed forms."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import playout
from choices import CHOICES
from playout.analyse.average import Mean
from playout.analyse.compare.asked import UNCHANGED, asked
from playout.analyse.compare.comparison import Comparison
from playout.analyse.compare.rows import rows_of
from playout.analyse.outcome import outcome
from playout.errors import RunError, UsageError
from playout.model.checked import CheckedScenario
from playout.simulate.run import play

FUTURES = 20_000
POLICIES = ["nothing", "once", "twice", "spoil"]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path: Path = tmp_path_factory.mktemp("choices") / "choices.yaml"
    path.write_text(CHOICES, encoding="utf-8")
    return playout.load(path)


@pytest.fixture(scope="module")
def found(checked: CheckedScenario) -> Comparison:
    return playout.compare(checked, POLICIES, objective="less harm", futures=FUTURES, seed=5).comparison


def near(mean: Mean, expected: float, sd: float | None = None) -> None:
    """Within four standard errors; sd: what one future's standard deviation has to be."""
    assert mean.value == pytest.approx(expected, abs=4 * mean.se + 1e-6)
    if sd is not None:
        assert mean.se * math.sqrt(mean.n) == pytest.approx(sd, rel=0.05)


def test_a_difference_has_its_closed_form_in_each_view(found: Comparison) -> None:
    gap = found.pair("once", "nothing").differences[0]
    near(gap.mean.by_view["hurts"], 1.0, sd=1.0)
    near(gap.mean.by_view["helps"], -3.0, sd=1.0)
    near(gap.mean.whole, -1.0, sd=math.sqrt(5.0))
    equal = gap.mean.equal
    assert equal is not None
    near(equal, -1.0)


def test_the_odds_of_doing_better_are_counted_future_by_future(found: Comparison) -> None:
    gap = found.pair("once", "nothing").differences[0]
    lower = 0.5 * (0.158655 + 0.998650)  # P(N(1, 1) < 0) and P(N(−3, 1) < 0)
    assert gap.lower.p == pytest.approx(lower, abs=4 * gap.lower.se)
    assert gap.beats(-1.0) == gap.lower
    assert gap.lower.p + gap.higher.p + gap.same.p == pytest.approx(1.0)


def test_the_other_way_round_is_the_opposite(found: Comparison) -> None:
    there, back = found.pair("once", "twice"), found.pair("twice", "once")
    for one, other in zip(there.differences, back.differences, strict=True):
        assert one.mean.whole.value == pytest.approx(-other.mean.whole.value)
        assert (one.lower, one.higher, one.sureness) == (other.higher, other.lower, other.sureness)
    assert found.standing("twice", "once") == found.standing("once", "twice") == "neither"


def test_sureness_is_the_variance_of_independent_draws_over_that_of_the_same(found: Comparison) -> None:
    gap = found.pair("once", "nothing").differences[0]
    # Var(20 + a) = 9; Var(20 + a + c) = 9 + 1 + 4 of the two views; Var(c) = 1 + 4.
    assert gap.sureness == pytest.approx((9 + 14) / 5, rel=0.05)
    assert found.pair("spoil", "nothing").differences[0].mean.whole.value == pytest.approx(1.0, abs=1e-5)
    assert found.pair("spoil", "nothing").differences[0].higher.p == 1.0


def test_what_is_the_same_in_every_future_has_no_sureness(found: Comparison) -> None:
    cost = [row.name for row in found.rows].index("cost")
    gap = found.pair("spoil", "nothing").differences[cost]
    assert (gap.same.p, gap.mean.whole.value, gap.mean.whole.se, gap.sureness) == (1.0, 0.0, 0.0, None)


def test_sureness_is_what_really_independent_seeds_cost() -> None:
    compared = playout.compare("ceasefire", futures=4000, seed=1).comparison
    place = [row.name for row in compared.rows].index("killed")
    gap = compared.pair(*compared.names).differences[place]
    scenario = playout.load("ceasefire")
    killed = outcome(scenario.scenario, "killed", compared=False)
    one, other = (
        killed.values(play(scenario, futures=4000, seed=seed, policy=policy, engine="native", precision="single"))
        for seed, policy in zip((2, 3), compared.names, strict=True)
    )
    independent = float(np.var(one - other, ddof=1)) / 4000
    assert gap.sureness == pytest.approx(independent / gap.mean.whole.se**2, rel=0.15)
    assert gap.sureness > 10


def test_regret_is_what_the_best_of_the_view_would_have_given(found: Comparison) -> None:
    """In `hurts` c has mean 1, in `helps` −3: nothing is best in the first, twice in the second."""
    assert found.ranking is not None
    regrets = found.ranking.regrets
    assert {view: found.names[place] for view, place in regrets.best.items()} == {"hurts": "nothing", "helps": "twice"}
    table = {"nothing": (0, 6), "once": (1, 3), "twice": (2, 0), "spoil": (1, 7)}
    for name, choice in zip(found.names, regrets.choices, strict=True):
        hurts, helps = table[name]
        near(choice.by_view["hurts"], hurts)
        near(choice.by_view["helps"], helps)
        near(choice.expected, (hurts + helps) / 2)
        near(choice.greatest, max(hurts, helps))
        assert choice.where == ("helps" if helps > hurts else "hurts")
    assert found.names[regrets.minimax] == "twice"
    assert regrets.margin is not None
    near(regrets.margin, 1.0)
    assert found.ranking.order == ("twice", "once", "nothing", "spoil")


def test_who_is_worse_in_every_view_is_dominated(found: Comparison) -> None:
    assert found.dominating("dominates") == (("nothing", "spoil"),)
    assert found.dominating("may dominate") == (("once", "spoil"),)  # alike where it hurts, better where it helps
    verdict = found.pair("nothing", "spoil").stands
    assert verdict is not None
    assert (verdict.better, verdict.worse, verdict.open) == (2, 0, 0)
    orders = found.pair("nothing", "spoil").orders
    assert orders is not None
    assert orders.standing == "dominates"
    crossing = found.pair("twice", "nothing").orders
    assert crossing is not None
    assert crossing.standing == "neither"


def test_without_an_objective_nothing_is_ranked(checked: CheckedScenario) -> None:
    compared = playout.compare(checked, ["nothing", "once"], futures=400)
    assert compared.comparison.ranking is None
    assert compared.regrets() is None
    assert compared.as_json()["ranking"] is None
    assert "Policies are not ranked: no objective was stated." in compared.sentences()


def test_people_are_always_in_the_table_and_less_is_better_there(checked: CheckedScenario) -> None:
    rows = rows_of(checked, ["cost"], None)
    assert [(row.name, row.group, row.better) for row in rows] == [
        ("harm", "people", -1.0),
        ("cost", "institutions", None),
    ]


def test_the_default_is_every_policy_but_switches_and_the_baseline_is_the_reference(checked: CheckedScenario) -> None:
    what = asked(checked)
    assert what.names == tuple(POLICIES)
    assert what.reference == "nothing"
    assert asked(checked, ["once", "twice"]).reference == "once"
    assert asked(checked, ["once"], reference="spoil").names == ("spoil", "once")
    assert asked(checked, [UNCHANGED, "without_chance"]).policy(UNCHANGED) is None


def test_views_are_looked_at_alone_or_compared(checked: CheckedScenario) -> None:
    alone = playout.compare(checked, ["nothing", "once"], views=["helps"], futures=2000).comparison
    assert list(alone.views) == ["helps"]
    near(alone.pair("once", "nothing").differences[0].mean.whole, -3.0, sd=1.0)
    side = playout.compare(checked, ["once"], by="view", futures=500).comparison
    assert (side.names, side.reference, side.held) == (("hurts", "helps"), "hurts", "once")
    gap = side.pair("helps", "hurts").differences[0]
    assert gap.mean.whole.value == pytest.approx(-4.0, abs=1e-4)  # the same random number drives it in both views
    assert side.ranking is None


def test_a_view_that_too_few_hold_is_left_out_and_named(checked: CheckedScenario) -> None:
    few = playout.compare(checked, ["nothing", "once"], futures=150).comparison
    assert few.views == {}
    assert few.left_out == ("hurts", "helps")
    assert few.pair("once", "nothing").differences[0].mean.by_view == {}


def test_stopped_futures_are_left_out_of_all_and_counted(tmp_path: Path) -> None:
    pile = "stocks: {pile: {unit: '1', starts: 0, within: [-inf, 45], plus: {grown: harm / (2 weeks)}}}"
    path = tmp_path / "stopping.yaml"
    path.write_text(CHOICES.replace("measures:", f"{pile}\nmeasures:"), encoding="utf-8")
    compared = playout.compare(path, ["nothing", "spoil"], futures=300, allow_stopped=0.99).comparison
    assert compared.counted < 300
    assert 300 - compared.counted == compared.stopped["spoil"] > compared.stopped["nothing"] > 0
    assert compared.levels["nothing"][0].whole.n == compared.counted


# --- what is refused --------------------------------------------------------------------------------------------------


WANTS = "a comparison wants two policies at least, and"
ANOTHER = "name another with `--policies`, or `unchanged` for the scenario without a policy"
FAULTS: list[tuple[dict[str, object], str]] = [
    ({"policies": ["nothing"]}, f"{WANTS} only `nothing` is there: {ANOTHER}"),
    ({"policies": []}, f"{WANTS} none was named: {ANOTHER}"),
    ({"policies": ["once", "once"]}, "the policy `once` is named twice: a difference from itself is nothing"),
    (
        {"policies": ["twice+spoil", "spoil+twice"]},
        "the policy `spoil+twice` is named twice, once as `twice+spoil`: a difference from itself is nothing",
    ),
    (
        {"policies": ["onec", "noting", "spoil"]},
        "there is no policy `onec`; did you mean `once`?\n  there is no policy `noting`; did you mean `nothing`?",
    ),
    ({"views": ["hopes"]}, "there is no view `hopes`; did you mean `helps`?"),
    ({"by": "belief"}, "policies or views can be compared, `policy` or `view`, and not `belief`"),
    ({"by": "view", "views": ["helps"]}, "a comparison wants two views at least"),
    (
        {"by": "view", "policies": ["once", "twice"]},
        "views are compared under one policy: name one with `--policies`, or leave it out",
    ),
    (
        {"outcomes": ["harmm", "coast", "worse"]},
        "there is no outcome `harmm`; did you mean `harm`?\n  there is no outcome `coast`; did you mean `cost`?\n  the "
        "question `worse` has a condition, which holds in other futures under another policy, so that its answers "
        "cannot be compared future by future",
    ),
    ({"futures": 1}, "a difference has no standard error in fewer than 2 futures; 1 were asked for"),
    (
        {"futures": 150, "objective": "less harm"},
        "of 150 futures some 75 would hold the view `hurts` (credence 0.5), and what is said of a view wants 100: play "
        "270 or more",
    ),
    ({"to_tell": "harm"}, "`harm` is no difference to be told: write a name and a number above 0, `homicides 500`"),
    ({"to_tell": "harmm 3"}, "there is no outcome `harmm`; did you mean `harm`?"),
    ({"to_tell": "points 3"}, "there is no outcome `points`; the scenario has `harm`, `bad`, `cost`"),
]


@pytest.mark.parametrize(("arguments", "said"), FAULTS)
def test_what_cannot_be_compared_is_told(checked: CheckedScenario, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as wrong:
        playout.compare(checked, **{"policies": ["nothing", "once"], "futures": 200, **arguments})  # type: ignore[arg-type]
    assert str(wrong.value) == said


def test_a_difference_that_drowns_in_noise_is_told_with_the_number_that_would_do(checked: CheckedScenario) -> None:
    with pytest.raises(RunError) as wrong:
        playout.compare(checked, ["nothing", "once"], futures=400, to_tell="harm 0.1")
    text = str(wrong.value)
    assert text.startswith("400 futures are too few: the difference of `harm` under `once` is known to ± 0.2")
    assert "and 0.1 is to be told\n  hint: play 2," in text
    playout.compare(checked, ["nothing", "once"], futures=3000, to_tell="harm 0.1")


def test_a_scenario_without_policies_cannot_be_compared() -> None:
    with pytest.raises(UsageError) as wrong:
        playout.compare("coin-and-die")
    assert str(wrong.value) == "a comparison wants two policies at least, and this scenario has none"
