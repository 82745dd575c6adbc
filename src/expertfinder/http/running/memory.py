"""What a service remembers of its callers: who is signed in, how often they asked, whom they saw; and its counters.

A service of one process keeps this in its own memory. Several workers of one service keep it in a process beside them,
so that a sign-in, a sign-out and an allowance hold whichever worker is asked. Each call to that process is a message
over a local socket. Nothing is written to a disk.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from multiprocessing import current_process, get_context
from multiprocessing.managers import BaseManager
from multiprocessing.process import BaseProcess

from expertfinder.http.middleware.allowance import Buckets
from expertfinder.http.middleware.metrics import Metrics
from expertfinder.http.middleware.seeing import Seen
from expertfinder.http.signin.sessions import Sessions
from expertfinder.http.signin.tokens import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The parts, each safe to share between threads."""

    sessions: Sessions
    suggesting: Buckets
    asking: Buckets
    seen: Seen
    once: Once
    metrics: Metrics

    @classmethod
    def here(cls, clock: Callable[[], float] = time.monotonic, *, session_seconds: float | None = None) -> Memory:
        """In this process. `clock`: seconds that only grow; `session_seconds`: how long a session lasts at most."""
        return cls(
            sessions=Sessions(clock) if session_seconds is None else Sessions(clock, seconds=session_seconds),
            suggesting=Buckets(clock),
            asking=Buckets(clock),
            seen=Seen(),
            once=Once(),
            metrics=Metrics(),
        )


PARTS = tuple(part.name for part in fields(Memory))


class Beside:
    """A memory in a process of its own, for workers that are forked while that process runs.

    The process ends at `close`, or when the process that started it is gone.
    """

    def __init__(self, session_seconds: float | None) -> None:
        class Keeper(BaseManager):
            """The process that keeps the memory."""

        kept: list[Memory] = []

        def part(name: str) -> object:
            return getattr(kept[0], name)

        for name in PARTS:
            Keeper.register(name, callable=partial(part, name))
        reading, self._held = os.pipe()

        def begin() -> None:
            os.close(self._held)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # workers end before this process, and ask it until then
            kept.append(Memory.here(session_seconds=session_seconds))
            threading.Thread(target=_until_closed, args=(reading,), daemon=True).start()

        self._class, self._made_by = Keeper, os.getpid()
        self._keeper = Keeper(ctx=get_context("fork"))
        self._keeper.start(initializer=begin)
        os.close(reading)

    def joined(self) -> Memory:
        """In a worker: the memory whose parts ask that process."""
        if os.getpid() != self._made_by:
            os.close(self._held)
        own = self._class(address=self._keeper.address, authkey=current_process().authkey)
        own.connect()
        return Memory(**{name: getattr(own, name)() for name in PARTS})

    def alive(self) -> bool:
        """Whether the process that keeps the memory runs."""
        process: BaseProcess = self._keeper._process  # type: ignore[attr-defined]
        return process.is_alive()

    def close(self) -> None:
        """End the process that keeps the memory."""
        os.close(self._held)
        self._keeper.shutdown()


def _until_closed(pipe: int) -> None:
    """Wait until the other end of a pipe is closed, and end this process."""
    os.read(pipe, 1)
    os._exit(0)
