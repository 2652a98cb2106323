"""Which beliefs decide an outcome of a setting, as `playout.explain` finds it."""

from __future__ import annotations

import threading
from typing import Any

import playout
from playout.errors import RunError
from playout.present.web.settings import Way

Plain = dict[str, Any]

SAMPLES = 512
"""Rows of the study: a quarter of what the command line plays, so that a reader waits for seconds."""


def explained(way: Way, outcome: str | None, stop: threading.Event) -> Plain:
    """What decides an outcome, the headline's where none is named. Beliefs that the setting holds are varied like all
    others, and views by their own credences: ``varied_anyway`` names them. Ends soon after ``stop`` is set."""

    def told(stage: str, done: int, total: int) -> None:
        """A stage has begun: a good place to stop."""
        if stop.is_set():
            raise RunError("the run was stopped")

    found = playout.explain(
        way.checked,
        outcome,
        samples=SAMPLES,
        policy=way.policy,
        view=way.view,
        seed=way.seed,
        progress=told,
    )
    anyway = [*way.quantiles, *(["credences"] if way.credences is not None else [])]
    return {**found.as_json(), "varied_anyway": anyway}
