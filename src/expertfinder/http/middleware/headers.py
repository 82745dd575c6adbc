"""An id for each request, and the headers of every answer."""

from __future__ import annotations

import uuid
from contextvars import ContextVar

from starlette.types import Scope

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script, no inline style, nothing from other hosts. `data:` is for the icon in the page: a request less."""


DOCUMENT = {
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Headers of what a browser may show as a page of its own."""
STATIC_PATH = "/static"
"""Where the style, the script and the icon of the pages are: the same for everybody."""
STATIC_CACHED = "public, max-age=31536000, immutable"
"""For a file with `?v=` in its address: other content has another address, so a year (31,536,000 s) is not too long."""


LANGUAGE_COOKIE = "expertfinder-language"
"""The cookie of the language that somebody chose for the pages; it says nothing of anybody."""

AT: ContextVar[str] = ContextVar("at", default="/")
"""Path and query of the page that is asked for in this context, so that a change of language can lead back to it."""


def request_id(scope: Scope) -> str:
    """The id of a request: ours, never one that the caller sent."""
    return str(scope.setdefault("expertfinder.request_id", str(uuid.uuid4())))


def security_headers(scope: Scope, status: int = 500) -> dict[str, str]:
    """The headers of every answer. Answers depend on who asks, so no shared cache may keep them, static files apart."""
    static = scope.get("path", "").startswith(f"{STATIC_PATH}/") and status in (200, 304)
    cached = STATIC_CACHED if static and scope.get("query_string", b"").startswith(b"v=") else "private, no-cache"
    always = {
        "X-Request-Id": request_id(scope),
        "Cache-Control": cached,
        "Vary": "Accept-Encoding" if static else "Accept-Encoding, Authorization, Cookie",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": API_POLICY,
    }
    # A style or a script is no document: nobody frames it, and it opens and links to nothing.
    return always if static else always | DOCUMENT
