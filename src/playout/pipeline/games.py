"""``games``: how are the games of a scenario solved?

In:   a scenario; a date, games, policy, view
Out:  Games: moves, odds of ends, expected pay-offs and regret, at the medians and on average over futures

checked  = load(scenario)                  a file → CheckedScenario
found    = find_games(checked, …)          CheckedScenario → the games' numbers on a date → GameFinding
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from playout.errors import UsageError, unknown
from playout.model.checked import CheckedScenario
from playout.pipeline import load

if TYPE_CHECKING:
    from playout.present.games import Games


def games(
    scenario: str | Path | CheckedScenario,
    names: Sequence[str] = (),
    *,
    at: dt.date | str | None = None,
    futures: int = 200,
    seed: int = 1,
    policy: str | None = None,
    view: str | None = None,
    tables: str | Path | None = None,
) -> Games:
    """The games of a scenario, solved. See `playout.games`."""
    from playout.analyse.solved import find_games
    from playout.present.games import Games
    from playout.simulate.policy import join_policies

    checked = scenario if isinstance(scenario, CheckedScenario) else load(scenario, tables=tables)
    joined, name = join_policies(checked, [policy] if policy else [])
    if view is not None and view not in checked.scenario.views:
        raise UsageError(unknown("view", view, list(checked.scenario.views)))
    date = _date(at, checked)
    found = find_games(joined, names, at=date, futures=futures, seed=seed, policy=name, view=view)
    return Games(checked.scenario.title, date, found)


def _date(at: dt.date | str | None, checked: CheckedScenario) -> dt.date:
    if not isinstance(at, str):
        return at or checked.scenario.start
    try:
        return dt.date.fromisoformat(at)
    except ValueError:
        raise UsageError(f"`{at}` is not a date\n  hint: dates are written year-month-day: 2026-01-31") from None
