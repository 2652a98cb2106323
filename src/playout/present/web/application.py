"""The addresses of the server, a few lines each: read the request, find what it speaks of, hand work to the lane."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi import Path as Part
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.background import BackgroundTask

import playout
from playout.errors import UsageError
from playout.present.web import exports, faults
from playout.present.web.desk import Desk
from playout.present.web.diff import setting_yaml
from playout.present.web.explained import explained
from playout.present.web.faults import Refused
from playout.present.web.guard import Guard
from playout.present.web.library import Library
from playout.present.web.models import (
    NAME,
    Begun,
    CompareRequest,
    ExplainRequest,
    Refusal,
    RunRequest,
    Setting,
    StoriesRequest,
    UpdateRequest,
    UploadRequest,
)
from playout.present.web.options import Options
from playout.present.web.pairs import compared
from playout.present.web.paths import future, stories_of
from playout.present.web.runs import Run
from playout.present.web.settings import Way, resolve

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": description}
    for status, description in {
        400: "no request to this server",
        401: "the token is missing",
        403: "from a page of another site",
        404: "there is no such thing here",
        409: "not yet",
        413: "too large",
        415: "no JSON",
        422: "the request does not fit",
        429: "the server has its hands full: see Retry-After",
    }.items()
}

RunName = Annotated[str, Part(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
ScenarioName = Annotated[str, Part(min_length=1, max_length=NAME)]
Plain = dict[str, Any]


def make_application(options: Options) -> FastAPI:
    """The server's application. Reads the scenarios that are named: a fault in one is raised here."""
    library = Library(options.scenarios)

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        app.state.desk = desk = Desk(options, library)
        try:
            yield
        finally:
            desk.close()

    app = FastAPI(
        title="Playout",
        version=_version(),
        description="Plays a written policy scenario, many thousand times, under a setting of its choices and beliefs.",
        lifespan=living,
        openapi_url="/api/openapi.json",
        docs_url=None,  # they would be fetched from elsewhere
        redoc_url=None,
        responses=REFUSALS,
        separate_input_output_schemas=False,
    )
    faults.install(app)
    _scenarios(app)
    _runs(app)
    _analyses(app)
    _exports(app)
    _page(app)
    app.add_middleware(Guard, options=options)
    return app


def _version() -> str:
    try:
        return importlib.metadata.version("playout")
    except importlib.metadata.PackageNotFoundError:  # run from its source, without being installed
        return "unknown"


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _run(request: Request, name: str) -> Run:
    return _desk(request).registry.get(name)


async def _way(request: Request, setting: Setting) -> Way:
    """How a setting is played; a scenario may have to be read for that, which others need not wait for."""
    served = _desk(request).library.get(setting.scenario)
    return await asyncio.to_thread(lambda: resolve(setting, served.checked))


# --- scenarios --------------------------------------------------------------------------------------------------------


def _scenarios(app: FastAPI) -> None:
    @app.get("/api/scenarios", tags=["scenarios"])
    async def scenarios(request: Request) -> Plain:
        """The scenarios that are served, the one that the page opens with first."""
        listed = _desk(request).library.listed(request.state.client)
        return {"scenarios": [{"name": own.name, "title": own.title, "about": own.about} for own in listed]}

    @app.get("/api/scenarios/{name}", tags=["scenarios"])
    async def scenario(request: Request, name: ScenarioName) -> Plain:
        """What can be chosen and moved in a scenario, with what each number rests on."""
        desk = _desk(request)
        prepared = await desk.prepared(desk.library.get(name))
        return prepared.description

    @app.get("/api/scenarios/{name}/picture", tags=["scenarios"])
    async def written(request: Request, name: ScenarioName) -> Plain:
        """The picture of a scenario as written, from few futures: something to show at once, and to compare with."""
        desk = _desk(request)
        prepared = await desk.prepared(desk.library.get(name))
        return prepared.picture

    @app.post("/api/scenarios", status_code=201, tags=["scenarios"])
    async def upload(request: Request, body: UploadRequest) -> Plain:
        """Take in a scenario as the text of one file, where the server allows it; it is checked like any other."""
        desk = _desk(request)
        if not desk.options.allow_upload:
            raise Refused(403, "this server takes no scenarios", "start it with --allow-upload")
        client = request.state.client
        served = await desk.answer(request, "upload", lambda _: desk.library.upload(body.text, client))
        warnings = [diagnostic.as_json() for diagnostic in served.checked.warnings]
        return {"name": served.name, "title": served.title, "about": served.about, "diagnostics": warnings}


