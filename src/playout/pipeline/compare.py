"""``compare``: which policy does better, at what, how surely?

In:   a scenario; policies or views, further outcomes, an objective; futures, seed
Out:  Compared: a Comparison that can be tabled, drawn and read

checked    = load(scenario)                      a file → CheckedScenario
aim        = parse_objective(objective, …)       text → Objective
what       = asked(checked, policies, …)         names → what is compared with what
rows       = rows_of(checked, outcomes, aim)     names → outcomes, people first
runs       = play_variants(checked, …)           CheckedScenario → Runs, one after the other, under the same draws
comparison = compare(runs, …)                    Runs → differences, dominance, regret
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from playout.model.checked import CheckedScenario
from playout.pipeline import FUTURES, Progress, load, silent

if TYPE_CHECKING:
    from playout.present.compared import Compared


def compare(
    scenario: str | Path | CheckedScenario,
    policies: Sequence[str] | None = None,
    *,
    views: Sequence[str] | None = None,
    by: str = "policy",
    outcomes: Sequence[str] | None = None,
    objective: str | None = None,
    reference: str | None = None,
    futures: int | None = None,
    seed: int = 1,
    engine: str = "native",
    precision: str | None = None,
    tables: str | Path | None = None,
    allow_stopped: float = 0.01,
    to_tell: str | None = None,
    progress: Progress | None = None,
) -> Compared:
    """Compare policies or views. See `playout.compare`."""
    from playout.analyse.compare.asked import asked, check_futures, check_to_tell, check_told, read_to_tell
    from playout.analyse.compare.comparison import compare as compare_runs
    from playout.analyse.compare.rows import rows_of, wanted
    from playout.analyse.objective import parse_objective
    from playout.present.compared import Compared
    from playout.simulate.run import own_precision
    from playout.simulate.study import Variant, play_variants

    told = progress or silent
    told("reading", 0, 1)
    checked = scenario if isinstance(scenario, CheckedScenario) else load(scenario, tables=tables)
    aim = None if objective is None else parse_objective(objective, checked.scenario)
    what = asked(checked, policies, views, by=by, reference=reference)
    rows = rows_of(checked, outcomes, aim)
    sizes = {} if to_tell is None else read_to_tell(to_tell)
    check_to_tell(list(sizes), [row.name for row in rows], points=aim is not None)
    many = FUTURES if futures is None else futures
    check_futures(checked, what, many, by_view=aim is not None or views is not None)
    runs = play_variants(
        checked,
        [Variant(policy=what.policy(name), view=what.view(name)) for name in what.names],
        futures=many,
        seed=seed,
        engine=engine,
        precision=precision or own_precision(engine),
        wanted=wanted(rows),
        allow_stopped=allow_stopped,
        progress=partial(told, "playing"),
    )
    comparison = compare_runs(
        runs, what.names, rows, by=what.by, reference=what.reference, objective=aim, views=what.views
    )
    check_told(comparison, sizes)
    return Compared(comparison)
