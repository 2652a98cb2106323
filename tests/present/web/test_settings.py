"""Settings: credences that move views, beliefs held at a quantile, decisions that are taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import playout
from playout.errors import UsageError
from playout.present.web.models import Setting
from playout.present.web.settings import lever_columns, moved, resolve, view_uniforms
from playout.simulate.run import play

shares = st.floats(0.01, 1.0)


@given(st.lists(st.tuples(shares, st.one_of(st.just(0.0), shares)), min_size=2, max_size=6), st.integers(0, 2**32))
def test_views_are_drawn_by_the_new_credences_from_the_same_random_number(
    credences: list[tuple[float, float]], seed: int
) -> None:
    written = [own / sum(a for a, _ in credences) for own, _ in credences]
    if not sum(b for _, b in credences):
        return
    wanted = tuple(own / sum(b for _, b in credences) for _, own in credences)
    uniform = view_uniforms(500, seed)
    placed = moved(uniform, written, wanted)
    assert np.all((placed > 0.0) & (placed < 1.0))

    def drawn(numbers: np.ndarray, by: tuple[float, ...] | list[float]) -> np.ndarray:
        """The view that a number draws."""
        edges = np.cumsum(by)
        return np.minimum(np.searchsorted(edges, numbers * edges[-1], side="right"), len(by) - 1)

    assert np.mean(drawn(placed, written) == drawn(uniform, wanted)) >= 0.998  # but at an edge's last bit


def test_the_random_number_is_the_one_that_a_run_draws_its_views_from() -> None:
    checked = playout.load("us-mexico-cartels")
    written = [view.credence or 0.0 for view in checked.scenario.views.values()]
    runs = play(checked, futures=300, seed=5, engine="native", precision="single", wanted=["homicides"])
    drawn = np.searchsorted(np.cumsum(written), view_uniforms(300, 5), side="right")
    assert np.array_equal(drawn, runs.views)


def test_a_lever_holds_its_belief_at_the_quantile_and_leaves_all_others() -> None:
    checked = playout.load("ceasefire")
    way = resolve(Setting(scenario="ceasefire", beliefs={"patience": {"quantile": 0.9}}), checked)  # type: ignore[dict-item]
    beliefs = [
        play(checked, futures=50, seed=1, engine="native", precision="single", design=design).beliefs
        for design in (None, way.design(50))
    ]
    assert beliefs[1]["patience"].n_unique() == 1
    law = lever_columns(checked)["patience"].law
    factor = checked.scenario.beliefs["patience"].unit.factor
    assert beliefs[1]["patience"][0] == pytest.approx(float(law.drawn(np.array([0.9]))[0]) / factor)
    assert beliefs[0].drop("patience").equals(beliefs[1].drop("patience"))


def test_no_spare_member_and_no_known_number_is_a_lever() -> None:
    labels = list(lever_columns(playout.load("us-mexico-cartels")))
    assert not any("spare" in label for label in labels)
    assert len(labels) == len(set(labels))


def test_the_same_decisions_are_compiled_once() -> None:
    checked = playout.load("ceasefire")
    setting = Setting(scenario="ceasefire", decisions={"monitors": "sent"})
    assert resolve(setting, checked).checked is resolve(setting, checked).checked


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"credences": {"authors": 0.0}}, "the credences are all zero"),
        ({"credences": {"author": 1.0}}, "there is no view `author`; did you mean `authors`?"),
        ({"policy": "as_written+talks_frist"}, "there is no policy `talks_frist`; did you mean `talks_first`?"),
        ({"decisions": {"authority[cjng]": "finding"}}, "`authority` is indexed by 0 sets"),
        ({"decisions": {"posture[cjngs]": "fight"}}, "there is no"),
    ],
)
def test_what_a_scenario_does_not_have_cannot_be_set(change: dict[str, object], problem: str) -> None:
    checked = playout.load("us-mexico-cartels")
    with pytest.raises(UsageError, match=problem.replace("?", r"\?")):
        resolve(Setting.model_validate({"scenario": "us-mexico-cartels", **change}), checked)
