"""ETags of answers, each for one caller: whoever asks again for an answer that did not change gets 304 and no body.

A tag is a keyed hash of the caller and the answer, so two callers never have the same tag, even for the same answer.
The token of a form is masked anew in each page (`signin.forms`), so the hash leaves it out.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CALLER: Final = "expertfinder.caller"
"""The key of a request's scope under which the name of the caller stands; without a name the answer has no tag."""
TAGGED: Final = ("application/json", "text/html")
"""Types of answers that have a tag; a download has none."""
_MASKED: Final = re.compile(rb'(name="form_token" value=")[^"]*')
_OF_BODY: Final = ("content-length", "content-encoding")


class Tags:
    """ASGI middleware: tags, and 304 where the caller has the answer already."""

    def __init__(self, app: ASGIApp, *, secret: bytes) -> None:
        self.app = app
        self.secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and self._has_tag(scope, message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            tag = self._tag(scope, message.get("body", b""))
            headers = MutableHeaders(scope=start)
            headers["ETag"] = tag
            if _matches(Headers(scope=scope).get("if-none-match", ""), tag):
                for name in _OF_BODY:
                    del headers[name]
                start = {**start, "status": 304}
                message = {**message, "body": b""}
            begun, start = start, None
            await send(begun)
            await send(message)

        await self.app(scope, receive, tagged)

    def _has_tag(self, scope: Scope, message: Message) -> bool:
        """Whether this is a whole answer to a known caller. A `Content-Length` says that it comes in one piece."""
        headers = Headers(raw=message["headers"])
        kind = headers.get("content-type", "").partition(";")[0]
        whole = message["status"] == 200 and "content-length" in headers and "etag" not in headers
        return whole and CALLER in scope and kind in TAGGED and "content-disposition" not in headers

    def _tag(self, scope: Scope, body: bytes) -> str:
        who = str(scope[CALLER]).encode("utf-8", "surrogatepass")
        keyed = blake2b(_MASKED.sub(rb"\1", body), key=self.secret, digest_size=16, person=b"tag")
        keyed.update(b"\0" + who)
        return f'W/"{keyed.hexdigest()}"'


def _matches(asked: str, tag: str) -> bool:
    """Whether a header `If-None-Match` names the tag. `*` never matches: a match would tell that there is an answer."""
    return tag in (one.strip() for one in asked.split(","))
