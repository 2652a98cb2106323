"""What a request speaks of: by the names in it, the desk, a run, or a way of playing a scenario."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Path, Request

from playout.present.web.desk import Desk
from playout.present.web.library import Served
from playout.present.web.models import NAME, Setting
from playout.present.web.runs import Run
from playout.present.web.settings import resolve

RunName = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
ScenarioName = Annotated[str, Path(min_length=1, max_length=NAME)]
Plain = dict[str, Any]


def desk_of(request: Request) -> Desk:
    """The desk of the server that was asked."""
    desk: Desk = request.app.state.desk
    return desk


def run_of(request: Request, name: str) -> Run:
    """A run by its name. Refuses, with 404, one that is not kept."""
    return desk_of(request).registry.get(name)


async def checked_setting(request: Request, setting: Setting) -> tuple[Served, Plain]:
    """The scenario of a setting, and the setting as plain data. Refuses names that the scenario does not have, unless a
    client sent it: then the run itself does."""
    desk = desk_of(request)
    served, plain = desk.library.get(setting.scenario), setting.model_dump()
    if served.owner is None:  # it may have to be read for that, which others need not wait for
        await asyncio.to_thread(lambda: resolve(setting, served.checked))
    return served, plain
