"""The addresses of runs: begin one, listen to it, look at its picture, stop it, walk through one of its futures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as Part
from fastapi.responses import JSONResponse, Response, StreamingResponse

from playout.errors import UsageError
from playout.present.web.addresses.asked import Plain, RunName, checked_setting, desk_of, run_of
from playout.present.web.models import Begun, RunRequest
from playout.present.web.runs import Asker

router = APIRouter(tags=["runs"])


@router.post("/api/runs", status_code=202)
async def begin(request: Request, body: RunRequest) -> Begun:
    """Begin a run of a setting; an earlier one of this client is stopped."""
    desk = desk_of(request)
    futures = desk.allowed(body.futures)
    served, setting = await checked_setting(request, body.setting)
    run = desk.registry.begin(Asker(request.state.client, request.state.address), served, setting, futures)
    return Begun(run=run.id)


@router.get("/api/runs/{run}")
async def picture(request: Request, run: RunName) -> Response:
    """The last picture of a run, or, before there is one, how far it is."""
    found = run_of(request, run)
    if found.picture is not None:
        return Response(found.picture, media_type="application/json")
    if found.state == "failed":
        raise UsageError(found.message)
    done, total = found.progress
    return JSONResponse({"run": found.id, "state": found.state, "done": done, "total": total}, 202)


@router.get(
    "/api/runs/{run}/events",
    responses={200: {"content": {"text/event-stream": {}}, "description": "progress, picture, done, failed"}},
)
async def events(request: Request, run: RunName) -> StreamingResponse:
    """A run as server-sent events: `progress`, a `picture` that sharpens, then `done` or `failed`."""
    told = desk_of(request).registry.listen(run_of(request, run))
    return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.delete("/api/runs/{run}", status_code=204, response_class=Response)
async def stop(request: Request, run: RunName) -> Response:
    """Stop a run and forget it."""
    desk_of(request).registry.stop(run_of(request, run))
    return Response(status_code=204)


@router.get("/api/runs/{run}/futures/{number}")
async def one_future(request: Request, run: RunName, number: Annotated[int, Part(ge=0, lt=2**31)]) -> Plain:
    """One future of a run, step by step."""
    found = run_of(request, run)
    arguments = {"setting": found.setting, "number": number, "futures": found.futures}
    told: Plain = (
        await desk_of(request).answer(request, "future", found.served, "one_future", arguments, replace=True)
    ).value
    return told
