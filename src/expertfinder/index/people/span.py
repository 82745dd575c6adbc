"""When an organisation has written, whatever single dates say that cannot be meant, and how old its evidence is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHORTEST_SPAN = 80.0
"""Days: with it a half-life is at least 20 days, however young the organisation is."""
APART = 5 * 365.25
"""Days without a post after which what lies beyond is a slip of a clock, not the beginning of the record: the longest
silence in the ten sets with dates is 527 days (rust). In a record that is shorter, less is enough: one post seven
months before a forum of five began took its MAP from .244 to .169."""
FEW = 0.01
"""Share of the posts that may lie beyond such a silence and still be taken for slips."""
SEVERAL = 0.05
"""The same beyond a silence that is longer than `APART` and than all the rest is apart: three of 80 posts whose clock
stood at 1984 made everything else young. Nothing in the ten sets with dates lies beyond such a silence."""


ALWAYS = 1e7
"""Days: what stands for no bound where too few posts are dated to tell one."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The dates that can be meant, in days since 1970, told by the shared posts."""

    earliest: float
    """What is dated before is undated: long before the record began."""
    latest: float
    """What is dated after is undated: it has not happened yet."""
    newest: float
    """The newest date that holds together with the others."""
    middle: float
    """As old as this is what is undated: neither the freshest nor the oldest."""

    def ages(self, at: np.ndarray, until: float) -> np.ndarray:
        """float64, days, never negative: how old what was done `at` these days is, counted to `until`.

        Or to the day after the newest post, where that is earlier: what an archive holds has not faded because nobody
        has written since.
        """
        known = np.where(self.holds(at), at, self.middle)
        return np.asarray(np.maximum(min(until, self.newest + 1.0) - known, 0.0))

    def holds(self, at: np.ndarray) -> np.ndarray:
        """bool: whether these are dates that can be meant; not for what is undated."""
        return np.asarray((at >= self.earliest) & (at <= self.latest))


def usual_dates(created: np.ndarray, *, as_of: float) -> np.ndarray:
    """The dates that hold together, sorted. `created`: float64 [posts], days since 1970, not a number where undated.

    Left out are dates after the day after `as_of`, and at either end at most the share `FEW` of the posts that a
    silence divides from the others that is longer than these are apart themselves, or than `APART`; and at most
    `SEVERAL` where it is longer than both.
    """
    dated = np.sort(created[~np.isnan(created) & (created <= as_of + 1)])
    if len(dated) < 2:
        return np.asarray(dated)
    first, last = 0, len(dated) - 1
    for share, longer in ((FEW, min), (SEVERAL, max)):
        most = max(1, int(share * len(dated)))
        inner = dated[most:-most]
        long = longer(APART, max(float(inner[-1] - inner[0]), SHORTEST_SPAN)) if len(inner) > 1 else APART
        silences = np.flatnonzero(np.diff(dated) > long)
        early, late = silences[silences < most], silences[silences >= len(dated) - 1 - most]
        first = max(first, int(early[-1]) + 1 if len(early) else 0)
        last = min(last, int(late[0])) if len(late) and int(late[0]) >= first else last
    return np.asarray(dated[first : last + 1])


def usual_span(created: np.ndarray, *, as_of: float) -> float:
    """Days between the oldest and the newest of the dates that hold together, at least `SHORTEST_SPAN`: one absurd date
    must not change how fast everything else ages."""
    dated = usual_dates(created, as_of=as_of)
    return max(float(dated[-1] - dated[0]), SHORTEST_SPAN) if len(dated) > 1 else SHORTEST_SPAN


def calendar_of(created: np.ndarray, *, as_of: float, pinned: bool) -> Calendar:
    """The calendar of an organisation on a day. `pinned`: whether that day was given: then what comes after is dated
    later, and is taken at its word for as long as a silence may be."""
    dated = usual_dates(created, as_of=as_of)
    latest = as_of + 1 + (APART if pinned else 1.0)
    if not len(dated):
        return Calendar(-ALWAYS, latest, as_of, as_of)
    earliest = float(dated[0]) - APART if len(dated) > 1 else -ALWAYS
    return Calendar(earliest, latest, float(dated[-1]), float(np.median(dated)))
