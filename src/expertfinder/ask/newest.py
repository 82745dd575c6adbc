"""The newest published snapshot, which takes the place of the one that answers once its files are verified."""

from __future__ import annotations

import logging
import time
from typing import Literal

from expertfinder.errors import FormatNotSupported
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.home import Index
from expertfinder.index.snapshot import Snapshot

State = Literal["current", "verifying", "unusable"]
"""Of what is published: it answers; its files are being verified; it is damaged or of another format or encoder."""
RETRY_SECONDS = 60.0
"""Seconds after which a snapshot that could not be used is tried again: its files may have been put right, and to read
all of them at every look would keep a core busy."""

log = logging.getLogger("expertfinder.index")


class Newest:
    """Looks at what is published in an index. For one thread at a time."""

    def __init__(self, index: Index, encode: Encoder) -> None:
        self.state: State = "current"
        self._index = index
        self._encode = encode
        self._refused: tuple[str, float] | None = None
        self._told = ""

    def after(self, base: Snapshot | None) -> Snapshot | None:
        """The published snapshot where it is another one than `base`, which answers now, and can be used.

        `None` as long as its files are being verified, and where it cannot be used: `state` says which, and the log
        says why. Without a `base` it is verified while the caller waits, and raises `FormatNotSupported`. Raises
        `Superseded` where another one was published meanwhile.
        """
        name = None
        try:
            name = self._index.current()
            if name is None or (base is not None and base.manifest.name == name):
                self._now("current")
                return None
            if self._refused is not None and name == self._refused[0] and time.monotonic() < self._refused[1]:
                return None
            if base is not None and not self._index.verified(name):
                self._now("verifying")
                return None
            found = self._index.open(self._encode)
        except FormatNotSupported as error:
            if base is None:
                raise
            self._refuse(name, error)
            return None
        self._now("current")
        return found

    def _now(self, state: State) -> None:
        self.state, self._refused = state, None
        if state == "current":
            self._told = ""

    def _refuse(self, name: str | None, error: FormatNotSupported) -> None:
        """Go on with the previous snapshot; log it once. `name`: of the refused one; `None`: unreadable."""
        if name is not None:
            if self._index.current() != name:
                return  # removed because another one was published: the next look opens that
            self._refused = (name, time.monotonic() + RETRY_SECONDS)
        self.state = "unusable"
        if error.detail != self._told:
            self._told = error.detail
            log.error("the published index cannot be used, the one before it answers: %s", error.detail)
