"""What a request speaks of: by the names in it, the desk, a run, or a way of playing a scenario."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Path, Request

from playout.present.web.desk import Desk
from playout.present.web.models import NAME, Setting
from playout.present.web.runs import Run
from playout.present.web.settings import Way, resolve

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


async def way_of(request: Request, setting: Setting) -> Way:
    """How a setting is played; a scenario may have to be read for that, which others need not wait for."""
    served = desk_of(request).library.get(setting.scenario)
    return await asyncio.to_thread(lambda: resolve(setting, served.checked))
