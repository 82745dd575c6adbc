"""Forms that only our own pages can send: a token in each form, and what the browser says of where it comes from.

In a template:

    <form method="post" action="/me/topics">{{ form_token(who) }} ... </form>

where `who` is the `Caller` that the page got (`render` gives it to every template). In a route:

    async def change_topics(request: Request, who: Poster, here: Here) -> Response:
        form = await request.form()          # fields as the form names them

`Poster` is `Looker` for requests that change something. It raises `Forbidden` unless the request comes from our own
origin and carries a token of this very session: in the field `form_token`, or in the header `X-Form-Token` for a
script. In the demonstration mode, which is for looking, it raises `Unauthenticated`.

The token is the session's secret under a fresh mask, so no two pages have the same bytes, and compression tells nothing
about the secret (BREACH). The ETag of a page leaves the token out (`middleware.tags`). Whoever compares pages masks
what `TOKEN` matches.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets

from fastapi import Request
from markupsafe import Markup
from starlette.datastructures import UploadFile

from expertfinder.configuration.languages import gettext
from expertfinder.errors import Forbidden

FIELD = "form_token"
"""The name of the field in every form of ours."""
HEADER = "x-form-token"
"""The header in which a script of ours sends the token."""
TOKEN = re.compile(rb'name="form_token" value="[A-Za-z0-9_-]{86}"')
"""What differs between two copies of one page."""
_BYTES = 32
"""Bytes of the secret of a session, and of its mask: 256 bits, which nobody guesses."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""Types of a body that is a form."""


def masked(secret: bytes) -> str:
    """A token for a secret of 32 bytes: a random mask, then the secret XOR the mask; 86 characters, never twice."""
    mask = secrets.token_bytes(_BYTES)
    return base64.urlsafe_b64encode(mask + _xor(mask, secret)).decode().rstrip("=")


def is_of(token: str, secret: bytes) -> bool:
    """Whether the token is one for this secret."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"==", altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return False
    return len(raw) == 2 * _BYTES and hmac.compare_digest(_xor(raw[:_BYTES], raw[_BYTES:]), secret)


def field(secret: bytes | None) -> Markup:
    """The hidden field with a fresh token; nothing where there is no session."""
    if secret is None:
        return Markup("")
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, masked(secret))


async def check_form(request: Request, secret: bytes, origin: str) -> None:
    """Raise `Forbidden` unless this request is a form of ours: its token, and where the browser says it comes from.

    `Sec-Fetch-Site` must be `same-origin` and `Origin` ours; a browser sends at least one of them with every form. A
    browser sends `Origin: null` because our pages give no referrer, so `null` alone says nothing. `secret`: 32 bytes.
    """
    site, came = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = (site == "same-origin" and came in (None, "null", origin)) or (site is None and came == origin)
    if not ours:
        raise Forbidden(
            gettext("this form did not come from a page of this service; open the page and send it from there")
        )
    token = request.headers.get(HEADER, "")
    if not token and request.headers.get("content-type", "").partition(";")[0].strip().lower() in FORMS:
        given = (await request.form()).get(FIELD, "")
        token = "" if isinstance(given, UploadFile) else given
    if not is_of(token, secret):
        raise Forbidden(gettext("this form is of another session; open the page again and send it from there"))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
