"""How often one viewer may ask, for suggestions or at all: each has a bucket of tokens, which fills again with time.

A request takes one token whatever its answer holds, so the allowance tells nothing about whom there is to find.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from expertfinder.configuration.languages import N_, gettext
from expertfinder.errors import TooManyRequests

AT_ONCE = 40
"""Suggestions at once: a name or two, typed without a pause."""
EACH_SECOND = 1.0
"""Suggestions that may be asked for in each second after that."""
VIEWERS_KEPT = 10_000
"""Viewers whose buckets are kept; the one who asked longest ago is forgotten first, and has a full one again."""


SUGGESTING = N_(
    "suggestions at once and EACH a second are for typing; for questions there is "
    "GET /v1/experts, which is not limited so"
)
"""What somebody is told who asks for suggestions too often; `EACH` stands for how many a second there may be."""
ASKING = N_("requests at once and EACH a second are what one caller may send (EXPERTFINDER_REQUESTS_A_MINUTE)")
"""What somebody is told who asks anything too often."""


class Buckets:
    """The buckets of a service. `clock`: seconds that only grow. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, viewer: str, *, at_once: int, each_second: float) -> float:
        """Take one token out of the bucket of a viewer. Returns how many were in it; of less than 1.0 none was taken.

        `at_once`: tokens of a full bucket; `each_second`: tokens that come back in each second.
        """
        now = self._clock()
        with self._lock:
            left, at = self._left.pop(viewer, (float(at_once), now))
            left = min(left + (now - at) * each_second, float(at_once))
            self._left[viewer] = (left - 1.0 if left >= 1.0 else left, now)
            while len(self._left) > VIEWERS_KEPT:
                self._left.popitem(last=False)
        return left


class Allowance:
    """How often each viewer may ask: `at_once` times without a pause, and after that `each_second` times a second.

    `words`: what somebody is told who asks too often, as `SUGGESTING`.
    """

    def __init__(
        self,
        buckets: Buckets,
        *,
        at_once: int = AT_ONCE,
        each_second: float = EACH_SECOND,
        words: str = SUGGESTING,
    ) -> None:
        self._buckets = buckets
        self._at_once = at_once
        self._each_second = each_second
        self._words = words

    def take(self, viewer: str) -> None:
        """Take one token out of the bucket of a viewer. Raises `TooManyRequests` where there is none."""
        left = self._buckets.take(viewer, at_once=self._at_once, each_second=self._each_second)
        if left < 1.0:
            wait = int((1.0 - left) / self._each_second) + 1
            said = f"{self._at_once} {gettext(self._words)}".replace("EACH", f"{self._each_second:g}")
            raise TooManyRequests(said, retry_after=wait)
