"""An id for each request, and the headers of every answer."""

from __future__ import annotations

import uuid

from starlette.types import Scope

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script and no inline style, nothing of anybody else's."""


def request_id(scope: Scope) -> str:
    """The id of a request: ours, never one that the caller sent."""
    return str(scope.setdefault("expertfinder.request_id", str(uuid.uuid4())))


def security_headers(scope: Scope) -> dict[str, str]:
    """What every answer carries. Answers depend on who asks, so no shared cache may keep them."""
    return {
        "X-Request-Id": request_id(scope),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Security-Policy": API_POLICY,
    }
