"""What the server and its worker processes say to each other: JSON with bytes attached, behind their lengths.

The server trusts nothing that comes from a worker, which may be in the hands of whoever wrote a scenario: it reads JSON
of a limited size and never unpickles what is attached.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

from playout.errors import Diagnostic, InputError, PlayoutError, RunError, ScenarioError, Severity, Span, UsageError
from playout.present.web.faults import Refused

HEAD = struct.Struct("<II")

MOST_BYTES = 256_000_000
"""Of one message."""

KINDS: dict[str, type[PlayoutError]] = {
    kind.__name__: kind for kind in (InputError, RunError, UsageError, PlayoutError)
}


class Ended(Exception):
    """The other process is gone, or what it says is no message."""


def send(stream: IO[bytes], message: dict[str, Any], attached: bytes = b"") -> None:
    """Send a message. Raises Ended where nobody reads."""
    text = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        stream.write(HEAD.pack(len(text), len(attached)))
        stream.write(text)
        stream.write(attached)
        stream.flush()
    except (OSError, ValueError) as problem:
        raise Ended("the other process is gone") from problem


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """The next message. Raises Ended where there is none."""
    try:
        length, attached = HEAD.unpack(_exactly(stream, HEAD.size))
        if length + attached > MOST_BYTES:
            raise Ended("a message is too long")
        message = json.loads(_exactly(stream, length).decode("utf-8", "surrogatepass"))
        content = _exactly(stream, attached)
    except (OSError, ValueError, RecursionError) as problem:
        raise Ended("the other process is gone") from problem
    if not isinstance(message, dict):
        raise Ended("that is no message")
    return message, content


def _exactly(stream: IO[bytes], length: int) -> bytes:
    content = stream.read(length)
    if len(content) < length:
        raise Ended("the other process is gone")
    return content


# --- faults -----------------------------------------------------------------------------------------------------------


def as_message(problem: Exception) -> dict[str, Any]:
    """A fault as it is sent."""
    if isinstance(problem, ScenarioError):
        return {"kind": "ScenarioError", "diagnostics": [own.as_json() for own in problem.diagnostics]}
    if isinstance(problem, Refused):
        about = {"status": problem.status, "hint": problem.hint, "after": problem.after}
        return {"kind": "Refused", "text": problem.message, **about}
    if isinstance(problem, MemoryError):
        problem = RunError("there is too little memory for this: ask for fewer futures")
    name = next((name for name, kind in KINDS.items() if isinstance(problem, kind)), "fault")
    return {"kind": name, "text": str(problem) if name != "fault" else repr(problem)}


def as_fault(message: dict[str, Any]) -> Exception:
    """The fault that was sent."""
    kind, text = str(message.get("kind")), str(message.get("text"))
    try:
        if kind == "ScenarioError":
            return ScenarioError([_diagnostic(own) for own in message["diagnostics"]], {})
        if kind == "Refused":
            status, hint, after = int(message["status"]), message["hint"], message["after"]
            return Refused(status, text, None if hint is None else str(hint), None if after is None else int(after))
    except (KeyError, TypeError, ValueError) as problem:
        return RuntimeError(f"a worker's fault cannot be read: {problem}")
    return KINDS[kind](text) if kind in KINDS else RuntimeError(text)


def _diagnostic(own: dict[str, Any]) -> Diagnostic:
    def span(where: dict[str, Any]) -> Span:
        line, column = int(where["line"]), int(where["column"])
        return Span(str(where["file"]), line, column, column + 1)

    hint = own["hint"]
    related = tuple((span(other), str(other["message"])) for other in own["related"])
    severity: Severity = "warning" if own["severity"] == "warning" else "error"
    return Diagnostic(
        span(own), str(own["code"]), str(own["message"]), None if hint is None else str(hint), severity, related
    )
