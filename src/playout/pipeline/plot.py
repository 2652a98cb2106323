"""``plot``: one picture.

In:   a folder that holds a run, or a scenario; which picture
Out:  Picture

result  = kept_run(folder)  or  run(scenario, …)
page    = page_of(result)                  everything a report shows
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
    told("drawing", 0, 1)
    page = page_of(result.runs, result.baseline, result.summary)
    return picture_of(page, what)
