"""Where a list goes on: the last entry of a page, as a text that only this home can make.

A cursor is for the viewer who was given it and for the list that it was given with, so that nobody asks with one
whether an entry is there, and nobody goes through a list of somebody else's.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from expertfinder.errors import InvalidQuestion
from expertfinder.model import Viewer

MAC_BYTES = 16
"""Of the keyed digest at the end: nobody hits one of 2^128 by trying."""
PURPOSE = b"cursor"
"""Keeps these digests apart from others that are made with the secret of the home."""
MADE_UP = "`after` is not what this caller was given for this list: ask for its beginning again"


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one list, as one viewer is shown it."""

    secret: bytes
    viewer: Viewer
    asked: Sequence[str]
    """What the list is of: everything that its entries depend on beside the viewer."""

    def at(self, last: str) -> str:
        """What goes on after this entry."""
        entry = last.encode("utf-8", "surrogatepass")
        return urlsafe_b64encode(entry + self._mac(entry)).decode().rstrip("=")

    def entry(self, cursor: str) -> str:
        """The entry that a list goes on after. `InvalidQuestion` for what was not given to this viewer for it."""
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (NotBase64, ValueError) as error:
            raise InvalidQuestion(MADE_UP) from error
        entry, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        # Read again, since a text in base 64 has bits at its end that say nothing.
        if not hmac.compare_digest(mac, self._mac(entry)) or self.at(entry.decode("utf-8", "surrogatepass")) != cursor:
            raise InvalidQuestion(MADE_UP)
        return entry.decode("utf-8", "surrogatepass")

    def _mac(self, entry: bytes) -> bytes:
        told = orjson.dumps([self.viewer.key, *self.asked]) + b"\0" + entry
        return blake2b(told, key=self.secret, person=PURPOSE, digest_size=MAC_BYTES).digest()
