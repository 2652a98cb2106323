"""A run that was kept in a folder, as `run` gave it.

In:   the folder
Out:  Result

asked    = stored_request(folder)          which scenario was played, and how
checked  = load(asked.scenario)            must still say what it said then
runs     = load_runs(folder, checked)      outcomes are read where they stand
baseline = load_runs(folder/baseline, …)
summary  = summed_up(runs, baseline)
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from playout.errors import InputError
from playout.pipeline import Progress, load, silent
from playout.pipeline.run import BASELINE, Result, summed_up


def is_kept(folder: str | Path) -> bool:
    """Whether a run stands in a folder."""
    from playout.simulate.store import stored_key

    return stored_key(Path(folder)) is not None


def kept_run(folder: str | Path, *, weigh: bool = True, progress: Progress | None = None) -> Result:
    """The run in a folder. weigh: play some futures again for what its results rest on, as `playout.run` does.

    Refuses, with an InputError, a folder that holds no whole run, or one whose scenario has changed since.
    """
    from playout.simulate.policy import beside, join_policies
    from playout.simulate.store import load_runs, run_key, stored_key, stored_request

    told = progress or silent
    place = Path(folder)
    told("reading", 0, 1)
    asked = stored_request(place)
    checked = load(asked.scenario)
    joined, policy = join_policies(checked, [asked.policy] if asked.policy else [])
    how = {name: value for name, value in asdict(asked).items() if name not in ("scenario", "policy")}
    if stored_key(place) != run_key(joined, policy=policy, **how):
        raise InputError(
            f"the run in {place} is of another state of its scenario, or of another Playout\n"
            f"  hint: play it again: `playout run {checked.scenario.path} --out {place}`"
        )
    runs = load_runs(place, joined)
    beside_it, name = beside(runs.checked, policy)
    baseline = None if name is None else load_runs(place / BASELINE, beside_it)
    return Result(runs, baseline, summed_up(runs, baseline, weigh=weigh, told=told), place, True, asked.allow_stopped)
