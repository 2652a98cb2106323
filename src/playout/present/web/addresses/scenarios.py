"""The addresses of scenarios: what is served, what can be moved in one, and how one is sent."""

from __future__ import annotations

from fastapi import APIRouter, Request

from playout.present.web.addresses.asked import Plain, ScenarioName, desk_of
from playout.present.web.faults import Refused
from playout.present.web.models import UploadRequest

router = APIRouter(tags=["scenarios"])


@router.get("/api/scenarios")
async def scenarios(request: Request) -> Plain:
    """The scenarios that are served, the one that the page opens with first, and whether others can be sent."""
    desk = desk_of(request)
    listed = desk.library.listed(request.state.client)
    told = [{"name": own.name, "title": own.title, "about": own.about} for own in listed]
    return {"scenarios": told, "uploads": desk.options.allow_upload}


@router.get("/api/scenarios/{name}")
async def scenario(request: Request, name: ScenarioName) -> Plain:
    """What can be chosen and moved in a scenario, with what each number rests on."""
    desk = desk_of(request)
    prepared = await desk.prepared(desk.library.get(name))
    return prepared.description


@router.get("/api/scenarios/{name}/picture")
async def written(request: Request, name: ScenarioName) -> Plain:
    """The picture of a scenario as written, from few futures: something to show at once, and to compare with."""
    desk = desk_of(request)
    prepared = await desk.prepared(desk.library.get(name))
    return prepared.picture


@router.post("/api/scenarios", status_code=201)
async def upload(request: Request, body: UploadRequest) -> Plain:
    """Take in a scenario as the text of one file, where the server allows it; it is checked like any other."""
    desk = desk_of(request)
    if not desk.options.allow_upload:
        raise Refused(403, "this server takes no scenarios", "start it with --allow-upload")
    served, warnings = await desk.upload(request, body.text)
    return {"name": served.name, "title": served.title, "about": served.about, "diagnostics": warnings}
