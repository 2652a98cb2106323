"""The addresses of analyses of a setting."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from playout.errors import UsageError
from playout.present.web.addresses.asked import Plain, checked_setting, desk_of
from playout.present.web.models import NAME, CompareRequest, ExplainRequest, Setting, StoriesRequest, UpdateRequest

router = APIRouter(tags=["analyses"])


@router.post("/api/compare")
async def compare(request: Request, body: CompareRequest) -> Plain:
    """What the second of two settings does that the first does not, future by future."""
    first, second = body.settings
    if first.scenario != second.scenario or first.seed != second.seed:
        raise UsageError("two settings are compared under the same draws: one scenario, and one seed")
    desk = desk_of(request)
    arguments = {"first": first.model_dump(), "second": second.model_dump(), "futures": desk.allowed(body.futures)}
    return await _answer(request, first, "compare", arguments)


@router.post("/api/explain")
async def explain(request: Request, body: ExplainRequest) -> Plain:
    """Which beliefs decide an outcome, and what makes futures end badly."""
    arguments = {"setting": body.setting.model_dump(), "outcome": body.outcome}
    return await _answer(request, body.setting, "explain", arguments)


@router.post("/api/stories")
async def stories(request: Request, body: StoriesRequest) -> Plain:
    """What typical futures look like, told as dated stories."""
    return await _answer(request, body.setting, "stories", {"setting": body.setting.model_dump()})


@router.post("/api/update")
async def update(request: Request, body: UpdateRequest) -> Plain:
    """Where we are now, given what has been observed."""
    await checked_setting(request, body.setting)
    return _not_yet("update")


@router.get("/api/questions")
async def questions(request: Request, scenario: Annotated[str, Query(min_length=1, max_length=NAME)]) -> Plain:
    """A scenario's dated questions, with their odds as written."""
    desk = desk_of(request)
    served = desk.library.get(scenario)
    prepared = await desk.prepared(served)
    odds = prepared.picture["questions"]
    asked = [{**line, **odds[line["name"]]} for line in prepared.description["questions"]]
    return {"scenario": served.name, "futures": prepared.picture["futures"], "questions": asked}


async def _answer(request: Request, setting: Setting, job: str, arguments: Plain) -> Plain:
    """What a job gives on the scenario of a setting; a client has one of each under way."""
    desk = desk_of(request)
    found: Plain = (await desk.answer(request, job, desk.library.get(setting.scenario), job, arguments)).value
    return found


def _not_yet(verb: str) -> Plain:
    return {"available": False, "why": f"this version of Playout has no `{verb}`"}
