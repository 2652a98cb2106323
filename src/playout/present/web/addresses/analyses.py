"""The addresses of analyses of a setting."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request

from playout.errors import UsageError
from playout.present.web.addresses.asked import Plain, desk_of, way_of
from playout.present.web.explained import explained
from playout.present.web.models import NAME, CompareRequest, ExplainRequest, StoriesRequest, UpdateRequest
from playout.present.web.pairs import compared
from playout.present.web.paths import stories_of

router = APIRouter(tags=["analyses"])


@router.post("/api/compare")
async def compare(request: Request, body: CompareRequest) -> Plain:
    """What the second of two settings does that the first does not, future by future."""
    first, second = body.settings
    if first.scenario != second.scenario or first.seed != second.seed:
        raise UsageError("two settings are compared under the same draws: one scenario, and one seed")
    desk = desk_of(request)
    futures = desk.allowed(body.futures)
    ways = await way_of(request, first), await way_of(request, second)
    return await desk.answer(request, "compare", lambda stop: compared(*ways, futures, stop))


@router.post("/api/explain")
async def explain(request: Request, body: ExplainRequest) -> Plain:
    """Which beliefs decide an outcome, and what makes futures end badly."""
    desk, way = desk_of(request), await way_of(request, body.setting)
    return await desk.answer(request, "explain", partial(explained, way, body.outcome))


@router.post("/api/stories")
async def stories(request: Request, body: StoriesRequest) -> Plain:
    """What typical futures look like, told as dated stories."""
    desk, way = desk_of(request), await way_of(request, body.setting)
    return await desk.answer(request, "stories", partial(stories_of, way, desk.options.most_futures))


@router.post("/api/update")
async def update(request: Request, body: UpdateRequest) -> Plain:
    """Where we are now, given what has been observed."""
    await way_of(request, body.setting)
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


def _not_yet(verb: str) -> Plain:
    return {"available": False, "why": f"this version of Playout has no `{verb}`"}