# --- runs -------------------------------------------------------------------------------------------------------------


def _runs(app: FastAPI) -> None:
    @app.post("/api/runs", status_code=202, tags=["runs"])
    async def begin(request: Request, body: RunRequest) -> Begun:
        """Begin a run of a setting; an earlier one of this client is stopped."""
        desk = _desk(request)
        futures = desk.allowed(body.futures)
        served, way = desk.library.get(body.setting.scenario), await _way(request, body.setting)
        run = desk.registry.begin(request.state.client, served, way, futures)
        return Begun(run=run.id)

    @app.get("/api/runs/{run}", tags=["runs"])
    async def picture(request: Request, run: RunName) -> Response:
        """The last picture of a run, or, before there is one, how far it is."""
        found = _run(request, run)
        if found.picture is not None:
            return Response(found.picture, media_type="application/json")
        if found.state == "failed":
            raise UsageError(found.message)
        done, total = found.progress
        return JSONResponse({"run": found.id, "state": found.state, "done": done, "total": total}, 202)

    @app.get(
        "/api/runs/{run}/events",
        tags=["runs"],
        responses={200: {"content": {"text/event-stream": {}}, "description": "progress, picture, done, failed"}},
    )
    async def events(request: Request, run: RunName) -> StreamingResponse:
        """A run as server-sent events: `progress`, a `picture` that sharpens, then `done` or `failed`."""
        told = _desk(request).registry.listen(_run(request, run))
        return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    @app.delete("/api/runs/{run}", status_code=204, response_class=Response, tags=["runs"])
    async def stop(request: Request, run: RunName) -> Response:
        """Stop a run and forget it."""
        _desk(request).registry.stop(_run(request, run))
        return Response(status_code=204)

    @app.get("/api/runs/{run}/futures/{number}", tags=["runs"])
    async def one_future(request: Request, run: RunName, number: Annotated[int, Part(ge=0, lt=2**31)]) -> Plain:
        """One future of a run, step by step."""
        found = _run(request, run)
        return await _desk(request).answer(request, "future", partial(future, found.way, number, found.futures))


# --- analyses ---------------------------------------------------------------------------------------------------------


def _analyses(app: FastAPI) -> None:
    @app.post("/api/compare", tags=["analyses"])
    async def compare(request: Request, body: CompareRequest) -> Plain:
        """What the second of two settings does that the first does not, future by future."""
        first, second = body.settings
        if first.scenario != second.scenario or first.seed != second.seed:
            raise UsageError("two settings are compared under the same draws: one scenario, and one seed")
        desk = _desk(request)
        futures = desk.allowed(body.futures)
        ways = await _way(request, first), await _way(request, second)
        return await desk.answer(request, "compare", lambda stop: compared(*ways, futures, stop))

    @app.post("/api/explain", tags=["analyses"])
    async def explain(request: Request, body: ExplainRequest) -> Plain:
        """Which beliefs decide an outcome, and what makes futures end badly."""
        desk, way = _desk(request), await _way(request, body.setting)
        if not hasattr(playout, "explain"):
            return _not_yet("explain")
        return await desk.answer(request, "explain", partial(explained, way, body.outcome))

    @app.post("/api/stories", tags=["analyses"])
    async def stories(request: Request, body: StoriesRequest) -> Plain:
        """What typical futures look like, told as dated stories."""
        desk, way = _desk(request), await _way(request, body.setting)
        return await desk.answer(request, "stories", partial(stories_of, way, desk.options.most_futures))

    @app.post("/api/update", tags=["analyses"])
    async def update(request: Request, body: UpdateRequest) -> Plain:
        """Where we are now, given what has been observed."""
        await _way(request, body.setting)
        return _not_yet("update")

    @app.get("/api/questions", tags=["analyses"])
    async def questions(request: Request, scenario: Annotated[str, Query(min_length=1, max_length=NAME)]) -> Plain:
        """A scenario's dated questions, with their odds as written."""
        desk = _desk(request)
        served = desk.library.get(scenario)
        prepared = await desk.prepared(served)
        odds = prepared.picture["questions"]
        asked = [{**line, **odds[line["name"]]} for line in prepared.description["questions"]]
        return {"scenario": served.name, "futures": prepared.picture["futures"], "questions": asked}


