"""A ladder is drawn at no more dates than a picture has room for."""

from __future__ import annotations

import datetime as dt
import itertools
import json

import pytest

from playout.present.charts import ladder_stream
from playout.present.views.estimate import Share
from playout.present.views.ladder import MOST_DATES, MOST_SHARES, Ladder, Rung

SHARE = Share(0.5, 0.01)


def ladder(rungs: int, dates: int) -> Ladder:
    shares = tuple(step / dates / rungs for step in range(dates))
    own = tuple(Rung(f"s{n}", f"Stage {n}", "", shares, SHARE, None) for n in range(rungs))
    first = dt.date(2025, 1, 1)
    return Ladder("t", "T", tuple(first + dt.timedelta(days=n) for n in range(dates)), own, (), SHARE)


@pytest.mark.parametrize(("rungs", "dates"), [(8, 262), (1, 1), (1, 2), (3, MOST_DATES)])
def test_a_ladder_with_few_dates_is_drawn_whole(rungs: int, dates: int) -> None:
    whole = ladder(rungs, dates)
    assert whole.thinned() is whole
    assert list(whole.drawn_steps) == list(range(dates))


@pytest.mark.parametrize(("rungs", "dates"), [(1, MOST_DATES + 1), (150, 20_001), (2_000, 5_000), (50_000, 100)])
def test_a_long_or_broad_one_is_thinned_evenly_and_keeps_its_ends(rungs: int, dates: int) -> None:
    whole = ladder(rungs, dates)
    thin = whole.thinned()
    assert (thin.dates[0], thin.dates[-1]) == (whole.dates[0], whole.dates[-1])
    assert len(thin.dates) <= MOST_DATES
    assert len(thin.dates) * rungs <= max(MOST_SHARES, 2 * rungs)
    steps = list(whole.drawn_steps)
    assert max(b - a for a, b in itertools.pairwise(steps)) - min(b - a for a, b in itertools.pairwise(steps)) <= 1
    for rung, own in zip(thin.rungs[:3], whole.rungs[:3], strict=True):
        assert list(rung.shares) == [own.shares[step] for step in steps]


def test_its_chart_is_of_a_bounded_size() -> None:
    assert len(json.dumps(ladder_stream(ladder(100, 20_001)))) < 5_000_000
