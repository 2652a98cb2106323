"""Who may ask, how much, and what the headers of every answer say.

A page of another site can make a browser send requests here, and by letting its own name point to this machine (DNS
rebinding) even read the answers. So a request has to name an address of this server in ``Host``, one that changes
something has to come from a page of this server where it comes from a page at all, and where a token is wanted nothing
is answered without it.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import secrets
import time
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playout.present.web.faults import refusal
from playout.present.web.options import Options, is_loopback
from playout.present.web.shares import Places, address_of

LOG = logging.getLogger("playout.web")

PASS = "playout_pass"
"""The cookie of a browser that has shown the token."""

CLIENT = "playout_client"
"""The cookie that tells clients apart: each has one run at a time."""

CLIENT_HEADER = "x-playout-client"
CLIENT_FORM = re.compile(r"[A-Za-z0-9_-]{8,64}")

SAFE = ("GET", "HEAD", "OPTIONS")

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

UNREAD = 30.0
"""Seconds in which a piece of an answer has to be taken: a place is held until then."""

GUESSES, GUESS = 8, 1.0
"""Wrong tokens that are answered at a time, and the seconds that each answer takes."""

TOO_LARGE = "a request may have {:,} bytes"


class Unread(Exception):
    """Whoever asked does not read the answer."""


class Guard:
    """Stands before the application. Refuses with 400, 401, 403, 408, 413, 415 and 429; tells of a fault with 500."""

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self.app, self.options = app, options
        self._pass = secrets.token_urlsafe(32)
        self._entry = options.entry
        self._requests = Places(options.most_requests)
        self._streams = Places(options.most_streams)
        self._guessing = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here speaks over a web socket
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        cookies = _cookies(headers)
        client, new = _client(headers, cookies)
        address = address_of(scope)
        scope.setdefault("state", {}).update(client=client, address=address)
        given = f"{CLIENT}={client}; Path=/; HttpOnly; SameSite=Lax" if new else None
        answer = _Answer(send, given, kept=scope["path"].startswith("/static/"))
        guessed = self._guesses(scope, headers, cookies)
        if guessed and self._guessing >= GUESSES:
            await answer.whole(*refusal(429, "too many wrong tokens were shown", "try again in a moment", 5))
            return
        refused = self._refusal(scope, headers, cookies)
        if refused is not None:
            if guessed and refused[0] == 401:
                await self._slow_down()
            await answer.whole(*refused)
            return
        if self._shows_token(scope):
            if not self._shows(scope, self.options.token):
                self._entry = None
            pass_ = f"{PASS}={self._pass}; Path=/; HttpOnly; SameSite=Lax"
            await answer.whole(303, {"location": "/", "set-cookie": pass_}, b"")
            return
        places = [self._requests, *([self._streams] if scope["path"].endswith("/events") else [])]
        taken = [own for own in places if own.take(address)]
        try:
            if len(taken) < len(places):
                await answer.whole(*refusal(429, "too many of your requests are open", "try again in a moment", 2))
                return
            await self.app(scope, self._limited(receive, scope), answer.send)
        except Unread:  # whoever asked reads nothing: the connection is closed
            LOG.debug("an answer was not read: %s", scope["path"])
        except Exception as fault:  # told here, so that this answer has its headers too
            LOG.error("a fault of Playout itself at %s", scope["path"], exc_info=fault)
            if not answer.begun:
                await answer.whole(*refusal(500, "a fault of Playout itself", "please report it"))
        finally:
            for own in taken:
                own.give_back(address)

    # --- who ---

    def _refusal(
        self, scope: Scope, headers: Headers, cookies: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes] | None:
        """Why a request is not answered at all; None where it is."""
        host = headers.get("host", "")
        if not self._served(host):
            return refusal(400, "this server does not go by that name", f"ask for {self.options.host}")
        if scope["method"] not in SAFE and not _own_page(scope, headers, host):
            return refusal(403, "a page of another site may not do this", "open the page of this server")
        if not self._admitted(scope, headers, cookies):
            status, more, body = refusal(
                401, "this server wants its token", "open /?token=… once, or send it as bearer"
            )
            return status, {**more, "www-authenticate": "Bearer"}, body
        return self._body_refusal(scope, headers)

    def _served(self, host: str) -> bool:
        """Whether a request was meant for this server. Whoever has shown the token may use any of its names."""
        if self.options.token is not None:
            return True
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return is_loopback(name) or name == self.options.host.lower()

    def _admitted(self, scope: Scope, headers: Headers, cookies: Mapping[str, str]) -> bool:
        if self.options.token is None:
            return True
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        by_header = scheme.lower() == "bearer" and _same(shown.strip(), self.options.token)
        return by_header or _same(cookies.get(PASS, ""), self._pass) or self._shows_token(scope)

    def _guesses(self, scope: Scope, headers: Headers, cookies: Mapping[str, str]) -> bool:
        """Whether a request shows a token, right or wrong, and has no pass yet."""
        if self.options.token is None or _same(cookies.get(PASS, ""), self._pass):
            return False
        return "authorization" in headers or b"token=" in scope.get("query_string", b"")

    async def _slow_down(self) -> None:
        """Keep whoever showed a wrong token waiting. So many may wait at a time, and others are not even looked at, so
        that guessing is slow however many connections do it."""
        self._guessing += 1
        try:
            await asyncio.sleep(GUESS)
        finally:
            self._guessing -= 1

    def _shows_token(self, scope: Scope) -> bool:
        """Whether the page is opened with the token, or the word for one browser, in its address; a cookie takes its
        place there."""
        return self._shows(scope, self.options.token) or self._shows(scope, self._entry)

    def _shows(self, scope: Scope, wanted: str | None) -> bool:
        if wanted is None or scope["path"] != "/" or scope["method"] != "GET":
            return False
        shown = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        return _same(shown, wanted)

    # --- how much ---

    def _limit(self, scope: Scope) -> int:
        return self.options.upload_bytes if scope["path"] == "/api/scenarios" else self.options.body_bytes

    def _body_refusal(self, scope: Scope, headers: Headers) -> tuple[int, dict[str, str], bytes] | None:
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > self._limit(scope):
            return refusal(413, TOO_LARGE.format(self._limit(scope)), "send less")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] == "POST" and kind != "application/json":
            return refusal(415, "a request's body is JSON", "send it with Content-Type: application/json")
        return None

    def _limited(self, receive: Receive, scope: Scope) -> Receive:
        """Bodies no longer than the limit, whatever their headers say, each piece of them in time and all of them."""
        limit, seen, whole = self._limit(scope), 0, False
        end = time.monotonic() + self.options.whole_body_seconds

        async def limited() -> Message:
            nonlocal seen, whole
            if whole:  # what is still waited for is that the client goes away
                return await receive()
            try:
                left = max(0.0, end - time.monotonic())
                message = await asyncio.wait_for(receive(), min(self.options.body_seconds, left))
            except TimeoutError as problem:
                raise HTTPException(408, "the request's body did not come in time") from problem
            if message["type"] == "http.request":
                whole = not message.get("more_body", False)
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise HTTPException(413, TOO_LARGE.format(limit))
            return message

        return limited


class _Answer:
    """An answer on its way out, with the headers that each has."""

    def __init__(self, send: Send, cookie: str | None, *, kept: bool) -> None:
        self._send, self._cookie = send, cookie
        self._cached = "no-cache" if kept else "no-store"
        self.begun = False

    async def send(self, message: Message) -> None:
        """Pass on; the first message gets the headers."""
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(raw=list(message["headers"]))
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", self._cached)
            if self._cookie:
                headers.append("set-cookie", self._cookie)
            message = {**message, "headers": headers.raw}
        try:
            await asyncio.wait_for(self._send(message), UNREAD)
        except TimeoutError as problem:
            raise Unread from problem

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """A whole answer."""
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        raw.append((b"content-length", str(len(body)).encode()))
        await self.send({"type": "http.response.start", "status": status, "headers": raw})
        await self.send({"type": "http.response.body", "body": body})


def _same(shown: str, wanted: str) -> bool:
    """Compared in the same time wherever they differ."""
    return hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), wanted.encode())


def _own_page(scope: Scope, headers: Headers, host: str) -> bool:
    """Whether a request comes from a page of this server, or from no page: a browser names the page in ``Origin``."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or origin.lower() == f"{scope.get('scheme', 'http')}://{host}".lower()


def _cookies(headers: Headers) -> Mapping[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load("; ".join(headers.getlist("cookie")))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _client(headers: Headers, cookies: Mapping[str, str]) -> tuple[str, bool]:
    """Who asks, and whether nobody has given them a name before."""
    for known in (headers.get(CLIENT_HEADER), cookies.get(CLIENT)):
        if known is not None and CLIENT_FORM.fullmatch(known):
            return known, False
    return secrets.token_urlsafe(16), True
