"""The watcher of a service: it looks for new facts and new snapshots, for ever, and says when a look last succeeded."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from expertfinder.errors import ExpertFinderError

LONGEST_PAUSE = 10.0
"""Seconds between two tries where looks go on failing: six lines a minute are enough for a log."""
STALE_SECONDS = 60.0
"""The service is no longer ready when its last good look is older than the pause between looks and these seconds. They
are six of the longest pauses, so that neither one failure nor one slow look makes it unready."""

log = logging.getLogger("expertfinder.http")


class Watcher:
    """Calls `look` again and again. `pause`: seconds between two looks; `clock`: seconds that only grow."""

    def __init__(self, look: Callable[[], None], *, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._pause = pause
        self._clock = clock
        self._good: float | None = None

    @property
    def bound(self) -> float:
        """The age in seconds of the last good look beyond which the service is not ready."""
        return self._pause + STALE_SECONDS

    def age(self) -> float | None:
        """Seconds since the last good look, or since the watcher began; `None` where it has not begun."""
        return None if self._good is None else self._clock() - self._good

    async def run(self, call: Callable[[Callable[[], None]], Awaitable[None]]) -> None:
        """Look for ever; `call` runs a look outside of the event loop. A look that fails is logged and tried again."""
        self._good = self._clock()
        failures = 0
        while True:
            await asyncio.sleep(pause_after(failures, self._pause))
            try:
                await call(self._look)
            except Exception as error:
                failures += 1
                log.warning(
                    "cannot look for new facts, tried again in %.1f s: %s: %s",
                    pause_after(failures, self._pause),
                    type(error).__name__,
                    error,
                    exc_info=None if isinstance(error, ExpertFinderError | OSError) else error,
                )
            else:
                failures = 0
                self._good = self._clock()


def pause_after(failures: int, pause: float) -> float:
    """Seconds to wait after so many failures in a row: twice as long each time, up to `LONGEST_PAUSE` or `pause`."""
    return float(min(pause * 2 ** min(failures, 32), max(pause, LONGEST_PAUSE)))
