"""Where a browser goes on to after signing in: a path of ours, whatever the address says."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from fastapi import Request

LONGEST_NEXT = 2_000
"""Characters of the address to go on to; a longer one is left out."""


def safe_next(wanted: str) -> str:
    """A path of ours to go on to; the home page for anything that could lead elsewhere."""
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and len(wanted) <= LONGEST_NEXT
    if not plain or not wanted.startswith("/") or wanted.startswith(("//", "/sign")):
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    return wanted if not parts.scheme and not parts.netloc else "/"


def sign_in_address(request: Request) -> str:
    """The address at which somebody signs in and then goes on with what they asked for."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = safe_next(here) if request.method == "GET" else "/"
    return "/signin" if wanted == "/" else f"/signin?next={quote(wanted, safe='')}"


def navigates(request: Request) -> bool:
    """Whether a browser asks for a whole page, not a script or a program for an answer."""
    if "sec-fetch-dest" in request.headers:
        return request.headers["sec-fetch-dest"] == "document"
    return "text/html" in request.headers.get("accept", "")