def _not_yet(verb: str) -> Plain:
    return {"available": False, "why": f"this version of Playout has no `{verb}`"}


# --- exports ----------------------------------------------------------------------------------------------------------


def _exports(app: FastAPI) -> None:
    def file(description: str, *kinds: str) -> dict[int | str, dict[str, Any]]:
        """How an answer that is a file is documented."""
        return {200: {"content": {kind: {} for kind in kinds}, "description": description}}

    @app.get(
        "/api/runs/{run}/data.{kind}",
        tags=["exports"],
        responses=file("one row a future", "text/csv", "application/vnd.apache.parquet"),
    )
    async def data(request: Request, run: RunName, kind: Literal["csv", "parquet"]) -> FileResponse:
        """The futures of a run, one row each, played again from its setting and seed."""
        found = _run(request, run)
        work = partial(exports.write_data, found.way, found.futures, kind)
        path = await _desk(request).answer(request, "data", work)
        media = "text/csv" if kind == "csv" else "application/vnd.apache.parquet"
        gone = BackgroundTask(path.unlink, missing_ok=True)
        return FileResponse(path, media_type=media, filename=f"{found.served.name}.{kind}", background=gone)

    @app.get(
        "/api/runs/{run}/charts/{name}",
        tags=["exports"],
        responses=file("a chart", "image/svg+xml", "image/png", "application/json"),
    )
    async def chart(
        request: Request, run: RunName, name: Annotated[str, Part(max_length=NAME, pattern=r"\.(svg|png|vega\.json)$")]
    ) -> Response:
        """A chart of the last picture: `ladder.svg`, `homicides.png`, `d-homicides.vega.json`."""
        page = _finished(_run(request, run)).page
        assert page is not None
        what, _, kind = name.partition(".")
        spec = exports.chart_spec(page, what)
        if kind == "vega.json":
            return JSONResponse(spec, headers=_attached(name))
        shape: Literal["svg", "png"] = "svg" if kind == "svg" else "png"
        found = await _desk(request).answer(request, "chart", lambda _: exports.chart_picture(spec, shape))
        return Response(found, media_type="image/svg+xml" if shape == "svg" else "image/png", headers=_attached(name))

    @app.get(
        "/api/runs/{run}/setting.yaml",
        tags=["exports"],
        responses=file("a scenario file", "application/yaml"),
    )
    async def setting(request: Request, run: RunName) -> Response:
        """The setting as a scenario file that `playout check` takes."""
        text = await asyncio.to_thread(setting_yaml, _run(request, run).way)
        return Response(text, media_type="application/yaml", headers=_attached("setting.yaml"))

    @app.get(
        "/api/runs/{run}/export.html",
        tags=["exports"],
        responses=file("a page that works without the server", "text/html"),
    )
    async def page(request: Request, run: RunName) -> HTMLResponse:
        """What is on the screen as one file that works without the server."""
        found = _finished(_run(request, run))
        html = await _offline(_desk(request), found)
        return HTMLResponse(html, headers=_attached(f"{found.served.name}.html"))

    @app.get(
        "/api/runs/{run}/export.pdf",
        tags=["exports"],
        responses=file("the same on paper", "application/pdf"),
    )
    async def paper(request: Request, run: RunName) -> Response:
        """What is on the screen as a PDF, by the system's Chromium."""
        found = _finished(_run(request, run))
        desk = _desk(request)
        html = await _offline(desk, found)
        pdf = await desk.answer(request, "paper", partial(exports.printed, html))
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


# --- the page ---------------------------------------------------------------------------------------------------------


def _page(app: FastAPI) -> None:
    place = Path(str(files("playout.present.web")))

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        """The page."""
        return FileResponse(place / "templates" / "page.html", media_type="text/html")

    @app.get("/palette.css", include_in_schema=False)
    async def palette() -> Response:
        """The colours of the charts, for the page."""
        from playout.present.web.offline import palette_css

        return Response(palette_css(), media_type="text/css")

    app.mount("/static", StaticFiles(directory=place / "static"), name="static")
