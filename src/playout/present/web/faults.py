"""Whatever goes wrong as JSON: what is wrong and the way out, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from playout.errors import PlayoutError, ScenarioError

AT_ONCE = 5
"""Faults of one request that are told."""


class Refused(Exception):
    """A request that is not answered. after: seconds after which it may be."""

    def __init__(self, status: int, message: str, hint: str | None = None, after: int | None = None) -> None:
        self.status, self.message, self.hint, self.after = status, message, hint, after
        super().__init__(message)


def refusal(
    status: int, message: str, hint: str | None = None, after: int | None = None, **more: Any
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a refusal."""
    body = json.dumps({"error": {"message": message, "hint": hint}, **more}, ensure_ascii=False).encode()
    headers = {"content-type": "application/json"}
    if after is not None:
        headers["retry-after"] = str(after)
    return status, headers, body


def response(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    """The same as a response."""
    return Response(body, status, headers=dict(headers))


def told(problem: PlayoutError) -> tuple[str, str | None]:
    """A user's mistake as a sentence and the way out."""
    if isinstance(problem, ScenarioError):
        found = problem.diagnostics
        first = f": {found[0].message}" if found else ""
        return f"the scenario is unsound ({len(found)} found){first}", found[0].hint if found else None
    message, _, hint = str(problem).partition("\n  hint: ")
    return " ".join(message.split()), hint or None


def install(app: FastAPI) -> None:
    """Have an application answer every fault in this form."""

    async def refused(_: Request, problem: Exception) -> Response:
        """A refusal of our own."""
        assert isinstance(problem, Refused)
        return response(*refusal(problem.status, problem.message, problem.hint, problem.after))

    async def mistaken(_: Request, problem: Exception) -> Response:
        """What the pipeline refuses."""
        assert isinstance(problem, PlayoutError)
        message, hint = told(problem)
        more: dict[str, Any] = (
            {"diagnostics": [d.as_json() for d in problem.diagnostics]} if isinstance(problem, ScenarioError) else {}
        )
        return response(*refusal(422, message, hint, **more))

    async def malformed(_: Request, problem: Exception) -> Response:
        """A body that does not fit; what it holds is never said back."""
        assert isinstance(problem, RequestValidationError)
        return response(*refusal(422, _sentence(problem), "/api/openapi.json says what a request may hold"))

    async def missing(_: Request, problem: Exception) -> Response:
        """No such address, no such method."""
        assert isinstance(problem, HTTPException)
        answer = response(*refusal(problem.status_code, _missing(problem)))
        answer.headers.update(problem.headers or {})
        return answer

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(PlayoutError, mistaken)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, missing)


def _missing(problem: HTTPException) -> str:
    match problem.status_code:
        case 404:
            return "there is nothing at this address"
        case 405:
            return "this address does not take such a request"
        case _:
            return str(problem.detail)


def _sentence(problem: RequestValidationError) -> str:
    parts = []
    for fault in problem.errors()[:AT_ONCE]:
        if fault["type"] == "json_invalid":
            return "the request's body is no JSON"
        where = ".".join(str(part)[:60] for part in fault["loc"] if part not in ("body", "path", "query"))
        parts.append(f"{where}: {fault['msg']}" if where else str(fault["msg"]))
    return "; ".join(parts) or "the request does not fit"
