"""Our outermost middleware: headers on every answer, the limit on bodies, the host check of the demonstration, the log.

Queries are personal data of the person who asks. So the log has the path's template, the status, the time and how many
people were shown or suggested, never the query.
"""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from expertfinder.configuration import languages
from expertfinder.http.middleware.embedding import OWN_HEADERS
from expertfinder.http.middleware.headers import AT, LANGUAGE_COOKIE, PAGE_POLICY, request_id, security_headers
from expertfinder.http.problems import WrongHost, problem

log = logging.getLogger("expertfinder.http.access")

PEOPLE = "expertfinder.people"
"""The key of a request's scope for how many people an answer shows or suggests, counted apart: `{"shown": 3}`."""
FOR_PROGRAMS = ("/v1/", "/mcp", "/scim/")
"""Paths that are for programs: they are answered in English, whatever language is preferred."""
LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


def is_local(host: str) -> bool:
    """Whether a `Host` header names this machine. Any other name may be given by a stranger (DNS rebinding)."""
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    return (name if name and port.isdigit() else host).lower() in LOCAL_NAMES


class Envelope:
    """ASGI middleware around the whole app: request id, language, headers, the limit on bodies, the log line."""

    def __init__(
        self, app: ASGIApp, *, max_body_bytes: int, insecure_demo: bool, body_seconds: float, language: str = ""
    ) -> None:
        self.app = app
        self.language = language
        self.max_body_bytes = max_body_bytes
        self.insecure_demo = insecure_demo
        self.body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id(scope)
        spoken = _language(scope, self.language)
        languages.speak(spoken)
        status = 500

        async def enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                varies = headers.get("vary", "")
                for name, value in (security_headers(scope, status) | scope.get(OWN_HEADERS, {})).items():
                    headers[name] = value
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = PAGE_POLICY
                    headers["Content-Language"] = spoken
                    headers.add_vary_header("Accept-Language")
                if "Origin" in varies:
                    headers.add_vary_header("Origin")
            await send(message)

        app = self.app
        query = scope["query_string"].decode("latin-1")
        AT.set(scope["path"] + (f"?{query}" if query else "") if scope["method"] == "GET" else "/")
        if self.insecure_demo:
            _take_as(scope)
            if not is_local(Headers(scope=scope).get("host", "")):
                app = problem(Request(scope), WrongHost("ask for http://127.0.0.1, the only place this mode serves"))
        try:
            await app(scope, _limited(scope, receive, self.max_body_bytes, self.body_seconds), enveloped)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            milliseconds = (time.perf_counter() - started) * 1000
            people = " ".join(f"{count} {how}" for how, count in scope.get(PEOPLE, {}).items())
            scope["app"].state.metrics.count(scope["method"], route, status, milliseconds / 1000)
            fields = {
                "request": request_id(scope),
                "method": scope["method"],
                "route": route,
                "status": status,
                "milliseconds": round(milliseconds, 1),
                "people": people,
            }
            log.info(
                "%s %s %s %d %.1f ms %s",
                fields["request"],
                scope["method"],
                route,
                status,
                milliseconds,
                people,
                extra=fields,
            )


def _language(scope: Scope, preset: str) -> str:
    """The language of an answer: the one that was chosen, else the one of the settings, else the browser's."""
    if scope["path"].startswith(FOR_PROGRAMS):
        return languages.ENGLISH
    request = Request(scope)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen not in languages.LANGUAGES:
        chosen = preset or languages.wanted(request.headers.get("accept-language", ""))
    return chosen or languages.ENGLISH


def _limited(scope: Scope, receive: Receive, limit: int, seconds: float) -> Receive:
    """A `receive` that raises `HTTPException`: 413 for a body of more than `limit` bytes, or one that says so in
    `Content-Length`; 408 where nothing of the body comes for `seconds`."""
    declared = Headers(scope=scope).get("content-length", "")
    seen, whole = 0, False

    async def limited() -> Message:
        nonlocal seen, whole
        if declared.isdigit() and int(declared) > limit:
            raise HTTPException(413, f"a body may have {limit} bytes")
        try:
            message = await (receive() if whole else asyncio.wait_for(receive(), seconds))
        except TimeoutError as error:
            raise HTTPException(408, f"nothing of the body came for {seconds:g} seconds") from error
        whole = not message.get("more_body", False)
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, f"a body may have {limit} bytes")
        return message

    return limited


def _take_as(scope: Scope) -> None:
    """In the demonstration mode, take `as=PERSON` out of the query string: the person through whose eyes to look.

    `as` is no parameter of the contract. Outside of this mode it is refused like any other unknown parameter.
    """
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    chosen = [value for name, value in pairs if name == "as"]
    if chosen:
        scope["expertfinder.as"] = chosen[-1]
        scope["query_string"] = urlencode([pair for pair in pairs if pair[0] != "as"]).encode("latin-1")
