"""``plot``: one picture.

In:   a folder that holds a run, or a scenario; which picture
Out:  Picture

result  = kept_run(folder)  or  run(scenario, …)
given   = compare or explain               where the picture is of policies or a tornado
page    = page_of(result, given)           everything a report shows
picture = picture_of(page, what)           one of its pictures, with its words
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playout.model.checked import CheckedScenario
from playout.pipeline import Progress, silent
from playout.pipeline.kept import is_kept, kept_run
from playout.pipeline.run import Result, run

if TYPE_CHECKING:
    from playout.present.analysed import Given
    from playout.present.plot import Picture


def plot(
    of: str | Path | CheckedScenario | Result,
    what: str,
    *,
    futures: int | None = None,
    seed: int = 1,
    policy: str | None = None,
    view: str | None = None,
    tables: str | Path | None = None,
    progress: Progress | None = None,
) -> Picture:
    """One picture of a run. See `playout.plot`."""
    from playout.present.plot import picture_of
    from playout.present.views.read import page_of

    told = progress or silent
    if isinstance(of, Result):
        result = of
    elif isinstance(of, (str, Path)) and is_kept(of):
        result = kept_run(of, weigh=False, progress=told)
    else:
        result = run(
            of, futures=futures, seed=seed, policy=policy, view=view, tables=tables, weigh=False, progress=told
        )
    given = _analysed(result, what, told)
    told("drawing", 0, 1)
    page = page_of(result.runs, result.baseline, result.summary, given.analyses())
    return picture_of(page, what)


def _analysed(result: Result, what: str, told: Progress) -> Given:
    """The analysis that a picture is of, where it is of one."""
    from playout.pipeline.report import FUTURES, compared, explained
    from playout.present.analysed import Given

    kind, _, outcome = what.partition(".")
    futures = min(FUTURES, result.runs.futures)
    match kind:
        case "policies":
            return Given(compared=compared(result, futures, told))
        case "tornado":
            return Given(explained=explained(result, futures, told, [outcome] if outcome else ()))
        case _:
            return Given()
