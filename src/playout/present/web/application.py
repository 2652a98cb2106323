"""The server's application: its addresses, its page, what stands before them and how faults are told."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles

from playout.present.web import faults
from playout.present.web.addresses import analyses, exports, runs, scenarios
from playout.present.web.desk import Desk
from playout.present.web.guard import PASS, Guard
from playout.present.web.library import Library
from playout.present.web.models import Refusal
from playout.present.web.options import Options

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": description}
    for status, description in {
        400: "no request to this server",
        401: "the token is missing",
        403: "from a page of another site",
        404: "there is no such thing here",
        405: "the address does not take such a request",
        408: "its body did not come",
        409: "not yet",
        413: "too large",
        415: "no JSON",
        422: "the request does not fit",
        429: "the server, or this client's share of it, is full: see Retry-After",
        500: "a fault of Playout itself",
        503: "what does this work was ended, and begins anew",
    }.items()
}


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
    _describe(app, options)
    for addresses in (scenarios, runs, analyses, exports):
        app.include_router(addresses.router)
    _page(app)
    app.add_middleware(Guard, options=options)
    return app


SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "the server's token"},
    "pass": {"type": "apiKey", "in": "cookie", "name": PASS, "description": "given for the token to a browser"},
}


def _describe(app: FastAPI, options: Options) -> None:
    """Have the description tell how clients are let in, beside what FastAPI finds out."""
    made = app.openapi

    def described() -> dict[str, Any]:
        """The description."""
        found = made()
        found.setdefault("components", {})["securitySchemes"] = SCHEMES
        found["security"] = [{name: []} for name in SCHEMES] if options.token is not None else []
        return found

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way


def _version() -> str:
    try:
        return importlib.metadata.version("playout")
    except importlib.metadata.PackageNotFoundError:  # run from its source, without being installed
        return "unknown"


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
