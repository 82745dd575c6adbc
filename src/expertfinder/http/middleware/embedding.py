"""What pages of other origins may have: the script of the widget, and answers where their origin is on the list.

The list is empty unless EXPERTFINDER_CORS_ORIGINS is set. It holds whole origins, compared as they are written. No
answer allows credentials: a browser sends and takes no cookie, and the page itself adds the token of its caller.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from fastapi import FastAPI, Request
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from expertfinder.configuration.resources import api_folder

WIDGET_PATH = "/widget/expert-finder.js"
"""The one address of the script, which needs no key: it is the same for everybody, and says nothing of anybody."""
PREFLIGHT_SECONDS = 7_200
"""How long a browser may remember that an origin is on the list; no browser keeps it longer than these two hours."""
SCRIPT_SECONDS = 3_600
"""How long a browser may use the script without asking for a newer one: all have it an hour after an upgrade."""
OWN_HEADERS = "expertfinder.headers"
"""The key of a request's scope under which a route gives other values for headers that every answer has."""
_PUBLIC = {
    "Cache-Control": f"public, max-age={SCRIPT_SECONDS}",
    "Vary": "Accept-Encoding",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class CrossOrigin:
    """ASGI middleware: answers of the API, and of nothing else, may be read by pages of the origins on the list."""

    def __init__(self, app: ASGIApp, *, origins: tuple[str, ...]) -> None:
        self.app = app
        self.api = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type"),
            expose_headers=("Retry-After", "X-Request-Id"),
            allow_credentials=False,
            max_age=PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        within = scope["type"] == "http" and scope["path"].startswith("/v1/")
        await (self.api if within else self.app)(scope, receive, send)


@cache
def script() -> tuple[bytes, str]:
    """The script of the widget, read once in a process, and its ETag: weak, as it may be sent compressed."""
    text = (api_folder() / "widget" / "expert-finder.js").read_bytes()
    return text, f'W/"{sha256(text).hexdigest()[:32]}"'


async def widget_script(request: Request) -> Response:
    """The script, for pages of any origin: `Access-Control-Allow-Origin` lets them check its hash (`integrity`)."""
    request.scope[OWN_HEADERS] = _PUBLIC
    text, etag = script()
    headers = {"ETag": etag, "Access-Control-Allow-Origin": "*"}
    if etag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="text/javascript", headers=headers)


def install(app: FastAPI, *, origins: tuple[str, ...]) -> None:
    """Serve the script, and let pages of these origins ask the API."""
    app.add_api_route(WIDGET_PATH, widget_script, include_in_schema=False)
    if origins:
        app.add_middleware(CrossOrigin, origins=origins)
