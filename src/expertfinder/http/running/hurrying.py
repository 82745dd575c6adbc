"""A connection on which nobody asks in time is closed: one that says nothing, and one whose headers come drop by drop.

uvicorn closes a connection that is idle after an answer, and `middleware` gives up a body that stops; before the first
request is whole there is nothing in either that ends the wait.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class Hurrying(H11Protocol):
    """HTTP/1.1 on one connection, which has `seconds` for the head of a request from its first byte on, and for the
    first request from when the connection was made."""

    def __init__(self, *given: Any, seconds: float, **named: Any) -> None:
        super().__init__(*given, **named)
        self._seconds = seconds
        self._until: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not getattr(self.cycle, "response_complete", True):  # the head is whole; before the first there is no cycle
            self._forget()
        elif self._until is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._until = self.loop.call_later(self._seconds, self.transport.close)

    def _forget(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None


def hurrying(seconds: float) -> type[asyncio.Protocol]:
    """The protocol for `uvicorn.Config(http=...)`, with so many seconds for the head of a request."""
    return partial(Hurrying, seconds=seconds)  # type: ignore[return-value]  # uvicorn calls it and asks no more of it
