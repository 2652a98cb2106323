"""The addresses of what can be taken away from a run."""

from __future__ import annotations

import json
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi import Path as Part
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.background import BackgroundTask

from playout.present.web import exports
from playout.present.web.addresses.asked import RunName, desk_of, run_of
from playout.present.web.desk import Desk
from playout.present.web.faults import Refused
from playout.present.web.models import NAME
from playout.present.web.runs import Run

router = APIRouter(tags=["exports"])


def file(description: str, *kinds: str) -> dict[int | str, dict[str, Any]]:
    """How an answer that is a file is documented."""
    return {200: {"content": {kind: {} for kind in kinds}, "description": description}}


@router.get(
    "/api/runs/{run}/data.{kind}",
    responses=file("one row a future", "text/csv", "application/vnd.apache.parquet"),
)
async def data(request: Request, run: RunName, kind: Literal["csv", "parquet"]) -> FileResponse:
    """The futures of a run, one row each, played again from its setting and seed."""
    found = run_of(request, run)
    handle, name = tempfile.mkstemp(f".{kind}", "playout-")
    os.close(handle)
    path = Path(name)
    arguments = {"setting": found.setting, "futures": found.futures, "kind": kind, "path": name}
    try:
        await desk_of(request).answer(request, "data", found.served, "write_data", arguments)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    media = "text/csv" if kind == "csv" else "application/vnd.apache.parquet"
    gone = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type=media, filename=f"{found.served.name}.{kind}", background=gone)


@router.get(
    "/api/runs/{run}/charts/{name}",
    responses=file("a chart", "image/svg+xml", "image/png", "application/json"),
)
async def chart(
    request: Request, run: RunName, name: Annotated[str, Part(max_length=NAME, pattern=r"\.(svg|png|vega\.json)$")]
) -> Response:
    """A chart of the last picture: `ladder.svg`, `homicides.png`, `d-homicides.vega.json`."""
    desk, drawn = desk_of(request), _finished(run_of(request, run))
    what, _, kind = name.partition(".")
    arguments = {"setting": drawn.setting, "what": what}
    of = await desk.answer(request, f"spec {name}", drawn.served, "chart", arguments, attachment=drawn.page)
    spec = of.value
    if kind == "vega.json":
        return JSONResponse(spec, headers=_attached(name))
    shape: Literal["svg", "png"] = "svg" if kind == "svg" else "png"
    found = await desk.wait(request, f"chart {name}", drawn.served, lambda stop: desk.drawn(spec, shape, stop))
    return Response(found, media_type="image/svg+xml" if shape == "svg" else "image/png", headers=_attached(name))


@router.get(
    "/api/runs/{run}/setting.yaml",
    responses=file("a scenario file", "application/yaml"),
)
async def setting(request: Request, run: RunName) -> Response:
    """The setting as a scenario file that `playout check` takes."""
    found = run_of(request, run)
    arguments = {"setting": found.setting}
    text = await desk_of(request).answer(request, "file", found.served, "setting_file", arguments, replace=True)
    return Response(str(text.value), media_type="application/yaml", headers=_attached("setting.yaml"))


@router.get(
    "/api/runs/{run}/export.html",
    responses=file("a page that works without the server", "text/html"),
)
async def page(request: Request, run: RunName) -> HTMLResponse:
    """What is on the screen as one file that works without the server."""
    found = _finished(run_of(request, run))
    html = await _offline(desk_of(request), found)
    return HTMLResponse(html, headers=_attached(f"{found.served.name}.html"))


@router.get(
    "/api/runs/{run}/export.pdf",
    responses=file("the same on paper", "application/pdf"),
)
async def paper(request: Request, run: RunName) -> Response:
    """What is on the screen as a PDF, by the system's Chromium."""
    found = _finished(run_of(request, run))
    desk = desk_of(request)
    html = await _offline(desk, found)
    pdf = await desk.wait(request, "paper", found.served, partial(exports.printed, html))
    return Response(pdf, media_type="application/pdf", headers=_attached(f"{found.served.name}.pdf"))


def _finished(run: Run) -> Run:
    if run.picture is None or run.page is None:
        raise Refused(409, "the picture is still being refined", "try again when it is done", 2)
    return run


async def _offline(desk: Desk, run: Run) -> str:
    from playout.present.web.offline import offline_page

    prepared = await desk.prepared(run.served)
    assert run.picture is not None
    return offline_page(prepared.description, [json.loads(run.picture), prepared.picture])


def _attached(name: str) -> dict[str, str]:
    """To be kept as a file of this name, which is plain ASCII."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "-" for sign in name)
    return {"content-disposition": f'attachment; filename="{plain}"'}
