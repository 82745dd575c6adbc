"""How many different people one caller sees in a day, so that nobody takes the whole directory away.

People who are suggested while somebody types are counted apart from people who are shown: a typed text brings up eight
people at whom nobody looks. A person whom the caller saw earlier on the same day is not counted again. Days are by UTC.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from threading import Lock

from expertfinder.configuration.languages import phrase
from expertfinder.errors import TooManyRequests

SUGGESTED_TIMES = 5
"""So many times as many people may be suggested as shown: of those whom a typed text brings up, about one is meant."""
CALLERS_KEPT = 10_000
"""Callers whose people of the day are kept; the one who asked longest ago is forgotten first."""


class Seen:
    """Whom each caller of a service saw on the last day they saw anybody. Safe to share between threads."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, bool], tuple[date, set[int]]] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: tuple[str, bool], people: Collection[str], *, day: date, most: int) -> bool:
        """Whether a caller may see these people, too: all were seen on this day already, or at most `most` will be.

        If so, all of them are counted; if not, none is. `caller`: a name, and whether the people are suggested.
        """
        found = {hash(one) for one in people}
        with self._lock:
            last, seen = self._seen.pop(caller, (day, set()))
            if last != day:
                seen = set()
            refused = bool(found - seen) and len(seen | found) > most
            self._seen[caller] = (day, seen if refused else seen | found)
            while len(self._seen) > CALLERS_KEPT:
                self._seen.popitem(last=False)
        return not refused


class Seeing:
    """How many people callers may see. `most`: different people for each caller on a day."""

    def __init__(self, most: int, now: Callable[[], datetime], seen: Seen) -> None:
        self._most = most
        self._now = now
        self._seen = seen

    def take(self, caller: str, people: Iterable[str], *, suggested: bool = False) -> None:
        """Count these people (ids) as seen by a caller. Raises `TooManyRequests` for new ones above the day's number.

        None of them is counted then, so that a smaller answer may still be had.
        """
        now, most = self._now(), self._most * (SUGGESTED_TIMES if suggested else 1)
        if not self._seen.take((caller, suggested), list(people), day=now.date(), most=most):
            midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
            raise TooManyRequests(
                phrase(
                    "one caller may see {most} different people in a day (EXPERTFINDER_PEOPLE_A_DAY), and this "
                    "answer has more; those whom you saw today can still be seen",
                    most=most,
                ),
                retry_after=int((midnight - now).total_seconds()) + 1,
            )
